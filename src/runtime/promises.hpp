// SPDX-License-Identifier: Apache-2.0
// LoadOptions::check_host: does a host function keep what its own line says? What shows from outside is compared at each call; what does not
// (typestates, locks, lifetimes of what it lent) is the host's word.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "interface/declarations.hpp"
#include "runtime/site.hpp"
#include "runtime/thread_slot.hpp"

namespace tenon::runtime {

/// One function's line, as far as it can be checked; each text names the function, its line and what it did instead.
struct Promises {
  struct Range {
    std::uint8_t bits = 64;
    bool is_signed = false;
    std::int64_t lo = 0;
    std::uint64_t hi = 0;
    std::string broken;
  };
  struct Memory {
    bool keeps = false;  ///< `r`: the function leaves it as it was
    bool fills = false;  ///< `uninit`: the function writes all of it
    std::string broken;
  };
  std::optional<Range> range;
  std::vector<Memory> memory;           ///< as Callee::memory
  std::optional<std::string> null;      ///< the result is never null
  std::optional<std::string> twice;     ///< the result is not held already
  std::optional<std::string> in_heap;   ///< the result lies outside the extension's heap
  std::optional<std::string> returned;  ///< the function does not return
};

std::unique_ptr<const Promises> promises_of(const interface::Declarations& declarations, const interface::Function& function);

/// One call. Create it before the function runs, with the registers that the function gets and those that the extension passed.
/// Cost: a copy of each memory argument of up to kMaxWatchedBytes; allocates.
class Watch {
 public:
  static constexpr std::uint64_t kMaxWatchedBytes = 64 << 10;

  Watch(const Callee& callee, const Registers& registers, const Registers& given);
  /// What was broken first, or null. Before the result is recorded.
  const std::string* verdict(const Level& level, std::uint64_t r0) const;

 private:
  struct Copy {
    const std::uint8_t* at;
    std::size_t index;  ///< into Promises::memory
    std::vector<std::uint8_t> bytes;
  };
  bool is_kept(const Copy& copy) const;
  bool is_filled(const Copy& copy) const;

  const Callee& callee_;
  std::vector<Copy> copies_;
};

}  // namespace tenon::runtime
