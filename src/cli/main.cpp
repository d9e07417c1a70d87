// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.hpp"

// NOLINTNEXTLINE(bugprone-exception-escape): what nobody expects ends the process
int main(int argc, char** argv) {
  CLI::App app{"Tenon runs extensions it does not trust: verified against an interface, guarded inside their own heap, stopped when they do not stop."};
  app.name("tenon");
  app.require_subcommand(1);
  app.footer("Exit codes: 0 done, 1 refused (diagnostics say why), 2 wrong command line, 3 a run threw or was cancelled.");
  int exit_code = tenon::cli::kDone;
  tenon::cli::add_cc(app, exit_code);
  tenon::cli::add_verify(app, exit_code);
  tenon::cli::add_run(app, exit_code);
  tenon::cli::add_dump(app, exit_code);
  tenon::cli::add_interface(app, exit_code);
  tenon::cli::add_conformance(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? tenon::cli::kDone : tenon::cli::kUsage;  // --help is no error
  }
  return exit_code;
}
