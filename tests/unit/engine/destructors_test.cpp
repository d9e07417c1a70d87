// SPDX-License-Identifier: Apache-2.0
// Variables with destructors: exactly once, newest first, however the scope ends, in both back ends.
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include <tenon/engine.hpp>

#include "unit/engine/compile.hpp"

namespace tenon {
namespace {

constexpr auto kInterface = R"(
  interface destructors;
  type thing rc drop=put;
  fn get(n: u64) -> own thing;
  fn put(t: own thing);
  fn note(n: u64);
  fn each(n: u32, f: fn(u64, 'c) -> u64, c: 'c) -> u64;
  fn stop();
  hook t(a: u64) -> u64 default 99;
)";

constexpr auto kNoted = R"(
  struct tn_dropped_by(noted_drop) noted { u64 digit; u64 spins; };
  u64 never;
  tn_destructor static void noted_drop(struct noted *n) {
    note(n->digit);
    while (n->spins && !*(volatile u64 *)&never) ;
    note(n->digit + 100);
  }
)";

std::vector<std::uint64_t> seen;
std::uint64_t things[16];

std::uint64_t* get(std::uint64_t n) { return &things[n % 16]; }
void put(std::uint64_t* thing) { seen.push_back(1000 + static_cast<std::uint64_t>(thing - things)); }
void note(std::uint64_t n) { seen.push_back(n); }
std::uint64_t each(std::uint32_t n, const Callback* f, void* context) {
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < n; ++i) sum += f->call(i, reinterpret_cast<std::uint64_t>(context)).value_or(0);
  return sum;
}
void stop() { cancel_current_invocation(); }

Interface made_interface() {
  auto interface = Interface::parse(kInterface, "destructors.tni");
  if (!interface) throw std::runtime_error(to_text(interface.error()));
  for (const auto& bound : {interface->bind<&get>("get"), interface->bind<&put>("put"), interface->bind<&note>("note"),
                            interface->bind<&each>("each"), interface->bind<&stop>("stop")}) {
    if (!bound) throw std::runtime_error(to_text(bound.error()));
  }
  return *std::move(interface);
}

class Destructors : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { seen.clear(); }

  Program load(std::string_view code) {
    const auto object = scratch_.compile(interface_, std::string("#include <tn/exception.h>\n") + kNoted + std::string(code));
    LoadOptions options;
    options.backend = GetParam();
    options.quantum = std::chrono::milliseconds(20);
    auto extension = Engine(interface_).load(object, options);
    if (!extension) throw std::runtime_error(to_text(extension.error()));
    return extension->programs().front();
  }
  Outcome run(std::string_view code, std::uint64_t argument = 0) { return load(code).run(argument); }

  Interface interface_ = made_interface();
  test::Scratch scratch_;
};

using Log = std::vector<std::uint64_t>;

TEST_P(Destructors, RunOnceAmongTheObjectsHoweverTheProgramEnds) {
  const Program program = load(R"(
    SEC("t") u64 f(u64 a) {
      struct thing *x = get(0);
      tn_scoped(struct noted, n, {1});
      struct thing *y = get(1);
      tn_scoped(struct noted, m, {2});
      if (a == 1) bpf_throw(6);
      if (a == 2) *(volatile u64 *)24 = 1;
      if (a == 3) stop();
      while (a == 4 && !*(volatile u64 *)&never) ;
      put(x); put(y);
      return 3; })");
  EXPECT_EQ(program.run(0).value, 3u);
  EXPECT_EQ(seen, (Log{1000, 1001, 2, 102, 1, 101}));
  const Cause causes[] = {Cause::none, Cause::none, Cause::fault, Cause::host_request, Cause::quantum};
  for (std::uint64_t a = 1; a <= 4; ++a) {
    seen.clear();
    const Outcome outcome = program.run(a);
    EXPECT_EQ(outcome.kind, a == 1 ? Outcome::Kind::thrown : Outcome::Kind::cancelled) << a;
    EXPECT_EQ(outcome.cause, causes[a]) << a;
    EXPECT_EQ(outcome.failed_cleanups, 0u) << a;
    EXPECT_EQ(seen, (Log{2, 102, 1001, 1, 101, 1000})) << a;
  }
}

