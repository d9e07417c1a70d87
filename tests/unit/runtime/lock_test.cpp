// SPDX-License-Identifier: Apache-2.0
// Locks in the heap: by invocations and by host threads, and what happens when one of them does not behave. Those of the dead: lock_recovery_test.cpp.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <atomic>
#include <barrier>
#include <latch>
#include <optional>
#include <random>
#include <thread>

#include "runtime/os/time_slice.hpp"
#include "unit/runtime/lock_fixture.hpp"

namespace tenon::runtime::testing {
namespace {

TEST_F(Lock, IsInTheHeapWhileItIsHeld) {
  const auto both = program({{"tn_spin_lock", lock(0)}, {"tn_spin_lock", lock(1)}, {"call", 0}, {"tn_spin_unlock", lock(0)}, {"tn_spin_unlock", lock(1)}});
  std::uint64_t first = 0, second = 0;
  script.on_call = [&](std::uint64_t) {
    first = word(lock(0)).load();
    second = word(lock(1)).load();
    return 0;
  };
  EXPECT_EQ(run(both).kind, Outcome::Kind::returned);
  EXPECT_EQ(owner_in(first).thread, static_cast<std::uint32_t>(::gettid()));
  EXPECT_EQ(owner_in(first).start, os::start_of_this_thread());
  EXPECT_NE(first, second) << "each acquisition has a sequence of its own";
  expect_all_free();
}

TEST_F(Lock, SaysWhetherItWasTaken) {
  EXPECT_EQ(run(program({{"tn_spin_lock", lock(0)}, {"tn_spin_trylock", lock(0)}, {"tn_spin_unlock", lock(0)}})).kind, Outcome::Kind::returned);
  EXPECT_EQ(run(program({{"tn_spin_trylock", lock(0)}})).cause, Cause::lock_held) << "it was taken";
  const auto held = host_lock(lock(1), milliseconds(1));
  ASSERT_TRUE(held);
  EXPECT_EQ(run(program({{"tn_spin_trylock", lock(1)}})).value, 0u);
}

TEST_F(Lock, ALockThatItHasAlreadyIsADeadlockAtOnce) {
  for (const auto& [first, second] : {std::pair{"tn_spin_lock", "tn_spin_lock"}, {"tn_read_lock", "tn_read_lock"}, {"tn_read_lock", "tn_write_lock"},
                                      {"tn_write_lock", "tn_read_lock"}}) {
    const Outcome outcome = run(program({{"plain", 0}, {first, lock(0)}, {"plain", 0}, {second, lock(0)}}));
    EXPECT_EQ(outcome.cause, Cause::deadlock) << first << second;
    EXPECT_EQ(outcome.line, 13u);
    EXPECT_STREQ(outcome.held_file, "test.bpf.c");
    EXPECT_EQ(outcome.held_line, 11u);
    EXPECT_EQ(outcome.other_line, 11u);
    EXPECT_EQ(outcome.other_thread, static_cast<std::uint32_t>(::gettid()));
    EXPECT_EQ(outcome.fault_address, lock(0));
    expect_all_free();
  }
}

TEST_F(Lock, OfAnOuterInvocationIsADeadlockToo) {
  const auto inner = program({{"tn_spin_lock", lock(0)}});
  const auto thief = program({{"tn_spin_unlock", lock(0)}});
  const auto outer = program({{"tn_spin_lock", lock(0)}, {"call", 0}, {"tn_spin_unlock", lock(0)}});
  Outcome nested, stolen;
  std::optional<HeapLockRefusal> host;
  script.on_call = [&](std::uint64_t) {
    nested = run(inner);
    stolen = run(thief);
    host = refusal(host_lock(lock(0), milliseconds(100)));
    return 0;
  };
  EXPECT_EQ(run(outer).kind, Outcome::Kind::returned);
  EXPECT_EQ(nested.cause, Cause::deadlock);
  EXPECT_EQ(stolen.cause, Cause::bad_unlock);
  EXPECT_EQ(host, HeapLockRefusal::deadlock);
  expect_all_free();
}

/// Each thread takes its own lock and, once all have, the next one's.
struct Circle : Lock, ::testing::WithParamInterface<int> {};

TEST_P(Circle, EndsForExactlyOneOfThem) {
  const auto threads = static_cast<std::uint64_t>(GetParam());
  for (int round = 0; round < 20; ++round) {
    std::barrier all_have_one(static_cast<std::ptrdiff_t>(threads));
    std::vector<Outcome> outcomes(threads);
    std::vector<std::thread> running;
    for (std::uint64_t i = 0; i < threads; ++i) {
      running.emplace_back([&, i] {
        const std::uint64_t own = lock(i), next = lock((i + 1) % threads);
        // Different places: thread i locks at line 10 + i and 12 + i.
        Assembler code;
        code.enter();
        code.set(rdi, own);
        code.call_host(static_cast<std::uint32_t>(i), function("tn_spin_lock"));
        code.call_host(40, function("call"));
        code.set(rdi, next);
        code.call_host(static_cast<std::uint32_t>(2 + i), function("tn_spin_lock"));
        for (const std::uint64_t held : {next, own}) {
          code.set(rdi, held);
          code.call_host(41, function("tn_spin_unlock"));
        }
        code.leave();
        script.on_call = [&](std::uint64_t) {
          all_have_one.arrive_and_wait();
          return 0;
        };
        outcomes[i] = run(install(code, heap, {std::chrono::seconds(20)}));
      });
    }
    for (std::thread& thread : running) thread.join();
    int cancelled = 0;
    for (std::uint64_t i = 0; i < threads; ++i) {
      if (outcomes[i].kind == Outcome::Kind::returned) continue;
      ++cancelled;
      EXPECT_EQ(outcomes[i].cause, Cause::deadlock);
      EXPECT_EQ(outcomes[i].line, 12 + i) << "where it waits";
      EXPECT_EQ(outcomes[i].held_line, 10 + i) << "where it took what the one before it waits for";
      EXPECT_EQ(outcomes[i].other_line, 10 + (i + 1) % threads) << "where the next one took what it waits for";
      EXPECT_STREQ(outcomes[i].other_file, "test.bpf.c");
      EXPECT_NE(outcomes[i].other_thread, 0u);
      EXPECT_EQ(outcomes[i].fault_address, lock((i + 1) % threads));
    }
    ASSERT_EQ(cancelled, 1);
    expect_all_free();
  }
}
INSTANTIATE_TEST_SUITE_P(Sizes, Circle, ::testing::Values(2, 3, 5), [](const auto& info) { return fmt::format("Of{}", info.param); });

TEST_F(Lock, ACircleThroughAReaderAndAPendingWriterIsFound) {
  // One reads A and wants B; another has B and wants to write A.
  std::barrier both_have_one(2);
  const auto wait = [&](std::uint64_t) {
    both_have_one.arrive_and_wait();
    return 0;
  };
  const auto reader = program({{"tn_read_lock", lock(0)}, {"call", 0}, {"tn_spin_lock", lock(1)}, {"tn_spin_unlock", lock(1)}, {"tn_read_unlock", lock(0)}});
  const auto writer = program({{"tn_spin_lock", lock(1)}, {"call", 0}, {"tn_write_lock", lock(0)}, {"tn_write_unlock", lock(0)}, {"tn_spin_unlock", lock(1)}});
  for (int round = 0; round < 20; ++round) {
    Outcome one, two;
    std::thread other([&] {
      script.on_call = wait;
      two = run(writer);
    });
    script.on_call = wait;
    one = run(reader);
    other.join();
    EXPECT_EQ((one.cause == Cause::deadlock) + (two.cause == Cause::deadlock), 1);
    EXPECT_EQ((one.kind == Outcome::Kind::returned) + (two.kind == Outcome::Kind::returned), 1);
    expect_all_free();
  }
}

TEST_F(Lock, AHostThreadInTheCircleIsNamed) {
  std::latch both_have_one(2);
  const auto extension = program({{"tn_spin_lock", lock(0)}, {"call", 0}, {"tn_spin_lock", lock(1)}, {"tn_spin_unlock", lock(1)}, {"tn_spin_unlock", lock(0)}});
  std::uint32_t host_line = 0;
  bool host_gave_up = false;
  std::thread host([&] {
    host_line = __LINE__ + 1;
    const auto first = host_lock(lock(1), std::chrono::seconds(5));
    both_have_one.arrive_and_wait();
    const auto second = host_lock(lock(0), std::chrono::seconds(20));
    host_gave_up = !second;
    EXPECT_TRUE(second || second.error() == HeapLockRefusal::deadlock);
  });
  script.on_call = [&](std::uint64_t) {
    both_have_one.arrive_and_wait();
    return 0;
  };
  const Outcome outcome = run(extension);
  host.join();
  EXPECT_NE(host_gave_up, outcome.cause == Cause::deadlock);
  if (outcome.cause == Cause::deadlock) {
    EXPECT_EQ(outcome.other_line, host_line);
    EXPECT_NE(std::string_view(outcome.other_file).find("lock_test.cpp"), std::string_view::npos);
  }
  expect_all_free();
}

TEST_F(Lock, OfACancelledInvocationIsReleasedAndSaysSo) {
  EXPECT_EQ(run(crash()).cause, Cause::fault);
  expect_all_free();
  const auto takes = program({{"tn_spin_lock", lock(0)}, {"call", 0}, {"tn_spin_unlock", lock(0)}});
  const auto answer = [&] {  // what the lock function returned, seen through a throw
    Assembler code;
    code.enter();
    code.set(rdi, lock(0));
    code.call_host(0, function("tn_spin_lock"));
    code.copy(r12, rax);
    code.set(rdi, lock(0));
    code.call_host(1, function("tn_spin_unlock"));
    code.copy(rax, r12);
    code.leave();
    return run(install(code, heap)).value;
  };
  EXPECT_EQ(answer(), 2u) << "TN_ABANDONED";
  EXPECT_EQ(answer(), 0u);
  EXPECT_EQ(run(crash()).cause, Cause::fault);
  const auto taken = host_lock(lock(0), milliseconds(10));
  ASSERT_TRUE(taken);
  EXPECT_TRUE(taken->abandoned());
}

TEST_F(Lock, IsReleasedInOrderWithEverythingElse) {
  Assembler code;
  code.enter();
  code.set(rdi, 1);
  code.call_host(0, function("get"));
  code.set(rdi, lock(0));
  code.call_host(1, function("tn_spin_lock"));
  code.set(rdi, 2);
  code.call_host(2, function("get"));
  code.set(rdi, 5);
  code.call_host(3, function("bpf_throw"));
  script.put.clear();
  const auto thrower = install(code, heap);
  const Outcome outcome = run(thrower);
  EXPECT_EQ(outcome.kind, Outcome::Kind::thrown);
  EXPECT_EQ(outcome.value, 5u);
  EXPECT_EQ(script.put, (std::vector<std::uint64_t>{2, 1}));
  EXPECT_EQ(thrower->record_counts().released_by_cancel, 2u) << "locks are no objects";
  expect_all_free();
}

TEST_F(Lock, ReturningWithOneIsCancelledWhereItWasTaken) {
  const Outcome outcome = run(program({{"plain", 0}, {"tn_read_lock", lock(0)}, {"plain", 0}}));
  EXPECT_EQ(outcome.kind, Outcome::Kind::cancelled);
  EXPECT_EQ(outcome.cause, Cause::lock_held);
  EXPECT_EQ(outcome.value, 77u);
  EXPECT_EQ(outcome.line, 11u);
  EXPECT_EQ(outcome.held_line, 11u);
  EXPECT_EQ(outcome.fault_address, lock(0));
  expect_all_free();
  // Also when the host has taken a lock of its own since, and keeps it.
  std::vector<HeapLock> kept;
  script.on_call = [&](std::uint64_t) {
    kept.push_back(*host_lock(lock(1), milliseconds(10)));
    return 0;
  };
  const Outcome again = run(program({{"plain", 0}, {"tn_spin_lock", lock(0)}, {"call", 0}}));
  EXPECT_EQ(again.line, 11u);
  EXPECT_EQ(again.fault_address, lock(0));
  EXPECT_NE(holder_in(word(lock(1)).load()), 0u);
}

TEST_F(Lock, UnlockingWhatItDoesNotHoldIsCancelled) {
  EXPECT_EQ(run(program({{"tn_spin_unlock", lock(0)}})).cause, Cause::bad_unlock);
  EXPECT_EQ(run(program({{"tn_read_lock", lock(0)}, {"tn_write_unlock", lock(0)}})).cause, Cause::bad_unlock);
  EXPECT_EQ(run(program({{"tn_spin_lock", lock(0)}, {"tn_spin_unlock", lock(0)}, {"tn_spin_unlock", lock(0)}})).cause, Cause::bad_unlock);
  const auto held = host_lock(lock(1), milliseconds(1));
  EXPECT_EQ(run(program({{"tn_spin_unlock", lock(1)}})).cause, Cause::bad_unlock);
  EXPECT_NE(word(lock(1)).load(), 0u);
}

TEST_F(Lock, MustLieInTheHeapAndBeAligned) {
  const std::uint64_t end = heap->globals_address() + heap->granted_bytes();
  for (const std::uint64_t bad : {std::uint64_t{0}, std::uint64_t{1}, lock(0) + 4, lock(0) + 1, end, heap->base() - 8, heap->base() + 4096}) {
    EXPECT_EQ(run(program({{"tn_spin_lock", bad}})).cause, Cause::argument) << bad;
    EXPECT_EQ(run(program({{"tn_spin_trylock", bad}})).cause, Cause::argument) << bad;
    EXPECT_EQ(run(program({{"tn_spin_unlock", bad}})).cause, Cause::argument) << bad;
  }
  EXPECT_EQ(run(program({{"tn_spin_lock", end - 8}, {"tn_spin_unlock", end - 8}})).kind, Outcome::Kind::returned);
  EXPECT_EQ(run(program({{"tn_write_lock", end - 120}})).cause, Cause::argument);
  EXPECT_EQ(run(program({{"tn_write_lock", end - 128}, {"tn_write_unlock", end - 128}})).kind, Outcome::Kind::returned);
  // As every other access: only the low half of a pointer counts.
  EXPECT_EQ(run(program({{"tn_spin_lock", lock(0) & 0xffffffff}, {"tn_spin_unlock", lock(0) + (7ull << 32)}})).kind, Outcome::Kind::returned);
}

TEST_F(Lock, AtMostThirtyTwoAtOnce) {
  Assembler code;
  code.enter();
  for (std::uint64_t i = 0; i <= kMaxHeldLocks; ++i) {
    code.set(rdi, at(1024 + 8 * i));
    code.call_host(static_cast<std::uint32_t>(i), function("tn_spin_lock"));
  }
  code.leave();
  const Outcome outcome = run(install(code, heap));
  EXPECT_EQ(outcome.cause, Cause::object_limit);
  EXPECT_EQ(outcome.line, 10 + kMaxHeldLocks);
  expect_all_free();
}

TEST_F(Lock, ReadersShareAndAWriterIsAlone) {
  const auto one = host_lock(lock(0), milliseconds(10), HeapLockMode::read);
  ASSERT_TRUE(one);
  std::thread([&] {
    EXPECT_TRUE(host_lock(lock(0), milliseconds(100), HeapLockMode::read));
    EXPECT_EQ(refusal(host_lock(lock(0), milliseconds(5), HeapLockMode::write)), HeapLockRefusal::timeout);
    EXPECT_TRUE(host_lock(lock(0), milliseconds(100), HeapLockMode::read)) << "a writer that gave up is in nobody's way";
  }).join();
  EXPECT_EQ(run(program({{"tn_write_lock", lock(1)}, {"call", 0}, {"tn_write_unlock", lock(1)}})).kind, Outcome::Kind::returned);
  script.on_call = [&](std::uint64_t) {
    std::thread([&] { EXPECT_FALSE(host_lock(lock(1), milliseconds(5), HeapLockMode::read)); }).join();
    return 0;
  };
  EXPECT_EQ(run(program({{"tn_write_lock", lock(1)}, {"call", 0}, {"tn_write_unlock", lock(1)}})).kind, Outcome::Kind::returned);
}

TEST_F(Lock, FifteenReadersAtOnceAndTheSixteenthWaits) {
  std::latch have(kReaderWords), done(1);
  std::vector<std::thread> readers;
  for (std::uint32_t i = 0; i < kReaderWords; ++i) {
    readers.emplace_back([&] {
      const auto taken = host_lock(lock(0), std::chrono::seconds(5), HeapLockMode::read);
      EXPECT_TRUE(taken);
      have.count_down();
      done.wait();
    });
  }
  have.wait();
  EXPECT_EQ(refusal(host_lock(lock(0), milliseconds(5), HeapLockMode::read)), HeapLockRefusal::timeout);
  done.count_down();
  EXPECT_TRUE(host_lock(lock(0), std::chrono::seconds(5), HeapLockMode::read));
  for (std::thread& reader : readers) reader.join();
  expect_all_free();
}

TEST_F(Lock, WhoCameFirstIsServedFirst) {
  // Three wait for a lock in a known order; after so long newcomers do not overtake: the word says that somebody waits.
  std::vector<int> order;
  std::vector<std::thread> waiting;
  auto held = host_lock(lock(0), milliseconds(10));
  for (int i = 0; i < 3; ++i) {
    waiting.emplace_back([&, i] {
      const auto taken = host_lock(lock(0), std::chrono::seconds(10));
      ASSERT_TRUE(taken);
      order.push_back(i);
    });
    const auto waiters = [&] {
      int count = 0;
      for_each_slot([&](const ThreadSlot& slot) { count += slot.locks.waits_for() == lock(0); });
      return count;
    };
    while (waiters() <= i) std::this_thread::yield();
    std::this_thread::sleep_for(milliseconds(2));  // from its intent into the queue
  }
  while ((word(lock(0)).load() & kLockQueued) == 0) std::this_thread::yield();
  held->unlock();
  for (std::thread& thread : waiting) thread.join();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(word(lock(0)).load(), 0u) << "nobody waits any more";
  word(lock(0)).store(kLockQueued);
  EXPECT_EQ(run(program({{"tn_spin_trylock", lock(0)}})).value, 0u) << "it would have overtaken";
  EXPECT_TRUE(host_lock(lock(0), milliseconds(100))) << "as nobody waits, whoever does is the first";
  EXPECT_EQ(word(lock(0)).load(), 0u);
}

struct Mode {
  const char *take, *give;
  HeapLockMode host;
};
struct Exclusion : Lock, ::testing::WithParamInterface<Mode> {};

TEST_P(Exclusion, HoldsBetweenInvocationsCrashesAndHostThreads) {
  const auto increments = increment(GetParam().take, GetParam().give);
  const auto crashes = program({{GetParam().take, lock(0)}, {"tn_spin_unlock", at(8)}});
  std::atomic<std::uint64_t> done = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20000; ++n) {
        const Outcome outcome = run(increments);
        EXPECT_EQ(outcome.kind, Outcome::Kind::returned);
        done += outcome.kind == Outcome::Kind::returned;
      }
    });
  }
  threads.emplace_back([&] {
    for (int n = 0; n < 10000; ++n) EXPECT_EQ(run(crashes).cause, Cause::bad_unlock);
  });
  threads.emplace_back([&] {
    for (int n = 0; n < 20000; ++n) {
      const auto taken = host_lock(lock(0), std::chrono::seconds(10), GetParam().host);
      ASSERT_TRUE(taken);
      auto& value = *reinterpret_cast<std::uint64_t*>(counter());
      value = value + 1;
      ++done;
    }
  });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(*reinterpret_cast<std::uint64_t*>(counter()), done.load());
  expect_all_free();
}
INSTANTIATE_TEST_SUITE_P(Kinds, Exclusion,
                         ::testing::Values(Mode{"tn_spin_lock", "tn_spin_unlock", HeapLockMode::spin},
                                           Mode{"tn_write_lock", "tn_write_unlock", HeapLockMode::write}),
                         [](const auto& info) { return std::string(info.param.host == HeapLockMode::spin ? "Spin" : "Write"); });

