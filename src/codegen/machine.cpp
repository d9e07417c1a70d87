// SPDX-License-Identifier: Apache-2.0
// LLVM's optimiser and back end, set up so that they invent no calls (soundness.md, rule 3): every library function is declared absent. What slips
// through would be an undefined symbol, and read_object() stops at those.
#include <fmt/format.h>
#include <llvm/ADT/StringMap.h>
#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/CodeGen/MachineFunction.h>
#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/CodeGen/MachineModuleInfo.h>
#include <llvm/CodeGen/Passes.h>
#include <llvm/CodeGen/TargetRegisterInfo.h>
#include <llvm/CodeGen/TargetSubtargetInfo.h>
#include <llvm/CodeGen/TargetPassConfig.h>
#include <llvm/IR/AssemblyAnnotationWriter.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/DiagnosticPrinter.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/FormattedStream.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/TargetParser/Host.h>
#include <llvm/TargetParser/SubtargetFeature.h>

#include <mutex>

#include "base/bug.hpp"
#include "codegen/module.hpp"

namespace tenon::codegen {
namespace {

constexpr const char* kTriple = "x86_64-unknown-linux-gnu";
/// Instructions are chosen from what this machine has, but scheduled for no model: the models of single processors unroll loops that do not gain.
constexpr const char* kTuning = "x86-64";

/// clang has inlined once already, with LLVM's threshold of 225; doing so again only multiplies the code. Small functions still disappear.
constexpr int kInlinerThreshold = 45;

/// This machine's features, without AVX-512: its wide registers lower the clock of some processors for everybody.
std::string target_features() {
  llvm::SubtargetFeatures features;
  for (const auto& feature : llvm::sys::getHostCPUFeatures()) {
    const bool wanted = feature.second && !feature.first().starts_with("avx512") && !feature.first().starts_with("avx10");
    features.AddFeature(feature.first(), wanted);
  }
  features.AddFeature("evex512", false);
  return features.getString();
}

std::unique_ptr<llvm::TargetMachine> make_target_machine() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    llvm::InitializeNativeTargetAsmParser();
  });
  std::string error;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(kTriple, error);
  base::ensure(target != nullptr, "LLVM has no x86-64 back end");
  llvm::TargetOptions options;
  options.EmitStackSizeSection = true;
  options.MCOptions.AsmVerbose = false;
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(kTriple, kTuning, target_features(), options, llvm::Reloc::PIC_,
                                                                           llvm::CodeModel::Small, llvm::CodeGenOptLevel::Default));
  base::ensure(machine != nullptr, "LLVM cannot target this machine");
  return machine;
}

/// Costs milliseconds to make and is not thread-safe: one per thread.
llvm::TargetMachine& target_machine() {
  static thread_local const std::unique_ptr<llvm::TargetMachine> machine = make_target_machine();
  return *machine;
}

llvm::TargetLibraryInfoImpl no_library() {
  llvm::TargetLibraryInfoImpl library{llvm::Triple(kTriple)};
  library.disableAllFunctions();
  return library;
}

/// Collects what LLVM would print, while it lives.
class Complaints {
 public:
  explicit Complaints(llvm::LLVMContext& context) : context_(context) {
    context.setDiagnosticHandlerCallBack(
        [](const llvm::DiagnosticInfo* info, void* self) {
          if (info->getSeverity() != llvm::DS_Error) return;
          llvm::raw_string_ostream out(static_cast<Complaints*>(self)->text_);
          llvm::DiagnosticPrinterRawOStream printer(out);
          info->print(printer);
        },
        this);
  }
  ~Complaints() { context_.setDiagnosticHandlerCallBack(nullptr, nullptr); }
  Complaints(const Complaints&) = delete;

  Result<void> result() const {
    if (text_.empty()) return {};
    return refuse("E0701", fmt::format("the code generator cannot compile this program: {}", text_), "make its functions smaller");
  }

 private:
  llvm::LLVMContext& context_;
  std::string text_;
};

