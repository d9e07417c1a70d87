// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The caller of this function may hold something.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

static __attribute__((noinline)) u64 leave(struct job *ctx)
{
	go_on(ctx, 3);   // ERROR: E0408 go_on
	return 1;
}

SEC("begin") u64 first(struct job *ctx)
{
	void *record = record_new(16);
	if (!record) return 0;
	u64 result = leave(ctx);
	record_drop(record, 0);
	return result;
}
