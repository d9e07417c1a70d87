// SPDX-License-Identifier: Apache-2.0
#include "runtime/lock_builtins.hpp"

#include <optional>
#include <utility>

#include "base/bug.hpp"
#include "runtime/heap_locks.hpp"
#include "runtime/heap_state.hpp"
#include "runtime/os/threads.hpp"
#include "runtime/thread_slot.hpp"

namespace tenon::runtime {

namespace {

/// What tn_spin_trylock() and the functions that lock answer, as bits (ext/include/tn/lock.h).
constexpr std::uint64_t kTaken = 1, kTakenAbandoned = 2;

/// A cancelled invocation gives a lock back; its thread is the current one.
std::uint64_t drop_lock(std::uint64_t address, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t) noexcept {
  ThreadSlot& slot = *tenon_current_level->slot;
  LockRecord* const record = slot.locks.find(address);
  base::ensure(record != nullptr, "a lock is held that its thread knows nothing of");
  give_lock(slot, *record, Leaving::abandoned);
  return 0;
}

constexpr Drop kDrops[] = {{Drop::Kind::heap_lock, drop_lock}, {Drop::Kind::heap_lock, drop_lock}, {Drop::Kind::heap_lock, drop_lock}};
const Drop& drop_of(LockMode mode) { return kDrops[static_cast<std::size_t>(mode)]; }

/// The lock that a register means, by the reduction of every other access; nothing when it is no place for one.
std::optional<std::uint64_t> lock_address(const Level& level, std::uint64_t given, LockMode mode) {
  const Heap::State& heap = level.heap->state();
  const std::uint64_t address = heap.base + (given & (heap.shape.window_bytes - 1));
  if (address % kLockWordBytes != 0 || !level.heap->granted(address, lock_bytes(mode))) return std::nullopt;
  return address;
}

LockPlace place_of(const Level& level) {
  const Site* const site = level.site;
  return site == nullptr ? LockPlace{} : LockPlace{site->file, site->line, site->instruction};
}

std::uint64_t cancel(Level& level, Cause cause, std::uint64_t about = 0) {
  level.request(Pending::cancel, cause, about);
  return 0;
}

template <LockMode Mode, bool Wait>
std::uint64_t lock(Level& level, const Registers& r) noexcept {
  if (level.pending != Pending::none) [[unlikely]] return 0;  // in the child of a fork
  const auto address = lock_address(level, r[0], Mode);
  if (!address) [[unlikely]] return cancel(level, Cause::argument);
  if (!level.held.has_room(1)) [[unlikely]] return cancel(level, Cause::object_limit);
  const std::size_t place = level.held.reserve();  // nothing below can end the invocation before it is filled or swept
  const LockRequest request{*address, Mode, place_of(level)};
  LockAnswer answer;
  if constexpr (Wait) {
    const std::uint64_t deadline = level.lock_wait_ns == 0 ? 0 : os::read_clock_ns(CLOCK_MONOTONIC) + level.lock_wait_ns;
    answer = take_lock(*level.slot, request, {&level, deadline});
  } else {
    answer = try_lock(*level.slot, request);
  }
  if (answer.result == LockResult::taken) [[likely]] {
    level.held.fill(place, *address, drop_of(Mode));
    return (Wait ? 0 : kTaken) | (answer.abandoned ? kTakenAbandoned : 0);
  }
  level.held.sweep(place);
  switch (answer.result) {
    case LockResult::busy: return Wait ? cancel(level, Cause::quantum) : 0;
    case LockResult::deadlock: return cancel(level, Cause::deadlock, *address);
    case LockResult::too_many: return cancel(level, Cause::object_limit);
    case LockResult::ended: return 0;  // the thunk sees the same mark
    case LockResult::taken: break;
  }
  base::bug("no such answer");
}

template <LockMode Mode>
std::uint64_t unlock(Level& level, const Registers& r) noexcept {
  if (level.pending != Pending::none) [[unlikely]] return 0;
  const auto address = lock_address(level, r[0], Mode);
  if (!address) [[unlikely]] return cancel(level, Cause::argument);
  if (!level.held.take(*address, drop_of(Mode))) [[unlikely]] return cancel(level, Cause::bad_unlock, *address);
  give_lock(*level.slot, *level.slot->locks.find(*address), Leaving::done);
  return 0;
}

constexpr std::pair<std::string_view, BuiltinFunction> kBuiltins[] = {
    {"tn_spin_lock", lock<LockMode::spin, true>},   {"tn_spin_trylock", lock<LockMode::spin, false>},
    {"tn_spin_unlock", unlock<LockMode::spin>},     {"tn_read_lock", lock<LockMode::read, true>},
    {"tn_read_unlock", unlock<LockMode::read>},     {"tn_write_lock", lock<LockMode::write, true>},
    {"tn_write_unlock", unlock<LockMode::write>},
};

}  // namespace

BuiltinFunction find_lock_builtin(std::string_view name) {
  for (const auto& [known, function] : kBuiltins) {
    if (known == name) return function;
  }
  return nullptr;
}

extern "C" std::uint64_t tenon_lock_call(std::uint64_t r1, std::uint64_t r2, std::uint64_t r3, std::uint64_t r4, std::uint64_t r5,
                                         const Site* site) noexcept {
  return site->callee->builtin(*tenon_current_level, {r1, r2, r3, r4, r5});
}

}  // namespace tenon::runtime
