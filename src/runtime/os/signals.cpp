// SPDX-License-Identifier: Apache-2.0
#include "runtime/os/signals.hpp"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

extern "C" __attribute__((visibility("hidden"))) void tenon_signal_return();

namespace tenon::runtime::os {

namespace {

constexpr unsigned long kSaRestorer = 0x04000000;
constexpr std::size_t kPageBytes = 4096;

int error_of(long result) noexcept { return result == 0 ? 0 : errno; }

std::uint64_t change_mask(int how, std::uint64_t mask) noexcept {
  std::uint64_t before = 0;
  ::syscall(SYS_rt_sigprocmask, how, &mask, &before, sizeof mask);
  return before;
}

/// The kernel's minimum grows with the vector registers; our handler and one of the host's behind it must fit as well.
std::size_t signal_stack_bytes() noexcept {
  const long minimum = ::sysconf(_SC_MINSIGSTKSZ);
  const std::size_t bytes = static_cast<std::size_t>(std::max(minimum, 2048L)) + (64u << 10);
  return (bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
}

}  // namespace

int set_action(int signal, const KernelAction& action) noexcept {
  return error_of(::syscall(SYS_rt_sigaction, signal, &action, nullptr, sizeof(std::uint64_t)));
}

int get_action(int signal, KernelAction* action) noexcept {
  return error_of(::syscall(SYS_rt_sigaction, signal, nullptr, action, sizeof(std::uint64_t)));
}

int install_handler(int signal, SignalHandler handler, SystemCalls system_calls) noexcept {
  KernelAction action{};
  action.action = handler;
  action.flags = SA_SIGINFO | SA_ONSTACK | (system_calls == SystemCalls::restarted ? SA_RESTART : 0) | kSaRestorer;
  action.restorer = &tenon_signal_return;
  return error_of(::syscall(SYS_rt_sigaction, signal, &action, nullptr, sizeof(std::uint64_t)));
}

std::uint64_t block_signals(std::uint64_t mask) noexcept { return change_mask(SIG_BLOCK, mask); }
std::uint64_t unblock_signals(std::uint64_t mask) noexcept { return change_mask(SIG_UNBLOCK, mask); }
void set_signal_mask(std::uint64_t mask) noexcept { change_mask(SIG_SETMASK, mask); }

int signal_thread(pid_t thread, int signal) noexcept { return error_of(::syscall(SYS_tgkill, ::getpid(), thread, signal)); }

int unused_realtime_signal() noexcept {
  for (int signal = SIGRTMAX; signal >= SIGRTMIN; --signal) {
    KernelAction action{};
    if (get_action(signal, &action) == 0 && action.handler == SIG_DFL) return signal;
  }
  return 0;
}

int ensure_signal_stack(void** mapped) noexcept {
  *mapped = nullptr;
  stack_t current{};
  if (::sigaltstack(nullptr, &current) != 0) return errno;
  const std::size_t bytes = signal_stack_bytes();
  if ((current.ss_flags & SS_DISABLE) == 0 && current.ss_size >= bytes / 2) return 0;
  void* const p = ::mmap(nullptr, bytes + kPageBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) return errno;
  stack_t ours{};
  ours.ss_sp = static_cast<std::byte*>(p) + kPageBytes;  // the first page stays a guard
  ours.ss_size = bytes;
  if (::mprotect(ours.ss_sp, bytes, PROT_READ | PROT_WRITE) != 0 || ::sigaltstack(&ours, nullptr) != 0) {
    const int error = errno;
    ::munmap(p, bytes + kPageBytes);
    return error;
  }
  std::fill_n(static_cast<volatile std::byte*>(ours.ss_sp), bytes, std::byte{0});  // present before the first fault
  *mapped = p;
  return 0;
}

void remove_signal_stack(void* mapped) noexcept {
  if (mapped == nullptr) return;
  stack_t current{};
  if (::sigaltstack(nullptr, &current) == 0 && current.ss_sp == static_cast<std::byte*>(mapped) + kPageBytes) {
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    ::sigaltstack(&none, nullptr);
  }
  ::munmap(mapped, signal_stack_bytes() + kPageBytes);
}

}  // namespace tenon::runtime::os
