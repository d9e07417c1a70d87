// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <fmt/format.h>

#include <charconv>
#include <functional>
#include <map>
#include <optional>
#include <string_view>

namespace kv {

const char* const kHelp = R"(usage: kv_server [--address A] [--connections N] [--workers N] --extension FILE [options] [--extension FILE [options]]...

Serves stream and datagram requests; the extensions say what the requests mean. Each extension has its own heap and ports; all share the workers.

  --extension FILE   BPF object with programs for the hooks of kv.tni
  --port N           TCP port (0: any, which is printed)
  --udp-port N       UDP port, with the frame header of eight bytes
  --memory MB        what the extension may store (default 64)
  --heap-limit MB    most memory its heap is granted (default: memory and a quarter, and 64 MB)
  --quantum US       CPU time of one call, microseconds (default 10000; 0: without limit)
  --interpreter      run it in the checking interpreter

  --address A        IPv4 address to listen on (default 127.0.0.1)
  --connections N    most TCP peers per extension (default 1024)
  --workers N        threads, 1 to 64, among which peers are dealt out (default 1)

Ends on SIGTERM or SIGINT. Exit status: 0 ended so, 1 could not start or serve, 2 wrong usage.
)";

namespace {

std::optional<std::uint64_t> number(std::string_view text, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > most) return {};
  return value;
}

using Setter = std::function<bool(Options&, std::string_view)>;

template <class Apply>
Setter numeric(std::uint64_t most, Apply apply) {
  return [=](Options& options, std::string_view text) {
    const auto value = number(text, most);
    if (value) apply(options, *value);
    return value.has_value();
  };
}

const std::map<std::string_view, Setter>& setters() {
  static const std::map<std::string_view, Setter> table{
      {"--address", [](Options& o, std::string_view text) { o.address = text; return true; }},
      {"--connections", numeric(200'000, [](Options& o, std::uint64_t n) { o.limits.connections = n; })},
      {"--workers", numeric(kMaxWorkers, [](Options& o, std::uint64_t n) { o.limits.workers = n; })},
      {"--port", numeric(65535, [](Options& o, std::uint64_t n) { o.tenants.back().port = static_cast<int>(n); })},
      {"--udp-port", numeric(65535, [](Options& o, std::uint64_t n) { o.tenants.back().udp_port = static_cast<int>(n); })},
      {"--memory", numeric(1 << 16, [](Options& o, std::uint64_t n) { o.tenants.back().memory_bytes = n << 20; })},
      {"--heap-limit", numeric(1 << 16, [](Options& o, std::uint64_t n) { o.tenants.back().heap_limit_bytes = n << 20; })},
      {"--quantum", numeric(3'600'000'000, [](Options& o, std::uint64_t n) { o.tenants.back().quantum = std::chrono::microseconds(n); })},
  };
  return table;
}

}  // namespace

tenon::Result<Options> parse_options(int argc, char** argv, bool needs_extension) {
  Options options;
  if (!needs_extension) options.tenants.emplace_back();
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    const auto setter = setters().find(name);
    const bool for_all = name == "--address" || name == "--connections" || name == "--workers";
    if (name == "--help" || name == "-h") {
      options.help = true;
      return options;
    }
    if (options.tenants.empty() && !for_all && name != "--extension") return tenon::refuse("KV01", fmt::format("'{}' before the first --extension", name));
    if (name == "--interpreter") {
      options.tenants.back().backend = tenon::Backend::interpreter;
      continue;
    }
    if (i + 1 == argc) return tenon::refuse("KV01", fmt::format("'{}' is unknown or needs a value", name), "see kv_server --help");
    const std::string_view value = argv[++i];
    if (name == "--extension" && needs_extension) {
      options.tenants.emplace_back().extension = value;
    } else if (setter == setters().end() || !setter->second(options, value)) {
      return tenon::refuse("KV01", fmt::format("'{} {}' is no option", name, value), "see kv_server --help");
    }
  }
  if (options.limits.workers == 0) return tenon::refuse("KV01", "there must be a worker");
  if (options.tenants.empty()) return tenon::refuse("KV01", "no --extension given", "see kv_server --help");
  return options;
}

}  // namespace kv
