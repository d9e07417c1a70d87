// SPDX-License-Identifier: Apache-2.0
// `tenon dump --stage=asm`: the compiler's assembly, freed of directives, with the author's source lines in between.
#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>

#include "codegen/module.hpp"

namespace tenon::codegen {
namespace {

/// The instruction that a ".loc file line column" directive stands for.
std::optional<ir::InsnIdx> located(std::string_view directive) {
  const std::size_t file = directive.find_first_of("0123456789");
  const std::size_t blank = directive.find_first_of(" \t", file);
  if (blank == std::string_view::npos) return std::nullopt;
  std::uint32_t line = 0;
  const char* first = directive.data() + blank + 1;
  if (std::from_chars(first, directive.data() + directive.size(), line).ec != std::errc{} || line == 0) return std::nullopt;
  return ir::InsnIdx(line - 1);
}

std::string source_comment(const ir::Program& program, ir::InsnIdx i) {
  const SourceLocation where = program.locate(i);
  if (where.line == 0) return fmt::format("# insn {}", program.slot(i));
  return fmt::format("# insn {}  {}:{}: {}", program.slot(i), where.file, where.line, where.text);
}

}  // namespace

std::string listing(std::string_view assembly, const ir::Program& program) {
  std::string out;
  bool in_code = false;
  for (std::size_t begin = 0; begin < assembly.size();) {
    const std::size_t end = std::min(assembly.find('\n', begin), assembly.size());
    const std::string_view line = assembly.substr(begin, end - begin);
    begin = end + 1;
    const std::size_t text = line.find_first_not_of(" \t");
    if (text == std::string_view::npos) continue;
    const std::string_view word = line.substr(text);
    if (word.starts_with(".text") || word.starts_with(".section") || word.starts_with(".data") || word.starts_with(".bss")) {
      in_code = word.starts_with(".text") || word.find("\"ax\"") != std::string_view::npos || word.starts_with(".section\t.rodata");
      continue;
    }
    if (!in_code) continue;
    if (word.starts_with(".loc")) {
      if (const auto i = located(word)) out += source_comment(program, *i) + "\n";
      continue;
    }
    const bool is_data = word.starts_with(".long") || word.starts_with(".quad") || word.starts_with(".byte") || word.starts_with(".short");
    const bool is_noise = word[0] == '#' || word.starts_with(".Ltmp") || word.starts_with(".Lfunc");
    if ((text == 0 && !is_noise) || is_data || (word[0] != '.' && !is_noise)) fmt::format_to(std::back_inserter(out), "{}\n", line);
  }
  return out;
}

}  // namespace tenon::codegen
