// SPDX-License-Identifier: Apache-2.0
// Programs as lists of instructions that can be written, cut and spliced.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "interface/declarations.hpp"
#include "ir/program.hpp"
#include "random.hpp"

namespace tenon::fuzz {

/// One function under construction: branches name labels until finish().
class Code {
 public:
  using Label = std::uint32_t;

  Label label() { return labels_++; }
  void place(Label label) { places_.resize(std::max<std::size_t>(places_.size(), labels_)), places_[label] = insns_.size(); }
  void add(isa::Insn insn) { insns_.push_back(std::move(insn)); }
  void jump(Label to) { add(isa::Jump{to}); }
  void branch(isa::CmpOp op, bool is64, isa::Reg left, isa::Operand right, Label to) { add(isa::Branch{op, is64, left, right, to}); }
  bool empty() const { return insns_.empty(); }

  /// The instructions with targets counted from `base`.
  std::vector<isa::Insn> finish(std::size_t base) const;

 private:
  std::vector<isa::Insn> insns_;
  std::vector<std::size_t> places_;
  Label labels_ = 0;
};

/// Inserts before `at`, or removes; targets and functions move along.
void insert(ir::Parts& parts, std::size_t at, isa::Insn insn);
void erase(ir::Parts& parts, std::size_t at);

/// A few arbitrary changes, most of them small enough that a valid program has a chance to stay one.
void mutate(ir::Parts& parts, const interface::Declarations& declarations, Random& random);

/// As the assembler of tests/support reads it back.
std::string to_assembly(const ir::Parts& parts);

}  // namespace tenon::fuzz
