// SPDX-License-Identifier: Apache-2.0
#include "runtime/host_call.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <tenon/callback.hpp>
#include <utility>

#include "base/bug.hpp"
#include "runtime/heap_state.hpp"
#include "runtime/promises.hpp"
#include "runtime/runtime.hpp"

namespace tenon::runtime {

namespace {

constexpr std::uint64_t kMaxCopyBytes = 64ull << 20;  ///< of one memory argument that a host function gets as a copy

/// A host-private copy of a heap range for the length of one host call. The heap is read once and written once (rules 19, 20).
class Bounce {
 public:
  Bounce() = default;
  Bounce(const Bounce&) = delete;
  Bounce& operator=(const Bounce&) = delete;
  ~Bounce() {
    if (copy_ != small_.data()) std::free(copy_);
  }

  bool prepare(std::uint64_t address, std::uint64_t bytes, const MemParameter& parameter) {
    if (bytes > kMaxCopyBytes) return false;
    copy_ = bytes <= small_.size() ? small_.data() : static_cast<std::byte*>(std::malloc(bytes));
    if (copy_ == nullptr) return false;
    if (parameter.copy_in) {
      std::memcpy(copy_, reinterpret_cast<const void*>(address), bytes);
    } else {
      std::memset(copy_, 0, bytes);  // what the host function does not write must not show the extension the host's memory
    }
    if (parameter.copy_out) home_ = address;
    bytes_ = bytes;
    return true;
  }
  std::uint64_t address() const { return reinterpret_cast<std::uint64_t>(copy_); }
  void copy_back() const {
    if (home_ != 0) std::memcpy(reinterpret_cast<void*>(home_), copy_, bytes_);
  }

 private:
  alignas(16) std::array<std::byte, 512> small_;
  std::byte* copy_ = nullptr;
  std::uint64_t home_ = 0, bytes_ = 0;
};

/// Replaces each unproved memory argument by what the host function may touch: the heap address itself, or a copy.
bool resolve_memory(const Level& level, const Site& site, Registers& registers, std::array<Bounce, 5>& bounces) {
  const Registers given = registers;
  const abi::HeapShape shape = level.heap->shape();
  for (const MemParameter& parameter : site.callee->memory) {
    if ((site.heap_arguments >> parameter.index & 1) == 0) continue;
    std::uint64_t& argument = registers[parameter.index];
    if (argument == 0 && parameter.nullable) continue;
    const auto bytes = length_of(parameter, given);
    // The same reduction as the guard of an access: a pointer means the same to the extension's own loads and to a host function.
    const std::uint64_t address = level.heap->base() + (argument & (shape.window_bytes - 1));
    if (!bytes || (*bytes != 0 && !level.heap->granted(address, *bytes))) return false;
    argument = address;
    if (parameter.in_place) continue;
    Bounce& bounce = bounces[parameter.index];
    if (!bounce.prepare(address, *bytes, parameter)) return false;
    argument = bounce.address();
  }
  return true;
}

bool holds(const Condition& condition, const Registers& arguments, std::uint64_t r0) {
  const std::uint64_t whole = condition.parameter ? arguments[*condition.parameter] : r0;
  const unsigned drop = 64u - condition.bits;
  const std::uint64_t value = whole << drop >> drop;
  const auto compare = [&](auto left, auto right) {
    switch (condition.compare) {
      case interface::Conditional::Compare::eq:
        return left == right;
      case interface::Conditional::Compare::ne:
        return left != right;
      case interface::Conditional::Compare::lt:
        return left < right;
      case interface::Conditional::Compare::le:
        return left <= right;
      case interface::Conditional::Compare::gt:
        return left > right;
      case interface::Conditional::Compare::ge:
        return left >= right;
    }
    base::bug("unknown comparison");
  };
  if (!condition.is_signed) return compare(value, condition.value);
  return compare(static_cast<std::int64_t>(whole << drop) >> drop, static_cast<std::int64_t>(condition.value));
}

/// The record's side of one host call. What the call gives back leaves the record before it runs, what it acquires has its place by then (rule 17).
class Recording {
 public:
  Recording(Level& level, const Callee& callee, const Registers& arguments) : level_(level), callee_(callee), arguments_(arguments) {
    for (const RecordEffect& effect : callee.releases) {
      if (effect.when && !effect.inverted) continue;
      if (const auto taken = remove(effect)) taken_[count_++] = {*taken, &effect};
    }
    for (std::size_t n = callee.acquires.size() + (callee.result != nullptr ? 1 : 0); n > 0; --n) level.held.reserve_for(call());
  }

