// SPDX-License-Identifier: Apache-2.0
// Locks of threads that exit and of processes that are killed or forked.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

#include "unit/runtime/lock_fixture.hpp"

namespace tenon::runtime::testing {
namespace {

TEST_F(Lock, OfAThreadThatExitsIsRecovered) {
  std::thread([&] {
    auto* const leaked = new HeapLock(*host_lock(lock(0), milliseconds(10)));
    static_cast<void>(leaked);
  }).join();
  EXPECT_EQ(word(lock(0)).load(), kLockAbandoned) << "given back as the thread left";
  // Gone without its destructors: found by who waits. The next thread on its stack gives back what it held, so the heap has to be there.
  static std::shared_ptr<Heap> stays;
  stays = heap;
  pthread_t thread{};
  auto vanish = [](void* self) -> void* {
    const auto& test = *static_cast<Lock*>(self);
    new HeapLock(*test.host_lock(test.lock(1), milliseconds(10)));
    ::syscall(SYS_exit, 0);
    return nullptr;
  };
  ASSERT_EQ(::pthread_create(&thread, nullptr, vanish, this), 0);
  ::pthread_join(thread, nullptr);
  EXPECT_NE(holder_in(word(lock(1)).load()), 0u);
  const auto taken = host_lock(lock(1), std::chrono::seconds(10));
  ASSERT_TRUE(taken);
  EXPECT_TRUE(taken->abandoned());
}

/// A second process: this executable again, which maps the heap, takes locks and waits to be killed.
class SecondProcess {
 public:
  SecondProcess(const Heap& heap, int heap_fd, std::uint64_t address, HeapLockMode mode) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("pipe");
    const std::string file = fmt::format("/proc/{}/fd/{}", ::getpid(), heap_fd), offset = std::to_string(address - heap.base());
    const std::string out = std::to_string(ends[1]), kind = std::to_string(static_cast<int>(mode));
    child_ = ::fork();
    if (child_ == 0) {
      ::setenv("TENON_TEST_HEAP", file.c_str(), 1);
      ::setenv("TENON_TEST_OFFSET", offset.c_str(), 1);
      ::setenv("TENON_TEST_MODE", kind.c_str(), 1);
      ::setenv("TENON_TEST_OUT", out.c_str(), 1);
      ::execl("/proc/self/exe", "lock_test", "--gtest_filter=LockHelper.DISABLED_TakesALockAndWaits", "--gtest_also_run_disabled_tests", nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    char answer = 0;
    has_lock_ = ::read(ends[0], &answer, 1) == 1 && answer == 'y';
    ::close(ends[0]);
  }
  ~SecondProcess() {
    kill();
    ::waitpid(child_, nullptr, 0);
  }
  bool has_lock() const { return has_lock_; }
  /// It stays a zombie: nobody has asked for its status yet.
  void kill() const { ::kill(child_, SIGKILL); }
  pid_t pid() const { return child_; }

 private:
  pid_t child_ = 0;
  bool has_lock_ = false;
};

TEST(LockHelper, DISABLED_TakesALockAndWaits) {
  const char* const file = std::getenv("TENON_TEST_HEAP");
  if (file == nullptr) GTEST_SKIP() << "run by Lock.OfAProcessThatIsKilledIsRecovered";
  const auto offset = std::strtoull(std::getenv("TENON_TEST_OFFSET"), nullptr, 10);
  const int fd = ::open(file, O_RDWR);
  void* const page = ::mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, static_cast<off_t>(offset / 4096 * 4096));
  ASSERT_NE(page, MAP_FAILED);
  const auto taken = HeapLock::try_lock_for(static_cast<std::byte*>(page) + offset % 4096, std::chrono::seconds(10),
                                            static_cast<HeapLockMode>(std::atoi(std::getenv("TENON_TEST_MODE"))));
  const char answer = taken ? 'y' : 'n';
  ASSERT_EQ(::write(std::atoi(std::getenv("TENON_TEST_OUT")), &answer, 1), 1);
  for (;;) ::pause();
}

TEST_F(Lock, OfAProcessThatIsKilledIsRecovered) {
  for (const HeapLockMode mode : {HeapLockMode::spin, HeapLockMode::write, HeapLockMode::read}) {
    const SecondProcess other(*heap, heap->state().memory.get(), lock(0), mode);
    ASSERT_TRUE(other.has_lock());
    const bool reads = mode == HeapLockMode::read;
    const HeapLockMode wanted = reads ? HeapLockMode::write : mode;
    EXPECT_EQ(refusal(host_lock(lock(0), milliseconds(60), wanted)), HeapLockRefusal::timeout) << "it lives: it is believed";
    const char* const take = mode == HeapLockMode::spin ? "tn_spin_lock" : "tn_write_lock";
    const char* const give = mode == HeapLockMode::spin ? "tn_spin_unlock" : "tn_write_unlock";
    EXPECT_EQ(run(increment(take, give, {milliseconds(5)})).cause, Cause::quantum);
    other.kill();
    EXPECT_EQ(run(increment(take, give, {std::chrono::seconds(20)})).value, 7u);
    const auto taken = host_lock(lock(0), milliseconds(10), wanted);
    ASSERT_TRUE(taken);
    EXPECT_FALSE(taken->abandoned()) << "whoever came first was told";
  }
}

TEST_F(Lock, TwoProcessesExcludeEachOther) {
  const auto mine = host_lock(lock(0), milliseconds(10));
  ASSERT_TRUE(mine);
  std::atomic<bool> taken = false;
  std::thread waits([&] {
    const SecondProcess other(*heap, heap->state().memory.get(), lock(0), HeapLockMode::spin);
    taken = other.has_lock();
    EXPECT_EQ(owner_in(word(lock(0)).load()).thread, static_cast<std::uint32_t>(other.pid()));
  });
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_FALSE(taken.load());
  const_cast<HeapLock&>(*mine).unlock();
  waits.join();
  EXPECT_TRUE(taken.load());
}

TEST_F(Lock, TheChildOfAForkLeavesTheParentsLocksAlone) {
  auto held = host_lock(lock(0), milliseconds(10));
  ASSERT_TRUE(held);
  const pid_t child = ::fork();
  if (child == 0) {
    const bool refused = refusal(host_lock(lock(1), milliseconds(1))) == HeapLockRefusal::unavailable;
    held->unlock();
    ::_exit(refused ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_NE(holder_in(word(lock(0)).load()), 0u);
  // The same from inside an invocation: the child's ends, the parent's goes on with its lock.
  script.on_call = [&](std::uint64_t) {
    const pid_t inner = ::fork();
    if (inner != 0) ::waitpid(inner, &status, 0);
    return static_cast<std::uint64_t>(inner);
  };
  const auto forks = program({{"tn_spin_lock", lock(1)}, {"call", 0}, {"call", 1}, {"tn_spin_unlock", lock(1)}});
  std::uint64_t after = 0;
  const pid_t parent = ::getpid();
  int calls = 0;
  script.on_call = [&, first = script.on_call](std::uint64_t n) {
    if (n == 0 && calls++ == 0) return first(n);
    after = word(lock(1)).load();
    return std::uint64_t{0};
  };
  // `call` gets its argument from the step: 0 forks, 1 looks.
  const Outcome outcome = run(forks);
  if (::getpid() != parent) ::_exit(outcome.cause == Cause::host_request ? 0 : 1);
  EXPECT_EQ(outcome.kind, Outcome::Kind::returned);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(owner_in(after).thread, static_cast<std::uint32_t>(::gettid()));
}

TEST(TaskTest, KnowsTheLivingFromTheDead) {
  const std::uint16_t start = os::start_of_this_thread();
  EXPECT_NE(start, 0);
  EXPECT_FALSE(os::is_task_dead(::gettid(), start));
  EXPECT_FALSE(os::is_task_dead(::gettid(), 0));
  EXPECT_TRUE(os::is_task_dead(::gettid(), static_cast<std::uint16_t>(start + 1))) << "another thread of the same number";
  EXPECT_FALSE(os::is_task_dead(1, 0));
  EXPECT_TRUE(os::is_task_dead(0, 0));
  EXPECT_FALSE(os::is_thread_of_this_process(1));
  EXPECT_TRUE(os::is_thread_of_this_process(::gettid()));
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
  EXPECT_TRUE(os::is_task_dead(child, 0)) << "a zombie";
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(os::is_task_dead(child, 0));
}

}  // namespace
}  // namespace tenon::runtime::testing
