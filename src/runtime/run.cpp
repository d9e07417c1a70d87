// SPDX-License-Identifier: Apache-2.0
// One native invocation: in through tenon_enter, out with an Outcome.
#include <algorithm>

#include "base/bug.hpp"
#include "runtime/entry.hpp"
#include "runtime/heap_state.hpp"
#include "runtime/installed_state.hpp"

extern "C" {
struct EnterResult {
  std::uint64_t value;
  std::uint64_t landed;
};
__attribute__((visibility("hidden"))) EnterResult tenon_enter(tenon::runtime::Level* level, const std::uint64_t* arguments, std::uint64_t entry,
                                                              std::uint64_t word) noexcept;
}

namespace tenon::runtime {

namespace {

std::uint64_t stack_pointer() noexcept { return reinterpret_cast<std::uint64_t>(__builtin_frame_address(0)); }

/// The thread's own stack, with room for `need` bytes below the caller. On any other stack nothing is known, so there is no room.
bool has_room(const ThreadSlot& slot, std::uint64_t need) noexcept {
  const std::uint64_t sp = stack_pointer();
  return sp <= slot.stack_high && sp >= slot.stack_low && sp - slot.stack_low >= need;
}

Cause cause_of(const Level& level) noexcept {
  switch (level.ending) {
    case Ending::in_call: return level.pending == Pending::cancel ? level.pending_cause : level.cancel_cause.load(std::memory_order_relaxed);
    case Ending::stack: return Cause::stack;
    case Ending::misaligned: return Cause::misaligned;
    case Ending::bad_call: return Cause::bad_call;
    case Ending::fault: return Cause::fault;
    case Ending::signal: return level.cancel_cause.load(std::memory_order_relaxed);
    case Ending::none: break;
  }
  base::bug("an invocation landed without a reason");
}

}  // namespace

inline Outcome Installed::State::run(const std::uint64_t* arguments) noexcept {
  ThreadSlot* const this_thread = this_thread_slot();
  Level* const level = next_level(this_thread);
  if (level == nullptr) [[unlikely]] return refuse_to_run(Cause::host_request, arguments);
  ThreadSlot& slot = *this_thread;
  if (!has_room(slot, native_stack_bytes)) [[unlikely]] return refuse_to_run(Cause::stack, arguments);
  const std::uint64_t heap_stack = heap_state->stack_top(slot.index, slot.depth);
  if (heap_stack == 0) [[unlikely]] return refuse_to_run(Cause::stack, arguments);

  level->invocation = {slot.stack_low + native_stack_bytes, heap_stack, heap_stack - kStackUsableBytes, level->poll_page};
  level->quantum_ns.store(quantum_ns, std::memory_order_relaxed);
  level->polls.store(polls, std::memory_order_relaxed);
  level->code_begin = code.code_begin();
  level->code_end = code.code_end();
  push_level(slot, *level, *heap, this, control.get());
  if (const Cause closed = refusal(*control); closed != Cause::none) [[unlikely]] {
    pop_level(slot, *level);
    return refuse_to_run(closed, arguments);
  }
  for (const Given& argument : given) {
    if (arguments[argument.index] != 0) level->held.push(arguments[argument.index], *argument.drop);
  }

  const EnterResult result = tenon_enter(level, arguments, code.entry(), make_word(level->generation, LevelState::host));
  if (result.landed != 0) [[unlikely]] return conclude(*level);
  if (level->must_end()) [[unlikely]] settle(slot);
  if (level->held.size() != 0) [[unlikely]] base::bug("a verified program returned and held an object");
  if (level->counts.acquired != 0 || level->counts.released_by_extension != 0) add(level->counts), level->counts = {};
  Outcome outcome;
  outcome.value = result.value;
  pop_level(slot, *level);
  return outcome;
}

Outcome Installed::run(const std::array<std::uint64_t, 5>& arguments) const noexcept { return state_->run(arguments.data()); }

/// The level has landed: settles signals, gives back what is held, says why.
Outcome Installed::State::conclude(Level& level) noexcept {
  if (level.must_end()) settle(*level.slot);
  const bool interrupted = level.ending == Ending::fault || level.ending == Ending::signal;
  const std::uint32_t instruction = interrupted ? instruction_at(level.stopped_at) : level.site != nullptr ? level.site->instruction : 0;
  Outcome outcome = stopped(Cause::none, instruction);
  if (level.ending == Ending::in_call && level.pending == Pending::throw_) {
    outcome.kind = Outcome::Kind::thrown;
    outcome.value = level.cookie;
  } else {
    outcome.cause = cause_of(level);
    if (outcome.cause == Cause::fault) outcome.fault_address = level.fault_address;
    if (outcome.cause == Cause::host_promise) outcome.fault_address = level.cookie, outcome.broken_promise = level.broken_promise;
  }
  level.counts.released_by_cancel += level.held.release_all();
  add(level.counts);
  level.counts = {};
  if (outcome.kind == Outcome::Kind::cancelled) control->ended(outcome.cause);
  pop_level(*level.slot, level);
  return outcome;
}

Outcome Installed::State::refuse_to_run(Cause cause, const std::uint64_t* arguments) const noexcept {
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
    const Place& place = places[instruction];
    outcome.instruction = place.slot;
    outcome.file = place.file.c_str();
    outcome.line = place.line;
  }
  return outcome;
}

std::uint32_t Installed::State::instruction_at(std::uint64_t pc) const noexcept {
  const std::uint64_t offset = pc - code.base();
  const auto after = std::upper_bound(pc_map.begin(), pc_map.end(), offset, [](std::uint64_t at, const abi::PcMapEntry& e) { return at < e.offset; });
  return after == pc_map.begin() ? 0 : std::prev(after)->instruction;
}

void Installed::State::add(const RecordCounts& counts) noexcept {
  acquired.fetch_add(counts.acquired, std::memory_order_relaxed);
  released_by_extension.fetch_add(counts.released_by_extension, std::memory_order_relaxed);
  released_by_cancel.fetch_add(counts.released_by_cancel, std::memory_order_relaxed);
}

}  // namespace tenon::runtime
