// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 pointer_read_as_bytes(struct raw_context *ctx)
{
	u8 *volatile kept = ctx->data;

	return *(volatile u8 *)&kept; // ERROR: E0208
}
