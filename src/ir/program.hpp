// SPDX-License-Identifier: Apache-2.0
// A program: one entry point and every function it can reach, linked, with its control-flow graph and line table. Names are still names: the verifier
// resolves host functions. Made by link(), which checks everything that needs no interface; immutable afterwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tenon/result.hpp>

#include "base/strong.hpp"
#include "isa/insn.hpp"

namespace tenon::ir {

using InsnIdx = base::Strong<struct InsnIdxTag>;
using BlockIdx = base::Strong<struct BlockIdxTag>;
using FunctionIdx = base::Strong<struct FunctionIdxTag>;

/// A pointer inside the initial bytes of the globals: `*(u64 *)(block + at) = value`.
struct GlobalPointer {
  enum class Kind : std::uint8_t { global, function };
  std::uint64_t at = 0;      ///< offset into the block
  Kind kind = Kind::global;
  std::uint64_t target = 0;  ///< global: offset into the block; function: index into Globals::functions
};

struct GlobalSection {
  std::string name;  ///< .data, .rodata.str1.1, .bss, ...
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

/// The globals of one object, shared by its programs; they become the first bytes of its heap.
struct Globals {
  std::vector<std::byte> initial;  ///< the whole block, .bss zeroes included
  std::vector<GlobalSection> sections;
  std::vector<GlobalPointer> pointers;
  std::vector<std::string> functions;  ///< functions of the object whose address may be taken; the value of such an address is kFunctionValueBase + index
};
/// Function values are small integers that are no heap address (offset 0..64 KiB is never granted): distinct, comparable, never zero.
inline constexpr std::uint64_t kFunctionValueBase = 1;
inline constexpr std::uint64_t kGlobalsAlignBytes = 4096;

/// A map definition from .maps, as its BTF declares it. No interface of this issue hands maps to programs; the verifier refuses their use by name.
struct MapDefinition {
  std::string name;
  std::uint32_t type = 0, key_bytes = 0, value_bytes = 0, max_entries = 0;
};

struct Function {
  std::string name;
  InsnIdx begin, end;           ///< half-open
  bool is_global = false;
  std::uint8_t parameters = 5;  ///< from BTF; 5 when unknown
  bool returns_value = true;    ///< from BTF; true when unknown
  std::optional<std::uint32_t> value;  ///< index into Globals::functions when its address is taken somewhere
};

struct Line {
  InsnIdx first;  ///< holds until the next Line or the end of the function
  std::uint32_t file = 0, line = 0, column = 0;  ///< file: index into Program::files
  std::string text;
};

/// Maximal straight run. Calls do not end a block; branches, exits and branch targets do.
struct Block {
  InsnIdx begin, end;  ///< half-open
  FunctionIdx function;
  std::vector<BlockIdx> successors;    ///< fall-through first, then the branch target, even when they are the same block; none after exits and last calls
  std::vector<BlockIdx> predecessors;
};

/// What object::decode and tests hand to link(): a Program without its graph. Targets are InsnIdx values already.
struct Parts {
  std::string name;                        ///< the entry function's name
  std::string hook;                        ///< from the section name: "raw", "kv_request"; see object::decode
  std::vector<isa::Insn> insns;
  std::vector<std::uint32_t> slots;        ///< slot number of each instruction as llvm-objdump prints it for its section
  std::vector<Function> functions;         ///< [0] is the entry; sorted by begin, contiguous, covering every instruction
  std::vector<std::string> externs;        ///< host function names; a call by helper number n is named "helper#n"
  std::vector<MapDefinition> maps;
  std::vector<std::string> files;
  std::vector<Line> lines;                 ///< sorted by first
  std::shared_ptr<const Globals> globals;  ///< never null
};

class Program {
 public:
  const std::string& name() const { return parts_.name; }
  const std::string& hook() const { return parts_.hook; }
  const std::vector<isa::Insn>& insns() const { return parts_.insns; }
  const isa::Insn& insn(InsnIdx i) const { return parts_.insns[i.index()]; }
  std::uint32_t slot(InsnIdx i) const { return parts_.slots[i.index()]; }
  const std::vector<Function>& functions() const { return parts_.functions; }
  const Function& function(FunctionIdx i) const { return parts_.functions[i.index()]; }
  const std::vector<std::string>& externs() const { return parts_.externs; }
  const std::vector<MapDefinition>& maps() const { return parts_.maps; }
  const std::vector<std::string>& files() const { return parts_.files; }
  const std::vector<Line>& lines() const { return parts_.lines; }
  const std::shared_ptr<const Globals>& globals() const { return parts_.globals; }

  const std::vector<Block>& blocks() const { return blocks_; }
  const Block& block(BlockIdx i) const { return blocks_[i.index()]; }
  BlockIdx block_of(InsnIdx i) const { return block_of_[i.index()]; }
  FunctionIdx function_of(InsnIdx i) const { return block(block_of(i)).function; }
  BlockIdx entry_block(FunctionIdx f) const { return block_of(function(f).begin); }

  /// The source place of an instruction; line 0 when the object has no line table there.
  SourceLocation locate(InsnIdx i) const;
  const Line* line_of(InsnIdx i) const;

 private:
  friend Result<Program> link(Parts parts);
  Program() = default;
  Parts parts_;
  std::vector<Block> blocks_;
  std::vector<BlockIdx> block_of_;
};

/// Checks what needs no interface and builds the graph: targets stay inside their function and hit instruction starts, no function falls off its
/// end, indices of externs, functions, globals and maps exist, r10 is never written, sizes are within limits.
/// Errors: E0130..E0139. Cost: O(instructions). Thread-safe.
Result<Program> link(Parts parts);

/// `tenon dump --stage=ir`: functions, blocks with their edges, source lines, slot numbers, disassembly.
std::string to_text(const Program& program);

/// One instruction as diagnostics show it: targets are slot numbers, callees and globals have their names.
std::string instruction_text(const Program& program, InsnIdx i);

inline constexpr std::size_t kMaxInsns = 1u << 20;

}  // namespace tenon::ir
