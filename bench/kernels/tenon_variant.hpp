// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tenon/options.hpp>

#include "variant.hpp"

namespace tenon::bench {

/// `object` is loaded by an Engine for the interface in `interface_path`.
Expected<std::unique_ptr<Variant>> make_tenon(const std::filesystem::path& interface_path, const std::filesystem::path& object,
                                              std::string_view program, LoadOptions options);

}  // namespace tenon::bench
