// SPDX-License-Identifier: Apache-2.0
// What the host's own type information says, as far as programs need it that are handed addresses of its structures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::ir {

/// Answers never change. Thread-safe.
class HostTypes {
 public:
  /// What stands in some bytes: a number, or the address of a structure.
  struct Slot {
    bool is_pointer = false;
    std::uint32_t structure = 0;  ///< of a pointer
  };
  virtual ~HostTypes() = default;
  /// The parameters of a function, and behind them its result; of a type of pointers to functions: those behind the first, which is the caller's own.
  /// Nothing when there is no such function. Cost: O(types).
  virtual std::optional<std::vector<Slot>> arguments(std::string_view function, bool with_result) const = 0;
  virtual std::optional<std::uint32_t> structure(std::string_view name) const = 0;
  /// Bytes offset .. offset + bytes of a structure; nothing when they lie outside it or are a part of an address.
  virtual std::optional<Slot> field(std::uint32_t structure, std::uint64_t offset, unsigned bytes) const = 0;
  virtual std::string name(std::uint32_t structure) const = 0;
};

}  // namespace tenon::ir
