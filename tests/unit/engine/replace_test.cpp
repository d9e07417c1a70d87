// SPDX-License-Identifier: Apache-2.0
// Versions of one extension: what stays in the heap, what is refused, who runs what while they change over.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <latch>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include <tenon/engine.hpp>
#include <tenon/heap_lock.hpp>

#include "unit/engine/compile.hpp"

namespace tenon {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr auto kInterface = R"(
  interface reload;
  type car rc drop=car_put parkable;
  fn car_get(n: u64) -> ?own car;
  fn car_put(c: own car);
  fn number(c: &car<'c>) -> u64;
  fn meet(n: u64) -> u64;
  hook t(a: u64) -> u64 default 99;
  hook other(a: u64) -> u64 default 98;
)";

struct Car {
  std::uint64_t number;
} the_car{7};
std::atomic<int> cars_back{0};
std::function<std::uint64_t(std::uint64_t)> on_meet;

Car* car_get(std::uint64_t) { return &the_car; }
void car_put(Car*) { ++cars_back; }
std::uint64_t number(Car* car) { return car->number; }
std::uint64_t meet(std::uint64_t n) { return on_meet ? on_meet(n) : n; }

Interface made_interface(std::string_view text = kInterface) {
  auto interface = Interface::parse(text, "reload.tni");
  if (!interface) throw std::runtime_error(to_text(interface.error()));
  for (const auto& bound : {interface->bind<&car_get>("car_get"), interface->bind<&car_put>("car_put"), interface->bind<&number>("number"),
                            interface->bind<&meet>("meet")}) {
    if (!bound) throw std::runtime_error(to_text(bound.error()));
  }
  return *std::move(interface);
}

std::string code_of(const Result<void>& result) { return result ? "" : result.error().front().code; }

class Replace : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { on_meet = nullptr, cars_back = 0; }

  LoadOptions options() const {
    LoadOptions made;
    made.backend = GetParam();
    made.heap_bytes = 16 << 20;
    made.quantum = seconds(30);
    return made;
  }
  Extension load(std::string_view code) {
    auto extension = Engine(interface_).load(scratch_.compile(interface_, code), options());
    if (!extension) throw std::runtime_error(to_text(extension.error()));
    return *std::move(extension);
  }
  Result<void> replace(const Extension& extension, std::string_view code, std::chrono::nanoseconds patience = seconds(10)) {
    return Engine(interface_).replace(extension, scratch_.compile(interface_, code), options(), patience);
  }
  void must_replace(const Extension& extension, std::string_view code) {
    const auto done = replace(extension, code);
    ASSERT_TRUE(done) << to_text(done.error());
  }

  Interface interface_ = made_interface();
  test::Scratch scratch_;
};

TEST_P(Replace, TheHeapStaysAndTheCodeChanges) {
  const Extension extension = load(R"(
    #include <tn/heap.h>
    struct node { struct node *next; u64 value; };
    struct node *head; u64 pushed;
    SEC("t") u64 f(u64 a) { struct node *n = malloc(sizeof(*n)); if (!n) return 0; n->value = a; n->next = head; head = n; return ++pushed; }
  )");
  const Program f = *extension.program("f");
  EXPECT_EQ(f.run(10).value, 1u);
  EXPECT_EQ(f.run(20).value, 2u);
  must_replace(extension, R"(
    #include <tn/heap.h>
    struct node { struct node *next; u64 value; };
    u64 sums[4] = {1000, 2000, 3000, 4000};        // in front of the others, with values of its own
    u64 pushed; struct node *head;
    SEC("t") u64 f(u64 a) { u64 sum = sums[a & 3]; for (struct node *n = head; n; n = n->next) sum += n->value; return sum + pushed; }
    SEC("t") u64 g(u64 a) { while (head) { struct node *n = head; head = n->next; free(n); pushed--; } return pushed; }
  )");
  EXPECT_EQ(f.run(1).value, 2032u) << "the handle from before";
  const auto g = extension.program("g");
  ASSERT_TRUE(g);
  EXPECT_EQ(g->run(0).value, 0u);
  EXPECT_EQ(f.run(0).value, 1000u);
  EXPECT_EQ(extension.programs().size(), 2u);
  EXPECT_EQ(f.name(), "f");
}

