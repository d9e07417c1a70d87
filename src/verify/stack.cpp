// SPDX-License-Identifier: Apache-2.0
#include "verify/stack.hpp"

#include <algorithm>

namespace tenon::verify {

namespace {

bool overlaps(const Stack::Slot& slot, std::int32_t offset, std::int32_t bytes) {
  return slot.offset < offset + bytes && offset < slot.offset + slot.bytes;
}

bool holds_number(const Value& value) { return value.is_number(); }

}  // namespace

void Stack::set_initialised(std::int32_t offset, std::int32_t bytes, bool value) {
  const std::size_t deepest = static_cast<std::size_t>(-offset);
  if (initialised_.size() < deepest) initialised_.resize(deepest);
  for (std::int32_t i = 0; i < bytes; ++i) initialised_[static_cast<std::size_t>(-(offset + i) - 1)] = value;
}

/// Bytes of a slot that held a number stay initialised; a pointer's bytes must not be read as a number.
void Stack::forget(std::size_t index) {
  const Slot& slot = slots_[index];
  if (!holds_number(slot.value)) set_initialised(slot.offset, slot.bytes, false);
  slots_.erase(slots_.begin() + static_cast<std::ptrdiff_t>(index));
}

void Stack::write(std::int32_t offset, std::int32_t bytes, Value value) {
  for (std::size_t i = slots_.size(); i-- > 0;) {
    if (overlaps(slots_[i], offset, bytes)) forget(i);
  }
  set_initialised(offset, bytes, true);
  const auto at = std::ranges::lower_bound(slots_, offset, {}, &Slot::offset);
  slots_.insert(at, {offset, bytes, value});
}

void Stack::write_somewhere(std::int32_t lo, std::int32_t hi, std::int32_t bytes) {
  for (std::size_t i = slots_.size(); i-- > 0;) {
    if (overlaps(slots_[i], lo, hi + bytes - lo)) forget(i);
  }
}

void Stack::fill(std::int32_t offset, std::int32_t bytes) {
  if (bytes == 0) return;
  write_somewhere(offset, offset, bytes);
  set_initialised(offset, bytes, true);
}

const Stack::Slot* Stack::exact(std::int32_t offset, std::int32_t bytes) const {
  const auto at = std::ranges::lower_bound(slots_, offset, {}, &Slot::offset);
  return at != slots_.end() && at->offset == offset && at->bytes == bytes ? &*at : nullptr;
}

const Stack::Slot* Stack::starting_at(std::int32_t offset) const {
  const auto at = std::ranges::lower_bound(slots_, offset, {}, &Slot::offset);
  return at != slots_.end() && at->offset == offset ? &*at : nullptr;
}

bool Stack::initialised(std::int32_t offset, std::int32_t bytes) const {
  if (initialised_.size() < static_cast<std::size_t>(-offset)) return false;
  for (std::int32_t i = 0; i < bytes; ++i) {
    if (!initialised_[static_cast<std::size_t>(-(offset + i) - 1)]) return false;
  }
  return true;
}

const Stack::Slot* Stack::pointer_in(std::int32_t offset, std::int32_t bytes, std::uint8_t escape) const {
  for (const Slot& slot : slots_) {
    if (slot.value.is_free() && (slot.value.escapes & escape) != 0) continue;
    if (overlaps(slot, offset, bytes) && !holds_number(slot.value)) return &slot;
  }
  return nullptr;
}

void Stack::align(Stack& a, Stack& b) {
  const auto drop_unmatched = [](Stack& from, const Stack& other) {
    for (std::size_t i = from.slots_.size(); i-- > 0;) {
      if (!other.exact(from.slots_[i].offset, from.slots_[i].bytes)) from.forget(i);
    }
  };
  drop_unmatched(a, b);
  drop_unmatched(b, a);
  const std::size_t common = std::min(a.initialised_.size(), b.initialised_.size());
  a.initialised_.resize(common);
  b.initialised_.resize(common);
  for (std::size_t i = 0; i < common; ++i) {
    const bool both = a.initialised_[i] && b.initialised_[i];
    a.initialised_[i] = both;
    b.initialised_[i] = both;
  }
}

}  // namespace tenon::verify
