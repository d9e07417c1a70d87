// SPDX-License-Identifier: Apache-2.0
// Which locks are held, in what order they may be taken, and which modes keep each other out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/host_oracle/lifetimes.hpp"

namespace tenon::engine {

struct HeldLock {
  ObjectId object = 0;
  std::uint32_t field = 0;
  bool operator==(const HeldLock&) const = default;
};

class Locks {
 public:
  Locks(const interface::Declarations& declarations, const Lifetimes& lifetimes) : declarations_(declarations), lifetimes_(lifetimes) {}
  void clear() { held_.clear(); }

  const std::vector<HeldLock>& held() const { return held_; }
  bool holds(HeldLock lock) const;
  /// A lock of this type and field whose object belongs to `owner` is held.
  bool holds_one_of(interface::ObjectTypeIdx type, std::uint32_t field, ObjectId owner) const;

  // Each gives what is wrong, or nothing.
  std::string acquire(HeldLock lock);
  std::string release(HeldLock lock);
  /// An object whose lock is held is gone.
  std::string lost() const;

  std::string name(HeldLock lock) const;

 private:
  const interface::LockField& field(HeldLock lock) const;

  const interface::Declarations& declarations_;
  const Lifetimes& lifetimes_;
  std::vector<HeldLock> held_;
};

/// Why `mode` cannot be entered while others are active, or nothing.
std::string excluded(const interface::Declarations& declarations, const Lifetimes& lifetimes, interface::ModeIdx mode);

}  // namespace tenon::engine
