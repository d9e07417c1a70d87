// SPDX-License-Identifier: Apache-2.0
// The record of what one invocation must give back (soundness.md, rule 17). Host-private, kept by the host-call thunks, never by compiled code;
// touched only in state host or releasing, so no asynchronous stop can tear it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <tenon/interface.hpp>

#include "interface/declarations.hpp"

namespace tenon::runtime {

/// How one kind of thing is given back: objects of a type by its drop function, a lock by its unlock function, a mode by the function that leaves it,
/// a lock in the heap by the runtime itself. Entries of the record name theirs by address.
struct Drop {
  enum class Kind : std::uint8_t {
    object,
    lock,
    mode,
    heap_lock,
    mark,     ///< nothing to give back: here a call that catches began
    cleanup,     ///< a function of the extension itself, from tn_defer()
    destructor,  ///< the same from tn_scope_begin(): tn_scope_end() may run it earlier
  };
  Kind kind = Kind::object;
  HostEntry entry = nullptr;         ///< object, lock, mode
  const void* function = nullptr;    ///< cleanup, destructor: as FunctionRunner has it
  bool in_stack = false;  ///< object: what the host has of it is one of Level::stack_objects
  bool is_function() const noexcept { return kind == Kind::cleanup || kind == Kind::destructor; }
};

inline constexpr std::size_t kMaxHeldObjects = 512;  ///< per invocation, locks and modes included

class HeldObjects {
 public:
  struct Entry {
    std::uint64_t object = 0;    ///< what `drop` takes; 0 for modes
    const Drop* drop = nullptr;  ///< null: reserved for something that has not been acquired
  };

  bool has_room(std::size_t more) const noexcept { return kMaxHeldObjects - count_ >= more; }
  std::size_t size() const noexcept { return count_; }

  /// Record first, then acquire: a place reserved before the acquirer runs is filled afterwards, or swept. Requires: room.
  std::size_t reserve() noexcept {
    entries_[count_] = {};
    return count_++;
  }
  void fill(std::size_t at, std::uint64_t object, const Drop& drop) noexcept { entries_[at] = {object, &drop}; }
  /// Removes the places from `from` on that were not filled.
  void sweep(std::size_t from) noexcept;
  /// The same for a call in which the extension's functions run, and take out what stands below: its places are known by its mark, wherever they are.
  void reserve_for(std::uint64_t call) noexcept { entries_[reserve()].object = call; }
  void fill_for(std::uint64_t call, std::uint64_t object, const Drop& drop) noexcept;  ///< the oldest of them. Requires: there is one
  void sweep_for(std::uint64_t call) noexcept;
  void push(std::uint64_t object, const Drop& drop) noexcept { fill(reserve(), object, drop); }

  /// What the verifier knows nothing of.
  bool has_heap_locks() const noexcept { return newest_heap_lock().has_value(); }
  std::optional<std::size_t> newest_heap_lock() const noexcept;
  bool holds(std::uint64_t object, const Drop& drop) const noexcept;
  bool holds(std::uint64_t object) const noexcept;
  /// Takes out the newest entry for `object` with that drop, or with one of `others`; where it was and with which, or nothing when there is none.
  struct Taken { std::size_t place; const Drop* drop; };
  std::optional<Taken> take(std::uint64_t object, const Drop& drop, std::span<const Drop* const> others = {}) noexcept;
  /// The same when that is the newest entry of all; false and nothing changes otherwise.
  bool take_newest(std::uint64_t object, const Drop& drop) noexcept {
    if (count_ == 0 || entries_[count_ - 1].object != object || entries_[count_ - 1].drop != &drop) return false;
    --count_;
    return true;
  }
  /// Puts an entry back where it was taken from, under whatever came later; at the top when so much is gone since.
  void restore(std::size_t at, std::uint64_t object, const Drop& drop) noexcept;
  const Entry& at(std::size_t i) const noexcept { return entries_[i]; }
  /// Takes out entry i; what came later moves down.
  Entry remove(std::size_t i) noexcept;
  /// Requires: not empty.
  Entry pop() noexcept { return entries_[--count_]; }
  /// The newest destructor for what lies at `address`.
  std::optional<std::size_t> newest_destructor(std::uint64_t address) const noexcept;
  /// The newest mark; everything above it was acquired since. Requires: there is one.
  std::size_t newest_mark() const noexcept;

  struct Layout;  ///< for thunks.S

 private:
  std::size_t count_ = 0;
  std::array<Entry, kMaxHeldObjects> entries_;  // entries from count_ on are not looked at
};

struct HeldObjects::Layout {
  static constexpr std::size_t count = offsetof(HeldObjects, count_), entries = offsetof(HeldObjects, entries_);
};

}  // namespace tenon::runtime
