// SPDX-License-Identifier: Apache-2.0
// The .tni files that are part of the program; their text is compiled in.
#pragma once

#include <string_view>

#include <tenon/interface.hpp>
#include <tenon/result.hpp>

namespace tenon::engine {

extern const std::string_view kRawInterfaceText;          ///< interfaces/raw.tni
extern const std::string_view kConformanceInterfaceText;  ///< interfaces/conformance.tni
extern const std::string_view kLinuxInterfaceText;        ///< interfaces/linux/*.tni, one behind the other

/// `raw` and `conformance` by name, bound, and `linux`, which nothing runs; anything else is the path of a .tni file, whose functions are not bound. Errors: E05xx.
Result<Interface> find_interface(const std::string& name_or_path);

}  // namespace tenon::engine
