// SPDX-License-Identifier: Apache-2.0
// LLVM comes in with the first extension that is compiled, not with the library.
#include <dlfcn.h>
#include <fmt/format.h>

#include <filesystem>

#include "base/bug.hpp"
#include "engine/pipeline.hpp"

namespace tenon::engine {

namespace {

/// Beside the library (or program) that this code is part of: the build tree and an installed copy look alike.
std::filesystem::path plugin_path() {
  Dl_info self{};
  base::ensure(dladdr(reinterpret_cast<const void*>(&code_generator), &self) != 0, "this library has no file");
  return std::filesystem::absolute(self.dli_fname).parent_path() / codegen::kPluginFile;
}

Result<const codegen::Plugin*> load_plugin() {
  const std::string path = plugin_path().string();
  constexpr auto kHelp = "install it beside libtenon.so, or load with Backend::interpreter";
  void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return refuse("E0702", fmt::format("the code generator cannot be loaded: {}", dlerror()), kHelp);
  const auto entry = reinterpret_cast<codegen::PluginEntry>(dlsym(handle, codegen::kPluginSymbol));
  if (entry == nullptr) return refuse("E0702", fmt::format("{} has no {}", path, codegen::kPluginSymbol), kHelp);
  return entry();
}

}  // namespace

Result<const codegen::Plugin*> code_generator() {
  static const Result<const codegen::Plugin*> loaded = load_plugin();
  return loaded;
}

}  // namespace tenon::engine
