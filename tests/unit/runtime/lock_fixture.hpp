// SPDX-License-Identifier: Apache-2.0
// A heap with locks, and programs made of calls that take and give them.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <initializer_list>
#include <memory>
#include <optional>
#include <source_location>

#include <tenon/heap_lock.hpp>

#include "runtime/heap_locks.hpp"
#include "runtime/heap_state.hpp"
#include "runtime/os/tasks.hpp"
#include "unit/runtime/test_host.hpp"

namespace tenon::runtime::testing {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// Nothing when it was taken.
inline std::optional<HeapLockRefusal> refusal(const HeapLock::Taken& taken) { return taken ? std::nullopt : std::optional(taken.error()); }

/// One host call of a program; its place is test.bpf.c, line 10 + its number.
struct Step {
  const char* name;
  std::uint64_t argument;
};

struct Lock : ::testing::Test {
  std::shared_ptr<Heap> heap = make_heap(1 << 20, 0, 16 << 10);

  void SetUp() override { script.on_call = nullptr; }
  std::uint64_t at(std::uint64_t offset) const { return heap->globals_address() + offset; }
  /// Locks a cache line apart; 128 bytes each, so that any may be a reader-writer lock.
  std::uint64_t lock(std::uint64_t number) const { return at(1024 + 128 * number); }
  std::uint64_t counter() const { return at(0); }
  std::atomic_ref<std::uint64_t> word(std::uint64_t address) const { return std::atomic_ref(*reinterpret_cast<std::uint64_t*>(address)); }

  std::shared_ptr<Installed> program(std::initializer_list<Step> steps, Quantum quantum = {}) const {
    Assembler code;
    code.enter();
    std::uint32_t number = 0;
    for (const Step& step : steps) {
      code.set(rdi, step.argument);
      code.call_host(number++, function(step.name));
    }
    code.leave();
    return install(code, heap, quantum);
  }
  /// lock, counter = counter + 1 without an atomic instruction, unlock.
  std::shared_ptr<Installed> increment(const char* take, const char* give, Quantum quantum = {}) const {
    Assembler code;
    code.enter();
    code.set(rdi, lock(0));
    code.call_host(0, function(take));
    code.set(rbx, counter());
    code.load(r12, rbx);
    code.set(rax, 1);
    code.add(r12, rax);
    code.store(rbx, 0, r12);
    code.set(rdi, lock(0));
    code.call_host(1, function(give));
    code.set(rax, 7);
    code.leave();
    return install(code, heap, quantum);
  }
  /// Takes lock 0, then touches a hole.
  std::shared_ptr<Installed> crash() const {
    Assembler code;
    code.enter();
    code.set(rdi, lock(0));
    code.call_host(0, function("tn_spin_lock"));
    code.instruction(1);
    code.set(rbx, heap->base());
    code.load(r12, rbx);
    code.leave();
    return install(code, heap);
  }
  HeapLock::Taken host_lock(std::uint64_t address, std::chrono::nanoseconds patience, HeapLockMode mode = HeapLockMode::spin,
                            std::source_location where = std::source_location::current()) const {
    return HeapLock::try_lock_for(reinterpret_cast<void*>(address), patience, mode, where);
  }
  void expect_all_free() const {
    for (std::uint64_t offset = 1024; offset < 4096; offset += 8) EXPECT_EQ(holder_in(word(at(offset)).load()), 0u) << offset;
  }
};

}  // namespace tenon::runtime::testing
