// SPDX-License-Identifier: Apache-2.0
// What does a lock in an extension's heap cost, when nobody else wants it and when it goes from thread to thread, against a pthread spin lock and a native
// MCS lock? docs/benchmarks/micro.md.
#include <fmt/format.h>
#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <functional>
#include <string>
#include <tenon/heap_lock.hpp>
#include <thread>
#include <vector>

#include "common/statistics.hpp"
#include "micro.hpp"

namespace {

using namespace tenon;
using namespace tenon::bench;

/// Mellor-Crummey and Scott's queue lock; waiting threads yield after as long a spin as Tenon's, or two of them on one processor would take a time slice each.
class McsLock {
 public:
  struct Node {
    std::atomic<Node*> next{nullptr};
    std::atomic<bool> waits{false};
  };
  void lock(Node& self) {
    self.next.store(nullptr, std::memory_order_relaxed);
    self.waits.store(true, std::memory_order_relaxed);
    Node* const before = last_.exchange(&self, std::memory_order_acq_rel);
    if (before == nullptr) return;
    before->next.store(&self, std::memory_order_release);
    wait_while([&] { return self.waits.load(std::memory_order_acquire); });
  }
  void unlock(Node& self) {
    Node* expected = &self;
    if (self.next.load(std::memory_order_acquire) == nullptr) {
      if (last_.compare_exchange_strong(expected, nullptr, std::memory_order_acq_rel)) return;
      wait_while([&] { return self.next.load(std::memory_order_acquire) == nullptr; });
    }
    self.next.load(std::memory_order_acquire)->waits.store(false, std::memory_order_release);
  }

 private:
  template <class Condition>
  static void wait_while(Condition&& condition) {
    for (int turn = 0; condition(); ++turn) turn < 250 ? __builtin_ia32_pause() : static_cast<void>(::sched_yield());
  }
  alignas(64) std::atomic<Node*> last_{nullptr};
};

/// Takes and gives the lock `pairs` times, adding 1 under it each time; the sum it saw last.
struct Variant {
  const char* name;
  std::function<std::uint64_t(std::uint64_t pairs)> body;
  std::function<void()> reset;
  std::function<std::uint64_t()> total;
  std::vector<double> alone_ns, contended_ns;
};

double per_pair(Variant& variant, unsigned threads, std::uint64_t pairs) {
  variant.reset();
  std::atomic<unsigned> ready{0};
  std::atomic<std::uint64_t> begin{0}, end{0};
  std::vector<std::thread> running;
  const auto play = [&] {
    variant.body(100);  // the thread is registered, its lines are warm
    if (ready.fetch_add(1) + 1 == threads) begin = clock_ns(CLOCK_MONOTONIC);
    while (ready.load() != threads) ::sched_yield();
    variant.body(pairs);
    std::uint64_t now = clock_ns(CLOCK_MONOTONIC), before = end.load();
    while (before < now && !end.compare_exchange_weak(before, now)) {
    }
  };
  for (unsigned i = 1; i < threads; ++i) running.emplace_back(play);
  play();
  for (std::thread& thread : running) thread.join();
  if (variant.total() != threads * (pairs + 100)) {
    fmt::print(stderr, "{} counted {} instead of {}\n", variant.name, variant.total(), threads * (pairs + 100));
    std::exit(1);
  }
  return static_cast<double>(end - begin) / static_cast<double>(threads * pairs);
}

}  // namespace

