// SPDX-License-Identifier: Apache-2.0
#include "interface/lexer.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace tenon::interface {

namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
constexpr bool in_name(char c) { return starts_name(c) || is_digit(c); }
constexpr bool in_quotes(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

class Lexer {
 public:
  explicit Lexer(const Source& source) : source_(source), text_(source.text) {}

  Result<std::vector<Token>> run() {
    std::vector<Token> tokens;
    for (;;) {
      skip_blanks();
      Token token = start();
      if (at_ == text_.size()) {
        tokens.push_back(token);
        return tokens;
      }
      if (auto done = scan(token); !done) return std::unexpected(std::move(done).error());
      tokens.push_back(token);
    }
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  Token start() const {
    Token token;
    token.offset = at_;
    token.line = line_;
    token.column = static_cast<std::uint32_t>(at_ - line_start_ + 1);
    return token;
  }

  void skip_blanks() {
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
  std::string_view take_while(Predicate predicate) {
    const std::size_t from = at_;
    while (at_ < text_.size() && predicate(text_[at_])) ++at_;
    return text_.substr(from, at_ - from);
  }

  Result<void> scan(Token& token) {
    const char c = peek();
    if (starts_name(c)) {
      token.kind = Token::Kind::name;
      token.text = take_while(in_name);
      return {};
    }
    if (is_digit(c)) return scan_number(token);
    if (c == '"') return scan_quoted(token);
    if (c == '\'' && starts_name(peek(1))) {
      ++at_;
      token.kind = Token::Kind::instance;
      token.text = take_while(in_name);
      return {};
    }
    return scan_symbol(token);
  }

  Result<void> scan_number(Token& token) {
    token.kind = Token::Kind::number;
    token.text = take_while(in_name);
    std::string_view digits = token.text;
    int radix = 10;
    if (digits.starts_with("0x") || digits.starts_with("0X")) {
      digits.remove_prefix(2);
      radix = 16;
    }
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), token.value, radix);
    if (error == std::errc::result_out_of_range) return fail(token, fmt::format("'{}' does not fit in 64 bits", token.text));
    if (error != std::errc{} || end != digits.data() + digits.size()) return fail(token, fmt::format("'{}' is no number", token.text));
    return {};
  }

  Result<void> scan_quoted(Token& token) {
    ++at_;
    token.kind = Token::Kind::quoted;
    token.text = take_while(in_quotes);
    if (peek() != '"' || token.text.empty()) return fail(token, "a quoted name needs printable characters and a closing quote on its line");
    ++at_;
    return {};
  }

  Result<void> scan_symbol(Token& token) {
    constexpr std::array<std::string_view, 6> kPairs{"..", "->", "=>", ">=", "<=", "=="};
    constexpr std::string_view kSingles = "{}()[]<>,;:?&@|=.*-+#!";
    token.kind = Token::Kind::symbol;
    const std::string_view rest = text_.substr(at_);
    for (const std::string_view pair : kPairs) {
      if (rest.starts_with(pair)) {
        token.text = rest.substr(0, 2);
        at_ += 2;
        return {};
      }
    }
    if (kSingles.find(rest.front()) == std::string_view::npos) {
      const auto byte = static_cast<unsigned char>(rest.front());
      return fail(token, fmt::format("a .tni file has no use for the byte 0x{:02x}", byte));
    }
    token.text = rest.substr(0, 1);
    ++at_;
    return {};
  }

  Result<void> fail(const Token& token, std::string message) const {
    return std::unexpected(Diagnostics{complain(source_, token, "E0501", std::move(message))});
  }

  const Source& source_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
};

}  // namespace

Diagnostic complain(const Source& source, const Token& token, std::string code, std::string message, std::string help) {
  Diagnostic diagnostic;
  diagnostic.code = std::move(code);
  diagnostic.message = std::move(message);
  diagnostic.help = std::move(help);
  diagnostic.where.file = source.file;
  diagnostic.where.line = token.line;
  diagnostic.where.column = token.column;
  const std::size_t line_start = token.offset - (token.column - 1);
  diagnostic.where.text = source.text.substr(line_start, source.text.find('\n', line_start) - line_start);
  return diagnostic;
}

Result<std::vector<Token>> tokenize(const Source& source) { return Lexer(source).run(); }

}  // namespace tenon::interface
