// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// The bound is a number from the heap, which anyone may have changed: the guard stays, however often the loop runs.
// RUN: verify          EXPECT: accept
#include <raw.h>

u32 table[1000];
u64 count;

SEC("raw") u64 loop_to_a_variable(struct raw_context *ctx)
{
	u64 sum = 0, n = count;

	for (u64 i = 0; i < n; i++)
		sum += table[i] * i;
	return sum;
}

// GUARDED:
// guarded loop_to_a_variable (hook raw): 2 heap accesses, 1 guarded, 1 without a guard
//
// function loop_to_a_variable: frame 0 bytes
// ; loop_to_a_variable.bpf.c:9: SEC("raw") u64 loop_to_a_variable(struct raw_context *ctx)
//      0  r0 = 0
// ; loop_to_a_variable.bpf.c:11:  u64 sum = 0, n = count;
//      1  r1 = .bss + 0 ll
//      3  r1 = *(u64 *)(r1 + 0)    ; heap, inside the globals
// ; loop_to_a_variable.bpf.c:13:  for (u64 i = 0; i < n; i++)
//      4  if r1 == 0 goto 17
//      5  r2 = 0
//      6  r3 = .bss + 8 ll
//      8  r4 = 0
// ; loop_to_a_variable.bpf.c:14:   sum += table[i] * i;
//      9  w5 = *(u32 *)(r3 + 0)    ; heap, guarded
//     10  r0 = r2
//     11  r0 *= r5
//     12  r0 += r4
// ; loop_to_a_variable.bpf.c:13:  for (u64 i = 0; i < n; i++)
//     13  r3 += 4
//     14  r2 += 1
//     15  r4 = r0
//     16  if r2 < r1 goto 9
// ; loop_to_a_variable.bpf.c:15:  return sum;
//     17  exit
