// SPDX-License-Identifier: Apache-2.0
// Bytes to instructions and back. Whatever is not in the opcode table is rejected by name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <tenon/result.hpp>

#include "isa/insn.hpp"

namespace tenon::isa {

/// Longest code that is decoded, in slots; ir::link() has its own limit on what a program may hold of it.
inline constexpr std::size_t kMaxSlots = 1u << 22;

struct Decoded {
  Insn insn;
  std::uint32_t slot;   ///< 8-byte units from the start of `code`
  std::uint8_t slots;   ///< 1, or 2 for ld_imm64
};

/// Decodes little-endian instructions. Targets are slot numbers and lie inside `code` but may point into the middle of an ld_imm64: the caller checks.
/// For ld_imm64 the source-register field is returned in `LoadImm::kind` (0 plain, 1/5 map, 2/6 global, 4 function), the raw 64 bits in `value`.
/// Errors: E0120 unknown opcode, E0121 reserved field not zero, E0122 size no multiple of 8, over kMaxSlots, or half an ld_imm64, E0123 legacy packet load,
///         E0124 target outside the code, E0125 register number, E0126 write to r10.
Result<std::vector<Decoded>> decode(std::span<const std::byte> code);

/// The inverse for tests and fuzzers; targets are slot numbers and `slot` is the position of this instruction.
std::vector<std::byte> encode(const Insn& insn, std::uint32_t slot);

/// The syntax of llvm-objdump --mcpu=v4: "r1 += r2", "if w1 s> 5 goto 12", "w0 = *(u32 *)(r1 + 8)", "call 3", "call local 7", "callx r2".
std::string disassemble(const Insn& insn);

struct RegisterUse {
  std::uint16_t reads = 0;   ///< bit i: r_i
  std::uint16_t writes = 0;
};
/// Calls read r1-r5 and write r0-r5; exit reads r0.
RegisterUse register_use(const Insn& insn);

}  // namespace tenon::isa
