// SPDX-License-Identifier: Apache-2.0
// How fast are ordinary C kernels inside Tenon, against native code of the same source? docs/benchmarks/kernels.md.
// Exit code: 0 all answers agreed, 1 some variant failed or answered differently, 2 usage.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "measure.hpp"
#include "output.hpp"

namespace {

using namespace tenon::bench;

struct Arguments {
  MeasureOptions measure;
  std::filesystem::path folder = TENON_BENCH_FOLDER;
  std::filesystem::path json;
  std::vector<std::string> variants{"native", "scalar", "tenon"};
  std::vector<std::string> rows;
  bool quiet = false;
};

/// The chosen kinds in the order of variant_kinds(), so that the reference stays first.
std::vector<VariantKind> chosen_kinds(const Arguments& arguments) {
  auto kinds = variant_kinds(arguments.folder);
  const auto chosen = [&](const VariantKind& kind) { return std::ranges::find(arguments.variants, kind.name) != arguments.variants.end(); };
  std::erase_if(kinds, [&](const VariantKind& kind) { return !chosen(kind); });
  return kinds;
}

bool chosen(const Arguments& arguments, const Row& row) {
  return arguments.rows.empty() || std::ranges::find(arguments.rows, row.name) != arguments.rows.end();
}

int run(const Arguments& arguments) {
  const auto kinds = chosen_kinds(arguments);
  std::vector<RowTimes> measured;
  for (const Row& row : rows()) {
    if (!chosen(arguments, row)) continue;
    if (!arguments.quiet) fmt::print(stderr, "{} ...\n", row.name);
    measured.push_back(measure(row, kinds, arguments.measure));
  }
  const auto report = to_json(measured, kinds, arguments.measure);
  fmt::print("{}", to_table(report));
  if (!arguments.json.empty() && !(std::ofstream(arguments.json) << report.dump(2) << '\n')) {
    fmt::print(stderr, "cannot write {}\n", arguments.json.string());
    return 1;
  }
  const std::string failures = failures_of(report);
  fmt::print(stderr, "{}", failures);
  return failures.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  std::vector<std::string> row_names;
  for (const Row& row : rows()) row_names.emplace_back(row.name);
  CLI::App app("Times the kernels natively and inside Tenon, interleaved; answers are compared first.");
  app.add_flag("--smoke", arguments.measure.smoke, "tiny sizes and one round: answers count, times do not");
  app.add_option("--rounds", arguments.measure.rounds, "rounds per row")->check(CLI::Range(1u, 1000u))->capture_default_str();
  app.add_option("--sample-ms", arguments.measure.sample_ms, "length of one timed sample")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--seed", arguments.measure.seed, "of the data and of the order")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--variants", arguments.variants, "what to time; the first of native, scalar, tenon, watched, poll, unguarded, interpreter is the reference")
      ->delimiter(',')
      ->check(CLI::IsMember({"native", "scalar", "tenon", "watched", "poll", "unguarded", "interpreter"}))
      ->capture_default_str();
  app.add_option("--rows", arguments.rows, "only these rows")->delimiter(',')->check(CLI::IsMember(row_names));
  app.add_option("--folder", arguments.folder, "where the built kernels are")->capture_default_str();
  app.add_option("--json", arguments.json, "write the full result to this file");
  app.add_flag("--quiet", arguments.quiet, "no progress on standard error");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return run(arguments);
}
