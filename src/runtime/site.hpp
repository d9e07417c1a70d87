// SPDX-License-Identifier: Apache-2.0
// What a host-call thunk needs to know, worked out once at install from declarations and bindings: per host function (Callee) and per call (Site).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "abi/code_image.hpp"
#include "interface/declarations.hpp"
#include "runtime/builtins.hpp"
#include "runtime/held_objects.hpp"
#include "runtime/thunk_offsets.h"

namespace tenon::runtime {

/// A `mem` parameter: how its length is known, and whether the host function sees the heap itself or a copy.
struct MemParameter {
  std::uint8_t index = 0;
  std::uint64_t element_bytes = 1;
  std::uint64_t constant_count = 1;
  std::optional<std::uint8_t> count_parameter;
  std::uint64_t count_mask = ~0ull;  ///< the declared width of that parameter: the host function sees no more of the register
  bool in_place = false;
  bool copy_in = false, copy_out = false;
  bool nullable = false;
};

struct OwnedParameter {
  std::uint8_t index = 0;
  interface::ObjectTypeIdx type;
};

struct Callee {
  std::string name;
  HostEntry entry = nullptr;
  BuiltinFunction builtin = nullptr;
  std::vector<MemParameter> memory;
  std::vector<OwnedParameter> consumes;
  const Drop* acquires = nullptr;
  bool result_may_be_null = true;

  bool bound() const { return entry != nullptr || builtin != nullptr; }
};

/// thunks.S reads `target`. Addresses of Sites stand in compiled code.
struct Site {
  void (*target)() = nullptr;  ///< called with r1..r5, and with the Site in the sixth register
  std::uint32_t instruction = 0;
  std::uint8_t heap_arguments = 0;
  const Callee* callee = nullptr;
};
static_assert(offsetof(Site, target) == TENON_SITE_TARGET);

/// Callees by FunctionIdx and drops by ObjectTypeIdx. Immutable, not movable: Sites and records point into it.
class CallTable {
 public:
  CallTable(const interface::Declarations& declarations, const std::vector<HostFunction>& bindings);
  CallTable(const CallTable&) = delete;
  CallTable& operator=(const CallTable&) = delete;

  std::size_t size() const { return callees_.size(); }
  const Callee& callee(std::size_t function) const { return callees_[function]; }
  /// The name of what is missing before `function` can be called: itself or the drop function of what it hands out; empty when nothing is.
  std::string missing(std::size_t function) const;

 private:
  std::vector<Drop> drops_;
  std::vector<std::string> drop_names_;
  std::vector<Callee> callees_;
};

/// Requires: call.host_function < table.size().
Site make_site(const CallTable& table, const abi::CallSite& call);

}  // namespace tenon::runtime
