// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <string>
#include <tenon/engine.hpp>

#include <nlohmann/json.hpp>

namespace tenon::bench {

struct MicroOptions {
  bool smoke = false;
  unsigned rounds = 0;
  std::string json;
};

/// --smoke, --rounds, --json. Leaves the process on a usage error or --help.
MicroOptions parse_arguments(int argc, char** argv, const char* description, unsigned default_rounds);

/// The benchmark's object (micro.bpf.c, malloc.bpf.c) under micro.tni. Ends the process with the diagnostics when it cannot be loaded.
Extension load_micro(LoadOptions options, std::uint64_t heap_bytes = 1 << 20);
Program program_of(const Extension& extension, const char* name);

/// Prints nothing; writes `result` with run_info to options.json, if that is set. False when it cannot be written.
bool write_result(const MicroOptions& options, nlohmann::ordered_json result);

/// The host function behind add_one, also called natively as the baseline.
std::uint64_t add_one(std::uint64_t value);

/// Behind ticket_get and ticket_put.
struct Ticket { std::uint64_t references = 0; };
Ticket* ticket_get(std::uint64_t n);
void ticket_put(Ticket* ticket);

std::uint64_t clock_ns(clockid_t clock);

}  // namespace tenon::bench
