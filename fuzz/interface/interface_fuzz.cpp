// SPDX-License-Identifier: Apache-2.0
// Any text as an interface file. Promise: a Result always; a refusal has exactly one reason with a code of the interface language; what is accepted
// has a C header, and a canonical text that means the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <tenon/interface.hpp>

#include "base/bug.hpp"
#include "interface/declarations.hpp"

namespace {

using namespace tenon;

void check_refusal(const Diagnostics& reasons) {
  base::ensure(reasons.size() == 1, "a refusal has exactly one reason");
  base::ensure(reasons.front().code.starts_with("E05") && !reasons.front().message.empty(), "a refusal has a code and a message");
  base::ensure(!to_text(reasons).empty(), "a refusal can be shown");
}

void check_accepted(const interface::Declarations& declarations) {
  base::ensure(!interface::to_header(declarations).empty(), "an interface has a header");
  const std::string canonical = interface::to_text(declarations);
  const auto again = Interface::parse(canonical, "canonical.tni");
  base::ensure(again.has_value(), "the canonical text is accepted");
  base::ensure(interface::to_text(again->declarations()) == canonical, "the canonical text is its own canonical text");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = Interface::parse(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz.tni");
  if (parsed) {
    check_accepted(parsed->declarations());
  } else {
    check_refusal(parsed.error());
  }
  return 0;
}
