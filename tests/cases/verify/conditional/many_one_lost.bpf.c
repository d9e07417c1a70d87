// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 many(struct raw_context *ctx)
{
	u64 bits = ctx->data_end - ctx->data;
	struct token *t0 = bits & 1 ? token_get(0) : 0;
	struct token *t1 = bits & 2 ? token_get(1) : 0;
	struct token *t2 = bits & 4 ? token_get(2) : 0;
	struct token *t3 = bits & 8 ? token_get(3) : 0;
	struct token *t4 = bits & 16 ? token_get(4) : 0;
	struct token *t5 = bits & 32 ? token_get(5) : 0;
	struct token *t6 = bits & 64 ? token_get(6) : 0;
	struct token *t7 = bits & 128 ? token_get(7) : 0;
	struct token *t8 = bits & 256 ? token_get(8) : 0;
	struct token *t9 = bits & 512 ? token_get(9) : 0;
	struct token *t10 = bits & 1024 ? token_get(10) : 0;
	struct token *t11 = bits & 2048 ? token_get(11) : 0;
	struct token *t12 = bits & 4096 ? token_get(12) : 0;
	struct token *t13 = bits & 8192 ? token_get(13) : 0;
	struct token *t14 = bits & 16384 ? token_get(14) : 0;
	struct token *t15 = bits & 32768 ? token_get(15) : 0;

	if (t7)
		token_lock(t7);
	tn_grow(0);
	if (t0)
		token_put(t0);
	if (t1)
		token_put(t1);
	if (t2)
		token_put(t2);
	if (t3)
		token_put(t3);
	if (t4)
		token_put(t4);
	if (t5)
		token_put(t5);
	if (t6)
		token_put(t6);
	if (t8)
		token_put(t8);
	if (t9)
		token_put(t9);
	if (t10)
		token_put(t10);
	if (t11)
		token_put(t11);
	if (t12)
		token_put(t12);
	if (t13)
		token_put(t13);
	if (t14)
		token_put(t14);
	if (t15)
		token_put(t15);
	return 0; // ERROR: E0301
}
