// SPDX-License-Identifier: Apache-2.0
// Proof -> Guarded: decides, per access, how its address is kept inside the heap (soundness.md, rules 2, 4 and 6). A guard is dropped only where the
// Proof places the whole access inside the window by arithmetic on the register's value; that an earlier access would have faulted is no reason.
#include "instrument/guarded.hpp"

#include <utility>

#include "base/bug.hpp"

namespace tenon::instrument {
namespace {

using verify::MemClass;

Guard guard_for(const verify::AccessFacts& access, bool is_left_out) {
  switch (access.memory) {
    case MemClass::heap:
      // Every byte lies in the globals block, whatever ran before: the guard would be the identity. Fails: GuardTest.GlobalsNeedNoGuard
      return access.in_globals ? Guard::none : is_left_out ? Guard::left_out : Guard::window;
    case MemClass::heap_stack:  // in the frame whose ends the prologue checked; in bounds by proof
    case MemClass::stack:
    case MemClass::context:
    case MemClass::host:
    case MemClass::unreachable:
      return Guard::none;
  }
  base::bug("a memory class that does not exist");
}

bool in_heap(MemClass memory) { return memory == MemClass::heap || memory == MemClass::heap_stack; }

/// Ordinary loads and stores may be misaligned on x86; what is atomic may not, in whatever memory it lies.
bool needs_alignment(const isa::Insn& insn) {
  return std::visit(isa::Overloaded{
                        [](const isa::Atomic&) { return true; },
                        [](const isa::LoadAcquire& load) { return load.width != isa::Width::w1; },
                        [](const isa::StoreRelease& store) { return store.width != isa::Width::w1; },
                        [](const auto&) { return false; },
                    },
                    insn);
}

bool touches_memory(const isa::Insn& insn) {
  return std::visit(isa::Overloaded{
                        [](const isa::Load&) { return true; },
                        [](const isa::Store&) { return true; },
                        [](const isa::Atomic&) { return true; },
                        [](const isa::LoadAcquire&) { return true; },
                        [](const isa::StoreRelease&) { return true; },
                        [](const auto&) { return false; },
                    },
                    insn);
}

bool only_reads(const isa::Insn& insn) { return std::holds_alternative<isa::Load>(insn) || std::holds_alternative<isa::LoadAcquire>(insn); }

std::uint32_t& count_of(GuardCounts& counts, Guard guard) {
  switch (guard) {
    case Guard::none:
      return counts.elided;
    case Guard::window:
      return counts.emitted;
    case Guard::left_out:
      return counts.left_out;
  }
  base::bug("a guard that does not exist");
}

}  // namespace

Guarded insert_guards(verify::Proof proof, Reads reads) {
  Guarded guarded;
  guarded.proof_ = std::make_shared<const verify::Proof>(std::move(proof));
  const auto& insns = guarded.program().insns();
  guarded.guards_.assign(insns.size(), Guard::none);
  guarded.check_alignment_.assign(insns.size(), false);
  for (ir::InsnIdx i{0u}; i.index() < insns.size(); ++i) {
    if (!guarded.proof().reachable(i) || !touches_memory(guarded.program().insn(i))) continue;
    const verify::AccessFacts& access = guarded.proof().access(i);
    base::ensure(access.memory != MemClass::unreachable, "a reachable access without a memory class");
    const isa::Insn& insn = guarded.program().insn(i);
    guarded.guards_[i.index()] = guard_for(access, reads == Reads::unguarded && only_reads(insn));
    guarded.check_alignment_[i.index()] = needs_alignment(insn) && !access.aligned;
    if (!in_heap(access.memory)) continue;
    ++guarded.counts_.heap_accesses;
    ++count_of(guarded.counts_, guarded.guard(i));
  }
  return guarded;
}

}  // namespace tenon::instrument
