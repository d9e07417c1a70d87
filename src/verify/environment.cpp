// SPDX-License-Identifier: Apache-2.0
// Locks, modes and regions: what may be done while they are held, and in which order they are taken.
#include <fmt/format.h>

#include <algorithm>

#include "verify/call_binding.hpp"

namespace tenon::verify {

namespace {

std::string lock_text(const interface::Declarations& declarations, const interface::LockRef& lock) {
  return fmt::format("{}.{}", declarations.at(lock.type).name, declarations.at(lock.type).locks[lock.field].name);
}

}  // namespace

/// `in M 'r` and `exits M 'r`: the region is the one entered last.
bool Analyzer::bind_scopes(State& state, ir::InsnIdx i, Binding& binding) {
  for (const auto* modes : {&binding.callee.in_modes, &binding.callee.exits}) {
    for (const interface::ModeRef& mode : *modes) {
      const ActiveMode* active = innermost(state, mode.mode);
      if (!active) {
        const std::string& name = declarations_.at(mode.mode).name;
        fail("E0318", i, fmt::format("{}() may only be called in mode '{}', which is not entered on this path", binding.callee.name, name),
             fmt::format("enter '{}' first, on every path to here", name), with_path(state, i, {}, ir::InsnIdx(0)));
        return false;
      }
      if (!mode.region.empty()) binding.scopes.insert_or_assign(mode.region, active->scope);
    }
  }
  for (const interface::ModeRef& mode : binding.callee.enters) {
    if (!mode.region.empty()) binding.scopes.insert_or_assign(mode.region, ++last_scope_);
  }
  return true;
}

const ActiveMode* Analyzer::innermost(const State& state, interface::ModeIdx mode) {
  for (auto m = state.modes.rbegin(); m != state.modes.rend(); ++m) {
    if (m->mode == mode) return &*m;
  }
  return nullptr;
}

bool mode_forbids(const interface::Declarations& declarations, interface::ModeIdx active, const interface::Function& callee) {
  const interface::Mode& mode = declarations.at(active);
  const auto names_it = [&](const std::vector<interface::ModeRef>& modes) {
    return std::ranges::find(modes, active, &interface::ModeRef::mode) != modes.end();
  };
  if (names_it(callee.not_in_modes)) return true;
  if (mode.excludes_calls && !names_it(callee.exits) && !names_it(callee.in_modes) && !names_it(callee.allowed_in)) return true;
  return (mode.excludes_suspend && callee.may_suspend) || (mode.excludes_sleep && callee.may_sleep);
}

/// What the function asks of its surroundings: locks held, modes, and that no mode forbids it.
bool Analyzer::environment_allows(State& state, ir::InsnIdx i, const Binding& binding) {
  const interface::Function& callee = binding.callee;
  for (const interface::LockRef& lock : callee.requires_locks) {
    if (find_lock(state, lock, binding) != state.locks.end()) continue;
    fail("E0315", i, fmt::format("{}() needs the lock '{}', which is not held here", callee.name, lock_text(declarations_, lock)),
         "take the lock first, on every path to here", with_path(state, i, {}, ir::InsnIdx(0)));
    return false;
  }
  for (const ActiveMode& active : state.modes) {
    if (mode_forbids(declarations_, active.mode, callee)) return forbid(i, callee.name, active);
  }
  return true;
}

/// A function after which the invocation may be over leaves nobody to give anything back, and its own caller only.
bool Analyzer::may_end_here(State& state, ir::InsnIdx i, const Binding& binding) {
  if (!binding.callee.may_end) return true;
  if (state.frames.size() == 1 && judging_ == 0 && state.frame().function == ir::FunctionIdx(0)) return nothing_held(state, i);
  fail("E0408", i, fmt::format("{}() may end the invocation, so only the program itself may call it", binding.callee.name),
       "inline the function that makes this call");
  return false;
}

bool Analyzer::forbid(ir::InsnIdx i, const std::string& function, const ActiveMode& active) {
  const std::string& mode = declarations_.at(active.mode).name;
  fail("E0319", i, fmt::format("{}() may not be called in mode '{}'", function, mode), fmt::format("leave '{}' first", mode),
       {note(active.at, fmt::format("'{}' was entered here", mode))});
  return false;
}

std::vector<HeldLock>::iterator Analyzer::find_lock(State& state, const interface::LockRef& lock, const Binding& binding) {
  const auto named = binding.instance(lock.instance).value_or(kNoInstance);
  return std::ranges::find_if(state.locks, [&](const HeldLock& held) {
    if (held.field != lock.field || named == kNoInstance) return false;
    if (!lock.linked_type) return held.instance == named;
    const Instance* instance = state.find_instance(held.instance);
    return instance && instance->type == *lock.linked_type && instance->of == named;
  });
}

bool Analyzer::acquire_lock(State& state, ir::InsnIdx i, const interface::LockRef& lock, const Binding& binding) {
  const std::string name = lock_text(declarations_, lock);
  if (const auto held = find_lock(state, lock, binding); held != state.locks.end()) {
    fail("E0320", i, fmt::format("the lock '{}' is held already: this would wait for itself", name), "unlock it first",
         {note(held->at, "it was locked here")});
    return false;
  }
  const auto rank = declarations_.at(lock.type).locks[lock.field].rank;
  for (const HeldLock& held : state.locks) {
    const interface::ObjectType& other = declarations_.at(state.find_instance(held.instance)->type);
    const auto before = other.locks[held.field].rank;
    if (rank && before && *rank > *before) continue;
    const std::string why = rank && before ? fmt::format("its rank {} is not above {}", *rank, *before) : "no ranks say which comes first";
    fail("E0314", i, fmt::format("'{}' is taken while '{}.{}' is held, and {}", name, other.name, other.locks[held.field].name, why),
         "take locks in the order of their ranks, or one at a time", {note(held.at, "the other lock was taken here")});
    return false;
  }
  state.locks.push_back({binding.instance(lock.instance).value_or(kNoInstance), lock.field, i, tries()});
  return true;
}

bool Analyzer::release_lock(State& state, ir::InsnIdx i, const interface::LockRef& lock, const Binding& binding) {
  const auto held = find_lock(state, lock, binding);
  if (held == state.locks.end()) {
    fail("E0315", i, fmt::format("{}() unlocks '{}', which is not held here", binding.callee.name, lock_text(declarations_, lock)),
         "unlock only what this path has locked", with_path(state, i, {}, ir::InsnIdx(0)));
    return false;
  }
  state.locks.erase(held);
  return true;
}

bool Analyzer::enter_mode(State& state, ir::InsnIdx i, const interface::ModeRef& mode, const Binding& binding) {
  const interface::Mode& entered = declarations_.at(mode.mode);
  const auto excludes = [](const interface::Mode& m, interface::ModeIdx other) { return std::ranges::find(m.excludes, other) != m.excludes.end(); };
  for (const ActiveMode& active : state.modes) {
    if (!excludes(entered, active.mode) && !excludes(declarations_.at(active.mode), mode.mode)) continue;
    fail("E0319", i, fmt::format("mode '{}' may not be entered in mode '{}'", entered.name, declarations_.at(active.mode).name),
         fmt::format("leave '{}' first", declarations_.at(active.mode).name), {note(active.at, "which was entered here")});
    return false;
  }
  state.modes.push_back({mode.mode, mode.region.empty() ? ++last_scope_ : binding.scopes.at(mode.region), i, tries()});
  return true;
}

bool Analyzer::exit_mode(State& state, ir::InsnIdx i, const interface::ModeRef& mode, const Binding& binding) {
  const ActiveMode* active = innermost(state, mode.mode);
  if (!active) {
    const std::string& name = declarations_.at(mode.mode).name;
    fail("E0318", i, fmt::format("{}() leaves mode '{}', which is not entered on this path", binding.callee.name, name),
         "leave only what this path has entered", with_path(state, i, {}, ir::InsnIdx(0)));
    return false;
  }
  const ScopeId scope = active->scope;
  if (!no_lock_within(state, i, kNoInstance, scope, fmt::format("mode '{}' is left", declarations_.at(mode.mode).name))) return false;
  std::erase_if(state.modes, [&](const ActiveMode& m) { return m.scope == scope; });
  state.leave_scope(scope, i);
  return true;
}

/// No lock is held on the object, on what it lent out, or on what is valid in the scope only.
bool Analyzer::no_lock_within(State& state, ir::InsnIdx i, InstanceId id, ScopeId scope, std::string_view what) {
  const auto ends = [&](const auto& self, InstanceId other) -> bool {
    const Instance& instance = *state.find_instance(other);
    return (id != kNoInstance && other == id) || (scope != kNoScope && instance.scope == scope) ||
           std::ranges::any_of(instance.owners, [&](InstanceId owner) { return self(self, owner); });
  };
  for (const HeldLock& held : state.locks) {
    if (!ends(ends, held.instance)) continue;
    const interface::ObjectType& type = declarations_.at(state.find_instance(held.instance)->type);
    fail("E0317", i, fmt::format("{} while the lock '{}.{}' is held", what, type.name, type.locks[held.field].name), "unlock it first",
         {note(held.at, "it was locked here")});
    return false;
  }
  return true;
}

/// A function must leave its caller's locks and modes as they are known: at the end of an invocation there are none.
bool Analyzer::nothing_held(State& state, ir::InsnIdx i) {
  if (!state.locks.empty()) {
    const HeldLock& lock = state.locks.back();
    const interface::ObjectType& type = declarations_.at(state.find_instance(lock.instance)->type);
    fail("E0316", i, fmt::format("the lock '{}.{}' is still held here", type.name, type.locks[lock.field].name), "unlock it on every path to here",
         with_path(state, i, {note(lock.at, "it was locked here")}, lock.at));
    return false;
  }
  if (!state.modes.empty()) {
    const ActiveMode& active = state.modes.back();
    fail("E0316", i, fmt::format("mode '{}' is still active here", declarations_.at(active.mode).name), "leave it on every path to here",
         with_path(state, i, {note(active.at, "it was entered here")}, active.at));
    return false;
  }
  for (const Instance& instance : state.instances) {
    if (!instance.owned()) continue;
    if (keep_apart(instance)) return false;
    const std::string& type = declarations_.at(instance.type).name;
    const std::string& drop = declarations_.at(instance.type).drop_name;
    const std::string came = instance.from_hook ? "came with the hook" : "was acquired here";
    fail("E0301", i, fmt::format("'{}' is not given back{} on this path", type, instance.maybe ? " (unless it is null)" : ""),
         drop.empty() ? "give it back before returning" : fmt::format("call {}() before returning", drop),
         with_path(state, i, {note(instance.acquired_at, fmt::format("'{}' {}", type, came))}, instance.acquired_at));
    return false;
  }
  return true;
}

}  // namespace tenon::verify
