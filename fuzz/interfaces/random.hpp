// SPDX-License-Identifier: Apache-2.0
// Numbers that are the same on every run from one seed, on every machine.
#pragma once

#include <cstdint>
#include <vector>

namespace tenon::fuzz {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 0x7f4a7c159e3779b9) {}

  std::uint64_t next() {  // splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators)
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// 0 .. n-1; n is at least 1.
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  bool percent(unsigned p) { return below(100) < p; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

 private:
  std::uint64_t state_;
};

}  // namespace tenon::fuzz