/// The runtime leaves these as it finds them when it ends an invocation, so compiled code must not change them (soundness.md, rule 15).
bool is_left_alone(llvm::StringRef name) { return name == "MXCSR" || name == "DF" || name == "FPCW"; }

void check_what_is_left_alone(const llvm::MachineInstr& instruction, const llvm::TargetRegisterInfo& registers) {
  for (const llvm::MachineOperand& operand : instruction.all_defs()) {
    if (operand.getReg().isPhysical() && is_left_alone(registers.getName(operand.getReg()))) base::bug("compiled code changes MXCSR or the direction flag");
  }
}

/// Last of all: whatever an access was merged with or folded into, its machine instruction gets the line of the access.
/// Fails: ShapeTest.FoldedAccessesNameTheirOwnInstruction.
class StampAccesses : public llvm::MachineFunctionPass {
 public:
  static inline char ID = 0;  // LLVM identifies passes by the address of this
  StampAccesses() : MachineFunctionPass(ID) {}

  bool runOnMachineFunction(llvm::MachineFunction& function) override {
    llvm::DISubprogram* const scope = function.getFunction().getSubprogram();
    for (llvm::MachineBasicBlock& block : function) {
      for (llvm::MachineInstr& instruction : block) {
        check_what_is_left_alone(instruction, *function.getSubtarget().getRegisterInfo());
        for (const llvm::MachineMemOperand* operand : instruction.memoperands()) {
          const unsigned space = operand->getAddrSpace();
          if (space < kFirstAccessSpace) continue;
          const unsigned line = space - kFirstAccessSpace + 1;
          instruction.setDebugLoc(llvm::DILocation::get(function.getFunction().getContext(), line, 0, scope));
        }
      }
    }
    return true;
  }
};

/// What addPassesToEmitFile() adds, but without merging the ends of blocks: equal accesses there belong to different instructions.
void add_back_end(llvm::legacy::PassManager& passes, llvm::raw_pwrite_stream& stream, llvm::CodeGenFileType type) {
  auto& machine = static_cast<llvm::LLVMTargetMachine&>(target_machine());
  llvm::TargetPassConfig* const config = machine.createPassConfig(passes);
  auto* const modules = new llvm::MachineModuleInfoWrapperPass(&machine);
  config->setEnableTailMerge(false);
  passes.add(config);
  passes.add(modules);
  base::ensure(!config->addISelPasses(), "LLVM cannot select instructions");
  config->addMachinePasses();
  config->setInitialized();
  passes.add(new StampAccesses);
  base::ensure(!machine.addAsmPrinter(passes, stream, nullptr, type, modules->getMMI().getContext()), "LLVM cannot write object files");
  passes.add(llvm::createFreeMachineFunctionPass());
}

Result<std::vector<char>> emit(Module& module, llvm::CodeGenFileType type) {
  const Complaints complaints(*module.context);
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  passes.add(new llvm::TargetLibraryInfoWrapperPass(no_library()));  // the pass manager owns its passes
  add_back_end(passes, stream, type);
  passes.run(*module.ir);
  if (auto done = complaints.result(); !done) return std::unexpected(std::move(done).error());
  return std::vector<char>(bytes.begin(), bytes.end());
}

/// True for the value that translate() makes of `symbol`.
bool is_relocated(const llvm::Value* value, std::string_view symbol) {
  const auto* call = llvm::dyn_cast<llvm::CallInst>(value);
  if (call == nullptr || !call->isInlineAsm()) return false;
  const auto& text = llvm::cast<llvm::InlineAsm>(call->getCalledOperand())->getAsmString();
  return std::string_view(text).find(fmt::format("\"{}\"", symbol)) != std::string_view::npos;
}

/// Splits an address into the terms of its sum.
struct Sum {
  bool has_base = false;
  std::set<const llvm::Value*> variable;

