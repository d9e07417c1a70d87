// SPDX-License-Identifier: Apache-2.0
// Does cancelling lose anything? Cancels extensions at every machine instruction that they, the thunks, the runtime and the host execute, throws at every
// point that may throw, and cancels from another thread at random instants, and looks into the host's books after each run.
//
//   torture --steps            every instruction of the written programs and of --generated ones
//   torture --throws           every throwing point
//   torture --others           another thread replaces the extension, or cancels, at every instruction of a run
//   torture --random N         N cancellations at random instants, from another thread
//   torture --scribble S       an extension that overwrites its whole heap for S seconds, while the host works in it
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>

#include <tenon/heap_lock.hpp>

#include "runtime/thread_slot.hpp"
#include "torture/host.hpp"
#include "torture/programs.hpp"
#include "torture/stepper.hpp"
#include "unit/engine/compile.hpp"

namespace tenon::torture {
namespace {

struct Options {
  bool steps = false, throws = false, ours = false, others = false;
  std::uint64_t random = 0, scribble = 0, generated = 10, first_seed = 1, most_instants = 20000;
};

/// One program, loaded, and what it answers when nothing disturbs it.
struct Victim {
  Source source;
  Extension extension;
  Program program;
};

std::optional<Victim> load(const Source& source, Trigger trigger = Trigger::signal) {
  static const Interface interface = torture_interface();
  static const test::Scratch scratch;
  const auto object = scratch.compile(interface, "#include <tn/exception.h>\n#include <tn/loop.h>\n" + source.text);
  LoadOptions options;
  options.quantum = source.name == "scribbler" ? std::chrono::milliseconds(20) : std::chrono::nanoseconds(0);  // else only we cancel
  options.check_records = true;
  options.trigger = trigger;
  options.heap_bytes = 1 << 20;
  auto extension = Engine(interface).load(object, options);
  if (!extension) {
    if (source.name.starts_with("generated")) return std::nullopt;  // what the verifier refuses is nobody's victim
    throw std::runtime_error(to_text(extension.error()));
  }
  Program program = extension->programs().front();
  return Victim{source, *std::move(extension), std::move(program)};
}

std::vector<Victim> victims(const Options& options) {
  std::vector<Victim> all;
  for (const Source& source : written()) all.push_back(*load(source));
  for (std::uint64_t seed = options.first_seed; all.size() < written().size() + options.generated; ++seed) {
    if (auto victim = load(generated(seed))) all.push_back(*std::move(victim));
  }
  return all;
}

std::array<std::uint64_t, 2> arguments_of(const Victim& victim, std::uint64_t a) {
  if (victim.source.hook == "given") return {reinterpret_cast<std::uint64_t>(new_job()), a};
  return {a, 0};
}

Outcome run_once(const Victim& victim, std::uint64_t a) {
  const auto arguments = arguments_of(victim, a);
  return victim.program.run(arguments[0], arguments[1]);
}

int failures = 0;

void complain(const Victim& victim, std::string_view when, std::string_view what) {
  fmt::print(stderr, "{}: {}: {}\n", victim.source.name, when, what);
  if (++failures == 20) std::exit(1);
}

void check_books(const Victim& victim, std::string_view when) {
  if (const std::string wrong = verdict(); !wrong.empty()) complain(victim, when, wrong);
}

/// The program still does what it did, and nothing was forgotten.
void check_health(const Victim& victim, std::uint64_t a, const Outcome& reference, std::string_view when) {
  host().clear();
  const Outcome again = run_once(victim, a);
  if (again.kind != reference.kind || again.value != reference.value) complain(victim, when, "the next run answers something else");
  check_books(victim, "the run after");
}

struct Coverage {
  std::uint64_t runs = 0, cancelled = 0, steps = 0;
  std::set<Instant> reachable, reached, ours_reachable, ours_reached;
};

/// Cancels at every distinct instant of the run with argument `a`: a machine instruction, wherever it is, with what was held there.
void torture_steps(const Victim& victim, std::uint64_t a, const Options& options, Coverage& coverage) {
  host().clear();
  const Outcome reference = run_once(victim, a);
  check_books(victim, "undisturbed");
  host().clear();
  const Recording whole = record(victim.program, arguments_of(victim, a));
  coverage.steps += whole.steps;
  for (const auto& [instant, host_call] : whole.instants) coverage.reachable.insert(instant);
  coverage.ours_reachable.insert(whole.ours.begin(), whole.ours.end());
  if ((options.ours ? whole.ours.size() : whole.instants.size()) > options.most_instants) return;
  for (const auto& [instant, host_call] : whole.instants) {
    if (options.ours && !whole.ours.contains(instant)) continue;
    if (!coverage.reached.insert(instant).second) continue;  // another argument came there
    host().clear();
    const Cancelled one = run_and_cancel(victim.program, arguments_of(victim, a), {instant, host_call});
    const std::string when = fmt::format("argument {}, at {:#x} after host call {}", a, instant.first, host_call);
    if (!one.happened) {  // the runtime went another way, say because its watchdog was awake this time
      coverage.reached.erase(instant);
      check_books(victim, when);
      continue;
    }
    ++coverage.runs;
    if (whole.ours.contains(instant)) coverage.ours_reached.insert(instant);
    check_books(victim, when);
    if (one.outcome.kind == Outcome::Kind::cancelled) {
      ++coverage.cancelled;
      if (one.outcome.cause != Cause::host_request || one.outcome.value != 99) complain(victim, when, "cancelled for another reason");
    } else if (one.outcome.kind != reference.kind || one.outcome.value != reference.value) {
      complain(victim, when, fmt::format("ended as {} {}, not {} {}", to_string(one.outcome.kind), one.outcome.value, to_string(reference.kind), reference.value));
    }
    check_health(victim, a, reference, when);
  }
}

void torture_all_steps(const std::vector<Victim>& all, const Options& options) {
  Coverage sum;
  std::size_t reached = 0, reachable = 0, ours_reached = 0, ours_reachable = 0;
  for (const Victim& victim : all) {
    Coverage coverage;
    for (const std::uint64_t a : {0, 2}) torture_steps(victim, a, options, coverage);
    fmt::print("{:20} {:6} runs, {:6} cancelled; {:5} of {:5} instants, {:4} of {:4} in compiled code and thunks\n", victim.source.name, coverage.runs,
               coverage.cancelled, coverage.reached.size(), coverage.reachable.size(), coverage.ours_reached.size(), coverage.ours_reachable.size());
    std::fflush(stdout);
    sum.runs += coverage.runs, sum.cancelled += coverage.cancelled;
    reached += coverage.reached.size(), reachable += coverage.reachable.size();
    ours_reached += coverage.ours_reached.size(), ours_reachable += coverage.ours_reachable.size();
  }
  fmt::print("steps: {} runs, {} cancelled; {} of {} pairs of machine instruction and held set, {} of {} in compiled code and thunks\n", sum.runs,
             sum.cancelled, reached, reachable, ours_reached, ours_reachable);
}

/// Throws at each call of point() in turn.
void torture_throws(const std::vector<Victim>& all) {
  std::uint64_t runs = 0, thrown = 0, caught = 0;
  for (const Victim& victim : all) {
    for (const std::uint64_t a : {0, 1, 2, 5}) {
      host().clear();
      const Outcome reference = run_once(victim, a);
      const std::uint64_t points = host().calls;
      for (std::uint64_t n = 1; n <= points; ++n) {
        host().clear();
        host().throws_at = n;
        const Outcome outcome = run_once(victim, a);
        ++runs;
        ++(outcome.kind == Outcome::Kind::thrown ? thrown : caught);
        if (outcome.kind == Outcome::Kind::cancelled) complain(victim, "throwing", "cancelled");
        check_books(victim, fmt::format("argument {}, point {} throws", a, n));
        check_health(victim, a, reference, "after a throw");
      }
    }
  }
  fmt::print("throws: {} runs, {} thrown out of the program, {} caught\n", runs, thrown, caught);
}

/// One thread runs, another cancels; a third computes what nobody disturbs.
void torture_at_random(const std::vector<Victim>& all, std::uint64_t wanted) {
  std::atomic<std::uint64_t> cancelled{0}, sent{0}, computed{0};
  std::atomic<bool> done{false};
  std::atomic<const Victim*> current{&all.front()};
  std::thread canceller([&] {
    std::uint64_t random = 88172645463325252ull;
    while (!done.load()) {
      random ^= random << 13, random ^= random >> 7, random ^= random << 17;
      for (std::uint64_t spin = random % 512; spin > 0; --spin) __builtin_ia32_pause();
      current.load()->extension.cancel();
      ++sent;
    }
  });
  std::thread bystander([&] {
    const auto victim = load({"bystander", "SEC(\"t\") u64 f(u64 a) { u64 n = a; for (u64 i = 0; i < 2000; i++) n = n * 6364136223846793005ull + i; return n; }"});
    std::uint64_t expected = 7;
    for (std::uint64_t i = 0; i < 2000; ++i) expected = expected * 6364136223846793005ull + i;
    while (!done.load()) {
      if (victim->program.run(7).value != expected) complain(*victim, "beside", "computed something else");
      ++computed;
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  });
  std::uint64_t runs = 0, shown = 0;
  for (std::size_t v = 0; cancelled.load() < wanted; v = (v + 1) % all.size()) {
    current.store(&all[v]);
    for (int i = 0; i < 2000; ++i, ++runs) {
      host().clear();
      const Outcome outcome = run_once(all[v], runs % 7);
      if (outcome.kind == Outcome::Kind::cancelled) ++cancelled;
      check_books(all[v], "cancelled at random");
    }
    if (cancelled.load() / 100'000 != shown) {
      shown = cancelled.load() / 100'000;
      fmt::print(stderr, "{} of {} cancelled\n", cancelled.load(), wanted);
    }
  }
  done.store(true);
  canceller.join();
  bystander.join();
  fmt::print("random: {} runs, {} requests, {} cancelled; {} runs beside them answered right\n", runs, sent.load(), cancelled.load(), computed.load());
}

constexpr std::string_view kScribbler = R"(
#include <tn/heap.h>
#include <tn/lock.h>
struct tn_spinlock lock;
struct tn_rwlock shared;
u64 seed = 1;
SEC("t") u64 scribble(u64 bytes)
{
	u64 begin = ((u64)&lock & ~0xffffffffull) + 0x10000, x = seed;

	for (u64 i = 0; i + 8 <= bytes; i += 8) {
		x = x * 6364136223846793005ull + 1442695040888963407ull;
		*(volatile u64 *)(begin + i) = x >> 7 & 1 ? x : x >> 40;
	}
	seed = x | 1;
	return x;
}
SEC("t") u64 use(u64 n)
{
	u64 *p = malloc(n % 5000 + 1), *q = malloc(16);

	if (n & 1)
		tn_lock(&lock);
	else
		tn_lock_read(&shared);
	if (p)
		*p = n;
	if (n & 1)
		tn_unlock(&lock);
	else
		tn_unlock_read(&shared);
	free(p);
	if (n % 7)
		free(q);
	return (u64)q;
}
SEC("t") u64 where(u64 n) { return (u64)&lock; }
)";

/// One program overwrites its whole heap again and again, others of it use that heap, and the host allocates, frees, locks and reads in it. The host must
/// neither fault nor hang, and answers about other extensions stay right.
void scribble(std::uint64_t seconds) {
  const auto victim = load({"scribbler", std::string(kScribbler)});
  const auto program = [&](const char* name) { return *victim->extension.program(name); };
  const Program scribbling = program("scribble"), use = program("use"), where = program("where");
  const std::uint64_t lock = where.run().value;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  const auto until_then = [&](auto step) { return std::thread([=] { while (std::chrono::steady_clock::now() < end) step(); }); };
  std::atomic<std::uint64_t> scribbled{0}, used{0}, allocated{0}, locked{0}, read{0};
  std::vector<std::thread> threads;
  threads.push_back(until_then([&] { scribbling.run(victim->extension.heap_granted_bytes()); ++scribbled; }));
  threads.push_back(until_then([&] {
    static thread_local std::uint64_t n = 0;
    const Outcome outcome = use.run(++n);
    if (auto held = victim->extension.pointer<std::uint64_t>(outcome.value).load()) ++read;  // whatever the extension says is there
    ++used;
  }));
  threads.push_back(until_then([&] {
    auto block = victim->extension.allocate<std::uint64_t>(100);
    if (!block) return;
    static_cast<void>(block->store(7));
    static_cast<void>(block->load());
    if (!victim->extension.free(*block)) complain(*victim, "scribbling", "the host's own block is not known any more");
    ++allocated;
  }));
  threads.push_back(until_then([&] {
    if (auto held = HeapLock::try_lock_for(victim->extension, lock, std::chrono::milliseconds(2))) ++locked;
  }));
  for (std::thread& thread : threads) thread.join();
  fmt::print("scribbler: heap overwritten {} times; meanwhile {} runs, {} host allocations, {} locks, {} reads through its pointers\n", scribbled.load(),
             used.load(), allocated.load(), locked.load(), read.load());
}

struct Disturbed {
  Visited run;
  bool has_begun = false;  ///< the invocation, when it stopped
  bool was_done = false;   ///< what the other thread did, before the run went on
};

/// Stops a run before one of its instructions, its way in and its way out counted, until another thread has done something, or waits for the run.
template <class Act>
Disturbed disturb(const Program& program, std::uint64_t argument, std::uint64_t step, const Act& act) {
  std::atomic<bool> begin{false}, done{false};
  std::thread other([&] {
    while (!begin.load()) std::this_thread::yield();
    act();
    done.store(true);
  });
  Disturbed made;
  made.run = run_and_visit(program, argument, step, [&] {
    made.has_begun = runtime::current_level() != nullptr;
    begin.store(true);
    for (int i = 0; i < 100 && !done.load(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    made.was_done = done.load();
  });
  begin.store(true);
  other.join();
  return made;
}

/// A run must be of a version that was the current one at some time after it began, and replace() must wait for it if it is of the old one.
void replace_at_every_step() {
  static const Interface interface = torture_interface();
  static const test::Scratch scratches[2];
  const Engine engine(interface);
  const std::filesystem::path objects[] = {scratches[0].compile(interface, "SEC(\"t\") u64 f(u64 a) { return a; }"),
                                           scratches[1].compile(interface, "SEC(\"t\") u64 f(u64 a) { return a + 1; }")};
  const auto extension = engine.load(objects[0]);
  if (!extension) throw std::runtime_error(to_text(extension.error()));
  const Victim victim{{"versions"}, *extension, extension->programs().front()};
  std::uint64_t waited = 0, version = 0, step = 1;
  bool has_begun = false;  // the steps are past the way in
  for (;; ++step, version = 1 - version) {
    const std::string when = fmt::format("step {}", step);
    for (int i = 0; i < 2; ++i) {
      if (victim.program.run(10).value != 10 + version) complain(victim, when, "not the current version");
    }
    const Disturbed one = disturb(victim.program, 10, step, [&] {
      if (!engine.replace(victim.extension, objects[1 - version])) complain(victim, when, "not replaced");
    });
    if (!one.run.happened) break;
    has_begun |= one.has_begun;
    waited += one.was_done ? 0 : 1;
    const std::uint64_t oldest = 10 + version, newest = 10 + 1 - version, given = one.run.outcome.value;
    if (one.run.outcome.kind != Outcome::Kind::returned || (given != newest && given != oldest)) complain(victim, when, "neither version's answer");
    if (one.was_done && !has_begun && given != newest) complain(victim, when, "the old version's answer, after it was replaced");
  }
  if (waited == 0) complain(victim, "at every step", "nobody was waited for");
  fmt::print("versions: replaced before each of {} instructions of a run; {} times it was waited for\n", step - 1, waited);
}

/// What has come too late for one run must not reach the next one.
void cancel_at_every_step(Trigger trigger, const char* name) {
  const auto victim = load({"late", "u64 one = 1; SEC(\"t\") u64 f(u64 a) { u64 n = 0; for (u64 i = 0; i < a; i++) n += *(volatile u64 *)&one; return n; }"}, trigger);
  std::uint64_t cancelled = 0, step = 1;
  for (;; ++step) {
    const std::string when = fmt::format("{}, step {}", name, step);
    for (int i = 0; i < 2; ++i) {
      if (victim->program.run(5).value != 5) complain(*victim, when, "the next run is not what it was");
    }
    const Disturbed one = disturb(victim->program, 5, step, [&] { victim->extension.cancel(); });
    if (!one.run.happened) break;
    const Outcome& outcome = one.run.outcome;
    cancelled += outcome.kind == Outcome::Kind::cancelled ? 1 : 0;
    if (!one.was_done) complain(*victim, when, "cancel() waits");
    if (outcome.kind == Outcome::Kind::cancelled ? outcome.cause != Cause::host_request : outcome.value != 5) complain(*victim, when, "another end");
  }
  if (cancelled == 0) complain(*victim, name, "none was cancelled");
  fmt::print("late, {}: cancelled from another thread before each of {} instructions of a run; {} ended by it\n", name, step - 1, cancelled);
}

int run(const Options& options) {
  const auto all = victims(options);
  if (options.steps) torture_all_steps(all, options);
  if (options.throws) torture_throws(all);
  if (options.others) {
    replace_at_every_step();
    cancel_at_every_step(Trigger::signal, "signal");
    cancel_at_every_step(Trigger::poll, "poll");
  }
  if (options.scribble != 0) scribble(options.scribble);
  if (options.random != 0) torture_at_random(all, options.random);
  fmt::print("{}\n", failures == 0 ? "nothing lost, nothing given back twice or out of order" : fmt::format("{} failures", failures));
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace tenon::torture

int main(int argc, char** argv) {
  tenon::torture::Options options;
  CLI::App app("cancels and throws everywhere, and counts what the host gets back");
  app.add_flag("--steps", options.steps, "at every machine instruction");
  app.add_flag("--throws", options.throws, "at every throwing point");
  app.add_flag("--others", options.others, "another thread replaces the extension, or cancels, at every instruction of a run");
  app.add_option("--random", options.random, "this many times at random instants");
  app.add_option("--scribble", options.scribble, "for so many seconds an extension overwrites its heap while the host works in it");
  app.add_option("--generated", options.generated, "programs beside the written ones")->capture_default_str();
  app.add_option("--first-seed", options.first_seed, "of the generated programs")->capture_default_str();
  app.add_flag("--ours", options.ours, "step by step only in compiled code and thunks, not in the runtime and the host");
  app.add_option("--most-instants", options.most_instants, "programs with more are not taken step by step")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return tenon::torture::run(options);
}
