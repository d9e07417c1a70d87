// SPDX-License-Identifier: Apache-2.0
// The abstract interpreter. Executes functions over sets of states, loops to their fixpoint, and records what the Proof will say. One attempt: when an
// attempt finds that a frame has to live in the heap, or that bytes of it must stay private, prove() starts another with that known.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "ir/liveness.hpp"
#include "verify/merge.hpp"
#include "verify/proof.hpp"
#include "verify/wto.hpp"

namespace tenon::verify {

/// What survives from one attempt to the next; both only grow.
struct FrameFacts {
  std::vector<bool> in_heap;                        ///< by FunctionIdx
  std::vector<std::vector<bool>> private_bytes;     ///< by FunctionIdx, then by -offset - 1
};

/// What an attempt records while it checks.
struct Findings {
  std::vector<bool> reachable;
  std::vector<AccessFacts> accesses;
  std::vector<std::uint32_t> stack_owner;           ///< function whose frame an access of class stack or heap_stack touched
  std::vector<CallFacts> calls;
  std::vector<std::int32_t> frame_bytes;            ///< by FunctionIdx
  std::vector<bool> function_reachable;
  std::vector<ir::InsnIdx> loop_headers;
  std::vector<ObjectTable> object_tables;
};

class Analyzer {
 public:
  Analyzer(const ir::Program& program, const interface::Declarations& declarations, interface::HookIdx hook, const VerifyOptions& options,
           FrameFacts& frames);

  enum class Verdict : std::uint8_t { proved, rejected, again };
  Verdict run();

  Findings& findings() { return findings_; }
  const Diagnostic& diagnostic() const { return *diagnostic_; }

 private:
  enum class Flow : std::uint8_t { next, dead };    ///< dead: this path ends here (or failed, see stop_)
  enum class Role : std::uint8_t { entry, signature, context };
  using Pending = std::unordered_map<ir::BlockIdx, std::vector<State>>;

  /// A loop that is being solved; edges out of it are kept back until its last round.
  struct Loop {
    const WtoElement* element;
    std::vector<State> back;                         ///< what came around
    std::vector<std::pair<ir::BlockIdx, State>> outside;
  };
  struct Activation {
    ir::FunctionIdx function;
    Role role;
    Pending pending;
    std::vector<State> exits;
    std::vector<Loop*> loops;                        ///< being solved, innermost last
  };
  struct Signature {
    enum class Status : std::uint8_t { unknown, running, good, needs_context };
    Status status = Status::unknown;
    bool returns = false;      ///< some path comes back
    bool has_result = true;    ///< with a number in r0 on every path; while running: what recursive calls may count on
    bool counted_on = false;   ///< a recursive call did
    Number result;
    std::uint32_t found = 0;   ///< good: when, counted from 1
    std::optional<Diagnostic> diagnostic;  ///< needs_context: why
  };

  // fixpoint.cpp
  State entry_state();
  bool run_function(ir::FunctionIdx function, Role role, State entry, std::vector<State>& exits);
  void run_element(Activation& activation, const WtoElement& element);
  void run_loop(Activation& activation, const WtoElement& element);
  void run_round(Activation& activation, Loop& loop, const State* head, const Pending& entered);
  bool settle(Activation& activation, const WtoElement& element, std::vector<LoopHead>& heads, const Pending& entered, std::vector<Loop>& last_round);
  bool covered(std::vector<LoopHead> heads, std::size_t from, std::vector<State>& backs, ir::InsnIdx where);
  void run_from(Activation& activation, State state, ir::BlockIdx block, ir::InsnIdx i);
  void send(Activation& activation, ir::BlockIdx to, State state);
  void merge_into(std::vector<State>& states, State state, ir::InsnIdx where);
  void prune(State& state, ir::InsnIdx at);
  MergeContext merge_context(ir::InsnIdx where);
  const std::vector<WtoElement>* order_of(ir::FunctionIdx function);

