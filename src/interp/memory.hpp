// SPDX-License-Identifier: Apache-2.0
// Where an access of a proved program really goes: the guard applied as written, and every promise of the Proof about this access checked against the
// frames and the environment. A broken promise is a bug of ours and aborts; a hole of the heap is the extension's and comes back as a fault.
#pragma once

#include <cstdint>

#include "interp/frames.hpp"
#include "interp/interp.hpp"

namespace tenon::interp {

enum class AccessMode : std::uint8_t { read, write, read_write };

/// One access as the instruction states it.
struct Access {
  ir::InsnIdx at;
  isa::Reg base_register = isa::Reg::r0;
  std::uint64_t base = 0;  ///< its value
  std::int16_t off = 0;
  unsigned width = 0;  ///< bytes
  AccessMode mode = AccessMode::read;
};

struct Resolved {
  Cause cause = Cause::none;  ///< none: `address` may be touched; fault or misaligned: the run ends
  std::uint64_t address = 0;  ///< real address
};

class Memory {
 public:
  Memory(const instrument::Guarded& guarded, const Environment& environment, FrameStack& frames);

  Resolved resolve(const Access& access);
  /// A host function is about to be handed `bytes` at `address`: private stack must be initialised where it is read.
  void check_argument(std::uint64_t address, std::uint64_t bytes, interface::Access access);
  /// It has returned: private stack that it may have written counts as initialised.
  void note_written_by_host(std::uint64_t address, std::uint64_t bytes);

 private:
  Resolved resolve_heap(const Access& access, const verify::AccessFacts& facts) const;
  Resolved resolve_heap_stack(const Access& access);
  Resolved resolve_stack(const Access& access);
  Resolved resolve_host(const Access& access) const;
  std::uint64_t guarded_address(const Access& access) const;

  const instrument::Guarded& guarded_;
  const Environment& environment_;
  FrameStack& frames_;
};

}  // namespace tenon::interp
