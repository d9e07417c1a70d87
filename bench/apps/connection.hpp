// SPDX-License-Identifier: Apache-2.0
// One connection of the load client: sends requests ahead, knows what each reply must be, byte for byte.
#pragma once

#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "load.hpp"

namespace tenon::bench {

/// A connection owns the keys whose number is its own modulo the number of connections, so that it alone decides what they hold.
class LoadConnection {
 public:
  LoadConnection(const Load& load, unsigned index, LoadResult& result);

  int fd() const { return fd_.get(); }
  /// Sends sets for all of its keys and checks the replies; blocks.
  void store_all();
  /// Fills up to the depth and sends.
  void send();
  /// Reads what is there, checks it, notes latencies; sends the next requests.
  void receive();
  void stop() { stopping_ = true; }
  bool idle() const { return waiting_.empty(); }

 private:
  struct Waiting {
    std::uint64_t key = 0;
    bool is_get = false;
    std::uint32_t version = 0;  ///< of the value that must come back
    std::uint64_t sent_at = 0;
  };
  void add_request();
  void add_set(std::uint64_t key);
  void check_replies();
  std::string expected(const Waiting& request) const;
  std::uint64_t pick_key();

  const Load& load_;
  LoadResult& result_;
  unsigned index_;
  base::Fd fd_;
  std::minstd_rand random_;
  std::vector<std::uint32_t> versions_;  ///< by own key
  std::deque<Waiting> waiting_;
  std::string outgoing_;
  std::string incoming_;
  std::size_t checked_ = 0;
  bool stopping_ = false;
};

}  // namespace tenon::bench
