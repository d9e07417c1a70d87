// SPDX-License-Identifier: Apache-2.0
#include "runtime/held_objects.hpp"

#include <algorithm>

namespace tenon::runtime {

bool HeldObjects::only_heap_locks() const noexcept {
  return std::all_of(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(count_),
                     [](const Entry& entry) { return entry.drop != nullptr && entry.drop->kind == Drop::Kind::heap_lock; });
}

bool HeldObjects::holds(std::uint64_t object, const Drop& drop) const noexcept {
  return std::any_of(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(count_),
                     [&](const Entry& entry) { return entry.object == object && entry.drop == &drop; });
}

std::optional<std::size_t> HeldObjects::take(std::uint64_t object, const Drop& drop) noexcept {
  for (std::size_t i = count_; i-- > 0;) {
    if (entries_[i].object != object || entries_[i].drop != &drop) continue;
    if (i + 1 < count_)  // most often it is the newest
      std::copy(entries_.begin() + static_cast<std::ptrdiff_t>(i) + 1, entries_.begin() + static_cast<std::ptrdiff_t>(count_),
              entries_.begin() + static_cast<std::ptrdiff_t>(i));
    --count_;
    return i;
  }
  return std::nullopt;
}

void HeldObjects::restore(std::size_t at, std::uint64_t object, const Drop& drop) noexcept {
  std::copy_backward(entries_.begin() + static_cast<std::ptrdiff_t>(at), entries_.begin() + static_cast<std::ptrdiff_t>(count_),
                     entries_.begin() + static_cast<std::ptrdiff_t>(count_) + 1);
  entries_[at] = {object, &drop};
  ++count_;
}

void HeldObjects::sweep(std::size_t from) noexcept {
  const auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(from), end = entries_.begin() + static_cast<std::ptrdiff_t>(count_);
  count_ = static_cast<std::size_t>(std::remove_if(begin, end, [](const Entry& e) { return e.drop == nullptr; }) - entries_.begin());
}

std::uint64_t HeldObjects::release_all() noexcept {
  std::uint64_t released = 0;
  while (count_ > 0) {
    const Entry entry = entries_[--count_];
    if (entry.drop == nullptr) continue;
    entry.drop->entry(entry.object, 0, 0, 0, 0);
    if (entry.drop->kind == Drop::Kind::object) ++released;
  }
  return released;
}

}  // namespace tenon::runtime