  void settle(std::uint64_t r0) {
    for (const RecordEffect& effect : callee_.acquires) {
      if (effect.when && !holds(*effect.when, arguments_, r0)) continue;
      level_.held.fill_for(call(), object_of(effect), *effect.drop);
      if (effect.drop->kind == Drop::Kind::object) ++level_.counts.acquired;
    }
    if (callee_.result != nullptr && r0 != 0) {
      level_.held.fill_for(call(), r0, *callee_.result);
      ++level_.counts.acquired;
    }
    if (callee_.acquires.size() + (callee_.result != nullptr ? 1 : 0) != 0) level_.held.sweep_for(call());
    for (const RecordEffect& effect : callee_.releases) {
      if (effect.when && !effect.inverted && holds(*effect.when, arguments_, r0)) remove(effect);
    }
    while (count_ > 0) {  // in reverse, so that each finds its place again
      const auto& [taken, effect] = taken_[--count_];
      if (!effect->inverted || !holds(*effect->when, arguments_, r0)) continue;
      level_.held.restore(taken.place, object_of(*effect), *taken.drop);
      if (effect->drop->kind == Drop::Kind::object) --level_.counts.released_by_extension;
    }
  }

 private:
  /// Names this call among those under way.
  std::uint64_t call() const { return reinterpret_cast<std::uint64_t>(this); }
  std::uint64_t object_of(const RecordEffect& effect) const { return effect.parameter ? arguments_[*effect.parameter] : 0; }
  std::optional<HeldObjects::Taken> remove(const RecordEffect& effect) {
    const std::uint64_t object = object_of(effect);
    if (effect.parameter && object == 0) return std::nullopt;  // the verifier lets null pass only where the parameter is nullable
    const auto taken = level_.held.take(object, *effect.drop, effect.kinds);
    base::ensure(taken.has_value(), "something was given back that the record does not hold");
    if (effect.drop->kind == Drop::Kind::object) ++level_.counts.released_by_extension;
    return taken;
  }

