// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("xdp") u64 unknown_hook(struct raw_context *ctx) // ERROR: E0409 program xdp
{
	return 0;
}
