// SPDX-License-Identifier: Apache-2.0
// What the host asks for from outside: cancel, unload, policies; closed pages instead of signals; host functions that may be interrupted.
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "interface/declarations.hpp"
#include "runtime/control.hpp"
#include "unit/runtime/test_host.hpp"

namespace tenon::runtime::testing {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

enum class Ends { never, at_once };

/// Calls host function `name`, then loops or returns 5. With `polls`, the loop reads the page as compiled code does.
Assembler program(const char* name, Ends ends, bool polls = false) {
  Assembler code;
  code.instruction(0);
  code.enter();
  code.load(rbx, r9, offsetof(abi::Invocation, poll_page));
  code.call_host(1, function(name));
  code.instruction(6);
  const auto again = code.here();
  if (ends == Ends::never) {
    if (polls) code.load(rax, rbx);
    code.jump(again);
  }
  code.set(rax, 5);
  code.leave();
  code.edit().polls = polls;
  return code;
}

std::shared_ptr<Installed> install_under(const std::shared_ptr<Control>& control, const Assembler& code, milliseconds quantum = milliseconds(0)) {
  InstallOptions options{quantum, 77};
  options.control = control;
  return Installed::create(code.image(), make_heap(), test_declarations(), test_interface().bindings(), make_places(), options).value();
}

/// One run on a thread of its own.
class Running {
 public:
  explicit Running(std::shared_ptr<Installed> program, std::function<std::uint64_t(std::uint64_t)> on_call = {}) {
    thread_ = std::thread([this, program, on_call] {
      script.on_call = [this, on_call](std::uint64_t value) -> std::uint64_t {
        begun_ = true;
        return on_call ? on_call(value) : 0;
      };
      outcome_ = run(program);
      ended_ = true;
    });
    while (!begun_) std::this_thread::yield();
  }
  ~Running() {
    if (thread_.joinable()) thread_.join();
  }
  bool ended() const { return ended_; }
  Outcome outcome() {
    thread_.join();
    return outcome_;
  }

 private:
  std::atomic<bool> begun_{false}, ended_{false};
  Outcome outcome_;
  std::thread thread_;
};

void wait_for(const std::atomic<bool>& flag) {
  while (!flag) std::this_thread::sleep_for(microseconds(100));
}

bool any_signal_pending() {
  sigset_t pending;
  sigpending(&pending);
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) {
    if (sigismember(&pending, signal)) return true;
  }
  return false;
}

// Cancel --------------------------------------------------------------------------------------------------------------------------------------

TEST(Cancel, EndsWhatRunsNowAndNotWhatStartsLater) {
  const auto control = std::make_shared<Control>();
  for (const bool polls : {false, true}) {
    const auto stuck = install_under(control, program("call", Ends::never, polls));
    Running one(stuck), two(stuck);
    control->cancel_running();
    for (Running* running : {&one, &two}) {
      const Outcome outcome = running->outcome();
      EXPECT_EQ(outcome.cause, Cause::host_request);
      EXPECT_EQ(outcome.value, 77u);
    }
    EXPECT_EQ(run(install_under(control, program("call", Ends::at_once, polls))).value, 5u);
  }
  EXPECT_EQ(control->counts()[Cause::host_request], 4u);
}

TEST(Cancel, IsNothingWhenNothingRuns) {
  const auto control = std::make_shared<Control>();
  control->cancel_running();
  const auto stuck = install_under(control, program("call", Ends::never), milliseconds(2));
  control->cancel_running();
  EXPECT_EQ(run(stuck).cause, Cause::quantum);
}

TEST(Cancel, WaitsForTheHostFunction) {
  const auto control = std::make_shared<Control>();
  std::atomic<bool> go_on = false;
  std::atomic<int> interrupted = 0;
  Running running(install_under(control, program("call", Ends::never)), [&](std::uint64_t) {
    EXPECT_FALSE(must_return());
    while (!go_on) interrupted += ::usleep(1000) != 0;
    EXPECT_TRUE(must_return());
    return 0;
  });
  control->cancel_running();
  std::this_thread::sleep_for(milliseconds(30));
  EXPECT_FALSE(running.ended());
  go_on = true;
  const Outcome outcome = running.outcome();
  EXPECT_EQ(outcome.cause, Cause::host_request);
  EXPECT_EQ(outcome.instruction, 1001u);
  EXPECT_EQ(interrupted, 0);
}

