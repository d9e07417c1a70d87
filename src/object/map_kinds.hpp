// SPDX-License-Identifier: Apache-2.0
// Names of map kinds (Linux, enum bpf_map_type).
#pragma once

#include <cstdint>
#include <string>

namespace tenon::object {

/// "hash" for 1; "type#N" for numbers that are not known.
std::string map_kind(std::uint32_t type);

}  // namespace tenon::object
