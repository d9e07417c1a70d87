// SPDX-License-Identifier: Apache-2.0
// The host memory that one invocation may touch, as the interface declares it: what its hook hands in and what host functions hand out. The interpreter
// asks about every access; compiled code relies on the proof alone.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "interface/declarations.hpp"

namespace tenon::engine {

class HostRegions {
 public:
  explicit HostRegions(const interface::Declarations& declarations) : declarations_(declarations) {}

  void enter(const interface::Hook& hook, const std::array<std::uint64_t, 5>& arguments);
  /// After a host function returned `r0`.
  void returned(const interface::Function& function, const std::array<std::uint64_t, 5>& arguments, std::uint64_t r0);

  /// True when regions that allow the access hold every byte of [address, +bytes). A struct's fields are regions of their own.
  bool allows(std::uint64_t address, std::uint64_t bytes, bool write) const;

 private:
  struct Region {
    std::uint64_t address, bytes;
    interface::Access access;
  };
  void add(std::uint64_t address, std::uint64_t bytes, interface::Access access);
  void add_value(const interface::Type& type, std::uint64_t value, const std::array<std::uint64_t, 5>& arguments);
  void add_struct(const interface::Struct& type, std::uint64_t address);

  const interface::Declarations& declarations_;
  std::vector<Region> regions_;
};

}  // namespace tenon::engine
