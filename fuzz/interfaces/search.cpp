// SPDX-License-Identifier: Apache-2.0
#include "search.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <new>

#include "trial.hpp"

namespace tenon::fuzz {

namespace {

constexpr unsigned kMutantsPerProgram = 12;
constexpr std::size_t kPool = 64, kMaxPoolInsns = 220;
constexpr std::uint64_t kSeedsPerProcess = 2000, kMaxAborts = 40;
constexpr unsigned kMaxOfOneKind = 10;  ///< findings with the same text
constexpr std::uint64_t kKeptPerFunction = 3;

/// What the processes of a search count together; the interfaces in the order of all_benches().
struct Totals {
  static constexpr std::size_t kInterfaces = 16, kFunctions = 96;
  struct OfInterface {
    std::uint64_t generated = 0, generated_accepted = 0, mutants = 0, mutants_accepted = 0;
    std::uint64_t runs = 0, returned = 0, thrown = 0, cancelled = 0, callbacks = 0, loads = 0, stores = 0, instructions = 0;
    std::array<std::uint64_t, kFunctions> calls{};
  };
  std::array<OfInterface, kInterfaces> interfaces{};
  std::uint64_t seed = 0, mutant = 0, aborts = 0;  ///< where the search stands

  void add(std::size_t index, const Coverage& c) {
    OfInterface& to = interfaces[index];
    to.runs += c.runs, to.returned += c.returned, to.thrown += c.thrown, to.cancelled += c.cancelled, to.callbacks += c.callbacks;
    to.loads += c.loads, to.stores += c.stores, to.instructions += c.instructions;
    for (std::size_t f = 0; f < std::min(kFunctions, c.calls.size()); ++f) to.calls[f] += c.calls[f];
  }
  std::uint64_t runs() const {
    std::uint64_t sum = 0;
    for (const OfInterface& one : interfaces) sum += one.runs;
    return sum;
  }
};

void report(Bench& bench, const ir::Parts& parts, const Found& found, const std::filesystem::path& out, const std::string& name) {
  static std::map<std::string, unsigned> known;
  if (++known[found.what] > kMaxOfOneKind) return;
  const ir::Parts shorter = minimised(parts, [&](const ir::Parts& candidate) { return still_wrong(bench, candidate, found.host_seed); });
  std::ofstream(out / (name + ".s")) << program_text(bench, shorter, fmt::format("host seed {}: {}", found.host_seed, found.what));
  fmt::print("{}: {}\n", name, found.what);
  std::fflush(stdout);
}

/// What ended a process of the search, made small.
void report_abort(const Benches& benches, const std::string& name, const std::filesystem::path& out) {
  Bench* bench = nullptr;
  const std::string text = read_file(last_words.file);
  const ir::Parts parts = parse_program(benches, text, bench);
  const std::uint64_t host_seed = std::strtoull(text.c_str() + text.rfind(' '), nullptr, 10);
  report(*bench, parts, {host_seed, "one of the interpreter's own checks fails"}, out, name);
}

/// Generated programs and their mutants for the seeds [first, last). Ends when one of the interpreter's checks ends the process.
void search_seeds(const Benches& benches, std::uint64_t first, std::uint64_t last, const std::filesystem::path& out, Totals& totals) {
  std::vector<std::vector<ir::Parts>> pools(benches.size());
  for (std::uint64_t seed = first; seed < last; ++seed) {
    totals.seed = seed;
    Random random(seed);
    const std::size_t index = seed % benches.size();
    Bench& bench = *benches[index];
    Totals::OfInterface& count = totals.interfaces[index];
    std::vector<ir::Parts>& pool = pools[index];
    Generator generator(bench.declarations(), random);
    const ir::Parts generated = generator.make(random.pick(bench.declarations().hooks));
    for (unsigned i = 0; i <= kMutantsPerProgram; ++i) {
      totals.mutant = i;
      ir::Parts parts = i == 0 || pool.empty() || random.percent(30) ? generated : random.pick(pool);
      if (i > 0) mutate(parts, bench.declarations(), random);
      ++(i == 0 ? count.generated : count.mutants);
      const auto program = bench.prove(parts);
      if (!program) continue;
      ++(i == 0 ? count.generated_accepted : count.mutants_accepted);
      last_words.program = program_text(bench, parts, fmt::format("seed {}, mutant {}", seed, i));
      const auto found = try_program(bench, *program, random.next() >> 16, kRunsPerProgram);
      totals.add(index, bench.take_coverage());
      if (found) {
        report(bench, parts, *found, out, fmt::format("{}_{}_{}", bench.name(), seed, i));
      } else if (parts.insns.size() < kMaxPoolInsns) {
        if (pool.size() < kPool)
          pool.push_back(parts);
        else
          pool[random.below(kPool)] = parts;
      }
    }
  }
}

void print_totals(const Benches& benches, const Totals& totals) {
  for (std::size_t i = 0; i < benches.size(); ++i) {
    const Totals::OfInterface& c = totals.interfaces[i];
    fmt::print(
        "{}: {} generated, {} accepted; {} mutants, {} accepted; {} runs: {} returned, {} thrown, {} cancelled; {} callbacks, {} loads, {} stores, "
        "{} "
        "instructions\n ",
        benches[i]->name(), c.generated, c.generated_accepted, c.mutants, c.mutants_accepted, c.runs, c.returned, c.thrown, c.cancelled, c.callbacks,
        c.loads, c.stores, c.instructions);
    for (std::size_t f = 0; f < benches[i]->declarations().functions.size(); ++f)
      fmt::print(" {} {}", benches[i]->declarations().functions[f].name, c.calls[f]);
    fmt::print("\n");
  }
  fmt::print("{} runs, {} ended by the interpreter's own checks\n", totals.runs(), totals.aborts);
}

}  // namespace

int search(std::uint64_t first, std::uint64_t last, const std::filesystem::path& out) {
  const Benches benches = all_benches();
  void* const shared = ::mmap(nullptr, sizeof(Totals), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 1;
  Totals& totals = *new (shared) Totals;
  std::filesystem::create_directories(out);
  last_words.file = out / "last_abort.txt";
  for (std::uint64_t seed = first; seed < last;) {
    const std::uint64_t end = std::min(last, seed + kSeedsPerProcess);
    const pid_t child = ::fork();
    if (child == 0) {
      print_last_words_on_abort();
      search_seeds(benches, seed, end, out, totals);
      std::_Exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    const bool ended_early = WIFSIGNALED(status);
    if (ended_early && ++totals.aborts <= kMaxAborts) {
      report_abort(benches, fmt::format("abort_{}_{}", totals.seed, totals.mutant), out);
    }
    seed = ended_early ? totals.seed + 1 : end;
    fmt::print("seed {}: {} runs\n", seed, totals.runs());
    std::fflush(stdout);
  }
  print_totals(benches, totals);
  return 0;
}

int keep_seeds(std::uint64_t first, std::uint64_t last, const std::filesystem::path& out) {
  const Benches benches = all_benches();
  std::vector<std::vector<std::uint64_t>> kept(benches.size());  // programs per function
  for (std::size_t b = 0; b < benches.size(); ++b) kept[b].resize(benches[b]->declarations().functions.size());
  for (std::uint64_t seed = first; seed < last; ++seed) {
    Random random(seed);
    const std::size_t index = seed % benches.size();
    Bench& bench = *benches[index];
    Generator generator(bench.declarations(), random);
    const ir::Parts generated = generator.make(random.pick(bench.declarations().hooks));
    const auto calls_of = [&](const ir::Parts& parts) {
      const auto program = bench.prove(parts);
      static_cast<void>(bench.take_coverage());
      if (!program || try_program(bench, *program, 0, kRunsPerProgram)) return std::vector<std::uint64_t>();
      const Coverage coverage = bench.take_coverage();
      return coverage.returned == 0 ? std::vector<std::uint64_t>() : coverage.calls;
    };
    const std::vector<std::uint64_t> calls = calls_of(generated);
    std::vector<std::size_t> wanted;
    for (std::size_t f = 0; f < calls.size(); ++f) {
      if (calls[f] > 0 && kept[index][f] < kKeptPerFunction) wanted.push_back(f);
    }
    if (wanted.empty()) continue;
    const auto keeps = [&](const ir::Parts& parts) {
      const std::vector<std::uint64_t> now = calls_of(parts);
      return !now.empty() && std::all_of(wanted.begin(), wanted.end(), [&](std::size_t f) { return now[f] > 0; });
    };
    const ir::Parts shorter = minimised(generated, keeps);
    for (const std::size_t f : wanted) ++kept[index][f];
    std::ofstream(out / fmt::format("{}_{}.s", bench.name(), seed)) << program_text(bench, shorter, fmt::format("seed {}", seed));
  }
  return 0;
}

}  // namespace tenon::fuzz
