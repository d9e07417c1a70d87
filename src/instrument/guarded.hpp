// SPDX-License-Identifier: Apache-2.0
// A proved program with the decision, per access, of how its address is kept inside the heap. The last stage before code: interpreter, LLVM and (later)
// the Linux lowering all consume it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "verify/proof.hpp"

namespace tenon::instrument {

enum class Guard : std::uint8_t {
  none,    ///< not a heap access, or proved inside the window
  window,  ///< address = base + (value reduced to the window) + offset; the register keeps its value (soundness.md, rule 4)
  left_out,  ///< a read of the heap in performance mode (rule 7): address = value + offset, wherever that is. The interpreter reduces it to the window
};

/// What becomes of reads whose place in the heap is not proved. Writes are always guarded, atomic ones included.
enum class Reads : std::uint8_t { guarded, unguarded };

/// Counted per program; what LLVM removes on top is in abi::CodeImage.
struct GuardCounts {
  std::uint32_t heap_accesses = 0;  ///< reachable memory instructions of class heap or heap_stack
  std::uint32_t elided = 0;         ///< of those, proved inside: no guard
  std::uint32_t emitted = 0;        ///< of those, guarded
  std::uint32_t left_out = 0;       ///< of those, neither: reads in performance mode
  bool operator==(const GuardCounts&) const = default;
};

/// Cheap to copy; shares its Proof.
class Guarded {
 public:
  const verify::Proof& proof() const { return *proof_; }
  const ir::Program& program() const { return proof_->program(); }
  Guard guard(ir::InsnIdx i) const { return guards_[i.index()]; }
  /// Atomic and acquire/release accesses that must be checked for natural alignment at run time (rule 6).
  bool check_alignment(ir::InsnIdx i) const { return check_alignment_[i.index()]; }
  const GuardCounts& counts() const { return counts_; }

 private:
  friend Guarded insert_guards(verify::Proof proof, Reads reads);
  Guarded() = default;
  std::shared_ptr<const verify::Proof> proof_;
  std::vector<Guard> guards_;
  std::vector<bool> check_alignment_;
  GuardCounts counts_;
};

/// Cannot fail: jumps are labels here, so no offset can overflow.
Guarded insert_guards(verify::Proof proof, Reads reads = Reads::guarded);

/// `tenon dump --stage=guarded`.
std::string to_text(const Guarded& guarded);

}  // namespace tenon::instrument
