// SPDX-License-Identifier: Apache-2.0
// Guarded -> LLVM module: one function per reachable BPF function, one basic block per block of the graph, registers as stack slots that LLVM
// promotes.
//
// What LLVM is told is true of register values and of the private frame, and of nothing else (soundness.md, rules 8 and 9): no nsw, nuw, exact,
// inbounds, noalias, dereferenceable or mustprogress anywhere, alignment 1 unless an atomic's alignment was proved or tested just before. Heap
// accesses, and host memory declared shared, are volatile: like `monotonic` they stay one to one and in order, but they may be misaligned, which
// LLVM's atomics may not (they would become library calls, or the alignment would be a lie). Fails: CompileTest.LoopOnAFlagKeepsItsLoad
#include <fmt/format.h>
#include <llvm/IR/DIBuilder.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/Intrinsics.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>

#include <array>

#include "base/bug.hpp"
#include "codegen/arithmetic.hpp"
#include "codegen/module.hpp"

namespace tenon::codegen {
namespace {

using Builder = llvm::IRBuilder<>;
using llvm::Value;
using verify::MemClass;

constexpr unsigned kParameters = 5;
constexpr std::uint64_t kStackAlignBytes = 16;

std::uint64_t align_up(std::uint64_t n, std::uint64_t to) { return (n + to - 1) / to * to; }

/// What all functions of a module share.
struct Shared {
  const instrument::Guarded& guarded;
  const abi::HeapShape& shape;
  const bool polls;
  llvm::Module& ir;
  std::vector<abi::CallSite>& sites;
  llvm::DIBuilder& debug;
  llvm::DIFile* file;
  std::vector<llvm::Function*> functions;  // by ir::FunctionIdx; null where unreachable

  const ir::Program& program() const { return guarded.program(); }
  const verify::Proof& proof() const { return guarded.proof(); }
  llvm::LLVMContext& context() const { return ir.getContext(); }
};

/// A number that install fills in, as a value that LLVM knows nothing about.
llvm::CallInst* relocated(Builder& b, llvm::Type* type, std::string_view symbol) {
  const std::string text = fmt::format("movabsq $$\"{}\", $0", symbol);
  auto* call = b.CreateCall(llvm::InlineAsm::get(llvm::FunctionType::get(type, false), text, "=r", /*hasSideEffects=*/false));
  call->setDoesNotThrow();
  call->setDoesNotAccessMemory();
  return call;
}

/// Translates one function. Used once.
class FunctionTranslator {
 public:
  FunctionTranslator(Shared& shared, ir::FunctionIdx index)
      : s_(shared),
        index_(index),
        facts_(shared.proof().function(index)),
        function_(shared.functions[index.index()]),
        b_(shared.context()),
        math_(b_) {}

  void run() {
    attach_debug_info();
    create_blocks();
    prologue();
    for (const auto& [block, target] : blocks_) translate_block(block, target);
  }

 private:
  // --- frame and registers -------------------------------------------------------------------------------------------------------------------------

  void attach_debug_info() {
    auto* type = s_.debug.createSubroutineType(s_.debug.getOrCreateTypeArray({}));
    const ir::Function& bpf = s_.program().function(index_);
    scope_ = s_.debug.createFunction(s_.file, bpf.name, function_->getName(), s_.file, line_of(bpf.begin), type, line_of(bpf.begin),
                                     llvm::DINode::FlagZero, llvm::DISubprogram::SPFlagDefinition);
    function_->setSubprogram(scope_);
  }

  static unsigned line_of(ir::InsnIdx i) { return i.value + 1; }
  void locate(ir::InsnIdx i) {
    at_ = i;
    b_.SetCurrentDebugLocation(llvm::DILocation::get(s_.context(), line_of(i), 0, scope_));
  }

  void create_blocks() {
    entry_ = llvm::BasicBlock::Create(s_.context(), "entry", function_);
    const ir::Function& bpf = s_.program().function(index_);
    for (ir::InsnIdx i = bpf.begin; i < bpf.end; i = s_.program().block(s_.program().block_of(i)).end) {
      const ir::BlockIdx block = s_.program().block_of(i);
      if (s_.proof().reachable(i)) blocks_.emplace(block, llvm::BasicBlock::Create(s_.context(), fmt::format("insn{}", i.value), function_));
    }
  }

