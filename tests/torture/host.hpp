// SPDX-License-Identifier: Apache-2.0
// Counts what the extension is handed and what comes back, per thread, and throws or stumbles where it is told to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tenon/engine.hpp>

namespace tenon::torture {

/// One acquisition or its end. Things, jobs, locks and the mode share one numbering: the order in which they were acquired.
struct Host {
  struct Held { std::uint64_t serial; int kind; std::uint64_t number; };
  static constexpr int kThing = 0, kJob = 1, kLock = 2, kMode = 3;

  std::vector<Held> held;            ///< in order of acquisition
  std::uint64_t last_serial = 0;
  std::uint64_t misuses = 0;         ///< given back what was not held
  std::uint64_t disorder = 0;        ///< given back by the runtime before something that was acquired later
  std::uint64_t calls = 0;           ///< of point()
  std::uint64_t throws_at = 0;       ///< point() number n throws; 0: none does
  void clear();
};
Host& host();

/// The interface of torture.tni with its functions bound.
Interface torture_interface();

/// What is wrong with this thread's books after a run; empty: nothing.
std::string verdict();

/// An object for the hook `given`.
void* new_job();

}  // namespace tenon::torture
