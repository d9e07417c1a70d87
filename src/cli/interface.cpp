// SPDX-License-Identifier: Apache-2.0
// tenon interface: what a .tni file says, checked, or as the C header that extension authors include; what is odd in it; what changed.
#include <fmt/format.h>

#include <memory>

#include "cli/cli.hpp"
#include "cli/report.hpp"
#include "engine/builtin_interfaces.hpp"
#include "interface/compare.hpp"
#include "interface/declarations.hpp"
#include "interface/lint.hpp"

namespace tenon::cli {

namespace {

struct Options {
  std::string file, newer;
  bool json = false;
};

Result<interface::Declarations> declarations_of(const std::string& name) {
  TENON_TRY(found, engine::find_interface(name));
  return found.declarations();
}

int refused(const Diagnostics& diagnostics, bool json) {
  if (!json) return report(diagnostics);
  print({{"accepted", false}, {"diagnostics", to_json(diagnostics)}});
  return kRefused;
}

int print_header(const Options& options) {
  const auto declarations = declarations_of(options.file);
  if (!declarations) return report(declarations.error());
  fmt::print("{}", interface::to_header(*declarations));
  return kDone;
}

int print_canonical(const Options& options) {
  const auto declarations = declarations_of(options.file);
  if (!declarations) return refused(declarations.error(), options.json);
  const std::string text = interface::to_text(*declarations);
  if (options.json)
    print({{"accepted", true}, {"text", text}});
  else
    fmt::print("{}", text);
  return kDone;
}

void print_change(const interface::Change& change) {
  fmt::print("{} {}: {}\n", change.holds ? "holds " : "breaks", change.what, change.reason);
  if (!change.old_line.empty()) fmt::print("  - {}\n", change.old_line);
  if (!change.new_line.empty()) fmt::print("  + {}\n", change.new_line);
}

int print_comparison(const Options& options) {
  const auto before = declarations_of(options.file), after = declarations_of(options.newer);
  if (!before) return refused(before.error(), options.json);
  if (!after) return refused(after.error(), options.json);
  bool holds = true;
  Json all = Json::array();
  for (const interface::Change& change : interface::compare(*before, *after)) {
    holds &= change.holds;
    if (!options.json) print_change(change);
    all.push_back({{"holds", change.holds}, {"what", change.what}, {"old", change.old_line}, {"new", change.new_line}, {"reason", change.reason}});
  }
  if (options.json) {
    print({{"holds", holds}, {"changes", all}});
  } else {
    fmt::print("{}\n", all.empty() ? "nothing changed"
                       : holds     ? "what was verified against the old interface holds under the new one"
                                   : "extensions that use what breaks must be verified again");
  }
  return holds ? kDone : kRefused;
}

int print_findings(const Options& options) {
  const auto declarations = declarations_of(options.file);
  if (!declarations) return refused(declarations.error(), options.json);
  const Diagnostics findings = interface::lint(*declarations);
  if (options.json)
    print({{"clean", findings.empty()}, {"findings", to_json(findings)}});
  else if (!findings.empty())
    report(findings);
  return findings.empty() ? kDone : kRefused;
}

CLI::App* add_action(CLI::App& verb, int& exit_code, const char* name, const char* description, const std::shared_ptr<Options>& options,
                     int (*run)(const Options&)) {
  CLI::App* const action = verb.add_subcommand(name, description);
  action->add_option("interface", options->file, "raw, conformance or a .tni file")->required();
  action->callback([options, run, &exit_code] { exit_code = run(*options); });
  return action;
}

int check(const Options& options) { return options.newer.empty() ? print_canonical(options) : print_comparison(options); }

}  // namespace

void add_interface(CLI::App& app, int& exit_code) {
  CLI::App* const verb = app.add_subcommand("interface", "work with interface declarations");
  verb->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  add_action(*verb, exit_code, "header", "print the C header for extension authors", options, &print_header);
  CLI::App* const compare = add_action(*verb, exit_code, "check",
                                       "parse, and print the declarations in their canonical form; with a second one, what changed", options, &check);
  compare->add_option("newer", options->newer, "the next version: do verified extensions hold under it?");
  compare->add_flag("--json", options->json, "one JSON object on standard output");
  CLI::App* const lint = add_action(*verb, exit_code, "lint", "find what is well formed and cannot be meant", options, &print_findings);
  lint->add_flag("--json", options->json, "one JSON object on standard output");
}

}  // namespace tenon::cli
