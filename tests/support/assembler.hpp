// SPDX-License-Identifier: Apache-2.0
// Programs for tests, written in the disassembler's own syntax. Statements end at a newline or ';', '#' starts a comment. On top of what
// isa::disassemble prints there are names:
//   fn name:            starts a function; statements before the first one belong to the entry, "main"
//   fn name(2):         the same, with that number of parameters (5 when not given)
//   label:              a branch target of this function; numbers are instruction indices
//   call name           a function of this text, or else a host function
//   r1 = &name          the address of a function of this text (its value is the next free function number)
//   r1 = globals + 16   the address of byte 16 of the globals block
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ir/program.hpp"

namespace tenon::test {

struct AssembleOptions {
  std::string hook = "t";
  std::vector<std::byte> globals;  ///< initial bytes of the globals block
};

/// Throws std::invalid_argument with the offending statement: a typing error in a test, not a result.
ir::Parts assemble(std::string_view text, const AssembleOptions& options = {});

/// assemble() and ir::link(); throws as well when the linker refuses.
ir::Program assemble_program(std::string_view text, const AssembleOptions& options = {});

/// As instruction bytes; host functions and functions keep their numbers (write `call 5`, `call local`).
std::vector<std::byte> encode(const ir::Parts& parts);

}  // namespace tenon::test
