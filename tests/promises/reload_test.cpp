// SPDX-License-Identifier: Apache-2.0
// docs/safety-contract.md, Versions, snapshots, sharing.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <thread>

#include <tenon/heap_lock.hpp>
#include <tenon/shared_heap.hpp>

#include "promises/attack.hpp"

namespace tenon::promises {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Result<void> replace(const Extension& extension, const Object& object, const LoadOptions& options = {}) {
  return Engine(attack_interface()).replace(extension, object.path(), options, seconds(60));
}

TEST(Promise, ReplacingRefusesNobody) {
  const Object odd("u64 n; SEC(\"serve\") u64 f(struct request *r) { r->answer = __sync_fetch_and_add(&n, 1) + 1; return 1; }");
  const Object even("u64 more, n; SEC(\"serve\") u64 f(struct request *r) { r->answer = __sync_fetch_and_add(&n, 1) + 1; more++; return 2; }");
  const Extension extension = odd.load({.quantum = seconds(30)});
  const Program f = *extension.program("f");
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> runs = 0, refused = 0;
  std::thread requests([&] {
    for (; !stop; ++runs) {
      const Outcome outcome = run(f);
      if (outcome.kind != Outcome::Kind::returned || outcome.value > 2) ++refused;
    }
  });
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(replace(extension, i % 2 == 0 ? even : odd, {.quantum = seconds(30)}));
    EXPECT_EQ(run(f).value, i % 2 == 0 ? 2u : 1u);
  }
  stop = true;
  requests.join();
  EXPECT_EQ(refused, 0u);
  Request request;
  f.run(&request);
  EXPECT_EQ(request.answer, runs + 11) << "the heap went through all versions";
}

TEST(Promise, WhatMeansSomethingElseIsNotTakenOver) {
  const Object old(
      "struct node { struct node *next; u64 value; }; struct node *head; u64 table[4]; static u64 secret = 7;\n"
      "SEC(\"serve\") u64 f(struct request *r) { head = (struct node *)&table; secret++; return table[r->number & 3]; }");
  const Extension extension = old.load();
  const Program f = *extension.program("f");
  for (const char* text :
       {"struct node { u64 value; struct node *next; }; struct node *head; SEC(\"serve\") u64 f(struct request *r) { return head->value; }",
        "struct node { struct node *next; u64 value, more; }; struct node *head; SEC(\"serve\") u64 f(struct request *r) { return head->more; }",
        "u64 table[1024]; SEC(\"serve\") u64 f(struct request *r) { return table[r->number & 1023]; }",
        "u32 head; SEC(\"serve\") u64 f(struct request *r) { return head; }",
        "static u64 secret[2]; SEC(\"serve\") u64 f(struct request *r) { return secret[r->number & 1]++; }"}) {
    const auto refused = replace(extension, Object(text));
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().front().code, "E0611") << text;
    EXPECT_FALSE(refused.error().front().notes.empty());
    EXPECT_EQ(run(f, 1).kind, Outcome::Kind::returned) << "the old one serves";
  }
}

TEST(Promise, StaleFunctionValuesNameTheirFunctionOrNone) {
  const Object old(
      "static __attribute__((noinline)) u64 good(u64 a) { return 1; } static __attribute__((noinline)) u64 bad(u64 a) { return 2; }\n"
      "u64 (*kept[64])(u64); SEC(\"serve\") u64 f(struct request *r) { kept[0] = good; kept[1] = bad; return kept[r->number & 1](0); }");
  const Object now(
      "static __attribute__((noinline)) u64 aaa(u64 a) { return 10; } static __attribute__((noinline)) u64 bad(u64 a) { return 20; }\n"
      "u64 (*kept[64])(u64); u64 (*mine[2])(u64) = {aaa, bad};\n"
      "SEC(\"serve\") u64 f(struct request *r) { return r->kind ? mine[r->number & 1](0) : kept[r->number & 63](0); }");
  const Extension extension = old.load();
  const Program f = *extension.program("f");
  EXPECT_EQ(run(f, 0).value, 1u);
  ASSERT_TRUE(replace(extension, now));
  EXPECT_EQ(run(f, 0).cause, Cause::bad_call) << "good() is gone, and nothing has its number";
  EXPECT_EQ(run(f, 1).value, 20u);
  EXPECT_EQ(run(f, 0, 1).value, 10u);
  for (std::uint64_t i = 2; i < 64; ++i) EXPECT_EQ(run(f, i).cause, Cause::bad_call);
}

