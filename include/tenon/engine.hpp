// SPDX-License-Identifier: Apache-2.0
// Loading and running extensions.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tenon/heap_ptr.hpp>
#include <tenon/interface.hpp>
#include <tenon/options.hpp>
#include <tenon/outcome.hpp>
#include <tenon/result.hpp>

namespace tenon {

struct ExtensionState;

/// How many host objects a program was handed and what became of them, over all its runs.
struct ObjectCounts {
  std::uint64_t acquired = 0;
  std::uint64_t released_by_extension = 0;
  std::uint64_t released_by_cancel = 0;  ///< given back for it, because it threw or was cancelled
};

/// What keeps a program's heap accesses inside its heap.
struct GuardReport {
  std::uint32_t heap_accesses = 0;
  std::uint32_t elided = 0;      ///< of those, proved inside: no guard
  std::uint32_t emitted = 0;     ///< of those, guarded
  std::uint32_t left_out = 0;    ///< of those, reads that LoadOptions::performance_mode leaves unguarded
  std::uint32_t after_llvm = 0;  ///< guard computations left in the optimised code; the interpreter computes all of `emitted`
};

/// One entry point of a loaded extension, whichever version of it is loaded: see Engine::replace(). Cheap to copy; keeps its extension alive. Thread-safe: any
/// thread may run it, several at once.
class Program {
 public:
  /// Runs the program with up to five arguments (the hook's parameters, in order). A thread is registered at its first run.
  /// Cost: a few ns over a plain call. Errors: none; how it ended is the Outcome. Signal-safe: no.
  Outcome run(std::uint64_t r1 = 0, std::uint64_t r2 = 0, std::uint64_t r3 = 0, std::uint64_t r4 = 0, std::uint64_t r5 = 0) const noexcept;
  template <class Context>
  Outcome run(Context* context) const noexcept {
    return run(reinterpret_cast<std::uint64_t>(context));
  }

  std::string_view name() const;
  std::string_view hook() const;
  ObjectCounts object_counts() const;  ///< of all versions
  GuardReport guards() const;

 private:
  friend class Extension;
  Program(std::shared_ptr<ExtensionState> state, std::uint32_t number);
  std::shared_ptr<ExtensionState> state_;
  const std::atomic<std::uint64_t>* serial_;  ///< what the current version's code runs by; belongs to the state
  std::uint32_t number_;
};

/// A loaded object: one heap, its programs; after Engine::replace() those of the new object. Movable; the last copy of it and of its programs unloads it.
class Extension {
 public:
  /// Errors: E0801 no program of that name (the message lists those there are).
  Result<Program> program(std::string_view name) const;
  std::vector<Program> programs() const;
  /// The first program for `hook`. Errors: E0802.
  Result<Program> program_for_hook(std::string_view hook) const;

  /// Memory in the extension's heap for `count` values, 16-byte aligned, contents unspecified; the extension can use, change and free it like its own.
  /// Thread-safe. Errors: E0609 there is not that much left.
  template <class T = std::byte>
  Result<heap_ptr<T>> allocate(std::uint64_t count = 1) const {
    auto pointer = allocate_bytes(count, sizeof(T));
    if (!pointer) return std::unexpected(std::move(pointer).error());
    return heap_ptr<T>(heap(), *pointer);
  }
  /// Gives back what allocate() or the extension's malloc handed out. Thread-safe. Errors: E0610 no allocated block begins there.
  template <class T>
  Result<void> free(const heap_ptr<T>& block) const {
    return free_bytes(block.address());
  }
  /// What a pointer of the extension's points to, say one that it returned. Never fails: accesses do.
  template <class T>
  heap_ptr<T> pointer(std::uint64_t value) const {
    return heap_ptr<T>(heap(), value);
  }
  /// Ends every invocation of this extension that is running now, on any thread, with Cause::host_request; those that start afterwards are not touched.
  /// An invocation inside a host function ends when that returns. Does not wait. Signal-safe: no.
  void cancel() const noexcept;
  /// Runs from now on are refused with Cause::unloaded; those in flight are cancelled. Returns when none is left, except below the calling thread and
  /// below threads that are in unload() themselves. What it has parked is given back. Handles stay valid; memory is freed with the last. Not to be undone. Signal-safe: no.
  void unload() const noexcept;
  /// Runs from now on are refused with Cause::detached; those in flight go on.
  void detach() const noexcept;
  /// Undoes detach() and AfterCancel, whose memory of earlier cancellations it clears. False when the extension is unloaded.
  bool attach() const noexcept;
  /// Of all programs and versions, refused runs included.
  CancelCounts cancel_counts() const noexcept;

