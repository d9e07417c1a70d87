// SPDX-License-Identifier: Apache-2.0
// Callbacks, catching and cleaning up, seen by a C++ host, in both back ends.
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include <tenon/engine.hpp>

#include "unit/engine/compile.hpp"

namespace tenon {
namespace {

constexpr auto kInterface = R"(
  interface exceptions;
  type thing rc drop=put;
  type special rc drop=put is thing;
  fn get_special(n: u64) -> ?own special;
  fn get(n: u64) -> ?own thing;
  fn put(t: own thing);
  fn each(n: u32, f: fn(u64, 'c) -> u64, c: 'c) -> u64;
  fn each_and_get(n: u32, f: fn(u64, 'c) -> u64, c: 'c) -> own thing;
  fn swap_or_keep(t: own thing, f: fn(u64, 'c) -> u64, c: 'c) -> s32   on ret<0 : keeps t;
  fn perhaps(f: ?fn(u64) -> u64) -> u64;
  fn note(n: u64);
  fn fails(n: u64) -> u64 throws;
  fn fails_silently(n: u64) -> u64;
  fn run_other(n: u64) -> u64;
  hook t(a: u64) -> u64 default 99;
)";

/// What the host saw, and what it does next.
struct Host {
  std::vector<std::uint64_t> log;
  std::uint64_t things[16] = {};
  std::optional<Program> other;
  std::uint64_t last_refused = 0;
} host;

std::uint64_t* get(std::uint64_t n) {
  if (n >= 16) return nullptr;
  ++host.things[n];
  return &host.things[n];
}
std::uint64_t* get_special(std::uint64_t n) { return get(n); }
void put(std::uint64_t* thing) {
  --*thing;
  host.log.push_back(1000 + static_cast<std::uint64_t>(thing - host.things));
}
std::uint64_t each(std::uint32_t n, const Callback* f, void* context) {
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    const auto one = f->call(i, reinterpret_cast<std::uint64_t>(context));
    if (!one) host.last_refused = i;
    sum += one.value_or(0);  // a host that does not stop is asked again for nothing
  }
  host.log.push_back(500);
  return sum;
}
std::uint64_t* each_and_get(std::uint32_t n, const Callback* f, void* context) {
  each(n, f, context);
  return get(15);
}
std::int32_t swap_or_keep(std::uint64_t*, const Callback* f, void* context) { return each(1, f, context) == 0 ? -1 : -2; }
std::uint64_t perhaps(const Callback* f) { return f == nullptr ? 7 : f->call(3).value_or(0); }
void note(std::uint64_t n) { host.log.push_back(n); }
std::uint64_t fails(std::uint64_t n) {
  throw_in_current_invocation(n);
  return 0;
}
std::uint64_t fails_silently(std::uint64_t n) { return fails(n); }
std::uint64_t run_other(std::uint64_t n) { return host.other->run(n).value; }

Interface made_interface() {
  auto interface = Interface::parse(kInterface, "exceptions.tni");
  if (!interface) throw std::runtime_error(to_text(interface.error()));
  for (const auto& bound :
       {interface->bind<&get>("get"), interface->bind<&get_special>("get_special"), interface->bind<&put>("put"), interface->bind<&each>("each"),
        interface->bind<&each_and_get>("each_and_get"), interface->bind<&swap_or_keep>("swap_or_keep"), interface->bind<&perhaps>("perhaps"),
        interface->bind<&note>("note"), interface->bind<&fails>("fails"),
        interface->bind<&fails_silently>("fails_silently"), interface->bind<&run_other>("run_other")}) {
    if (!bound) throw std::runtime_error(to_text(bound.error()));
  }
  return *std::move(interface);
}

class Exceptions : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { host = {}; }

  Program load(std::string_view code, std::chrono::nanoseconds quantum = std::chrono::milliseconds(20)) {
    const auto object = scratch_.compile(interface_, std::string("#include <tn/exception.h>\n#include <tn/loop.h>\n") + std::string(code));
    LoadOptions options;
    options.backend = GetParam();
    options.quantum = quantum;
    auto extension = Engine(interface_).load(object, options);
    if (!extension) throw std::runtime_error(to_text(extension.error()));
    return extension->programs().front();
  }
  Outcome run(std::string_view code, std::uint64_t argument = 0) { return load(code).run(argument); }

  Interface interface_ = made_interface();
  test::Scratch scratch_;
};

TEST_P(Exceptions, TheHostRunsACallback) {
  const Outcome outcome = run(R"(
    static u64 add(u64 i, void *c) { *(u64 *)c += i; return 2; }
    SEC("t") u64 f(u64 a) { u64 sum = a; return each(4, add, &sum) * 100 + sum; })", 1);
  EXPECT_EQ(outcome.kind, Outcome::Kind::returned);
  EXPECT_EQ(outcome.value, 8u * 100 + 7);
}

TEST_P(Exceptions, NullIsNoCallback) {
  EXPECT_EQ(run(R"(SEC("t") u64 f(u64 a) { return perhaps(0); })").value, 7u);
  EXPECT_EQ(run(R"(
    static u64 twice(u64 i) { return 2 * i; }
    SEC("t") u64 f(u64 a) { return perhaps(twice); })").value, 6u);
}

TEST_P(Exceptions, OneFunctionOrNone) {
  const auto program = load(R"(
    static u64 twice(u64 i) { return 2 * i; }
    SEC("t") u64 f(u64 a) { return perhaps(a ? twice : 0); })");
  EXPECT_EQ(program.run(0).value, 7u);
  EXPECT_EQ(program.run(1).value, 6u);
}

/// A number that may be the function, null, or nothing at all.
TEST_P(Exceptions, ANumberThatNamesNoFunctionEndsTheInvocation) {
  const auto program = load(R"(
    static u64 twice(u64 i) { return 2 * i; }
    SEC("t") u64 f(u64 a) { u64 n = a & 3; perhaps(twice); return perhaps((u64 (*)(u64))n); })");
  EXPECT_EQ(program.run(0).value, 7u);
  EXPECT_EQ(program.run(1).value, 6u);
  EXPECT_EQ(program.run(2).cause, Cause::bad_call);
}

/// The host's loop goes on after a callback has thrown: it gets nothing any more, and the invocation ends when it returns.
TEST_P(Exceptions, NoHostFrameIsJumpedOver) {
  const Outcome outcome = run(R"(
    static u64 third(u64 i, void *c) { if (i == 2) bpf_throw(40 + i); note(i); return 0; }
    SEC("t") u64 f(u64 a) { struct thing *t = get(3); each(6, third, 0); note(9); if (t) put(t); return 0; })");
  EXPECT_EQ(outcome.kind, Outcome::Kind::thrown);
  EXPECT_EQ(outcome.cookie, 42u);
  EXPECT_EQ(host.last_refused, 5u);
  EXPECT_EQ(host.log, (std::vector<std::uint64_t>{0, 1, 500, 1003}));
}

TEST_P(Exceptions, AFaultInACallbackIsTheInvocations) {
  const Outcome outcome = run(R"(
    static u64 bad(u64 i, void *c) { struct thing *t = get(1); *(volatile u64 *)16 = i; if (t) put(t); return 0; }
    SEC("t") u64 f(u64 a) { struct thing *t = get(0); each(3, bad, 0); if (t) put(t); return 0; })");
  EXPECT_EQ(outcome.cause, Cause::fault);
  EXPECT_EQ(outcome.value, 99u);
  EXPECT_GT(outcome.line, 0u);
  EXPECT_EQ(host.log, (std::vector<std::uint64_t>{500, 1001, 1000}));
}

TEST_P(Exceptions, AnEndlessCallbackStops) {
  const Outcome outcome = run(R"(
    u64 flag;
    static u64 spin(u64 i, void *c) { while (!*(volatile u64 *)&flag) ; return 0; }
    SEC("t") u64 f(u64 a) { each(3, spin, 0); return 0; })");
  EXPECT_EQ(outcome.cause, Cause::quantum);
  EXPECT_EQ(host.log, (std::vector<std::uint64_t>{500}));
}

TEST_P(Exceptions, RecursionInCallbacksEndsBeforeTheStack) {
  const auto program = load(R"(
    struct deep { u64 left; };
    static u64 third(u64 i, void *c) { return i; }
    static u64 second(u64 i, void *c) { return each(1, third, c); }
    SEC("t") u64 f(u64 a) { return each(2, second, 0) + 5; })");
  EXPECT_EQ(program.run().value, 5u);
}

TEST_P(Exceptions, WhatAHostFunctionThrowsIsCaughtWhereItsLineSaysSo) {
  const auto code = [](const char* function) {
    return std::string("static void body(void *c) { struct thing *t = get(2); ") + function +
           "(5); if (t) put(t); }\nSEC(\"t\") u64 f(u64 a) { return tn_try(body, 0) ? tn_cookie() : 1; }";
  };
  const Outcome caught = run(code("fails"));
  EXPECT_EQ(caught.kind, Outcome::Kind::returned);
  EXPECT_EQ(caught.value, 5u);
  EXPECT_EQ(host.log, (std::vector<std::uint64_t>{1002}));
  host = {};
  const Outcome thrown = run(code("fails_silently"));
  EXPECT_EQ(thrown.kind, Outcome::Kind::thrown);
  EXPECT_EQ(thrown.value, 5u);
  EXPECT_EQ(host.log, (std::vector<std::uint64_t>{1002}));
}

TEST_P(Exceptions, CleanupsAndObjectsInReverseOrder) {
  const auto code = R"(
    static void clean(u64 n) { note(n); }
    SEC("t") u64 f(u64 a) {
      struct thing *x = get(0); if (!x) return 0;
      tn_defer(clean, 1);
      struct thing *y = get(1); if (!y) { put(x); return 0; }
      tn_defer(clean, 2);
      if (a == 1) bpf_throw(6);
      if (a == 2) *(volatile u64 *)24 = 1;
      put(x); put(y);
      return 3; })";
  EXPECT_EQ(run(code, 0).value, 3u);
  EXPECT_EQ(host.log, (std::vector<std::uint64_t>{1000, 1001, 2, 1}));
  host = {};
  const Outcome thrown = run(code, 1);
  EXPECT_EQ(thrown.kind, Outcome::Kind::thrown);
  EXPECT_EQ(thrown.failed_cleanups, 0u);
  EXPECT_EQ(host.log, (std::vector<std::uint64_t>{2, 1001, 1, 1000}));
  host = {};
  EXPECT_EQ(run(code, 2).cause, Cause::fault);
  EXPECT_EQ(host.log, (std::vector<std::uint64_t>{2, 1001, 1, 1000}));
}

TEST_P(Exceptions, ACleanupHasItsOwnTime) {
  const auto program = load(R"(
    u64 flag;
    static void clean(u64 n) { note(n); }
    static void endless(u64 n) { while (!*(volatile u64 *)&flag) ; }
    SEC("t") u64 f(u64 a) {
      tn_defer(clean, 1);
      tn_defer(endless, 0);
      tn_defer(clean, 2);
      while (a && !*(volatile u64 *)&flag) ;
      return 3; })", std::chrono::milliseconds(5));
  for (const std::uint64_t endless : {0, 1}) {
    host = {};
    const Outcome outcome = program.run(endless);
    EXPECT_EQ(outcome.cause, endless != 0 ? Cause::quantum : Cause::none);
    EXPECT_EQ(outcome.value, endless != 0 ? 99u : 3u);
    EXPECT_EQ(outcome.failed_cleanups, 1u);
    EXPECT_EQ(host.log, (std::vector<std::uint64_t>{2, 1}));
  }
}

TEST_P(Exceptions, TheExceptionCallbackDecides) {
  const auto code = R"(
    u64 flag;
    u64 decide(u64 cookie) {
      note(cookie);
      if (cookie == 2) bpf_throw(20);
      if (cookie == 3) *(volatile u64 *)32 = 1;
      while (cookie == 4 && !*(volatile u64 *)&flag) ;
      return cookie + 100; }
    SEC("t") __exception_cb(decide) u64 f(u64 a) { struct thing *t = get(4); if (a) bpf_throw(a); if (t) put(t); return 0; })";
  const Outcome decided = run(code, 1);
  EXPECT_EQ(decided.kind, Outcome::Kind::thrown);
  EXPECT_EQ(decided.value, 101u);
  EXPECT_EQ(decided.cookie, 1u);
  EXPECT_EQ(host.log, (std::vector<std::uint64_t>{1004, 1}));
  const Outcome again = run(code, 2);
  EXPECT_EQ(again.kind, Outcome::Kind::thrown);
  EXPECT_EQ(again.value, 20u);
  EXPECT_EQ(run(code, 3).cause, Cause::fault);
  EXPECT_EQ(run(code, 4).cause, Cause::quantum);
  EXPECT_EQ(run(code, 4).value, 99u);
}

/// A cleanup that had to be stopped is no reason to stop the exception callback as well.
TEST_P(Exceptions, TheExceptionCallbackRunsAfterAStuckCleanup) {
  LoadOptions beside;
  beside.quantum = std::chrono::milliseconds(1);
  const auto keeps_the_watchdog_awake = Engine(interface_).load(scratch_.compile(interface_, "SEC(\"t\") u64 f(u64 a) { return 1; }"), beside);
  ASSERT_TRUE(keeps_the_watchdog_awake);
  ASSERT_EQ(keeps_the_watchdog_awake->programs().front().run().value, 1u);
  const Outcome outcome = run(R"(
    u64 flag;
    static void endless(u64 n) { while (!*(volatile u64 *)&flag) ; }
    u64 decide(u64 cookie) { note(cookie); return cookie + 100; }
    SEC("t") __exception_cb(decide) u64 f(u64 a) { tn_defer(endless, 0); if (a) bpf_throw(a); return 0; })", 5);
  EXPECT_EQ(outcome.kind, Outcome::Kind::thrown);
  EXPECT_EQ(outcome.value, 105u);
  EXPECT_EQ(outcome.failed_cleanups, 1u);
}

TEST_P(Exceptions, NobodySeesWhatAnotherExtensionCaught) {
  EXPECT_EQ(run("static void body(void *c) { bpf_throw(77); }\nSEC(\"t\") u64 f(u64 a) { tn_try(body, 0); return tn_cookie(); }").value, 77u);
  EXPECT_EQ(run("SEC(\"t\") u64 f(u64 a) { return tn_cookie(); }").value, 0u);
}

/// An object of a kind is recorded as what it is, and given back as what its function takes.
TEST_P(Exceptions, ObjectsOfAKindAreGivenBack) {
  const auto code = R"(SEC("t") u64 f(u64 a) {
    struct special *s = get_special(8); struct thing *t = get(9);
    if (a) bpf_throw(a);
    if (s) put((struct thing *)s);
    if (t) put(t);
    return 4; })";
  EXPECT_EQ(run(code, 0).value, 4u);
  EXPECT_EQ(host.log, (std::vector<std::uint64_t>{1008, 1009}));
  host = {};
  EXPECT_EQ(run(code, 1).kind, Outcome::Kind::thrown);
  EXPECT_EQ(host.log, (std::vector<std::uint64_t>{1009, 1008}));
}

