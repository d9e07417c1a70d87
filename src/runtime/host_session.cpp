// SPDX-License-Identifier: Apache-2.0
// The interpreter's side of a host call: a level of the thread that is always in state host, so host functions cannot tell the difference.
#include <map>
#include <utility>

#include "base/bug.hpp"
#include "runtime/entry.hpp"
#include "runtime/heap_state.hpp"
#include "runtime/host_call.hpp"
#include "runtime/process.hpp"
#include "runtime/release.hpp"
#include "runtime/site.hpp"

namespace tenon::runtime {

struct HostSession::State final : FunctionRunner {
  State(std::shared_ptr<Heap> on, const interface::Declarations& declarations, const std::vector<HostFunction>& bindings, bool check_host, CallBack run)
      : heap(std::move(on)), calls(declarations, bindings, check_host), alone(std::move(run)) {}

  std::shared_ptr<Heap> heap;
  CallTable calls;
  CallBack alone;
  std::weak_ptr<const tenon::detail::LaterRunner> runs_later;
  const CallBack* call_back = nullptr;  ///< of the call under way
  std::map<std::pair<std::uint64_t, Drop::Kind>, Drop> cleanups;  ///< by the function's value; nodes stay where they are
  Level* level = nullptr;  ///< null: could not be had, or finished
  Cause refusal = Cause::none;
  std::uint64_t heap_stack_top = 0;
  RecordCounts counts;

