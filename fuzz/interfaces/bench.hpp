// SPDX-License-Identifier: Apache-2.0
// One interface with everything that programs for it need to run: a heap window, a random host, and the oracle between them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "code.hpp"
#include "engine/host_oracle/host_oracle.hpp"
#include "flow.hpp"
#include "generator/generator.hpp"
#include "random_host.hpp"
#include "support/sandbox.hpp"

namespace tenon::fuzz {

/// What the runs of programs met; a fuzzer that never gets past the first call finds nothing.
struct Coverage {
  std::vector<std::uint64_t> calls;  ///< by FunctionIdx
  std::uint64_t runs = 0, returned = 0, thrown = 0, cancelled = 0, callbacks = 0, instructions = 0, stores = 0, loads = 0;
};

class Bench {
 public:
  /// Throws std::invalid_argument when the interface does not parse.
  Bench(std::string name, std::string_view interface_text);

  const std::string& name() const { return name_; }
  const interface::Declarations& declarations() const { return *sandbox_.declarations(); }
  const std::shared_ptr<const interface::Declarations>& shared_declarations() const { return sandbox_.declarations(); }
  /// What was met since the last time.
  Coverage take_coverage();

  /// Nothing when linker or verifier refuse it; `why` then has the verifier's code.
  std::optional<instrument::Guarded> prove(ir::Parts parts, std::string* why = nullptr) const;
  /// What the oracle has to say about one run against the host that `seed` makes. Empty: nothing.
  const std::vector<std::string>& run(const instrument::Guarded& program, std::uint64_t seed);

 private:
  interp::Environment::CallResult call(const abi::CallSite& site, const std::array<std::uint64_t, 5>& arguments,
                                       const interp::Environment::CallBack& call_back);
  /// What is left when the invocation has ended, each by itself.
  void clean_up(const instrument::Guarded& program, std::uint64_t frames_end);
  /// What the host kept, each as an invocation of its own.
  void run_kept(const instrument::Guarded& program);
  bool resolve_heap_arguments(const abi::CallSite& site, const interface::Function& function, std::array<std::uint64_t, 5>& arguments);
  void fill_globals(std::uint64_t seed);

  std::string name_;
  test::Sandbox sandbox_;
  engine::HostOracle oracle_;
  RandomHost host_;
  Flow flow_;
  struct Kept {
    std::uint64_t function = 0;
    const interface::Callback* type = nullptr;
  };
  std::vector<Kept> kept_;  ///< functions that the host was given for later
  Coverage coverage_;
};

}  // namespace tenon::fuzz
