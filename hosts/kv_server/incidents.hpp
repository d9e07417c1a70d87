// SPDX-License-Identifier: Apache-2.0
// What was stopped, by place in the extension's source: one line when a place is new, and again each time its count has grown tenfold.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <tuple>

#include <tenon/outcome.hpp>

namespace kv {

class Incidents {
 public:
  explicit Incidents(std::string extension) : extension_(std::move(extension)) {}
  ~Incidents();

  /// Counts `outcome`, which is no `returned`, of program `program`. Thread-safe.
  void add(std::string_view program, const tenon::Outcome& outcome);

 private:
  using Place = std::tuple<std::string, std::uint32_t, std::uint32_t, tenon::Cause>;  ///< file, line, instruction, cause
  struct Count {
    std::uint64_t seen = 0, announce_at = 1;
  };
  void print(const Place& place, std::string_view program, std::uint64_t seen, const tenon::Outcome* outcome) const;

  std::string extension_;
  std::mutex mutex_;
  std::map<Place, Count> counts_;
};

}  // namespace kv