/// A nested invocation unwinds one level: what it throws does not reach the extension outside of it.
TEST_P(Exceptions, NestedInvocationsUnwindOneLevel) {
  host.other = load(R"(SEC("t") u64 f(u64 a) { struct thing *t = get(5); bpf_throw(a); if (t) put(t); return 0; })");
  const auto other = host.other;
  const auto outer = load(R"(
    static void body(void *c) { note(run_other(8)); }
    SEC("t") u64 f(u64 a) { struct thing *t = get(6); u64 r = tn_try(body, 0); if (t) put(t); return r; })");
  const Outcome outcome = outer.run();
  EXPECT_EQ(outcome.kind, Outcome::Kind::returned);
  EXPECT_EQ(outcome.value, 0u);
  EXPECT_EQ(host.log, (std::vector<std::uint64_t>{1005, 8, 1006}));
  host.other.reset();
}

/// Cancelling is not throwing.
TEST_P(Exceptions, OnlyWhatIsThrownIsCaught) {
  const Outcome outcome = run(R"(
    u64 flag;
    static void body(void *c) { struct thing *t = get(7); while (!*(volatile u64 *)&flag) ; if (t) put(t); }
    SEC("t") u64 f(u64 a) { tn_try(body, 0); note(1); return 0; })");
  EXPECT_EQ(outcome.cause, Cause::quantum);
  EXPECT_EQ(host.log, (std::vector<std::uint64_t>{1007}));
}

