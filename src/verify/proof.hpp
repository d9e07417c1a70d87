// SPDX-License-Identifier: Apache-2.0
// What was proved about a program, and the only thing later stages accept. Only prove() can make one, and it owns its program.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "interface/declarations.hpp"
#include "ir/program.hpp"

namespace tenon::verify {

/// Which memory an instruction touches; one class per access, over all paths and contexts.
enum class MemClass : std::uint8_t {
  unreachable,  ///< never executed, or no memory access
  heap,         ///< anything not proven to be one of the others; goes through the guard
  heap_stack,   ///< r10-relative, inside the frame that lies in the heap (FunctionFacts::heap_frame), in bounds by proof: needs no guard
  stack,        ///< private stack, in bounds by proof
  context,      ///< a declared struct, in bounds and allowed by proof
  host,         ///< other host memory, in bounds by proof
};

struct AccessFacts {
  MemClass memory = MemClass::unreachable;
  bool in_globals = false;  ///< heap: the whole access lies inside the globals block, by arithmetic on the register's value alone
  bool aligned = false;     ///< naturally aligned, proved
  bool shared = false;      ///< host memory that others may write meanwhile
};

/// What an argument of a host call was proved to be.
enum class ArgClass : std::uint8_t {
  unused,
  scalar,
  object,  ///< a host object of the declared type (null only where the parameter says so)
  memory,  ///< context, host memory or private stack: in bounds by proof (null only where the parameter says so, or for no bytes)
  heap,    ///< an unproved value for a `mem` parameter: the run time checks it against what the heap was granted
  map,
  callback,  ///< one of the program's own functions, or null where the parameter says so
};

struct CallFacts {
  bool reachable = false;
  interface::FunctionIdx host_function;  ///< for host calls
  std::array<ArgClass, 5> arguments{};
  std::array<std::optional<ir::FunctionIdx>, 5> callbacks{};
};

/// An object that may be held at an instruction, named up to renaming; see facts on the Linux lowering.
struct HeldObject {
  enum class Where : std::uint8_t { reg, slot, nowhere, ambiguous };
  interface::ObjectTypeIdx type;
  Where where = Where::nowhere;
  std::int32_t place = 0;  ///< register number or r10-relative byte offset
  bool maybe_null = false;
  std::uint32_t order = 0;  ///< position in order of acquisition, 0 first
  bool operator==(const HeldObject&) const = default;
};
struct LockInTable {
  interface::ObjectTypeIdx type;
  std::uint32_t field = 0;  ///< into ObjectType::locks
  bool operator==(const LockInTable&) const = default;
};
/// What may be held at one instruction, on some of the paths to it; the tables of an instruction together are all of them.
struct ObjectTable {
  ir::InsnIdx at;        ///< a call or a loop header
  bool after = false;    ///< once the host call at `at` has returned; else before it
  bool complete = true;  ///< all that the invocation holds; else what it has acquired since a function was entered that was judged for all its callers
  std::vector<HeldObject> held;
  std::vector<LockInTable> locks;
  std::vector<interface::ModeIdx> modes;
  bool operator==(const ObjectTable&) const = default;
};

/// Frames: offsets are r10-relative and negative. A frame has a private part (LLVM may keep it in registers) and, when one of its addresses escapes,
/// a part in the heap that holds every byte except those in `private_bytes`. Rule: r10 as a value means the heap frame's top when heap_frame is set,
/// else the private frame's top; accesses of class `stack` always mean the private frame, of class `heap_stack` the heap frame.
struct FunctionFacts {
  bool reachable = false;
  bool recursive = false;         ///< part of a cycle of the call graph: needs the native stack check
  std::uint32_t frame_bytes = 0;  ///< deepest byte below r10 that is used, rounded up to 8
  bool heap_frame = false;
  std::vector<bool> private_bytes;  ///< index d-1: byte r10-d; only meaningful with heap_frame
};

class Proof {
 public:
  const ir::Program& program() const { return *program_; }
  const interface::Declarations& declarations() const { return *declarations_; }
  const interface::Hook& hook() const { return declarations_->at(hook_); }

  bool reachable(ir::InsnIdx i) const { return reachable_[i.index()]; }
  const AccessFacts& access(ir::InsnIdx i) const { return accesses_[i.index()]; }
  const CallFacts& call(ir::InsnIdx i) const { return calls_[i.index()]; }
  const FunctionFacts& function(ir::FunctionIdx f) const { return functions_[f.index()]; }
  const std::vector<ir::InsnIdx>& loop_headers() const { return loop_headers_; }
  const std::vector<ObjectTable>& object_tables() const { return object_tables_; }

 private:
  friend class ProofBuilder;
  Proof() = default;
  std::shared_ptr<const ir::Program> program_;
  std::shared_ptr<const interface::Declarations> declarations_;
  interface::HookIdx hook_;
  std::vector<bool> reachable_;
  std::vector<AccessFacts> accesses_;
  std::vector<CallFacts> calls_;
  std::vector<FunctionFacts> functions_;
  std::vector<ir::InsnIdx> loop_headers_;
  std::vector<ObjectTable> object_tables_;
};

struct VerifyOptions {
  std::uint64_t max_steps = 4'000'000;  ///< abstract instructions executed before E0401
};

/// Proves `program` safe for its hook under `declarations`, or says where it is not.
/// Errors:   E02xx memory and values, E03xx held objects, E04xx control flow and budget; one root cause.
/// Cost:     O(instructions x interface states), always terminates.   Thread-safe.   Signal-safe: no.
Result<Proof> prove(ir::Program program, std::shared_ptr<const interface::Declarations> declarations, const VerifyOptions& options = {});

/// `tenon dump --stage=proof`.
std::string to_text(const Proof& proof);

/// `tenon dump --stage=tables`: the object tables, by instruction.
std::string tables_to_text(const Proof& proof);

}  // namespace tenon::verify
