// SPDX-License-Identifier: Apache-2.0
// Extensions out of objects: object -> program -> proof -> guarded -> code -> runtime, one heap for each, also when the object is the next version of
// one.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include <tenon/interface.hpp>
#include <tenon/options.hpp>
#include <tenon/result.hpp>

#include "engine/state.hpp"
#include "object/object.hpp"

namespace tenon::engine {

// Errors and more: as the functions of Engine and Extension in <tenon/engine.hpp>.
Result<std::shared_ptr<ExtensionState>> make_extension(const object::Object& object, const Interface& interface, const LoadOptions& options);
Result<void> replace(ExtensionState& extension, const object::Object& object, const Interface& interface, const LoadOptions& options,
                     std::chrono::nanoseconds patience);

Result<void> save(ExtensionState& extension, const std::filesystem::path& path, std::chrono::nanoseconds patience);
Result<std::shared_ptr<ExtensionState>> restore(const object::Object& object, const std::filesystem::path& snapshot, const Interface& interface,
                                                const LoadOptions& options);

}  // namespace tenon::engine
