// SPDX-License-Identifier: Apache-2.0
// What a host may choose for each load. Every field: meaning, unit, default.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace tenon {

enum class Backend : std::uint8_t {
  native,       ///< LLVM code (default)
  interpreter,  ///< the oracle: 50 to 100 times slower, checks every access
};

/// How compiled code that must end is made to. Host calls always test for it.
enum class Trigger : std::uint8_t {
  signal,  ///< a real-time signal to the thread; loops pay nothing (default)
  poll,    ///< one load per turn of a loop, from a page that the watchdog closes: no signal is sent to a thread that runs extension code
};

/// What follows when an extension's invocations are cancelled. Not counted: throwing, refused runs, and what the host did itself (Cause::host_request,
/// Cause::host_promise).
struct AfterCancel {
  enum class Action : std::uint8_t {
    keep,    ///< nothing: the next run starts as ever (default)
    retry,   ///< runs are refused with Cause::backing_off until a delay has passed
    detach,  ///< runs are refused with Cause::detached until Extension::attach()
    unload,  ///< as Extension::unload(), without waiting
  };
  Action action = Action::keep;
  /// The action follows the `count`th cancellation within `within` of wall time; 0: however long ago the others were. At most kMaxCount; 0 counts as 1.
  std::uint32_t count = 1;
  std::chrono::nanoseconds within{0};
  /// Action::retry: the delay doubles from one to the other, and starts again once the extension ran for longer than its last delay.
  std::chrono::nanoseconds first_delay = std::chrono::milliseconds(10);
  std::chrono::nanoseconds longest_delay = std::chrono::seconds(10);

  static constexpr std::uint32_t kMaxCount = 1024;
};

#ifdef TENON_CHECK_HOST
inline constexpr bool kCheckHostByDefault = true;
#else
inline constexpr bool kCheckHostByDefault = false;
#endif

#ifdef TENON_CHECK_RECORDS
inline constexpr bool kCheckRecordsByDefault = true;
#else
inline constexpr bool kCheckRecordsByDefault = false;
#endif

struct LoadOptions {
  /// Size of the heap's address space in bytes; rounded up to a power of two; 64 KiB to 64 GiB.
  std::uint64_t heap_bytes = 1ull << 30;
  /// Most bytes that may be granted (globals included); 0 means heap_bytes.
  std::uint64_t heap_limit_bytes = 0;
  /// True: an extension that asks for memory when there is none left is cancelled with Cause::memory_limit. Default: it gets null.
  bool cancel_when_out_of_memory = false;
  /// For debugging an extension: freeing what malloc did not hand out, or twice, ends the invocation with Cause::bad_free, and touching freed memory is a
  /// fault. Each allocation takes whole pages and system calls. Default: a wrong free does nothing.
  bool debug_heap = false;
  /// CPU time that one invocation may use before it is cancelled; 0: never cancelled for time. The interpreter has no clock and executes at most
  /// one instruction per nanosecond of it.
  std::chrono::nanoseconds quantum = std::chrono::milliseconds(10);
  Trigger trigger = Trigger::signal;
  /// Reads of the extension's heap are not guarded: faster where pointers are followed, but the extension can read whatever the process can (also what has
  /// effects when it is read, such as mapped device registers). It still writes nothing but its heap, and a read that faults ends the invocation with
  /// Cause::fault. Refused with E0811 for hooks that say `noperf`. The interpreter guards all the same. Default: reads are guarded.
  bool performance_mode = false;
  AfterCancel after_cancel;
  Backend backend = Backend::native;
  /// Compares what the host's own functions do with their lines of the interface; the first that breaks its promise ends the invocation with
  /// Cause::host_promise and is named in Outcome::broken_promise. For debugging a host: each call copies its memory arguments. Default: on when the host
  /// is compiled with TENON_CHECK_HOST defined.
  bool check_host = kCheckHostByDefault;
  /// Compares what is held, whenever an invocation does not return, with what the verifier said may be held there; a difference ends the process. For
  /// testing Tenon itself. Default: on when it is compiled with TENON_CHECK_RECORDS defined.
  bool check_records = kCheckRecordsByDefault;
  /// Exactly these programs, also ones that do not load by themselves (SEC("?...")); empty: all that do.
  std::vector<std::string> programs;
};

}  // namespace tenon
