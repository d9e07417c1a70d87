// SPDX-License-Identifier: Apache-2.0
#include "runtime/hazard.hpp"

#include "runtime/os/threads.hpp"

namespace tenon::runtime {

bool is_hazard(const void* pointer, Whose whose) noexcept {
  os::heavy_barrier();
  bool found = false;
  for_each_slot([&](const ThreadSlot& slot) {
    if (whose == Whose::others && (&slot == tenon_thread_slot || slot.unloading.load())) return;
    for (const auto& hazard : slot.hazards) found |= hazard.load(std::memory_order_acquire) == pointer;
  });
  return found;
}

}  // namespace tenon::runtime
