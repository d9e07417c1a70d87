// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
	.section raw,"ax",@progbits
	.globl stack_slot_written
	.type stack_slot_written,@function
stack_slot_written:
	r1 = 5
	*(u64 *)(r10 - 8) = r1
	r0 = *(u64 *)(r10 - 8)
	exit
	.size stack_slot_written, .-stack_slot_written
