// SPDX-License-Identifier: Apache-2.0
#include "runtime/release.hpp"

#include <algorithm>
#include <tenon/callback.hpp>
#include <utility>

#include "base/bug.hpp"
#include "runtime/entry.hpp"
#include "runtime/heap_state.hpp"

namespace tenon::runtime {

namespace {

bool must_stop(const Level& level) noexcept { return level.must_end() || level.pending != Pending::none; }

void give_to_host(Level& level, const HeldObjects::Entry& entry) noexcept {
  entry.drop->entry(entry.object, 0, 0, 0, 0);
  if (entry.drop->in_stack) level.stack_objects.remove(entry.object);
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

/// What is thrown leaves frames behind whose variables destructors still look at: while the record is given back, new frames lie below them, and what is
/// kept for this may be used. Fails: tests/cases/run/exceptions/destroy_in_left_frames, destroy_when_the_stack_is_used_up.
class FramesKept {
 public:
  explicit FramesKept(Level& level) : level_(level), outer_(level.invocation) {
    const std::uint64_t kept = std::exchange(level.kept_frames, 0);
    if (kept != 0) level.invocation.heap_stack_pointer = std::min(kept, outer_.heap_stack_pointer);
    level.invocation.heap_stack_limit -= kCleanupStackBytes;
  }
  ~FramesKept() {
    level_.invocation.heap_stack_pointer = outer_.heap_stack_pointer;
    level_.invocation.heap_stack_limit = outer_.heap_stack_limit;
    level_.kept_frames = 0;
  }
  FramesKept(const FramesKept&) = delete;
  FramesKept& operator=(const FramesKept&) = delete;

 private:
  Level& level_;
  const abi::Invocation outer_;
};

/// Within the invocation: what is cut short ends it, so it is counted once, here.
bool clean_up_within(Level& level, const HeldObjects::Entry& entry) noexcept {
  const bool done = call_function(level, entry.drop->function, {entry.object}).has_value();
  if (!done) ++level.failed_cleanups;
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

void release_all(Level& level) noexcept {
  const FramesKept frames(level);
  const std::uint64_t generation = level.generation, quantum_ns = level.quantum_ns.load(std::memory_order_relaxed);
  while (level.held.size() > 0) {
    const HeldObjects::Entry entry = level.held.pop();
    if (entry.drop == nullptr || entry.drop->kind == Drop::Kind::mark) continue;
    if (!entry.drop->is_function()) {
      give_to_host(level, entry);
    } else if (!clean_up_alone(level, entry)) {
      ++level.failed_cleanups;
    }
  }
  if (level.generation == generation) return;
  level.generation = ++level.slot->last_generation;  // how the last cleanup ended is not the concern of what runs now
  level.quantum_ns.store(quantum_ns, std::memory_order_relaxed);
  level.enter_state(LevelState::releasing);
}

void release_to_mark(Level& level) noexcept {
  const std::size_t mark = level.held.newest_mark();
  const FramesKept frames(level);
  level.enter_state(LevelState::releasing);  // host functions that give back are not part of the quantum
  while (level.held.size() > mark && !must_stop(level)) {
    const HeldObjects::Entry entry = level.held.pop();
    if (entry.drop == nullptr || entry.drop->kind == Drop::Kind::mark) continue;
    if (!entry.drop->is_function()) {
      give_to_host(level, entry);
      continue;
    }
    level.enter_state(LevelState::host);
    clean_up_within(level, entry);
    level.enter_state(LevelState::releasing);
  }
  level.enter_state(LevelState::host);
}

void close_mark(Level& level) noexcept {
  const std::size_t mark = level.held.newest_mark();
  for (std::size_t i = level.held.size(); i-- > mark + 1;) {
    const Drop* const drop = level.held.at(i).drop;
    if (drop == nullptr || !drop->is_function()) continue;
    if (must_stop(level)) return;  // what is left is release_all's
    if (!clean_up_within(level, level.held.remove(i))) return;
  }
  level.held.remove(mark);
}

void run_destructor(Level& level, std::uint64_t address) noexcept {
  const auto place = level.held.newest_destructor(address);
  if (!place || must_stop(level)) return;
  clean_up_within(level, level.held.remove(*place));
}

}  // namespace tenon::runtime

namespace tenon {

std::optional<std::uint64_t> Callback::call(std::uint64_t r1, std::uint64_t r2, std::uint64_t r3, std::uint64_t r4, std::uint64_t r5) const noexcept {
  runtime::Level* const level = runtime::tenon_current_level;
  // On another thread, or after its host function has returned, it belongs to nobody who could run it. What is called later was not verified for now.
  if (level == nullptr || level->generation != generation_ || later_type_) return std::nullopt;
  const runtime::LevelState state = runtime::state_of(level->word.load(std::memory_order_relaxed));
  if (state != runtime::LevelState::host && state != runtime::LevelState::interruptible) return std::nullopt;
  runtime::pause_interruption(*level);
  const bool interruptible = std::exchange(level->interruptible_call, false);
  const auto result = runtime::call_function(*level, function_, {r1, r2, r3, r4, r5});
  level->interruptible_call = interruptible;
  runtime::resume_interruption(*level);
  return result;
}

LaterCallback Callback::later() const noexcept {
  runtime::Level* const level = runtime::tenon_current_level;
  if (level == nullptr || level->generation != generation_ || !later_type_) return {};
  return {level->runner->later(), function_, *later_type_};
}

Outcome LaterCallback::run(std::uint64_t r1, std::uint64_t r2, std::uint64_t r3, std::uint64_t r4, std::uint64_t r5) const noexcept {
  const auto runner = runner_.lock();  // so that the program's memory stays until the run is over
  if (runner != nullptr && function_ != nullptr) return runner->run_later(function_, type_, {r1, r2, r3, r4, r5});
  Outcome refused;
  refused.kind = Outcome::Kind::cancelled;
  refused.cause = runner == nullptr ? Cause::unloaded : Cause::bad_call;  // what was passed was a number that names no function
  return refused;
}

}  // namespace tenon
