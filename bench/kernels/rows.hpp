// SPDX-License-Identifier: Apache-2.0
// The rows of the table: which program of which object runs at which size, and how its time is read.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tenon::bench {

enum class Group : std::uint8_t { pointer, alu, byte };

constexpr std::string_view to_string(Group group) {
  switch (group) {
    case Group::pointer:
      return "pointer";
    case Group::alu:
      return "alu";
    case Group::byte:
      return "byte";
  }
  return "";
}

struct Row {
  std::string_view name;
  std::string_view object;  ///< bench/kernels/<object>.c
  std::string_view program;
  std::uint64_t size;        ///< of the data set, in the kernel's unit
  std::uint64_t smoke_size;  ///< the same for --smoke
  std::string_view unit;     ///< what one operation is
  bool unit_is_element;      ///< one repetition is `size` operations, not one
  Group group;
  bool vectorised;  ///< native clang -O2 uses vectors or a library routine: not a scalar row
};

std::span<const Row> rows();

constexpr std::uint64_t operations_per_repetition(const Row& row, std::uint64_t size) { return row.unit_is_element ? size : 1; }

}  // namespace tenon::bench
