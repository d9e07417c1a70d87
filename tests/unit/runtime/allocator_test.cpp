// SPDX-License-Identifier: Apache-2.0
// malloc and kin as compiled code calls them, against a model; and what an extension can try to make the host's records wrong.
#include <gtest/gtest.h>

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <thread>

#include "runtime/allocation/allocator.hpp"
#include "runtime/allocation/refill.hpp"
#include "runtime/allocation/size_classes.hpp"
#include "runtime/heap_state.hpp"
#include "unit/runtime/test_host.hpp"

namespace tenon::runtime::testing {
namespace {

std::shared_ptr<Heap> make_heap_with(std::uint64_t bytes, HeapOptions options, std::uint64_t limit = 0) {
  InitialGlobals globals;
  globals.bytes.resize(4096);
  return Heap::create(bytes, limit, globals, options).value();
}

/// The entry points over one heap, from compiled code.
struct Memory {
  explicit Memory(std::shared_ptr<Heap> on) : heap(std::move(on)) {
    for (const char* name : {"tn_malloc", "tn_calloc", "tn_realloc", "tn_aligned_alloc", "tn_free"}) {
      Assembler code;
      code.enter();
      code.call_host(1, function(name));
      code.leave();
      code.edit().shape = heap->shape();
      programs[name] = install(code, heap);
    }
  }
  Outcome outcome(const char* name, std::uint64_t a, std::uint64_t b = 0) const { return run(programs.at(name), a, b); }
  std::uint64_t malloc(std::uint64_t n) const { return outcome("tn_malloc", n).value; }
  std::uint64_t calloc(std::uint64_t n, std::uint64_t each) const { return outcome("tn_calloc", n, each).value; }
  std::uint64_t realloc(std::uint64_t p, std::uint64_t n) const { return outcome("tn_realloc", p, n).value; }
  std::uint64_t aligned(std::uint64_t a, std::uint64_t n) const { return outcome("tn_aligned_alloc", a, n).value; }
  Outcome free(std::uint64_t p) const { return outcome("tn_free", p); }

  std::shared_ptr<Heap> heap;
  std::map<std::string, std::shared_ptr<Installed>> programs;
};

unsigned char* bytes_at(std::uint64_t address) { return reinterpret_cast<unsigned char*>(address); }

/// What is allocated, each block filled with a byte of its own.
class Model {
 public:
  explicit Model(const Memory& memory) : memory_(memory) {}

  void add(std::uint64_t at, std::uint64_t bytes, std::uint64_t alignment = 16) {
    ASSERT_EQ(at % std::max<std::uint64_t>(alignment, 16), 0u);
    ASSERT_TRUE(memory_.heap->granted(at, bytes));
    ASSERT_GE(at, memory_.heap->globals_address() + 4096);
    const auto after = blocks_.lower_bound(at);
    ASSERT_TRUE(after == blocks_.end() || at + bytes <= after->first) << "overlaps the block above";
    ASSERT_TRUE(after == blocks_.begin() || std::prev(after)->first + std::prev(after)->second.bytes <= at) << "overlaps the block below";
    blocks_[at] = {bytes, ++fill_};
    std::memset(bytes_at(at), fill_, bytes);
  }
  void check(std::uint64_t at, std::uint64_t bytes, std::uint64_t fill) const {
    const auto* const begin = bytes_at(at);
    ASSERT_TRUE(std::all_of(begin, begin + bytes, [&](unsigned char byte) { return byte == fill; })) << "the contents changed";
  }
  void remove(std::uint64_t at) {
    check(at, blocks_.at(at).bytes, blocks_.at(at).fill);
    blocks_.erase(at);
  }
  void forget(std::uint64_t at) { blocks_.erase(at); }
  void free_all() {
    while (!blocks_.empty()) {
      const std::uint64_t at = blocks_.begin()->first;
      remove(at);
      EXPECT_EQ(memory_.free(at).kind, Outcome::Kind::returned);
    }
  }
  std::uint64_t any(std::mt19937_64& random) const {
    auto at = blocks_.lower_bound(memory_.heap->globals_address() + random() % memory_.heap->granted_bytes());
    return at == blocks_.end() ? blocks_.begin()->first : at->first;
  }
  struct Block {
    std::uint64_t bytes;
    unsigned char fill;
  };
  const std::map<std::uint64_t, Block>& blocks() const { return blocks_; }