TEST_F(Lock, ReadersNeverSeeAHalfDoneWrite) {
  std::atomic<bool> stop = false;
  auto* const pair = reinterpret_cast<volatile std::uint64_t*>(counter());
  std::vector<std::thread> threads;
  std::atomic<std::uint64_t> reads = 0;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        const auto taken = host_lock(lock(0), std::chrono::seconds(10), HeapLockMode::read);
        ASSERT_TRUE(taken);
        const std::uint64_t first = pair[0];
        for (int turn = 0; turn < 10; ++turn) __builtin_ia32_pause();
        ASSERT_EQ(first, pair[1]);
        ++reads;
      }
    });
  }
  // Long enough that the two sides often meet in the middle of each other's attempt.
  const auto end = Clock::now() + milliseconds(1500);
  for (std::uint64_t n = 1; (Clock::now() < end || reads < 300) && !HasFailure(); ++n) {
    const auto taken = host_lock(lock(0), std::chrono::seconds(10), HeapLockMode::write);
    ASSERT_TRUE(taken);
    pair[0] = n;
    for (int turn = 0; turn < 10; ++turn) __builtin_ia32_pause();
    pair[1] = n;
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  expect_all_free();
}

TEST_F(Lock, AHostThreadThatTakesLongDelaysAndNoMore) {
  std::latch held(1), enough(1);
  std::thread host([&] {
    const auto taken = host_lock(lock(0), milliseconds(10));
    ASSERT_TRUE(taken);
    held.count_down();
    enough.wait();
    std::this_thread::sleep_for(milliseconds(20));
  });
  held.wait();
  const auto patient = increment("tn_spin_lock", "tn_spin_unlock", {std::chrono::seconds(20)});
  const auto hasty = increment("tn_spin_lock", "tn_spin_unlock", {milliseconds(3)});
  const Outcome given_up = run(hasty);
  EXPECT_EQ(given_up.cause, Cause::quantum);
  EXPECT_EQ(given_up.line, 10u);
  enough.count_down();
  EXPECT_EQ(run(patient).value, 7u);
  host.join();
  expect_all_free();
}

