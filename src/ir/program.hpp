// SPDX-License-Identifier: Apache-2.0
// A program: one entry point and every function it can reach, linked, with its control-flow graph and line table. Names are still names: the verifier
// resolves host functions. Made by link(), which checks everything that needs no interface; immutable afterwards.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tenon/result.hpp>

#include "base/strong.hpp"
#include "ir/host_types.hpp"
#include "isa/insn.hpp"

namespace tenon::ir {

using InsnIdx = base::Strong<struct InsnIdxTag>;
using BlockIdx = base::Strong<struct BlockIdxTag>;
using FunctionIdx = base::Strong<struct FunctionIdxTag>;

/// A pointer inside the initial bytes of the globals: `*(u64 *)(block + at) = value`.
struct GlobalPointer {
  enum class Kind : std::uint8_t { global, function };
  std::uint64_t at = 0;  ///< offset into the block
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
  std::vector<std::byte> initial;   ///< the whole block, .bss zeroes included; for a heap that is there already, what it does not have yet
  std::uint64_t initial_at = 0;     ///< offset of these bytes into the block
  std::uint64_t end_of_kept = 0;    ///< offset behind the last byte that the heap has already
  std::vector<GlobalSection> sections;
  std::vector<GlobalPointer> pointers;
  std::vector<std::string>
      functions;  ///< functions of the object whose address may be taken; the value of such an address is kFunctionValueBase + index

  /// Every global lies below this offset.
  std::uint64_t bytes() const { return std::max(end_of_kept, initial_at + initial.size()); }
};
/// Function values are small integers that are no heap address (offset 0..64 KiB is never granted): distinct, comparable, never zero.
inline constexpr std::uint64_t kFunctionValueBase = 1;
inline constexpr std::uint64_t kGlobalsAlignBytes = 4096;

/// A field of a map's values that only the host's functions may touch.
struct SpecialField {
  enum class Kind : std::uint8_t {
    spin_lock,
    res_spin_lock,
    timer,
    work_queue,
    task_work,
    refcount,
    list_head,
    list_node,
    rb_root,
    rb_node,
    kptr_untrusted,
    kptr,
    percpu_kptr,
    uptr,      ///< pointers that a type tag marks
    declared,  ///< a structure that the interface names
  };
  Kind kind = Kind::spin_lock;
  std::uint32_t offset = 0, bytes = 0;  ///< in the value
  std::string type;                     ///< kptrs: the structure they point to; list_head, rb_root: the structure of their elements; else empty
  std::string member;                   ///< list_head, rb_root: the node's name in `type`
  std::string structure;                ///< its C type; empty for pointers
};
std::string_view to_string(SpecialField::Kind kind);

/// A map as the object defines it. What is not given is 0: some kinds need no keys, and a loader may choose the number of entries.
struct MapDefinition {
  /// What a slot holds before the first run: a map of this object (by name), or a program of it.
  struct Slot {
    std::uint32_t index = 0;
    std::string name;
  };
  std::string name;
  std::string kind;  ///< "hash", "array_of_maps": as BPF_MAP_TYPE_* in lower case; "type#N" for unknown numbers
  std::uint32_t type = 0, key_bytes = 0, value_bytes = 0, max_entries = 0, flags = 0;
  std::uint64_t extra = 0;
  std::optional<std::uint32_t> numa_node;
  bool is_pinned = false;
  std::string key_type, value_type;            ///< as C writes them; empty where only a size is given
  std::uint32_t value_btf = 0;                 ///< the value's type in the object's BTF; 0: unknown
  std::vector<SpecialField> fields;            ///< of the value, by offset
  std::shared_ptr<const MapDefinition> inner;  ///< what a map of maps holds, where the object says so
  bool holds_programs = false;                 ///< the values are functions
  std::vector<Slot> slots;                     ///< by index

