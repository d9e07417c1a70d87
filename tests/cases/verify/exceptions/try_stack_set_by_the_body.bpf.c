// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The body may have thrown before it set what the caller reads.
// RUN: verify          EXPECT: reject
#include <raw.h>
#include <tn/exception.h>

u64 flag;
struct found { u64 bytes; };

static void body(void *arg)
{
	if (flag)
		bpf_throw(1);
	((struct found *)arg)->bytes = 3;
}

SEC("raw") u64 f(struct raw_context *ctx)
{
	struct found found;

	tn_try(body, &found);
	return found.bytes; // ERROR: E0203
}
