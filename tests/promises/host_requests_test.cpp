// SPDX-License-Identifier: Apache-2.0
// docs/safety-contract.md, Stopping: what the host asks for from outside.
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "promises/attack.hpp"

namespace tenon::promises {
namespace {

using std::chrono::milliseconds;

constexpr auto kLoops = R"(
  u64 flag, word;
  SEC("serve") u64 stuck(struct request *r)
  {
    call(r->kind);
    switch (r->kind) {
    case 0: return 7;
    case 1: for (;;) ;
    case 2: for (;;) ++*(volatile u64 *)&word;
    case 3: for (;;) call(3);
    default: while (!*(volatile u64 *)&flag) word += tn_find(&word, 1, sizeof(word)); return 0;
    }
  }
)";

TEST(Promise, TheHostEndsWhatRunsNow) {
  const Object object(kLoops);
  for (const Trigger trigger : {Trigger::signal, Trigger::poll}) {
    const Extension extension = object.load({.quantum = milliseconds(0), .trigger = trigger});
    const Extension other = object.load({.quantum = milliseconds(0), .trigger = trigger});
    for (std::uint64_t kind = 1; kind < 5; ++kind) {
      std::atomic<int> begun = 0;
      std::atomic<bool> done = false;
      std::vector<std::thread> threads;
      for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] {
          bool first = true;
          script.on_call = [&](std::uint64_t) { return begun += std::exchange(first, false), std::uint64_t{0}; };
          const Outcome outcome = run(*extension.program("stuck"), 0, kind);
          EXPECT_EQ(outcome.cause, Cause::host_request);
          EXPECT_EQ(outcome.value, kDefault);
          EXPECT_EQ(run(*extension.program("stuck")).value, 7u) << "it starts after the cancel";
        });
      }
      std::thread innocent([&] {
        while (!done) EXPECT_EQ(run(*other.program("stuck")).value, 7u);
      });
      while (begun != 3) std::this_thread::yield();
      extension.cancel();
      for (std::thread& thread : threads) thread.join();
      done = true;
      innocent.join();
    }
    EXPECT_EQ(extension.cancel_counts()[Cause::host_request], 12u);
  }
}

TEST(Promise, AfterUnloadNothingRuns) {
  const Object object(kLoops);
  for (int round = 0; round < 20; ++round) {
    const Extension extension = object.load({.quantum = milliseconds(0), .trigger = round % 2 == 0 ? Trigger::signal : Trigger::poll});
    const Program program = *extension.program("stuck");
    std::atomic<int> begun = 0;
    std::atomic<bool> unloaded = false, late = false;
    std::vector<std::thread> threads;
    for (std::uint64_t i = 0; i < 3; ++i) {
      threads.emplace_back([&, i] {
        script.on_call = [&](std::uint64_t) {
          if (unloaded) late = true;
          ++begun;
          return std::uint64_t{0};
        };
        Outcome outcome;
        while ((outcome = run(program, 0, i)).cause != Cause::unloaded) {
        }
        EXPECT_EQ(outcome.value, kDefault);
      });
    }
    while (begun < 3) std::this_thread::yield();
    extension.unload();
    unloaded = true;
    for (std::thread& thread : threads) thread.join();
    ASSERT_FALSE(late);
  }
}

TEST(Promise, WhatFollowsACancellationIsThePolicys) {
  const Object object(kLoops);
  using Action = AfterCancel::Action;
  const struct {
    AfterCancel policy;
    Cause after_one, after_two;
  } rows[] = {
      {{}, Cause::none, Cause::none},
      {{.action = Action::detach}, Cause::detached, Cause::detached},
      {{.action = Action::unload, .count = 2}, Cause::none, Cause::unloaded},
      {{.action = Action::retry, .count = 2, .first_delay = std::chrono::seconds(10)}, Cause::none, Cause::backing_off},
  };
  for (const auto& row : rows) {
    const Extension extension = object.load({.quantum = milliseconds(2), .after_cancel = row.policy});
    const Program program = *extension.program("stuck");
    int calls = 0;
    script.on_call = [&](std::uint64_t) { return ++calls, std::uint64_t{0}; };
    EXPECT_EQ(run(program, 0, 1).cause, Cause::quantum);
    EXPECT_EQ(run(program).cause, row.after_one);
    if (row.after_one == Cause::none) run(program, 0, 2);
    calls = 0;
    const Outcome last = run(program);
    EXPECT_EQ(last.cause, row.after_two);
    EXPECT_EQ(calls, row.after_two == Cause::none ? 1 : 0);
    EXPECT_EQ(last.value, row.after_two == Cause::none ? 7u : kDefault);
  }
}