/// The quantum is CPU time: whoever waits for a holder that has no processor must not spend it on looking.
TEST_F(Lock, AHolderThatSleepsDoesNotUseUpTheWaitersQuantum) {
  std::latch held(1);
  std::thread host([&] {
    const auto taken = host_lock(lock(0), milliseconds(10));
    ASSERT_TRUE(taken);
    held.count_down();
    std::this_thread::sleep_for(milliseconds(200));
  });
  held.wait();
  EXPECT_EQ(run(increment("tn_spin_lock", "tn_spin_unlock", {milliseconds(100)})).value, 7u);
  host.join();
  expect_all_free();
}

TEST_F(Lock, OfTheInterpreterWaitsNoLongerThanItsQuantum) {
  const auto held = host_lock(lock(0), milliseconds(10));
  Outcome::Kind kind{};
  Cause cause{};
  std::thread([&] {
    HostSession session(heap, test_declarations(), test_interface().bindings(), false, {}, milliseconds(5));
    const auto result = session.call({0, function("tn_spin_lock"), 0}, {lock(0)}, {}, {"a.c", 3});
    kind = result.kind;
    cause = result.cause;
  }).join();
  EXPECT_EQ(kind, Outcome::Kind::cancelled);
  EXPECT_EQ(cause, Cause::quantum);
  HostSession session(heap, test_declarations(), test_interface().bindings());
  EXPECT_EQ(session.call({4, function("tn_spin_lock"), 0}, {lock(1)}, {}, {"a.c", 3}).kind, Outcome::Kind::returned);
  EXPECT_EQ(session.lock_held_since(), 4u);
  EXPECT_EQ(session.call({5, function("tn_spin_lock"), 0}, {lock(1)}, {}, {"a.c", 9}).cause, Cause::deadlock);
  Outcome outcome;
  outcome.cause = Cause::deadlock;
  session.describe(outcome);
  EXPECT_STREQ(outcome.held_file, "a.c");
  EXPECT_EQ(outcome.held_line, 3u);
  session.finish();
  EXPECT_EQ(word(lock(1)).load(), kLockAbandoned);
}

