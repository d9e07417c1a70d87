// SPDX-License-Identifier: Apache-2.0
// tenon conformance: the plug-in protocol of the public bpf_conformance suite. The program comes as hexadecimal bytes on standard input, its memory as
// the first argument; r0 goes to standard output in hexadecimal.
#include <fmt/format.h>

#include <iostream>
#include <iterator>
#include <memory>

#include "cli/cli.hpp"
#include "cli/report.hpp"
#include "cli/values.hpp"
#include "engine/conformance.hpp"

namespace tenon::cli {

namespace {

struct Options {
  std::string memory;
  LoadOptions load;
};

Result<std::uint64_t> result_of(const Options& options) {
  TENON_TRY(memory, parse_hex(options.memory));
  TENON_TRY(code, parse_hex(std::string(std::istreambuf_iterator<char>(std::cin), {})));
  TENON_TRY(outcome, engine::run_conformance(code, memory, options.load));
  if (outcome.kind == Outcome::Kind::cancelled) {
    return refuse("E0809", fmt::format("the program was cancelled ({}) at instruction {}", to_string(outcome.cause), outcome.instruction));
  }
  return outcome.value;
}

int conformance(const Options& options) {
  const auto result = result_of(options);
  if (!result) return report(result.error());
  fmt::print("{:x}\n", *result);
  return kDone;
}

}  // namespace

void add_conformance(CLI::App& app, int& exit_code) {
  CLI::App* const verb = app.add_subcommand("conformance", "run hexadecimal instruction bytes from standard input, as bpf_conformance wants it");
  const auto options = std::make_shared<Options>();
  verb->add_option("memory", options->memory, "the program's memory as hexadecimal bytes; r1 points to it, r2 is its length");
  verb->add_flag_callback("--native", [options] { options->load.backend = Backend::native; }, "run native code (default)");
  add_load_options(*verb, options->load);
  verb->callback([options, &exit_code] { exit_code = conformance(*options); });
}

}  // namespace tenon::cli
