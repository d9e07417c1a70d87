// SPDX-License-Identifier: Apache-2.0
// Reading tokens one by one; the first fault stays. What every part of the parser stands on.
#pragma once

#include <utility>

#include <tenon/language/declarations.hpp>
#include <tenon/language/lexer.hpp>

namespace tenon::interface {

class Cursor {
 public:
  constexpr explicit Cursor(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  constexpr const Token& peek(std::size_t ahead = 0) const { return tokens_[at_ + ahead < tokens_.size() ? at_ + ahead : tokens_.size() - 1]; }
  constexpr Token take() { return tokens_[peek().kind == Token::Kind::end ? at_ : at_++]; }
  constexpr std::size_t position() const { return at_; }
  constexpr void go_to(std::size_t position) { at_ = position; }
  constexpr bool at_end() const { return peek().kind == Token::Kind::end; }

  constexpr bool is(std::string_view text, std::size_t ahead = 0) const {
    const Token& token = peek(ahead);
    return (token.kind == Token::Kind::symbol || token.kind == Token::Kind::name) && token.text == text;
  }
  constexpr bool is(Token::Kind kind) const { return peek().kind == kind; }
  constexpr bool accept(std::string_view text) {
    if (!is(text)) return false;
    ++at_;
    return true;
  }

  constexpr bool fail(const Token& at, std::string_view code, const Message& message, std::string_view help = {}) {
    if (!fault_) fault_ = Fault{code, message, help, at.line, at.column};
    return false;
  }
  constexpr bool unexpected_here(std::string_view wanted) {
    return fail(peek(), "E0501",
                at_end() ? cat(wanted, " expected before the end of the file") : cat(wanted, " expected before '", peek().text, "'"));
  }
  constexpr bool expect(std::string_view text) { return accept(text) || unexpected_here(cat("'", text, "'")); }
  constexpr bool name(std::string_view what, Token& token) {
    if (!is(Token::Kind::name)) return unexpected_here(what);
    token = take();
    return true;
  }
  constexpr bool name_or_quoted(std::string_view what, Token& token) {
    if (!is(Token::Kind::quoted)) return name(what, token);
    token = take();
    return true;
  }
  constexpr bool instance(std::string_view what, std::string& text) {
    if (!is(Token::Kind::instance)) return unexpected_here(what);
    text = take().text;
    return true;
  }
  constexpr bool number(std::string_view what, std::uint64_t& value) {
    if (!is(Token::Kind::number)) return unexpected_here(what);
    value = take().value;
    return true;
  }
  /// A possibly negative number, as two's complement.
  struct Signed {
    bool negative = false;
    std::uint64_t bits = 0;
  };
  constexpr bool signed_number(std::string_view what, Signed& made) {
    const Token sign = peek();
    const bool minus = accept("-");
    std::uint64_t magnitude = 0;
    if (!number(what, magnitude)) return false;
    if (minus && magnitude > (1ull << 63)) return fail(sign, "E0504", cat("-", magnitude, " does not fit in 64 bits"));
    made = {minus && magnitude != 0, minus ? 0 - magnitude : magnitude};
    return true;
  }
  /// `word, word, ...` up to the closing symbol, which is taken; `one` reads each.
  template <class One>
  constexpr bool list(std::string_view close, One&& one) {
    while (!accept(close)) {
      if (!one()) return false;
      if (!accept(",") && !is(close)) return unexpected_here(cat("',' or '", close, "'"));
    }
    return true;
  }

  constexpr const std::optional<Fault>& fault() const { return fault_; }

 private:
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::optional<Fault> fault_;
};

/// u8 to u64, s8 to s64, with the whole range of the type.
constexpr std::optional<Scalar> scalar_named(std::string_view name) {
  if (name.size() < 2 || (name[0] != 'u' && name[0] != 's')) return std::nullopt;
  const std::string_view width = name.substr(1);
  const std::uint8_t bits = width == "8" ? 8 : width == "16" ? 16 : width == "32" ? 32 : width == "64" ? 64 : 0;
  if (bits == 0) return std::nullopt;
  if (name[0] == 'u') return Scalar{bits, false, 0, ~0ull >> (64 - bits)};
  const std::uint64_t greatest = ~0ull >> (65 - bits);
  return Scalar{bits, true, -static_cast<std::int64_t>(greatest) - 1, greatest};
}

/// True when the number is a value of `type` (Nothing takes only 0).
constexpr bool fits(const Type& type, bool negative, std::uint64_t bits) {
  const auto* const scalar = std::get_if<Scalar>(&type);
  if (scalar == nullptr) return bits == 0;
  if (!scalar->is_signed) return !negative && bits >= static_cast<std::uint64_t>(scalar->lo) && bits <= scalar->hi;
  if (!negative && bits > static_cast<std::uint64_t>(INT64_MAX)) return false;
  const auto value = static_cast<std::int64_t>(bits);
  return value >= scalar->lo && value <= static_cast<std::int64_t>(scalar->hi);
}

}  // namespace tenon::interface
