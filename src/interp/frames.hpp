// SPDX-License-Identifier: Apache-2.0
// The call frames of one run: the private part of each stack frame as real memory of its own, with a note per byte of whether it was written, and the
// place of the part that lies in the heap. Addresses of private frames are real, because host functions are handed them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "verify/proof.hpp"

namespace tenon::interp {

/// A register; `readable` is false where the verifier must have proved that nobody reads it.
struct Register {
  std::uint64_t value = 0;
  bool readable = false;
};

struct Frame {
  ir::FunctionIdx function;
  const verify::FunctionFacts* facts = nullptr;
  std::vector<std::uint64_t> storage;  ///< the private part; never resized, so its address is stable
  std::vector<bool> written;           ///< one per byte of `storage`
  std::uint64_t heap_top = 0;          ///< what r10 holds when facts->heap_frame
  ir::InsnIdx return_to;
  std::array<Register, 4> saved{};  ///< the caller's r6 to r9

  std::uint64_t bytes() const { return facts->frame_bytes; }
  std::uint64_t private_top() const { return reinterpret_cast<std::uint64_t>(storage.data() + storage.size()); }
  /// What r10 holds.
  std::uint64_t frame_pointer() const { return facts->heap_frame ? heap_top : private_top(); }
  /// True when [address, +width), as the program computes it from r10, lies in this frame.
  bool contains(std::uint64_t address, std::uint64_t width) const;
  /// True when byte r10 - distance (1 or more) lives in the private part.
  bool is_private(std::uint64_t distance) const { return !facts->heap_frame || facts->private_bytes[distance - 1]; }
};

/// Bytes of a live frame, found by an address that the program computed from r10.
struct FrameBytes {
  Frame* frame = nullptr;
  std::uint64_t distance = 0;  ///< of the first byte from r10, downwards
  std::uint64_t width = 0;

  /// Real address of the first byte in the private part.
  std::uint64_t private_address() const { return frame->private_top() - distance; }
  bool all_private() const;
  bool none_private() const;
  bool all_written() const;
  void mark_written() const;
};

class FrameStack {
 public:
  FrameStack(std::uint64_t heap_stack_top, std::uint64_t heap_stack_limit, std::size_t max_depth);

  /// False when the depth or the heap-side stack is exhausted; nothing changes then.
  bool push(ir::FunctionIdx function, const verify::FunctionFacts& facts, ir::InsnIdx return_to, const std::array<Register, 4>& saved);
  void pop();

  Frame& top() { return frames_.back(); }
  std::size_t depth() const { return frames_.size(); }
  std::uint64_t heap_stack_pointer() const { return heap_stack_pointer_; }
  std::optional<FrameBytes> find(std::uint64_t address, std::uint64_t width);

 private:
  std::vector<Frame> frames_;
  std::uint64_t heap_stack_pointer_;
  std::uint64_t heap_stack_limit_;
  std::size_t max_depth_;
};

}  // namespace tenon::interp
