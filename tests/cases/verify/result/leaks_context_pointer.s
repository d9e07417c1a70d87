// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
// ERROR: E0211 insn 1
	.section raw,"ax",@progbits
	.globl leaks_context_pointer
	.type leaks_context_pointer,@function
leaks_context_pointer:
	r0 = r1
	exit
	.size leaks_context_pointer, .-leaks_context_pointer
