// SPDX-License-Identifier: Apache-2.0
// What does it cost to enter an extension, and to call the host from inside one, over plain function calls? docs/benchmarks/micro.md.
#include <fmt/format.h>

#include <functional>
#include <string>
#include <vector>

#include "common/statistics.hpp"
#include "micro.hpp"

namespace {

using namespace tenon;
using namespace tenon::bench;

[[gnu::noinline]] std::uint64_t plain(std::uint64_t value) {
  asm volatile("");
  return value;
}

/// What keeps the compiler from looking through either side of the comparison: the pointer is read anew for each call.
std::uint64_t (*volatile plain_function)(std::uint64_t) = plain;
std::uint64_t (*volatile host_function)(std::uint64_t) = add_one;

/// Makes `calls` calls and returns an answer that depends on each.
struct Variant {
  const char* name;
  std::function<std::uint64_t(std::uint64_t calls)> body;
  std::vector<double> ns_per_call;
};

double sample(Variant& variant, std::uint64_t calls, std::uint64_t expected) {
  const std::uint64_t begin = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  const std::uint64_t answer = variant.body(calls);
  const std::uint64_t end = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  if (answer != expected) {
    fmt::print(stderr, "{} answered {} instead of {}\n", variant.name, answer, expected);
    std::exit(1);
  }
  return static_cast<double>(end - begin) / static_cast<double>(calls);
}

}  // namespace

int main(int argc, char** argv) {
  const MicroOptions options = parse_arguments(argc, argv, "Times empty invocations and host calls, interleaved with plain calls.", 101);
  const Extension extension = load_micro({.quantum = std::chrono::milliseconds(10)});
  const Program empty = program_of(extension, "empty"), host_calls = program_of(extension, "host_calls");
  const std::uint64_t calls = options.smoke ? 10'000 : 200'000;

  Variant variants[] = {
      {"plain call", [](std::uint64_t n) { std::uint64_t sum = 0; for (std::uint64_t i = 0; i < n; ++i) sum += plain_function(i); return sum; }, {}},
      {"empty invocation", [&](std::uint64_t n) { std::uint64_t sum = 0; for (std::uint64_t i = 0; i < n; ++i) sum += empty.run(i).value; return sum; }, {}},
      {"plain call of the host function",
       [](std::uint64_t n) { std::uint64_t sum = 0; for (std::uint64_t i = 0; i < n; ++i) sum = host_function(sum); return sum; }, {}},
      {"host call from an extension", [&](std::uint64_t n) { return host_calls.run(n).value; }, {}},
  };
  const std::uint64_t expected[] = {calls * (calls - 1) / 2, calls * (calls - 1) / 2, calls, calls};
  for (std::size_t i = 0; i < std::size(variants); ++i) sample(variants[i], calls, expected[i]);
  for (unsigned round = 0; round < options.rounds; ++round) {
    for (std::size_t i = 0; i < std::size(variants); ++i) variants[i].ns_per_call.push_back(sample(variants[i], calls, expected[i]));
  }

  nlohmann::ordered_json result;
  for (const Variant& variant : variants) {
    const double ns = median(variant.ns_per_call);
    fmt::print("{:34} {:7.2f} ns\n", variant.name, ns);
    result["ns"][variant.name] = ns;
  }
  for (const auto& [name, at] : {std::pair{"invocation over a plain call", 0u}, {"host call over a plain call", 2u}}) {
    std::vector<double> over;
    for (unsigned round = 0; round < options.rounds; ++round) over.push_back(variants[at + 1].ns_per_call[round] - variants[at].ns_per_call[round]);
    fmt::print("{:34} {:7.2f} ns\n", name, median(over));
    result["ns"][name] = median(over);
  }
  result["rounds"] = options.rounds;
  result["calls_per_sample"] = calls;
  return write_result(options, result) ? 0 : 1;
}
