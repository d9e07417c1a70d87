// SPDX-License-Identifier: Apache-2.0
// The record of what one invocation must give back (soundness.md, rule 17). Host-private, kept by the host-call thunks, never by compiled code; touched only
// in state host or releasing, so no asynchronous stop can tear it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <tenon/interface.hpp>

#include "interface/declarations.hpp"

namespace tenon::runtime {

/// How objects of one type are given back.
struct Drop {
  interface::ObjectTypeIdx type;
  HostEntry entry = nullptr;
};

inline constexpr std::size_t kMaxHeldObjects = 512;  ///< per invocation

class HeldObjects {
 public:
  bool full() const noexcept { return count_ == kMaxHeldObjects; }
  std::size_t size() const noexcept { return count_; }

  /// Record first, then acquire: reserve() before the acquirer runs, then exactly one of fill() and forget(). Requires: not full.
  void reserve(const Drop& drop) noexcept { entries_[count_++] = {0, &drop}; }
  void fill(std::uint64_t object) noexcept { entries_[count_ - 1].object = object; }
  void forget() noexcept { --count_; }

  /// Takes out the newest entry for `object` of that type; false when there is none.
  bool consume(std::uint64_t object, interface::ObjectTypeIdx type) noexcept;
  /// Gives everything back, newest first; the number of objects. Each entry leaves the record before its drop function runs.
  std::uint64_t release_all() noexcept;

 private:
  struct Entry {
    std::uint64_t object;
    const Drop* drop;
  };
  std::size_t count_ = 0;
  std::array<Entry, kMaxHeldObjects> entries_;  // not initialised: entries below count_ are
};

}  // namespace tenon::runtime
