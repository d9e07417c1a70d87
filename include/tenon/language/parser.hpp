// SPDX-License-Identifier: Apache-2.0
// Declarations of a .tni text. Names of types first, then what they are, then functions and hooks, so that order in the file does not matter.
#pragma once

#include <tenon/language/clauses.hpp>
#include <tenon/language/rules.hpp>

namespace tenon::interface {

class Parser : public ClauseParser {
 public:
  constexpr Parser(Declarations& out, std::string_view text, std::vector<Token> tokens, bool builtin)
      : ClauseParser(out, std::move(tokens)), text_(text), builtin_(builtin) {}

  constexpr std::optional<Fault> run() {
    for (const Pass pass : {Pass::names, Pass::types, Pass::functions}) {
      go_to(0);
      while (!at_end()) {
        if (!declaration(pass)) return fault();
      }
    }
    resolve();
    return fault();
  }

 private:
  enum class Pass : std::uint8_t { names, types, functions };
  static constexpr std::size_t kMaxStackBytes = 256;

  constexpr bool declaration(Pass pass) {
    const Token first = peek();
    if (first.kind != Token::Kind::name) return unexpected_here("a declaration");
    const std::string_view word = first.text;
    const bool late = word == "fn" || word == "hook" || word == "invariant" || word == "state";
    const bool early = word == "interface" || word == "struct" || word == "type" || word == "mode" || word == "iterator" || word == "maps";
    if (!late && !early) {
      return fail(first, "E0501", cat("'", word, "' starts no declaration"),
                  "write interface, struct, type, maps, mode, iterator, state, invariant, fn or hook");
    }
    if (pass == Pass::names) return early || word == "state" ? declare_name(word) : skip_declaration();
    if (early != (pass == Pass::types)) return skip_declaration();
    take();
    if (word == "interface") return interface_name();
    if (word == "struct") return structure();
    if (word == "type") return object_type();
    if (word == "maps") return map_kind();
    if (word == "mode") return mode_declaration();
    if (word == "iterator") return iterator();
    if (word == "state") return state_variable();
    if (word == "invariant") return invariant();
    return word == "fn" ? function(first) : hook(first);
  }

  /// To behind the ';' that ends it, which no declaration holds inside; another pass says what is wrong with one that has none.
  constexpr bool skip_declaration() {
    while (!at_end() && !accept(";")) take();
    return true;
  }

  constexpr bool declare_name(std::string_view word) {
    if (word == "interface") return skip_declaration();
    take();
    Token id;
    if (!name(cat("the ", word, "'s name"), id)) return false;
    if (word == "maps") {
      if (out_.find_map_kind(id.text)) return fail(id, "E0503", cat("there already is a kind of maps '", id.text, "'"));
      out_.map_kinds.push_back({});
      out_.map_kinds.back().name = id.text;
      return skip_declaration();
    }
    if (word == "mode") {
      if (out_.find_mode(id.text)) return fail(id, "E0503", cat("there already is a mode '", id.text, "'"));
      out_.modes.push_back({std::string(id.text), {}, false, false, {}});
      return skip_declaration();
    }
    if (word == "state") {
      for (const StateVariable& other : out_.state_variables) {
        if (other.name == id.text) return fail(id, "E0503", cat("there already is a state '", id.text, "'"));
      }
      out_.state_variables.push_back({std::string(id.text), {}, {}});
      return skip_declaration();
    }
    if (out_.find_struct(id.text) || out_.find_object_type(id.text) || scalar_named(id.text)) {
      return fail(id, "E0503", cat("there already is a type '", id.text, "'"));
    }
    if (word == "struct") {
      out_.structs.push_back({});
      out_.structs.back().name = id.text;
    } else {
      out_.object_types.push_back({});
      out_.object_types.back().name = id.text;
      out_.object_types.back().builtin = builtin_;
    }
    return skip_declaration();
  }

