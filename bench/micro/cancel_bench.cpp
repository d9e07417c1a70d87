// SPDX-License-Identifier: Apache-2.0
// How soon is a stuck extension stopped, against what a bare POSIX timer needs to stop a plain loop? Quanta of 5 us to 10 ms; an idle and a busy machine; the
// watchdog as an ordinary thread and under SCHED_FIFO.
// docs/benchmarks/micro.md.
#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <csetjmp>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/statistics.hpp"
#include "micro.hpp"

namespace {

using namespace tenon;
using namespace tenon::bench;

constexpr std::uint64_t kQuantaNs[] = {5'000, 50'000, 1'000'000, 10'000'000};

sigjmp_buf after_loop;
void leave_loop(int) { siglongjmp(after_loop, 1); }

/// A timer of the host that interrupts this thread by signal after some time of `clock`.
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

  void stop_a_loop(std::uint64_t after_ns) {
    const itimerspec once{{0, 0}, {0, static_cast<long>(after_ns)}};
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
  std::vector<double> us;  ///< of that clock, from the start to regained control
};

double sample_us(const Variant& variant) {
  const std::uint64_t begin = clock_ns(variant.clock);
  variant.body();
  return static_cast<double>(clock_ns(variant.clock) - begin) / 1000.0;
}

std::optional<pid_t> watchdog_thread() {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    if (name == "tenon-watchdog") return std::stoi(task.path().filename());
  }
  return std::nullopt;
}

/// False where the system does not allow it.
bool schedule_watchdog(int policy) {
  const auto thread = watchdog_thread();
  sched_param parameter{};
  parameter.sched_priority = policy == SCHED_FIFO ? 1 : 0;
  return thread && ::sched_setscheduler(*thread, policy, &parameter) == 0;
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

struct Figures {
  double median_us, p99_us;
};

/// `variants` take turns; the last is the one to compare with.
nlohmann::ordered_json measure(const std::string& where, double quantum_us, std::vector<Variant> variants, unsigned rounds) {
  for (unsigned round = 0; round < rounds; ++round) {
    for (Variant& variant : variants) variant.us.push_back(sample_us(variant));
  }
  const Figures bare{median(variants.back().us), quantile(variants.back().us, 0.99)};
  nlohmann::ordered_json result;
  for (const Variant& variant : variants) {
    const Figures figures{median(variant.us), quantile(variant.us, 0.99)};
    const double least = quantile(variant.us, 0);
    fmt::print("{:28} {:36} median {:9.1f} us ({:5.2f}x)  p99 {:9.1f} us ({:5.2f}x)  late {:8.1f} us, p99 {:8.1f}, least {:7.1f}\n", where, variant.name,
               figures.median_us, figures.median_us / bare.median_us, figures.p99_us, figures.p99_us / bare.p99_us, figures.median_us - quantum_us,
               figures.p99_us - quantum_us, least - quantum_us);
    result[variant.name] = {{"median_us", figures.median_us},
                            {"p99_us", figures.p99_us},
                            {"least_us", least},
                            {"median_ratio", figures.median_us / bare.median_us},
                            {"p99_ratio", figures.p99_us / bare.p99_us}};
  }
  return result;
}

/// One quantum at a time: the shortest in the process decides how often the watchdog looks.
nlohmann::ordered_json measure_quantum(std::uint64_t quantum_ns, const MicroOptions& options, bool& right) {
  nlohmann::ordered_json result;
  const std::chrono::nanoseconds quantum(quantum_ns);
  const Extension signalled = load_micro({.quantum = quantum}), polling = load_micro({.quantum = quantum, .trigger = Trigger::poll});
  const Program forever = program_of(signalled, "forever"), polls = program_of(polling, "forever");
  BareTimer cpu_timer(CLOCK_THREAD_CPUTIME_ID), wall_timer(CLOCK_MONOTONIC);
  const std::vector<Variant> variants = {
      {"tenon", CLOCK_THREAD_CPUTIME_ID, [&] { right &= forever.run(1).cause == Cause::quantum; }, {}},
      {"tenon, poll", CLOCK_THREAD_CPUTIME_ID, [&] { right &= polls.run(1).cause == Cause::quantum; }, {}},
      {"bare timer of the thread's CPU time", CLOCK_THREAD_CPUTIME_ID, [&] { cpu_timer.stop_a_loop(quantum_ns); }, {}},
      {"bare timer of wall time", CLOCK_MONOTONIC, [&] { wall_timer.stop_a_loop(quantum_ns); }, {}},
  };
  for (const int policy : {SCHED_OTHER, SCHED_FIFO}) {
    const char* const scheduling = policy == SCHED_FIFO ? "fifo" : "normal";
    if (!schedule_watchdog(policy)) {
      fmt::print("SCHED_FIFO is not allowed here\n");
      continue;
    }
    for (const bool busy : {false, true}) {
      std::optional<BusyMachine> machine;
      if (busy) machine.emplace();
      const std::string where = fmt::format("{} us {} {}", quantum_ns / 1000, scheduling, busy ? "busy" : "idle");
      result[scheduling][busy ? "busy" : "idle"] = measure(where, static_cast<double>(quantum_ns) / 1000, variants, options.rounds);
    }
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  const MicroOptions options = parse_arguments(argc, argv, "Times from the start of a stuck extension to regained control.", 300);
  bool right = true;
  nlohmann::ordered_json result;
  result["rounds"] = options.rounds;
  for (const std::uint64_t quantum_ns : kQuantaNs) result["quantum_us"][std::to_string(quantum_ns / 1000)] = measure_quantum(quantum_ns, options, right);
  if (!right) fmt::print(stderr, "an invocation ended for another reason than its quantum\n");
  return write_result(options, result) && right ? 0 : 1;
}
