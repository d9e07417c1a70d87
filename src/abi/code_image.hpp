// SPDX-License-Identifier: Apache-2.0
// Compiled code before it has an address: bytes, relocations, tables. Plain data, so it can be cached; install() turns it into something that runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "abi/heap_layout.hpp"
#include "abi/invocation.hpp"

namespace tenon::abi {

struct Relocation {
  enum class Kind : std::uint8_t {
    heap_base,   ///< *(u64 *)at = heap window base + addend
    globals,     ///< *(u64 *)at = address of the globals block + addend
    site,        ///< *(u64 *)at = address of the runtime's Site record number `index`
    thunk,       ///< *(u64 *)at = address of ThunkSlot `index`
    image,       ///< *(u64 *)at = load address of this image + addend (jump tables, constants)
  };
  std::uint64_t at = 0;  ///< offset into `bytes`
  Kind kind = Kind::heap_base;
  std::uint32_t index = 0;
  std::int64_t addend = 0;
};

/// One thunk call in the code: which host function, from where. For cancel_* thunks only `instruction` counts.
struct CallSite {
  std::uint32_t instruction = 0;    ///< ir::InsnIdx
  std::uint32_t host_function = 0;  ///< interface::FunctionIdx
  std::uint8_t heap_arguments = 0;  ///< bit i: argument i is an unproved value for a `mem` parameter; the thunk checks it against what was granted
};

/// Native code offset -> BPF instruction, sorted by offset; holds until the next entry.
struct PcMapEntry {
  std::uint32_t offset = 0;
  std::uint32_t instruction = 0;  ///< ir::InsnIdx
};

/// A function that can be run by itself.
struct FunctionEntry {
  std::uint32_t function = 0;  ///< ir::FunctionIdx
  std::uint64_t value = 0;     ///< what compiled code names it by; 0: it has no name
  std::uint64_t offset = 0;    ///< into bytes
  std::uint64_t native_stack_bytes = 0;  ///< as CodeImage's
};

struct CodeImage {
  HeapShape shape;
  std::vector<std::byte> bytes;        ///< constants first (read-only), then code from `code_offset` (read and execute), page-aligned split
  std::uint64_t code_offset = 0;
  std::uint64_t entry_offset = 0;      ///< into bytes
  std::vector<FunctionEntry> functions;  ///< those whose address is taken, and the exception callback
  std::optional<std::uint32_t> exception_callback;  ///< index into functions: runs with the cookie when something was thrown and not caught
  std::vector<Relocation> relocations;
  std::vector<CallSite> sites;
  std::vector<PcMapEntry> pc_map;      ///< offsets into bytes
  std::uint64_t native_stack_bytes = 0;  ///< deepest chain of frames from the entry, recursive functions counted once
  bool polls = false;                  ///< every loop reads Invocation::poll_page, and so does every function but the first when it is called
  std::uint32_t guards_after_llvm = 0;   ///< guard computations left in the optimised module
};

}  // namespace tenon::abi
