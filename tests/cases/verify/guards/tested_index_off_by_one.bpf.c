// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// `<=` lets one element too many pass, the last one beyond the globals: the guard stays.
// RUN: verify          EXPECT: accept
#include <raw.h>

u64 index;
u64 table[512];

SEC("raw") u64 tested_index_off_by_one(struct raw_context *ctx)
{
	u64 i = index;

	return i <= 512 ? table[i] : 0;
}

// GUARDED:
// guarded tested_index_off_by_one (hook raw): 2 heap accesses, 1 guarded, 1 without a guard
//
// function tested_index_off_by_one: frame 0 bytes
// ; tested_index_off_by_one.bpf.c:9: SEC("raw") u64 tested_index_off_by_one(struct raw_context *ctx)
//      0  r0 = 0
// ; tested_index_off_by_one.bpf.c:11:  u64 i = index;
//      1  r1 = .bss + 0 ll
//      3  r1 = *(u64 *)(r1 + 0)    ; heap, inside the globals
// ; tested_index_off_by_one.bpf.c:13:  return i <= 512 ? table[i] : 0;
//      4  if r1 > 512 goto 10
//      5  r1 <<= 3
//      6  r2 = .bss + 8 ll
//      8  r2 += r1
//      9  r0 = *(u64 *)(r2 + 0)    ; heap, guarded
//     10  exit
