// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>

SEC("raw") u64 state_machine(struct raw_context *ctx)
{
	u8 *p = ctx->data, *end = ctx->data_end;
	u32 state = 0, words = 0;

	for (; p < end; p++) {
		switch (state) {
		case 0:
			state = *p == ' ' ? 0 : 1;
			words += state;
			break;
		case 1:
			state = *p == ' ' ? 0 : *p == '"' ? 2 : 1;
			break;
		case 2:
			state = *p == '\\' ? 3 : *p == '"' ? 1 : 2;
			break;
		default:
			state = 2;
			break;
		}
	}
	return words;
}
