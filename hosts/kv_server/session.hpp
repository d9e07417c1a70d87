// SPDX-License-Identifier: Apache-2.0
// The conversation with a service about the bytes of one peer: offers input and output, checks every answer, repeats while there is something to do.
// Knows no sockets. Whatever a service answers, at most `input` is consumed and at most the output's capacity is produced.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kv/host.h"
#include "service.hpp"

namespace kv {

/// Room for replies that are collected before they are sent; shared by all peers of a thread.
class OutputBuffer {
 public:
  explicit OutputBuffer(std::size_t bytes) : memory_(new char[bytes]), capacity_(bytes) {}
  ~OutputBuffer() { delete[] memory_; }
  OutputBuffer(const OutputBuffer&) = delete;
  OutputBuffer& operator=(const OutputBuffer&) = delete;

  std::span<const char> used() const { return {memory_, used_}; }
  char* free_begin() { return memory_ + used_; }
  char* free_end() { return memory_ + capacity_; }
  void add(std::size_t bytes) { used_ += bytes; }
  void clear() { used_ = 0; }

 private:
  char* memory_;
  std::size_t capacity_;
  std::size_t used_ = 0;
};

struct Peer {
  std::uint64_t connection = 0;
  bool datagram = false;
  std::uint32_t worker = 0;  ///< of the calling thread
};

enum class Progress : std::uint8_t {
  done,         ///< all input is dealt with
  waiting,      ///< the service needs more input; it may have taken what there is
  output_full,  ///< send what the output holds, then go on
  finished,     ///< send what the output holds, then close
};

struct Advance {
  Progress progress = Progress::done;
  std::size_t consumed = 0;
};

/// Calls `service` until the input is used up or it wants something else.
inline Advance advance(Service& service, Peer peer, std::span<const char> input, std::uint64_t now, OutputBuffer& output) {
  Advance result;
  while (result.consumed < input.size()) {
    const std::size_t available = input.size() - result.consumed;
    const auto room = static_cast<std::size_t>(output.free_end() - output.free_begin());
    Request request{.input = input.data() + result.consumed,
                    .input_end = input.data() + input.size(),
                    .output = output.free_begin(),
                    .output_end = output.free_end(),
                    .connection = peer.connection,
                    .now = now,
                    .datagram = peer.datagram,
                    .worker = peer.worker};
    const std::int32_t verdict = service.request(request);
    if (request.consumed > available || request.produced > room) return {Progress::finished, result.consumed};
    result.consumed += request.consumed;
    output.add(request.produced);
    const bool idle = request.consumed == 0 && request.produced == 0;
    switch (verdict) {
      case KV_DONE:
        if (idle) return {Progress::finished, result.consumed};
        break;
      case KV_MORE_INPUT:
        return {Progress::waiting, result.consumed};
      case KV_FLUSH:
        if (idle && output.used().empty()) return {Progress::finished, result.consumed};
        return {Progress::output_full, result.consumed};
      default:
        return {Progress::finished, result.consumed};
    }
  }
  return result;
}

}  // namespace kv