  void prologue() {
    b_.SetInsertPoint(entry_);
    const ir::InsnIdx begin = s_.program().function(index_).begin;
    locate(begin);
    for (unsigned r = 0; r < index(isa::kFramePointer); ++r) registers_[r] = b_.CreateAlloca(b_.getInt64Ty(), nullptr, fmt::format("r{}", r));
    frame_bytes_ = std::max(align_up(facts_.frame_bytes, kStackAlignBytes), kStackAlignBytes);
    frame_ = b_.CreateAlloca(llvm::ArrayType::get(b_.getInt8Ty(), frame_bytes_), nullptr, "frame");
    frame_->setAlignment(llvm::Align(kStackAlignBytes));
    // The proof says that no register is read before it is written; should it be wrong, the value is 0 and not LLVM's choice.
    for (unsigned r = 0; r < index(isa::kFramePointer); ++r) b_.CreateStore(b_.getInt64(0), registers_[r]);
    for (unsigned p = 0; p < kParameters; ++p) b_.CreateStore(function_->getArg(p), registers_[p + 1]);
    heap_base_ = relocated(b_, b_.getPtrTy(), kHeapBaseSymbol);
    if (s_.shape.form == abi::HeapForm::window32) {
      heap_base_->addRetAttr(llvm::Attribute::getWithAlignment(s_.context(), llvm::Align(abi::kWindow32Bytes)));
    }
    if (s_.polls) poll_page_ = b_.CreateLoad(b_.getPtrTy(), invocation_field(offsetof(abi::Invocation, poll_page)), "poll.page");
    if (facts_.recursive) check_native_stack();
    // Calls need no cycle to take for ever: each of n functions may call the next one twice. The entry is called once, unless it is recursive.
    if (index_.value != 0 || facts_.recursive) poll();
    frame_top_ = facts_.heap_frame ? take_heap_frame() : b_.CreatePtrToInt(frame_slot(0), b_.getInt64Ty(), "frame.top");
    b_.CreateBr(blocks_.at(s_.program().entry_block(index_)));
  }

  /// The stack pointer is read after the prologue, so this frame is already inside it.
  void check_native_stack() {
    auto* name = llvm::MetadataAsValue::get(s_.context(), llvm::MDNode::get(s_.context(), llvm::MDString::get(s_.context(), "rsp")));
    Value* rsp = b_.CreateIntrinsic(llvm::Intrinsic::read_volatile_register, {b_.getInt64Ty()}, {name});
    Value* needed = relocated(b_, b_.getInt64Ty(), kStackMarginSymbol);
    Value* room = b_.CreateSub(rsp, load_invocation(offsetof(abi::Invocation, native_stack_limit)));
    // Signed: below the limit the difference is negative. Both are user-space addresses, so it cannot overflow.
    cancel_unless(b_.CreateICmpSGE(room, needed), abi::ThunkSlot::cancel_stack);
  }

  Value* invocation_field(std::size_t offset) { return b_.CreateConstGEP1_64(b_.getInt8Ty(), function_->getArg(kParameters), offset); }
  Value* load_invocation(std::size_t offset) { return b_.CreateLoad(b_.getInt64Ty(), invocation_field(offset)); }

  /// Takes this function's frame from the invocation's stack inside the heap; the value of r10 is its top. Every exit gives it back.
  Value* take_heap_frame() {
    Value* top = load_invocation(offsetof(abi::Invocation, heap_stack_pointer));
    Value* free_bytes = b_.CreateSub(top, load_invocation(offsetof(abi::Invocation, heap_stack_limit)));
    cancel_unless(b_.CreateICmpUGE(free_bytes, b_.getInt64(frame_bytes_)), abi::ThunkSlot::cancel_stack);
    b_.CreateStore(b_.CreateSub(top, b_.getInt64(frame_bytes_)), invocation_field(offsetof(abi::Invocation, heap_stack_pointer)));
    return top;
  }

