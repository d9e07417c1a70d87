// SPDX-License-Identifier: Apache-2.0
#include "server.hpp"

#include <system_error>
#include <thread>

#include "datagrams.hpp"
#include "listener.hpp"

namespace kv {

std::uint64_t PeerNumbers::take() {
  const std::lock_guard guard(mutex_);
  if (free_.empty()) return next_++;
  const std::uint64_t number = free_.back();
  free_.pop_back();
  return number;
}

void PeerNumbers::give(std::uint64_t number) {
  const std::lock_guard guard(mutex_);
  free_.push_back(number);
}

Server::Server(const Limits& limits) : limits_(limits) {
  for (std::size_t i = 0; i < limits.workers; ++i) workers_.push_back(std::make_unique<Worker>(*this, static_cast<std::uint32_t>(i), clock_));
}

Server::~Server() = default;

tenon::Result<void> Server::add(std::unique_ptr<Service> service, Settings settings, const std::string& address, int port, int udp_port) {
  tenants_.push_back(std::make_unique<Tenant>(workers_.size()));
  Tenant& tenant = *tenants_.back();
  tenant.service = std::move(service);
  tenant.facts.most_connections = limits_.connections;
  settings.now = clock_.now();
  current_facts = &tenant.facts;
  if (!tenant.service->start(settings)) return tenon::refuse("KV03", "the extension refused to start");
  return listen(tenant, address, port, udp_port);
}

tenon::Result<void> Server::listen(Tenant& tenant, const std::string& address, int port, int udp_port) {
  Ports& bound = ports_.emplace_back();
  if (port >= 0) {
    TENON_TRY(listener, Listener::open(*this, tenant, address, port));
    bound.tcp = listener->port();
    worker(0).adopt(std::move(listener));
  }
  if (udp_port < 0) return {};
  bound.udp = udp_port;
  for (const auto& worker : workers_) {
    TENON_TRY(socket, DatagramSocket::open(*worker, tenant, address, bound.udp));
    bound.udp = socket->port();
    worker->adopt(std::move(socket));
  }
  return {};
}

tenon::Result<void> Server::run() {
  std::vector<tenon::Result<void>> ended(workers_.size());
  const auto work = [&](std::size_t index) {
    ended[index] = workers_[index]->run();
    stop();  // one that cannot go on ends them all
  };
  std::vector<std::jthread> threads;
  try {
    for (std::size_t i = 1; i < workers_.size(); ++i) threads.emplace_back(work, i);
    work(0);
  } catch (const std::system_error& problem) {
    stop();
    ended[0] = tenon::refuse("KV02", std::string("cannot start a thread: ") + problem.what());
  }
  threads.clear();  // waits for them
  for (auto& result : ended) {
    if (!result) return std::move(result);
  }
  return {};
}

void Server::stop() noexcept {
  for (const auto& worker : workers_) worker->stop();
}

}  // namespace kv
