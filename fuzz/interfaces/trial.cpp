// SPDX-License-Identifier: Apache-2.0
#include "trial.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "support/assembler.hpp"

namespace tenon::fuzz {

LastWords last_words;

namespace {

void print_last_words(int) {
  std::signal(SIGABRT, SIG_DFL);
  const std::string text = fmt::format("{}\n# host seed {}\n", last_words.program, last_words.host_seed);
  if (last_words.file.empty())
    std::fputs(text.c_str(), stderr);
  else
    std::ofstream(last_words.file) << text;
}

}  // namespace

void print_last_words_on_abort() { std::signal(SIGABRT, print_last_words); }

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Benches all_benches() {
  std::vector<std::filesystem::path> paths{TENON_SOURCE_DIR "/interfaces/raw.tni", TENON_SOURCE_DIR "/hosts/kv_server/kv.tni",
                                           TENON_SOURCE_DIR "/tests/cases/interfaces/net.tni"};
  for (const auto& entry : std::filesystem::directory_iterator(TENON_SOURCE_DIR "/fuzz/interfaces/declarations")) paths.push_back(entry.path());
  std::sort(paths.begin() + 3, paths.end());
  Benches benches;
  for (const auto& path : paths) benches.push_back(std::make_unique<Bench>(path.stem(), read_file(path)));
  return benches;
}

Bench& bench_named(const Benches& benches, const std::string& name) {
  for (const auto& bench : benches) {
    if (bench->name() == name) return *bench;
  }
  throw std::invalid_argument("no interface " + name);
}

std::optional<Found> try_program(Bench& bench, const instrument::Guarded& program, std::uint64_t first_host_seed, unsigned runs) {
  for (std::uint64_t seed = first_host_seed; seed < first_host_seed + runs; ++seed) {
    last_words.host_seed = seed;
    const auto& violations = bench.run(program, seed);
    if (!violations.empty()) return Found{seed, violations.front()};
  }
  return std::nullopt;
}

bool still_wrong(Bench& bench, const ir::Parts& parts, std::uint64_t host_seed) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    static_cast<void>(std::freopen("/dev/null", "w", stderr));
    const auto program = bench.prove(parts);
    std::_Exit(program && try_program(bench, *program, host_seed, kRunsPerProgram) ? 1 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) || WEXITSTATUS(status) == 1;
}

ir::Parts minimised(ir::Parts parts, const std::function<bool(const ir::Parts&)>& keeps) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (std::size_t at = parts.insns.size(); at > 0; --at) {
      ir::Parts shorter = parts;
      erase(shorter, at - 1);
      if (shorter.insns.size() == parts.insns.size() || !keeps(shorter)) continue;
      parts = std::move(shorter);
      smaller = true;
    }
  }
  return parts;
}

ir::Parts parse_program(const Benches& benches, const std::string& text, Bench*& bench) {
  const std::size_t line_end = text.find('\n'), space = text.find(' ', 2);
  bench = &bench_named(benches, text.substr(2, space - 2));
  test::AssembleOptions options;
  options.hook = text.substr(space + 1, line_end - space - 1);
  options.globals.resize(kGlobalsBytes);
  ir::Parts parts = test::assemble(text, options);
  parts.maps = maps_for(bench->declarations());
  return parts;
}

std::string program_text(const Bench& bench, const ir::Parts& parts, const std::string& comment) {
  return fmt::format("# {} {}\n# {}\n{}", bench.name(), parts.hook, comment, to_assembly(parts));
}

}  // namespace tenon::fuzz