  constexpr bool interface_name() {
    Token id;
    if (!name("the interface's name", id)) return false;
    if (!out_.name.empty()) return fail(id, "E0503", cat("the interface is already called ", out_.name));
    out_.name = id.text;
    if (accept("over")) {
      Token over;
      if (!name("the name of the interface below", over)) return false;
      out_.over = over.text;
    }
    return expect(";");
  }

  // ---- structs ----
  constexpr bool structure() {
    const Token id = take();
    Struct made;
    made.name = id.text;
    if (!expect("{") || !list("}", [&] { return field(made); })) return false;
    if (auto wrong = lay_out(made)) return fail(id, wrong->code, wrong->message, wrong->help);
    out_.structs[out_.find_struct(id.text)->index()] = std::move(made);
    return expect(";");
  }

  constexpr bool offset(const Token& of, std::uint32_t& made) {
    std::uint64_t value = 0;
    if (!number("an offset in bytes", value)) return false;
    if (value > kMaxStructBytes) return fail(of, "E0504", cat("a struct has at most ", kMaxStructBytes, " bytes"));
    made = static_cast<std::uint32_t>(value);
    return true;
  }

  constexpr bool access(const Token& of, Access& made) {
    const Token at = peek();
    const std::optional<Access> word = access_word();
    if (!word || *word == Access::uninit) return fail(at, "E0501", cat("'", of.text, "' needs r, w or rw"));
    made = *word;
    return true;
  }

  constexpr bool field(Struct& made) {
    Token id;
    if (!name("a field's name", id)) return false;
    if (is("..")) return range(made, id);
    if (!expect(":")) return false;
    Field parsed;
    parsed.name = id.text;
    const Token at = peek();
    if (accept("traced")) {
      if (!is(Token::Kind::quoted)) return unexpected_here("the quoted name of the function, with * for what the section says");
      parsed.traced = take().text;
      if (parsed.traced.find('*') == std::string::npos) return fail(at, "E0504", "which function it is the section says: write *");
      parsed.with_result = accept("result");
      parsed.type = *scalar_named("u64");
      parsed.count = kMaxTraced;
    } else if (at.kind == Token::Kind::name && scalar_named(at.text)) {
      if (!scalar(take(), parsed.type) || (accept("[") && !elements(id, parsed))) return false;
    } else {
      Type pointer;
      if (!is("?") && !is("&") && !is("mem")) {
        return fail(at, "E0504", cat("field '", id.text, "' must be an integer, a pointer or one end of a memory range"));
      }
      if (!type(kResultPosition, pointer)) return false;
      const auto* mem = std::get_if<Mem>(&pointer);
      if (mem != nullptr && mem->element_bytes == 0) return fail(at, "E0502", cat("'", mem->element, "' is no type that is declared above"));
      if (mem != nullptr && mem->count_parameter) return fail(at, "E0504", "the memory behind a field has a constant extent");
      const auto* object = std::get_if<ObjectRef>(&pointer);
      if (object != nullptr && out_.at(object->type).kind != ObjectType::Kind::plain && !out_.at(object->type).name.empty())
        pointed_.push_back({at, object->type});
      parsed.pointer = std::move(pointer);
      parsed.type = *scalar_named("u64");
    }
    if (!expect("@") || !offset(id, parsed.offset) || !access(id, parsed.access)) return false;
    if ((parsed.pointer || !parsed.traced.empty()) && parsed.access != Access::read)
      return fail(at, "E0504", cat("the pointer '", id.text, "' can only be read"));
    made.fields.push_back(std::move(parsed));
    return true;
  }

  constexpr bool elements(const Token& id, Field& made) {
    std::uint64_t count = 0;
    if (!number("a number of elements", count)) return false;
    if (count == 0 || count > kMaxStructBytes) return fail(id, "E0504", cat("a field has 1 to ", kMaxStructBytes, " elements"));
    made.count = static_cast<std::uint32_t>(count);
    return expect("]");
  }

