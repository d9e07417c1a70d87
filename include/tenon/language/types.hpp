// SPDX-License-Identifier: Apache-2.0
// Types and signatures.
#pragma once

#include <algorithm>

#include <tenon/language/cursor.hpp>

namespace tenon::interface {

inline constexpr std::uint64_t kMaxMemBytes = 1ull << 30;
inline constexpr std::size_t kMaxParameters = 5;

/// Parameters and result of one declaration, with the tokens that diagnostics point at.
struct Signature {
  std::vector<Parameter> parameters;
  Type result;
  std::vector<Token> at;  ///< one per parameter
  Token result_at;
  bool variadic = false;
};

class TypeParser : public Cursor {
 public:
  constexpr TypeParser(Declarations& out, std::vector<Token> tokens) : Cursor(std::move(tokens)), out_(out) {}

 protected:
  static constexpr std::size_t kResultPosition = static_cast<std::size_t>(-1);

  constexpr bool signature(Signature& made) {
    counts_.clear();
    if (!expect("(")) return false;
    const bool done = list(")", [&] {
      if (accept("...")) {
        made.variadic = true;
        return is(")") || unexpected_here("')' behind '...'");
      }
      Token id;
      if (!name("a parameter's name", id)) return false;
      if (made.parameters.size() == kMaxParameters) return fail(id, "E0504", "BPF passes at most five arguments");
      for (const Parameter& other : made.parameters) {
        if (other.name == id.text) return fail(id, "E0503", cat("there are two parameters '", id.text, "'"));
      }
      if (!expect(":")) return false;
      const Token at = peek();
      Type parsed;
      if (!type(made.parameters.size(), parsed)) return false;
      made.parameters.push_back({std::string(id.text), std::move(parsed)});
      made.at.push_back(at);
      return true;
    });
    if (!done) return false;
    made.result_at = peek();
    if (accept("->")) {
      made.result_at = peek();
      if (!type(kResultPosition, made.result)) return false;
    }
    return resolve_counts(made) && resolve_maps(made);
  }

  constexpr bool type(std::size_t position, Type& made) {
    const bool nullable = accept("?");
    const Token at = peek();
    if (is(Token::Kind::instance)) {
      if (nullable) return fail(at, "E0504", "an opaque value cannot be marked as null");
      made = Opaque{std::string(take().text)};
      return true;
    }
    if (is("&") || is("own") || is("rcu") || is("new")) return reference(nullable, made);
    if (is("mem")) return memory(nullable, position, made);
    if (is("map") && is("of", 1)) return inner_map(nullable, position, made);
    if (is("map")) return nullable ? fail(at, "E0504", "a map cannot be null") : map(made);
    if (is("fn")) return callback(nullable, made);
    if (accept("text")) {
      made = Text{};
      return !nullable || fail(at, "E0504", "a text cannot be null");
    }
    if (at.kind == Token::Kind::name && scalar_named(at.text)) {
      if (nullable) return fail(at, "E0504", "an integer cannot be null");
      Scalar parsed;
      if (!scalar(take(), parsed)) return false;
      made = parsed;
      return true;
    }
    if (at.kind != Token::Kind::name) return unexpected_here("a type");
    return fail(at, "E0502", cat("'", at.text, "' is no type"), "write an integer type, &T, own T, mem(T), map K->V or fn(..)");
  }

  constexpr bool scalar(const Token& word, Scalar& made) {
    made = *scalar_named(word.text);
    if (!is("in")) return true;
    if (peek(1).kind != Token::Kind::number && !is("-", 1)) return true;  // a clause: `in M`
    accept("in");
    const Token at = peek();
    Signed low, high;
    if (!signed_number("the least value", low) || !expect("..") || !signed_number("the greatest value", high)) return false;
    const bool both_fit = fits(Type(made), low.negative, low.bits) && fits(Type(made), high.negative, high.bits);
    const bool ordered = made.is_signed ? static_cast<std::int64_t>(low.bits) <= static_cast<std::int64_t>(high.bits) : low.bits <= high.bits;
    if (!both_fit || !ordered || (!made.is_signed && low.bits > static_cast<std::uint64_t>(INT64_MAX))) {
      return fail(at, "E0504", cat("this is no range of ", word.text), "write lo..hi, both inclusive, the lesser first");
    }
    made.lo = static_cast<std::int64_t>(low.bits);
    made.hi = high.bits;
    return true;
  }

