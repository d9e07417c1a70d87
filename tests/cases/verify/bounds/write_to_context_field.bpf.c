// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 write_to_context_field(struct raw_context *ctx)
{
	ctx->data = 0; // ERROR: E0217 no writable field
	return 0;
}
