// SPDX-License-Identifier: Apache-2.0
// Variables of the .kconfig section: what the kernel's version and configuration make of them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include <tenon/result.hpp>

#include "object/btf.hpp"
#include "object/kernel.hpp"

namespace tenon::object {

/// Writes the value of the setting `name` as a value of `type` to `out`, which is that large and zero. False: the kernel has no such setting.
/// `kernel` may be null. Errors: E0119 a value that does not fit the type; E0101.
Result<bool> read_setting(const Kernel* kernel, const Btf& btf, TypeId type, std::string_view name, std::span<std::byte> out);

}  // namespace tenon::object
