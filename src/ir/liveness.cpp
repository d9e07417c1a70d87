// SPDX-License-Identifier: Apache-2.0
#include "ir/liveness.hpp"

#include <algorithm>
#include <utility>

#include "ir/graph.hpp"
#include "isa/decode.hpp"

namespace tenon::ir {
namespace {

constexpr RegisterSet kArguments = 0b111110;  // r1-r5

RegisterSet first_arguments(unsigned count) { return static_cast<RegisterSet>(((1u << std::min(count, 5u)) - 1) << 1); }

class Analysis {
 public:
  Analysis(const Program& program, std::span<const std::uint8_t> extern_parameters)
      : program_(program), extern_parameters_(extern_parameters), live_(program.insns().size(), 0) {}

  std::vector<RegisterSet> run() {
    for (FunctionIdx f{0u}; f.index() < program_.functions().size(); ++f) {
      orders_.push_back(reverse_post_order(program_, f));
      std::reverse(orders_.back().begin(), orders_.back().end());
    }
    // What a callee reads is what its callers must keep, so functions are solved together, up from "nothing is read".
    for (bool changed = true; changed;) {
      changed = false;
      for (const auto& order : orders_) changed |= solve(order);
    }
    return std::move(live_);
  }

 private:
  bool solve(const std::vector<BlockIdx>& order) {
    bool any = false;
    for (bool changed = true; changed;) {
      changed = false;
      for (const BlockIdx b : order) changed |= update(program_.block(b));
      any |= changed;
    }
    return any;
  }

  bool update(const Block& block) {
    RegisterSet live = 0;
    bool changed = false;
    for (const BlockIdx successor : block.successors) live |= live_[program_.block(successor).begin.index()];
    for (std::size_t i = block.end.index(); i-- > block.begin.index();) {
      const isa::RegisterUse use = use_at(InsnIdx(i));
      live = static_cast<RegisterSet>((live & ~use.writes) | use.reads);
      changed |= live_[i] != live;
      live_[i] = live;
    }
    return changed;
  }

  isa::RegisterUse use_at(InsnIdx i) const {
    isa::RegisterUse use = isa::register_use(program_.insn(i));
    if (std::holds_alternative<isa::Exit>(program_.insn(i)) && !program_.function(program_.function_of(i)).returns_value) use.reads = 0;
    const auto* call = std::get_if<isa::Call>(&program_.insn(i));
    if (call == nullptr) return use;
    const bool indirect = call->kind == isa::Call::Kind::indirect;
    const RegisterSet target = indirect ? static_cast<RegisterSet>(1u << call->target) : RegisterSet{0};
    use.reads = static_cast<RegisterSet>((use.reads & ~kArguments) | target | arguments_of(*call));
    return use;
  }

  RegisterSet arguments_of(const isa::Call& call) const {
    if (call.kind == isa::Call::Kind::local) return live_[program_.function(FunctionIdx(call.target)).begin.index()] & kArguments;
    if (call.kind == isa::Call::Kind::indirect) return arguments_of_values();
    return first_arguments(call.target < extern_parameters_.size() ? extern_parameters_[call.target] : 5);
  }

  /// A call through a value may mean any function whose address is taken.
  RegisterSet arguments_of_values() const {
    RegisterSet read = 0;
    for (const Function& function : program_.functions()) {
      if (function.value) read |= live_[function.begin.index()];
    }
    return read & kArguments;
  }

  const Program& program_;
  std::span<const std::uint8_t> extern_parameters_;
  std::vector<std::vector<BlockIdx>> orders_;
  std::vector<RegisterSet> live_;
};

}  // namespace

std::vector<RegisterSet> live_before(const Program& program, std::span<const std::uint8_t> extern_parameters) {
  return Analysis(program, extern_parameters).run();
}

}  // namespace tenon::ir
