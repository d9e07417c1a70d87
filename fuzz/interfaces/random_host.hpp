// SPDX-License-Identifier: Apache-2.0
// A host for any interface: it keeps its side of every line (results in their ranges, null only where it may be, memory of the declared extent) and
// is arbitrary otherwise. Every object and every piece of memory has an address of its own, so that confusing two of them shows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/host_oracle/host_oracle.hpp"
#include "interp/interp.hpp"
#include "random.hpp"

namespace tenon::fuzz {

class RandomHost {
 public:
  using Registers = std::array<std::uint64_t, 5>;
  using CallResult = interp::Environment::CallResult;
  using CallBack = interp::Environment::CallBack;

  explicit RandomHost(const interface::Declarations& declarations);
  ~RandomHost();
  RandomHost(const RandomHost&) = delete;
  RandomHost& operator=(const RandomHost&) = delete;

  /// The maps of the programs that run.
  void set_maps(std::vector<engine::MapIdentity> maps) { maps_ = std::move(maps); }
  /// The bytes that `mem` means in a call with these arguments.
  std::uint64_t extent(const interface::Function& function, const interface::Mem& mem, const Registers& arguments) const;
  /// Forgets everything; what comes next depends on `seed` alone.
  void start(std::uint64_t seed);
  Registers hook_arguments(const interface::Hook& hook);
  /// What a callback is lent, but for what the extension passed along.
  Registers callback_arguments(const interface::Callback& callback);
  /// `arguments`: memory arguments as real addresses.
  CallResult call(interface::FunctionIdx function, const Registers& arguments, const CallBack& call_back, engine::HostOracle& oracle);

 private:
  static constexpr std::uint64_t kArenaBytes = 1ull << 20;
  struct Reference {
    std::uint64_t address = 0;
    interface::ObjectTypeIdx type;
    std::uint32_t count = 0;
  };

  std::uint64_t make(const interface::Type& type, unsigned depth);
  std::uint64_t make_scalar(const interface::Scalar& type);
  std::uint64_t make_struct(const interface::Struct& type, unsigned depth);
  std::uint64_t make_memory(std::uint64_t bytes);
  void place_ranges(const interface::Struct& type, std::uint64_t address);
  std::uint64_t scalar_result(const interface::Function& function, const interface::Scalar& type);
  std::uint64_t object_result(const interface::Function& function, const interface::ObjectRef& type, const Registers& arguments);
  std::uint64_t result_of(const interface::Function& function, const Registers& arguments);
  std::optional<CallResult> run_callbacks(const interface::Function& function, const Registers& arguments, const CallBack& call_back,
                                          engine::HostOracle& oracle);
  void write_arguments(const interface::Function& function, const Registers& arguments);
  void forget_references(const interface::Function& function, const Registers& arguments);
  std::uint64_t allocate(std::uint64_t bytes);

  const interface::Declarations& declarations_;
  std::byte* arena_ = nullptr;
  std::uint64_t used_ = 0;
  Random random_{0};
  std::vector<Reference> references_;
  std::vector<engine::MapIdentity> maps_;
};

}  // namespace tenon::fuzz
