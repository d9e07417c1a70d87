// SPDX-License-Identifier: Apache-2.0
// kv_server: serves requests whose meaning an extension knows. One process, as many workers and extensions as given.
#include <fmt/format.h>
#include <signal.h>

#include <cstdio>
#include <random>

#include "make_service.hpp"
#include "options.hpp"
#include "server.hpp"

namespace {

kv::Server* running_server = nullptr;  // signal handlers have no other way to reach it

void stop_server(int) { running_server->stop(); }

void stop_on_signals(kv::Server& server) {
  running_server = &server;
  struct sigaction action{};
  action.sa_handler = stop_server;
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
}

std::uint64_t random_seed() {
  std::random_device device;
  return static_cast<std::uint64_t>(device()) << 32 | device();
}

tenon::Result<void> serve(const kv::Options& options) {
  kv::Server server(options.limits);
  for (std::size_t i = 0; i < options.tenants.size(); ++i) {
    const kv::TenantOptions& tenant = options.tenants[i];
    TENON_TRY(service, kv::make_service(tenant));
    const kv::Settings settings{tenant.memory_bytes, random_seed(), 0};
    if (auto added = server.add(std::move(service), settings, options.address, tenant.port, tenant.udp_port); !added) return added;
    fmt::print("{} port {} udp {}\n", tenant.extension.empty() ? "built-in" : tenant.extension, server.port(i), server.udp_port(i));
  }
  std::fflush(stdout);
  stop_on_signals(server);
  return server.run();
}

int fail(const tenon::Diagnostics& diagnostics, int status) {
  std::fputs(tenon::to_text(diagnostics).c_str(), stderr);
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = kv::parse_options(argc, argv, kv::kServiceIsExtension);
  if (!options) return fail(options.error(), 2);
  if (options->help) {
    std::fputs(kv::kHelp, stdout);
    return 0;
  }
  const auto served = serve(*options);
  return served ? 0 : fail(served.error(), 1);
}
