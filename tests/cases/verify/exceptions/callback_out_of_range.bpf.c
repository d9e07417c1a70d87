// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The callback is a program, too: its result must be one of the hook.
// RUN: verify          EXPECT: reject
// INTERFACE: docs
#include <docs.h>

#define __exception_cb(name) __attribute__((btf_decl_tag("exception_callback:" #name)))

s32 give_up(u64 cookie) { return cookie; } // ERROR: E0221

SEC("page") __exception_cb(give_up) s32 f(struct page_context *p)
{
	if (p->length == 7)
		bpf_throw(9);
	return 1;
}
