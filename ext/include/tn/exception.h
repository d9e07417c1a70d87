/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* Exceptions and assertions, by the names that kernel sources use. bpf_throw(), tn_try(), tn_cookie() and tn_defer() are in <tn/builtin.h>.
 *
 *   tn_try(body, arg)     runs body(arg); 0: it returned; 1: it threw, tn_cookie() is what, and what it had acquired has been given back
 *   tn_defer(f, arg)      f(arg) runs when the body of the innermost tn_try(), else the program, has ended, however it ends
 *   tn_scoped(type, name, init)   a variable that is destroyed exactly once, at the end of its scope or when something is thrown or cancelled before:
 *                         newest first, by the function that the type names: `struct tn_dropped_by(f) type { .. };`, `tn_destructor static void f(type *)`
 *   __exception_cb(f)     on the program: f(cookie) runs when something was thrown and not caught; its result is the program's
 *   bpf_assert*()         throw unless the condition holds; afterwards the verifier knows that it does. The value is an 8-byte variable, what it is
 *                         compared with a constant; the cookie is 0, or what the _with forms give */
#pragma once

#include <tn/builtin.h>

#ifndef __exception_cb
#define __exception_cb(name) __attribute__((btf_decl_tag("exception_callback:" #name)))
#endif

/* The destructor of a type: a structure, a union, or a typedef. */
#define tn_dropped_by(f) __attribute__((btf_decl_tag("tn_drop:" #f)))
#define tn_destructor __attribute__((used))
#define tn_destructor_of(type) \
	((void (*)(u64))__builtin_btf_type_id(*(__typeof__(type) __attribute__((btf_type_tag("tn_drop"))) **)0, 0))

static inline __attribute__((always_inline)) void tn_leave_scope(void *variable) { tn_scope_end((u64)variable); }
#define tn_scoped(type, name, ...)                                                     \
	type name __attribute__((cleanup(tn_leave_scope))) = __VA_ARGS__;              \
	tn_scope_begin(tn_destructor_of(type), (u64)&name)

/* The comparison is one instruction on the variable's own register: that is how the verifier learns of it, whatever the compiler knows. */
#define tn_assert_asm(lhs, op, rhs, cookie)                                                  \
	asm volatile("if %[tn_lhs] " op " %[tn_rhs] goto +2; r1 = %[tn_cookie]; call %[tn_throw]" \
		     : [tn_lhs] "+r"(lhs)                                                      \
		     : [tn_rhs] "ri"(rhs), [tn_cookie] "ri"(cookie), [tn_throw] "i"(bpf_throw))
#define tn_is_signed(value) ((__typeof__(value))-1 < (__typeof__(value))1)
#define tn_assert_op(lhs, op, rhs, cookie)                                                    \
	do {                                                                                   \
		_Static_assert(sizeof(lhs) == 8, "the value must have 8 bytes");               \
		_Static_assert(__builtin_constant_p(rhs), "compare with a constant");          \
		if (tn_is_signed(lhs))                                                         \
			tn_assert_asm(lhs, "s" op, rhs, (u64)(cookie));                        \
		else                                                                           \
			tn_assert_asm(lhs, op, rhs, (u64)(cookie));                            \
	} while (0)
#define tn_assert_same(lhs, op, rhs, cookie)                                                  \
	do {                                                                                   \
		_Static_assert(sizeof(lhs) == 8, "the value must have 8 bytes");               \
		_Static_assert(__builtin_constant_p(rhs), "compare with a constant");          \
		tn_assert_asm(lhs, op, rhs, (u64)(cookie));                                    \
	} while (0)

#define bpf_assert_with(cond, cookie)          \
	do {                                   \
		if (!(cond))                   \
			bpf_throw((u64)(cookie)); \
	} while (0)
#define bpf_assert_eq_with(lhs, rhs, cookie) tn_assert_same(lhs, "==", rhs, cookie)
#define bpf_assert_ne_with(lhs, rhs, cookie) tn_assert_same(lhs, "!=", rhs, cookie)
#define bpf_assert_lt_with(lhs, rhs, cookie) tn_assert_op(lhs, "<", rhs, cookie)
#define bpf_assert_gt_with(lhs, rhs, cookie) tn_assert_op(lhs, ">", rhs, cookie)
#define bpf_assert_le_with(lhs, rhs, cookie) tn_assert_op(lhs, "<=", rhs, cookie)
#define bpf_assert_ge_with(lhs, rhs, cookie) tn_assert_op(lhs, ">=", rhs, cookie)
/* from and to are inclusive */
#define bpf_assert_range_with(lhs, from, to, cookie)   \
	do {                                           \
		tn_assert_op(lhs, ">=", from, cookie); \
		tn_assert_op(lhs, "<=", to, cookie);   \
	} while (0)

#define bpf_assert(cond) bpf_assert_with(cond, 0)
#define bpf_assert_eq(lhs, rhs) bpf_assert_eq_with(lhs, rhs, 0)
#define bpf_assert_ne(lhs, rhs) bpf_assert_ne_with(lhs, rhs, 0)
#define bpf_assert_lt(lhs, rhs) bpf_assert_lt_with(lhs, rhs, 0)
#define bpf_assert_gt(lhs, rhs) bpf_assert_gt_with(lhs, rhs, 0)
#define bpf_assert_le(lhs, rhs) bpf_assert_le_with(lhs, rhs, 0)
#define bpf_assert_ge(lhs, rhs) bpf_assert_ge_with(lhs, rhs, 0)
#define bpf_assert_range(lhs, from, to) bpf_assert_range_with(lhs, from, to, 0)
