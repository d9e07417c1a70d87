// SPDX-License-Identifier: Apache-2.0
// The host that generated programs run in: implements kInterface deterministically and writes down every call. One per thread, because host functions
// have no other way to find it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <tenon/interface.hpp>

namespace tenon::differential {

/// struct frame of kInterface.
struct Frame {
  std::uint8_t* data;
  std::uint8_t* data_end;
  std::uint64_t seed;
  std::uint32_t mark;
};

struct Token {
  std::uint64_t id = 0;
  std::int64_t held = 0;
};

class Host {
 public:
  static constexpr std::size_t kMaxData = 64;
  static Host& current();

  /// The state before a run, from a seed: context, data of 0 to kMaxData bytes, tokens, an empty log.
  void reset(std::uint64_t seed);
  std::vector<std::uint8_t> data_bytes() const { return {data.begin(), data.end()}; }
  /// Tokens handed out and not given back.
  std::int64_t held_tokens() const;

  Frame frame{};
  std::array<std::uint8_t, kMaxData> data{};
  std::array<std::uint8_t, 32> view{};
  std::array<Token, 8> tokens{};
  std::vector<std::string> log;
};

/// kInterface with its functions bound to the current Host.
Interface make_interface();

}  // namespace tenon::differential
