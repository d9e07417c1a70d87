// SPDX-License-Identifier: Apache-2.0
// What the runtime knows of a thread that runs extensions, and of each invocation nested on it. Host-private memory that is never unmapped, only reused,
// so that watchdog and signal handlers may read it at any time. The owner writes with plain stores; other threads touch
// only what is atomic, or guarded by `registration`, while the owner runs (soundness.md, rule 12).
#pragma once

#include <pthread.h>
#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <mutex>
#include <optional>
#include <tenon/callback.hpp>
#include <tenon/outcome.hpp>

#include "abi/invocation.hpp"
#include "runtime/builtins.hpp"
#include "runtime/held_objects.hpp"
#include "runtime/lock_records.hpp"
#include "runtime/os/time_slice.hpp"
#include "runtime/runtime.hpp"
#include "runtime/stack_objects.hpp"
#include "runtime/thunk_offsets.h"

namespace tenon::runtime {

class Control;
struct Level;
struct AllocationCache;
struct Site;
struct ThreadSlot;

inline constexpr std::size_t kMaxNesting = 8;     ///< invocations on one thread: an extension's host function may run another, and so on
inline constexpr std::size_t kMaxThreads = 1024;  ///< registered at the same time
inline constexpr std::size_t kMaxHazards = 2 * kMaxNesting;

enum class LevelState : std::uint8_t {
  idle = TENON_STATE_IDLE,
  extension = TENON_STATE_EXTENSION,
  host = TENON_STATE_HOST,            ///< in a host function
  releasing = TENON_STATE_RELEASING,  ///< has ended; giving back what it held, outside the quantum
  interruptible = TENON_STATE_INTERRUPTIBLE,  ///< in a host function that may be interrupted, and in nothing below it
};

/// Generation and state in one word, so that one load sees both.
constexpr std::uint64_t make_word(std::uint64_t generation, LevelState state) { return generation << 8 | static_cast<std::uint64_t>(state); }
constexpr LevelState state_of(std::uint64_t word) { return static_cast<LevelState>(word & 0xff); }
constexpr std::uint64_t generation_of(std::uint64_t word) { return word >> 8; }

/// How a landed invocation came to land.
enum class Ending : std::uint32_t {
  none,
  in_call = TENON_ENDING_IN_CALL,  ///< at a host call: Level::pending says why, else it was marked
  stack = TENON_ENDING_STACK,
  misaligned = TENON_ENDING_MISALIGNED,
  bad_call = TENON_ENDING_BAD_CALL,
  fault = TENON_ENDING_FAULT,
  signal = TENON_ENDING_SIGNAL,  ///< it was marked, and told by signal or by a closed page
  lock_held,                     ///< it returned and had not given back a lock
};

/// What a host function, a built-in or a check asked of the invocation that is calling.
enum class Pending : std::uint32_t { none, cancel, throw_ };

/// Runs functions of the program inside its current invocation.
class FunctionRunner {
 public:
  /// What run() wants for the value by which compiled code names a function; null for a value that names none.
  virtual const void* find(std::uint64_t value) const noexcept = 0;
  /// Nothing: it did not return, and Level::pending, the level's mark or Level::end say why. Requires: state host; it is again afterwards.
  virtual std::optional<std::uint64_t> run(Level& level, const void* function, const Registers& arguments) noexcept = 0;
  /// How the record names the function as a cleanup or a destructor; lives as long as the program.
  virtual const Drop& cleanup(const void* function, Drop::Kind kind) noexcept = 0;
  /// Who runs the program's functions by themselves.
  virtual std::weak_ptr<const tenon::detail::LaterRunner> later() const noexcept = 0;

 protected:
  ~FunctionRunner() = default;
};

/// One invocation. thunks.S knows the first fields by offset.
struct alignas(64) Level {
  std::atomic<std::uint64_t> word{0};
  std::uint64_t generation = 0;
  std::atomic<std::uint64_t> cancel_generation{0};  ///< equals `generation`: must end. Written under `registration`, never reset: generations are not reused
  std::uint64_t entry_sp = 0;
  Pending pending = Pending::none;
  Ending ending = Ending::none;
  const Site* site = nullptr;  ///< of the host call in progress, or the last one
  abi::Invocation invocation{};
  RecordCounts counts;  ///< of this invocation; added to the program's when it ends
  HeldObjects held;

