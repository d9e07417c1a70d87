// SPDX-License-Identifier: Apache-2.0
// The abstract interpreter. Executes functions over sets of states, loops to their fixpoint, and records what the Proof will say. One attempt: when
// an attempt finds that a frame has to live in the heap, or that bytes of it must stay private, prove() starts another with that known.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "ir/liveness.hpp"
#include "verify/merge.hpp"
#include "verify/proof.hpp"
#include "verify/wto.hpp"

namespace tenon::verify {

/// What survives from one attempt to the next; all of it only grows.
struct FrameFacts {
  std::vector<bool> in_heap;                     ///< by FunctionIdx
  std::vector<std::vector<bool>> private_bytes;  ///< by FunctionIdx, then by -offset - 1
  std::vector<std::vector<bool>> lent_bytes;     ///< likewise: the host has kept their address, so what they hold is never known
  std::vector<bool> apart;                       ///< by InsnIdx: objects acquired there are not merged with their absence
  std::vector<bool> split;                       ///< by InsnIdx: states that hold different pointers in one register are not merged there
  bool afresh = false;                           ///< loops begin with what enters them, never with how they were solved before
};

/// What an attempt records while it checks.
struct Findings {
  std::vector<bool> reachable;
  std::vector<AccessFacts> accesses;
  std::vector<std::uint32_t> stack_owner;    ///< function whose frame an access of class stack or heap_stack touched
  std::map<std::uint32_t, CallFacts> calls;  ///< by InsnIdx
  std::vector<std::int32_t> frame_bytes;     ///< by FunctionIdx
  std::vector<bool> function_reachable;
  std::vector<ir::InsnIdx> loop_headers;
  std::map<std::uint32_t, std::vector<ObjectTable>> object_tables;  ///< by InsnIdx
};

/// Every value of a declared integer type.
Number number_of_type(const interface::Scalar& type);

class Analyzer {
 public:
  Analyzer(const ir::Program& program, const interface::Declarations& declarations, interface::HookIdx hook, const VerifyOptions& options,
           FrameFacts& frames);

  enum class Verdict : std::uint8_t { proved, rejected, again };
  Verdict run();

  Findings& findings() { return findings_; }
  const Diagnostic& diagnostic() const { return *diagnostic_; }
  bool ran_out() const { return steps_ > options_.max_steps; }
  bool resumed_loops() const { return resumed_; }

 private:
  enum class Flow : std::uint8_t { next, dead };  ///< dead: this path ends here (or failed, see stop_)
  /// later: the host calls it after the call that named it, with nothing held
  enum class Role : std::uint8_t { entry, signature, context, later };
  using Pending = std::unordered_map<ir::BlockIdx, std::vector<State>>;

  /// A loop that is being solved; edges out of it are kept back until its last round.
  struct Loop {
    const WtoElement* element = nullptr;
    std::vector<State> back;  ///< what came around
    std::vector<std::pair<ir::BlockIdx, State>> outside;
  };
  using Round = std::function<void(Loop& loop, const State* head)>;  ///< one pass over the body; without a head, from what came in past it
  struct Activation {
    ir::FunctionIdx function;
    Role role;
    Pending pending;
    std::vector<State> exits;
    std::vector<Loop*> loops;  ///< being solved, innermost last
  };
  struct Signature {
    enum class Status : std::uint8_t { unknown, running, good, needs_context };
    Status status = Status::unknown;
    bool returns = false;     ///< some path comes back
    bool has_result = true;   ///< with a number in r0 on every path; while running: what recursive calls may count on
    bool counted_on = false;  ///< a recursive call did
    Number result;
    std::uint32_t found = 0;               ///< good: when, counted from 1
    std::optional<Diagnostic> diagnostic;  ///< needs_context: why
  };