  // A function is named by its value, which the interpreter knows.
  const void* find(std::uint64_t value) const noexcept override { return reinterpret_cast<const void*>(value); }
  std::optional<std::uint64_t> run(Level& on, const void* function, const Registers& arguments) noexcept override {
    const Site* const site = on.site;
    const CallBack& how = call_back != nullptr ? *call_back : alone;
    const CallResult result = how(reinterpret_cast<std::uint64_t>(function), arguments);
    on.site = site;
    on.enter_state(LevelState::host);
    if (result.kind == Outcome::Kind::returned) return result.r0;
    if (result.kind == Outcome::Kind::cancelled) on.request(Pending::cancel, result.cause, 0);
    return std::nullopt;
  }
  const Drop& cleanup(const void* function, Drop::Kind kind) noexcept override {
    const auto value = reinterpret_cast<std::uint64_t>(function);
    return cleanups.try_emplace({value, kind}, Drop{kind, nullptr, function}).first->second;
  }
  std::weak_ptr<const tenon::detail::LaterRunner> later() const noexcept override { return runs_later; }
};

namespace {
HostSession::CallResult cancelled(Cause cause) { return {0, Outcome::Kind::cancelled, cause}; }

HostSession::CallResult what_was_asked(const Level& level) {
  if (level.pending == Pending::throw_) return {level.cookie, Outcome::Kind::thrown, Cause::none};
  if (level.pending_cause == Cause::bad_free) return {level.cookie, Outcome::Kind::cancelled, Cause::bad_free};
  if (level.pending_cause != Cause::host_promise) return cancelled(level.pending_cause);
  return {level.cookie, Outcome::Kind::cancelled, Cause::host_promise, level.broken_promise};
}
}  // namespace

HostSession::HostSession(std::shared_ptr<Heap> heap, const std::shared_ptr<const interface::Declarations>& declarations,
                         const std::vector<HostFunction>& bindings, bool check_host, CallBack alone, std::chrono::nanoseconds longest_lock_wait,
                         Control* control, std::weak_ptr<const tenon::detail::LaterRunner> later)
    : state_(new State(std::move(heap), *declarations, bindings, check_host, std::move(alone))) {
  state_->runs_later = std::move(later);
  if (!set_up_process()) return;
  ThreadSlot* const slot = this_thread_slot();
  Level* const level = next_level(slot);
  if (level == nullptr) return;
  state_->heap_stack_top = state_->heap->state().stack_top(slot->index, slot->depth);
  if (state_->heap_stack_top == 0) return;
  level->quantum_ns.store(0, std::memory_order_relaxed);
  level->lock_wait_ns = static_cast<std::uint64_t>(longest_lock_wait.count());
  level->code_begin = level->code_end = 0;
  level->cache = state_->heap->state().home(slot->index, slot->depth).cache;
  level->polls.store(false, std::memory_order_relaxed);
  level->prepared_for = 0;
  set_runner(*level, *state_->heap, *state_, state_.get(), control);
  push_level(*slot, *level);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (control != nullptr) state_->refusal = control->refusal();
  if (state_->refusal != Cause::none) {
    pop_level(*slot, *level);
    return;
  }
  state_->heap->state().allocator->pin();  // the interpreter's accesses are host code
  state_->level = level;
}

HostSession::~HostSession() { finish(); }

std::uint32_t HostSession::release() {
  Level* const level = state_->level;
  if (level == nullptr) return 0;
  base::ensure(tenon_current_level == level, "a session ended on another thread or out of order");
  level->enter_state(LevelState::releasing);
  release_all(*level);
  level->pending = Pending::none;
  level->enter_state(LevelState::host);
  return std::exchange(level->failed_cleanups, 0);
}

void HostSession::finish() {
  release();
  Level* const level = std::exchange(state_->level, nullptr);
  if (level == nullptr) return;
  state_->counts = std::exchange(level->counts, {});
  state_->heap->state().allocator->unpin();
  pop_level(*level->slot, *level);
}

HostSession::CallResult HostSession::run_alone(std::uint64_t function, const std::array<std::uint64_t, 5>& arguments) {
  if (state_->level == nullptr) return cancelled(Cause::stack);
  return state_->alone(function, arguments);
}

void HostSession::hold(const std::vector<GivenArgument>& given, const std::array<std::uint64_t, 5>& arguments) {
  for (const GivenArgument& argument : given) {
    const std::uint64_t object = arguments[argument.index];
    const Drop& drop = state_->calls.drop_of(argument.type);
    if (object == 0 || drop.entry == nullptr) continue;
    if (state_->level != nullptr) state_->level->held.push(object, drop);
    else drop.entry(object, 0, 0, 0, 0);
  }
}

std::optional<std::uint32_t> HostSession::lock_held_since() const {
  Level* const level = state_->level;
  if (level == nullptr || !level->held.has_heap_locks()) return std::nullopt;
  return newest_lock(*level).instruction;
}

void HostSession::describe(Outcome& outcome) const {
  if (state_->level != nullptr) describe_locks(*state_->level, outcome);
}

bool HostSession::usable() const { return state_->level != nullptr; }

Cause HostSession::refusal() const { return state_->refusal; }

Cause HostSession::must_end() const {
  const Level* const level = state_->level;
  return level != nullptr && level->must_end() ? level->cancel_cause.load(std::memory_order_relaxed) : Cause::none;
}

HostSession::CallResult HostSession::call(const abi::CallSite& site, const std::array<std::uint64_t, 5>& arguments, const CallBack& call_back,
                                          CallPlace place) {
  Level* const level = state_->level;
  if (level == nullptr) return cancelled(Cause::stack);
  base::ensure(tenon_current_level == level, "a session called on another thread or out of order");
  base::ensure(site.host_function < state_->calls.size(), "a call of a host function that is not declared");
  if (!state_->calls.missing(site.host_function).empty()) return cancelled(Cause::host_request);
  const Site described = make_site(state_->calls, site, place.file, place.line);
  const Site* const outer_site = std::exchange(level->site, &described);
  const CallBack* const outer = std::exchange(state_->call_back, &call_back);
  const std::uint64_t r0 = checked_call(*level, described, arguments);
  state_->call_back = outer;
  level->site = outer_site;
  if (level->pending != Pending::none) return what_was_asked(*level);
  if (const Cause cause = must_end(); cause != Cause::none) return cancelled(cause);
  return {r0};
}

void HostSession::frame_ended(std::uint64_t begin, std::uint64_t end) {
  if (state_->level != nullptr) state_->level->stack_objects.end_frame(begin, end);
}

std::uint64_t HostSession::heap_stack_top() const { return state_->heap_stack_top; }
std::uint64_t HostSession::heap_stack_limit() const { return state_->heap_stack_top == 0 ? 0 : state_->heap_stack_top - kProgramStackBytes; }
std::uint64_t HostSession::cleanup_stack_limit() const { return state_->heap_stack_top == 0 ? 0 : state_->heap_stack_top - kStackUsableBytes; }
RecordCounts HostSession::record_counts() const { return state_->level != nullptr ? state_->level->counts : state_->counts; }

}  // namespace tenon::runtime
