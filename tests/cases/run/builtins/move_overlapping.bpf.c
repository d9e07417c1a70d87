// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: return 0x0605040302010201
#include <raw.h>

union {
	u8 bytes[8];
	u64 word;
} cell = {{1, 2, 3, 4, 5, 6, 7, 8}};

SEC("raw") u64 move_overlapping(struct raw_context *ctx)
{
	tn_move(cell.bytes + 2, cell.bytes, 6);
	return cell.word;
}