/// Loops, recursion, and calls without either that would take 2^60 turns.
TEST(Promise, PollingStopsWithoutASignal) {
  const Object object(R"(
    u64 flag, word;
    static __attribute__((noinline)) u64 down(u64 n) { return *(volatile u64 *)&flag ? n : down(n + 1) + down(n + 2); }
    #define TWICE(f, g) static __attribute__((noinline)) u64 f(u64 n) { word += n; return g(n + 1) ^ g(n + 2); }
    static __attribute__((noinline)) u64 f0(u64 n) { return n + *(volatile u64 *)&flag; }
    TWICE(f1, f0) TWICE(f2, f1) TWICE(f3, f2) TWICE(f4, f3) TWICE(f5, f4) TWICE(f6, f5) TWICE(f7, f6)
    #define AGAIN(f, g) static __attribute__((noinline)) u64 f(u64 n) { word += n; return g(n + 1) ^ g(n + 2) ^ g(n + 3) ^ g(n + 4) ^ g(n + 5) ^ g(n + 6) ^ g(n + 7) ^ g(n + 8) ^ g(n + 9) ^ g(n + 10) ^ g(n + 11) ^ g(n + 12) ^ g(n + 13) ^ g(n + 14) ^ g(n + 15) ^ g(n + 16); }
    AGAIN(g0, f7) AGAIN(g1, g0) AGAIN(g2, g1) AGAIN(g3, g2) AGAIN(g4, g3) AGAIN(g5, g4)
    SEC("serve") u64 stuck(struct request *r)
    {
      volatile u64 local = 0;

      switch (r->kind) {
      case 0: return 7;
      case 1: for (;;) ;
      case 2: while (!*(volatile u64 *)&flag) ; return 0;
      case 3: for (;;) ++local;
      case 4: for (u64 i = 0; i < 1ull << 40; i++) for (u64 j = 0; j < i; j++) *(volatile u64 *)&word += j; return 0;
      case 5: return down(0) & 1;
      default: return g5(0) & 1;
      }
    }
  )");
  const Program program = load(object, "stuck", {.quantum = milliseconds(3), .trigger = Trigger::poll});
  script.on_call = nullptr;
  EXPECT_EQ(run(program).value, 7u);
  sigset_t blocked, before;
  sigfillset(&blocked);
  sigdelset(&blocked, SIGSEGV);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
  for (std::uint64_t kind = 1; kind < 7; ++kind) {
    const std::uint64_t begin = thread_cpu_ns();
    const Cause cause = run(program, 0, kind).cause;
    EXPECT_TRUE(cause == Cause::quantum || (kind == 5 && cause == Cause::stack)) << kind << ' ' << to_string(cause);
    EXPECT_LT(thread_cpu_ns() - begin, 500'000'000u) << kind;
    EXPECT_EQ(run(program).value, 7u) << "the page is open again";
    sigset_t pending;
    sigpending(&pending);
    for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) EXPECT_FALSE(sigismember(&pending, signal));
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST(Promise, OnlyInterruptibleFunctionsAreInterrupted) {
  const Object object("SEC(\"serve\") u64 f(struct request *r) { u64 n = r->kind ? pause(1) : call(1); for (;;) n++; }");
  const Extension extension = object.load({.quantum = milliseconds(0)});
  for (const std::uint64_t interruptible : {0, 1}) {
    std::atomic<bool> inside = false;
    int error = 0;
    Outcome outcome;
    std::thread thread([&] {
      script.on_call = [&](std::uint64_t) {
        inside = true;
        if (interruptible != 0) {
          while (!must_return()) error = ::poll(nullptr, 0, 5000) == 0 ? 0 : errno;
        } else {
          for (int i = 0; i < 100; ++i) error |= ::usleep(500);
          EXPECT_TRUE(must_return());
        }
        return std::uint64_t{0};
      };
      outcome = run(*extension.program("f"), 0, interruptible);
    });
    while (!inside) std::this_thread::yield();
    extension.cancel();
    thread.join();
    EXPECT_EQ(outcome.cause, Cause::host_request);
    EXPECT_EQ(error, interruptible != 0 ? EINTR : 0);
  }
}

}  // namespace
}  // namespace tenon::promises