  /// The private frame at r10 + off.
  Value* frame_slot(std::int64_t off) { return b_.CreateConstGEP1_64(b_.getInt8Ty(), frame_, frame_bytes_ + off); }

  Value* get(isa::Reg reg) {
    if (reg == isa::kFramePointer) return frame_top_;
    return b_.CreateLoad(b_.getInt64Ty(), registers_[index(reg)]);
  }
  Value* get(const isa::Operand& operand) {
    if (const auto* reg = std::get_if<isa::Reg>(&operand)) return get(*reg);
    return b_.getInt64(static_cast<std::uint64_t>(std::get<isa::Imm>(operand).value));
  }
  /// `value` may be narrower; it is zero-extended.
  void set(isa::Reg reg, Value* value) {
    base::ensure(reg != isa::kFramePointer, "r10 is never written");
    b_.CreateStore(b_.CreateZExt(value, b_.getInt64Ty()), registers_[index(reg)]);
  }
  Value* low(Value* value, unsigned bits) { return b_.CreateTrunc(value, b_.getIntNTy(bits)); }

  // --- control flow --------------------------------------------------------------------------------------------------------------------------------

  void translate_block(ir::BlockIdx index, llvm::BasicBlock* target) {
    b_.SetInsertPoint(target);
    const ir::Block& block = s_.program().block(index);
    for (ir::InsnIdx i = block.begin; i < block.end; ++i) {
      if (!s_.proof().reachable(i)) return trap();  // after a call that does not return
      locate(i);
      std::visit([this](const auto& insn) { translate(insn); }, s_.program().insn(i));
      if (b_.GetInsertBlock()->getTerminator() != nullptr) return;
    }
    if (block.successors.empty()) return trap();  // after a call that does not return
    b_.CreateBr(block_at(block.end));
  }

  /// Where control cannot come, by proof: if it does, the processor stops it.
  void trap() {
    b_.CreateIntrinsic(llvm::Intrinsic::trap, {}, {});
    b_.CreateUnreachable();
  }

  llvm::BasicBlock* block_at(ir::InsnIdx i) {
    const auto found = blocks_.find(s_.program().block_of(i));
    if (found != blocks_.end()) return found->second;
    if (never_ == nullptr) {
      const llvm::IRBuilderBase::InsertPointGuard keep(b_);
      never_ = llvm::BasicBlock::Create(s_.context(), "never", function_);
      b_.SetInsertPoint(never_);
      trap();
    }
    return never_;
  }

  /// Volatile, so LLVM keeps it once per turn. Fails: ShapeTest.EveryLoopPolls.
  void poll() {
    if (s_.polls) b_.CreateAlignedLoad(b_.getInt32Ty(), poll_page_, llvm::Align(4), /*isVolatile=*/true);
  }
  /// Every cycle goes back to an earlier instruction somewhere. Before the branch and not on its edge: a block of its own would cost a jump per turn.
  void poll_before(ir::InsnIdx target) {
    if (target <= at_) poll();
  }

  void translate(const isa::Jump& jump) {
    poll_before(ir::InsnIdx(jump.target));
    b_.CreateBr(block_at(ir::InsnIdx(jump.target)));
  }
  void translate(const isa::MayGoto&) {}  // loops have no budget here: it falls through
  void translate(const isa::Branch& branch) {
    poll_before(ir::InsnIdx(branch.target));
    const unsigned bits = branch.is64 ? 64 : 32;
    Value* taken = math_.compare(branch.op, low(get(branch.dst), bits), low(get(branch.src), bits));
    b_.CreateCondBr(taken, block_at(ir::InsnIdx(branch.target)), block_at(at_ + 1));
  }
  void translate(const isa::Exit&) {
    if (facts_.heap_frame) b_.CreateStore(frame_top_, invocation_field(offsetof(abi::Invocation, heap_stack_pointer)));
    b_.CreateRet(get(isa::Reg::r0));
  }

  // --- calls ---------------------------------------------------------------------------------------------------------------------------------------

  void translate(const isa::Call& call) {
    switch (call.kind) {
      case isa::Call::Kind::host:
        return call_host();
      case isa::Call::Kind::local:
        return finish_call(call_local(ir::FunctionIdx(call.target)));
      case isa::Call::Kind::indirect:
        return call_indirect(static_cast<isa::Reg>(call.target));
      case isa::Call::Kind::kfunc:
        break;
    }
    base::bug("a call that link() should have replaced");
  }

