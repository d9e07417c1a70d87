// SPDX-License-Identifier: Apache-2.0
// The words people read: diagnostics, outcomes.
#include <tenon/result.hpp>

#include <fmt/format.h>

#include <tenon/outcome.hpp>

#include "base/bug.hpp"

namespace tenon {

namespace {

std::string place(const SourceLocation& where) {
  if (where.file.empty()) return {};
  std::string text = where.file;
  if (where.line != 0) text += fmt::format(":{}", where.line);
  if (where.line != 0 && where.column != 0) text += fmt::format(":{}", where.column);
  return text + ": ";
}

void append(std::string& text, const Diagnostic& diagnostic) {
  std::string line = fmt::format("{}error[{}]: {}", place(diagnostic.where), diagnostic.code, diagnostic.message);
  if (diagnostic.instruction) {
    line = fmt::format("{:<61} insn {}", line, *diagnostic.instruction);
    if (!diagnostic.instruction_text.empty()) line += ": " + diagnostic.instruction_text;
  }
  text += line + "\n";
  if (!diagnostic.where.text.empty()) text += fmt::format("  | {}\n", diagnostic.where.text);
  for (const Note& note : diagnostic.notes) {
    text += fmt::format("  {}note: {}", place(note.where), note.message);
    text += note.instruction ? fmt::format(" (insn {})\n", *note.instruction) : "\n";
  }
  if (!diagnostic.help.empty()) text += fmt::format("  help: {}\n", diagnostic.help);
}

}  // namespace

std::string to_text(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) append(text, diagnostic);
  return text;
}

std::string_view to_string(Cause cause) {
  switch (cause) {
    case Cause::none: return "none";
    case Cause::quantum: return "quantum";
    case Cause::fault: return "fault";
    case Cause::stack: return "stack";
    case Cause::misaligned: return "misaligned";
    case Cause::bad_call: return "bad_call";
    case Cause::host_request: return "host_request";
    case Cause::deadlock: return "deadlock";
    case Cause::bad_unlock: return "bad_unlock";
    case Cause::lock_held: return "lock_held";
    case Cause::host_promise: return "host_promise";
    case Cause::argument: return "argument";
    case Cause::object_limit: return "object_limit";
    case Cause::memory_limit: return "memory_limit";
    case Cause::bad_free: return "bad_free";
    case Cause::unloaded: return "unloaded";
    case Cause::detached: return "detached";
    case Cause::backing_off: return "backing_off";
  }
  base::bug("a cause without a name");
}

std::string_view to_string(Outcome::Kind kind) {
  switch (kind) {
    case Outcome::Kind::returned: return "returned";
    case Outcome::Kind::thrown: return "thrown";
    case Outcome::Kind::cancelled: return "cancelled";
  }
  base::bug("an outcome without a name");
}

}  // namespace tenon
