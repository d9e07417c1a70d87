// SPDX-License-Identifier: Apache-2.0
// How one invocation of an extension ended.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tenon {

/// Why an invocation was cancelled.
enum class Cause : std::uint8_t {
  none,            ///< it was not cancelled
  quantum,         ///< it used more CPU time than its quantum
  fault,           ///< it touched a hole of its heap
  stack,           ///< its native stack or its heap-side stack is exhausted
  misaligned,      ///< an atomic access was not naturally aligned
  bad_call,        ///< an indirect call through a value that is no function of the object
  host_request,    ///< the host asked for it: Extension::cancel(), unload(), cancel_current_invocation()
  argument,        ///< memory it passed to a host function lies outside what its heap was granted
  object_limit,    ///< it held more objects at once than the record has room for
  deadlock,        ///< it waited for a lock in its heap, in a circle of threads that wait for each other, or had that lock already
  bad_unlock,      ///< it unlocked a lock in its heap that it did not hold
  lock_held,       ///< it returned and had not unlocked a lock in its heap
  host_promise,    ///< a host function broke its line of the interface (LoadOptions::check_host)
  memory_limit,    ///< it asked for memory and there was none left (LoadOptions::cancel_when_out_of_memory)
  bad_free,        ///< it freed what malloc did not hand out, or twice (LoadOptions::debug_heap)
  // It did not run at all, because of what was decided about its extension:
  unloaded,        ///< Extension::unload(), or AfterCancel::Action::unload
  detached,        ///< Extension::detach(), or AfterCancel::Action::detach
  backing_off,     ///< AfterCancel::Action::retry: its delay has not passed
};
inline constexpr std::size_t kCauses = static_cast<std::size_t>(Cause::backing_off) + 1;

std::string_view to_string(Cause cause);

/// Trivially copyable; what the pointers point to lives as long as the process.
struct Outcome {
  enum class Kind : std::uint8_t { returned, thrown, cancelled };

  Kind kind = Kind::returned;
  Cause cause = Cause::none;
  std::uint32_t instruction = 0;    ///< slot number as llvm-objdump prints it; only for `cancelled` and `thrown`
  std::uint64_t value = 0;          ///< r0; for `thrown` what the exception callback made of the cookie, or the cookie; else the hook's default result
  std::uint64_t cookie = 0;         ///< what was thrown, for `thrown`
  std::uint64_t fault_address = 0;  ///< Cause::fault; the pointer for bad_free; the lock for deadlock, bad_unlock and lock_held; for host_promise what the host function returned
  std::uint64_t release_ns = 0;     ///< time that giving back what was held took, when it did not return; not part of the quantum
  std::uint32_t failed_cleanups = 0;  ///< functions given to tn_defer() that were themselves cancelled
  std::uint32_t line = 0;           ///< of `file`, 1-based; 0: unknown
  std::uint32_t held_line = 0;      ///< of `held_file`
  std::uint32_t other_line = 0;     ///< of `other_file`
  std::uint32_t other_thread = 0;   ///< deadlock: the kernel's number of the other holder's thread; its own when it had the lock already
  const char* file = "";            ///< source file of `instruction`; "" when the object has no line table
  /// deadlock: where it took the lock that the others wait for; lock_held: where it took the lock it kept. Lives as long as the process.
  const char* held_file = "";
  const char* other_file = "";      ///< deadlock: where the other holder took the lock that it waited for
  const char* broken_promise = "";  ///< Cause::host_promise: the host function, its line, and what it did instead

  bool operator==(const Outcome&) const = default;
};

std::string_view to_string(Outcome::Kind kind);

/// How often runs ended as Outcome::Kind::cancelled, by cause.
struct CancelCounts {
  std::array<std::uint64_t, kCauses> by_cause{};
  std::uint64_t operator[](Cause cause) const { return by_cause[static_cast<std::size_t>(cause)]; }
};

}  // namespace tenon
