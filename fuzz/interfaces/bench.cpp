// SPDX-License-Identifier: Apache-2.0
#include "bench.hpp"

#include <algorithm>
#include <utility>

namespace tenon::fuzz {

namespace {

constexpr std::uint64_t kMaxSteps = 20'000;        ///< of the verifier: short programs, so that there are many
constexpr std::uint64_t kMaxInstructions = 1'000;  ///< of one run

ir::FunctionIdx function_of(const ir::Program& program, std::uint64_t value) {
  ir::FunctionIdx meant(0u);
  while (!program.function(meant).value || ir::kFunctionValueBase + *program.function(meant).value != value) ++meant.value;
  return meant;
}

}  // namespace

Bench::Bench(std::string name, std::string_view interface_text)
    : name_(std::move(name)), sandbox_(interface_text, name_ + ".tni"), oracle_(*sandbox_.declarations()), host_(*sandbox_.declarations()) {
  coverage_.calls.resize(declarations().functions.size());
  interp::Environment& environment = sandbox_.environment();
  environment.max_instructions = kMaxInstructions;
  environment.max_depth = 16;
  environment.host_memory = [this](std::uint64_t address, std::uint64_t bytes, bool write) { return oracle_.allows(address, bytes, write); };
  environment.call = [this](const auto& site, const auto& arguments, const auto& call_back) { return call(site, arguments, call_back); };
  environment.touched = [this](const interp::Touch& touch) {
    ++(touch.stored ? coverage_.stores : coverage_.loads);
    oracle_.touched(touch.memory == verify::MemClass::stack, touch.address, touch.bytes, touch.stored);
  };
  environment.frame_ended = [this](std::uint64_t begin, std::uint64_t end) { oracle_.frame_ended(begin, end); };
  std::vector<engine::MapIdentity> maps;
  for (const ir::MapDefinition& map : maps_for(declarations())) {
    environment.map_addresses.push_back(reinterpret_cast<std::uint64_t>(this) + maps.size());  // only compared, never followed
    maps.push_back({environment.map_addresses.back(), map.key_bytes, map.value_bytes, map.kind});
  }
  host_.set_maps(maps);
  oracle_.set_maps(std::move(maps));
}

Coverage Bench::take_coverage() {
  Coverage taken;
  taken.calls.resize(coverage_.calls.size());
  std::swap(taken, coverage_);
  return taken;
}

std::optional<instrument::Guarded> Bench::prove(ir::Parts parts, std::string* why) const {
  auto program = ir::link(std::move(parts));
  if (!program) {
    if (why != nullptr) *why = "link";
    return std::nullopt;
  }
  auto proof = verify::prove(std::move(*program), sandbox_.declarations(), {.max_steps = kMaxSteps});
  if (!proof) {
    if (why != nullptr) *why = proof.error().front().code;
    return std::nullopt;
  }
  return instrument::insert_guards(std::move(*proof));
}

void Bench::fill_globals(std::uint64_t seed) {
  Random random(seed + 1);
  for (std::uint64_t at = 0; at < kGlobalsBytes; at += 8) {
    sandbox_.store(sandbox_.globals() + at, random.percent(70) ? random.below(12) : random.percent(50) ? random.next() : random.below(1 << 16));
  }
}

const std::vector<std::string>& Bench::run(const instrument::Guarded& program, std::uint64_t seed) {
  fill_globals(seed);
  host_.start(seed);
  flow_.start();
  kept_.clear();
  const interface::Hook& hook = program.proof().hook();
  const auto arguments = host_.hook_arguments(hook);
  oracle_.enter(hook, arguments);
  const interp::Run run = interp::run(program, arguments, sandbox_.environment());
  ++coverage_.runs;
  coverage_.instructions += run.instructions;
  switch (run.kind) {
    case Outcome::Kind::returned:
      ++coverage_.returned;
      oracle_.leave(run.value);
      break;
    case Outcome::Kind::thrown:
      ++coverage_.thrown;
      break;
    case Outcome::Kind::cancelled:
      ++coverage_.cancelled;
      break;
  }
  if (oracle_.violations().empty()) clean_up(program, run.heap_stack_end);
  if (oracle_.violations().empty()) run_kept(program);
  return oracle_.violations();
}

void Bench::clean_up(const instrument::Guarded& program, std::uint64_t frames_end) {
  interp::Environment environment = sandbox_.environment();
  environment.heap_stack_top = frames_end;
  while (const auto cleanup = flow_.take_last()) {
    oracle_.enter_alone(program.proof().hook());
    interp::run(program, {cleanup->argument}, environment, function_of(program.program(), cleanup->function));
    ++coverage_.callbacks;
    if (!oracle_.violations().empty()) return;
  }
}

void Bench::run_kept(const instrument::Guarded& program) {
  for (const Kept& kept : std::vector(kept_)) {
    const auto given = host_.callback_arguments(*kept.type);
    oracle_.enter_later(program.proof().hook(), *kept.type, given);
    flow_.start();
    const interp::Run run = interp::run(program, given, sandbox_.environment(), function_of(program.program(), kept.function));
    ++coverage_.callbacks;
    if (run.kind == Outcome::Kind::returned) oracle_.leave_later(*kept.type, run.value);
    if (oracle_.violations().empty()) clean_up(program, run.heap_stack_end);
    if (!oracle_.violations().empty()) return;
  }
}

bool Bench::resolve_heap_arguments(const abi::CallSite& site, const interface::Function& function, std::array<std::uint64_t, 5>& arguments) {
  const auto given = arguments;
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    if ((site.heap_arguments >> i & 1) == 0) continue;
    const auto& mem = std::get<interface::Mem>(function.parameters[i].type);
    if (given[i] == 0 && mem.nullable) continue;
    const std::uint64_t address = sandbox_.heap_base() + static_cast<std::uint32_t>(given[i]);
    const std::uint64_t bytes = host_.extent(function, mem, given);
    if (bytes > test::Sandbox::kGrantedBytes || (bytes != 0 && !sandbox_.environment().granted(address, bytes))) return false;
    arguments[i] = address;
  }
  return true;
}

interp::Environment::CallResult Bench::call(const abi::CallSite& site, const std::array<std::uint64_t, 5>& arguments,
                                            const interp::Environment::CallBack& call_back) {
  const interface::FunctionIdx index(site.host_function);
  const interface::Function& function = declarations().at(index);
  ++coverage_.calls[index.index()];
  oracle_.before_call(index, arguments);
  if (!oracle_.violations().empty()) return {0, Outcome::Kind::cancelled, Cause::host_request};  // what would follow says nothing
  auto resolved = arguments;
  if (!resolve_heap_arguments(site, function, resolved)) return {0, Outcome::Kind::cancelled, Cause::argument};
  const auto counted = [&](std::uint64_t callee, const auto& given) {
    ++coverage_.callbacks;
    return call_back(callee, given);
  };
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const auto* callback = std::get_if<interface::CallbackRef>(&function.parameters[i].type);
    if (callback == nullptr || arguments[i] == 0 || !declarations().at(callback->type).later || function.builtin) continue;
    kept_.push_back({arguments[i], &declarations().at(callback->type)});
  }
  if (function.builtin) {
    const auto done = flow_.call(function.name, resolved, function, counted, oracle_);
    if (done && done->kind == Outcome::Kind::returned) oracle_.after_call(done->r0);
    if (done) return *done;
  }
  const auto result = host_.call(index, resolved, counted, oracle_);
  if (result.kind == Outcome::Kind::returned) oracle_.after_call(result.r0);
  return result;
}

}  // namespace tenon::fuzz