  Value* site(const abi::CallSite& record) {
    s_.sites.push_back(record);
    return relocated(b_, b_.getPtrTy(), fmt::format("{}{}", kSitePrefix, s_.sites.size() - 1));
  }
  Value* thunk(abi::ThunkSlot slot) { return relocated(b_, b_.getPtrTy(), fmt::format("{}{}", kThunkPrefix, static_cast<unsigned>(slot))); }

  void call_host() {
    const verify::CallFacts& facts = s_.proof().call(at_);
    abi::CallSite record{at_.value, facts.host_function.value, 0};
    std::array<Value*, kParameters + 1> arguments;
    for (unsigned a = 0; a < kParameters; ++a) {
      if (facts.arguments[a] == verify::ArgClass::heap) record.heap_arguments |= 1u << a;
      const bool used = facts.arguments[a] != verify::ArgClass::unused;
      arguments[a] = used ? get(static_cast<isa::Reg>(a + 1)) : llvm::PoisonValue::get(b_.getInt64Ty());  // nobody reads it
    }
    arguments[kParameters] = site(record);
    std::array<llvm::Type*, kParameters + 1> types;
    types.fill(b_.getInt64Ty());
    types[kParameters] = b_.getPtrTy();
    auto* result = b_.CreateCall(llvm::FunctionType::get(b_.getInt64Ty(), types, false), thunk(abi::ThunkSlot::host_call), arguments);
    result->setDoesNotThrow();
    if (s_.proof().declarations().at(facts.host_function).no_return) return trap();
    finish_call(result);
  }

  Value* call_local(ir::FunctionIdx callee) {
    llvm::Function* target = s_.functions[callee.index()];
    base::ensure(target != nullptr, "a reachable call of an unreachable function");
    std::array<Value*, kParameters + 1> arguments;
    for (unsigned a = 0; a < kParameters; ++a) arguments[a] = get(static_cast<isa::Reg>(a + 1));
    arguments[kParameters] = function_->getArg(kParameters);
    auto* result = b_.CreateCall(target, arguments);
    result->setDoesNotThrow();
    return result;
  }

  /// r0 is the result; r1 to r5 hold nothing that may be read.
  void finish_call(Value* result) {
    set(isa::Reg::r0, result);
    for (unsigned a = 1; a <= kParameters; ++a) b_.CreateStore(b_.getInt64(0), registers_[a]);
  }

  /// A function value is no address: it selects among the functions of this program whose address is taken.
  void call_indirect(isa::Reg reg) {
    Value* value = get(reg);
    auto* bad = llvm::BasicBlock::Create(s_.context(), "bad.call", function_);
    auto* done = llvm::BasicBlock::Create(s_.context(), "called", function_);
    auto* choice = b_.CreateSwitch(value, bad);
    for (ir::FunctionIdx f{0u}; f.index() < s_.functions.size(); ++f) {
      const auto& number = s_.program().function(f).value;
      if (!number || s_.functions[f.index()] == nullptr) continue;
      auto* target = llvm::BasicBlock::Create(s_.context(), fmt::format("to{}", f.value), function_);
      choice->addCase(b_.getInt64(ir::kFunctionValueBase + *number), target);
      b_.SetInsertPoint(target);
      finish_call(call_local(f));
      b_.CreateBr(done);
    }
    b_.SetInsertPoint(bad);
    cancel(abi::ThunkSlot::cancel_bad_call);
    b_.SetInsertPoint(done);
  }

  void cancel(abi::ThunkSlot slot) {
    auto* type = llvm::FunctionType::get(b_.getVoidTy(), {b_.getPtrTy()}, false);
    auto* call = b_.CreateCall(type, thunk(slot), {site({at_.value, 0, 0})});
    call->setDoesNotThrow();
    trap();
  }
  void cancel_unless(Value* condition, abi::ThunkSlot slot) {
    auto* stop = llvm::BasicBlock::Create(s_.context(), "cancel", function_);
    auto* go_on = llvm::BasicBlock::Create(s_.context(), "", function_);
    auto* branch = b_.CreateCondBr(condition, go_on, stop);
    branch->setMetadata(llvm::LLVMContext::MD_prof, llvm::MDBuilder(s_.context()).createLikelyBranchWeights());
    b_.SetInsertPoint(stop);
    cancel(slot);
    b_.SetInsertPoint(go_on);
  }

