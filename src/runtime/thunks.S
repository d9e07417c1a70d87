/* SPDX-License-Identifier: Apache-2.0
 * The border between host and extension, x86-64 SysV. Everything here is reached from compiled code or from Installed::run.
 *
 * The protocol with the watchdog (soundness.md, rule 12): each crossing first stores its state, then tests the level's cancel word. The watchdog stores the
 * cancel word, issues a membarrier, then reads the state; so either the crossing sees the cancel word or the watchdog sees the new state and sends no
 * signal. Stores and tests here are plain: the membarrier is the fence for both sides.
 *
 * What the cancel signal does at a program counter: inside the level's compiled code it aborts to tenon_landing; in this file it defers, because every
 * path through it ends in a test or back in compiled code, and the watchdog repeats; in a signal handler of the host it waits for that to return. */
#include "thunk_offsets.h"

        .text
        .globl  tenon_thunks_begin
        .hidden tenon_thunks_begin
tenon_thunks_begin:

/* rax := the calling thread's Level */
.macro current_level into
        movq    tenon_current_level@gottpoff(%rip), \into
        movq    %fs:(\into), \into
.endm

.macro thunk name
        .globl  \name
        .hidden \name
        .type   \name, @function
        .balign 32
\name:
        .cfi_startproc
        endbr64
.endm

.macro thunk_end name
        .cfi_endproc
        .size   \name, . - \name
.endm

/* EnterResult tenon_enter(u64 r1..r5, Level *level, void *entry): rax = r0, rdx = 0 returned, 1 landed. The level must be the thread's current one, in state
 * host. On return it is in state host again, or releasing when it landed. Also for callbacks: then the level's entry_sp is that of the callback, until who called
 * it puts back the outer one. MXCSR is neither saved nor restored: compiled code never changes it (codegen/machine.cpp), and stmxcsr alone takes 4 ns. */
thunk tenon_enter
        pushq   %rbp
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %rbp, 0
        pushq   %rbx
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %rbx, 0
        pushq   %r12
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %r12, 0
        pushq   %r13
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %r13, 0
        pushq   %r14
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %r14, 0
        pushq   %r15
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %r15, 0
        subq    $8, %rsp
        .cfi_adjust_cfa_offset 8
        movq    %r9, %rbx
        movq    %rsp, TENON_LEVEL_ENTRY_SP(%rbx)
        movb    $TENON_STATE_EXTENSION, TENON_LEVEL_WORD(%rbx)
        addq    $TENON_LEVEL_INVOCATION, %r9
        call    *64(%rsp)
        movb    $TENON_STATE_HOST, TENON_LEVEL_WORD(%rbx)
        xorl    %edx, %edx
.Lleave:
        addq    $8, %rsp
        .cfi_remember_state
        .cfi_adjust_cfa_offset -8
        popq    %r15
        .cfi_adjust_cfa_offset -8
        popq    %r14
        .cfi_adjust_cfa_offset -8
        popq    %r13
        .cfi_adjust_cfa_offset -8
        popq    %r12
        .cfi_adjust_cfa_offset -8
        popq    %rbx
        .cfi_adjust_cfa_offset -8
        popq    %rbp
        .cfi_adjust_cfa_offset -8
        ret
        .cfi_restore_state

/* Ends the current invocation, from wherever its thread is: a thunk jumps here, or a signal handler has set the program counter. Only the thread-local
 * pointer is trusted. */
        .globl  tenon_landing
        .hidden tenon_landing
tenon_landing:
        current_level %rbx
        movb    $TENON_STATE_RELEASING, TENON_LEVEL_WORD(%rbx)
        movq    TENON_LEVEL_ENTRY_SP(%rbx), %rsp
        cld
        cmpb    $0, tenon_cpu_has_avx(%rip)
        je      .Lno_avx
        vzeroupper
.Lno_avx:
        xorl    %eax, %eax
        movl    $1, %edx
        jmp     .Lleave
thunk_end tenon_enter

/* u64 tenon_host_call(u64 r1..r5, const Site *site): the site's target is the host function itself where nothing has to be checked or recorded, else
 * tenon_checked_call. */
thunk tenon_host_call
        current_level %rax
        movq    %r9, TENON_LEVEL_SITE(%rax)
        movb    $TENON_STATE_HOST, TENON_LEVEL_WORD(%rax)
        movq    TENON_LEVEL_GENERATION(%rax), %r10
        cmpq    %r10, TENON_LEVEL_CANCEL(%rax)
        je      .Lstop
        pushq   %rax
        .cfi_adjust_cfa_offset 8
        call    *TENON_SITE_TARGET(%r9)
        popq    %rdx
        .cfi_adjust_cfa_offset -8
        movb    $TENON_STATE_EXTENSION, TENON_LEVEL_WORD(%rdx)
        movq    TENON_LEVEL_GENERATION(%rdx), %r10
        cmpq    %r10, TENON_LEVEL_CANCEL(%rdx)
        je      .Lstop_after
        cmpl    $0, TENON_LEVEL_PENDING(%rdx)
        jne     .Lstop_after
        ret
.Lstop_after:
        movq    %rdx, %rax
.Lstop:
        movl    $TENON_ENDING_IN_CALL, TENON_LEVEL_ENDING(%rax)
        jmp     tenon_landing
thunk_end tenon_host_call

