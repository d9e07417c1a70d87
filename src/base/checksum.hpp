// SPDX-License-Identifier: Apache-2.0
// Finds damage, not malice: whoever can write the bytes can write the checksum. Any change of up to 8 aligned bytes changes it for certain, every
// other one all but certainly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace tenon::base {

/// Never 0. `seed` is the checksum of what came before; parts but the last are multiples of 8 bytes. Cost: about 1 ns for 8 bytes.
inline std::uint64_t checksum(std::span<const std::byte> bytes, std::uint64_t seed = 0x9e3779b97f4a7c15) {
  // Each step is a bijection of the state for a given word, and of the word for a given state.
  const auto add = [&](std::uint64_t word) {
    seed = (seed ^ word) * 0xff51afd7ed558ccd;
    seed ^= seed >> 32;
  };
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, 8);
    add(word);
  }
  std::uint64_t rest = 0;
  if (at < bytes.size()) std::memcpy(&rest, bytes.data() + at, bytes.size() - at);
  if (at < bytes.size()) add(rest);
  add(bytes.size());
  return seed == 0 ? 1 : seed;
}

}  // namespace tenon::base
