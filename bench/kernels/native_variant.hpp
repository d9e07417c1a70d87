// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "variant.hpp"

namespace tenon::bench {

Expected<std::unique_ptr<Variant>> make_native(const std::filesystem::path& library_path, std::string_view program);

}  // namespace tenon::bench
