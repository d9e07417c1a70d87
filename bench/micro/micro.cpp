// SPDX-License-Identifier: Apache-2.0
#include "micro.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <fstream>

#include <CLI/CLI.hpp>

#include "common/run_info.hpp"

namespace tenon::bench {

namespace {
template <class T>
T value_or_exit(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "{}", to_text(result.error()));
  std::exit(1);
}
}  // namespace

MicroOptions parse_arguments(int argc, char** argv, const char* description, unsigned default_rounds) {
  MicroOptions options;
  options.rounds = default_rounds;
  CLI::App app(description);
  app.add_flag("--smoke", options.smoke, "one short round: answers count, times do not");
  app.add_option("--rounds", options.rounds, "samples per variant")->check(CLI::Range(1u, 100'000u))->capture_default_str();
  app.add_option("--json", options.json, "write the result to this file");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : 2);
  }
  if (options.smoke) options.rounds = 3;
  return options;
}

Extension load_micro(LoadOptions options, std::uint64_t heap_bytes) {
  Interface interface = value_or_exit(Interface::read(TENON_MICRO_INTERFACE));
  for (const auto& bound : {interface.bind<&add_one>("add_one"), interface.bind<&ticket_get>("ticket_get"), interface.bind<&ticket_put>("ticket_put")}) {
    if (bound) continue;
    fmt::print(stderr, "{}", to_text(bound.error()));
    std::exit(1);
  }
  options.heap_bytes = heap_bytes;
  return value_or_exit(Engine(interface).load(TENON_MICRO_OBJECT, options));
}

Program program_of(const Extension& extension, const char* name) { return value_or_exit(extension.program(name)); }

bool write_result(const MicroOptions& options, nlohmann::ordered_json result) {
  if (options.json.empty()) return true;
  result["run"] = run_info();
  std::filesystem::create_directories(std::filesystem::absolute(options.json).parent_path());
  if (std::ofstream(options.json) << result.dump(2) << '\n') return true;
  fmt::print(stderr, "cannot write {}\n", options.json);
  return false;
}

namespace {
Ticket tickets[8];
}

[[gnu::noinline]] Ticket* ticket_get(std::uint64_t n) {
  ++tickets[n % 8].references;
  return &tickets[n % 8];
}
[[gnu::noinline]] void ticket_put(Ticket* ticket) { --ticket->references; }

[[gnu::noinline]] std::uint64_t add_one(std::uint64_t value) {
  asm volatile("");  // not to be evaluated at compile time
  return value + 1;
}

std::uint64_t clock_ns(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace tenon::bench
