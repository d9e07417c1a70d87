// SPDX-License-Identifier: Apache-2.0
#include "base/bug.hpp"

#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>

namespace tenon::base {

namespace {
void write_text(std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}
}  // namespace

void bug(std::string_view what, std::source_location where) noexcept {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), where.line()).ptr;
  write_text("tenon: bug at ");
  write_text(where.file_name());
  write_text(":");
  write_text({digits.data(), static_cast<std::size_t>(end - digits.data())});
  write_text(": ");
  write_text(what);
  write_text("\n");
  std::abort();
}

}  // namespace tenon::base
