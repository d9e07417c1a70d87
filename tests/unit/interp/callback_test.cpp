// SPDX-License-Identifier: Apache-2.0
// Host functions that run the program's own functions, and what else the environment is told: maps, accesses, frames.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "support/assembler.hpp"
#include "support/sandbox.hpp"

namespace tenon::test {
namespace {

using interp::Environment;
using Kind = Outcome::Kind;

constexpr std::string_view kHost = R"(
  hook t(a: u64, b: u64) -> u64 default 77;
  fn each(n: u32, body: fn(u32, 'c) -> s64 in 0..1, c: 'c) -> u32;
  fn size(m: map u32->u64) -> u64;
  fn take(m: map K->V, key: mem(K) r, value: mem(V) uninit) -> u64;
)";

class Callback : public ::testing::Test {
 protected:
  Callback() {
    sandbox.environment().call = [this](const abi::CallSite&, const auto& a, const Environment::CallBack& call_back) { return each(a, call_back); };
  }

  /// Runs the body for 0 .. n-1 until it returns something else than 0; gives how often it ran.
  Environment::CallResult each(const Sandbox::Arguments& a, const Environment::CallBack& call_back) {
    std::uint64_t i = 0;
    for (bool more = true; more && i < a[0]; ++i) {
      const auto result = call_back(a[1], {i, a[2], 99, 99, 99});
      results.push_back(result);
      if (result.kind != Kind::returned) return result;
      more = result.r0 == 0;
    }
    return {.r0 = i};
  }

  interp::Run run(std::string_view text) {
    return sandbox.run(sandbox.guard(assemble_program(text, {.globals = std::vector<std::byte>(64)})), {5, 6});
  }

  Sandbox sandbox{kHost};
  std::vector<Environment::CallResult> results;
};

TEST_F(Callback, RunsOnItsCallersStack) {
  const auto run = this->run(
      "*(u64 *)(r10 - 8) = 0; r6 = 40; r1 = 4; r2 = &body; r3 = r10; r3 += -8; call each; r1 = *(u64 *)(r10 - 8); r0 += r1; r0 += r6; exit;"
      "fn body(2):; r6 = 7; r3 = *(u64 *)(r2 + 0); r3 += r1; r3 += 100; *(u64 *)(r2 + 0) = r3; r0 = 0; exit");
  EXPECT_EQ(run.kind, Kind::returned);
  EXPECT_EQ(run.value, 4u + 406u + 40u) << "calls, what they left in the caller's slot, and the caller's own r6";
}

TEST_F(Callback, StopsWhenItSaysSo) {
  EXPECT_EQ(run("r1 = 9; r2 = &body; r3 = 0; call each; exit; fn body(2):; r0 = 0; if r1 != 2 goto out; r0 = 1; out:; exit").value, 3u);
  EXPECT_EQ(results.size(), 3u);
  EXPECT_EQ(results.back().r0, 1u);
}

TEST_F(Callback, IsNotCalledAtAll) { EXPECT_EQ(run("r1 = 0; r2 = &body; r3 = 0; call each; exit; fn body(2):; r0 = 0; exit").value, 0u); }

TEST_F(Callback, FaultEndsTheInvocation) {
  const auto run =
      this->run("r1 = 9; r2 = &body; r3 = 0; call each; exit; fn body(2):; r0 = 0; if r1 == 0 goto out; r3 = 16; r4 = *(u64 *)(r3 + 0); out:; exit");
  EXPECT_EQ(run.kind, Kind::cancelled);
  EXPECT_EQ(run.cause, Cause::fault);
  EXPECT_EQ(run.value, 77u);
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].kind, Kind::returned);
  EXPECT_EQ(results[1].kind, Kind::cancelled);
}

TEST_F(Callback, CountsAgainstTheSameBudget) {
  sandbox.environment().max_instructions = 20;
  const auto run = this->run("r1 = 100; r2 = &body; r3 = 0; call each; exit; fn body(2):; r0 = 0; exit");
  EXPECT_EQ(run.cause, Cause::quantum);
  EXPECT_EQ(run.instructions, 20u);
}

