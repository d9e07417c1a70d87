// SPDX-License-Identifier: Apache-2.0
// Faults of the extension end the invocation; faults of the host reach the host. And the other ways to end at an instruction: stack, alignment, bad call.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csetjmp>
#include <csignal>
#include <thread>

#include "unit/runtime/test_host.hpp"

namespace tenon::runtime::testing {
namespace {

Assembler load_at(std::int64_t offset) {
  Assembler code;
  code.instruction(4);
  code.set(rax, abi::Relocation::Kind::heap_base, 0, offset);
  code.load(rax, rax);
  code.ret();
  return code;
}

TEST(Fault, EveryHoleAndBothBands) {
  const auto heap = make_heap(1 << 20, 0, 4096);
  const auto window = static_cast<std::int64_t>(abi::kWindow32Bytes);
  for (const std::int64_t offset : {std::int64_t{0}, std::int64_t{8}, std::int64_t{65528}, std::int64_t{65536 + 4096}, std::int64_t{1} << 31, window - 8, window - 65536,
                                    window, window + 32767, std::int64_t{-8}, std::int64_t{-32768}}) {
    const Outcome outcome = run(install(load_at(offset), heap));
    EXPECT_EQ(outcome.cause, Cause::fault) << offset;
    EXPECT_EQ(outcome.instruction, 1004u);
    EXPECT_EQ(outcome.fault_address, heap->base() + static_cast<std::uint64_t>(offset));
  }
  EXPECT_EQ(run(install(load_at(65536), heap)).kind, Outcome::Kind::returned);
}

TEST(Fault, AStraddlingAccessFaultsAtTheHole) {
  const auto heap = make_heap(1 << 20, 0, 4096);
  const Outcome outcome = run(install(load_at(65536 + 4096 - 4), heap));
  EXPECT_EQ(outcome.cause, Cause::fault);
  EXPECT_EQ(outcome.fault_address, heap->base() + 65536 + 4096);
}

TEST(Fault, TheHostGoesOnAndSoDoesTheProgram) {
  const auto heap = make_heap();
  Assembler code;
  code.load(rax, rdi);
  code.ret();
  const auto program = install(code, heap);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(run(program, heap->base()).cause, Cause::fault);
    ASSERT_EQ(run(program, heap->globals_address()).kind, Outcome::Kind::returned);
  }
}

TEST(Fault, TheDirectionFlagIsTheHostsAgain) {
  Assembler code;
  code.push(rax);
  code.raw({0xfd});  // std
  code.set(rax, abi::Relocation::Kind::heap_base);
  code.load(rax, rax);
  EXPECT_EQ(run(install(code)).cause, Cause::fault);
  std::uint64_t flags = 0;
  asm volatile("pushfq; popq %0" : "=r"(flags));
  EXPECT_EQ(flags & 0x400, 0u);
}

TEST(Fault, CalleeSavedRegistersAreTheHostsAgain) {
  Assembler code;
  for (const Reg reg : {rbx, rbp, r12, r13, r14, r15}) code.set(reg, 0x1111111111111111);
  code.set(rax, abi::Relocation::Kind::heap_base);
  code.load(rax, rax);
  const auto program = install(code);
  volatile std::uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6;
  const std::uint64_t v[] = {a, b, c, d, e, f};
  EXPECT_EQ(run(program).cause, Cause::fault);
  EXPECT_EQ(v[0] + v[1] + v[2] + v[3] + v[4] + v[5], 21u);
}

// Rule 14, 15: foreign faults -------------------------------------------------------------------------------------------------------------------

volatile int* volatile const nowhere = reinterpret_cast<int*>(16);

thread_local sigjmp_buf host_recovery;
thread_local int host_faults = 0;
void host_handler(int, siginfo_t* info, void*) {
  if (info->si_code > 0) {
    ++host_faults;
    siglongjmp(host_recovery, 1);
  }
  host_faults += 100;
}

/// In a process of its own, where the host's handler is there before the runtime's.
int in_fresh_process(int (*body)()) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

TEST(ForeignFault, ReachesAHandlerThatWasThereBefore) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        struct sigaction action {};
        action.sa_sigaction = host_handler;
        action.sa_flags = SA_SIGINFO | SA_NODEFER;
        ::sigaction(SIGSEGV, &action, nullptr);
        const auto program = install(load_at(0));
        for (host_faults = 0; host_faults < 3;) {
          if (run(program).cause != Cause::fault) ::_exit(1);
          if (sigsetjmp(host_recovery, 1) == 0) *nowhere = 1;
        }
        if (host_faults != 3) ::_exit(2);
        ::raise(SIGSEGV);  // sent, no fault: also the host's
        if (host_faults != 103) ::_exit(3);
        // A fault of the host inside a host function is the host's as well.
        Assembler code;
        code.enter();
        code.call_host(1, function("call"));
        code.leave();
        script.on_call = [](std::uint64_t) -> std::uint64_t {
          if (sigsetjmp(host_recovery, 1) == 0) *nowhere = 1;
          return 5;
        };
        if (run(install(code)).value != 5 || host_faults != 104) ::_exit(4);
        ::_exit(0);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST(ForeignFault, WithoutAHandlerEndsTheProcessAsEver) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        ::signal(SIGSEGV, SIG_DFL);  // sanitizers install their own
        run(install(load_at(0)));
        *nowhere = 1;
      },
      ::testing::KilledBySignal(SIGSEGV), "");
  EXPECT_EXIT(
      {
        ::signal(SIGSEGV, SIG_DFL);
        run(install(load_at(0)));
        ::raise(SIGSEGV);
      },
      ::testing::KilledBySignal(SIGSEGV), "");
}

