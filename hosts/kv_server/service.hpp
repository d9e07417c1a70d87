// SPDX-License-Identifier: Apache-2.0
// What the server asks of whoever understands the bytes: an extension in its sandbox, or (for measuring what the sandbox costs) the same code linked in.
#pragma once

#include <cstdint>
#include <span>

namespace kv {

/// struct kv_request of kv.tni, field by field.
struct Request {
  const char* input = nullptr;
  const char* input_end = nullptr;
  char* output = nullptr;
  char* output_end = nullptr;
  std::uint64_t connection = 0;
  std::uint64_t now = 0;       ///< microseconds since 1970
  std::uint32_t datagram = 0;  ///< 1: the input is one datagram
  std::uint32_t consumed = 0;  ///< answer: bytes of the input
  std::uint32_t produced = 0;  ///< answer: bytes of the output
};

/// struct kv_settings of kv.tni.
struct Settings {
  std::uint64_t memory_bytes = 0;
  std::uint64_t seed = 0;
  std::uint64_t now = 0;
};

/// Not thread-safe: one thread serves everything. No answer is trusted: the caller checks counts and verdict.
class Service {
 public:
  virtual ~Service() = default;
  virtual bool start(Settings& settings) = 0;
  /// A kv_verdict. A call that was stopped counts as KV_CLOSE.
  virtual std::int32_t request(Request& request) = 0;
  virtual void closed(std::uint64_t connection) = 0;
};

/// What kv_fact tells an extension; kept by the server, one per service.
struct Facts {
  std::uint64_t most_connections = 0, open_connections = 0, total_sockets = 0, sockets = 0, peak_sockets = 0, refused_connections = 0;
  std::uint64_t bytes_in = 0, bytes_out = 0;

  void socket_opened() {
    ++total_sockets;
    if (++sockets > peak_sockets) peak_sockets = sockets;
  }
  void socket_closed() { --sockets; }
};

/// The service that is being called on this thread; host functions have no other way to know whom they serve.
inline thread_local const Facts* current_facts = nullptr;

/// The host function kv_fact.
std::uint64_t fact(std::uint32_t which) noexcept;

}  // namespace kv
