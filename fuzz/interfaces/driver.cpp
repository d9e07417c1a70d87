// SPDX-License-Identifier: Apache-2.0
// Generated and mutated programs for several interfaces. What the verifier accepts runs some times against random hosts, while the oracle holds every
// access, object, lock, mode and state against the interface's lines; a word from it is a hole of the verifier. Usage:
//   interfaces_fuzz replay FOLDER...                  every *.s there (first line "# INTERFACE hook"), as it is and with damage; silent when all is well
//   interfaces_fuzz fuzz FIRST_SEED LAST_SEED OUT     one generated program and its mutants per seed; writes what it finds to OUT, and counts
//   interfaces_fuzz show SEED                         the generated program of a seed and what the verifier says
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <new>
#include <string>

#include <fmt/format.h>

#include "bench.hpp"
#include "support/assembler.hpp"

namespace {

using namespace tenon;
using namespace tenon::fuzz;

constexpr unsigned kRunsPerProgram = 60, kMutantsPerProgram = 12, kPool = 64;
constexpr std::size_t kMaxPoolInsns = 220;
constexpr std::uint64_t kSeedsPerProcess = 2000, kMaxReported = 40;
constexpr unsigned kReplayRuns = 200, kReplayMutants = 25;

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<std::unique_ptr<Bench>> all_benches() {
  std::vector<std::filesystem::path> paths{TENON_SOURCE_DIR "/interfaces/raw.tni", TENON_SOURCE_DIR "/hosts/kv_server/kv.tni",
                                           TENON_SOURCE_DIR "/tests/cases/interfaces/net.tni"};
  for (const auto& entry : std::filesystem::directory_iterator(TENON_SOURCE_DIR "/fuzz/interfaces/declarations")) paths.push_back(entry.path());
  std::sort(paths.begin() + 3, paths.end());
  std::vector<std::unique_ptr<Bench>> benches;
  for (const auto& path : paths) benches.push_back(std::make_unique<Bench>(path.stem(), read(path)));
  return benches;
}

Bench& bench_named(const std::vector<std::unique_ptr<Bench>>& benches, const std::string& name) {
  for (const auto& bench : benches) {
    if (bench->name() == name) return *bench;
  }
  throw std::invalid_argument("no interface " + name);
}

/// What is being run, for the last words of a process that one of the interpreter's own checks ends.
std::string running;
std::uint64_t running_seed = 0;

std::filesystem::path abort_file;  ///< where a search wants them, empty: to standard error

void print_running(int) {
  std::signal(SIGABRT, SIG_DFL);
  if (abort_file.empty()) {
    fmt::print(stderr, "with host seed {}:\n{}\n", running_seed, running);
  } else {
    std::ofstream(abort_file) << running << "\n# host seed " << running_seed << "\n";
  }
}

struct Found {
  std::uint64_t seed = 0;
  std::string what;
};

std::optional<Found> try_program(Bench& bench, const instrument::Guarded& program, std::uint64_t first_seed, unsigned runs) {
  for (std::uint64_t seed = first_seed; seed < first_seed + runs; ++seed) {
    running_seed = seed;
    const auto& violations = bench.run(program, seed);
    if (!violations.empty()) return Found{seed, violations.front()};
  }
  return std::nullopt;
}

/// In a process of its own: one of the interpreter's checks may end it. True when the program is accepted and still goes wrong.
bool still_wrong(Bench& bench, const ir::Parts& parts, std::uint64_t seed) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    static_cast<void>(std::freopen("/dev/null", "w", stderr));
    const auto program = bench.prove(parts);
    std::_Exit(program && try_program(bench, *program, seed, kRunsPerProgram) ? 1 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) || WEXITSTATUS(status) == 1;
}

ir::Parts minimised(Bench& bench, ir::Parts parts, std::uint64_t seed) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (std::size_t at = parts.insns.size(); at > 0; --at) {
      ir::Parts shorter = parts;
      erase(shorter, at - 1);
      if (shorter.insns.size() == parts.insns.size() || !still_wrong(bench, shorter, seed)) continue;
      parts = std::move(shorter);
      smaller = true;
    }
  }
  return parts;
}

void report(Bench& bench, const ir::Parts& parts, std::uint64_t seed, const std::string& what, const std::filesystem::path& out, const std::string& name) {
  static std::map<std::string, unsigned> known;
  if (++known[what] > 10) return;
  const ir::Parts shorter = minimised(bench, parts, seed);
  std::ofstream(out / (name + ".s")) << "# " << bench.name() << " " << parts.hook << "\n# host seed " << seed << ": " << what << "\n" << to_assembly(shorter);
  fmt::print("{}: {}\n", name, what);
  std::fflush(stdout);
}

ir::Parts parse_seed(const std::string& text, std::string& interface) {
  const std::size_t line_end = text.find('\n'), space = text.find(' ', 2);
  interface = text.substr(2, space - 2);
  test::AssembleOptions options;
  options.hook = text.substr(space + 1, line_end - space - 1);
  options.globals.resize(kGlobalsBytes);
  return test::assemble(text, options);
}

