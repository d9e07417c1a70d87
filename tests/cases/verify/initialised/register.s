// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
// ERROR: E0201 insn 0 r6
	.section raw,"ax",@progbits
	.globl uninitialised_register
	.type uninitialised_register,@function
uninitialised_register:
	r0 = r6
	exit
	.size uninitialised_register, .-uninitialised_register
