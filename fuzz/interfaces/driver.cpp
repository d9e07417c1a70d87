// SPDX-License-Identifier: Apache-2.0
// Generated and mutated programs for several interfaces. What the verifier accepts runs some times against random hosts, while the oracle holds every
// access, object, lock, mode and state against the interface's lines; a word from it is a hole of the verifier. Usage:
//   interfaces_fuzz replay FOLDER...                  every *.s there (first line "# INTERFACE hook"), as it is and with damage; silent when all is well
//   interfaces_fuzz fuzz FIRST_SEED LAST_SEED OUT     one generated program and its mutants per seed; writes what it finds to OUT, and counts
//   interfaces_fuzz show SEED                         the generated program of a seed and what the verifier says
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
#include <string>

#include <fmt/format.h>

#include "bench.hpp"
#include "support/assembler.hpp"

namespace {

using namespace tenon;
using namespace tenon::fuzz;

constexpr unsigned kRunsPerProgram = 60, kMutantsPerProgram = 12, kPool = 64;
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

void print_running(int) {
  std::fprintf(stderr, "with host seed %llu:\n%s\n", static_cast<unsigned long long>(running_seed), running.c_str());
  std::signal(SIGABRT, SIG_DFL);
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
  if (++known[what] > 3) return;
  const ir::Parts shorter = minimised(bench, parts, seed);
  std::ofstream(out / (name + ".s")) << "# " << bench.name() << " " << parts.hook << "\n# host seed " << seed << ": " << what << "\n" << to_assembly(shorter);
  std::printf("%s: %s\n", name.c_str(), what.c_str());
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
          std::printf("%s: with host seed %llu %s\n%s", path.c_str(), static_cast<unsigned long long>(found->seed), found->what.c_str(), to_assembly(parts).c_str());
          bad = true;
          break;
        }
      }
    }
  }
  std::uint64_t runs = 0;
  for (const auto& bench : benches) runs += bench->coverage().runs;
  std::printf("%llu programs, %llu accepted, %llu runs\n", static_cast<unsigned long long>(programs), static_cast<unsigned long long>(accepted),
              static_cast<unsigned long long>(runs));
  return bad || accepted == 0 ? 1 : 0;
}

int search(std::uint64_t first, std::uint64_t last, const std::filesystem::path& out) {
  const auto benches = all_benches();
  struct Kept { ir::Parts parts; };
  std::map<const Bench*, std::vector<Kept>> pools;
  std::map<std::string, std::uint64_t> refused;
  std::map<const Bench*, std::array<std::uint64_t, 4>> counts;  // generated, accepted of them, mutants, accepted of them
  for (std::uint64_t seed = first; seed < last; ++seed) {
    Random random(seed);
    Bench& bench = *benches[seed % benches.size()];
    std::vector<Kept>& pool = pools[&bench];
    auto& count = counts[&bench];
    Generator generator(bench.declarations(), random);
    const ir::Parts generated = generator.make(random.pick(bench.declarations().hooks));
    for (unsigned i = 0; i <= kMutantsPerProgram; ++i) {
      ir::Parts parts = i == 0 || pool.empty() || random.percent(30) ? generated : random.pick(pool).parts;
      if (i > 0) mutate(parts, bench.declarations(), random);
      ++count[i == 0 ? 0 : 2];
      std::string why;
      const auto program = bench.prove(parts, &why);
      if (!program) {
        if (i == 0) ++refused[why];
        continue;
      }
      ++count[i == 0 ? 1 : 3];
      running = fmt::format("# {} {}\n# seed {} mutant {}\n{}", bench.name(), parts.hook, seed, i, to_assembly(parts));
      const auto found = try_program(bench, *program, random.next() >> 16, kRunsPerProgram);
      if (found) {
        report(bench, parts, found->seed, found->what, out, fmt::format("{}_{}_{}", bench.name(), seed, i));
      } else if (parts.insns.size() < 220) {
        if (pool.size() < kPool) pool.push_back({parts});
        else pool[random.below(kPool)].parts = parts;
      }
    }
    if (seed % 5000 == 4999 || seed + 1 == last) {
      std::uint64_t runs = 0;
      for (const auto& b : benches) runs += b->coverage().runs;
      std::printf("seed %llu: %llu runs\n", static_cast<unsigned long long>(seed), static_cast<unsigned long long>(runs));
      std::fflush(stdout);
    }
  }
  for (const auto& bench : benches) {
    const Coverage& c = bench->coverage();
    const auto& n = counts[bench.get()];
    std::printf("%s: %llu generated, %llu accepted; %llu mutants, %llu accepted; %llu runs: %llu returned, %llu thrown, %llu cancelled; %llu callbacks, "
                "%llu loads, %llu stores, %llu instructions\n ",
                bench->name().c_str(), static_cast<unsigned long long>(n[0]), static_cast<unsigned long long>(n[1]), static_cast<unsigned long long>(n[2]),
                static_cast<unsigned long long>(n[3]), static_cast<unsigned long long>(c.runs), static_cast<unsigned long long>(c.returned),
                static_cast<unsigned long long>(c.thrown), static_cast<unsigned long long>(c.cancelled), static_cast<unsigned long long>(c.callbacks),
                static_cast<unsigned long long>(c.loads), static_cast<unsigned long long>(c.stores), static_cast<unsigned long long>(c.instructions));
    for (std::size_t f = 0; f < c.calls.size(); ++f) {
      std::printf(" %s %llu", bench->declarations().functions[f].name.c_str(), static_cast<unsigned long long>(c.calls[f]));
    }
    std::printf("\n");
  }
  for (const auto& [code, times] : refused) std::printf("refused %s: %llu\n", code.c_str(), static_cast<unsigned long long>(times));
  return 0;
}

int show(std::uint64_t seed) {
  const auto benches = all_benches();
  Random random(seed);
  Bench& bench = *benches[seed % benches.size()];
  Generator generator(bench.declarations(), random);
  const ir::Parts parts = generator.make(random.pick(bench.declarations().hooks));
  std::printf("# %s %s\n%s", bench.name().c_str(), parts.hook.c_str(), to_assembly(parts).c_str());
  auto program = ir::link(parts);
  if (!program) return std::printf("%s\n", to_text(program.error()).c_str()), 1;
  const auto proof = verify::prove(std::move(*program), std::make_shared<const interface::Declarations>(bench.declarations()));
  std::printf("%s\n", proof ? "accepted" : to_text(proof.error()).c_str());
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
