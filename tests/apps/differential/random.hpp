// SPDX-License-Identifier: Apache-2.0
// A small deterministic source of choices: the same seed gives the same program on every machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tenon::differential {

/// splitmix64 (Steele, Lea and Flood, OOPSLA '14).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// 0 to bound - 1.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  /// lo to hi, both inclusive.
  std::int64_t between(std::int64_t lo, std::int64_t hi) { return lo + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(hi - lo) + 1)); }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <class Container>
  const auto& pick(const Container& from) {
    return from[below(std::size(from))];
  }

  /// Small numbers, powers of two and their neighbours, and anything.
  std::uint64_t interesting() {
    const std::uint64_t power = 1ull << below(64);
    switch (below(6)) {
      case 0:
        return below(17);
      case 1:
        return 0 - below(17);
      case 2:
        return power;
      case 3:
        return power - 1;
      case 4:
        return 0 - power;
      default:
        return next();
    }
  }

 private:
  std::uint64_t state_;
};

}  // namespace tenon::differential
