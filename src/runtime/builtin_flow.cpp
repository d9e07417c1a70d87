// SPDX-License-Identifier: Apache-2.0
#include "runtime/builtin_flow.hpp"

#include <cerrno>

#include "runtime/release.hpp"
#include "runtime/thread_slot.hpp"

namespace tenon::runtime {

namespace {

constexpr std::uint64_t failure(int error) { return static_cast<std::uint64_t>(-static_cast<std::int64_t>(error)); }

constexpr Drop kTryMark{Drop::Kind::mark, nullptr, nullptr};

/// What bpf_for counts with; lives in the extension's private stack, 8 bytes, and only these functions look at it.
struct Numbers {
  std::int32_t current, end;
};
Numbers& numbers_at(std::uint64_t address) { return *reinterpret_cast<Numbers*>(address); }

/// Iterations at most, of bpf_loop and of the number iterator (Linux, include/linux/bpf.h: BPF_MAX_LOOPS).
constexpr std::int64_t kMaxIterations = 8 << 20;

/// r1 is the function, r2 what it is given.
void record_cleanup(Level& level, const Registers& r, Drop::Kind kind) noexcept {
  const void* const function = level.runner->find(r[0]);
  if (function == nullptr) return level.request(Pending::cancel, Cause::bad_call, 0);
  level.held.push(r[1], level.runner->cleanup(function, kind));
}

}  // namespace

std::uint64_t throw_cookie(Level& level, const Registers& r) noexcept {
  level.request(Pending::throw_, Cause::none, r[0]);
  return 0;
}

/// The record is exact at every instruction, so what the body had acquired when it threw is what stands above the mark.
std::uint64_t try_body(Level& level, const Registers& r) noexcept {
  level.held.push(0, kTryMark);  // the call's own room in the record
  if (call_function(level, level.runner->find(r[0]), {r[1]})) {
    close_mark(level);
    return 0;
  }
  if (level.pending != Pending::throw_ || !level.may_be_caught) return 0;  // ends at the thunk
  level.caught_cookie = level.cookie;
  level.pending = Pending::none;
  level.ending = Ending::none;
  level.has_ended = false;
  if (level.must_end()) return 0;  // cancelled meanwhile: what would have been caught is not what ended it
  release_to_mark(level);
  return 1;
}

std::uint64_t caught_cookie(Level& level, const Registers&) noexcept { return level.caught_cookie; }

std::uint64_t defer_cleanup(Level& level, const Registers& r) noexcept {
  record_cleanup(level, r, Drop::Kind::cleanup);
  return 0;
}

std::uint64_t begin_scope(Level& level, const Registers& r) noexcept {
  record_cleanup(level, r, Drop::Kind::destructor);
  return 0;
}

std::uint64_t end_scope(Level& level, const Registers& r) noexcept {
  run_destructor(level, r[0]);
  return 0;
}

std::uint64_t loop_callback(Level& level, const Registers& r) noexcept {
  const auto rounds = static_cast<std::uint32_t>(r[0]);
  if (r[3] != 0) return failure(EINVAL);
  if (rounds > kMaxIterations) return failure(E2BIG);
  const void* const function = level.runner->find(r[1]);
  for (std::uint32_t i = 0; i < rounds; ++i) {
    const auto stop = call_function(level, function, {i, r[2]});
    if (!stop) return 0;
    if (*stop != 0) return i + 1;
  }
  return rounds;
}

std::uint64_t new_numbers(Level&, const Registers& r) noexcept {
  const auto start = static_cast<std::int32_t>(r[1]), end = static_cast<std::int32_t>(r[2]);
  const bool is_empty = start > end, is_long = std::int64_t{end} - start > kMaxIterations;
  // One before the first: start is above INT32_MIN or wraps, and the first step wraps back (Linux, kernel/bpf/bpf_iter.c, bpf_iter_num_new).
  numbers_at(r[0]) = is_empty || is_long ? Numbers{0, 0} : Numbers{static_cast<std::int32_t>(static_cast<std::uint32_t>(start) - 1u), end};
  return is_empty ? failure(EINVAL) : is_long ? failure(E2BIG) : 0;
}

std::uint64_t next_number(Level&, const Registers& r) noexcept {
  Numbers& numbers = numbers_at(r[0]);
  const auto next = static_cast<std::int32_t>(static_cast<std::uint32_t>(numbers.current) + 1u);
  if (next >= numbers.end) {
    numbers = {0, 0};
    return 0;
  }
  numbers.current = next;
  return reinterpret_cast<std::uint64_t>(&numbers.current);
}

std::uint64_t destroy_numbers(Level&, const Registers& r) noexcept {
  numbers_at(r[0]) = {0, 0};
  return 0;
}

}  // namespace tenon::runtime
