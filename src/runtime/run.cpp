// SPDX-License-Identifier: Apache-2.0
// One native invocation: in through tenon_enter, out with an Outcome.
#include <algorithm>
#include <utility>

#include "base/bug.hpp"
#include "runtime/entry.hpp"
#include "runtime/heap_state.hpp"
#include "runtime/installed_state.hpp"
#include "runtime/os/threads.hpp"
#include "runtime/release.hpp"
#include "runtime/run_again.hpp"
#include "runtime/watchdog.hpp"

namespace tenon::runtime {

namespace {

Cause cause_of(const Level& level) noexcept {
  switch (level.ending) {
    case Ending::in_call: return level.pending == Pending::cancel ? level.pending_cause : level.cancel_cause.load(std::memory_order_relaxed);
    case Ending::stack: return Cause::stack;
    case Ending::misaligned: return Cause::misaligned;
    case Ending::bad_call: return Cause::bad_call;
    case Ending::fault: return Cause::fault;
    case Ending::signal: return level.cancel_cause.load(std::memory_order_relaxed);
    case Ending::lock_held: return Cause::lock_held;
    case Ending::none: break;
  }
  base::bug("an invocation landed without a reason");
}

}  // namespace

std::uint32_t clean_up(Level& level) noexcept {
  for (std::size_t i = 0; i < level.held.size(); ++i) {
    if (!level.held.at(i).drop->is_function()) base::bug("a verified program returned and held an object");
  }
  level.enter_state(LevelState::releasing);
  release_all(level);
  return std::exchange(level.failed_cleanups, 0);
}

void describe_locks(const Level& level, Outcome& outcome) noexcept {
  if (outcome.cause == Cause::bad_unlock) outcome.fault_address = level.cookie;
  if (outcome.cause == Cause::lock_held) {
    const LockRecord& newest = newest_lock(level);
    outcome.fault_address = newest.address.load(std::memory_order_relaxed);
    outcome.held_file = newest.place().file;
    outcome.held_line = newest.place().line;
  }
  if (outcome.cause != Cause::deadlock) return;
  const DeadlockReport& report = level.slot->locks.report;
  outcome.fault_address = report.wanted;
  outcome.held_file = report.held.file;
  outcome.held_line = report.held.line;
  outcome.other_file = report.other.file;
  outcome.other_line = report.other.line;
  outcome.other_thread = report.other_thread;
}

std::uint64_t Installed::State::next_serial() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

/// It has returned, perhaps with cleanups, which run now, or with locks, which is an error; or it has landed.
Outcome Installed::State::leave(Level& level, EnterResult result, bool is_program) noexcept {
  if (result.landed != 0) return conclude(level, is_program);
  if (level.must_end()) settle(*level.slot);
  if (level.held.has_heap_locks()) {
    level.ending = Ending::lock_held;
    level.enter_state(LevelState::releasing);
    return conclude(level, is_program);
  }
  Outcome outcome;
  outcome.value = result.value;
  if (level.held.size() != 0) outcome.failed_cleanups = clean_up(level);
  count(level);
  pop_level(*level.slot, level);
  return outcome;
}

Outcome Installed::finish(Level& level, EnterResult result) noexcept {
  return const_cast<State*>(static_cast<const State*>(level.owner.load(std::memory_order_relaxed)))->leave(level, result);
}

/// Writes what does not change between runs of this program on that level.
void Installed::State::prepare(const ThreadSlot& slot, Level& level, std::uint64_t heap_stack) noexcept {
  level.invocation = {slot.stack_low + native_stack_bytes, heap_stack, heap_stack - kProgramStackBytes, level.poll_page};
  level.quantum_ns.store(quantum_ns, std::memory_order_relaxed);
  level.lock_wait_ns = 0;
  level.cache = heap_state->home(slot.index, slot.depth).cache;
  level.polls.store(polls, std::memory_order_relaxed);
  level.code_begin = code.code_begin();
  level.code_end = code.code_end();
  level.entry = code.entry();
  set_runner(level, *heap, *this, this, control.get());
  level.prepared_for = serial;
}

Outcome Installed::run(std::uint64_t r1, std::uint64_t r2, std::uint64_t r3, std::uint64_t r4, std::uint64_t r5) const noexcept {
  return state_->run({r1, r2, r3, r4, r5});
}

std::uint64_t Installed::serial() const noexcept { return state_->given.empty() ? state_->serial : kNobodysSerial; }

Outcome Installed::State::run(const Registers& arguments) noexcept {
  ThreadSlot* const slot = this_thread_slot();
  Level* const level = next_level(slot);
  if (level == nullptr) return refuse_to_run(Cause::host_request, arguments);
  if (!has_room(*slot, native_stack_bytes)) return refuse_to_run(Cause::stack, arguments);
  if (level->prepared_for != serial) {
    const std::uint64_t heap_stack = heap_state->stack_top(slot->index, slot->depth);
    if (heap_stack == 0) return refuse_to_run(Cause::stack, arguments);
    prepare(*slot, *level, heap_stack);
  }
  push_level(*slot, *level);
  std::atomic_signal_fence(std::memory_order_seq_cst);  // who closes `control` or puts the watchdog to sleep stores, issues a barrier, and looks for levels
  if (const Cause closed = control->refusal(); closed != Cause::none) {
    pop_level(*slot, *level);
    return refuse_to_run(closed, arguments);
  }
  if (tenon_watchdog_asleep.load(std::memory_order_relaxed) != 0) tenon_wake_watchdog();
  hold_given(*level, arguments);
  return leave(*level, enter(*level, arguments, code.entry()));
}

const void* Installed::State::find(std::uint64_t value) const noexcept {
  const auto found = std::ranges::lower_bound(functions, value, {}, &Function::value);
  return value != 0 && found != functions.end() && found->value == value ? &*found : nullptr;
}

/// A landing ends at the innermost tenon_enter, so a host function that was called in between goes on and sees that there is no result (rule 14).
std::optional<std::uint64_t> Installed::State::run(Level& level, const void* callee, const Registers& arguments) noexcept {
  const auto& function = *static_cast<const Function*>(callee);
  ThreadSlot& slot = *level.slot;
  if (!has_room(slot, function.native_stack_bytes)) {
    level.request(Pending::cancel, Cause::stack, 0);
    return std::nullopt;
  }
  const std::uint64_t entry_sp = level.entry_sp, heap_stack = level.invocation.heap_stack_pointer;
  const Site* const site = level.site;
  const EnterResult result = enter(level, arguments, function.entry);
  if (result.landed != 0 && !level.has_ended) {
    check_record(level);
    level.end = describe_end(level);
    level.has_ended = true;
    level.request(Pending::cancel, level.end.cause, level.cookie);
  }
  level.enter_state(LevelState::host);
  if (level.must_end_after_store()) settle(slot);
  level.entry_sp = entry_sp;
  level.site = site;
  if (result.landed != 0) level.keep_frames();
  level.invocation.heap_stack_pointer = heap_stack;
  if (result.landed != 0 || level.must_end()) return std::nullopt;
  return result.value;
}

/// Why and where the level landed.
Outcome Installed::State::describe_end(const Level& level) const noexcept {
  const bool interrupted = level.ending == Ending::fault || level.ending == Ending::signal;
  const std::uint32_t instruction = interrupted                            ? instruction_at(level.stopped_at)
                                    : level.ending == Ending::lock_held     ? newest_lock(level).instruction
                                    : level.site != nullptr                 ? level.site->instruction
                                                                            : 0;
  Outcome outcome = stopped(Cause::none, instruction);
  if (level.ending == Ending::in_call && level.pending == Pending::throw_) {
    outcome.kind = Outcome::Kind::thrown;
    outcome.value = outcome.cookie = level.cookie;
  } else {
    outcome.cause = cause_of(level);
    if (outcome.cause == Cause::fault) outcome.fault_address = level.fault_address;
    if (outcome.cause == Cause::bad_free) outcome.fault_address = level.cookie;
    describe_locks(level, outcome);
    if (outcome.cause == Cause::host_promise) outcome.fault_address = level.cookie, outcome.broken_promise = keep_forever(level.broken_promise);
  }
  return outcome;
}

/// The level has landed: settles signals, gives back what is held, says why.
Outcome Installed::State::conclude(Level& level, bool is_program) noexcept {
  level.prepared_for = 0;
  if (level.must_end()) settle(*level.slot);
  if (!level.has_ended) check_record(level);
  Outcome outcome = level.has_ended ? level.end : describe_end(level);
  if (level.held.size() != 0) {
    const std::uint64_t before = os::read_clock_ns(CLOCK_MONOTONIC);
    release_all(level);
    outcome.release_ns = os::read_clock_ns(CLOCK_MONOTONIC) - before;
  }
  if (is_program && outcome.kind == Outcome::Kind::thrown && exception_callback != nullptr) run_exception_callback(level, outcome);
  outcome.failed_cleanups = std::exchange(level.failed_cleanups, 0);
  level.kept_frames = 0;
  count(level);
  if (outcome.kind == Outcome::Kind::cancelled) control->ended(outcome.cause);
  pop_level(*level.slot, level);
  return outcome;
}

/// In what is left of the quantum, or in a new one after cleanups; nothing is held any more. Its result is the hook's.
void Installed::State::run_exception_callback(Level& level, Outcome& outcome) noexcept {
  level.pending = Pending::none;
  level.ending = Ending::none;
  level.has_ended = false;
  level.enter_state(LevelState::host);
  if (const auto result = run(level, exception_callback, {outcome.cookie})) {
    outcome.value = *result;
  } else {
    const Outcome first = outcome;
    outcome = level.has_ended ? level.end : stopped(level.must_end() ? level.cancel_cause.load(std::memory_order_relaxed) : Cause::quantum, instruction_at(exception_callback->entry));
    outcome.release_ns = first.release_ns;
  }
  level.enter_state(LevelState::releasing);
  release_all(level);
}

void Installed::State::hold_given(Level& level, const Registers& arguments) const noexcept {
  for (const Given& argument : given) {
    if (arguments[argument.index] != 0) level.held.push(arguments[argument.index], *argument.drop);
  }
}

Outcome Installed::State::refuse_to_run(Cause cause, const Registers& arguments) const noexcept {
  for (const Given& argument : given) {
    if (arguments[argument.index] != 0) argument.drop->entry(arguments[argument.index], 0, 0, 0, 0);
  }
  control->refused(cause);
  return stopped(cause, instruction_at(code.entry()));
}

Outcome Installed::State::stopped(Cause cause, std::uint32_t instruction) const noexcept {
  Outcome outcome;
  outcome.kind = Outcome::Kind::cancelled;
  outcome.cause = cause;
  outcome.value = default_result;
  outcome.instruction = instruction;
  if (instruction < places.size()) {
    const KeptPlace& place = places[instruction];
    outcome.instruction = place.slot;
    outcome.file = place.file;
    outcome.line = place.line;
  }
  return outcome;
}

std::uint32_t Installed::State::instruction_at(std::uint64_t pc) const noexcept {
  const std::uint64_t offset = pc - code.base();
  const auto after = std::upper_bound(pc_map.begin(), pc_map.end(), offset, [](std::uint64_t at, const abi::PcMapEntry& e) { return at < e.offset; });
  return after == pc_map.begin() ? 0 : std::prev(after)->instruction;
}

void Installed::State::count(Level& level) noexcept {
  const RecordCounts counts = std::exchange(level.counts, {});
  acquired.fetch_add(counts.acquired, std::memory_order_relaxed);
  released_by_extension.fetch_add(counts.released_by_extension, std::memory_order_relaxed);
  released_by_cancel.fetch_add(counts.released_by_cancel, std::memory_order_relaxed);
}

}  // namespace tenon::runtime
