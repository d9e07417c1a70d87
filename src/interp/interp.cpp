// SPDX-License-Identifier: Apache-2.0
// The machine: eleven registers, one function per instruction kind, one instruction per step.
#include "interp/interp.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <type_traits>
#include <variant>

#include "base/bug.hpp"
#include "interp/frames.hpp"
#include "interp/memory.hpp"
#include "isa/semantics.hpp"

namespace tenon::interp {
namespace {

using base::bug;
using base::ensure;
using isa::Reg;

constexpr unsigned kArguments = 5;
constexpr unsigned kFirstSaved = 6;
constexpr std::uint64_t kInstructionsPerQuestion = 64;  ///< Environment::must_end

std::uint64_t load_bytes(std::uint64_t address, unsigned width) {
  std::uint64_t value = 0;
  std::memcpy(&value, reinterpret_cast<const void*>(address), width);
  return value;
}

void store_bytes(std::uint64_t address, unsigned width, std::uint64_t value) { std::memcpy(reinterpret_cast<void*>(address), &value, width); }

/// Calls `use` with a pointer to the unsigned integer of `width` bytes at `address`, for the accesses that other threads must see as one.
template <class Use>
auto with_cell(std::uint64_t address, isa::Width width, Use use) {
  switch (width) {
    case isa::Width::w1:
      return use(reinterpret_cast<std::uint8_t*>(address));
    case isa::Width::w2:
      return use(reinterpret_cast<std::uint16_t*>(address));
    case isa::Width::w4:
      return use(reinterpret_cast<std::uint32_t*>(address));
    case isa::Width::w8:
      return use(reinterpret_cast<std::uint64_t*>(address));
  }
  bug("an access width that does not exist");
}

class Machine {
 public:
  Machine(const instrument::Guarded& guarded, ir::FunctionIdx entry, const std::array<std::uint64_t, 5>& arguments, const Environment& environment);
  Run run();

 private:
  void step();
  // One per instruction kind; `pc_` already names the next instruction, `at_` this one.
  void execute(const isa::Alu& insn);
  void execute(const isa::Neg& insn);
  void execute(const isa::MoveSx& insn);
  void execute(const isa::ByteSwap& insn);
  void execute(const isa::AddrSpaceCast& insn);
  void execute(const isa::LoadImm& insn);
  void execute(const isa::Load& insn);
  void execute(const isa::Store& insn);
  void execute(const isa::Atomic& insn);
  void execute(const isa::LoadAcquire& insn);
  void execute(const isa::StoreRelease& insn);
  void execute(const isa::Jump& insn);
  void execute(const isa::Branch& insn);
  void execute(const isa::MayGoto& insn);
  void execute(const isa::Call& insn);
  void execute(const isa::Exit& insn);

  void call_host();
  Environment::CallResult call_back(std::uint64_t value, const std::array<std::uint64_t, 5>& arguments);
  std::optional<ir::FunctionIdx> function_of(std::uint64_t value) const;
  void note(std::uint64_t address, isa::Width width, std::optional<std::uint64_t> stored) const;
  void call_function(ir::FunctionIdx callee);
  void call_indirect(Reg reg);
  void finish_run();
  void pop_frame();
  void check_memory_arguments(const interface::Function& function, const verify::CallFacts& facts, bool after);
  void check_place_of(const interface::ObjectRef& object, std::size_t parameter);
  std::uint64_t host_memory_bytes(const interface::Function& function, std::size_t parameter) const;

  std::uint64_t get(Reg reg) const;
  std::uint64_t get(const isa::Operand& operand) const;
  void set(Reg reg, std::uint64_t value);
  void forget_caller_saved();
  /// The address to touch, or nothing when the run has ended here.
  std::optional<std::uint64_t> resolve(Reg base, std::int16_t off, isa::Width width, AccessMode mode);
  void cancel(Cause cause, std::uint64_t fault_address = 0);

  const ir::Program& program() const { return guarded_.program(); }
  const verify::Proof& proof() const { return guarded_.proof(); }

