// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: return 77
#include <raw.h>
#include <tn/exception.h>

static __attribute__((noinline)) void deeper(u64 value)
{
	if (value)
		bpf_throw(value);
}

static void body(void *arg) { deeper(*(u64 *)arg); }

SEC("raw") u64 f(struct raw_context *ctx)
{
	u64 value = 77;

	return tn_try(body, &value) ? tn_cookie() : 0;
}
