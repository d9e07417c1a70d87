// SPDX-License-Identifier: Apache-2.0
// Heaps that are written down and made again, and descriptors of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <stdexcept>
#include <thread>

#include <tenon/engine.hpp>
#include <tenon/heap_lock.hpp>
#include <tenon/shared_heap.hpp>

#include "engine/snapshot.hpp"
#include "runtime/heap_state.hpp"
#include "unit/engine/compile.hpp"

namespace tenon {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kInterface = R"(
  interface keep;
  type car rc drop=car_put parkable;
  fn car_get(n: u64) -> ?own car;
  fn car_put(c: own car);
  fn meet(n: u64) -> u64;
  hook t(a: u64) -> u64 default 99;
)";
int the_car = 0;
std::atomic<int> cars_back{0};
std::function<void()> on_meet;
int* car_get(std::uint64_t) { return &the_car; }
void car_put(int*) { ++cars_back; }
std::uint64_t meet(std::uint64_t n) {
  if (on_meet) on_meet();
  return n;
}

Interface made_interface() {
  auto interface = Interface::parse(kInterface, "keep.tni");
  if (!interface || !interface->bind<&car_get>("car_get") || !interface->bind<&car_put>("car_put") || !interface->bind<&meet>("meet"))
    throw std::runtime_error("keep.tni");
  return *std::move(interface);
}

constexpr auto kTree = R"(
  #include <tn/heap.h>
  #include <tn/lock.h>
  struct node { struct node *left, *right; u64 key; };
  struct node *root; u64 nodes, handle; struct tn_spinlock lock; char *blobs[64];
  SEC("t") u64 insert(u64 key)
  {
    struct node **at = &root, *n;
    while (*at) at = key < (*at)->key ? &(*at)->left : &(*at)->right;
    n = calloc(1, sizeof(*n));
    if (!n) return 0;
    n->key = key;
    *at = n;
    return ++nodes;
  }
  SEC("t") u64 find(u64 key)
  {
    struct node *at = root;
    u64 depth = 1;
    while (at && at->key != key) { at = key < at->key ? at->left : at->right; depth++; }
    return at ? depth : 0;
  }
  SEC("t") u64 blob(u64 i)
  {
    if (blobs[i & 63]) { free(blobs[i & 63]); blobs[i & 63] = NULL; return 1; }
    blobs[i & 63] = malloc(1000 * (i & 63) + 1);
    if (blobs[i & 63]) blobs[i & 63][0] = (char)i;
    return 2;
  }
  SEC("t") u64 sum(u64 a) { u64 s = 0; for (u64 i = 0; i < 64; i++) if (blobs[i]) s += (unsigned char)blobs[i][0]; return s; }
  SEC("t") u64 park(u64 a) { struct car *c = car_get(1); if (!c) return 1; handle = tn_park_car(c); if (!handle) { car_put(c); return 2; } return 3; }
  SEC("t") u64 take(u64 a) { struct car *c = tn_take_car(handle); if (!c) return 4; car_put(c); return 5; }
  SEC("t") u64 slow(u64 a) { return meet(a); }
  SEC("t") u64 place(u64 a) { return (u64)&lock; }
)";

class Snapshot : public ::testing::Test {
 protected:
  LoadOptions options() const {
    LoadOptions made;
    made.heap_bytes = 64 << 20;
    made.backend = Backend::interpreter;
    made.quantum = seconds(30);
    return made;
  }
  Extension load() const { return *Engine(interface_).load(object_, options()); }
  Result<Extension> restore(const std::filesystem::path& object) const { return Engine(interface_).restore(object, path_, options()); }
  static std::uint64_t run(const Extension& extension, const char* program, std::uint64_t a = 0) { return extension.program(program)->run(a).value; }
  static std::string code_of(const auto& result) { return result ? "" : result.error().front().code; }

  Interface interface_ = made_interface();
  test::Scratch scratch_;
  std::filesystem::path object_ = scratch_.compile(interface_, kTree);
  std::filesystem::path path_ = object_.parent_path() / "heap.snapshot";
};

