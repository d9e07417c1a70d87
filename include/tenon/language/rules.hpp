// SPDX-License-Identifier: Apache-2.0
// What a .tni file must keep beyond its grammar.
#pragma once

#include <tenon/language/types.hpp>

namespace tenon::interface {

inline constexpr std::uint32_t kMaxStructBytes = 4096;
inline constexpr std::uint32_t kMaxTraced = 16;  ///< slots

/// A rule that is broken at a token.
struct Broken {
  Token at;
  std::string_view code;
  Message message;
  std::string_view help;
};

struct DropName {
  ObjectTypeIdx type;
  Token name;
};
struct IteratorNames {
  std::size_t iterator;
  Token make, next;
};

/// Sorts fields by offset, checks alignment and overlap, sets the size.
constexpr std::optional<Broken> lay_out(Struct& made) {
  struct Extent {
    std::uint32_t offset, bytes, align;
    std::string_view name;
  };
  std::vector<Extent> extents;
  for (const Field& field : made.fields) {
    const std::uint32_t bytes = field.pointer ? 8u : field.type.bits / 8u;
    extents.push_back({field.offset, bytes * field.count, bytes, field.name});
  }
  for (const MemRange& range : made.ranges) {
    for (const MemRange::Mark& mark : range.marks) extents.push_back({mark.offset, range.pointer_bytes, range.pointer_bytes, mark.name});
  }
  if (extents.empty()) return Broken{{}, "E0504", cat("struct '", made.name, "' has no fields"), {}};
  std::sort(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) { return a.offset < b.offset; });
  std::uint32_t end = 0;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    const Extent& extent = extents[i];
    for (std::size_t j = 0; j < i; ++j) {
      if (extents[j].name == extent.name) return Broken{{}, "E0503", cat("there are two fields '", extent.name, "'"), {}};
    }
    if (extent.offset % extent.align != 0) {
      return Broken{{},
                    "E0504",
                    cat("field '", extent.name, "' has ", extent.align, " bytes and cannot lie at offset ", extent.offset),
                    "give it an offset that is a multiple of its size"};
    }
    if (extent.offset < end) return Broken{{}, "E0504", cat("field '", extent.name, "' overlaps the one before it"), {}};
    end = extent.offset + extent.bytes;
  }
  std::sort(made.fields.begin(), made.fields.end(), [](const Field& a, const Field& b) { return a.offset < b.offset; });
  std::sort(made.ranges.begin(), made.ranges.end(), [](const MemRange& a, const MemRange& b) { return a.marks[0].offset < b.marks[0].offset; });
  made.bytes = (end + 7) / 8 * 8;
  return std::nullopt;
}