TEST_P(Replace, ConstantsAreTheNewOnesAndPointersToTheOldStay) {
  const Extension extension = load(R"(
    const char *said; const u64 table[3] = {1, 2, 3};
    SEC("t") u64 f(u64 a) { said = "old"; return table[a % 3]; }
  )");
  const Program f = *extension.program("f");
  EXPECT_EQ(f.run(1).value, 2u);
  must_replace(extension, R"(
    const char *said; const u64 table[4] = {10, 20, 30, 40};
    SEC("t") u64 f(u64 a) { const char *now = "new"; return a < 4 ? table[a % 4] : a == 4 ? said[0] : now[a & 3]; }
  )");
  EXPECT_EQ(f.run(1).value, 20u);
  EXPECT_EQ(f.run(4).value, std::uint64_t{'o'});
  EXPECT_EQ(f.run(5).value, std::uint64_t{'e'});
}

TEST_P(Replace, ManyVersionsNeedNoMoreMemoryThanTheirConstantsChange) {
  const std::string one = "u64 n; const u64 c[2] = {5, 6}; SEC(\"t\") u64 f(u64 a) { n += c[a & 1]; return n; }";
  const Extension extension = load(one);
  const std::uint64_t granted = extension.heap_granted_bytes();
  for (int i = 0; i < 20; ++i) must_replace(extension, one);
  EXPECT_EQ(extension.heap_granted_bytes(), granted);
  EXPECT_EQ(extension.program("f")->run(0).value, 5u);
}

/// A value that the old code stored names the function of its name; where there is none any more, calling it ends the invocation.
TEST_P(Replace, FunctionValuesInTheHeapGoByName) {
  const Extension extension = load(R"(
    static __attribute__((noinline)) u64 one(u64 a) { return a + 1; }
    static __attribute__((noinline)) u64 two(u64 a) { return a + 2; }
    u64 (*kept[2])(u64);
    SEC("t") u64 f(u64 a) { kept[0] = one; kept[1] = two; return kept[a & 1](10); }
  )");
  const Program f = *extension.program("f");
  EXPECT_EQ(f.run(1).value, 12u);
  must_replace(extension, R"(
    static __attribute__((noinline)) u64 three(u64 a) { return a + 300; }
    static __attribute__((noinline)) u64 two(u64 a) { return a + 200; }
    u64 (*kept[2])(u64); u64 (*fresh[2])(u64) = {three, two};
    SEC("t") u64 f(u64 a) { return a < 2 ? kept[a & 1](10) : fresh[a & 1](10); }
  )");
  EXPECT_EQ(f.run(1).value, 210u);
  EXPECT_EQ(f.run(2).value, 310u);
  EXPECT_EQ(f.run(3).value, 210u);
  const Outcome gone = f.run(0);
  EXPECT_EQ(gone.cause, Cause::bad_call);
  EXPECT_EQ(gone.value, 99u);
}

TEST_P(Replace, WhatMeansSomethingElseIsRefusedAndNothingHasChanged) {
  const Extension extension = load(R"(
    struct item { u64 key; u32 size; struct item *next; };
    enum mode { OFF, ON }; enum mode mode; struct item *items; u64 count[4]; int level;
    SEC("t") u64 f(u64 a) { mode = ON; count[a & 3]++; level = 1; return items ? items->key : 5; }
  )");
  const Program f = *extension.program("f");
  const auto expect = [&](std::string_view code, std::string_view note) {
    const auto refused = replace(extension, code);
    ASSERT_FALSE(refused) << note;
    EXPECT_EQ(refused.error().front().code, "E0611");
    EXPECT_THAT(to_text(refused.error()), HasSubstr(std::string(note)));
    EXPECT_EQ(f.run(0).value, 5u);
  };
  expect("u64 count[8]; SEC(\"t\") u64 f(u64 a) { return count[a & 7]; }", "'count': was u64[4] of 32 bytes, is u64[8] of 64 bytes");
  expect("unsigned level; SEC(\"t\") u64 f(u64 a) { return level; }", "'level': was s32 of 4 bytes, is u32 of 4 bytes");
  expect("struct item { u64 key; u64 size; struct item *next; }; struct item *items; SEC(\"t\") u64 f(u64 a) { return items->key; }",
         "struct item: was ... size: u32 @8; next: struct item * @16; 24 bytes, is ... size: u64 @8;");
  expect("struct item { u64 name; u32 size; struct item *next; }; struct item *items; SEC(\"t\") u64 f(u64 a) { return items->name; }",
         "struct item: was key: u64 @0;");
  expect("enum mode { ON, OFF }; enum mode mode; SEC(\"t\") u64 f(u64 a) { return mode; }", "enum mode.OFF: was 0, is 1");
  expect("struct other { u64 key; }; struct other *items; SEC(\"t\") u64 f(u64 a) { return items->key; }", "'items': was struct item *");
  // A type that only other memory of the same kind reaches.
  expect("struct item { u64 key; }; struct item mine; SEC(\"t\") u64 f(u64 a) { return mine.key; }", "struct item: was ... size: u32 @8;");
  EXPECT_TRUE(replace(extension, "enum mode { OFF, ON, AUTO }; enum mode mode; SEC(\"t\") u64 f(u64 a) { return mode; }"));
  EXPECT_EQ(f.run(0).value, 1u);
  // What version 2 does not know, version 3 still cannot take for something else.
  EXPECT_EQ(code_of(replace(extension, "u64 level; SEC(\"t\") u64 f(u64 a) { return level; }")), "E0611");
}