  /// `data..data_end: mem rw @0..8 [u32]`, from the first `..`.
  constexpr bool range(Struct& made, const Token& first) {
    MemRange parsed;
    parsed.marks.push_back({std::string(first.text), 0});
    while (accept("..")) {
      Token next;
      if (!name("the name of the next pointer into the memory", next)) return false;
      parsed.marks.push_back({std::string(next.text), 0});
    }
    if (!expect(":") || !expect("mem") || !access(first, parsed.access) || !expect("@")) return false;
    for (std::size_t m = 0; m < parsed.marks.size(); ++m) {
      if (m > 0 && !expect("..")) return false;
      if (!offset(first, parsed.marks[m].offset)) return false;
    }
    if (accept("u32"))
      parsed.pointer_bytes = 4;
    else
      accept("u64");
    made.ranges.push_back(std::move(parsed));
    return true;
  }

  // ---- types and modes ----
  constexpr bool drop_name(ObjectType& made) {
    if (!accept("drop")) return unexpected_here("drop=FUNCTION");
    Token drop;
    if (!expect("=") || !name_or_quoted("the function that gives one back", drop)) return false;
    made.drop_name = drop.text;
    drops_.push_back({*out_.find_object_type(made.name), drop});
    return true;
  }

  constexpr bool object_type() {
    const Token id = take();
    ObjectType& made = out_.object_types[out_.find_object_type(id.text)->index()];
    if (accept("states") && !states(made)) return false;
    if (accept("plain")) {
      made.kind = ObjectType::Kind::plain;
    } else if (accept("rcu")) {
      made.kind = ObjectType::Kind::rcu;
    } else if (is("linear") || is("rc")) {
      made.kind = take().text == "rc" ? ObjectType::Kind::counted : ObjectType::Kind::linear;
      if (!drop_name(made)) return false;
    } else {
      return unexpected_here("plain, linear, rc or rcu");
    }
    while (!is(";")) {
      const Token at = peek();
      const bool done = accept("locks")    ? locks(made)
                        : accept("stable") ? stable(made)
                        : accept("is")     ? base(made)
                        : accept("as")     ? view(made)
                        : accept("stack")  ? stack(made)
                        : accept("field")  ? field_of_values(made)
                        : accept("reads")  ? reads(made)
                                           : fail(at, "E0501", "locks, stable, is, as, stack, field, reads or ';' expected");
      if (!done) return false;
    }
    if (made.field_bytes != 0 &&
        (made.kind != ObjectType::Kind::plain || !made.states.empty() || made.view || made.base || !made.reads.empty() || made.stack_bytes != 0))
      return fail(id, "E0504", "fields of a map's values are plain objects without states, fields and kinds");
    return expect(";");
  }

  constexpr bool states(ObjectType& made) {
    return expect("{") && list("}", [&] {
             Token id;
             if (!name("a state's name", id)) return false;
             if (std::find(made.states.begin(), made.states.end(), id.text) != made.states.end()) {
               return fail(id, "E0503", cat("there are two states '", id.text, "'"));
             }
             made.states.push_back(std::string(id.text));
             return true;
           });
  }

  constexpr bool stable(ObjectType& made) {
    const ObjectTypeIdx type = *out_.find_object_type(made.name);
    return expect("{") && list("}", [&] {
             std::optional<StateIdx> one;
             if (!state(type, one)) return false;
             made.stable.push_back(*one);
             return true;
           });
  }

  constexpr bool locks(ObjectType& made) {
    return expect("{") && list("}", [&] {
             Token id, kind;
             if (!name("a lock's name", id) || !expect(":") || !name("the kind of the lock", kind)) return false;
             for (const LockField& other : made.locks) {
               if (other.name == id.text) return fail(id, "E0503", cat("there are two locks '", id.text, "'"));
             }
             LockField parsed{std::string(id.text), std::string(kind.text), {}, {}};
             if (accept("rank")) {
               std::uint64_t rank = 0;
               if (!number("a rank", rank)) return false;
               if (rank > UINT32_MAX) return fail(id, "E0504", "a rank has 32 bits");
               parsed.rank = static_cast<std::uint32_t>(rank);
             }
             made.locks.push_back(std::move(parsed));
             return true;
           });
  }

