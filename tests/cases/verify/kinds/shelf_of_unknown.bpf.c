// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A map of maps that does not say of which.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

struct { int (*type)[12]; int (*max_entries)[8]; int (*key_size)[4]; int (*value_size)[4]; } shelf SEC(".maps");

SEC("begin") u64 first(struct job *ctx)
{
	u32 first = 0;
	return look(&shelf, &first) != 0; // ERROR: E0225
}
