// SPDX-License-Identifier: Apache-2.0
// Values that options take.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include <tenon/options.hpp>

#include <tenon/result.hpp>
#include "object/kernel.hpp"

namespace tenon::cli {

/// "0", "250us", "10ms", "2s". Throws CLI::ValidationError, which the parser turns into a usage error.
std::chrono::nanoseconds parse_duration(const std::string& text);

/// "65536", "64K", "16M", "4G". Throws CLI::ValidationError.
std::uint64_t parse_size(const std::string& text);

/// Pairs of hexadecimal digits, blanks between them allowed. Errors: E0806.
Result<std::vector<std::byte>> parse_hex(std::string_view text);
std::string to_hex(const std::uint8_t* bytes, std::size_t count);

/// The bytes of a file. Errors: E0807.
Result<std::vector<std::byte>> read_bytes(const std::string& path);

/// --interp, --quantum, --poll, --heap, --heap-limit.
void add_load_options(CLI::App& verb, LoadOptions& options);

/// --btf and --kconfig: the kernel whose types and settings objects ask for; the machine's own by default.
void add_kernel_options(CLI::App& verb, object::KernelFiles& files);

}  // namespace tenon::cli
