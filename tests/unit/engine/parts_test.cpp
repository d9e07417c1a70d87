// SPDX-License-Identifier: Apache-2.0
// What the engine is made of: the hosts of the built-in interfaces, the interpreter's view of host memory, the conformance plug-in.
#include <gtest/gtest.h>

#include <array>

#include "engine/builtin_interfaces.hpp"
#include "engine/conformance.hpp"
#include "engine/host_regions.hpp"
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

class Regions : public ::testing::Test {
 protected:
  interface::Declarations declarations = *interface::parse(
      "struct s { p..q: mem r @0..8, a: u32 @16 rw, b: u32 @20 r, c: u64 @32 w };"
      "fn f(n: u64) -> ?mem(u16|n) rw; hook h(x: &s) -> u64 default 0;",
      "t.tni");
  struct Context {
    const char* begin;
    const char* end;
    std::uint32_t a, b;
    std::uint64_t gap, c;
  };
  std::array<char, 24> around{};  // the range lies in its middle, next to nothing that is declared
  char* const memory = around.data() + 8;
  Context context{memory, memory + 8, 0, 0, 0, 0};
  HostRegions regions{declarations};
  std::uint64_t at = reinterpret_cast<std::uint64_t>(&context);
  std::uint64_t data = reinterpret_cast<std::uint64_t>(memory);

  void SetUp() override { regions.enter(declarations.hooks[0], {at, 0, 0, 0, 0}); }
};

TEST_F(Regions, FieldsAllowWhatTheyDeclare) {
  EXPECT_TRUE(regions.allows(at, 8, false));
  EXPECT_FALSE(regions.allows(at, 8, true)) << "the pointers of a range are never written";
  EXPECT_TRUE(regions.allows(at + 16, 4, true));
  EXPECT_TRUE(regions.allows(at + 16, 8, false)) << "adjacent fields";
  EXPECT_FALSE(regions.allows(at + 16, 8, true)) << "b is not writable";
  EXPECT_FALSE(regions.allows(at + 24, 8, false)) << "a gap";
  EXPECT_FALSE(regions.allows(at + 32, 8, false)) << "write only";
  EXPECT_TRUE(regions.allows(at + 32, 8, true));
  EXPECT_FALSE(regions.allows(at + 36, 8, true));
  EXPECT_FALSE(regions.allows(~0ull - 3, 8, false)) << "wraps";
}

TEST_F(Regions, RangesReachExactlyToTheirEnd) {
  EXPECT_TRUE(regions.allows(data, 8, false));
  EXPECT_FALSE(regions.allows(data, 9, false));
  EXPECT_FALSE(regions.allows(data - 1, 1, false));
  EXPECT_FALSE(regions.allows(data, 1, true));
}

TEST_F(Regions, ResultsAddMemory) {
  std::array<std::uint16_t, 4> table{};
  const auto address = reinterpret_cast<std::uint64_t>(table.data());
  const interface::Function& f = declarations.at(*declarations.find_function("f"));
  EXPECT_FALSE(regions.allows(address, 1, false));
  regions.returned(f, {3, 0, 0, 0, 0}, 0);
  EXPECT_FALSE(regions.allows(0, 1, false)) << "null hands out nothing";
  regions.returned(f, {3, 0, 0, 0, 0}, address);
  EXPECT_TRUE(regions.allows(address, 6, true));
  EXPECT_FALSE(regions.allows(address, 7, true));
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
