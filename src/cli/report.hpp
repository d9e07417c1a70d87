// SPDX-License-Identifier: Apache-2.0
// How the verbs answer: one JSON object on standard output, or text with diagnostics on standard error.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include <nlohmann/json.hpp>

#include <tenon/result.hpp>

namespace tenon::cli {

using Json = nlohmann::ordered_json;

Json to_json(const Diagnostics& diagnostics);

/// Prints `object` on one line.
void print(const Json& object);

/// Prints the diagnostics to standard error; returns kRefused.
int report(const Diagnostics& diagnostics);

/// Says on standard error, once a second, what takes so long. Silent in the first second.
class Progress {
 public:
  explicit Progress(std::string what, std::uint64_t total = 0);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` of the total given at the start. Costs one plain store.
  void step(std::uint64_t done) { done_.store(done, std::memory_order_relaxed); }

 private:
  void report_until_stopped();

  std::string what_;
  std::uint64_t total_;
  std::atomic<std::uint64_t> done_{0};
  std::mutex mutex_;
  std::condition_variable stopped_changed_;
  bool stopped_ = false;
  std::thread reporter_;
};

}  // namespace tenon::cli
