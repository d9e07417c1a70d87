// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Nobody would give the record back.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

SEC("begin") u64 first(struct job *ctx)
{
	void *record = record_new(16);
	if (!record) return 0;
	go_on(ctx, 3);   // ERROR: E0301 Record
	record_drop(record, 0);
	return 1;
}
