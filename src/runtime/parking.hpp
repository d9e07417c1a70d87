// SPDX-License-Identifier: Apache-2.0
// Host objects that an extension keeps between its invocations: it stores a number, the host keeps the object. A number that was made up, is stale, was
// taken already or is of another type names nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "runtime/builtins.hpp"
#include "runtime/held_objects.hpp"

namespace tenon::runtime {

/// One per extension; host-private. Thread-safe. Signal-safe: no.
class Parking {
 public:
  static constexpr std::size_t kMost = 1u << 20;  ///< objects at a time

  Parking() = default;
  ~Parking() { clear(); }
  Parking(const Parking&) = delete;
  Parking& operator=(const Parking&) = delete;

  /// A handle, never 0; or 0 when there is no room.
  std::uint64_t park(std::uint64_t object, std::uint32_t type, HostEntry drop) noexcept;
  /// The object, which is the caller's now; or 0.
  std::uint64_t take(std::uint64_t handle, std::uint32_t type) noexcept;
  /// Gives everything back, newest first. Handles that were given out name nothing afterwards.
  void clear() noexcept;
  std::size_t size() const noexcept;

  /// No handle that was given out is of a later one.
  std::uint32_t newest_generation() const noexcept;
  /// Handles will be of later generations than this: those that lie in a heap from elsewhere name nothing. Requires: nothing was parked yet.
  void begin_after(std::uint32_t generation) noexcept;

 private:
  struct Place {
    std::uint64_t object = 0;      ///< 0: free
    std::uint32_t type = 0;
    std::uint32_t generation = 0;  ///< counts how often the place was used: the upper half of its handles
    HostEntry drop = nullptr;
    std::uint64_t serial = 0;      ///< when it was parked
    std::uint32_t next_free = 0;   ///< index + 1
  };
  void free(std::size_t index) noexcept;

  mutable std::mutex lock_;
  std::vector<Place> places_;
  std::uint32_t first_free_ = 0;  ///< index + 1; 0: none
  std::size_t count_ = 0;
  std::uint64_t last_serial_ = 0;
  std::uint32_t before_first_ = 0;  ///< generation of a place that was never used
};

std::uint64_t park_object(Level& level, const Registers& r) noexcept;  ///< tn_park_T
std::uint64_t take_object(Level& level, const Registers& r) noexcept;  ///< tn_take_T

}  // namespace tenon::runtime
