// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>

#include "unit/runtime/test_host.hpp"

namespace tenon::runtime::testing {
namespace {

/// The kernel's view of one address: "rw-s", or "" when nothing is mapped there.
std::string protection_at(std::uint64_t address) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::uint64_t begin = 0, end = 0;
    char flags[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, flags) == 3 && address >= begin && address < end) return flags;
  }
  return {};
}

TEST(Heap, ShapesAndAlignment) {
  for (const std::uint64_t bytes : std::initializer_list<std::uint64_t>{abi::kMinHeapBytes, 1 << 20, 1 << 30, 1ull << 32, 1ull << 33, abi::kMaxHeapBytes}) {
    const auto heap = make_heap(bytes);
    EXPECT_EQ(heap->shape(), abi::shape_for(bytes));
    EXPECT_EQ(heap->base() % heap->shape().window_bytes, 0u) << bytes;
    EXPECT_GE(heap->shape().window_bytes, abi::kWindow32Bytes);
  }
}

TEST(Heap, BandsOutsideTheWindowAreReservedAndClosed) {
  for (const std::uint64_t bytes : {1ull << 20, 1ull << 33}) {
    const auto heap = make_heap(bytes);
    const std::uint64_t end = heap->base() + heap->shape().window_bytes;
    for (const std::uint64_t address :
         {heap->base() - abi::kGuardBelowBytes, heap->base() - 1, heap->base(), heap->base() + abi::kGlobalsOffset - 1,
          heap->base() + abi::kGlobalsOffset + abi::kPageBytes, heap->base() + heap->shape().window_bytes / 2, end - 1, end, end + abi::kGuardAboveBytes - 1}) {
      EXPECT_EQ(protection_at(address).substr(0, 3), "---") << std::hex << address - heap->base();
    }
    EXPECT_EQ(protection_at(heap->globals_address()).substr(0, 3), "rw-");
  }
}

TEST(Heap, GlobalsAreFilledAndTheirPointersLinked) {
  InitialGlobals globals;
  globals.bytes = {std::byte{1}, std::byte{2}};
  globals.bytes.resize(64);
  globals.pointers = {{8, false, 32}, {16, true, 0xabcdef}};
  const auto heap = Heap::create(1 << 20, 0, globals).value();
  const auto* const words = reinterpret_cast<const std::uint64_t*>(heap->globals_address());
  EXPECT_EQ(words[0], 0x0201u);
  EXPECT_EQ(words[1], heap->globals_address() + 32);
  EXPECT_EQ(words[2], 0xabcdefu);
}

TEST(Heap, RefusesWhatDoesNotFit) {
  const auto code = [](std::uint64_t bytes, std::uint64_t limit, std::size_t globals_bytes, std::uint64_t pointer_at) {
    InitialGlobals globals;
    globals.bytes.resize(globals_bytes);
    if (pointer_at != 0) globals.pointers = {{pointer_at, false, 0}};
    const auto heap = Heap::create(bytes, limit, globals);
    return heap ? std::string("accepted") : heap.error().front().code;
  };
  EXPECT_EQ(code(abi::kMinHeapBytes - 1, 0, 0, 0), "E0601");
  EXPECT_EQ(code(abi::kMaxHeapBytes + 1, 0, 0, 0), "E0601");
  EXPECT_EQ(code(0, 0, 0, 0), "E0601");
  EXPECT_EQ(code(1 << 20, 4096, 4097, 0), "E0603");
  EXPECT_EQ(code(1 << 20, 0, (1 << 20) + 1, 0), "E0603");
  EXPECT_EQ(code(1 << 20, 0, 64, 57), "E0603");
  EXPECT_EQ(code(1 << 20, 0, 64, ~0ull), "E0603");
  EXPECT_EQ(code(1 << 20, 0, 64, 56), "accepted");
  EXPECT_EQ(code(1 << 20, 0, 1 << 20, 0), "accepted");
}

TEST(Heap, GrowIsContiguousAndLimited) {
  const auto heap = make_heap(1 << 20, 5 * 4096, 100);
  EXPECT_EQ(heap->granted_bytes(), 4096u);
  const std::uint64_t first = heap->grow(1);
  EXPECT_EQ(first, heap->globals_address() + 4096);
  EXPECT_EQ(heap->grow(4096), first + 4096);
  EXPECT_EQ(heap->grow(3 * 4096), 0u);
  EXPECT_EQ(heap->grow(0), 0u);
  EXPECT_EQ(heap->grow(~0ull), 0u);
  EXPECT_EQ(heap->grow(~0ull - 4094), 0u);
  EXPECT_EQ(heap->grow(2 * 4096 - 1), first + 2 * 4096);
  EXPECT_EQ(heap->grow(1), 0u);
  EXPECT_EQ(heap->granted_bytes(), heap->limit_bytes());
  std::memset(reinterpret_cast<void*>(first), 0xff, 4 * 4096);
}

