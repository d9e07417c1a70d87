// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 leak_in_loop(struct raw_context *ctx)
{
	u64 got = 0;

	for (u32 id = 0; id < 1000; id++)
		if (token_get(id)) // ERROR: E0307 token
			got++;
	return got;
}