  static constexpr std::uint32_t kReadOnlyFlag = 1u << 7, kWriteOnlyFlag = 1u << 8;  ///< of `flags`: what programs may do with its values
};

/// A type as the object's BTF spells it.
struct TypeFacts {
  enum class Kind : std::uint8_t { nothing, integer, pointer, structure, array, enumeration, floating, function, unknown };
  Kind kind = Kind::unknown;
  std::uint64_t bytes = 0;
  bool is_signed = false;        ///< integer, enumeration
  std::string name;              ///< of a structure, enumeration or named type, without "struct"; of a pointer: of what it points to
  std::string text;              ///< as C writes it: "const struct sk_buff *"
  Kind pointee = Kind::nothing;  ///< of a pointer
  std::uint64_t pointee_bytes = 0;
  bool pointee_is_const = false;
};
/// A function's declaration. Tags are those of __attribute__((btf_decl_tag("..."))).
struct Prototype {
  struct Parameter {
    std::string name;
    TypeFacts type;
    std::vector<std::string> tags;  ///< "arg:ctx", "arg:nonnull"
  };
  TypeFacts result;
  std::vector<Parameter> parameters;
  bool is_variadic = false;
  std::vector<std::string> tags;
};

/// What an object says about a host function.
struct ExternFacts {
  bool is_weak = false;                        ///< the object can do without it
  bool is_kernel_symbol = false;               ///< declared in .ksyms
  std::shared_ptr<const Prototype> prototype;  ///< null when BTF has none
  /// Not empty: no function at all, but an instruction that must not be reached, and why ("the kernel has no ..."); its name stands for it in texts.
  std::string refusal;
};

struct Function {
  std::string name;
  InsnIdx begin, end;  ///< half-open
  bool is_global = false;
  std::uint8_t parameters = 5;                 ///< from BTF; 5 when unknown
  bool returns_value = true;                   ///< from BTF; true when unknown
  std::optional<std::uint32_t> value;          ///< index into Globals::functions when its address is taken somewhere
  std::shared_ptr<const Prototype> prototype;  ///< null when BTF has none; clang may have changed the parameters of functions that are not global
};

struct Line {
  InsnIdx first;                                 ///< holds until the next Line or the end of the function
  std::uint32_t file = 0, line = 0, column = 0;  ///< file: index into Program::files
  std::string text;
};

/// Maximal straight run. Calls do not end a block; branches, exits and branch targets do.
struct Block {
  InsnIdx begin, end;  ///< half-open
  FunctionIdx function;
  std::vector<BlockIdx>
      successors;  ///< fall-through first, then the branch target, even when they are the same block; none after exits and last calls
  std::vector<BlockIdx> predecessors;
};

/// What object::decode and tests hand to link(): a Program without its graph. Targets are InsnIdx values already.
struct Parts {
  std::string name;     ///< the entry function's name
  std::string hook;     ///< from the section name: "raw", "kv_request"; see object::decode
  std::string section;  ///< the whole section name: "tc/ingress"
  std::string license;  ///< of the object; empty when it has none
  std::vector<isa::Insn> insns;
  std::vector<std::uint32_t> slots;               ///< slot number of each instruction as llvm-objdump prints it for its section
  std::vector<Function> functions;                ///< [0] is the entry; sorted by begin, contiguous, covering every instruction
  std::vector<std::string> externs;               ///< host function names; a call by helper number n is named "helper#n"
  std::vector<ExternFacts> extern_facts;          ///< by index of externs; nothing is known about the rest where it is shorter
  std::optional<FunctionIdx> exception_callback;  ///< the function that a tag of the entry names
  std::vector<MapDefinition> maps;
  std::vector<std::string> files;
  std::vector<Line> lines;                           ///< sorted by first
  std::shared_ptr<const Globals> globals;            ///< never null
  std::shared_ptr<const HostTypes> host_types = {};  ///< null when nothing is known of them
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
  const std::string& section() const { return parts_.section; }
  const std::string& license() const { return parts_.license; }
  /// What the object says about externs()[i]; null when it says nothing.
  const ExternFacts* extern_facts(std::size_t i) const { return i < parts_.extern_facts.size() ? &parts_.extern_facts[i] : nullptr; }
  std::optional<FunctionIdx> exception_callback() const { return parts_.exception_callback; }
  const std::vector<MapDefinition>& maps() const { return parts_.maps; }
  const std::vector<std::string>& files() const { return parts_.files; }
  const std::vector<Line>& lines() const { return parts_.lines; }
  const std::shared_ptr<const Globals>& globals() const { return parts_.globals; }
  const HostTypes* host_types() const { return parts_.host_types.get(); }

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
