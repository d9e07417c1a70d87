// SPDX-License-Identifier: Apache-2.0
// What stands behind a signature: locks, modes, conditions, contracts, flags.
#pragma once

#include <tenon/language/expressions.hpp>

namespace tenon::interface {

class ClauseParser : public ExpressionParser {
 public:
  using ExpressionParser::ExpressionParser;

 protected:
  /// Reads one clause if there is one; `found` says so. `is_hook`: only those that a hook may have.
  constexpr bool clause(const Signature& signature, Clauses& made, bool& found) {
    found = true;
    const Token at = peek();
    if (at.kind == Token::Kind::name) {
      if (bool* const flag = flag_named(at.text, made)) {
        if (*flag) return fail(at, "E0503", cat("'", at.text, "' stands twice"));
        *flag = true;
        take();
        return true;
      }
      if (is("requires") && is("{", 1)) return contract(signature, Contract::Kind::require, made);
      if (is("ensures")) return contract(signature, Contract::Kind::ensure, made);
      if (is("case")) return contract(signature, Contract::Kind::consider, made);
      if (is("modifies")) return modifies(signature, made);
      if (is("requires")) return lock_clause(signature, made.requires_locks);
      if (is("acquires")) return lock_clause(signature, made.acquires_locks);
      if (is("releases")) return lock_clause(signature, made.releases_locks);
      if (is("enters")) return mode_clause(made.enters);
      if (is("exits")) return mode_clause(made.exits);
      if (is("in")) return mode_clause(made.in_modes);
      if (is("notin")) return mode_clause(made.not_in_modes);
      if (is("allowed_in")) return mode_clause(made.allowed_in);
      if (is("moves")) return moves(signature, made);
      if (is("may_escape")) return may_escape(made);
      if (is("inline")) return inline_file(made);
      if (is("on")) return conditional(signature, made);
    }
    found = false;
    return true;
  }

 private:
  static constexpr std::size_t kMaxConditionals = 5;

  static constexpr bool* flag_named(std::string_view word, Clauses& made) {
    if (word == "may_suspend") return &made.may_suspend;
    if (word == "may_sleep") return &made.may_sleep;
    if (word == "ends") return &made.may_end;
    if (word == "noreturn") return &made.no_return;
    if (word == "throws") return &made.throws;
    if (word == "catches") return &made.catches;
    if (word == "destroys") return &made.destroys;
    if (word == "interruptible") return &made.interruptible;
    if (word == "callback_safe") return &made.callback_safe;
    return nullptr;
  }

  constexpr bool contract(const Signature& signature, Contract::Kind kind, Clauses& made) {
    take();
    Contract parsed;
    parsed.kind = kind;
    const Names before{&signature, false}, after{&signature, true};
    if (!predicate(kind == Contract::Kind::ensure ? after : before, parsed.expressions.emplace_back())) return false;
    if (kind == Contract::Kind::consider && (!expect("=>") || !predicate(after, parsed.expressions.emplace_back()))) return false;
    made.contracts.push_back(std::move(parsed));
    return true;
  }

  constexpr bool modifies(const Signature& signature, Clauses& made) {
    take();
    Contract parsed;
    parsed.kind = Contract::Kind::modify;
    if (!expect("{")) return false;
    if (!list("}", [&] { return place({&signature, false}, parsed.expressions.emplace_back()); })) return false;
    made.contracts.push_back(std::move(parsed));
    return true;
  }

  /// The parameter that `'name` names, or the type the name has in the result.
  static constexpr const ObjectRef* instance_named(const Signature& signature, std::string_view wanted) {
    for (const Parameter& parameter : signature.parameters) {
      const auto* object = std::get_if<ObjectRef>(&parameter.type);
      if (object != nullptr && object->instance == wanted) return object;
    }
    const auto* object = std::get_if<ObjectRef>(&signature.result);
    return object != nullptr && object->instance == wanted ? object : nullptr;
  }

