// SPDX-License-Identifier: Apache-2.0
// A CodeImage at an address: written while it is writable, then split into read-only constants and executable code. Never writable and executable.
#pragma once

#include <cstdint>
#include <span>

#include <tenon/result.hpp>

#include "abi/code_image.hpp"
#include "runtime/os/memory.hpp"
#include "runtime/site.hpp"

namespace tenon::runtime {

/// What relocations may refer to.
struct LinkTargets {
  std::uint64_t heap_base = 0;
  std::uint64_t globals = 0;
  std::span<const Site> sites;
};

class CodeMemory {
 public:
  /// Errors: E0602 the system refused, E0606 the image is damaged (an offset outside of it, an unknown index).
  static Result<CodeMemory> load(const abi::CodeImage& image, const LinkTargets& targets);

  std::uint64_t base() const { return memory_.address(); }
  std::uint64_t code_begin() const { return code_begin_; }
  std::uint64_t code_end() const { return code_end_; }
  std::uint64_t entry() const { return entry_; }

 private:
  os::Reservation memory_;
  std::uint64_t code_begin_ = 0, code_end_ = 0, entry_ = 0;
};

/// E0606, for whoever finds it.
std::unexpected<Diagnostics> damaged_image(std::string_view what);

}  // namespace tenon::runtime
