// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Fields of a global at constant offsets: inside. The same fields off a pointer that came from memory: the pointer may be anything, so each is guarded.
// RUN: verify          EXPECT: accept
#include <raw.h>

struct item {
	u64 key;
	u32 value;
	u8 tag[4];
};

struct item first;
struct item *other;

SEC("raw") u64 constant_offset(struct raw_context *ctx)
{
	struct item *item = other;

	first.tag[3] = 1;
	item->value = first.value;
	return item->key;
}

// GUARDED:
// guarded constant_offset (hook raw): 5 heap accesses, 2 guarded, 3 without a guard
//
// function constant_offset: frame 0 bytes
// ; constant_offset.bpf.c:19:  first.tag[3] = 1;
//      0  r1 = .bss + 8 ll
//      2  *(u8 *)(r1 + 15) = 1    ; heap, inside the globals
// ; constant_offset.bpf.c:17:  struct item *item = other;
//      3  r2 = .bss + 0 ll
//      5  r2 = *(u64 *)(r2 + 0)    ; heap, inside the globals
// ; constant_offset.bpf.c:20:  item->value = first.value;
//      6  w1 = *(u32 *)(r1 + 8)    ; heap, inside the globals
//      7  *(u32 *)(r2 + 8) = w1    ; heap, guarded
// ; constant_offset.bpf.c:21:  return item->key;
//      8  r0 = *(u64 *)(r2 + 0)    ; heap, guarded
//      9  exit
