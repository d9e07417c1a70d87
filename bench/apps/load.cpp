// SPDX-License-Identifier: Apache-2.0
#include "load.hpp"

#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <memory>
#include <stdexcept>

#include "base/fd.hpp"
#include "connection.hpp"

namespace tenon::bench {

namespace {

using Clock = std::chrono::steady_clock;

class Client {
 public:
  Client(const Load& load, LoadResult& result) : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    for (unsigned i = 0; i < load.connections; ++i) {
      connections_.push_back(std::make_unique<LoadConnection>(load, i, result));
      epoll_event event{.events = EPOLLIN, .data = {.ptr = connections_.back().get()}};
      if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connections_.back()->fd(), &event) != 0) throw std::runtime_error("epoll_ctl");
    }
  }

  void store_all() {
    for (auto& connection : connections_) connection->store_all();
  }

  void start() {
    for (auto& connection : connections_) connection->send();
  }

  void run_until(Clock::time_point end) {
    while (Clock::now() < end) step();
  }

  /// Lets what is under way come to its end.
  void drain() {
    for (auto& connection : connections_) connection->stop();
    const auto deadline = Clock::now() + std::chrono::seconds(10);
    for (auto& connection : connections_) {
      while (!connection->idle()) {
        if (Clock::now() > deadline) throw std::runtime_error("a reply never came");
        step();
      }
    }
  }

 private:
  void step() {
    std::array<epoll_event, 256> events;
    const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), 100);
    for (int i = 0; i < count; ++i) static_cast<LoadConnection*>(events[i].data.ptr)->receive();
  }

  base::Fd epoll_;
  std::vector<std::unique_ptr<LoadConnection>> connections_;
};

Clock::duration seconds(double count) { return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(count)); }

}  // namespace

LoadResult run_load(const Load& load, void (*started)(), void (*ended)()) {
  if (load.connections == 0 || load.keys < load.connections || load.depth == 0) throw std::runtime_error("as many keys as connections, at least");
  LoadResult result;
  Client client(load, result);
  client.store_all();
  client.start();
  client.run_until(Clock::now() + seconds(load.seconds / 10));
  result.requests = 0;
  result.latency = {};
  const auto began = Clock::now();
  started();
  client.run_until(began + seconds(load.seconds));
  result.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  ended();
  const std::uint64_t measured = result.requests;
  client.drain();
  result.requests = measured;
  return result;
}

}  // namespace tenon::bench
