// SPDX-License-Identifier: Apache-2.0
#include "runtime/held_objects.hpp"

#include <algorithm>

#include "base/bug.hpp"

namespace tenon::runtime {

std::optional<std::size_t> HeldObjects::newest_heap_lock() const noexcept {
  for (std::size_t i = count_; i-- > 0;) {
    if (entries_[i].drop != nullptr && entries_[i].drop->kind == Drop::Kind::heap_lock) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> HeldObjects::newest_destructor(std::uint64_t address) const noexcept {
  for (std::size_t i = count_; i-- > 0;) {
    if (entries_[i].object == address && entries_[i].drop != nullptr && entries_[i].drop->kind == Drop::Kind::destructor) return i;
  }
  return std::nullopt;
}

bool HeldObjects::holds(std::uint64_t object, const Drop& drop) const noexcept {
  return std::any_of(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(count_),
                     [&](const Entry& entry) { return entry.object == object && entry.drop == &drop; });
}

bool HeldObjects::holds(std::uint64_t object) const noexcept {
  return std::any_of(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(count_), [&](const Entry& entry) { return entry.object == object; });
}

std::optional<HeldObjects::Taken> HeldObjects::take(std::uint64_t object, const Drop& drop, std::span<const Drop* const> others) noexcept {
  for (std::size_t i = count_; i-- > 0;) {
    const Entry& entry = entries_[i];
    if (entry.object != object || (entry.drop != &drop && std::ranges::find(others, entry.drop) == others.end())) continue;
    return Taken{i, remove(i).drop};
  }
  return std::nullopt;
}

void HeldObjects::restore(std::size_t at, std::uint64_t object, const Drop& drop) noexcept {
  at = std::min(at, count_);
  std::copy_backward(entries_.begin() + static_cast<std::ptrdiff_t>(at), entries_.begin() + static_cast<std::ptrdiff_t>(count_),
                     entries_.begin() + static_cast<std::ptrdiff_t>(count_) + 1);
  entries_[at] = {object, &drop};
  ++count_;
}

void HeldObjects::sweep(std::size_t from) noexcept {
  const auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(from), end = entries_.begin() + static_cast<std::ptrdiff_t>(count_);
  count_ = static_cast<std::size_t>(std::remove_if(begin, end, [](const Entry& e) { return e.drop == nullptr; }) - entries_.begin());
}

void HeldObjects::fill_for(std::uint64_t call, std::uint64_t object, const Drop& drop) noexcept {
  const auto is_its = [&](std::size_t i) { return entries_[i].drop == nullptr && entries_[i].object == call; };
  std::size_t i = count_;
  while (i > 0 && !is_its(i - 1)) --i;
  base::ensure(i > 0, "a call has lost the places that it reserved");
  while (i > 1 && is_its(i - 2)) --i;
  entries_[i - 1] = {object, &drop};
}

void HeldObjects::sweep_for(std::uint64_t call) noexcept {
  const auto end = entries_.begin() + static_cast<std::ptrdiff_t>(count_);
  const auto is_its = [&](const Entry& e) { return e.drop == nullptr && e.object == call; };
  count_ = static_cast<std::size_t>(std::remove_if(entries_.begin(), end, is_its) - entries_.begin());
}

HeldObjects::Entry HeldObjects::remove(std::size_t i) noexcept {
  const Entry entry = entries_[i];
  std::copy(entries_.begin() + static_cast<std::ptrdiff_t>(i) + 1, entries_.begin() + static_cast<std::ptrdiff_t>(count_),
            entries_.begin() + static_cast<std::ptrdiff_t>(i));
  --count_;
  return entry;
}

std::size_t HeldObjects::newest_mark() const noexcept {
  std::size_t i = count_;
  do {
    base::ensure(i > 0, "a call that catches has lost its mark");
    --i;
  } while (entries_[i].drop == nullptr || entries_[i].drop->kind != Drop::Kind::mark);
  return i;
}

}  // namespace tenon::runtime
