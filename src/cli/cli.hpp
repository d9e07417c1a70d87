// SPDX-License-Identifier: Apache-2.0
// The verbs of the command line. Each registers itself with its options and, when chosen, sets the exit code.
#pragma once

#include <CLI/CLI.hpp>

namespace tenon::cli {

/// Documented in README.md and `tenon --help`.
enum ExitCode : int {
  kDone = 0,     ///< accepted, every run returned, written
  kRefused = 1,  ///< the input was rejected or could not be read; diagnostics say why
  kUsage = 2,    ///< the command line is wrong
  kStopped = 3,  ///< `run`: a run threw or was cancelled
};

void add_cc(CLI::App& app, int& exit_code);
void add_verify(CLI::App& app, int& exit_code);
void add_run(CLI::App& app, int& exit_code);
void add_dump(CLI::App& app, int& exit_code);
void add_interface(CLI::App& app, int& exit_code);
void add_conformance(CLI::App& app, int& exit_code);

}  // namespace tenon::cli
