// SPDX-License-Identifier: Apache-2.0
// Where paths meet: the join of two states, and the head of a loop with its induction variables tied to one trip counter (design.md, decision 7).
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <tuple>
#include <vector>

#include "verify/state.hpp"

namespace tenon::verify {

/// Hands out symbols; one per analysis.
class SymbolSource {
 public:
  Symbol next() { return ++last_; }
  Symbol last() const { return last_; }

 private:
  Symbol last_ = 0;
};

/// What merging must know from outside.
struct MergeContext {
  SymbolSource* symbols;
  const std::vector<bool>* heap_frames;       ///< by FunctionIdx: its frame lies in the heap, so its addresses are plain numbers
  std::span<const std::uint64_t> thresholds;  ///< sorted; from the program's own comparisons
  ir::InsnIdx where;
  Symbol ghosts_after = 0;  ///< symbols up to here are known at the head of a loop that is being solved
};

struct ObjectMatch;

/// a becomes a state that covers both. Requires same_shape(a, b), or how their objects correspond (merge_objects.hpp).
void join(State& a, State b, const MergeContext& context, const ObjectMatch* match = nullptr);

/// A place that holds a value, stable across states.
struct Place {
  enum class Kind : std::uint8_t { reg, argument, saved, slot };
  Kind kind;
  std::uint32_t frame;
  std::int32_t at;
  auto operator<=>(const Place&) const = default;
};

/// One shape's state at the head of a loop. Each value there is its entry value, or entry + step * trips, or a symbol of its own; facts about them
/// are guessed from the loop's own comparisons and kept only while every round preserves them.
class LoopHead {
 public:
  LoopHead(State entry, SymbolSource& symbols);

  /// Before the first round: begins with the plans, bounds and facts that `earlier` ended with, a head of the same loop and shape that was solved for
  /// another entry (an inner loop, in an earlier round of the outer one). What does not hold on this entry is left out, the rest is checked by the
  /// rounds like every guess, so this saves rounds and decides nothing.
  void resume(const LoopHead& earlier, const MergeContext& context);

  const State& state() const { return head_; }
  /// True when `back`, which came around the loop from state() (`foreign`: from another shape or from outside), is covered. Otherwise state() has
  /// grown.
  bool absorb(State back, bool foreign, const MergeContext& context);
  /// After a round in which everything was covered: tightens what that round allows. True when state() changed, so one more round must confirm it.
  bool narrow();
  void begin_round() {
    round_numbers_.clear();
    round_trips_ = 0;
  }

 private:
  struct Plan {
    enum class Kind : std::uint8_t { same, stride, own };
    Kind kind = Kind::same;
    std::int64_t step = 0;
    Symbol symbol = 0;       ///< own
    bool is_signed = false;  ///< own: which reading of the register the symbol stands for
    int widenings = 0;
  };
  struct Instantiation;  // what the head's symbols mean in an incoming state

  bool merge_place(const Place& place, Value& head, Value& entry, Value& back, State& back_state, bool foreign, const MergeContext& context);
  bool merge_scalar(const Place& place, Value& head, const Value& entry, const Value& back, const State& back_state, bool foreign,
                    const MergeContext& context);
  void own_symbol(const Place& place, Value& head, const Value& entry, const MergeContext& context);
  void guess_pace(Symbol own, const Value& entry);
  void resume_place(const Place& place, Value& head, Value& entry, const Value& earlier, const Plan* plan, Instantiation& means,
                    const MergeContext& context);
  void update_own_range(const Plan& plan, const Value& head);
  void move_region(RegionId id, const MergeContext& context);
  bool cover_outer_ranges(const State& foreign);
  bool check_facts(const State& back, const Instantiation& means, bool foreign);
  bool guess_facts(const State& back);
  bool guess(const Linear& candidate);
  bool is_known(Symbol symbol) const { return head_.range(symbol) != nullptr; }

  State entry_;
  State head_;
  Symbol trips_;
  std::map<Place, Plan> plans_;
  std::set<RegionId> moved_;
  std::vector<Linear> rejected_;
  std::map<Place, Number> round_numbers_;
  Integer round_trips_ = 0;
  int narrowings_ = 0;
};

}  // namespace tenon::verify
