// SPDX-License-Identifier: Apache-2.0
// Files as bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include <tenon/result.hpp>

#include "base/fd.hpp"

namespace tenon::object {

/// Errors: E0101.
Result<base::Fd> open_file(const std::filesystem::path& path);

/// At most `bytes` bytes from `offset` on; fewer where the file ends. Errors: E0101.
Result<std::vector<std::byte>> read_part(const base::Fd& fd, const std::filesystem::path& path, std::uint64_t offset, std::uint64_t bytes);

/// The whole of a file that may have no size, as those in /proc and /sys. Errors: E0101, also for more than `most_bytes`.
Result<std::vector<std::byte>> read_stream(const base::Fd& fd, const std::filesystem::path& path, std::uint64_t most_bytes);

std::unexpected<Diagnostics> unreadable(const std::filesystem::path& path, const std::string& why);

}  // namespace tenon::object
