// SPDX-License-Identifier: Apache-2.0
#include "runtime/builtins.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "runtime/builtin_flow.hpp"
#include "runtime/heap_state.hpp"
#include "runtime/lock_builtins.hpp"
#include "runtime/runtime.hpp"
#include "runtime/thread_slot.hpp"

namespace tenon::runtime {

namespace {

/// Between two chunks the invocation can be stopped: about 10 us of work.
constexpr std::uint64_t kChunkBytes = 64ull << 10;

unsigned char* bytes_at(std::uint64_t address) { return reinterpret_cast<unsigned char*>(address); }

/// Calls step(offset, bytes) over [0, n) upwards until it returns false or the invocation must end.
template <class Step>
void forward(const Level& level, std::uint64_t n, Step&& step) {
  for (std::uint64_t done = 0; done < n && !level.must_end();) {
    const std::uint64_t now = std::min(kChunkBytes, n - done);
    if (!step(done, now)) return;
    done += now;
  }
}

template <class Step>
void backward(const Level& level, std::uint64_t n, Step&& step) {
  for (std::uint64_t left = n; left > 0 && !level.must_end();) {
    const std::uint64_t now = std::min(kChunkBytes, left);
    left -= now;
    step(left, now);
  }
}

/// Right for overlapping ranges as well, so tn_copy and tn_move are one function.
std::uint64_t move(Level& level, const Registers& r) noexcept {
  unsigned char* const to = bytes_at(r[0]);
  const unsigned char* const from = bytes_at(r[1]);
  const auto step = [&](std::uint64_t offset, std::uint64_t n) {
    std::memmove(to + offset, from + offset, n);
    return true;
  };
  if (r[0] - r[1] >= r[2]) {  // the target does not begin inside the source
    forward(level, r[2], step);
  } else {
    backward(level, r[2], step);
  }
  return 0;
}

std::uint64_t fill(Level& level, const Registers& r) noexcept {
  forward(level, r[2], [&](std::uint64_t offset, std::uint64_t n) {
    std::memset(bytes_at(r[0]) + offset, static_cast<int>(r[1] & 0xff), n);
    return true;
  });
  return 0;
}

/// Like memcmp: the sign of the first difference, as -1, 0 or 1.
std::uint64_t compare(Level& level, const Registers& r) noexcept {
  int result = 0;
  forward(level, r[2], [&](std::uint64_t offset, std::uint64_t n) {
    result = std::memcmp(bytes_at(r[0]) + offset, bytes_at(r[1]) + offset, n);
    return result == 0;
  });
  return static_cast<std::uint64_t>(static_cast<std::int64_t>((result > 0) - (result < 0)));
}

/// The index of the first byte equal to the value, or n.
std::uint64_t find(Level& level, const Registers& r) noexcept {
  const unsigned char* const begin = bytes_at(r[0]);
  std::uint64_t index = r[2];
  forward(level, r[2], [&](std::uint64_t offset, std::uint64_t n) {
    const void* const hit = std::memchr(begin + offset, static_cast<int>(r[1] & 0xff), n);
    if (hit != nullptr) index = static_cast<std::uint64_t>(static_cast<const unsigned char*>(hit) - begin);
    return hit == nullptr;
  });
  return index;
}

std::uint64_t grow(Level& level, const Registers& r) noexcept { return level.heap->state().grow(r[0], &level); }

constexpr std::pair<std::string_view, BuiltinFunction> kBuiltins[] = {
    {"tn_copy", move},
    {"tn_move", move},
    {"tn_fill", fill},
    {"tn_compare", compare},
    {"tn_find", find},
    {"tn_grow", grow},
    {"bpf_throw", throw_cookie},
    {"tn_try", try_body},
    {"tn_cookie", caught_cookie},
    {"tn_defer", defer_cleanup},
    {"tn_scope_begin", begin_scope},
    {"tn_scope_end", end_scope},
    {"bpf_loop", loop_callback},
    {"bpf_iter_num_new", new_numbers},
    {"bpf_iter_num_next", next_number},
    {"bpf_iter_num_destroy", destroy_numbers},
};

}  // namespace

BuiltinFunction find_builtin(std::string_view name) {
  for (const auto& [known, function] : kBuiltins) {
    if (known == name) return function;
  }
  return find_lock_builtin(name);
}

bool is_lock_builtin(std::string_view name) { return find_lock_builtin(name) != nullptr; }

}  // namespace tenon::runtime
