// SPDX-License-Identifier: Apache-2.0
// Guarded -> LLVM 19 -> CodeImage. Lives in a shared object of its own that is loaded on first need, so `tenon verify` does not pay LLVM's start-up.
#pragma once

#include <string>

#include <tenon/result.hpp>

#include "abi/code_image.hpp"
#include "instrument/guarded.hpp"

namespace tenon::codegen {

struct CompileOptions {
  abi::HeapShape shape;
  bool polls = false;    ///< Trigger::poll
  bool optimise = true;  ///< false: the translation as it is, for dumps and tests that look at what LLVM is told
};

/// Errors: E0701 LLVM refused the module (a limit of ours), E0702 the code generator cannot be loaded. Cost: milliseconds. Thread-safe.
Result<abi::CodeImage> compile(const instrument::Guarded& guarded, const CompileOptions& options);

/// `tenon dump --stage=llvm|asm`, with source lines.
Result<std::string> to_llvm_text(const instrument::Guarded& guarded, const CompileOptions& options);
Result<std::string> to_assembly_text(const instrument::Guarded& guarded, const CompileOptions& options);

}  // namespace tenon::codegen
