// SPDX-License-Identifier: Apache-2.0
#include "runtime/os/threads.hpp"

#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "base/bug.hpp"

namespace tenon::runtime::os {

bool stack_bounds(std::uint64_t* low, std::uint64_t* high) noexcept {
  pthread_attr_t attributes;
  if (::pthread_getattr_np(::pthread_self(), &attributes) != 0) return false;
  void* address = nullptr;
  std::size_t bytes = 0, guard = 0;
  const bool known = ::pthread_attr_getstack(&attributes, &address, &bytes) == 0 && ::pthread_attr_getguardsize(&attributes, &guard) == 0;
  ::pthread_attr_destroy(&attributes);
  if (!known) return false;
  *high = reinterpret_cast<std::uint64_t>(address) + bytes;
  *low = reinterpret_cast<std::uint64_t>(address) + guard;
  return *low < *high;
}

pid_t thread_id() noexcept { return static_cast<pid_t>(::syscall(SYS_gettid)); }

bool cpu_clock_of_this_thread(clockid_t* clock) noexcept { return ::pthread_getcpuclockid(::pthread_self(), clock) == 0; }

std::uint64_t read_clock_ns(clockid_t clock) noexcept {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec);
}

void sleep_ns(std::uint64_t nanoseconds) noexcept {
  const timespec time{static_cast<time_t>(nanoseconds / 1'000'000'000), static_cast<long>(nanoseconds % 1'000'000'000)};
  ::nanosleep(&time, nullptr);
}

int register_heavy_barrier() noexcept {
  return ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0 ? 0 : errno;
}

void heavy_barrier() noexcept {
  base::ensure(::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0, "membarrier failed after it was registered");
}

void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t value, std::uint64_t ns) noexcept {
  timespec timeout{};
  timeout.tv_sec = static_cast<time_t>(ns / 1'000'000'000u);
  timeout.tv_nsec = static_cast<long>(ns % 1'000'000'000u);
  ::syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, ns == 0 ? nullptr : &timeout, nullptr, 0);
}

void futex_wake(std::atomic<std::uint32_t>& word) noexcept { ::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0); }

int start_background_thread(void* (*main)(void*), const char* name) noexcept {
  pthread_attr_t attributes;
  if (const int error = ::pthread_attr_init(&attributes)) return error;
  ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread{};
  const int error = ::pthread_create(&thread, &attributes, main, nullptr);
  if (error == 0) ::pthread_setname_np(thread, name);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::pthread_attr_destroy(&attributes);
  return error;
}

void make_this_thread_prompt() noexcept {
  ::prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  // Both refused without privilege: then it competes as the others do.
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(thread_id()), -15);
  sched_param lowest{};
  lowest.sched_priority = ::sched_get_priority_min(SCHED_FIFO);
  ::pthread_setschedparam(::pthread_self(), SCHED_FIFO, &lowest);
}

}  // namespace tenon::runtime::os
