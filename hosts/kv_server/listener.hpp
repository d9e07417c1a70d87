// SPDX-License-Identifier: Apache-2.0
// Accepts stream peers for one tenant.
#pragma once

#include <memory>
#include <string>

#include "server.hpp"

namespace kv {

class Listener : public Watched {
 public:
  /// Errors: KV02.
  static tenon::Result<std::unique_ptr<Listener>> open(Server& server, Tenant& tenant, const std::string& address, int port);
  ~Listener() override;

  int port() const;
  void ready(std::uint32_t events) override;

 private:
  Listener(Server& server, Tenant& tenant, tenon::base::Fd fd);

  Server& server_;
  Tenant& tenant_;
  tenon::base::Fd fd_;
};

/// Binds a socket of `type` (SOCK_STREAM, SOCK_DGRAM). Errors: KV02.
tenon::Result<tenon::base::Fd> bound_socket(int type, const std::string& address, int port);

}  // namespace kv
