// SPDX-License-Identifier: Apache-2.0
// The functions that are part of every interface; the runtime implements them.
#pragma once

#include <string>
#include <string_view>

namespace tenon::interface {

/// Their declarations in .tni.
extern const std::string_view kBuiltinText;

/// ext/include/tn/builtin.h, which a test keeps equal to this.
std::string builtin_header();

}  // namespace tenon::interface
