// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Walks memory whose length nobody knows, by an index and by a pointer.
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 sum(struct raw_context *ctx)
{
	u64 total = 0;

	for (u8 *p = ctx->data; p < ctx->data_end; p++)
		total += *p;
	for (u64 i = 0; ctx->data + i < ctx->data_end; i++)
		total += ctx->data[i];
	return total;
}
