// SPDX-License-Identifier: Apache-2.0
// Generated and mutated programs for several interfaces. What the verifier accepts runs some times against random hosts, while the oracle holds every
// access, object, lock, mode and state against the interface's lines; a word from it is a hole of the verifier. Usage:
//   interfaces_fuzz replay FOLDER...                   every *.s there (first line "# INTERFACE hook"), as it is and with damage
//   interfaces_fuzz fuzz FIRST_SEED LAST_SEED OUT      one generated program and its mutants per seed; writes what it finds to OUT, and counts
//   interfaces_fuzz compare FIRST_SEED LAST_SEED       the generated programs that the runtime can run, interpreted and compiled side by side
//   interfaces_fuzz keep FIRST_SEED LAST_SEED OUT      programs worth keeping, shortened
//   interfaces_fuzz show SEED                          the generated program of a seed and what the verifier says
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "search.hpp"
#include "trial.hpp"
#include "twin.hpp"

namespace {

using namespace tenon;
using namespace tenon::fuzz;

constexpr std::uint64_t kTwinRuns = 40;
constexpr unsigned kReplayRuns = 200, kMutants = 25, kMutantRuns = 20;

/// The program itself need not be accepted (those under holes/ must not be), but whatever is accepted keeps to the interface.
int replay(const std::vector<std::string>& folders) {
  const Benches benches = all_benches();
  std::uint64_t programs = 0, accepted = 0, bad = 0;
  for (const std::string& folder : folders) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".s") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) {
      Bench* bench = nullptr;
      const ir::Parts seed = parse_program(benches, read_file(path), bench);
      Random random(programs);
      for (unsigned i = 0; i <= kMutants; ++i) {
        ir::Parts parts = seed;
        if (i > 0) mutate(parts, bench->declarations(), random);
        ++programs;
        const auto program = bench->prove(parts);
        if (!program) continue;
        ++accepted;
        last_words.program = program_text(*bench, parts, path.string());
        if (const auto found = try_program(*bench, *program, 0, i == 0 ? kReplayRuns : kMutantRuns)) {
          fmt::print("{}# host seed {}: {}\n", last_words.program, found->host_seed, found->what);
          ++bad;
          break;
        }
      }
    }
  }
  std::uint64_t runs = 0;
  for (const auto& bench : benches) runs += bench->take_coverage().runs;
  fmt::print("{} programs, {} accepted, {} runs\n", programs, accepted, runs);
  return bad != 0 || accepted == 0 ? 1 : 0;
}

/// Generated programs and a mutant of each, interpreted and compiled side by side.
int compare(std::uint64_t first, std::uint64_t last) {
  const Benches benches = all_benches();
  std::vector<std::unique_ptr<Twins>> twins;
  for (const auto& bench : benches) twins.push_back(std::make_unique<Twins>(bench->shared_declarations()));
  std::uint64_t programs = 0, runs = 0, differences = 0;
  for (std::uint64_t seed = first; seed < last; ++seed) {
    Random random(seed);
    const std::size_t index = seed % benches.size();
    Bench& bench = *benches[index];
    Generator generator(bench.declarations(), random);
    ir::Parts parts = generator.make(random.pick(bench.declarations().hooks));
    if (random.percent(50)) mutate(parts, bench.declarations(), random);
    const auto program = bench.prove(parts);
    if (!program) continue;
    last_words.program = program_text(bench, parts, fmt::format("seed {}", seed));
    if (try_program(bench, *program, seed, kRunsPerProgram) || !twins[index]->take(*program)) continue;
    ++programs;
    for (std::uint64_t host = 0; host < kTwinRuns; ++host) {
      last_words.host_seed = host;
      ++runs;
      const std::string difference = twins[index]->compare(host);
      if (difference.empty()) continue;
      fmt::print("{}# host seed {}: {}\n", last_words.program, host, difference);
      ++differences;
      break;
    }
  }
  fmt::print("{} programs, {} runs of each kind, {} differences\n", programs, runs, differences);
  return differences == 0 && programs > 0 ? 0 : 1;
}

int show(std::uint64_t seed) {
  const Benches benches = all_benches();
  Random random(seed);
  Bench& bench = *benches[seed % benches.size()];
  Generator generator(bench.declarations(), random);
  const ir::Parts parts = generator.make(random.pick(bench.declarations().hooks));
  fmt::print("# {} {}\n{}", bench.name(), parts.hook, to_assembly(parts));
  auto program = ir::link(parts);
  if (!program) {
    fmt::print("{}\n", to_text(program.error()));
    return 1;
  }
  const auto proof = verify::prove(std::move(*program), bench.shared_declarations());
  fmt::print("{}\n", proof ? "accepted" : to_text(proof.error()));
  return 0;
}

std::uint64_t number(const char* text) { return std::strtoull(text, nullptr, 10); }

}  // namespace

int main(int argc, char** argv) {
  print_last_words_on_abort();
  const std::string verb = argc > 1 ? argv[1] : "";
  if (verb == "replay" && argc > 2) return replay({argv + 2, argv + argc});
  if (verb == "fuzz" && argc == 5) return search(number(argv[2]), number(argv[3]), argv[4]);
  if (verb == "compare" && argc == 4) return compare(number(argv[2]), number(argv[3]));
  if (verb == "keep" && argc == 5) return keep_seeds(number(argv[2]), number(argv[3]), argv[4]);
  if (verb == "show" && argc == 3) return show(number(argv[2]));
  std::fprintf(stderr, "usage: %s replay FOLDER... | fuzz FIRST LAST OUT | compare FIRST LAST | keep FIRST LAST OUT | show SEED\n", argv[0]);
  return 2;
}
