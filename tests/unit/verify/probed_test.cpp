// SPDX-License-Identifier: Apache-2.0
// Addresses of the host's structures: what may be read through them is what the host's types say, and nothing else may be done with them unless they
// may go everywhere.
#include <gtest/gtest.h>

#include "unit/verify/prove_text.hpp"

namespace tenon::test {
namespace {

/// A number, then the address of another task, then 16 bytes of text; `trace_f` is called with two tasks and a number.
class Types : public ir::HostTypes {
 public:
  std::optional<std::vector<Slot>> arguments(std::string_view function, bool with_result) const override {
    if (function != "trace_f") return std::nullopt;
    std::vector<Slot> slots{{true, 1}, {true, 1}, {}};
    if (with_result) slots.push_back({});
    return slots;
  }
  std::optional<std::uint32_t> structure(std::string_view name) const override { return name == "task" ? std::optional(1u) : std::nullopt; }
  std::optional<Slot> field(std::uint32_t, std::uint64_t offset, unsigned bytes) const override {
    if (offset == 8 && bytes == 8) return Slot{true, 1};
    if (offset + bytes <= 8 || (offset >= 16 && offset + bytes <= 32)) return Slot{};
    return std::nullopt;
  }
  std::string name(std::uint32_t) const override { return "task"; }
};

constexpr std::string_view kInterface = R"(
struct call { args: traced "trace_*" result @0 r };
type worker plain reads "task";
type nobody plain reads "no_such";
hook free(c: &call) -> u64 default 0 may_escape heap, map, ret section "free/*";
hook bound(c: &call) -> u64 default 0 section "bound/*";
fn current() -> &worker;
fn missing() -> &nobody;
fn number(n: u64);
fn small(n: u64 in 0..7);
fn send(p: mem(u8|8) r);
fn peek(address: 'a);
)";

std::string verdict_in(const std::string& section, std::string_view text, std::shared_ptr<const ir::HostTypes> types = std::make_shared<Types>()) {
  ir::Parts parts = assemble(text, {.hook = section.substr(0, section.find('/')), .globals = std::vector<std::byte>(64)});
  parts.section = section;
  parts.host_types = std::move(types);
  return verdict(*ir::link(std::move(parts)), kInterface);
}
std::string in_free(std::string_view text) { return verdict_in("free/f", text); }
std::string in_bound(std::string_view text) { return verdict_in("bound/f", text); }

TEST(Probed, WhatTheTypesSayIsRead) {
  EXPECT_EQ(in_bound("r6 = *(u64 *)(r1 + 0); r0 = *(u32 *)(r6 + 0); r6 = *(u64 *)(r6 + 8); r6 = *(u64 *)(r6 + 8); r0 = *(u8 *)(r6 + 31); exit"),
            "accepted");
  EXPECT_EQ(in_bound("r0 = *(u64 *)(r1 + 16); r6 = *(u64 *)(r1 + 24); exit"), "accepted");
  EXPECT_EQ(in_bound("r6 = *(u64 *)(r1 + 0); r6 += 16; r0 = *(u64 *)(r6 + 8); exit"), "accepted");
  EXPECT_EQ(in_bound("call current; r0 = *(u64 *)(r0 + 8); r0 = *(u64 *)(r0 + 0); exit"), "accepted");
}

TEST(Probed, NothingElseIs) {
  const std::string task = "r6 = *(u64 *)(r1 + 0); ";
  EXPECT_EQ(in_bound(task + "r0 = *(u64 *)(r6 + 32); exit"), "E0217");
  EXPECT_EQ(in_bound(task + "r0 = *(u64 *)(r6 - 8); exit"), "E0217");
  EXPECT_EQ(in_bound(task + "r0 = *(u32 *)(r6 + 8); exit"), "E0217");
  EXPECT_EQ(in_bound(task + "r7 = *(u64 *)(r1 + 16); r6 += r7; r0 = *(u64 *)(r6 + 0); exit"), "E0216");
  EXPECT_EQ(in_bound("r0 = *(u64 *)(r1 + 32); exit"), "E0217");  // there is no such argument
  EXPECT_EQ(in_bound("r0 = *(u32 *)(r1 + 16); exit"), "E0217");  // arguments are read as a whole
  EXPECT_EQ(verdict_in("bound/g", "r0 = *(u64 *)(r1 + 0); exit"), "E0116");
  EXPECT_EQ(verdict_in("bound", "r0 = *(u64 *)(r1 + 0); exit"), "E0116");
  EXPECT_EQ(verdict_in("bound/f", "r0 = *(u64 *)(r1 + 0); exit", nullptr), "E0116");
  EXPECT_EQ(in_bound("call missing; r0 = *(u64 *)(r0 + 0); exit"), "E0116");
  EXPECT_EQ(verdict_in("bound/module:f", "r0 = *(u64 *)(r1 + 16); exit"), "accepted");
}

TEST(Probed, ItIsNeverWritten) {
  const std::string task = "r6 = *(u64 *)(r1 + 0); r7 = 1; ";
  EXPECT_EQ(in_free(task + "*(u64 *)(r6 + 0) = r7; r0 = 0; exit"), "E0215");
  EXPECT_EQ(in_free(task + "lock *(u64 *)(r6 + 0) += r7; r0 = 0; exit"), "E0215");
  EXPECT_EQ(in_free(task + "call current; *(u64 *)(r0 + 0) = r7; r0 = 0; exit"), "E0215");
}

TEST(Probed, AnAddressIsANumberOnlyWhereItMayGoEverywhere) {
  for (const char* use :
       {"r1 = r6; call number; r0 = 0; exit", "r0 = r6; exit", "r0 = r6; r0 *= 3; exit", "if r6 > 7 goto end; end:; r0 = 0; exit",
        "r0 = globals + 0; *(u64 *)(r0 + 0) = r6; r0 = 0; exit", "*(u64 *)(r10 - 8) = r6; r1 = r10; r1 += -8; call send; r0 = 0; exit"}) {
    const std::string text = "r6 = *(u64 *)(r1 + 0); " + std::string(use);
    EXPECT_EQ(in_free(text), "accepted") << use;
    EXPECT_NE(in_bound(text), "accepted") << use;
  }
  EXPECT_EQ(in_bound("r1 = *(u64 *)(r1 + 0); r1 += 16; call peek; r0 = 0; exit"), "accepted");
  EXPECT_EQ(in_free("r1 = *(u64 *)(r1 + 0); call send; r0 = 0; exit"), "E0223");
}

TEST(Probed, NothingIsKnownOfWhereItIs) {
  const std::string two = "r6 = *(u64 *)(r1 + 0); r7 = *(u64 *)(r1 + 8); ";
  EXPECT_EQ(in_free(two + "r6 -= r7; r1 = r6; call small; r0 = 0; exit"), "E0224");  // two tasks are not one
  EXPECT_EQ(in_free(two + "if r6 == r7 goto end; r0 = r9; exit; end:; r0 = 0; exit"), "E0201");
  EXPECT_EQ(in_free(two + "if r6 != r7 goto end; r0 = r9; exit; end:; r0 = 0; exit"), "E0201");
  const std::string there = two + "if r6 == 0 goto end; if r7 == 0 goto end; ";
  EXPECT_EQ(in_free(there + "r6 -= r7; r1 = r6; call small; end:; r0 = 0; exit"), "E0224");
  EXPECT_EQ(in_free(there + "if r6 < r7 goto end; end:; r0 = 0; exit"), "E0214");
  // What is null says nothing of what lies behind it, and what is not null may lie before null.
  EXPECT_EQ(in_free(two + "r8 = r6; r8 += 8; if r6 != 0 goto end; r1 = r8; call small; end:; r0 = 0; exit"), "E0224");
  EXPECT_EQ(in_free(two + "if r6 == 0 goto end; r6 += 8; if r6 != 0 goto end; r0 = r9; exit; end:; r0 = 0; exit"), "E0201");
  EXPECT_EQ(in_free(two + "if r6 != 0 goto end; r1 = r6; call small; end:; r0 = 0; exit"), "accepted");
}

}  // namespace
}  // namespace tenon::test
