// SPDX-License-Identifier: Apache-2.0
// The extension's own functions, as host functions are handed them.
#pragma once

#include <cstdint>
#include <optional>

namespace tenon {

/// What a host function gets for a parameter `fn(..) -> ty`: `const tenon::Callback*`, null where the line says `?fn`. Valid until that host function
/// returns, on the thread it was called on.
class Callback {
 public:
  /// Runs the function. Nothing: the invocation is to end (it was cancelled, or threw); the host function should return soon, and its result is not used.
  /// Arguments are those of the line, in order; the rest is not read. Cost: a few ns. Signal-safe: no.
  std::optional<std::uint64_t> call(std::uint64_t r1 = 0, std::uint64_t r2 = 0, std::uint64_t r3 = 0, std::uint64_t r4 = 0,
                                    std::uint64_t r5 = 0) const noexcept;

  /// For the runtime. `function` is what it calls the function by.
  Callback(std::uint64_t generation, const void* function) : generation_(generation), function_(function) {}
  Callback(const Callback&) = delete;
  Callback& operator=(const Callback&) = delete;

 private:
  std::uint64_t generation_ = 0;  ///< of the invocation that it belongs to
  const void* function_ = nullptr;
};

}  // namespace tenon
