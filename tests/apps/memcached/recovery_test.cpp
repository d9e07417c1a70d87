// SPDX-License-Identifier: Apache-2.0
// Stops memcached at one machine instruction after the other from its first lock on, as a cancellation may: what the call did is then there as a
// whole or not at all, and no item, chunk or list is lost. Takes every 13th instruction; with TENON_EVERY_INSTRUCTION=1 in the environment all of
// them, which takes minutes. Runs the source linked in, because the processor can be told to trap after each of its instructions; that a stopped
// extension's lock is abandoned to the next taker is what tests/cases/run/locks and tests/promises are about.
#include <gtest/gtest.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#include <fmt/format.h>
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "kv/host.h"
#include "service.hpp"

extern "C" {
int subject_start(kv::Settings* settings);
int subject_request(kv::Request* request);
void subject_closed(std::uint64_t connection);
std::uint64_t subject_items();
bool subject_is_growing();
const char* subject_check();
}

namespace {

constexpr std::uint64_t kTrapFlag = 0x100;  // of EFLAGS: a trap after each instruction

std::uint64_t stride() {
  static const bool every = std::getenv("TENON_EVERY_INSTRUCTION") != nullptr;
  return every ? 1 : 13;
}

struct Lock {
  bool held = false, abandoned = false;
};
Lock lock;

/// What the trap handler and the functions that the subject calls have to know.
struct Stepping {
  std::uint64_t stop_at = 0;  ///< steps from the first lock on; 0: do not step
  volatile std::uint64_t steps = 0;
  sigjmp_buf stopped;
};
Stepping stepping;

void trap(int, siginfo_t*, void*) {
  stepping.steps = stepping.steps + 1;
  if (stepping.steps == stepping.stop_at) siglongjmp(stepping.stopped, 1);  // with the flags of a handler: no more traps
}

inline void set_trap_flag(bool on) {
  const std::uint64_t flags = __builtin_ia32_readeflags_u64();
  __builtin_ia32_writeeflags_u64(on ? flags | kTrapFlag : flags & ~kTrapFlag);
}

/// A function that works on memory in pieces and can be stopped before, between and behind them, but need not be stopped at each byte.
template <class Work>
void in_two_pieces(std::uint64_t bytes, Work work) {
  const bool stepped = (__builtin_ia32_readeflags_u64() & kTrapFlag) != 0;
  set_trap_flag(false);
  work(0, bytes / 2);
  set_trap_flag(stepped);
  set_trap_flag(false);
  work(bytes / 2, bytes - bytes / 2);
  set_trap_flag(stepped);
}

}  // namespace

extern "C" {
void tn_copy(void* to, const void* from, std::uint64_t bytes) {
  in_two_pieces(bytes, [=](std::uint64_t begin, std::uint64_t count) {
    std::memcpy(static_cast<char*>(to) + begin, static_cast<const char*>(from) + begin, count);
  });
}
void tn_fill(void* to, std::uint32_t value, std::uint64_t bytes) {
  in_two_pieces(bytes,
                [=](std::uint64_t begin, std::uint64_t count) { std::memset(static_cast<char*>(to) + begin, static_cast<int>(value), count); });
}
std::uint64_t tn_find(const void* in, std::uint32_t value, std::uint64_t bytes) {
  const void* at = std::memchr(in, static_cast<int>(value), bytes);
  return at ? static_cast<std::uint64_t>(static_cast<const char*>(at) - static_cast<const char*>(in)) : bytes;
}
std::uint64_t kv_fact(std::uint32_t which) { return which == KV_THREADS ? 2 : 0; }
std::uint64_t tn_grow(std::uint64_t bytes) {
  void* at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return at == MAP_FAILED ? 0 : reinterpret_cast<std::uint64_t>(at);
}
std::uint32_t tn_write_lock(std::uint64_t) {
  const std::uint32_t answer = lock.abandoned ? 2 : 0;  // TN_ABANDONED
  if (lock.held) std::abort();
  lock = {true, false};
  if (stepping.stop_at != 0) set_trap_flag(true);
  return answer;
}
void tn_write_unlock(std::uint64_t) { lock.held = false; }
std::uint32_t tn_read_lock(std::uint64_t) {
  if (lock.held) std::abort();
  if (stepping.stop_at != 0) set_trap_flag(true);
  return lock.abandoned ? 2 : 0;
}
void tn_read_unlock(std::uint64_t) {}
}

