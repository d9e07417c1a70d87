// SPDX-License-Identifier: Apache-2.0
// The oracle: runs a Guarded program slowly and obviously, and checks every single access against what the environment says is there. A check that
// fails on a proved program is a bug of ours and aborts, except heap holes, which are the extension's.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include <tenon/outcome.hpp>

#include "abi/code_image.hpp"
#include "abi/heap_layout.hpp"
#include "instrument/guarded.hpp"

namespace tenon::interp {

/// A range of real memory that the program may touch through proofs: context, data..data_end, memory handed out by host functions.
struct Region {
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
  bool readable = false, writable = false;
};

/// An access whose address has been found good.
struct Touch {
  verify::MemClass memory = verify::MemClass::unreachable;
  std::uint64_t address = 0, bytes = 0;
  std::optional<std::uint64_t> stored;  ///< what will be there; none: it is only read
};

struct Environment {
  abi::HeapShape shape;
  std::uint64_t heap_base = 0;  ///< real address of the window
  std::uint64_t globals_address = 0;
  std::uint64_t heap_stack_top = 0;  ///< per-invocation stack inside the heap
  std::uint64_t heap_stack_limit = 0;
  /// True when [address, +bytes) was granted.
  std::function<bool(std::uint64_t address, std::uint64_t bytes)> granted;
  /// Calls a host function with the runtime's record of held objects kept; the result may end the invocation.
  struct CallResult {
    std::uint64_t r0 = 0;
    Outcome::Kind kind = Outcome::Kind::returned;
    Cause cause = Cause::none;
  };
  /// `call_back` runs one of the program's functions, named by the value the host function was handed. When it does not come back as `returned`, the
  /// invocation is over and the host function ends at once; unless it catches what was thrown: then it may call again, and return.
  using CallBack = std::function<CallResult(std::uint64_t function, const std::array<std::uint64_t, 5>& arguments)>;
  std::function<CallResult(const abi::CallSite& site, const std::array<std::uint64_t, 5>& arguments, const CallBack& call_back)> call;
  /// Host memory that is valid now; asked at each access of class context or host.
  std::function<bool(std::uint64_t address, std::uint64_t bytes, bool write)> host_memory;
  /// What a host function is handed for `map K->V`, by the program's list of maps.
  std::vector<std::uint64_t> map_addresses;
  /// Optional. Told of every access just before it is made, and of every private frame that ends.
  std::function<void(const Touch& touch)> touched;
  std::function<void(std::uint64_t begin, std::uint64_t end)> frame_ended;
  /// Optional. Asked now and then: why the run must end; none: it goes on.
  std::function<Cause()> must_end;
  std::uint64_t max_instructions = 0;  ///< 0: none; beyond it the run ends as Cause::quantum
  std::uint32_t max_depth = 256;       ///< frames, beyond it the run ends as Cause::stack
};

struct Run {
  Outcome::Kind kind = Outcome::Kind::returned;
  Cause cause = Cause::none;
  ir::InsnIdx at;           ///< where it ended, for cancelled and thrown
  std::uint64_t value = 0;  ///< r0 or cookie
  std::uint64_t fault_address = 0;
  std::uint64_t instructions = 0;  ///< executed
  std::uint64_t heap_stack_end = 0;  ///< where the frames end that lie in the per-invocation stack: those that a throw has left are still looked at
};

/// `entry`: the program, or a function of it that runs by itself.
Run run(const instrument::Guarded& guarded, const std::array<std::uint64_t, 5>& arguments, const Environment& environment,
        ir::FunctionIdx entry = ir::FunctionIdx(0u));

}  // namespace tenon::interp
