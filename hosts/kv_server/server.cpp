// SPDX-License-Identifier: Apache-2.0
#include "server.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "datagrams.hpp"
#include "listener.hpp"

namespace kv {

std::unexpected<tenon::Diagnostics> refuse_errno(const std::string& what) {
  return tenon::refuse("KV02", fmt::format("{}: {}", what, std::strerror(errno)));
}

std::uint64_t Tenant::take_number() {
  if (free_numbers.empty()) return next_number++;
  const std::uint64_t number = free_numbers.back();
  free_numbers.pop_back();
  return number;
}

Server::Server(Limits limits)
    : limits_(limits),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      output_(limits.output_bytes),
      input_(limits.output_bytes) {}

Server::~Server() {
  watched_.clear();  // peers tell their services that they are closed
}

tenon::Result<void> Server::add(std::unique_ptr<Service> service, Settings settings, const std::string& address, int port, int udp_port) {
  auto tenant = std::make_unique<Tenant>();
  tenant->service = std::move(service);
  tenant->facts.most_connections = limits_.connections;
  settings.now = clock_.now();
  current_facts = &tenant->facts;
  if (!tenant->service->start(settings)) return tenon::refuse("KV03", "the extension refused to start");
  ports_.push_back(0);
  if (port >= 0) {
    TENON_TRY(listener, Listener::open(*this, *tenant, address, port));
    ports_.back() = listener->port();
    adopt(std::move(listener));
  }
  if (udp_port >= 0) {
    TENON_TRY(socket, DatagramSocket::open(*this, *tenant, address, udp_port));
    adopt(std::move(socket));
  }
  tenants_.push_back(std::move(tenant));
  return {};
}

bool Server::watch(int fd, std::uint32_t events, Watched* watched, bool first_time) {
  epoll_event event{.events = events, .data = {.ptr = watched}};
  return ::epoll_ctl(epoll_.get(), first_time ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) == 0;
}

void Server::adopt(std::unique_ptr<Watched> watched) {
  watched->slot_ = watched_.size();
  watched_.push_back(std::move(watched));
}

void Server::drop(Watched* watched) { dropped_.push_back(watched); }

void Server::bury() {
  for (Watched* dead : dropped_) {
    const std::size_t slot = dead->slot_;
    std::swap(watched_[slot], watched_.back());
    watched_[slot]->slot_ = slot;
    watched_.pop_back();
  }
  dropped_.clear();
}

tenon::Result<void> Server::run() {
  if (!epoll_ || !wake_ || !watch(wake_.get(), EPOLLIN, nullptr, true)) return refuse_errno("cannot watch sockets");
  std::array<epoll_event, 256> events;
  while (!stopping_.load(std::memory_order_relaxed)) {
    const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), -1);
    if (count < 0 && errno != EINTR) return refuse_errno("epoll_wait");
    now_ = clock_.now();
    for (int i = 0; i < count; ++i) {
      auto* watched = static_cast<Watched*>(events[i].data.ptr);
      if (watched) watched->ready(events[i].events);
    }
    if (!dropped_.empty()) bury();
  }
  return {};
}

void Server::stop() noexcept {
  stopping_.store(true, std::memory_order_relaxed);
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

}  // namespace kv
