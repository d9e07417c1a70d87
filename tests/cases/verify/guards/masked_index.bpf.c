// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Whatever the index was, the mask leaves an offset inside the array.
// RUN: verify          EXPECT: accept
#include <raw.h>

u8 table[4096];
u64 index;

SEC("raw") u64 masked_index(struct raw_context *ctx)
{
	return table[index & 4095];
}

// GUARDED:
// guarded masked_index (hook raw): 2 heap accesses, 0 guarded, 2 without a guard
//
// function masked_index: frame 0 bytes
// ; masked_index.bpf.c:11:  return table[index & 4095];
//      0  r1 = .bss + 4096 ll
//      2  r1 = *(u64 *)(r1 + 0)    ; heap, inside the globals
//      3  r1 &= 4095
//      4  r2 = .bss + 0 ll
//      6  r2 += r1
//      7  w0 = *(u8 *)(r2 + 0)    ; heap, inside the globals
//      8  exit