namespace detail {

constexpr bool borrows_objects(const Signature& signature) {
  return std::any_of(signature.parameters.begin(), signature.parameters.end(), [](const Parameter& p) {
    const auto* object = std::get_if<ObjectRef>(&p.type);
    return object != nullptr && object->mode == ObjectRef::Mode::borrow;
  });
}

constexpr bool names_instance(const Signature& signature, std::string_view wanted) {
  return std::any_of(signature.parameters.begin(), signature.parameters.end(), [&](const Parameter& p) {
    const auto* object = std::get_if<ObjectRef>(&p.type);
    return object != nullptr && (object->instance == wanted || object->of == wanted);
  });
}

constexpr bool names_region(const Signature& signature, const Clauses& clauses, std::string_view wanted) {
  const auto binds = [&](const ModeRef& mode) { return mode.region == wanted; };
  if (std::any_of(clauses.in_modes.begin(), clauses.in_modes.end(), binds) || std::any_of(clauses.enters.begin(), clauses.enters.end(), binds))
    return true;
  return std::any_of(signature.parameters.begin(), signature.parameters.end(), [&](const Parameter& p) {
    const auto* object = std::get_if<ObjectRef>(&p.type);
    return object != nullptr && object->region == wanted;
  });
}

constexpr bool is_writable_result(const Mem& mem) { return mem.access == Access::uninit || mem.access == Access::write; }

constexpr std::optional<Broken> check_parameter(const Signature& signature, std::size_t i) {
  const Token& at = signature.at[i];
  const auto* object = std::get_if<ObjectRef>(&signature.parameters[i].type);
  const auto* structure = std::get_if<StructRef>(&signature.parameters[i].type);
  const auto* mem = std::get_if<Mem>(&signature.parameters[i].type);
  if ((structure != nullptr && !structure->of.empty()) || (mem != nullptr && !mem->of.empty())) {
    return Broken{at, "E0504", "'of' says when a result dies: parameters have no use for it", {}};
  }
  if (object == nullptr) return std::nullopt;
  if (object->memory) return Broken{at, "E0504", "an object's own memory is said where it is handed out", {}};
  if (object->mode == ObjectRef::Mode::rcu) return Broken{at, "E0504", "'rcu' is for results: borrow the parameter (&)", {}};
  if (object->next_state && object->mode != ObjectRef::Mode::borrow) {
    return Broken{at, "E0504", "an object that is given away does not change its state", "write => only on borrowed parameters"};
  }
  if (object->nullable && object->next_state) return Broken{at, "E0504", "what may be null has no state to leave", {}};
  return std::nullopt;
}

constexpr std::optional<Broken> check_result(const Declarations& declarations, const Signature& signature, const Clauses& clauses) {
  const Token& at = signature.result_at;
  const auto unknown = [&](std::string_view what) { return Broken{at, "E0502", cat("nothing here is called '", what), {}}; };
  if (const auto* structure = std::get_if<StructRef>(&signature.result)) {
    if (structure->is_context) return Broken{at, "E0504", "&hook is a parameter of functions", {}};
    if (!structure->of.empty() || borrows_objects(signature)) {
      return Broken{at, "E0504", "a struct that is handed out stays valid for the invocation",
                    "declare an object type with 'as S' for one that dies with an object"};
    }
  }
  if (const auto* mem = std::get_if<Mem>(&signature.result)) {
    if (is_writable_result(*mem)) return Broken{at, "E0504", "memory that a function hands out is r or rw", {}};
    if (!mem->of.empty() && !names_instance(signature, mem->of) && !names_region(signature, clauses, mem->of)) return unknown(mem->of);
  }
  const auto* map = std::get_if<MapRef>(&signature.result);
  if ((map != nullptr && !map->inner_of) || std::holds_alternative<CallbackRef>(signature.result) ||
      std::holds_alternative<Opaque>(signature.result) || std::holds_alternative<Text>(signature.result)) {
    return Broken{at, "E0504", "a function hands out integers, objects, structs, memory or what a map holds (map of m)", {}};
  }
  const auto* object = std::get_if<ObjectRef>(&signature.result);
  if (object == nullptr) return std::nullopt;
  if (!object->of.empty() && !names_instance(signature, object->of)) return unknown(object->of);
  if (!object->region.empty() && !names_region(signature, clauses, object->region)) return unknown(object->region);
  if (object->next_state) return Broken{at, "E0504", "a result is in one state", "write @S"};
  if (object->memory && (object->mode != ObjectRef::Mode::own || is_writable_result(*object->memory))) {
    return Broken{at, "E0504", "only an owned result has memory of its own, r or rw", {}};
  }
  const ObjectType& type = declarations.at(object->type);
  if (type.stack_bytes != 0)
    return Broken{at, "E0504", cat("'", type.name, "' lives in the extension's stack and cannot be handed out"), "take new T as a parameter"};
  if (type.field_bytes != 0) return Broken{at, "E0504", cat("'", type.name, "' is a field of a map's values: hand out the value"), {}};
  const bool again = !object->instance.empty() && names_instance(signature, object->instance);
  if (object->mode == ObjectRef::Mode::borrow && type.kind != ObjectType::Kind::plain && object->of.empty() && object->region.empty() && !again &&
      !borrows_objects(signature)) {
    return Broken{at, "E0504", "a borrowed result needs an owner with which it dies", "name it with of, return it with own, or make the type plain"};
  }
  return std::nullopt;
}

}  // namespace detail