  const instrument::Guarded& guarded_;
  const Environment& environment_;
  FrameStack frames_;
  Memory memory_;
  std::array<Register, isa::kRegisters> registers_{};
  ir::InsnIdx at_{0u}, pc_{0u};
  std::uint64_t instructions_ = 0;
  std::optional<Run> ended_;
  const Environment::CallBack call_back_ = [this](std::uint64_t function, const auto& arguments) { return call_back(function, arguments); };
};

Machine::Machine(const instrument::Guarded& guarded, ir::FunctionIdx entry, const std::array<std::uint64_t, 5>& arguments, const Environment& environment)
    : guarded_(guarded),
      environment_(environment),
      frames_(environment.heap_stack_top, environment.heap_stack_limit, environment.max_depth),
      memory_(guarded, environment, frames_) {
  const std::size_t parameters = entry.value == 0 ? proof().hook().parameters.size() : program().function(entry).parameters;
  for (std::size_t i = 0; i < parameters; ++i) registers_[i + 1] = {arguments[i], true};
  call_function(entry);
}

Run Machine::run() {
  while (!ended_) step();
  ended_->instructions = instructions_;
  ended_->heap_stack_end = ended_->kind == Outcome::Kind::returned ? environment_.heap_stack_top : frames_.heap_stack_pointer();
  return *ended_;
}

void Machine::step() {
  at_ = pc_;
  ensure(proof().reachable(at_), "an instruction proved unreachable is executed");
  if (environment_.max_instructions != 0 && instructions_ >= environment_.max_instructions) return cancel(Cause::quantum);
  if (environment_.must_end && instructions_ % kInstructionsPerQuestion == 0) {
    if (const Cause cause = environment_.must_end(); cause != Cause::none) return cancel(cause);
  }
  ++instructions_;
  ++pc_;
  std::visit([this](const auto& insn) { execute(insn); }, program().insn(at_));
}

// --- registers ---------------------------------------------------------------------------------------------------------------------------------

std::uint64_t Machine::get(Reg reg) const {
  const Register& found = registers_[index(reg)];
  ensure(found.readable, "a register is read that was never written");
  return found.value;
}

std::uint64_t Machine::get(const isa::Operand& operand) const {
  return std::visit(isa::Overloaded{
                        [this](Reg reg) { return get(reg); },
                        [](isa::Imm imm) { return static_cast<std::uint64_t>(imm.value); },
                    },
                    operand);
}

void Machine::set(Reg reg, std::uint64_t value) {
  ensure(reg != isa::kFramePointer, "r10 is written");
  registers_[index(reg)] = {value, true};
}

void Machine::forget_caller_saved() {
  for (unsigned i = 1; i <= kArguments; ++i) registers_[i].readable = false;
}

void Machine::cancel(Cause cause, std::uint64_t fault_address) {
  ended_ = Run{.kind = Outcome::Kind::cancelled, .cause = cause, .at = at_, .value = proof().hook().default_result, .fault_address = fault_address};
}

// --- arithmetic --------------------------------------------------------------------------------------------------------------------------------

void Machine::execute(const isa::Alu& insn) {
  const std::uint64_t before = insn.op == isa::AluOp::mov ? 0 : get(insn.dst);  // mov is the one that may overwrite an unreadable register
  set(insn.dst, isa::alu(insn.op, insn.is64, before, get(insn.src)));
}

void Machine::execute(const isa::Neg& insn) { set(insn.dst, isa::negate(insn.is64, get(insn.dst))); }

void Machine::execute(const isa::MoveSx& insn) { set(insn.dst, isa::move_sign_extended(insn.from_bits, insn.is64, get(insn.src))); }

void Machine::execute(const isa::ByteSwap& insn) { set(insn.dst, isa::byte_swap(insn.kind, insn.bits, get(insn.dst))); }

void Machine::execute(const isa::AddrSpaceCast& insn) { set(insn.dst, get(insn.src)); }

void Machine::execute(const isa::LoadImm& insn) {
  switch (insn.kind) {
    case isa::LoadImm::Kind::plain:
      return set(insn.dst, insn.value);
    case isa::LoadImm::Kind::global:
      return set(insn.dst, environment_.globals_address + insn.value);
    case isa::LoadImm::Kind::function: {
      const auto value = program().function(ir::FunctionIdx(insn.value)).value;
      ensure(value.has_value(), "the address of a function without a value is taken");
      return set(insn.dst, ir::kFunctionValueBase + *value);
    }
    case isa::LoadImm::Kind::map:
      ensure(insn.value < environment_.map_addresses.size(), "a map is used that has no address");
      return set(insn.dst, environment_.map_addresses[insn.value]);
  }
}

// --- memory ------------------------------------------------------------------------------------------------------------------------------------

std::optional<std::uint64_t> Machine::resolve(Reg base, std::int16_t off, isa::Width width, AccessMode mode) {
  const Resolved resolved = memory_.resolve({at_, base, get(base), off, isa::bytes(width), mode});
  if (resolved.cause == Cause::none) return resolved.address;
  cancel(resolved.cause, resolved.cause == Cause::fault ? resolved.address : 0);
  return std::nullopt;
}

void Machine::note(std::uint64_t address, isa::Width width, std::optional<std::uint64_t> stored) const {
  if (environment_.touched) environment_.touched({proof().access(at_).memory, address, isa::bytes(width), stored});
}

void Machine::execute(const isa::Load& insn) {
  const auto address = resolve(insn.base, insn.off, insn.width, AccessMode::read);
  if (!address) return;
  note(*address, insn.width, std::nullopt);
  const std::uint64_t value = load_bytes(*address, isa::bytes(insn.width));
  set(insn.dst, insn.sign_extend ? isa::sign_extend(value, isa::bytes(insn.width) * 8) : value);
}

void Machine::execute(const isa::Store& insn) {
  const std::uint64_t value = get(insn.src);
  const auto address = resolve(insn.base, insn.off, insn.width, AccessMode::write);
  if (!address) return;
  note(*address, insn.width, value);
  store_bytes(*address, isa::bytes(insn.width), value);
}

void Machine::execute(const isa::Atomic& insn) {
  const unsigned bits = isa::bytes(insn.width) * 8;
  const std::uint64_t operand = isa::zero_extend(get(insn.src), bits);
  const std::uint64_t expected = insn.op == isa::AtomicOp::cmpxchg ? isa::zero_extend(get(Reg::r0), bits) : 0;
  const auto address = resolve(insn.base, insn.off, insn.width, AccessMode::read_write);
  if (!address) return;
  note(*address, insn.width, isa::atomic(insn.op, insn.width, load_bytes(*address, isa::bytes(insn.width)), operand, expected));
  const std::uint64_t old = with_cell(*address, insn.width, [&](auto* cell) -> std::uint64_t {
    auto seen = __atomic_load_n(cell, __ATOMIC_SEQ_CST);
    while (true) {
      const auto next = static_cast<decltype(seen)>(isa::atomic(insn.op, insn.width, seen, operand, expected));
      if (__atomic_compare_exchange_n(cell, &seen, next, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) return seen;
    }
  });
  if (insn.fetch) set(insn.op == isa::AtomicOp::cmpxchg ? Reg::r0 : insn.src, old);
}

void Machine::execute(const isa::LoadAcquire& insn) {
  const auto address = resolve(insn.base, insn.off, insn.width, AccessMode::read);
  if (!address) return;
  note(*address, insn.width, std::nullopt);
  set(insn.dst, with_cell(*address, insn.width, [](auto* cell) -> std::uint64_t { return __atomic_load_n(cell, __ATOMIC_ACQUIRE); }));
}

void Machine::execute(const isa::StoreRelease& insn) {
  const std::uint64_t value = get(insn.src);
  const auto address = resolve(insn.base, insn.off, insn.width, AccessMode::write);
  if (!address) return;
  note(*address, insn.width, value);
  with_cell(*address, insn.width,
            [&](auto* cell) { __atomic_store_n(cell, static_cast<std::remove_pointer_t<decltype(cell)>>(value), __ATOMIC_RELEASE); });
}

// --- control flow ------------------------------------------------------------------------------------------------------------------------------

void Machine::execute(const isa::Jump& insn) { pc_ = ir::InsnIdx(insn.target); }

void Machine::execute(const isa::Branch& insn) {
  if (isa::compare(insn.op, insn.is64, get(insn.dst), get(insn.src))) pc_ = ir::InsnIdx(insn.target);
}

void Machine::execute(const isa::MayGoto&) {}  // no loop of ours has a budget to run out of: falls through

void Machine::execute(const isa::Call& insn) {
  switch (insn.kind) {
    case isa::Call::Kind::host:
      return call_host();
    case isa::Call::Kind::local:
      return call_function(ir::FunctionIdx(insn.target));
    case isa::Call::Kind::indirect:
      return call_indirect(static_cast<Reg>(insn.target));
    case isa::Call::Kind::kfunc:
      bug("a call by BTF number in a linked program");
  }
}

void Machine::execute(const isa::Exit&) {
  if (frames_.depth() == 1) return finish_run();
  const Frame& callee = frames_.top();
  pc_ = callee.return_to;
  for (unsigned i = 0; i < callee.saved.size(); ++i) registers_[kFirstSaved + i] = callee.saved[i];
  pop_frame();
  registers_[index(isa::kFramePointer)] = {frames_.top().frame_pointer(), true};
  forget_caller_saved();
}

void Machine::pop_frame() {
  const Frame& ended = frames_.top();
  if (environment_.frame_ended && !ended.facts->heap_frame) environment_.frame_ended(ended.private_top() - ended.bytes(), ended.private_top());
  frames_.pop();
}

void Machine::finish_run() {
  const bool is_program = frames_.top().function == ir::FunctionIdx(0u);
  const bool gives_nothing = is_program ? std::holds_alternative<interface::Nothing>(proof().hook().result) : !registers_[0].readable;
  ended_ = Run{.kind = Outcome::Kind::returned, .value = gives_nothing ? 0 : get(Reg::r0)};
}

// --- calls -------------------------------------------------------------------------------------------------------------------------------------

void Machine::call_function(ir::FunctionIdx callee) {
  const verify::FunctionFacts& facts = proof().function(callee);
  ensure(facts.reachable, "a function proved unreachable is called");
  std::array<Register, 4> saved;
  for (unsigned i = 0; i < saved.size(); ++i) saved[i] = registers_[kFirstSaved + i];
  if (!frames_.push(callee, facts, pc_, saved)) {
    at_ = program().function(callee).begin;  // where compiled code tests for room
    return cancel(Cause::stack);
  }
  for (unsigned i = kFirstSaved; i < kFirstSaved + saved.size(); ++i) registers_[i].readable = false;
  registers_[0].readable = false;
  registers_[index(isa::kFramePointer)] = {frames_.top().frame_pointer(), true};
  pc_ = program().function(callee).begin;
}

void Machine::call_indirect(Reg reg) {
  const auto callee = function_of(get(reg));
  callee ? call_function(*callee) : cancel(Cause::bad_call);
}

std::optional<ir::FunctionIdx> Machine::function_of(std::uint64_t value) const {
  for (ir::FunctionIdx f{0u}; f.index() < program().functions().size(); ++f) {
    const auto number = program().function(f).value;
    if (number && ir::kFunctionValueBase + *number == value) return f;
  }
  return std::nullopt;
}

/// A host function runs one of the program's functions: as if called from the host call's own place, and back there when it exits.
Environment::CallResult Machine::call_back(std::uint64_t value, const std::array<std::uint64_t, 5>& arguments) {
  const auto callee = function_of(value);
  if (!callee) {
    cancel(Cause::bad_call);
    return {0, Outcome::Kind::cancelled, Cause::bad_call};
  }
  ensure(!ended_ || ended_->kind == Outcome::Kind::thrown, "a function runs in an invocation that is over");
  ended_.reset();  // what was thrown has been caught
  const auto registers = registers_;
  const ir::InsnIdx at = at_, back = pc_;
  const std::size_t depth = frames_.depth();
  for (std::size_t i = 0; i < kArguments; ++i) registers_[i + 1] = {arguments[i], i < program().function(*callee).parameters};
  call_function(*callee);
  while (!ended_ && frames_.depth() > depth) step();
  const Environment::CallResult result = ended_ ? Environment::CallResult{ended_->value, ended_->kind, ended_->cause}
                                                : Environment::CallResult{.r0 = registers_[0].readable ? registers_[0].value : 0};
  registers_ = registers;
  at_ = at;
  pc_ = back;
  return result;
}

void Machine::call_host() {
  const verify::CallFacts& facts = proof().call(at_);
  ensure(facts.reachable, "a host call proved unreachable is executed");
  const interface::Function& function = proof().declarations().at(facts.host_function);
  check_memory_arguments(function, facts, false);
  std::array<std::uint64_t, kArguments> arguments{};
  abi::CallSite site{.instruction = at_.value, .host_function = facts.host_function.value};
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    arguments[i] = get(static_cast<Reg>(i + 1));
    if (facts.arguments[i] == verify::ArgClass::heap) site.heap_arguments |= static_cast<std::uint8_t>(1u << i);
  }
  const std::size_t depth = frames_.depth();
  const Environment::CallResult result = environment_.call(site, arguments, call_back_);
  if (ended_ && result.kind != Outcome::Kind::returned) return;  // inside a callback
  if (ended_) {                                                 // and caught outside of it
    ensure(function.catches && ended_->kind == Outcome::Kind::thrown, "a host function came back from an invocation that is over");
    ended_.reset();
  }
  // What was thrown has left frames, also where a cleanup has run since.
  while (result.kind == Outcome::Kind::returned && frames_.depth() > depth) pop_frame();
  if (result.kind != Outcome::Kind::returned) {
    ended_ = Run{.kind = result.kind, .cause = result.cause, .at = at_, .value = result.r0};
    if (result.kind == Outcome::Kind::cancelled) ended_->value = proof().hook().default_result;
    return;
  }
  ensure(!function.no_return, "a host function that does not return has returned");
  check_memory_arguments(function, facts, true);
  forget_caller_saved();
  registers_[0] = {result.r0, !std::holds_alternative<interface::Nothing>(function.result)};
}

/// Before the call: what is passed must be there. After it: what the function has set (`uninit`) counts as initialised.
void Machine::check_memory_arguments(const interface::Function& function, const verify::CallFacts& facts, bool after) {
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    if (const auto* object = std::get_if<interface::ObjectRef>(&function.parameters[i].type)) check_place_of(*object, i);
    const auto* memory = std::get_if<interface::Mem>(&function.parameters[i].type);
    if (memory == nullptr || facts.arguments[i] != verify::ArgClass::memory) continue;
    const std::uint64_t address = get(static_cast<Reg>(i + 1));
    if (address == 0) {
      ensure(memory->nullable || host_memory_bytes(function, i) == 0, "null is passed for memory that must be there");
    } else if (!after) {
      memory_.check_argument(address, host_memory_bytes(function, i), memory->access);
    } else if (memory->access == interface::Access::uninit) {
      memory_.note_written_by_host(address, host_memory_bytes(function, i));
    }
  }
}

/// An object that the host makes in the stack lives in bytes that only this frame's addresses reach.
void Machine::check_place_of(const interface::ObjectRef& object, std::size_t parameter) {
  if (object.mode != interface::ObjectRef::Mode::create) return;
  const std::uint64_t bytes = proof().declarations().at(object.type).stack_bytes;
  const auto found = frames_.find(get(static_cast<Reg>(parameter + 1)), bytes);
  ensure(found && !found->frame->facts->heap_frame, "an object is to be made outside the private stack");
}

std::uint64_t Machine::host_memory_bytes(const interface::Function& function, std::size_t parameter) const {
  const auto& memory = std::get<interface::Mem>(function.parameters[parameter].type);
  std::uint64_t element = memory.element_bytes;
  if (memory.part != interface::Mem::MapPart::none) {
    const auto& addresses = environment_.map_addresses;
    const auto map = std::find(addresses.begin(), addresses.end(), get(static_cast<Reg>(memory.map_parameter + 1)));
    ensure(map != addresses.end(), "what is passed as a map is none");
    const ir::MapDefinition& definition = program().maps()[static_cast<std::size_t>(map - addresses.begin())];
    element = memory.part == interface::Mem::MapPart::key ? definition.key_bytes : definition.value_bytes;
  }
  if (!memory.count_parameter) return memory.count.value_or(1) * element;
  const auto& type = std::get<interface::Scalar>(function.parameters[*memory.count_parameter].type);
  const std::uint64_t count = isa::zero_extend(get(static_cast<Reg>(*memory.count_parameter + 1)), type.bits);
  return (count * memory.count_factor + memory.count_addend) * element;
}

}  // namespace

Run run(const instrument::Guarded& guarded, const std::array<std::uint64_t, 5>& arguments, const Environment& environment, ir::FunctionIdx entry) {
  return Machine(guarded, entry, arguments, environment).run();
}

}  // namespace tenon::interp
