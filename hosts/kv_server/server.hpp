// SPDX-License-Identifier: Apache-2.0
// The services with their listening sockets, and the workers that serve them. Knows no protocol.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <tenon/result.hpp>

#include "service.hpp"
#include "worker.hpp"

namespace kv {

/// The numbers by which a service knows its peers: the smallest free ones. Thread-safe.
class PeerNumbers {
 public:
  std::uint64_t take();
  void give(std::uint64_t number);

 private:
  std::mutex mutex_;
  std::vector<std::uint64_t> free_;
  std::uint64_t next_ = 0;
};

/// A service with what the server counts for it and the numbers of its peers.
struct Tenant {
  explicit Tenant(std::size_t workers) : facts(workers) {}

  std::unique_ptr<Service> service;
  Facts facts;
  PeerNumbers numbers;
};

class Server {
 public:
  /// Requires: 1 <= limits.workers <= kMaxWorkers.
  explicit Server(const Limits& limits);
  ~Server();

  /// Starts the service and listens for it; port -1: not at all, 0: any. Before run(). Errors: KV02 (the message has the system's reason), KV03.
  tenon::Result<void> add(std::unique_ptr<Service> service, Settings settings, const std::string& address, int port, int udp_port);
  /// Serves until stop(): the calling thread is the first worker. Errors: KV02.
  tenon::Result<void> run();
  /// Signal-safe.
  void stop() noexcept;

  /// Ports of tenant `index` as bound; 0 where it does not listen.
  int port(std::size_t index) const { return ports_[index].tcp; }
  int udp_port(std::size_t index) const { return ports_[index].udp; }

  const Limits& limits() const { return limits_; }
  Worker& worker(std::size_t index) { return *workers_[index]; }
  std::size_t workers() const { return workers_.size(); }

 private:
  struct Ports {
    int tcp = 0, udp = 0;
  };
  tenon::Result<void> listen(Tenant& tenant, const std::string& address, int port, int udp_port);

  Limits limits_;
  Clock clock_;
  std::vector<std::unique_ptr<Tenant>> tenants_;
  std::vector<std::unique_ptr<Worker>> workers_;  ///< destroyed before tenants_: what they watch speaks to the services
  std::vector<Ports> ports_;
};

}  // namespace kv
