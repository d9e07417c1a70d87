// SPDX-License-Identifier: Apache-2.0
// Programs written as text, put before the verifier.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "support/assembler.hpp"
#include "verify/proof.hpp"

namespace tenon::test {

/// Memory, two ends of it, a restricted field; objects; memory of several sizes.
inline constexpr std::string_view kTestInterface = R"(
struct packet { n: u32 @0 r, limit: u64 in 0..100 @8 rw, first: u64 @16 rw, data..data_end: mem rw @24..32, text..text_end: mem r @40..48 };
type token rc drop=put;
type node plain;
fn get(id: u32) -> ?own token<'t>;
fn need(id: u32) -> own token<'t>;
fn put(t: own token<'t>);
fn look(t: &token<'t>);
fn swap(a: &token<'a>, b: own token<'b>) -> own token<'c>;
fn root() -> &node;
fn child(p: &node) -> ?&node;
fn fixed() -> ?mem(u8|16) rw;
fn sized(n: u32) -> ?mem(u8|n) rw;
fn fill(p: mem(u8|n) uninit, n: u32);
fn send(p: mem(u8|n) r, n: u32);
fn send64(p: mem(u64|n) r, n: u64);
fn note(p: mem(u64) w);
fn either(p: ?mem(u8|8) r);
fn small(n: u32 in 0..7);
fn stop(code: u64) noreturn;
hook t(ctx: &packet) -> u64 default 0;
hook number(a: u64, b: u64, c: u64) -> u64 default 0;
hook narrow(a: u64) -> u32 in 0..4 default 0;
hook buffer(p: mem(u8|n) rw, n: u32) -> u64 default 0;
)";

/// "accepted", or the code of the one root cause.
inline std::string verdict(ir::Program program, std::string_view interface_text = kTestInterface) {
  auto declarations = interface::parse(interface_text, "test.tni");
  if (!declarations) throw std::invalid_argument(to_text(declarations.error()));
  const auto proof = verify::prove(std::move(program), std::make_shared<const interface::Declarations>(std::move(*declarations)));
  return proof ? "accepted" : proof.error().front().code;
}

inline std::string verdict(std::string_view assembly, const std::string& hook = "t", std::string_view interface_text = kTestInterface) {
  return verdict(assemble_program(assembly, {.hook = hook, .globals = std::vector<std::byte>(64)}), interface_text);
}

}  // namespace tenon::test
