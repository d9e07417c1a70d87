// SPDX-License-Identifier: Apache-2.0
// include/tenon/engine.hpp. How an extension is made: engine/load.cpp.
#include <tenon/engine.hpp>

#include <fmt/format.h>

#include <mutex>

#include "engine/load.hpp"
#include "engine/pipeline.hpp"
#include "engine/state.hpp"
#include "object/object.hpp"
#include "runtime/hazard.hpp"
#include "runtime/process.hpp"
#include "runtime/run_again.hpp"

namespace tenon {

Engine::Engine(Interface interface) : interface_(std::move(interface)) {}

Result<Extension> Engine::load(const std::filesystem::path& path, const LoadOptions& options) const {
  TENON_TRY(object, object::read_file(path, engine::this_kernel()));
  TENON_TRY(state, engine::make_extension(object, interface_, options));
  return Extension(std::move(state));
}

Result<Extension> Engine::load(std::span<const std::byte> bytes, std::string_view name, const LoadOptions& options) const {
  TENON_TRY(object, object::read(bytes, name, {}, engine::this_kernel()));
  TENON_TRY(state, engine::make_extension(object, interface_, options));
  return Extension(std::move(state));
}

Result<Extension> Engine::restore(const std::filesystem::path& path, const std::filesystem::path& snapshot, const LoadOptions& options) const {
  TENON_TRY(object, object::read_file(path, engine::this_kernel()));
  TENON_TRY(state, engine::restore(object, snapshot, interface_, options));
  return Extension(std::move(state));
}

Result<Extension> Engine::restore(std::span<const std::byte> bytes, std::string_view name, const std::filesystem::path& snapshot,
                                  const LoadOptions& options) const {
  TENON_TRY(object, object::read(bytes, name, {}, engine::this_kernel()));
  TENON_TRY(state, engine::restore(object, snapshot, interface_, options));
  return Extension(std::move(state));
}

Result<void> Engine::replace(const Extension& extension, const std::filesystem::path& path, const LoadOptions& options, std::chrono::nanoseconds patience) const {
  TENON_TRY(object, object::read_file(path, engine::this_kernel()));
  return engine::replace(*extension.state_, object, interface_, options, patience);
}

Result<void> Engine::replace(const Extension& extension, std::span<const std::byte> bytes, std::string_view name, const LoadOptions& options,
                             std::chrono::nanoseconds patience) const {
  TENON_TRY(object, object::read(bytes, name, {}, engine::this_kernel()));
  return engine::replace(*extension.state_, object, interface_, options, patience);
}

Extension::Extension(std::shared_ptr<ExtensionState> state) : state_(std::move(state)) {}

Result<Program> Extension::program(std::string_view name) const {
  const std::lock_guard lock(state_->lock);
  std::string known;
  for (std::uint32_t i = 0; i < state_->names.size(); ++i) {
    if (state_->names[i].program == name) return Program(state_, i);
    known += (known.empty() ? "" : ", ") + state_->names[i].program;
  }
  return refuse("E0801", fmt::format("there is no program '{}'; there is: {}", name, known));
}

std::vector<Program> Extension::programs() const {
  const std::lock_guard lock(state_->lock);
  std::vector<Program> all;
  for (std::uint32_t i = 0; i < state_->names.size(); ++i) all.push_back(Program(state_, i));
  return all;
}

Result<Program> Extension::program_for_hook(std::string_view hook) const {
  const std::lock_guard lock(state_->lock);
  for (std::uint32_t i = 0; i < state_->names.size(); ++i) {
    if (state_->names[i].hook == hook) return Program(state_, i);
  }
  return refuse("E0802", fmt::format("the object has no program for hook '{}'", hook));
}

const std::shared_ptr<runtime::Heap>& Extension::heap() const { return state_->heap; }

Result<std::uint64_t> Extension::allocate_bytes(std::uint64_t count, std::uint64_t size) const {
  std::uint64_t bytes = 0;
  const std::uint64_t block = __builtin_mul_overflow(count, size, &bytes) ? 0 : state_->heap->allocate(bytes);
  if (block != 0) return block;
  return refuse("E0609", fmt::format("the extension's heap has no room for {} values of {} bytes", count, size), "raise heap_limit_bytes");
}

Result<void> Extension::free_bytes(std::uint64_t pointer) const {
  if (state_->heap->release(pointer)) return {};
  return refuse("E0610", fmt::format("no allocated block of the extension's heap begins at {:#x}", pointer),
                "free a block once, by the pointer that allocate() or malloc returned");
}
void Extension::cancel() const noexcept {
  const std::lock_guard lock(state_->lock);
  for (const auto& version : state_->old) version->control->cancel_running();
  state_->version->control->cancel_running();
}

void Extension::unload() const noexcept {
  {
    const std::lock_guard lock(state_->lock);
    state_->unloaded = true;
  }
  for (const auto& version : state_->all_versions()) version->control->unload();
  state_->heap->drop_parked();
}

void Extension::detach() const noexcept {
  const std::lock_guard lock(state_->lock);
  state_->detached = true;
  state_->version->control->detach();
}

bool Extension::attach() const noexcept {
  const std::lock_guard saving(state_->replacing);
  const std::lock_guard lock(state_->lock);
  state_->detached = false;
  return state_->version->control->attach();
}

Result<int> Extension::share() const { return state_->heap->share(); }

Result<void> Extension::save(const std::filesystem::path& path, std::chrono::nanoseconds patience) const { return engine::save(*state_, path, patience); }

CancelCounts Extension::cancel_counts() const noexcept { return state_->cancel_counts(); }

std::uint64_t Extension::heap_granted_bytes() const { return state_->heap->granted_bytes(); }
std::uint64_t Extension::heap_limit_bytes() const { return state_->heap->limit_bytes(); }

Program::Program(std::shared_ptr<ExtensionState> state, std::uint32_t number)
    : state_(std::move(state)), serial_(&state_->names[number].serial), number_(number) {}

namespace {

/// The first run of a thread, one inside another, of another program than the last one, or interpreted.
[[gnu::noinline]] Outcome run_current(ExtensionState& state, std::uint32_t program, std::uint64_t r1, std::uint64_t r2, std::uint64_t r3, std::uint64_t r4,
                                      std::uint64_t r5) noexcept {
  // In the child of a fork nobody replaces anything, and a thread that is not there may hold the lock.
  if (runtime::is_forked_child()) return state.current.load()->programs[program]->run({r1, r2, r3, r4, r5});
  static_cast<void>(runtime::this_thread_slot());
  if (!runtime::has_hazard()) return state.newest()->programs[program]->run({r1, r2, r3, r4, r5});  // nests too deep: refused
  const runtime::Hazard version(state.current);
  return version.get()->programs[program]->run({r1, r2, r3, r4, r5});
}

}  // namespace

Outcome Program::run(std::uint64_t r1, std::uint64_t r2, std::uint64_t r3, std::uint64_t r4, std::uint64_t r5) const noexcept {
  return runtime::run_again(*serial_, r1, r2, r3, r4, r5, [&] { return run_current(*state_, number_, r1, r2, r3, r4, r5); });
}

std::string_view Program::name() const {
  const std::lock_guard lock(state_->lock);
  return state_->names[number_].program;
}

std::string_view Program::hook() const {
  const std::lock_guard lock(state_->lock);
  return state_->names[number_].hook;
}

ObjectCounts Program::object_counts() const {
  const runtime::RecordCounts counts = state_->record_counts(number_);
  return {counts.acquired, counts.released_by_extension, counts.released_by_cancel};
}

GuardReport Program::guards() const {
  const auto version = state_->newest();
  const engine::Executable& program = *version->programs[number_];
  const instrument::GuardCounts& counts = program.guarded().counts();
  return {counts.heap_accesses, counts.elided, counts.emitted, counts.left_out, program.guards_in_code()};
}

}  // namespace tenon
