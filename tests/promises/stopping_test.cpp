// SPDX-License-Identifier: Apache-2.0
// docs/safety-contract.md, Stopping.
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#include <xmmintrin.h>

#include <atomic>
#include <csetjmp>
#include <thread>

#include "promises/attack.hpp"

namespace tenon::promises {
namespace {

using std::chrono::milliseconds;

void burn(milliseconds time) {
  const std::uint64_t end = thread_cpu_ns() + static_cast<std::uint64_t>(std::chrono::nanoseconds(time).count());
  while (thread_cpu_ns() < end) {
  }
}

/// Kinds 0 and 12 end by themselves, 12 after some microseconds.
constexpr auto kStuck = R"(
  u64 flag, word; u8 bytes[1 << 20]; struct node { struct node *next; } one = {&one};
  static __attribute__((noinline)) u64 work(u64 n) { return n + *(volatile u64 *)&flag; }
  SEC("serve") u64 stuck(struct request *r)
  {
    volatile u64 local = 0;

    switch (r->kind) {
    case 0: return 7;
    case 1: for (;;) ;
    case 2: while (!*(volatile u64 *)&flag) ; return 0;
    case 3: for (;;) ++*(volatile u64 *)&word;
    case 4: for (;;) ++local;
    case 5: for (u64 n = 0;; n = work(n)) ;
    case 6: for (;;) tn_fill(bytes, 1, sizeof bytes);
    case 7: for (;;) call(0);
    case 8: for (u64 i = 0; i < 1ull << 40; i++) for (u64 j = 0; j < i; j++) *(volatile u64 *)&word += j; return 0;
    case 9: for (struct node *n = &one; n; n = *(struct node *volatile *)&n->next) ; return 0;
    case 10: for (;;) __sync_fetch_and_add(&word, 1);
    case 12: for (u64 i = 0; i < 20000; i++) *(volatile u64 *)&word; return 7;
    default: for (;;) { struct ticket *t = take(1); if (!t) return 0; give_back(t); }
    }
  }
)";
constexpr std::uint64_t kWaysToBeStuck = 12;

TEST(Promise, TheQuantumStopsWhatever) {
  const Object object(kStuck);
  const Program program = load(object, "stuck", {.quantum = milliseconds(3)});
  script.on_call = nullptr;
  for (std::uint64_t kind = 1; kind < kWaysToBeStuck; ++kind) {
    const std::uint64_t before = thread_cpu_ns();
    const Outcome outcome = run(program, 0, kind);
    const std::uint64_t spent = thread_cpu_ns() - before;
    EXPECT_EQ(outcome.cause, Cause::quantum) << kind;
    EXPECT_EQ(outcome.value, kDefault);
    EXPECT_GE(spent, 3'000'000u) << kind;
    EXPECT_LT(spent, 500'000'000u) << kind;
  }
  const Object sleeper("SEC(\"serve\") u64 sleeps(struct request *r) { return call(0); }");
  script.on_call = [](std::uint64_t) {
    ::usleep(30'000);
    return std::uint64_t{5};
  };
  EXPECT_EQ(run(load(sleeper, "sleeps", {.quantum = milliseconds(3)})).value, 5u) << "sleeping is not CPU time";
}

TEST(Promise, HostFunctionsRunToTheirEnd) {
  const Object object(R"(
    u64 flag, after;
    SEC("serve") u64 outer(struct request *r) { u64 n = call(r->number); after++; return n + after; }
    SEC("serve") u64 stuck(struct request *r) { while (!*(volatile u64 *)&flag) ; return 0; }
    SEC("serve") u64 calls(struct request *r) { for (;;) call(1); }
  )");
  LoadOptions options;
  options.quantum = std::chrono::seconds(1);
  const Extension slow = object.load(options);
  options.quantum = milliseconds(2);
  const Extension extension = object.load(options);
  int begun = 0, ended = 0, interrupted = 0;
  script.on_call = [&](std::uint64_t) {
    ++begun;
    burn(milliseconds(5));
    interrupted += ::usleep(200) != 0;
    ++ended;
    return std::uint64_t{1};
  };
  EXPECT_EQ(run(*extension.program("calls")).cause, Cause::quantum);
  EXPECT_EQ(begun, ended);
  EXPECT_EQ(interrupted, 0);
  // A host function that runs another extension comes back to its own caller.
  Outcome inner;
  script.on_call = [&](std::uint64_t) {
    inner = run(*extension.program("stuck"));
    ++ended;
    return std::uint64_t{40};
  };
  ended = 0;
  const Outcome outer = run(*slow.program("outer"));
  EXPECT_EQ(inner.cause, Cause::quantum);
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(outer.kind, Outcome::Kind::returned);
  EXPECT_EQ(outer.value, 41u);
}

TEST(Promise, OnlyTheStuckOneIsStopped) {
  const Object object(kStuck);
  const Program stuck = load(object, "stuck", {.quantum = std::chrono::microseconds(300)});
  const Program innocent = load(object, "stuck", {.quantum = std::chrono::seconds(1)});
  const auto alternate = [&] {
    for (int i = 0; i < 150; ++i) {
      EXPECT_EQ(run(stuck, 0, 2 + static_cast<std::uint64_t>(i) % 3).cause, Cause::quantum);
      for (int j = 0; j < 20; ++j) ASSERT_EQ(run(innocent).value, 7u) << "after stop " << i;
    }
  };
  std::atomic<bool> done = false;
  std::thread busy([&] {
    while (!done) EXPECT_EQ(run(innocent, 0, 12).value, 7u);
  });
  std::thread other(alternate);
  alternate();
  other.join();
  done = true;
  busy.join();
}

void* on_a_small_stack(void* program) {
  const auto& recursive = *static_cast<const Program*>(program);
  for (std::uint64_t kind = 0; kind < 3; ++kind) {
    EXPECT_EQ(run(recursive, 1, kind).cause, Cause::stack) << kind;
    EXPECT_EQ(run(recursive, 0, kind).kind, Outcome::Kind::returned) << kind;
  }
  return nullptr;
}

TEST(Promise, RecursionEndsBeforeTheStack) {
  const Object object(R"(
    static __attribute__((noinline)) u64 down(u64 on, u64 n) { return on ? (down(on, n + 1) ^ n) + 1 : n; }
    static __attribute__((noinline)) u64 large(u64 on, u64 n) { volatile u64 a[60]; a[0] = a[59] = n; return on ? large(on, n + 1) + a[0] + a[59] : n; }
    static __attribute__((noinline)) u64 ping(u64 on, u64 n);
    static __attribute__((noinline)) u64 pong(u64 on, u64 n) { return on ? ping(on, n + 1) * 3 : n; }
    static __attribute__((noinline)) u64 ping(u64 on, u64 n) { call(n); return on ? pong(on, n + 1) * 5 : n; }
    SEC("serve") u64 recurse(struct request *r)
    {
      return r->kind == 0 ? down(r->number, 0) : r->kind == 1 ? large(r->number, 0) : ping(r->number, 0);
    }
  )");
  script.on_call = nullptr;
  Program program = load(object, "recurse", {.quantum = std::chrono::seconds(5)});
  on_a_small_stack(&program);
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, 256 << 10);
  pthread_t thread{};
  ASSERT_EQ(::pthread_create(&thread, &attributes, on_a_small_stack, &program), 0);
  ::pthread_join(thread, nullptr);
  ::pthread_attr_destroy(&attributes);
}

sigjmp_buf recovery;
int host_faults = 0;
volatile int* volatile nowhere = reinterpret_cast<int*>(64);  // no null pointer: UBSan would see that first

void host_handler(int, siginfo_t*, void*) {
  ++host_faults;
  siglongjmp(recovery, 1);
}

TEST(Promise, TheHostsFaultsReachTheHost) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        struct sigaction action{};
        action.sa_sigaction = host_handler;
        action.sa_flags = SA_SIGINFO | SA_NODEFER;
        ::sigaction(SIGSEGV, &action, nullptr);
        const Object object("u64 *p; SEC(\"serve\") u64 f(struct request *r) { return r->kind ? call(1) : *p; }");
        const Program program = load(object, "f");
        while (host_faults < 3) {
          if (run(program).cause != Cause::fault) ::_exit(1);
          if (sigsetjmp(recovery, 1) == 0) *nowhere = 1;
        }
        if (host_faults != 3) ::_exit(4);
        script.on_call = [](std::uint64_t) {
          if (sigsetjmp(recovery, 1) == 0) *nowhere = 1;
          return std::uint64_t{5};
        };
        if (run(program, 0, 1).value != 5) ::_exit(2);
        ::_exit(host_faults == 4 ? 0 : 3);
      },
      ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(
      {
        ::signal(SIGSEGV, SIG_DFL);  // sanitizers install their own
        const Object object("u64 *p; SEC(\"serve\") u64 f(struct request *r) { return *p; }");
        run(load(object, "f"));
        *nowhere = 1;
      },
      ::testing::KilledBySignal(SIGSEGV), "");
}