TEST_F(Lock, AWordThatNamesAThreadOfOursThatKnowsNothingIsFreed) {
  const std::uint64_t forged = make_lock_word({static_cast<std::uint32_t>(::gettid()), os::start_of_this_thread()}, 5);
  for (const std::uint64_t scribble : {forged, forged | kLockFlags, make_lock_word({1u << 21, 0}, 1), make_lock_word({1, 77}, 9)}) {
    word(lock(0)).store(scribble);
    const auto begin = Clock::now();
    EXPECT_EQ(run(increment("tn_spin_lock", "tn_spin_unlock", {std::chrono::seconds(5)})).value, 7u) << scribble;
    EXPECT_LT(Clock::now() - begin, std::chrono::seconds(4));
  }
  word(lock(0) + 16).store(forged);  // a reader
  EXPECT_TRUE(host_lock(lock(0), std::chrono::seconds(5), HeapLockMode::write));
  expect_all_free();
}

TEST_F(Lock, UnlockingFreesNoWordButItsOwn) {
  const std::uint64_t other = make_lock_word({1, 1}, 1);
  script.on_call = [&](std::uint64_t) {
    word(lock(0)).store(other | kLockQueued);
    return 0;
  };
  EXPECT_EQ(run(program({{"tn_spin_lock", lock(0)}, {"call", 0}, {"tn_spin_unlock", lock(0)}})).kind, Outcome::Kind::returned);
  EXPECT_EQ(word(lock(0)).load(), other | kLockQueued);
  word(lock(0)).store(0);
}