  // --- memory --------------------------------------------------------------------------------------------------------------------------------------

  struct Place {
    Value* pointer;
    bool is_volatile;
  };

  /// The guard: an address computation that leaves the register alone (rule 4). The window's own alignment makes it the identity inside the window.
  Value* into_window(Value* value) {
    if (s_.shape.form == abi::HeapForm::window32) return b_.CreateZExt(low(value, 32), b_.getInt64Ty());
    return b_.CreateAnd(value, b_.getInt64(s_.shape.window_bytes - 1));
  }

  Value* displaced(Value* base, std::int16_t off) { return b_.CreateAdd(base, b_.getInt64(static_cast<std::int64_t>(off))); }
  Value* as_is(isa::Reg base, std::int16_t off) { return b_.CreateIntToPtr(displaced(get(base), off), b_.getPtrTy()); }

  /// Fails: ShapeTest.EqualAccessesKeepTheirOwnInstructions.
  Value* heap_pointer(Value* address) {
    base::ensure(at_.index() < kAccessSpaces, "more instructions than address spaces");
    return b_.CreateIntToPtr(address, llvm::PointerType::get(s_.context(), kFirstAccessSpace + static_cast<unsigned>(at_.index())));
  }

  Place place(isa::Reg base, std::int16_t off, isa::Width width) {
    const verify::AccessFacts& facts = s_.proof().access(at_);
    switch (facts.memory) {
      case MemClass::heap: {
        Value* address = get(base);
        if (s_.guarded.guard(at_) == instrument::Guard::window)
          address = b_.CreateAdd(b_.CreatePtrToInt(heap_base_, b_.getInt64Ty()), into_window(address));
        return {heap_pointer(displaced(address, off)), true};
      }
      case MemClass::heap_stack:
        return {heap_pointer(displaced(get(base), off)), true};
      case MemClass::stack:
        if (base != isa::kFramePointer) return {as_is(base, off), false};
        base::ensure(off >= -static_cast<std::int64_t>(frame_bytes_) && off + static_cast<int>(bytes(width)) <= 0,
                     "a stack access outside its frame");
        return {frame_slot(off), false};
      case MemClass::context:
      case MemClass::host:
        return {as_is(base, off), facts.shared};
      case MemClass::unreachable:
        break;
    }
    base::bug("a reachable access without a memory class");
  }

  llvm::IntegerType* type_of(isa::Width width) { return b_.getIntNTy(bytes(width) * 8); }

  void translate(const isa::Load& load) {
    const Place from = place(load.base, load.off, load.width);
    Value* value = b_.CreateAlignedLoad(type_of(load.width), from.pointer, llvm::Align(1), from.is_volatile);
    set(load.dst, load.sign_extend ? b_.CreateSExt(value, b_.getInt64Ty()) : value);
  }
  void translate(const isa::Store& store) {
    const Place to = place(store.base, store.off, store.width);
    b_.CreateAlignedStore(low(get(store.src), bytes(store.width) * 8), to.pointer, llvm::Align(1), to.is_volatile);
  }

  /// Where an atomic access goes: natural alignment is proved, or tested here (rule 6).
  Place aligned_place(isa::Reg base, std::int16_t off, isa::Width width) {
    const Place where = place(base, off, width);
    if (!s_.guarded.check_alignment(at_)) return where;
    Value* rest = b_.CreateAnd(b_.CreatePtrToInt(where.pointer, b_.getInt64Ty()), b_.getInt64(bytes(width) - 1));
    cancel_unless(b_.CreateICmpEQ(rest, b_.getInt64(0)), abi::ThunkSlot::cancel_misaligned);
    return where;
  }