  std::atomic<std::uint64_t> quantum_ns{0};  ///< 0: none
  std::atomic<Cause> cancel_cause{Cause::none};  ///< why, once it must end
  std::atomic<bool> polls{false};                ///< its code has Trigger::poll
  std::atomic<const Control*> control{nullptr};  ///< of the extension that runs here, unless the level is idle
  std::atomic<bool> cleans_up{false};            ///< has ended; a cleanup runs, in a quantum of its own
  std::uint64_t poll_page = 0;
  bool page_closed = false;       ///< under `registration`
  bool interruptible_call = false;  ///< the host call in progress is an interruptible function's
  std::uint64_t lock_wait_ns = 0;  ///< longest wait for one lock, where no watchdog ends it; 0: none
  std::uint64_t prepared_for = 0;  ///< Installed::State::serial: what does not change between its runs is as they want it; 0: nobody's
  std::uint64_t code_begin = 0, code_end = 0, entry = 0;
  std::uint64_t stopped_at = 0;     ///< program counter, for fault and signal
  std::uint64_t fault_address = 0;
  Cause pending_cause = Cause::none;
  std::uint64_t cookie = 0;
  bool may_be_caught = false;      ///< what is thrown comes from a function whose line says so
  std::uint64_t caught_cookie = 0; ///< what was caught last
  std::uint64_t kept_frames = 0;   ///< in the heap: where the deepest frames end that something thrown has left; 0: there are none
  std::uint32_t failed_cleanups = 0;      ///< of this invocation, until it has ended
  bool has_ended = false;          ///< inside a callback: `end` says how, and what is outside unwinds for that reason
  Outcome end;
  const char* broken_promise = "";  ///< for Cause::host_promise; belongs to the call table
  Heap* heap = nullptr;
  FunctionRunner* runner = nullptr;
  AllocationCache* cache = nullptr;  ///< of `heap`, for this level; null: none made yet
  std::atomic<const void*> owner{nullptr};  ///< the Installed::State that runs here, unless the level is idle: it is not freed meanwhile
  StackObjects stack_objects;
  ThreadSlot* slot = nullptr;

  bool is_idle() const noexcept { return state_of(word.load(std::memory_order_acquire)) == LevelState::idle; }
  bool must_end() const noexcept { return cancel_generation.load(std::memory_order_relaxed) == generation; }
  /// The same just after a change of state: the other side marks, issues a barrier and then reads the state.
  bool must_end_after_store() const noexcept {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    return must_end();
  }
  /// The first request wins.
  void request(Pending what, Cause cause, std::uint64_t value) noexcept {
    if (pending != Pending::none) return;
    pending = what;
    pending_cause = cause;
    cookie = value;
    may_be_caught = what == Pending::throw_ && calls_what_throws();
  }
  bool calls_what_throws() const noexcept;
  /// What runs here has landed: its frames in the heap are looked at once more when what it held is given back.
  void keep_frames() noexcept {
    if (kept_frames == 0 || invocation.heap_stack_pointer < kept_frames) kept_frames = invocation.heap_stack_pointer;
  }
  void enter_state(LevelState state) noexcept { word.store(make_word(generation, state), std::memory_order_release); }
};
static_assert(offsetof(Level, word) == TENON_LEVEL_WORD && offsetof(Level, generation) == TENON_LEVEL_GENERATION &&
              offsetof(Level, cancel_generation) == TENON_LEVEL_CANCEL && offsetof(Level, entry_sp) == TENON_LEVEL_ENTRY_SP &&
              offsetof(Level, pending) == TENON_LEVEL_PENDING &&
              offsetof(Level, site) == TENON_LEVEL_SITE && offsetof(Level, ending) == TENON_LEVEL_ENDING &&
              offsetof(Level, invocation) == TENON_LEVEL_INVOCATION && offsetof(Level, counts) == TENON_LEVEL_COUNTS &&
              offsetof(Level, held) + HeldObjects::Layout::count == TENON_LEVEL_HELD &&
              offsetof(Level, held) + HeldObjects::Layout::entries == TENON_LEVEL_ENTRIES && sizeof(HeldObjects::Entry) == TENON_ENTRY_BYTES &&
              offsetof(HeldObjects::Entry, object) == 0 && offsetof(HeldObjects::Entry, drop) == 8 && kMaxHeldObjects == TENON_MAX_HELD &&
              offsetof(RecordCounts, acquired) == 0 && offsetof(RecordCounts, released_by_extension) == 8);

struct ThreadSlot {
  std::size_t depth = 0;  ///< levels in use
  std::uint64_t last_generation = 0;
  std::uint64_t stack_low = 0, stack_high = 0;  ///< usable native stack
  std::uint32_t index = 0;                      ///< below kMaxThreads, unique among live threads
  std::array<Level, kMaxNesting> levels;

