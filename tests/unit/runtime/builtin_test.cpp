// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "unit/runtime/test_host.hpp"

namespace tenon::runtime::testing {
namespace {

constexpr std::uint64_t kBytes = 300 << 10;  // several chunks

struct Builtin : ::testing::Test {
  std::shared_ptr<Heap> heap = make_heap(1 << 20, 0, kBytes);
  unsigned char* bytes = reinterpret_cast<unsigned char*>(heap->globals_address());

  std::shared_ptr<Installed> program(const char* name, std::uint8_t heap_arguments) {
    Assembler code;
    code.enter();
    code.call_host(1, function(name), heap_arguments);
    code.leave();
    return install(code, heap);
  }
  std::uint64_t at(std::uint64_t offset) const { return heap->globals_address() + offset; }
};

TEST_F(Builtin, CopyAndMoveAgreeWithMemmove) {
  std::mt19937_64 random(1);
  std::vector<unsigned char> expected(kBytes);
  const std::shared_ptr<Installed> programs[] = {program("tn_move", 3), program("tn_copy", 3)};
  for (int round = 0; round < 60; ++round) {
    for (std::uint64_t i = 0; i < kBytes; ++i) expected[i] = bytes[i] = static_cast<unsigned char>(random());
    const std::uint64_t n = random() % (round % 2 == 0 ? 200 : kBytes / 2), to = random() % (kBytes - n), from = random() % (kBytes - n);
    std::memmove(expected.data() + to, expected.data() + from, n);
    ASSERT_EQ(run(programs[round % 2], at(to), at(from), n).kind, Outcome::Kind::returned);
    ASSERT_EQ(std::memcmp(expected.data(), bytes, kBytes), 0) << to << " " << from << " " << n;
  }
}

TEST_F(Builtin, Fill) {
  std::memset(bytes, 0, kBytes);
  run(program("tn_fill", 1), at(3), 0x1ab, 200'000);
  for (std::uint64_t i = 0; i < kBytes; ++i) ASSERT_EQ(bytes[i], i >= 3 && i < 200'003 ? 0xab : 0) << i;
}

TEST_F(Builtin, Compare) {
  std::memset(bytes, 7, kBytes);
  const auto compare = program("tn_compare", 3);
  const auto sign = [&](std::uint64_t n) { return static_cast<std::int64_t>(run(compare, at(0), at(150'000), n).value); };
  EXPECT_EQ(sign(150'000), 0);
  EXPECT_EQ(sign(0), 0);
  bytes[149'999] = 8;
  EXPECT_EQ(sign(150'000), 1);
  EXPECT_EQ(sign(149'999), 0);
  bytes[100] = 6;
  EXPECT_EQ(sign(150'000), -1);
}

TEST_F(Builtin, Find) {
  std::memset(bytes, 1, kBytes);
  const auto find = program("tn_find", 1);
  EXPECT_EQ(run(find, at(0), 9, kBytes).value, kBytes);
  bytes[kBytes - 1] = 9;
  bytes[70'000] = 9;
  EXPECT_EQ(run(find, at(0), 9, kBytes).value, 70'000u);
  EXPECT_EQ(run(find, at(0), 0x309, kBytes).value, 70'000u);
  EXPECT_EQ(run(find, at(70'001), 9, kBytes - 70'001).value, kBytes - 70'002);
  EXPECT_EQ(run(find, at(0), 9, 0).value, 0u);
}

TEST_F(Builtin, Grow) {
  const auto grow = program("tn_grow", 0);
  const std::uint64_t before = heap->granted_bytes();
  EXPECT_EQ(run(grow, 5000).value, heap->globals_address() + before);
  EXPECT_EQ(heap->granted_bytes(), before + 8192);
  EXPECT_EQ(run(grow, 1ull << 40).value, 0u);
}

TEST_F(Builtin, RangesOutsideTheHeapEndTheInvocation) {
  EXPECT_EQ(run(program("tn_copy", 3), at(0), at(kBytes - 1), 4097).cause, Cause::argument);
  EXPECT_EQ(run(program("tn_copy", 3), at(kBytes), at(0), ~0ull).cause, Cause::argument);
  EXPECT_EQ(run(program("tn_fill", 1), heap->base(), 0, 1).cause, Cause::argument);
  EXPECT_EQ(run(program("tn_fill", 1), 0, 0, 0).kind, Outcome::Kind::returned);
}

TEST_F(Builtin, HostMemoryThatWasProvedIsUsedInPlace) {
  std::memcpy(bytes, "abcd", 4);
  char buffer[4] = {};
  run(program("tn_copy", 2), reinterpret_cast<std::uint64_t>(buffer), at(0), 4);
  EXPECT_EQ(std::string_view(buffer, 4), "abcd");
}

}  // namespace
}  // namespace tenon::runtime::testing