TEST_F(Snapshot, ComesBackAsItWas) {
  std::uint64_t least = 0, most = 0;  // the refilling thread may be at work
  {
    const Extension extension = load();
    std::mt19937 random(3);
    for (int i = 0; i < 3000; ++i) run(extension, "insert", random() % 100000 * 2);
    for (std::uint64_t i = 0; i < 200; ++i) run(extension, "blob", random());
    extension.detach();
    least = extension.heap_granted_bytes();
    const auto saved = extension.save(path_);
    ASSERT_TRUE(saved) << to_text(saved.error());
    most = extension.heap_granted_bytes();
    EXPECT_TRUE(extension.attach());
    EXPECT_EQ(run(extension, "insert", 1), 3001u) << "saving changes nothing";
    EXPECT_EQ(code_of(restore(object_)), "E0618") << "it is still there";
  }
  const auto again = restore(object_);
  ASSERT_TRUE(again) << to_text(again.error());
  EXPECT_GE(again->heap_granted_bytes(), least);
  EXPECT_LE(again->heap_granted_bytes(), most);
  std::mt19937 random(3);
  for (int i = 0; i < 3000; ++i) ASSERT_GT(run(*again, "find", random() % 100000 * 2), 0u);
  EXPECT_EQ(run(*again, "find", 1), 0u) << "after the snapshot";
  // What was allocated is, what was free can be had; nothing is handed out twice.
  const std::uint64_t before = run(*again, "sum");
  for (int i = 0; i < 3000; ++i) ASSERT_GT(run(*again, "insert", 200000 + i), 0u);
  EXPECT_EQ(run(*again, "sum"), before);
  for (std::uint64_t i = 0; i < 64; ++i) {
    if (run(*again, "blob", i) == 2) {
      EXPECT_EQ(run(*again, "blob", i), 1u);
    }
  }
  EXPECT_EQ(run(*again, "sum"), 0u);
  std::mt19937 same(3);
  for (int i = 0; i < 3000; ++i) ASSERT_GT(run(*again, "find", same() % 100000 * 2), 0u);
}

TEST_F(Snapshot, ALaterVersionGoesOnWithIt) {
  {
    const Extension extension = load();
    run(extension, "insert", 5);
    extension.unload();
    ASSERT_TRUE(extension.save(path_));
  }
  std::string other = kTree;
  other.replace(other.find("u64 key; };"), 11, "u32 key; };");
  EXPECT_EQ(code_of(restore(scratch_.compile(interface_, other))), "E0611");
  std::string later = kTree;
  later.replace(later.find("u64 nodes,"), 10, "u64 calls = 40, nodes,");
  later.replace(later.find("return ++nodes"), 14, "return ++nodes + calls");
  const auto extended = restore(scratch_.compile(interface_, later));
  ASSERT_TRUE(extended) << to_text(extended.error());
  EXPECT_EQ(run(*extended, "insert", 6), 42u);
  EXPECT_EQ(run(*extended, "find", 5), 1u);
}

TEST_F(Snapshot, NeedsQuiet) {
  const Extension extension = load();
  EXPECT_EQ(code_of(extension.save(path_)), "E0616");
  std::atomic<bool> inside = false, let_go = false;
  on_meet = [&] {
    inside = true;
    while (!let_go) std::this_thread::yield();
  };
  std::thread in_flight([&] { run(extension, "slow", 1); });
  while (!inside) std::this_thread::yield();
  extension.detach();
  EXPECT_EQ(code_of(extension.save(path_, milliseconds(30))), "E0616");
  EXPECT_FALSE(std::filesystem::exists(path_));
  let_go = true;
  in_flight.join();
  // Threads that are refused all the time are not in the way.
  std::atomic<bool> stop = false;
  std::vector<std::thread> refused;
  for (int i = 0; i < 3; ++i) {
    refused.emplace_back([&] {
      while (!stop) EXPECT_EQ(extension.program("find")->run(1).cause, Cause::detached);
    });
  }
  EXPECT_TRUE(extension.save(path_, seconds(60)));
  stop = true;
  for (std::thread& thread : refused) thread.join();
  on_meet = [&] {
    extension.detach();
    EXPECT_EQ(code_of(extension.save(path_, milliseconds(1))), "E0616") << "below a run of its own";
  };
  extension.attach();
  run(extension, "slow", 1);
  on_meet = nullptr;
}

