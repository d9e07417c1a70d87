// SPDX-License-Identifier: Apache-2.0
// What do malloc and free cost inside an extension, against jemalloc called by the same C code compiled natively? The process is linked with jemalloc where
// it is installed, which so is its malloc; else the baseline is the C library's. docs/benchmarks/micro.md.
#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "common/statistics.hpp"
#include "micro.hpp"

namespace {

using u64 = unsigned long long;
// C takes void * for any pointer.
struct AnyPointer {
  void* p;
  template <class T>
  operator T*() const {
    return static_cast<T*>(p);
  }
};
AnyPointer native_malloc(u64 bytes) { return {std::malloc(bytes)}; }
#define malloc native_malloc
#include "malloc_loops.h"
#undef malloc

using namespace tenon;
using namespace tenon::bench;

struct Loop {
  const char* name;
  const char* program;
  u64 (*native)(u64, u64);
};
constexpr Loop kLoops[] = {{"one at a time", "pairs", pair_loop}, {"64, last one first", "lifo", lifo_loop}, {"any of 4096", "at_random", random_loop}};
constexpr u64 kBytes[] = {16, 64, 256, 1024, 4096, 0};

template <class Body>
double ns_per_pair(u64 rounds, Body&& body) {
  const std::uint64_t begin = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  const u64 got = body();
  const std::uint64_t end = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  if (got != rounds) {
    fmt::print(stderr, "got {} of {} blocks\n", got, rounds);
    std::exit(1);
  }
  return static_cast<double>(end - begin) / static_cast<double>(rounds);
}

struct Row {
  double tenon, native, ratio;
};

Row measure(const Loop& loop, const Program& program, u64 bytes, u64 rounds, unsigned samples) {
  std::vector<double> tenon, native, ratios;
  for (unsigned i = 0; i <= samples; ++i) {  // the first one only warms up
    const double ours = ns_per_pair(rounds, [&] { return program.run(rounds << 32 | bytes).value; });
    const double theirs = ns_per_pair(rounds, [&] { return loop.native(rounds, bytes); });
    if (i == 0) continue;
    tenon.push_back(ours);
    native.push_back(theirs);
    ratios.push_back(ours / theirs);
  }
  return {median(tenon), median(native), median(ratios)};
}

}  // namespace

int main(int argc, char** argv) {
  const MicroOptions options = parse_arguments(argc, argv, "Times malloc and free in an extension, interleaved with the same code compiled natively.", 51);
  const Extension extension = load_micro({.quantum = std::chrono::seconds(100)}, 256 << 20);
  const u64 rounds = options.smoke ? 6'400 : 128'000;
  nlohmann::ordered_json result;
  result["baseline"] = TENON_MALLOC_BASELINE;
  fmt::print("ns per malloc and free{:24}{:>8} {:>10} {:>7}\n", "", "tenon", TENON_MALLOC_BASELINE, "ratio");
  for (const Loop& loop : kLoops) {
    const Program program = program_of(extension, loop.program);
    for (const u64 bytes : kBytes) {
      const Row row = measure(loop, program, bytes, rounds, options.rounds);
      const std::string name = fmt::format("{}, {}", loop.name, bytes == 0 ? "16 to 1039 bytes" : fmt::format("{} bytes", bytes));
      fmt::print("{:46}{:8.2f} {:10.2f} {:7.2f}\n", name, row.tenon, row.native, row.ratio);
      result["ns"][name] = {{"tenon", row.tenon}, {"native", row.native}, {"ratio", row.ratio}};
    }
  }
  result["rounds"] = options.rounds;
  result["pairs_per_sample"] = rounds;
  return write_result(options, result) ? 0 : 1;
}
