// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>

SEC("raw") u64 scalar_as_token(struct raw_context *ctx)
{
	token_lock((struct token *)4096ull); // ERROR: E0302 must be a pointer to 'token'
	return 0;
}
