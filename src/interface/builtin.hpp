// SPDX-License-Identifier: Apache-2.0
// The functions that are part of every interface; the runtime implements them.
#pragma once

#include <string>

#include <tenon/language/builtin.hpp>

namespace tenon::interface {

/// ext/include/tn/builtin.h, which a test keeps equal to this.
std::string builtin_header();

}  // namespace tenon::interface
