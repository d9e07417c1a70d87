// SPDX-License-Identifier: Apache-2.0
// The steps inside the code generator, and what they hand to one another. Free of LLVM headers, so that only three files pay for them:
// translate (Guarded -> module), machine (module -> object file in memory), image_reader (object file -> CodeImage).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <tenon/result.hpp>

#include "abi/code_image.hpp"
#include "instrument/guarded.hpp"

namespace llvm {
class LLVMContext;
class Module;
}  // namespace llvm

namespace tenon::codegen {

/// Symbols that the generated code may leave undefined; each becomes a relocation, or (stack margin) a number. Anything else undefined is a bug of ours.
inline constexpr std::string_view kHeapBaseSymbol = "tenon.heap_base";
inline constexpr std::string_view kGlobalsSymbol = "tenon.globals";
inline constexpr std::string_view kSitePrefix = "tenon.site.";
inline constexpr std::string_view kThunkPrefix = "tenon.thunk.";
/// Bytes that any function may need below its stack pointer before the next check of the native stack; known once frames have sizes.
inline constexpr std::string_view kStackMarginSymbol = "tenon.stack_margin";
/// BPF function n is "bpf.<n>"; the entry is number 0.
inline constexpr std::string_view kEntrySymbol = "bpf.0";
inline std::string function_symbol(std::uint32_t n) { return "bpf." + std::to_string(n); }

/// A fault must name its instruction. So each heap access has an address space of its own, which means nothing to this target (its own ones lie below): LLVM
/// makes no single access out of two equal ones, and whatever becomes of the access, its memory operand still says whose it is.
inline constexpr unsigned kFirstAccessSpace = 1024, kAccessSpaces = (1u << 24) - kFirstAccessSpace;

struct Module {
  Module();
  Module(Module&& other) noexcept;
  ~Module();
  std::unique_ptr<llvm::LLVMContext> context;  // outlives `ir`
  std::unique_ptr<llvm::Module> ir;
  std::vector<abi::CallSite> sites;
};

/// Its address is taken, or the runtime calls it: it needs a place of its own, whatever the optimiser makes of its callers.
bool stands_alone(const instrument::Guarded& guarded, ir::FunctionIdx f);

/// Instruction i carries the debug location of line i + 1: that is how native code finds its way back.
Module translate(const instrument::Guarded& guarded, const abi::HeapShape& shape, bool polls);

/// The optimised module's calls between its own functions.
struct CallGraph {
  std::map<std::string, std::set<std::string>> callees;
  std::set<std::string> checks_stack;  ///< functions that test the native stack limit in their prologue
};

/// Fixes the target and, with `optimise`, runs the optimiser. Errors: E0701.
Result<void> prepare(Module& module, bool optimise);
CallGraph call_graph(const Module& module);
/// Distinct guard values left: what is added to the heap base to form addresses, constants aside.
std::uint32_t count_guards(const Module& module);

/// Errors: E0701.
Result<std::vector<char>> emit_object(Module& module);
Result<std::string> emit_assembly(Module& module);
/// LLVM text; each change of source line is announced by a comment.
std::string print(const Module& module, const ir::Program& program);

/// Lays out the object's sections, resolves what can be, and turns the rest into relocations and tables. The object is LLVM's: what is not understood
/// is a bug of ours. `image.functions` says which functions' places are wanted.
void read_object(const std::vector<char>& object, const CallGraph& calls, abi::CodeImage& image);

/// Native stack: bytes per frame by symbol, as the compiler reports them.
struct StackNeed {
  std::map<std::string, std::uint64_t> from;  ///< by function: deepest chain from it down to and including the next function that checks
  std::uint64_t margin = 0;                   ///< the same below any function
};
StackNeed stack_need(const CallGraph& calls, const std::map<std::string, std::uint64_t>& frame_bytes);

/// The compiler's assembly without directives, with source lines instead of .loc.
std::string listing(std::string_view assembly, const ir::Program& program);

}  // namespace tenon::codegen