TEST_F(Lock, ScribblingOverTheWordsWedgesNobody) {
  std::atomic<bool> stop = false;
  std::thread scribbler([&] {
    std::mt19937_64 random(3);
    const std::uint64_t mine = make_lock_word({static_cast<std::uint32_t>(::gettid()), os::start_of_this_thread()}, 1);
    while (!stop) {
      const std::uint64_t values[] = {0, random(), mine, random() & kLockFlags, make_lock_word({1, 0}, 4)};
      word(lock(0) + 8 * (random() % 16)).store(values[random() % 5]);
      if (random() % 8 == 0) std::this_thread::yield();
    }
  });
  const auto program_of = [&](const char* take, const char* give) { return program({{take, lock(0)}, {give, lock(0)}}, {milliseconds(2)}); };
  const std::shared_ptr<Installed> programs[] = {program_of("tn_spin_lock", "tn_spin_unlock"), program_of("tn_read_lock", "tn_read_unlock"),
                                                 program_of("tn_write_lock", "tn_write_unlock")};
  std::thread host([&] {
    for (int i = 0; i < 100; ++i) {
      const auto begin = Clock::now();
      const auto taken = host_lock(lock(0), milliseconds(2), static_cast<HeapLockMode>(i % 3));
      EXPECT_TRUE(taken || taken.error() == HeapLockRefusal::timeout);
      EXPECT_LT(Clock::now() - begin, std::chrono::seconds(5));
    }
  });
  for (int i = 0; i < 100; ++i) {
    const Outcome outcome = run(programs[i % 3]);
    EXPECT_TRUE(outcome.kind == Outcome::Kind::returned || outcome.cause == Cause::quantum) << to_string(outcome.cause);
  }
  host.join();
  stop = true;
  scribbler.join();
}

