// SPDX-License-Identifier: Apache-2.0
// A kernel's BTF as ir::HostTypes.
#pragma once

#include <memory>

#include "ir/host_types.hpp"
#include "object/kernel.hpp"

namespace tenon::object {

/// Reads the kernel's types when it is first asked. A kernel whose types cannot be read has none.
std::shared_ptr<const ir::HostTypes> host_types_of(std::shared_ptr<const Kernel> kernel);

}  // namespace tenon::object
