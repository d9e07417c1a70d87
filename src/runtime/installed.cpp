// SPDX-License-Identifier: Apache-2.0
// Installing a CodeImage, and taking it away again after its last invocation has left.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "base/bug.hpp"
#include "runtime/builtin_flow.hpp"
#include "runtime/installed_state.hpp"
#include "runtime/os/threads.hpp"
#include "runtime/process.hpp"
#include "runtime/release.hpp"
#include "runtime/watchdog.hpp"

namespace tenon::runtime {

namespace {

Result<void> check_tables(const abi::CodeImage& image, const CallTable& calls, std::size_t places) {
  for (const abi::FunctionEntry& function : image.functions) {
    if (function.offset < image.code_offset || function.offset >= image.bytes.size()) return damaged_image("its table of functions");
  }
  if (image.exception_callback && *image.exception_callback >= image.functions.size()) return damaged_image("its exception callback");
  for (const abi::CallSite& site : image.sites) {
    if (site.host_function >= calls.size()) return damaged_image(fmt::format("a call of host function number {}", site.host_function));
    if (site.instruction >= places) return damaged_image(fmt::format("a call at instruction {} of {}", site.instruction, places));
  }
  std::uint32_t last = 0;
  for (const abi::PcMapEntry& entry : image.pc_map) {
    if (entry.offset < last || entry.offset >= image.bytes.size() || entry.instruction >= places) return damaged_image("its table of program counters");
    last = entry.offset;
  }
  return {};
}

std::unexpected<Diagnostics> unbound(std::string_view why, std::string_view name) {
  return refuse("E0605", fmt::format("{}, but no C++ function is bound to '{}'", why, name), fmt::format("bind it: interface.bind<&function>(\"{}\")", name));
}

Result<void> check_bound(const abi::CodeImage& image, const CallTable& calls) {
  for (const abi::CallSite& site : image.sites) {
    const std::string missing = calls.missing(site.host_function);
    if (!missing.empty()) {
      return unbound(fmt::format("the program calls '{}'", calls.callee(site.host_function).name), missing);
    }
  }
  return {};
}

/// Programs whose owner is gone while one of their own host functions still runs below them. Freed when the next one comes or goes.
std::mutex retired_lock;
std::vector<std::shared_ptr<void>>& retired() {
  static auto* const list = new std::vector<std::shared_ptr<void>>;
  return *list;
}

bool in_use(const void* state) {
  bool used = false;
  for_each_slot([&](const ThreadSlot& slot) {
    for (const Level& level : slot.levels) used |= !level.is_idle() && level.owner.load(std::memory_order_acquire) == state;
  });
  return used;
}

void retire(std::shared_ptr<void> state) {
  std::vector<std::shared_ptr<void>> free;  // destroyed after the lock is released
  const std::lock_guard lock(retired_lock);
  os::heavy_barrier();
  if (state != nullptr) retired().push_back(std::move(state));
  const auto unused = std::stable_partition(retired().begin(), retired().end(), [](const auto& s) { return in_use(s.get()); });
  free.assign(std::make_move_iterator(unused), std::make_move_iterator(retired().end()));
  retired().erase(unused, retired().end());
}

}  // namespace

std::vector<GivenArgument> given_arguments(const interface::Hook& hook) {
  std::vector<GivenArgument> given;
  for (std::size_t i = 0; i < hook.parameters.size(); ++i) {
    const auto* object = std::get_if<interface::ObjectRef>(&hook.parameters[i].type);
    if (object != nullptr && object->mode == interface::ObjectRef::Mode::own) given.push_back({static_cast<std::uint8_t>(i), object->type});
  }
  return given;
}

Installed::Installed(std::unique_ptr<State> state) : state_(std::move(state)) {}

Installed::~Installed() {
  if (is_forked_child()) {  // our locks may be held by threads that are not here
    static_cast<void>(state_.release());
    return;
  }
  retire(std::shared_ptr<State>(std::move(state_)));
}

Installed::State::~State() {
  if (quantum_ns != 0) unwatch_quantum(quantum_ns);
  if (watches_cleanups) unwatch_quantum(kCleanupNs);
}

/// False when a number does not fit.
bool Installed::State::add_functions(const abi::CodeImage& image) {
  for (const abi::FunctionEntry& entry : image.functions) {
    Function& function = functions.emplace_back(Function{entry.value, code.base() + entry.offset, 0, {Drop::Kind::cleanup}, {Drop::Kind::destructor}});
    if (__builtin_add_overflow(entry.native_stack_bytes, abi::kHostStackReserveBytes, &function.native_stack_bytes)) return false;
  }
  const std::uint64_t last = image.exception_callback ? functions[*image.exception_callback].entry : 0;
  std::ranges::sort(functions, {}, &Function::value);
  for (Function& function : functions) {
    function.cleanup.function = function.destructor.function = &function;
    if (function.entry == last) exception_callback = &function;
  }
  has_cleanups = std::ranges::any_of(sites, [](const Site& site) {
    return site.callee->builtin == &defer_cleanup || site.callee->builtin == &begin_scope;
  });
  return true;
}

Result<std::shared_ptr<Installed>> Installed::create(abi::CodeImage image, std::shared_ptr<Heap> heap,
                                                     const std::shared_ptr<const interface::Declarations>& declarations,
                                                     const std::vector<HostFunction>& bindings,
                                                     std::vector<Place> places, const InstallOptions& options) {
  if (auto ready = set_up_process(); !ready) return std::unexpected(ready.error());
  if (image.shape != heap->shape()) {
    return refuse("E0604", fmt::format("the code was compiled for a heap window of {} bytes, this heap has one of {}", image.shape.window_bytes,
                                       heap->shape().window_bytes),
                  "compile it for this heap");
  }
  auto calls = std::make_unique<const CallTable>(*declarations, bindings, options.check_host);
  if (auto sound = check_tables(image, *calls, places.size()); !sound) return std::unexpected(sound.error());
  if (auto bound = check_bound(image, *calls); !bound) return std::unexpected(bound.error());

  auto state = std::make_unique<State>();
  std::map<std::string_view, const char*> kept;
  for (const Place& place : places) {
    if (!kept.contains(place.file)) kept[place.file] = keep_forever(place.file);
  }
  state->calls = std::move(calls);
  for (const abi::CallSite& site : image.sites) {
    const Place& place = places[site.instruction];
    state->sites.push_back(make_site(*state->calls, site, place.file, place.line));
  }
  TENON_TRY(code, CodeMemory::load(image, {heap->base(), heap->globals_address(), state->sites}));
  state->code = std::move(code);
  state->heap_state = &heap->state();
  state->heap = std::move(heap);
  state->pc_map = std::move(image.pc_map);
  for (const Place& place : places) state->places.push_back({place.slot, kept.at(place.file), place.line});
  if (__builtin_add_overflow(image.native_stack_bytes, abi::kHostStackReserveBytes, &state->native_stack_bytes)) return damaged_image("its stack need");
  if (!state->add_functions(image)) return damaged_image("the stack need of its functions");
  state->add_tables(*declarations, options.held_tables);
  state->default_result = options.default_result;
  state->polls = image.polls;
  state->control = options.control != nullptr ? options.control : std::make_shared<Control>();
  for (const GivenArgument& argument : options.given) {
    const Drop& drop = state->calls->drop_of(argument.type);
    if (drop.entry == nullptr) return unbound("the hook gives an object away", declarations->at(argument.type).drop_name);
    state->given.push_back({argument.index, &drop});
  }
  if (auto watched = start_watchdog(); !watched) return std::unexpected(watched.error());
  const auto quantum = static_cast<std::uint64_t>(std::max<std::chrono::nanoseconds::rep>(options.quantum.count(), 0));
  if (quantum != 0) {
    watch_quantum(quantum);
    state->quantum_ns = quantum;
  }
  if (state->has_cleanups) {
    watch_quantum(kCleanupNs);
    state->watches_cleanups = true;
  }
  Installed::State& made = *state;
  const std::shared_ptr<Installed> installed(new Installed(std::move(state)));
  made.self = installed;
  return installed;
}

RecordCounts Installed::record_counts() const {
  return {state_->acquired.load(std::memory_order_relaxed), state_->released_by_extension.load(std::memory_order_relaxed),
          state_->released_by_cancel.load(std::memory_order_relaxed)};
}

}  // namespace tenon::runtime
