// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
// INTERFACE: long_line
#include <long_line.h>

SEC("long_hook") u64 long_line(struct long_context *ctx)
{
	return a_function_with_a_long_line(1, 2, 3);
}
