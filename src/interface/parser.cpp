// SPDX-License-Identifier: Apache-2.0
// Two passes over one list of declarations, so that order in the file does not matter: structs and object types first, then functions and hooks.
// What the full language has and this build does not is refused by name (E0510); checks that look at more than one word are in rules.cpp.
#include "interface/parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "interface/rules.hpp"

namespace tenon::interface {

namespace {

constexpr std::array<std::string_view, 5> kAbsentDeclarations{"state", "invariant", "mode", "iterator", "flow"};
constexpr std::array<std::string_view, 19> kAbsentClauses{"requires", "acquires", "releases", "enters",   "exits", "in",       "notin",
                                                          "may_suspend", "may_sleep", "inline", "may_escape", "on", "ensures", "modifies",
                                                          "case", "level", "noperf", "locks", "stable"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Where a type stands decides what it may be.
struct PendingCount {
  std::size_t parameter;  ///< index, or the number of parameters for the result
  Token name;
};

struct Signature {
  std::vector<Parameter> parameters;
  Type result;
  std::vector<Token> at;  ///< one per parameter
  Token result_at;
};

class Parser {
 public:
  Parser(Declarations& out, const Source& source, std::vector<Token> tokens, bool builtin)
      : out_(out), source_(source), tokens_(std::move(tokens)), builtin_(builtin) {}

  Result<void> run() {
    for (const bool functions : {false, true}) {
      at_ = 0;
      while (peek().kind != Token::Kind::end) {
        if (auto done = declaration(functions); !done) return done;
      }
    }
    return check_rules(out_, source_, drop_names_);
  }

 private:
  // ---- words ----
  const Token& peek() const { return tokens_[at_]; }
  Token take() { return tokens_[peek().kind == Token::Kind::end ? at_ : at_++]; }
  bool is(std::string_view text) const {
    return (peek().kind == Token::Kind::symbol || peek().kind == Token::Kind::name) && peek().text == text;
  }
  bool accept(std::string_view text) {
    if (!is(text)) return false;
    ++at_;
    return true;
  }
  std::unexpected<Diagnostics> fail(const Token& at, std::string code, std::string message, std::string help = {}) const {
    return std::unexpected(Diagnostics{complain(source_, at, std::move(code), std::move(message), std::move(help))});
  }
  std::unexpected<Diagnostics> absent(const Token& at, std::string_view what) const {
    return fail(at, "E0510", fmt::format("'{}' is part of the interface language but not of this build", what),
                "docs/interface-language.md lists what is implemented");
  }
  std::string shown(const Token& token) const {
    return token.kind == Token::Kind::end ? std::string("the end of the file") : fmt::format("'{}'", token.text);
  }
  std::unexpected<Diagnostics> unexpected_here(std::string_view wanted) const {
    return fail(peek(), "E0501", fmt::format("{} expected before {}", wanted, shown(peek())));
  }
  Result<void> expect(std::string_view text) {
    if (accept(text)) return {};
    return unexpected_here(fmt::format("'{}'", text));
  }
  Result<Token> name(std::string_view what) {
    if (peek().kind != Token::Kind::name) return unexpected_here(what);
    return take();
  }
  Result<Token> name_or_quoted(std::string_view what) {
    if (peek().kind == Token::Kind::quoted) return take();
    return name(what);
  }
  Result<std::uint64_t> number(std::string_view what) {
    if (peek().kind != Token::Kind::number) return unexpected_here(what);
    return take().value;
  }
  /// A possibly negative number, as two's complement, with its sign.
  struct Signed { bool negative; std::uint64_t bits; };
  Result<Signed> signed_number(std::string_view what) {
    const Token sign = peek();
    const bool minus = accept("-");
    TENON_TRY(magnitude, number(what));
    if (minus && magnitude > (1ull << 63)) return fail(sign, "E0504", fmt::format("-{} does not fit in 64 bits", magnitude));
    return Signed{minus && magnitude != 0, minus ? 0 - magnitude : magnitude};
  }

  // ---- declarations ----
  Result<void> declaration(bool functions) {
    const Token first = peek();
    if (first.kind != Token::Kind::name) return unexpected_here("a declaration");
    if (contains(kAbsentDeclarations, first.text)) return absent(first, first.text);
    const bool is_function = first.text == "fn" || first.text == "hook";
    if (!is_function && first.text != "interface" && first.text != "struct" && first.text != "type") {
      return fail(first, "E0501", fmt::format("'{}' starts no declaration", first.text), "write interface, struct, type, fn or hook");
    }
    if (is_function != functions) return skip_declaration();
    ++at_;
    if (first.text == "interface") return interface_name();
    if (first.text == "struct") return structure();
    if (first.text == "type") return object_type();
    return first.text == "fn" ? function(first) : hook(first);
  }

  /// To behind the ';' that ends it, which no declaration holds inside; the other pass says what is wrong with one that has none.
  Result<void> skip_declaration() {
    while (peek().kind != Token::Kind::end && !accept(";")) ++at_;
    return {};
  }

  Result<void> interface_name() {
    TENON_TRY(id, name("the interface's name"));
    if (is("over")) return absent(peek(), "over");
    if (!out_.name.empty()) return fail(id, "E0503", fmt::format("the interface is already called {}", out_.name));
    out_.name = id.text;
    return expect(";");
  }

  Result<void> unused_type_name(const Token& id) const {
    const auto same = [&](const auto& other) { return other.name == id.text; };
    if (std::any_of(out_.structs.begin(), out_.structs.end(), same) || std::any_of(out_.object_types.begin(), out_.object_types.end(), same) ||
        scalar_named(id.text)) {
      return fail(id, "E0503", fmt::format("there already is a type '{}'", id.text));
    }
    return {};
  }

  Result<void> structure() {
    TENON_TRY(id, name("the struct's name"));
    if (auto ok = unused_type_name(id); !ok) return ok;
    Struct made;
    made.name = id.text;
    if (auto ok = expect("{"); !ok) return ok;
    while (!accept("}")) {
      if (auto ok = field(made); !ok) return ok;
      if (!accept(",") && !is("}")) return unexpected_here("',' or '}'");
    }
    if (auto ok = lay_out(made, source_, id); !ok) return ok;
    out_.structs.push_back(std::move(made));
    return expect(";");
  }

  Result<std::uint32_t> offset(const Token& of) {
    TENON_TRY(value, number("an offset in bytes"));
    if (value > kMaxStructBytes) return fail(of, "E0504", fmt::format("a struct has at most {} bytes", kMaxStructBytes));
    return static_cast<std::uint32_t>(value);
  }

  Result<void> field(Struct& made) {
    TENON_TRY(id, name("a field's name"));
    if (accept("..")) return range(made, id);
    if (auto ok = expect(":"); !ok) return ok;
    const Token at = peek();
    const std::optional<Scalar> plain = at.kind == Token::Kind::name ? scalar_named(at.text) : std::nullopt;
    if (!plain) return fail(at, "E0504", fmt::format("field '{}' must be an integer or one end of a memory range", id.text));
    TENON_TRY(type, scalar(take()));
    if (auto ok = expect("@"); !ok) return ok;
    TENON_TRY(where, offset(id));
    const Token access_at = peek();
    const std::optional<Access> access = access_word();
    if (!access || *access == Access::uninit) return fail(access_at, "E0501", fmt::format("field '{}' needs r, w or rw", id.text));
    made.fields.push_back({std::string(id.text), type, where, *access});
    return {};
  }

  /// `data..data_end: mem rw @0..8`, after the `..`.
  Result<void> range(Struct& made, const Token& begin) {
    TENON_TRY(end, name("the name of the field that ends the memory"));
    if (auto ok = expect(":"); !ok) return ok;
    if (auto ok = expect("mem"); !ok) return ok;
    const Token access_at = peek();
    const std::optional<Access> access = access_word();
    if (!access || *access == Access::uninit) return fail(access_at, "E0501", fmt::format("range '{}' needs r, w or rw", begin.text));
    if (auto ok = expect("@"); !ok) return ok;
    TENON_TRY(from, offset(begin));
    if (auto ok = expect(".."); !ok) return ok;
    TENON_TRY(to, offset(end));
    made.ranges.push_back({std::string(begin.text), std::string(end.text), from, to, *access});
    return {};
  }

  Result<void> object_type() {
    TENON_TRY(id, name("the type's name"));
    if (auto ok = unused_type_name(id); !ok) return ok;
    ObjectType made;
    made.name = id.text;
    const Token kind = peek();
    if (is("states") || is("rcu")) return absent(kind, kind.text);
    if (accept("plain")) {
      made.kind = ObjectType::Kind::plain;
    } else if (is("linear") || is("rc")) {
      made.kind = take().text == "rc" ? ObjectType::Kind::counted : ObjectType::Kind::linear;
      if (!accept("drop")) return unexpected_here("drop=FUNCTION");
      if (auto ok = expect("="); !ok) return ok;
      TENON_TRY(drop, name_or_quoted("the function that gives one back"));
      made.drop_name = drop.text;
      drop_names_.push_back({ObjectTypeIdx(out_.object_types.size()), drop});
    } else {
      return unexpected_here("plain, linear or rc");
    }
    if (peek().kind == Token::Kind::name && contains(kAbsentClauses, peek().text)) return absent(peek(), peek().text);
    out_.object_types.push_back(std::move(made));
    return expect(";");
  }

  Result<void> unused_name(const Token& id) const {
    if (out_.find_function(id.text) || out_.find_hook(id.text)) return fail(id, "E0503", fmt::format("'{}' is declared already", id.text));
    return {};
  }

  Result<void> function(const Token& first) {
    TENON_TRY(id, name_or_quoted("the function's name"));
    if (auto ok = unused_name(id); !ok) return ok;
    TENON_TRY(parsed, signature());
    Function made;
    made.name = id.text;
    made.builtin = builtin_;
    made.line = first.line;
    if (auto ok = function_clauses(made); !ok) return ok;
    if (auto ok = check_function_types(out_, source_, parsed.parameters, parsed.result, parsed.at, parsed.result_at); !ok) return ok;
    if (made.no_return && !std::holds_alternative<Nothing>(parsed.result)) {
      return fail(parsed.result_at, "E0504", "a function that does not return has no result");
    }
    made.parameters = std::move(parsed.parameters);
    made.result = std::move(parsed.result);
    made.text = text_from(first);
    out_.functions.push_back(std::move(made));
    return expect(";");
  }

  Result<void> function_clauses(Function& made) {
    while (!is(";")) {
      const Token clause = peek();
      bool* const flag = clause.text == "noreturn"        ? &made.no_return
                         : clause.text == "interruptible" ? &made.interruptible
                         : clause.text == "callback_safe" ? &made.callback_safe
                                                          : nullptr;
      if (clause.kind == Token::Kind::name && contains(kAbsentClauses, clause.text)) return absent(clause, clause.text);
      if (clause.kind != Token::Kind::name || flag == nullptr) return unexpected_here("a clause or ';'");
      if (*flag) return fail(clause, "E0503", fmt::format("'{}' stands twice", clause.text));
      *flag = true;
      ++at_;
    }
    return {};
  }

  Result<void> hook(const Token& first) {
    TENON_TRY(id, name("the hook's name"));
    if (auto ok = unused_name(id); !ok) return ok;
    TENON_TRY(parsed, signature());
    Hook made;
    made.name = id.text;
    made.line = first.line;
    if (peek().kind == Token::Kind::name && contains(kAbsentClauses, peek().text)) return absent(peek(), peek().text);
    if (!accept("default")) return unexpected_here("'default' and what the host gets when the extension is cancelled");
    const Token default_at = peek();
    TENON_TRY(value, signed_number("the default result"));
    if (peek().kind == Token::Kind::name && contains(kAbsentClauses, peek().text)) return absent(peek(), peek().text);
    if (auto ok = check_hook_types(out_, source_, parsed.parameters, parsed.result, parsed.at, parsed.result_at); !ok) return ok;
    if (!fits(parsed.result, value.negative, value.bits)) return fail(default_at, "E0504", "the default is no value of the hook's result type");
    made.parameters = std::move(parsed.parameters);
    made.result = std::move(parsed.result);
    made.default_result = value.bits;
    made.text = text_from(first);
    out_.hooks.push_back(std::move(made));
    return expect(";");
  }

  /// The declaration as written, from `first` to just before the current token, on one line.
  std::string text_from(const Token& first) const {
    std::string text;
    for (const char c : source_.text.substr(first.offset, peek().offset - first.offset)) {
      const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
      if (!blank) text += c;
      else if (!text.empty() && text.back() != ' ') text += ' ';
    }
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text;
  }

  // ---- types ----
  Result<Signature> signature() {
    Signature made;
    pending_.clear();
    if (auto ok = expect("("); !ok) return std::unexpected(std::move(ok).error());
    while (!accept(")")) {
      TENON_TRY(id, name("a parameter's name"));
      if (made.parameters.size() == 5) return fail(id, "E0504", "BPF passes at most five arguments");
      const auto same = [&](const Parameter& p) { return p.name == id.text; };
      if (std::any_of(made.parameters.begin(), made.parameters.end(), same)) {
        return fail(id, "E0503", fmt::format("there are two parameters '{}'", id.text));
      }
      if (auto ok = expect(":"); !ok) return std::unexpected(std::move(ok).error());
      const Token at = peek();
      TENON_TRY(parsed, type(made.parameters.size()));
      made.parameters.push_back({std::string(id.text), std::move(parsed)});
      made.at.push_back(at);
      if (!accept(",") && !is(")")) return unexpected_here("',' or ')'");
    }
    made.result_at = peek();
    if (accept("->")) {
      made.result_at = peek();
      TENON_TRY(result, type(kResultPosition));
      made.result = std::move(result);
    }
    if (auto ok = resolve_counts(made); !ok) return std::unexpected(std::move(ok).error());
    return made;
  }

  Result<void> resolve_counts(Signature& made) {
    for (const PendingCount& pending : pending_) {
      const auto found = std::find_if(made.parameters.begin(), made.parameters.end(), [&](const Parameter& p) { return p.name == pending.name.text; });
      if (found == made.parameters.end()) return fail(pending.name, "E0502", fmt::format("there is no parameter '{}'", pending.name.text));
      const Scalar* const count = std::get_if<Scalar>(&found->type);
      if (count == nullptr || count->is_signed) {
        return fail(pending.name, "E0504", fmt::format("'{}' counts elements, so it must be an unsigned integer", pending.name.text));
      }
      Type& owner = pending.parameter == kResultPosition ? made.result : made.parameters[pending.parameter].type;
      std::get<Mem>(owner).count_parameter = static_cast<std::uint32_t>(found - made.parameters.begin());
    }
    return {};
  }

  Result<Type> type(std::size_t position) {
    const bool nullable = accept("?");
    const Token at = peek();
    if (is("rcu") || is("map") || is("fn")) return absent(at, at.text);
    if (is("&") || is("own")) return reference(nullable);
    if (at.kind == Token::Kind::name && at.text == "mem") return memory(nullable, position);
    if (at.kind == Token::Kind::name && scalar_named(at.text)) {
      if (nullable) return fail(at, "E0504", "an integer cannot be null");
      TENON_TRY(made, scalar(take()));
      return Type(made);
    }
    if (at.kind != Token::Kind::name) return unexpected_here("a type");
    return fail(at, "E0502", fmt::format("'{}' is no type", at.text), "write an integer type, &T, own T or mem(T)");
  }

  Result<Scalar> scalar(const Token& word) {
    Scalar made = *scalar_named(word.text);
    if (!accept("in")) return made;
    const Token at = peek();
    TENON_TRY(low, signed_number("the least value"));
    if (auto ok = expect(".."); !ok) return std::unexpected(std::move(ok).error());
    TENON_TRY(high, signed_number("the greatest value"));
    const bool both_fit = fits(Type(made), low.negative, low.bits) && fits(Type(made), high.negative, high.bits);
    const bool ordered = made.is_signed ? static_cast<std::int64_t>(low.bits) <= static_cast<std::int64_t>(high.bits) : low.bits <= high.bits;
    if (!both_fit || !ordered || (!made.is_signed && low.bits > static_cast<std::uint64_t>(INT64_MAX))) {
      return fail(at, "E0504", fmt::format("this is no range of {}", word.text), "write lo..hi, both inclusive, the lesser first");
    }
    made.lo = static_cast<std::int64_t>(low.bits);
    made.hi = high.bits;
    return made;
  }

  Result<Type> reference(bool nullable) {
    const bool own = take().text == "own";
    TENON_TRY(id, name("the type's name"));
    if (const auto index = index_of(out_.structs, id.text)) {
      if (own || nullable) return fail(id, "E0504", fmt::format("struct '{}' can only be borrowed, and is never null", id.text));
      return Type(StructRef{StructIdx(*index)});
    }
    const auto index = index_of(out_.object_types, id.text);
    if (!index) return fail(id, "E0502", fmt::format("there is no type '{}'", id.text));
    ObjectRef made;
    made.mode = own ? ObjectRef::Mode::own : ObjectRef::Mode::borrow;
    made.type = ObjectTypeIdx(*index);
    made.nullable = nullable;
    if (own && out_.at(made.type).kind == ObjectType::Kind::plain) {
      return fail(id, "E0504", fmt::format("'{}' is plain: nobody owns one", id.text), "borrow it (&), or declare the type linear or rc");
    }
    if (accept("<")) {
      if (peek().kind != Token::Kind::instance) return unexpected_here("an instance such as 'a");
      made.instance = take().text;
      if (is("of") || is("in")) return absent(peek(), peek().text);
      if (is("@")) return absent(peek(), "@state");
      if (auto ok = expect(">"); !ok) return std::unexpected(std::move(ok).error());
    } else if (is("@")) {
      return absent(peek(), "@state");
    }
    return Type(std::move(made));
  }

  template <class T>
  static std::optional<std::size_t> index_of(const std::vector<T>& all, std::string_view wanted) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const T& one) { return one.name == wanted; });
    if (found == all.end()) return std::nullopt;
    return static_cast<std::size_t>(found - all.begin());
  }

