// SPDX-License-Identifier: Apache-2.0
// Random programs that are meant to pass the verifier: structured control flow, every kind of instruction, memory of every class, objects acquired
// and released, calls of every kind. Most are accepted; those that are not only cost time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tenon::differential {

/// The interface every generated program is written for (host.hpp implements it).
extern const std::string_view kInterface;

inline constexpr std::uint64_t kGlobalsBytes = 4096;

/// Assembly text (support/assembler.hpp). The same seed gives the same text.
std::string generate(std::uint64_t seed);

}  // namespace tenon::differential
