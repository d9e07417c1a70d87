// SPDX-License-Identifier: Apache-2.0
// The public API from the host's side, on both backends.
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <optional>
#include <thread>
#include <vector>

#include <tenon/engine.hpp>

#include "unit/engine/compile.hpp"

namespace tenon {
namespace {

constexpr auto kInterface = R"(
  interface lab;
  struct job { from..to: mem rw @0..8, kind: u32 @16 r, answer: u64 @24 rw };
  type ticket rc drop=give_back;
  fn take(n: u32 in 0..7) -> ?own ticket<'t>;
  fn give_back(t: own ticket<'t>);
  fn number(t: &ticket<'t>) -> u32;
  fn table(n: u32) -> ?mem(u64|4) r;
  fn stop_here();
  fn throw_here(cookie: u64);
  fn digest(bytes: mem(u8|n) r, n: u64) -> u64;
  hook work(j: &job) -> u64 default 99;
  hook add(a: u64, b: u64) -> u64 default 0;
)";

struct Job {
  std::uint8_t* from;
  std::uint8_t* to;
  std::uint32_t kind;
  std::uint64_t answer;
};
struct Ticket {
  std::uint32_t number;
  std::atomic<int> out{0};
};
Ticket tickets[8];

Ticket* take(std::uint32_t n) {
  if (n == 0) return nullptr;
  tickets[n].number = n;
  ++tickets[n].out;
  return &tickets[n];
}
void give_back(Ticket* ticket) { --ticket->out; }
std::uint32_t number(const Ticket* ticket) { return ticket->number; }
const std::uint64_t* table(std::uint32_t n) {
  static constexpr std::uint64_t kTable[4] = {10, 20, 30, 40};
  return n == 0 ? nullptr : kTable;
}
void stop_here() { cancel_current_invocation(); }
void throw_here(std::uint64_t cookie) { throw_in_current_invocation(cookie); }
std::uint64_t digest(const std::uint8_t* bytes, std::uint64_t n) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < n; ++i) sum = sum * 31 + bytes[i];
  return sum;
}

Interface lab() {
  auto interface = Interface::parse(kInterface, "lab.tni");
  if (!interface) throw std::runtime_error(to_text(interface.error()));
  for (const auto& bound :
       {interface->bind<&take>("take"), interface->bind<&give_back>("give_back"), interface->bind<&number>("number"), interface->bind<&table>("table"),
        interface->bind<&stop_here>("stop_here"), interface->bind<&throw_here>("throw_here"), interface->bind<&digest>("digest")}) {
    if (!bound) throw std::runtime_error(to_text(bound.error()));
  }
  return *interface;
}

class BothBackends : public ::testing::TestWithParam<Backend> {
 protected:
  Result<Extension> try_load(std::string_view text, LoadOptions options = {}) {
    options.backend = GetParam();
    const Interface interface = lab();
    return Engine(interface).load(scratch_.compile(interface, text), options);
  }
  Extension load(std::string_view text, const LoadOptions& options = {}) {
    auto extension = try_load(text, options);
    if (!extension) throw std::runtime_error(to_text(extension.error()));
    return *extension;
  }
  test::Scratch scratch_;
};

/// Maps, and addresses that may lead nowhere, are Linux's to run; here such programs are verified only.
TEST_P(BothBackends, WhatOnlyLinuxRuns) {
  struct Row {
    const char *interface, *text, *code;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"fn count(m: map K->V) -> u64; hook work(a: u64) -> u64 default 0;",
            "struct { int (*type)[1]; int (*max_entries)[8]; u32 *key; u64 *value; } table SEC(\".maps\"); SEC(\"work\") u64 f(u64 a) { return "
            "count(&table); }",
            "E0607"},
           {"struct call { args: traced \"trace_*\" @0 r }; hook work(c: &call) -> u64 default 0;",
            "SEC(\"work\") u64 f(struct call *c) { return 7; }", "E0607"},
           {"type worker plain reads \"task\"; hook work(a: u64) -> u64 default 0;", "SEC(\"work\") u64 f(u64 a) { return 7; }", "E0607"},
           {"hook work(a: u64) -> u64 default 0;", "SEC(\"work\") u64 f(u64 a) { return 7; }", ""}}) {
    const auto interface = Interface::parse(row.interface, "row.tni");
    ASSERT_TRUE(interface) << to_text(interface.error());
    LoadOptions options;
    options.backend = GetParam();
    const auto extension = Engine(*interface).load(scratch_.compile(*interface, row.text), options);
    EXPECT_EQ(extension ? "" : extension.error().front().code, row.code) << row.interface;
  }
}

