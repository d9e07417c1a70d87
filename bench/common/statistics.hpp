// SPDX-License-Identifier: Apache-2.0
// What the benchmarks make of their samples.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace tenon::bench {

/// `fraction` in [0, 1]; nearest rank. Requires samples.
inline double quantile(std::vector<double> samples, double fraction) {
  const auto rank = static_cast<std::size_t>(std::lround(fraction * static_cast<double>(samples.size() - 1)));
  std::nth_element(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(rank), samples.end());
  return samples[rank];
}

inline double median(const std::vector<double>& samples) { return quantile(samples, 0.5); }

/// Requires samples, all positive.
inline double geometric_mean(const std::vector<double>& samples) {
  double sum = 0;
  for (double sample : samples) sum += std::log(sample);
  return std::exp(sum / static_cast<double>(samples.size()));
}

}  // namespace tenon::bench
