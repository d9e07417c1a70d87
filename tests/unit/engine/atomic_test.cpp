// SPDX-License-Identifier: Apache-2.0
// <tn/atomic.h> means the same in an extension as in native code, and orders what one does as the other sees it (docs/memory-model.md).
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <thread>

#include <tenon/engine.hpp>

#include "unit/engine/compile.hpp"

// The native half, as a host or another process would compile it.
using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = unsigned long long;
#include "../ext/include/tn/atomic.h"
#include "unit/engine/atomic_checks.h"

namespace tenon {
namespace {

constexpr auto kInterface = "interface lab; hook call(a: u64, b: u64) -> u64 default 0;";

struct Atomics : ::testing::Test {
  static Extension load(Backend backend) {
    static const Interface interface = *Interface::parse(kInterface, "lab.tni");
    static const test::Scratch scratch;
    static const auto object = scratch.compile(interface, fmt::format(R"(
      #include <tn/atomic.h>
      #include "{}/tests/unit/engine/atomic_checks.h"
      struct atomic_cells cells; struct litmus litmus; struct mailbox mailbox;
      SEC("call") u64 checks(u64 seed, u64 b) {{ return atomic_checks(&cells, seed); }}
      SEC("call") u64 buffering(u64 me, u64 rounds) {{ return store_buffering(&litmus, me, rounds); }}
      SEC("call") u64 writes(u64 letters, u64 b) {{ return send_letters(&mailbox, letters); }}
      SEC("call") u64 reads(u64 letters, u64 b) {{ return read_letters(&mailbox, letters); }}
      SEC("call") u64 litmus_at(u64 a, u64 b) {{ return (u64)&litmus; }}
      SEC("call") u64 mailbox_at(u64 a, u64 b) {{ return (u64)&mailbox; }}
    )", TENON_SOURCE_DIR));
    LoadOptions options;
    options.backend = backend;
    options.quantum = std::chrono::seconds(60);
    auto extension = Engine(interface).load(object, options);
    if (!extension) throw std::runtime_error(to_text(extension.error()));
    return *extension;
  }
};

TEST_F(Atomics, AnswerAlikeNativelyAndOnBothBackends) {
  std::mt19937_64 random(5);
  const Extension native = load(Backend::native), interpreted = load(Backend::interpreter);
  for (int i = 0; i < 200; ++i) {
    const u64 seed = i == 0 ? 0 : i == 1 ? ~0ull : random();
    atomic_cells cells{};
    const u64 expected = atomic_checks(&cells, seed);
    EXPECT_EQ(native.program("checks")->run(seed).value, expected) << seed;
    EXPECT_EQ(interpreted.program("checks")->run(seed).value, expected) << seed;
  }
}

constexpr u64 kRounds = 3000, kLetters = 500;

TEST_F(Atomics, AFenceKeepsBothFromSeeingNothing) {
  const Extension extension = load(Backend::native);
  auto* const shared = reinterpret_cast<litmus*>(extension.program("litmus_at")->run().value);
  const auto blind = [&](const std::function<u64(u64)>& other) {
    *shared = {};
    u64 seen = 0;
    std::thread thread([&] { other(1); });
    seen = extension.program("buffering")->run(0, kRounds).value;
    thread.join();
    return seen;
  };
  EXPECT_EQ(blind([&](u64 me) { return extension.program("buffering")->run(me, kRounds).value; }), 0u) << "two extensions";
  EXPECT_EQ(blind([&](u64 me) { return store_buffering(shared, me, kRounds); }), 0u) << "an extension and native code";
}

TEST_F(Atomics, WhoSeesTheFlagSeesTheLetter) {
  const Extension extension = load(Backend::native);
  auto* const shared = reinterpret_cast<mailbox*>(extension.program("mailbox_at")->run().value);
  u64 wrong = 0;
  *shared = {};
  std::thread reader([&] { wrong = read_letters(shared, kLetters); });
  EXPECT_EQ(extension.program("writes")->run(kLetters).value, kLetters);
  reader.join();
  EXPECT_EQ(wrong, 0u);
  *shared = {};
  std::thread writer([&] { send_letters(shared, kLetters); });
  EXPECT_EQ(extension.program("reads")->run(kLetters).value, 0u);
  writer.join();
}

}  // namespace
}  // namespace tenon
