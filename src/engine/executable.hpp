// SPDX-License-Identifier: Apache-2.0
// A verified program in one of the two forms in which it can run.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include <tenon/outcome.hpp>

#include "instrument/guarded.hpp"
#include "runtime/runtime.hpp"

namespace tenon::engine {

/// Immutable; thread-safe.
class Executable {
 public:
  /// `installed`: the native form, if that is what it is; belongs to the derived class.
  explicit Executable(instrument::Guarded guarded, const runtime::Installed* installed = nullptr) : guarded_(std::move(guarded)), installed_(installed) {}
  virtual ~Executable() = default;
  Executable(const Executable&) = delete;
  Executable& operator=(const Executable&) = delete;

  virtual Outcome run(const std::array<std::uint64_t, 5>& arguments) const noexcept = 0;
  virtual runtime::RecordCounts record_counts() const = 0;
  virtual std::uint32_t guards_in_code() const = 0;

  /// For run()'s caller to save the indirection; null when interpreted.
  const runtime::Installed* installed() const { return installed_; }
  const instrument::Guarded& guarded() const { return guarded_; }
  const std::string& name() const { return guarded_.program().name(); }
  const std::string& hook() const { return guarded_.program().hook(); }

 private:
  instrument::Guarded guarded_;
  const runtime::Installed* installed_;
};

}  // namespace tenon::engine
