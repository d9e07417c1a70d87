// SPDX-License-Identifier: Apache-2.0
// How long after its quantum has ended does a stuck extension give control back, against what a bare POSIX timer needs to stop a plain loop?
// docs/benchmarks/micro.md.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <csetjmp>
#include <ctime>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "common/statistics.hpp"
#include "micro.hpp"

namespace {

using namespace tenon;
using namespace tenon::bench;

constexpr std::uint64_t kQuantumNs = 2'000'000;

sigjmp_buf after_loop;
void leave_loop(int) { siglongjmp(after_loop, 1); }

/// A timer of the host that interrupts this thread by signal after kQuantumNs of `clock`.
class BareTimer {
 public:
  explicit BareTimer(clockid_t clock) {
    struct sigaction action {};
    action.sa_handler = leave_loop;
    ::sigaction(SIGUSR1, &action, nullptr);
    struct sigevent event {};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGUSR1;
    event._sigev_un._tid = ::gettid();
    if (::timer_create(clock, &event, &timer_) != 0) std::exit(1);
  }
  ~BareTimer() { ::timer_delete(timer_); }
  BareTimer(const BareTimer&) = delete;
  BareTimer& operator=(const BareTimer&) = delete;

  void stop_a_loop() {
    const itimerspec once{{0, 0}, {0, static_cast<long>(kQuantumNs)}};
    volatile std::uint64_t turns = 0;
    if (sigsetjmp(after_loop, 1) == 0) {
      ::timer_settime(timer_, 0, &once, nullptr);
      for (;;) turns = turns + 1;
    }
  }

 private:
  timer_t timer_{};
};

struct Variant {
  const char* name;
  clockid_t clock;  ///< in which its quantum counts
  std::function<void()> body;
  std::vector<double> late_us;
};

/// Time of the variant's clock from the start to regained control, less the quantum. Negative would be too early.
double late_us(const Variant& variant) {
  const std::uint64_t begin = clock_ns(variant.clock);
  variant.body();
  return (static_cast<double>(clock_ns(variant.clock) - begin) - static_cast<double>(kQuantumNs)) / 1000.0;
}

/// Keeps every processor busy with one more thread than it has.
class BusyMachine {
 public:
  BusyMachine() {
    for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
      threads_.emplace_back([this] {
        while (!stop_.load(std::memory_order_relaxed)) {
        }
      });
    }
  }
  ~BusyMachine() {
    stop_ = true;
    for (auto& thread : threads_) thread.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

nlohmann::ordered_json measure(const char* machine, std::vector<Variant> variants, unsigned rounds) {
  for (unsigned round = 0; round < rounds; ++round) {
    for (Variant& variant : variants) variant.late_us.push_back(late_us(variant));
  }
  nlohmann::ordered_json result;
  for (const Variant& variant : variants) {
    const double half = median(variant.late_us), most = quantile(variant.late_us, 0.99), least = quantile(variant.late_us, 0);
    fmt::print("{:5} {:34} median {:8.1f} us   p99 {:8.1f} us   least {:8.1f} us\n", machine, variant.name, half, most, least);
    result[variant.name] = {{"median_us", half}, {"p99_us", most}, {"least_us", least}};
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  const MicroOptions options = parse_arguments(argc, argv, "Times from the end of a quantum of 2 ms of CPU time to regained control.", 300);
  const Extension extension = load_micro(std::chrono::nanoseconds(kQuantumNs));
  const Program forever = program_of(extension, "forever");
  BareTimer cpu_timer(CLOCK_THREAD_CPUTIME_ID), wall_timer(CLOCK_MONOTONIC);
  bool right = true;
  const std::vector<Variant> variants = {
      {"tenon", CLOCK_THREAD_CPUTIME_ID, [&] { right &= forever.run(1).cause == Cause::quantum; }, {}},
      {"bare timer of the thread's CPU time", CLOCK_THREAD_CPUTIME_ID, [&] { cpu_timer.stop_a_loop(); }, {}},
      {"bare timer of wall time", CLOCK_MONOTONIC, [&] { wall_timer.stop_a_loop(); }, {}},
  };
  nlohmann::ordered_json result;
  result["quantum_us"] = kQuantumNs / 1000;
  result["rounds"] = options.rounds;
  result["idle"] = measure("idle", variants, options.rounds);
  {
    const BusyMachine busy;
    result["busy"] = measure("busy", variants, options.rounds);
  }
  if (!right) fmt::print(stderr, "an invocation ended for another reason than its quantum\n");
  return write_result(options, result) && right ? 0 : 1;
}
