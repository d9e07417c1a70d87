// SPDX-License-Identifier: Apache-2.0
// Heaps, installed code, invocations and how they are stopped (soundness.md, rules 1, 5, 6, 12 to 20). Knows nothing of verifier or code generator:
// what it needs of a program comes as plain tables.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tenon/callback.hpp>
#include <tenon/interface.hpp>
#include <tenon/outcome.hpp>
#include <tenon/result.hpp>

#include "abi/code_image.hpp"
#include "interface/declarations.hpp"
#include "runtime/control.hpp"

namespace tenon::runtime {

/// The globals block as install wants it (ir::Globals without the names).
struct InitialGlobals {
  std::vector<std::byte> bytes;
  struct Pointer { std::uint64_t at; bool is_function; std::uint64_t target; };  ///< function: the finished value; else offset into the block
  std::vector<Pointer> pointers;
  std::uint64_t at = 0;  ///< offset of `bytes` into the block; that of pointers is one into the block, too
};

struct HeapOptions {
  bool debug = false;                      ///< LoadOptions::debug_heap
  bool cancel_when_out_of_memory = false;  ///< LoadOptions::cancel_when_out_of_memory
};

struct HeapImage;
struct Level;
struct EnterResult;

/// One extension's memory. Thread-safe. Pages once granted stay mapped until the last owner goes.
class Heap {
 public:
  /// Reserves the window, grants and fills the globals. `limit_bytes` 0 means heap_bytes; a heap as large as its window can be granted 256 MiB and 64 KiB
  /// less, which hold the per-invocation stacks and the hole at 0.
  /// Errors: E0601 size out of range, E0602 the system refused (errno text), E0603 globals over the limit.
  static Result<std::shared_ptr<Heap>> create(std::uint64_t heap_bytes, std::uint64_t limit_bytes, const InitialGlobals& globals,
                                              const HeapOptions& options = {});
  /// The heap that `image` describes, at the address that it had. `fill` is handed the memory of the pages that the image has, in order and piece by piece;
  /// nothing else knows the heap meanwhile. Nothing in the image is believed. Errors: as create(), E0617 the image makes no sense, E0618 its address is
  /// taken, E0619 it does not fit these sizes, and those of `fill`.
  static Result<std::shared_ptr<Heap>> restore(const HeapImage& image, std::uint64_t heap_bytes, std::uint64_t limit_bytes, const HeapOptions& options,
                                               const std::function<Result<void>(std::span<std::byte>)>& fill);
  /// Another process's heap, through the descriptor that its share() gave; duplicates it. For read(), write() and locks only. Errors: E0602, E0620.
  static Result<std::shared_ptr<Heap>> attach(int fd);
  ~Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  /// Everything but the pages. Requires: no invocation runs and no host thread allocates or frees.
  HeapImage image() const;
  /// A descriptor for attach() in another process, close-on-exec, the caller's to close. Errors: E0602.
  Result<int> share();

  abi::HeapShape shape() const;
  std::uint64_t base() const;             ///< real address of the window
  std::uint64_t globals_address() const;
  std::uint64_t granted_bytes() const;
  std::uint64_t limit_bytes() const;
  /// True when every byte of [address, +bytes) was granted, and none was freed in a heap that is debugged; no wrap. Lock-free.
  bool granted(std::uint64_t address, std::uint64_t bytes) const;
  /// Grants `bytes` more, rounded up to pages, contiguous with the last grant; the address, or 0 when the limit is reached. Committed on return.
  std::uint64_t grow(std::uint64_t bytes);
  /// For host code: memory from the extension's allocator, 16-byte aligned; the address, or 0 when there is none left. Null and false in the child of a fork.
  std::uint64_t allocate(std::uint64_t bytes, std::uint64_t alignment = 1) noexcept;
  /// False when no allocated block begins there: then nothing happens.
  bool release(std::uint64_t address) noexcept;
  /// Copies out of or into the heap. The pointer means what it means to the extension; the range must be granted. False: it is not, or the memory failed;
  /// then some bytes may have been written. 1, 2, 4 and 8 aligned bytes are one access.
  bool read(std::uint64_t pointer, void* to, std::uint64_t bytes) const noexcept;
  bool write(std::uint64_t pointer, const void* from, std::uint64_t bytes) noexcept;

  /// Fills in what a later version of the extension brings. Its bytes lie in granted memory, else nothing is written (E0603).
  Result<void> add_globals(InitialGlobals globals);

  /// Gives back the host objects that the extension has parked, newest first. Thread-safe.
  void drop_parked() noexcept;

  struct State;
  State& state() { return *state_; }  ///< for the runtime's own files

