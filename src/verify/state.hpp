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
  Linear size;                 ///< bytes
  interface::Access access = interface::Access::read;
  bool shared = false;
  bool unique = true;          ///< two pointers with this id have the same base, so they may be compared and subtracted
};

/// An object that is owned (must be given back) or lent by the host for the invocation (`borrowed`).
struct Instance {
  InstanceId id = kNoInstance;
  interface::ObjectTypeIdx type;
  bool maybe_null = false;     ///< held only if the pointers to it are not null
  bool borrowed = false;
  ir::InsnIdx acquired_at;
};

struct Frame {
  ir::FunctionIdx function;
  ir::InsnIdx call_site;             ///< in the caller; meaningless for the entry
  std::array<Value, 4> saved;        ///< the caller's r6-r9
  Stack stack;
};

/// No loop is entered again more often than this: at one round a cycle it would take centuries (design.md asks for a quantum on top).
inline constexpr Integer kMaxTrips = Integer{1} << 62;

class State {
 public:
  std::array<Value, isa::kRegisters> regs;
  std::vector<Frame> frames;
  std::vector<Instance> instances;   ///< in order of acquisition
  std::vector<Region> regions;
  std::vector<SymbolRange> ranges;   ///< sorted by symbol
  std::vector<Linear> facts;         ///< each >= 0
  std::vector<Linear> nonzero;       ///< each != 0; what `!=` loops are proved from
  std::vector<Linear> hopes;         ///< would be facts if nothing wrapped; loops try them as invariants, nothing else may use them

  Value& reg(isa::Reg r) { return regs[isa::index(r)]; }
  const Value& reg(isa::Reg r) const { return regs[isa::index(r)]; }
  Frame& frame() { return frames.back(); }
  std::uint32_t depth() const { return static_cast<std::uint32_t>(frames.size() - 1); }

  const Region& region(RegionId id) const;
  Instance* find_instance(InstanceId id);

  /// A scalar that no other value is related to.
  Scalar fresh(const Number& number, Symbol symbol);
  void set_range(Symbol symbol, Integer lo, Integer hi);
  const SymbolRange* range(Symbol symbol) const;
  /// Exact bounds of a form over the integers, if every symbol has some.
  struct Bounds { Integer lo, hi; };
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
    for (Frame& frame : frames) {
      for (Value& v : frame.saved) f(v);
      for (Stack::Slot& slot : frame.stack.slots()) f(slot.value);
    }
  }
  std::vector<Value*> values();

  /// Forgets symbols that no value and no useful fact mentions.
  void collect_garbage();
  /// Every pointer to the instance becomes unusable.
  void kill_instance(InstanceId id, ir::InsnIdx where);
  void set_null(InstanceId id);

 private:
  void refine_symbol(const Linear& fact);
  static void add_limited(std::vector<Linear>& forms, const Linear& form);
};

/// Same call stack, same instances in the same order and states, the same places pointing at them: such states are merged, others kept apart.
bool same_shape(const State& a, const State& b);

}  // namespace tenon::verify
