// SPDX-License-Identifier: Apache-2.0
// The functions every interface has (interface/builtin.cpp), implemented here: they work on heap memory in place, in chunks that test the cancel word.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <tenon/interface.hpp>

namespace tenon::runtime {

struct Level;

using Registers = std::array<std::uint64_t, 5>;

/// Memory arguments have been checked over their whole length. Runs in state host.
using BuiltinFunction = std::uint64_t (*)(Level& level, const Registers& registers) noexcept;

/// Null for a name that is no built-in.
BuiltinFunction find_builtin(std::string_view name);

/// Those that take no memory and change no record but by themselves are called straight from the thunk.
bool is_lock_builtin(std::string_view name);
/// Built-ins over scalars alone: the thunk calls them directly, with nothing to check or record (allocation/entries.cpp). Null for other names.
HostEntry find_direct_builtin(std::string_view name);

}  // namespace tenon::runtime
