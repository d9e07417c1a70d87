// SPDX-License-Identifier: Apache-2.0
// The quantum, nested invocations, and the races around both.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <random>
#include <thread>

#include "unit/runtime/test_host.hpp"

namespace tenon::runtime::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::microseconds;

std::uint64_t thread_cpu_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec);
}

void burn(std::uint64_t ns) {
  for (const std::uint64_t end = thread_cpu_ns() + ns; thread_cpu_ns() < end;) {
  }
}

Assembler endless() {
  Assembler code;
  code.instruction(0);
  code.enter();
  code.instruction(6);
  code.loop_forever();
  return code;
}

Assembler endless_calls() {
  Assembler code;
  code.enter();
  const auto again = code.here();
  code.call_host(3, function("call"));
  code.jump(again);
  return code;
}

TEST(Quantum, EndsAnEndlessLoopAndNotBeforeItsTime) {
  const auto program = install(endless(), make_heap(), {milliseconds(10)});
  for (int i = 0; i < 5; ++i) {
    const std::uint64_t before = thread_cpu_ns();
    const Outcome outcome = run(program);
    EXPECT_EQ(outcome.kind, Outcome::Kind::cancelled);
    EXPECT_EQ(outcome.cause, Cause::quantum);
    EXPECT_EQ(outcome.instruction, 1006u);
    EXPECT_EQ(outcome.value, 77u);
    EXPECT_GE(thread_cpu_ns() - before, 10'000'000u);
  }
}

TEST(Quantum, EndsALoopOfHostCallsBetweenTwoOfThem) {
  const auto program = install(endless_calls(), make_heap(), {milliseconds(5)});
  bool inside = false;
  script.on_call = [&](std::uint64_t) {
    EXPECT_FALSE(inside);
    inside = true;
    burn(20'000);
    inside = false;
    return 0;
  };
  const Outcome outcome = run(program);
  script.on_call = nullptr;
  EXPECT_EQ(outcome.cause, Cause::quantum);
  EXPECT_FALSE(inside);
}

/// Rules 12 and 14: a host function runs to its end, undisturbed: no signal interrupts it.
TEST(Quantum, AHostFunctionIsNeverInterrupted) {
  Assembler code;
  code.enter();
  code.call_host(3, function("call"));
  code.instruction(8);
  code.loop_forever();
  const auto program = install(code, make_heap(), {milliseconds(2)});
  bool finished = false;
  int interrupted = 0;
  script.on_call = [&](std::uint64_t) {
    burn(10'000'000);
    for (int i = 0; i < 20; ++i) interrupted += ::usleep(500) != 0;
    finished = true;
    return 0;
  };
  const Outcome outcome = run(program);
  script.on_call = nullptr;
  EXPECT_EQ(outcome.cause, Cause::quantum);
  EXPECT_EQ(outcome.instruction, 1003u);
  EXPECT_TRUE(finished);
  EXPECT_EQ(interrupted, 0);
}

/// Rule 13: a quantum is CPU time.
TEST(Quantum, SleepingIsFree) {
  Assembler code;
  code.enter();
  code.call_host(3, function("call"));
  code.set(rax, 5);
  code.leave();
  const auto program = install(code, make_heap(), {milliseconds(20)});
  script.on_call = [](std::uint64_t) {
    ::usleep(60'000);
    return 0;
  };
  EXPECT_EQ(run(program).value, 5u);
  script.on_call = nullptr;
}

TEST(Quantum, ZeroMeansNone) {
  Assembler code;
  code.enter();
  code.call_host(3, function("call"));
  code.leave();
  const auto program = install(code, make_heap(), {milliseconds(0)});
  const auto watched = install(endless(), make_heap(), {milliseconds(1)});
  script.on_call = [](std::uint64_t) {
    burn(30'000'000);
    return 5;
  };
  EXPECT_EQ(run(program).value, 5u);
  script.on_call = nullptr;
}

TEST(Quantum, WakesAWatchdogThatSleeps) {
  const auto program = install(endless(), make_heap(), {milliseconds(5)});
  for (int i = 0; i < 2; ++i) {
    std::this_thread::sleep_for(milliseconds(500));
    EXPECT_EQ(run(program).cause, Cause::quantum);
  }
}

TEST(Quantum, ReleasesWhatIsHeld) {
  Assembler code;
  code.enter();
  code.set(rdi, 4);
  code.call_host(1, function("get"));
  code.set(rdi, 5);
  code.call_host(1, function("get"));
  code.loop_forever();
  script.put.clear();
  const auto program = install(code, make_heap(), {milliseconds(2)});
  EXPECT_EQ(run(program).cause, Cause::quantum);
  EXPECT_EQ(script.put, (std::vector<std::uint64_t>{5, 4}));
}

TEST(Quantum, StopsABulkOperationBetweenChunks) {
  constexpr std::uint64_t bytes = 256ull << 20;
  const auto heap = make_heap(1ull << 30, 0, 0);
  ASSERT_EQ(heap->grow(bytes), heap->globals_address());
  Assembler code;
  code.enter();
  const auto again = code.here();
  code.set(rdi, abi::Relocation::Kind::globals);
  code.set(rsi, 1);
  code.set(rdx, bytes);
  code.call_host(2, function("tn_fill"), 1);
  code.jump(again);
  const auto program = install(code, heap, {milliseconds(1)});
  const std::uint64_t before = thread_cpu_ns();
  EXPECT_EQ(run(program).cause, Cause::quantum);
  // Filling it all for the first time takes longer than that.
  EXPECT_LT(thread_cpu_ns() - before, 25'000'000u);
  EXPECT_NE(*reinterpret_cast<const volatile char*>(heap->globals_address()), 0);
  EXPECT_EQ(*reinterpret_cast<const volatile char*>(heap->globals_address() + bytes - 1), 0);
}

/// Rule 12: an exit waits for the signal that is on its way. Here the host blocks it meanwhile, so without waiting it would still be pending.
TEST(Quantum, NoSignalIsLeftBehind) {
  Assembler code;
  code.enter();
  const auto again = code.here();
  code.call_host(3, function("call"));
  code.set(rcx, 2'000'000);
  code.raw({0x48, 0xff, 0xc9, 0x75, 0xfb});  // dec rcx; jnz: long enough to be seen in compiled code
  code.jump(again);
  const auto program = install(code, make_heap(), {milliseconds(2)});
  sigset_t all, before;
  sigfillset(&all);
  run(install(endless(), make_heap(), {milliseconds(1)}));  // registered, so the mask is the host's from here on
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(run(program).cause, Cause::quantum);
    sigset_t pending;
    sigpending(&pending);
    for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) EXPECT_FALSE(sigismember(&pending, signal)) << signal;
  }
  sigset_t after;
  ::pthread_sigmask(SIG_SETMASK, &before, &after);
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) EXPECT_TRUE(sigismember(&after, signal)) << "the host's mask was changed";
}

