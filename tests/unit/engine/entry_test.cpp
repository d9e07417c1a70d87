// SPDX-License-Identifier: Apache-2.0
// What a level keeps from one run of a program to the next must be as a run that begins wants it, whatever ended the last one.
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/mman.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <tenon/engine.hpp>

#include "unit/engine/compile.hpp"

namespace tenon {
namespace {

constexpr auto kInterface = R"(
  interface entry;
  type box rc drop=box_put;
  fn other(n: u64) -> u64;
  fn box_put(b: own box);
  hook t(a: u64) -> u64 default 99;
  hook given(b: own box, a: u64) -> u64 default 99;
)";

std::optional<Program> other_program;
std::uint64_t run_other(std::uint64_t n) { return other_program->run(n).value; }

std::uint64_t a_box, boxes_back;
void box_put(std::uint64_t*) { ++boxes_back; }

std::optional<Extension> loaded;  ///< the last one
Program load(const std::string& text, const LoadOptions& options = {}) {
  static const test::Scratch scratch;
  auto interface = Interface::parse(kInterface, "entry.tni");
  if (!interface) throw std::runtime_error(to_text(interface.error()));
  for (const auto& bound : {interface->bind<&run_other>("other"), interface->bind<&box_put>("box_put")}) {
    if (!bound) throw std::runtime_error(to_text(bound.error()));
  }
  const auto extension = Engine(*interface).load(scratch.compile(*interface, "#include <tn/exception.h>\n" + text), options);
  if (!extension) throw std::runtime_error(to_text(extension.error()));
  loaded = *extension;
  return extension->programs().front();
}

/// Runs `body` on a thread whose stack is [stack, +bytes).
void on_stack(char* stack, std::size_t bytes, void (*body)(void*), void* argument) {
  struct Call {
    void (*body)(void*);
    void* argument;
  } call{body, argument};
  pthread_attr_t attributes;
  pthread_t thread{};
  ASSERT_EQ(::pthread_attr_init(&attributes), 0);
  ASSERT_EQ(::pthread_attr_setstack(&attributes, stack, bytes), 0);
  ASSERT_EQ(::pthread_create(
                &thread, &attributes,
                [](void* p) -> void* {
                  static_cast<Call*>(p)->body(static_cast<Call*>(p)->argument);
                  return nullptr;
                },
                &call),
            0);
  ASSERT_EQ(::pthread_join(thread, nullptr), 0);
  ::pthread_attr_destroy(&attributes);
}

/// One thread after the other has the same slot. The second one's stack lies below the first one's.
TEST(Entry, TheNextThreadOnTheSlotHasItsOwnStack) {
  constexpr std::size_t kStack = 1 << 20;
  static Program program = load(
      "u64 zero; static __attribute__((noinline)) u64 down(u64 n) { return n ? down(n - 1) + *(volatile u64 *)&zero : 7; }"
      " SEC(\"t\") u64 f(u64 a) { return down(a); }");
  auto* const stacks = static_cast<char*>(::mmap(nullptr, 2 * kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(stacks, MAP_FAILED);
  static std::vector<Outcome> outcomes;
  outcomes.clear();
  const auto body = [](void*) {
    for (const std::uint64_t depth : {100, 10'000'000, 100})
      outcomes.push_back(program.run(depth));  // the last one leaves its level ready for the next
  };
  on_stack(stacks + kStack, kStack, body, nullptr);
  on_stack(stacks, kStack, body, nullptr);
  on_stack(stacks + kStack, kStack, body, nullptr);
  ::munmap(stacks, 2 * kStack);
  ASSERT_EQ(outcomes.size(), 9u);
  for (std::size_t i = 0; i < outcomes.size(); i += 3) {
    EXPECT_EQ(outcomes[i].value, 7u) << i << ' ' << to_string(outcomes[i].cause);
    EXPECT_EQ(outcomes[i + 1].cause, Cause::stack) << i;
    EXPECT_EQ(outcomes[i + 2].value, 7u) << i << ' ' << to_string(outcomes[i + 2].cause);
  }
}

/// The second run finds everything prepared, but no stack.
TEST(Entry, EachRunLooksForRoomOnTheStack) {
  constexpr std::size_t kStack = 1 << 20;
  static Program program = load("SEC(\"t\") u64 f(u64 a) { return a; }");
  auto* const stack = static_cast<char*>(::mmap(nullptr, kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(stack, MAP_FAILED);
  static std::vector<Outcome> outcomes;
  outcomes.clear();
  const auto far_down = [](void*) {
    outcomes.push_back(program.run(1));
    auto* const used = static_cast<volatile char*>(__builtin_alloca(kStack - (24 << 10)));  // 64 KiB are a host function's
    used[0] = 1;
    outcomes.push_back(program.run(2));
  };
  on_stack(stack, kStack, far_down, nullptr);
  ::munmap(stack, kStack);
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_EQ(outcomes[0].value, 1u);
  EXPECT_EQ(outcomes[1].cause, Cause::stack) << outcomes[1].value;
}

/// The watchdog sleeps when nothing has run for a while.
TEST(Entry, AfterAPauseTheQuantumCounts) {
  const Program program = load("u64 turns; SEC(\"t\") u64 f(u64 a) { while (a) *(volatile u64 *)&turns += 1; return 1; }");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(program.run(0).value, 1u);
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    std::atomic<bool> done{false};
    std::thread gives_up([&] {
      for (int n = 0; n < 1000 && !done.load(); ++n) std::this_thread::sleep_for(std::chrono::milliseconds(10));
      if (!done.load()) loaded->cancel();
    });
    EXPECT_EQ(program.run(1).cause, Cause::quantum);
    done.store(true);
    gives_up.join();
    EXPECT_EQ(program.run(0).value, 1u) << "so that the next one is not the first on its level";
  }
}

/// A cleanup runs in a quantum of its own, 1 ms, and the run after it in the program's.
TEST(Entry, AfterACleanupTheQuantumIsTheProgramsAgain) {
  const Program program = load(R"(
    u64 turns;
    static void clean(u64 n) { }
    SEC("t") u64 f(u64 a) {
      if (a == 0) { tn_defer(clean, 1); return 0; }
      for (u64 i = 0; i < a; i++) *(volatile u64 *)&turns += 1;
      return 1; })",
                               {.quantum = std::chrono::seconds(100)});
  const auto cpu_ns = [] {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec);
  };
  std::uint64_t turns = 1'000'000;
  for (std::uint64_t used = 0; used < 20'000'000; turns *= 2) {  // long enough to be stopped twenty times over
    const std::uint64_t before = cpu_ns();
    ASSERT_EQ(program.run(turns).value, 1u);
    used = cpu_ns() - before;
  }
  ASSERT_EQ(program.run(0).value, 0u);
  const Outcome outcome = program.run(turns);
  EXPECT_EQ(outcome.value, 1u) << to_string(outcome.cause);
}

/// A run that is ended deep inside leaves its stack in the heap where it was.
TEST(Entry, TheStackInTheHeapIsEmptyAgain) {
  const Program program = load(R"(
    u64 *volatile nowhere;
    static __attribute__((noinline)) u64 deep(u64 n, u64 *above) {
      u64 here[32];

      here[n & 31] = n;
      *above = (u64)here;
      if (n == 0)
        return *nowhere;
      return deep(n - 1, here) + here[n & 31];
    }
    SEC("t") u64 f(u64 a) { u64 top[32]; top[0] = 0; return a ? deep(a, top) : 5; })");
  const Outcome first = program.run(100);
  ASSERT_EQ(first.cause, Cause::fault) << to_string(first.cause);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(program.run(100).cause, Cause::fault) << i;
  EXPECT_EQ(program.run(0).value, 5u);
}

/// Both programs want the outermost level, one after the other and one inside the other.
TEST(Entry, ProgramsOnOneThreadDoNotMeet) {
  const Program adds = load("SEC(\"t\") u64 f(u64 a) { return a + 1; }"),
                faults = load("u64 *volatile nowhere; SEC(\"t\") u64 f(u64 a) { return a ? *nowhere : 3; }"),
                calls = load("SEC(\"t\") u64 f(u64 a) { return other(a) + 1; }"),
                interpreted = load("SEC(\"t\") u64 f(u64 a) { return a + 2; }", {.backend = Backend::interpreter});
  for (int round = 0; round < 20; ++round) {
    EXPECT_EQ(adds.run(1).value, 2u);
    EXPECT_EQ(faults.run(1).cause, Cause::fault);
    EXPECT_EQ(interpreted.run(1).value, 3u);
    EXPECT_EQ(faults.run(0).value, 3u);
    EXPECT_EQ(interpreted.run(1).value, 3u);
    EXPECT_EQ(faults.run(1).cause, Cause::fault);  // that its code lies where it lies must be known again
    EXPECT_EQ(adds.run(2).value, 3u);
    for (const Program& inner : {adds, faults, interpreted}) {
      other_program = inner;
      EXPECT_EQ(calls.run(1).value, inner.run(1).value + 1);
      EXPECT_EQ(calls.run(1).value, inner.run(1).value + 1);
    }
    EXPECT_EQ(faults.run(0).value, 3u);
  }
  other_program.reset();
}

/// What the hook gives away is held from the start, in every run.
TEST(Entry, EachRunHoldsWhatItIsGiven) {
  const Program program = load("SEC(\"given\") u64 f(struct box *b, u64 a) { if (a) bpf_throw(a); box_put(b); return 1; }");
  boxes_back = 0;
  for (std::uint64_t i = 0; i < 10; ++i) {
    const Outcome outcome = program.run(reinterpret_cast<std::uint64_t>(&a_box), i % 3);
    EXPECT_EQ(outcome.kind, i % 3 == 0 ? Outcome::Kind::returned : Outcome::Kind::thrown);
    EXPECT_EQ(boxes_back, i + 1);
  }
}

/// Its memory may hold another program's numbers by then.
TEST(Entry, AProgramThatIsGoneLeavesNothingToTheNext) {
  for (std::uint64_t i = 0; i < 10; ++i) {
    const Program program = load("SEC(\"t\") u64 f(u64 a) { return a + " + std::to_string(i) + "; }", {.heap_bytes = 64 << 10});
    for (std::uint64_t a = 0; a < 3; ++a) ASSERT_EQ(program.run(a).value, a + i);
  }
}

}  // namespace
}  // namespace tenon