  Level& level_;
  const Callee& callee_;
  const Registers& arguments_;
  std::size_t count_ = 0;
  std::array<std::pair<HeldObjects::Taken, const RecordEffect*>, kMaxRecordEffects> taken_;
};

std::uint64_t call_bound(Level& level, const Callee& callee, const Registers& r) {
  if (!callee.interruptible) return callee.entry(r[0], r[1], r[2], r[3], r[4]);
  level.interruptible_call = true;
  level.enter_state(LevelState::interruptible);
  const std::uint64_t r0 = callee.entry(r[0], r[1], r[2], r[3], r[4]);
  level.interruptible_call = false;
  level.enter_state(LevelState::host);
  if (level.must_end_after_store()) settle(*level.slot);  // no signal may reach what the host does next
  return r0;
}

/// A host function that breaks its line ends the invocation. Its result is neither used nor recorded.
std::uint64_t call_watched(Level& level, const Callee& callee, const Registers& r, const Registers& given, Recording& recording) {
  const Watch watch(callee, r, given);
  const std::uint64_t r0 = call_bound(level, callee, r);
  const std::string* const broken = watch.verdict(level, r0);
  recording.settle(broken == nullptr ? r0 : 0);
  if (broken == nullptr) return r0;
  level.broken_promise = broken->c_str();
  level.request(Pending::cancel, Cause::host_promise, r0);
  return 0;
}

std::uint64_t call_and_record(Level& level, const Callee& callee, const Registers& r, const Registers& given) {
  Recording recording(level, callee, given);
  if (callee.promises != nullptr) return call_watched(level, callee, r, given, recording);
  const std::uint64_t r0 = callee.builtin != nullptr ? callee.builtin(level, r) : call_bound(level, callee, r);
  recording.settle(r0);
  // The verifier let the extension use the result without a test: a host that breaks its word must not crash for it.
  if (r0 == 0 && !callee.result_may_be_null) level.request(Pending::cancel, Cause::host_request, 0);
  return r0;
}

/// Each function that is passed becomes a Callback, which lives as long as the call; what it keeps for later does not depend on it.
std::uint64_t call_with_callbacks(Level& level, const Callee& callee, Registers registers, const Registers& given) {
  std::array<std::optional<Callback>, 5> callbacks;
  for (const auto& [index, later_type] : callee.callbacks) {
    if (registers[index] == 0) continue;
    callbacks[index].emplace(level.generation, level.runner->find(registers[index]), later_type);
    registers[index] = reinterpret_cast<std::uint64_t>(&*callbacks[index]);
  }
  return call_and_record(level, callee, registers, given);
}

std::uint64_t call_prepared(Level& level, const Callee& callee, const Registers& registers, const Registers& given) {
  if (callee.callbacks.empty() || callee.builtin != nullptr) return call_and_record(level, callee, registers, given);
  return call_with_callbacks(level, callee, registers, given);
}

std::uint64_t call_with_memory(Level& level, const Site& site, Registers registers) {
  const Registers given = registers;
  const HeapPin pin(level.heap->state());
  std::array<Bounce, 5> bounces;
  if (!resolve_memory(level, site, registers, bounces)) {
    level.request(Pending::cancel, Cause::argument, 0);
    return 0;
  }
  const std::uint64_t r0 = call_prepared(level, *site.callee, registers, given);
  for (const Bounce& bounce : bounces) bounce.copy_back();
  return r0;
}

std::uint64_t call_known(Level& level, const Site& site, const Registers& registers) {
  if (site.heap_arguments != 0) return call_with_memory(level, site, registers);
  return call_prepared(level, *site.callee, registers, registers);
}

/// The host function sees its own bytes where the extension has an address of its stack.
std::uint64_t call_with_stack_objects(Level& level, const Site& site, Registers registers) {
  for (const Callee::StackParameter& parameter : site.callee->in_stack) {
    std::uint64_t& object = registers[parameter.index];
    if (object == 0) continue;
    const auto known = parameter.creates ? level.stack_objects.create(level.generation, object, parameter.bytes) : level.stack_objects.find(object);
    base::ensure(known || parameter.creates, "an object in the stack is passed that nobody made");
    if (!known) {
      level.request(Pending::cancel, Cause::object_limit, 0);
      return 0;
    }
    object = *known;
  }
  const std::uint64_t r0 = call_known(level, site, registers);
  for (const Callee::StackParameter& parameter : site.callee->in_stack) {
    if (parameter.is_owned && !level.held.holds(registers[parameter.index])) level.stack_objects.remove(registers[parameter.index]);
  }
  return r0;
}

}  // namespace

std::uint64_t checked_call(Level& level, const Site& site, const Registers& registers) noexcept {
  const Callee& callee = *site.callee;
  if (!level.held.has_room(callee.acquires.size() + callee.releases.size() + 1)) {
    level.request(Pending::cancel, Cause::object_limit, 0);
    return 0;
  }
  if (!callee.in_stack.empty()) return call_with_stack_objects(level, site, registers);
  return call_known(level, site, registers);
}

extern "C" std::uint64_t tenon_checked_call(std::uint64_t r1, std::uint64_t r2, std::uint64_t r3, std::uint64_t r4, std::uint64_t r5,
                                            const Site* site) noexcept {
  return checked_call(*tenon_current_level, *site, {r1, r2, r3, r4, r5});
}

/// The call handed out nothing.
extern "C" void tenon_acquired_nothing(const Site* site) noexcept {
  Level& level = *tenon_current_level;
  level.held.pop();
  if (!site->callee->result_may_be_null) level.request(Pending::cancel, Cause::host_request, 0);
}

}  // namespace tenon::runtime