constexpr auto kKeeper = R"(
  #include <tn/heap.h>
  struct node { struct node *next; u64 value; };
  struct node *head; u64 count; u64 handle;
  SEC("serve") u64 add(struct request *r)
  {
    struct node *n = malloc(sizeof(*n) + (r->number & 1 ? 100000 : 0));
    if (!n) return 0;
    n->value = r->number; n->next = head; head = n;
    return ++count;
  }
  SEC("serve") u64 drain(struct request *r)
  {
    u64 sum = 0;
    while (head) { struct node *n = head; head = n->next; sum += n->value; free(n); count--; }
    return sum;
  }
  SEC("serve") u64 exercise(struct request *r)
  {
    u64 got = 0;
    for (u64 i = 0; i < 2000; i++) {
      u64 *p = malloc((i * 7919) % 5000 + 8);
      if (!p) break;
      p[0] = i;
      got++;
      if (i & 1) free(p);
      if (head) free(head);
    }
    return got;
  }
)";

std::vector<char> bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}
void put(const std::filesystem::path& path, const std::vector<char>& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}
std::string code_of(const Result<Extension>& result) { return result ? "" : result.error().front().code; }

struct Saved {
  test::Scratch scratch;
  std::filesystem::path path;
  Object object{kKeeper};
  Saved() : path(scratch.write("heap.snapshot", "")) {
    const Extension extension = object.load({.heap_bytes = 16 << 20});
    const Program add = *extension.program("add");
    for (std::uint64_t i = 1; i <= 10; ++i) run(add, i);
    extension.unload();
    if (const auto saved = extension.save(path); !saved) throw std::runtime_error(to_text(saved.error()));
  }
  Result<Extension> restore() const { return Engine(attack_interface()).restore(object.path(), path, {.heap_bytes = 16 << 20}); }
};

/// The checksum, as src/base/checksum.hpp has it: an attacker can compute it as well.
std::uint64_t checksum(std::span<const char> bytes, std::uint64_t state) {
  const auto add = [&](std::uint64_t word) {
    state = (state ^ word) * 0xff51afd7ed558ccd;
    state ^= state >> 32;
  };
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min<std::size_t>(8, bytes.size() - at));
    add(word);
  }
  add(bytes.size());
  return state;
}
void repair_head(std::vector<char>& bytes) {
  std::uint64_t head_bytes = 0;
  std::memcpy(&head_bytes, bytes.data() + 16, 8);
  if (head_bytes > bytes.size() - 40) return;
  const std::uint64_t sum = checksum(std::span(bytes).subspan(32, head_bytes), checksum(std::span(bytes).first(32), 0x9e3779b97f4a7c15));
  std::memcpy(bytes.data() + 32 + head_bytes, &sum, 8);
}

