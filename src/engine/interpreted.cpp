// SPDX-License-Identifier: Apache-2.0
#include "engine/interpreted.hpp"

#include "base/bug.hpp"

namespace tenon::engine {

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
  made.call = [&session, &oracle, &broken](const abi::CallSite& site, const std::array<std::uint64_t, 5>& arguments, const auto&) {
    oracle.before_call(interface::FunctionIdx(site.host_function), arguments);
    const runtime::HostSession::CallResult result = session.call(site, arguments);
    if (result.kind == Outcome::Kind::returned) oracle.after_call(result.r0);
    if (result.cause == Cause::host_promise) broken = Broken{result.broken_promise, result.r0};
    return interp::Environment::CallResult{result.r0, result.kind, result.cause};
  };
  made.host_memory = [&oracle](std::uint64_t address, std::uint64_t bytes, bool write) { return oracle.allows(address, bytes, write); };
  made.touched = [&oracle](const interp::Touch& touch) {
    oracle.touched(touch.memory == verify::MemClass::stack, touch.address, touch.bytes, touch.stored);
  };
  made.frame_ended = [&oracle](std::uint64_t begin, std::uint64_t end) { oracle.frame_ended(begin, end); };
  made.must_end = [&session] { return session.must_end(); };
  made.max_instructions = max_instructions_;
  return made;
}

Outcome Interpreted::outcome_of(const interp::Run& run) const {
  Outcome outcome;
  outcome.kind = run.kind;
  outcome.cause = run.cause;
  outcome.value = run.kind == Outcome::Kind::cancelled ? guarded().proof().hook().default_result : run.value;
  outcome.fault_address = run.fault_address;
  if (run.kind == Outcome::Kind::returned) return outcome;
  const ir::Program& program = guarded().program();
  outcome.instruction = program.slot(run.at);
  if (const ir::Line* line = program.line_of(run.at)) {
    outcome.file = program.files()[line->file].c_str();
    outcome.line = line->line;
  }
  return outcome;
}

Outcome Interpreted::run(const std::array<std::uint64_t, 5>& arguments) const noexcept {
  runtime::HostSession session(heap_, declarations_, bindings_, check_host_, control_.get());
  session.hold(runtime::given_arguments(guarded().proof().hook()), arguments);
  if (const Cause refusal = session.refusal(); refusal != Cause::none) {
    control_->refused(refusal);
    return outcome_of({.kind = Outcome::Kind::cancelled, .cause = refusal});
  }
  HostOracle oracle(*declarations_);
  oracle.enter(guarded().proof().hook(), arguments);
  Broken broken;
  const interp::Run run = interp::run(guarded(), arguments, environment(session, oracle, broken));
  if (run.kind == Outcome::Kind::returned) oracle.leave(run.value);
  if (!oracle.violations().empty()) base::bug("an accepted program broke its interface: " + oracle.violations().front());
  session.finish();
  const runtime::RecordCounts counts = session.record_counts();
  acquired_ += counts.acquired;
  released_by_extension_ += counts.released_by_extension;
  released_by_cancel_ += counts.released_by_cancel;
  Outcome outcome = outcome_of(run);
  if (outcome.cause == Cause::host_promise) outcome.broken_promise = keep(broken.text), outcome.fault_address = broken.result;
  if (outcome.kind == Outcome::Kind::cancelled) control_->ended(outcome.cause);
  return outcome;
}

const char* Interpreted::keep(const std::string& text) const {
  const std::lock_guard lock(texts_lock_);
  return texts_.insert(text).first->c_str();
}

runtime::RecordCounts Interpreted::record_counts() const { return {acquired_, released_by_extension_, released_by_cancel_}; }

}  // namespace tenon::engine