/// rbx, rbp, r12 to r15, the flags and MXCSR, as a function left them that was called with known values in the first six.
struct Registers {
  std::array<std::uint64_t, 6> kept{};
  std::uint64_t flags = 0;
};

asm(R"(
  .text
  .type promise_probe, @function
promise_probe:
  push %rbx
  push %rbp
  push %r12
  push %r13
  push %r14
  push %r15
  push %rdx
  mov %rdi, %rax
  mov %rsi, %rdi
  mov $0xb1, %ebx
  mov $0xb2, %ebp
  mov $0xb3, %r12d
  mov $0xb4, %r13d
  mov $0xb5, %r14d
  mov $0xb6, %r15d
  call *%rax
  pop %rdx
  mov %rbx, 0(%rdx)
  mov %rbp, 8(%rdx)
  mov %r12, 16(%rdx)
  mov %r13, 24(%rdx)
  mov %r14, 32(%rdx)
  mov %r15, 40(%rdx)
  pushf
  popq 48(%rdx)
  cld
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %rbp
  pop %rbx
  ret
  .size promise_probe, .-promise_probe
)");
extern "C" void promise_probe(void (*function)(void*), void* argument, Registers* after) __attribute__((visibility("hidden")));

TEST(Promise, RegistersAreTheHostsAgain) {
  constexpr std::uint64_t kDirectionFlag = 1 << 10;
  const Object object(R"(
    u64 *p; u64 flag; u8 bytes[4096];
    static __attribute__((noinline)) u64 deeper(u64 n) { return *(volatile u64 *)&flag ? n : (deeper(n + 1) ^ n) + 1; }
    SEC("serve") u64 f(struct request *r)
    {
      u64 a = r->number, b = a * 3, c = b ^ a, d = c + 7, e = d * b;

      switch (r->kind) {
      case 0: return a + b + c + d + e;
      case 1: *p = e; break;
      case 2: while (!*(volatile u64 *)&flag) a += b * c, b += d, c ^= e, d += a, e *= 3; flag = a + b + c + d + e; break;
      case 3: bpf_throw(e);
      case 4: return deeper(e);
      default: tn_move(bytes + 8, bytes, 1ull << 40); break;
      }
      return call(a + b) + c + d + e;
    }
  )");
  const Program program = load(object, "f", {.quantum = milliseconds(2)});
  struct Call {
    const Program* program;
    Request request;
    Outcome outcome;
  };
  const auto invoke = [](void* argument) {
    auto* const call = static_cast<Call*>(argument);
    call->outcome = call->program->run(&call->request);
  };
  const unsigned before = _mm_getcsr();
  for (std::uint64_t kind = 0; kind < 6; ++kind) {
    Call call{&program, {.number = 12345, .kind = kind}, {}};
    Registers after;
    _mm_setcsr(before | _MM_ROUND_TOWARD_ZERO);
    promise_probe(invoke, &call, &after);
    const unsigned mxcsr = _mm_getcsr();
    _mm_setcsr(before);
    EXPECT_EQ(call.outcome.kind == Outcome::Kind::returned, kind == 0) << kind;
    EXPECT_THAT(after.kept, ::testing::ElementsAre(0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6)) << kind;
    EXPECT_EQ(after.flags & kDirectionFlag, 0u) << kind;
    EXPECT_EQ(mxcsr & _MM_ROUND_MASK, unsigned{_MM_ROUND_TOWARD_ZERO}) << kind;
  }
}