TEST(LockWord, KeepsItsParts) {
  const std::uint64_t made = make_lock_word({0x3fffff, 0xffff}, 0x1ffffff);
  EXPECT_EQ(made & kLockFlags, 0u);
  EXPECT_EQ(owner_in(made).thread, 0x3fffffu);
  EXPECT_EQ(owner_in(made).start, 0xffff);
  EXPECT_EQ(holder_in(made | kLockFlags), made);
  EXPECT_NE(make_lock_word({5, 6}, 1), make_lock_word({5, 6}, 2));
  EXPECT_EQ(owner_in(make_lock_word({5, 6}, 0xffffff)).thread, 5u);
}

int yields = 0;

TEST(SliceExtension, IsAskedForAndGivenBack) {
  os::begin_slice_extension(nullptr);
  os::end_slice_extension(nullptr);
  os::SliceControl control{};
  const auto yield = []() noexcept { ++yields; };
  os::begin_slice_extension(&control);
  EXPECT_EQ(control.request.load(), 1);
  os::end_slice_extension(&control, yield);
  EXPECT_EQ(control.request.load(), 0);
  EXPECT_EQ(yields, 0) << "not granted: nothing to give back";
  control.granted = 1;
  os::end_slice_extension(&control, yield);
  EXPECT_EQ(yields, 1);
}

