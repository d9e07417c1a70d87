// SPDX-License-Identifier: Apache-2.0
// Structures that host and extension share, both ways and on both backends.
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <thread>
#include <vector>

#include <tenon/engine.hpp>

#include "unit/engine/compile.hpp"

namespace tenon {
namespace {

struct Node {
  std::uint64_t next;
  std::uint64_t value;
};

constexpr auto kLists = R"(
  #include <tn/heap.h>
  struct node { struct node *next; u64 value; };

  SEC("?visit") u64 build(u64 count)
  {
    struct node *head = NULL;

    for (u64 i = 0; i < count; i++) {
      struct node *n = malloc(sizeof(*n));
      if (!n)
        return 0;
      n->value = i;
      n->next = head;
      head = n;
    }
    return (u64)head;
  }
  SEC("?visit") u64 sum(u64 head)
  {
    u64 total = 0;

    for (struct node *n = (struct node *)head; n; n = n->next)
      total += n->value;
    return total;
  }
  SEC("?visit") u64 destroy(u64 head)
  {
    u64 freed = 0;

    for (struct node *n = (struct node *)head, *next; n; n = next, freed++) {
      next = n->next;
      free(n);
    }
    return freed;
  }
  SEC("?visit") u64 fill(u64 limit)
  {
    u64 got = 0;

    while (got < limit && malloc(1000))
      got++;
    return got;
  }
  SEC("?visit") u64 twice(u64 n) { void *p = malloc(n); free(p); free(p); return 7; }
  SEC("?visit") u64 use_after_free(u64 n) { volatile u64 *p = malloc(n); *p = 1; free((void *)p); return *p; }
  SEC("?visit") u64 rest(u64 n)
  {
    u64 *a = calloc(n, 8), *b = aligned_alloc(4096, 100);

    if (!a || !b || a[n - 1] || ((u64)b & 4095))
      return 0;
    a[0] = 5;
    a = realloc(a, n * 1000);
    return a ? a[0] : 0;
  }
)";

Interface visit_interface() { return Interface::parse("interface t; hook visit(n: u64) -> u64 default 0;", "t.tni").value(); }

class SharedHeap : public ::testing::TestWithParam<Backend> {
 protected:
  Extension load(LoadOptions options = {}) const {
    options.backend = GetParam();
    options.heap_bytes = 4 << 20;
    options.programs = {"build", "sum", "destroy", "fill", "twice", "use_after_free", "rest"};
    return Engine(interface_).load(object_, options).value();
  }
  static Outcome run(const Extension& extension, const char* name, std::uint64_t argument) { return extension.program(name).value().run(argument); }

