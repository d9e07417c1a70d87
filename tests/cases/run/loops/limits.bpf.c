// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: return 15
#include <raw.h>
#include <tn/loop.h>

static long none(u64 i, void *ctx) { return 0; }

SEC("raw") u64 f(struct raw_context *ctx)
{
	u64 good = 0;
	int i, rounds = 0;

	good |= bpf_loop(8388609, none, 0, 0) == -7;
	good |= (bpf_loop(1, none, 0, 1) == -22) << 1;
	bpf_for(i, 9, 3)
		rounds++;
	good |= (rounds == 0) << 2;
	good |= (bpf_loop(0, none, 0, 0) == 0) << 3;
	return good;
}
