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
fn bpf_throw(cookie: u64) noreturn;
fn tn_malloc(bytes: u64) -> u64;
fn tn_calloc(n: u64, bytes: u64) -> u64;
fn tn_realloc(p: u64, bytes: u64) -> u64;
fn tn_aligned_alloc(alignment: u64, bytes: u64) -> u64;
fn tn_free(p: u64);
)";

}  // namespace tenon::interface