  /// A descriptor of the heap's memory for SharedHeap::attach() in another process, close-on-exec, the caller's to close. Whoever has it can read and write all
  /// of the heap, as the extension can, for as long as he likes, and use up memory as large as its window; nothing else of this process. Thread-safe.
  /// Errors: E0602.
  Result<int> share() const;
  /// Writes the heap to `path`, for Engine::restore(): in place of what was there, at once and on disk, or, when it fails, not at all. Requires: the extension
  /// is detached or unloaded, and waits at most `patience` until what runs has ended; attach() and replace() wait for it. Host threads and other processes that
  /// write to the heap meanwhile can make the snapshot inconsistent for the extension. What is parked is not saved: its handles name nothing afterwards.
  /// Cost: the memory that is not free, written once. Thread-safe. Errors: E0611 no object could go on with it, E0615 the system refused, E0616 it runs.
  Result<void> save(const std::filesystem::path& path, std::chrono::nanoseconds patience = std::chrono::seconds(1)) const;

  std::uint64_t heap_granted_bytes() const;
  std::uint64_t heap_limit_bytes() const;

 private:
  friend class Engine;
  friend class HeapLock;
  explicit Extension(std::shared_ptr<ExtensionState> state);
  const std::shared_ptr<runtime::Heap>& heap() const;
  Result<std::uint64_t> allocate_bytes(std::uint64_t count, std::uint64_t size) const;
  Result<void> free_bytes(std::uint64_t pointer) const;
  std::shared_ptr<ExtensionState> state_;
};

/// The pipeline, for one interface. Thread-safe.
class Engine {
 public:
  explicit Engine(Interface interface);

  /// Reads, verifies, compiles and installs every program of the object file.
  /// Errors: E01xx object, E02xx to E04xx verifier, E06xx runtime, E07xx code generation, E0803 nothing to load.
  Result<Extension> load(const std::filesystem::path& path, const LoadOptions& options = {}) const;
  Result<Extension> load(std::span<const std::byte> object, std::string_view name, const LoadOptions& options = {}) const;

  /// A load() that goes on with the heap that Extension::save() wrote, at the address where it lay; the object may be a later version, as for replace(). The
  /// snapshot is untrusted: the worst that it can do is what the extension could do to its own heap. Nothing is changed in the file.
  /// Errors: those of load() and, as in replace(), E0611 and E0613; E0617 the snapshot is damaged, E0618 something lies at its address in this process,
  /// E0619 the options give the heap another size, E0621 the file cannot be read.
  Result<Extension> restore(const std::filesystem::path& path, const std::filesystem::path& snapshot, const LoadOptions& options = {}) const;
  Result<Extension> restore(std::span<const std::byte> object, std::string_view name, const std::filesystem::path& snapshot, const LoadOptions& options = {}) const;

  /// Puts another object in the place of the one that `extension` has loaded. Handles go on: whoever holds a Program or an Extension, on any thread, needs
  /// no lock and has nothing to do. Runs that begin before the exchange are the old code's, all later ones, of all programs, the new one's; none is refused
  /// because of it. The heap stays as it is: pages, pointers, locks, what is parked, the values of variables. Variables and constants that the new object
  /// adds lie in memory from the heap. A function value that the old code left there names the function of the same name, or none (Cause::bad_call).
  /// Returns when no run of the old code is left, except below the calling thread and below threads that wait here or in unload(); those that are left after
  /// `patience` of wall time are cancelled with Cause::host_request, and one inside a host function ends when that returns.
  /// `options` are those of a load; what they say of the heap is not used. The new version begins attached, unless the host itself detached the extension.
  /// When it fails, nothing has changed. Thread-safe. Signal-safe: no.
  /// Errors: those of load(), E0609 no room for what it adds, E0611 variables or types mean something else now, E0612 another interface,
  /// E0613 it lacks a program, E0614 it is unloaded.
  Result<void> replace(const Extension& extension, const std::filesystem::path& path, const LoadOptions& options = {},
                       std::chrono::nanoseconds patience = std::chrono::seconds(1)) const;
  Result<void> replace(const Extension& extension, std::span<const std::byte> object, std::string_view name, const LoadOptions& options = {},
                       std::chrono::nanoseconds patience = std::chrono::seconds(1)) const;

 private:
  Interface interface_;
};

/// For host functions: ends the invocation that is calling, once this host function has returned. Does nothing outside an invocation.
/// Held objects are released as for every cancellation.
void cancel_current_invocation() noexcept;
void throw_in_current_invocation(std::uint64_t cookie) noexcept;
/// For host functions that may take long: true when the invocation that is calling is to end, so that they should return. One declared `interruptible`
/// also has its blocking system calls interrupted (EINTR). False outside an invocation.
bool must_return() noexcept;

/// For hosts that install their own SIGSEGV or SIGBUS handler after the first load: call it first with the handler's arguments; true means the
/// fault was an extension's and is dealt with. Signal-safe.
bool handle_fault(int signal, void* siginfo, void* ucontext) noexcept;

}  // namespace tenon
