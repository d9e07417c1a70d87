// SPDX-License-Identifier: Apache-2.0
// What the shared object of the code generator exports: one C symbol that gives this table. Whoever loads it checks nothing else; both sides are built
// from the same sources.
#pragma once

#include "codegen/codegen.hpp"

namespace tenon::codegen {

struct Plugin {
  Result<abi::CodeImage> (*compile)(const instrument::Guarded& guarded, const CompileOptions& options);
  Result<std::string> (*to_llvm_text)(const instrument::Guarded& guarded, const CompileOptions& options);
  Result<std::string> (*to_assembly_text)(const instrument::Guarded& guarded, const CompileOptions& options);
};

inline constexpr const char* kPluginFile = "libtenon-codegen.so";
inline constexpr const char* kPluginSymbol = "tenon_codegen_v1";
using PluginEntry = const Plugin* (*)();

}  // namespace tenon::codegen

extern "C" [[gnu::visibility("default")]] const tenon::codegen::Plugin* tenon_codegen_v1();
