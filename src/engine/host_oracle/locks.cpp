// SPDX-License-Identifier: Apache-2.0
#include "engine/host_oracle/locks.hpp"

#include <algorithm>

namespace tenon::engine {

const interface::LockField& Locks::field(HeldLock lock) const { return declarations_.at(lifetimes_.object(lock.object).type).locks[lock.field]; }

std::string Locks::name(HeldLock lock) const { return declarations_.at(lifetimes_.object(lock.object).type).name + "." + field(lock).name; }

bool Locks::holds(HeldLock lock) const { return std::find(held_.begin(), held_.end(), lock) != held_.end(); }

bool Locks::holds_one_of(interface::ObjectTypeIdx type, std::uint32_t field, ObjectId owner) const {
  return std::any_of(held_.begin(), held_.end(), [&](const HeldLock& lock) {
    const Object& object = lifetimes_.object(lock.object);
    return object.type == type && lock.field == field && object.of == owner && lifetimes_.valid(lock.object);
  });
}

std::string Locks::acquire(HeldLock lock) {
  std::string wrong;
  const auto rank = field(lock).rank;
  if (holds(lock)) {
    wrong = "takes " + name(lock) + ", which it holds already";
  } else if (!held_.empty() && !rank) {
    wrong = "takes " + name(lock) + ", which has no rank, while it holds another lock";
  } else {
    for (const HeldLock& other : held_) {
      if (!field(other).rank || *field(other).rank >= *rank) wrong = "takes " + name(lock) + " while it holds " + name(other) + ", against their ranks";
    }
  }
  held_.push_back(lock);
  return wrong;
}

std::string Locks::release(HeldLock lock) {
  const auto found = std::find(held_.begin(), held_.end(), lock);
  if (found == held_.end()) return "releases " + name(lock) + ", which it does not hold";
  held_.erase(found);
  return {};
}

std::string Locks::lost() const {
  for (const HeldLock& lock : held_) {
    if (!lifetimes_.valid(lock.object)) return "leaves " + name(lock) + " held while its object is gone";
  }
  return {};
}

std::string excluded(const interface::Declarations& declarations, const Lifetimes& lifetimes, interface::ModeIdx mode) {
  const auto names = [&](interface::ModeIdx one, interface::ModeIdx other) {
    const auto& list = declarations.at(one).excludes;
    return std::find(list.begin(), list.end(), other) != list.end();
  };
  for (interface::ModeIdx other(0); other.index() < declarations.modes.size(); ++other.value) {
    if (lifetimes.depth_of(other) == 0 || (!names(mode, other) && !names(other, mode))) continue;
    return "enters " + declarations.at(mode).name + " in mode " + declarations.at(other).name;
  }
  return {};
}

}  // namespace tenon::engine