  // fixpoint.cpp
  State entry_state();
  void run_exception_callback(ir::FunctionIdx function);
  Value entry_struct(State& state, const interface::StructRef& type);
  Value entry_argument(State& state, const interface::Type& type);
  bool run_function(ir::FunctionIdx function, Role role, State entry, std::vector<State>& exits);
  void run_element(Activation& activation, const WtoElement& element);
  void run_loop(Activation& activation, const WtoElement& element);
  void run_round(Activation& activation, Loop& loop, const State* head, const Pending& entered);
  using LoopKey = std::vector<std::uint32_t>;  ///< the calls that lead there, then the head
  static LoopKey key_of(const State& state, ir::InsnIdx where);
  LoopHead begin_loop(State entry, ir::InsnIdx where);
  void end_loop(ir::InsnIdx where, std::vector<LoopHead> heads);
  bool settle(ir::InsnIdx where, std::vector<LoopHead>& heads, bool entered, const Round& run, std::vector<Loop>& last_round);
  void run_from_head(const Round& run, Loop& loop, const State* head);
  bool confirm(ir::InsnIdx where, const std::vector<LoopHead>& heads, bool entered, const Round& run, std::vector<Loop>& last_round);
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
  struct Target {  ///< what an access was found to touch
    MemClass memory = MemClass::unreachable;
    std::uint32_t frame = 0;                       ///< stack: depth
    std::int32_t lo = 0, hi = 0;                   ///< stack: r10-relative offsets of the first byte, inclusive
    const interface::Struct* structure = nullptr;  ///< context, and host objects with fields
    std::uint32_t offset = 0;                      ///< into the structure
    std::uint32_t context = 0;                     ///< context: which one
    std::optional<ir::HostTypes::Slot> slot = {};  ///< what the host's types say stands there
  };
  std::optional<Target> find_target(State& state, ir::InsnIdx i, isa::Reg base, std::int16_t off, unsigned width, bool write);
  std::optional<Target> stack_target(State& state, ir::InsnIdx i, const Value& base, isa::Reg reg, std::int32_t off, unsigned width);
  std::optional<Target> context_target(State& state, ir::InsnIdx i, const Value& base, std::int32_t off, unsigned width);
  bool check_region(State& state, ir::InsnIdx i, const Value& base, std::int32_t off, const Linear& length, bool write);
  bool spares_fields(State& state, ir::InsnIdx i, const Value& base, const Region& region, const Linear& start, const Linear& end);
  bool record(ir::InsnIdx i, const AccessFacts& facts, std::uint32_t stack_owner = 0);
  Flow load_stack(State& state, ir::InsnIdx i, const Target& target, unsigned width, bool sign_extend, isa::Reg dst);
  Flow store_stack(State& state, ir::InsnIdx i, const Target& target, unsigned width, const Value& value);
  std::optional<Target> object_target(State& state, ir::InsnIdx i, const Value& base, std::int32_t off, unsigned width, bool write);
  std::optional<Target> probed_target(State& state, ir::InsnIdx i, std::uint32_t structure, const Scalar& base, std::int32_t off, unsigned width,
                                      bool write);
  Value slot_value(State& state, ir::InsnIdx i, const ir::HostTypes::Slot& slot, unsigned width, bool sign_extend);
  std::string traced_function(const interface::Field& field) const;
  Flow load_traced(State& state, ir::InsnIdx i, const interface::Field& field, std::size_t n, isa::Reg dst);
  std::optional<Value> load_mark(State& state, const Target& target, unsigned width) const;
  Value load_pointer(State& state, ir::InsnIdx i, const interface::Type& type);
  static const interface::Field* field_at(const Target& target, unsigned width, bool& whole);
  Flow load_field(State& state, ir::InsnIdx i, const Target& target, unsigned width, bool sign_extend, isa::Reg dst);
  Flow store_field(State& state, ir::InsnIdx i, const Target& target, unsigned width, const Value& value);
  bool may_enter_heap(State& state, ir::InsnIdx i, const Value& value, Escape permit, std::string_view where);
  Number loaded_number(unsigned width, bool sign_extend) const;
  bool lend(ir::FunctionIdx function, std::int32_t offset, std::int32_t bytes);
  bool is_lent(const State& state, std::uint32_t depth, std::int32_t offset, std::int32_t bytes) const;
  void note_frame_use(const State& state, std::uint32_t depth, Integer offset);
  bool address_is_whole(State& state, ir::InsnIdx i, const Value& pointer);

  struct Binding;  // call_binding.hpp

