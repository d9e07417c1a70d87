// SPDX-License-Identifier: Apache-2.0
// A verified program in one of the two forms in which it can run.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include <tenon/outcome.hpp>

#include "instrument/guarded.hpp"
#include "runtime/run_again.hpp"
#include "runtime/runtime.hpp"

namespace tenon::engine {

/// Immutable; thread-safe.
class Executable {
 public:
  explicit Executable(instrument::Guarded guarded, std::uint64_t serial = runtime::kNobodysSerial) : guarded_(std::move(guarded)), serial_(serial) {}
  virtual ~Executable() = default;
  Executable(const Executable&) = delete;
  Executable& operator=(const Executable&) = delete;

  virtual Outcome run(const std::array<std::uint64_t, 5>& arguments) const noexcept = 0;
  virtual runtime::RecordCounts record_counts() const = 0;
  virtual std::uint32_t guards_in_code() const = 0;

  /// Of the native form; kNobodysSerial when interpreted.
  std::uint64_t serial() const { return serial_; }
  const instrument::Guarded& guarded() const { return guarded_; }
  const std::string& name() const { return guarded_.program().name(); }
  const std::string& hook() const { return guarded_.program().hook(); }

 private:
  instrument::Guarded guarded_;
  std::uint64_t serial_;
};

}  // namespace tenon::engine
