// SPDX-License-Identifier: Apache-2.0
// What do acquiring, throwing and catching cost? docs/benchmarks/micro.md.
#include <fmt/format.h>

#include <functional>
#include <string>
#include <vector>

#include "common/statistics.hpp"
#include "micro.hpp"

namespace {

using namespace tenon;
using namespace tenon::bench;

struct Variant {
  const char* name;
  std::function<std::uint64_t(std::uint64_t n)> body;
  std::uint64_t calls;  ///< the answer, too
  std::vector<double> ns = {};
};

void sample(Variant& variant) {
  const std::uint64_t begin = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  const std::uint64_t answer = variant.body(variant.calls);
  const std::uint64_t end = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  if (answer != variant.calls) {
    fmt::print(stderr, "{} answered {} instead of {}\n", variant.name, answer, variant.calls);
    std::exit(1);
  }
  variant.ns.push_back(static_cast<double>(end - begin) / static_cast<double>(variant.calls));
}

/// What keeps the compiler from looking through: the pointers are read anew for each call.
Ticket* (*volatile get_function)(std::uint64_t) = ticket_get;
void (*volatile put_function)(Ticket*) = ticket_put;

std::uint64_t count_thrown(const Program& program, std::uint64_t n) {
  std::uint64_t thrown = 0;
  for (std::uint64_t i = 0; i < n; ++i) thrown += program.run(1).kind == Outcome::Kind::thrown ? 1 : 0;
  return thrown;
}

}  // namespace

int main(int argc, char** argv) {
  const MicroOptions options = parse_arguments(argc, argv, "Times acquire and release, throws and catches, interleaved with plain calls.", 51);
  const Extension extension = load_micro({.quantum = std::chrono::seconds(100)});
  const auto program = [&](const char* name) { return program_of(extension, name); };
  const auto inside = [&](const char* name) { return [run = program(name)](std::uint64_t n) { return run.run(n).value; }; };
  const std::uint64_t many = options.smoke ? 10'000 : 200'000, few = options.smoke ? 1'000 : 20'000;
  const Program throws = program("throws"), holding = program("throws_while_holding");

  Variant variants[] = {
      {"get and put, called directly", [](std::uint64_t n) { for (std::uint64_t i = 0; i < n; ++i) put_function(get_function(i)); return n; }, many},
      {"get and put, from an extension", inside("pairs"), many},
      {"throw to the hook", [&](std::uint64_t n) { return count_thrown(throws, n); }, few},
      {"throw to the hook, holding one", [&](std::uint64_t n) { return count_thrown(holding, n); }, few},
      {"try without a throw", inside("tries"), many},
      {"throw to a catch", inside("catches"), few},
      {"throw to a catch, holding one", inside("catches_while_holding"), few},
      {"one round of bpf_loop", inside("callbacks"), many},
  };
  for (Variant& variant : variants) sample(variant), variant.ns.clear();
  for (unsigned round = 0; round < options.rounds; ++round) {
    for (Variant& variant : variants) sample(variant);
  }
  nlohmann::ordered_json result;
  for (const Variant& variant : variants) {
    fmt::print("{:34} {:8.2f} ns\n", variant.name, median(variant.ns));
    result["ns"][variant.name] = median(variant.ns);
  }
  std::vector<double> over;
  for (unsigned round = 0; round < options.rounds; ++round) over.push_back(variants[1].ns[round] - variants[0].ns[round]);
  fmt::print("{:34} {:8.2f} ns\n", "get and put over direct calls", median(over));
  result["ns"]["get and put over direct calls"] = median(over);
  result["rounds"] = options.rounds;
  return write_result(options, result) ? 0 : 1;
}
