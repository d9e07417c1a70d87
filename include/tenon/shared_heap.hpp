// SPDX-License-Identifier: Apache-2.0
// An extension's heap in another process than the one that runs the extension.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include <tenon/heap_ptr.hpp>
#include <tenon/result.hpp>

namespace tenon {

/// The heap behind a descriptor that Extension::share() returned in another process, and which came here over a unix socket (SCM_RIGHTS), by
/// inheritance or from pidfd_getfd(2). Neither side trusts the other, nor the extension: what lies in the heap may be anything and change at any
/// time. Pointers in it are those of the process that runs the extension, and pointer() takes them as they are. Locks: <tenon/heap_lock.hpp>. Cheap
/// to copy. Thread-safe.
class SharedHeap {
 public:
  /// Maps it. The descriptor stays the caller's, who may close it. Cost: some system calls, and address space as large as the heap's window.
  /// Errors: E0602 the system refused, E0620 it is the descriptor of something else.
  static Result<SharedHeap> attach(int fd);

  /// What a pointer in that heap points to. Never fails: accesses do (E0608).
  template <class T>
  heap_ptr<T> pointer(std::uint64_t value) const {
    return heap_ptr<T>(heap_, value);
  }
  /// What the extension's process says that it granted by now, from the begin of its globals on.
  std::uint64_t granted_bytes() const;

 private:
  friend class HeapLock;
  explicit SharedHeap(std::shared_ptr<runtime::Heap> heap) : heap_(std::move(heap)) {}
  std::shared_ptr<runtime::Heap> heap_;
};

}  // namespace tenon
