// SPDX-License-Identifier: Apache-2.0
// Runs a program on the oracle, with the runtime's record of held objects around its host calls.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "engine/executable.hpp"
#include "engine/host_oracle/host_oracle.hpp"
#include "engine/pipeline.hpp"
#include "interp/interp.hpp"

namespace tenon::engine {

/// The interpreter has no clock: a program may execute as many instructions as its quantum has nanoseconds.
inline constexpr std::uint64_t kInstructionsPerNanosecond = 1;

class Interpreted final : public Executable, public tenon::detail::LaterRunner, public std::enable_shared_from_this<Interpreted> {
 public:
  Interpreted(instrument::Guarded guarded, std::shared_ptr<runtime::Heap> heap, std::shared_ptr<runtime::Control> control,
              SharedDeclarations declarations, std::vector<HostFunction> bindings, std::chrono::nanoseconds quantum, bool check_host = false);

  Outcome run(const std::array<std::uint64_t, 5>& arguments) const noexcept override;
  Outcome run_later(const void* function, std::uint32_t type, const std::array<std::uint64_t, 5>& arguments) const noexcept override;
  runtime::RecordCounts record_counts() const override;
  std::uint32_t guards_in_code() const override { return guarded().counts().emitted; }

 private:
  struct Broken {  ///< the promise that a host function broke in this run, and what it returned; or what was freed wrongly
    std::string text;
    std::uint64_t result = 0;
  };
  interp::Environment environment(runtime::HostSession& session, HostOracle& oracle, Broken& broken) const;
  runtime::HostSession::CallResult run_alone(runtime::HostSession& session, Broken& broken, std::uint64_t frames_end, std::uint64_t function,
                                             const std::array<std::uint64_t, 5>& arguments) const;
  /// What runs in an invocation of its own: the program, or one of its functions that the host kept.
  struct Start {
    ir::FunctionIdx function;
    const interface::Callback* later = nullptr;  ///< null: the program
  };
  Outcome run_from(const Start& start, const std::array<std::uint64_t, 5>& arguments) const noexcept;
  std::optional<ir::FunctionIdx> function_of(std::uint64_t value) const;
  void run_exception_callback(runtime::HostSession& session, Outcome& outcome) const;
  runtime::CallPlace place_of(const abi::CallSite& site) const;
  Outcome outcome_of(const interp::Run& run) const;

  std::shared_ptr<runtime::Heap> heap_;
  std::shared_ptr<runtime::Control> control_;
  SharedDeclarations declarations_;
  std::vector<HostFunction> bindings_;
  std::uint64_t max_instructions_;
  bool check_host_;
  mutable std::atomic<std::uint64_t> acquired_{0}, released_by_extension_{0}, released_by_cancel_{0};
};

}  // namespace tenon::engine
