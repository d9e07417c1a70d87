// SPDX-License-Identifier: Apache-2.0
// An instruction index is no block index.
// ERROR: no match for call
#include "ir/program.hpp"

bool same(const tenon::ir::InsnIdx& insn, const tenon::ir::BlockIdx& block) {
  const auto equal = [](const tenon::ir::InsnIdx& a, const tenon::ir::InsnIdx& b) { return a == b; };
#ifdef MISUSE
  return equal(insn, block);
#else
  return equal(insn, tenon::ir::InsnIdx(block.index()));
#endif
}