std::atomic<int> sent_signals{0};
bool was_blocked = false;

/// A SIGSEGV that somebody sends while compiled code runs is no fault of it, and the host's handler runs with the mask that it asked for.
TEST(ForeignFault, ASentSignalIsTheHostsEvenInCompiledCode) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer delivers the host's signals only at its next library call";
#endif
  EXPECT_EXIT(
      {
        struct sigaction action {};
        action.sa_handler = [](int) {
          sigset_t mask;
          ::pthread_sigmask(SIG_BLOCK, nullptr, &mask);
          was_blocked |= sigismember(&mask, SIGSEGV) == 1 || sigismember(&mask, SIGUSR2) != 1;
          ++sent_signals;
        };
        action.sa_flags = SA_NODEFER;
        sigaddset(&action.sa_mask, SIGUSR2);
        ::sigaction(SIGSEGV, &action, nullptr);
        Assembler code;
        code.loop_forever();
        const auto program = install(code, make_heap(), {std::chrono::milliseconds(100)});
        const pthread_t runner = ::pthread_self();
        std::thread sender([&] {
          for (int i = 0; i < 5; ++i) {
            ::usleep(10'000);
            ::pthread_kill(runner, SIGSEGV);
          }
        });
        const Cause cause = run(program).cause;
        sender.join();
        ::_exit(cause != Cause::quantum ? 1 : sent_signals == 0 ? 2 : was_blocked ? 3 : 0);
      },
      ::testing::ExitedWithCode(0), "");
}

void late_handler(int signal, siginfo_t* info, void* context) {
  if (tenon::handle_fault(signal, info, context)) return;
  host_handler(signal, info, context);
}

TEST(ForeignFault, AHandlerInstalledLaterAsksFirst) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const auto program = install(load_at(0));
        run(program);
        struct sigaction action {};
        action.sa_sigaction = late_handler;
        action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
        ::sigaction(SIGSEGV, &action, nullptr);
        if (run(program).cause != Cause::fault) ::_exit(1);
        if (sigsetjmp(host_recovery, 1) == 0) *nowhere = 1;
        ::_exit(host_faults == 1 ? 0 : 2);
      },
      ::testing::ExitedWithCode(0), "");
}

/// A signal handler of the host that interrupts compiled code and faults there: not the extension's fault.
TEST(ForeignFault, InAHostsSignalHandlerOnTopOfAnExtension) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer delivers the host's signals only at its next library call";
#endif
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        struct sigaction action {};
        action.sa_sigaction = host_handler;
        action.sa_flags = SA_SIGINFO | SA_NODEFER;
        ::sigaction(SIGSEGV, &action, nullptr);
        ::signal(SIGALRM, [](int) {
          if (sigsetjmp(host_recovery, 1) == 0) *nowhere = 1;
        });
        Assembler code;
        code.loop_forever();
        const auto program = install(code, make_heap(), {std::chrono::milliseconds(100)});
        ::ualarm(20'000, 0);
        const Outcome outcome = run(program);
        ::_exit(outcome.cause == Cause::quantum && host_faults == 1 ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

/// Rule 5: SIGBUS is claimed like SIGSEGV. A file shorter than its mapping stands for memory that went away.
TEST(Fault, BusErrorsToo) {
  const int fd = ::memfd_create("short", 0);
  ASSERT_EQ(::ftruncate(fd, 4096), 0);
  void* const p = ::mmap(nullptr, 8192, PROT_READ, MAP_SHARED, fd, 0);
  Assembler code;
  code.instruction(3);
  code.load(rax, rdi);
  code.ret();
  const Outcome outcome = run(install(code), reinterpret_cast<std::uint64_t>(p) + 4096);
  EXPECT_EQ(outcome.cause, Cause::fault);
  EXPECT_EQ(outcome.fault_address, reinterpret_cast<std::uint64_t>(p) + 4096);
  ::munmap(p, 8192);
  ::close(fd);
}

// Stack ---------------------------------------------------------------------------------------------------------------------------------------

TEST(Stack, AnImageThatNeedsMoreThanThereIsNeverStarts) {
  Assembler code;
  code.set(rax, 1);
  code.ret();
  code.edit().native_stack_bytes = 1ull << 40;
  const Outcome outcome = run(install(code));
  EXPECT_EQ(outcome.cause, Cause::stack);
  EXPECT_EQ(outcome.value, 77u);
}

std::uint64_t lowest_stack_address() {
  pthread_attr_t attributes;
  void* low = nullptr;
  std::size_t bytes = 0, guard = 0;
  EXPECT_EQ(::pthread_getattr_np(::pthread_self(), &attributes), 0);
  ::pthread_attr_getstack(&attributes, &low, &bytes);
  ::pthread_attr_getguardsize(&attributes, &guard);
  ::pthread_attr_destroy(&attributes);
  return reinterpret_cast<std::uint64_t>(low) + guard;
}

TEST(Stack, TheReserveForHostFunctionsCounts) {
  std::thread([] {
    Assembler code;
    code.set(rax, 1);
    code.ret();
    const auto heap = make_heap();
    const std::uint64_t room = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0)) - lowest_stack_address();
    code.edit().native_stack_bytes = room - abi::kHostStackReserveBytes - 16'384;
    EXPECT_EQ(run(install(code, heap)).kind, Outcome::Kind::returned);
    code.edit().native_stack_bytes = room - abi::kHostStackReserveBytes + 1;
    EXPECT_EQ(run(install(code, heap)).cause, Cause::stack);
  }).join();
}

