// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 unchecked_byte(struct raw_context *ctx)
{
	return ctx->data[0]; // ERROR: E0205 not proved
}
