// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
// ERROR: E0201 insn 3 r3
	.section raw,"ax",@progbits
	.globl callee_clobbers
	.type callee_clobbers,@function
callee_clobbers:
	r3 = 1
	r1 = 4096
	call tn_grow
	r0 = r3
	exit
	.size callee_clobbers, .-callee_clobbers
