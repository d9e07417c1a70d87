// SPDX-License-Identifier: Apache-2.0
// What every instruction must compute, edge values included: worked out from RFC 9669 by hand, not by our own semantics.hpp. Interpreter and native
// code are both held against this table.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace tenon::test {

struct InstructionCase {
  const char* text;    ///< assembly (support/assembler.hpp)
  std::uint64_t a, b;  ///< the program's arguments
  std::uint64_t expected;
};

/// Arithmetic, moves, byte swaps, casts: run with r0 = a and r2 = b; r0 is the answer.
std::span<const InstructionCase> arithmetic_cases();
/// Branches to "yes", run with r0 = a and r2 = b: 1 if taken, else 0.
std::span<const InstructionCase> branch_cases();
/// Loads, stores and atomics on memory at r1, which holds `a` as its first eight bytes and `b` as the next eight; r0 is the answer.
std::span<const InstructionCase> memory_cases();

/// Whole programs of the hook `t(a: u64, b: u64) -> u64`; the memory ones want a globals block of at least 16 bytes.
enum class Place : std::uint8_t { globals, stack };
std::string arithmetic_program(const InstructionCase& one);
std::string branch_program(const InstructionCase& one);
std::string memory_program(const InstructionCase& one, Place place);

}  // namespace tenon::test