 private:
  explicit Heap(std::unique_ptr<State> state);
  static Result<std::unique_ptr<State>> reserve(std::uint64_t heap_bytes, std::uint64_t limit_bytes, const HeapOptions& options, std::uint64_t base);
  std::unique_ptr<State> state_;
};

/// A copy of `text` that is never freed, one for each text: what Outcomes point to outlives the code that they are about, which may be replaced. Meant for
/// the names of source files and the like. Thread-safe. Signal-safe: no.
const char* keep_forever(std::string_view text);

/// Where an instruction stands in the author's source.
struct Place {
  std::uint32_t slot = 0;
  std::string file;
  std::uint32_t line = 0;
};

/// An argument that the hook gives away: the invocation holds it from the start.
struct GivenArgument {
  std::uint8_t index = 0;
  interface::ObjectTypeIdx type;
};
std::vector<GivenArgument> given_arguments(const interface::Hook& hook);

/// What the verifier says may be held around one call, on some paths.
struct HeldTable {
  struct Item {
    enum class Kind : std::uint8_t { object, lock, mode };
    Kind kind = Kind::object;
    std::uint32_t index = 0;  ///< of the type, or the mode
    std::uint32_t field = 0;  ///< lock: into ObjectType::locks
    bool maybe = false;
  };
  bool after = false;     ///< the call
  bool complete = true;   ///< else callers may hold more
  std::vector<Item> items;
};

struct InstallOptions {
  std::chrono::nanoseconds quantum = std::chrono::milliseconds(10);  ///< CPU time; 0: none
  std::uint64_t default_result = 0;
  std::vector<GivenArgument> given = {};
  bool check_host = false;  ///< LoadOptions::check_host
  std::shared_ptr<Control> control = nullptr;  ///< of the extension that this is a program of; null: one of its own
  /// By instruction. Unless empty, each invocation that does not return has its record compared with them: a difference is a bug of ours.
  std::map<std::uint32_t, std::vector<HeldTable>> held_tables = {};
};

/// Counters of the record of held objects, per installed program. Monotonic.
struct RecordCounts {
  std::uint64_t acquired = 0, released_by_extension = 0, released_by_cancel = 0;
};

/// Code at an address, ready to run. Immutable; thread-safe; several threads may run it at once; runs may nest through host functions.
class Installed final : public tenon::detail::LaterRunner {
 public:
  /// Errors: E0604 the image was made for another heap shape, E0602 the system refused, E0605 a host function it calls is not bound, E0606 the image is
  /// damaged: an offset or index that points outside of it.
  /// `places[i]` is instruction i's place.
  static Result<std::shared_ptr<Installed>> create(abi::CodeImage image, std::shared_ptr<Heap> heap,
                                                   const std::shared_ptr<const interface::Declarations>& declarations,
                                                   const std::vector<HostFunction>& bindings,
                                                   std::vector<Place> places, const InstallOptions& options);
  ~Installed();

  /// The caller keeps a reference meanwhile, or is a host function that this run called. Signal-safe: no.
  Outcome run(std::uint64_t r1, std::uint64_t r2, std::uint64_t r3, std::uint64_t r4, std::uint64_t r5) const noexcept;
  /// Of this program and of no other one of this process, ever: for run_again().
  std::uint64_t serial() const noexcept;
  /// What is left of a run that tenon_enter has come back from: it landed, or holds something, or must end. Requires: the level is a native program's.
  static Outcome finish(Level& level, EnterResult result) noexcept;
  /// One of its functions by itself, holding nothing: LaterCallback::run(). The caller keeps a reference meanwhile.
  Outcome run_later(const void* function, std::uint32_t type, const std::array<std::uint64_t, 5>& arguments) const noexcept override;
  RecordCounts record_counts() const;

 private:
  struct State;
  explicit Installed(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Where a call stands in the author's source.
struct CallPlace {
  std::string_view file;
  std::uint32_t line = 0;
};

/// The same record of held objects, thunk checks and releases for code that is not native: the interpreter runs inside one of these.
/// One session is one invocation: create, call and destroy it on one thread, nested like calls. cancel_current_invocation() works inside it.
class HostSession {
 public:
  struct CallResult {
    std::uint64_t r0 = 0;
    Outcome::Kind kind = Outcome::Kind::returned;
    Cause cause = Cause::none;
    const char* broken_promise = "";  ///< belongs to the session; r0 is what the host function returned then
  };
  /// Runs one of the program's functions, by the value that names it.
  using CallBack = std::function<CallResult(std::uint64_t function, const std::array<std::uint64_t, 5>& arguments)>;
  /// `alone` runs functions while no call() is under way: cleanups, the exception callback. `later` runs them when the session is over.
  HostSession(std::shared_ptr<Heap> heap, const std::shared_ptr<const interface::Declarations>& declarations,
              const std::vector<HostFunction>& bindings, bool check_host = false, CallBack alone = {},
              std::chrono::nanoseconds longest_lock_wait = {}, Control* control = nullptr, std::weak_ptr<const tenon::detail::LaterRunner> later = {});
  ~HostSession();  ///< releases whatever is still held, in reverse order of acquisition
  HostSession(const HostSession&) = delete;
  HostSession& operator=(const HostSession&) = delete;
  /// False when the thread cannot run another invocation (nesting, number of threads): every call() is then cancelled, heap_stack_top() is 0.
  bool usable() const;
  /// Why it is not usable, if that is what `control` decided; else none.
  Cause refusal() const;
  /// Why the invocation must end; none: it may go on. For code between two calls.
  Cause must_end() const;
  /// The invocation holds what its hook gives away. When it is not usable() these objects are released at once. Call it once, before call().
  void hold(const std::vector<GivenArgument>& given, const std::array<std::uint64_t, 5>& arguments);
  /// The program has returned: where it took a lock in the heap that it still has (Cause::lock_held).
  std::optional<std::uint32_t> lock_held_since() const;
  /// Fills in what an Outcome says about locks beside its cause. Before finish().
  void describe(Outcome& outcome) const;
  /// The run has ended: gives back what is still held. Returns how many cleanups were themselves cancelled.
  std::uint32_t release();
  /// release(), and the session is over: record_counts() is final.
  void finish();
  /// `call_back` runs functions that are called meanwhile.
  CallResult call(const abi::CallSite& site, const std::array<std::uint64_t, 5>& arguments, const CallBack& call_back = {},
                  CallPlace place = {});
  /// Runs a function of the program after release().
  CallResult run_alone(std::uint64_t function, const std::array<std::uint64_t, 5>& arguments);
  /// A private frame of the program's is gone.
  void frame_ended(std::uint64_t begin, std::uint64_t end);
  std::uint64_t heap_stack_top() const;
  std::uint64_t heap_stack_limit() const;
  std::uint64_t cleanup_stack_limit() const;  ///< the same for functions that run alone
  RecordCounts record_counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tenon::runtime