  // arguments.cpp
  bool pass_argument(State& state, ir::InsnIdx i, unsigned n, Binding& binding);
  bool pass_scalar(State& state, ir::InsnIdx i, unsigned n, const interface::Scalar& type, Binding& binding);
  bool pass_struct(State& state, ir::InsnIdx i, unsigned n, const interface::StructRef& type, Binding& binding);
  bool pass_object(State& state, ir::InsnIdx i, unsigned n, const interface::ObjectRef& type, Binding& binding);
  bool pass_memory(State& state, ir::InsnIdx i, unsigned n, const interface::Mem& type, Binding& binding);
  bool pass_map(State& state, ir::InsnIdx i, unsigned n, const interface::MapRef& type, Binding& binding);
  std::optional<ir::FunctionIdx> only_function_in(const Number& number) const;
  bool pass_callback(State& state, ir::InsnIdx i, unsigned n, const interface::CallbackRef& type, Binding& binding);
  bool pass_text(State& state, ir::InsnIdx i, unsigned n, Binding& binding);
  bool pass_the_rest(State& state, ir::InsnIdx i, const Binding& binding);
  bool is_hooks_context(std::uint32_t context) const;
  bool is_owned(const State& state, InstanceId id) const;
  bool pass_opaque(State& state, ir::InsnIdx i, unsigned n, const interface::Opaque& type, Binding& binding);
  bool pass_room(State& state, ir::InsnIdx i, unsigned n, const Value& value, const interface::ObjectRef& type, Binding& binding);
  bool is_field(const Value& value, const Region& region, interface::ObjectTypeIdx type) const;
  InstanceId object_of(const State& state, const Value& value, interface::ObjectTypeIdx type) const;
  bool is_held(State& state, ir::InsnIdx i, unsigned n, const Value& value, InstanceId id, bool null_allowed, const Binding& binding);
  bool in_required_state(State& state, ir::InsnIdx i, unsigned n, const interface::ObjectRef& type, InstanceId id, const Binding& binding);
  bool value_is_null(const State& state, unsigned n) const;
  const ir::MapDefinition& map_at(std::uint32_t id) const;
  static std::uint32_t map_of(const interface::Mem& type, const Binding& binding);
  std::uint64_t element_bytes(const interface::Mem& type, const Binding& binding) const;
  Scalar scaled_count(State& state, const Scalar& count, const interface::Mem& type);

  // host_calls.cpp
  std::optional<std::vector<State>> call_host(State state, ir::InsnIdx i, std::uint32_t extern_index);
  bool is_as_compiled(ir::InsnIdx i, const interface::Function& callee, const ir::ExternFacts* facts);
  bool pass_arguments(State& state, ir::InsnIdx i, Binding& binding);
  interface::FunctionIdx variant_for(const State& state, interface::FunctionIdx first) const;
  bool maps_hold(ir::InsnIdx i, const Binding& binding);
  bool links_hold(State& state, ir::InsnIdx i, Binding& binding);
  bool record_call(State& state, ir::InsnIdx i, interface::FunctionIdx function, const Binding& binding);
  void fill_buffers(State& state, const Binding& binding);
  void create_objects(State& state, ir::InsnIdx i, const Binding& binding);
  Value host_result(State& state, ir::InsnIdx i, const Binding& binding);
  Value result_object(State& state, ir::InsnIdx i, const interface::ObjectRef& type, const Binding& binding);
  using RegionSite = std::optional<std::pair<std::uint32_t, std::uint32_t>>;  ///< instruction, and which of its memories
  Value result_memory(State& state, ir::InsnIdx i, const interface::Mem& type, const Binding& binding, const RegionSite& site);
  std::optional<interface::ObjectTypeIdx> type_of(const ir::SpecialField& field) const;
  std::optional<interface::ObjectTypeIdx> lock_in_values(const ir::MapDefinition& map) const;
  RegionId name_region(const State& state, const Region& region, const RegionSite& site);
  Value struct_value(const interface::StructRef& type, ir::InsnIdx i);
  std::vector<InstanceId> lenders(const State& state, const Binding& binding) const;
  std::optional<interface::StateIdx> first_state(const interface::ObjectRef& type) const;
  std::optional<std::vector<State>> apply_effects(State state, ir::InsnIdx i, const Binding& binding);
  bool assume_condition(State& state, const interface::Conditional& clause, bool truth, const Binding& binding);
  bool apply_way(State& state, ir::InsnIdx i, const Binding& binding, const std::vector<bool>& holds);
  bool may_be_taken(State& state, ir::InsnIdx i, InstanceId id, const Binding& binding);
  void step_typestate(State& state, ir::InsnIdx i, InstanceId id, interface::StateIdx next);
  bool give_back(State& state, ir::InsnIdx i, InstanceId id);
  void add_way(std::vector<State>& ways, State way, ir::InsnIdx i);
  bool may_be_parked(State& state, ir::InsnIdx i, const Binding& binding);
  bool survives_callbacks(State& state, ir::InsnIdx i, const Binding& binding);
  bool kill_previous_element(State& state, ir::InsnIdx i, interface::FunctionIdx function, const Binding& binding);
  bool is_made_from_context(interface::ObjectTypeIdx type) const;
  void move_context(State& state, ir::InsnIdx i, const Value& context);

