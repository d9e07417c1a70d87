// SPDX-License-Identifier: Apache-2.0
// What exists during one invocation and until when: objects with their owners, states and links, and what everything that is lent hangs on. Nothing comes
// back: an object that ended stays ended, even when the host hands out its address again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "interface/declarations.hpp"

namespace tenon::engine {

using ObjectId = std::uint32_t;  ///< into Lifetimes::objects; one address may have had several

/// What something lent lasts with.
struct Anchor {
  enum class Kind : std::uint8_t { object, step, mode, callback };
  Kind kind = Kind::object;
  std::uint32_t index = 0;  ///< object and step: ObjectId; mode: ModeIdx; callback: its depth
  std::uint64_t serial = 0; ///< step: how often its iterator had moved; mode: which of its regions; callback: which call
};

/// Valid while every anchor is; without one, until the invocation ends.
using Loan = std::vector<Anchor>;

struct Object {
  std::uint64_t address = 0;
  interface::ObjectTypeIdx type;
  std::uint32_t owned = 0;          ///< references that the extension holds
  std::uint32_t lent_by_hook = 0;   ///< arguments of the hook that only borrow it
  std::vector<Loan> loans;
  std::optional<ObjectId> of;
  std::optional<interface::StateIdx> state;  ///< none: the type has no states
  std::optional<Anchor> region;     ///< `in 'r`
  std::uint64_t steps = 0;          ///< of an iterator
  interface::Escapes escapes;       ///< where its address may be stored
};

class Lifetimes {
 public:
  void clear();

  const std::vector<Object>& objects() const { return objects_; }
  Object& object(ObjectId id) { return objects_[id]; }
  const Object& object(ObjectId id) const { return objects_[id]; }
  ObjectId add(std::uint64_t address, interface::ObjectTypeIdx type);
  /// The object of this type that lives at `address` now.
  std::optional<ObjectId> find(std::uint64_t address, interface::ObjectTypeIdx type) const;

  bool valid(ObjectId id) const;
  bool valid(const Loan& loan) const;
  bool valid(const Anchor& anchor) const;

  // Regions of modes, and calls of callbacks.
  void enter_mode(interface::ModeIdx mode);
  void leave_mode(interface::ModeIdx mode);
  std::uint32_t depth_of(interface::ModeIdx mode) const;
  std::optional<Anchor> region_of(interface::ModeIdx mode) const;
  Anchor enter_callback();
  void leave_callback() { callbacks_.pop_back(); }

 private:
  struct Region {
    std::uint32_t depth = 0;
    std::uint64_t serial = 0;
  };
  std::vector<Object> objects_;
  std::vector<Region> regions_;           // by ModeIdx
  std::vector<std::uint64_t> callbacks_;  // serials of those under way
  std::uint64_t last_serial_ = 0;
};

}  // namespace tenon::engine