 private:
  const Memory& memory_;
  std::map<std::uint64_t, Block> blocks_;
  unsigned char fill_ = 0;
};

void one_step(const Memory& memory, Model& model, std::mt19937_64& random, std::uint64_t largest) {
  const std::uint64_t bytes = random() % (random() % 4 == 0 ? largest : 300);
  const unsigned what = model.blocks().empty() ? 0 : random() % 8;
  if (what < 2) {
    if (const std::uint64_t p = memory.malloc(bytes)) model.add(p, bytes);
  } else if (what == 2) {
    const std::uint64_t p = memory.calloc(3, bytes / 3);
    if (p == 0) return;
    model.check(p, bytes / 3 * 3, 0);
    model.add(p, bytes / 3 * 3);
  } else if (what == 3) {
    const std::uint64_t alignment = 1ull << random() % 15;
    if (const std::uint64_t p = memory.aligned(alignment, bytes)) model.add(p, bytes, alignment);
  } else if (what == 4) {
    const std::uint64_t old = model.any(random);
    const Model::Block block = model.blocks().at(old);
    const std::uint64_t p = memory.realloc(old, bytes + 1);
    if (p == 0) return;
    model.check(p, std::min(block.bytes, bytes + 1), block.fill);
    model.forget(old);
    model.add(p, bytes + 1);
  } else {
    const std::uint64_t p = model.any(random);
    model.remove(p);
    ASSERT_EQ(memory.free(p).kind, Outcome::Kind::returned);
  }
}

struct Setting {
  const char* name;
  std::uint64_t heap_bytes, largest;
  HeapOptions options;
};
class AgainstAModel : public ::testing::TestWithParam<Setting> {};

TEST_P(AgainstAModel, BlocksAreDisjointAlignedAndKeepTheirContents) {
  const Memory memory(make_heap_with(GetParam().heap_bytes, GetParam().options));
  Model model(memory);
  std::mt19937_64 random(7);
  for (int i = 0; i < 8000 && !HasFatalFailure(); ++i) one_step(memory, model, random, GetParam().largest);
  model.free_all();
}

INSTANTIATE_TEST_SUITE_P(Allocator, AgainstAModel,
                         ::testing::Values(Setting{"tiny", 64 << 10, 3000, {}}, Setting{"small", 1 << 20, 40'000, {}}, Setting{"usual", 1 << 30, 200'000, {}},
                                           Setting{"over4GiB", 8ull << 30, 200'000, {}}, Setting{"debugged", 16 << 20, 100'000, {.debug = true}}),
                         [](const auto& info) { return info.param.name; });

TEST(SizeClasses, FitAndWasteAtMostAQuarter) {
  for (std::uint64_t bytes = 0; bytes <= kMaxSmallBytes; ++bytes) {
    const std::uint32_t block = kClassBytes[class_of(bytes)];
    ASSERT_GE(block, bytes);
    ASSERT_EQ(block % kGranuleBytes, 0u);
    ASSERT_TRUE(bytes <= 64 || block - bytes <= block / 4) << bytes;
  }
}

TEST(SizeClasses, DivideExactly) {
  for (std::uint8_t c = 1; c <= kSizeClasses; ++c) {
    for (std::uint64_t distance = 0; distance < kSpanPages[c] * kGranulesPerPage; ++distance) {
      ASSERT_EQ(distance * kClassInverse[c] >> 32, distance / kClassGranules[c]) << int{c} << " " << distance;
    }
  }
}

TEST(Allocator, RequestsThatCannotBeMetAreNull) {
  const Memory memory(make_heap(1 << 20));
  for (const std::uint64_t bytes : {1ull << 20, (1ull << 32) + 16, ~0ull, ~0ull - 15, 1ull << 63}) EXPECT_EQ(memory.malloc(bytes), 0u) << bytes;
  EXPECT_EQ(memory.calloc(1ull << 32, 1ull << 32), 0u);
  EXPECT_EQ(memory.calloc(~0ull, 2), 0u);
  for (const std::uint64_t alignment : {0ull, 3ull, 24ull, 1ull << 40, 1ull << 63}) EXPECT_EQ(memory.aligned(alignment, 16), 0u) << alignment;
  const std::uint64_t p = memory.malloc(10);
  std::memset(bytes_at(p), 5, 10);
  EXPECT_EQ(memory.realloc(p, ~0ull), 0u);
  EXPECT_EQ(bytes_at(p)[9], 5) << "a realloc that fails leaves the block as it is";
  EXPECT_EQ(memory.realloc(0, 10) % 16, 0u);
  EXPECT_EQ(memory.realloc(p, 0), 0u);
  EXPECT_EQ(memory.malloc(10), p) << "realloc to nothing has freed it";
  EXPECT_NE(memory.malloc(0), 0u);
}

TEST(Allocator, ReallocGrowsAndShrinksInPlaceWhereItCan) {
  const Memory memory(make_heap(64 << 20));
  const std::uint64_t p = memory.malloc(100'000), behind = memory.malloc(50'000);
  EXPECT_EQ(memory.realloc(p, 70'000), p);
  EXPECT_EQ(memory.realloc(p, 100'000), p) << "the pages that it gave back";
  memory.free(behind);
  EXPECT_EQ(memory.realloc(p, 140'000), p);
  const std::uint64_t small = memory.malloc(100);
  EXPECT_EQ(memory.realloc(small, 112), small);
  EXPECT_NE(memory.realloc(small, 113), small);
}

/// Allocates until nothing is left; what was handed out.
std::vector<std::uint64_t> exhaust(const Memory& memory, std::uint64_t bytes) {
  std::vector<std::uint64_t> got;
  while (const std::uint64_t p = memory.malloc(bytes)) got.push_back(p);
  return got;
}

TEST(Allocator, MemoryThatRanOutComesBackWholeAlsoWithoutTheRefillThread) {
  const RefillsHalted halted;
  const Memory memory(make_heap(4 << 20));
  std::size_t before = 0;
  for (int round = 0; round < 3; ++round) {
    for (const std::uint64_t bytes : {24ull, 1000ull, 20'000ull, 100'000ull}) {
      const std::vector<std::uint64_t> got = exhaust(memory, bytes);
      EXPECT_GE(got.size() * bytes, (4ull << 20) * 8 / 10 * (bytes == 24 ? 3 : 4) / 4) << bytes;
      EXPECT_LE(memory.heap->granted_bytes(), memory.heap->limit_bytes());
      if (bytes == 1000) {
        EXPECT_TRUE(before == 0 || got.size() == before) << before;
        before = got.size();
      }
      for (const std::uint64_t p : got) ASSERT_EQ(memory.free(p).kind, Outcome::Kind::returned);
    }
  }
  EXPECT_NE(memory.malloc(3 << 20), 0u) << "one run of pages again";
}

TEST(Allocator, OutOfMemoryEndsTheInvocationWhereTheHostWantsThat) {
  const Memory memory(make_heap_with(1 << 20, {.cancel_when_out_of_memory = true}));
  EXPECT_NE(memory.malloc(100), 0u);
  EXPECT_EQ(memory.outcome("tn_malloc", 2 << 20).cause, Cause::memory_limit);
  EXPECT_EQ(memory.outcome("tn_calloc", ~0ull, 2).cause, Cause::memory_limit);
  EXPECT_EQ(memory.outcome("tn_malloc", 100).kind, Outcome::Kind::returned);
}

/// Values that no allocated block begins at.
std::vector<std::uint64_t> hostile_pointers(const Memory& memory, std::uint64_t block, std::uint64_t large) {
  std::vector<std::uint64_t> found{1,         8,          ~0ull,          ~15ull, 1ull << 63, block + 16, block + 1, block + 8, large + 16, large + 4096,
                                   large - 16, memory.heap->base(), memory.heap->globals_address(), memory.heap->grow(4096),
                                   memory.heap->globals_address() + memory.heap->limit_bytes(), memory.heap->base() + memory.heap->shape().window_bytes - 16,
                                   memory.heap->base() - 16};
  return found;
}

TEST(Allocator, WrongFreesDoNothing) {
  const Memory memory(make_heap(16 << 20));
  Model model(memory);
  std::mt19937_64 random(3);
  std::uint64_t once = memory.malloc(48);
  memory.free(once);
  for (int round = 0; round < 40 && !HasFatalFailure(); ++round) {
    const std::uint64_t block = memory.malloc(64), large = memory.malloc(100'000);
    model.add(block, 64);
    model.add(large, 100'000);
    for (const std::uint64_t wild : hostile_pointers(memory, block, large)) {
      EXPECT_EQ(memory.free(wild).kind, Outcome::Kind::returned) << wild;
      EXPECT_EQ(memory.realloc(wild, 10), 0u) << wild;
    }
    for (int i = 0; i < 300 && !HasFatalFailure(); ++i) {
      one_step(memory, model, random, 60'000);
      const std::uint64_t p = memory.malloc(random() % 60'000);
      memory.free(p);
      memory.free(p);  // twice
    }
    model.free_all();
  }
}

/// As for an access: what stands above the window's bits does not count.
TEST(Allocator, APointerMeansWhatItMeansToAnAccess) {
  const Memory memory(make_heap(1 << 20));
  for (const std::uint64_t bytes : {100ull, 50'000ull}) {
    const std::uint64_t p = memory.malloc(bytes);
    memory.free(p ^ 1ull << 40);
    EXPECT_FALSE(memory.heap->release(p)) << "freed already";
    const std::uint64_t again = memory.malloc(bytes);
    EXPECT_EQ(memory.realloc(again & 0xffffffff, bytes - 1) & 0xffffffff, again & 0xffffffff);
  }
}

TEST(Allocator, NothingInTheHeapIsBelieved) {
  const Memory memory(make_heap(16 << 20));
  std::mt19937_64 random(5);
  for (int round = 0; round < 20 && !HasFatalFailure(); ++round) {
    Model model(memory);
    for (int i = 0; i < 300 && !HasFatalFailure(); ++i) one_step(memory, model, random, 60'000);
    model.free_all();
    std::memset(bytes_at(memory.heap->globals_address()), round % 2 == 0 ? 0xff : 0x41, memory.heap->granted_bytes());
  }
}

/// A thread that registers, so that its slot and cache are its own while it lives.
template <class F>
std::vector<std::thread> start(unsigned count, F&& f) {
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < count; ++i) threads.emplace_back([f, i] { f(i); });
  return threads;
}

TEST(Allocator, ThreadsFreeWhatOthersAllocated) {
  const Memory memory(make_heap(64 << 20));
  std::array<std::atomic<std::uint64_t>, 512> shelf{};
  std::atomic<int> wrong{0};
  auto threads = start(4, [&](unsigned number) {
    std::mt19937_64 random(number);
    for (int i = 0; i < 20'000; ++i) {
      const std::uint64_t bytes = 16 + random() % (random() % 64 == 0 ? 50'000 : 500);
      const std::uint64_t p = memory.malloc(bytes);
      if (p == 0) continue;
      std::memcpy(bytes_at(p), &p, 8);  // whoever takes it must find what was left there
      std::memset(bytes_at(p) + 8, 0x5a, bytes - 8);
      if (const std::uint64_t other = shelf[random() % shelf.size()].exchange(p)) {
        std::uint64_t seen = 0;
        std::memcpy(&seen, bytes_at(other), 8);
        wrong += seen != other;
        memory.free(other);
      }
    }
  });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

/// Two threads free the same blocks at once. Some may be handed out twice, to an extension that asked for it; the records stay in bounds and the host whole.
TEST(Allocator, RacingDoubleFreesHurtNobodyElse) {
  const Memory memory(make_heap(16 << 20));
  std::vector<std::uint64_t> blocks(200);
  for (int round = 0; round < 50; ++round) {
    std::mt19937_64 random(static_cast<std::uint64_t>(round));
    for (auto& block : blocks) block = memory.malloc(random() % 40'000);
    std::atomic<int> ready{0};
    auto threads = start(2, [&](unsigned) {
      ++ready;
      while (ready < 2) {
      }
      for (const std::uint64_t block : blocks) memory.free(block), memory.free(block);
    });
    for (std::thread& thread : threads) thread.join();
    for (const std::uint64_t p : exhaust(memory, 3000)) {
      ASSERT_TRUE(memory.heap->granted(p, 3000));
      memory.free(p);
    }
  }
}

TEST(Allocator, TheNextThreadInheritsWhatIsAtHand) {
  const Memory memory(make_heap(1 << 20));
  for (int i = 0; i < 200; ++i) {
    std::thread([&] {
      for (const std::uint64_t p : exhaust(memory, 2000)) memory.free(p);
    }).join();
  }
  EXPECT_GE(exhaust(memory, 2000).size(), 400u);
}

TEST(Allocator, NestedInvocationsShareTheHeapAndNoBlock) {
  const Memory memory(make_heap(16 << 20));
  Assembler code;
  code.enter();
  code.call_host(1, function("tn_malloc"));
  code.copy(rbx, rax);
  code.copy(rdi, rax);
  code.call_host(2, function("call"));
  code.copy(rdi, rbx);
  code.call_host(3, function("tn_free"));
  code.copy(rax, rbx);
  code.leave();
  const auto outer = install(code, memory.heap);
  std::vector<std::uint64_t> live;
  int depth = 0;
  script.on_call = [&](std::uint64_t p) -> std::uint64_t {
    EXPECT_EQ(std::count(live.begin(), live.end(), p), 0);
    live.push_back(p);
    if (++depth < 5) {
      run(outer, 100);
      const std::uint64_t inner = memory.malloc(100);
      EXPECT_EQ(std::count(live.begin(), live.end(), inner), 0);
      memory.free(inner);
    }
    live.erase(std::find(live.begin(), live.end(), p));
    return 0;
  };
  for (int i = 0; i < 200; ++i) {
    depth = 0;
    EXPECT_EQ(run(outer, 100).kind, Outcome::Kind::returned);
  }
  script.on_call = nullptr;
}

TEST(Allocator, TheHostAllocatesAndFreesInTheSameHeap) {
  const Memory memory(make_heap(1 << 20));
  Model model(memory);
  for (const std::uint64_t bytes : {1ull, 100ull, 5000ull, 100'000ull}) {
    const std::uint64_t from_host = memory.heap->allocate(bytes), from_extension = memory.malloc(bytes);
    model.add(from_host, bytes);
    model.add(from_extension, bytes);
    EXPECT_TRUE(memory.heap->release(from_extension));
    EXPECT_FALSE(memory.heap->release(from_extension));
    memory.free(from_host);
    EXPECT_FALSE(memory.heap->release(from_host));
    model.forget(from_host);
    model.forget(from_extension);
  }
  EXPECT_EQ(memory.heap->allocate(2 << 20), 0u);
  EXPECT_FALSE(memory.heap->release(0));
}

TEST(Allocator, AStopLeavesItWhole) {
  const Memory memory(make_heap(64 << 20));
  Assembler code;  // for (;;) tn_free(tn_malloc(r1));
  code.enter();
  code.copy(rbx, rdi);
  const Assembler::Label again = code.here();
  code.copy(rdi, rbx);
  code.call_host(1, function("tn_malloc"));
  code.copy(rdi, rax);
  code.call_host(2, function("tn_free"));
  code.jump(again);
  const auto forever = install(code, memory.heap, {std::chrono::milliseconds(2)});
  for (const std::uint64_t bytes : {16ull, 3000ull, 100'000ull}) {
    for (int i = 0; i < 10; ++i) EXPECT_EQ(run(forever, bytes).cause, Cause::quantum);
  }
  Assembler slow;  // for (;;) tn_free(tn_calloc(1, r1));
  slow.enter();
  slow.copy(rbx, rdi);
  const Assembler::Label slowly = slow.here();
  slow.set(rdi, 1);
  slow.copy(rsi, rbx);
  slow.call_host(1, function("tn_calloc"));
  slow.copy(rdi, rax);
  slow.call_host(2, function("tn_free"));
  slow.jump(slowly);
  const auto clearing = install(slow, memory.heap, {std::chrono::milliseconds(2)});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(run(clearing, 40 << 20).cause, Cause::quantum);
  EXPECT_NE(memory.malloc(40 << 20), 0u) << "a calloc that was stopped has given its memory back";
}

TEST(Debug, WrongFreesStopWithTheirPointer) {
  const Memory memory(make_heap_with(16 << 20, {.debug = true}));
  const std::uint64_t p = memory.malloc(100);
  EXPECT_EQ(memory.free(0).kind, Outcome::Kind::returned);
  EXPECT_EQ(memory.free(p).kind, Outcome::Kind::returned);
  for (const std::uint64_t wrong : {p, p + 16, memory.heap->globals_address(), std::uint64_t{1} << 60, ~std::uint64_t{0}}) {
    const Outcome outcome = memory.free(wrong);
    EXPECT_EQ(outcome.cause, Cause::bad_free);
    EXPECT_EQ(outcome.fault_address, wrong);
    EXPECT_EQ(memory.outcome("tn_realloc", wrong, 5).cause, Cause::bad_free);
  }
}

TEST(Debug, FreedMemoryIsAHoleUntilItIsNeeded) {
  const Memory memory(make_heap_with(1 << 20, {.debug = true}));
  Assembler code;
  code.load(rax, rdi);
  code.ret();
  const auto read = install(code, memory.heap);
  const std::uint64_t p = memory.malloc(10'000);
  EXPECT_EQ(run(read, p + 9'000).kind, Outcome::Kind::returned);
  memory.free(p);
  for (const std::uint64_t at : {p, p + 9'000}) {
    const Outcome outcome = run(read, at);
    EXPECT_EQ(outcome.cause, Cause::fault);
    EXPECT_EQ(outcome.fault_address, at);
    EXPECT_FALSE(memory.heap->granted(at, 1));
    std::uint64_t value = 0;
    EXPECT_FALSE(memory.heap->read(at, &value, 8));
  }
  EXPECT_NE(memory.malloc(10'000), p);
  const std::vector<std::uint64_t> all = exhaust(memory, 10'000);
  EXPECT_EQ(std::count(all.begin(), all.end(), p), 1) << "better reused than refused";
  EXPECT_EQ(run(read, p).kind, Outcome::Kind::returned);
}

/// A host function that was given heap memory in place, below which the extension frees it.
TEST(Debug, WhatAHostFunctionUsesStaysAccessible) {
  const Memory memory(make_heap_with(16 << 20, {.debug = true}));
  Assembler code;
  code.enter();
  code.call_host(1, function("in_place"), 1);
  code.leave();
  const auto pass = install(code, memory.heap);
  const std::uint64_t p = memory.malloc(100);
  script.on_memory = [&](void* bytes, std::uint64_t n) {
    memory.free(p);
    EXPECT_FALSE(memory.heap->granted(p, 1));
    std::memset(bytes, 1, n);
    return n;
  };
  EXPECT_EQ(run(pass, p, 100).value, 100u);
  EXPECT_EQ(run(pass, p, 100).cause, Cause::argument);
  script.on_memory = nullptr;
  Assembler touch;
  touch.load(rax, rdi);
  touch.ret();
  EXPECT_EQ(run(install(touch, memory.heap), p).cause, Cause::fault) << "closed when the host function has returned";
}

TEST(Debug, ManyFreedBlocksStayWithinTheMappingsOfAProcess) {
  const Memory memory(make_heap_with(1 << 30, {.debug = true}));
  std::vector<std::uint64_t> blocks(3 * Quarantine::kMaxRuns);
  for (auto& block : blocks) ASSERT_NE(block = memory.malloc(10), 0u);
  for (std::size_t i = 0; i < blocks.size(); i += 2) ASSERT_EQ(memory.free(blocks[i]).kind, Outcome::Kind::returned);
  std::ifstream maps("/proc/self/maps");
  EXPECT_LT(std::count(std::istreambuf_iterator<char>(maps), {}, '\n'), 2 * Quarantine::kMaxRuns + 1000);
  for (std::size_t i = 1; i < blocks.size(); i += 2) ASSERT_EQ(memory.free(blocks[i]).kind, Outcome::Kind::returned);
}

TEST(Accessors, ReachWhatWasGrantedAndNothingElse) {
  const auto heap = make_heap(1 << 20, 0, 2 * 4096);
  const std::uint64_t begin = heap->globals_address(), end = begin + 2 * 4096;
  std::vector<unsigned char> out(3 * 4096, 7), in(3 * 4096);
  for (std::uint64_t i = 0; i < 2 * 4096; ++i) bytes_at(begin)[i] = static_cast<unsigned char>(i * 7);
  for (const std::uint64_t n : {0, 1, 2, 3, 4, 5, 8, 9, 64, 4097}) {
    EXPECT_TRUE(heap->read(begin + 1, in.data(), n));
    EXPECT_EQ(std::memcmp(in.data(), bytes_at(begin + 1), n), 0) << n;
    EXPECT_TRUE(heap->write(begin + 3, out.data(), n));
    EXPECT_TRUE(std::all_of(bytes_at(begin + 3), bytes_at(begin + 3 + n), [](unsigned char byte) { return byte == 7; })) << n;
    EXPECT_NE(bytes_at(begin + 3)[n], 7) << n;
    for (std::uint64_t i = 0; i < 2 * 4096; ++i) bytes_at(begin)[i] = static_cast<unsigned char>(i * 9);
  }
  struct { std::uint64_t pointer, bytes; bool possible; } const cases[] = {
      {end - 8, 8, true}, {end - 8, 9, false}, {end - 7, 8, false}, {end, 1, false}, {begin - 1, 1, false}, {begin - 1, 4, false}, {0, 1, false},
      {heap->base(), 8, false}, {begin, ~0ull, false}, {~0ull, 2, false}, {begin + heap->shape().window_bytes, 8, true}, {begin & 0xffffffff, 8, true},
      {end, 0, true},
  };
  for (const auto& c : cases) {
    const std::uint64_t bytes = std::min<std::uint64_t>(c.bytes, in.size());
    EXPECT_EQ(heap->read(c.pointer, in.data(), c.possible ? bytes : c.bytes), c.possible) << c.pointer - begin << " +" << c.bytes;
    EXPECT_EQ(heap->write(c.pointer, in.data(), c.possible ? bytes : c.bytes), c.possible) << c.pointer - begin << " +" << c.bytes;
  }
}

TEST(Accessors, MemoryThatFailsIsAnAnswerAndTheHostsFaultsAreTheHosts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const Memory memory(make_heap(1 << 20));
  const std::uint64_t page = memory.heap->grow(2 * 4096);
  std::vector<unsigned char> copy(2 * 4096);
  ASSERT_EQ(::mprotect(bytes_at(page + 4096), 4096, PROT_NONE), 0);
  for (const std::uint64_t n : {1, 2, 4, 8, 100, 4096}) {
    EXPECT_FALSE(memory.heap->read(page + 4096, copy.data(), n)) << n;
    EXPECT_FALSE(memory.heap->write(page + 4096, copy.data(), n)) << n;
  }
  EXPECT_FALSE(memory.heap->read(page, copy.data(), 2 * 4096));
  EXPECT_TRUE(memory.heap->read(page, copy.data(), 4096));
  EXPECT_EXIT(memory.heap->read(page, reinterpret_cast<void*>(4096), 8), ::testing::KilledBySignal(SIGSEGV), "");
}

}  // namespace
}  // namespace tenon::runtime::testing
