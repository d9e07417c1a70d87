// SPDX-License-Identifier: Apache-2.0
// Parts -> Program: checks every index and target that a Program promises, then cuts functions into blocks.
#include <fmt/format.h>

#include <algorithm>

#include "base/bug.hpp"
#include "ir/graph.hpp"
#include "ir/program.hpp"
#include "isa/decode.hpp"
#include "isa/opcode_table.hpp"

namespace tenon::ir {
namespace {

class Checker {
 public:
  explicit Checker(const Parts& parts) : parts_(parts) {}

  Result<void> run() {
    base::ensure(parts_.globals != nullptr, "a program without globals");
    if (parts_.insns.empty()) return refuse("E0130", fmt::format("program '{}' has no instructions", parts_.name));
    if (parts_.insns.size() > kMaxInsns) {
      return refuse("E0130", fmt::format("program '{}' has {} instructions, more than the limit of {}", parts_.name, parts_.insns.size(), kMaxInsns),
                    "split the extension into several programs");
    }
    if (parts_.slots.size() != parts_.insns.size()) return refuse("E0130", "the slot table does not match the instructions");
    if (parts_.extern_facts.size() > parts_.externs.size() ||
        (parts_.exception_callback && parts_.exception_callback->index() >= parts_.functions.size())) {
      return refuse("E0134", "the program says something about functions that it does not have");
    }
    if (!functions_cover_everything() || !lines_are_sorted()) return refuse(std::move(error_));
    for (const Function& function : parts_.functions) {
      if (!check(function)) return refuse(std::move(error_));
    }
    return {};
  }

 private:
  bool fail(std::string code, std::string message, std::string help = {}) {
    error_.code = std::move(code);
    error_.message = std::move(message);
    error_.help = std::move(help);
    return false;
  }
  bool fail_at(std::size_t i, std::string code, std::string message, std::string help = {}) {
    error_.instruction = parts_.slots[i];
    error_.instruction_text = isa::disassemble(parts_.insns[i]);
    error_.where = place_of(i);
    return fail(std::move(code), std::move(message), std::move(help));
  }

  SourceLocation place_of(std::size_t i) const {
    const auto after =
        std::upper_bound(parts_.lines.begin(), parts_.lines.end(), i, [](std::size_t at, const Line& line) { return at < line.first.index(); });
    if (after == parts_.lines.begin()) return {};
    const Line& line = *std::prev(after);
    return {parts_.files[line.file], line.line, line.column, line.text};
  }

  bool functions_cover_everything() {
    std::size_t next = 0;
    for (const Function& function : parts_.functions) {
      if (function.begin.index() != next || function.end <= function.begin) {
        return fail("E0131", fmt::format("function '{}' does not begin where the one before it ends", function.name));
      }
      if (function.value && *function.value >= parts_.globals->functions.size()) {
        return fail("E0131", fmt::format("the address of function '{}' is not one of the object's", function.name));
      }
      next = function.end.index();
    }
    return next == parts_.insns.size() || fail("E0131", fmt::format("the functions of program '{}' do not cover its instructions", parts_.name));
  }

  bool lines_are_sorted() {
    for (std::size_t i = 0; i < parts_.lines.size(); ++i) {
      const Line& line = parts_.lines[i];
      const bool in_order = i == 0 || parts_.lines[i - 1].first < line.first;
      if (!in_order || line.first.index() >= parts_.insns.size() || line.file >= parts_.files.size()) {
        return fail("E0136", fmt::format("the line table of program '{}' is not in order", parts_.name));
      }
    }
    return true;
  }

  bool check(const Function& function) {
    for (std::size_t i = function.begin.index(); i < function.end.index(); ++i) {
      if (!check_registers(i) || !check_references(i, function)) return false;
    }
    const isa::Insn& last = parts_.insns[function.end.index() - 1];
    // A call may be of a function that never returns; the verifier knows which those are.
    if (std::holds_alternative<isa::Exit>(last) || std::holds_alternative<isa::Jump>(last) || std::holds_alternative<isa::Call>(last)) return true;
    return fail_at(function.end.index() - 1, "E0132", fmt::format("function '{}' runs off its end", function.name),
                   "every path must end in a return; clang leaves such an end where the C has undefined behaviour");
  }

