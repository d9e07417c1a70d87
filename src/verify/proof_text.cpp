// SPDX-License-Identifier: Apache-2.0
// `tenon dump --stage=proof`: each instruction with what was proved about it.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "verify/proof.hpp"

namespace tenon::verify {

namespace {

std::string_view name(MemClass c) {
  switch (c) {
    case MemClass::unreachable:
      return "unreachable";
    case MemClass::heap:
      return "heap";
    case MemClass::heap_stack:
      return "heap stack";
    case MemClass::stack:
      return "stack";
    case MemClass::context:
      return "context";
    case MemClass::host:
      return "host";
  }
  return "";
}

std::string_view name(ArgClass c) {
  switch (c) {
    case ArgClass::unused:
      return "";
    case ArgClass::scalar:
      return "number";
    case ArgClass::object:
      return "object";
    case ArgClass::memory:
      return "memory";
    case ArgClass::heap:
      return "heap";
    case ArgClass::map:
      return "map";
    case ArgClass::callback:
      return "callback";
  }
  return "";
}

std::string facts_of(const Proof& proof, ir::InsnIdx i) {
  if (!proof.reachable(i)) return "never executed";
  const AccessFacts& access = proof.access(i);
  if (access.memory != MemClass::unreachable) {
    return fmt::format("{}{}{}{}", name(access.memory), access.in_globals ? ", in globals" : "", access.aligned ? ", aligned" : "",
                       access.shared ? ", shared" : "");
  }
  const CallFacts& call = proof.call(i);
  if (!call.reachable) return {};
  std::string text = proof.declarations().at(call.host_function).name + "(";
  for (std::size_t n = 0; n < 5 && call.arguments[n] != ArgClass::unused; ++n) text += fmt::format("{}{}", n ? ", " : "", name(call.arguments[n]));
  return text + ")";
}

std::string place_text(const HeldObject& held) {
  switch (held.where) {
    case HeldObject::Where::reg:
      return fmt::format("r{}", held.place);
    case HeldObject::Where::slot:
      return fmt::format("r10{:+}", held.place);
    case HeldObject::Where::nowhere:
      return "nowhere";
    case HeldObject::Where::ambiguous:
      return "ambiguous";
  }
  return {};
}

/// How the runtime gives it back.
std::string release_text(const interface::Declarations& declarations, const ObjectTable& table) {
  std::string text;
  const auto add = [&](const std::string& what) { text += (text.empty() ? "" : ", ") + what; };
  for (const HeldObject& held : table.held) {
    const interface::ObjectType& type = declarations.at(held.type);
    add(fmt::format("{}{} in {}: {}()", type.name, held.maybe_null ? " (perhaps)" : "", place_text(held), type.drop_name));
  }
  for (const LockInTable& lock : table.locks) add(fmt::format("lock {}.{}", declarations.at(lock.type).name, declarations.at(lock.type).locks[lock.field].name));
  for (const interface::ModeIdx mode : table.modes) add("mode " + declarations.at(mode).name);
  return text.empty() ? "nothing" : text;
}

std::string table_text(const Proof& proof, const ObjectTable& table) {
  std::string text = "    held:";
  for (const HeldObject& held : table.held) {
    text += fmt::format(" {}{}@{}", proof.declarations().at(held.type).name, held.maybe_null ? "?" : "", place_text(held));
  }
  return text + "\n";
}

}  // namespace

std::string to_text(const Proof& proof) {
  const ir::Program& program = proof.program();
  std::string text = fmt::format("program {} hook {}\n", program.name(), proof.hook().name);
  for (std::uint32_t f = 0; f < program.functions().size(); ++f) {
    const ir::Function& function = program.functions()[f];
    const FunctionFacts& facts = proof.function(ir::FunctionIdx(f));
    text += fmt::format("\n{}: frame {} bytes{}{}{}\n", function.name, facts.frame_bytes, facts.heap_frame ? ", in the heap" : "",
                        facts.recursive ? ", recursive" : "", facts.reachable ? "" : ", never called");
    std::uint32_t last_line = 0;
    for (ir::InsnIdx i = function.begin; i < function.end; ++i) {
      const auto* line = program.line_of(i);
      if (line && line->line != last_line) {
        text += fmt::format("  ; {}:{} {}\n", program.files()[line->file], line->line, line->text);
        last_line = line->line;
      }
      if (std::ranges::find(proof.loop_headers(), i) != proof.loop_headers().end()) text += "  loop:\n";
      text += fmt::format("  {:5}: {:<44}", program.slot(i), ir::instruction_text(program, i));
      const std::string known = facts_of(proof, i);
      if (!known.empty()) text += "; " + known;
      while (text.back() == ' ') text.pop_back();
      text += "\n";
      for (const ObjectTable& table : proof.object_tables()) {
        if (table.at == i && !table.after && !table.held.empty()) text += table_text(proof, table);
      }
    }
  }
  return text;
}

std::string tables_to_text(const Proof& proof) {
  const ir::Program& program = proof.program();
  std::string text = fmt::format("program {} hook {}: what may be held, and how it is given back\n", program.name(), proof.hook().name);
  std::optional<ir::InsnIdx> shown;
  for (const ObjectTable& table : proof.object_tables()) {
    if (shown != table.at) {
      shown = table.at;
      const auto* line = program.line_of(table.at);
      text += fmt::format("{:5}: {}", program.slot(table.at), ir::instruction_text(program, table.at));
      text += line ? fmt::format("    ; {}:{} {}\n", program.files()[line->file], line->line, line->text) : "\n";
    }
    text += fmt::format("       {} {}{}\n", table.after ? "after: " : "before:", release_text(proof.declarations(), table),
                        table.complete ? "" : "; and what its callers hold");
  }
  return text;
}

}  // namespace tenon::verify
