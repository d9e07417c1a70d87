// SPDX-License-Identifier: Apache-2.0
// What was decided about one extension as a whole: whether its programs may run, and what follows when they are cancelled. Shared by its programs and
// its handles. The run path reads one word; everything else happens under a lock, when something has ended badly.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <tenon/options.hpp>
#include <tenon/outcome.hpp>
#include <vector>

namespace tenon::runtime {

enum class Whose : std::uint8_t;

/// Thread-safe.
class Control {
 public:
  explicit Control(const AfterCancel& policy = {});
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  /// Why a run must not start; Cause::none: it may. Ask after the level was pushed with this Control, so that unload() misses nobody.
  Cause refusal() noexcept { return is_closed() ? refusal_now() : Cause::none; }
  /// False: refusal() is Cause::none.
  bool is_closed() const noexcept { return closed_.load(std::memory_order_relaxed) != Cause::none; }
  /// A run ended as cancelled: counted, and the policy applied. Requires: its level is in state releasing, or given up.
  void ended(Cause cause) noexcept;
  /// A run was refused: only counted.
  void refused(Cause cause) noexcept { counts_[static_cast<std::size_t>(cause)].fetch_add(1, std::memory_order_relaxed); }
  CancelCounts counts() const noexcept;
  bool is_unloaded() const noexcept { return closed_.load(std::memory_order_acquire) == Cause::unloaded; }

  // As in tenon::Extension.
  void cancel_running() noexcept;
  void unload() noexcept;
  void detach() noexcept;
  bool attach() noexcept;
  /// Whether one of its runs has not ended. What began just before is seen after a barrier.
  bool is_running(Whose whose) const noexcept;
  /// False: runs are not refused, or some that began earlier have not ended after `patience`. True: none runs, and none will before attach().
  bool is_quiet(std::chrono::nanoseconds patience) noexcept;

 private:
  Cause refusal_now() noexcept;
  bool is_due(std::uint64_t now_ns) noexcept;
  void apply(std::uint64_t now_ns) noexcept;

  const AfterCancel policy_;
  std::atomic<Cause> closed_{Cause::none};  ///< why runs are refused; written under lock_, except that a delay's end opens it
  std::atomic<std::uint64_t> closed_until_ns_{0};
  std::array<std::atomic<std::uint64_t>, kCauses> counts_{};

  std::mutex lock_;
  std::vector<std::uint64_t> recent_ns_;  ///< the last policy_.count cancellations, from next_ on round again; 0: none yet
  std::size_t next_ = 0;
  std::uint64_t delay_ns_ = 0;  ///< the last one
};

}  // namespace tenon::runtime
