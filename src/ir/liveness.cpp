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
    for (FunctionIdx f{0u}; f.index() < program_.functions().size(); ++f) solve(f);
    return std::move(live_);
  }

 private:
  void solve(FunctionIdx f) {
    std::vector<BlockIdx> order = reverse_post_order(program_, f);
    std::reverse(order.begin(), order.end());
    bool changed = true;
    while (changed) {
      changed = false;
      for (const BlockIdx b : order) changed |= update(program_.block(b));
    }
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
    if (call == nullptr || call->kind == isa::Call::Kind::indirect) return use;
    use.reads = static_cast<RegisterSet>((use.reads & ~kArguments) | first_arguments(parameters_of(*call)));
    return use;
  }

  unsigned parameters_of(const isa::Call& call) const {
    if (call.kind == isa::Call::Kind::local) return program_.function(FunctionIdx(call.target)).parameters;
    return call.target < extern_parameters_.size() ? extern_parameters_[call.target] : 5;
  }

  const Program& program_;
  std::span<const std::uint8_t> extern_parameters_;
  std::vector<RegisterSet> live_;
};

}  // namespace

std::vector<RegisterSet> live_before(const Program& program, std::span<const std::uint8_t> extern_parameters) {
  return Analysis(program, extern_parameters).run();
}

}  // namespace tenon::ir
