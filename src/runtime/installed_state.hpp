// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/code_memory.hpp"
#include "runtime/control.hpp"
#include "runtime/runtime.hpp"
#include "runtime/site.hpp"
#include "runtime/thread_slot.hpp"

namespace tenon::runtime {

struct Installed::State {
  std::shared_ptr<Heap> heap;
  Heap::State* heap_state = nullptr;
  std::unique_ptr<const CallTable> calls;
  std::vector<Site> sites;
  CodeMemory code;
  std::vector<abi::PcMapEntry> pc_map;
  std::vector<Place> places;
  std::uint64_t native_stack_bytes = 0;  ///< with the reserve for host functions
  std::uint64_t quantum_ns = 0;
  bool polls = false;                    ///< CodeImage::polls
  std::shared_ptr<Control> control;      ///< never null once created
  std::uint64_t default_result = 0;
  struct Given { std::uint8_t index; const Drop* drop; };
  std::vector<Given> given;              ///< arguments that the hook gives away
  std::atomic<std::uint64_t> acquired{0}, released_by_extension{0}, released_by_cancel{0};

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State();

  Outcome run(const std::uint64_t* arguments) noexcept;

 private:
  Outcome conclude(Level& level) noexcept;
  Outcome refuse_to_run(Cause cause, const std::uint64_t* arguments) const noexcept;
  Outcome stopped(Cause cause, std::uint32_t instruction) const noexcept;
  std::uint32_t instruction_at(std::uint64_t pc) const noexcept;
  void add(const RecordCounts& counts) noexcept;
};

}  // namespace tenon::runtime
