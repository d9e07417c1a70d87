// SPDX-License-Identifier: Apache-2.0
// What the server asks of whoever understands the bytes: an extension in its sandbox, or (for measuring what the sandbox costs) the same code linked in.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace kv {

/// What kv.tni says of Request::worker.
inline constexpr std::size_t kMaxWorkers = 64;

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
  std::uint32_t worker = 0;    ///< less than kMaxWorkers
};

/// struct kv_settings of kv.tni.
struct Settings {
  std::uint64_t memory_bytes = 0;
  std::uint64_t seed = 0;
  std::uint64_t now = 0;
};

/// Thread-safe but for start(), which comes first: each worker calls for its own peers. No answer is trusted: the caller checks counts and verdict.
class Service {
 public:
  virtual ~Service() = default;
  virtual bool start(Settings& settings) = 0;
  /// A kv_verdict. A call that was stopped counts as KV_CLOSE.
  virtual std::int32_t request(Request& request) = 0;
  /// False: the call was stopped, and the service may still keep something for that number.
  virtual bool closed(std::uint64_t connection) = 0;
};

/// What kv_fact tells an extension; kept by the server, one per service. Any thread may read it at any time.
struct Facts {
  /// Written by one worker, so that counting a request costs no locked instruction and shares no cache line.
  struct alignas(64) Traffic {
    std::atomic<std::uint64_t> bytes_in = 0, bytes_out = 0;
  };

  explicit Facts(std::size_t workers) : traffic(workers) {}

  std::uint64_t most_connections = 0;
  std::atomic<std::uint64_t> open_connections = 0, total_sockets = 0, sockets = 0, peak_sockets = 0, refused_connections = 0;
  std::vector<Traffic> traffic;  ///< by worker

  void socket_opened();
  void socket_closed() { --sockets; }
};

/// Adds to a counter that only the calling thread writes.
inline void add_own(std::atomic<std::uint64_t>& counter, std::uint64_t count) {
  counter.store(counter.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
}

/// The service that is being called on this thread; host functions have no other way to know whom they serve.
inline thread_local const Facts* current_facts = nullptr;

/// The host function kv_fact.
std::uint64_t fact(std::uint32_t which) noexcept;

}  // namespace kv
