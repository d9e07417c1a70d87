// SPDX-License-Identifier: Apache-2.0
// A service that is an extension: loaded, verified, compiled, and run in its sandbox.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include <tenon/engine.hpp>

#include "service.hpp"

namespace kv {

struct ExtensionOptions {
  std::uint64_t memory_bytes = 64ull << 20;     ///< what kv_start is told
  std::uint64_t heap_limit_bytes = 0;           ///< 0: memory_bytes and a quarter, and 64 MiB for tables and first pages
  std::chrono::nanoseconds quantum = std::chrono::milliseconds(10);
  tenon::Backend backend = tenon::Backend::native;
};

/// Errors: those of tenon::Engine::load; E0802 when a hook is missing.
tenon::Result<std::unique_ptr<Service>> load_extension(const std::filesystem::path& path, const ExtensionOptions& options);

}  // namespace kv