int main(int argc, char** argv) {
  const MicroOptions options = parse_arguments(argc, argv, "Times taking and giving a lock, alone and between two threads.", 31);
  const Extension extension = load_micro({.quantum = std::chrono::seconds(60)});
  const Program spin = program_of(extension, "spin_pairs"), write = program_of(extension, "write_pairs"), read = program_of(extension, "read_pairs");
  const auto at = [&](const char* name) { return program_of(extension, name).run(0).value; };
  auto* const shared = reinterpret_cast<std::uint64_t*>(at("locked_at"));
  const std::uint64_t heap_lock = at("lock_at");

  pthread_spinlock_t pthread_spin;
  ::pthread_spin_init(&pthread_spin, PTHREAD_PROCESS_PRIVATE);
  pthread_rwlock_t pthread_rw = PTHREAD_RWLOCK_INITIALIZER;
  alignas(64) McsLock mcs;
  alignas(64) volatile std::uint64_t counter = 0;
  const auto reset_native = [&] { counter = 0; };
  const auto total_native = [&]() -> std::uint64_t { return counter; };
  const auto reset_heap = [&] { *shared = 0; };
  const auto total_heap = [&] { return *shared; };
  const auto native = [&](auto&& take, auto&& give) {
    return [&counter, take, give](std::uint64_t n) {
      for (std::uint64_t i = 0; i < n; ++i) {
        take();
        counter = counter + 1;
        give();
      }
      return std::uint64_t{counter};
    };
  };

  Variant variants[] = {
      {"pthread_spin", native([&] { ::pthread_spin_lock(&pthread_spin); }, [&] { ::pthread_spin_unlock(&pthread_spin); }), reset_native, total_native, {}, {}},
      {"MCS lock", [&](std::uint64_t n) {
         McsLock::Node node;
         for (std::uint64_t i = 0; i < n; ++i) {
           mcs.lock(node);
           counter = counter + 1;
           mcs.unlock(node);
         }
         return std::uint64_t{counter};
       }, reset_native, total_native, {}, {}},
      {"pthread_rwlock, write", native([&] { ::pthread_rwlock_wrlock(&pthread_rw); }, [&] { ::pthread_rwlock_unlock(&pthread_rw); }), reset_native, total_native, {}, {}},
      {"tn_lock in an extension", [&](std::uint64_t n) { return spin.run(n).value; }, reset_heap, total_heap, {}, {}},
      {"tn_lock_write in an extension", [&](std::uint64_t n) { return write.run(n).value; }, reset_heap, total_heap, {}, {}},
      {"HeapLock in the host", [&](std::uint64_t n) {
         for (std::uint64_t i = 0; i < n; ++i) {
           const auto taken = HeapLock::try_lock_for(extension, heap_lock, std::chrono::seconds(10));
           *const_cast<volatile std::uint64_t*>(shared) = *shared + (taken ? 1 : 0);
         }
         return *shared;
       }, reset_heap, total_heap, {}, {}},
  };
  const std::uint64_t pairs = options.smoke ? 2'000 : 50'000;
  for (unsigned round = 0; round < options.rounds; ++round) {
    for (Variant& variant : variants) {
      variant.alone_ns.push_back(per_pair(variant, 1, pairs));
      variant.contended_ns.push_back(per_pair(variant, 2, pairs));
    }
  }

  nlohmann::ordered_json result;
  const auto ratio = [&](const std::vector<double>& over, const std::vector<double>& under) {
    std::vector<double> each;
    for (unsigned round = 0; round < options.rounds; ++round) each.push_back(over[round] / under[round]);
    return median(each);
  };
  for (const Variant& variant : variants) {
    const double alone = median(variant.alone_ns), contended = median(variant.contended_ns);
    const double over_spin = ratio(variant.alone_ns, variants[0].alone_ns), over_mcs = ratio(variant.contended_ns, variants[1].contended_ns);
    fmt::print("{:32} alone {:8.1f} ns ({:5.2f} x pthread_spin)   two threads {:8.1f} ns ({:5.2f} x MCS, {:5.2f} x pthread_spin)\n", variant.name, alone, over_spin,
               contended, over_mcs, ratio(variant.contended_ns, variants[0].contended_ns));
    result[variant.name] = {{"alone_ns", alone}, {"two_threads_ns", contended}, {"alone_over_pthread_spin", over_spin}, {"two_threads_over_mcs", over_mcs}};
  }
  if (read.run(1000).value != 1000) return 1;
  result["rounds"] = options.rounds;
  result["pairs_per_sample"] = pairs;
  return write_result(options, result) ? 0 : 1;
}