  /// `lock('a.field)` or `lock(T<of 'a>.field)`
  constexpr bool lock(const Signature& signature, LockRef& made) {
    if (!expect("lock") || !expect("(")) return false;
    const Token at = peek();
    if (is(Token::Kind::instance)) {
      made.instance = take().text;
      const ObjectRef* const object = instance_named(signature, made.instance);
      if (object == nullptr) return fail(at, "E0502", cat("nothing here is called '", made.instance));
      made.type = object->type;
    } else {
      Token id;
      if (!name("'a.field or T<of 'a>.field", id)) return false;
      const auto type = out_.find_object_type(id.text);
      if (!type) return fail(id, "E0502", cat("there is no type '", id.text, "'"));
      made.linked_type = made.type = *type;
      const Token owner_at = peek(2);
      if (!expect("<") || !expect("of") || !instance("an instance such as 'a", made.instance) || !expect(">")) return false;
      if (instance_named(signature, made.instance) == nullptr) return fail(owner_at, "E0502", cat("nothing here is called '", made.instance));
    }
    Token field;
    if (!expect(".") || !name("the lock's name", field)) return false;
    const auto& locks = out_.at(made.type).locks;
    while (made.field < locks.size() && locks[made.field].name != field.text) ++made.field;
    if (made.field == locks.size()) return fail(field, "E0502", cat("'", out_.at(made.type).name, "' has no lock '", field.text, "'"));
    return expect(")");
  }

  constexpr bool lock_clause(const Signature& signature, std::vector<LockRef>& made) {
    const Token word = take();
    LockRef parsed;
    if (!lock(signature, parsed)) return false;
    if (parsed.linked_type && word.text != "requires") {
      return fail(word, "E0504", "which lock is taken or released must be said by an instance", "write lock('a.field)");
    }
    made.push_back(std::move(parsed));
    return true;
  }

  constexpr bool mode(ModeRef& made) {
    Token id;
    if (!name("a mode's name", id)) return false;
    const auto found = out_.find_mode(id.text);
    if (!found) return fail(id, "E0502", cat("there is no mode '", id.text, "'"));
    made.mode = *found;
    if (is(Token::Kind::instance)) made.region = take().text;
    return true;
  }

  constexpr bool mode_clause(std::vector<ModeRef>& made) {
    take();
    ModeRef parsed;
    if (!mode(parsed)) return false;
    made.push_back(std::move(parsed));
    return true;
  }

  constexpr bool parameter(const Signature& signature, std::uint32_t& made) {
    Token id;
    if (!name("a parameter's name", id)) return false;
    while (made < signature.parameters.size() && signature.parameters[made].name != id.text) ++made;
    return made < signature.parameters.size() || fail(id, "E0502", cat("there is no parameter '", id.text, "'"));
  }

  constexpr bool moves(const Signature& signature, Clauses& made) {
    take();
    const Token at = peek();
    std::uint32_t moved = 0;
    if (!parameter(signature, moved)) return false;
    const auto* reference = std::get_if<StructRef>(&signature.parameters[moved].type);
    if (reference == nullptr || (!reference->is_context && out_.at(reference->type).ranges.empty())) {
      return fail(at, "E0504", cat("'", at.text, "' is no struct with memory of its own"));
    }
    made.moves.push_back(moved);
    return true;
  }

  constexpr bool may_escape(Clauses& made) {
    take();
    do {
      const Token at = peek();
      if (accept("heap"))
        made.may_escape.heap = true;
      else if (accept("map"))
        made.may_escape.map = true;
      else if (accept("ret"))
        made.may_escape.result = true;
      else
        return fail(at, "E0501", "heap, map or ret expected");
    } while (accept(","));
    return true;
  }

  constexpr bool inline_file(Clauses& made) {
    take();
    if (!is(Token::Kind::quoted)) return unexpected_here("a quoted file name");
    made.inline_file = take().text;
    return true;
  }

  /// `on PRED : effect`
  constexpr bool conditional(const Signature& signature, Clauses& made) {
    const Token at = take();
    if (made.on.size() == kMaxConditionals) return fail(at, "E0504", cat("a line has at most ", kMaxConditionals, " conditions"));
    Conditional parsed;
    if (!subject(signature, parsed) || !expect(":") || !effect(signature, parsed)) return false;
    made.on.push_back(std::move(parsed));
    return true;
  }

