// SPDX-License-Identifier: Apache-2.0
// tenon interface: what a .tni file says, checked, or as the C header that extension authors include.
#include <fmt/format.h>

#include <memory>

#include "cli/cli.hpp"
#include "cli/report.hpp"
#include "engine/builtin_interfaces.hpp"
#include "interface/declarations.hpp"

namespace tenon::cli {

namespace {

using Printer = std::string (*)(const interface::Declarations&);

int print_interface(const std::string& name, Printer printer) {
  const auto found = engine::find_interface(name);
  if (!found) return report(found.error());
  fmt::print("{}", printer(found->declarations()));
  return kDone;
}

void add_action(CLI::App& verb, int& exit_code, const char* name, const char* description, Printer printer) {
  CLI::App* const action = verb.add_subcommand(name, description);
  const auto file = std::make_shared<std::string>();
  action->add_option("interface", *file, "raw, conformance or a .tni file")->required();
  action->callback([file, printer, &exit_code] { exit_code = print_interface(*file, printer); });
}

}  // namespace

void add_interface(CLI::App& app, int& exit_code) {
  CLI::App* const verb = app.add_subcommand("interface", "work with interface declarations");
  verb->require_subcommand(1);
  add_action(*verb, exit_code, "header", "print the C header for extension authors", &interface::to_header);
  add_action(*verb, exit_code, "check", "parse, and print the declarations in their canonical form", &interface::to_text);
}

}  // namespace tenon::cli
