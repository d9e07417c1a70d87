// SPDX-License-Identifier: Apache-2.0
// A C++ host's interface, parsed by its compiler: a malformed line, a function that no line declares and a C++ function of other types than its line are
// compile errors. The grammar and its rules are the ones that `tenon interface check` runs.
//
//   using Net = tenon::HostInterface<R"(
//     type socket rc drop=sk_put;
//     fn sk_put(sk: own socket);
//     hook rx(length: u32) -> u32 default 0;
//   )">;
//   Net net;
//   net.bind<"sk_put", &sk_put>();
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include <tenon/interface.hpp>
#include <tenon/language/builtin.hpp>
#include <tenon/language/parser.hpp>

namespace tenon {

/// A string literal as a template argument.
template <std::size_t N>
struct FixedText {
  char text[N] = {};
  consteval FixedText() = default;
  consteval FixedText(const char (&literal)[N]) { std::copy_n(literal, N, text); }
  constexpr std::string_view view() const { return {text, N - 1}; }
};

/// What the compiler names when it refuses an interface: where in the text, and why. Never defined.
template <std::uint32_t Line, std::uint32_t Column, FixedText Reason>
struct MalformedInterface;

/// What the compiler names when it refuses a binding. Never defined.
template <FixedText Function, FixedText Reason>
struct MalformedBinding;

namespace detail {

struct DeclaredFunction {
  std::array<char, 64> name{};
  std::size_t name_length = 0, parameter_count = 0;
  interface::CppShape result;
  std::array<interface::CppShape, interface::kMaxParameters> parameters{};

  constexpr std::string_view name_view() const { return {name.data(), name_length}; }
};

/// What remains of a parse when the compiler's own memory is gone.
template <std::size_t Functions>
struct Compiled {
  std::uint32_t line = 0, column = 0;  ///< of the fault; 0: none
  std::size_t reason_length = 0;
  std::array<char, 256> reason{};
  std::array<DeclaredFunction, Functions> functions{};
};

constexpr std::size_t count_functions(std::string_view text) {
  interface::Lexer lexer(text);
  std::size_t count = 0;
  for (const interface::Token& token : lexer.run()) count += token.kind == interface::Token::Kind::name && token.text == "fn" ? 1 : 0;
  return count + 1;  // no array is empty
}

constexpr DeclaredFunction describe_line(const interface::Function& function) {
  DeclaredFunction made;
  made.name_length = std::min(function.name.size(), made.name.size());
  std::copy_n(function.name.begin(), made.name_length, made.name.begin());
  made.parameter_count = function.parameters.size();
  made.result = interface::shape_of(function.result);
  for (std::size_t i = 0; i < made.parameter_count; ++i) made.parameters[i] = interface::shape_of(function.parameters[i].type);
  return made;
}

template <std::size_t Functions>
consteval Compiled<Functions> compile_interface(std::string_view text) {
  Compiled<Functions> made;
  interface::Declarations declarations;
  static_cast<void>(interface::parse_into(declarations, interface::kBuiltinText, true));
  if (const auto fault = interface::parse_into(declarations, text, false)) {
    made.line = fault->line;
    made.column = fault->column;
    const std::string_view reason = fault->message;
    made.reason_length = std::min(reason.size(), made.reason.size() - 1);
    std::copy_n(reason.begin(), made.reason_length, made.reason.begin());
    return made;
  }
  std::size_t next = 0;
  for (const interface::Function& function : declarations.functions) {
    if (!function.builtin && next < Functions) made.functions[next++] = describe_line(function);
  }
  return made;
}

template <auto& Outcome>
consteval auto reason_of() {
  FixedText<Outcome.reason_length + 1> made;
  std::copy_n(Outcome.reason.begin(), Outcome.reason_length, made.text);
  return made;
}

template <class Signature>
struct CppSignature;

template <class R, class... A>
struct CppSignature<R (*)(A...)> {
  static constexpr bool fits(const DeclaredFunction& line) {
    if (line.parameter_count != sizeof...(A) || !interface::fits(line.result, cpp_type<R>())) return false;
    std::size_t n = 0;
    return (interface::fits(line.parameters[n++], cpp_type<A>()) && ...);
  }
};
template <class R, class... A>
struct CppSignature<R (*)(A...) noexcept> : CppSignature<R (*)(A...)> {};

}  // namespace detail

template <FixedText Text>
class HostInterface {
  static constexpr auto kOutcome = detail::compile_interface<detail::count_functions(Text.view())>(Text.view());

  template <bool Accepted>
  static constexpr bool accept() {
    if constexpr (!Accepted) return sizeof(MalformedInterface<kOutcome.line, kOutcome.column, detail::reason_of<kOutcome>()>) != 0;
    return true;
  }
  static_assert(accept<kOutcome.line == 0>());

  static consteval const detail::DeclaredFunction* find(std::string_view name) {
    for (const detail::DeclaredFunction& line : kOutcome.functions) {
      if (line.name_view() == name && !name.empty()) return &line;
    }
    return nullptr;
  }

 public:
  /// `name` stands in diagnostics as the file.
  explicit HostInterface(std::string_view name = "interface") : interface_(*Interface::parse(Text.view(), name)) {}

  /// Binds a declared function to a C++ function of its types.
  template <FixedText Name, auto Function>
  HostInterface& bind() {
    constexpr const detail::DeclaredFunction* kLine = find(Name.view());
    if constexpr (kLine == nullptr) {
      static_assert(sizeof(MalformedBinding<Name, "no line of the interface declares it">) != 0);
    } else if constexpr (!detail::CppSignature<decltype(Function)>::fits(*kLine)) {
      static_assert(sizeof(MalformedBinding<Name, "the C++ function has other types than its line">) != 0);
    } else {
      static_cast<void>(interface_.bind<Function>(Name.view()));  // cannot fail: checked above
    }
    return *this;
  }

  const Interface& get() const { return interface_; }

 private:
  Interface interface_;
};

}  // namespace tenon
