// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 in_an_array(struct raw_context *ctx)
{
	struct token *volatile slots[2];

	slots[0] = token_get(1);
	slots[1] = token_get(2);
	for (u32 i = 0; i < 1; i++)
		;
	if (slots[0])
		token_put(slots[0]);
	if (slots[1])
		token_put(slots[1]);
	return 0;
}
