// SPDX-License-Identifier: Apache-2.0
// A callback is a loop body that runs 0 to n times: solved to a fixpoint over its caller's stack and what is held (soundness.md, rule 23). The call's
// arguments wait in State::arguments meanwhile.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/bug.hpp"
#include "verify/call_binding.hpp"

namespace tenon::verify {

using Kind = Value::Kind;

namespace {
constexpr std::size_t kArguments = 5;
}

/// What the host hands to the callback as its parameter `type`.
Value Analyzer::callback_argument(State& state, ir::InsnIdx i, std::uint32_t parameter, const interface::Type& type, const Binding& binding) {
  const auto passed = [&](auto same) -> const Value* {
    for (std::size_t n = 0; n < binding.callee.parameters.size(); ++n) {
      if (same(binding.callee.parameters[n].type)) return &state.arguments[state.arguments.size() - kArguments + n];
    }
    return nullptr;
  };
  Value value;
  if (const auto* scalar = std::get_if<interface::Scalar>(&type)) {
    value = unknown_value(state, number_of_type(*scalar), i);
  } else if (const auto* opaque = std::get_if<interface::Opaque>(&type)) {
    value = *passed([&](const interface::Type& t) { return t == interface::Type(*opaque); });
  } else if (const auto* structure = std::get_if<interface::StructRef>(&type)) {
    const Value* same = passed([&](const interface::Type& t) {
      const auto* other = std::get_if<interface::StructRef>(&t);
      return other && other->type == structure->type;
    });
    value = same ? *same : struct_value(*structure, i);
  } else if (const auto* mem = std::get_if<interface::Mem>(&type)) {
    value = result_memory(state, i, *mem, binding, RegionSite(std::pair(i.value, parameter + 1)));
  } else if (const auto* map = std::get_if<interface::MapRef>(&type)) {
    if (map->holds.empty()) return *passed([&](const interface::Type& t) { return t == interface::Type(*map); });
    value.kind = Kind::map;
    value.id = binding.holders.at(map->holds);
  } else if (const auto* object = std::get_if<interface::ObjectRef>(&type)) {
    value = result_object(state, i, *object, binding);
  }
  return value;
}

/// One run of the callback from `head`; the states in which it ends, back in the caller.
bool Analyzer::run_callback_once(const State& head, ir::InsnIdx i, const interface::Callback& type, ir::FunctionIdx function, const Binding& binding,
                                 std::vector<State>& after) {
  State state = head;
  Frame frame{function, i, {}, {}};
  for (unsigned r = 0; r < 4; ++r) frame.saved[r] = std::exchange(state.regs[6 + r], Value{});
  std::array<Value, kArguments> arguments{};
  for (std::size_t n = 0; n < type.parameters.size(); ++n)
    arguments[n] = callback_argument(state, i, static_cast<std::uint32_t>(n), type.parameters[n], binding);
  state.regs[0] = Value{};
  state.frames.push_back(std::move(frame));
  for (std::size_t n = 0; n < kArguments; ++n) state.regs[n + 1] = arguments[n];
  state.reg(isa::kFramePointer) = Value::of(Kind::stack, {Number::constant(0), Linear(0)}, state.depth());
  std::vector<State> exits;
  if (!run_function(function, Role::context, std::move(state), exits)) {
    if (diagnostic_ && diagnostic_->notes.size() < kMaxNotes) {
      diagnostic_->notes.push_back(note(i, fmt::format("'{}' runs here, any number of times", program_.function(function).name)));
    }
    return false;
  }
  for (State& exit : exits) {
    if (!callback_ends_well(exit, i, type, function, head)) return false;
    leave_frame(exit, i);
    exit.regs[0] = Value{};
    for (const Value& argument : arguments) end_loan(exit, argument, head, i);
    exit.collect_garbage();
    after.push_back(std::move(exit));
  }
  return true;
}

bool Analyzer::callback_ends_well(State& state, ir::InsnIdx i, const interface::Callback& type, ir::FunctionIdx function, const State& before) {
  const std::string& name = program_.function(function).name;
  const bool once = state.frames.size() == (tries_.empty() ? 0 : tries_.back().frames + 1);  // a body that is caught runs once, and may leave more
  if (!once && (state.locks.size() != before.locks.size() || state.modes.size() != before.modes.size())) {
    fail("E0322", i, fmt::format("'{}' ends with other locks or modes than it began with", name),
         "leave them within one run of the callback as they were");
    return false;
  }
  return result_fits(state, i, type, function);
}

bool Analyzer::result_fits(State& state, ir::InsnIdx i, const interface::Callback& type, ir::FunctionIdx function) {
  const std::string& name = program_.function(function).name;
  const auto* scalar = std::get_if<interface::Scalar>(&type.result);
  if (!scalar) return true;
  Value* r0 = use(state, i, isa::Reg::r0);
  if (!r0 || !to_number(state, i, *r0, "return")) return false;
  const Word word = state.number_of(r0->scalar).whole();
  const Word narrow = scalar->bits == 64 ? word : word.truncated(scalar->bits);
  const bool fits = scalar->is_signed ? narrow.smin() >= scalar->lo && narrow.smax() <= static_cast<std::int64_t>(scalar->hi)
                                      : narrow.umin() >= static_cast<std::uint64_t>(scalar->lo) && narrow.umax() <= scalar->hi;
  if (fits) return true;
  fail("E0322", i, fmt::format("'{}' must return {}, this may be {}", name, interface::to_text(declarations_, type.result), narrow.to_text()),
       "limit the value before returning it", {note(r0->origin, "the value comes from here")});
  return !checking_;
}

/// Memory and objects that the callback was lent for one run.
void Analyzer::end_loan(State& state, const Value& lent, const State& before, ir::InsnIdx i) {
  if (lent.kind == Kind::memory && std::ranges::find(before.regions, lent.id, &Region::id) == before.regions.end()) {
    state.kill_region(lent.id, Value::Loss::owner_gone, i);
  }
  if (lent.kind == Kind::object && lent.id != kNoInstance && !before.find_instance(lent.id) && state.find_instance(lent.id)) {
    state.kill_instance(lent.id, Value::Loss::owner_gone, i);
  }
}

void Analyzer::call_later(Later later) {
  if (!checking_ || std::ranges::any_of(later_, [&](const Later& known) { return known.same(later); })) return;
  later_.push_back(std::move(later));
}

/// The function as the host calls it some time: nothing is held, and nothing is known but what it is lent.
void Analyzer::run_later(const Later& later) {
  const interface::Callback& type = declarations_.at(later.type);
  Binding binding(declarations_.at(later.callee));
  binding.holders = later.holders;
  binding.maps = later.maps;
  State state;
  state.frames.push_back({later.function, later.at, {}, {}});
  state.reg(isa::kFramePointer) = Value::of(Kind::stack, {Number::constant(0), Linear(0)}, 0);
  for (std::size_t n = 0; n < type.parameters.size(); ++n)
    state.regs[n + 1] = callback_argument(state, later.at, static_cast<std::uint32_t>(n), type.parameters[n], binding);
  running_later_ = &later;
  std::vector<State> exits;
  const bool done = run_function(later.function, Role::later, std::move(state), exits);
  running_later_ = nullptr;
  if (!done && diagnostic_ && diagnostic_->notes.size() < kMaxNotes)
    diagnostic_->notes.push_back(note(later.at, fmt::format("'{}' is named here, to be called later", program_.function(later.function).name)));
}

bool Analyzer::may_run_as_callback(const State& state, ir::InsnIdx i, ir::FunctionIdx function) {
  const auto active = [&](const Frame& f) { return f.function == function; };
  if (std::ranges::none_of(state.frames, active)) return true;
  fail("E0405", i, fmt::format("'{}' runs as a callback of itself", program_.function(function).name), "use two functions");
  return false;
}

std::optional<std::vector<State>> Analyzer::run_callback(State state, ir::InsnIdx i, const interface::Callback& type, ir::FunctionIdx function,
                                                         const Binding& binding) {
  if (!may_run_as_callback(state, i, function)) return std::nullopt;
  for (std::size_t n = 0; n < kArguments; ++n) state.arguments.push_back(std::exchange(state.regs[n + 1], Value{}));
  state.regs[0] = Value{};
  state.collect_garbage();
  std::vector<LoopHead> heads;
  heads.push_back(begin_loop(std::move(state), i));
  const auto round = [&](Loop& loop, const State* head) { run_callback_once(*head, i, type, function, binding, loop.back); };
  const bool outer_checking = std::exchange(checking_, false);
  std::vector<Loop> last_round;
  if (!settle(i, heads, false, round, last_round)) return std::nullopt;
  checking_ = outer_checking;
  if (checking_ && !confirm(i, heads, false, round, last_round)) return std::nullopt;
  std::vector<State> results;
  for (const LoopHead& head : heads) {
    State after = head.state();
    for (std::size_t n = kArguments; n-- > 0;) {
      after.regs[n + 1] = std::move(after.arguments.back());
      after.arguments.pop_back();
    }
    results.push_back(std::move(after));
  }
  end_loop(i, std::move(heads));
  return results;
}

}  // namespace tenon::verify