/* Targets of tenon_host_call, and only of it: rax is the level, r9 the site. The record comes first: until the host function has returned, the new entry has
 * no drop, and in its place for the object what the drop will be. */
thunk tenon_acquire_call
        movq    TENON_LEVEL_HELD(%rax), %r10
        cmpq    $TENON_MAX_HELD, %r10
        je      tenon_checked_call
        movq    TENON_SITE_DROP(%r9), %r11
        incq    TENON_LEVEL_HELD(%rax)
        shlq    $4, %r10
        addq    %rax, %r10
        movq    %r11, TENON_LEVEL_ENTRIES(%r10)
        movq    $0, TENON_LEVEL_ENTRIES + 8(%r10)
        pushq   %r10
        .cfi_adjust_cfa_offset 8
        pushq   %r9
        .cfi_adjust_cfa_offset 8
        subq    $8, %rsp
        .cfi_adjust_cfa_offset 8
        call    *TENON_SITE_ENTRY(%r9)
        addq    $8, %rsp
        .cfi_adjust_cfa_offset -8
        popq    %rdi
        .cfi_adjust_cfa_offset -8
        popq    %r10
        .cfi_adjust_cfa_offset -8
        testq   %rax, %rax
        je      .Lnothing
        movq    8(%rsp), %rdx           /* the level: tenon_host_call has pushed it */
        movq    TENON_LEVEL_ENTRIES(%r10), %rcx
        movq    %rax, TENON_LEVEL_ENTRIES(%r10)
        movq    %rcx, TENON_LEVEL_ENTRIES + 8(%r10)
        incq    TENON_LEVEL_COUNTS(%rdx)
        ret
.Lnothing:
        subq    $8, %rsp
        .cfi_adjust_cfa_offset 8
        call    tenon_acquired_nothing
        addq    $8, %rsp
        .cfi_adjust_cfa_offset -8
        xorl    %eax, %eax
        ret
thunk_end tenon_acquire_call

thunk tenon_release_call
        movq    TENON_LEVEL_HELD(%rax), %r10
        testq   %r10, %r10
        je      tenon_checked_call
        movq    %r10, %r11
        shlq    $4, %r11
        addq    %rax, %r11
        cmpq    %rdi, TENON_LEVEL_ENTRIES - TENON_ENTRY_BYTES(%r11)
        jne     tenon_checked_call
        movq    TENON_LEVEL_ENTRIES - TENON_ENTRY_BYTES + 8(%r11), %r11
        cmpq    TENON_SITE_DROP(%r9), %r11
        jne     tenon_checked_call
        decq    %r10
        movq    %r10, TENON_LEVEL_HELD(%rax)
        incq    TENON_LEVEL_COUNTS + 8(%rax)
        jmp     *TENON_SITE_ENTRY(%r9)
thunk_end tenon_release_call

/* noreturn void (const Site *site) */
.macro cancel_thunk name, ending
thunk \name
        current_level %rax
        movq    %rdi, TENON_LEVEL_SITE(%rax)
        movl    $\ending, TENON_LEVEL_ENDING(%rax)
        jmp     tenon_landing
thunk_end \name
.endm
cancel_thunk tenon_cancel_stack, TENON_ENDING_STACK
cancel_thunk tenon_cancel_misaligned, TENON_ENDING_MISALIGNED
cancel_thunk tenon_cancel_bad_call, TENON_ENDING_BAD_CALL

        .globl  tenon_thunks_end
        .hidden tenon_thunks_end
tenon_thunks_end:

/* u32 tenon_guarded_copy(void *to, const void *from, u64 bytes, u64 heap_begin, u64 heap_end): 0, or 1 when an access to the heap faulted: the handler goes
 * on at tenon_copy_failed. 1, 2, 4 and 8 bytes are one load and one store. */
        .globl  tenon_guarded_copy
        .hidden tenon_guarded_copy
        .type   tenon_guarded_copy, @function
        .balign 32
tenon_guarded_copy:
        .cfi_startproc
        endbr64
        movq    %rcx, %r9
        xorl    %eax, %eax
        cmpq    $8, %rdx
        je      .Lcopy8
        cmpq    $4, %rdx
        je      .Lcopy4
        cmpq    $2, %rdx
        je      .Lcopy2
        cmpq    $1, %rdx
        je      .Lcopy1
        movq    %rdx, %rcx
        rep movsb
        ret
.Lcopy8:
        movq    (%rsi), %rcx
        movq    %rcx, (%rdi)
        ret
.Lcopy4:
        movl    (%rsi), %ecx
        movl    %ecx, (%rdi)
        ret
.Lcopy2:
        movzwl  (%rsi), %ecx
        movw    %cx, (%rdi)
        ret
.Lcopy1:
        movzbl  (%rsi), %ecx
        movb    %cl, (%rdi)
        ret
        .globl  tenon_copy_failed
        .hidden tenon_copy_failed
tenon_copy_failed:
        movl    $1, %eax
        ret
        .cfi_endproc
        .size   tenon_guarded_copy, . - tenon_guarded_copy

/* The kernel returns from our handlers through here: handlers are installed by raw system call (rule 15). */
        .globl  tenon_signal_return
        .hidden tenon_signal_return
        .type   tenon_signal_return, @function
tenon_signal_return:
        movq    $15, %rax       /* __NR_rt_sigreturn */
        syscall
        .size   tenon_signal_return, . - tenon_signal_return

        .section .note.GNU-stack, "", @progbits