  // environment.cpp
  bool bind_scopes(State& state, ir::InsnIdx i, Binding& binding);
  static const ActiveMode* innermost(const State& state, interface::ModeIdx mode);
  bool environment_allows(State& state, ir::InsnIdx i, const Binding& binding);
  bool forbid(ir::InsnIdx i, const std::string& function, const ActiveMode& active);
  std::vector<HeldLock>::iterator find_lock(State& state, const interface::LockRef& lock, const Binding& binding);
  bool acquire_lock(State& state, ir::InsnIdx i, const interface::LockRef& lock, const Binding& binding);
  bool release_lock(State& state, ir::InsnIdx i, const interface::LockRef& lock, const Binding& binding);
  bool enter_mode(State& state, ir::InsnIdx i, const interface::ModeRef& mode, const Binding& binding);
  bool exit_mode(State& state, ir::InsnIdx i, const interface::ModeRef& mode, const Binding& binding);
  bool no_lock_within(State& state, ir::InsnIdx i, InstanceId id, ScopeId scope, std::string_view what);
  bool nothing_held(State& state, ir::InsnIdx i);
  bool may_end_here(State& state, ir::InsnIdx i, const Binding& binding);

  // exceptions.cpp
  /// A call that catches, while its body is being analysed.
  struct Try {
    std::size_t frames, arguments;  ///< of the state that called
    std::vector<std::pair<State, ir::InsnIdx>> thrown;
  };
  void find_traits();
  std::uint32_t tries() const { return static_cast<std::uint32_t>(tries_.size()); }
  void throws_here(const State& state, ir::InsnIdx i);
  std::optional<std::vector<State>> run_try(State state, ir::InsnIdx i, const Binding& binding);
  State caught(State state, ir::InsnIdx at, const Try& scope);
  void end_try(State& state);
  bool outer_is_told_apart(const State& state, ir::InsnIdx i, const Instance& instance);
  bool cleans_only(ir::InsnIdx i, ir::FunctionIdx function);

  // callbacks.cpp
  std::optional<std::vector<State>> run_callback(State state, ir::InsnIdx i, const interface::Callback& type, ir::FunctionIdx function,
                                                 const Binding& binding);
  bool run_callback_once(const State& head, ir::InsnIdx i, const interface::Callback& type, ir::FunctionIdx function, const Binding& binding,
                         std::vector<State>& after);
  Value callback_argument(State& state, ir::InsnIdx i, std::uint32_t parameter, const interface::Type& type, const Binding& binding);
  /// A function that the host was given to call some time.
  struct Later {
    ir::FunctionIdx function;
    interface::CallbackIdx type;
    interface::FunctionIdx callee;
    ir::InsnIdx at;
    std::map<std::string, std::uint32_t> holders;
    std::array<std::optional<std::uint32_t>, 5> maps;
    bool same(const Later& other) const {
      return function == other.function && type == other.type && callee == other.callee && holders == other.holders && maps == other.maps;
    }
  };
  void call_later(Later later);
  void run_later(const Later& later);
  bool result_fits(State& state, ir::InsnIdx i, const interface::Callback& type, ir::FunctionIdx function);
  bool callback_ends_well(State& state, ir::InsnIdx i, const interface::Callback& type, ir::FunctionIdx function, const State& before);
  bool may_run_as_callback(const State& state, ir::InsnIdx i, ir::FunctionIdx function);
  void end_loan(State& state, const Value& lent, const State& before, ir::InsnIdx i);