  constexpr std::optional<Access> access_word() {
    if (accept("rw")) return Access::read_write;
    if (accept("r")) return Access::read;
    if (accept("w")) return Access::write;
    if (accept("uninit")) return Access::uninit;
    return std::nullopt;
  }

  constexpr std::optional<StateIdx> state_named(ObjectTypeIdx type, std::string_view wanted) const {
    const auto& states = out_.at(type).states;
    const auto found = std::find(states.begin(), states.end(), wanted);
    return found == states.end() ? std::nullopt : std::optional(StateIdx(found - states.begin()));
  }
  constexpr bool state(ObjectTypeIdx type, std::optional<StateIdx>& made) {
    Token id;
    if (!name("a state's name", id)) return false;
    made = state_named(type, id.text);
    return made.has_value() || fail(id, "E0502", cat("'", out_.at(type).name, "' has no state '", id.text, "'"));
  }

  Declarations& out_;

 private:
  constexpr bool reference(bool nullable, Type& made) {
    const Token word = take();
    Token id;
    if (!name("the type's name", id)) return false;
    if (id.text == "hook") {
      if (word.text != "&") return fail(id, "E0504", "what the hook hands in can only be borrowed: write &hook");
      StructRef parsed;
      parsed.is_context = true;
      parsed.nullable = nullable;
      made = std::move(parsed);
      return true;
    }
    if (const auto index = out_.find_struct(id.text)) {
      if (word.text != "&") return fail(id, "E0504", cat("struct '", id.text, "' can only be borrowed"));
      StructRef parsed{*index, false, nullable, {}};
      if (accept("of") && !instance("an instance such as 'a", parsed.of)) return false;
      made = std::move(parsed);
      return true;
    }
    const auto index = out_.find_object_type(id.text);
    if (!index) return fail(id, "E0502", cat("there is no type '", id.text, "'"));
    ObjectRef parsed;
    parsed.mode = word.text == "own"   ? ObjectRef::Mode::own
                  : word.text == "rcu" ? ObjectRef::Mode::rcu
                  : word.text == "new" ? ObjectRef::Mode::create
                                       : ObjectRef::Mode::borrow;
    parsed.type = *index;
    parsed.nullable = nullable;
    if (accept("<") && !details(parsed)) return false;
    if (is("mem")) {
      Type bytes;
      if (!memory(false, kObjectMemory, bytes)) return false;
      parsed.memory = std::get<Mem>(bytes);
    }
    if (!check_reference(id, parsed)) return false;
    made = std::move(parsed);
    return true;
  }

  constexpr bool check_reference(const Token& id, const ObjectRef& made) {
    const ObjectType& type = out_.at(made.type);
    const bool plain = type.kind == ObjectType::Kind::plain;
    if (made.mode == ObjectRef::Mode::own && plain) {
      return fail(id, "E0504", cat("'", id.text, "' is plain: nobody owns one"), "borrow it (&), or declare the type linear or rc");
    }
    if (made.mode == ObjectRef::Mode::own && type.kind == ObjectType::Kind::rcu) {
      return fail(id, "E0504", cat("'", id.text, "' is valid in its region only: nobody owns one"), "write rcu T<'t in 'r>, or declare the type rc");
    }
    if (made.mode == ObjectRef::Mode::create && (type.stack_bytes == 0 || made.nullable)) {
      return fail(id, "E0504", cat("'", id.text, "' does not live in the extension's stack, so none can be made there"),
                  "declare the type with stack n");
    }
    if (made.mode == ObjectRef::Mode::rcu && made.region.empty()) {
      return fail(id, "E0504", "what is valid in a region only needs the region's name", "write rcu T<'t in 'r> and in M 'r");
    }
    return true;
  }

