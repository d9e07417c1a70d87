// SPDX-License-Identifier: Apache-2.0
// Functions, blocks and loops. A loop is solved from the inside out for each state that enters it: rounds without checking until every state that
// comes around is covered by its head, then one round with checking on from heads that are known to be closed.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/bug.hpp"
#include "verify/analyzer.hpp"
#include "verify/merge_objects.hpp"

namespace tenon::verify {

namespace {

constexpr std::size_t kMaxShapes = 256;
constexpr int kMaxRounds = 200;

std::vector<std::uint64_t> collect_thresholds(const ir::Program& program) {
  std::vector<std::uint64_t> all{255, 256, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff};
  for (const isa::Insn& insn : program.insns()) {
    const auto* branch = std::get_if<isa::Branch>(&insn);
    if (!branch) continue;
    const auto* imm = std::get_if<isa::Imm>(&branch->src);
    if (!imm || imm->value < 0) continue;
    const std::uint64_t v = static_cast<std::uint64_t>(imm->value);
    all.insert(all.end(), {v, v + 1});
    if (v > 0) all.push_back(v - 1);
  }
  std::ranges::sort(all);
  all.erase(std::ranges::unique(all).begin(), all.end());
  constexpr std::size_t kMaxThresholds = 64;
  if (all.size() > kMaxThresholds) {  // an even choice of them
    std::vector<std::uint64_t> some;
    for (std::size_t i = 0; i < kMaxThresholds; ++i) some.push_back(all[i * all.size() / kMaxThresholds]);
    return some;
  }
  return all;
}

std::vector<std::uint8_t> extern_parameters(const ir::Program& program, const interface::Declarations& declarations) {
  std::vector<std::uint8_t> counts;
  for (std::size_t e = 0; e < program.externs().size(); ++e) {
    const std::string& name = program.externs()[e];
    if (const auto* facts = program.extern_facts(e); facts && !facts->refusal.empty()) {  // no call at all
      counts.push_back(0);
      continue;
    }
    auto f = declarations.find_callee(name);
    std::size_t count = f ? 0 : 5;
    for (; f; f = declarations.next_variant(*f)) count = std::max(count, declarations.at(*f).variadic ? 5 : declarations.at(*f).parameters.size());
    counts.push_back(static_cast<std::uint8_t>(count));
  }
  return counts;
}

/// A loop whose rounds pile up objects: the last one, once there are far more than any head had when the loop was entered.
const Instance* kept_by_every_round(const std::vector<LoopHead>& heads, const State& back) {
  constexpr std::size_t kPile = 12;
  if (heads.empty() || back.instances.size() < heads.front().state().instances.size() + kPile) return nullptr;
  return &back.instances.back();
}

}  // namespace

Analyzer::Analyzer(const ir::Program& program, const interface::Declarations& declarations, interface::HookIdx hook, const VerifyOptions& options,
                   FrameFacts& frames)
    : program_(program),
      declarations_(declarations),
      hook_(declarations.at(hook)),
      options_(options),
      frames_(frames),
      thresholds_(collect_thresholds(program)),
      live_(ir::live_before(program, extern_parameters(program, declarations))),
      signatures_(program.functions().size()) {
  find_traits();
  findings_.reachable.resize(program.insns().size());
  findings_.accesses.resize(program.insns().size());
  findings_.stack_owner.resize(program.insns().size());
  findings_.frame_bytes.resize(program.functions().size());
  findings_.function_reachable.resize(program.functions().size());
}

MergeContext Analyzer::merge_context(ir::InsnIdx where) { return {&symbols_, &frames_.in_heap, thresholds_, where, ghosts_after_}; }

Number number_of_type(const interface::Scalar& type) {
  return type.is_signed ? Number::signed_range(type.lo, static_cast<std::int64_t>(type.hi))
                        : Number::unsigned_range(static_cast<std::uint64_t>(type.lo), type.hi);
}

/// A context with the memory that its pointers delimit.
Value Analyzer::entry_struct(State& state, const interface::StructRef& type) {
  Value value = Value::of(Value::Kind::context, {Number::constant(0), Linear(0)}, static_cast<std::uint32_t>(contexts_.size()));
  value.nullable = type.nullable;
  value.null_id = ++last_null_id_;
  contexts_.push_back(type.type);
  auto& regions = range_regions_.emplace_back();
  for (const interface::MemRange& range : declarations_.at(type.type).ranges) {
    Region region{.id = ++last_region_, .size = Linear(0), .access = range.access, .pinned = true};
    region.marks.resize(range.marks.size() - 2);
    std::vector<Symbol> symbols;
    for (std::size_t n = 0; n <= region.marks.size(); ++n) symbols.push_back(symbols_.next());
    state.regions.push_back(region);
    state.renew_region(region.id, symbols, ir::InsnIdx(0));
    regions.push_back(region.id);
  }
  return value;
}

Value Analyzer::entry_argument(State& state, const interface::Type& type) {
  Value value;
  if (const auto* scalar = std::get_if<interface::Scalar>(&type)) {
    value = Value::of(Value::Kind::scalar, unknown(state, number_of_type(*scalar)));
  } else if (const auto* structure = std::get_if<interface::StructRef>(&type)) {
    value = entry_struct(state, *structure);
  } else if (const auto* object = std::get_if<interface::ObjectRef>(&type)) {
    const bool owned = object->mode == interface::ObjectRef::Mode::own;
    value.kind = Value::Kind::object;
    value.type = object->type;
    value.nullable = object->nullable;
    value.id = ++last_instance_;
    Instance lent{.id = value.id, .type = object->type, .hold = owned ? Instance::Hold::owned : Instance::Hold::borrowed, .maybe = object->nullable};
    lent.typestate = first_state(*object);
    lent.from_hook = true;
    state.instances.push_back(std::move(lent));
  } else if (const auto* mem = std::get_if<interface::Mem>(&type)) {
    value = Value::of(Value::Kind::memory, {Number::constant(0), Linear(0)}, ++last_region_);
    value.nullable = mem->nullable;
    value.null_id = ++last_null_id_;
    state.regions.push_back({.id = last_region_, .size = Linear(0), .access = mem->access, .shared = mem->shared, .pinned = true});
  }
  return value;
}

State Analyzer::entry_state() {
  State state;
  state.frames.push_back({ir::FunctionIdx(0), ir::InsnIdx(0), {}, {}});
  state.reg(isa::kFramePointer) = Value::of(Value::Kind::stack, {Number::constant(0), Linear(0)}, 0);
  std::vector<Value> arguments;
  for (const interface::Parameter& parameter : hook_.parameters) {
    Value value = entry_argument(state, parameter.type);
    value.escapes = escapes_of(hook_.may_escape);
    arguments.push_back(value);
  }
  // Extents given by another parameter, once all parameters have a symbol.
  for (std::size_t n = 0; n < arguments.size(); ++n) {
    const auto* mem = std::get_if<interface::Mem>(&hook_.parameters[n].type);
    if (!mem) continue;
    Region& region = *std::ranges::find(state.regions, arguments[n].id, &Region::id);
    const auto bytes = static_cast<std::int64_t>(mem->element_bytes);
    if (mem->count_parameter) {
      const auto size = scaled_count(state, arguments[*mem->count_parameter].scalar, *mem).form.times(bytes);
      if (size) region.size = *size;
    } else {
      region.size = Linear(bytes * static_cast<std::int64_t>(mem->count.value_or(1)));
    }
  }
  for (std::size_t n = 0; n < arguments.size(); ++n) state.regs[n + 1] = arguments[n];
  return state;
}

/// What runs when something throws: everything has been released, and its result is the hook's.
void Analyzer::run_exception_callback(ir::FunctionIdx function) {
  State state;
  const ir::InsnIdx begin = program_.function(function).begin;
  state.frames.push_back({function, begin, {}, {}});
  state.reg(isa::kFramePointer) = Value::of(Value::Kind::stack, {Number::constant(0), Linear(0)}, 0);
  state.regs[1] = unknown_value(state, Number(), begin);
  std::vector<State> exits;
  run_function(function, Role::entry, std::move(state), exits);
}

Analyzer::Verdict Analyzer::run() {
  checking_ = true;
  std::vector<State> exits;
  run_function(ir::FunctionIdx(0), Role::entry, entry_state(), exits);
  if (!stop_ && program_.exception_callback()) run_exception_callback(*program_.exception_callback());
  for (std::size_t n = 0; !stop_ && n < later_.size(); ++n) run_later(Later(later_[n]));
  if (again_) return Verdict::again;
  return diagnostic_ ? Verdict::rejected : Verdict::proved;
}

const std::vector<WtoElement>* Analyzer::order_of(ir::FunctionIdx function) {
  const auto [it, fresh] = orders_.try_emplace(function.value);
  if (fresh) it->second = weak_topological_order(program_, function);
  return it->second ? &*it->second : nullptr;
}

/// False when the attempt has ended. `exits` are the states at the function's exits, one per shape.
bool Analyzer::run_function(ir::FunctionIdx function, Role role, State entry, std::vector<State>& exits) {
  const ir::InsnIdx begin = program_.function(function).begin;
  const auto* order = order_of(function);
  if (!order) {
    const bool was_checking = std::exchange(checking_, true);
    fail("E0407", begin, fmt::format("loops of '{}' nest deeper than {}", program_.function(function).name, kMaxLoopDepth), "split the function");
    checking_ = was_checking;
    return false;
  }
  if (checking_) findings_.function_reachable[function.index()] = true;
  Activation activation{function, role, {}, {}, {}};
  send(activation, program_.entry_block(function), std::move(entry));
  for (const WtoElement& element : *order) {
    run_element(activation, element);
    if (stop_) return false;
  }
  base::ensure(activation.pending.empty(), "a state waits for a block that the order has passed");
  exits = std::move(activation.exits);
  return true;
}

void Analyzer::run_element(Activation& activation, const WtoElement& element) {
  if (element.is_component) return run_loop(activation, element);
  const auto it = activation.pending.find(element.block);
  if (it == activation.pending.end()) return;
  std::vector<State> states = std::move(it->second);
  activation.pending.erase(it);
  for (State& state : states) {
    run_from(activation, std::move(state), element.block, program_.block(element.block).begin);
    if (stop_) return;
  }
}

/// One pass over a loop's body, from `head` (or only from the states in `entered`, which came in past the head).
void Analyzer::run_round(Activation& activation, Loop& loop, const State* head, const Pending& entered) {
  const WtoElement& element = *loop.element;
  activation.loops.push_back(&loop);
  for (const auto& [block, states] : entered) activation.pending[block] = states;
  if (head) run_from(activation, *head, element.block, program_.block(element.block).begin);
  for (const WtoElement& inner : element.body) {
    if (stop_) break;
    run_element(activation, inner);
  }
  activation.loops.pop_back();
}

/// What a head knows by name keeps its meaning while its round runs.
void Analyzer::run_from_head(const Round& run, Loop& loop, const State* head) {
  const Symbol outer = std::exchange(ghosts_after_, symbols_.last());
  run(loop, head);
  ghosts_after_ = outer;
}

Analyzer::LoopKey Analyzer::key_of(const State& state, ir::InsnIdx where) {
  LoopKey key;
  for (const Frame& frame : state.frames) key.push_back(frame.call_site.value);
  key.push_back(where.value);
  return key;
}

/// A head for what enters. An inner loop is entered again in each round of the outer one; beginning where it ended the last time, it mostly needs one
/// round, so the cost of a nest grows with its depth and not with its power. Fails: NestedLoops, CostTheirDepth.
LoopHead Analyzer::begin_loop(State entry, ir::InsnIdx where) {
  const auto known = frames_.afresh ? solved_.end() : solved_.find(key_of(entry, where));
  LoopHead head(std::move(entry), symbols_);
  if (known == solved_.end()) return head;
  const auto same = std::ranges::find_if(known->second, [&](const LoopHead& h) { return same_shape(h.state(), head.state()); });
  if (same == known->second.end()) return head;
  head.resume(*same, merge_context(where));
  resumed_ = true;
  return head;
}

void Analyzer::end_loop(ir::InsnIdx where, std::vector<LoopHead> heads) {
  if (heads.empty() || frames_.afresh) return;
  auto key = key_of(heads.front().state(), where);
  solved_.insert_or_assign(std::move(key), std::move(heads));
}

/// Runs rounds until every head covers what comes around. `last_round` is what the confirming round did, by head.
bool Analyzer::settle(ir::InsnIdx where, std::vector<LoopHead>& heads, bool entered, const Round& run, std::vector<Loop>& last_round) {
  const MergeContext context = merge_context(where);
  const std::size_t thrown = tries_.empty() ? 0 : tries_.back().thrown.size();
  const auto forget_throws = [&] {  // each round begins anew, and the last one has them all
    if (!tries_.empty()) tries_.back().thrown.erase(tries_.back().thrown.begin() + static_cast<std::ptrdiff_t>(thrown), tries_.back().thrown.end());
  };
  for (int round = 0; round < kMaxRounds; ++round) {
    bool settled = true;
    last_round.clear();
    forget_throws();
    for (LoopHead& head : heads) head.begin_round();
    const std::size_t runs = heads.size() + (entered ? 1 : 0);
    for (std::size_t h = 0; h < runs; ++h) {
      Loop loop;
      const std::optional<State> start = h < heads.size() ? std::optional(heads[h].state()) : std::nullopt;
      run_from_head(run, loop, start ? &*start : nullptr);
      if (stop_) return false;
      for (State& back : loop.back) {
        const auto match = std::ranges::find_if(heads, [&](const LoopHead& head) { return same_shape(head.state(), back); });
        if (match == heads.end()) {
          if (const Instance* kept = kept_by_every_round(heads, back)) {
            checking_ = true;
            if (keep_apart(*kept)) return false;  // perhaps it was given back, and only the merge has forgotten on which paths
            fail("E0307", where, fmt::format("each round of this loop acquires a '{}' that no round gives back", declarations_.at(kept->type).name),
                 "give the object back before the round ends", {note(kept->acquired_at, "it is acquired here")});
            return false;
          }
          if (heads.size() == kMaxShapes) {
            checking_ = true;
            fail("E0402", where, "held objects differ between too many paths through this loop",
                 "release what a round acquires before the next round begins");
            return false;
          }
          heads.push_back(begin_loop(std::move(back), where));
          settled = false;
        } else {
          settled &= match->absorb(std::move(back), match - heads.begin() != static_cast<std::ptrdiff_t>(h), context);
        }
      }
      loop.back.clear();
      last_round.push_back(std::move(loop));
      if (heads.size() + (entered ? 1 : 0) != runs) break;  // a new shape: begin again with it
    }
    if (!settled) continue;
    bool narrowed = false;
    for (LoopHead& head : heads) narrowed |= head.narrow();
    if (!narrowed) return true;
  }
  checking_ = true;
  fail("E0402", where, "the analysis of this loop does not settle",
       "simplify how the values that bound its memory accesses change from round to round");
  return false;
}

/// A path that was refused while the loop was being solved, but passes now that errors count, must not lead where no head has been.
bool Analyzer::covered(std::vector<LoopHead> heads, std::size_t from, std::vector<State>& backs, ir::InsnIdx where) {
  for (State& back : backs) {
    const auto match = std::ranges::find_if(heads, [&](const LoopHead& head) { return same_shape(head.state(), back); });
    if (match == heads.end() || !match->absorb(std::move(back), match - heads.begin() != static_cast<std::ptrdiff_t>(from), merge_context(where)))
      return false;
  }
  return true;
}

/// The round that counts, from heads that are known to be closed.
bool Analyzer::confirm(ir::InsnIdx where, const std::vector<LoopHead>& heads, bool entered, const Round& run, std::vector<Loop>& last_round) {
  last_round.clear();
  for (std::size_t h = 0; h < heads.size() + (entered ? 1 : 0); ++h) {
    Loop loop;
    run_from_head(run, loop, h < heads.size() ? &heads[h].state() : nullptr);
    if (stop_) return false;
    if (!covered(heads, h, loop.back, where)) {
      fail("E0402", where, "the analysis of this loop does not settle",
           "simplify how the values that bound its memory accesses change from round to round");
      return false;
    }
    last_round.push_back(std::move(loop));
  }
  return true;
}

void Analyzer::run_loop(Activation& activation, const WtoElement& element) {
  const ir::InsnIdx where = program_.block(element.block).begin;
  std::vector<LoopHead> heads;
  Pending entered;
  for (const ir::BlockIdx block : element.members) {
    const auto it = activation.pending.find(block);
    if (it == activation.pending.end()) continue;
    if (block == element.block) {
      for (State& state : it->second) heads.push_back(begin_loop(std::move(state), where));
    } else {
      entered[block] = std::move(it->second);
    }
    activation.pending.erase(it);
  }
  if (heads.empty() && entered.empty()) return;

  const Round round = [&](Loop& loop, const State* head) {
    loop.element = &element;
    run_round(activation, loop, head, head ? Pending{} : entered);
  };
  const bool outer_checking = std::exchange(checking_, false);
  std::vector<Loop> last_round;
  if (!settle(where, heads, !entered.empty(), round, last_round)) return;
  checking_ = outer_checking;
  if (checking_) {
    if (std::ranges::find(findings_.loop_headers, where) == findings_.loop_headers.end()) findings_.loop_headers.push_back(where);
    for (const LoopHead& head : heads) record_objects(head.state(), where);
    if (!confirm(where, heads, !entered.empty(), round, last_round)) return;
  }
  end_loop(where, std::move(heads));
  for (Loop& loop : last_round) {
    for (auto& [block, state] : loop.outside) send(activation, block, std::move(state));
  }
}

void Analyzer::run_from(Activation& activation, State state, ir::BlockIdx block_index, ir::InsnIdx i) {
  const ir::Block& block = program_.block(block_index);
  for (; i < block.end; ++i) {
    if (stop_) return;
    if (++steps_ > options_.max_steps) {
      checking_ = true;
      fail("E0401", i, fmt::format("the verifier gave up after {} steps", options_.max_steps), "split the program, or raise the budget");
      return;
    }
    if (checking_) findings_.reachable[i.index()] = true;
    const isa::Insn& insn = program_.insn(i);
    if (std::get_if<isa::Exit>(&insn)) {
      if (exit(state, i, activation.role) == Flow::next) merge_into(activation.exits, std::move(state), i);
      return;
    }
    if (const auto* jump = std::get_if<isa::Jump>(&insn)) {
      (void)jump;
      return send(activation, block.successors[0], std::move(state));
    }
    if (std::get_if<isa::MayGoto>(&insn)) {
      send(activation, block.successors[0], state);
      return send(activation, block.successors[1], std::move(state));
    }
    if (const auto* branch = std::get_if<isa::Branch>(&insn)) {
      State taken = state;
      taken.note_turn({i, true});
      state.note_turn({i, false});
      if (assume(state, i, *branch, false) && !stop_) send(activation, block.successors[0], std::move(state));
      if (!stop_ && assume(taken, i, *branch, true) && !stop_) send(activation, block.successors[1], std::move(taken));
      return;
    }
    const auto* call = std::get_if<isa::Call>(&insn);
    if (call && call->kind != isa::Call::Kind::indirect) {
      const bool local = call->kind == isa::Call::Kind::local;
      auto results = local ? call_local(std::move(state), i, ir::FunctionIdx(call->target)) : call_host(std::move(state), i, call->target);
      if (!results) return;
      for (std::size_t r = 0; r + 1 < results->size(); ++r) {
        run_from(activation, std::move((*results)[r]), block_index, i + 1);
        if (stop_) return;
      }
      if (results->empty()) return;
      state = std::move(results->back());
      continue;
    }
    if (step(state, i) == Flow::dead) return;
  }
  if (block.successors.empty()) {
    fail("E0412", block.end - 1, fmt::format("'{}' runs off its end after this call", program_.function(block.function).name),
         "only calls of noreturn functions may end a function: add a return");
    return;
  }
  send(activation, block.successors[0], std::move(state));
}

/// Registers that nobody will read must not keep states apart.
void Analyzer::prune(State& state, ir::InsnIdx at) {
  const ir::RegisterSet live = live_[at.index()];
  for (unsigned r = 0; r < 10; ++r) {
    if (!((live >> r) & 1)) state.regs[r] = Value{};
  }
  state.collect_garbage();
}

void Analyzer::send(Activation& activation, ir::BlockIdx to, State state) {
  prune(state, program_.block(to).begin);
  if (!activation.loops.empty()) {
    Loop& loop = *activation.loops.back();
    if (to == loop.element->block) {
      loop.back.push_back(std::move(state));
      return;
    }
    if (!std::ranges::binary_search(loop.element->members, to)) {
      loop.outside.emplace_back(to, std::move(state));
      return;
    }
  }
  merge_into(activation.pending[to], std::move(state), program_.block(to).begin);
}

/// Where it is known to matter, states that hold different pointers in the same register go on apart, for each to be used as what it is.
bool Analyzer::may_meet(const State& a, const State& b, ir::InsnIdx where) const {
  if (!frames_.split[where.index()]) return true;
  for (std::size_t r = 0; r < a.regs.size(); ++r) {
    const Value &x = a.regs[r], &y = b.regs[r];
    const bool usable = x.kind != Value::Kind::none && x.kind != Value::Kind::lost && y.kind != Value::Kind::none && y.kind != Value::Kind::lost;
    if (!usable || (!x.is_host_pointer() && !y.is_host_pointer())) continue;
    if (x.kind != y.kind || x.id != y.id) return false;
  }
  return true;
}

void Analyzer::merge_into(std::vector<State>& states, State state, ir::InsnIdx where) {
  for (State& other : states) {
    if (may_meet(other, state, where) && same_shape(other, state)) return join(other, std::move(state), merge_context(where));
  }
  for (State& other : states) {
    if (!may_meet(other, state, where)) continue;
    if (const auto match = match_objects(other, state, frames_.apart)) return join(other, std::move(state), merge_context(where), &*match);
  }
  if (states.size() == kMaxShapes) {
    const auto alike = std::ranges::find_if(states, [&](const State& other) { return same_shape(other, state); });
    if (alike != states.end()) return join(*alike, std::move(state), merge_context(where));  // too many pointers to keep apart
    checking_ = true;
    fail("E0402", where, "the objects held here differ between too many paths",
         "release objects earlier, or decide the release by the pointer itself");
    return;
  }
  states.push_back(std::move(state));
}

}  // namespace tenon::verify
