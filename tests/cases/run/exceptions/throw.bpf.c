// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: thrown 77
#include <raw.h>

SEC("raw") u64 throw(struct raw_context *ctx)
{
	bpf_throw(77); // STOPS
}
