// SPDX-License-Identifier: Apache-2.0
// docs/safety-contract.md, Code.
#include <fstream>
#include <iterator>
#include <random>
#include <regex>
#include <sstream>

#include "promises/attack.hpp"

namespace tenon::promises {
namespace {

std::vector<std::byte> read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

TEST(Promise, WhatIsRefusedCannotRun) {
  const Object object("SEC(\"serve\") u64 good(struct request *r) { return 1; } SEC(\"serve\") u64 bad(struct request *r) { return r->data[0]; }");
  for (const Backend backend : {Backend::native, Backend::interpreter}) {
    for (const std::vector<std::string>& programs : {std::vector<std::string>{}, {"bad"}, {"good", "bad"}}) {
      LoadOptions options;
      options.backend = backend;
      options.programs = programs;
      const auto extension = object.try_load(options);
      ASSERT_FALSE(extension.has_value());
      EXPECT_EQ(extension.error().front().code, "E0205");
    }
    LoadOptions options;
    options.backend = backend;
    options.programs = {"good"};
    EXPECT_FALSE(object.load(options).program("bad").has_value());
  }
  const std::string interface = " --interface " + object.interface_path() + " " + object.path();
  for (const char* stage : {"proof", "guarded", "llvm", "asm"}) {
    const Answer answer = tenon_cli(fmt::format("dump --program bad --stage={}{}", stage, interface));
    EXPECT_EQ(answer.code, 1) << stage;
    EXPECT_THAT(answer.text, ::testing::HasSubstr("E0205"));
    EXPECT_EQ(answer.text.find("\tret"), std::string::npos) << "no code of it is made";
  }
  EXPECT_EQ(tenon_cli("verify" + interface).code, 1);
}

TEST(Promise, NothingIsWritableAndExecutable) {
  const Object object(
      "u64 (*twice)(u64); static u64 two(u64 n) { return 2 * n; } SEC(\"serve\") u64 f(struct request *r) { twice = two; return call(twice(1)); }");
  const auto both = [] {
    return static_cast<std::uint64_t>(std::ranges::count_if(mappings(), [](const Mapping& m) { return m.access[1] == 'w' && m.access[2] == 'x'; }));
  };
  const auto executable_heaps = [] {
    return std::ranges::count_if(mappings(), [](const Mapping& m) { return m.access[2] == 'x' && m.name.find("tenon-heap") != std::string::npos; });
  };
  const Extension kept = object.load();
  script.on_call = [&](std::uint64_t) { return both(); };
  EXPECT_EQ(run(*kept.program("f")).value, 0u) << "while it runs";
  const Extension another = object.load();
  EXPECT_EQ(both(), 0u);
  EXPECT_EQ(executable_heaps(), 0);
}

/// Images carry their guard's form: one that lands in another heap would reach beyond it.
TEST(Promise, CodeIsMadeForItsHeap) {
  const Object object(R"(
    u64 word;
    SEC("serve") u64 f(struct request *r) { u64 *p = (u64 *)((u64)&word + r->number); *p = 5; return word; }
  )");
  for (const std::uint64_t heap_bytes : {1ull << 16, 1ull << 30, 1ull << 32, 1ull << 33, 1ull << 34, 1ull << 36}) {
    const std::uint64_t window = std::max<std::uint64_t>(heap_bytes, 1ull << 32);
    LoadOptions options;
    options.heap_bytes = heap_bytes;
    EXPECT_EQ(run(load(object, "f", options), window).value, 5u) << "the window of " << heap_bytes << " bytes repeats there";
    EXPECT_EQ(run(load(object, "f", options), window / 2).cause, Cause::fault) << heap_bytes;
  }
}

TEST(Promise, MalformedObjectsAreRefused) {
  const Object object(
      "u64 n; static __attribute__((noinline)) u64 g(u64 a) { return a + n; } SEC(\"serve\") u64 f(struct request *r) { return g(r->number); }");
  const std::vector<std::byte> good = read_bytes(object.path());
  const Engine engine(attack_interface());
  LoadOptions options;
  options.backend = Backend::interpreter;
  options.quantum = std::chrono::milliseconds(1);
  const auto one_reason = [&](std::span<const std::byte> bytes) {
    const auto extension = engine.load(bytes, "malformed.o", options);
    if (extension) {
      for (const Program& program : extension->programs()) run(program);
      return;
    }
    ASSERT_EQ(extension.error().size(), 1u);
    ASSERT_FALSE(extension.error().front().message.empty());
  };
  ASSERT_TRUE(engine.load(good, "good.o", options).has_value());
  for (std::size_t size = 0; size < good.size(); size += 1 + size / 64) one_reason(std::span(good).first(size));
  std::mt19937 random(1);
  for (int i = 0; i < 1500; ++i) {
    std::vector<std::byte> bytes = good;
    for (unsigned edits = 1 + random() % 4; edits > 0; --edits) bytes[random() % (i % 2 ? 64 : bytes.size())] = static_cast<std::byte>(random());
    one_reason(bytes);
  }
}

/// Every symbol that the assembly names is a constant of ours, a label or a function of the object; calls go to those, or through a thunk slot.
TEST(Promise, CodeCallsNothingButThunks) {
  const Object object(R"(
    u8 a[4096], b[4096]; u64 n; double unused; struct big { u64 words[100]; } x, y;
    static __attribute__((noinline)) u64 inner(u64 v) { return v / n + v % n; }
    SEC("serve") u64 f(struct request *r)
    {
      for (u64 i = 0; i < n; i++) a[i] = b[i];
      for (u64 i = n; i-- > 0;) a[i] = b[i];
      for (u64 i = 0; i < 4096; i++) a[i] = 0;
      for (u64 i = 0; i < 100; i++) x.words[i] = y.words[i];
      u64 length = 0;
      while (a[length]) length++;
      u64 same = 0;
      while (same < 64 && a[same] == b[same]) same++;
      for (u8 *p = r->data; p < r->data_end; p++) *p = 0;
      for (u8 *p = r->data; p < r->data_end; p++) *p = 7;
      volatile u8 local[64];
      for (u64 i = 0; i < 64; i++) local[i] = 0;
      tn_copy(a, b, n);
      if (length == 5) bpf_throw(call(same));
      return inner(length) + (u64)((s64)n / -7);
    }
  )");
  const Answer answer = tenon_cli("dump --stage=asm --interface " + object.interface_path() + " " + object.path());
  ASSERT_EQ(answer.code, 0) << answer.text;
  const std::regex ours(R"(tenon\.\w+(\.\d+)?|bpf\.\d+.*|\.L.*)");
  const std::regex jump(R"(^\s*(call|jmp)q?\s+(\S+))"), symbol(R"(\$?([A-Za-z_.][\w.$]*)(@\w+)?)");
  std::istringstream lines(answer.text);
  std::size_t calls = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#")) continue;
    std::smatch found;
    if (std::regex_search(line, found, jump)) {
      calls += found[1] == "call";
      const std::string target = found[2];
      EXPECT_TRUE(target.starts_with("*") || std::regex_match(target, ours)) << line;
    }
    const std::size_t address = line.find("movabs");
    const std::size_t dollar = line.find('$');
    if (address == std::string::npos || dollar == std::string::npos || std::isdigit(line[dollar + 1]) || line[dollar + 1] == '-') continue;
    const std::string name = line.substr(dollar + 1, line.find(',') - dollar - 1);
    EXPECT_TRUE(std::regex_search(name, found, symbol) && std::regex_match(found[1].str(), ours)) << line;
  }
  EXPECT_GE(calls, 3u);
}

}  // namespace
}  // namespace tenon::promises
