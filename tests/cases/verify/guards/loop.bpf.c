// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A counter that stays below the size, upwards and downwards: no guard in either loop.
// RUN: verify          EXPECT: accept
#include <raw.h>

u32 table[1000];

SEC("raw") u64 loop(struct raw_context *ctx)
{
	u64 sum = 0;

	for (u64 i = 0; i < 1000; i++)
		sum += table[i] * i;
	for (u64 i = 1000; i-- > 0;)
		table[i] = sum ^ i;
	return sum;
}

// GUARDED:
// guarded loop (hook raw): 2 heap accesses, 0 guarded, 2 without a guard
//
// function loop: frame 0 bytes
// ; loop.bpf.c:8: SEC("raw") u64 loop(struct raw_context *ctx)
//      0  r1 = 0
//      1  r2 = .bss + 0 ll
//      3  r3 = 0
// ; loop.bpf.c:13:   sum += table[i] * i;
//      4  w4 = *(u32 *)(r2 + 0)    ; heap, inside the globals
//      5  r0 = r1
//      6  r0 *= r4
//      7  r0 += r3
// ; loop.bpf.c:12:  for (u64 i = 0; i < 1000; i++)
//      8  r2 += 4
//      9  r1 += 1
//     10  r3 = r0
//     11  if r1 != 1000 goto 4
//     12  r1 = 999
//     13  r2 = .bss + 0 ll
//     15  r2 += 3996
// ; loop.bpf.c:15:   table[i] = sum ^ i;
//     16  w3 = w1
//     17  w3 ^= w0
//     18  *(u32 *)(r2 + 0) = w3    ; heap, inside the globals
// ; loop.bpf.c:14:  for (u64 i = 1000; i-- > 0;)
//     19  r2 += -4
//     20  r1 += -1
//     21  if r1 == -1 goto 23
//     22  goto 16
// ; loop.bpf.c:16:  return sum;
//     23  exit
