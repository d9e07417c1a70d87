// SPDX-License-Identifier: Apache-2.0
// Functions that a host keeps and runs after the call has returned, in both back ends.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

#include <tenon/engine.hpp>

#include "unit/engine/compile.hpp"

namespace tenon {
namespace {

constexpr auto kInterface = R"(
  interface later;
  type thing rc drop=put;
  fn get(n: u64) -> own thing;
  fn put(t: own thing);
  fn note(n: u64);
  fn alarm(ring: fn(u64 in 0..99, u32 in 0..9) -> u64 in 0..1000 later);
  fn each_line(f: ?fn(mem(u8|8) r) later);
  fn now(f: fn(u64) -> u64) -> u64;
  fn run_kept(n: u64) -> u64;
  hook t(a: u64) -> u64 default 99;
)";

std::uint64_t a_thing;
std::atomic<std::uint64_t> things{0};
struct Host {
  LaterCallback kept;
  std::vector<std::uint64_t> log;
  std::function<void()> on_note;
  bool called_at_once = false;
  Outcome inner;
} host;

std::uint64_t* get(std::uint64_t) { return ++things, &a_thing; }
void put(std::uint64_t*) { --things; }
void note(std::uint64_t n) {
  host.log.push_back(n);
  if (host.on_note) host.on_note();
}
void alarm(const Callback* ring) {
  host.called_at_once |= ring->call(1, 2).has_value();
  host.kept = ring->later();
}
void each_line(const Callback* f) {
  if (f != nullptr) host.kept = f->later();
}
std::uint64_t now(const Callback* f) {
  host.kept = f->later();
  return f->call(5).value_or(0);
}
std::uint64_t run_kept(std::uint64_t n) {
  host.inner = host.kept.run(n, 1);
  return host.inner.value;
}

Interface made_interface() {
  auto interface = Interface::parse(kInterface, "later.tni");
  if (!interface) throw std::runtime_error(to_text(interface.error()));
  for (const auto& bound :
       {interface->bind<&get>("get"), interface->bind<&put>("put"), interface->bind<&note>("note"), interface->bind<&alarm>("alarm"),
        interface->bind<&each_line>("each_line"), interface->bind<&now>("now"), interface->bind<&run_kept>("run_kept")}) {
    if (!bound) throw std::runtime_error(to_text(bound.error()));
  }
  return *std::move(interface);
}

class Later : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { host = {}, things = 0; }
  void TearDown() override { host = {}; }

  Extension load(std::string_view code, AfterCancel policy = {}) {
    const auto object = scratch_.compile(interface_, std::string("#include <tn/exception.h>\n") + std::string(code));
    LoadOptions options;
    options.backend = GetParam();
    options.quantum = std::chrono::milliseconds(20);
    options.after_cancel = policy;
    auto extension = Engine(interface_).load(object, options);
    if (!extension) throw std::runtime_error(to_text(extension.error()));
    return *std::move(extension);
  }

  Interface interface_ = made_interface();
  test::Scratch scratch_;
};

constexpr auto kRinger = R"(
  u64 flag;
  static u64 ring(u64 n, u32 m) {
    struct thing *t = get(n);
    if (n == 7) bpf_throw(70);
    if (n == 8) *(volatile u64 *)24 = n;
    while (n == 9 && !*(volatile u64 *)&flag) ;
    put(t);
    note(n);
    return n * 10 + m; }
  u64 decide(u64 cookie) { note(777); return 5; }
  SEC("t") __exception_cb(decide) u64 f(u64 a) { struct thing *t = get(1); alarm(ring); put(t); return 4; }
)";

