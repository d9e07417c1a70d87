// SPDX-License-Identifier: Apache-2.0
// One UDP socket of one worker; those of all workers share the port, and the system always gives a sender's datagrams to the same one. Every datagram starts with the frame header of eight bytes, big-endian u16 each: request id, number of this datagram in its message, datagrams
// in the message, zero. A request is one datagram; a reply is as many as it takes, each with the request's id.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "server.hpp"

namespace kv {

class DatagramSocket : public Watched {
 public:
  /// Errors: KV02.
  static tenon::Result<std::unique_ptr<DatagramSocket>> open(Worker& worker, Tenant& tenant, const std::string& address, int port);
  ~DatagramSocket() override;

  int port() const;
  bool begin(Worker& worker) override;
  void ready(std::uint32_t events) override;

 private:
  static constexpr std::size_t kBatch = 32;
  static constexpr std::size_t kDatagramBytes = 64u << 10;  ///< UDP allows no more
  static constexpr std::size_t kHeaderBytes = 8;
  static constexpr std::size_t kPayloadBytes = 1400 - kHeaderBytes;  ///< of a reply: fits Ethernet

  DatagramSocket(Worker& worker, Tenant& tenant, tenon::base::Fd fd);
  void answer(std::size_t slot, std::size_t bytes);
  /// Adds the reply to reply_; false: there is none to send.
  bool serve(std::span<const char> input);
  void queue_reply(std::size_t slot, std::size_t begin);
  void send_queued();

  Worker& worker_;
  Tenant& tenant_;
  tenon::base::Fd fd_;
  std::uint64_t number_;
  std::vector<char> memory_;
  std::array<sockaddr_in, kBatch> from_;
  std::array<iovec, kBatch> parts_;
  std::array<mmsghdr, kBatch> messages_;
  struct Outgoing {
    std::size_t begin, bytes;  ///< in reply_
    const sockaddr_in* to;
    std::array<char, kHeaderBytes> header;
  };
  std::vector<char> reply_;  ///< of all datagrams of one batch, without headers
  std::vector<Outgoing> queue_;
};

}  // namespace kv
