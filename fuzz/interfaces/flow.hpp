// SPDX-License-Identifier: Apache-2.0
// What tn_try and its kin mean, said once more in few words: the runtime's record without the host's objects, which the oracle knows.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/host_oracle/host_oracle.hpp"
#include "interp/interp.hpp"

namespace tenon::fuzz {

class Flow {
 public:
  using Registers = std::array<std::uint64_t, 5>;
  using CallResult = interp::Environment::CallResult;
  using CallBack = interp::Environment::CallBack;

  /// A new invocation.
  void start() { entries_.clear(), cookie_ = 0; }
  /// Nothing: it is none of these functions. Requires: oracle.before_call().
  std::optional<CallResult> call(std::string_view name, const Registers& arguments, const interface::Function& function, const CallBack& call_back,
                                 engine::HostOracle& oracle);
  struct Cleanup {
    std::uint64_t function = 0, argument = 0;
  };
  /// The newest one that is left when the invocation has ended.
  std::optional<Cleanup> take_last();

 private:
  enum class Kind : std::uint8_t { mark, cleanup, destructor };
  struct Entry {
    Kind kind = Kind::mark;
    Cleanup cleanup;
  };
  CallResult try_body(const Registers& arguments, const interface::Function& function, const CallBack& call_back, engine::HostOracle& oracle);
  /// Down to the newest mark, and the mark.
  std::optional<CallResult> clean_up(const CallBack& call_back);
  std::optional<CallResult> end_scope(std::uint64_t at, const CallBack& call_back);

  std::vector<Entry> entries_;
  std::uint64_t cookie_ = 0;
};

}  // namespace tenon::fuzz
