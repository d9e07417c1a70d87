// SPDX-License-Identifier: Apache-2.0
// Differential test of interpreter and native code on random programs. Exits 1 on the first difference, with the seed and the program; a broken
// promise of the verifier aborts in the interpreter, after the seed has been printed.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <map>

#include "compare.hpp"
#include "generator.hpp"
#include "host.hpp"
#include "mutate.hpp"
#include "support/assembler.hpp"

namespace tenon::differential {
namespace {

struct Options {
  std::uint64_t count = 1000;
  std::uint64_t seed = 1;
  std::uint64_t seconds = 0;
  unsigned min_accepted_percent = 0;
  bool mutate = false;
  bool interpreter_only = false;
  bool show = false;
};

struct Tally {
  std::map<std::string, std::uint64_t> outcomes, rejections;
  std::uint64_t programs = 0, rejected = 0;
};

const char* name_of(Verdict::Kind kind) {
  switch (kind) {
    case Verdict::Kind::rejected:
      return "rejected";
    case Verdict::Kind::too_long:
      return "too long";
    case Verdict::Kind::returned:
      return "returned";
    case Verdict::Kind::thrown:
      return "thrown";
    case Verdict::Kind::cancelled:
      return "cancelled";
    case Verdict::Kind::differs:
      return "differs";
  }
  return "";
}

test::AssembleOptions assemble_options(std::uint64_t seed) {
  Random random(~seed);
  test::AssembleOptions options{.hook = "t", .globals = std::vector<std::byte>(kGlobalsBytes)};
  for (std::size_t i = 0; i < options.globals.size() / 2; ++i) options.globals[i] = static_cast<std::byte>(random.next());
  return options;
}

Verdict run_one(std::uint64_t seed, const Interface& interface, const Options& options) {
  ir::Parts parts = test::assemble(generate(seed), assemble_options(seed));
  if (options.mutate) {
    Random random(seed ^ 0x6d757461);
    mutate(parts, random);
  }
  auto program = ir::link(std::move(parts));
  if (!program) return {Verdict::Kind::rejected, program.error()[0].code};
  if (options.show) fmt::print("{}\n", ir::to_text(*program));
  return compare(std::move(*program), interface, seed, options.interpreter_only);
}

void report(const Tally& tally) {
  const std::uint64_t accepted = tally.programs - tally.rejected;
  fmt::print("{} programs, {} accepted ({}%)\n", tally.programs, accepted, tally.programs == 0 ? 0 : accepted * 100 / tally.programs);
  for (const auto& [what, times] : tally.outcomes) fmt::print("  {:8} {}\n", times, what);
  for (const auto& [why, times] : tally.rejections) fmt::print("  {:8} rejected: {}\n", times, why);
}

int run(const Options& options) {
  const Interface interface = make_interface();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(options.seconds);
  Tally tally;
  for (std::uint64_t seed = options.seed; seed < options.seed + options.count; ++seed) {
    if (options.seconds != 0 && std::chrono::steady_clock::now() > end) break;
    fmt::print(stderr, "\rseed {} ", seed);
    const Verdict verdict = run_one(seed, interface, options);
    ++tally.programs;
    if (verdict.kind == Verdict::Kind::differs) {
      fmt::print("\nseed {} differs, interpreter against native code: {}\n{}", seed, verdict.reason, options.show ? "" : generate(seed));
      return 1;
    }
    if (verdict.kind == Verdict::Kind::rejected) {
      ++tally.rejected;
      ++tally.rejections[verdict.reason];
    } else {
      ++tally.outcomes[fmt::format("{} {}", name_of(verdict.kind), verdict.reason)];
    }
  }
  fmt::print(stderr, "\n");
  report(tally);
  if ((tally.programs - tally.rejected) * 100 < tally.programs * options.min_accepted_percent) {
    fmt::print("fewer than {}% were accepted\n", options.min_accepted_percent);
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace tenon::differential

int main(int argc, char** argv) {
  tenon::differential::Options options;
  CLI::App app("Runs random programs in the interpreter and as native code and compares what they did");
  app.add_option("--count", options.count, "programs");
  app.add_option("--seed", options.seed, "first seed; each program has its own, one higher than the last");
  app.add_option("--seconds", options.seconds, "stop after this time; 0: no limit");
  app.add_option("--min-accepted", options.min_accepted_percent, "fail when the verifier accepts fewer, in percent");
  app.add_flag("--mutate", options.mutate, "damage each program a little first");
  app.add_flag("--interpreter-only", options.interpreter_only, "leave the native runs out: checks the verifier's promises only");
  app.add_flag("--show", options.show, "print each program");
  CLI11_PARSE(app, argc, argv);
  return tenon::differential::run(options);
}