  /// `'a [of 'b] [in 'r] [@S [=> S2]]>`
  constexpr bool details(ObjectRef& made) {
    const Token at = peek();
    if (is(Token::Kind::instance)) made.instance = take().text;
    if (accept("of") && !instance("an instance such as 'b", made.of)) return false;
    if (accept("in") && !instance("a region such as 'r", made.region)) return false;
    if (accept("@")) {
      if (!state(made.type, made.state)) return false;
      if (accept("=>") && !state(made.type, made.next_state)) return false;
    }
    if (made.instance.empty() && made.of.empty() && made.region.empty() && !made.state) return fail(at, "E0501", "an instance such as 'a expected");
    return expect(">");
  }

  constexpr bool memory(bool nullable, std::size_t position, Type& out) {
    take();
    Mem made;
    made.nullable = nullable;
    Token element;
    if (!expect("(") || !name("the type of one element", element)) return false;
    made.element = element.text;
    if (const auto integer = scalar_named(element.text)) {
      made.element_bytes = integer->bits / 8;
    } else if (const auto index = out_.find_struct(element.text)) {
      const Struct& type = out_.at(*index);
      const auto is_pointer = [](const Field& field) { return field.pointer.has_value(); };
      if (!type.ranges.empty() || std::any_of(type.fields.begin(), type.fields.end(), is_pointer)) {
        return fail(element, "E0504", cat("struct '", element.text, "' holds host pointers and cannot be an element of memory"));
      }
      made.element_bytes = type.bytes;
    } else {
      made.element_bytes = 0;  // perhaps the key or value of a map: resolve_maps()
      elements_.push_back(element);
    }
    if (!element_count(made, position) || !expect(")")) return false;
    made.access = access_word().value_or(Access::read);
    made.shared = accept("shared");
    made.sparse = accept("sparse");
    made.kept = accept("kept");
    made.optional = accept("optional");
    made.nullable |= made.optional;
    if (accept("of") && !instance("an instance such as 'a", made.of)) return false;
    out = std::move(made);
    return true;
  }

  /// `| n`, `| name`, `| name * 4`, `| 4 * name`, `| name + 8`, `| name * 4 + 8`
  constexpr bool element_count(Mem& made, std::size_t position) {
    made.count = 1;
    if (!accept("|")) return true;
    const Token at = peek();
    std::uint64_t factor = 1;
    Token named;
    if (is(Token::Kind::number)) {
      factor = take().value;
      if (!accept("*")) {
        made.count = factor;
        if (factor == 0 || (made.element_bytes != 0 && factor > kMaxMemBytes / made.element_bytes)) {
          return fail(at, "E0504", cat("constant memory has 1 to ", kMaxMemBytes, " bytes"));
        }
        return true;
      }
      if (!name("a parameter's name", named)) return false;
    } else {
      if (!name("a number or a parameter's name", named)) return false;
      if (accept("*") && !number("a factor", factor)) return false;
    }
    std::uint64_t addend = 0;
    if (accept("+") && !number("a number", addend)) return false;
    if (factor == 0 || factor > kMaxMemBytes || addend > kMaxMemBytes) return fail(at, "E0504", cat("a count is multiplied by 1 to ", kMaxMemBytes));
    made.count.reset();
    made.count_factor = factor;
    made.count_addend = addend;
    counts_.push_back({position, named});
    return true;
  }

  constexpr bool map(Type& out) {
    take();
    MapRef made;
    if (accept("<")) {
      Token kind;
      if (!name("a kind of maps", kind)) return false;
      made.kind = out_.find_map_kind(kind.text);
      if (!made.kind) return fail(kind, "E0502", cat("there is no kind of maps '", kind.text, "'"));
      if (!expect(">")) return false;
    }
    const auto part = [&](std::string& text, std::uint64_t& bytes) {
      Token id;
      if (!name("the type of the map's keys or values", id)) return false;
      text = id.text;
      if (const auto integer = scalar_named(id.text))
        bytes = integer->bits / 8;
      else if (const auto index = out_.find_struct(id.text))
        bytes = out_.at(*index).bytes;
      return true;
    };
    if (!part(made.key, made.key_bytes) || !expect("->") || !part(made.value, made.value_bytes)) return false;
    if (accept("holds") && !instance("a field such as 'f", made.holds)) return false;
    out = std::move(made);
    return true;
  }

