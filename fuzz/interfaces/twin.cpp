// SPDX-License-Identifier: Apache-2.0
#include "twin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <tuple>
#include <utility>

#include <tenon/engine.hpp>

#include "generator/generator.hpp"

namespace tenon::fuzz {

namespace {

constexpr std::size_t kMaxFunctions = 96;
constexpr std::uint64_t kHeapBytes = 1 << 20;
constexpr auto kInterpretedQuantum = std::chrono::microseconds(5);  // one instruction per nanosecond
constexpr auto kNativeQuantum = std::chrono::seconds(1);

/// What the host function sees of an argument.
std::uint64_t as_declared(const interface::Type& type, std::uint64_t value) {
  const auto* scalar = std::get_if<interface::Scalar>(&type);
  return scalar == nullptr ? value : value << (64u - scalar->bits) >> (64u - scalar->bits);
}

/// What is passed has one value in both: not so what may be a copy, the host's handle of a function or of an object in the stack, an address of a frame.
bool means_the_same(const interface::Declarations& declarations, const interface::Type& type) {
  const auto* object = std::get_if<interface::ObjectRef>(&type);
  if (object != nullptr) return declarations.at(object->type).stack_bytes == 0;
  return !std::holds_alternative<interface::Mem>(type) && !std::holds_alternative<interface::CallbackRef>(type) &&
         !std::holds_alternative<interface::Opaque>(type);
}

std::string describe(const Outcome& outcome) {
  return fmt::format("{} {} {}", static_cast<int>(outcome.kind), static_cast<int>(outcome.cause), outcome.value);
}

}  // namespace

Twins* Twins::running_ = nullptr;

template <std::size_t function>
std::uint64_t Twins::entry(std::uint64_t r1, std::uint64_t r2, std::uint64_t r3, std::uint64_t r4, std::uint64_t r5) noexcept {
  return running_->called(function, {r1, r2, r3, r4, r5});
}

Twins::Twins(engine::SharedDeclarations declarations) : declarations_(std::move(declarations)), host_(*declarations_), unused_(*declarations_) {
  static constexpr auto kEntries = []<std::size_t... f>(std::index_sequence<f...>) {
    return std::array<HostEntry, sizeof...(f)>{&Twins::entry<f>...};
  }(std::make_index_sequence<kMaxFunctions>{});
  if (declarations_->functions.size() > kMaxFunctions) throw std::invalid_argument("more functions than there are entries");
  runtime::InitialGlobals globals;
  globals.bytes.resize(kGlobalsBytes);
  auto heap = runtime::Heap::create(kHeapBytes, kHeapBytes, globals);
  if (!heap) throw std::runtime_error(to_text(heap.error()));
  heap_ = std::move(*heap);
  for (std::size_t f = 0; f < declarations_->functions.size(); ++f) {
    bindings_.push_back(declarations_->functions[f].builtin ? HostFunction{} : HostFunction{kEntries[f], {}, {}});
  }
}

std::uint64_t Twins::called(std::size_t function, const RandomHost::Registers& arguments) {
  Call call{function, {}};
  const interface::Function& declared = declarations_->functions[function];
  auto given = arguments;
  for (std::size_t i = 0; i < declared.parameters.size(); ++i) {
    given[i] = as_declared(declared.parameters[i].type, arguments[i]);
    const auto* callback = std::get_if<interface::CallbackRef>(&declared.parameters[i].type);
    if (callback != nullptr && given[i] != 0 && declarations_->at(callback->type).later)
      kept_.push_back({reinterpret_cast<const Callback*>(given[i])->later(), &declarations_->at(callback->type)});
    if (means_the_same(*declarations_, declared.parameters[i].type)) call.arguments[i] = given[i];
  }
  calls_.push_back(call);
  const auto call_back = [](std::uint64_t callback, const RandomHost::Registers& r) {
    const auto result = reinterpret_cast<const Callback*>(callback)->call(r[0], r[1], r[2], r[3], r[4]);
    return RandomHost::CallResult{result.value_or(0), result ? Outcome::Kind::returned : Outcome::Kind::cancelled, Cause::none};
  };
  const auto result = host_.call(interface::FunctionIdx(function), given, call_back, unused_);
  if (result.kind == Outcome::Kind::cancelled) cancel_current_invocation();  // unless it ends already, in a callback
  if (result.kind == Outcome::Kind::thrown) throw_in_current_invocation(result.r0);
  return result.r0;
}

bool Twins::take(const instrument::Guarded& program) {
  const auto& externs = program.program().externs();
  constexpr std::string_view kAllocating[] = {"tn_grow", "tn_malloc", "tn_calloc", "tn_realloc", "tn_aligned_alloc", "tn_free"};
  if (std::ranges::find_first_of(externs, kAllocating) != externs.end()) return false;  // what one run takes the other has
  const auto is_map = [](const isa::Insn& insn) {
    const auto* load = std::get_if<isa::LoadImm>(&insn);
    return load != nullptr && load->kind == isa::LoadImm::Kind::map;
  };
  if (std::any_of(program.program().insns().begin(), program.program().insns().end(), is_map)) return false;
  const auto generator = engine::code_generator();
  if (!generator) throw std::runtime_error(to_text(generator.error()));
  auto image = (*generator)->compile(program, {heap_->shape()});
  if (!image) throw std::runtime_error(to_text(image.error()));
  std::vector<runtime::Place> places(program.program().insns().size());
  const interface::Hook& hook = program.proof().hook();
  const runtime::InstallOptions options{kNativeQuantum, hook.default_result, runtime::given_arguments(hook)};
  auto installed = runtime::Installed::create(std::move(*image), heap_, declarations_, bindings_, std::move(places), options);
  if (!installed) return false;
  installed_ = std::move(*installed);
  interpreted_ = std::make_shared<engine::Interpreted>(program, heap_, std::make_shared<runtime::Control>(), declarations_, bindings_, kInterpretedQuantum);
  return true;
}

void Twins::fill_globals(std::uint64_t seed) const {
  Random random(seed + 1);
  for (std::uint64_t at = 0; at < kGlobalsBytes; at += 8) {
    const std::uint64_t value = random.percent(70) ? random.below(12) : random.next();
    std::memcpy(reinterpret_cast<void*>(heap_->globals_address() + at), &value, sizeof value);
  }
}

Twins::Trace Twins::run(bool native, std::uint64_t seed) {
  running_ = this;
  fill_globals(seed);
  host_.start(seed);
  calls_.clear();
  kept_.clear();
  unused_.enter_alone(interpreted_->guarded().proof().hook());
  Trace trace;
  const auto arguments = host_.hook_arguments(interpreted_->guarded().proof().hook());
  const auto counts = [&] { return native ? installed_->record_counts() : interpreted_->record_counts(); };
  const runtime::RecordCounts before = counts();
  trace.outcome = native ? std::apply([&](auto... r) { return installed_->run(r...); }, arguments) : interpreted_->run(arguments);
  for (const Kept& kept : std::vector(std::exchange(kept_, {}))) {
    const auto given = host_.callback_arguments(*kept.type);
    trace.later.push_back(kept.function.run(given[0], given[1], given[2], given[3], given[4]));
  }
  const runtime::RecordCounts after = counts();
  trace.counts = {after.acquired - before.acquired, after.released_by_extension - before.released_by_extension,
                  after.released_by_cancel - before.released_by_cancel};
  trace.calls = std::move(calls_);
  trace.globals.resize(kGlobalsBytes);
  std::memcpy(trace.globals.data(), reinterpret_cast<const void*>(heap_->globals_address()), kGlobalsBytes);
  return trace;
}

std::string Twins::compare(std::uint64_t seed) {
  const Trace one = run(false, seed);
  if (one.outcome.kind == Outcome::Kind::cancelled && one.outcome.cause == Cause::quantum) return {};
  const Trace other = run(true, seed);
  if (one.outcome.kind != other.outcome.kind || one.outcome.cause != other.outcome.cause || one.outcome.value != other.outcome.value) {
    return fmt::format("interpreted {}, native {}", describe(one.outcome), describe(other.outcome));
  }
  for (std::size_t i = 0; i < std::min(one.later.size(), other.later.size()); ++i) {
    const Outcome &mine = one.later[i], &yours = other.later[i];
    if (mine.kind == Outcome::Kind::cancelled && mine.cause == Cause::quantum) return {};
    if (mine.kind != yours.kind || mine.cause != yours.cause || mine.value != yours.value)
      return fmt::format("later: interpreted {}, native {}", describe(mine), describe(yours));
  }
  if (one.calls != other.calls) return fmt::format("{} host calls interpreted, {} native, not the same", one.calls.size(), other.calls.size());
  const auto is_finished = [](const Outcome& outcome) { return outcome.kind != Outcome::Kind::cancelled; };
  const bool finished = is_finished(one.outcome) && std::ranges::all_of(one.later, is_finished);
  if (finished && one.globals != other.globals) return "the heaps differ";
  if (one.counts.acquired != other.counts.acquired || one.counts.released_by_extension != other.counts.released_by_extension ||
      one.counts.released_by_cancel != other.counts.released_by_cancel) {
    return fmt::format("held: acquired {} and {}, released by the extension {} and {}, for it {} and {}", one.counts.acquired, other.counts.acquired,
                       one.counts.released_by_extension, other.counts.released_by_extension, one.counts.released_by_cancel,
                       other.counts.released_by_cancel);
  }
  return {};
}

}  // namespace tenon::fuzz
