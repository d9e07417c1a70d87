// SPDX-License-Identifier: Apache-2.0
// Objects that host functions make in the extension's stack (`new T`, iterators). The extension has an address of its private stack, which names the
// object and nothing more; what the host keeps of it lies here, so nothing that happens to that stack reaches it, and it is still there to be given
// back when the frame is gone. Per level; touched in state host or releasing only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace tenon::runtime {

class StackObjects {
 public:
  /// Zeroed bytes of the host's for a new object at `address`, 16-byte aligned; nothing when there is no memory, or one invocation has too many.
  /// Objects of earlier invocations, and one that was at this address, are over: those that are owned were given back. Requires: bytes <= kMaxBytes.
  std::optional<std::uint64_t> create(std::uint64_t generation, std::uint64_t address, std::uint32_t bytes) noexcept;
  /// The bytes of the object at `address`. Nothing: none was made there.
  std::optional<std::uint64_t> find(std::uint64_t address) const noexcept;
  /// The object is over; nothing happens when it is already.
  void remove(std::uint64_t bytes) noexcept;
  /// A frame of the extension is gone, and with it the plain objects in it. Where frames lie at ever new addresses (the interpreter's) this must be
  /// said.
  void end_frame(std::uint64_t begin, std::uint64_t end) noexcept;

  static constexpr std::size_t kMaxBytes = 256;  ///< docs/interface-language.md, Objects in the stack

 private:
  struct Pool;
  Pool* pool_ = nullptr;  ///< mapped when the first object is made, and never unmapped, as the level itself
};

}  // namespace tenon::runtime
