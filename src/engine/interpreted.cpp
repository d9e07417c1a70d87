// SPDX-License-Identifier: Apache-2.0
#include "engine/interpreted.hpp"

#include "base/bug.hpp"

namespace tenon::engine {

namespace {

/// No function has this value: they count from kFunctionValueBase.
constexpr std::uint64_t kExceptionCallback = ~0ull;

/// As which parameter the function was passed; null for one that was passed to an earlier call (a cleanup).
const interface::Callback* callback_type(const interface::Declarations& declarations, const interface::Function& callee,
                                         const std::array<std::uint64_t, 5>& arguments, std::uint64_t function) {
  for (std::size_t i = 0; i < callee.parameters.size(); ++i) {
    const auto* callback = std::get_if<interface::CallbackRef>(&callee.parameters[i].type);
    if (callback != nullptr && arguments[i] == function) return &declarations.at(callback->type);
  }
  return nullptr;
}

}  // namespace

Interpreted::Interpreted(instrument::Guarded guarded, std::shared_ptr<runtime::Heap> heap, std::shared_ptr<runtime::Control> control,
                         SharedDeclarations declarations, std::vector<HostFunction> bindings, std::chrono::nanoseconds quantum, bool check_host)
    : Executable(std::move(guarded)),
      heap_(std::move(heap)),
      control_(std::move(control)),
      declarations_(std::move(declarations)),
      bindings_(std::move(bindings)),
      max_instructions_(static_cast<std::uint64_t>(quantum.count()) * kInstructionsPerNanosecond),
      check_host_(check_host) {}

interp::Environment Interpreted::environment(runtime::HostSession& session, HostOracle& oracle, Broken& broken) const {
  interp::Environment made;
  made.shape = heap_->shape();
  made.heap_base = heap_->base();
  made.globals_address = heap_->globals_address();
  made.heap_stack_top = session.heap_stack_top();
  made.heap_stack_limit = session.heap_stack_limit();
  made.granted = [this](std::uint64_t address, std::uint64_t bytes) { return heap_->granted(address, bytes); };
  made.call = [this, &session, &oracle, &broken](const abi::CallSite& site, const std::array<std::uint64_t, 5>& arguments,
                                                 const interp::Environment::CallBack& call_back) {
    const interface::Function& callee = declarations_->at(interface::FunctionIdx(site.host_function));
    oracle.before_call(interface::FunctionIdx(site.host_function), arguments);
    const auto watched = [&](std::uint64_t function, const std::array<std::uint64_t, 5>& given) {
      const interface::Callback* const type = callback_type(*declarations_, callee, arguments, function);
      if (type != nullptr) oracle.enter_callback(*type, given);
      const auto ended = call_back(function, given);
      if (type != nullptr && ended.kind == Outcome::Kind::returned) oracle.leave_callback(*type, ended.r0);
      return runtime::HostSession::CallResult{ended.r0, ended.kind, ended.cause};
    };
    const std::size_t depth = oracle.calls_under_way();
    const runtime::HostSession::CallResult result = session.call(site, arguments, watched, place_of(site));
    if (callee.catches && result.kind == Outcome::Kind::returned && result.r0 != 0) oracle.caught(depth);
    if (result.kind == Outcome::Kind::returned) oracle.after_call(result.r0);
    if (result.cause == Cause::host_promise || result.cause == Cause::bad_free) broken = Broken{result.broken_promise, result.r0};
    return interp::Environment::CallResult{result.r0, result.kind, result.cause};
  };
  made.host_memory = [&oracle](std::uint64_t address, std::uint64_t bytes, bool write) { return oracle.allows(address, bytes, write); };
  made.touched = [&oracle](const interp::Touch& touch) {
    oracle.touched(touch.memory == verify::MemClass::stack, touch.address, touch.bytes, touch.stored);
  };
  made.frame_ended = [&oracle, &session](std::uint64_t begin, std::uint64_t end) {
    oracle.frame_ended(begin, end);
    session.frame_ended(begin, end);
  };
  made.must_end = [&session] { return session.must_end(); };
  made.max_instructions = max_instructions_;
  return made;
}

runtime::CallPlace Interpreted::place_of(const abi::CallSite& site) const {
  const ir::Program& program = guarded().program();
  const ir::Line* const line = program.line_of(ir::InsnIdx(site.instruction));
  return line == nullptr ? runtime::CallPlace{} : runtime::CallPlace{program.files()[line->file], line->line};
}

Outcome Interpreted::outcome_of(const interp::Run& run) const {
  Outcome outcome;
  outcome.kind = run.kind;
  outcome.cause = run.cause;
  outcome.value = run.kind == Outcome::Kind::cancelled ? guarded().proof().hook().default_result : run.value;
  if (run.kind == Outcome::Kind::thrown) outcome.cookie = run.value;
  outcome.fault_address = run.fault_address;
  if (run.kind == Outcome::Kind::returned) return outcome;
  const ir::Program& program = guarded().program();
  outcome.instruction = program.slot(run.at);
  if (const ir::Line* line = program.line_of(run.at)) {
    outcome.file = runtime::keep_forever(program.files()[line->file]);
    outcome.line = line->line;
  }
  return outcome;
}

/// Cleanups and the exception callback: nothing is known to them but their number, so a model of their own watches them. Their frames lie below
/// `frames_end`, unless that is 0.
runtime::HostSession::CallResult Interpreted::run_alone(runtime::HostSession& session, Broken& broken, std::uint64_t frames_end,
                                                        std::uint64_t function, const std::array<std::uint64_t, 5>& arguments) const {
  const auto meant = function == kExceptionCallback ? guarded().program().exception_callback() : function_of(function);
  if (!meant) return {0, Outcome::Kind::cancelled, Cause::bad_call};
  HostOracle oracle(*declarations_);
  oracle.enter_alone(guarded().proof().hook());
  interp::Environment surroundings = environment(session, oracle, broken);
  if (frames_end != 0) surroundings.heap_stack_top = frames_end;
  surroundings.heap_stack_limit = session.cleanup_stack_limit();
  const interp::Run run = interp::run(guarded(), arguments, surroundings, *meant);
  if (!oracle.violations().empty()) base::bug("an accepted program broke its interface: " + oracle.violations().front());
  return {run.value, run.kind, run.cause};
}

std::optional<ir::FunctionIdx> Interpreted::function_of(std::uint64_t value) const {
  const ir::Program& program = guarded().program();
  for (ir::FunctionIdx f{0u}; f.index() < program.functions().size(); ++f) {
    const auto& number = program.function(f).value;
    if (number && ir::kFunctionValueBase + *number == value) return f;
  }
  return std::nullopt;
}

void Interpreted::run_exception_callback(runtime::HostSession& session, Outcome& outcome) const {
  const auto result = session.run_alone(kExceptionCallback, {outcome.cookie});
  if (result.kind != Outcome::Kind::returned) {
    outcome.kind = result.kind;
    outcome.cause = result.cause;
    outcome.cookie = result.kind == Outcome::Kind::thrown ? result.r0 : 0;
  }
  outcome.value = result.kind == Outcome::Kind::cancelled ? guarded().proof().hook().default_result : result.r0;
}

Outcome Interpreted::run(const std::array<std::uint64_t, 5>& arguments) const noexcept { return run_from({ir::FunctionIdx(0u)}, arguments); }

Outcome Interpreted::run_later(const void* function, std::uint32_t type, const std::array<std::uint64_t, 5>& arguments) const noexcept {
  const auto meant = function_of(reinterpret_cast<std::uint64_t>(function));
  if (!meant) return outcome_of({.kind = Outcome::Kind::cancelled, .cause = Cause::bad_call});
  const interface::Callback& later = declarations_->at(interface::CallbackIdx(type));
  Outcome outcome = run_from({*meant, &later}, arguments);
  const bool gives = outcome.kind == Outcome::Kind::returned && !std::holds_alternative<interface::Nothing>(later.result);
  if (!gives && outcome.kind != Outcome::Kind::thrown) outcome.value = 0;
  return outcome;
}

Outcome Interpreted::run_from(const Start& start, const std::array<std::uint64_t, 5>& arguments) const noexcept {
  const interface::Hook& hook = guarded().proof().hook();
  Broken broken;
  runtime::HostSession* running = nullptr;
  std::uint64_t frames_end = 0;
  const auto alone = [&](std::uint64_t function, const std::array<std::uint64_t, 5>& given) {
    return run_alone(*running, broken, frames_end, function, given);
  };
  runtime::HostSession session(heap_, declarations_, bindings_, check_host_, alone,
                               std::chrono::nanoseconds(max_instructions_ / kInstructionsPerNanosecond), control_.get(), weak_from_this());
  running = &session;
  if (start.later == nullptr) session.hold(runtime::given_arguments(hook), arguments);
  if (const Cause refusal = session.refusal(); refusal != Cause::none) {
    control_->refused(refusal);
    return outcome_of({.kind = Outcome::Kind::cancelled, .cause = refusal});
  }
  HostOracle oracle(*declarations_);
  start.later == nullptr ? oracle.enter(hook, arguments) : oracle.enter_later(hook, *start.later, arguments);
  interp::Run run = interp::run(guarded(), arguments, environment(session, oracle, broken), start.function);
  frames_end = run.heap_stack_end;
  if (run.kind == Outcome::Kind::returned) start.later == nullptr ? oracle.leave(run.value) : oracle.leave_later(*start.later, run.value);
  if (!oracle.violations().empty()) base::bug("an accepted program broke its interface: " + oracle.violations().front());
  if (const auto since = session.lock_held_since(); since && run.kind == Outcome::Kind::returned) {
    run.kind = Outcome::Kind::cancelled;
    run.cause = Cause::lock_held;
    run.at = ir::InsnIdx(*since);
  }
  Outcome outcome = outcome_of(run);
  session.describe(outcome);
  outcome.failed_cleanups = session.release();
  if (run.kind == Outcome::Kind::thrown && start.later == nullptr && guarded().program().exception_callback()) run_exception_callback(session, outcome);
  session.finish();
  const runtime::RecordCounts counts = session.record_counts();
  acquired_ += counts.acquired;
  released_by_extension_ += counts.released_by_extension;
  released_by_cancel_ += counts.released_by_cancel;
  if (outcome.cause == Cause::host_promise) outcome.broken_promise = runtime::keep_forever(broken.text), outcome.fault_address = broken.result;
  if (outcome.cause == Cause::bad_free) outcome.fault_address = broken.result;
  if (outcome.kind == Outcome::Kind::cancelled) control_->ended(outcome.cause);
  return outcome;
}

runtime::RecordCounts Interpreted::record_counts() const { return {acquired_, released_by_extension_, released_by_cancel_}; }

}  // namespace tenon::engine
