// SPDX-License-Identifier: Apache-2.0
// A heap window of real memory, an interface and recorded host calls: everything the interpreter needs, without the runtime. For tests of single
// instructions and of the interpreter's own checks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interface/declarations.hpp"
#include "interp/interp.hpp"

namespace tenon::test {

class Sandbox {
 public:
  using Arguments = std::array<std::uint64_t, 5>;
  using HostFunction = std::function<interp::Environment::CallResult(const Arguments&)>;

  static constexpr std::uint64_t kGrantedBytes = 64ull << 10;  ///< from the globals' address upwards
  static constexpr std::uint64_t kStackBytes = 64ull << 10;    ///< heap-side stack, behind the granted memory

  /// `interface_text`: .tni, with a hook "t".
  explicit Sandbox(std::string_view interface_text = "hook t(a: u64, b: u64) -> u64 default 0;", std::string_view file = "sandbox.tni");
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  void on_call(const std::string& function, HostFunction behaviour) { behaviours_[function] = std::move(behaviour); }
  void add_region(interp::Region region) { regions_.push_back(region); }

  /// Proves and guards; throws std::invalid_argument with the diagnostics when the program is rejected.
  instrument::Guarded guard(ir::Program program, instrument::Reads reads = instrument::Reads::guarded) const;
  /// Nothing when the program is rejected.
  std::optional<instrument::Guarded> try_guard(ir::Program program, const verify::VerifyOptions& options = {}) const;
  /// Copies the program's initial globals into the heap and runs it.
  interp::Run run(const instrument::Guarded& guarded, const Arguments& arguments = {});
  interp::Run run(std::string_view assembly, const Arguments& arguments = {});

  const std::shared_ptr<const interface::Declarations>& declarations() const { return declarations_; }
  std::uint64_t heap_base() const { return base_; }
  std::uint64_t globals() const;
  std::uint64_t load(std::uint64_t address) const;
  void store(std::uint64_t address, std::uint64_t value) const;
  const std::vector<std::string>& calls() const { return calls_; }
  interp::Environment& environment() { return environment_; }

 private:
  bool granted(std::uint64_t address, std::uint64_t bytes) const;
  bool host_memory(std::uint64_t address, std::uint64_t bytes, bool write) const;
  interp::Environment::CallResult call(const abi::CallSite& site, const Arguments& arguments);

  std::shared_ptr<const interface::Declarations> declarations_;
  void* reservation_ = nullptr;
  std::uint64_t base_ = 0;
  std::vector<interp::Region> regions_;
  std::map<std::string, HostFunction> behaviours_;
  std::vector<std::string> calls_;
  interp::Environment environment_;
};

}  // namespace tenon::test