  void add(const llvm::Value* value) {
    if (llvm::isa<llvm::Constant>(value)) return;
    if (is_relocated(value, kHeapBaseSymbol)) {
      has_base = true;
      return;
    }
    const auto* op = llvm::dyn_cast<llvm::Operator>(value);
    const unsigned code = op == nullptr ? 0 : op->getOpcode();
    const bool adds = code == llvm::Instruction::Add || (code == llvm::Instruction::Or && llvm::cast<llvm::PossiblyDisjointInst>(op)->isDisjoint());
    if (adds || code == llvm::Instruction::GetElementPtr || code == llvm::Instruction::IntToPtr || code == llvm::Instruction::PtrToInt) {
      for (const llvm::Use& operand : op->operands()) add(operand);
      return;
    }
    variable.insert(value);
  }
};

const llvm::Value* address_of(const llvm::Instruction& instruction) {
  if (const llvm::Value* pointer = llvm::getLoadStorePointerOperand(&instruction)) return pointer;
  if (const auto* atomic = llvm::dyn_cast<llvm::AtomicRMWInst>(&instruction)) return atomic->getPointerOperand();
  if (const auto* exchange = llvm::dyn_cast<llvm::AtomicCmpXchgInst>(&instruction)) return exchange->getPointerOperand();
  return nullptr;
}

class SourceLines : public llvm::AssemblyAnnotationWriter {
 public:
  explicit SourceLines(const ir::Program& program) : program_(program) {}

  void emitInstructionAnnot(const llvm::Instruction* instruction, llvm::formatted_raw_ostream& out) override {
    const llvm::DebugLoc& at = instruction->getDebugLoc();
    if (!at || at.getLine() == 0 || at.getLine() == shown_) return;
    shown_ = at.getLine();
    const ir::InsnIdx i(shown_ - 1);
    const SourceLocation where = program_.locate(i);
    out << fmt::format("  ; insn {}", program_.slot(i));
    if (where.line != 0) out << fmt::format("  {}:{}: {}", where.file, where.line, where.text);
    out << '\n';
  }

 private:
  const ir::Program& program_;
  unsigned shown_ = 0;
};

}  // namespace

Result<void> prepare(Module& module, bool optimise) {
  const Complaints complaints(*module.context);
  llvm::TargetMachine& machine = target_machine();
  module.ir->setTargetTriple(kTriple);
  module.ir->setDataLayout(machine.createDataLayout());
  if (!optimise) return {};

  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PipelineTuningOptions tuning;
  tuning.InlinerThreshold = kInlinerThreshold;
  llvm::PassBuilder builder(&machine, tuning);
  functions.registerPass([] { return llvm::TargetLibraryAnalysis(no_library()); });
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2).run(*module.ir, modules);
  return complaints.result();
}

CallGraph call_graph(const Module& module) {
  CallGraph graph;
  for (const llvm::Function& function : *module.ir) {
    for (const llvm::Instruction& instruction : llvm::instructions(function)) {
      const auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction);
      if (call == nullptr) continue;
      if (is_relocated(call, kStackMarginSymbol)) graph.checks_stack.insert(function.getName().str());
      const llvm::Function* callee = call->getCalledFunction();
      if (callee != nullptr && !callee->isDeclaration()) graph.callees[function.getName().str()].insert(callee->getName().str());
    }
  }
  return graph;
}

std::uint32_t count_guards(const Module& module) {
  std::set<std::set<const llvm::Value*>> guards;
  for (const llvm::Function& function : *module.ir) {
    for (const llvm::Instruction& instruction : llvm::instructions(function)) {
      const llvm::Value* address = address_of(instruction);
      if (address == nullptr) continue;
      Sum sum;
      sum.add(address);
      if (sum.has_base && !sum.variable.empty()) guards.insert(sum.variable);
    }
  }
  return static_cast<std::uint32_t>(guards.size());
}

Result<std::vector<char>> emit_object(Module& module) { return emit(module, llvm::CodeGenFileType::ObjectFile); }

Result<std::string> emit_assembly(Module& module) {
  TENON_TRY(text, emit(module, llvm::CodeGenFileType::AssemblyFile));
  return std::string(text.begin(), text.end());
}

std::string print(const Module& module, const ir::Program& program) {
  std::string text;
  llvm::raw_string_ostream out(text);
  SourceLines lines(program);
  module.ir->print(out, &lines);
  return text;
}

}  // namespace tenon::codegen
