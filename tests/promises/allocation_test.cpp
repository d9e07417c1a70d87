// SPDX-License-Identifier: Apache-2.0
// docs/safety-contract.md, Memory: what extensions allocate, and how the host reaches it.
#include <algorithm>
#include <deque>
#include <random>
#include <thread>

#include "promises/attack.hpp"

namespace tenon::promises {
namespace {

constexpr auto kHammer = R"(
  #include <tn/heap.h>
  void *kept[64];

  SEC("?serve") u64 hammer(struct request *r)
  {
    u64 seed = r->number, got = 0;

    for (u64 i = 0; i < 3000; i++) {
      seed = seed * 6364136223846793005ull + 1442695040888963407ull;
      void **slot = &kept[seed >> 40 & 63];
      u64 bytes = (seed >> 20 & 15) ? seed >> 30 & 511 : seed >> 30 & 0x1ffff;

      switch (seed >> 60) {
      case 0: free(*slot); free(*slot); break;
      case 1: free(*slot); free((void *)seed); break;
      case 2: free((u8 *)*slot + (seed >> 33 & 0xfff)); break;
      case 3: *slot = realloc(*slot, bytes); break;
      case 4: *slot = realloc((void *)seed, bytes); break;
      case 5: *slot = realloc((u8 *)*slot + 16, bytes); break;
      case 6: *slot = calloc(seed >> 50, bytes); break;
      case 7: *slot = calloc(seed, seed >> 20); break;
      case 8: *slot = aligned_alloc(seed >> 45, bytes); break;
      case 9: *slot = aligned_alloc(1ull << (seed >> 34 & 63), bytes); break;
      case 10: *slot = malloc(seed); break;
      case 11: free((void *)((u64)kept + (seed >> 24 & 0xfffff0))); break;
      default: *slot = malloc(bytes); got += *slot != NULL; break;
      }
    }
    return got;
  }
  SEC("?serve") u64 scribble(struct request *r) { tn_fill((void *)((u64)kept & ~0xffffull), r->number, r->kind); return 1; }
  SEC("?serve") u64 all_there_is(struct request *r)
  {
    u64 got = 0;

    while (malloc(r->number))
      got++;
    return got;
  }
  SEC("?serve") u64 where(struct request *r) { return share((u8 *)kept, 1); }
)";

/// The host's pages next to the heap, and its own blocks in it.
class Neighbours {
 public:
  explicit Neighbours(const Extension& extension) {
    std::uint64_t own = 0;
    script.on_memory = [&](std::uint8_t* p, std::uint64_t) { return own = reinterpret_cast<std::uint64_t>(p); };
    run(*extension.program("where"));
    const Mapping heap = reservation_around(own);
    for (const std::uint64_t at : {std::uint64_t{0}, heap.end, heap.begin - Canary::kBytes}) canaries_.emplace_back(at);
  }
  bool untouched() const { return std::ranges::all_of(canaries_, &Canary::untouched); }