TEST(Stack, TheLimitForRecursionLeavesRoomForTheDeepestChain) {
  Assembler code;
  code.load(rax, r9, 0);  // Invocation::native_stack_limit
  code.ret();
  code.edit().native_stack_bytes = 12345;
  const std::uint64_t limit = run(install(code)).value;
  EXPECT_GE(limit, lowest_stack_address() + abi::kHostStackReserveBytes + 12345);
  EXPECT_LT(limit, reinterpret_cast<std::uint64_t>(__builtin_frame_address(0)));
}

TEST(Stack, CancelThunksEndTheInvocationAtTheirSite) {
  for (const auto& [slot, cause] : {std::pair{abi::ThunkSlot::cancel_stack, Cause::stack}, {abi::ThunkSlot::cancel_misaligned, Cause::misaligned},
                                    {abi::ThunkSlot::cancel_bad_call, Cause::bad_call}}) {
    Assembler code;
    code.enter();
    code.cancel(slot, 9);
    const Outcome outcome = run(install(code));
    EXPECT_EQ(outcome.cause, cause);
    EXPECT_EQ(outcome.instruction, 1009u);
  }
}

TEST(Stack, TheHeapStackIsThisThreadsAndLevels) {
  Assembler code;
  code.load(rax, r9, 8);
  code.load(rcx, r9, 16);
  code.store(rax, -8, rdi);  // usable from its top ...
  code.store(rcx, 0, rdi);   // ... to its limit
  code.ret();
  const auto heap = make_heap();
  const auto program = install(code, heap);
  const std::uint64_t mine = run(program).value;
  EXPECT_EQ(run(program).value, mine);
  std::uint64_t other = 0;
  std::thread([&] { other = run(program).value; }).join();
  std::thread([&] {  // both alive
    const std::uint64_t second = run(program).value;
    EXPECT_NE(second, mine);
  }).join();
  EXPECT_NE(other, mine);
  EXPECT_GE(mine - heap->base(), heap->shape().window_bytes - (256ull << 20));
}

// fork ----------------------------------------------------------------------------------------------------------------------------------------

TEST(Fork, AChildRunsNothing) {
  static std::shared_ptr<Installed> program;
  Assembler code;
  code.set(rax, 1);
  code.ret();
  program = install(code);
  EXPECT_EQ(run(program).value, 1u);
  EXPECT_EQ(in_fresh_process([] { return run(program).cause == Cause::host_request ? 0 : 1; }), 0);
  EXPECT_EQ(run(program).value, 1u);
  program.reset();
}

TEST(Fork, AnInvocationThatForkedEndsInTheChildOnly) {
  Assembler code;
  code.enter();
  code.call_host(1, function("call"));
  code.set(rax, 5);
  code.leave();
  const auto program = install(code);
  pid_t child = -1;
  script.on_call = [&](std::uint64_t) {
    child = ::fork();
    return 0;
  };
  const Outcome outcome = run(program);
  if (child == 0) ::_exit(outcome.cause == Cause::host_request ? 0 : 1);
  script.on_call = nullptr;
  EXPECT_EQ(outcome.value, 5u);
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace tenon::runtime::testing
