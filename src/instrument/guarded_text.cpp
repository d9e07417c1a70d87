// SPDX-License-Identifier: Apache-2.0
// The one printer of Guarded: the program with its source lines, and beside each access the memory it touches and what keeps it there.
#include <fmt/format.h>

#include <iterator>
#include <string_view>

#include "instrument/guarded.hpp"

namespace tenon::instrument {
namespace {

std::string_view to_string(verify::MemClass memory) {
  switch (memory) {
    case verify::MemClass::unreachable: return "";
    case verify::MemClass::heap: return "heap";
    case verify::MemClass::heap_stack: return "heap stack";
    case verify::MemClass::stack: return "stack";
    case verify::MemClass::context: return "context";
    case verify::MemClass::host: return "host";
  }
  return "";
}

std::string_view to_string(Guard guard) {
  switch (guard) {
    case Guard::none: return ", inside the globals";
    case Guard::window: return ", guarded";
    case Guard::left_out: return ", not guarded";
  }
  return "";
}

std::string annotation(const Guarded& guarded, ir::InsnIdx i) {
  if (!guarded.proof().reachable(i)) return "never executed";
  const verify::AccessFacts& access = guarded.proof().access(i);
  std::string text{to_string(access.memory)};
  if (text.empty()) return text;
  if (access.memory == verify::MemClass::heap) text += to_string(guarded.guard(i));
  if (access.shared) text += ", shared";
  if (guarded.check_alignment(i)) text += ", alignment checked";
  return text;
}

void print_function(const Guarded& guarded, ir::FunctionIdx f, std::string& out) {
  const ir::Program& program = guarded.program();
  const ir::Function& function = program.function(f);
  const verify::FunctionFacts& facts = guarded.proof().function(f);
  fmt::format_to(std::back_inserter(out), "\nfunction {}: frame {} bytes{}{}\n", function.name, facts.frame_bytes,
                 facts.heap_frame ? ", in the heap" : "", facts.recursive ? ", recursive" : "");
  const ir::Line* shown = nullptr;
  for (ir::InsnIdx i = function.begin; i < function.end; ++i) {
    const ir::Line* line = program.line_of(i);
    if (line != nullptr && (shown == nullptr || line->file != shown->file || line->line != shown->line)) {
      shown = line;
      fmt::format_to(std::back_inserter(out), "; {}:{}: {}\n", program.files()[line->file], line->line, line->text);
    }
    const std::string note = annotation(guarded, i);
    fmt::format_to(std::back_inserter(out), "{:6}  {}{}{}\n", program.slot(i), ir::instruction_text(program, i), note.empty() ? "" : "    ; ", note);
  }
}

}  // namespace

std::string to_text(const Guarded& guarded) {
  const GuardCounts& counts = guarded.counts();
  std::string out = fmt::format("guarded {} (hook {}): {} heap accesses, {} guarded, {} without a guard\n", guarded.program().name(),
                                guarded.program().hook(), counts.heap_accesses, counts.emitted, counts.elided);
  for (ir::FunctionIdx f{0u}; f.index() < guarded.program().functions().size(); ++f) {
    if (guarded.proof().function(f).reachable) print_function(guarded, f, out);
  }
  return out;
}

}  // namespace tenon::instrument
