// SPDX-License-Identifier: Apache-2.0
// tenon verify: reads, proves and guards every program of an object; nothing runs.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "cli/cli.hpp"
#include "cli/report.hpp"
#include "engine/builtin_interfaces.hpp"
#include "engine/pipeline.hpp"

namespace tenon::cli {

namespace {

struct Options {
  std::string file;
  std::string interface = "raw";
  std::vector<std::string> programs;
  bool json = false;
};

struct Verdict {
  Diagnostics diagnostics;
  instrument::GuardCounts total;
  std::vector<std::pair<std::string, instrument::GuardCounts>> programs;  ///< accepted ones
};

Json counts_json(const instrument::GuardCounts& counts) {
  return {{"heap_accesses", counts.heap_accesses}, {"elided", counts.elided}, {"emitted", counts.emitted}};
}

void verify_program(const object::Object& object, const std::string& name, const engine::SharedDeclarations& declarations, Verdict& verdict) {
  const auto guarded = engine::guard(object, name, declarations);
  if (!guarded) {
    verdict.diagnostics.insert(verdict.diagnostics.end(), guarded.error().begin(), guarded.error().end());
    return;
  }
  const instrument::GuardCounts& counts = guarded->counts();
  verdict.programs.emplace_back(name, counts);
  verdict.total.heap_accesses += counts.heap_accesses;
  verdict.total.elided += counts.elided;
  verdict.total.emitted += counts.emitted;
}

Result<Verdict> verify_all(const Options& options) {
  TENON_TRY(interface, engine::find_interface(options.interface));
  const auto declarations = engine::share_declarations(interface);
  TENON_TRY(object, object::read_file(options.file));
  TENON_TRY(names, engine::select_programs(object, options.programs));
  Verdict verdict;
  Progress progress("verifying " + options.file, names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    progress.step(i);
    verify_program(object, names[i], declarations, verdict);
  }
  return verdict;
}

void print_json(const Verdict& verdict) {
  Json guards = counts_json(verdict.total);
  guards["programs"] = Json::object();
  for (const auto& [name, counts] : verdict.programs) guards["programs"][name] = counts_json(counts);
  print({{"accepted", verdict.diagnostics.empty()}, {"diagnostics", to_json(verdict.diagnostics)}, {"guards", guards}});
}

void print_text(const Verdict& verdict) {
  for (const auto& [name, counts] : verdict.programs) {
    fmt::print("{}: accepted; {} heap accesses, {} guarded, {} proved inside\n", name, counts.heap_accesses, counts.emitted, counts.elided);
  }
  report(verdict.diagnostics);
}

int verify(const Options& options) {
  Result<Verdict> verdict = verify_all(options);
  if (!verdict) {
    Verdict refused;
    refused.diagnostics = std::move(verdict).error();
    verdict = std::move(refused);
  }
  if (options.json) {
    print_json(*verdict);
  } else {
    print_text(*verdict);
  }
  return verdict->diagnostics.empty() ? kDone : kRefused;
}

}  // namespace

void add_verify(CLI::App& app, int& exit_code) {
  CLI::App* const verb = app.add_subcommand("verify", "prove the programs of an object safe, or say where they are not");
  const auto options = std::make_shared<Options>();
  verb->add_option("file", options->file, "BPF object")->required();
  verb->add_option("--interface", options->interface, "raw, conformance or a .tni file")->capture_default_str();
  verb->add_option("--program", options->programs, "only this program; may stand several times (default: all that load by themselves)");
  verb->add_flag("--json", options->json, "one JSON object on standard output");
  verb->callback([options, &exit_code] { exit_code = verify(*options); });
}

}  // namespace tenon::cli
