// SPDX-License-Identifier: Apache-2.0
// One frame's private stack: which bytes are initialised, and the values that are known at exact places. Offsets are r10-relative and negative.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "verify/value.hpp"

namespace tenon::verify {

/// Deepest frame that is accepted; LLVM must be told with -bpf-stack-size to make one over 512 bytes.
inline constexpr std::int32_t kMaxFrameBytes = 8192;

class Stack {
 public:
  struct Slot {
    std::int32_t offset;
    std::int32_t bytes;
    Value value;
  };

  /// An exact write; whatever overlaps is forgotten.
  void write(std::int32_t offset, std::int32_t bytes, Value value);
  /// A write of some number somewhere in [lo, hi + bytes): what overlaps is forgotten, nothing becomes initialised.
  void write_somewhere(std::int32_t lo, std::int32_t hi, std::int32_t bytes);
  /// Host code filled [offset, +bytes).
  void fill(std::int32_t offset, std::int32_t bytes);

  const Slot* exact(std::int32_t offset, std::int32_t bytes) const;
  const Slot* starting_at(std::int32_t offset) const;
  bool initialised(std::int32_t offset, std::int32_t bytes) const;
  /// The first slot that holds a pointer (or is lost) and overlaps [offset, +bytes).
  /// `escape`: not counting whole pointers that may go there.
  const Slot* pointer_in(std::int32_t offset, std::int32_t bytes, std::uint8_t escape = 0) const;

  std::vector<Slot>& slots() { return slots_; }
  const std::vector<Slot>& slots() const { return slots_; }

  /// Makes both frames track the same places: a place that only one tracks becomes plain bytes, uninitialised if it may hold a pointer.
  static void align(Stack& a, Stack& b);
  bool same_bytes(const Stack& other) const { return initialised_ == other.initialised_; }

 private:
  void set_initialised(std::int32_t offset, std::int32_t bytes, bool value);
  void forget(std::size_t index);

  std::vector<Slot> slots_;        // sorted by offset, not overlapping
  std::vector<bool> initialised_;  // index: -offset - 1
};

}  // namespace tenon::verify
