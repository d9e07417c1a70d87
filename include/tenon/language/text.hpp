// SPDX-License-Identifier: Apache-2.0
// Making messages in constant expressions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tenon::interface {

constexpr void append(std::string& text, std::string_view part) { text += part; }
constexpr void append(std::string& text, char part) { text += part; }
constexpr void append(std::string& text, std::uint64_t number) {
  char digits[20] = {};
  std::size_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  while (count > 0) text += digits[--count];
}

/// The parts one behind the other; numbers in decimal.
template <class... Parts>
constexpr std::string cat(const Parts&... parts) {
  std::string text;
  const auto one = [&text](const auto& part) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(part)>, char>)
      append(text, part);
    else if constexpr (std::is_integral_v<std::remove_cvref_t<decltype(part)>>)
      append(text, static_cast<std::uint64_t>(part));
    else
      append(text, std::string_view(part));
  };
  (one(parts), ...);
  return text;
}

}  // namespace tenon::interface
