// SPDX-License-Identifier: Apache-2.0
#include "stream_peer.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace kv {

StreamPeer::StreamPeer(Tenant& tenant, tenon::base::Fd fd) : tenant_(tenant), fd_(std::move(fd)), number_(tenant.numbers.take()) {
  tenant_.facts.socket_opened();
  ++tenant_.facts.open_connections;
}

StreamPeer::~StreamPeer() {
  current_facts = &tenant_.facts;
  if (tenant_.service->closed(number_)) tenant_.numbers.give(number_);
  tenant_.facts.socket_closed();
  --tenant_.facts.open_connections;
}

bool StreamPeer::begin(Worker& worker) {
  worker_ = &worker;
  events_ = EPOLLIN;
  return worker.watch(fd_.get(), events_, this, true);
}

void StreamPeer::watch(std::uint32_t events) {
  if (events == events_) return;
  events_ = events;
  if (!worker_->watch(fd_.get(), events, this, false)) close();
}

void StreamPeer::close() {
  if (closed_) return;
  closed_ = true;
  worker_->drop(this);
}

void StreamPeer::ready(std::uint32_t events) {
  if (closed_) return;
  if (events & EPOLLOUT) {
    resume();
  } else if (unsent_.empty()) {
    receive();
  } else if (events & (EPOLLERR | EPOLLHUP)) {
    close();
  }
}

void StreamPeer::receive() {
  std::vector<char>& shared = worker_->input();
  const std::size_t kept = pending_.size();
  char* to = shared.data();
  std::size_t room = shared.size();
  if (kept > 0) {
    room = std::min(std::max(kept, shared.size()), worker_->limits().input_bytes - kept);
    pending_.resize(kept + room);
    to = pending_.data() + kept;
  }
  const ssize_t got = ::recv(fd_.get(), to, room, 0);
  if (kept > 0) pending_.resize(kept + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got <= 0) {
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) close();
    return;
  }
  add_own(tenant_.facts.traffic[worker_->index()].bytes_in, static_cast<std::uint64_t>(got));
  keep(serve(kept > 0 ? std::span<const char>(pending_) : std::span<const char>(to, static_cast<std::size_t>(got))));
}

std::span<const char> StreamPeer::serve(std::span<const char> input) {
  current_facts = &tenant_.facts;
  for (;;) {
    const Advance step = advance(*tenant_.service, {number_, false, worker_->index()}, input, worker_->now(), worker_->output());
    input = input.subspan(step.consumed);
    if (!worker_->output().used().empty() && !send_output()) {
      close();
      return {};
    }
    if (step.progress == Progress::finished) {
      closing_ = true;
      if (unsent_.empty()) close();
      return {};
    }
    if (step.progress != Progress::output_full || !unsent_.empty()) return input;
  }
}

void StreamPeer::keep(std::span<const char> rest) {
  if (closed_ || closing_) {
    pending_.clear();
    return;
  }
  if (rest.size() >= worker_->limits().input_bytes) {
    close();  // the service waits for more than anybody may send it at once
    return;
  }
  if (rest.empty()) {
    pending_.clear();
    if (pending_.capacity() > worker_->input().size()) pending_.shrink_to_fit();
  } else if (pending_.empty()) {
    pending_.assign(rest.begin(), rest.end());
  } else {
    pending_.erase(pending_.begin(), pending_.end() - static_cast<std::ptrdiff_t>(rest.size()));
  }
}

bool StreamPeer::send_output() {
  const std::span<const char> output = worker_->output().used();
  std::size_t sent = 0;
  while (sent < output.size()) {
    const ssize_t put = ::send(fd_.get(), output.data() + sent, output.size() - sent, MSG_NOSIGNAL);
    if (put < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) {
        worker_->output().clear();
        return false;
      }
      unsent_.assign(output.begin() + static_cast<std::ptrdiff_t>(sent), output.end());
      unsent_begin_ = 0;
      watch(EPOLLOUT);
      break;
    }
    sent += static_cast<std::size_t>(put);
    add_own(tenant_.facts.traffic[worker_->index()].bytes_out, static_cast<std::uint64_t>(put));
  }
  worker_->output().clear();
  return true;
}

bool StreamPeer::send_unsent() {
  while (unsent_begin_ < unsent_.size()) {
    const ssize_t put = ::send(fd_.get(), unsent_.data() + unsent_begin_, unsent_.size() - unsent_begin_, MSG_NOSIGNAL);
    if (put < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN;
    }
    unsent_begin_ += static_cast<std::size_t>(put);
    add_own(tenant_.facts.traffic[worker_->index()].bytes_out, static_cast<std::uint64_t>(put));
  }
  unsent_.clear();
  return true;
}

void StreamPeer::resume() {
  if (!send_unsent()) {
    close();
    return;
  }
  if (!unsent_.empty()) return;
  if (closing_) {
    close();
    return;
  }
  if (!pending_.empty()) keep(serve(pending_));
  if (!closed_ && unsent_.empty()) watch(EPOLLIN);
}

}  // namespace kv
