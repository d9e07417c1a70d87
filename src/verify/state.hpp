// SPDX-License-Identifier: Apache-2.0
// Everything that is known at one point of one path (or of many merged ones): registers, frames, held objects, symbols and facts.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "verify/stack.hpp"
#include "verify/value.hpp"

namespace tenon::verify {

/// Host memory with an extent.
struct Region {
  RegionId id = 0;
  Linear size;                     ///< bytes
  std::vector<Linear> marks = {};  ///< of a context's memory: offsets of the pointers between its first and its last
  interface::Access access = interface::Access::read;
  bool shared = false;
  bool unique = true;                   ///< two pointers with this id have the same base, so they may be compared and subtracted
  std::vector<InstanceId> owners = {};  ///< it dies with any of them
  ScopeId scope = kNoScope;             ///< it dies with this one
  bool pinned = false;                  ///< the context leads to it: kept although no value points there
  InstanceId object = kNoInstance;      ///< the region is this object's own bytes: a pointer to its start stands for the object
  std::uint32_t frames = 0;             ///< may lie in the stack: it dies when fewer frames than these are left
  std::uint32_t map = 0;                ///< a value with fields of the host: 1 + its map; `object` stands for the field that is a lock
};

/// Held only where the symbol has that value; symbol 0: nothing says where.
struct Condition {
  Symbol symbol = 0;
  std::int64_t value = 0;
  bool operator==(const Condition&) const = default;
};

/// A host object that the verifier tells from others.
struct Instance {
  enum class Hold : std::uint8_t {
    owned,     ///< must be given back
    borrowed,  ///< lent for the invocation, or until one of `owners` or `scope` ends
  };
  InstanceId id = kNoInstance;
  interface::ObjectTypeIdx type;
  Hold hold = Hold::owned;
  bool maybe = false;   ///< may not be held: on the paths where a function gave null, or where `condition` is false
  bool merged = false;  ///< `maybe` because paths met, not because a function may give null
  Condition condition = {};
  std::optional<interface::StateIdx> typestate = {};
  InstanceId of = kNoInstance;  ///< linked to
  std::vector<InstanceId> owners = {};
  ScopeId scope = kNoScope;
  bool from_hook = false;  ///< came as an argument of the hook; a borrowed one is kept although no value points there
  std::uint32_t tries = 0;  ///< owned: calls that catch, around its acquisition; what they had acquired is given back when one of them catches
  ir::InsnIdx acquired_at = {}, stepped_at = {};

  bool owned() const { return hold == Hold::owned; }
};

struct HeldLock {
  InstanceId instance = kNoInstance;
  std::uint32_t field = 0;  ///< into ObjectType::locks
  ir::InsnIdx at;
  std::uint32_t tries = 0;  ///< as Instance::tries
};

struct ActiveMode {
  interface::ModeIdx mode;
  ScopeId scope = kNoScope;
  ir::InsnIdx at;
  std::uint32_t tries = 0;  ///< as Instance::tries
};

/// The branches a path took last, newest last; what diagnostics tell.
struct Turn {
  ir::InsnIdx at;
  bool taken = false;
  bool operator==(const Turn&) const = default;
};

struct Frame {
  ir::FunctionIdx function;
  ir::InsnIdx call_site;       ///< in the caller; meaningless for the entry
  std::array<Value, 4> saved;  ///< the caller's r6-r9
  Stack stack;
};

/// User addresses have 47 bits.
inline constexpr Integer kMaxRegionBytes = Integer{1} << 47;

/// No loop is entered again more often than this: at one round a cycle it would take centuries (design.md asks for a quantum on top).
inline constexpr Integer kMaxTrips = Integer{1} << 62;

class State {
 public:
  std::array<Value, isa::kRegisters> regs;
  std::vector<Frame> frames;
  std::vector<Instance> instances;  ///< in order of acquisition
  std::vector<HeldLock> locks;      ///< in order of acquisition
  std::vector<ActiveMode> modes;    ///< in order of entry
  std::vector<Value> arguments;     ///< of host calls whose callbacks are running, five each
  std::vector<Turn> trail;
  std::vector<Region> regions;
  std::vector<SymbolRange> ranges;  ///< sorted by symbol
  std::vector<Linear> facts;        ///< each >= 0
  std::vector<Linear> nonzero;      ///< each != 0; what `!=` loops are proved from
  std::vector<Linear> hopes;        ///< would be facts if nothing wrapped; loops try them as invariants, nothing else may use them

