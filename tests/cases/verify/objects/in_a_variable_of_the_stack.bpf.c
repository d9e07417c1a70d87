// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 in_a_variable_of_the_stack(struct raw_context *ctx)
{
	struct token *volatile kept = token_get(1);

	for (volatile u32 i = 0; i < 3; i++)
		;
	if (kept)
		token_put(kept);
	return 0;
}
