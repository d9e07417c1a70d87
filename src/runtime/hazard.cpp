// SPDX-License-Identifier: Apache-2.0
#include "runtime/hazard.hpp"

#include "runtime/os/threads.hpp"

namespace tenon::runtime {

bool is_used(const void* pointer, const Control& control, Whose whose) noexcept {
  os::heavy_barrier();
  bool found = control.is_running(whose);
  for_each_slot([&](const ThreadSlot& slot) {
    if (!is_among(slot, whose)) return;
    for (const auto& hazard : slot.hazards) found |= hazard.load(std::memory_order_acquire) == pointer;
  });
  return found;
}

}  // namespace tenon::runtime
