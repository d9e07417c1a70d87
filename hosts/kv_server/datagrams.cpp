// SPDX-License-Identifier: Apache-2.0
#include "datagrams.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "listener.hpp"
#include "server.hpp"

namespace kv {

namespace {

void put16(char* at, std::size_t value) {
  at[0] = static_cast<char>(value >> 8);
  at[1] = static_cast<char>(value);
}

std::size_t get16(const char* at) { return static_cast<std::size_t>(static_cast<unsigned char>(at[0])) << 8 | static_cast<unsigned char>(at[1]); }

}  // namespace

DatagramSocket::DatagramSocket(Worker& worker, Tenant& tenant, tenon::base::Fd fd)
    : worker_(worker), tenant_(tenant), fd_(std::move(fd)), number_(tenant.numbers.take()), memory_(kBatch * kDatagramBytes) {
  for (std::size_t i = 0; i < kBatch; ++i) {
    parts_[i] = {memory_.data() + i * kDatagramBytes, kDatagramBytes};
    messages_[i] = {};
    messages_[i].msg_hdr = {.msg_name = &from_[i], .msg_namelen = sizeof from_[i], .msg_iov = &parts_[i], .msg_iovlen = 1};
  }
  tenant_.facts.socket_opened();
  ++tenant_.facts.open_connections;
}

DatagramSocket::~DatagramSocket() {
  current_facts = &tenant_.facts;
  tenant_.service->closed(number_);
}

tenon::Result<std::unique_ptr<DatagramSocket>> DatagramSocket::open(Worker& worker, Tenant& tenant, const std::string& address, int port) {
  TENON_TRY(fd, bound_socket(SOCK_DGRAM, address, port, worker.server().workers() > 1));
  const int buffer_bytes = 4 << 20;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
  std::unique_ptr<DatagramSocket> socket(new DatagramSocket(worker, tenant, std::move(fd)));
  if (!socket->begin(worker)) return refuse_errno("epoll_ctl");
  return socket;
}

int DatagramSocket::port() const { return bound_port(fd_); }

bool DatagramSocket::begin(Worker& worker) { return worker.watch(fd_.get(), EPOLLIN, this, true); }

void DatagramSocket::ready(std::uint32_t) {
  for (auto& message : messages_) message.msg_hdr.msg_namelen = sizeof(sockaddr_in);
  const int count = ::recvmmsg(fd_.get(), messages_.data(), kBatch, MSG_DONTWAIT, nullptr);
  current_facts = &tenant_.facts;
  for (int i = 0; i < count; ++i) answer(static_cast<std::size_t>(i), messages_[i].msg_len);
  send_queued();
}

void DatagramSocket::answer(std::size_t slot, std::size_t bytes) {
  const char* datagram = static_cast<const char*>(parts_[slot].iov_base);
  add_own(tenant_.facts.traffic[worker_.index()].bytes_in, bytes);
  if (bytes <= kHeaderBytes || get16(datagram + 4) != 1) return;  // requests of several datagrams are not taken
  const std::size_t begin = reply_.size();
  if (serve({datagram + kHeaderBytes, bytes - kHeaderBytes})) {
    queue_reply(slot, begin);
  } else {
    reply_.resize(begin);
  }
  if (reply_.size() > worker_.limits().datagram_reply_bytes) send_queued();
}

bool DatagramSocket::serve(std::span<const char> input) {
  OutputBuffer& output = worker_.output();
  const std::size_t begin = reply_.size();
  for (;;) {
    const Advance step = advance(*tenant_.service, {number_, true, worker_.index()}, input, worker_.now(), output);
    input = input.subspan(step.consumed);
    reply_.insert(reply_.end(), output.used().begin(), output.used().end());
    output.clear();
    const std::size_t bytes = reply_.size() - begin;
    if (step.progress == Progress::output_full && bytes <= worker_.limits().datagram_reply_bytes) continue;
    if (step.progress != Progress::done) tenant_.service->closed(number_);
    return bytes > 0 && step.progress != Progress::output_full;
  }
}

void DatagramSocket::queue_reply(std::size_t slot, std::size_t begin) {
  const char* request = static_cast<const char*>(parts_[slot].iov_base);
  const std::size_t total = (reply_.size() - begin + kPayloadBytes - 1) / kPayloadBytes;
  for (std::size_t i = 0; i < total; ++i) {
    const std::size_t at = begin + i * kPayloadBytes;
    Outgoing next{at, std::min(kPayloadBytes, reply_.size() - at), &from_[slot], {}};
    std::memcpy(next.header.data(), request, 2);
    put16(next.header.data() + 2, i);
    put16(next.header.data() + 4, total);
    queue_.push_back(next);
  }
}

void DatagramSocket::send_queued() {
  std::array<std::array<iovec, 2>, kBatch> parts;
  std::array<mmsghdr, kBatch> messages;
  for (std::size_t next = 0; next < queue_.size();) {
    const std::size_t count = std::min(kBatch, queue_.size() - next);
    for (std::size_t i = 0; i < count; ++i) {
      Outgoing& outgoing = queue_[next + i];
      parts[i] = {iovec{outgoing.header.data(), kHeaderBytes}, iovec{reply_.data() + outgoing.begin, outgoing.bytes}};
      messages[i] = {};
      messages[i].msg_hdr = {.msg_name = const_cast<sockaddr_in*>(outgoing.to), .msg_namelen = sizeof(sockaddr_in), .msg_iov = parts[i].data(), .msg_iovlen = 2};
    }
    const int sent = ::sendmmsg(fd_.get(), messages.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) break;  // UDP may lose what nobody takes
    for (int i = 0; i < sent; ++i) add_own(tenant_.facts.traffic[worker_.index()].bytes_out, messages[i].msg_len);
    next += static_cast<std::size_t>(sent);
  }
  queue_.clear();
  reply_.clear();
}

}  // namespace kv
