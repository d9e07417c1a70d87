// SPDX-License-Identifier: Apache-2.0
// Declarations -> canonical .tni text.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include <tenon/language/cursor.hpp>

#include "interface/declarations.hpp"

namespace tenon::interface {

namespace {

using Parameters = std::vector<Parameter>;

std::string_view word(Access access) {
  switch (access) {
    case Access::read:
      return "r";
    case Access::write:
      return "w";
    case Access::read_write:
      return "rw";
    case Access::uninit:
      return "uninit";
  }
  return {};
}

std::string quoted_if_needed(const std::string& name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  return plain ? name : fmt::format("\"{}\"", name);
}

template <class T, class Print>
std::string joined(const std::vector<T>& all, std::string_view between, Print&& print) {
  std::string text;
  for (const T& one : all) text += (text.empty() ? "" : std::string(between)) + print(one);
  return text;
}

std::string scalar_text(const Scalar& scalar) {
  const std::string name = fmt::format("{}{}", scalar.is_signed ? 's' : 'u', scalar.bits);
  if (scalar == *scalar_named(name)) return name;
  if (scalar.is_signed) return fmt::format("{} in {}..{}", name, scalar.lo, static_cast<std::int64_t>(scalar.hi));
  return fmt::format("{} in {}..{}", name, scalar.lo, scalar.hi);
}

/// `parameters` names the count; without them it is written as its index.
std::string count_text(const Mem& mem, const Parameters* parameters) {
  if (!mem.count_parameter) return mem.count.value_or(1) == 1 ? "" : fmt::format("|{}", *mem.count);
  std::string text = parameters ? "|" + (*parameters)[*mem.count_parameter].name : fmt::format("|argument {}", *mem.count_parameter + 1);
  if (mem.count_factor != 1) text += fmt::format("*{}", mem.count_factor);
  if (mem.count_addend != 0) text += fmt::format("+{}", mem.count_addend);
  return text;
}

std::string of_text(const std::string& of) { return of.empty() ? "" : " of '" + of; }

std::string mem_text(const Mem& mem, const Parameters* parameters) {
  return fmt::format("{}mem({}{}) {}{}{}{}{}{}", mem.nullable && !mem.optional ? "?" : "", mem.element, count_text(mem, parameters), word(mem.access),
                     mem.shared ? " shared" : "", mem.sparse ? " sparse" : "", mem.kept ? " kept" : "", mem.optional ? " optional" : "",
                     of_text(mem.of));
}

std::string_view word(ObjectRef::Mode mode) {
  switch (mode) {
    case ObjectRef::Mode::borrow:
      return "&";
    case ObjectRef::Mode::own:
      return "own ";
    case ObjectRef::Mode::rcu:
      return "rcu ";
    case ObjectRef::Mode::create:
      return "new ";
  }
  return {};
}

std::string object_text(const Declarations& declarations, const ObjectRef& object, const Parameters* parameters) {
  const ObjectType& type = declarations.at(object.type);
  std::string details;
  const auto add = [&](std::string part) { details += (details.empty() ? "" : " ") + part; };
  if (!object.instance.empty()) add("'" + object.instance);
  if (!object.of.empty()) add("of '" + object.of);
  if (!object.region.empty()) add("in '" + object.region);
  if (object.state) add("@" + type.states[object.state->index()]);
  if (object.next_state) add("=> " + type.states[object.next_state->index()]);
  std::string text = fmt::format("{}{}{}", object.nullable ? "?" : "", word(object.mode), type.name);
  if (!details.empty()) text += "<" + details + ">";
  if (object.memory) text += " " + mem_text(*object.memory, parameters);
  return text;
}

std::string type_text(const Declarations& declarations, const Type& type, const Parameters* parameters);

std::string map_text(const Declarations& declarations, const MapRef& map, const Parameters* parameters) {
  if (map.inner_of) return fmt::format("{}map of {}", map.nullable ? "?" : "", (*parameters)[*map.inner_of].name);
  return fmt::format("map{} {}->{}{}", map.kind ? "<" + declarations.at(*map.kind).name + ">" : "", map.key, map.value,
                     map.holds.empty() ? "" : " holds '" + map.holds);
}

std::string callback_text(const Declarations& declarations, const CallbackRef& reference) {
  const Callback& callback = declarations.at(reference.type);
  std::string text = reference.nullable ? "?fn(" : "fn(";
  text += joined(callback.parameters, ", ", [&](const Type& type) { return type_text(declarations, type, nullptr); }) + ")";
  if (!std::holds_alternative<Nothing>(callback.result)) text += " -> " + type_text(declarations, callback.result, nullptr);
  if (callback.later) text += callback.cleans ? " finally" : " later";
  return text;
}

std::string type_text(const Declarations& declarations, const Type& type, const Parameters* parameters) {
  if (const auto* scalar = std::get_if<Scalar>(&type)) return scalar_text(*scalar);
  if (const auto* reference = std::get_if<StructRef>(&type)) {
    if (reference->is_context) return fmt::format("{}&hook", reference->nullable ? "?" : "");
    return fmt::format("{}&{}{}", reference->nullable ? "?" : "", declarations.at(reference->type).name, of_text(reference->of));
  }
  if (const auto* object = std::get_if<ObjectRef>(&type)) return object_text(declarations, *object, parameters);
  if (const auto* mem = std::get_if<Mem>(&type)) return mem_text(*mem, parameters);
  if (const auto* map = std::get_if<MapRef>(&type)) return map_text(declarations, *map, parameters);
  if (const auto* callback = std::get_if<CallbackRef>(&type)) return callback_text(declarations, *callback);
  if (const auto* opaque = std::get_if<Opaque>(&type)) return "'" + opaque->instance;
  if (std::holds_alternative<Text>(type)) return "text";
  return "nothing";
}

std::string signature_text(const Declarations& declarations, const Parameters& parameters, const Type& result, bool variadic = false) {
  std::string list =
      joined(parameters, ", ", [&](const Parameter& p) { return fmt::format("{}: {}", p.name, type_text(declarations, p.type, &parameters)); });
  if (variadic) list += list.empty() ? "..." : ", ...";
  std::string text = fmt::format("({})", list);
  if (!std::holds_alternative<Nothing>(result)) text += " -> " + type_text(declarations, result, &parameters);
  return text;
}

// ---- expressions ----
std::string_view symbol(Expression::Op op) {
  using Op = Expression::Op;
  switch (op) {
    case Op::negate:
    case Op::subtract:
      return "-";
    case Op::complement:
      return "~";
    case Op::logical_not:
      return "!";
    case Op::multiply:
      return "*";
    case Op::divide:
      return "/";
    case Op::modulo:
      return "%";
    case Op::add:
      return "+";
    case Op::shift_left:
      return "<<";
    case Op::shift_right:
      return ">>";
    case Op::bit_and:
      return "&";
    case Op::bit_or:
      return "|";
    case Op::bit_xor:
      return "^";
    case Op::equal:
      return "==";
    case Op::not_equal:
      return "!=";
    case Op::less:
      return "<";
    case Op::less_equal:
      return "<=";
    case Op::greater:
      return ">";
    case Op::greater_equal:
      return ">=";
    case Op::logical_and:
      return "&&";
    case Op::logical_or:
      return "||";
    case Op::implies:
      return "=>";
    case Op::number:
    case Op::truth:
    case Op::null:
    case Op::name:
    case Op::member:
    case Op::element:
    case Op::old:
    case Op::for_all:
    case Op::exists:
      break;
  }
  return {};
}

/// Every compound operand stands in parentheses, so nobody has to remember what binds tighter.
std::string node_text(const Expression& expression, std::uint32_t index) {
  using Op = Expression::Op;
  const Expression::Node& node = expression.nodes[index];
  const auto operand = [&](std::size_t n) {
    const Expression::Node& inner = expression.nodes[node.operands[n]];
    const bool compound = !symbol(inner.op).empty() || inner.op == Op::for_all || inner.op == Op::exists;
    const std::string text = node_text(expression, node.operands[n]);
    return compound ? "(" + text + ")" : text;
  };
  switch (node.op) {
    case Op::number:
      return fmt::format("{}", node.number);
    case Op::truth:
      return node.number != 0 ? "true" : "false";
    case Op::null:
      return "null";
    case Op::name:
      return node.name;
    case Op::member:
      return operand(0) + "." + node.name;
    case Op::old:
      return "old(" + node_text(expression, node.operands[0]) + ")";
    case Op::element: {
      std::string list;
      for (std::size_t n = 1; n < node.operands.size(); ++n) list += (n == 1 ? "" : ", ") + node_text(expression, node.operands[n]);
      return operand(0) + "[" + list + "]";
    }
    case Op::for_all:
    case Op::exists:
      return fmt::format("{} {}: u64 in {}..{} : {}", node.op == Op::for_all ? "forall" : "exists", node.name, operand(0), operand(1), operand(2));
    case Op::negate:
    case Op::complement:
    case Op::logical_not:
      return std::string(symbol(node.op)) + operand(0);
    default:
      return fmt::format("{} {} {}", operand(0), symbol(node.op), operand(1));
  }
}

// ---- clauses ----
std::string lock_text(const Declarations& declarations, const LockRef& lock) {
  const std::string& field = declarations.at(lock.type).locks[lock.field].name;
  if (!lock.linked_type) return fmt::format("lock('{}.{})", lock.instance, field);
  return fmt::format("lock({}<of '{}>.{})", declarations.at(*lock.linked_type).name, lock.instance, field);
}

std::string mode_text(const Declarations& declarations, const ModeRef& mode) {
  return declarations.at(mode.mode).name + (mode.region.empty() ? "" : " '" + mode.region);
}

std::string_view symbol(Conditional::Compare compare) {
  switch (compare) {
    case Conditional::Compare::eq:
      return "==";
    case Conditional::Compare::ne:
      return "!=";
    case Conditional::Compare::lt:
      return "<";
    case Conditional::Compare::le:
      return "<=";
    case Conditional::Compare::gt:
      return ">";
    case Conditional::Compare::ge:
      return ">=";
  }
  return {};
}

std::string effect_text(const Declarations& declarations, const Parameters& parameters, const Conditional& on) {
  using Effect = Conditional::Effect;
  const std::string name = on.object < parameters.size() ? parameters[on.object].name : "";
  switch (on.effect) {
    case Effect::state:
      return name + "@" + declarations.at(std::get<ObjectRef>(parameters[on.object].type).type).states[on.state.index()];
    case Effect::keeps:
      return "keeps " + name;
    case Effect::consumes:
      return "consumes " + name;
    case Effect::acquires:
      return "acquires " + lock_text(declarations, on.lock);
    case Effect::releases:
      return "releases " + lock_text(declarations, on.lock);
    case Effect::enters:
      return "enters " + mode_text(declarations, on.mode);
    case Effect::exits:
      return "exits " + mode_text(declarations, on.mode);
  }
  return {};
}

std::string conditional_text(const Declarations& declarations, const Parameters& parameters, const Type& result, const Conditional& on) {
  const Type& type = on.parameter ? parameters[*on.parameter].type : result;
  const auto* scalar = std::get_if<Scalar>(&type);
  const std::string value = scalar == nullptr   ? "null"
                            : scalar->is_signed ? fmt::format("{}", static_cast<std::int64_t>(on.value))
                                                : fmt::format("{}", on.value);
  return fmt::format(" on {} {} {} : {}", on.parameter ? parameters[*on.parameter].name : "ret", symbol(on.compare), value,
                     effect_text(declarations, parameters, on));
}

std::string contract_text(const Contract& contract) {
  const auto braces = [](const Expression& e) { return "{" + to_text(e) + "}"; };
  switch (contract.kind) {
    case Contract::Kind::require:
      return " requires " + braces(contract.expressions[0]);
    case Contract::Kind::ensure:
      return " ensures " + braces(contract.expressions[0]);
    case Contract::Kind::consider:
      return " case " + braces(contract.expressions[0]) + " => " + braces(contract.expressions[1]);
    case Contract::Kind::modify:
      return " modifies {" + joined(contract.expressions, ", ", [](const Expression& e) { return to_text(e); }) + "}";
  }
  return {};
}

std::string clauses_text(const Declarations& declarations, const Parameters& parameters, const Type& result, const Clauses& clauses) {
  std::string text;
  const auto locks = [&](std::string_view verb, const std::vector<LockRef>& all) {
    for (const LockRef& lock : all) text += fmt::format(" {} {}", verb, lock_text(declarations, lock));
  };
  const auto modes = [&](std::string_view verb, const std::vector<ModeRef>& all) {
    for (const ModeRef& mode : all) text += fmt::format(" {} {}", verb, mode_text(declarations, mode));
  };
  locks("requires", clauses.requires_locks);
  locks("acquires", clauses.acquires_locks);
  locks("releases", clauses.releases_locks);
  modes("enters", clauses.enters);
  modes("exits", clauses.exits);
  modes("in", clauses.in_modes);
  modes("notin", clauses.not_in_modes);
  modes("allowed_in", clauses.allowed_in);
  for (const std::uint32_t moved : clauses.moves) text += " moves " + parameters[moved].name;
  for (const Conditional& on : clauses.on) text += conditional_text(declarations, parameters, result, on);
  if (clauses.may_escape != Escapes{}) {
    std::vector<std::string> places;
    if (clauses.may_escape.heap) places.push_back("heap");
    if (clauses.may_escape.map) places.push_back("map");
    if (clauses.may_escape.result) places.push_back("ret");
    text += " may_escape " + joined(places, ", ", [](const std::string& s) { return s; });
  }
  if (clauses.may_suspend) text += " may_suspend";
  if (clauses.may_sleep) text += " may_sleep";
  if (clauses.may_end) text += " ends";
  if (clauses.no_return) text += " noreturn";
  if (clauses.throws) text += " throws";
  if (clauses.catches) text += " catches";
  if (clauses.destroys) text += " destroys";
  if (clauses.interruptible) text += " interruptible";
  if (clauses.callback_safe) text += " callback_safe";
  if (!clauses.inline_file.empty()) text += fmt::format(" inline \"{}\"", clauses.inline_file);
  for (const Contract& contract : clauses.contracts) text += contract_text(contract);
  return text;
}

// ---- declarations ----
std::string field_text(const Declarations& declarations, const Field& field) {
  if (!field.traced.empty())
    return fmt::format("{}: traced \"{}\"{} @{} {}", field.name, field.traced, field.with_result ? " result" : "", field.offset, word(field.access));
  const std::string type = field.pointer ? type_text(declarations, *field.pointer, nullptr) : scalar_text(field.type);
  const std::string elements = field.count == 1 ? "" : fmt::format("[{}]", field.count);
  return fmt::format("{}: {}{} @{} {}", field.name, type, elements, field.offset, word(field.access));
}

std::string range_text(const MemRange& range) {
  return fmt::format("{}: mem {} @{}{}", joined(range.marks, "..", [](const MemRange::Mark& m) { return m.name; }), word(range.access),
                     joined(range.marks, "..", [](const MemRange::Mark& m) { return fmt::format("{}", m.offset); }),
                     range.pointer_bytes == 4 ? " u32" : "");
}

std::string struct_text(const Declarations& declarations, const Struct& from) {
  std::vector<std::pair<std::uint32_t, std::string>> parts;
  for (const Field& field : from.fields) parts.emplace_back(field.offset, field_text(declarations, field));
  for (const MemRange& range : from.ranges) parts.emplace_back(range.marks[0].offset, range_text(range));
  std::sort(parts.begin(), parts.end());
  return fmt::format("struct {} {{ {} }};\n", from.name, joined(parts, ", ", [](const auto& part) { return part.second; }));
}

std::string_view word(ObjectType::Kind kind) {
  switch (kind) {
    case ObjectType::Kind::linear:
      return "linear";
    case ObjectType::Kind::counted:
      return "rc";
    case ObjectType::Kind::rcu:
      return "rcu";
    case ObjectType::Kind::plain:
      return "plain";
  }
  return {};
}

std::string lock_field_text(const LockField& lock) {
  return fmt::format("{}: {}{}", lock.name, lock.kind, lock.rank ? fmt::format(" rank {}", *lock.rank) : "");
}

std::string object_type_text(const Declarations& declarations, const ObjectType& type) {
  const auto itself = [](const std::string& s) { return s; };
  std::string text = "type " + type.name;
  if (!type.states.empty()) text += fmt::format(" states {{{}}}", joined(type.states, ", ", itself));
  text += fmt::format(" {}", word(type.kind));
  if (!type.drop_name.empty()) text += " drop=" + quoted_if_needed(type.drop_name);
  if (!type.locks.empty()) text += fmt::format(" locks {{{}}}", joined(type.locks, ", ", lock_field_text));
  if (!type.stable.empty()) text += fmt::format(" stable {{{}}}", joined(type.stable, ", ", [&](StateIdx s) { return type.states[s.index()]; }));
  if (type.base) text += " is " + declarations.at(*type.base).name;
  if (type.view) text += " as " + declarations.at(*type.view).name;
  if (type.stack_bytes != 0) text += fmt::format(" stack {}", type.stack_bytes);
  if (!type.reads.empty()) text += fmt::format(" reads \"{}\"", type.reads);
  if (type.field_bytes != 0) text += fmt::format(" field {}", type.field_bytes);
  if (type.parkable) text += " parkable";
  return text + ";\n";
}

std::string iterator_text(const Declarations& declarations, const Iterator& iterator) {
  const ObjectType& type = declarations.at(iterator.type);
  return fmt::format("iterator {} over {}: new {}, next {}, drop {}{};\n", type.name, iterator.element, quoted_if_needed(iterator.new_name),
                     quoted_if_needed(iterator.next_name), quoted_if_needed(type.drop_name),
                     type.stack_bytes != 0 ? fmt::format(" stack {}", type.stack_bytes) : "");
}

std::string mode_declaration_text(const Declarations& declarations, const Mode& mode) {
  std::vector<std::string> excluded;
  for (const ModeIdx other : mode.excludes) excluded.push_back(declarations.at(other).name);
  if (mode.excludes_suspend) excluded.push_back("suspend");
  if (mode.excludes_sleep) excluded.push_back("sleep");
  if (mode.excludes_calls) excluded.push_back("calls");
  const std::string list = joined(excluded, ", ", [](const std::string& s) { return s; });
  return fmt::format("mode {}{};\n", mode.name, list.empty() ? "" : " excludes {" + list + "}");
}

std::string variable_text(const Declarations& declarations, const StateVariable& variable) {
  const std::string indices = joined(variable.indices, ", ", [&](const Type& type) { return type_text(declarations, type, nullptr); });
  return fmt::format("state {}{} : {};\n", variable.name, indices.empty() ? "" : "[" + indices + "]",
                     type_text(declarations, variable.type, nullptr));
}

}  // namespace

std::string to_text(const Expression& expression) {
  return expression.nodes.empty() ? std::string() : node_text(expression, static_cast<std::uint32_t>(expression.nodes.size() - 1));
}

std::string to_text(const Declarations& declarations, const Function& function) {
  std::string text =
      fmt::format("fn {}{}{}", quoted_if_needed(function.name), signature_text(declarations, function.parameters, function.result, function.variadic),
                  clauses_text(declarations, function.parameters, function.result, function));
  if (function.helper) text += fmt::format(" helper {}", *function.helper);
  if (!function.hooks.empty()) text += " for " + joined(function.hooks, ", ", [](const std::string& s) { return s; });
  return text;
}

std::string to_text(const Declarations& declarations, const Hook& hook) {
  const auto* const scalar = std::get_if<Scalar>(&hook.result);
  const bool is_signed = scalar != nullptr && scalar->is_signed;
  std::string text =
      fmt::format("hook {}{} default {}", hook.name, signature_text(declarations, hook.parameters, hook.result),
                  is_signed ? fmt::format("{}", static_cast<std::int64_t>(hook.default_result)) : fmt::format("{}", hook.default_result));
  if (hook.level != 0) text += fmt::format(" level>=L{}", hook.level);
  if (hook.no_performance_mode) text += " noperf";
  if (!hook.sections.empty()) text += " section " + joined(hook.sections, ", ", [](const std::string& s) { return "\"" + s + "\""; });
  return text + clauses_text(declarations, hook.parameters, hook.result, hook);
}

std::string to_text(const Declarations& declarations) {
  std::string text;
  if (!declarations.name.empty())
    text += fmt::format("interface {}{};\n", declarations.name, declarations.over.empty() ? "" : " over " + declarations.over);
  for (const StateVariable& variable : declarations.state_variables) text += variable_text(declarations, variable);
  for (const Expression& invariant : declarations.invariants) text += "invariant {" + to_text(invariant) + "};\n";
  for (const Struct& type : declarations.structs) text += struct_text(declarations, type);
  for (const ObjectType& type : declarations.object_types) {
    if (!type.builtin) text += to_text(declarations, type);
  }
  for (const MapKind& kind : declarations.map_kinds) {
    text += fmt::format("maps {} {{{}}};\n", kind.name, joined(kind.types, ", ", [](const std::string& s) { return s; }));
  }
  for (const Mode& mode : declarations.modes) text += mode_declaration_text(declarations, mode);
  for (const Function& function : declarations.functions) {
    if (!function.builtin) text += to_text(declarations, function) + ";\n";
  }
  for (const Hook& hook : declarations.hooks) text += to_text(declarations, hook) + ";\n";
  return text;
}

std::string to_text(const Declarations& declarations, const Type& type) { return type_text(declarations, type, nullptr); }

std::string to_text(const Declarations& declarations, const Struct& type) { return struct_text(declarations, type); }

std::string to_text(const Declarations& declarations, const ObjectType& type) {
  for (const Iterator& iterator : declarations.iterators) {
    if (&declarations.at(iterator.type) == &type) return iterator_text(declarations, iterator);
  }
  return object_type_text(declarations, type);
}

std::string to_text(const Declarations& declarations, const Mode& mode) { return mode_declaration_text(declarations, mode); }

}  // namespace tenon::interface
