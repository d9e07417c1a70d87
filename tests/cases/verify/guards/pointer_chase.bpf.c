// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Every `next` is what the heap says: guarded, and so is each field. Only the head is a global.
// RUN: verify          EXPECT: accept
#include <raw.h>

struct node {
	struct node *next;
	u64 value;
};

struct node *head;

SEC("raw") u64 pointer_chase(struct raw_context *ctx)
{
	u64 sum = 0;

	for (struct node *n = head; n; n = n->next)
		sum += n->value;
	return sum;
}

// GUARDED:
// guarded pointer_chase (hook raw): 3 heap accesses, 2 guarded, 1 without a guard
//
// function pointer_chase: frame 0 bytes
// ; pointer_chase.bpf.c:13: SEC("raw") u64 pointer_chase(struct raw_context *ctx)
//      0  r0 = 0
// ; pointer_chase.bpf.c:17:  for (struct node *n = head; n; n = n->next)
//      1  r1 = .bss + 0 ll
//      3  r1 = *(u64 *)(r1 + 0)    ; heap, inside the globals
//      4  if r1 == 0 goto 12
//      5  r2 = 0
// ; pointer_chase.bpf.c:18:   sum += n->value;
//      6  r0 = *(u64 *)(r1 + 8)    ; heap, guarded
//      7  r0 += r2
// ; pointer_chase.bpf.c:17:  for (struct node *n = head; n; n = n->next)
//      8  r1 = *(u64 *)(r1 + 0)    ; heap, guarded
//      9  r2 = r0
//     10  if r1 == 0 goto 12
//     11  goto 6
// ; pointer_chase.bpf.c:19:  return sum;
//     12  exit
