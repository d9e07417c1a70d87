// SPDX-License-Identifier: Apache-2.0
#include "engine/state.hpp"

#include <algorithm>
#include <thread>

#include "runtime/hazard.hpp"
#include "runtime/process.hpp"
#include "runtime/run_again.hpp"

namespace tenon {

namespace {

void add(CancelCounts& to, const CancelCounts& more) {
  for (std::size_t i = 0; i < kCauses; ++i) to.by_cause[i] += more.by_cause[i];
}
void add(runtime::RecordCounts& to, const runtime::RecordCounts& more) {
  to.acquired += more.acquired;
  to.released_by_extension += more.released_by_extension;
  to.released_by_cancel += more.released_by_cancel;
}

bool is_used(const engine::Version& version, runtime::Whose whose) { return runtime::is_used(&version, *version.control, whose); }

}  // namespace

Result<void> ExtensionState::publish(std::shared_ptr<const engine::Version> next) {
  const std::lock_guard guard(lock);
  if (unloaded || (version != nullptr && version->control->is_unloaded())) {
    return refuse("E0614", "the extension is unloaded: nothing can be put in its place", "load the new object as an extension of its own");
  }
  if (detached) next->control->detach();
  for (std::size_t i = names.size(); i < next->programs.size(); ++i) names.emplace_back(next->programs[i]->name(), next->programs[i]->hook());
  past_records.resize(names.size());
  if (version != nullptr) old.push_back(version);
  version = std::move(next);
  // From the first of these on no run of the old version takes the short way in, and none of the new one before `current` says that it is.
  for (std::size_t i = 0; i < names.size(); ++i) names[i].serial.store(version->programs[i]->serial(), std::memory_order_relaxed);
  current.store(version.get(), std::memory_order_release);
  return {};
}

void ExtensionState::retire(const std::shared_ptr<const engine::Version>& replaced, std::chrono::nanoseconds patience) noexcept {
  constexpr std::chrono::microseconds kFirstWait{20}, kLastWait{1000};
  const auto begin = std::chrono::steady_clock::now();
  runtime::ThreadSlot* const own = runtime::tenon_thread_slot;
  if (own != nullptr) own->unloading.store(true);
  for (auto wait = kFirstWait; !runtime::is_forked_child() && is_used(*replaced, runtime::Whose::others); wait = std::min(2 * wait, kLastWait)) {
    if (std::chrono::steady_clock::now() - begin >= patience) replaced->control->cancel_running();
    std::this_thread::sleep_for(wait);
  }
  if (own != nullptr) own->unloading.store(false);
  let_go_of_unused();
}

/// What runs below a thread that has replaced it stays until somebody looks again.
void ExtensionState::let_go_of_unused() {
  std::vector<std::shared_ptr<const engine::Version>> gone;  // destroyed after the lock is released
  const std::lock_guard guard(lock);
  const auto unused = std::stable_partition(old.begin(), old.end(), [](const auto& one) { return is_used(*one, runtime::Whose::anybodys); });
  gone.assign(std::make_move_iterator(unused), std::make_move_iterator(old.end()));
  old.erase(unused, old.end());
  for (const auto& one : gone) {
    add(past_cancels, one->control->counts());
    for (std::size_t i = 0; i < one->programs.size(); ++i) add(past_records[i], one->programs[i]->record_counts());
  }
}

std::shared_ptr<const engine::Version> ExtensionState::newest() const {
  const std::lock_guard guard(lock);
  return version;
}

std::vector<std::shared_ptr<const engine::Version>> ExtensionState::all_versions() const {
  const std::lock_guard guard(lock);
  auto all = old;
  all.push_back(version);
  return all;
}

CancelCounts ExtensionState::cancel_counts() const {
  const std::lock_guard guard(lock);
  CancelCounts counts = past_cancels;
  for (const auto& one : old) add(counts, one->control->counts());
  add(counts, version->control->counts());
  return counts;
}

runtime::RecordCounts ExtensionState::record_counts(std::uint32_t program) const {
  const std::lock_guard guard(lock);
  runtime::RecordCounts counts = past_records[program];
  for (const auto& one : old) {
    if (program < one->programs.size()) add(counts, one->programs[program]->record_counts());
  }
  add(counts, version->programs[program]->record_counts());
  return counts;
}

bool ExtensionState::is_unloaded() const {
  const std::lock_guard guard(lock);
  return unloaded || version->control->is_unloaded();
}

}  // namespace tenon
