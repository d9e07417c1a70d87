// SPDX-License-Identifier: Apache-2.0
// Making messages in constant expressions. g++ 12 cannot move a short std::string there, so a message has a place of its own.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace tenon::interface {

/// A text of limited length; what does not fit is left out.
class Message {
 public:
  constexpr Message() = default;
  constexpr Message(std::string_view text) { append(text); }
  constexpr Message(const char* text) { append(std::string_view(text)); }

  constexpr void append(std::string_view part) {
    const std::size_t room = std::min(part.size(), text_.size() - size_);
    std::copy_n(part.begin(), room, text_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += room;
  }
  constexpr void append(char part) { append(std::string_view(&part, 1)); }
  constexpr void append(std::uint64_t number) {
    std::array<char, 20> digits{};
    std::size_t count = 0;
    do {
      digits[count++] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    while (count > 0) append(digits[--count]);
  }

  constexpr std::string_view view() const { return {text_.data(), size_}; }
  constexpr operator std::string_view() const { return view(); }

 private:
  std::size_t size_ = 0;
  std::array<char, 240> text_{};
};

/// The parts one behind the other; numbers in decimal.
template <class... Parts>
constexpr Message cat(const Parts&... parts) {
  Message message;
  const auto one = [&message](const auto& part) {
    using Part = std::remove_cvref_t<decltype(part)>;
    if constexpr (std::is_same_v<Part, char>) message.append(part);
    else if constexpr (std::is_integral_v<Part>) message.append(static_cast<std::uint64_t>(part));
    else message.append(std::string_view(part));
  };
  (one(parts), ...);
  return message;
}

}  // namespace tenon::interface
