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
    fmt::format_to(std::back_inserter(out), "map {}: type {}, key {} bytes, value {} bytes, at most {} entries\n", map.name, map.type, map.key_bytes,
                   map.value_bytes, map.max_entries);
  }
  for (const Function& function : program.functions()) {
    fmt::format_to(std::back_inserter(out), "\nfunction {}: {} parameters{}{}\n", function.name, function.parameters,
                   function.returns_value ? "" : ", returns nothing", function.value ? ", address taken" : "");
    const Line* shown = nullptr;
    for (BlockIdx b = program.block_of(function.begin); b.index() < program.blocks().size() && program.block(b).begin < function.end; ++b) {
      print_block(program, b, shown, out);
    }
  }
  return out;
}

}  // namespace tenon::ir