  void translate(const isa::LoadAcquire& load) {
    const Place from = aligned_place(load.base, load.off, load.width);
    auto* value = b_.CreateAlignedLoad(type_of(load.width), from.pointer, llvm::Align(bytes(load.width)), from.is_volatile);
    value->setAtomic(llvm::AtomicOrdering::Acquire);
    set(load.dst, value);
  }
  void translate(const isa::StoreRelease& store) {
    const Place to = aligned_place(store.base, store.off, store.width);
    auto* access = b_.CreateAlignedStore(low(get(store.src), bytes(store.width) * 8), to.pointer, llvm::Align(bytes(store.width)), to.is_volatile);
    access->setAtomic(llvm::AtomicOrdering::Release);
  }

  static llvm::AtomicRMWInst::BinOp operation(isa::AtomicOp op) {
    switch (op) {
      case isa::AtomicOp::add:
        return llvm::AtomicRMWInst::Add;
      case isa::AtomicOp::bit_or:
        return llvm::AtomicRMWInst::Or;
      case isa::AtomicOp::bit_and:
        return llvm::AtomicRMWInst::And;
      case isa::AtomicOp::bit_xor:
        return llvm::AtomicRMWInst::Xor;
      case isa::AtomicOp::xchg:
        return llvm::AtomicRMWInst::Xchg;
      case isa::AtomicOp::cmpxchg:
        break;
    }
    base::bug("no read-modify-write operation");
  }

  void translate(const isa::Atomic& atomic) {
    const Place where = aligned_place(atomic.base, atomic.off, atomic.width);
    const unsigned bits = bytes(atomic.width) * 8;
    const llvm::Align alignment(bytes(atomic.width));
    constexpr auto kOrder = llvm::AtomicOrdering::SequentiallyConsistent;
    Value* operand = low(get(atomic.src), bits);
    if (atomic.op == isa::AtomicOp::cmpxchg) {
      auto* result = b_.CreateAtomicCmpXchg(where.pointer, low(get(isa::Reg::r0), bits), operand, alignment, kOrder, kOrder);
      result->setVolatile(where.is_volatile);
      return set(isa::Reg::r0, b_.CreateExtractValue(result, 0));
    }
    auto* old = b_.CreateAtomicRMW(operation(atomic.op), where.pointer, operand, alignment, kOrder);
    old->setVolatile(where.is_volatile);
    if (atomic.fetch) set(atomic.src, old);
  }

  // --- arithmetic ----------------------------------------------------------------------------------------------------------------------------------

  void translate(const isa::Alu& alu) {
    const unsigned bits = alu.is64 ? 64 : 32;
    set(alu.dst, math_.alu(alu.op, low(get(alu.dst), bits), low(get(alu.src), bits)));
  }
  void translate(const isa::Neg& neg) { set(neg.dst, b_.CreateNeg(low(get(neg.dst), neg.is64 ? 64 : 32))); }
  void translate(const isa::MoveSx& move) { set(move.dst, b_.CreateSExt(low(get(move.src), move.from_bits), b_.getIntNTy(move.is64 ? 64 : 32))); }
  void translate(const isa::AddrSpaceCast& cast) { set(cast.dst, get(cast.src)); }
  void translate(const isa::ByteSwap& swap) {
    Value* value = low(get(swap.dst), swap.bits);
    switch (swap.kind) {
      case isa::ByteSwap::Kind::to_le:
        break;  // x86-64 is little-endian
      case isa::ByteSwap::Kind::to_be:
      case isa::ByteSwap::Kind::swap:
        value = b_.CreateUnaryIntrinsic(llvm::Intrinsic::bswap, value);
        break;
    }
    set(swap.dst, value);
  }
  void translate(const isa::LoadImm& load) {
    switch (load.kind) {
      case isa::LoadImm::Kind::plain:
        return set(load.dst, b_.getInt64(load.value));
      case isa::LoadImm::Kind::global:
        return set(load.dst, b_.CreateAdd(relocated(b_, b_.getInt64Ty(), kGlobalsSymbol), b_.getInt64(load.value)));
      case isa::LoadImm::Kind::function: {
        const auto& number = s_.program().function(ir::FunctionIdx(load.value)).value;
        base::ensure(number.has_value(), "the address of a function that has no value");
        return set(load.dst, b_.getInt64(ir::kFunctionValueBase + *number));
      }
      case isa::LoadImm::Kind::map:
        break;
    }
    base::bug("a map reference that the verifier should have refused");
  }

