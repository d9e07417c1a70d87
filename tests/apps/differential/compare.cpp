// SPDX-License-Identifier: Apache-2.0
#include "compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <utility>

#include "engine/pipeline.hpp"
#include "host.hpp"
#include "instrument/guarded.hpp"
#include "runtime/runtime.hpp"

namespace tenon::differential {
namespace {

constexpr std::uint64_t kHeapBytes = 1ull << 20;
constexpr auto kInterpreterQuantum = std::chrono::nanoseconds(300'000);  // that many instructions
constexpr auto kNativeQuantum = std::chrono::seconds(2);
constexpr std::uint64_t kGrownBytes = 64ull << 10;

/// All that a run leaves behind.
struct Observed {
  Outcome::Kind kind = Outcome::Kind::returned;
  Cause cause = Cause::none;
  std::uint32_t instruction = 0;
  std::uint64_t value = 0;
  std::vector<std::byte> heap;
  std::vector<std::uint8_t> data;
  std::uint32_t mark = 0;
  std::vector<std::string> log;
  std::int64_t held = 0;
};

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(to_text(result.error()));
  return std::move(result).value();
}

/// The heap both runs share: they must see the same addresses.
class SharedHeap {
 public:
  explicit SharedHeap(const ir::Globals& globals) {
    runtime::InitialGlobals initial{.bytes = globals.initial, .pointers = {}};
    heap_ = must(runtime::Heap::create(kHeapBytes, 0, initial));
    bytes_ = globals.initial.size();
    grown_ = heap_->grow(kGrownBytes);
    if (grown_ == 0) throw std::runtime_error("the heap does not grow");
  }
  const std::shared_ptr<runtime::Heap>& get() const { return heap_; }
  void reset(const ir::Globals& globals) const {
    std::memcpy(reinterpret_cast<void*>(heap_->globals_address()), globals.initial.data(), bytes_);
    std::memset(reinterpret_cast<void*>(grown_), 0, kGrownBytes);
  }
  std::vector<std::byte> snapshot() const {
    std::vector<std::byte> bytes(bytes_ + kGrownBytes);
    std::memcpy(bytes.data(), reinterpret_cast<const void*>(heap_->globals_address()), bytes_);
    std::memcpy(bytes.data() + bytes_, reinterpret_cast<const void*>(grown_), kGrownBytes);
    return bytes;
  }

 private:
  std::shared_ptr<runtime::Heap> heap_;
  std::uint64_t bytes_ = 0;
  std::uint64_t grown_ = 0;
};

/// One back end, from a fresh host state and the heap's first contents.
Observed run_on(Backend backend, const instrument::Guarded& guarded, const Interface& interface, const SharedHeap& heap, std::uint64_t host_seed) {
  LoadOptions options;
  options.backend = backend;
  options.quantum = backend == Backend::interpreter ? kInterpreterQuantum : kNativeQuantum;
  const auto executable = must(engine::make_executable(guarded, heap.get(), std::make_shared<runtime::Control>(), interface, options));
  Host& host = Host::current();
  host.reset(host_seed);
  heap.reset(*guarded.program().globals());
  const Outcome outcome = executable->run({reinterpret_cast<std::uint64_t>(&host.frame)});
  Observed observed{.kind = outcome.kind, .cause = outcome.cause, .instruction = outcome.instruction, .value = outcome.value};
  observed.heap = heap.snapshot();
  observed.data = host.data_bytes();
  observed.mark = host.frame.mark;
  observed.log = host.log;
  observed.held = host.held_tokens();
  return observed;
}

std::string first_difference(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const std::string left = i < a.size() ? a[i] : "nothing", right = i < b.size() ? b[i] : "nothing";
    if (left != right) return fmt::format("host call {}: '{}' against '{}'", i, left, right);
  }
  return "";
}

/// Heap contents of a cancelled run may be those of no bytecode boundary (soundness.md, rule 10); everything of the host's must agree.
std::string difference(const Observed& interp, const Observed& native) {
  if (interp.kind != native.kind) {
    return fmt::format("outcome: {} ({}) against {} ({})", to_string(interp.kind), to_string(interp.cause), to_string(native.kind),
                       to_string(native.cause));
  }
  if (interp.cause != native.cause) return fmt::format("cause: {} against {}", to_string(interp.cause), to_string(native.cause));
  if (interp.value != native.value) return fmt::format("value: {:#x} against {:#x}", interp.value, native.value);
  if (interp.kind != Outcome::Kind::returned && interp.instruction != native.instruction) {
    return fmt::format("instruction where it was {} ({}): {} against {}", to_string(interp.kind), to_string(interp.cause), interp.instruction,
                       native.instruction);
  }
  if (interp.held != 0 || native.held != 0) return fmt::format("tokens still held: {} against {}", interp.held, native.held);
  if (const std::string calls = first_difference(interp.log, native.log); !calls.empty()) return calls;
  if (interp.data != native.data) return "context data";
  if (interp.mark != native.mark) return fmt::format("context field: {:#x} against {:#x}", interp.mark, native.mark);
  if (interp.kind == Outcome::Kind::cancelled) return "";
  for (std::size_t i = 0; i < interp.heap.size(); ++i) {
    if (interp.heap[i] != native.heap[i]) return fmt::format("heap byte {}", i);
  }
  return "";
}

Verdict verdict_of(const Observed& interp) {
  switch (interp.kind) {
    case Outcome::Kind::returned:
      return {Verdict::Kind::returned, ""};
    case Outcome::Kind::thrown:
      return {Verdict::Kind::thrown, ""};
    case Outcome::Kind::cancelled:
      return {Verdict::Kind::cancelled, std::string(to_string(interp.cause))};
  }
  return {};
}

}  // namespace

Verdict compare(ir::Program program, const Interface& interface, std::uint64_t host_seed, bool interpreter_only) {
  auto proof = verify::prove(std::move(program), engine::share_declarations(interface));
  if (!proof) return {Verdict::Kind::rejected, proof.error()[0].code};
  const instrument::Guarded guarded = instrument::insert_guards(std::move(*proof));
  const SharedHeap heap(*guarded.program().globals());
  const Observed interp = run_on(Backend::interpreter, guarded, interface, heap, host_seed);
  if (interp.cause == Cause::quantum) return {Verdict::Kind::too_long, ""};
  if (interpreter_only) return verdict_of(interp);
  const Observed native = run_on(Backend::native, guarded, interface, heap, host_seed);
  if (std::string found = difference(interp, native); !found.empty()) return {Verdict::Kind::differs, std::move(found)};
  return verdict_of(interp);
}

}  // namespace tenon::differential
