// SPDX-License-Identifier: Apache-2.0
// Unix time that never runs backwards: read once at the start, advanced by the monotonic clock.
#pragma once

#include <ctime>

#include <cstdint>

namespace kv {

class Clock {
 public:
  Clock() : offset_(read(CLOCK_REALTIME) - read(CLOCK_MONOTONIC)) {}
  /// Microseconds since 1970.
  std::uint64_t now() const { return read(CLOCK_MONOTONIC) + offset_; }

 private:
  static std::uint64_t read(clockid_t id) {
    timespec time{};
    ::clock_gettime(id, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(time.tv_nsec) / 1000;
  }
  std::uint64_t offset_;
};

}  // namespace kv