  // calls.cpp
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
  void record_objects(const State& state, ir::InsnIdx at, bool after = false);

  // explain.cpp
  /// Reports the one root cause when this is a checking pass; the path ends either way.
  Flow fail(std::string code, ir::InsnIdx i, std::string message, std::string help, std::vector<Note> notes = {});
  static constexpr std::size_t kMaxNotes = 8;
  Note note(ir::InsnIdx i, std::string message) const;
  /// The branches that the path took after `since`, as notes behind those given.
  std::vector<Note> with_path(const State& state, ir::InsnIdx i, std::vector<Note> notes, ir::InsnIdx since) const;
  /// An obligation fails on a state that paths with and without this object were merged into: the next attempt keeps them apart. False when that is
  /// no way out.
  bool keep_apart(const Instance& instance);
  bool keep_apart(ir::InsnIdx acquired_at);
  /// Likewise for different pointers that met in one register at `where`.
  bool split_at(ir::InsnIdx where);
  bool may_meet(const State& a, const State& b, ir::InsnIdx where) const;
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
  bool checking_ = false;  ///< errors and findings count; otherwise a loop is still being solved
  bool stop_ = false;      ///< an error or a new frame fact ended the attempt
  bool again_ = false;
  std::uint64_t steps_ = 0;
  struct {
    std::uint32_t at = 0;
    Value value;
  } extension_;  // what the instruction before `at` shifted to the left by 32
  SymbolSource symbols_;
  Symbol ghosts_after_ = 0;
  InstanceId last_instance_ = kNoInstance;
  RegionId last_region_ = 0;
  ScopeId last_scope_ = 0;
  std::map<std::pair<std::uint32_t, std::uint32_t>, RegionId> site_regions_;  // (instruction, kind) of regions whose extent is constant
  std::map<std::tuple<RegionSite, std::int64_t, interface::Access, bool, std::uint32_t, std::uint32_t>, RegionId>
      region_names_;                                                                // the last: when one state needs several
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> site_contexts_;  // (instruction, struct) of structs that the host hands out
  std::uint32_t last_null_id_ = 0;
  std::vector<std::uint64_t> thresholds_;
  std::vector<ir::RegisterSet> live_;
  std::vector<Try> tries_;                                  ///< around what is being analysed, innermost last
  std::vector<bool> throws_;                                ///< by FunctionIdx: it, or what it calls, may throw
  struct NoCleanup {
    ir::InsnIdx at;
    bool by_mode = false;  ///< what is called there is forbidden in some mode; else it acquires or throws
  };
  std::vector<std::optional<NoCleanup>> must_not_clean_;    ///< by FunctionIdx: why it, or what it calls, may not clean up
  std::vector<Later> later_;
  const Later* running_later_ = nullptr;
  std::vector<Signature> signatures_;
  std::uint32_t signatures_found_ = 0;
  std::uint32_t judging_ = 0;  ///< functions that are being judged for any caller, one inside the other
  std::map<std::uint32_t, std::optional<std::vector<WtoElement>>> orders_;
  std::map<LoopKey, std::vector<LoopHead>> solved_;                                                 // how each loop was solved last
  bool resumed_ = false;                                                                            // some loop began there
  std::map<std::pair<std::string, bool>, std::optional<std::vector<ir::HostTypes::Slot>>> traced_;  // by function, with its result or without
  std::vector<interface::StructIdx> contexts_;                                                      // struct of each context id
  std::vector<std::vector<RegionId>> range_regions_;                                                // by context id, by MemRange
  std::vector<ir::FunctionIdx> in_context_;  // functions being analysed in their caller's context
};

}  // namespace tenon::verify