INSTANTIATE_TEST_SUITE_P(Engine, BothBackends, ::testing::Values(Backend::native, Backend::interpreter),
                         [](const auto& info) { return info.param == Backend::native ? "native" : "interpreter"; });

TEST_P(BothBackends, PassesArgumentsAndReturns) {
  const auto program = load("SEC(\"add\") u64 sum(u64 a, u64 b) { return a + b; }").program("sum");
  ASSERT_TRUE(program.has_value());
  EXPECT_EQ(program->hook(), "add");
  const Outcome outcome = program->run(40, 2);
  EXPECT_EQ(outcome.kind, Outcome::Kind::returned);
  EXPECT_EQ(outcome.value, 42u);
}

TEST_P(BothBackends, ProgramsShareOneHeap) {
  const Extension extension = load(
      "u64 kept;"
      "SEC(\"add\") u64 put(u64 a, u64 b) { kept = a; return 0; }"
      "SEC(\"add\") u64 get(u64 a, u64 b) { return kept; }");
  EXPECT_EQ(extension.programs().size(), 2u);
  extension.program("put")->run(7, 0);
  EXPECT_EQ(extension.program("get")->run(0, 0).value, 7u);
}

TEST_P(BothBackends, ContextFieldsAndMemory) {
  const auto program = load(R"(
    SEC("work") u64 do_work(struct job *j) {
      u64 sum = 0;
      if (j->from + 4 > j->to) return 0;
      for (u64 i = 0; i < 4; i++) sum += j->from[i];
      j->from[0] = 77;
      j->answer = sum;
      return j->kind;
    })").program_for_hook("work");
  std::uint8_t bytes[4] = {1, 2, 3, 4};
  Job job{bytes, bytes + 4, 5, 0};
  EXPECT_EQ(program->run(&job).value, 5u);
  EXPECT_EQ(job.answer, 10u);
  EXPECT_EQ(bytes[0], 77);
}

TEST_P(BothBackends, MemoryThatAHostFunctionHandsOut) {
  const auto program = load("SEC(\"add\") u64 f(u64 a, u64 b) { const u64 *t = table(a); return t ? t[3] : 1; }").program("f");
  EXPECT_EQ(program->run(1, 0).value, 40u);
  EXPECT_EQ(program->run(0, 0).value, 1u);
}

TEST_P(BothBackends, MemoryThatAHostFunctionTakes) {
  const auto program = load(R"(
    u8 bytes[3] = {1, 2, 3};
    SEC("add") u64 f(u64 a, u64 b) { u8 local[2] = {4, 5}; return digest(bytes, 3) * 1000 + digest(local, 2); })").program("f");
  EXPECT_EQ(program->run(0, 0).value, ((1 * 31 + 2) * 31 + 3) * 1000ull + (4 * 31 + 5));
}

TEST_P(BothBackends, CancelledWhileHolding) {
  const Extension extension = load(R"(
    u64 *nowhere;
    SEC("work") u64 f(struct job *j) {
      struct ticket *a = take(3), *b = take(4);
      u64 n = 0;
      if (a && b) n = number(a) + *nowhere;
      if (a) give_back(a);
      if (b) give_back(b);
      return n;
    })");
  const auto program = extension.program("f");
  Job job{};
  const Outcome outcome = program->run(&job);
  EXPECT_EQ(outcome.kind, Outcome::Kind::cancelled);
  EXPECT_EQ(outcome.cause, Cause::fault);
  EXPECT_EQ(outcome.value, 99u) << "the hook's default";
  EXPECT_EQ(outcome.line, 7u);
  EXPECT_TRUE(std::string_view(outcome.file).ends_with("test.bpf.c")) << outcome.file;
  EXPECT_EQ(tickets[3].out, 0);
  EXPECT_EQ(tickets[4].out, 0);
  const ObjectCounts counts = program->object_counts();
  EXPECT_EQ(counts.acquired, 2u);
  EXPECT_EQ(counts.released_by_extension, 0u);
  EXPECT_EQ(counts.released_by_cancel, 2u);
}

