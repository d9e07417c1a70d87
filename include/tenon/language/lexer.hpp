// SPDX-License-Identifier: Apache-2.0
// Words of a .tni file. `//` starts a comment that ends with its line.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include <tenon/language/text.hpp>

namespace tenon::interface {

struct Token {
  enum class Kind : std::uint8_t {
    name,
    number,    ///< decimal or 0x hexadecimal; `value` holds it
    quoted,    ///< "..."; `text` is without the quotes
    instance,  ///< 'a; `text` is without the quote
    symbol,
    end,
  };
  Kind kind = Kind::end;
  std::string_view text;
  std::uint64_t value = 0;
  std::size_t offset = 0;  ///< into the source
  std::uint32_t line = 1, column = 1;
};

/// Why a text is no interface: E0501 syntax, E0502 unknown name, E0503 duplicate, E0504 does not fit.
struct Fault {
  std::string_view code;
  Message message;
  std::string_view help;
  std::uint32_t line = 0, column = 0;  ///< both 1-based
};

class Lexer {
 public:
  constexpr explicit Lexer(std::string_view text) : text_(text) {}

  /// The tokens, the last one of kind `end`; nothing after a fault.
  constexpr std::vector<Token> run() {
    std::vector<Token> tokens;
    for (;;) {
      skip_blanks();
      Token token = start();
      if (at_ == text_.size()) {
        tokens.push_back(token);
        return tokens;
      }
      if (!scan(token)) return {};
      tokens.push_back(token);
    }
  }
  constexpr const std::optional<Fault>& fault() const { return fault_; }

 private:
  static constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static constexpr bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
  static constexpr bool in_name(char c) { return starts_name(c) || is_digit(c); }
  static constexpr bool in_quotes(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

  constexpr char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  constexpr bool fail(const Token& token, const Message& message) {
    fault_ = Fault{"E0501", message, {}, token.line, token.column};
    return false;
  }

  constexpr Token start() const {
    Token token;
    token.offset = at_;
    token.line = line_;
    token.column = static_cast<std::uint32_t>(at_ - line_start_ + 1);
    return token;
  }

  constexpr void skip_blanks() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n') {
        ++line_;
        line_start_ = ++at_;
      } else if (c == ' ' || c == '\t' || c == '\r') {
        ++at_;
      } else if (c == '/' && peek(1) == '/') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else {
        return;
      }
    }
  }

  template <class Predicate>
  constexpr std::string_view take_while(Predicate predicate) {
    const std::size_t from = at_;
    while (at_ < text_.size() && predicate(text_[at_])) ++at_;
    return text_.substr(from, at_ - from);
  }

  constexpr bool scan(Token& token) {
    const char c = peek();
    if (starts_name(c)) {
      token.kind = Token::Kind::name;
      token.text = take_while(in_name);
      return true;
    }
    if (is_digit(c)) return scan_number(token);
    if (c == '"') return scan_quoted(token);
    if (c == '\'' && starts_name(peek(1))) {
      ++at_;
      token.kind = Token::Kind::instance;
      token.text = take_while(in_name);
      return true;
    }
    return scan_symbol(token);
  }

  static constexpr int digit_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 16;
  }

  constexpr bool scan_number(Token& token) {
    token.kind = Token::Kind::number;
    token.text = take_while(in_name);
    std::string_view digits = token.text;
    const bool hexadecimal = digits.starts_with("0x") || digits.starts_with("0X");
    if (hexadecimal) digits.remove_prefix(2);
    const std::uint64_t radix = hexadecimal ? 16 : 10;
    if (digits.empty()) return fail(token, cat("'", token.text, "' is no number"));
    for (const char c : digits) {
      const auto digit = static_cast<std::uint64_t>(digit_value(c));
      if (digit >= radix) return fail(token, cat("'", token.text, "' is no number"));
      if (token.value > (~0ull - digit) / radix) return fail(token, cat("'", token.text, "' does not fit in 64 bits"));
      token.value = token.value * radix + digit;
    }
    return true;
  }

  constexpr bool scan_quoted(Token& token) {
    ++at_;
    token.kind = Token::Kind::quoted;
    token.text = take_while(in_quotes);
    if (peek() != '"' || token.text.empty()) return fail(token, "a quoted name needs printable characters and a closing quote on its line");
    ++at_;
    return true;
  }

  constexpr bool scan_symbol(Token& token) {
    constexpr std::array<std::string_view, 11> kPairs{"..", "->", "=>", ">=", "<=", "==", "!=", "&&", "||", "<<", ">>"};
    constexpr std::string_view kSingles = "{}()[]<>,;:?&@|=.*-+#!/%^~";
    token.kind = Token::Kind::symbol;
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("...")) {
      token.text = rest.substr(0, 3);
      at_ += 3;
      return true;
    }
    for (const std::string_view pair : kPairs) {
      if (!rest.starts_with(pair)) continue;
      token.text = rest.substr(0, 2);
      at_ += 2;
      return true;
    }
    if (kSingles.find(rest.front()) == std::string_view::npos) {
      constexpr std::string_view kHex = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(rest.front());
      return fail(token, cat("a .tni file has no use for the byte 0x", kHex[byte / 16], kHex[byte % 16]));
    }
    token.text = rest.substr(0, 1);
    ++at_;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0, line_start_ = 0;
  std::uint32_t line_ = 1;
  std::optional<Fault> fault_;
};

}  // namespace tenon::interface