/// What may be a function or null may be neither (tests/cases/verify/callbacks, one_or_none).
TEST_F(Callback, ThatIsNoFunctionEndsTheRun) {
  sandbox.environment().call = [](const abi::CallSite&, const auto&, const Environment::CallBack& call_back) { return call_back(12345, {}); };
  const interp::Run run = this->run("r1 = 1; r2 = &body; r3 = 0; call each; exit; fn body(2):; r0 = 0; exit");
  EXPECT_EQ(run.kind, Outcome::Kind::cancelled);
  EXPECT_EQ(run.cause, Cause::bad_call);
}

class Maps : public ::testing::Test {
 protected:
  interp::Run run(std::string_view text) {
    ir::Parts parts = assemble(text, {.globals = std::vector<std::byte>(64)});
    for (const std::uint32_t bytes : {8u, 24u}) {
      ir::MapDefinition& map = parts.maps.emplace_back();
      map.kind = "hash";
      map.type = map.max_entries = 1;
      map.key_bytes = 4;
      map.value_bytes = bytes;
    }
    return sandbox.run(sandbox.guard(std::move(*ir::link(std::move(parts)))));
  }
  Sandbox sandbox{kHost};
};

TEST_F(Maps, GoByTheirAddresses) {
  sandbox.environment().map_addresses = {1111, 2222};
  sandbox.on_call("size", [](const auto& a) { return Environment::CallResult{.r0 = a[0]}; });
  EXPECT_EQ(run("r1 = map 0 ll; call size; exit").value, 1111u);
}

TEST_F(Maps, WithoutAddressAreOurBug) { EXPECT_DEATH(static_cast<void>(run("r1 = map 0 ll; call size; exit")), "a map is used that has no address"); }

TEST_F(Maps, SayHowLongTheirValuesAre) {
  sandbox.environment().map_addresses = {1111, 2222};
  sandbox.on_call("take", [&](const auto& a) {
    sandbox.store(a[2] + 16, 33);
    return Environment::CallResult{};
  });
  const auto run =
      this->run("*(u32 *)(r10 - 4) = 1; r1 = map 1 ll; r2 = r10; r2 += -4; r3 = r10; r3 += -32; call take; r0 = *(u64 *)(r10 - 16); exit");
  EXPECT_EQ(run.value, 33u) << "the last of the 24 bytes counts as written";
}

TEST(Touched, TellsOfEveryAccess) {
  Sandbox sandbox;
  std::vector<interp::Touch> touches;
  sandbox.environment().touched = [&](const interp::Touch& touch) { touches.push_back(touch); };
  const auto program = assemble_program(
      "*(u32 *)(r10 - 4) = 5; w0 = *(u32 *)(r10 - 4); r1 = globals + 8 ll; r2 = 3; *(u64 *)(r1 + 0) = r2; r2 = atomic_fetch_add((u64 *)(r1 + 0), r2);"
      "r3 = load_acquire((u64 *)(r1 + 0)); store_release((u16 *)(r1 + 0), r0); exit",
      {.globals = std::vector<std::byte>(64)});
  EXPECT_EQ(sandbox.run(sandbox.guard(program)).kind, Kind::returned);
  ASSERT_EQ(touches.size(), 6u);
  EXPECT_EQ(touches[0].memory, verify::MemClass::stack);
  EXPECT_EQ(touches[0].bytes, 4u);
  EXPECT_EQ(touches[0].stored, 5u);
  EXPECT_EQ(touches[1].stored, std::nullopt);
  EXPECT_EQ(touches[2].memory, verify::MemClass::heap);
  EXPECT_EQ(touches[2].address, sandbox.globals() + 8);
  EXPECT_EQ(touches[2].stored, 3u);
  EXPECT_EQ(touches[3].stored, 6u) << "what the addition leaves";
  EXPECT_EQ(touches[4].stored, std::nullopt);
  EXPECT_EQ(touches[5].bytes, 2u);
  EXPECT_EQ(touches[5].stored, 5u);
}

TEST(FrameEnded, NamesThePrivateStackThatIsGone) {
  Sandbox sandbox;
  std::vector<std::uint64_t> sizes;
  sandbox.environment().frame_ended = [&](std::uint64_t begin, std::uint64_t end) { sizes.push_back(end - begin); };
  static_cast<void>(sandbox.run("call f; call f; exit; fn f:; *(u64 *)(r10 - 24) = 1; r0 = *(u64 *)(r10 - 24); exit"));
  EXPECT_THAT(sizes, ::testing::ElementsAre(24, 24));
}

}  // namespace
}  // namespace tenon::test
