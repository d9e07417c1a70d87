// SPDX-License-Identifier: Apache-2.0
// A fault is an extension's when its thread's current level is in state extension and the program counter lies in that level's own code; everything else
// belongs to whoever handled the signal before. So no registry of code ranges is needed, and none can be stale.
#include "runtime/fault_handler.hpp"

#include <sys/ucontext.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <tenon/engine.hpp>

#include "abi/heap_layout.hpp"
#include "runtime/os/signals.hpp"
#include "runtime/os/threads.hpp"
#include "runtime/thread_slot.hpp"

#define TENON_SIGNAL_CODE __attribute__((no_sanitize("address", "thread", "undefined")))

extern "C" {
__attribute__((visibility("hidden"))) void tenon_landing();
__attribute__((visibility("hidden"))) void tenon_guarded_copy();
__attribute__((visibility("hidden"))) void tenon_copy_failed();
extern const char tenon_thunks_begin __attribute__((visibility("hidden")));
extern const char tenon_thunks_end __attribute__((visibility("hidden")));
}

namespace tenon::runtime {

namespace {

// Written once, before the handlers can run.
os::KernelAction previous_segv, previous_bus;

/// The level whose compiled code was interrupted at `pc`; null when it was anything else.
TENON_SIGNAL_CODE Level* interrupted_level(std::uint64_t pc) noexcept {
  Level* const level = tenon_current_level;
  if (level == nullptr || state_of(level->word.load(std::memory_order_relaxed)) != LevelState::extension) return nullptr;
  return pc >= level->code_begin && pc < level->code_end ? level : nullptr;
}

TENON_SIGNAL_CODE void land(Level& level, Ending ending, ucontext_t& context) noexcept {
  greg_t* const registers = context.uc_mcontext.gregs;
  level.ending = ending;
  level.stopped_at = static_cast<std::uint64_t>(registers[REG_RIP]);
  registers[REG_RIP] = reinterpret_cast<greg_t>(&tenon_landing);
  registers[REG_RSP] = static_cast<greg_t>(level.entry_sp);
  registers[REG_EFL] &= ~0x400LL;  // direction flag
}

/// An accessor of the host (Heap::read, Heap::write) whose heap does not answer: the accessor says so. Faults on the host's side of the copy are the host's.
TENON_SIGNAL_CODE bool claim_accessor_fault(std::uint64_t address, ucontext_t& context) noexcept {
  greg_t* const registers = context.uc_mcontext.gregs;
  const auto pc = static_cast<std::uint64_t>(registers[REG_RIP]);
  if (pc < reinterpret_cast<std::uint64_t>(&tenon_guarded_copy) || pc >= reinterpret_cast<std::uint64_t>(&tenon_copy_failed)) return false;
  if (address < static_cast<std::uint64_t>(registers[REG_R9]) || address >= static_cast<std::uint64_t>(registers[REG_R8])) return false;
  registers[REG_RIP] = reinterpret_cast<greg_t>(&tenon_copy_failed);
  return true;
}

TENON_SIGNAL_CODE bool claim_fault(int signal, siginfo_t* info, ucontext_t& context) noexcept {
  if ((signal != SIGSEGV && signal != SIGBUS) || info->si_code <= 0) return false;  // <= 0: somebody sent it
  if (claim_accessor_fault(reinterpret_cast<std::uint64_t>(info->si_addr), context)) return true;
  Level* const level = interrupted_level(static_cast<std::uint64_t>(context.uc_mcontext.gregs[REG_RIP]));
  if (level == nullptr) return false;
  const auto address = reinterpret_cast<std::uint64_t>(info->si_addr);
  const bool polled = level->must_end() && address >= level->poll_page && address - level->poll_page < abi::kPageBytes;
  level->fault_address = address;
  land(*level, polled ? Ending::signal : Ending::fault, context);
  return true;
}

/// What the kernel would have done had we never been there.
TENON_SIGNAL_CODE void pass_on(int signal, siginfo_t* info, void* context, const os::KernelAction& previous) noexcept {
  const bool was_sent = info->si_code <= 0;
  if (previous.handler == SIG_IGN && was_sent) return;
  if (previous.handler == SIG_DFL || previous.handler == SIG_IGN) {
    const os::KernelAction standard{};
    os::set_action(signal, standard);
    if (was_sent) os::signal_thread(os::thread_id(), signal);
    return;  // the instruction faults again, or the signal is pending: the kernel ends the process
  }
  if ((previous.flags & SA_RESETHAND) != 0) {
    const os::KernelAction standard{};
    os::set_action(signal, standard);
  }
  os::block_signals(previous.mask);
  if ((previous.flags & SA_NODEFER) != 0) os::unblock_signals(os::signal_bit(signal));
  if ((previous.flags & SA_SIGINFO) != 0) {
    previous.action(signal, info, context);
  } else {
    previous.handler(signal);
  }
}

TENON_SIGNAL_CODE void on_fault(int signal, siginfo_t* info, void* context) noexcept {
  if (claim_fault(signal, info, *static_cast<ucontext_t*>(context))) return;
  pass_on(signal, info, context, signal == SIGSEGV ? previous_segv : previous_bus);
}

/// State extension, but neither compiled code nor a thunk: a signal handler of the host has interrupted compiled code.
TENON_SIGNAL_CODE bool in_a_handler_of_the_host(std::uint64_t pc) noexcept {
  const Level* const level = tenon_current_level;
  return level != nullptr && state_of(level->word.load(std::memory_order_relaxed)) == LevelState::extension &&
         !(pc >= reinterpret_cast<std::uint64_t>(&tenon_thunks_begin) && pc < reinterpret_cast<std::uint64_t>(&tenon_thunks_end));
}

/// Rule 12's table: compiled code aborts; thunks and host functions defer, for they test the cancel word; a handler of the host goes on with this signal
/// blocked, and its return delivers it again.
TENON_SIGNAL_CODE void on_cancel(int signal, siginfo_t* info, void* context_pointer) noexcept {
  ThreadSlot* const slot = tenon_thread_slot;
  if (slot == nullptr || info->si_code != SI_TKILL || info->si_pid != ::getpid()) return;
  ucontext_t& context = *static_cast<ucontext_t*>(context_pointer);
  const auto pc = static_cast<std::uint64_t>(context.uc_mcontext.gregs[REG_RIP]);
  if (Level* const level = interrupted_level(pc)) {
    if (level->must_end()) land(*level, Ending::signal, context);
  } else if (in_a_handler_of_the_host(pc) && os::signal_thread(slot->tid, signal) == 0) {
    context.uc_sigmask.__val[0] |= os::signal_bit(signal);
    return;
  }
  slot->signals_received.fetch_add(1, std::memory_order_release);
}

}  // namespace

TENON_SIGNAL_CODE bool is_thunk(std::uint64_t pc) noexcept {
  return pc >= reinterpret_cast<std::uint64_t>(&tenon_thunks_begin) && pc < reinterpret_cast<std::uint64_t>(&tenon_thunks_end);
}

int install_fault_handlers(int cancel_signal) noexcept {
  if (const int error = os::get_action(SIGSEGV, &previous_segv)) return error;
  if (const int error = os::get_action(SIGBUS, &previous_bus)) return error;
  // The cancel signal interrupts system calls: those of interruptible host functions.
  if (const int error = os::install_handler(cancel_signal, on_cancel, os::SystemCalls::interrupted)) return error;
  if (const int error = os::install_handler(SIGSEGV, on_fault, os::SystemCalls::restarted)) return error;
  return os::install_handler(SIGBUS, on_fault, os::SystemCalls::restarted);
}

}  // namespace tenon::runtime

namespace tenon {

bool handle_fault(int signal, void* siginfo, void* ucontext) noexcept {
  return runtime::claim_fault(signal, static_cast<siginfo_t*>(siginfo), *static_cast<ucontext_t*>(ucontext));
}

}  // namespace tenon
