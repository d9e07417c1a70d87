// SPDX-License-Identifier: Apache-2.0
#include "torture/stepper.hpp"

#include <sys/ucontext.h>

#include <csignal>
#include <stdexcept>

#include "runtime/fault_handler.hpp"
#include "runtime/os/signals.hpp"
#include "runtime/process.hpp"
#include "runtime/thread_slot.hpp"

namespace tenon::torture {

namespace {

constexpr greg_t kTrapFlag = 0x100;

/// Everything the handler needs; it runs on the stepped thread.
struct Stepping {
  static constexpr std::size_t kMost = 1u << 21;
  struct Seen { Instant instant; std::uint64_t host_call; bool ours; };

  bool on = false, collect = false, happened = false;
  Target target{};
  std::uint64_t host_calls = 0, steps = 0;
  Seen* seen = nullptr;
  std::size_t seen_count = 0;
  const std::function<void()>* visit = nullptr;  ///< else the next does not count
  std::uint64_t visit_at = 0;
};
thread_local Stepping stepping;

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) { return (hash ^ value) * 0x100000001b3ull + (hash >> 29); }

std::uint64_t held_set(const runtime::Level& level) {
  std::uint64_t hash = level.held.size();
  for (std::size_t i = 0; i < level.held.size(); ++i) hash = mix(hash, reinterpret_cast<std::uint64_t>(level.held.at(i).drop));
  return hash;
}

void on_step(int, siginfo_t*, void* context_pointer) {
  auto& context = *static_cast<ucontext_t*>(context_pointer);
  if (stepping.on && stepping.visit != nullptr) {
    if (++stepping.steps != stepping.visit_at) return;
    stepping.happened = true;
    context.uc_mcontext.gregs[REG_EFL] &= ~kTrapFlag;
    return (*stepping.visit)();
  }
  runtime::Level* const level = runtime::current_level();
  if (!stepping.on || level == nullptr) return;
  ++stepping.steps;
  const auto pc = static_cast<std::uint64_t>(context.uc_mcontext.gregs[REG_RIP]);
  const bool in_code = pc >= level->code_begin && pc < level->code_end;
  const Instant instant{in_code ? pc - level->code_begin : pc, held_set(*level)};
  if (stepping.collect) {
    if (stepping.seen_count < Stepping::kMost) stepping.seen[stepping.seen_count++] = {instant, stepping.host_calls, in_code || runtime::is_thunk(pc)};
    return;
  }
  if (instant != stepping.target.instant) return;
  stepping.happened = true;
  context.uc_mcontext.gregs[REG_EFL] &= ~kTrapFlag;  // from here on it runs freely
  // What the watchdog does: the mark, and a signal only while the state is `extension`.
  level->cancel_cause.store(Cause::host_request);
  level->cancel_generation.store(level->generation);
  if (runtime::state_of(level->word.load()) == runtime::LevelState::extension) {
    level->slot->signals_sent.fetch_add(1);
    runtime::os::signal_thread(level->slot->tid, runtime::cancel_signal());
  }
}

void set_trap_flag() { asm volatile("pushfq; orq $0x100, (%%rsp); popfq" ::: "memory", "cc"); }
void clear_trap_flag() { asm volatile("pushfq; andq $~0x100, (%%rsp); popfq" ::: "memory", "cc"); }

void prepare() {
  static const int error = runtime::os::install_handler(SIGTRAP, on_step, runtime::os::SystemCalls::restarted);
  if (error != 0) throw std::runtime_error("no handler for SIGTRAP");
}

}  // namespace

void host_function_begins() {
  if (!stepping.on) return;
  ++stepping.host_calls;
  if (!stepping.collect && stepping.host_calls == stepping.target.host_call) set_trap_flag();
}

Recording record(const Program& program, const std::array<std::uint64_t, 2>& arguments) {
  prepare();
  static auto* const seen = new Stepping::Seen[Stepping::kMost];
  stepping = {.on = true, .collect = true, .seen = seen};
  Recording made;
  set_trap_flag();
  made.outcome = program.run(arguments[0], arguments[1]);
  clear_trap_flag();
  stepping.on = false;
  made.steps = stepping.steps;
  for (std::size_t i = 0; i < stepping.seen_count; ++i) {
    made.instants.try_emplace(seen[i].instant, seen[i].host_call);
    if (seen[i].ours) made.ours.insert(seen[i].instant);
  }
  return made;
}

Cancelled run_and_cancel(const Program& program, const std::array<std::uint64_t, 2>& arguments, const Target& target) {
  prepare();
  stepping = {.on = true, .target = target};
  Cancelled made;
  if (target.host_call == 0) set_trap_flag();
  made.outcome = program.run(arguments[0], arguments[1]);
  clear_trap_flag();
  stepping.on = false;
  made.happened = stepping.happened;
  return made;
}

Visited run_and_visit(const Program& program, std::uint64_t argument, std::uint64_t step, const std::function<void()>& visit) {
  prepare();
  stepping = {.on = true, .visit = &visit, .visit_at = step};
  Visited made;
  set_trap_flag();
  made.outcome = program.run(argument);
  clear_trap_flag();
  stepping.on = false;
  made.happened = stepping.happened;
  return made;
}

}  // namespace tenon::torture