  Result<Type> memory(bool nullable, std::size_t position) {
    take();
    Mem made;
    made.nullable = nullable;
    if (auto ok = expect("("); !ok) return std::unexpected(std::move(ok).error());
    TENON_TRY(element, name("the type of one element"));
    if (const auto integer = scalar_named(element.text)) {
      made.element_bytes = integer->bits / 8;
    } else if (const auto index = index_of(out_.structs, element.text)) {
      if (!out_.structs[*index].ranges.empty()) {
        return fail(element, "E0504", fmt::format("struct '{}' holds host pointers and cannot be an element of memory", element.text));
      }
      made.element_bytes = out_.structs[*index].bytes;
    } else {
      return fail(element, "E0502", fmt::format("there is no struct or integer type '{}'", element.text));
    }
    made.element = element.text;
    if (auto ok = element_count(made, position); !ok) return std::unexpected(std::move(ok).error());
    if (auto ok = expect(")"); !ok) return std::unexpected(std::move(ok).error());
    made.access = access_word().value_or(Access::read);
    made.shared = accept("shared");
    return Type(std::move(made));
  }

  Result<void> element_count(Mem& made, std::size_t position) {
    made.count = 1;
    if (!accept("|")) return {};
    const Token at = peek();
    if (at.kind == Token::Kind::number) {
      made.count = take().value;
      if (*made.count == 0 || *made.count > kMaxMemBytes / made.element_bytes) {
        return fail(at, "E0504", fmt::format("constant memory has 1 to {} bytes", kMaxMemBytes));
      }
    } else if (at.kind == Token::Kind::name) {
      made.count.reset();
      pending_.push_back({position, take()});
    } else {
      return unexpected_here("a number or a parameter's name");
    }
    if (!is(")")) return absent(peek(), "arithmetic in mem(T|expr)");
    return {};
  }

  std::optional<Access> access_word() {
    if (accept("rw")) return Access::read_write;
    if (accept("r")) return Access::read;
    if (accept("w")) return Access::write;
    if (accept("uninit")) return Access::uninit;
    return std::nullopt;
  }

  static constexpr std::size_t kResultPosition = static_cast<std::size_t>(-1);

  Declarations& out_;
  const Source& source_;
  std::vector<Token> tokens_;
  bool builtin_;
  std::size_t at_ = 0;
  std::vector<PendingCount> pending_;
  std::vector<DropName> drop_names_;
};

}  // namespace

Result<void> parse_into(Declarations& declarations, const Source& source, bool builtin) {
  TENON_TRY(tokens, tokenize(source));
  return Parser(declarations, source, std::move(tokens), builtin).run();
}

}  // namespace tenon::interface