TEST(Cancel, LeavesOtherExtensionsAlone) {
  const auto one = std::make_shared<Control>(), other = std::make_shared<Control>();
  Running hit(install_under(one, program("call", Ends::never))), spared(install_under(other, program("call", Ends::never)));
  one->cancel_running();
  EXPECT_EQ(hit.outcome().cause, Cause::host_request);
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_FALSE(spared.ended());
  other->cancel_running();
  EXPECT_EQ(spared.outcome().cause, Cause::host_request);
}

/// What a marked invocation's host function runs ends with it: what is there already, and what starts afterwards.
TEST(Cancel, EndsWhatRunsInside) {
  const auto outer = std::make_shared<Control>(), inner = std::make_shared<Control>();
  const auto stuck = install_under(inner, program("plain", Ends::never));
  for (const bool later : {false, true}) {
    std::atomic<bool> cancelled = false, inside = false;
    Outcome below;
    Running running(install_under(outer, program("call", Ends::never)), [&](std::uint64_t) {
      if (later) wait_for(cancelled);
      inside = true;
      below = run(stuck);
      return 0;
    });
    if (!later) wait_for(inside);
    outer->cancel_running();
    cancelled = true;
    EXPECT_EQ(running.outcome().cause, Cause::host_request);
    EXPECT_EQ(below.cause, Cause::host_request);
  }
}

TEST(Cancel, FromInsideEndsTheCaller) {
  const auto control = std::make_shared<Control>();
  Running running(install_under(control, program("call", Ends::never)), [&](std::uint64_t) {
    control->cancel_running();
    return 0;
  });
  EXPECT_EQ(running.outcome().cause, Cause::host_request);
}

TEST(Cancel, EndsASession) {
  const auto control = std::make_shared<Control>();
  HostSession session(make_heap(), test_declarations(), test_interface().bindings(), false, {}, {}, control.get());
  EXPECT_EQ(session.must_end(), Cause::none);
  control->cancel_running();
  EXPECT_EQ(session.must_end(), Cause::host_request);
  EXPECT_EQ(session.call({1, function("call"), 0}, {3}).cause, Cause::host_request);
}

