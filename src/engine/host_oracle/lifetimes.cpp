// SPDX-License-Identifier: Apache-2.0
#include "engine/host_oracle/lifetimes.hpp"

#include <algorithm>

namespace tenon::engine {

void Lifetimes::clear() {
  objects_.clear();
  regions_.clear();
  callbacks_.clear();
}

ObjectId Lifetimes::add(std::uint64_t address, interface::ObjectTypeIdx type) {
  objects_.push_back({.address = address, .type = type});
  return static_cast<ObjectId>(objects_.size() - 1);
}

std::optional<ObjectId> Lifetimes::find(std::uint64_t address, interface::ObjectTypeIdx type) const {
  for (std::size_t i = objects_.size(); i > 0; --i) {  // the youngest first: only one of an address can be alive
    const Object& object = objects_[i - 1];
    if (object.address == address && object.type == type && valid(static_cast<ObjectId>(i - 1))) return static_cast<ObjectId>(i - 1);
  }
  return std::nullopt;
}

bool Lifetimes::valid(ObjectId id) const {
  const Object& object = objects_[id];
  return object.owned > 0 || object.lent_by_hook > 0 || std::any_of(object.loans.begin(), object.loans.end(), [&](const Loan& loan) { return valid(loan); });
}

bool Lifetimes::valid(const Loan& loan) const {
  return std::all_of(loan.begin(), loan.end(), [&](const Anchor& anchor) { return valid(anchor); });
}

bool Lifetimes::valid(const Anchor& anchor) const {
  switch (anchor.kind) {
    case Anchor::Kind::object:
      return valid(anchor.index);
    case Anchor::Kind::step:
      return valid(anchor.index) && objects_[anchor.index].steps == anchor.serial;
    case Anchor::Kind::mode:
      return anchor.index < regions_.size() && regions_[anchor.index].depth > 0 && regions_[anchor.index].serial == anchor.serial;
    case Anchor::Kind::callback:
      return anchor.index < callbacks_.size() && callbacks_[anchor.index] == anchor.serial;
  }
  return false;
}

void Lifetimes::enter_mode(interface::ModeIdx mode) {
  if (regions_.size() <= mode.index()) regions_.resize(mode.index() + 1);
  Region& region = regions_[mode.index()];
  if (region.depth++ == 0) region.serial = ++last_serial_;
}

void Lifetimes::leave_mode(interface::ModeIdx mode) {
  if (depth_of(mode) > 0) --regions_[mode.index()].depth;
}

std::uint32_t Lifetimes::depth_of(interface::ModeIdx mode) const { return mode.index() < regions_.size() ? regions_[mode.index()].depth : 0; }

std::optional<Anchor> Lifetimes::region_of(interface::ModeIdx mode) const {
  if (depth_of(mode) == 0) return std::nullopt;
  return Anchor{Anchor::Kind::mode, mode.value, regions_[mode.index()].serial};
}

Anchor Lifetimes::enter_callback() {
  callbacks_.push_back(++last_serial_);
  return {Anchor::Kind::callback, static_cast<std::uint32_t>(callbacks_.size() - 1), last_serial_};
}

}  // namespace tenon::engine
