// SPDX-License-Identifier: Apache-2.0
#include <tenon/shared_heap.hpp>

#include "runtime/process.hpp"
#include "runtime/runtime.hpp"

namespace tenon {

Result<SharedHeap> SharedHeap::attach(int fd) {
  if (auto ready = runtime::set_up_process(); !ready) return std::unexpected(std::move(ready).error());  // accessors survive memory that fails
  TENON_TRY(heap, runtime::Heap::attach(fd));
  return SharedHeap(std::move(heap));
}

std::uint64_t SharedHeap::granted_bytes() const { return heap_->granted_bytes(); }

}  // namespace tenon