  Shared& s_;
  const ir::FunctionIdx index_;
  const verify::FunctionFacts& facts_;
  llvm::Function* function_;
  Builder b_;
  Arithmetic<Builder> math_;
  llvm::DISubprogram* scope_ = nullptr;
  llvm::BasicBlock* entry_ = nullptr;
  llvm::BasicBlock* never_ = nullptr;
  std::map<ir::BlockIdx, llvm::BasicBlock*> blocks_;
  std::array<llvm::AllocaInst*, isa::kRegisters - 1> registers_{};
  llvm::AllocaInst* frame_ = nullptr;
  std::uint64_t frame_bytes_ = 0;
  Value* frame_top_ = nullptr;
  llvm::CallInst* heap_base_ = nullptr;
  llvm::LoadInst* poll_page_ = nullptr;
  ir::InsnIdx at_;
};

llvm::Function* declare(Shared& shared, ir::FunctionIdx f) {
  auto* i64 = llvm::Type::getInt64Ty(shared.context());
  auto* type = llvm::FunctionType::get(i64, {i64, i64, i64, i64, i64, llvm::PointerType::get(shared.context(), 0)}, false);
  const bool is_entry = f.value == 0 || stands_alone(shared.guarded, f);
  auto* function = llvm::Function::Create(type, is_entry ? llvm::GlobalValue::ExternalLinkage : llvm::GlobalValue::InternalLinkage,
                                          function_symbol(f.value), shared.ir);
  function->setDSOLocal(true);
  function->addFnAttr(llvm::Attribute::NoUnwind);
  function->addFnAttr(llvm::Attribute::NullPointerIsValid);
  function->addFnAttr("no-builtins");
  if (shared.proof().function(f).recursive) {
    // The check of the native stack belongs to a frame of its own. Recursion stays recursion: what ends at the stack's limit in the interpreter must
    // not become a loop here.
    function->addFnAttr(llvm::Attribute::NoInline);
    function->addFnAttr("disable-tail-calls", "true");
  }
  return function;
}

}  // namespace

Module::Module() : context(std::make_unique<llvm::LLVMContext>()), ir(std::make_unique<llvm::Module>("tenon", *context)) {}
Module::Module(Module&& other) noexcept = default;
Module::~Module() = default;

bool stands_alone(const instrument::Guarded& guarded, ir::FunctionIdx f) {
  const bool is_named = guarded.program().function(f).value.has_value() || guarded.program().exception_callback() == f;
  return is_named && guarded.proof().function(f).reachable;
}

Module translate(const instrument::Guarded& guarded, const abi::HeapShape& shape, bool polls) {
  Module module;
  llvm::DIBuilder debug(*module.ir);
  module.ir->addModuleFlag(llvm::Module::Warning, "Debug Info Version", llvm::DEBUG_METADATA_VERSION);
  module.ir->addModuleFlag(llvm::Module::Warning, "Dwarf Version", 4);
  auto* file = debug.createFile("instructions", "");
  debug.createCompileUnit(llvm::dwarf::DW_LANG_C, file, "tenon", true, "", 0, "", llvm::DICompileUnit::LineTablesOnly);
  Shared shared{guarded, shape, polls, *module.ir, module.sites, debug, file, {}};
  const std::size_t count = guarded.program().functions().size();
  for (ir::FunctionIdx f{0u}; f.index() < count; ++f) {
    shared.functions.push_back(guarded.proof().function(f).reachable ? declare(shared, f) : nullptr);
  }
  for (ir::FunctionIdx f{0u}; f.index() < count; ++f) {
    if (shared.functions[f.index()] != nullptr) FunctionTranslator(shared, f).run();
  }
  debug.finalize();
  std::string complaint;
  llvm::raw_string_ostream stream(complaint);
  base::ensure(!llvm::verifyModule(*module.ir, &stream), "the translated module is malformed");
  return module;
}

}  // namespace tenon::codegen
