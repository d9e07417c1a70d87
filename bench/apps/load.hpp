// SPDX-License-Identifier: Apache-2.0
// What load is put on a server, and what came of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tenon::bench {

struct Load {
  std::string address = "127.0.0.1";
  int port = 11211;
  unsigned connections = 16;
  unsigned depth = 1;             ///< requests that one connection has under way at once
  std::uint64_t keys = 10'000;
  std::uint32_t value_bytes = 100;
  std::uint32_t get_percent = 90; ///< the rest are sets
  double seconds = 2.0;           ///< measured; the keys are stored and a tenth is run before
  std::uint64_t seed = 1;
};

/// Latencies in nanoseconds, in buckets one sixteenth apart.
class Histogram {
 public:
  void add(std::uint64_t nanoseconds);
  /// Upper end of the bucket in which the quantile lies, in nanoseconds; `fraction` in (0, 1].
  std::uint64_t quantile(double fraction) const;

 private:
  static constexpr unsigned kSteps = 16;
  std::vector<std::uint64_t> buckets_ = std::vector<std::uint64_t>(64 * kSteps);
  std::uint64_t count_ = 0;
};

struct LoadResult {
  std::uint64_t requests = 0;
  std::uint64_t wrong = 0;        ///< replies that were not what had to come
  std::string first_wrong;
  double seconds = 0;
  Histogram latency;
};

/// Runs `load` against the server and checks every byte of every reply: a stored value must come back as it was stored last.
/// Throws std::runtime_error when the server cannot be reached or goes away.
LoadResult run_load(const Load& load, void (*started)(), void (*ended)());

}  // namespace tenon::bench
