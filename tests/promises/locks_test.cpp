// SPDX-License-Identifier: Apache-2.0
// docs/safety-contract.md, Locks in the heap.
#include <atomic>
#include <latch>
#include <optional>
#include <thread>

#include <tenon/heap_lock.hpp>

#include "promises/attack.hpp"

namespace tenon::promises {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Nothing when it was taken.
std::optional<HeapLockRefusal> refusal(const HeapLock::Taken& taken) { return taken ? std::nullopt : std::optional(taken.error()); }

constexpr auto kLocks = R"(
  #include <tn/lock.h>
  struct tn_spinlock lock[2]; struct tn_rwlock shared; u64 counter, zero;
  static u64 crash(void) { return *(volatile u64 *)zero; }
  SEC("?serve") u64 locked(struct request *r) { tn_lock(&lock[0]); counter++; tn_unlock(&lock[0]); return 7; }
  SEC("?serve") u64 written(struct request *r) { tn_lock_write(&shared); counter++; tn_unlock_write(&shared); return 7; }
  SEC("?serve") u64 ends_with_it(struct request *r)
  {
    r->kind < 4 ? tn_lock(&lock[0]) : tn_lock_write(&shared);
    switch (r->kind & 3) {
    case 0: return crash();
    case 1: for (;;) counter += 0;
    case 2: bpf_throw(5);
    default: return 1;
    }
  }
  SEC("?serve") u64 circle(struct request *r)
  {
    tn_lock(&lock[r->number & 1]);
    call(0);
    tn_lock(&lock[~r->number & 1]);
    tn_unlock(&lock[0]);
    tn_unlock(&lock[1]);
    return 7;
  }
  SEC("?serve") u64 scribbles(struct request *r)
  {
    u64 random = r->number | 1;
    for (u64 i = 0; i < 20000; i++) {
      random = random * 6364136223846793005ull + 1442695040888963407ull;
      *(volatile u64 *)((random >> 60) & 1 ? &lock[0].word : &shared.words[random >> 32 & 15]) = random & 64 ? 0 : random;
    }
    return 7;
  }
  SEC("?serve") u64 any(struct request *r)
  {
    switch (r->kind % 7) {
    case 0: tn_spin_lock(r->number); break;
    case 1: tn_spin_unlock(r->number); break;
    case 2: tn_read_lock(r->number); break;
    case 3: tn_read_unlock(r->number); break;
    case 4: tn_write_lock(r->number); break;
    case 5: tn_write_unlock(r->number); break;
    default: tn_spin_trylock(r->number);
    }
    return 7;
  }
  SEC("?serve") u64 address(struct request *r) { return r->kind ? (u64)&shared : (u64)&lock[0]; }
)";

Extension load_all(const Object& object, std::chrono::nanoseconds quantum) {
  return object.load({.quantum = quantum, .programs = {"locked", "written", "ends_with_it", "circle", "scribbles", "any", "address"}});
}

TEST(Promise, LocksOfStoppedInvocationsAreReleased) {
  const Object object(kLocks);
  const Extension extension = load_all(object, milliseconds(3));
  const Outcome::Kind kinds[] = {Outcome::Kind::cancelled, Outcome::Kind::cancelled, Outcome::Kind::thrown, Outcome::Kind::cancelled};
  const Cause causes[] = {Cause::fault, Cause::quantum, Cause::none, Cause::lock_held};
  for (std::uint64_t kind = 0; kind < 8; ++kind) {
    const Outcome outcome = run(*extension.program("ends_with_it"), 0, kind);
    EXPECT_EQ(outcome.kind, kinds[kind & 3]) << kind;
    EXPECT_EQ(outcome.cause, causes[kind & 3]) << kind;
    const std::uint64_t lock = run(*extension.program("address"), 0, kind < 4 ? 0 : 1).value;
    const auto taken = HeapLock::try_lock_for(extension, lock, seconds(5), kind < 4 ? HeapLockMode::spin : HeapLockMode::write);
    ASSERT_TRUE(taken) << kind;
    EXPECT_TRUE(taken->abandoned());
  }
  EXPECT_EQ(run(*extension.program("locked")).value, 7u);
  EXPECT_EQ(run(*extension.program("written")).value, 7u);
}

