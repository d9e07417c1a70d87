// SPDX-License-Identifier: Apache-2.0
#include "runtime/parking.hpp"

#include <algorithm>
#include <new>

#include "runtime/heap_state.hpp"
#include "runtime/site.hpp"
#include "runtime/thread_slot.hpp"

namespace tenon::runtime {

namespace {
constexpr std::uint64_t make_handle(std::uint32_t generation, std::size_t index) { return std::uint64_t{generation} << 32 | (index + 1); }
}  // namespace

void Parking::clear() noexcept {
  std::vector<Place> parked;
  {
    const std::lock_guard lock(lock_);
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].object == 0) continue;
      parked.push_back(places_[i]);
      free(i);
    }
  }
  std::ranges::sort(parked, std::ranges::greater{}, &Place::serial);
  for (const Place& place : parked) place.drop(place.object, 0, 0, 0, 0);  // without the lock: it is host code
}

/// A place whose generations are used up is never handed out again.
void Parking::free(std::size_t index) noexcept {
  Place& place = places_[index];
  place.object = 0;
  --count_;
  if (place.generation == UINT32_MAX) return;
  place.next_free = first_free_;
  first_free_ = static_cast<std::uint32_t>(index + 1);
}

std::uint64_t Parking::park(std::uint64_t object, std::uint32_t type, HostEntry drop) noexcept {
  const std::lock_guard lock(lock_);
  if (first_free_ == 0) {
    if (places_.size() == kMost) return 0;
    try {
      places_.push_back({.generation = before_first_});
    } catch (const std::bad_alloc&) {
      return 0;
    }
    first_free_ = static_cast<std::uint32_t>(places_.size());
  }
  const std::size_t index = first_free_ - 1;
  Place& place = places_[index];
  first_free_ = place.next_free;
  place = {object, type, place.generation + 1, drop, ++last_serial_, 0};
  ++count_;
  return make_handle(place.generation, index);
}

std::uint64_t Parking::take(std::uint64_t handle, std::uint32_t type) noexcept {
  const std::lock_guard lock(lock_);
  const std::uint64_t index = (handle & 0xffffffff) - 1;
  if (index >= places_.size()) return 0;
  Place& place = places_[index];
  if (place.object == 0 || place.type != type || make_handle(place.generation, index) != handle) return 0;
  const std::uint64_t object = place.object;
  free(index);
  return object;
}

std::size_t Parking::size() const noexcept {
  const std::lock_guard lock(lock_);
  return count_;
}

std::uint32_t Parking::newest_generation() const noexcept {
  const std::lock_guard lock(lock_);
  std::uint32_t newest = before_first_;
  for (const Place& place : places_) newest = std::max(newest, place.generation);
  return newest;
}

/// Half of the generations stay to be used, whatever the number is.
void Parking::begin_after(std::uint32_t generation) noexcept { before_first_ = std::min(generation, UINT32_MAX / 2); }

std::uint64_t park_object(Level& level, const Registers& r) noexcept {
  const Callee& callee = *level.site->callee;
  return level.heap->state().parking.park(r[0], callee.parked_type, callee.parked_drop->entry);
}

std::uint64_t take_object(Level& level, const Registers& r) noexcept { return level.heap->state().parking.take(r[0], level.site->callee->parked_type); }

}  // namespace tenon::runtime
