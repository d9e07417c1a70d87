// SPDX-License-Identifier: Apache-2.0
// Where main() gets its services from: one definition for each executable.
#pragma once

#include <memory>

#include "options.hpp"
#include "service.hpp"

namespace kv {

extern const bool kServiceIsExtension;
tenon::Result<std::unique_ptr<Service>> make_service(const TenantOptions& options);

}  // namespace kv
