// SPDX-License-Identifier: Apache-2.0
// One program on trial: runs against many hosts, last words when one of the interpreter's own checks ends the process, and the shortest program that
// still shows what was found.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench.hpp"

namespace tenon::fuzz {

inline constexpr unsigned kRunsPerProgram = 60;

using Benches = std::vector<std::unique_ptr<Bench>>;

/// One for each interface that is fuzzed.
Benches all_benches();
Bench& bench_named(const Benches& benches, const std::string& name);

/// What runs now; print_last_words() says it when the process aborts.
struct LastWords {
  std::string program;
  std::uint64_t host_seed = 0;
  std::filesystem::path file;  ///< empty: standard error
};
extern LastWords last_words;
void print_last_words_on_abort();

struct Found {
  std::uint64_t host_seed = 0;
  std::string what;
};

/// The first of `runs` runs in which the oracle has something to say.
std::optional<Found> try_program(Bench& bench, const instrument::Guarded& program, std::uint64_t first_host_seed, unsigned runs);

/// Removes instructions while `keeps` holds.
ir::Parts minimised(ir::Parts parts, const std::function<bool(const ir::Parts&)>& keeps);
/// Accepted, and still goes wrong; tried in a process of its own.
bool still_wrong(Bench& bench, const ir::Parts& parts, std::uint64_t host_seed);

// Programs as files: "# INTERFACE hook", then assembly.
std::string read_file(const std::filesystem::path& path);
ir::Parts parse_program(const Benches& benches, const std::string& text, Bench*& bench);
std::string program_text(const Bench& bench, const ir::Parts& parts, const std::string& comment);

}  // namespace tenon::fuzz
