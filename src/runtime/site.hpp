// SPDX-License-Identifier: Apache-2.0
// What a host-call thunk needs to know, worked out once at install from declarations and bindings: per host function (Callee) and per call (Site).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
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

/// The bytes that a host function may touch through `parameter`; nothing when the product does not fit 64 bits.
std::optional<std::uint64_t> length_of(const MemParameter& parameter, const Registers& registers);

/// `ret < 0`, `flags == 1`: whether an `on` clause applies to this call.
struct Condition {
  std::optional<std::uint8_t> parameter;  ///< none: the result
  interface::Conditional::Compare compare = interface::Conditional::Compare::eq;
  std::uint64_t value = 0;
  std::uint8_t bits = 64;  ///< how much of the register counts
  bool is_signed = false;
};

/// What a call changes in the record besides its result.
struct RecordEffect {
  const Drop* drop = nullptr;
  std::span<const Drop* const> kinds = {};  ///< an object given away: the drops of the types that are declared to be of this one, which are recorded as such
  std::optional<std::uint8_t> parameter;  ///< the object given away, or whose lock it is; none: a mode
  std::optional<Condition> when;          ///< none: always
  bool inverted = false;                  ///< unless the condition holds (`keeps`)
};

/// At most 5 parameters, 5 conditional ones, and a lock or a mode for each.
inline constexpr std::size_t kMaxRecordEffects = 24;

struct Promises;  // promises.hpp

struct Callee {
  std::string name;
  std::string missing;  ///< see CallTable::missing
  HostEntry entry = nullptr;
  BuiltinFunction builtin = nullptr;
  std::vector<MemParameter> memory;
  std::vector<RecordEffect> releases, acquires;
  bool takes_locks = false;      ///< a built-in that works on a lock in the heap: it wants to know the place of the call
  const Drop* result = nullptr;  ///< the call hands out an object to be given back so
  bool result_may_be_null = true;
  bool interruptible = false;
  bool throws = false;                    ///< what it throws may be caught
  std::uint32_t parked_type = 0;          ///< of tn_park_T and tn_take_T
  const Drop* parked_drop = nullptr;
  struct CallbackParameter {
    std::uint8_t index = 0;
    std::optional<std::uint32_t> later_type;  ///< of one that is called after the call has returned
  };
  std::vector<CallbackParameter> callbacks;  ///< parameters that are functions of the extension
  struct StackParameter {
    std::uint8_t index = 0;
    std::uint32_t bytes = 0;
    bool creates = false;  ///< the function makes the object
    bool is_owned = false;  ///< it is in the record until it is given back
  };
  std::vector<StackParameter> in_stack;  ///< parameters that are objects in the extension's stack
  std::shared_ptr<const Promises> promises;  ///< null: not checked

  bool bound() const { return entry != nullptr || builtin != nullptr; }
};

/// thunks.S reads `target`. Addresses of Sites stand in compiled code.
struct Site {
  void (*target)() = nullptr;  ///< called with r1..r5, and with the Site in the sixth register
  HostEntry entry = nullptr;   ///< tenon_acquire_call, tenon_release_call: the host function
  const Drop* drop = nullptr;  ///< and how what it hands out, or takes, is recorded
  std::uint32_t instruction = 0;
  std::uint8_t heap_arguments = 0;
  const Callee* callee = nullptr;
  const char* file = "";   ///< of the call, if the callee takes_locks; lives as long as the process
  std::uint32_t line = 0;
};
static_assert(offsetof(Site, target) == TENON_SITE_TARGET && offsetof(Site, entry) == TENON_SITE_ENTRY && offsetof(Site, drop) == TENON_SITE_DROP);

/// Callees by FunctionIdx and drops. Immutable, not movable: Sites and records point into it.
class CallTable {
 public:
  CallTable(const interface::Declarations& declarations, const std::vector<HostFunction>& bindings, bool check_host);
  CallTable(const CallTable&) = delete;
  CallTable& operator=(const CallTable&) = delete;

  const Drop& drop_of(interface::ObjectTypeIdx type) const { return objects_[type.index()]; }
  const Drop& lock_of(interface::ObjectTypeIdx type, std::uint32_t field) const { return locks_[type.index()][field]; }
  const Drop& mode_of(interface::ModeIdx mode) const { return modes_[mode.index()]; }
  bool callback_gives(std::uint32_t type) const { return callback_gives_[type]; }
  std::size_t size() const { return callees_.size(); }
  const Callee& callee(std::size_t function) const { return callees_[function]; }
  /// The name of what is missing before `function` can be called: itself, or the function that gives back what it hands out, locks or enters; empty
  /// when nothing is.
  const std::string& missing(std::size_t function) const { return callees_[function].missing; }

 private:
  Callee describe(const interface::Declarations& declarations, const interface::Function& function, const HostFunction& binding) const;
  void describe_parking(const interface::Declarations& declarations, const interface::Function& function, Callee& callee) const;
  void add_condition_effects(const interface::Function& function, Callee& callee) const;
  RecordEffect lock_effect(const interface::Function& function, const interface::LockRef& lock) const;

  std::string what_is_missing(const interface::Declarations& declarations, const interface::Function& function, const Callee& callee) const;

  RecordEffect object_effect(interface::ObjectTypeIdx type, std::size_t parameter) const;

  std::vector<Drop> objects_;             // by ObjectTypeIdx
  std::vector<std::vector<const Drop*>> kinds_;  // by ObjectTypeIdx: of the types derived from it
  std::vector<std::vector<Drop>> locks_;  // by ObjectTypeIdx, by field
  std::vector<Drop> modes_;               // by ModeIdx
  std::vector<bool> callback_gives_;  // by CallbackIdx: it has a result
  std::vector<Callee> callees_;
};

/// Requires: call.host_function < table.size(). `file` and `line`: where the call stands in the source.
Site make_site(const CallTable& table, const abi::CallSite& call, std::string_view file, std::uint32_t line);

}  // namespace tenon::runtime
