// SPDX-License-Identifier: Apache-2.0
// How the verbs answer: one JSON object on standard output, or text with diagnostics on standard error.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

#include <tenon/result.hpp>

namespace tenon::cli {

using Json = nlohmann::ordered_json;

Json to_json(const Diagnostics& diagnostics);

/// Prints `object` on one line.
void print(const Json& object);

/// Prints the diagnostics to standard error; returns kRefused.
int report(const Diagnostics& diagnostics);

/// Shows on standard error how far a long job is, once a second. Silent in the first second.
class Progress {
 public:
  explicit Progress(std::string_view what) : what_(what) {}
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void show(std::uint64_t done, std::uint64_t total);

 private:
  using Clock = std::chrono::steady_clock;
  std::string_view what_;
  Clock::time_point next_ = Clock::now() + std::chrono::seconds(1);
  bool shown_ = false;
};

}  // namespace tenon::cli