TEST(Heap, ALimitThatIsNoPageGrantsWholePagesBelowIt) {
  const auto heap = make_heap(1 << 20, 3 * 4096 + 100, 0);
  EXPECT_EQ(heap->limit_bytes(), 3u * 4096);
  EXPECT_EQ(heap->grow(3 * 4096 + 1), 0u);
  EXPECT_NE(heap->grow(3 * 4096), 0u);
}

TEST(Heap, GrantedIsExact) {
  const auto heap = make_heap(1 << 20, 0, 3 * 4096);
  const std::uint64_t begin = heap->globals_address(), end = begin + 3 * 4096;
  struct { std::uint64_t address, bytes; bool granted; } const cases[] = {
      {begin, 1, true},           {begin, 3 * 4096, true},  {begin, 3 * 4096 + 1, false}, {begin - 1, 1, false},       {begin - 1, 2, false},
      {end - 1, 1, true},         {end - 1, 2, false},      {end, 1, false},              {heap->base(), 1, false},    {0, 1, false},
      {begin, ~0ull, false},      {end - 1, ~0ull, false},  {~0ull, 1, false},            {~0ull, 2, false},           {begin, 1ull << 63, false},
      {heap->base() - 1, 1, false}, {heap->base() + heap->shape().window_bytes, 1, false}, {heap->base() + heap->shape().window_bytes - 1, 1, false},
  };
  for (const auto& c : cases) EXPECT_EQ(heap->granted(c.address, c.bytes), c.granted) << c.address - begin << " +" << c.bytes;
}

TEST(Heap, CommittedPagesTakeReadWithoutBeingTouched) {
  const auto heap = make_heap();
  const std::uint64_t page = heap->grow(64 * 4096);
  const int zero = ::open("/dev/zero", O_RDONLY);
  EXPECT_EQ(::read(zero, reinterpret_cast<void*>(page), 64 * 4096), 64 * 4096);
  ::close(zero);
}

/// Rule 5: whoever has the descriptor cannot take pages away below a running extension by shrinking, nor unseal.
TEST(Heap, MemoryIsSealed) {
  const auto heap = make_heap();
  int sealed = 0;
  for (int fd = 3; fd < 256; ++fd) {
    char target[64] = {};
    if (::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), target, sizeof target - 1) <= 0 || !std::strstr(target, "tenon-heap")) continue;
    ++sealed;
    EXPECT_NE(::ftruncate(fd, 0), 0);
    EXPECT_NE(::ftruncate(fd, 1ll << 40), 0);
    EXPECT_NE(::fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
    EXPECT_EQ(::fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  }
  EXPECT_GE(sealed, 1);
}

TEST(Heap, ThreadsGrowDisjointRanges) {
  const auto heap = make_heap(1 << 26);
  std::vector<std::vector<std::uint64_t>> got(4);
  std::vector<std::thread> threads;
  for (auto& mine : got) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) mine.push_back(heap->grow(4096));
    });
  }
  for (auto& thread : threads) thread.join();
  std::vector<std::uint64_t> all;
  for (const auto& mine : got) all.insert(all.end(), mine.begin(), mine.end());
  std::sort(all.begin(), all.end());
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], heap->globals_address() + 4096 * (i + 1));
}

TEST(Heap, StacksLieOutsideTheGrowingPartAndEndInAHole) {
  const auto heap = make_heap(1ull << 32, 0, 0);
  EXPECT_LT(heap->limit_bytes(), (1ull << 32) - (256ull << 20));
  const HostSession session(heap, test_declarations(), test_interface().bindings());
  const std::uint64_t top = session.heap_stack_top(), low = session.cleanup_stack_limit();
  EXPECT_EQ(top % 16, 0u);
  EXPECT_EQ(top - low, abi::kHeapStackBytes - abi::kPageBytes);
  EXPECT_EQ(session.heap_stack_limit() - low, 16u << 10) << "what cleanups have for themselves";
  EXPECT_TRUE(heap->granted(low, top - low));
  EXPECT_FALSE(heap->granted(low - 1, 1));
  EXPECT_FALSE(heap->granted(low - 1, 2));
  EXPECT_FALSE(heap->granted(low, top - low + 1));
  EXPECT_GE(low, heap->globals_address() + heap->limit_bytes());
  std::memset(reinterpret_cast<void*>(low), 1, top - low);
}

}  // namespace
}  // namespace tenon::runtime::testing