TEST_P(Later, RunsAsAnInvocationOfItsOwn) {
  const Extension extension = load(kRinger);
  EXPECT_EQ(extension.programs().front().run().value, 4u);
  EXPECT_FALSE(host.called_at_once) << "nobody verified it for the middle of the other invocation";
  ASSERT_TRUE(static_cast<bool>(host.kept));
  for (std::uint64_t n = 1; n <= 3; ++n) {
    const Outcome outcome = host.kept.run(n, 2);
    EXPECT_EQ(outcome.kind, Outcome::Kind::returned);
    EXPECT_EQ(outcome.value, n * 10 + 2);
  }
  EXPECT_EQ(host.log, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(things, 0u);
}

TEST_P(Later, EndsAsAnyInvocationDoes) {
  const Extension extension = load(kRinger);
  extension.programs().front().run();
  const Outcome thrown = host.kept.run(7);
  EXPECT_EQ(thrown.kind, Outcome::Kind::thrown);
  EXPECT_EQ(thrown.cookie, 70u);
  EXPECT_EQ(thrown.value, 70u) << "the exception callback is the program's";
  EXPECT_TRUE(host.log.empty());
  const Outcome fault = host.kept.run(8);
  EXPECT_EQ(fault.cause, Cause::fault);
  EXPECT_EQ(fault.value, 0u) << "the hook's default is not its";
  EXPECT_GT(fault.line, 0u);
  EXPECT_EQ(host.kept.run(9).cause, Cause::quantum);
  EXPECT_EQ(things, 0u) << "what was held has been given back";
  EXPECT_EQ(host.kept.run(3, 1).value, 31u);
  EXPECT_EQ(extension.cancel_counts()[Cause::fault], 1u);
}

TEST_P(Later, IsRefusedOnceTheExtensionIsGone) {
  {
    const Extension extension = load(kRinger);
    extension.programs().front().run();
    extension.detach();
    EXPECT_EQ(host.kept.run(1).cause, Cause::detached);
    extension.attach();
    EXPECT_EQ(host.kept.run(1).value, 10u);
    extension.unload();
    EXPECT_EQ(host.kept.run(1).cause, Cause::unloaded);
    EXPECT_TRUE(static_cast<bool>(host.kept));
  }
  EXPECT_FALSE(static_cast<bool>(host.kept)) << "what is kept keeps no extension";
  EXPECT_EQ(host.kept.run(1).cause, Cause::unloaded);
  EXPECT_EQ(LaterCallback().run().cause, Cause::unloaded);
  EXPECT_EQ(host.log, (std::vector<std::uint64_t>{1}));
}

TEST_P(Later, FollowsThePolicyOfItsExtension) {
  const Extension extension = load(kRinger, {.action = AfterCancel::Action::unload});
  extension.programs().front().run();
  EXPECT_EQ(host.kept.run(8).cause, Cause::fault);
  EXPECT_EQ(host.kept.run(1).cause, Cause::unloaded);
  EXPECT_EQ(extension.programs().front().run().cause, Cause::unloaded);
}

TEST_P(Later, IsLentMemory) {
  const Extension extension = load(R"(
    u64 sum;
    static void line(const void *at) { const u8 *text = at; for (int i = 0; i < 8; i++) sum += text[i]; note(sum); }
    SEC("t") u64 f(u64 a) { a ? each_line(line) : each_line(0); return 4; })");
  extension.programs().front().run(0);
  EXPECT_FALSE(static_cast<bool>(host.kept));
  extension.programs().front().run(1);
  const std::uint8_t text[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  const Outcome outcome = host.kept.run(reinterpret_cast<std::uint64_t>(text));
  EXPECT_EQ(outcome.kind, Outcome::Kind::returned);
  EXPECT_EQ(outcome.value, 0u) << "it gives nothing";
  EXPECT_EQ(host.log, (std::vector<std::uint64_t>{36}));
}

TEST_P(Later, NotEveryCallbackIsForLater) {
  const Extension extension = load(R"(
    static u64 twice(u64 n) { return 2 * n; }
    SEC("t") u64 f(u64 a) { return now(twice); })");
  EXPECT_EQ(extension.programs().front().run().value, 10u);
  EXPECT_EQ(host.kept.run(1).cause, Cause::unloaded);
}

/// Inside a host function that the extension called: a level of its own, and what it throws stays there.
TEST_P(Later, NestsInsideAHostFunction) {
  const Extension extension = load(R"(
    static u64 ring(u64 n, u32 m) { if (n == 7) bpf_throw(70); return n + m; }
    static void body(void *arg) { *(u64 *)arg = run_kept(7); }
    SEC("t") u64 f(u64 a) { u64 v = 0; alarm(ring); if (tn_try(body, &v)) return 1; return v + run_kept(5); })");
  const Outcome outcome = extension.programs().front().run();
  EXPECT_EQ(outcome.kind, Outcome::Kind::returned);
  EXPECT_EQ(outcome.value, 70u + 6u);
}

TEST_P(Later, RunsOnSeveralThreadsWhileItIsUnloaded) {
  for (int round = 0; round < 20; ++round) {
    const Extension extension = load(R"(
      u64 runs;
      static u64 ring(u64 n, u32 m) { struct thing *t = get(n); __sync_fetch_and_add(&runs, 1); put(t); return n; }
      SEC("t") u64 f(u64 a) { alarm(ring); return 4; })");
    extension.programs().front().run();
    std::atomic<bool> wrong{false}, go{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&, kept = host.kept] {
        while (!go.load()) {
        }
        for (;;) {
          const Outcome outcome = kept.run(1, 1);
          if (outcome.kind == Outcome::Kind::returned && outcome.value == 1) continue;
          if (outcome.cause != Cause::unloaded && outcome.cause != Cause::host_request) wrong = true;
          if (outcome.cause == Cause::unloaded) return;
        }
      });
    }
    go = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    extension.unload();
    for (std::thread& thread : threads) thread.join();
    EXPECT_FALSE(wrong.load());
  }
}

TEST_P(Later, ReplaceWaitsForIt) {
  const Extension extension = load(kRinger);
  extension.programs().front().run();
  std::latch inside(1), let_go(1);
  host.on_note = [&] {
    inside.count_down();
    let_go.wait();
  };
  Outcome outcome;
  std::thread in_flight([&] { outcome = host.kept.run(1, 1); });
  inside.wait();
  std::atomic<bool> returned = false;
  std::thread replaces([&] {
    EXPECT_TRUE(Engine(interface_)
                    .replace(extension, scratch_.compile(interface_, "u64 flag; SEC(\"t\") u64 f(u64 a) { return 2; }"), {.backend = GetParam()},
                             std::chrono::seconds(60)));
    returned = true;
  });
  while (extension.programs().front().run().value != 2) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(returned);
  let_go.count_down();
  in_flight.join();
  replaces.join();
  EXPECT_EQ(outcome.value, 11u);
  EXPECT_EQ(host.kept.run(1, 1).cause, Cause::unloaded) << "it was the old version's";
}

INSTANTIATE_TEST_SUITE_P(BothBackends, Later, ::testing::Values(Backend::native, Backend::interpreter),
                         [](const auto& info) { return info.param == Backend::native ? "Native" : "Interpreted"; });

}  // namespace
}  // namespace tenon