  /// `map of m`
  constexpr bool inner_map(bool nullable, std::size_t position, Type& out) {
    const Token at = take();
    take();
    if (position != kResultPosition) return fail(at, "E0504", "'map of' is a result");
    if (!name("a parameter's name", inner_of_)) return false;
    MapRef made;
    made.nullable = nullable;
    out = std::move(made);
    return true;
  }

  constexpr bool callback(bool nullable, Type& out) {
    const Token at = take();
    Callback made;
    if (!expect("(")) return false;
    const bool done = list(")", [&] {
      if (made.parameters.size() == kMaxParameters) return fail(at, "E0504", "BPF passes at most five arguments");
      Type parsed;
      if (!type(kCallbackPosition, parsed)) return false;
      if (std::holds_alternative<CallbackRef>(parsed)) return fail(at, "E0504", "a callback takes no callback");
      const auto* object = std::get_if<ObjectRef>(&parsed);
      if (object != nullptr && object->mode != ObjectRef::Mode::borrow) return fail(at, "E0504", "a callback is lent what it is given: write &T");
      made.parameters.push_back(std::move(parsed));
      return true;
    });
    if (!done) return false;
    if (accept("->")) {
      const Token result_at = peek();
      if (!type(kCallbackPosition, made.result)) return false;
      if (!std::holds_alternative<Scalar>(made.result)) return fail(result_at, "E0504", "a callback's result is an integer or nothing");
    }
    made.cleans = accept("finally");
    made.later = made.cleans || accept("later");
    const auto waits = [](const Type& parameter) {  // for what only the call itself could have given it
      const auto* map = std::get_if<MapRef>(&parameter);
      return std::holds_alternative<Opaque>(parameter) || std::holds_alternative<StructRef>(parameter) ||
             std::holds_alternative<ObjectRef>(parameter) || (map != nullptr && map->holds.empty());
    };
    if (made.later && std::any_of(made.parameters.begin(), made.parameters.end(), waits)) {
      return fail(at, "E0504", "what is called later is lent integers, memory, and maps that hold a field");
    }
    out_.callbacks.push_back(std::move(made));
    out = CallbackRef{CallbackIdx(out_.callbacks.size() - 1), nullable};
    return true;
  }

  constexpr bool resolve_counts(Signature& made) {
    for (const PendingCount& pending : counts_) {
      std::size_t found = 0;
      while (found < made.parameters.size() && made.parameters[found].name != pending.name.text) ++found;
      if (found == made.parameters.size() || pending.parameter == kCallbackPosition) {
        return fail(pending.name, "E0502", cat("there is no parameter '", pending.name.text, "'"));
      }
      const Scalar* const count = std::get_if<Scalar>(&made.parameters[found].type);
      if (count == nullptr || count->is_signed) {
        return fail(pending.name, "E0504", cat("'", pending.name.text, "' counts elements, so it must be an unsigned integer"));
      }
      Mem* mem = nullptr;
      if (pending.parameter == kObjectMemory)
        mem = &*std::get<ObjectRef>(made.result).memory;
      else
        mem = &std::get<Mem>(pending.parameter == kResultPosition ? made.result : made.parameters[pending.parameter].type);
      mem->count_parameter = static_cast<std::uint32_t>(found);
    }
    return true;
  }