  constexpr bool base(ObjectType& made) {
    Token id;
    if (!name("a type's name", id)) return false;
    const auto found = out_.find_object_type(id.text);
    if (!found) return fail(id, "E0502", cat("there is no type '", id.text, "'"));
    made.base = *found;
    bases_.push_back({id, *out_.find_object_type(made.name)});
    return true;
  }

  constexpr bool view(ObjectType& made) {
    Token id;
    if (!name("a struct's name", id)) return false;
    made.view = out_.find_struct(id.text);
    return made.view.has_value() || fail(id, "E0502", cat("there is no struct '", id.text, "'"));
  }

  constexpr bool stack(ObjectType& made) {
    const Token at = peek();
    std::uint64_t bytes = 0;
    if (!number("a number of bytes", bytes)) return false;
    if (bytes == 0 || bytes % 8 != 0 || bytes > kMaxStackBytes)
      return fail(at, "E0504", cat("objects in the stack have 8, 16 .. ", kMaxStackBytes, " bytes"));
    made.stack_bytes = static_cast<std::uint32_t>(bytes);
    return true;
  }

  constexpr bool reads(ObjectType& made) {
    if (!is(Token::Kind::quoted)) return unexpected_here("a quoted name of a struct");
    made.reads = take().text;
    return true;
  }

  constexpr bool field_of_values(ObjectType& made) {
    const Token at = peek();
    std::uint64_t bytes = 0;
    if (!number("a number of bytes", bytes)) return false;
    if (bytes == 0 || bytes > kMaxStackBytes) return fail(at, "E0504", cat("fields of a map's values have 1 to ", kMaxStackBytes, " bytes"));
    made.field_bytes = static_cast<std::uint32_t>(bytes);
    return true;
  }

  /// `maps NAME { hash, array };`
  constexpr bool map_kind() {
    const Token id = take();
    MapKind& made = out_.map_kinds[out_.find_map_kind(id.text)->index()];
    if (!expect("{")) return false;
    const bool done = list("}", [&] {
      Token type;
      if (!name("a type of maps", type)) return false;
      made.types.push_back(std::string(type.text));
      return true;
    });
    if (!done) return false;
    if (made.types.empty()) return fail(id, "E0504", cat("'", id.text, "' names no type of maps"));
    return expect(";");
  }

  constexpr bool mode_declaration() {
    const Token id = take();
    const ModeIdx index = *out_.find_mode(id.text);
    if (accept("excludes")) {
      const bool done = expect("{") && list("}", [&] {
                          Token other;
                          if (!name("a mode, suspend, sleep or calls", other)) return false;
                          Mode& made = out_.modes[index.index()];
                          if (other.text == "suspend") return made.excludes_suspend = true;
                          if (other.text == "sleep") return made.excludes_sleep = true;
                          if (other.text == "calls") return made.excludes_calls = true;
                          const auto found = out_.find_mode(other.text);
                          if (!found) return fail(other, "E0502", cat("there is no mode '", other.text, "'"));
                          made.excludes.push_back(*found);
                          return true;
                        });
      if (!done) return false;
    }
    return expect(";");
  }

  constexpr bool iterator() {
    const Token id = take();
    Iterator made;
    made.type = *out_.find_object_type(id.text);
    ObjectType& type = out_.object_types[made.type.index()];
    type.kind = ObjectType::Kind::linear;
    Token element, first, next, drop;
    if (!expect("over") || !name("the type of the elements", element)) return false;
    if (!out_.find_object_type(element.text) && !out_.find_struct(element.text) && !scalar_named(element.text)) {
      return fail(element, "E0502", cat("there is no type '", element.text, "'"));
    }
    if (!expect(":") || !expect("new") || !name_or_quoted("the function that makes one", first) || !expect(",") || !expect("next") ||
        !name_or_quoted("the function that gives the next element", next) || !expect(",") || !expect("drop") ||
        !name_or_quoted("the function that ends it", drop)) {
      return false;
    }
    if (accept("stack") && !stack(type)) return false;
    made.element = element.text;
    made.new_name = first.text;
    made.next_name = next.text;
    type.drop_name = drop.text;
    drops_.push_back({made.type, drop});
    iterators_.push_back({out_.iterators.size(), first, next});
    out_.iterators.push_back(std::move(made));
    return expect(";");
  }

