// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>

namespace tenon::bench {

namespace {

std::uint64_t nanoseconds_now() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1));
}

[[noreturn]] void fail(const char* what) { throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno))); }

base::Fd connect_to(const Load& load) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(load.port));
  ::inet_pton(AF_INET, load.address.c_str(), &to.sin_addr);
  base::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail("connect");
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

/// Bytes of a value follow from key and version; printable, so that a wrong one can be shown.
void append_value(std::string& to, std::uint64_t key, std::uint32_t version, std::uint32_t bytes) {
  const std::uint64_t mixed = (key * 0x9e3779b97f4a7c15ull) ^ (version * 0xff51afd7ed558ccdull);
  const std::size_t begin = to.size();
  to.resize(begin + bytes, static_cast<char>('a' + mixed % 26));
  for (std::uint32_t i = 0; i < bytes && i < 16; ++i) to[begin + i] = static_cast<char>('A' + (mixed >> (i * 4) & 15));
}

}  // namespace

LoadConnection::LoadConnection(const Load& load, unsigned index, LoadResult& result)
    : load_(load),
      result_(result),
      index_(index),
      fd_(connect_to(load)),
      random_(static_cast<std::uint32_t>(load.seed * 7919 + index + 1)),
      versions_(load.keys / load.connections + 1) {}

std::uint64_t LoadConnection::pick_key() { return random_() % (versions_.size() - 1) * load_.connections + index_; }

void LoadConnection::add_set(std::uint64_t key) {
  const std::uint32_t version = ++versions_[key / load_.connections];
  fmt::format_to(std::back_inserter(outgoing_), "set key-{:012} 0 0 {}\r\n", key, load_.value_bytes);
  append_value(outgoing_, key, version, load_.value_bytes);
  outgoing_ += "\r\n";
  waiting_.push_back({key, false, version, 0});
}

void LoadConnection::add_request() {
  const std::uint64_t key = pick_key();
  if (random_() / 16 % 100 >= load_.get_percent) {
    add_set(key);
    return;
  }
  fmt::format_to(std::back_inserter(outgoing_), "get key-{:012}\r\n", key);
  waiting_.push_back({key, true, versions_[key / load_.connections], 0});
}

void LoadConnection::send() {
  const std::size_t before = waiting_.size();
  while (!stopping_ && waiting_.size() < load_.depth) add_request();
  if (outgoing_.empty()) return;
  const std::uint64_t now = nanoseconds_now();
  for (std::size_t i = before; i < waiting_.size(); ++i) waiting_[i].sent_at = now;
  std::size_t sent = 0;
  while (sent < outgoing_.size()) {
    const ssize_t put = ::send(fd_.get(), outgoing_.data() + sent, outgoing_.size() - sent, MSG_NOSIGNAL);
    if (put < 0 && errno != EINTR) fail("send");
    if (put > 0) sent += static_cast<std::size_t>(put);
  }
  outgoing_.clear();
}

std::string LoadConnection::expected(const Waiting& request) const {
  if (!request.is_get) return "STORED\r\n";
  std::string text = fmt::format("VALUE key-{:012} 0 {}\r\n", request.key, load_.value_bytes);
  append_value(text, request.key, request.version, load_.value_bytes);
  return text + "\r\nEND\r\n";
}

void LoadConnection::check_replies() {
  const std::uint64_t now = nanoseconds_now();
  while (!waiting_.empty()) {
    const std::string wanted = expected(waiting_.front());
    const std::string_view there = std::string_view(incoming_).substr(checked_);
    const bool same = there.substr(0, wanted.size()) == std::string_view(wanted).substr(0, there.size());
    if (!same) {
      ++result_.wrong;
      if (result_.first_wrong.empty()) result_.first_wrong = fmt::format("wanted '{}', got '{}'", wanted.substr(0, 200), there.substr(0, 200));
      throw std::runtime_error("a reply was wrong: " + result_.first_wrong);
    }
    if (there.size() < wanted.size()) break;
    checked_ += wanted.size();
    result_.latency.add(now - waiting_.front().sent_at);
    ++result_.requests;
    waiting_.pop_front();
  }
  if (checked_ == incoming_.size()) {
    incoming_.clear();
    checked_ = 0;
  }
}

void LoadConnection::receive() {
  char buffer[64 << 10];
  const ssize_t got = ::recv(fd_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (got == 0) throw std::runtime_error("the server closed a connection");
  if (got < 0) {
    if (errno == EAGAIN || errno == EINTR) return;
    fail("recv");
  }
  incoming_.append(buffer, static_cast<std::size_t>(got));
  check_replies();
  // Half of the depth is refilled at a time: a request per reply would undo pipelining.
  if (waiting_.size() <= load_.depth / 2) send();
}

void LoadConnection::store_all() {
  for (std::uint64_t own = 0; own + 1 < versions_.size(); ++own) {
    add_set(own * load_.connections + index_);
    if (waiting_.size() < 64 && own + 2 < versions_.size()) continue;
    stopping_ = true;
    send();
    while (!waiting_.empty()) {
      char buffer[4096];
      const ssize_t got = ::recv(fd_.get(), buffer, sizeof buffer, 0);
      if (got <= 0) fail("the server went away");
      incoming_.append(buffer, static_cast<std::size_t>(got));
      check_replies();
    }
    stopping_ = false;
  }
}

}  // namespace tenon::bench
