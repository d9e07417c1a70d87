// SPDX-License-Identifier: Apache-2.0
// What the engine is made of: the hosts of the built-in interfaces, the interpreter's view of host memory, the conformance plug-in.
#include <gtest/gtest.h>

#include <array>

#include "engine/builtin_interfaces.hpp"
#include "engine/conformance.hpp"
#include "engine/raw_host.hpp"
#include "interface/declarations.hpp"
#include "isa/decode.hpp"

namespace tenon::engine {
namespace {

TEST(RawHost, CountsReferencesAndMisuse) {
  RawHost host;
  EXPECT_EQ(host.get(0), nullptr);
  EXPECT_EQ(host.get(RawHost::kTokens + 1), nullptr);
  RawToken* const token = host.get(RawHost::kTokens);
  ASSERT_NE(token, nullptr);
  EXPECT_EQ(host.get(RawHost::kTokens), token);
  host.lock(*token);
  EXPECT_EQ(host.counts().locked, 1u);
  host.unlock(*token);
  host.unlock(*token);
  EXPECT_EQ(host.counts().misused, 1u);
  host.put(*token);
  EXPECT_EQ(host.counts().lost, 1u);
  host.put(*token);
  EXPECT_EQ(host.counts().lost, 0u);
  host.put(*token);
  EXPECT_EQ(host.counts().misused, 2u);
  EXPECT_EQ(host.counts().got, 2u);
  EXPECT_EQ(host.counts().put, 2u);
}

TEST(RawHost, ItsContextIsTheDeclaredOne) {
  const Interface interface = raw_interface();
  const interface::Struct& declared = interface.declarations().structs.at(0);
  EXPECT_EQ(declared.bytes, sizeof(RawContext));
  EXPECT_EQ(declared.ranges.at(0).marks.front().offset, offsetof(RawContext, data));
  EXPECT_EQ(declared.ranges.at(0).marks.back().offset, offsetof(RawContext, data_end));
}

TEST(FindInterface, KnowsItsOwnAndReadsFiles) {
  EXPECT_TRUE(find_interface("raw").has_value());
  EXPECT_TRUE(find_interface("conformance").has_value());
  EXPECT_TRUE(find_interface(std::string(TENON_SOURCE_DIR) + "/interfaces/raw.tni").has_value());
  const auto missing = find_interface("/nonexistent.tni");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error()[0].code, "E0505");
}

std::vector<std::byte> code_of(std::initializer_list<isa::Insn> insns) {
  std::vector<std::byte> code;
  std::uint32_t slot = 0;
  for (const isa::Insn& insn : insns) {
    const auto bytes = isa::encode(insn, slot);
    slot += static_cast<std::uint32_t>(bytes.size() / 8);
    code.insert(code.end(), bytes.begin(), bytes.end());
  }
  return code;
}

class Conformance : public ::testing::TestWithParam<Backend> {
 protected:
  Outcome run(std::initializer_list<isa::Insn> insns, std::vector<std::byte> memory = {}) {
    LoadOptions options;
    options.backend = GetParam();
    const auto outcome = run_conformance(code_of(insns), memory, options);
    EXPECT_TRUE(outcome.has_value()) << (outcome ? "" : to_text(outcome.error()));
    return outcome.value_or(Outcome{});
  }
};
INSTANTIATE_TEST_SUITE_P(Engine, Conformance, ::testing::Values(Backend::native, Backend::interpreter),
                         [](const auto& info) { return info.param == Backend::native ? "native" : "interpreter"; });

using isa::Reg;

TEST_P(Conformance, MemoryAndLengthArriveInRegisters) {
  const Outcome outcome = run({isa::Load{isa::Width::w1, false, Reg::r0, Reg::r1, 1}, isa::Alu{isa::AluOp::add, true, Reg::r0, Reg::r2}, isa::Exit{}},
                              {std::byte{5}, std::byte{7}, std::byte{0}});
  EXPECT_EQ(outcome.value, 10u);
}

TEST_P(Conformance, WithoutMemoryBothAreZero) {
  const Outcome outcome = run({isa::Alu{isa::AluOp::mov, true, Reg::r0, Reg::r1}, isa::Alu{isa::AluOp::bit_or, true, Reg::r0, Reg::r2}, isa::Exit{}});
  EXPECT_EQ(outcome.value, 0u);
}

TEST_P(Conformance, HelperFiveUnwindsOnZeroOnly) {
  const auto program = [&](std::int64_t argument) {
    return run({isa::Alu{isa::AluOp::mov, true, Reg::r1, isa::Imm{argument}}, isa::Call{isa::Call::Kind::host, 5},
                isa::Alu{isa::AluOp::add, true, Reg::r0, isa::Imm{1}}, isa::Exit{}});
  };
  EXPECT_EQ(program(0).kind, Outcome::Kind::thrown);
  EXPECT_EQ(program(0).value, 0u);
  EXPECT_EQ(program(4).value, 5u);
}

TEST_P(Conformance, MemoryLiesInTheHeap) {
  const Outcome outcome = run({isa::Load{isa::Width::w8, false, Reg::r0, Reg::r1, 0x7ff8}, isa::Exit{}}, {std::byte{1}});
  EXPECT_EQ(outcome.kind, Outcome::Kind::cancelled);
  EXPECT_EQ(outcome.cause, Cause::fault);
}

}  // namespace
}  // namespace tenon::engine
