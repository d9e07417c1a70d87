// SPDX-License-Identifier: Apache-2.0
// One thread, one epoll: listeners, stream peers and datagram sockets, each tied to the service that answers it. Knows no protocol.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <tenon/result.hpp>

#include "base/fd.hpp"
#include "clock.hpp"
#include "service.hpp"
#include "session.hpp"

namespace kv {

struct Limits {
  std::size_t connections = 1024;           ///< stream peers per service
  std::size_t input_bytes = 2u << 20;       ///< most unread input kept for one peer
  std::size_t output_bytes = 64u << 10;     ///< what one service call may produce
  std::size_t datagram_reply_bytes = 4u << 20;
};

class Server;

/// Something that epoll watches. Owned by the server; destroyed only by Server::drop().
class Watched {
 public:
  virtual ~Watched() = default;
  virtual void ready(std::uint32_t events) = 0;

 private:
  friend class Server;
  std::size_t slot_ = 0;  ///< where the server keeps it
};

/// A service with what the server counts for it and the numbers of its peers.
struct Tenant {
  std::unique_ptr<Service> service;
  Facts facts;
  std::vector<std::uint64_t> free_numbers;
  std::uint64_t next_number = 0;

  std::uint64_t take_number();
  void give_number(std::uint64_t number) { free_numbers.push_back(number); }
};

class Server {
 public:
  explicit Server(Limits limits);
  ~Server();

  /// Starts the service and listens for it; port -1: not at all, 0: any. Errors: KV02 (the message has the system's reason).
  tenon::Result<void> add(std::unique_ptr<Service> service, Settings settings, const std::string& address, int port, int udp_port);
  /// Serves until stop(). Errors: KV02.
  tenon::Result<void> run();
  /// Signal-safe.
  void stop() noexcept;

  /// TCP port of tenant `index` as bound; 0 when it does not listen.
  int port(std::size_t index) const { return ports_[index]; }

  // For what it watches:
  const Limits& limits() const { return limits_; }
  std::uint64_t now() const { return now_; }
  OutputBuffer& output() { return output_; }
  std::vector<char>& input() { return input_; }
  bool watch(int fd, std::uint32_t events, Watched* watched, bool first_time);
  void adopt(std::unique_ptr<Watched> watched);
  /// Destroys `watched` once the events at hand are dealt with.
  void drop(Watched* watched);

 private:
  void bury();

  Limits limits_;
  Clock clock_;
  std::uint64_t now_ = 0;
  tenon::base::Fd epoll_, wake_;
  std::atomic<bool> stopping_ = false;
  OutputBuffer output_;
  std::vector<char> input_;  ///< shared by all peers: what is left over moves to the peer
  std::vector<std::unique_ptr<Tenant>> tenants_;
  std::vector<std::unique_ptr<Watched>> watched_;
  std::vector<Watched*> dropped_;
  std::vector<int> ports_;
};

/// `errno` as a diagnostic.
std::unexpected<tenon::Diagnostics> refuse_errno(const std::string& what);

}  // namespace kv