/// Rule 15: a thread that blocks everything is stopped all the same.
TEST(Quantum, RegistrationUnblocksWhatTheRuntimeNeeds) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        sigset_t all;
        sigfillset(&all);
        ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
        Assembler hole;
        hole.set(rax, abi::Relocation::Kind::heap_base);
        hole.load(rax, rax);
        if (run(install(hole)).cause != Cause::fault) ::_exit(1);
        ::_exit(run(install(endless(), make_heap(), {milliseconds(2)})).cause == Cause::quantum ? 0 : 2);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST(Quantum, StopsGrowingBetweenSteps) {
  const auto heap = make_heap(4ull << 30, 0, 0);
  Assembler code;
  code.enter();
  code.set(rdi, 2ull << 30);
  code.call_host(2, function("tn_grow"));
  code.loop_forever();
  const auto program = install(code, heap, {milliseconds(1)});
  const Outcome outcome = run(program);
  EXPECT_EQ(outcome.cause, Cause::quantum);
  EXPECT_EQ(outcome.instruction, 1002u);
  EXPECT_EQ(heap->granted_bytes(), 0u);
  EXPECT_NE(heap->grow(4096), 0u);
}

// Nesting -------------------------------------------------------------------------------------------------------------------------------------

/// Calls `call` once, then returns what it gave.
std::shared_ptr<Installed> outer_program(milliseconds quantum) {
  Assembler code;
  code.enter();
  code.set(rdi, 8);
  code.call_host(1, function("get"));
  code.copy(rbx, rax);
  code.call_host(2, function("call"));
  code.copy(r12, rax);
  code.copy(rdi, rbx);
  code.call_host(3, function("put"));
  code.copy(rax, r12);
  code.leave();
  return install(code, make_heap(), {quantum});
}

