// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Another program goes on when nothing is held.
// RUN: verify          EXPECT: accept
// INTERFACE: kinds
#include <kinds.h>

SEC("begin") u64 first(struct job *ctx)
{
	void *record = record_new(16);
	if (record) record_drop(record, 0);
	go_on(ctx, 3);
	return 1;
}