  // transfer.cpp
  Flow step(State& state, ir::InsnIdx i);
  Flow alu(State& state, ir::InsnIdx i, const isa::Alu& insn);
  Flow alu_pointers(State& state, ir::InsnIdx i, const isa::Alu& insn, const Value& a, const Value& b);
  std::optional<Value> finish_extension(State& state, ir::InsnIdx i, const isa::Alu& insn, const Value& value);
  Value sign_extended(State& state, const Value& value, unsigned from_bits, bool is64);
  Scalar alu_scalars(State& state, isa::AluOp op, bool is64, const Scalar& a, const Scalar& b);
  std::optional<Linear> linear_result(const State& state, isa::AluOp op, bool is64, const Scalar& a, const Scalar& b);
  void relate_result(State& state, isa::AluOp op, bool is64, const Scalar& a, const Scalar& b, const Scalar& result);
  Flow load_imm(State& state, ir::InsnIdx i, const isa::LoadImm& insn);
  bool assume(State& state, ir::InsnIdx i, const isa::Branch& branch, bool taken);
  bool assume_null(State& state, const Value& value, bool is_null);
  bool assume_numbers(State& state, isa::CmpOp op, bool negate_set, bool is64, Value& a, Value* b_place, const Value& b);
  void assume_forms(State& state, isa::CmpOp op, const Linear& a, const Linear& b, bool exact);
  void sharpen_symbol(State& state, const Linear& form, const Number& number);
  Scalar unknown(State& state, const Number& number) { return state.fresh(number, symbols_.next()); }
  Value unknown_value(State& state, const Number& number, ir::InsnIdx origin);

  // memory.cpp
  Flow load(State& state, ir::InsnIdx i, isa::Width width, bool sign_extend, isa::Reg dst, isa::Reg base, std::int16_t off);
  Flow store(State& state, ir::InsnIdx i, isa::Width width, isa::Reg base, std::int16_t off, const isa::Operand& src);
  Flow atomic(State& state, ir::InsnIdx i, const isa::Atomic& insn);
  struct Target {                                    ///< what an access was found to touch
    MemClass memory = MemClass::unreachable;
    std::uint32_t frame = 0;                         ///< stack: depth
    std::int32_t lo = 0, hi = 0;                     ///< stack: r10-relative offsets of the first byte, inclusive
    const interface::Struct* structure = nullptr;    ///< context
    std::uint32_t offset = 0;                        ///< context
    std::uint32_t context = 0;                       ///< context: which one
  };
  std::optional<Target> find_target(State& state, ir::InsnIdx i, isa::Reg base, std::int16_t off, unsigned width, bool write);
  std::optional<Target> stack_target(State& state, ir::InsnIdx i, const Value& base, isa::Reg reg, std::int32_t off, unsigned width);
  std::optional<Target> context_target(State& state, ir::InsnIdx i, const Value& base, std::int32_t off, unsigned width);
  bool check_region(State& state, ir::InsnIdx i, const Value& base, std::int32_t off, const Linear& length, bool write);
  bool record(ir::InsnIdx i, const AccessFacts& facts, std::uint32_t stack_owner = 0);
  Flow load_stack(State& state, ir::InsnIdx i, const Target& target, unsigned width, bool sign_extend, isa::Reg dst);
  Flow store_stack(State& state, ir::InsnIdx i, const Target& target, unsigned width, const Value& value);
  Flow load_context(State& state, ir::InsnIdx i, const Target& target, unsigned width, bool sign_extend, isa::Reg dst);
  Flow store_context(State& state, ir::InsnIdx i, const Target& target, unsigned width, const Value& value);
  bool may_enter_heap(State& state, ir::InsnIdx i, const Value& value, std::string_view where);
  Number loaded_number(unsigned width, bool sign_extend) const;
  void note_frame_use(const State& state, std::uint32_t depth, Integer offset);
  bool address_is_whole(State& state, ir::InsnIdx i, const Value& pointer);

