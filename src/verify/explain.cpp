// SPDX-License-Identifier: Apache-2.0
// How the analysis says no: one root cause, where the value came from, what to do.
#include <fmt/format.h>

#include "base/bug.hpp"
#include "verify/analyzer.hpp"

namespace tenon::verify {

using Kind = Value::Kind;

Analyzer::Flow Analyzer::fail(std::string code, ir::InsnIdx i, std::string message, std::string help, std::vector<Note> notes) {
  if (checking_ && !stop_) {
    Diagnostic diagnostic;
    diagnostic.code = std::move(code);
    diagnostic.message = std::move(message);
    diagnostic.instruction = program_.slot(i);
    diagnostic.instruction_text = ir::instruction_text(program_, i);
    diagnostic.where = program_.locate(i);
    diagnostic.notes = std::move(notes);
    diagnostic.help = std::move(help);
    diagnostic_ = std::move(diagnostic);
    stop_ = true;
  }
  return Flow::dead;
}

Note Analyzer::note(ir::InsnIdx i, std::string message) const { return {program_.locate(i), program_.slot(i), std::move(message)}; }

/// Each branch after `since`, in the words of its source line.
std::vector<Note> Analyzer::with_path(const State& state, ir::InsnIdx i, std::vector<Note> notes, ir::InsnIdx since) const {
  constexpr std::size_t kMaxTurns = 3;
  std::vector<Turn> turns;
  for (const Turn& turn : state.trail) {
    if (turn.at >= since && turn.at < i) turns.push_back(turn);
  }
  if (turns.size() > kMaxTurns) turns.erase(turns.begin(), turns.end() - kMaxTurns);
  for (const Turn& turn : turns) {
    if (notes.size() >= kMaxNotes) break;
    const auto& branch = std::get<isa::Branch>(program_.insn(turn.at));
    const SourceLocation goes = program_.locate(turn.taken ? ir::InsnIdx(branch.target) : turn.at + 1);
    notes.push_back(note(turn.at, goes.line == 0 ? fmt::format("the path {} this branch", turn.taken ? "takes" : "does not take")
                                                 : fmt::format("from this condition the path goes on at line {}", goes.line)));
  }
  return notes;
}

bool Analyzer::keep_apart(const Instance& instance) { return instance.merged && keep_apart(instance.acquired_at); }

bool Analyzer::keep_apart(ir::InsnIdx acquired_at) {
  if (!checking_ || stop_ || frames_.apart[acquired_at.index()]) return false;
  frames_.apart[acquired_at.index()] = true;
  stop_ = again_ = true;
  return true;
}

void Analyzer::escape(ir::FunctionIdx function) {
  if (!checking_ || stop_) return;
  frames_.in_heap[function.index()] = true;
  stop_ = again_ = true;
}

bool Analyzer::split_at(ir::InsnIdx where) {
  if (!checking_ || stop_ || frames_.split[where.index()]) return false;
  frames_.split[where.index()] = true;
  stop_ = again_ = true;
  return true;
}

Value* Analyzer::use(State& state, ir::InsnIdx i, isa::Reg reg) {
  Value& value = state.reg(reg);
  const unsigned n = isa::index(reg);
  if (value.kind == Kind::none) {
    fail("E0201", i, fmt::format("r{} has no value on some path to here", n), "initialise the variable on every path; after a call r1-r5 are gone");
    return nullptr;
  }
  if (value.kind != Kind::lost) return &value;
  switch (value.loss) {
    case Value::Loss::stack_or_number:
      escape(state.frames[value.id].function);
      if (stop_) return nullptr;
      value = unknown_value(state, Number(), value.origin);
      return &value;
    case Value::Loss::released:
      fail("E0303", i, fmt::format("r{} points to an object that was given back", n), "do not use an object after giving it back",
           {note(value.origin, "it was given back here")});
      return nullptr;
    case Value::Loss::owner_gone:
      fail("E0309", i, fmt::format("r{} was borrowed from something that is gone", n), "use what is borrowed before its owner is given back",
           {note(value.origin, "its owner was given back, or moved on, here")});
      return nullptr;
    case Value::Loss::scope_left:
      fail("E0311", i, fmt::format("r{} was valid only in a region that has been left", n),
           "use it before the region is left, or acquire it with a count", {note(value.origin, "the region was left here")});
      return nullptr;
    case Value::Loss::moved:
      fail("E0312", i, fmt::format("r{} points into memory that may have moved", n),
           "read the pointers from the context again, and compare them again", {note(value.origin, "it moved here")});
      return nullptr;
    case Value::Loss::not_held:
      if (keep_apart(ir::InsnIdx(value.id))) return nullptr;
      fail("E0202", i, fmt::format("r{} holds different kinds of values on different paths to here", n), "use the value before the paths meet",
           {note(ir::InsnIdx(value.id), "on other paths it is an object, acquired here")});
      return nullptr;
    case Value::Loss::merged:
      if (split_at(value.origin)) return nullptr;
      [[fallthrough]];
    case Value::Loss::none:
      fail("E0202", i, fmt::format("r{} holds different kinds of values on different paths to here", n), "use the value before the paths meet",
           {note(value.origin, "the paths meet here")});
      return nullptr;
  }
  return nullptr;
}

bool Analyzer::to_number(State& state, ir::InsnIdx i, Value& value, std::string_view purpose) {
  switch (value.kind) {
    case Kind::scalar:
      return true;
    case Kind::stack:
      if (!frame_in_heap(state, value.id)) {
        escape(state.frames[value.id].function);
        if (stop_) return false;
      }
      value = unknown_value(state, Number(), value.origin);
      return true;
    case Kind::global:
      value = unknown_value(state, Number(), value.origin);
      return true;
    case Kind::probed:
      if (value.is_free()) {
        value = unknown_value(state, Number(), value.origin);
        return true;
      }
      [[fallthrough]];
    case Kind::context:
    case Kind::memory:
    case Kind::object:
    case Kind::map:
      fail("E0211", i, fmt::format("cannot {} {}", purpose, describe(value)),
           "a host pointer may only be offset, tested for NULL, dereferenced or passed on", {note(value.origin, "it comes from here")});
      return false;
    case Kind::none:
    case Kind::lost:
      break;
  }
  base::bug("an unusable value passed use()");
}

std::string Analyzer::describe(const Value& value) const {
  switch (value.kind) {
    case Kind::none:
      return "an uninitialised value";
    case Kind::lost:
      return "an unusable value";
    case Kind::scalar:
      return value.is_zero() ? "NULL" : fmt::format("a number ({})", value.scalar.number.whole().to_text());
    case Kind::global:
      return "the address of a global";
    case Kind::stack:
      return "a stack address";
    case Kind::context:
      return fmt::format("the context '{}'", declarations_.at(contexts_[value.id]).name);
    case Kind::memory:
      return value.nullable ? "a pointer to host memory that may be null" : "a pointer to host memory";
    case Kind::probed:
      return fmt::format("an address of the host's '{}'", program_.host_types()->name(value.id));
    case Kind::map:
      return fmt::format("the map '{}'{}", map_at(value.id).name, value.nullable ? ", or null" : "");
    case Kind::object:
      return fmt::format("a pointer to '{}'{}", declarations_.at(value.type).name, value.nullable ? " that may be null" : "");
  }
  return {};
}

}  // namespace tenon::verify