  constexpr bool subject(const Signature& signature, Conditional& made) {
    const Token at = peek();
    const bool inverted = accept("!");
    std::uint32_t index = 0;
    if (!accept("ret")) {
      if (!parameter(signature, index)) return false;
      made.parameter = index;
    }
    const Type& type = made.parameter ? signature.parameters[index].type : signature.result;
    if (std::holds_alternative<Nothing>(type)) return fail(at, "E0504", "the function has no result");
    if (inverted) {
      made.compare = Conditional::Compare::eq;
      return true;
    }
    return comparison(made) && comparand(at, type, made);
  }

  constexpr bool comparison(Conditional& made) {
    using Compare = Conditional::Compare;
    struct Word {
      std::string_view text;
      Compare compare;
    };
    constexpr std::array<Word, 6> kWords{
        {{"==", Compare::eq}, {"!=", Compare::ne}, {"<=", Compare::le}, {">=", Compare::ge}, {"<", Compare::lt}, {">", Compare::gt}}};
    for (const Word& word : kWords) {
      if (!accept(word.text)) continue;
      made.compare = word.compare;
      return true;
    }
    return unexpected_here("a comparison");
  }

  constexpr bool comparand(const Token& at, const Type& type, Conditional& made) {
    const Token value_at = peek();
    const bool is_scalar = std::holds_alternative<Scalar>(type);
    if (accept("null")) {
      const bool equality = made.compare == Conditional::Compare::eq || made.compare == Conditional::Compare::ne;
      return (!is_scalar && equality) || fail(value_at, "E0504", "only pointers are compared with null, for equality");
    }
    Signed value;
    if (!signed_number("a number or null", value)) return false;
    if (!is_scalar) return fail(at, "E0504", "a pointer is compared with null");
    if (!fits(type, value.negative, value.bits) && !fits(whole(type), value.negative, value.bits)) {
      return fail(value_at, "E0504", "this is no value of the type it is compared with");
    }
    made.value = value.bits;
    return true;
  }

  static constexpr Type whole(const Type& type) {
    const auto& scalar = std::get<Scalar>(type);
    return *scalar_named(cat(scalar.is_signed ? 's' : 'u', scalar.bits));
  }

  constexpr bool effect(const Signature& signature, Conditional& made) {
    using Effect = Conditional::Effect;
    if (accept("acquires")) {
      made.effect = Effect::acquires;
      return effect_lock(signature, made);
    }
    if (accept("releases")) {
      made.effect = Effect::releases;
      return effect_lock(signature, made);
    }
    if (is("enters") || is("exits")) {
      made.effect = take().text == "enters" ? Effect::enters : Effect::exits;
      return mode(made.mode);
    }
    const bool keeps = accept("keeps"), consumes = !keeps && accept("consumes");
    made.effect = keeps ? Effect::keeps : consumes ? Effect::consumes : Effect::state;
    const Token at = peek();
    if (!parameter(signature, made.object)) return false;
    const auto* object = std::get_if<ObjectRef>(&signature.parameters[made.object].type);
    if (object == nullptr) return fail(at, "E0504", cat("'", at.text, "' is no object"));
    if (keeps && object->mode != ObjectRef::Mode::own) return fail(at, "E0504", cat("'", at.text, "' is borrowed, so it is kept anyway"));
    if (consumes && object->mode != ObjectRef::Mode::borrow) return fail(at, "E0504", cat("'", at.text, "' is consumed anyway"));
    if (made.effect != Effect::state) return true;
    if (object->mode != ObjectRef::Mode::borrow) return fail(at, "E0504", cat("'", at.text, "' is consumed, so its state is nobody's business"));
    std::optional<StateIdx> next;
    if (!expect("@") || !state(object->type, next)) return false;
    made.state = *next;
    return true;
  }

  constexpr bool effect_lock(const Signature& signature, Conditional& made) {
    const Token at = peek();
    if (!lock(signature, made.lock)) return false;
    return !made.lock.linked_type || fail(at, "E0504", "which lock is taken or released must be said by an instance", "write lock('a.field)");
  }
};

}  // namespace tenon::interface