TEST(Promise, SnapshotsAreUntrusted) {
  const Saved saved;
  const std::vector<char> good = bytes_of(saved.path);
  {
    const auto restored = saved.restore();
    ASSERT_TRUE(restored) << to_text(restored.error());
    EXPECT_EQ(run(*restored->program("drain")).value, 55u);
  }
  std::mt19937_64 random(1);
  const auto refused_or_harmless = [&](const std::vector<char>& bytes, bool must_refuse, std::uint64_t at) {
    put(saved.path, bytes);
    const Canary canary;
    const auto restored = saved.restore();
    if (must_refuse) {
      ASSERT_FALSE(restored) << at;
      EXPECT_EQ(restored.error().front().code, "E0617") << at;
    }
    if (!restored) return;
    for (const char* program : {"add", "drain", "exercise", "add"}) run(*restored->program(program), random());
    EXPECT_TRUE(canary.untouched()) << at;
  };
  for (const std::size_t length : {std::size_t{0}, std::size_t{7}, std::size_t{31}, std::size_t{40}, good.size() / 2, good.size() - 1}) {
    refused_or_harmless({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length)}, true, length);
  }
  for (int i = 0; i < 150; ++i) {  // one bit anywhere
    std::vector<char> bytes = good;
    const std::uint64_t at = i < 100 ? random() % 2000 : random() % bytes.size();
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
    refused_or_harmless(bytes, true, at);
  }
  std::uint64_t head_bytes = 0;
  std::memcpy(&head_bytes, good.data() + 16, 8);
  for (int i = 0; i < 150; ++i) {  // a head that somebody wrote with care
    std::vector<char> bytes = good;
    for (std::uint64_t n = random() % 3; n < 3; ++n) {
      const std::uint64_t at = 32 + random() % head_bytes;
      const std::uint64_t kinds[] = {0, 1, 0xff, 0xffffffff, ~0ull, 1ull << 32, random()};
      std::memcpy(bytes.data() + at, &kinds[random() % std::size(kinds)], std::min<std::uint64_t>(1 << random() % 4, 32 + head_bytes - at));
    }
    repair_head(bytes);
    refused_or_harmless(bytes, false, i);
  }
  put(saved.path, good);
  const auto restored = saved.restore();
  ASSERT_TRUE(restored);
  EXPECT_EQ(code_of(saved.restore()), "E0618") << "two heaps at one address";
  EXPECT_EQ(code_of(Engine(attack_interface()).restore(Object("SEC(\"serve\") u64 f(struct request *r) { return 1; }").path(), saved.path)), "E0613")
      << "another program";
}

TEST(Promise, ASnapshotIsWrittenWholeOrNotAtAll) {
  const Saved saved;
  const std::vector<char> before = bytes_of(saved.path);
  const Extension extension = saved.object.load({.heap_bytes = 16 << 20});
  run(*extension.program("add"), 1);
  EXPECT_EQ(extension.save(saved.path).error().front().code, "E0616") << "it may run";
  extension.detach();
  // The disk is full after 100,000 bytes.
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit usual{};
  ::getrlimit(RLIMIT_FSIZE, &usual);
  const rlimit small{100'000, usual.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto refused = extension.save(saved.path);
  ::setrlimit(RLIMIT_FSIZE, &usual);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().front().code, "E0615");
  EXPECT_EQ(bytes_of(saved.path), before);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(saved.path.parent_path()), {}), 1) << "nothing is left behind";
  EXPECT_EQ(extension.save("/proc/nowhere/snapshot").error().front().code, "E0615");
  ASSERT_TRUE(extension.save(saved.path));
  EXPECT_NE(bytes_of(saved.path), before);
}