TEST(Promise, DeadlocksEndOneInvocationAndNameBothHolders) {
  const Object object(kLocks);
  const Extension extension = load_all(object, seconds(30));
  const Program circle = *extension.program("circle");
  for (int round = 0; round < 20; ++round) {
    std::latch both(2);
    Outcome outcomes[2];
    const auto play = [&](std::uint64_t me) {
      script.on_call = [&](std::uint64_t) {
        both.arrive_and_wait();
        return std::uint64_t{0};
      };
      outcomes[me] = run(circle, me);
    };
    std::thread other(play, 1);
    play(0);
    other.join();
    const Outcome& lost = outcomes[outcomes[0].kind == Outcome::Kind::returned ? 1 : 0];
    const Outcome& won = outcomes[outcomes[0].kind == Outcome::Kind::returned ? 0 : 1];
    ASSERT_EQ(won.value, 7u);
    ASSERT_EQ(lost.cause, Cause::deadlock);
    EXPECT_EQ(lost.value, kDefault);
    EXPECT_EQ(lost.line, lost.held_line + 2);
    EXPECT_EQ(lost.other_line, lost.held_line);
    EXPECT_NE(std::string_view(lost.other_file).find("test.bpf.c"), std::string_view::npos);
  }
}

TEST(Promise, NoLockWordWedgesOrHarmsTheHost) {
  const Object object(kLocks);
  const Extension extension = load_all(object, milliseconds(2));
  const std::uint64_t spin = run(*extension.program("address"), 0, 0).value, shared = run(*extension.program("address"), 0, 1).value;
  const Canary canary;
  std::atomic<bool> stop = false;
  std::thread scribbler([&] {
    for (std::uint64_t n = 1; !stop; ++n) run(*extension.program("scribbles"), n);
  });
  const auto quick = [](auto&& what) {
    const auto begin = std::chrono::steady_clock::now();
    what();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(10));
  };
  for (int i = 0; i < 60; ++i) {
    quick([&] {
      const bool reads = i % 3 == 0;
      const auto taken = HeapLock::try_lock_for(extension, i % 2 ? spin : shared, milliseconds(2),
                                                i % 2 ? HeapLockMode::spin : reads ? HeapLockMode::read : HeapLockMode::write);
      EXPECT_TRUE(taken || taken.error() == HeapLockRefusal::timeout);
    });
    quick([&] {
      const Outcome outcome = run(*extension.program(i % 2 ? "locked" : "written"));
      EXPECT_TRUE(outcome.value == 7 || outcome.cause == Cause::quantum) << to_string(outcome.cause);
    });
  }
  stop = true;
  scribbler.join();
  // Whatever is passed as a lock: only granted heap is touched.
  for (std::uint64_t kind = 0; kind < 7; ++kind) {
    for (const std::uint64_t address : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}, canary.address(), canary.address() + 8, spin + 1, spin ^ std::uint64_t{1} << 40,
                                        reinterpret_cast<std::uint64_t>(&extension), std::uint64_t{0x7fffffffffff}, std::uint64_t{1} << 63}) {
      const Outcome outcome = run(*extension.program("any"), address, kind);
      EXPECT_TRUE(outcome.value == 7 || outcome.kind == Outcome::Kind::cancelled);
    }
  }
  EXPECT_TRUE(canary.untouched());
  for (const std::uint64_t address : {std::uint64_t{0}, spin + 4, spin + (std::uint64_t{1} << 31)}) {
    EXPECT_EQ(refusal(HeapLock::try_lock_for(extension, address, milliseconds(1))), HeapLockRefusal::no_lock);
  }
}

TEST(Promise, AHostThatHoldsALockOnlyDelays) {
  const Object object(kLocks);
  const Extension extension = load_all(object, seconds(30));
  const Extension hasty = load_all(object, milliseconds(3));
  const std::uint64_t lock = run(*extension.program("address")).value;
  auto held = HeapLock::try_lock_for(extension, lock, milliseconds(100));
  ASSERT_TRUE(held);
  Outcome waited;
  std::thread waits([&] { waited = run(*extension.program("locked")); });
  std::this_thread::sleep_for(milliseconds(50));
  held->unlock();
  waits.join();
  EXPECT_EQ(waited.value, 7u);
  const auto other = HeapLock::try_lock_for(hasty, run(*hasty.program("address")).value, milliseconds(100));
  Outcome stopped;
  std::thread([&] { stopped = run(*hasty.program("locked")); }).join();
  EXPECT_EQ(stopped.cause, Cause::quantum) << "a host thread that keeps it for ever costs an invocation its quantum, no more";
}

}  // namespace
}  // namespace tenon::promises