  LockRecords locks;  ///< in any heap, by invocations or by the host
  LockOwner lock_owner;                ///< thread 0: not found out yet
  std::uint32_t lock_sequence = 0;     ///< of the last lock word
  std::uint32_t failed_tries = 0;      ///< of locks that were only tried
  os::SliceControl* slice = nullptr;   ///< null: not offered

  /// Held while the thread is signalled or its clock is read, and while it comes and goes: a thread cannot exit in between.
  std::mutex registration;
  bool alive = false;  ///< under `registration`
  pid_t tid = 0;
  clockid_t cpu_clock = 0;
  std::atomic<std::uint64_t> signals_sent{0};      ///< under `registration`; at most one is on its way
  std::atomic<std::uint64_t> signals_received{0};  ///< by the handler

  /// The watchdog's notes per level: since when it has seen this generation.
  struct Note {
    std::uint64_t generation = 0;
    std::uint64_t cpu_ns = 0;
  };
  std::array<Note, kMaxNesting> notes;
  /// Under `registration`: when the interruptible host function of that invocation was interrupted last.
  struct Interrupts {
    std::uint64_t generation = 0, due_ns = 0, delay_ns = 0;
  } interrupts;
  std::atomic<bool> unloading{false};  ///< the thread waits in Control::unload(), or for a version that was replaced to end
  std::array<std::atomic<const void*>, kMaxHazards> hazards{};  ///< see Hazard; the first `hazards_used` are
  std::uint32_t hazards_used = 0;
  void* signal_stack = nullptr;
};

extern "C" {
/// Initial-exec and without initialiser code: signal handlers and thunks read them without a call. The level is null outside invocations.
extern __thread __attribute__((tls_model("initial-exec"), visibility("hidden"))) Level* tenon_current_level;
extern __thread __attribute__((tls_model("initial-exec"), visibility("hidden"))) ThreadSlot* tenon_thread_slot;
}

/// The calling thread's innermost invocation, for those to whom the variable itself is hidden; null outside. Signal-safe.
Level* current_level() noexcept;

/// Registers the calling thread: slot, alternate signal stack, unblocked signals, stack bounds. Null when the process cannot have more threads
/// (kMaxThreads, memory) or is the child of a fork. Leaves at thread exit by itself.
ThreadSlot* register_thread() noexcept;
/// In the child of a fork: the slot stays with the parent.
void forget_thread() noexcept;

/// Calls f(ThreadSlot&) for every slot that ever was; slots are never freed.
template <class F>
void for_each_slot(F&& f);

namespace detail {
extern std::array<std::atomic<ThreadSlot*>, kMaxThreads> slots;
extern std::atomic<std::uint32_t> slot_count;
}  // namespace detail

template <class F>
void for_each_slot(F&& f) {
  const std::uint32_t count = detail::slot_count.load(std::memory_order_acquire);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (ThreadSlot* slot = detail::slots[i].load(std::memory_order_acquire)) f(*slot);
  }
}

enum class Whose : std::uint8_t {
  anybodys,
  others,  ///< neither the calling thread's nor that of threads that wait for something to end themselves: two may wait for what runs above the other
};
inline bool is_among(const ThreadSlot& slot, Whose whose) noexcept { return whose == Whose::anybodys || (&slot != tenon_thread_slot && !slot.unloading.load()); }

/// For a thread whose level was marked: waits until no cancel signal for it is on its way, so that none interrupts the host, and opens the page that was
/// closed. The caller's level must not be in state extension.
void settle(ThreadSlot& slot) noexcept;

}  // namespace tenon::runtime
