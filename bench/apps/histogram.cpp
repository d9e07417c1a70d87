// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cmath>

#include "load.hpp"

namespace tenon::bench {

void Histogram::add(std::uint64_t nanoseconds) {
  const std::uint64_t value = nanoseconds < kSteps ? kSteps : nanoseconds;
  const unsigned power = static_cast<unsigned>(std::bit_width(value)) - 1;
  const auto step = static_cast<unsigned>((value >> (power - 4)) & (kSteps - 1));
  ++buckets_[power * kSteps + step];
  ++count_;
}

std::uint64_t Histogram::quantile(double fraction) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted && seen > 0) return ((kSteps + i % kSteps + 1) << (i / kSteps)) / kSteps;
  }
  return 0;
}

}  // namespace tenon::bench
