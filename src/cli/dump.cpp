// SPDX-License-Identifier: Apache-2.0
// tenon dump: a program as one stage sees it.
#include <fmt/format.h>

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
  std::string stage = "guarded";
  object::KernelFiles kernel;
  LoadOptions load;
};

Result<std::string> dump_program(const object::Object& object, const std::string& name, const Options& options) {
  if (options.stage == "ir") {
    TENON_TRY(program, object::decode(object, name));
    return ir::to_text(program);
  }
  TENON_TRY(interface, engine::find_interface(options.interface));
  TENON_TRY(guarded, engine::guard(object, name, engine::share_declarations(interface), options.load.performance_mode));
  if (options.stage == "proof") return verify::to_text(guarded.proof());
  if (options.stage == "tables") return verify::tables_to_text(guarded.proof());
  if (options.stage == "guarded") return instrument::to_text(guarded);
  TENON_TRY(generator, engine::code_generator());
  const codegen::CompileOptions compile{abi::shape_for(options.load.heap_bytes), options.load.trigger == Trigger::poll};
  return options.stage == "llvm" ? generator->to_llvm_text(guarded, compile) : generator->to_assembly_text(guarded, compile);
}

Result<std::string> dump_all(const Options& options) {
  TENON_TRY(object, object::read_file(options.file, std::make_shared<const object::Kernel>(options.kernel)));
  TENON_TRY(names, engine::select_programs(object, options.programs));
  const Progress progress("dumping " + options.file);
  std::string text;
  for (const std::string& name : names) {
    TENON_TRY(one, dump_program(object, name, options));
    text += one;
  }
  return text;
}

int dump(const Options& options) {
  const auto text = dump_all(options);
  if (!text) return report(text.error());
  fmt::print("{}", *text);
  return kDone;
}

}  // namespace

void add_dump(CLI::App& app, int& exit_code) {
  CLI::App* const verb = app.add_subcommand("dump", "print a program as one stage of the pipeline sees it");
  const auto options = std::make_shared<Options>();
  verb->add_option("file", options->file, "BPF object")->required();
  verb->add_option("--stage", options->stage, "ir, proof, tables, guarded, llvm or asm")
      ->check(CLI::IsMember({"ir", "proof", "tables", "guarded", "llvm", "asm"}))
      ->capture_default_str();
  verb->add_option("--interface", options->interface, "raw, conformance or a .tni file")->capture_default_str();
  verb->add_option("--program", options->programs, "only this program; may stand several times (default: all that load by themselves)");
  add_kernel_options(*verb, options->kernel);
  add_load_options(*verb, options->load);
  verb->callback([options, &exit_code] { exit_code = dump(*options); });
}

}  // namespace tenon::cli
