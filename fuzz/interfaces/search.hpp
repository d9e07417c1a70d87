// SPDX-License-Identifier: Apache-2.0
// The search itself, and the choice of what to keep from it.
#pragma once

#include <cstdint>
#include <filesystem>

namespace tenon::fuzz {

/// One generated program and its mutants per seed of [first, last); writes what it finds to `out` and prints what it met. Exit code of the process.
int search(std::uint64_t first, std::uint64_t last, const std::filesystem::path& out);

/// Of the generated programs of these seeds writes, shortened, those that are accepted and call what the ones before them did not.
int keep_seeds(std::uint64_t first, std::uint64_t last, const std::filesystem::path& out);

}  // namespace tenon::fuzz
