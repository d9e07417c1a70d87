// SPDX-License-Identifier: Apache-2.0
// The one printer of Program.
#include <fmt/format.h>

#include <iterator>

#include "ir/program.hpp"
#include "isa/decode.hpp"

namespace tenon::ir {
namespace {

std::string global_name(const Program& program, std::uint64_t offset) {
  for (const GlobalSection& section : program.globals()->sections) {
    if (offset >= section.offset && offset < section.offset + section.bytes) return fmt::format("{} + {}", section.name, offset - section.offset);
  }
  return fmt::format("globals + {}", offset);
}

std::string text(const Program& program, const isa::LoadImm& insn) {
  switch (insn.kind) {
    case isa::LoadImm::Kind::plain:
      break;
    case isa::LoadImm::Kind::global:
      return fmt::format("r{} = {} ll", index(insn.dst), global_name(program, insn.value));
    case isa::LoadImm::Kind::function:
      return fmt::format("r{} = function {} ll", index(insn.dst), program.function(FunctionIdx(insn.value)).name);
    case isa::LoadImm::Kind::map:
      return fmt::format("r{} = map {} ll", index(insn.dst), program.maps()[insn.value].name);
  }
  return isa::disassemble(insn);
}

std::string text(const Program& program, const isa::Call& insn) {
  switch (insn.kind) {
    case isa::Call::Kind::host:
      return fmt::format("call {}", program.externs()[insn.target]);
    case isa::Call::Kind::local:
      return fmt::format("call {}", program.function(FunctionIdx(insn.target)).name);
    case isa::Call::Kind::kfunc:
    case isa::Call::Kind::indirect:
      break;
  }
  return isa::disassemble(insn);
}

/// The same jump with the slot number of its target, as llvm-objdump counts.
template <class JumpLike>
std::string jump_text(const Program& program, JumpLike insn) {
  insn.target = program.slot(InsnIdx(insn.target));
  return isa::disassemble(insn);
}

void print_map(const MapDefinition& map, std::string_view indent, std::string& out) {
  const auto to = std::back_inserter(out);
  fmt::format_to(to, "{}{}: {}, key {} bytes, value {} bytes, at most {} entries", indent, map.name, map.kind, map.key_bytes, map.value_bytes,
                 map.max_entries);
  if (map.flags != 0) fmt::format_to(to, ", flags {:#x}", map.flags);
  if (map.extra != 0) fmt::format_to(to, ", extra {:#x}", map.extra);
  if (map.numa_node) fmt::format_to(to, ", on node {}", *map.numa_node);
  out += map.is_pinned ? ", pinned\n" : "\n";
  for (const SpecialField& field : map.fields) {
    fmt::format_to(to, "  {} at {}", to_string(field.kind), field.offset);
    if (field.kind == SpecialField::Kind::declared) fmt::format_to(to, ", a {}", field.structure);
    if (!field.type.empty()) fmt::format_to(to, " of {}{}{}", field.type, field.member.empty() ? "" : " by ", field.member);
    out += '\n';
  }
  for (const MapDefinition::Slot& slot : map.slots) fmt::format_to(to, "  [{}] = {}\n", slot.index, slot.name);
  if (map.inner) print_map(*map.inner, "  holds ", out);
}

std::string declaration_text(const Function& function) {
  if (function.prototype == nullptr) return fmt::format("{} parameters{}", function.parameters, function.returns_value ? "" : ", returns nothing");
  std::string text = "(";
  for (const Prototype::Parameter& parameter : function.prototype->parameters) {
    fmt::format_to(std::back_inserter(text), "{}{}: {}", text.size() > 1 ? ", " : "", parameter.name, parameter.type.text);
    for (const std::string& tag : parameter.tags) text += " [" + tag + "]";
  }
  text += ") -> " + function.prototype->result.text;
  for (const std::string& tag : function.prototype->tags) text += " [" + tag + "]";
  return text;
}

void print_blocks(std::string& out, const std::vector<BlockIdx>& blocks) {
  for (const BlockIdx block : blocks) fmt::format_to(std::back_inserter(out), " b{}", block.value);
}

bool same_line(const Line* a, const Line* b) { return a != nullptr && b != nullptr && a->file == b->file && a->line == b->line; }

void print_block(const Program& program, BlockIdx b, const Line*& shown, std::string& out) {
  const Block& block = program.block(b);
  fmt::format_to(std::back_inserter(out), " b{}:", b.value);
  if (!block.predecessors.empty()) {
    out += " from";
    print_blocks(out, block.predecessors);
  }
  if (!block.successors.empty()) {
    out += block.predecessors.empty() ? " to" : ", to";
    print_blocks(out, block.successors);
  }
  out += '\n';
  for (InsnIdx i = block.begin; i < block.end; ++i) {
    if (const Line* line = program.line_of(i); line != nullptr && !same_line(line, shown)) {
      shown = line;
      fmt::format_to(std::back_inserter(out), "; {}:{}: {}\n", program.files()[line->file], line->line, line->text);
    }
    fmt::format_to(std::back_inserter(out), "{:6}  {}\n", program.slot(i), instruction_text(program, i));
  }
}

}  // namespace

std::string_view to_string(SpecialField::Kind kind) {
  using Kind = SpecialField::Kind;
  switch (kind) {
    case Kind::spin_lock:
      return "spin lock";
    case Kind::res_spin_lock:
      return "resilient spin lock";
    case Kind::timer:
      return "timer";
    case Kind::work_queue:
      return "work queue";
    case Kind::task_work:
      return "task work";
    case Kind::refcount:
      return "reference count";
    case Kind::list_head:
      return "list head";
    case Kind::list_node:
      return "list node";
    case Kind::rb_root:
      return "tree root";
    case Kind::rb_node:
      return "tree node";
    case Kind::kptr_untrusted:
      return "untrusted kernel pointer";
    case Kind::kptr:
      return "kernel pointer";
    case Kind::percpu_kptr:
      return "per-CPU kernel pointer";
    case Kind::uptr:
      return "user pointer";
    case Kind::declared:
      return "field of the host";
  }
  return {};
}

std::string instruction_text(const Program& program, InsnIdx i) {
  return std::visit(isa::Overloaded{
                        [&](const isa::LoadImm& insn) { return text(program, insn); },
                        [&](const isa::Call& insn) { return text(program, insn); },
                        [&](const isa::Jump& insn) { return jump_text(program, insn); },
                        [&](const isa::Branch& insn) { return jump_text(program, insn); },
                        [&](const isa::MayGoto& insn) { return jump_text(program, insn); },
                        [](const auto& insn) { return isa::disassemble(insn); },
                    },
                    program.insn(i));
}

std::string to_text(const Program& program) {
  std::string out = fmt::format("program {} (hook {}): {} instructions, {} functions\n", program.name(), program.hook(), program.insns().size(),
                                program.functions().size());
  for (const GlobalSection& section : program.globals()->sections) {
    fmt::format_to(std::back_inserter(out), "globals {}: {} bytes at offset {}\n", section.name, section.bytes, section.offset);
  }
  for (const MapDefinition& map : program.maps()) {
    print_map(map, "map ", out);
  }
  for (const Function& function : program.functions()) {
    fmt::format_to(std::back_inserter(out), "\n{} {}: {}{}\n", function.is_global ? "function" : "static function", function.name,
                   declaration_text(function), function.value ? ", address taken" : "");
    const Line* shown = nullptr;
    for (BlockIdx b = program.block_of(function.begin); b.index() < program.blocks().size() && program.block(b).begin < function.end; ++b) {
      print_block(program, b, shown, out);
    }
  }
  return out;
}

}  // namespace tenon::ir
