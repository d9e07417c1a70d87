// SPDX-License-Identifier: Apache-2.0
// The pipeline inside the code generator, and the table through which it is reached.
#include "codegen/plugin.hpp"

#include "codegen/module.hpp"

namespace tenon::codegen {
namespace {

Result<Module> module_for(const instrument::Guarded& guarded, const CompileOptions& options) {
  Module module = translate(guarded, options.shape, options.polls);
  if (auto done = prepare(module, options.optimise); !done) return std::unexpected(std::move(done).error());
  return module;
}

/// Functions that are run by themselves.
void find_entries(const instrument::Guarded& guarded, abi::CodeImage& image) {
  const ir::Program& program = guarded.program();
  for (ir::FunctionIdx f{0u}; f.index() < program.functions().size(); ++f) {
    if (!stands_alone(guarded, f)) continue;
    const auto& number = program.function(f).value;
    if (program.exception_callback() == f) image.exception_callback = static_cast<std::uint32_t>(image.functions.size());
    image.functions.push_back({f.value, number ? ir::kFunctionValueBase + *number : 0});
  }
}

}  // namespace

Result<abi::CodeImage> compile(const instrument::Guarded& guarded, const CompileOptions& options) {
  TENON_TRY(module, module_for(guarded, options));
  abi::CodeImage image;
  image.shape = options.shape;
  image.polls = options.polls;
  find_entries(guarded, image);
  image.guards_after_llvm = count_guards(module);
  const CallGraph calls = call_graph(module);
  TENON_TRY(object, emit_object(module));
  read_object(object, calls, image);
  image.sites = std::move(module.sites);
  return image;
}

Result<std::string> to_llvm_text(const instrument::Guarded& guarded, const CompileOptions& options) {
  TENON_TRY(module, module_for(guarded, options));
  return print(module, guarded.program());
}

Result<std::string> to_assembly_text(const instrument::Guarded& guarded, const CompileOptions& options) {
  TENON_TRY(module, module_for(guarded, options));
  TENON_TRY(assembly, emit_assembly(module));
  return listing(assembly, guarded.program());
}

}  // namespace tenon::codegen

const tenon::codegen::Plugin* tenon_codegen_v1() {
  static constexpr tenon::codegen::Plugin kPlugin{&tenon::codegen::compile, &tenon::codegen::to_llvm_text, &tenon::codegen::to_assembly_text};
  return &kPlugin;
}
