// SPDX-License-Identifier: Apache-2.0
// One TCP peer: pipelined requests in, replies out in order. While replies cannot be sent nothing more is read, so neither buffer grows without bound.
#pragma once

#include <span>
#include <vector>

#include "server.hpp"

namespace kv {

class StreamPeer : public Watched {
 public:
  /// Any thread may make one; the worker that begins with it is the one that destroys it.
  StreamPeer(Tenant& tenant, tenon::base::Fd fd);
  ~StreamPeer() override;

  bool begin(Worker& worker) override;
  void ready(std::uint32_t events) override;

 private:
  void receive();
  /// Lets the service work on what is there. Returns what it left over.
  std::span<const char> serve(std::span<const char> input);
  void keep(std::span<const char> rest);
  /// Sends the shared output; what the socket does not take is kept. False: the peer is gone.
  bool send_output();
  bool send_unsent();
  void resume();
  void watch(std::uint32_t events);
  void close();

  Worker* worker_ = nullptr;  ///< from begin() on
  Tenant& tenant_;
  tenon::base::Fd fd_;
  std::uint64_t number_;
  std::vector<char> pending_;   ///< input that waits for more, or for the output to drain
  std::vector<char> unsent_;
  std::size_t unsent_begin_ = 0;
  std::uint32_t events_ = 0;
  bool closing_ = false;        ///< close once everything is sent
  bool closed_ = false;
};

}  // namespace kv
