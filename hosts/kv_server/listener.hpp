// SPDX-License-Identifier: Apache-2.0
// Accepts stream peers for one tenant and deals them out to the workers in turn.
#pragma once

#include <memory>
#include <string>

#include "server.hpp"

namespace kv {

/// Binds a socket of `type` (SOCK_STREAM, SOCK_DGRAM); `shared`: with others on the same port, between which the system divides the senders. Errors: KV02.
tenon::Result<tenon::base::Fd> bound_socket(int type, const std::string& address, int port, bool shared);
int bound_port(const tenon::base::Fd& fd);

class Listener : public Watched {
 public:
  /// Errors: KV02.
  static tenon::Result<std::unique_ptr<Listener>> open(Server& server, Tenant& tenant, const std::string& address, int port);
  ~Listener() override;

  int port() const { return bound_port(fd_); }
  bool begin(Worker& worker) override;
  void ready(std::uint32_t events) override;

 private:
  Listener(Server& server, Tenant& tenant, tenon::base::Fd fd);

  Server& server_;
  Tenant& tenant_;
  tenon::base::Fd fd_;
  std::size_t next_worker_ = 0;
};

}  // namespace kv
