// SPDX-License-Identifier: Apache-2.0
#include "runtime/os/tasks.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <string_view>
#include <system_error>

#include "base/fd.hpp"
#include "runtime/os/threads.hpp"

namespace tenon::runtime::os {

namespace {

struct Task {
  bool known = false;
  char state = 0;
  std::uint16_t start = 0;
};

/// proc_pid_stat(5): "number (name) state ..."; the name may hold anything, so the fields count from the last parenthesis. starttime is field 22.
Task parse(std::string_view text) noexcept {
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string_view::npos || name_end + 2 >= text.size()) return {};
  text.remove_prefix(name_end + 2);
  Task task{true, text.front(), 0};
  for (int field = 3; field < 22; ++field) {
    const std::size_t blank = text.find(' ');
    if (blank == std::string_view::npos) return {};
    text.remove_prefix(blank + 1);
  }
  std::uint64_t ticks = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), ticks).ec != std::errc{}) return {};
  task.start = static_cast<std::uint16_t>(ticks & 0xffff);
  if (task.start == 0) task.start = 1;
  return task;
}

/// Without allocation: it is called while a lock is waited for.
Task look_at(pid_t thread) noexcept {
  std::array<char, 32> path{"/proc/"};
  const auto number = std::to_chars(path.data() + 6, path.data() + path.size() - 6, thread);
  std::string_view("/stat").copy(number.ptr, 5);
  number.ptr[5] = '\0';
  const base::Fd file(::open(path.data(), O_RDONLY | O_CLOEXEC));
  if (!file) return {};
  std::array<char, 1024> text{};
  const ssize_t n = ::read(file.get(), text.data(), text.size());
  return n <= 0 ? Task{} : parse({text.data(), static_cast<std::size_t>(n)});
}

}  // namespace

std::uint16_t start_of_this_thread() noexcept { return look_at(thread_id()).start; }

bool is_task_dead(pid_t thread, std::uint16_t start) noexcept {
  if (thread <= 0) return true;
  const Task task = look_at(thread);
  if (!task.known) return ::kill(thread, 0) != 0 && errno == ESRCH;  // /proc may hide what belongs to others
  if (task.state == 'Z' || task.state == 'X' || task.state == 'x') return true;
  return start != 0 && task.start != start;
}

bool is_thread_of_this_process(pid_t thread) noexcept { return thread > 0 && ::syscall(SYS_tgkill, ::getpid(), thread, 0) == 0; }

}  // namespace tenon::runtime::os
