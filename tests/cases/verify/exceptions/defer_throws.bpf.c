// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>
#include <tn/exception.h>

static void clean(u64 id)
{
	if (id > 3)
		bpf_throw(id);
}

SEC("raw") u64 f(struct raw_context *ctx)
{
	tn_defer(clean, 1); // ERROR: E0323
	return 0;
}
