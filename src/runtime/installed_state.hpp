// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "runtime/code_memory.hpp"
#include "runtime/control.hpp"
#include "runtime/entry.hpp"
#include "runtime/runtime.hpp"
#include "runtime/site.hpp"
#include "runtime/thread_slot.hpp"
#include "runtime/watchdog.hpp"

namespace tenon::runtime {

struct Installed::State final : FunctionRunner {
  const std::uint64_t serial = next_serial();  ///< of no other State of this process, ever
  std::shared_ptr<Heap> heap;
  Heap::State* heap_state = nullptr;
  std::unique_ptr<const CallTable> calls;
  std::vector<Site> sites;
  CodeMemory code;
  std::vector<abi::PcMapEntry> pc_map;
  struct KeptPlace {
    std::uint32_t slot;
    const char* file;  ///< lives as long as the process: Outcomes point to it
    std::uint32_t line;
  };
  std::vector<KeptPlace> places;
  std::uint64_t native_stack_bytes = 0;  ///< with the reserve for host functions
  std::uint64_t quantum_ns = 0;
  bool polls = false;                    ///< CodeImage::polls
  std::shared_ptr<Control> control;      ///< never null once created
  std::uint64_t default_result = 0;
  struct Given { std::uint8_t index; const Drop* drop; };
  std::vector<Given> given;              ///< arguments that the hook gives away
  struct Function {
    std::uint64_t value;  ///< 0: it has none
    std::uint64_t entry;
    std::uint64_t native_stack_bytes;  ///< with the reserve for host functions
    Drop cleanup, destructor;
  };
  std::vector<Function> functions;         ///< sorted by value; never resized, since records point to their cleanups
  const Function* exception_callback = nullptr;
  /// The record around one call, as the verifier has it: how often each drop may be in it.
  struct ExpectedRecord {
    struct Count { const Drop* drop; std::size_t least, most; };
    bool after, complete;
    std::vector<Count> counts;
  };
  std::map<std::uint32_t, std::vector<ExpectedRecord>> expected;  ///< by instruction; empty: not checked
  std::weak_ptr<const Installed> self;  ///< the handle; gone once nobody may start anything
  bool has_cleanups = false, watches_cleanups = false;
  std::atomic<std::uint64_t> acquired{0}, released_by_extension{0}, released_by_cancel{0};

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State();

  bool add_functions(const abi::CodeImage& image);
  void add_tables(const interface::Declarations& declarations, const std::map<std::uint32_t, std::vector<HeldTable>>& tables);
  Outcome run(const Registers& arguments) noexcept;
  /// `is_program`: else a function that ran by itself, whose exceptions are nobody's.
  Outcome leave(Level& level, EnterResult result, bool is_program = true) noexcept;
  Outcome run_later(const Function& function, const Registers& arguments) noexcept;

  const void* find(std::uint64_t value) const noexcept override;
  std::optional<std::uint64_t> run(Level& level, const void* function, const Registers& arguments) noexcept override;
  const Drop& cleanup(const void* function, Drop::Kind kind) noexcept override {
    const auto& known = *static_cast<const Function*>(function);
    return kind == Drop::Kind::cleanup ? known.cleanup : known.destructor;
  }
  std::weak_ptr<const tenon::detail::LaterRunner> later() const noexcept override { return self; }

 private:
  static std::uint64_t next_serial() noexcept;
  void prepare(const ThreadSlot& slot, Level& level, std::uint64_t heap_stack) noexcept;
  void check_record(const Level& level) const noexcept;
  Outcome describe_end(const Level& level) const noexcept;
  void run_exception_callback(Level& level, Outcome& outcome) noexcept;

  Outcome conclude(Level& level, bool is_program) noexcept;
  void hold_given(Level& level, const Registers& arguments) const noexcept;
  Outcome refuse_to_run(Cause cause, const Registers& arguments) const noexcept;
  Outcome refuse_later(Cause cause, const Function& function) const noexcept;
  Outcome stopped(Cause cause, std::uint32_t instruction) const noexcept;
  std::uint32_t instruction_at(std::uint64_t pc) const noexcept;
  void count(Level& level) noexcept;
};

}  // namespace tenon::runtime
