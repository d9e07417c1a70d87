// SPDX-License-Identifier: Apache-2.0
#include "torture/stepper.hpp"

#include <sys/ucontext.h>

#include <csignal>

#include "runtime/fault_handler.hpp"
#include "runtime/os/signals.hpp"
#include "runtime/process.hpp"
#include "runtime/thread_slot.hpp"

namespace tenon::torture {

namespace {

constexpr greg_t kTrapFlag = 0x100;

/// Everything the handler needs; it runs on the stepped thread.
struct Stepping {
  std::uint64_t at = 0, steps = 0;
  std::uint64_t generation = 0;  ///< of the invocation that is stepped; the first one seen
  bool collect = false, cancelled = false, chosen_is_ours = false, over = false;
  Instant chosen{};
  static constexpr std::size_t kMost = 1u << 20;
  Instant* seen = nullptr;
  std::size_t seen_count = 0;
} stepping;

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) { return (hash ^ value) * 0x100000001b3ull + (hash >> 29); }

std::uint64_t held_set(const runtime::Level& level) {
  std::uint64_t hash = level.held.size();
  for (std::size_t i = 0; i < level.held.size(); ++i) hash = mix(hash, reinterpret_cast<std::uint64_t>(level.held.at(i).drop));
  return hash;
}

void on_step(int, siginfo_t*, void* context_pointer) {
  auto& context = *static_cast<ucontext_t*>(context_pointer);
  runtime::Level* const level = runtime::current_level();
  if (stepping.over || level == nullptr) return;
  ++stepping.steps;
  const auto pc = static_cast<std::uint64_t>(context.uc_mcontext.gregs[REG_RIP]);
  const bool in_code = pc >= level->code_begin && pc < level->code_end;
  const bool ours = in_code || runtime::is_thunk(pc);
  const Instant instant{in_code ? pc - level->code_begin : pc, ours ? held_set(*level) : 0};
  if (stepping.collect && ours && stepping.seen_count < Stepping::kMost) stepping.seen[stepping.seen_count++] = instant;
  if (stepping.steps != stepping.at) return;
  stepping.cancelled = true;
  stepping.chosen = instant;
  stepping.chosen_is_ours = ours;
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

}  // namespace

Stepped run_stepped(const Program& program, const std::array<std::uint64_t, 2>& arguments, std::uint64_t at, bool collect) {
  static const bool ready = runtime::os::install_handler(SIGTRAP, on_step, nullptr) == 0;
  static Instant* const seen = new Instant[Stepping::kMost];
  stepping = {.at = at, .collect = collect, .over = !ready, .seen = seen};
  Stepped made;
  set_trap_flag();
  made.outcome = program.run(arguments[0], arguments[1]);
  clear_trap_flag();
  stepping.over = true;
  made.steps = stepping.steps;
  made.cancelled = stepping.cancelled;
  made.chosen = stepping.chosen;
  made.chosen_is_ours = stepping.chosen_is_ours;
  made.instants.insert(stepping.seen, stepping.seen + stepping.seen_count);
  return made;
}

}  // namespace tenon::torture