TEST_F(Snapshot, StaleHandlesNameNothing) {
  {
    const Extension extension = load();
    EXPECT_EQ(run(extension, "park"), 3u);
    extension.unload();
    ASSERT_TRUE(extension.save(path_));
  }
  const auto again = restore(object_);
  ASSERT_TRUE(again);
  const auto handle = again->pointer<std::uint64_t>(run(*again, "place") - 8);
  const std::uint64_t stale = *handle.load();
  EXPECT_NE(stale, 0u);
  EXPECT_EQ(run(*again, "take"), 4u);
  EXPECT_EQ(run(*again, "park"), 3u);
  EXPECT_NE(*handle.load(), stale) << "the first handle of the new process is another one";
  ASSERT_TRUE(handle.store(stale));
  EXPECT_EQ(run(*again, "take"), 4u);
}

TEST_F(Snapshot, EveryBitCounts) {
  {
    const Extension extension = load();
    run(extension, "insert", 5);
    extension.unload();
    ASSERT_TRUE(extension.save(path_));
  }
  std::ifstream file(path_, std::ios::binary);
  const std::vector<char> good{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto put = [&](const std::vector<char>& bytes) {
    std::ofstream(path_, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  };
  const std::size_t step = good.size() / 400;
  for (std::size_t at = 0; at < good.size(); at += at < 64 ? 1 : step) {
    std::vector<char> bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    put(bytes);
    EXPECT_EQ(code_of(restore(object_)), "E0617") << at;
    bytes = good;
    bytes.resize(at);
    put(bytes);
    EXPECT_EQ(code_of(restore(object_)), "E0617") << at;
  }
  put(good);
  EXPECT_EQ(code_of(Engine(interface_).restore(object_, path_, {.heap_bytes = 8ull << 30, .backend = Backend::interpreter})), "E0619");
  EXPECT_EQ(code_of(Engine(interface_).restore(object_, path_, {.heap_bytes = 64 << 20, .heap_limit_bytes = 4096, .backend = Backend::interpreter})),
            "E0619");
  EXPECT_EQ(code_of(Engine(interface_).restore(object_, path_.parent_path())), "E0621");
  EXPECT_EQ(code_of(Engine(interface_).restore(object_, "/dev/zero")), "E0621");
  EXPECT_EQ(code_of(Engine(interface_).restore(object_, path_.parent_path() / "nowhere")), "E0621");
  EXPECT_TRUE(restore(object_));
}

TEST(SnapshotHead, IsReadAsItWasWritten) {
  engine::SnapshotHead head;
  head.programs = {{"f", "t"}, {"", ""}};
  head.layout.parts = {{.section = ".bss", .variable = "n", .begin = 8, .at = 16, .bytes = 8, .align = 8, .type = "u64", .checksum = 3}};
  head.layout.types = {{"struct a", "x"}, {"struct b", ""}};
  head.layout.functions = {"f", "g"};
  head.heap = {1ull << 40, 1ull << 32, 8192, 7, {{16, 1, 1, {5, 6, 7, 8}}, {20, 2, 255, {}}}};
  const std::vector<std::byte> bytes = engine::encode(head);
  const auto back = engine::decode_head(bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->programs, head.programs);
  EXPECT_EQ(back->layout, head.layout);
  EXPECT_EQ(back->heap.spans, head.heap.spans);
  EXPECT_EQ(back->heap.parking_generation, 7u);
  for (std::size_t length = 0; length < bytes.size(); ++length) EXPECT_FALSE(engine::decode_head(std::span(bytes).first(length))) << length;
  std::vector<std::byte> more = bytes;
  more.push_back(std::byte{0});
  EXPECT_FALSE(engine::decode_head(more));
}

TEST_F(Snapshot, WhatNoHeapLooksLikeIsRefused) {
  using runtime::HeapImage;
  using runtime::SavedSpan;
  const HeapImage good{1ull << 45,
                       1ull << 32,
                       64 * 4096,
                       0,
                       {{17, 4, SavedSpan::kFree, {}}, {21, 4, 1, std::vector<std::uint64_t>(16)}, {30, 2, SavedSpan::kLarge, {}}}};
  ASSERT_EQ(good.problem(), nullptr);
  const auto refused = [&](const char* what, auto&& change) {
    HeapImage image = good;
    change(image);
    EXPECT_NE(image.problem(), nullptr) << what;
  };
  refused("another window", [](HeapImage& i) { i.window_bytes = 1ull << 31; });
  refused("no power of two", [](HeapImage& i) { i.window_bytes += 4096; });
  refused("too large", [](HeapImage& i) { i.window_bytes = 1ull << 40; });
  refused("not aligned", [](HeapImage& i) { i.base += 4096; });
  refused("at null", [](HeapImage& i) { i.base = 0; });
  refused("low", [](HeapImage& i) { i.base = 1ull << 32; });
  refused("kernel", [](HeapImage& i) { i.base = ~0ull << 32; });
  refused("end of user space", [](HeapImage& i) { i.base = (1ull << 47) - (1ull << 32); });
  refused("odd grant", [](HeapImage& i) { i.granted_bytes += 1; });
  refused("grant over the stacks", [](HeapImage& i) { i.granted_bytes = (1ull << 32) - (128 << 20); });
  refused("huge grant", [](HeapImage& i) { i.granted_bytes = ~0ull - 4095; });
  refused("span in the hole", [](HeapImage& i) { i.spans[0].first = 15; });
  refused("overlap", [](HeapImage& i) { i.spans[1].first = 20; });
  refused("order", [](HeapImage& i) { std::swap(i.spans[0], i.spans[2]); });
  refused("behind the grant", [](HeapImage& i) { i.spans[2].first = 79; });
  refused("wraps", [](HeapImage& i) { i.spans[2].pages = 0xffffffff; });
  refused("empty", [](HeapImage& i) { i.spans[2].pages = 0; });
  refused("no class", [](HeapImage& i) { i.spans[1].kind = 41; });
  refused("odd size of a span", [](HeapImage& i) { i.spans[1].pages = 3; });
  refused("too few bits", [](HeapImage& i) { i.spans[1].allocated.pop_back(); });
  refused("too many bits", [](HeapImage& i) { i.spans[1].allocated.push_back(0); });
  refused("bits of a large one", [](HeapImage& i) { i.spans[2].allocated.push_back(0); });
  refused("bits behind the last block", [](HeapImage& i) {
    i.spans[1] = {21, 4, 9, {0, 1ull << 63}};  // 102 blocks of 160 bytes
  });
}

TEST(SharedByFd, SeesWhatIsGrantedLater) {
  const Interface interface = made_interface();
  test::Scratch scratch;
  const auto extension = Engine(interface).load(scratch.compile(interface, kTree), {.heap_bytes = 64 << 20, .backend = Backend::interpreter});
  ASSERT_TRUE(extension);
  const auto fd = extension->share();
  ASSERT_TRUE(fd);
  const auto heap = SharedHeap::attach(*fd);
  ::close(*fd);
  ASSERT_TRUE(heap) << to_text(heap.error());
  EXPECT_EQ(heap->granted_bytes(), extension->heap_granted_bytes());
  const auto block = extension->allocate<std::uint64_t>(1 << 20);
  ASSERT_TRUE(block);
  EXPECT_EQ(heap->granted_bytes(), extension->heap_granted_bytes());
  ASSERT_TRUE(block->store(42));
  const auto there = heap->pointer<std::uint64_t>(block->address());
  EXPECT_EQ(*there.load(), 42u);
  ASSERT_TRUE((there + 1).store(43));
  EXPECT_EQ(*(*block + 1).load(), 43u);
  EXPECT_EQ(heap->pointer<std::uint64_t>(block->address() + (60 << 20)).load().error().front().code, "E0608");
  const std::uint64_t lock = extension->program("place")->run(0).value;
  EXPECT_TRUE(HeapLock::try_lock_for(*heap, lock, seconds(1)));
  EXPECT_FALSE(HeapLock::try_lock_for(*heap, lock + 4, seconds(1)));
  EXPECT_FALSE(HeapLock::try_lock_for(*heap, 0, seconds(1)));
}

}  // namespace
}  // namespace tenon
