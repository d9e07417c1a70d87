// SPDX-License-Identifier: Apache-2.0
// The extension's own functions, as host functions are handed them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include <tenon/outcome.hpp>

namespace tenon {

namespace detail {

/// A program that can run its functions by themselves.
class LaterRunner {
 public:
  virtual Outcome run_later(const void* function, std::uint32_t type, const std::array<std::uint64_t, 5>& arguments) const noexcept = 0;

 protected:
  ~LaterRunner() = default;
};

}  // namespace detail

/// A function of the extension that was passed as `fn(..) later`, for the host to keep and run whenever it likes. It keeps neither the extension nor its
/// memory: when the extension was unloaded, or its last handle is gone, it is only refused. A value; copies are the same function. Thread-safe.
class LaterCallback {
 public:
  LaterCallback() = default;  ///< no function: refused

  /// Runs the function as an invocation of its own, in the extension's quantum: from any thread, several at once, also inside a host function. Arguments are
  /// those of the line, in order; memory that is lent has to stay until it returns. The Outcome is that of Program::run(): value 0 unless it returned,
  /// Cause::unloaded where there is no extension any more, Cause::detached and kin as its policy says. Exception callbacks are the programs', not its.
  /// Cost: as Program::run() and some 30 ns. Signal-safe: no.
  Outcome run(std::uint64_t r1 = 0, std::uint64_t r2 = 0, std::uint64_t r3 = 0, std::uint64_t r4 = 0, std::uint64_t r5 = 0) const noexcept;
  /// False once the extension's last handle is gone: it will always be refused.
  explicit operator bool() const noexcept { return !runner_.expired(); }

 private:
  friend class Callback;
  LaterCallback(std::weak_ptr<const detail::LaterRunner> runner, const void* function, std::uint32_t type)
      : runner_(std::move(runner)), function_(function), type_(type) {}

  std::weak_ptr<const detail::LaterRunner> runner_;
  const void* function_ = nullptr;  ///< belongs to the runner
  std::uint32_t type_ = 0;          ///< as the interface counts them
};

/// What a host function gets for a parameter `fn(..) -> ty`: `const tenon::Callback*`, null where the line says `?fn`. Valid until that host function
/// returns, on the thread it was called on.
class Callback {
 public:
  /// Runs the function. Nothing: the invocation is to end (it was cancelled, or threw); the host function should return soon, and its result is not used.
  /// Arguments are those of the line, in order; the rest is not read. One that the line calls `later` is not run so: that gives nothing, and means nothing.
  /// Cost: a few ns. Signal-safe: no.
  std::optional<std::uint64_t> call(std::uint64_t r1 = 0, std::uint64_t r2 = 0, std::uint64_t r3 = 0, std::uint64_t r4 = 0,
                                    std::uint64_t r5 = 0) const noexcept;

  /// What to keep of a parameter that the line calls `later`; of any other no function.
  LaterCallback later() const noexcept;

  /// For the runtime. `function` is what it calls the function by; `later_type`: the type of one that is only called later.
  Callback(std::uint64_t generation, const void* function, std::optional<std::uint32_t> later_type)
      : generation_(generation), function_(function), later_type_(later_type) {}
  Callback(const Callback&) = delete;
  Callback& operator=(const Callback&) = delete;

 private:
  std::uint64_t generation_ = 0;  ///< of the invocation that it belongs to
  const void* function_ = nullptr;
  std::optional<std::uint32_t> later_type_;
};

}  // namespace tenon
