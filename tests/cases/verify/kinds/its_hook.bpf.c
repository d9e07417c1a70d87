// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A function for programs of this hook.
// RUN: verify          EXPECT: accept
// INTERFACE: kinds
#include <kinds.h>

SEC("finish") u64 first(struct job *ctx)
{
	close_all();
	return 0;
}