/// What a callback takes out of the record moves what the call around it has reserved.
TEST_P(Exceptions, ACallbackReplacesWhatIsHeldBelowItsCall) {
  const auto code = R"(
    static u64 replace(u64 i, void *c) { struct thing **x = c, *y = *x; *x = 0; if (y) put(y); *x = get(3 + i); return 0; }
    SEC("t") u64 f(u64 a) {
      struct thing *x = get(0), *z, *w = get(1);
      z = each_and_get(2, replace, &x);
      if (a == 1) bpf_throw(1);
      if (w && swap_or_keep(w, replace, &x) < 0) put(w);
      put(z);
      if (x) put(x);
      return 7; })";
  EXPECT_EQ(run(code, 0).value, 7u);
  EXPECT_EQ(host.log, (std::vector<std::uint64_t>{1000, 1003, 500, 1004, 500, 1001, 1015, 1003}));
  host.log.clear();
  EXPECT_EQ(run(code, 1).kind, Outcome::Kind::thrown);
  EXPECT_EQ(host.log, (std::vector<std::uint64_t>{1000, 1003, 500, 1004, 1015, 1001}));
  for (const std::uint64_t n : host.things) EXPECT_EQ(n, 0u);
}

TEST_P(Exceptions, ATryNeedsRoomInTheRecord) {
  const Outcome outcome = run(R"(
    static void clean(u64 n) {}
    SEC("t") u64 f(u64 a) { for (u64 i = 0; i < 600; i++) tn_defer(clean, i); return 0; })");
  EXPECT_EQ(outcome.cause, Cause::object_limit);
}

INSTANTIATE_TEST_SUITE_P(BothBackends, Exceptions, ::testing::Values(Backend::native, Backend::interpreter),
                         [](const auto& info) { return info.param == Backend::native ? "Native" : "Interpreted"; });

}  // namespace
}  // namespace tenon