TEST_P(BothBackends, TheHostStopsOrThrows) {
  const Extension extension = load(R"(
    SEC("add") u64 f(u64 a, u64 b) {
      struct ticket *t = take(2);
      if (!t) return 0;
      if (a) stop_here(); else throw_here(b);
      give_back(t);
      return 5;
    })");
  const auto program = extension.program("f");
  const Outcome stopped = program->run(1, 0);
  EXPECT_EQ(stopped.kind, Outcome::Kind::cancelled);
  EXPECT_EQ(stopped.cause, Cause::host_request);
  const Outcome thrown = program->run(0, 12);
  EXPECT_EQ(thrown.kind, Outcome::Kind::thrown);
  EXPECT_EQ(thrown.value, 12u);
  EXPECT_EQ(tickets[2].out, 0);
}

TEST_P(BothBackends, QuantumEndsOnlyTheInvocationThatUsesItUp) {
  LoadOptions options;
  options.quantum = std::chrono::milliseconds(3);
  const auto program = load("u64 flag; SEC(\"add\") u64 f(u64 a, u64 b) { while (a && !*(volatile u64 *)&flag) ; return 6; }", options).program("f");
  const Outcome stuck = program->run(1, 0);
  EXPECT_EQ(stuck.kind, Outcome::Kind::cancelled);
  EXPECT_EQ(stuck.cause, Cause::quantum);
  EXPECT_EQ(program->run(0, 0).value, 6u);
}

constexpr auto kStuckOnDemand = R"(
  u64 flag;
  SEC("add") u64 f(u64 a, u64 b) {
    struct ticket *t = a ? take(b & 7) : 0;
    while (a && !*(volatile u64 *)&flag) ;
    if (t) give_back(t);
    return 6;
  })";

/// A run that never ends by itself, on its own thread. It has begun: it holds ticket number `ticket`.
struct Stuck {
  Stuck(const Program& program, std::uint32_t ticket) : thread([this, program, ticket] { outcome = program.run(1, ticket); }) {
    while (tickets[ticket].out == 0) std::this_thread::yield();
  }
  Outcome end() {
    thread.join();
    return outcome;
  }
  Outcome outcome;
  std::thread thread;
};

TEST_P(BothBackends, CancelEndsWhatRunsOnOtherThreads) {
  for (const Trigger trigger : {Trigger::signal, Trigger::poll}) {
    const Extension extension = load(kStuckOnDemand, {.quantum = std::chrono::seconds(0), .trigger = trigger});
    const Extension other = load(kStuckOnDemand, {.quantum = std::chrono::seconds(0), .trigger = trigger});
    const Program program = *extension.program("f");
    Stuck one(program, 1), two(program, 2), spared(*other.program("f"), 3);
    extension.cancel();
    EXPECT_EQ(one.end().cause, Cause::host_request);
    EXPECT_EQ(two.end().cause, Cause::host_request);
    EXPECT_EQ(program.run(0, 0).value, 6u);
    EXPECT_EQ(tickets[3].out, 1);
    other.cancel();
    EXPECT_EQ(spared.end().cause, Cause::host_request);
    EXPECT_EQ(extension.cancel_counts()[Cause::host_request], 2u);
  }
}

