// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: thrown 42
// A noreturn call may end a function, here two deep: no return follows it in the object.
#include <raw.h>

extern void stop(u64 cookie) __asm__("bpf_throw") __attribute__((noreturn));

static __attribute__((noinline)) void die(u64 cookie)
{
	stop(cookie + 1); // STOPS
}

SEC("raw") u64 ends_in_throw(struct raw_context *ctx)
{
	if (ctx->data != ctx->data_end)
		return 3;
	die(41);
	return 0;
}