TEST_P(Replace, AFailedLoadLeavesTheOldOneServing) {
  const Extension extension = load("u64 n; SEC(\"t\") u64 f(u64 a) { return ++n; } SEC(\"other\") u64 g(u64 a) { return 4; }");
  const Program f = *extension.program("f");
  EXPECT_EQ(code_of(replace(extension, "SEC(\"t\") u64 f(u64 a) { return 1; }")), "E0613");
  EXPECT_EQ(code_of(replace(extension, "SEC(\"t\") u64 f(u64 a) { return 1; } SEC(\"t\") u64 g(u64 a) { return 4; }")), "E0613")
      << "for another hook";
  const auto leaks = replace(extension, "SEC(\"t\") u64 f(u64 a) { car_get(1); return 1; } SEC(\"other\") u64 g(u64 a) { return 4; }");
  EXPECT_EQ(code_of(leaks).substr(0, 3), "E03");
  EXPECT_EQ(code_of(Engine(interface_).replace(extension, "/nowhere")), "E0101");
  std::string wider(kInterface);
  wider += "fn more(n: u64) -> u64;";
  const Interface other = made_interface(wider);
  EXPECT_EQ(code_of(Engine(other).replace(extension, scratch_.compile(other, "SEC(\"t\") u64 f(u64 a) { return 1; }"), options())), "E0612");
  const auto large = "u64 big[1 << 20] = {1}; u64 n; SEC(\"t\") u64 f(u64 a) { return big[a & 7] + n; } SEC(\"other\") u64 g(u64 a) { return 4; }";
  ASSERT_TRUE(extension.allocate<char>(10 << 20));
  EXPECT_EQ(code_of(replace(extension, large)), "E0609");
  EXPECT_EQ(f.run(0).value, 1u);
  EXPECT_EQ(f.run(0).value, 2u);
  extension.unload();
  EXPECT_EQ(code_of(replace(extension, "SEC(\"t\") u64 f(u64 a) { return 1; } SEC(\"other\") u64 g(u64 a) { return 4; }")), "E0614");
}

TEST_P(Replace, WhatIsParkedAndWhoDetachedIsKept) {
  const auto code =
      "u64 handle; SEC(\"t\") u64 f(u64 a) { struct car *c; u64 n; if (a) { c = car_get(a); if (!c) return 1; handle = tn_park_car(c);"
      " if (!handle) { car_put(c); return 2; } return 3; } c = tn_take_car(handle); if (!c) return 4; n = number(c); car_put(c); return n; }";
  const Extension extension = load(code);
  const Program f = *extension.program("f");
  EXPECT_EQ(f.run(1).value, 3u);
  extension.detach();
  must_replace(extension, code);
  EXPECT_EQ(f.run(0).cause, Cause::detached);
  EXPECT_TRUE(extension.attach());
  EXPECT_EQ(f.run(0).value, 7u);
  EXPECT_EQ(cars_back, 1);
  EXPECT_EQ(extension.cancel_counts()[Cause::detached], 1u);
  EXPECT_EQ(f.object_counts().acquired, 2u) << "over all versions";
  must_replace(extension, code);
  EXPECT_EQ(extension.cancel_counts()[Cause::detached], 1u);
  EXPECT_EQ(f.object_counts().acquired, 2u);
}

TEST_P(Replace, WhatIsInFlightEndsOnTheOldCode) {
  const Extension extension = load("SEC(\"t\") u64 f(u64 a) { return a ? meet(a) + 1 : 1; }");
  const Program f = *extension.program("f");
  std::latch inside(1), let_go(1);
  on_meet = [&](std::uint64_t n) {
    inside.count_down();
    let_go.wait();
    return n;
  };
  Outcome slow;
  std::thread in_flight([&] {
    f.run(0);  // the second run of a program takes the short way in
    slow = f.run(5);
  });
  inside.wait();
  std::atomic<bool> returned = false;
  std::thread replaces([&] {
    EXPECT_TRUE(replace(extension, "SEC(\"t\") u64 f(u64 a) { return 2; }"));
    returned = true;
  });
  while (f.run(0).value != 2) std::this_thread::yield();
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_FALSE(returned) << "one is left";
  let_go.count_down();
  in_flight.join();
  replaces.join();
  EXPECT_EQ(slow.value, 6u);
}

