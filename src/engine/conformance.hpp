// SPDX-License-Identifier: Apache-2.0
// Runs bare instruction bytes the way the public bpf_conformance suite wants them run: r1 is its memory, r2 the length. The memory lies in the heap, so
// these programs pass the verifier and the guards like any other.
#pragma once

#include <cstddef>
#include <span>

#include <tenon/interface.hpp>
#include <tenon/options.hpp>
#include <tenon/outcome.hpp>
#include <tenon/result.hpp>

namespace tenon::engine {

/// The built-in interface `conformance` with helper 5 bound: it ends the program with result 0 when its argument is 0, else gives it back.
Interface conformance_interface();

/// Errors: whatever a stage says. Without memory, r1 and r2 are 0.
Result<Outcome> run_conformance(std::span<const std::byte> code, std::span<const std::byte> memory, const LoadOptions& options);

}  // namespace tenon::engine