/// Short invocations of two extensions on each thread, one of which is cancelled all the time.
TEST(Stress, CancelInALoopHitsOnlyWhatRuns) {
  const auto hit = std::make_shared<Control>(), spared = std::make_shared<Control>();
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> returned = 0, cancelled = 0;
  const auto body = [&](bool polls) {
    const auto target = install_under(hit, program("call", Ends::at_once, polls)), stuck = install_under(hit, program("call", Ends::never, polls));
    const auto innocent = install_under(spared, program("call", Ends::at_once, polls));
    int interrupted = 0;
    script.on_call = [&](std::uint64_t value) -> std::uint64_t {
      if (value % 8 == 0) interrupted += ::usleep(20) != 0;
      return 0;
    };
    for (std::uint64_t i = 1; !stop; ++i) {
      const Outcome outcome = run(i % 16 == 0 ? stuck : target, i);
      (outcome.kind == Outcome::Kind::returned ? returned : cancelled).fetch_add(1);
      if (outcome.kind != Outcome::Kind::returned) {
        EXPECT_EQ(outcome.cause, Cause::host_request);
      }
      EXPECT_EQ(run(innocent, i).value, 5u);
      if (i % 16 == 0) interrupted += ::usleep(20) != 0;
      EXPECT_FALSE(any_signal_pending());
    }
    EXPECT_EQ(interrupted, 0) << "a signal reached the host";
    script.on_call = nullptr;
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(body, i % 2 == 1);
  for (const auto end = Clock::now() + milliseconds(1500); Clock::now() < end;) {
    hit->cancel_running();
    std::this_thread::sleep_for(microseconds(30));
  }
  stop = true;
  std::atomic<bool> done = false;
  std::thread sweeper([&] {
    while (!done) hit->cancel_running();
  });
  for (auto& thread : threads) thread.join();
  done = true;
  sweeper.join();
  EXPECT_GT(returned, 0u);
  EXPECT_GT(cancelled, 0u);
  EXPECT_EQ(spared->counts()[Cause::host_request], 0u);
  EXPECT_EQ(hit->counts()[Cause::host_request], cancelled);
}

// Unload --------------------------------------------------------------------------------------------------------------------------------------

TEST(Unload, EndsWhatRunsAndRefusesTheRest) {
  for (const bool polls : {false, true}) {
    const auto control = std::make_shared<Control>();
    const auto stuck = install_under(control, program("call", Ends::never, polls));
    Running running(stuck);
    control->unload();
    const Outcome refused = run(stuck);
    EXPECT_EQ(refused.kind, Outcome::Kind::cancelled);
    EXPECT_EQ(refused.cause, Cause::unloaded);
    EXPECT_EQ(refused.value, 77u);
    EXPECT_EQ(running.outcome().cause, Cause::host_request);
    EXPECT_FALSE(control->attach());
    EXPECT_EQ(control->counts()[Cause::unloaded], 1u);
  }
}

TEST(Unload, ARefusedRunGivesBackWhatItWasGiven) {
  const auto control = std::make_shared<Control>();
  InstallOptions options{milliseconds(0), 77};
  options.control = control;
  options.given = {{0, test_interface().declarations().find_object_type("token").value()}};
  const auto program =
      Installed::create(testing::program("call", Ends::at_once).image(), make_heap(), test_declarations(), test_interface().bindings(), make_places(), options)
          .value();
  control->detach();
  script.put.clear();
  Token token{12};
  EXPECT_EQ(run(program, reinterpret_cast<std::uint64_t>(&token)).cause, Cause::detached);
  EXPECT_EQ(script.put, (std::vector<std::uint64_t>{12}));
  EXPECT_EQ(run(program, 0).cause, Cause::detached);
  EXPECT_EQ(script.put.size(), 1u);
}

TEST(Unload, WaitsForAHostFunctionButNotForItself) {
  const auto control = std::make_shared<Control>();
  std::atomic<bool> left = false;
  Running other(install_under(control, program("call", Ends::at_once)), [&](std::uint64_t) {
    ::usleep(30'000);
    left = true;
    return 0;
  });
  Running self(install_under(control, program("call", Ends::never)), [&](std::uint64_t) {
    control->unload();
    EXPECT_TRUE(left);
    return 0;
  });
  EXPECT_EQ(self.outcome().cause, Cause::host_request);
}

/// Each inside an invocation of what the other unloads.
TEST(Unload, TwoThreadsMayUnloadOneAnother) {
  const auto one = std::make_shared<Control>(), two = std::make_shared<Control>();
  std::atomic<int> inside = 0;
  const auto unload = [&](const std::shared_ptr<Control>& control) {
    return [&inside, control](std::uint64_t) {
      for (++inside; inside != 2;) std::this_thread::yield();
      control->unload();
      return 0;
    };
  };
  std::thread first([&] { Running(install_under(one, program("call", Ends::never)), unload(two)); });
  Running second(install_under(two, program("call", Ends::never)), unload(one));
  first.join();
  EXPECT_EQ(second.outcome().cause, Cause::host_request);
}

/// Host functions are entered all the time; once unload() has come back, never again.
TEST(Stress, NothingRunsAfterUnload) {
  for (int round = 0; round < 150; ++round) {
    const auto control = std::make_shared<Control>();
    const auto target = install_under(control, program("call", Ends::at_once));
    std::atomic<bool> unloaded = false, late = false;
    std::atomic<int> ready = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        script.on_call = [&](std::uint64_t) -> std::uint64_t {
          if (unloaded) late = true;
          return 0;
        };
        ++ready;
        while (run(target).cause != Cause::unloaded) {
        }
        script.on_call = nullptr;
      });
    }
    while (ready != 3) std::this_thread::yield();
    control->unload();
    unloaded = true;
    for (auto& thread : threads) thread.join();
    ASSERT_FALSE(late) << round;
  }
}

// Policies ------------------------------------------------------------------------------------------------------------------------------------

TEST(Policy, KeepChangesNothing) {
  Control control;
  for (int i = 0; i < 5; ++i) control.ended(Cause::fault);
  EXPECT_EQ(control.refusal(), Cause::none);
  EXPECT_EQ(control.counts()[Cause::fault], 5u);
}

milliseconds refused_for(Control& control) {
  const auto begin = Clock::now();
  while (control.refusal() == Cause::backing_off) std::this_thread::sleep_for(microseconds(50));
  EXPECT_EQ(control.refusal(), Cause::none);
  return std::chrono::duration_cast<milliseconds>(Clock::now() - begin + microseconds(100));
}