  // ---- what contracts speak about ----
  constexpr bool state_variable() {
    const Token id = take();
    StateVariable made;
    made.name = id.text;
    if (accept("[")) {
      const bool done = list("]", [&] { return value_type(made.indices.emplace_back()); });
      if (!done) return false;
    }
    if (!expect(":") || !value_type(made.type)) return false;
    for (StateVariable& variable : out_.state_variables) {
      if (variable.name == made.name) variable = std::move(made);
    }
    return expect(";");
  }

  constexpr bool value_type(Type& made) {
    const Token at = peek();
    if (!is("&") && !scalar_named(at.text)) return fail(at, "E0504", "a state is an integer or an object: write u32 or &T");
    return type(kResultPosition, made);
  }

  constexpr bool invariant() {
    Expression made;
    if (!predicate({}, made)) return false;
    out_.invariants.push_back(std::move(made));
    return expect(";");
  }

  // ---- functions and hooks ----
  constexpr bool taken_name(const Token& id) { return fail(id, "E0503", cat("'", id.text, "' is declared already")); }

  constexpr bool function(const Token& first) {
    Token id;
    Signature parsed;
    if (!name_or_quoted("the function's name", id) || !signature(parsed)) return false;
    for (const Function& other : out_.functions) {
      if (other.name == id.text && !detail::told_apart(out_, parsed.parameters, other.parameters)) return taken_name(id);
    }
    if (out_.find_hook(id.text)) return taken_name(id);
    Function made;
    made.name = id.text;
    made.variadic = parsed.variadic;
    made.builtin = builtin_;
    made.line = first.line;
    while (!is(";")) {
      const Token at = peek();
      bool found = false;
      if (accept("helper")) {
        std::uint64_t helper = 0;
        if (!number("a helper's number", helper)) return false;
        if (helper > INT32_MAX) return fail(at, "E0504", "a helper's number has 31 bits");
        made.helper = static_cast<std::uint32_t>(helper);
      } else if (accept("for")) {
        if (!hook_names(made)) return false;
      } else if (!clause(parsed, made, found)) {
        return false;
      } else if (!found) {
        return unexpected_here("a clause or ';'");
      }
    }
    if (auto wrong = check_function(out_, parsed, made)) return fail(wrong->at, wrong->code, wrong->message, wrong->help);
    made.parameters = std::move(parsed.parameters);
    made.result = std::move(parsed.result);
    made.text = text_from(first);
    out_.functions.push_back(std::move(made));
    return expect(";");
  }

  constexpr bool hook_names(Function& made) {
    do {
      Token id;
      if (!name("a hook's name", id)) return false;
      made.hooks.push_back(std::string(id.text));
      hook_names_.push_back(id);
    } while (accept(","));
    return true;
  }

  constexpr bool hook(const Token& first) {
    Token id;
    Signature parsed;
    if (!name("the hook's name", id)) return false;
    if (out_.find_function(id.text) || out_.find_hook(id.text)) return taken_name(id);
    if (!signature(parsed)) return false;
    Hook made;
    made.name = id.text;
    made.line = first.line;
    if (!accept("default")) return unexpected_here("'default' and what the host gets when the extension is cancelled");
    const Token default_at = peek();
    Signed value;
    if (!signed_number("the default result", value)) return false;
    while (!is(";")) {
      bool found = false;
      if (is("level") || is("noperf") || is("section")) {
        if (!hook_clause(made)) return false;
      } else if (!clause(parsed, made, found)) {
        return false;
      } else if (!found) {
        return unexpected_here("a clause or ';'");
      }
    }
    if (auto wrong = check_hook(out_, parsed, made)) return fail(wrong->at, wrong->code, wrong->message, wrong->help);
    if (!fits(parsed.result, value.negative, value.bits)) return fail(default_at, "E0504", "the default is no value of the hook's result type");
    made.parameters = std::move(parsed.parameters);
    made.result = std::move(parsed.result);
    made.default_result = value.bits;
    made.text = text_from(first);
    out_.hooks.push_back(std::move(made));
    return expect(";");
  }

