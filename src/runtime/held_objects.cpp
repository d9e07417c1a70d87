// SPDX-License-Identifier: Apache-2.0
#include "runtime/held_objects.hpp"

#include <algorithm>

namespace tenon::runtime {

bool HeldObjects::consume(std::uint64_t object, interface::ObjectTypeIdx type) noexcept {
  for (std::size_t i = count_; i-- > 0;) {
    if (entries_[i].object != object || entries_[i].drop->type != type) continue;
    std::copy(entries_.begin() + static_cast<std::ptrdiff_t>(i) + 1, entries_.begin() + static_cast<std::ptrdiff_t>(count_),
              entries_.begin() + static_cast<std::ptrdiff_t>(i));
    --count_;
    return true;
  }
  return false;
}

std::uint64_t HeldObjects::release_all() noexcept {
  std::uint64_t released = 0;
  while (count_ > 0) {
    const Entry entry = entries_[--count_];
    if (entry.object == 0) continue;
    entry.drop->entry(entry.object, 0, 0, 0, 0);
    ++released;
  }
  return released;
}

}  // namespace tenon::runtime