TEST_P(BothBackends, UnloadedPrograms) {
  std::optional<Program> kept;
  {
    const Extension extension = load(kStuckOnDemand, {.quantum = std::chrono::seconds(0)});
    kept = *extension.program("f");
    Stuck stuck(*kept, 1);
    extension.unload();
    EXPECT_EQ(stuck.end().cause, Cause::host_request);
    EXPECT_FALSE(extension.attach());
  }
  EXPECT_EQ(kept->name(), "f");
  EXPECT_EQ(kept->run(0, 0).cause, Cause::unloaded);
  EXPECT_EQ(kept->run(0, 0).value, 0u);
}

TEST_P(BothBackends, AfterCancel) {
  LoadOptions options{.quantum = std::chrono::milliseconds(3)};
  options.after_cancel = {.action = AfterCancel::Action::detach, .count = 2};
  const Extension detached = load(kStuckOnDemand, options);
  const Program f = *detached.program("f");
  EXPECT_EQ(f.run(1, 0).cause, Cause::quantum);
  EXPECT_EQ(f.run(0, 0).value, 6u);
  EXPECT_EQ(f.run(1, 0).cause, Cause::quantum);
  EXPECT_EQ(f.run(0, 0).cause, Cause::detached);
  EXPECT_TRUE(detached.attach());
  EXPECT_EQ(f.run(0, 0).value, 6u);
  detached.detach();
  EXPECT_EQ(f.run(0, 0).cause, Cause::detached);
  EXPECT_EQ(detached.cancel_counts()[Cause::detached], 2u);

  options.after_cancel = {.action = AfterCancel::Action::retry, .first_delay = std::chrono::seconds(2)};
  const Extension retried = load(kStuckOnDemand, options);
  EXPECT_EQ(retried.program("f")->run(1, 0).cause, Cause::quantum);
  EXPECT_EQ(retried.program("f")->run(0, 0).cause, Cause::backing_off);

  options.after_cancel = {.action = AfterCancel::Action::unload};
  const Extension unloaded = load("SEC(\"add\") u64 f(u64 a, u64 b) { if (a) bpf_throw(b); for (;;) ; }", options);
  EXPECT_EQ(unloaded.program("f")->run(1, 4).value, 4u) << "throwing is no cancellation";
  EXPECT_EQ(unloaded.program("f")->run(0, 0).cause, Cause::quantum);
  EXPECT_EQ(unloaded.program("f")->run(1, 4).cause, Cause::unloaded);
}

TEST_P(BothBackends, HeapLimit) {
  LoadOptions options;
  options.heap_bytes = 16ull << 20;
  options.heap_limit_bytes = 1ull << 20;
  const Extension extension = load("SEC(\"add\") u64 f(u64 a, u64 b) { return tn_grow(a) != 0; }", options);
  EXPECT_EQ(extension.heap_limit_bytes(), 1ull << 20);
  const auto program = extension.program("f");
  EXPECT_EQ(program->run(2ull << 20, 0).value, 0u);
  EXPECT_EQ(program->run(4096, 0).value, 1u);
  EXPECT_GE(extension.heap_granted_bytes(), 4096u);
  EXPECT_LE(extension.heap_granted_bytes(), extension.heap_limit_bytes());
}

TEST_P(BothBackends, ReportsItsGuards) {
  const auto program = load("u64 *p; u64 n; SEC(\"add\") u64 f(u64 a, u64 b) { u64 *q = p; q[0] = a; q[1] = b; return n; }").program("f");
  const GuardReport guards = program->guards();
  EXPECT_EQ(guards.heap_accesses, 4u);
  EXPECT_EQ(guards.elided, 2u);
  EXPECT_EQ(guards.emitted, 2u);
  EXPECT_EQ(guards.after_llvm, GetParam() == Backend::native ? 1u : 2u) << "LLVM computes the address of q once";
}

TEST_P(BothBackends, ProgramOutlivesItsExtension) {
  auto program = load("u64 n; SEC(\"add\") u64 f(u64 a, u64 b) { return ++n; }").program("f");
  program->run(0, 0);
  EXPECT_EQ(program->run(0, 0).value, 2u);
}

TEST_P(BothBackends, SeveralThreads) {
  const auto program = load("u64 n; SEC(\"add\") u64 f(u64 a, u64 b) { return __sync_fetch_and_add(&n, 1); }").program("f");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) program->run(0, 0);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(program->run(0, 0).value, 4000u);
}

