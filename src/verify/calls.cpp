// SPDX-License-Identifier: Apache-2.0
// Calls of the object's own functions: by signature when every argument is a number, else in the caller's context; calls through function values;
// exits.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/bug.hpp"
#include "verify/analyzer.hpp"

namespace tenon::verify {

using Kind = Value::Kind;

namespace {
constexpr std::size_t kMaxFrames = 32;
}

void Analyzer::after_call(State& state) {
  for (unsigned r = 1; r <= 5; ++r) state.regs[r] = Value{};
}

void Analyzer::record_objects(const State& state, ir::InsnIdx at, bool after) {
  if (!checking_) return;
  ObjectTable table{.at = at, .after = after, .complete = judging_ == 0 && !running_later_};
  for (std::uint32_t order = 0; order < state.instances.size(); ++order) {
    const Instance& instance = state.instances[order];
    if (!instance.owned()) continue;
    HeldObject held{instance.type, HeldObject::Where::nowhere, 0, instance.maybe, order};
    const auto points = [&](const Value& v) {
      return v.is_object(instance.id) || (v.kind == Kind::memory && state.region(v.id).object == instance.id && v.scalar.form == Linear(0));
    };
    for (unsigned r = 0; r < 10 && held.where == HeldObject::Where::nowhere; ++r) {
      if (points(state.regs[r])) held.where = HeldObject::Where::reg, held.place = static_cast<std::int32_t>(r);
    }
    for (const Stack::Slot& slot : state.frames.back().stack.slots()) {
      if (held.where == HeldObject::Where::nowhere && points(slot.value)) held.where = HeldObject::Where::slot, held.place = slot.offset;
    }
    table.held.push_back(held);
  }
  for (const HeldLock& lock : state.locks) table.locks.push_back({state.find_instance(lock.instance)->type, lock.field});
  for (const ActiveMode& mode : state.modes) table.modes.push_back(mode.mode);
  std::vector<ObjectTable>& known = findings_.object_tables[at.value];
  if (std::ranges::find(known, table) == known.end()) known.push_back(std::move(table));
}

/// True: all arguments that the callee reads are numbers. Nothing: an argument cannot be passed at all.
std::optional<bool> Analyzer::arguments_are_numbers(State& state, ir::InsnIdx i, ir::FunctionIdx callee) {
  const ir::RegisterSet read = live_[program_.function(callee).begin.index()];
  bool numbers = true;
  for (unsigned r = 1; r <= 5; ++r) {
    if (!((read >> r) & 1)) {
      state.regs[r] = Value{};
      continue;
    }
    const Value* v = use(state, i, static_cast<isa::Reg>(r));
    if (!v) return std::nullopt;
    const bool heap_address = v->kind == Kind::stack && frame_in_heap(state, v->id);
    numbers &= v->is_number() || heap_address;
  }
  return numbers;
}

/// What a function does to numbers, found once for all its callers; a function that cannot be understood so is analysed in each caller's context.
/// A recursive call assumes what is being shown, which is sound if it is shown in the end: else everything that was found meanwhile is forgotten.
Analyzer::Signature* Analyzer::signature(ir::FunctionIdx function) {
  Signature& known = signatures_[function.index()];
  if (known.status != Signature::Status::unknown) return &known;
  known.status = Signature::Status::running;
  known.has_result = program_.function(function).returns_value;
  const Findings before = findings_;
  const std::uint32_t since = signatures_found_;
  bool good = judge(function, known);
  if (good && known.counted_on && !known.has_result) {  // once more, with recursive calls that leave r0 unset
    findings_ = before;
    forget_signatures(since);
    good = judge(function, known);
  }
  if (!good && again_) return nullptr;
  if (!good) {  // perhaps it needs to know more of its caller
    known.diagnostic = std::exchange(diagnostic_, std::nullopt);
    stop_ = false;
    findings_ = before;
    forget_signatures(since);
    known.status = Signature::Status::needs_context;
    return &known;
  }
  known.found = ++signatures_found_;
  known.status = Signature::Status::good;
  return &known;
}

/// Runs the function for any numbers; false when that fails.
bool Analyzer::judge(ir::FunctionIdx function, Signature& known) {
  State state;
  state.frames.push_back({function, program_.function(function).begin, {}, {}});
  state.reg(isa::kFramePointer) = Value::of(Kind::stack, {Number::constant(0), Linear(0)}, 0);
  const ir::RegisterSet read = live_[program_.function(function).begin.index()];
  for (unsigned r = 1; r <= 5; ++r) {
    if ((read >> r) & 1) state.regs[r] = unknown_value(state, Number(), program_.function(function).begin);
  }
  const bool was_checking = std::exchange(checking_, true);
  std::vector<State> exits;
  ++judging_;
  auto outer_tries = std::exchange(tries_, {});
  const bool good = run_function(function, Role::signature, std::move(state), exits);
  tries_ = std::move(outer_tries);
  --judging_;
  checking_ = was_checking;
  if (!good) return false;
  bool first = true;
  for (const State& exit : exits) {
    const Value& r0 = exit.reg(isa::Reg::r0);
    const Number result = r0.kind == Kind::scalar ? exit.number_of(r0.scalar) : Number();
    known.has_result &= r0.kind != Kind::none;
    known.result = first ? result : join(known.result, result);
    first = false;
  }
  known.returns = !exits.empty();
  return true;
}

void Analyzer::forget_signatures(std::uint32_t since) {
  for (Signature& s : signatures_) {
    if (s.status == Signature::Status::good && s.found > since) s = {};
  }
}

bool Analyzer::counts_on_result(Signature& known) {
  known.counted_on |= known.status == Signature::Status::running;
  return known.has_result;
}

std::optional<std::vector<State>> Analyzer::call_local(State state, ir::InsnIdx i, ir::FunctionIdx callee) {
  record_objects(state, i);
  const ir::Function& function = program_.function(callee);
  const auto numbers = arguments_are_numbers(state, i, callee);
  if (!numbers) return std::nullopt;
  if (*numbers && state.locks.empty() && state.modes.empty()) {  // what is held decides what the callee may call
    Signature* known = signature(callee);
    if (!known) return std::nullopt;
    if (known->status != Signature::Status::needs_context) {
      const bool running = known->status == Signature::Status::running;
      if (throws_[callee.index()]) throws_here(state, i);
      if (!running && !known->returns) return std::nullopt;
      const Number result = running ? Number() : known->result;
      after_call(state);
      const bool has_result = counts_on_result(*known);
      state.reg(isa::Reg::r0) = has_result ? unknown_value(state, result, i) : Value{};
      std::vector<State> results;
      results.push_back(std::move(state));
      return results;
    }
  }
  const bool recursive = std::ranges::find(state.frames, callee, &Frame::function) != state.frames.end();
  if (recursive) {
    for (unsigned r = 1; r <= 5; ++r) {  // stack addresses become heap addresses; then only numbers are left
      if (state.regs[r].kind == Kind::stack) escape(state.frames[state.regs[r].id].function);
    }
    if (stop_) return std::nullopt;
    fail("E0405", i, fmt::format("'{}' calls itself with host pointers, or while it holds objects", function.name),
         "recursion may carry numbers and heap pointers only: turn this one into a loop");
    return std::nullopt;
  }
  if (state.frames.size() == kMaxFrames) {
    fail("E0406", i, fmt::format("calls nest deeper than {}", kMaxFrames), "inline some of them");
    return std::nullopt;
  }
  Frame frame{callee, i, {}, {}};
  for (unsigned r = 0; r < 4; ++r) frame.saved[r] = std::exchange(state.regs[6 + r], Value{});
  state.regs[0] = Value{};
  state.frames.push_back(std::move(frame));
  state.reg(isa::kFramePointer) = Value::of(Kind::stack, {Number::constant(0), Linear(0)}, state.depth());
  std::vector<State> exits;
  if (!run_function(callee, Role::context, std::move(state), exits)) {
    if (diagnostic_ && diagnostic_->notes.size() < kMaxNotes)
      diagnostic_->notes.push_back(note(i, fmt::format("'{}' was called here", function.name)));
    return std::nullopt;
  }
  for (State& exit : exits) leave_frame(exit, i);
  std::vector<State> results;
  for (State& exit : exits) merge_into(results, std::move(exit), i);
  return results;
}

/// Back in the caller: its r6-r9, and no address of the frame that is gone.
void Analyzer::leave_frame(State& state, ir::InsnIdx at) {
  const std::uint32_t gone = state.depth();
  const bool returns_value = program_.function(state.frame().function).returns_value;
  for (unsigned r = 0; r < 4; ++r) state.regs[6 + r] = state.frame().saved[r];
  state.frames.pop_back();
  for (const Region& region : std::vector(state.regions)) {
    if (region.frames > state.frames.size()) state.kill_region(region.id, Value::Loss::owner_gone, at);
  }
  after_call(state);
  if (!returns_value) state.regs[0] = Value{};
  state.reg(isa::kFramePointer) = Value::of(Kind::stack, {Number::constant(0), Linear(0)}, state.depth());
  state.for_each_value([&](Value& v) {
    const bool dangles = (v.kind == Kind::stack || (v.kind == Kind::lost && v.loss == Value::Loss::stack_or_number)) && v.id >= gone;
    if (dangles) v = Value::lost_value(Value::Loss::merged, at);
  });
}

/// Any function whose address is taken may be meant, so all of them must be sound for any numbers.
Analyzer::Flow Analyzer::call_indirect(State& state, ir::InsnIdx i, isa::Reg reg) {
  Value* target = use(state, i, reg);
  if (!target) return Flow::dead;
  Value copy = *target;
  if (!to_number(state, i, copy, "call")) return Flow::dead;
  record_objects(state, i);
  if (!state.locks.empty() || !state.modes.empty()) {
    return fail("E0408", i, "a call through a pointer while a lock is held or a mode is active: the function may call what is forbidden then",
                "call the function by name, or unlock first");
  }
  bool returns_value = true, returns = false;
  ir::RegisterSet read = 0;
  for (std::uint32_t f = 0; f < program_.functions().size(); ++f) {
    const ir::Function& function = program_.functions()[f];
    if (!function.value) continue;
    Signature* known = signature(ir::FunctionIdx(f));
    if (!known) return Flow::dead;
    if (known->status == Signature::Status::needs_context) {
      if (!checking_) return Flow::dead;
      base::ensure(known->diagnostic.has_value(), "a function that needs its context was refused for a reason");
      diagnostic_ = known->diagnostic;
      diagnostic_->notes.push_back(note(i, fmt::format("'{}' may be called through a pointer here, with any numbers", function.name)));
      stop_ = true;
      return Flow::dead;
    }
    returns |= known->returns || known->status == Signature::Status::running;
    returns_value &= counts_on_result(*known);
    read |= live_[function.begin.index()];
  }
  for (unsigned r = 1; r <= 5; ++r) {
    if (!((read >> r) & 1)) continue;
    Value* argument = use(state, i, static_cast<isa::Reg>(r));
    if (!argument || !to_number(state, i, *argument, "pass to an unknown function")) return Flow::dead;
  }
  for (std::uint32_t f = 0; f < program_.functions().size(); ++f) {
    if (!program_.functions()[f].value || !throws_[f]) continue;
    throws_here(state, i);
    break;
  }
  if (!returns) return Flow::dead;
  after_call(state);
  state.reg(isa::Reg::r0) = returns_value ? unknown_value(state, Number(), i) : Value{};
  return Flow::next;
}

bool Analyzer::check_hook_result(State& state, ir::InsnIdx i) {
  const auto* type = std::get_if<interface::Scalar>(&hook_.result);
  if (!type) return true;
  Value* r0 = use(state, i, isa::Reg::r0);
  if (r0 && r0->is_host_pointer() && (r0->escapes & kEscapesByReturn)) *r0 = unknown_value(state, Number(), r0->origin);
  if (!r0 || !to_number(state, i, *r0, "return")) return false;
  const Number number = state.number_of(r0->scalar);
  const Word word = type->bits == 64 ? number.whole() : type->bits == 32 ? number.low() : number.whole().truncated(type->bits);
  const bool fits = type->is_signed ? word.smin() >= type->lo && word.smax() <= static_cast<std::int64_t>(type->hi)
                                    : word.umin() >= static_cast<std::uint64_t>(type->lo) && word.umax() <= type->hi;
  if (fits) return true;
  const std::string range =
      type->is_signed ? fmt::format("{}..{}", type->lo, static_cast<std::int64_t>(type->hi)) : fmt::format("{}..{}", type->lo, type->hi);
  fail("E0221", i, fmt::format("the hook '{}' returns {}, this may be {}", hook_.name, range, word.to_text()), "limit the value before returning it",
       {note(r0->origin, "the value comes from here")});
  return false;
}

Analyzer::Flow Analyzer::exit(State& state, ir::InsnIdx i, Role role) {
  if (role == Role::context) return Flow::next;
  if (role == Role::entry) {
    if (!check_hook_result(state, i)) return Flow::dead;
  } else if (role == Role::later) {
    if (!result_fits(state, i, declarations_.at(running_later_->type), running_later_->function)) return Flow::dead;
  } else {  // clang drops results that nobody reads, so a function may well end without one
    Value& r0 = state.reg(isa::Reg::r0);
    const bool usable = r0.kind != Kind::none && (r0.kind != Kind::lost || r0.loss == Value::Loss::stack_or_number);
    if (!usable || !program_.function(state.frame().function).returns_value) {
      r0 = Value{};
    } else if (!use(state, i, isa::Reg::r0) || !to_number(state, i, r0, "return")) {
      return Flow::dead;
    }
  }
  return nothing_held(state, i) ? Flow::next : Flow::dead;
}

}  // namespace tenon::verify