namespace detail {

/// The lines take maps of different kinds in the same place, so each call is of one of them.
constexpr bool told_apart(const Declarations& declarations, const std::vector<Parameter>& mine, const std::vector<Parameter>& theirs) {
  for (std::size_t i = 0; i < std::min(mine.size(), theirs.size()); ++i) {
    const auto *a = std::get_if<MapRef>(&mine[i].type), *b = std::get_if<MapRef>(&theirs[i].type);
    if (a == nullptr || b == nullptr || !a->kind || !b->kind) continue;
    const auto &x = declarations.at(*a->kind).types, &y = declarations.at(*b->kind).types;
    if (std::none_of(x.begin(), x.end(), [&](const std::string& type) { return std::find(y.begin(), y.end(), type) != y.end(); })) return true;
  }
  return false;
}

}  // namespace detail

constexpr std::optional<Broken> check_function(const Declarations& declarations, const Signature& signature, const Function& made) {
  for (std::size_t i = 0; i < signature.parameters.size(); ++i) {
    if (auto wrong = detail::check_parameter(signature, i)) return wrong;
  }
  if (auto wrong = detail::check_result(declarations, signature, made)) return wrong;
  if (made.catches && !made.builtin) {
    return Broken{signature.result_at, "E0504", "only a built-in function catches", "the runtime must take back what the callback had acquired: tn_try()"};
  }
  if (made.destroys && !made.builtin) {
    return Broken{signature.result_at, "E0504", "only a built-in function destroys", "the runtime keeps the record of what is to be destroyed: tn_scope_end()"};
  }
  if (made.no_return && !std::holds_alternative<Nothing>(signature.result)) {
    return Broken{signature.result_at, "E0504", "a function that does not return has no result", {}};
  }
  return std::nullopt;
}

constexpr std::optional<Broken> check_hook(const Declarations& declarations, const Signature& signature, const Hook&) {
  for (std::size_t i = 0; i < signature.parameters.size(); ++i) {
    const Token& at = signature.at[i];
    const Type& type = signature.parameters[i].type;
    if (auto wrong = detail::check_parameter(signature, i)) return wrong;
    if (std::holds_alternative<MapRef>(type) || std::holds_alternative<CallbackRef>(type) || std::holds_alternative<Opaque>(type) ||
        std::holds_alternative<Text>(type)) {
      return Broken{at, "E0504", "a hook hands in integers, objects, structs or memory", {}};
    }
    if (const auto* mem = std::get_if<Mem>(&type); mem != nullptr && detail::is_writable_result(*mem)) {
      return Broken{at, "E0504", "memory that a hook hands in is r or rw", {}};
    }
    if (const auto* structure = std::get_if<StructRef>(&type); structure != nullptr && structure->is_context) {
      return Broken{at, "E0504", "&hook is a parameter of functions", {}};
    }
    const auto* object = std::get_if<ObjectRef>(&type);
    if (object == nullptr) continue;
    if (object->next_state) return Broken{at, "E0504", "an argument of a hook is in one state", "write @S"};
    if (object->mode == ObjectRef::Mode::create || declarations.at(object->type).stack_bytes != 0) {
      return Broken{at, "E0504", "what lives in the extension's stack comes from no hook", {}};
    }
    if (declarations.at(object->type).field_bytes != 0) return Broken{at, "E0504", "a field of a map's values comes from no hook", {}};
  }
  if (!std::holds_alternative<Nothing>(signature.result) && !std::holds_alternative<Scalar>(signature.result)) {
    return Broken{signature.result_at, "E0504", "a hook's result is an integer or nothing", {}};
  }
  return std::nullopt;
}