/// The stop falls anywhere between taking and giving back, also into the host functions themselves.
TEST(Promise, WhatTheHostKeepsIsExactWhereverItStops) {
  const Object object(R"(
    u64 rounds;
    SEC("serve") u64 churn(struct request *r)
    {
      for (;;) {
        struct ticket *a = take(1), *b = take(2);

        rounds++;
        if (a) number_of(a);
        if (b) give_back(b);
        if (a) give_back(a);
      }
    }
  )");
  const Program program = load(object, "churn", {.quantum = std::chrono::microseconds(200)});
  for (int i = 0; i < 200; ++i) {
    script.taken = 0;
    script.given_back.clear();
    const std::uint64_t released = program.object_counts().released_by_cancel;
    ASSERT_EQ(run(program).cause, Cause::quantum);
    ASSERT_EQ(script.given_back.size(), script.taken);
    ASSERT_LE(program.object_counts().released_by_cancel - released, 2u);
    const std::uint64_t first = std::ranges::count(script.given_back, 1u), second = std::ranges::count(script.given_back, 2u);
    ASSERT_LE(first - second, 1u);
  }
  const ObjectCounts counts = program.object_counts();
  EXPECT_EQ(counts.acquired, counts.released_by_extension + counts.released_by_cancel);
}

}  // namespace
}  // namespace tenon::promises
