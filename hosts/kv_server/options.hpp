// SPDX-License-Identifier: Apache-2.0
// The command line. Options after --extension (and before the next one) are that extension's.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <tenon/options.hpp>
#include <tenon/result.hpp>

#include "server.hpp"

namespace kv {

struct TenantOptions {
  std::string extension;
  int port = -1, udp_port = -1;
  std::uint64_t memory_bytes = 64ull << 20;
  std::uint64_t heap_limit_bytes = 0;
  std::chrono::nanoseconds quantum = std::chrono::milliseconds(10);
  tenon::Backend backend = tenon::Backend::native;
};

struct Options {
  std::string address = "127.0.0.1";
  Limits limits;
  std::vector<TenantOptions> tenants;
  bool help = false;
};

extern const char* const kHelp;

/// `needs_extension`: false for the build that has its service linked in. Errors: KV01.
tenon::Result<Options> parse_options(int argc, char** argv, bool needs_extension);

}  // namespace kv
