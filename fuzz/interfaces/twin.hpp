// SPDX-License-Identifier: Apache-2.0
// The same program interpreted and compiled, inside the runtime, on one heap and against the same random host: result, heap, every host call and the
// record of what was held must be equal. What the runtime does not run (maps, texts) has no twin.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/interpreted.hpp"
#include "engine/pipeline.hpp"
#include "random_host.hpp"
#include "runtime/runtime.hpp"

namespace tenon::fuzz {

class Twins {
 public:
  explicit Twins(engine::SharedDeclarations declarations);

  /// Installs the program; false when the runtime does not run it.
  bool take(const instrument::Guarded& program);
  /// One run of each; what differs, or nothing.
  std::string compare(std::uint64_t seed);

 private:
  struct Call {
    std::size_t function = 0;
    RandomHost::Registers arguments{};
    bool operator==(const Call&) const = default;
  };
  struct Trace {
    Outcome outcome;
    std::vector<Call> calls;
    std::vector<std::byte> globals;
    runtime::RecordCounts counts;  ///< of this run
    std::vector<Outcome> later;    ///< of what the host kept, each run once afterwards
  };
  struct Kept {
    LaterCallback function;
    const interface::Callback* type = nullptr;
  };
  template <std::size_t function>
  static std::uint64_t entry(std::uint64_t r1, std::uint64_t r2, std::uint64_t r3, std::uint64_t r4, std::uint64_t r5) noexcept;
  std::uint64_t called(std::size_t function, const RandomHost::Registers& arguments);
  Trace run(bool native, std::uint64_t seed);
  void fill_globals(std::uint64_t seed) const;

  static Twins* running_;
  engine::SharedDeclarations declarations_;
  std::shared_ptr<runtime::Heap> heap_;
  std::vector<HostFunction> bindings_;
  RandomHost host_;
  engine::HostOracle unused_;  ///< the interpreter has one of its own
  std::vector<Call> calls_;
  std::vector<Kept> kept_;
  std::shared_ptr<engine::Interpreted> interpreted_;
  std::shared_ptr<runtime::Installed> installed_;
};

}  // namespace tenon::fuzz