TEST(Policy, RetryBacksOffUpToAMaximumAndForgives) {
  Control control({.action = AfterCancel::Action::retry, .first_delay = milliseconds(20), .longest_delay = milliseconds(60)});
  for (const milliseconds delay : {milliseconds(20), milliseconds(40), milliseconds(60), milliseconds(60)}) {
    control.ended(Cause::quantum);
    control.ended(Cause::quantum);  // was in flight: no second step
    EXPECT_EQ(control.refusal(), Cause::backing_off);
    const milliseconds waited = refused_for(control);
    EXPECT_GE(waited, delay - milliseconds(1));
    EXPECT_LT(waited, delay + milliseconds(19));
  }
  std::this_thread::sleep_for(milliseconds(70));
  control.ended(Cause::quantum);
  EXPECT_LT(refused_for(control), milliseconds(39));
}

TEST(Policy, AfterSoManyInSuchATime) {
  Control control({.action = AfterCancel::Action::detach, .count = 3, .within = milliseconds(40)});
  for (int i = 0; i < 4; ++i) {
    control.ended(Cause::fault);
    EXPECT_EQ(control.refusal(), Cause::none) << i;
    std::this_thread::sleep_for(milliseconds(25));
  }
  control.ended(Cause::fault);
  control.ended(Cause::fault);
  EXPECT_EQ(control.refusal(), Cause::detached);
  EXPECT_TRUE(control.attach());
  control.ended(Cause::fault);
  control.ended(Cause::fault);
  EXPECT_EQ(control.refusal(), Cause::none);
  control.ended(Cause::fault);
  EXPECT_EQ(control.refusal(), Cause::detached);
}

TEST(Policy, WhatTheHostDidItselfDoesNotCount) {
  Control control({.action = AfterCancel::Action::unload});
  control.ended(Cause::host_request);
  control.ended(Cause::host_promise);
  control.refused(Cause::stack);
  EXPECT_EQ(control.refusal(), Cause::none);
  control.ended(Cause::argument);
  EXPECT_EQ(control.refusal(), Cause::unloaded);
}

TEST(Policy, UnloadEndsTheOthersToo) {
  const auto control = std::make_shared<Control>(AfterCancel{.action = AfterCancel::Action::unload});
  Running other(install_under(control, program("call", Ends::never)));
  script.on_call = nullptr;
  EXPECT_EQ(run(install_under(control, program("call", Ends::never), milliseconds(2))).cause, Cause::quantum);
  EXPECT_EQ(other.outcome().cause, Cause::host_request);
  EXPECT_EQ(run(install_under(control, program("call", Ends::at_once))).cause, Cause::unloaded);
}

// Closed pages --------------------------------------------------------------------------------------------------------------------------------