  bool check_registers(std::size_t i) {
    const isa::RegisterUse use = isa::register_use(parts_.insns[i]);
    if ((use.writes >> isa::index(isa::kFramePointer)) & 1u) return fail_at(i, "E0126", "r10, the frame pointer, is read-only");
    return true;
  }

  bool check_references(std::size_t i, const Function& function) {
    const auto target_is_inside = [&](isa::Target target) {
      if (target >= function.begin.index() && target < function.end.index()) return true;
      return fail_at(i, "E0133", fmt::format("the jump leaves function '{}'", function.name));
    };
    return std::visit(isa::Overloaded{
                          [&](const isa::Jump& insn) { return target_is_inside(insn.target); },
                          [&](const isa::Branch& insn) { return target_is_inside(insn.target); },
                          [&](const isa::MayGoto& insn) { return target_is_inside(insn.target); },
                          [&](const isa::Call& insn) { return check_call(i, insn); },
                          [&](const isa::LoadImm& insn) { return check_load_imm(i, insn); },
                          [](const auto&) { return true; },
                      },
                      parts_.insns[i]);
  }

  bool check_call(std::size_t i, const isa::Call& insn) {
    switch (insn.kind) {
      case isa::Call::Kind::host:
        return insn.target < parts_.externs.size() || fail_at(i, "E0134", "the call names no host function of the program");
      case isa::Call::Kind::local:
        return insn.target < parts_.functions.size() || fail_at(i, "E0134", "the call names no function of the program");
      case isa::Call::Kind::kfunc:
        return fail_at(i, "E0134", fmt::format("call of kernel function {} by BTF number", insn.target), "declare it extern and call it by name");
      case isa::Call::Kind::indirect:
        return insn.target < isa::kRegisters || fail_at(i, "E0125", fmt::format("there is no register r{}", insn.target));
    }
    return false;
  }

  bool check_load_imm(std::size_t i, const isa::LoadImm& insn) {
    switch (insn.kind) {
      case isa::LoadImm::Kind::plain:
        return true;
      case isa::LoadImm::Kind::global:
        // One past the end is a pointer that C allows; what is done with it is the guard's affair.
        return insn.value <= parts_.globals->bytes() || fail_at(i, "E0135", "the address lies outside the object's globals");
      case isa::LoadImm::Kind::function:
        if (insn.value < parts_.functions.size() && parts_.functions[insn.value].value) return true;
        return fail_at(i, "E0135", "the address names no function of the object");
      case isa::LoadImm::Kind::map:
        return insn.value < parts_.maps.size() || fail_at(i, "E0135", "the address names no map of the object");
    }
    return false;
  }

  const Parts& parts_;
  Diagnostic error_;
};

}  // namespace

Result<Program> link(Parts parts) {
  if (auto checked = Checker(parts).run(); !checked) return std::unexpected(std::move(checked).error());
  Program program;
  Graph graph = build_graph(parts);
  program.parts_ = std::move(parts);
  program.blocks_ = std::move(graph.blocks);
  program.block_of_ = std::move(graph.block_of);
  return program;
}

const Line* Program::line_of(InsnIdx i) const {
  const auto after = std::upper_bound(lines().begin(), lines().end(), i, [](InsnIdx at, const Line& line) { return at < line.first; });
  if (after == lines().begin()) return nullptr;
  const Line* line = &*std::prev(after);
  return line->first < function(function_of(i)).begin ? nullptr : line;
}

SourceLocation Program::locate(InsnIdx i) const {
  const Line* line = line_of(i);
  if (line == nullptr) return {};
  return {files()[line->file], line->line, line->column, line->text};
}

}  // namespace tenon::ir
