// SPDX-License-Identifier: Apache-2.0
// Functions that every host has, whatever its interface; the runtime implements them.
#pragma once

#include <string_view>

namespace tenon::interface {

inline constexpr std::string_view kBuiltinText = R"(
fn tn_copy(dst: mem(u8|n) uninit shared, src: mem(u8|n) r shared, n: u64);
fn tn_move(dst: mem(u8|n) uninit shared, src: mem(u8|n) r shared, n: u64);
fn tn_fill(dst: mem(u8|n) uninit shared, value: u32, n: u64);
fn tn_compare(a: mem(u8|n) r shared, b: mem(u8|n) r shared, n: u64) -> s32;
fn tn_find(p: mem(u8|n) r shared, value: u32, n: u64) -> u64;
fn tn_grow(bytes: u64) -> u64;
fn tn_malloc(bytes: u64) -> u64;
fn tn_calloc(n: u64, bytes: u64) -> u64;
fn tn_realloc(p: u64, bytes: u64) -> u64;
fn tn_aligned_alloc(alignment: u64, bytes: u64) -> u64;
fn tn_free(p: u64);
fn tn_spin_lock(lock: u64) -> u32;
fn tn_spin_trylock(lock: u64) -> u32;
fn tn_spin_unlock(lock: u64);
fn tn_read_lock(lock: u64) -> u32;
fn tn_read_unlock(lock: u64);
fn tn_write_lock(lock: u64) -> u32;
fn tn_write_unlock(lock: u64);
fn bpf_throw(cookie: u64) noreturn throws;
fn tn_try(body: fn('x), arg: 'x) -> u32 in 0..1 catches;
fn tn_cookie() -> u64;
fn tn_defer(f: fn(u64) finally, arg: u64);
fn tn_scope_begin(destructor: fn(u64) finally, at: u64);
fn tn_scope_end(at: u64) destroys;
)";

/// What sources written for the kernel loop with. An interface that declares the name itself has its own.
struct BuiltinLoop {
  std::string_view name, text;
};
inline constexpr BuiltinLoop kBuiltinLoops[] = {
    {"bpf_loop",
     "fn bpf_loop(nr_loops: u32, callback: fn(u64 in 0..8388607, 'c) -> s64 in 0..1, callback_ctx: 'c, flags: u64) -> s64 in -22..8388608 helper 181;"},
    {"bpf_iter_num",
     "iterator bpf_iter_num over s32: new bpf_iter_num_new, next bpf_iter_num_next, drop bpf_iter_num_destroy stack 8;"
     "fn bpf_iter_num_new(it: new bpf_iter_num<'i>, start: s32, end: s32) -> s32 in -4095..0;"
     "fn bpf_iter_num_next(it: &bpf_iter_num<'i>) -> ?mem(s32) r of 'i;"
     "fn bpf_iter_num_destroy(it: own bpf_iter_num<'i>);"},
};

}  // namespace tenon::interface