int replay(const std::vector<std::string>& folders) {
  const auto benches = all_benches();
  std::uint64_t programs = 0, accepted = 0;
  bool bad = false;
  for (const std::string& folder : folders) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".s") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) {
      std::string interface, why;
      ir::Parts seed = parse_seed(read(path), interface);
      Bench& bench = bench_named(benches, interface);
      seed.maps = maps_for(bench.declarations());
      Random random(programs);
      for (unsigned i = 0; i <= kReplayMutants; ++i) {
        ir::Parts parts = seed;
        if (i > 0) mutate(parts, bench.declarations(), random);
        ++programs;
        const auto program = bench.prove(parts, &why);
        if (!program) continue;
        ++accepted;
        running = path.string() + "\n" + to_assembly(parts);
        if (const auto found = try_program(bench, *program, 0, i == 0 ? kReplayRuns : 20)) {
              fmt::print("{}: with host seed {} {}\n{}", path.string(), found->seed, found->what, to_assembly(parts));
          bad = true;
          break;
        }
      }
    }
  }
  std::uint64_t runs = 0;
  for (const auto& bench : benches) runs += bench->take_coverage().runs;
  fmt::print("{} programs, {} accepted, {} runs\n", programs, accepted, runs);
  return bad || accepted == 0 ? 1 : 0;
}

/// What ended a process of the search, made small.
void report_abort(const std::vector<std::unique_ptr<Bench>>& benches, const std::string& name, const std::filesystem::path& out) {
  std::string interface;
  const std::string text = read(abort_file);
  ir::Parts parts = parse_seed(text, interface);
  Bench& bench = bench_named(benches, interface);
  parts.maps = maps_for(bench.declarations());
  const std::uint64_t seed = std::strtoull(text.c_str() + text.rfind(' '), nullptr, 10);
  report(bench, parts, seed, "one of the interpreter's own checks fails", out, name);
}

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

/// Generated programs and their mutants for the seeds [first, last). Ends when one of the interpreter's checks ends the process.
void search_seeds(const std::vector<std::unique_ptr<Bench>>& benches, std::uint64_t first, std::uint64_t last, const std::filesystem::path& out, Totals& totals) {
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
      running = fmt::format("# {} {}\n{}", bench.name(), parts.hook, to_assembly(parts));
      const auto found = try_program(bench, *program, random.next() >> 16, kRunsPerProgram);
      totals.add(index, bench.take_coverage());
      if (found) {
        report(bench, parts, found->seed, found->what, out, fmt::format("{}_{}_{}", bench.name(), seed, i));
      } else if (parts.insns.size() < kMaxPoolInsns) {
        if (pool.size() < kPool) pool.push_back(parts);
        else pool[random.below(kPool)] = parts;
      }
    }
  }
}

void print_totals(const std::vector<std::unique_ptr<Bench>>& benches, const Totals& totals) {
  for (std::size_t i = 0; i < benches.size(); ++i) {
    const Totals::OfInterface& c = totals.interfaces[i];
    fmt::print("{}: {} generated, {} accepted; {} mutants, {} accepted; {} runs: {} returned, {} thrown, {} cancelled; {} callbacks, {} loads, {} stores, {} "
               "instructions\n ",
               benches[i]->name(), c.generated, c.generated_accepted, c.mutants, c.mutants_accepted, c.runs, c.returned, c.thrown, c.cancelled, c.callbacks, c.loads,
               c.stores, c.instructions);
    for (std::size_t f = 0; f < benches[i]->declarations().functions.size(); ++f) fmt::print(" {} {}", benches[i]->declarations().functions[f].name, c.calls[f]);
    fmt::print("\n");
  }
  fmt::print("{} runs, {} ended by the interpreter's own checks\n", totals.runs(), totals.aborts);
}

int search(std::uint64_t first, std::uint64_t last, const std::filesystem::path& out) {
  const auto benches = all_benches();
  void* const shared = ::mmap(nullptr, sizeof(Totals), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 1;
  Totals& totals = *new (shared) Totals;
  abort_file = out / "last_abort.txt";
  for (std::uint64_t seed = first; seed < last;) {
    const std::uint64_t end = std::min(last, seed + kSeedsPerProcess);
    const pid_t child = ::fork();
    if (child == 0) {
      std::signal(SIGABRT, print_running);
      search_seeds(benches, seed, end, out, totals);
      std::_Exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    const bool ended_early = WIFSIGNALED(status);
    if (ended_early && ++totals.aborts <= kMaxReported) {
      report_abort(benches, fmt::format("abort_{}_{}", totals.seed, totals.mutant), out);
    }
    seed = ended_early ? totals.seed + 1 : end;
    fmt::print("seed {}: {} runs\n", seed, totals.runs());
    std::fflush(stdout);
  }
  print_totals(benches, totals);
  return 0;
}

int show(std::uint64_t seed) {
  const auto benches = all_benches();
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
  const auto proof = verify::prove(std::move(*program), std::make_shared<const interface::Declarations>(bench.declarations()));
  fmt::print("{}\n", proof ? "accepted" : to_text(proof.error()));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGABRT, print_running);
  const std::string verb = argc > 1 ? argv[1] : "";
  if (verb == "replay" && argc > 2) return replay({argv + 2, argv + argc});
  if (verb == "fuzz" && argc == 5) return search(std::strtoull(argv[2], nullptr, 10), std::strtoull(argv[3], nullptr, 10), argv[4]);
  if (verb == "show" && argc == 3) return show(std::strtoull(argv[2], nullptr, 10));
  std::fprintf(stderr, "usage: %s replay FOLDER... | fuzz FIRST_SEED LAST_SEED OUT | show SEED\n", argv[0]);
  return 2;
}
