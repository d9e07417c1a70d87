// SPDX-License-Identifier: Apache-2.0
#include "interp/frames.hpp"

#include <utility>

#include "base/bug.hpp"

namespace tenon::interp {
namespace {

constexpr std::uint64_t kHeapFrameAlignBytes = 16;  // abi::Invocation::heap_stack_pointer
constexpr std::uint64_t kUnwrittenPattern = 0xa5a5a5a5a5a5a5a5;

std::uint64_t align_up(std::uint64_t n, std::uint64_t to) { return (n + to - 1) / to * to; }

}  // namespace

bool Frame::contains(std::uint64_t address, std::uint64_t width) const {
  const std::uint64_t below = frame_pointer() - address;
  return address < frame_pointer() && below <= bytes() && width <= below;
}

bool FrameBytes::all_private() const {
  for (std::uint64_t i = 0; i < width; ++i) {
    if (!frame->is_private(distance - i)) return false;
  }
  return true;
}

bool FrameBytes::none_private() const {
  if (!frame->facts->heap_frame) return false;
  for (std::uint64_t i = 0; i < width; ++i) {
    if (frame->is_private(distance - i)) return false;
  }
  return true;
}

bool FrameBytes::all_written() const {
  for (std::uint64_t i = 0; i < width; ++i) {
    if (!frame->written[distance - i - 1]) return false;
  }
  return true;
}

void FrameBytes::mark_written() const {
  for (std::uint64_t i = 0; i < width; ++i) frame->written[distance - i - 1] = true;
}

FrameStack::FrameStack(std::uint64_t heap_stack_top, std::uint64_t heap_stack_limit, std::size_t max_depth)
    : heap_stack_pointer_(heap_stack_top), heap_stack_limit_(heap_stack_limit), max_depth_(max_depth) {}

bool FrameStack::push(ir::FunctionIdx function, const verify::FunctionFacts& facts, ir::InsnIdx return_to, const std::array<Register, 4>& saved) {
  base::ensure(facts.frame_bytes % 8 == 0, "a frame that is no multiple of 8 bytes");
  base::ensure(!facts.heap_frame || facts.private_bytes.size() == facts.frame_bytes, "a heap frame whose private bytes are not listed");
  if (frames_.size() >= max_depth_) return false;
  std::uint64_t heap_top = 0;
  if (facts.heap_frame) {
    const std::uint64_t need = align_up(facts.frame_bytes, kHeapFrameAlignBytes);
    if (heap_stack_pointer_ - heap_stack_limit_ < need) return false;
    heap_top = heap_stack_pointer_;
    heap_stack_pointer_ -= need;
  }
  frames_.push_back(Frame{
      .function = function,
      .facts = &facts,
      .storage = std::vector<std::uint64_t>(facts.frame_bytes / 8, kUnwrittenPattern),
      .written = std::vector<bool>(facts.frame_bytes),
      .heap_top = heap_top,
      .return_to = return_to,
      .saved = saved,
  });
  return true;
}

void FrameStack::pop() {
  if (top().facts->heap_frame) heap_stack_pointer_ = top().heap_top;
  frames_.pop_back();
}

std::optional<FrameBytes> FrameStack::find(std::uint64_t address, std::uint64_t width) {
  for (Frame& frame : frames_) {
    if (frame.contains(address, width)) return FrameBytes{&frame, frame.frame_pointer() - address, width};
  }
  return std::nullopt;
}

}  // namespace tenon::interp
