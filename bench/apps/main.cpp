// SPDX-License-Identifier: Apache-2.0
// kv_load: puts load on a memcached-speaking server over TCP, checks every reply, writes one JSON object. With --pid the server's processor time is read too.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "load.hpp"

namespace {

int server_pid = 0;
double cpu_at_start = 0, cpu_at_end = 0;

/// Nanoseconds that the threads of a process have run: first field of /proc/PID/task/*/schedstat.
double cpu_nanoseconds(int pid) {
  double sum = 0;
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid), error)) {
    double ran = 0;
    std::ifstream(task.path() / "schedstat") >> ran;
    sum += ran;
  }
  return sum;
}

void started() {
  if (server_pid != 0) cpu_at_start = cpu_nanoseconds(server_pid);
}
void ended() {
  if (server_pid != 0) cpu_at_end = cpu_nanoseconds(server_pid);
}

}  // namespace

int main(int argc, char** argv) {
  tenon::bench::Load load;
  CLI::App app{"puts load on a memcached-speaking server and checks every reply"};
  app.add_option("--port", load.port, "TCP port")->required();
  app.add_option("--connections", load.connections, "TCP connections");
  app.add_option("--depth", load.depth, "requests under way on each connection");
  app.add_option("--keys", load.keys, "different keys");
  app.add_option("--value-bytes", load.value_bytes, "length of each value");
  app.add_option("--get-percent", load.get_percent, "gets among requests; the rest are sets");
  app.add_option("--seconds", load.seconds, "how long to measure");
  app.add_option("--seed", load.seed, "of keys and mix");
  app.add_option("--pid", server_pid, "process whose CPU time is measured");
  CLI11_PARSE(app, argc, argv);
  try {
    const auto result = tenon::bench::run_load(load, started, ended);
    const auto requests = static_cast<double>(result.requests);
    nlohmann::ordered_json out{{"requests", result.requests},
                               {"seconds", result.seconds},
                               {"per_second", requests / result.seconds},
                               {"p50_us", static_cast<double>(result.latency.quantile(0.5)) / 1000},
                               {"p99_us", static_cast<double>(result.latency.quantile(0.99)) / 1000},
                               {"p999_us", static_cast<double>(result.latency.quantile(0.999)) / 1000},
                               {"wrong", result.wrong}};
    if (server_pid != 0) out["server_cpu_ns_per_request"] = (cpu_at_end - cpu_at_start) / requests;
    fmt::print("{}\n", out.dump());
    return 0;
  } catch (const std::exception& problem) {
    fmt::print(stderr, "kv_load: {}\n", problem.what());
    return 1;
  }
}