/// With every signal blocked that may be, a thread that polls is stopped all the same, and none is left for it.
TEST(Poll, NeedsNoSignal) {
  const auto stuck = install_under(nullptr, program("call", Ends::never, true), milliseconds(2));
  const auto innocent = install_under(nullptr, program("call", Ends::at_once, true), milliseconds(2));
  script.on_call = nullptr;
  run(innocent);  // registered
  sigset_t blocked, before;
  sigfillset(&blocked);
  sigdelset(&blocked, SIGSEGV);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
  for (int i = 0; i < 50; ++i) {
    const Outcome outcome = run(stuck);
    EXPECT_EQ(outcome.cause, Cause::quantum);
    EXPECT_EQ(outcome.instruction, 1006u);
    EXPECT_EQ(outcome.fault_address, 0u);
    EXPECT_FALSE(any_signal_pending());
    EXPECT_EQ(run(innocent).value, 5u);  // the same level, whose page is open again
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST(Poll, AnInnerLevelAlone) {
  const auto inner = install_under(nullptr, program("plain", Ends::never, true), milliseconds(2));
  const auto outer = install_under(nullptr, program("call", Ends::at_once, true), milliseconds(10'000));
  Cause below = Cause::none;
  script.on_call = [&](std::uint64_t) {
    below = run(inner).cause;
    return 0;
  };
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(run(outer).value, 5u);
    EXPECT_EQ(below, Cause::quantum);
  }
  script.on_call = nullptr;
}

// Interruptible host functions ----------------------------------------------------------------------------------------------------------------

/// Blocks until it is interrupted; what poll(2) said.
int block() { return ::poll(nullptr, 0, 3000) == 0 ? 0 : errno; }

/// read(2) is one that would be restarted after a handler with SA_RESTART.
TEST(Interruptible, BlockingCallsComeBack) {
  for (const bool polls : {false, true}) {
    const auto control = std::make_shared<Control>();
    int error = 0, turns = 0;
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    Running running(install_under(control, program("wait", Ends::never, polls)), [&](std::uint64_t) {
      char byte = 0;
      for (; !must_return() || turns < 3; ++turns) error = ::read(pipe[0], &byte, 1) < 0 ? errno : 0;  // it goes on being interrupted
      return 0;
    });
    const auto begin = Clock::now();
    control->cancel_running();
    while (!running.ended() && Clock::now() - begin < milliseconds(3000)) std::this_thread::sleep_for(milliseconds(1));
    EXPECT_TRUE(running.ended());
    EXPECT_EQ(::write(pipe[1], "unblock!", 8), 8);
    EXPECT_EQ(running.outcome().cause, Cause::host_request);
    for (const int end : pipe) ::close(end);
    EXPECT_EQ(error, EINTR);
    EXPECT_GE(turns, 3);
  }
}

/// Below an interruptible function runs another extension, and it calls a function that must not be interrupted.
TEST(Interruptible, OnlyTheFunctionItself) {
  const auto outer = std::make_shared<Control>();
  const auto inner = install_under(nullptr, program("call", Ends::at_once));
  for (int round = 0; round < 20; ++round) {
    std::atomic<bool> inside = false, cancelled = false;
    int depth = 0, interrupted = 0, error = 0;
    Outcome below;
    Running running(install_under(outer, program("wait", Ends::never)), [&](std::uint64_t) {
      if (++depth == 2) {
        inside = true;
        while (!cancelled) interrupted += ::usleep(300) != 0;
        for (int i = 0; i < 10; ++i) interrupted += ::usleep(300) != 0;
        EXPECT_TRUE(must_return());
        return 0;
      }
      below = run(inner);
      error = block();
      return 0;
    });
    wait_for(inside);
    outer->cancel_running();
    cancelled = true;
    EXPECT_EQ(running.outcome().cause, Cause::host_request);
    EXPECT_EQ(below.cause, Cause::host_request);
    EXPECT_EQ(interrupted, 0);
    EXPECT_EQ(error, EINTR);
  }
}

/// The function returns just when it is interrupted: nothing may be left for what the host does next.
TEST(Interruptible, NoSignalIsLeftBehind) {
  const auto control = std::make_shared<Control>();
  const auto target = install_under(control, program("wait", Ends::at_once));
  std::atomic<bool> stop = false;
  std::thread canceller([&] {
    while (!stop) control->cancel_running();
  });
  script.on_call = [](std::uint64_t value) -> std::uint64_t {
    for (volatile std::uint64_t i = 0; i < value % 4000; i = i + 1) {
    }
    return 0;
  };
  std::uint64_t cancelled = 0;
  for (std::uint64_t i = 0; i < 20'000 || (cancelled < 10 && i < 5'000'000); ++i) {  // on a loaded machine the two seldom run at the same time
    cancelled += run(target, i * 17).kind == Outcome::Kind::cancelled;
    ASSERT_FALSE(any_signal_pending());
    if (i % 1024 == 0) {
      ASSERT_EQ(::usleep(20), 0) << "a signal reached the host";
    }
  }
  stop = true;
  canceller.join();
  script.on_call = nullptr;
  EXPECT_GT(cancelled, 0u);
}

/// The function returns while a signal is on its way, which the host blocks: the call is over only when it has arrived.
TEST(Interruptible, TheCallIsOverWhenItsSignalHasArrived) {
  const auto control = std::make_shared<Control>();
  HostSession session(make_heap(), test_declarations(), test_interface().bindings(), false, {}, {}, control.get());
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  std::atomic<bool> inside = false;
  std::thread canceller([&] {
    wait_for(inside);
    control->cancel_running();
  });
  script.on_call = [&](std::uint64_t) -> std::uint64_t {
    inside = true;
    while (!any_signal_pending()) std::this_thread::yield();
    EXPECT_TRUE(must_return());
    return 0;
  };
  EXPECT_EQ(session.call({1, function("wait"), 0}, {3}).cause, Cause::host_request);
  EXPECT_FALSE(any_signal_pending());
  canceller.join();
  script.on_call = nullptr;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST(MustReturn, IsFalseOutsideAndTrueAfterARequest) {
  EXPECT_FALSE(must_return());
  const auto program = install_under(nullptr, testing::program("call", Ends::at_once));
  script.on_call = [](std::uint64_t) {
    EXPECT_FALSE(must_return());
    cancel_current_invocation();
    EXPECT_TRUE(must_return());
    return 0;
  };
  EXPECT_EQ(run(program).cause, Cause::host_request);
  script.on_call = nullptr;
  EXPECT_FALSE(must_return());
}

}  // namespace
}  // namespace tenon::runtime::testing
