// SPDX-License-Identifier: Apache-2.0
// Integers that cannot be mistaken for one another: a BPF instruction index is not an offset into native code.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace tenon::base {

template <class Tag, class Rep = std::uint32_t>
struct Strong {
  Rep value = 0;

  constexpr Strong() = default;
  template <class Integer>
  constexpr explicit Strong(Integer v) : value(static_cast<Rep>(v)) {}

  constexpr auto operator<=>(const Strong&) const = default;
  constexpr Strong& operator++() { ++value; return *this; }
  constexpr Strong operator+(Rep n) const { return Strong(value + n); }
  constexpr Strong operator-(Rep n) const { return Strong(value - n); }
  constexpr std::size_t index() const { return static_cast<std::size_t>(value); }
};

}  // namespace tenon::base

template <class Tag, class Rep>
struct std::hash<tenon::base::Strong<Tag, Rep>> {
  std::size_t operator()(tenon::base::Strong<Tag, Rep> s) const noexcept { return std::hash<Rep>{}(s.value); }
};