  // calls.cpp
  Flow call_host(State& state, ir::InsnIdx i, std::uint32_t extern_index);
  struct Binding;
  bool pass_argument(State& state, ir::InsnIdx i, const interface::Function& callee, unsigned n, Binding& binding);
  bool pass_memory(State& state, ir::InsnIdx i, const interface::Function& callee, unsigned n, const interface::Mem& type, Binding& binding);
  bool pass_object(State& state, ir::InsnIdx i, const interface::Function& callee, unsigned n, const interface::ObjectRef& type, Binding& binding);
  Value host_result(State& state, ir::InsnIdx i, const interface::Function& callee, const Binding& binding);
  std::optional<std::vector<State>> call_local(State state, ir::InsnIdx i, ir::FunctionIdx callee);
  std::optional<bool> arguments_are_numbers(State& state, ir::InsnIdx i, ir::FunctionIdx callee);
  Signature* signature(ir::FunctionIdx function);
  bool judge(ir::FunctionIdx function, Signature& known);
  void forget_signatures(std::uint32_t since);
  static bool counts_on_result(Signature& known);
  Flow call_indirect(State& state, ir::InsnIdx i, isa::Reg reg);
  Flow exit(State& state, ir::InsnIdx i, Role role);
  bool check_hook_result(State& state, ir::InsnIdx i);
  void after_call(State& state);
  void leave_frame(State& state, ir::InsnIdx at);
  void record_objects(const State& state, ir::InsnIdx at);

  // explain.cpp
  /// Reports the one root cause when this is a checking pass; the path ends either way.
  Flow fail(std::string code, ir::InsnIdx i, std::string message, std::string help, std::vector<Note> notes = {});
  Note note(ir::InsnIdx i, std::string message) const;
  /// The value of a register that may be used; otherwise reports why not.
  Value* use(State& state, ir::InsnIdx i, isa::Reg reg);
  /// As a number: globals and heap-side stack addresses become unknown numbers, private frames escape, host pointers are refused.
  bool to_number(State& state, ir::InsnIdx i, Value& value, std::string_view purpose);
  /// The frame's function must keep its frame in the heap: stops this attempt if it is checking.
  void escape(ir::FunctionIdx function);
  bool frame_in_heap(const State& state, std::uint32_t depth) const { return frames_.in_heap[state.frames[depth].function.index()]; }
  std::string describe(const Value& value) const;

  const ir::Program& program_;
  const interface::Declarations& declarations_;
  const interface::Hook& hook_;
  const VerifyOptions& options_;
  FrameFacts& frames_;
  Findings findings_;
  std::optional<Diagnostic> diagnostic_;
  bool checking_ = false;      ///< errors and findings count; otherwise a loop is still being solved
  bool stop_ = false;          ///< an error or a new frame fact ended the attempt
  bool again_ = false;
  std::uint64_t steps_ = 0;
  struct { std::uint32_t at = 0; Value value; } extension_;   // what the instruction before `at` shifted to the left by 32
  SymbolSource symbols_;
  InstanceId last_instance_ = kNoInstance;
  RegionId last_region_ = 0;
  std::map<std::pair<std::uint32_t, std::uint32_t>, RegionId> site_regions_;  // (instruction, kind) of regions whose extent is constant
  std::uint32_t last_null_id_ = 0;
  std::vector<std::uint64_t> thresholds_;
  std::vector<ir::RegisterSet> live_;
  std::vector<Signature> signatures_;
  std::uint32_t signatures_found_ = 0;
  std::map<std::uint32_t, std::optional<std::vector<WtoElement>>> orders_;
  std::vector<interface::StructIdx> contexts_;                               // struct of each context id
  std::vector<std::vector<RegionId>> range_regions_;                         // by context id, by MemRange
  std::vector<ir::FunctionIdx> in_context_;                                  // functions being analysed in their caller's context
};

}  // namespace tenon::verify
