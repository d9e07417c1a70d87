// SPDX-License-Identifier: Apache-2.0
// How every part of Tenon says no: a value that holds the reasons, never an exception, errno or log line.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tenon {

/// A place in the extension author's source, from .BTF.ext; `line` 0 means unknown.
struct SourceLocation {
  std::string file;
  std::uint32_t line = 0;    ///< 1-based; 0: unknown
  std::uint32_t column = 0;  ///< 1-based; 0: unknown
  std::string text;          ///< the source line itself, when the object carries it

  bool operator==(const SourceLocation&) const = default;
};

/// One step of the causal path that leads to a diagnostic.
struct Note {
  SourceLocation where;
  std::optional<std::uint32_t> instruction;  ///< slot number as llvm-objdump prints it
  std::string message;

  bool operator==(const Note&) const = default;
};

/// One root cause. `code` is stable and has a section in docs/diagnostics.md:
/// E01xx object, E02xx memory and values, E03xx held objects, E04xx control flow and budget, E05xx interface language,
/// E06xx runtime, E07xx code generation, E08xx usage.
struct Diagnostic {
  std::string code;
  std::string message;
  std::optional<std::uint32_t> instruction;  ///< slot number as llvm-objdump prints it
  std::string instruction_text;              ///< disassembly of that instruction
  SourceLocation where;
  std::vector<Note> notes;
  std::string help;  ///< what to do about it, in one sentence

  bool operator==(const Diagnostic&) const = default;
};

using Diagnostics = std::vector<Diagnostic>;

template <class T>
using Result = std::expected<T, Diagnostics>;

/// The usual way to refuse: `return refuse("E0102", "the section table lies outside the file", "rebuild the object");`
[[nodiscard]] inline std::unexpected<Diagnostics> refuse(std::string code, std::string message, std::string help = {}) {
  Diagnostic diagnostic;
  diagnostic.code = std::move(code);
  diagnostic.message = std::move(message);
  diagnostic.help = std::move(help);
  return std::unexpected(Diagnostics{std::move(diagnostic)});
}

[[nodiscard]] inline std::unexpected<Diagnostics> refuse(Diagnostic diagnostic) {
  return std::unexpected(Diagnostics{std::move(diagnostic)});
}

/// The text people read; ends in a newline. Several diagnostics follow one another in order.
std::string to_text(const Diagnostics& diagnostics);

}  // namespace tenon

/// `TENON_TRY(name, expression);` declares `name` from the value of a Result, or returns its diagnostics.
#define TENON_TRY_JOIN2(a, b) a##b
#define TENON_TRY_JOIN(a, b) TENON_TRY_JOIN2(a, b)
#define TENON_TRY(name, ...)                                                            \
  auto TENON_TRY_JOIN(tenon_try_, __LINE__) = (__VA_ARGS__);                            \
  if (!TENON_TRY_JOIN(tenon_try_, __LINE__))                                            \
    return std::unexpected(std::move(TENON_TRY_JOIN(tenon_try_, __LINE__)).error());    \
  auto name = std::move(TENON_TRY_JOIN(tenon_try_, __LINE__)).value()
