// SPDX-License-Identifier: Apache-2.0
#include "runtime/release.hpp"

#include <tenon/callback.hpp>
#include <utility>

#include "base/bug.hpp"
#include "runtime/entry.hpp"

namespace tenon::runtime {

namespace {

bool must_stop(const Level& level) noexcept { return level.must_end() || level.pending != Pending::none; }

void give_to_host(Level& level, const HeldObjects::Entry& entry) noexcept {
  entry.drop->entry(entry.object, 0, 0, 0, 0);
  if (entry.drop->kind == Drop::Kind::object) ++level.counts.released_by_cancel;
}

/// A generation of its own is a quantum of its own, and what marked the old one does not reach it.
bool clean_up_alone(Level& level, const HeldObjects::Entry& entry) noexcept {
  level.generation = ++level.slot->last_generation;
  level.quantum_ns.store(kCleanupNs, std::memory_order_relaxed);
  level.prepared_for = 0;
  level.pending = Pending::none;
  level.ending = Ending::none;
  level.has_ended = false;
  level.cleans_up.store(true, std::memory_order_relaxed);
  level.enter_state(LevelState::host);
  const bool done = call_function(level, entry.drop->function, {entry.object}).has_value();
  level.enter_state(LevelState::releasing);
  level.cleans_up.store(false, std::memory_order_release);
  return done;
}

}  // namespace

std::optional<std::uint64_t> call_function(Level& level, const void* function, const Registers& arguments) noexcept {
  if (must_stop(level)) return std::nullopt;
  if (function == nullptr) {
    level.request(Pending::cancel, Cause::bad_call, 0);
    return std::nullopt;
  }
  return level.runner->run(level, function, arguments);
}

std::uint32_t release_all(Level& level) noexcept {
  std::uint32_t failed = 0;
  while (level.held.size() > 0) {
    const HeldObjects::Entry entry = level.held.pop();
    if (entry.drop == nullptr || entry.drop->kind == Drop::Kind::mark) continue;
    if (entry.drop->kind != Drop::Kind::cleanup) {
      give_to_host(level, entry);
    } else if (!clean_up_alone(level, entry)) {
      ++failed;
    }
  }
  return failed;
}

void release_to_mark(Level& level) noexcept {
  const std::size_t mark = level.held.newest_mark();
  level.enter_state(LevelState::releasing);  // host functions that give back are not part of the quantum
  while (level.held.size() > mark && !must_stop(level)) {
    const HeldObjects::Entry entry = level.held.pop();
    if (entry.drop == nullptr || entry.drop->kind == Drop::Kind::mark) continue;
    if (entry.drop->kind != Drop::Kind::cleanup) {
      give_to_host(level, entry);
      continue;
    }
    level.enter_state(LevelState::host);
    call_function(level, entry.drop->function, {entry.object});
    level.enter_state(LevelState::releasing);
  }
  level.enter_state(LevelState::host);
}

void close_mark(Level& level) noexcept {
  const std::size_t mark = level.held.newest_mark();
  for (std::size_t i = level.held.size(); i-- > mark + 1;) {
    const Drop* const drop = level.held.at(i).drop;
    if (drop == nullptr || drop->kind != Drop::Kind::cleanup) continue;
    const HeldObjects::Entry entry = level.held.remove(i);
    if (!call_function(level, drop->function, {entry.object})) return;
  }
  level.held.remove(mark);
}

}  // namespace tenon::runtime

namespace tenon {

std::optional<std::uint64_t> Callback::call(std::uint64_t r1, std::uint64_t r2, std::uint64_t r3, std::uint64_t r4, std::uint64_t r5) const noexcept {
  runtime::Level* const level = runtime::tenon_current_level;
  // On another thread, or after its host function has returned, it belongs to nobody who could run it.
  if (level == nullptr || level->generation != generation_) return std::nullopt;
  const runtime::LevelState state = runtime::state_of(level->word.load(std::memory_order_relaxed));
  if (state != runtime::LevelState::host && state != runtime::LevelState::interruptible) return std::nullopt;
  runtime::pause_interruption(*level);
  const bool interruptible = std::exchange(level->interruptible_call, false);
  const auto result = runtime::call_function(*level, function_, {r1, r2, r3, r4, r5});
  level->interruptible_call = interruptible;
  runtime::resume_interruption(*level);
  return result;
}

}  // namespace tenon
