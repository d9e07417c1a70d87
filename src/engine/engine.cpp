// SPDX-License-Identifier: Apache-2.0
// include/tenon/engine.hpp: object -> program -> proof -> guarded -> code -> runtime, one heap per extension.
#include <tenon/engine.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "engine/pipeline.hpp"
#include "engine/state.hpp"
#include "object/object.hpp"

namespace tenon {

namespace {

Result<std::shared_ptr<ExtensionState>> load_object(const object::Object& object, const Interface& interface, const LoadOptions& options) {
  const auto declarations = engine::share_declarations(interface);
  auto extension = std::make_shared<ExtensionState>();
  extension->control = std::make_shared<runtime::Control>(options.after_cancel);
  TENON_TRY(heap, engine::create_heap(*object.globals(), options));
  extension->heap = std::move(heap);
  TENON_TRY(names, engine::select_programs(object, options.programs));
  for (const std::string& name : names) {
    TENON_TRY(guarded, engine::guard(object, name, declarations, options.performance_mode));
    TENON_TRY(executable, engine::make_executable(std::move(guarded), extension->heap, extension->control, interface, options));
    extension->programs.push_back(std::make_shared<ProgramState>(ProgramState{std::move(executable)}));
  }
  return extension;
}

}  // namespace

Engine::Engine(Interface interface) : interface_(std::move(interface)) {}

Result<Extension> Engine::load(const std::filesystem::path& path, const LoadOptions& options) const {
  TENON_TRY(object, object::read_file(path, engine::this_kernel()));
  TENON_TRY(state, load_object(object, interface_, options));
  return Extension(std::move(state));
}

Result<Extension> Engine::load(std::span<const std::byte> bytes, std::string_view name, const LoadOptions& options) const {
  TENON_TRY(object, object::read(bytes, name, {}, engine::this_kernel()));
  TENON_TRY(state, load_object(object, interface_, options));
  return Extension(std::move(state));
}

Extension::Extension(std::shared_ptr<ExtensionState> state) : state_(std::move(state)) {}

Result<Program> Extension::program(std::string_view name) const {
  std::string known;
  for (const auto& candidate : state_->programs) {
    if (candidate->executable->name() == name) return Program(candidate);
    known += (known.empty() ? "" : ", ") + candidate->executable->name();
  }
  return refuse("E0801", fmt::format("there is no program '{}'; there is: {}", name, known));
}

std::vector<Program> Extension::programs() const {
  std::vector<Program> all;
  for (const auto& state : state_->programs) all.push_back(Program(state));
  return all;
}

Result<Program> Extension::program_for_hook(std::string_view hook) const {
  const auto serves = [&](const auto& candidate) { return candidate->executable->hook() == hook; };
  const auto found = std::find_if(state_->programs.begin(), state_->programs.end(), serves);
  if (found == state_->programs.end()) return refuse("E0802", fmt::format("the object has no program for hook '{}'", hook));
  return Program(*found);
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
void Extension::cancel() const noexcept { state_->control->cancel_running(); }
void Extension::unload() const noexcept {
  state_->control->unload();
  state_->heap->drop_parked();
}
void Extension::detach() const noexcept { state_->control->detach(); }
bool Extension::attach() const noexcept { return state_->control->attach(); }
CancelCounts Extension::cancel_counts() const noexcept { return state_->control->counts(); }

std::uint64_t Extension::heap_granted_bytes() const { return state_->heap->granted_bytes(); }
std::uint64_t Extension::heap_limit_bytes() const { return state_->heap->limit_bytes(); }

Program::Program(std::shared_ptr<ProgramState> state) : state_(std::move(state)) {}

Outcome Program::run(std::uint64_t r1, std::uint64_t r2, std::uint64_t r3, std::uint64_t r4, std::uint64_t r5) const noexcept {
  const engine::Executable& executable = *state_->executable;
  if (const runtime::Installed* const native = executable.installed()) [[likely]] return native->run(r1, r2, r3, r4, r5);
  return executable.run({r1, r2, r3, r4, r5});
}

std::string_view Program::name() const { return state_->executable->name(); }
std::string_view Program::hook() const { return state_->executable->hook(); }

ObjectCounts Program::object_counts() const {
  const runtime::RecordCounts counts = state_->executable->record_counts();
  return {counts.acquired, counts.released_by_extension, counts.released_by_cancel};
}

GuardReport Program::guards() const {
  const instrument::GuardCounts& counts = state_->executable->guarded().counts();
  return {counts.heap_accesses, counts.elided, counts.emitted, counts.left_out, state_->executable->guards_in_code()};
}

}  // namespace tenon