TEST_P(Replace, WhatDoesNotEndIsCancelled) {
  const Extension extension = load("u64 n; SEC(\"t\") u64 f(u64 a) { if (a) for (;;) n++; return 1; }");
  const Program f = *extension.program("f");
  Outcome endless;
  std::thread in_flight([&] { endless = f.run(1); });
  std::this_thread::sleep_for(milliseconds(20));
  ASSERT_TRUE(replace(extension, "u64 n; SEC(\"t\") u64 f(u64 a) { return 2; }", milliseconds(50)));
  in_flight.join();
  EXPECT_EQ(endless.cause, Cause::host_request);
  EXPECT_STRNE(endless.file, "") << "what an outcome points to outlives its version";
  EXPECT_EQ(f.run(1).value, 2u);
  EXPECT_EQ(extension.cancel_counts()[Cause::host_request], 1u);
}

/// From below its own invocation: that one goes on with the old code.
TEST_P(Replace, AHostFunctionMayReplaceTheExtensionThatCallsIt) {
  const Extension extension = load("SEC(\"t\") u64 f(u64 a) { return meet(a) + 1; }");
  const Program f = *extension.program("f");
  on_meet = [&](std::uint64_t n) {
    EXPECT_TRUE(replace(extension, "SEC(\"t\") u64 f(u64 a) { return 2; }"));
    EXPECT_EQ(f.run(0).value, 2u);
    return n;
  };
  EXPECT_EQ(f.run(5).value, 6u);
  EXPECT_EQ(f.run(5).value, 2u);
  on_meet = nullptr;
  EXPECT_TRUE(replace(extension, "SEC(\"t\") u64 f(u64 a) { return 3; }"));
  EXPECT_EQ(f.run(5).value, 3u);
}

/// Two that replace what runs above the other must not wait for each other.
TEST_P(Replace, TwoMayReplaceEachOther) {
  const auto calls = "SEC(\"t\") u64 f(u64 a) { return meet(a); }", plain = "SEC(\"t\") u64 f(u64 a) { return 2; }";
  const Extension extensions[] = {load(calls), load(calls)};
  const auto object = scratch_.compile(interface_, plain);
  std::latch both(2);
  on_meet = [&](std::uint64_t n) {
    both.arrive_and_wait();
    EXPECT_TRUE(Engine(interface_).replace(extensions[1 - n], object, options(), seconds(60)));
    return n;
  };
  const auto begin = std::chrono::steady_clock::now();
  std::thread other([&] { EXPECT_EQ(extensions[1].program("f")->run(1).value, 1u); });
  EXPECT_EQ(extensions[0].program("f")->run(0).value, 0u);
  other.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(30));
}

TEST_P(Replace, NobodyIsRefusedWhileVersionsChange) {
  const auto code = [](int version) {
    return fmt::format("u64 last; SEC(\"t\") u64 f(u64 a) {{ last = {0}; return {0}; }} SEC(\"t\") u64 g(u64 a) {{ return {0}; }}", version);
  };
  constexpr int kVersions = 12;
  std::vector<std::filesystem::path> objects;
  std::vector<std::unique_ptr<test::Scratch>> scratches;
  for (int i = 0; i < kVersions; ++i) objects.push_back(scratches.emplace_back(std::make_unique<test::Scratch>())->compile(interface_, code(i)));
  const auto extension = Engine(interface_).load(objects[0], options());
  ASSERT_TRUE(extension);
  const Program f = *extension->program("f"), g = *extension->program("g");
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> runs = 0, wrong = 0, backwards = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      std::uint64_t seen = 0;
      for (; !stop; ++runs) {
        for (const Program* program : {&f, &g}) {
          const Outcome outcome = program->run(0);
          if (outcome.kind != Outcome::Kind::returned || outcome.value >= kVersions) ++wrong;
          if (outcome.value < seen) ++backwards;
          seen = outcome.value;
        }
      }
    });
  }
  for (int i = 1; i < kVersions; ++i) {
    for (const std::uint64_t before = runs; runs < before + 3;) std::this_thread::yield();
    const auto done = Engine(interface_).replace(*extension, objects[i], options(), seconds(60));
    EXPECT_TRUE(done) << to_text(done.error());
    EXPECT_EQ(f.run(0).value, static_cast<std::uint64_t>(i));
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(backwards, 0u) << "all programs change over at once";
}

INSTANTIATE_TEST_SUITE_P(Backends, Replace, ::testing::Values(Backend::native, Backend::interpreter),
                         [](const auto& tested) { return tested.param == Backend::native ? "native" : "interpreted"; });

}  // namespace
}  // namespace tenon