namespace {

class Recovery : public testing::Test {
 protected:
  void start(std::uint64_t memory_bytes) {
    kv::Settings settings{memory_bytes, 42, kNow};
    ASSERT_EQ(subject_start(&settings), 0);
    struct sigaction action{};
    action.sa_sigaction = trap;
    action.sa_flags = SA_SIGINFO;
    ::sigaction(SIGTRAP, &action, nullptr);
  }

  /// One call for `input`, which it takes the front off; the reply is at the beginning of output_. Steps only inside of memcached.
  int call(std::string_view& input, std::uint64_t connection, std::uint32_t& produced) {
    kv::Request request{.input = input.data(),
                        .input_end = input.data() + input.size(),
                        .output = output_.data(),
                        .output_end = output_.data() + output_.size(),
                        .connection = connection,
                        .now = kNow};
    const int verdict = subject_request(&request);
    set_trap_flag(false);
    input.remove_prefix(request.consumed);
    produced = request.produced;
    return verdict;
  }

  /// The replies to `text` on `connection`.
  std::string ask(const std::string& text, std::uint64_t connection = 1) {
    std::string replies;
    for (std::string_view input = text; !input.empty();) {
      std::uint32_t produced = 0;
      if (call(input, connection, produced) == KV_CLOSE) return replies + "<closed>";
      replies.append(output_.data(), produced);
    }
    return replies;
  }

  /// The same, but the call ends after `stop_at` instructions under or after its first lock. False: it was done before that.
  bool ask_and_stop(std::string_view input, std::uint64_t stop_at, std::uint64_t connection = 1) {
    stepping.stop_at = stop_at;
    stepping.steps = 0;
    const bool stopped = sigsetjmp(stepping.stopped, 1) != 0;
    std::uint32_t produced = 0;
    while (!stopped && !input.empty() && call(input, connection, produced) != KV_CLOSE) {
    }
    stepping.stop_at = 0;
    if (stopped && lock.held) lock = {false, true};
    return stopped;
  }

  /// A call is stopped after `stop_at` steps, the one that has to recover after a few as well; then the host closes both connections.
  bool stop_twice(const std::string& text, std::uint64_t stop_at) {
    const bool stopped = ask_and_stop(text, stop_at);
    ask_and_stop("get nothing\r\n", stop_at % 61 + 1, 2);
    subject_closed(2);
    subject_closed(1);
    return stopped;
  }