TEST(Nesting, TheInnerOneEndsAloneAndTheOuterGoesOn) {
  script.put.clear();
  const auto inner = install(endless(), make_heap(), {milliseconds(5)});
  const auto outer = outer_program(milliseconds(10'000));
  Outcome inside;
  script.on_call = [&](std::uint64_t) {
    inside = run(inner);
    return 123;
  };
  const Outcome outcome = run(outer);
  script.on_call = nullptr;
  EXPECT_EQ(inside.cause, Cause::quantum);
  EXPECT_EQ(outcome.value, 123u);
  EXPECT_EQ(script.put, (std::vector<std::uint64_t>{8}));
}

TEST(Nesting, TheOutersQuantumEndsBoth) {
  script.put.clear();
  const auto inner = install(endless(), make_heap(), {milliseconds(0)});
  const auto outer = outer_program(milliseconds(5));
  Outcome inside;
  bool host_finished = false;
  script.on_call = [&](std::uint64_t) {
    inside = run(inner);
    host_finished = true;
    return 123;
  };
  const Outcome outcome = run(outer);
  script.on_call = nullptr;
  EXPECT_EQ(inside.cause, Cause::quantum);
  EXPECT_TRUE(host_finished);
  EXPECT_EQ(outcome.cause, Cause::quantum);
  EXPECT_EQ(outcome.instruction, 1002u);
  EXPECT_EQ(script.put, (std::vector<std::uint64_t>{8}));
}

TEST(Nesting, AFaultInsideStaysInside) {
  Assembler code;
  code.set(rax, abi::Relocation::Kind::heap_base);
  code.load(rax, rax);
  const auto inner = install(code);
  const auto outer = outer_program(milliseconds(0));
  script.on_call = [&](std::uint64_t) { return static_cast<std::uint64_t>(run(inner).cause); };
  EXPECT_EQ(run(outer).value, static_cast<std::uint64_t>(Cause::fault));
  script.on_call = nullptr;
}

TEST(Nesting, ARequestMeansTheInnermost) {
  const auto outer = outer_program(milliseconds(0));
  const auto inner = outer_program(milliseconds(0));
  int depth = 0;
  Outcome inside;
  script.on_call = [&](std::uint64_t) -> std::uint64_t {
    if (++depth == 2) {
      throw_in_current_invocation(66);
      return 0;
    }
    inside = run(inner);
    return 5;
  };
  EXPECT_EQ(run(outer).value, 5u);
  script.on_call = nullptr;
  EXPECT_EQ(inside.kind, Outcome::Kind::thrown);
  EXPECT_EQ(inside.value, 66u);
}

TEST(Nesting, IsBounded) {
  const auto program = outer_program(milliseconds(0));
  std::uint64_t depth = 0;
  Cause deepest = Cause::none;
  script.on_call = [&](std::uint64_t) {
    ++depth;
    const Outcome outcome = run(program);
    if (outcome.kind == Outcome::Kind::cancelled) deepest = outcome.cause;
    return 0;
  };
  script.put.clear();
  EXPECT_EQ(run(program).kind, Outcome::Kind::returned);
  script.on_call = nullptr;
  EXPECT_EQ(depth, 8u);
  EXPECT_NE(deepest, Cause::none);
  EXPECT_EQ(script.put.size(), depth);
}

TEST(Nesting, ASessionIsALevelLikeAnyOther) {
  script.put.clear();
  script.taken = 0;
  const auto heap = make_heap();
  const auto outer = outer_program(milliseconds(0));
  RecordCounts counts;
  script.on_call = [&](std::uint64_t what) -> std::uint64_t {
    if (what == 99) {
      cancel_current_invocation();
      return 0;
    }
    HostSession session(heap, test_declarations(), test_interface().bindings());
    const auto token = session.call({1, function("get"), 0}, {3});
    const auto second = session.call({1, function("get"), 0}, {4});
    EXPECT_EQ(token.kind, Outcome::Kind::returned);
    session.call({2, function("put"), 0}, {token.r0});
    EXPECT_NE(second.r0, 0u);
    EXPECT_EQ(session.call({3, function("tn_fill"), 1}, {heap->base(), 0, 1}).cause, Cause::argument);
    EXPECT_EQ(session.call({3, function("call"), 0}, {99}).cause, Cause::argument);  // ended: the first reason stays
    session.finish();
    counts = session.record_counts();
    HostSession cancelled(heap, test_declarations(), test_interface().bindings());
    EXPECT_EQ(cancelled.call({3, function("call"), 0}, {99}).cause, Cause::host_request);
    return 5;
  };
  EXPECT_EQ(run(outer).value, 5u);
  script.on_call = nullptr;
  EXPECT_EQ(script.put, (std::vector<std::uint64_t>{3, 4, 8}));
  EXPECT_EQ(counts.acquired, 2u);
  EXPECT_EQ(counts.released_by_extension, 1u);
  EXPECT_EQ(counts.released_by_cancel, 1u);
}

// Races ---------------------------------------------------------------------------------------------------------------------------------------

/// An empty program right after one that was stopped, again and again: a signal or mark that is late would hit it, or the host's sleep.
TEST(Stress, AStaleCancelNeverHitsTheNextInvocation) {
  const auto stuck = install(endless(), make_heap(), {microseconds(100)});
  Assembler code;
  code.set(rax, 1);
  code.ret();
  const auto innocent = install(code, make_heap(), {milliseconds(1000)});
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(run(stuck).cause, Cause::quantum);
    ASSERT_EQ(run(innocent).kind, Outcome::Kind::returned);
    if (i % 10 == 0) {
      ASSERT_EQ(::usleep(50), 0) << "a signal reached the host";
    }
  }
}

/// Invocations that end by themselves just when their quantum does: each either returns or is cancelled, the next one is untouched, and every token comes back.
TEST(Stress, ThreadsWithRandomEndsAndNestedRuns) {
  const auto heap = make_heap();
  Assembler spin;  // counts r1 down, holding a token, with a host call each time
  spin.enter();
  spin.copy(rbx, rdi);
  spin.set(rdi, 7);
  spin.call_host(1, function("get"));
  spin.copy(r12, rax);
  const auto again = spin.here();
  spin.copy(rdi, rbx);
  spin.call_host(2, function("call"));
  spin.raw({0x48, 0xff, 0xcb});  // dec rbx
  spin.raw({0x0f, 0x85});        // jnz again
  const auto distance = static_cast<std::int32_t>(again - (spin.here() + 4));
  for (int i = 0; i < 4; ++i) spin.raw({distance >> (8 * i) & 0xff});
  spin.copy(rdi, r12);
  spin.call_host(3, function("put"));
  spin.set(rax, 11);
  spin.leave();
  const auto program = install(spin, heap, {microseconds(300)});
  const auto stuck = install(endless(), heap, {microseconds(200)});

  std::atomic<std::uint64_t> returned{0}, cancelled{0}, tokens_got{0}, tokens_put{0};
  const auto body = [&](unsigned seed) {
    std::mt19937 random(seed);
    script.on_call = [&](std::uint64_t value) -> std::uint64_t {
      if (value % 5000 == 1 && random() % 4 == 0) {
        EXPECT_EQ(run(stuck).cause, Cause::quantum);
      }
      return 0;
    };
    for (int i = 0; i < 60; ++i) {
      const Outcome outcome = run(program, 1 + random() % 60'000);
      (outcome.kind == Outcome::Kind::returned ? returned : cancelled).fetch_add(1);
      if (outcome.kind == Outcome::Kind::returned) {
        EXPECT_EQ(outcome.value, 11u);
      } else {
        EXPECT_EQ(outcome.cause, Cause::quantum);
      }
    }
    script.on_call = nullptr;
    tokens_got += script.taken;
    tokens_put += script.put.size();
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 6; ++i) threads.emplace_back(body, i);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(tokens_got, tokens_put);
  EXPECT_GT(cancelled, 0u);
  EXPECT_GT(returned, 0u);
  const RecordCounts counts = program->record_counts();
  EXPECT_EQ(counts.acquired, counts.released_by_cancel + counts.released_by_extension);
}

TEST(Stress, ThreadsComeAndGoWhileTheWatchdogLooks) {
  const auto program = install(endless(), make_heap(), {microseconds(100)});
  for (int round = 0; round < 20; ++round) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] { EXPECT_EQ(run(program).cause, Cause::quantum); });
    }
    for (auto& thread : threads) thread.join();
  }
}

/// Signals of the host's own, all over: its handlers run on top of compiled code and must be left to return.
TEST(Stress, CancelUnderAHostsTimerSignals) {
  static std::atomic<std::uint64_t> ticks{0};
  ticks = 0;
  struct sigaction action {}, before {};
  action.sa_handler = [](int) { ticks.fetch_add(1); };
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGVTALRM, &action, &before);
  timer_t timer{};
  struct sigevent event {};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGVTALRM;
  ASSERT_EQ(::timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
  const itimerspec often{{0, 100'000}, {0, 100'000}};
  ::timer_settime(timer, 0, &often, nullptr);
  const auto program = install(endless(), make_heap(), {microseconds(300)});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(run(program).cause, Cause::quantum);
  ::timer_delete(timer);
  ::sigaction(SIGVTALRM, &before, nullptr);
  EXPECT_GT(ticks, 0u);
}

}  // namespace
}  // namespace tenon::runtime::testing