 private:
  std::deque<Canary> canaries_;
};

void hammer(LoadOptions options) {
  static const Object object(kHammer);
  options.programs = {"hammer", "scribble", "where"};
  const Extension extension = object.load(options);
  const Neighbours neighbours(extension);
  const Program hammer = *extension.program("hammer"), scribble = *extension.program("scribble");
  for (std::uint64_t round = 1; round <= 30; ++round) {
    const Outcome outcome = run(hammer, round * 0x9e3779b97f4a7c15);
    EXPECT_TRUE(outcome.kind == Outcome::Kind::returned || outcome.cause == Cause::bad_free) << to_string(outcome.cause);
    EXPECT_LE(extension.heap_granted_bytes(), extension.heap_limit_bytes());
    std::vector<heap_ptr<std::array<std::uint64_t, 8>>> mine;
    for (std::uint64_t i = 0; i < 20; ++i) {
      const auto block = extension.allocate<std::array<std::uint64_t, 8>>();
      if (!block) break;
      mine.push_back(*block);
      const std::array<std::uint64_t, 8> mark{i, i, i, i, i, i, i, i};
      EXPECT_TRUE(block->store(mark));
    }
    for (std::uint64_t i = 0; i < mine.size(); ++i) {
      EXPECT_THAT(mine[i].load().value(), ::testing::Each(i)) << "the host's blocks overlap";
      EXPECT_TRUE(extension.free(mine[i]));
    }
    EXPECT_TRUE(options.debug_heap || run(scribble, round * 0x55, extension.heap_granted_bytes()).value == 1u);
    ASSERT_TRUE(neighbours.untouched());
  }
}

TEST(Promise, TheAllocatorBelievesNothing) {
  for (const Backend backend : {Backend::native, Backend::interpreter}) {
    for (const std::uint64_t heap : {64ull << 10, 16ull << 20, 8ull << 30}) {
      LoadOptions options;
      options.backend = backend;
      options.heap_bytes = heap;
      options.heap_limit_bytes = std::min<std::uint64_t>(heap, 64 << 20);
      options.quantum = std::chrono::seconds(10);
      hammer(options);
      options.debug_heap = true;
      hammer(options);
    }
  }
}

TEST(Promise, OutOfMemoryIsAnAnswer) {
  static const Object object(kHammer);
  for (const std::uint64_t bytes : {0ull, 100ull, 5000ull, 70'000ull, 1ull << 40, ~0ull}) {
    LoadOptions options;
    options.heap_bytes = 8 << 20;
    options.heap_limit_bytes = 2 << 20;
    options.quantum = std::chrono::seconds(10);
    options.programs = {"all_there_is"};
    const Extension greedy = object.load(options), other = object.load(options);
    const Outcome all = run(*greedy.program("all_there_is"), bytes);
    EXPECT_EQ(all.kind, Outcome::Kind::returned);
    EXPECT_LE(all.value * bytes, 2u << 20);
    EXPECT_LE(greedy.heap_granted_bytes(), 2u << 20);
    const Outcome others = run(*other.program("all_there_is"), bytes);
    EXPECT_GE(others.value * 10, all.value * 9) << "one extension's memory is no other's";
    options.cancel_when_out_of_memory = true;
    EXPECT_EQ(run(load(object, "all_there_is", options), bytes).cause, Cause::memory_limit);
  }
}

TEST(Promise, TheHostsPointersStayInTheHeap) {
  static const Object object(kHammer);
  LoadOptions options;
  options.programs = {"where"};
  const Extension extension = object.load(options);
  std::uint64_t own = 0;
  script.on_memory = [&](std::uint8_t* p, std::uint64_t) { return own = reinterpret_cast<std::uint64_t>(p); };
  run(*extension.program("where"));
  const Mapping heap = reservation_around(own);
  const std::deque<Canary> canaries = [&] {
    std::deque<Canary> made;
    for (const std::uint64_t at : {std::uint64_t{0}, heap.end, heap.begin - Canary::kBytes}) made.emplace_back(at);
    return made;
  }();
  std::vector<std::uint64_t> targets{0, 1, ~0ull, heap.begin, heap.end - 8, own - 8, own, own + (1 << 20), 1ull << 32};
  for (const Canary& canary : canaries) targets.insert(targets.end(), {canary.address(), canary.address() + 4096, canary.address() - 4});
  for (const std::uint64_t target : targets) {
    const auto word = extension.pointer<std::uint64_t>(target);
    EXPECT_NE(word.load().value_or(0), 0x0101010101010101u * Canary::kByte) << target;
    static_cast<void>(word.store(1));
    std::vector<std::uint64_t> many(1 << 12);
    static_cast<void>(word.copy_out(many));
    static_cast<void>(word.copy_in(many));
    EXPECT_TRUE(std::ranges::all_of(canaries, &Canary::untouched)) << target;
  }
  EXPECT_TRUE(extension.pointer<std::uint64_t>(own).load());
  EXPECT_EQ(extension.pointer<std::uint64_t>(heap.end).load().error()[0].code, "E0608");
}

}  // namespace
}  // namespace tenon::promises