  Value& reg(isa::Reg r) { return regs[isa::index(r)]; }
  const Value& reg(isa::Reg r) const { return regs[isa::index(r)]; }
  Frame& frame() { return frames.back(); }
  std::uint32_t depth() const { return static_cast<std::uint32_t>(frames.size() - 1); }

  const Region& region(RegionId id) const;
  Region* find_region(RegionId id);
  Instance* find_instance(InstanceId id);

  /// A scalar that no other value is related to.
  Scalar fresh(const Number& number, Symbol symbol);
  void set_range(Symbol symbol, Integer lo, Integer hi);
  const SymbolRange* range(Symbol symbol) const;
  /// Exact bounds of a form over the integers, if every symbol has some.
  struct Bounds {
    Integer lo, hi;
  };
  std::optional<Bounds> bounds(const Linear& form) const;
  bool implied(const Linear& goal) const { return implies(facts, ranges, goal); }
  /// The form's integer lies in [lo, hi] (both must fit): by bounds, else by facts.
  bool within(const Linear& form, Integer lo, Integer hi) const;
  /// The number, sharpened by what the form's symbols are known to be.
  Number number_of(const Scalar& scalar) const;

  void add_fact(const Linear& fact);
  void add_nonzero(const Linear& form) { add_limited(nonzero, form); }
  void add_hope(const Linear& form) { add_limited(hopes, form); }

  /// Every value of this state, in an order that is the same for states of equal shape: registers, saved registers, slots.
  template <class F>
  void for_each_value(F&& f) {
    for (Value& v : regs) f(v);
    for (Value& v : arguments) f(v);
    for (Frame& frame : frames) {
      for (Value& v : frame.saved) f(v);
      for (Stack::Slot& slot : frame.stack.slots()) f(slot.value);
    }
  }
  std::vector<Value*> values();

  /// Forgets symbols that no value and no useful fact mentions.
  void collect_garbage();
  const Instance* find_instance(InstanceId id) const;
  /// Removes the instance: every pointer to it becomes unusable, and so does what belongs to it.
  void kill_instance(InstanceId id, Value::Loss loss, ir::InsnIdx where);
  void kill_dependents(InstanceId id, ir::InsnIdx where);
  /// The instance is not held here: its pointers are null, or say nothing.
  void set_absent(InstanceId id);
  /// The instance is held here.
  void set_present(InstanceId id);
  /// Decides about instances whose condition has become known.
  void resolve_conditions();
  /// Ends everything that was valid in the scope only.
  void leave_scope(ScopeId scope, ir::InsnIdx where);
  void kill_region(RegionId id, Value::Loss loss, ir::InsnIdx where);
  void lose_pointers(RegionId id, Value::Loss loss, ir::InsnIdx where);
  /// The memory changed its place and its extent: pointers die, sizes are the new symbols (one for each mark, then the size).
  void renew_region(RegionId id, const std::vector<Symbol>& symbols, ir::InsnIdx where);
  void note_turn(Turn turn);

 private:
  void drop_unreferenced();
  void refine_symbol(const Linear& fact);
  static void add_limited(std::vector<Linear>& forms, const Linear& form);
};

/// Same call stack, same locks and modes, same instances in the same order and states, the same places pointing at them: such states are merged,
/// others kept apart (but see merge_objects.hpp).
bool same_shape(const State& a, const State& b);
bool same_locks_and_modes(const State& a, const State& b);
/// Some register points to different maps: what a call does with it differs, so such states are not merged.
bool maps_differ(const State& a, const State& b);
/// The instances, one of each state, differ at most in whether they are held. Links are compared by position.
bool same_kind(const State& a, const Instance& x, const State& b, const Instance& y);

}  // namespace tenon::verify
