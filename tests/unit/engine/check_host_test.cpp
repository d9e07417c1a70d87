// SPDX-License-Identifier: Apache-2.0
// LoadOptions::check_host: a host that breaks a line of its own interface is named; one that keeps them is left alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <stdexcept>

#include <tenon/engine.hpp>

#include "unit/engine/compile.hpp"

namespace tenon {
namespace {

using ::testing::HasSubstr;

constexpr auto kInterface = R"(
  interface faulty;
  struct part { n: u64 @0 r };
  type job linear drop=give_back;
  fn make() -> own job<'j>;
  fn give_back(j: own job<'j>);
  fn level(n: u32) -> u32 in 1..7;
  fn balance(n: u32) -> s32 in -5..5;
  fn table() -> mem(u64|4) r;
  fn part_of() -> &part;
  fn view(address: u64) -> mem(u64|1) r;
  fn sum(p: mem(u8|n) r, n: u32) -> u64;
  fn fill(p: mem(u8|n) uninit, n: u32) -> u64;
  fn leave(code: u64) noreturn;
  hook t(a: u64) -> u64 default 99;
)";

struct Job {
  int out = 0;
};

/// What the host does next.
struct Faults {
  std::uint64_t number = 3;
  bool null = false, twice = false, writes = false;
  std::uint32_t fills_less = 0;
} faults;
Job jobs[2];
std::uint64_t numbers[4] = {1, 2, 3, 4};

Job* make() {
  Job* const job = &jobs[faults.twice ? 0 : jobs[0].out];
  if (!faults.null) ++job->out;
  return faults.null ? nullptr : job;
}
void give_back(Job* job) { --job->out; }
std::uint32_t level(std::uint32_t) { return static_cast<std::uint32_t>(faults.number); }
std::int32_t balance(std::uint32_t) { return static_cast<std::int32_t>(faults.number); }
const std::uint64_t* table() { return faults.null ? nullptr : numbers; }
struct Part {
  std::uint64_t n = 5;
} only_part;
Part* part_of() { return faults.null ? nullptr : &only_part; }
const std::uint64_t* view(std::uint64_t address) { return address == 0 ? numbers : reinterpret_cast<const std::uint64_t*>(address); }
std::uint64_t sum(const std::uint8_t* p, std::uint32_t n) {
  std::uint64_t total = 0;
  for (std::uint32_t i = 0; i < n; ++i) total += p[i];
  if (faults.writes) const_cast<std::uint8_t*>(p)[n - 1] ^= 1;
  return total;
}
std::uint64_t fill(std::uint8_t* p, std::uint32_t n) {
  std::memset(p, 0, n - faults.fills_less);
  return n;
}
void leave(std::uint64_t) {
  if (!faults.null) throw_in_current_invocation(5);
}

Interface faulty() {
  auto interface = Interface::parse(kInterface, "faulty.tni");
  if (!interface) throw std::runtime_error(to_text(interface.error()));
  for (const auto& bound :
       {interface->bind<&make>("make"), interface->bind<&give_back>("give_back"), interface->bind<&level>("level"),
        interface->bind<&balance>("balance"), interface->bind<&table>("table"), interface->bind<&view>("view"), interface->bind<&part_of>("part_of"),
        interface->bind<&sum>("sum"), interface->bind<&fill>("fill"), interface->bind<&leave>("leave")}) {
    if (!bound) throw std::runtime_error(to_text(bound.error()));
  }
  return *interface;
}

class CheckHost : public ::testing::TestWithParam<Backend> {
 protected:
  CheckHost() {
    faults = {};
    jobs[0] = jobs[1] = {};
  }
  Outcome run(std::string_view text, bool check_host = true) {
    LoadOptions options;
    options.backend = GetParam();
    options.check_host = check_host;
    const Interface interface = faulty();
    auto extension = Engine(interface).load(scratch_.compile(interface, text), options);
    if (!extension) throw std::runtime_error(to_text(extension.error()));
    kept_.push_back(*extension);
    return extension->programs().front().run(0);
  }
  /// The host is named, with what it did instead; nothing stays held.
  void expect_broken(std::string_view text, const std::string& function, const std::string& what) {
    const Outcome outcome = run(text);
    EXPECT_EQ(outcome.kind, Outcome::Kind::cancelled);
    EXPECT_EQ(outcome.cause, Cause::host_promise);
    EXPECT_EQ(outcome.value, 99u);
    EXPECT_THAT(outcome.broken_promise, HasSubstr(function + "() broke its line 'fn " + function + "("));
    EXPECT_THAT(outcome.broken_promise, HasSubstr(what));
  }
  test::Scratch scratch_;
  std::vector<Extension> kept_;  // Outcomes point into them
};

INSTANTIATE_TEST_SUITE_P(Engine, CheckHost, ::testing::Values(Backend::native, Backend::interpreter),
                         [](const auto& info) { return info.param == Backend::native ? "native" : "interpreter"; });

constexpr auto kEverything = R"(
  u8 shared[64];
  SEC("t") u64 f(u64 a) {
    u8 local[32];
    struct job *j = make(), *k = make();
    u64 total = level(1) + balance(1) + table()[2] + fill(local, 32) + fill(shared, 64) + sum(local, 32) + sum(shared, 3);
    give_back(k);
    give_back(j);
    return total;
  })";
constexpr auto kLevel = "SEC(\"t\") u64 f(u64 a) { return level(1); }";
constexpr auto kBalance = "SEC(\"t\") u64 f(u64 a) { return balance(1) & 7; }";
constexpr auto kTwoJobs = "SEC(\"t\") u64 f(u64 a) { struct job *j = make(), *k = make(); give_back(k); give_back(j); return 1; }";
constexpr auto kTable = "SEC(\"t\") u64 f(u64 a) { return table()[1]; }";
constexpr auto kPart = "SEC(\"t\") u64 f(u64 a) { return part_of()->n; }";
constexpr auto kOwnHeap = "u64 shared; SEC(\"t\") u64 f(u64 a) { return *view(0) + *view((u64)&shared); }";
constexpr auto kSum = "SEC(\"t\") u64 f(u64 a) { u8 local[16] = {1, 2}; return sum(local, 16); }";
constexpr auto kSumOfHeap = "u8 shared[16]; SEC(\"t\") u64 f(u64 a) { return sum(shared, 16) + shared[15]; }";
constexpr auto kFill = "SEC(\"t\") u64 f(u64 a) { u8 local[32]; fill(local, 32); return local[31]; }";
constexpr auto kFillHeap = "u8 shared[32]; SEC(\"t\") u64 f(u64 a) { fill(shared, 32); return shared[31]; }";
constexpr auto kLeave = "SEC(\"t\") u64 f(u64 a) { leave(1); __builtin_unreachable(); }";

TEST_P(CheckHost, AHostThatKeepsItsWordIsLeftAlone) {
  const Outcome outcome = run(kEverything);
  EXPECT_EQ(outcome.kind, Outcome::Kind::returned) << outcome.broken_promise;
  EXPECT_EQ(outcome.value, run(kEverything, false).value);
  EXPECT_STREQ(outcome.broken_promise, "");
  EXPECT_EQ(run(kPart).value, 5u);
  EXPECT_EQ(run(kLeave).kind, Outcome::Kind::thrown);
}

TEST_P(CheckHost, Ranges) {
  faults.number = 8;
  expect_broken(kLevel, "level", "outside the range");
  EXPECT_EQ(run(kLevel).fault_address, 8u);
  EXPECT_EQ(run(kLevel, false).value, 8u);  // nobody looks
  faults.number = 0;
  expect_broken(kLevel, "level", "outside the range");
  faults.number = static_cast<std::uint64_t>(-6);
  expect_broken(kBalance, "balance", "outside the range");
  faults.number = static_cast<std::uint64_t>(-5);
  EXPECT_EQ(run(kBalance).kind, Outcome::Kind::returned);
}

TEST_P(CheckHost, NullAndTwice) {
  faults.null = true;
  expect_broken(kTwoJobs, "make", "returned null");
  expect_broken(kTable, "table", "returned null");
  expect_broken(kPart, "part_of", "returned null");
  EXPECT_EQ(run(kPart, false).cause, Cause::host_request);  // never used, watched or not
  faults = {.twice = true};
  expect_broken(kTwoJobs, "make", "holds already");
  EXPECT_EQ(jobs[0].out, 1);  // handed out twice, recorded and given back once
}

TEST_P(CheckHost, Memory) {
  faults.writes = true;
  expect_broken(kSum, "sum", "wrote to 'p'");
  expect_broken(kSumOfHeap, "sum", "wrote to 'p'");
  faults = {.fills_less = 8};
  expect_broken(kFill, "fill", "left bytes of 'p'");
  expect_broken(kFillHeap, "fill", "left bytes of 'p'");
}

TEST_P(CheckHost, ResultsInTheHeap) { expect_broken(kOwnHeap, "view", "lies in the extension's heap"); }

TEST_P(CheckHost, Returning) {
  faults.null = true;
  expect_broken(kLeave, "leave", "it returned");
}

}  // namespace
}  // namespace tenon
