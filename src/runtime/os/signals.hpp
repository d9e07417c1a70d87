// SPDX-License-Identifier: Apache-2.0
// Signal dispositions and masks by raw system call: the handlers of sanitizers and profilers that wrap sigaction() must not sit between the kernel and us
// (soundness.md, rule 15). x86-64.
#pragma once

#include <csignal>
#include <cstddef>
#include <cstdint>

namespace tenon::runtime::os {

/// The kernel's struct sigaction.
struct KernelAction {
  union {
    void (*handler)(int);
    void (*action)(int, siginfo_t*, void*);
  };
  unsigned long flags;
  void (*restorer)();
  std::uint64_t mask;
};
static_assert(sizeof(KernelAction) == 32 && sizeof(void*) == 8);

using SignalHandler = void (*)(int, siginfo_t*, void*);

constexpr std::uint64_t signal_bit(int signal) { return 1ull << (signal - 1); }

/// What becomes of a blocking system call on which the handler runs: SA_RESTART or not.
enum class SystemCalls : std::uint8_t { restarted, interrupted };
/// SA_SIGINFO | SA_ONSTACK. Returns an errno value.
int install_handler(int signal, SignalHandler handler, SystemCalls system_calls) noexcept;
int set_action(int signal, const KernelAction& action) noexcept;
int get_action(int signal, KernelAction* action) noexcept;

/// Like pthread_sigmask(SIG_BLOCK / SIG_UNBLOCK); returns the mask before.
std::uint64_t block_signals(std::uint64_t mask) noexcept;
std::uint64_t unblock_signals(std::uint64_t mask) noexcept;
void set_signal_mask(std::uint64_t mask) noexcept;

/// Sends `signal` to a thread of this process. Returns an errno value.
int signal_thread(pid_t thread, int signal) noexcept;

/// A real-time signal that nobody in the process handles, from the top down; 0 when there is none.
int unused_realtime_signal() noexcept;

/// Gives the calling thread an alternate signal stack unless it has one; `*mapped` is what was allocated (null if none). Returns an errno value.
int ensure_signal_stack(void** mapped) noexcept;
/// Takes it away again, if it is still the thread's.
void remove_signal_stack(void* mapped) noexcept;

}  // namespace tenon::runtime::os
