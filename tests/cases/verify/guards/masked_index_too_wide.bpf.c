// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// One bit more in the mask reaches beyond the globals: the guard stays.
// RUN: verify          EXPECT: accept
#include <raw.h>

u8 table[4096];
u64 index;

SEC("raw") u64 masked_index_too_wide(struct raw_context *ctx)
{
	return table[index & 8191];
}

// GUARDED:
// guarded masked_index_too_wide (hook raw): 2 heap accesses, 1 guarded, 1 without a guard
//
// function masked_index_too_wide: frame 0 bytes
// ; masked_index_too_wide.bpf.c:11:  return table[index & 8191];
//      0  r1 = .bss + 4096 ll
//      2  r1 = *(u64 *)(r1 + 0)    ; heap, inside the globals
//      3  r1 &= 8191
//      4  r2 = .bss + 0 ll
//      6  r2 += r1
//      7  w0 = *(u8 *)(r2 + 0)    ; heap, guarded
//      8  exit