/// drop=f: f takes one owned T, integers that may be 0, and returns.
constexpr std::optional<Broken> resolve_drop(Declarations& declarations, const DropName& drop) {
  const auto function = declarations.find_function(drop.name.text);
  if (!function) return Broken{drop.name, "E0502", cat("there is no function '", drop.name.text, "'"), {}};
  const Function& candidate = declarations.at(*function);
  const auto* object = candidate.parameters.empty() ? nullptr : std::get_if<ObjectRef>(&candidate.parameters[0].type);
  const bool takes_zeros = std::all_of(candidate.parameters.begin() + (object != nullptr ? 1 : 0), candidate.parameters.end(),
                                       [](const Parameter& p) { return std::holds_alternative<Scalar>(p.type) && fits(p.type, false, 0); });
  if (object == nullptr || object->mode != ObjectRef::Mode::own || !declarations.is_a(drop.type, object->type) || !takes_zeros ||
      candidate.no_return || !candidate.on.empty()) {
    return Broken{drop.name, "E0504", cat("'", drop.name.text, "' must take exactly one 'own ", declarations.at(drop.type).name, "' and return"),
                  "further parameters are integers that may be 0"};
  }
  declarations.object_types[drop.type.index()].drop = function;
  return std::nullopt;
}

/// The functions of an iterator: `new` makes one or returns it, `next` borrows it and returns an element or null.
constexpr std::optional<Broken> resolve_iterator(Declarations& declarations, const IteratorNames& names) {
  Iterator& iterator = declarations.iterators[names.iterator];
  const std::string& type = declarations.at(iterator.type).name;
  const auto object = [&](const Type& candidate, ObjectRef::Mode mode) {
    const auto* reference = std::get_if<ObjectRef>(&candidate);
    return reference != nullptr && reference->mode == mode && reference->type == iterator.type;
  };
  iterator.make = declarations.find_function(names.make.text);
  if (!iterator.make) return Broken{names.make, "E0502", cat("there is no function '", names.make.text, "'"), {}};
  const Function& make = declarations.at(*iterator.make);
  const bool makes =
      object(make.result, ObjectRef::Mode::own) ||
      std::any_of(make.parameters.begin(), make.parameters.end(), [&](const Parameter& p) { return object(p.type, ObjectRef::Mode::create); });
  if (!makes) return Broken{names.make, "E0504", cat("'", names.make.text, "' must make a '", type, "'"), "return own T, or take new T"};
  iterator.next = declarations.find_function(names.next.text);
  if (!iterator.next) return Broken{names.next, "E0502", cat("there is no function '", names.next.text, "'"), {}};
  const Function& next = declarations.at(*iterator.next);
  if (next.parameters.empty() || !object(next.parameters[0].type, ObjectRef::Mode::borrow)) {
    return Broken{names.next, "E0504", cat("'", names.next.text, "' must take '&", type, "' first"), {}};
  }
  return std::nullopt;
}

/// How the runtime releases locks and leaves modes: by the functions that take nothing else.
constexpr void resolve_releases(Declarations& declarations) {
  for (std::size_t f = 0; f < declarations.functions.size(); ++f) {
    const Function& function = declarations.functions[f];
    if (function.parameters.empty() && function.exits.size() == 1) {
      auto& leave = declarations.modes[function.exits[0].mode.index()].leave;
      if (!leave) leave = FunctionIdx(f);
    }
    if (function.parameters.size() != 1 || function.releases_locks.size() != 1) continue;
    const LockRef& lock = function.releases_locks[0];
    const auto* object = std::get_if<ObjectRef>(&function.parameters[0].type);
    if (object == nullptr || object->mode != ObjectRef::Mode::borrow || object->type != lock.type) continue;
    auto& unlock = declarations.object_types[lock.type.index()].locks[lock.field].unlock;
    if (!unlock) unlock = FunctionIdx(f);
  }
}

}  // namespace tenon::interface