/// One that is stopped at the end of its scope is not started again; the others have their own time.
TEST_P(Destructors, OneThatIsStoppedIsCountedAndNotRunAgain) {
  const Program program = load(R"(
    SEC("t") u64 f(u64 a) {
      tn_scoped(struct noted, n, {1});
      tn_scoped(struct noted, m, {2, 0});
      { tn_scoped(struct noted, k, {3, 1}); if (a) bpf_throw(1); }
      return 3; })");
  for (const std::uint64_t throws : {0, 1}) {
    seen.clear();
    const Outcome outcome = program.run(throws);
    EXPECT_EQ(outcome.kind, throws != 0 ? Outcome::Kind::thrown : Outcome::Kind::cancelled);
    EXPECT_EQ(outcome.failed_cleanups, 1u);
    EXPECT_EQ(seen, (Log{3, 2, 102, 1, 101}));
  }
}

TEST_P(Destructors, RunInsideACatch) {
  const Outcome outcome = run(R"(
    static u64 third(u64 i, void *c) { tn_scoped(struct noted, n, {i}); if (i == 2) bpf_throw(1); return 1; }
    static void body(void *c) { tn_scoped(struct noted, n, {7}); each(5, third, 0); note(8); }
    SEC("t") u64 f(u64 a) { tn_scoped(struct noted, n, {9}); return tn_try(body, 0) ? 50 : 0; })");
  EXPECT_EQ(outcome.kind, Outcome::Kind::returned);
  EXPECT_EQ(outcome.value, 50u);
  EXPECT_EQ(seen, (Log{0, 100, 1, 101, 2, 102, 7, 107, 9, 109}));
}

/// The program's part of the stack in the heap is used up; a destructor with variables there has room all the same.
TEST_P(Destructors, HaveRoomWhereTheStackIsUsedUp) {
  const Outcome outcome = run(R"(
    struct tn_dropped_by(sum_drop) sum { u64 values[4]; };
    volatile u64 *escaped;
    tn_destructor static void sum_drop(struct sum *s) {
      volatile u64 mine[50];
      for (u64 i = 0; i < 50; i++) mine[i] = i;
      escaped = mine;
      note(s->values[1] + escaped[3]);
    }
    static __attribute__((noinline)) u64 deeper(u64 n) {
      volatile u64 mine[50]; escaped = mine; mine[n & 31] = n;
      return n == 0 ? 0 : deeper(n - 1) + escaped[1];
    }
    static void body(void *c) { deeper(1000000); }
    SEC("t") u64 f(u64 a) {
      tn_scoped(struct sum, s, {{1, 20, 3, 4}});
      tn_try(body, 0);
      return 5; })");
  EXPECT_EQ(outcome.cause, Cause::stack);
  EXPECT_EQ(outcome.failed_cleanups, 0u);
  EXPECT_EQ(seen, (Log{23}));
}

/// Nothing but numbers is passed: an end without a beginning, or a second one, does nothing; what is forged is the extension's own trouble.
TEST_P(Destructors, AnEndWithoutABeginningDoesNothing) {
  const Outcome outcome = run(R"(
    SEC("t") u64 f(u64 a) {
      struct thing *t = get(4);
      tn_scope_end(a); tn_scope_end((u64)&never); tn_scope_end(0);
      { tn_scoped(struct noted, n, {1}); tn_scope_end((u64)&n); note(50); }
      tn_scope_begin(tn_destructor_of(struct noted), 8);
      tn_scope_end(16);
      put(t);
      tn_scope_end(8);
      return 3; })");
  EXPECT_EQ(outcome.cause, Cause::fault) << "at the wild pointer, in the destructor";
  EXPECT_EQ(outcome.failed_cleanups, 1u);
  EXPECT_EQ(seen, (Log{1, 101, 50, 1004}));
}

/// A cleanup of the same number is not what a scope ends.
TEST_P(Destructors, AreToldFromCleanups) {
  const Outcome outcome = run(R"(
    static void clean(u64 n) { note(60); }
    SEC("t") u64 f(u64 a) {
      { tn_scoped(struct noted, n, {1}); tn_defer(clean, (u64)&n); }
      note(50);
      return 3; })");
  EXPECT_EQ(outcome.value, 3u);
  EXPECT_EQ(seen, (Log{1, 101, 50, 60}));
}

INSTANTIATE_TEST_SUITE_P(BothBackends, Destructors, ::testing::Values(Backend::native, Backend::interpreter),
                         [](const auto& info) { return info.param == Backend::native ? "Native" : "Interpreted"; });

}  // namespace
}  // namespace tenon
