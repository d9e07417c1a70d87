// SPDX-License-Identifier: Apache-2.0
#include "engine/conformance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include <tenon/engine.hpp>

#include "base/bug.hpp"
#include "engine/builtin_interfaces.hpp"
#include "engine/pipeline.hpp"
#include "isa/decode.hpp"
#include "verify/proof.hpp"

namespace tenon::engine {

namespace {

std::uint64_t unwind_when_zero(std::uint64_t value) {
  if (value == 0) throw_in_current_invocation(0);
  return value;
}

/// Turns slot numbers into instruction indices while it collects what they refer to.
class Assembler {
 public:
  explicit Assembler(const std::vector<isa::Decoded>& decoded) : decoded_(decoded) {
    for (std::size_t i = 0; i < decoded.size(); ++i) index_of_slot_[decoded[i].slot] = static_cast<std::uint32_t>(i);
  }

  Result<ir::Parts> run() {
    if (auto done = find_functions(); !done) return std::unexpected(std::move(done).error());
    parts_.name = parts_.hook = "conformance";
    parts_.globals = std::make_shared<const ir::Globals>();
    for (const isa::Decoded& one : decoded_) {
      isa::Insn insn = one.insn;
      if (auto done = resolve(insn, one.slot); !done) return std::unexpected(std::move(done).error());
      parts_.insns.push_back(insn);
      parts_.slots.push_back(one.slot);
    }
    return std::move(parts_);
  }

 private:
  Result<std::uint32_t> index_at(std::uint32_t slot, std::uint32_t from) const {
    const auto found = index_of_slot_.find(slot);
    if (found == index_of_slot_.end()) {
      return refuse("E0124", fmt::format("the target of instruction {} is in the middle of an instruction", from));
    }
    return found->second;
  }

  Result<void> find_functions() {
    std::set<std::uint32_t> starts{0};
    for (const isa::Decoded& one : decoded_) {
      const auto* const call = std::get_if<isa::Call>(&one.insn);
      if (call == nullptr || call->kind != isa::Call::Kind::local) continue;
      TENON_TRY(index, index_at(call->target, one.slot));
      starts.insert(index);
    }
    for (auto start = starts.begin(); start != starts.end(); ++start) {
      const auto next = std::next(start);
      ir::Function function;
      function.name = *start == 0 ? "conformance" : fmt::format("function_{}", decoded_[*start].slot);
      function.begin = ir::InsnIdx(*start);
      function.end = ir::InsnIdx(next == starts.end() ? decoded_.size() : *next);
      parts_.functions.push_back(std::move(function));
    }
    return {};
  }

  Result<void> resolve(isa::Insn& insn, std::uint32_t slot) {
    isa::Target* const target = std::visit(isa::Overloaded{
                                               [](isa::Jump& jump) { return &jump.target; },
                                               [](isa::Branch& branch) { return &branch.target; },
                                               [](isa::MayGoto& jump) { return &jump.target; },
                                               [](auto&) -> isa::Target* { return nullptr; },
                                           },
                                           insn);
    if (target != nullptr) {
      TENON_TRY(index, index_at(*target, slot));
      *target = index;
    } else if (auto* const call = std::get_if<isa::Call>(&insn)) {
      return resolve_call(*call, slot);
    } else if (const auto* const load = std::get_if<isa::LoadImm>(&insn); load != nullptr && load->kind != isa::LoadImm::Kind::plain) {
      return refuse("E0805", fmt::format("instruction {} loads the address of a map, global or function, which bare code does not have", slot));
    }
    return {};
  }

  Result<void> resolve_call(isa::Call& call, std::uint32_t slot) {
    switch (call.kind) {
      case isa::Call::Kind::host: {
        const std::string name = fmt::format("helper#{}", call.target);
        const auto found = std::find(parts_.externs.begin(), parts_.externs.end(), name);
        call.target = static_cast<std::uint32_t>(found - parts_.externs.begin());
        if (found == parts_.externs.end()) parts_.externs.push_back(name);
        return {};
      }
      case isa::Call::Kind::local: {
        TENON_TRY(index, index_at(call.target, slot));
        const auto starts_there = [&](const ir::Function& f) { return f.begin.index() == index; };
        call.target = static_cast<std::uint32_t>(std::find_if(parts_.functions.begin(), parts_.functions.end(), starts_there) - parts_.functions.begin());
        return {};
      }
      case isa::Call::Kind::kfunc: return refuse("E0805", fmt::format("instruction {} calls a function by BTF id, but bare code has no BTF", slot));
      case isa::Call::Kind::indirect: return {};
    }
    base::bug("a call of no kind");
  }

  const std::vector<isa::Decoded>& decoded_;
  std::map<std::uint32_t, std::uint32_t> index_of_slot_;
  ir::Parts parts_;
};

}  // namespace

Interface conformance_interface() {
  auto interface = Interface::parse(kConformanceInterfaceText, "conformance.tni");
  base::ensure(interface && interface->bind<&unwind_when_zero>("helper#5"), "interfaces/conformance.tni and its host differ");
  return *std::move(interface);
}

Result<ir::Program> program_from_bytes(std::span<const std::byte> code) {
  TENON_TRY(decoded, isa::decode(code));
  TENON_TRY(parts, Assembler(decoded).run());
  return ir::link(std::move(parts));
}

Result<Outcome> run_conformance(std::span<const std::byte> code, std::span<const std::byte> memory, const LoadOptions& options) {
  const Interface interface = conformance_interface();
  TENON_TRY(program, program_from_bytes(code));
  TENON_TRY(proof, verify::prove(std::move(program), share_declarations(interface)));
  TENON_TRY(heap, create_heap(*proof.program().globals(), options));
  TENON_TRY(executable, make_executable(instrument::insert_guards(std::move(proof)), heap, interface, options));
  std::uint64_t address = 0;
  if (!memory.empty()) {
    address = heap->grow(memory.size());
    if (address == 0) return refuse("E0804", fmt::format("{} bytes of memory do not fit into the heap", memory.size()));
    std::memcpy(reinterpret_cast<void*>(address), memory.data(), memory.size());
  }
  return executable->run({address, memory.size(), 0, 0, 0});
}

}  // namespace tenon::engine
