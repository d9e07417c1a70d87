// SPDX-License-Identifier: Apache-2.0
// Measures one row: every variant's answers are compared first, then the variants take turns in random order.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "variant.hpp"

namespace tenon::bench {

struct MeasureOptions {
  bool smoke = false;  ///< tiny sizes, one round
  unsigned rounds = 15;
  unsigned rounds_per_load = 3;   ///< then every variant is loaded and set up anew: its memory lies elsewhere, so luck with caches averages out
  double sample_ms = 5;           ///< length of one timed sample of the reference
  double invocation_ms = 0.5;     ///< length of one invocation of the reference
  std::uint64_t seed = 0x7e404e;  ///< of the data and of the order; not 0
};

/// What one variant showed in one row.
struct VariantTimes {
  std::string failure;          ///< why there are no times; empty when there are
  std::vector<double> load_ms;  ///< from the file to something that runs, one per load
  std::vector<double> ns;       ///< per operation, one per round

  bool measured() const { return failure.empty() && !ns.empty(); }
};

struct RowTimes {
  Row row;
  std::uint64_t size = 0;
  std::uint32_t repeat = 0;       ///< repetitions per invocation
  std::uint32_t invocations = 0;  ///< per sample
  std::map<std::string, VariantTimes, std::less<>> variants;
};

/// kinds[0] is the reference: answers are compared with its answers, and its speed sets the lengths. A variant that cannot be loaded, is cancelled
/// or answers differently gets a `failure` and no times; the others are still measured.
RowTimes measure(const Row& row, const std::vector<VariantKind>& kinds, const MeasureOptions& options);

}  // namespace tenon::bench
