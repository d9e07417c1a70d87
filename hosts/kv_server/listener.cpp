// SPDX-License-Identifier: Apache-2.0
#include "listener.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "stream_peer.hpp"

namespace kv {

tenon::Result<tenon::base::Fd> bound_socket(int type, const std::string& address, int port, bool shared) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::inet_pton(AF_INET, address.c_str(), &at.sin_addr) != 1) return tenon::refuse("KV02", fmt::format("'{}' is no IPv4 address", address));
  tenon::base::Fd fd(::socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (!fd) return refuse_errno("socket");
  if (type == SOCK_STREAM) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (shared) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) return refuse_errno(fmt::format("cannot use {}:{}", address, port));
  return fd;
}

int bound_port(const tenon::base::Fd& fd) {
  sockaddr_in at{};
  socklen_t bytes = sizeof at;
  if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&at), &bytes) != 0) return 0;
  return ntohs(at.sin_port);
}

Listener::Listener(Server& server, Tenant& tenant, tenon::base::Fd fd) : server_(server), tenant_(tenant), fd_(std::move(fd)) {
  tenant_.facts.socket_opened();
}

Listener::~Listener() { tenant_.facts.socket_closed(); }

tenon::Result<std::unique_ptr<Listener>> Listener::open(Server& server, Tenant& tenant, const std::string& address, int port) {
  TENON_TRY(fd, bound_socket(SOCK_STREAM, address, port, false));
  if (::listen(fd.get(), 1024) != 0) return refuse_errno("listen");
  std::unique_ptr<Listener> listener(new Listener(server, tenant, std::move(fd)));
  if (!listener->begin(server.worker(0))) return refuse_errno("epoll_ctl");
  return listener;
}

bool Listener::begin(Worker& worker) { return worker.watch(fd_.get(), EPOLLIN, this, true); }

void Listener::ready(std::uint32_t) {
  for (int burst = 0; burst < 64; ++burst) {
    tenon::base::Fd fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd) return;
    if (tenant_.facts.open_connections >= server_.limits().connections) {
      ++tenant_.facts.refused_connections;
      continue;
    }
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    server_.worker(next_worker_).hand_over(std::make_unique<StreamPeer>(tenant_, std::move(fd)));
    next_worker_ = (next_worker_ + 1) % server_.workers();
  }
}

}  // namespace kv
