// SPDX-License-Identifier: Apache-2.0
#include "incidents.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace kv {

Incidents::~Incidents() {
  for (const auto& [place, count] : counts_) {
    if (count.seen > 1) print(place, "total", count.seen, nullptr);
  }
}

void Incidents::add(std::string_view program, const tenon::Outcome& outcome) {
  // Only the first source line of a stuck loop's instructions would differ from stop to stop: places are told apart by line where lines are known.
  const bool has_line = outcome.line != 0;
  const Place place{outcome.file, outcome.line, has_line ? 0 : outcome.instruction, outcome.cause};
  const std::lock_guard guard(mutex_);
  Count& count = counts_[place];
  if (++count.seen < count.announce_at) return;
  count.announce_at *= 10;
  print(place, program, count.seen, &outcome);
}

void Incidents::print(const Place& place, std::string_view program, std::uint64_t seen, const tenon::Outcome* outcome) const {
  const auto& [file, line, instruction, cause] = place;
  std::string where = line != 0 ? fmt::format("{}:{}", file, line) : fmt::format("instruction {}", instruction);
  if (outcome && cause == tenon::Cause::fault) where += fmt::format(" (address {:#x})", outcome->fault_address);
  const std::string why = cause == tenon::Cause::none ? "threw" : fmt::format("cancelled, {}", tenon::to_string(cause));
  fmt::print(stderr, "kv_server: {} {}: {} at {}; seen {}\n", extension_, program, why, where, seen);
}

}  // namespace kv
