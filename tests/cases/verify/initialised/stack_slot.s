// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
// ERROR: E0203 insn 0
	.section raw,"ax",@progbits
	.globl stack_slot
	.type stack_slot,@function
stack_slot:
	r0 = *(u64 *)(r10 - 8)
	exit
	.size stack_slot, .-stack_slot