  constexpr bool hook_clause(Hook& made) {
    if (accept("noperf")) return made.no_performance_mode = true;
    if (accept("section")) {
      do {
        if (!is(Token::Kind::quoted)) return unexpected_here("a quoted section name");
        made.sections.push_back(std::string(take().text));
      } while (accept(","));
      return true;
    }
    take();
    Token level;
    if (!expect(">=") || !name("L0, L1, L2 or L3", level)) return false;
    if (level.text.size() != 2 || level.text[0] != 'L' || level.text[1] < '0' || level.text[1] > '3') {
      return fail(level, "E0504", cat("'", level.text, "' is no safety level"), "write L0, L1, L2 or L3");
    }
    made.level = static_cast<std::uint8_t>(level.text[1] - '0');
    return true;
  }

  /// The declaration as written, from `first` to just before the current token, on one line.
  constexpr std::string text_from(const Token& first) const {
    std::string text;
    for (const char c : text_.substr(first.offset, peek().offset - first.offset)) {
      const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
      if (!blank)
        text += c;
      else if (!text.empty() && text.back() != ' ')
        text += ' ';
    }
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text;
  }

  // ---- what speaks of names that come later in the file ----
  constexpr bool resolve() {
    for (const DropName& drop : drops_) {
      if (auto wrong = resolve_drop(out_, drop)) return fail(drop.name, wrong->code, wrong->message, wrong->help);
    }
    for (const IteratorNames& names : iterators_) {
      if (auto wrong = resolve_iterator(out_, names)) return fail(wrong->at, wrong->code, wrong->message, wrong->help);
    }
    for (const NamedType& field : pointed_) {
      const ObjectType& type = out_.at(field.type);
      if (type.kind == ObjectType::Kind::plain) continue;
      if (type.kind == ObjectType::Kind::counted && type.locks.empty() && type.states.empty()) continue;
      return fail(field.at, "E0504", "a field points to plain or counted objects without locks and states: nobody acquires what is read from it");
    }
    for (const NamedType& derived : bases_) {
      const ObjectTypeIdx base = *out_.at(derived.type).base;
      if (out_.is_a(base, derived.type)) return fail(derived.at, "E0504", "a type cannot be one of its own kind");
      if (!out_.at(base).locks.empty() || !out_.at(base).states.empty()) return fail(derived.at, "E0504", "a type with locks or states has no kinds");
    }
    for (const Token& id : hook_names_) {
      if (!out_.find_hook(id.text)) return fail(id, "E0502", cat("there is no hook '", id.text, "'"));
    }
    resolve_releases(out_);
    return true;
  }

  struct NamedType {
    Token at;
    ObjectTypeIdx type;
  };

  std::string_view text_;
  bool builtin_;
  std::vector<DropName> drops_;
  std::vector<IteratorNames> iterators_;
  std::vector<NamedType> pointed_, bases_;
  std::vector<Token> hook_names_;
};

/// Adds what `text` declares to what is there. Usable in constant expressions; thread-safe.
constexpr std::optional<Fault> parse_into(Declarations& declarations, std::string_view text, bool builtin) {
  Lexer lexer(text);
  std::vector<Token> tokens = lexer.run();
  if (lexer.fault()) return lexer.fault();
  return Parser(declarations, text, std::move(tokens), builtin).run();
}

}  // namespace tenon::interface
