// SPDX-License-Identifier: Apache-2.0
// Attempts until no frame fact is new, then the Proof.
#include <fmt/format.h>

#include <algorithm>

#include "base/bug.hpp"
#include "verify/analyzer.hpp"

namespace tenon::verify {

namespace {

/// Functions on a cycle of the call graph. An indirect call may reach every function whose address is taken.
std::vector<bool> recursive_functions(const ir::Program& program, const std::vector<bool>& reachable) {
  const std::size_t count = program.functions().size();
  std::vector<std::vector<bool>> reaches(count, std::vector<bool>(count));
  for (std::uint32_t i = 0; i < program.insns().size(); ++i) {
    const auto* call = std::get_if<isa::Call>(&program.insns()[i]);
    if (!call || !reachable[i]) continue;
    const std::size_t caller = program.function_of(ir::InsnIdx(i)).index();
    if (call->kind == isa::Call::Kind::local) reaches[caller][call->target] = true;
    if (call->kind != isa::Call::Kind::indirect) continue;
    for (std::size_t f = 0; f < count; ++f) {
      if (program.functions()[f].value) reaches[caller][f] = true;
    }
  }
  for (std::size_t k = 0; k < count; ++k) {
    for (std::size_t a = 0; a < count; ++a) {
      if (!reaches[a][k]) continue;
      for (std::size_t b = 0; b < count; ++b) {
        if (reaches[k][b]) reaches[a][b] = true;
      }
    }
  }
  std::vector<bool> recursive(count);
  for (std::size_t f = 0; f < count; ++f) recursive[f] = reaches[f][f];
  return recursive;
}

constexpr std::size_t kMaxFunctions = 512;  // the closure above is cubic
constexpr std::uint64_t kMaxStepsAfresh = 100'000;

}  // namespace

class ProofBuilder {
 public:
  static Proof build(std::shared_ptr<const ir::Program> program, std::shared_ptr<const interface::Declarations> declarations, interface::HookIdx hook,
                     Findings findings, const FrameFacts& frames) {
    Proof proof;
    proof.functions_.resize(program->functions().size());
    const auto recursive = recursive_functions(*program, findings.reachable);
    for (std::size_t f = 0; f < proof.functions_.size(); ++f) {
      FunctionFacts& facts = proof.functions_[f];
      facts.reachable = findings.function_reachable[f];
      facts.recursive = recursive[f];
      facts.frame_bytes = static_cast<std::uint32_t>((findings.frame_bytes[f] + 7) / 8 * 8);
      facts.heap_frame = frames.in_heap[f];
      facts.private_bytes = frames.private_bytes[f];
      facts.private_bytes.resize(facts.frame_bytes);
    }
    proof.program_ = std::move(program);
    proof.declarations_ = std::move(declarations);
    proof.hook_ = hook;
    proof.reachable_ = std::move(findings.reachable);
    proof.accesses_ = std::move(findings.accesses);
    proof.calls_.resize(proof.program_->insns().size());
    for (const auto& [at, facts] : findings.calls) proof.calls_[at] = facts;
    proof.loop_headers_ = std::move(findings.loop_headers);
    for (auto& [at, tables] : findings.object_tables) {
      std::move(tables.begin(), tables.end(), std::back_inserter(proof.object_tables_));
    }
    return proof;
  }
};

Result<Proof> prove(ir::Program program, std::shared_ptr<const interface::Declarations> declarations, const VerifyOptions& options) {
  const auto hook = declarations->hook_of_section(program.section(), program.hook());
  if (!hook) {
    std::string known;
    for (const interface::Hook& h : declarations->hooks) known += (known.empty() ? "" : ", ") + h.name;
    return refuse(
        "E0409",
        fmt::format("'{}' is written for the hook '{}', which the interface '{}' does not have", program.name(), program.hook(), declarations->file),
        fmt::format("hooks of this interface: {}", known.empty() ? "none" : known));
  }
  const std::size_t functions = program.functions().size();
  if (functions > kMaxFunctions) {
    return refuse("E0411", fmt::format("the program has {} functions, at most {} are verified", functions, kMaxFunctions), "inline the small ones");
  }
  const auto owned = std::make_shared<const ir::Program>(std::move(program));
  FrameFacts frames{std::vector<bool>(functions), std::vector<std::vector<bool>>(functions), std::vector<std::vector<bool>>(functions),
                    std::vector<bool>(owned->insns().size()), std::vector<bool>(owned->insns().size())};
  VerifyOptions limited = options;
  std::optional<Diagnostic> first;  // how it was refused when inner loops began where they had ended; without that, more may be proved
  // Each attempt that is not the last adds a frame, bytes of one, an acquisition or a place where pointers meet, and all are finite; the bound only
  // says how long we are willing to wait.
  const std::size_t max_attempts = 64 + 4 * functions;
  for (std::size_t attempt = 0; attempt < max_attempts; ++attempt) {
    Analyzer analyzer(*owned, *declarations, *hook, limited, frames);
    switch (analyzer.run()) {
      case Analyzer::Verdict::proved:
        return ProofBuilder::build(owned, std::move(declarations), *hook, std::move(analyzer.findings()), frames);
      case Analyzer::Verdict::rejected:
        if (frames.afresh) return refuse(analyzer.ran_out() ? *first : analyzer.diagnostic());
        if (!analyzer.resumed_loops() || analyzer.ran_out()) return refuse(analyzer.diagnostic());
        first = analyzer.diagnostic();
        frames.afresh = true;
        limited.max_steps = std::min(options.max_steps, kMaxStepsAfresh);
        break;
      case Analyzer::Verdict::again:
        break;
    }
  }
  return refuse("E0403", fmt::format("'{}' mixes stack addresses, heap addresses and host pointers in too many ways", owned->name()),
                "keep host pointers and variables whose address is taken in different functions");
}

}  // namespace tenon::verify
