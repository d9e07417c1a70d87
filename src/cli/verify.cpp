// SPDX-License-Identifier: Apache-2.0
// tenon verify: reads, proves and guards every program of an object; nothing runs.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "cli/cli.hpp"
#include "cli/report.hpp"
#include "cli/values.hpp"
#include "engine/builtin_interfaces.hpp"
#include "engine/pipeline.hpp"

namespace tenon::cli {

namespace {

struct Options {
  std::string file;
  std::string interface = "raw";
  std::vector<std::string> programs;
  object::KernelFiles kernel;
  bool json = false;
};

/// What was found about one program: guards, or why it is refused.
struct ProgramVerdict {
  std::string name, section;
  Result<instrument::GuardCounts> counts;
};
struct Verdict {
  Diagnostics unusable;  ///< of the object as a whole
  std::vector<ProgramVerdict> programs;

  bool is_accepted() const {
    return unusable.empty() && std::all_of(programs.begin(), programs.end(), [](const ProgramVerdict& p) { return p.counts.has_value(); });
  }
};

Json counts_json(const instrument::GuardCounts& counts) {
  return {{"heap_accesses", counts.heap_accesses}, {"elided", counts.elided}, {"emitted", counts.emitted}};
}

std::string section_of(const object::Object& object, std::string_view name) {
  for (const object::EntryPoint& entry : object.entry_points()) {
    if (entry.name == name) return entry.section;
  }
  return {};
}

Result<instrument::GuardCounts> verify_program(const object::Object& object, const std::string& name,
                                               const engine::SharedDeclarations& declarations) {
  TENON_TRY(guarded, engine::guard(object, name, declarations));
  return guarded.counts();
}

Result<Verdict> verify_all(const Options& options) {
  TENON_TRY(interface, engine::find_interface(options.interface));
  const auto declarations = engine::share_declarations(interface);
  TENON_TRY(object, object::read_file(options.file, std::make_shared<const object::Kernel>(options.kernel)));
  TENON_TRY(names, engine::select_programs(object, options.programs));
  Verdict verdict;
  Progress progress("verifying " + options.file, names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    progress.step(i);
    verdict.programs.push_back({names[i], section_of(object, names[i]), verify_program(object, names[i], declarations)});
  }
  return verdict;
}

void print_json(const Verdict& verdict) {
  Diagnostics diagnostics = verdict.unusable;
  instrument::GuardCounts total;
  Json guarded = Json::object(), programs = Json::array();
  for (const ProgramVerdict& program : verdict.programs) {
    Json one{{"name", program.name}, {"section", program.section}, {"accepted", program.counts.has_value()}};
    one["diagnostics"] = program.counts ? Json::array() : to_json(program.counts.error());
    programs.push_back(std::move(one));
    if (!program.counts) {
      diagnostics.insert(diagnostics.end(), program.counts.error().begin(), program.counts.error().end());
      continue;
    }
    guarded[program.name] = counts_json(*program.counts);
    total.heap_accesses += program.counts->heap_accesses;
    total.elided += program.counts->elided;
    total.emitted += program.counts->emitted;
  }
  Json guards = counts_json(total);
  guards["programs"] = std::move(guarded);
  print({{"accepted", verdict.is_accepted()}, {"diagnostics", to_json(diagnostics)}, {"programs", programs}, {"guards", guards}});
}

/// Verdicts go to standard output, reasons to standard error, each after its verdict; of a lone program the reasons are verdict enough.
void print_text(const Verdict& verdict) {
  for (const ProgramVerdict& program : verdict.programs) {
    if (program.counts) {
      fmt::print("{}: accepted; {} heap accesses, {} guarded, {} proved inside\n", program.name, program.counts->heap_accesses,
                 program.counts->emitted, program.counts->elided);
    } else {
      if (verdict.programs.size() > 1) fmt::print("{}: refused (section '{}')\n", program.name, program.section);
      std::fflush(stdout);
      report(program.counts.error());
    }
  }
  report(verdict.unusable);
}

int verify(const Options& options) {
  Result<Verdict> verdict = verify_all(options);
  if (!verdict) verdict = Verdict{.unusable = std::move(verdict).error(), .programs = {}};
  if (options.json) {
    print_json(*verdict);
  } else {
    print_text(*verdict);
  }
  return verdict->is_accepted() ? kDone : kRefused;
}

}  // namespace

void add_verify(CLI::App& app, int& exit_code) {
  CLI::App* const verb = app.add_subcommand("verify", "prove the programs of an object safe, or say where they are not");
  const auto options = std::make_shared<Options>();
  verb->add_option("file", options->file, "BPF object")->required();
  verb->add_option("--interface", options->interface, "raw, conformance or a .tni file")->capture_default_str();
  verb->add_option("--program", options->programs, "only this program; may stand several times (default: all that load by themselves)");
  add_kernel_options(*verb, options->kernel);
  verb->add_flag("--json", options->json, "one JSON object on standard output");
  verb->callback([options, &exit_code] { exit_code = verify(*options); });
}

}  // namespace tenon::cli