/// tests/promises/second_process.cpp, killed when this goes.
class SecondProcess {
 public:
  SecondProcess(const Extension& extension, std::initializer_list<std::string> arguments) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    const int shared = *extension.share(), inherited = ::dup(shared);
    ::close(shared);
    std::vector<std::string> words{TENON_SECOND_PROCESS, std::to_string(inherited)};
    words.insert(words.end(), arguments);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::execv(TENON_SECOND_PROCESS, argv.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    ::close(inherited);
    char answer = 0;
    is_ready_ = ::read(ends[0], &answer, 1) == 1 && answer == 'y';
    ::close(ends[0]);
  }
  ~SecondProcess() {
    kill();
    if (child_ != 0) ::waitpid(child_, nullptr, 0);
  }
  bool is_ready() const { return is_ready_; }
  void kill() const {
    if (child_ != 0) ::kill(child_, SIGKILL);
  }
  int exit_code() {
    int status = 0;
    ::waitpid(std::exchange(child_, 0), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t child_ = 0;
  bool is_ready_ = false;
};

TEST(Promise, ProcessesThatShareAHeapHarmNobodyElse) {
  const Object object(R"(
    #include <tn/lock.h>
    struct { struct tn_spinlock lock; u64 counter; u64 more[1000]; } shared;
    SEC("serve") u64 address(struct request *r) { return (u64)&shared; }
    SEC("serve") u64 count(struct request *r) { tn_lock(&shared.lock); shared.counter = shared.counter + 1; tn_unlock(&shared.lock); return shared.counter; }
  )");
  const Extension extension = object.load({.quantum = seconds(30)});
  const std::uint64_t lock = run(*extension.program("address")).value;
  const auto counter = extension.pointer<std::uint64_t>(lock + 8);
  {
    SecondProcess other(extension, {"count", std::to_string(lock), "3000"});
    ASSERT_TRUE(other.is_ready());
    for (int i = 0; i < 3000; ++i) run(*extension.program("count"));
    EXPECT_EQ(other.exit_code(), 0);
    EXPECT_EQ(*counter.load(), 6000u) << "one lock for both";
  }
  {
    const SecondProcess other(extension, {"lock", std::to_string(lock)});
    ASSERT_TRUE(other.is_ready());
    EXPECT_FALSE(HeapLock::try_lock_for(extension, lock, milliseconds(50)));
    other.kill();
    const auto taken = HeapLock::try_lock_for(extension, lock, seconds(10));
    ASSERT_TRUE(taken);
    EXPECT_TRUE(taken->abandoned());
  }
  const Canary canary;
  {
    SecondProcess other(extension, {"scribble"});
    ASSERT_TRUE(other.is_ready());
    for (int i = 0; i < 200; ++i) {
      run(*extension.program("count"));
      static_cast<void>(HeapLock::try_lock_for(extension, lock, milliseconds(1)));
    }
    EXPECT_EQ(other.exit_code(), 0);
  }
  EXPECT_TRUE(canary.untouched());
  EXPECT_LE(extension.heap_granted_bytes(), extension.heap_limit_bytes()) << "the page that others can write is never read here";
  EXPECT_EQ(extension.pointer<std::uint64_t>((64 << 10) + extension.heap_granted_bytes()).load().error().front().code, "E0608");
  // What is no heap is refused, also where it looks like one.
  EXPECT_EQ(SharedHeap::attach(-1).error().front().code, "E0620");
  EXPECT_EQ(SharedHeap::attach(STDIN_FILENO).error().front().code, "E0620");
  const int forged = ::memfd_create("heap", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  ASSERT_EQ(::ftruncate(forged, 4ll << 30), 0);
  EXPECT_FALSE(SharedHeap::attach(forged)) << "it has no mark";
  const std::uint64_t mark[] = {0x31'50'41'45'48'4e'4e'54, ~0ull};
  ASSERT_EQ(::pwrite(forged, mark, sizeof mark, 0), static_cast<ssize_t>(sizeof mark));
  const auto unsealed = SharedHeap::attach(forged);
  ASSERT_FALSE(unsealed) << "it could be cut off later";
  EXPECT_EQ(unsealed.error().front().code, "E0620");
  ASSERT_EQ(::fcntl(forged, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL), 0);
  const auto lies = SharedHeap::attach(forged);
  ASSERT_TRUE(lies) << "well-formed, but not true";
  EXPECT_LT(lies->granted_bytes(), 4ull << 30);
  EXPECT_EQ(*lies->pointer<std::uint64_t>(1 << 20).load(), 0u);
  EXPECT_FALSE(lies->pointer<std::uint64_t>(0).load());
  EXPECT_FALSE(lies->pointer<std::uint64_t>((4ull << 30) - 8).load());
  ::close(forged);
}

}  // namespace
}  // namespace tenon::promises
