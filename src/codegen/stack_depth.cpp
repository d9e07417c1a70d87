// SPDX-License-Identifier: Apache-2.0
// How much native stack a program can need, summed from the compiled frames (soundness.md, rule 16). Functions that may recur test the limit
// themselves, after their prologue: a chain is summed down to the first of them, and what lies below is covered by the margin in its test.
#include <algorithm>

#include "base/bug.hpp"
#include "codegen/module.hpp"

namespace tenon::codegen {
namespace {

/// Per frame, beyond what the compiler reports: return address 8, red zone 128 (x86-64 psABI, "The Stack Frame"), realignment of the frame up to 64.
constexpr std::uint64_t kFrameSlackBytes = 8 + 128 + 64;

class Depth {
 public:
  Depth(const CallGraph& calls, const std::map<std::string, std::uint64_t>& frame_bytes) : calls_(calls), frame_bytes_(frame_bytes) {}

  std::uint64_t frame(const std::string& name) const {
    const auto found = frame_bytes_.find(name);
    base::ensure(found != frame_bytes_.end(), "a compiled function without a frame size");
    return found->second + kFrameSlackBytes;
  }

  /// Below `name`'s frame, down to and including the next function that checks.
  std::uint64_t below(const std::string& name) {
    const auto [entry, fresh] = below_.try_emplace(name, kBusy);
    if (!fresh) {
      base::ensure(entry->second != kBusy, "recursion without a check of the native stack");
      return entry->second;
    }
    std::uint64_t deepest = 0;
    if (const auto callees = calls_.callees.find(name); callees != calls_.callees.end()) {
      for (const std::string& callee : callees->second) {
        deepest = std::max(deepest, frame(callee) + (calls_.checks_stack.contains(callee) ? 0 : below(callee)));
      }
    }
    return below_[name] = deepest;
  }

 private:
  static constexpr std::uint64_t kBusy = ~0ull;
  const CallGraph& calls_;
  const std::map<std::string, std::uint64_t>& frame_bytes_;
  std::map<std::string, std::uint64_t> below_;
};

}  // namespace

StackNeed stack_need(const CallGraph& calls, const std::map<std::string, std::uint64_t>& frame_bytes) {
  Depth depth(calls, frame_bytes);
  StackNeed need;
  for (const auto& [name, bytes] : frame_bytes) {
    const std::uint64_t below = depth.below(name);
    need.margin = std::max(need.margin, below);
    need.from[name] = depth.frame(name) + (calls.checks_stack.contains(name) ? 0 : below);
  }
  return need;
}

}  // namespace tenon::codegen