  static constexpr std::uint64_t kNow = 1'700'000'000'000'000;
  std::vector<char> output_ = std::vector<char>(64 << 10);
};

struct Case {
  const char* name;
  std::string before;                ///< sent first, not stopped
  std::string request;               ///< stopped at each of its instructions
  std::string look;                  ///< then sent
  std::vector<std::string> answers;  ///< one of these must come
};

std::string set(const std::string& key, const std::string& value) { return fmt::format("set {} 0 0 {}\r\n{}\r\n", key, value.size(), value); }
std::string found(const std::string& key, const std::string& value) {
  return fmt::format("VALUE {} 0 {}\r\n{}\r\nEND\r\n", key, value.size(), value);
}

std::vector<Case> cases() {
  const std::string large(5000, 'v'), none = "END\r\n";
  return {
      {"set first", "delete k noreply\r\n", set("k", "new"), "get k\r\n", {none, found("k", "new")}},
      {"set over", set("k", "old"), set("k", "new"), "get k\r\n", {found("k", "old"), found("k", "new")}},
      {"set of another class", set("k", "old"), set("k", large), "get k\r\n", {found("k", "old"), found("k", large)}},
      {"set in pieces", set("k", "old"), "set k 0 0 3\r\nn", "get k\r\n", {found("k", "old")}},
      {"add", set("k", "old"), "add k 0 0 3\r\nnew\r\n", "get k\r\n", {found("k", "old")}},
      {"append", set("k", "old"), "append k 0 0 3\r\nnew\r\n", "get k\r\n", {found("k", "old"), found("k", "oldnew")}},
      {"prepend", set("k", "old"), "prepend k 0 0 3\r\nnew\r\n", "get k\r\n", {found("k", "old"), found("k", "newold")}},
      {"delete", set("k", "old"), "delete k\r\n", "get k\r\n", {found("k", "old"), none}},
      {"incr in place", set("k", "1998"), "incr k 1\r\n", "get k\r\n", {found("k", "1998"), found("k", "1999")}},
      {"incr that grows", set("k", "9999"), "incr k 1\r\n", "get k\r\n", {found("k", "9999"), found("k", "10000")}},
      {"decr that shrinks", set("k", "10000"), "decr k 1\r\n", "get k\r\n", {found("k", "10000"), found("k", "9999 ")}},
      {"incr before blanks",
       set("k", "7" + std::string(60, ' ')),
       "incr k 1\r\n",
       "get k\r\n",
       {found("k", "7" + std::string(60, ' ')), found("k", "8" + std::string(60, ' '))}},
      {"touch", set("k", "old"), "touch k 1000\r\n", "get k\r\n", {found("k", "old")}},
      {"get", set("k", "old"), "get k other k\r\n", "get k\r\n", {found("k", "old")}},
      {"get of a large one", set("k", large), "get k\r\n", "get k\r\n", {found("k", large)}},
      {"set of what is expired", "set k 0 -1 3\r\nold\r\n", set("k", "new"), "get k\r\n", {none, found("k", "new")}},
      {"refused set", set("k", "old"), "set k 0 0 2000000\r\n", "get k\r\n", {found("k", "old"), none}},
  };
}

TEST_F(Recovery, EveryCallIsDoneOrUndoneWhereverItStops) {
  start(64 << 20);
  for (const Case& test : cases()) {
    std::uint64_t at = 0;
    for (bool stopped = true; stopped;) {
      ask(test.before);
      stopped = stop_twice(test.request, at += stride());
      const char* wrong = subject_check();
      ASSERT_EQ(wrong, nullptr) << test.name << ", instruction " << at << ": " << wrong;
      const std::string answer = ask(test.look);
      ASSERT_TRUE(std::find(test.answers.begin(), test.answers.end(), answer) != test.answers.end())
          << test.name << ", instruction " << at << ": " << answer;
      if (!stopped) {
        EXPECT_EQ(answer, test.answers.back()) << test.name;
      }
    }
    EXPECT_GT(at, 50u) << test.name;
  }
}

TEST_F(Recovery, NothingIsLostWhileItemsAreEvicted) {
  start(1 << 20);
  const std::string value(3000, 'v');
  std::uint64_t number = 0;
  for (; number < 1000; ++number) ask(set(fmt::format("k{}", number), value));
  const std::uint64_t before = subject_items();
  bool stopped = true;
  for (std::uint64_t at = 1; stopped; at += stride()) {
    stopped = stop_twice(set(fmt::format("k{}", number++), value), at);
    const char* wrong = subject_check();
    ASSERT_EQ(wrong, nullptr) << "instruction " << at << ": " << wrong;
    ASSERT_EQ(ask(set(fmt::format("k{}", number++), value)), "STORED\r\n");
  }
  EXPECT_EQ(subject_items(), before);
}

TEST_F(Recovery, NoBucketIsLostWhileTheTableGrows) {
  start(64 << 20);
  std::uint64_t number = 0;
  while (!subject_is_growing()) ask(set(fmt::format("k{}", number++), "value"));
  std::uint64_t stored = subject_items();
  for (std::uint64_t at = 1; at < 600; at += stride()) {
    for (const char* when : {"first", "later"}) {
      const std::string key = fmt::format("k{}", number++);
      stop_twice(set(key, when), at + 200);
      if (ask(fmt::format("get {}\r\n", key)) != "END\r\n") ++stored;
    }
    const char* wrong = subject_check();
    ASSERT_EQ(wrong, nullptr) << "instruction " << at << ": " << wrong;
    ASSERT_EQ(subject_items(), stored);
  }
  ASSERT_TRUE(subject_is_growing());
  for (std::uint64_t i = 0; i < number; i += 97) {
    const std::string answer = ask(fmt::format("get k{}\r\n", i));
    if (i < 98'000) {
      ASSERT_EQ(answer, found(fmt::format("k{}", i), "value"));
    }
  }
}

}  // namespace