struct Slice : Lock {
  ThreadSlot& this_slot() const {
    ThreadSlot* found = nullptr;
    for_each_slot([&](ThreadSlot& slot) {
      if (slot.alive && slot.tid == ::gettid()) found = &slot;
    });
    return *found;
  }
};

TEST_F(Slice, IsRequestedWhileALockIsHeldWhereTheKernelOffersIt) {
  EXPECT_EQ(run(increment("tn_spin_lock", "tn_spin_unlock")).value, 7u);  // the thread has found out what there is
  os::SliceControl* const offered = os::enable_slice_extension();
  EXPECT_EQ(this_slot().slice != nullptr, offered != nullptr);
  os::SliceControl control{};
  this_slot().slice = &control;  // as if the kernel offered it
  std::vector<int> requests;
  script.on_call = [&](std::uint64_t) {
    requests.push_back(control.request.load());
    return 0;
  };
  run(program({{"call", 0}, {"tn_spin_lock", lock(0)}, {"call", 0}, {"tn_spin_lock", lock(1)}, {"tn_spin_unlock", lock(0)}, {"call", 0},
               {"tn_spin_unlock", lock(1)}, {"call", 0}}));
  EXPECT_EQ(requests, (std::vector<int>{0, 1, 1, 0}));
  run(crash());
  EXPECT_EQ(control.request.load(), 0);
  this_slot().slice = offered;
}

}  // namespace
}  // namespace tenon::runtime::testing