TEST_P(BothBackends, OptionalProgramsDoNotLoadByThemselves) {
  const Extension extension = load("SEC(\"add\") u64 f(u64 a, u64 b) { return 0; } SEC(\"?add\") u64 g(u64 a, u64 b) { return *(u64 *)0; }");
  EXPECT_EQ(extension.programs().size(), 1u);
  const auto missing = extension.program("g");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error()[0].code, "E0801");
  EXPECT_EQ(extension.program_for_hook("work").error()[0].code, "E0802");
}

TEST_P(BothBackends, LoadsExactlyTheProgramsItIsAskedFor) {
  constexpr auto kText = "SEC(\"?add\") u64 f(u64 a, u64 b) { return 1; } SEC(\"work\") u64 g(struct job *j) { return j->from[0]; }";
  LoadOptions options;
  options.programs = {"f"};
  const Extension extension = load(kText, options);
  ASSERT_EQ(extension.programs().size(), 1u);
  EXPECT_EQ(extension.programs()[0].run(0, 0).value, 1u);
  options.programs = {"f", "h"};
  const auto missing = try_load(kText, options);
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error()[0].code, "E0801");
}

TEST_P(BothBackends, RefusesWhatOneProgramBreaks) {
  const auto extension = try_load("SEC(\"add\") u64 f(u64 a, u64 b) { return 0; } SEC(\"work\") u64 g(struct job *j) { return j->from[0]; }");
  ASSERT_FALSE(extension.has_value());
  EXPECT_EQ(extension.error()[0].where.line, 2u);
}

TEST_P(BothBackends, RefusesAnObjectWithoutPrograms) {
  const auto extension = try_load("SEC(\"?add\") u64 f(u64 a, u64 b) { return 0; }");
  ASSERT_FALSE(extension.has_value());
  EXPECT_EQ(extension.error()[0].code, "E0803");
}

TEST(Engine, RefusesAFunctionThatNobodyBound) {
  const auto interface = Interface::parse(kInterface, "lab.tni");
  test::Scratch scratch;
  const auto object = scratch.compile(*interface, "SEC(\"add\") u64 f(u64 a, u64 b) { const u64 *t = table(a); return t ? t[0] : 0; }");
  const auto extension = Engine(*interface).load(object);
  ASSERT_FALSE(extension.has_value());
  EXPECT_EQ(extension.error()[0].code, "E0605");
}

TEST(Bind, ChecksNamesAndTypes) {
  auto interface = *Interface::parse(kInterface, "lab.tni");
  EXPECT_EQ(interface.bind<&take>("tak").error()[0].code, "E0530");
  EXPECT_EQ(interface.bind<&stop_here>("tn_grow").error()[0].code, "E0530");
  const auto wrong = interface.bind<&digest>("take");
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error()[0].code, "E0531");
  EXPECT_NE(wrong.error()[0].message.find("uint64_t (const T*, uint64_t)"), std::string::npos) << wrong.error()[0].message;
}

std::uint64_t long_id(std::uint64_t) { return 0; }
std::int32_t signed_number(const Ticket*) { return 0; }
std::uint64_t writes(std::uint8_t*, std::uint64_t) { return 0; }
std::uint64_t* writable_table(std::uint32_t) { return nullptr; }
void too_many(Ticket*, int) {}

TEST(Bind, RefusesEachKindOfMisfit) {
  auto interface = *Interface::parse(kInterface, "lab.tni");
  EXPECT_FALSE(interface.bind<&long_id>("take").has_value()) << "width";
  EXPECT_FALSE(interface.bind<&signed_number>("number").has_value()) << "sign";
  EXPECT_FALSE(interface.bind<&writes>("digest").has_value()) << "memory that is readable only";
  EXPECT_FALSE(interface.bind<&writable_table>("table").has_value()) << "result that is readable only";
  EXPECT_FALSE(interface.bind<&too_many>("give_back").has_value()) << "number of parameters";
}

}  // namespace
}  // namespace tenon