  /// `mem(K)`: the key of the map that a parameter names.
  constexpr bool resolve_maps(Signature& made) {
    const std::vector<Type>* called_with = nullptr;
    const auto element_of = [&](Mem& mem) {
      if (mem.element_bytes != 0) return true;
      if (called_with != nullptr) {
        for (const Type& type : *called_with) {
          const auto* map = std::get_if<MapRef>(&type);
          if (map == nullptr || map->holds.empty() || (map->key != mem.element && map->value != mem.element)) continue;
          mem.part = map->key == mem.element ? Mem::MapPart::key : Mem::MapPart::value;
          mem.map_of = map->holds;
          return true;
        }
      }
      for (std::size_t i = 0; i < made.parameters.size(); ++i) {
        const auto* map = std::get_if<MapRef>(&made.parameters[i].type);
        if (map == nullptr || (map->key != mem.element && map->value != mem.element)) continue;
        mem.part = map->key == mem.element ? Mem::MapPart::key : Mem::MapPart::value;
        mem.map_parameter = static_cast<std::uint32_t>(i);
        return true;
      }
      const auto at = std::find_if(elements_.begin(), elements_.end(), [&](const Token& token) { return token.text == mem.element; });
      return fail(at == elements_.end() ? peek() : *at, "E0502", cat("there is no struct or integer type '", mem.element, "'"));
    };
    for (Parameter& parameter : made.parameters) {
      if (auto* mem = std::get_if<Mem>(&parameter.type); mem != nullptr && !element_of(*mem)) return false;
      if (auto* called = std::get_if<CallbackRef>(&parameter.type)) {
        called_with = &out_.callbacks[called->type.index()].parameters;
        for (Type& type : out_.callbacks[called->type.index()].parameters) {
          if (auto* mem = std::get_if<Mem>(&type); mem != nullptr && !element_of(*mem)) return false;
        }
        called_with = nullptr;
      }
    }
    if (auto* mem = std::get_if<Mem>(&made.result); mem != nullptr && !element_of(*mem)) return false;
    if (auto* object = std::get_if<ObjectRef>(&made.result); object != nullptr && object->memory && !element_of(*object->memory)) return false;
    elements_.clear();
    return resolve_fields(made) && resolve_inner_map(made);
  }

  /// `holds 'f`: some parameter is the field.
  constexpr bool resolve_fields(const Signature& made) {
    const auto is_field = [&](const MapRef& map) {
      return map.holds.empty() || std::any_of(made.parameters.begin(), made.parameters.end(), [&](const Parameter& p) {
               const auto* object = std::get_if<ObjectRef>(&p.type);
               return object != nullptr && !object->nullable && object->instance == map.holds && out_.at(object->type).field_bytes != 0;
             });
    };
    for (std::size_t i = 0; i < made.parameters.size(); ++i) {
      const auto wrong = [&](const Type& type) {
        const auto* map = std::get_if<MapRef>(&type);
        return map != nullptr && !is_field(*map);
      };
      bool any = wrong(made.parameters[i].type);
      if (const auto* called = std::get_if<CallbackRef>(&made.parameters[i].type)) {
        const auto& parameters = out_.at(called->type).parameters;
        any |= std::any_of(parameters.begin(), parameters.end(), wrong);
      }
      if (any) return fail(made.at[i], "E0502", "'holds' names no parameter that is a field of a map's values");
    }
    return true;
  }

  constexpr bool resolve_inner_map(Signature& made) {
    auto* map = std::get_if<MapRef>(&made.result);
    if (map == nullptr || inner_of_.text.empty()) return true;
    std::size_t i = 0;
    while (i < made.parameters.size() && made.parameters[i].name != inner_of_.text) ++i;
    if (i == made.parameters.size() || !std::holds_alternative<MapRef>(made.parameters[i].type)) {
      return fail(inner_of_, "E0502", cat("there is no map '", inner_of_.text, "'"));
    }
    map->inner_of = static_cast<std::uint32_t>(i);
    inner_of_ = {};
    return true;
  }

  static constexpr std::size_t kObjectMemory = static_cast<std::size_t>(-2), kCallbackPosition = static_cast<std::size_t>(-3);
  struct PendingCount {
    std::size_t parameter;  ///< index, or one of the positions above
    Token name;
  };
  std::vector<PendingCount> counts_;
  Token inner_of_;               // of a result
  std::vector<Token> elements_;  // of memory, that are no type of their own
};

}  // namespace tenon::interface
