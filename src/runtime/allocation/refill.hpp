// SPDX-License-Identifier: Apache-2.0
// One thread per process grants pages ahead for all heaps: the system calls and page faults of growing happen there, not in an invocation. A hint only: an
// allocator that gets no answer grows by itself.
#pragma once

#include <mutex>

namespace tenon::runtime {

class Allocator;

/// The allocator's wants_refill() is set. Never waits; false: too busy just now.
bool request_refill(Allocator& allocator) noexcept;
/// The thread will not touch it again.
void forget_refill(Allocator& allocator) noexcept;

/// While one of these lives the thread does nothing. For tests of what happens then.
class RefillsHalted {
 public:
  RefillsHalted();

 private:
  std::unique_lock<std::mutex> held_;
};

}  // namespace tenon::runtime