  Interface interface_ = visit_interface();
  test::Scratch scratch_;
  std::filesystem::path object_ = scratch_.compile(interface_, kLists);
};

TEST_P(SharedHeap, TheHostReadsWhatTheExtensionBuilt) {
  const Extension extension = load();
  auto at = extension.pointer<Node>(run(extension, "build", 100).value);
  std::uint64_t total = 0, nodes = 0;
  while (at && nodes < 1000) {
    const Node node = at.load().value();
    total += node.value;
    ++nodes;
    at = at.at<Node>(node.next);
  }
  EXPECT_EQ(nodes, 100u);
  EXPECT_EQ(total, 4950u);
}

TEST_P(SharedHeap, TheExtensionReadsAndFreesWhatTheHostBuilt) {
  const Extension extension = load();
  heap_ptr<Node> head;
  for (std::uint64_t i = 0; i < 100; ++i) {
    const auto node = extension.allocate<Node>().value();
    ASSERT_TRUE(node.store({head.address(), i}));
    head = node;
  }
  EXPECT_EQ(run(extension, "sum", head.address()).value, 4950u);
  ASSERT_TRUE(head.field<std::uint64_t>(offsetof(Node, value)).store(1));
  EXPECT_EQ(run(extension, "sum", head.address()).value, 4852u);
  EXPECT_EQ(run(extension, "destroy", head.address()).value, 100u);
  EXPECT_EQ(extension.free(head).error()[0].code, "E0610");
}

TEST_P(SharedHeap, ArraysAreCopied) {
  const Extension extension = load();
  const auto array = extension.allocate<std::uint32_t>(1000).value();
  std::vector<std::uint32_t> in(1000), out(1000);
  for (std::uint32_t i = 0; i < 1000; ++i) in[i] = i * i;
  ASSERT_TRUE(array.copy_in(in));
  ASSERT_TRUE(array.copy_out(out));
  EXPECT_EQ(in, out);
  EXPECT_EQ((array + 31).load().value(), 961u);
  using Three = std::array<std::uint32_t, 3>;
  EXPECT_EQ(array.as<Three>().load().value()[2], 4u);
  EXPECT_TRUE(extension.free(array));
}

TEST_P(SharedHeap, PaddingShowsNothingOfTheHost) {
  struct Padded {
    std::uint8_t small;
    std::uint64_t large;
  };
  Padded value;
  std::memset(&value, 0xc5, sizeof value);
  value.small = 1;
  value.large = 2;
  const Extension extension = load();
  const auto block = extension.allocate<Padded>().value();
  ASSERT_TRUE(block.store(value));
  EXPECT_EQ(block.as<std::uint64_t>().load().value(), 1u);
}

TEST_P(SharedHeap, WhatIsNotThereIsAnError) {
  heap_ptr<Node> left;
  {
    const Extension extension = load();
    for (const std::uint64_t wild : {std::uint64_t{0}, std::uint64_t{8}, ~std::uint64_t{0}, extension.heap_granted_bytes() + (1 << 20)}) {
      EXPECT_EQ(extension.pointer<Node>(wild).load().error()[0].code, "E0608");
      EXPECT_EQ(extension.pointer<Node>(wild).store({}).error()[0].code, "E0608");
    }
    EXPECT_EQ(extension.allocate<Node>(1 << 20).error()[0].code, "E0609");
    EXPECT_EQ(extension.allocate<Node>(~0ull).error()[0].code, "E0609");
    left = extension.allocate<Node>().value();
  }
  EXPECT_TRUE(left.store({1, 2})) << "the heap lives as long as a pointer into it";
  EXPECT_EQ(heap_ptr<Node>().load().error()[0].code, "E0608");
}

TEST_P(SharedHeap, TheRestOfTheFamily) { EXPECT_EQ(run(load(), "rest", 100).value, 5u); }

TEST_P(SharedHeap, OutOfMemory) {
  EXPECT_GT(run(load(), "fill", 100'000).value, 3000u);
  LoadOptions options;
  options.cancel_when_out_of_memory = true;
  const Outcome outcome = run(load(options), "fill", 100'000);
  EXPECT_EQ(outcome.cause, Cause::memory_limit);
  EXPECT_GT(outcome.line, 0u);
}

TEST_P(SharedHeap, Debugged) {
  EXPECT_EQ(run(load(), "twice", 10).value, 7u);
  LoadOptions options;
  options.debug_heap = true;
  const Extension extension = load(options);
  const Outcome twice = run(extension, "twice", 10);
  EXPECT_EQ(twice.cause, Cause::bad_free);
  EXPECT_NE(twice.fault_address, 0u);
  EXPECT_GT(twice.line, 0u);
  const Outcome late = run(extension, "use_after_free", 10);
  EXPECT_EQ(late.cause, Cause::fault);
  EXPECT_EQ(extension.pointer<Node>(late.fault_address).load().error()[0].code, "E0608");
  EXPECT_EQ(run(extension, "rest", 100).value, 5u);
}

TEST_P(SharedHeap, HostThreadsAllocateWhileExtensionsRun) {
  const Extension extension = load();
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < (GetParam() == Backend::native ? 300 : 30); ++round) {
        if (i == 0) {
          EXPECT_EQ(run(extension, "destroy", run(extension, "build", 50).value).value, 50u);
        } else {
          const auto node = extension.allocate<Node>().value();
          EXPECT_TRUE(node.store({0, 5}));
          EXPECT_EQ(node.load().value().value, 5u);
          EXPECT_TRUE(extension.free(node));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

INSTANTIATE_TEST_SUITE_P(Backends, SharedHeap, ::testing::Values(Backend::native, Backend::interpreter),
                         [](const auto& info) { return info.param == Backend::native ? "native" : "interpreter"; });

}  // namespace
}  // namespace tenon
