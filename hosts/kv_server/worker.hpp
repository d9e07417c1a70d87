// SPDX-License-Identifier: Apache-2.0
// One thread, one epoll: the listeners, stream peers and datagram sockets that this thread looks after. Only it touches them; what others have for it
// comes through hand_over().
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <tenon/result.hpp>

#include "base/fd.hpp"
#include "clock.hpp"
#include "session.hpp"

namespace kv {

struct Limits {
  std::size_t workers = 1;               ///< threads
  std::size_t connections = 1024;        ///< stream peers per service
  std::size_t input_bytes = 2u << 20;    ///< most unread input kept for one peer
  std::size_t output_bytes = 64u << 10;  ///< what one service call may produce
  std::size_t datagram_reply_bytes = 4u << 20;
};

class Server;
class Worker;

/// Something that a worker's epoll watches. Owned by the worker; destroyed only by Worker::drop().
class Watched {
 public:
  virtual ~Watched() = default;
  /// From now on `worker` watches it. False: it cannot.
  virtual bool begin(Worker& worker) = 0;
  virtual void ready(std::uint32_t events) = 0;

 private:
  friend class Worker;
  std::size_t slot_ = 0;  ///< where the worker keeps it
};

class Worker {
 public:
  Worker(Server& server, std::uint32_t index, const Clock& clock);

  /// Serves until stop(). Errors: KV02.
  tenon::Result<void> run();
  /// Signal-safe, from any thread.
  void stop() noexcept;
  /// From any thread: this worker begins with `watched` the next time round.
  void hand_over(std::unique_ptr<Watched> watched);

  // For what it watches:
  Server& server() { return server_; }
  const Limits& limits() const;
  std::uint32_t index() const { return index_; }
  std::uint64_t now() const { return now_; }
  OutputBuffer& output() { return output_; }
  std::vector<char>& input() { return input_; }
  bool watch(int fd, std::uint32_t events, Watched* watched, bool first_time);
  void adopt(std::unique_ptr<Watched> watched);
  /// Destroys `watched` once the events at hand are dealt with.
  void drop(Watched* watched);

 private:
  void wake() noexcept;
  void take_inbox();
  void bury();

  Server& server_;
  std::uint32_t index_;
  const Clock& clock_;
  std::uint64_t now_ = 0;
  tenon::base::Fd epoll_, wake_;
  std::atomic<bool> stopping_ = false;
  OutputBuffer output_;
  std::vector<char> input_;  ///< shared by all peers: what is left over moves to the peer
  std::vector<std::unique_ptr<Watched>> watched_;
  std::vector<Watched*> dropped_;
  std::mutex inbox_mutex_;
  std::vector<std::unique_ptr<Watched>> inbox_;
};

/// `errno` as a diagnostic.
std::unexpected<tenon::Diagnostics> refuse_errno(const std::string& what);

}  // namespace kv
