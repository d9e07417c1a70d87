// SPDX-License-Identifier: Apache-2.0
#include "torture/host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "runtime/thread_slot.hpp"
#include "torture/stepper.hpp"

namespace tenon::torture {

namespace {

struct Thing { std::uint64_t number = 0; };
struct Job { std::uint64_t number = 0; };

thread_local Host this_host;
thread_local std::array<Thing, 64> things;
thread_local std::array<Job, 64> jobs;

void begin(int kind, std::uint64_t number) { this_host.held.push_back({++this_host.last_serial, kind, number}); }

/// The newest of several alike.
void end(int kind, std::uint64_t number) {
  auto& held = this_host.held;
  const auto newest = std::find_if(held.rbegin(), held.rend(), [&](const Host::Held& h) { return h.kind == kind && h.number == number; });
  if (newest == held.rend()) {
    ++this_host.misuses;
    return;
  }
  const runtime::Level* const level = runtime::current_level();
  const bool by_runtime = level != nullptr && runtime::state_of(level->word.load()) == runtime::LevelState::releasing;
  if (by_runtime && newest != held.rbegin()) ++this_host.disorder;  // the newest of all comes first
  held.erase(std::next(newest).base());
}

Thing* thing_get(std::uint64_t n) {
  host_function_begins();
  if (n % 64 == 0) return nullptr;
  things[n % 64].number = n % 64;
  begin(Host::kThing, n % 64);
  return &things[n % 64];
}
void thing_put(Thing* thing) { host_function_begins(); end(Host::kThing, thing->number); }
void thing_lock(Thing* thing) { host_function_begins(); begin(Host::kLock, thing->number); }
void thing_unlock(Thing* thing) { host_function_begins(); end(Host::kLock, thing->number); }
Job* job_new(std::uint64_t n) {
  host_function_begins();
  // Linear: a job that is out is not handed out again.
  for (std::uint64_t i = 0; i < jobs.size(); ++i) {
    const std::uint64_t number = (n + i) % jobs.size();
    const auto is_out = [&](const Host::Held& h) { return h.kind == Host::kJob && h.number == number; };
    if (std::ranges::any_of(this_host.held, is_out)) continue;
    jobs[number].number = number;
    begin(Host::kJob, number);
    return &jobs[number];
  }
  throw std::runtime_error("the torture host has no job left");
}
std::int32_t job_prepare(Job*, std::uint64_t n) { host_function_begins(); return n % 3 == 0 ? -1 : 0; }
std::int32_t job_submit(Job* job, std::uint64_t n) {
  host_function_begins();
  if (n % 3 == 0) return -1;
  end(Host::kJob, job->number);
  return 0;
}
void job_done(Job* job) { host_function_begins(); end(Host::kJob, job->number); }
void quiet_enter() { host_function_begins(); begin(Host::kMode, 0); }
void quiet_leave() { host_function_begins(); end(Host::kMode, 0); }
std::uint64_t each(std::uint32_t n, const Callback* f, void* context) {
  host_function_begins();
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < n; ++i) sum += f->call(i, reinterpret_cast<std::uint64_t>(context)).value_or(0);
  return sum;
}
std::uint64_t point(std::uint64_t n) {
  host_function_begins();
  if (++this_host.calls == this_host.throws_at) throw_in_current_invocation(n + 1);
  return n * 7;
}
std::uint64_t work(std::uint64_t n) { host_function_begins(); return n ^ 0x5a; }

}  // namespace

void Host::clear() { *this = {}; }
Host& host() { return this_host; }
void* new_job() { return job_new(1); }

Interface torture_interface() {
  auto interface = Interface::read(TENON_SOURCE_DIR "/tests/torture/torture.tni");
  if (!interface) throw std::runtime_error(to_text(interface.error()));
  for (const auto& bound :
       {interface->bind<&thing_get>("thing_get"), interface->bind<&thing_put>("thing_put"), interface->bind<&thing_lock>("thing_lock"),
        interface->bind<&thing_unlock>("thing_unlock"), interface->bind<&job_new>("job_new"), interface->bind<&job_prepare>("job_prepare"),
        interface->bind<&job_submit>("job_submit"), interface->bind<&job_done>("job_done"), interface->bind<&quiet_enter>("quiet_enter"),
        interface->bind<&quiet_leave>("quiet_leave"), interface->bind<&each>("each"), interface->bind<&point>("point"),
        interface->bind<&work>("work")}) {
    if (!bound) throw std::runtime_error(to_text(bound.error()));
  }
  return *std::move(interface);
}

std::string verdict() {
  if (this_host.misuses != 0) return fmt::format("{} given back that were not held", this_host.misuses);
  if (!this_host.held.empty()) return fmt::format("{} lost", this_host.held.size());
  return this_host.disorder != 0 ? fmt::format("{} given back out of order", this_host.disorder) : "";
}

}  // namespace tenon::torture
