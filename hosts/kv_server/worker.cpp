// SPDX-License-Identifier: Apache-2.0
#include "worker.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "server.hpp"

namespace kv {

std::unexpected<tenon::Diagnostics> refuse_errno(const std::string& what) {
  return tenon::refuse("KV02", fmt::format("{}: {}", what, std::strerror(errno)));
}

Worker::Worker(Server& server, std::uint32_t index, const Clock& clock)
    : server_(server),
      index_(index),
      clock_(clock),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      output_(server.limits().output_bytes),
      input_(server.limits().output_bytes) {}

const Limits& Worker::limits() const { return server_.limits(); }

bool Worker::watch(int fd, std::uint32_t events, Watched* watched, bool first_time) {
  epoll_event event{.events = events, .data = {.ptr = watched}};
  return ::epoll_ctl(epoll_.get(), first_time ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) == 0;
}

void Worker::adopt(std::unique_ptr<Watched> watched) {
  watched->slot_ = watched_.size();
  watched_.push_back(std::move(watched));
}

void Worker::hand_over(std::unique_ptr<Watched> watched) {
  {
    const std::lock_guard guard(inbox_mutex_);
    inbox_.push_back(std::move(watched));
  }
  wake();
}

void Worker::take_inbox() {
  std::vector<std::unique_ptr<Watched>> arrived;
  std::uint64_t times = 0;
  [[maybe_unused]] const auto got = ::read(wake_.get(), &times, sizeof times);
  {
    const std::lock_guard guard(inbox_mutex_);
    arrived.swap(inbox_);
  }
  for (auto& watched : arrived) {
    if (watched->begin(*this)) adopt(std::move(watched));
  }
}

void Worker::drop(Watched* watched) { dropped_.push_back(watched); }

void Worker::bury() {
  for (Watched* dead : dropped_) {
    const std::size_t slot = dead->slot_;
    std::swap(watched_[slot], watched_.back());
    watched_[slot]->slot_ = slot;
    watched_.pop_back();
  }
  dropped_.clear();
}

tenon::Result<void> Worker::run() {
  if (!epoll_ || !wake_ || !watch(wake_.get(), EPOLLIN, nullptr, true)) return refuse_errno("cannot watch sockets");
  std::array<epoll_event, 256> events;
  while (!stopping_.load(std::memory_order_relaxed)) {
    const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), -1);
    if (count < 0 && errno != EINTR) return refuse_errno("epoll_wait");
    now_ = clock_.now();
    for (int i = 0; i < count; ++i) {
      auto* watched = static_cast<Watched*>(events[i].data.ptr);
      if (watched) {
        watched->ready(events[i].events);
      } else {
        take_inbox();
      }
    }
    if (!dropped_.empty()) bury();
  }
  return {};
}

void Worker::wake() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

void Worker::stop() noexcept {
  stopping_.store(true, std::memory_order_relaxed);
  wake();
}

}  // namespace kv
