// SPDX-License-Identifier: Apache-2.0
// Throwing and catching. A call that catches runs its body exactly once, so the body is no loop (soundness.md, rule 23, is about the host's callbacks):
// its caller goes on from each state in which the body returns, and from each state in which something was thrown, less what was acquired inside.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "verify/call_binding.hpp"

namespace tenon::verify {

namespace {

/// A cleanup runs in whatever mode the invocation is in when it ends, or its try does.
/// Fails: tests/cases/verify/exceptions, defer_in_a_mode.
bool some_mode_forbids(const interface::Declarations& declarations, const interface::Function& callee) {
  for (std::uint32_t mode = 0; mode < declarations.modes.size(); ++mode) {
    if (mode_forbids(declarations, interface::ModeIdx(mode), callee)) return true;
  }
  return false;
}

/// What a function that cleans up may not call: afterwards there is nobody left to give anything back.
bool acquires_or_throws(const interface::Declarations& declarations, const interface::Function& callee) {
  using Effect = interface::Conditional::Effect;
  const auto* result = std::get_if<interface::ObjectRef>(&callee.result);
  if (result && result->mode == interface::ObjectRef::Mode::own) return true;
  const auto makes = [&](const interface::Parameter& parameter) {
    const auto* object = std::get_if<interface::ObjectRef>(&parameter.type);
    const auto* callback = std::get_if<interface::CallbackRef>(&parameter.type);
    return (object && object->mode == interface::ObjectRef::Mode::create) || (callback && declarations.at(callback->type).later);
  };
  const auto adds = [](const interface::Conditional& on) { return on.effect == Effect::acquires || on.effect == Effect::enters; };
  return std::ranges::any_of(callee.parameters, makes) || std::ranges::any_of(callee.on, adds) || !callee.acquires_locks.empty() ||
         !callee.enters.empty() || callee.throws || callee.catches || callee.destroys || callee.may_end;
}

}  // namespace

/// Before anything is analysed: what may throw, through subprograms, function values and callbacks; likewise what may acquire. A function whose address
/// is taken may be called by whoever takes it, and by every indirect call.
void Analyzer::find_traits() {
  const std::size_t count = program_.functions().size();
  throws_.assign(count, false);
  must_not_clean_.assign(count, std::nullopt);
  std::vector<std::vector<std::uint32_t>> callers(count);
  std::vector<std::uint32_t> changed;
  for (ir::InsnIdx i{0u}; i.index() < program_.insns().size(); ++i) {
    const std::uint32_t caller = program_.function_of(i).value;
    const auto* load = std::get_if<isa::LoadImm>(&program_.insn(i));
    if (load && load->kind == isa::LoadImm::Kind::function) callers[load->value].push_back(caller);
    const auto* call = std::get_if<isa::Call>(&program_.insn(i));
    if (!call) continue;
    if (call->kind == isa::Call::Kind::local) callers[call->target].push_back(caller);
    if (call->kind == isa::Call::Kind::indirect) {
      for (std::uint32_t f = 0; f < count; ++f) {
        if (program_.functions()[f].value) callers[f].push_back(caller);
      }
    }
    if (call->kind != isa::Call::Kind::host) continue;
    for (auto f = declarations_.find_callee(program_.externs()[call->target]); f; f = declarations_.next_variant(*f)) {
      if (declarations_.at(*f).throws) throws_[caller] = true;
      if (must_not_clean_[caller]) continue;
      if (acquires_or_throws(declarations_, declarations_.at(*f))) must_not_clean_[caller] = NoCleanup{i, false};
      else if (some_mode_forbids(declarations_, declarations_.at(*f))) must_not_clean_[caller] = NoCleanup{i, true};
    }
    if (throws_[caller] || must_not_clean_[caller]) changed.push_back(caller);
  }
  while (!changed.empty()) {
    const std::uint32_t callee = changed.back();
    changed.pop_back();
    for (const std::uint32_t caller : callers[callee]) {
      const bool more = (throws_[callee] && !throws_[caller]) || (must_not_clean_[callee] && !must_not_clean_[caller]);
      if (throws_[callee]) throws_[caller] = true;
      if (!must_not_clean_[caller]) must_not_clean_[caller] = must_not_clean_[callee];
      if (more) changed.push_back(caller);
    }
  }
}

/// Something may be thrown in this state. Outside of every try the runtime gives everything back, and nobody goes on.
void Analyzer::throws_here(const State& state, ir::InsnIdx i) {
  if (!tries_.empty()) tries_.back().thrown.emplace_back(state, i);
}

/// The state as the caller of the catching call finds it: frames gone, what was acquired inside given back by the runtime.
/// Fails: tests/cases/verify/exceptions, try_*.
State Analyzer::caught(State state, ir::InsnIdx at, const Try& scope) {
  while (state.frames.size() > scope.frames) leave_frame(state, at);
  state.arguments.resize(scope.arguments);
  const auto inside = [&](const auto& held) { return held.tries > tries(); };
  std::erase_if(state.locks, inside);
  for (const ActiveMode& mode : std::vector(state.modes)) {
    if (inside(mode)) state.leave_scope(mode.scope, at);
  }
  std::erase_if(state.modes, inside);
  for (const Instance& instance : std::vector(state.instances)) {
    if (instance.owned() && inside(instance) && state.find_instance(instance.id)) state.kill_instance(instance.id, Value::Loss::released, at);
  }
  return state;
}

/// What the body leaves held belongs to its caller now.
void Analyzer::end_try(State& state) {
  for (Instance& instance : state.instances) instance.tries = std::min(instance.tries, tries());
  for (HeldLock& lock : state.locks) lock.tries = std::min(lock.tries, tries());
  for (ActiveMode& mode : state.modes) mode.tries = std::min(mode.tries, tries());
  for (std::size_t n = 0; n < 5; ++n) state.arguments.pop_back();
  after_call(state);
}

std::optional<std::vector<State>> Analyzer::run_try(State state, ir::InsnIdx i, const Binding& binding) {
  const ir::FunctionIdx body = *binding.callbacks[0];
  if (!may_run_as_callback(state, i, body)) return std::nullopt;
  const auto& type = declarations_.at(std::get<interface::CallbackRef>(binding.callee.parameters[0].type).type);
  for (std::size_t n = 1; n <= 5; ++n) state.arguments.push_back(std::exchange(state.regs[n], Value{}));
  state.regs[0] = Value{};
  tries_.push_back({state.frames.size(), state.arguments.size(), {}});
  std::vector<State> after;
  const bool good = run_callback_once(state, i, type, body, binding, after);
  Try scope = std::move(tries_.back());
  tries_.pop_back();
  if (!good) return std::nullopt;
  std::vector<State> returned, thrown;
  for (State& one : after) {
    end_try(one);
    one.reg(isa::Reg::r0) = Value::constant(0);
    merge_into(returned, std::move(one), i);
  }
  for (auto& [one, at] : scope.thrown) {
    State way = caught(std::move(one), at, scope);
    end_try(way);
    way.reg(isa::Reg::r0) = Value::constant(1);
    way.collect_garbage();
    merge_into(thrown, std::move(way), i);
  }
  std::move(thrown.begin(), thrown.end(), std::back_inserter(returned));
  for (const State& one : returned) record_objects(one, i, true);
  return returned;
}

/// The host may hand out one counted object twice, and the record then cannot tell an outer reference from one that was acquired since the try began:
/// it takes the newer one out, and what is thrown later would give back too little. Linear objects are handed out once.
/// Fails: tests/cases/verify/exceptions, put_outer_while_inner.
bool Analyzer::outer_is_told_apart(const State& state, ir::InsnIdx i, const Instance& instance) {
  if (declarations_.at(instance.type).kind == interface::ObjectType::Kind::linear) return true;
  for (const Instance& other : state.instances) {
    const bool related = declarations_.is_a(other.type, instance.type) || declarations_.is_a(instance.type, other.type);
    if (!other.owned() || other.tries <= instance.tries || !related) continue;
    const std::string& type = declarations_.at(instance.type).name;
    fail("E0324", i, fmt::format("a '{}' that was acquired outside of the try is given back while one from inside is held", type),
         "give the inner one back first, or the outer one after the try",
         {note(instance.acquired_at, "the outer one was acquired here"), note(other.acquired_at, "the inner one was acquired here")});
    return false;
  }
  return true;
}

bool Analyzer::cleans_only(ir::InsnIdx i, ir::FunctionIdx function) {
  const auto where = must_not_clean_[function.index()];
  if (!where) return true;
  const std::string& name = program_.function(function).name;
  if (where->by_mode) {
    fail("E0323", i, fmt::format("'{}' cleans up, in whatever mode that happens, so it may not call what a mode forbids", name),
         "do that where it is allowed, and leave to the cleanup what is allowed everywhere", {note(where->at, "this call may be forbidden")});
  } else {
    fail("E0323", i, fmt::format("'{}' cleans up, so it may neither acquire nor throw", name),
         "acquire before, and hand over what it needs as a number or a heap pointer", {note(where->at, "this call does")});
  }
  return false;
}

}  // namespace tenon::verify
