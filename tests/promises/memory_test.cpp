// SPDX-License-Identifier: Apache-2.0
// docs/safety-contract.md, Memory.
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <random>
#include <thread>

#include "promises/attack.hpp"

namespace tenon::promises {
namespace {

using std::chrono::milliseconds;

/// Every kind of access at `number`, with the offsets an instruction can carry.
constexpr auto kWild = R"(
  u8 own[64];
  SEC("?serve") u64 where(struct request *r) { return share(own, 1); }
  SEC("?serve") u64 wild(struct request *r)
  {
    u8 *p = (u8 *)r->number;
    volatile u8 local[8] = {0};

    switch (r->kind) {
    case 0: *(volatile u8 *)p = 1; return 0;
    case 1: *(volatile u16 *)(p + 32767) = 1; return 0;
    case 2: *(volatile u32 *)(p - 32768) = 1; return 0;
    case 3: *(volatile u64 *)(p + 32767) = 1; return 0;
    case 4: *(volatile u64 *)p = 1; return 0;
    case 5: __sync_fetch_and_add((u64 *)p, 1); return 0;
    case 6: __sync_val_compare_and_swap((u32 *)p, *(u32 *)p, 1); return 0;
    case 7: __sync_lock_test_and_set((u64 *)p, 1); return 0;
    case 8: tn_fill(p, 1, 64); return 0;
    case 9: tn_move(p, own, 64); return 0;
    case 10: return share(p, 8);
    case 11: return *(volatile u64 *)p;
    case 12: return *(volatile u64 *)(p + 32767);
    case 13: return *(volatile u64 *)(p - 32768);
    case 14: return tn_find(p, 0xc5, 8);
    case 15: tn_copy(own, p, 8); return *(u64 *)own;
    case 16: local[(u64)p] = 1; return local[0];
    default: local[p - local] = 1; return local[0];
    }
  }
)";
constexpr std::uint64_t kKinds = 18;
constexpr std::uint64_t kSecret = 0x0101010101010101u * Canary::kByte;

/// The host's pages: anywhere, and as near to the heap as there can be any.
class Surroundings {
 public:
  explicit Surroundings(std::uint64_t heap_address) : heap_(reservation_around(heap_address)) {
    canaries_.emplace_back();
    canaries_.emplace_back(heap_.end);
    canaries_.emplace_back(heap_.begin - Canary::kBytes);
  }
  /// Where an attacker would aim: at the host's pages, and at the heap's first and last bytes.
  std::vector<std::uint64_t> targets() const {
    std::vector<std::uint64_t> found{0, 7, ~0ull, heap_.begin, heap_.end - 1, 1ull << 32, (1ull << 32) - 1, (1ull << 47) - 8};
    for (const Canary& canary : canaries_) {
      for (const std::uint64_t offset : {std::uint64_t{0}, std::uint64_t{32768}, std::uint64_t{Canary::kBytes - 8}})
        found.push_back(canary.address() + offset);
    }
    return found;
  }
  bool untouched() const { return std::ranges::all_of(canaries_, &Canary::untouched); }

 private:
  Mapping heap_;
  std::deque<Canary> canaries_;
};

void attack_from_heap_of(std::uint64_t heap_bytes, bool performance_mode = false) {
  static const Object object(kWild);
  LoadOptions options;
  options.heap_bytes = heap_bytes;
  options.performance_mode = performance_mode;
  options.programs = {"where", "wild"};
  const Extension extension = object.load(options);
  std::uint64_t own = 0;
  script.on_memory = [&](std::uint8_t* p, std::uint64_t) { return own = reinterpret_cast<std::uint64_t>(p); };
  run(*extension.program("where"));
  const Surroundings host(own);
  bool reached_host = false;
  script.on_memory = [&](const std::uint8_t* p, std::uint64_t) { return reached_host |= *p == Canary::kByte; };
  const Program wild = *extension.program("wild");
  bool saw_secret = false;
  for (const std::uint64_t target : host.targets()) {
    for (std::uint64_t kind = 0; kind < kKinds; ++kind) {
      const Outcome outcome = run(wild, target, kind);
      saw_secret |= outcome.value == kSecret;
      EXPECT_FALSE(reached_host) << "handed to the host at " << target;
      EXPECT_TRUE(outcome.kind == Outcome::Kind::returned || outcome.cause == Cause::fault || outcome.cause == Cause::misaligned ||
                  outcome.cause == Cause::argument)
          << to_string(outcome.cause);
      ASSERT_TRUE(host.untouched()) << "written at " << target << " by " << kind;
    }
  }
  EXPECT_EQ(saw_secret, performance_mode);
}

TEST(Promise, OnlyItsOwnMemory) {
  attack_from_heap_of(64 << 10);
  attack_from_heap_of(1ull << 32);
  const Object object(R"(
    SEC("?serve") u64 fields(struct request *r) { r->answer = r->number; return r->data + 1 <= r->data_end ? r->data[0] : 0; }
    SEC("?serve") u64 past_the_context(struct request *r) { return *((u64 *)r + 5); }
    SEC("?serve") u64 before_the_context(struct request *r) { return *((u64 *)r - 1); }
    SEC("?serve") u64 field_that_is_read_only(struct request *r) { *(u64 *)&r->number = 1; return 0; }
    SEC("?serve") u64 unchecked_data(struct request *r) { return r->data[0]; }
    SEC("?serve") u64 one_past_the_data(struct request *r) { return r->data + 1 <= r->data_end ? r->data[1] : 0; }
    SEC("?serve") u64 before_the_stack(struct request *r) { volatile u64 a[2] = {1, 2}; return *(a - 1); }
    SEC("?serve") u64 inside_the_stack(struct request *r) { volatile u8 a[8] = {1}; return a[r->number & 7]; }
  )");
  EXPECT_EQ(object.verdict("fields"), "accepted");
  EXPECT_EQ(object.verdict("inside_the_stack"), "accepted");
  for (const char* program :
       {"past_the_context", "before_the_context", "field_that_is_read_only", "unchecked_data", "one_past_the_data", "before_the_stack"}) {
    EXPECT_THAT(object.verdict(program), ::testing::StartsWith("E02")) << program;
  }
}

TEST(Promise, LargeHeapsKeepToTheirWindow) {
  attack_from_heap_of(8ull << 30);
  attack_from_heap_of(64ull << 30);
}

TEST(Promise, PerformanceModeGivesUpOnlyReads) {
  attack_from_heap_of(64 << 10, true);
  attack_from_heap_of(1ull << 32, true);
  attack_from_heap_of(8ull << 30, true);

  const Object reader("SEC(\"serve\") u64 f(struct request *r) { return *(volatile u64 *)r->number; }");
  const Program program = load(reader, "f", {.performance_mode = true});
  for (const std::uint64_t nowhere : std::initializer_list<std::uint64_t>{0, 8, 1ull << 47, 0xdeadull << 48, ~0ull - 7}) {  // also what is no address at all
    const Outcome outcome = run(program, nowhere);
    EXPECT_EQ(outcome.cause, Cause::fault) << nowhere;
    EXPECT_EQ(outcome.value, kDefault);
  }
  const std::uint64_t there = 4711;
  EXPECT_EQ(run(program, reinterpret_cast<std::uint64_t>(&there)).value, 4711u);

  const Interface sealed = *Interface::parse("interface sealed; hook serve(n: u64) -> u64 default 0 noperf;", "sealed.tni");
  const Object refused("SEC(\"serve\") u64 f(u64 n) { return n; }", sealed);
  EXPECT_EQ(refused.try_load({.performance_mode = true}).error()[0].code, "E0811");
  EXPECT_TRUE(refused.try_load());
}

TEST(Promise, GuardsKeepPointers) {
  const Object object(R"(
    u64 word;
    SEC("serve") u64 f(struct request *r)
    {
      volatile u64 *p = (u64 *)((u64)&word + r->number);

      *p = 5;
      if (word != 5)
        return 1;
      if (p == &word)
        return 2;
      return (u64)p - (u64)&word;
    }
  )");
  for (const std::uint64_t heap_bytes : {1ull << 20, 8ull << 30}) {
    const std::uint64_t window = std::max<std::uint64_t>(heap_bytes, 1ull << 32);
    EXPECT_EQ(run(load(object, "f", {.heap_bytes = heap_bytes}), 3 * window).value, 3 * window) << "same byte, another pointer";
  }
}

/// Loops that begin where an access would fault, indices that a hasty proof would take for small.
TEST(Promise, ElisionIsArithmetic) {
  const Object object(R"(
    u8 from[8192], table[1024];
    SEC("?serve") u64 where(struct request *r) { return share(table, 1); }
    SEC("?serve") u64 attack(struct request *r)
    {
      u8 *to = (u8 *)r->number;
      u64 n = r->number - (u64)table;

      switch (r->kind) {
      case 0: for (u64 i = 8192; i-- > 0;) to[i] = from[i]; return 0;
      case 1: for (u64 i = 0; i < 8192; i++) to[i] = from[i]; return 0;
      case 2: for (u64 i = 8192; i-- > 0;) to[i] = 0; return 0;
      case 3: to[4096] = 1; to[0] = 1; to[8191] = 1; return 0;
      case 4: table[n] = 1; return 0;
      case 5: if ((s64)n < 1024) table[n] = 1; return 0;
      case 6: if ((u32)n < 1024) table[n] = 1; return 0;
      case 7: if (n != 0) table[n - 1] = 1; return 0;
      default: table[n & 1023] = 1; return 0;
      }
    }
  )");
  LoadOptions options;
  options.programs = {"where", "attack"};
  const Extension extension = object.load(options);
  std::uint64_t own = 0;
  script.on_memory = [&](std::uint8_t* p, std::uint64_t) { return own = reinterpret_cast<std::uint64_t>(p); };
  run(*extension.program("where"));
  const Surroundings host(own);
  const Program program = *extension.program("attack");
  for (const std::uint64_t target : host.targets()) {
    // Also where the low half of the index is small: the host's address as the 32-bit comparison sees it.
    for (const std::uint64_t aim : {target, own + ((target - own) >> 32 << 32)}) {
      for (std::uint64_t kind = 0; kind < 9; ++kind) {
        const Outcome outcome = run(program, aim, kind);
        EXPECT_TRUE(outcome.kind == Outcome::Kind::returned || outcome.cause == Cause::fault) << to_string(outcome.cause);
        ASSERT_TRUE(host.untouched()) << "written at " << aim << " by " << kind;
      }
    }
  }
}

TEST(Promise, AHoleEndsOnlyThatInvocation) {
  const Object object(R"(
    u64 count;
    SEC("?serve") u64 touch(struct request *r) { __sync_fetch_and_add(&count, 1); return *(volatile u64 *)((u64)&count / (1ull << 32) * (1ull << 32) + r->number); }
    SEC("?serve") u64 runs(struct request *r) { return count; }
  )");
  for (const Backend backend : {Backend::native, Backend::interpreter}) {
    LoadOptions options;
    options.backend = backend;
    options.programs = {"touch", "runs"};
    const Extension extension = object.load(options);
    const Program touch = *extension.program("touch");
    const std::vector<std::uint64_t> holes{0, 8, 65528, 65536 + 4096, 1ull << 31, (1ull << 32) - 8};
    std::thread other([&] {
      for (int i = 0; i < 100; ++i) EXPECT_EQ(run(touch, 65536).kind, Outcome::Kind::returned);
    });
    for (const std::uint64_t hole : holes) {
      const Outcome outcome = run(touch, hole);
      EXPECT_EQ(outcome.cause, Cause::fault) << hole;
      EXPECT_EQ(outcome.value, kDefault);
      EXPECT_EQ(outcome.fault_address % (1ull << 32), hole);
      EXPECT_EQ(outcome.line, 4u);
    }
    other.join();
    EXPECT_EQ(run(*extension.program("runs")).value, 106u) << "the heap is as the others left it";
  }
}

TEST(Promise, NativeCodeDoesWhatTheInterpreterDoes) {
  const Object object(R"(
    u64 heap[256];
    static __attribute__((noinline)) u64 mix(u64 h, u64 v) { h ^= v; h *= 0x100000001b3; return h ^ (h >> (v & 31)); }
    SEC("serve") u64 f(struct request *r)
    {
      u64 h = r->number, n = 0;

      for (u8 *p = r->data; p < r->data_end; p++) {
        s32 s = (s32)(*p * 0x9e3779b9u) >> (*p & 7);
        heap[*p] += (u64)s / (h | 1) + h % 7 + (u64)((s64)s / -3);
        *(u32 *)((u8 *)heap + (h & 1020)) ^= (u32)h << (*p & 15);
        h = mix(h, heap[h & 255] + __builtin_bswap32(s));
        *p ^= h >> 56;
        if (h % 1000 == 0)
          bpf_throw(h);
        n++;
      }
      for (u64 i = 0; i < 256; i++)
        h = mix(h, heap[i]);
      r->answer = n;
      return h;
    }
  )");
  LoadOptions options;
  options.quantum = milliseconds(0);
  const Program native = load(object, "f", options);
  options.backend = Backend::interpreter;
  const Program oracle = load(object, "f", options);
  std::mt19937_64 random(1);
  for (int i = 0; i < 200; ++i) {
    std::vector<std::uint8_t> bytes(random() % 64);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    std::vector<std::uint8_t> same = bytes;
    Request request{bytes.data(), bytes.data() + bytes.size(), random()};
    Request again{same.data(), same.data() + same.size(), request.number};
    const Outcome got = native.run(&request), wanted = oracle.run(&again);
    ASSERT_EQ(got.kind, wanted.kind);
    ASSERT_EQ(got.value, wanted.value);
    ASSERT_EQ(request.answer, again.answer);
    ASSERT_EQ(bytes, same);
  }
}

/// Words that another thread changes meanwhile: `while (!flag)` looks again, two loads are two, what is stored first is seen first.
TEST(Promise, AccessesStayOneToOneAndInOrder) {
  const Object object(R"(
    u64 flag, word, data, ready, count;
    SEC("serve") u64 wait(struct request *r) { while (!*(volatile u64 *)&flag) ; return 7; }
    SEC("serve") u64 set(struct request *r) { flag = 1; return 0; }
    SEC("serve") u64 twice(struct request *r) { while (*(volatile u64 *)&word == *(volatile u64 *)&word) ; return 8; }
    SEC("serve") u64 change(struct request *r) { for (u64 i = 0; i < 1000; i++) *(volatile u64 *)&word = i; return 0; }
    SEC("serve") u64 publish(struct request *r)
    {
      for (u64 i = 0; i < 1000; i++) {
        u64 next = ready + 1;
        *(volatile u64 *)&ready = next - 1;
        *(volatile u64 *)&data = next;
        *(volatile u64 *)&ready = next;
      }
      return 0;
    }
    SEC("serve") u64 consume(struct request *r)
    {
      for (u64 i = 0; i < 100000; i++) {
        u64 seen = *(volatile u64 *)&ready;
        if (*(volatile u64 *)&data < seen)
          return 1;
      }
      return 9;
    }
    SEC("serve") u64 counts(struct request *r) { for (;;) ++*(volatile u64 *)&count; }
    SEC("serve") u64 counted(struct request *r) { return count; }
  )");
  LoadOptions options;
  options.quantum = std::chrono::seconds(3);
  const Extension extension = object.load(options);
  const auto meanwhile = [&](const char* reader, const char* writer) {
    std::atomic<bool> done = false;
    std::thread other([&] {
      while (!done) run(*extension.program(writer));
    });
    const Outcome outcome = run(*extension.program(reader));
    done = true;
    other.join();
    return outcome.value;
  };
  EXPECT_EQ(meanwhile("wait", "set"), 7u);
  EXPECT_EQ(meanwhile("twice", "change"), 8u);
  EXPECT_EQ(meanwhile("consume", "publish"), 9u);
  options.quantum = milliseconds(3);
  const Extension endless = object.load(options);
  EXPECT_EQ(run(*endless.program("counts")).cause, Cause::quantum);
  EXPECT_GT(run(*endless.program("counted")).value, 0u);
}

TEST(Promise, AtomicsAreAlignedOrStopped) {
  const Object object(R"(
    u8 bytes[64] __attribute__((aligned(64)));
    SEC("?serve") u64 atomic(struct request *r)
    {
      void *p = bytes + (r->number & 31);

      switch (r->kind) {
      case 0: __sync_fetch_and_add((u64 *)p, 257); return 0;
      case 1: __sync_fetch_and_or((u64 *)p, 257); return 0;
      case 2: __sync_lock_test_and_set((u64 *)p, 257); return 0;
      case 3: __sync_val_compare_and_swap((u64 *)p, 0, 257); return 0;
      case 4: __sync_fetch_and_add((u32 *)p, 257); return 0;
      case 5: __sync_fetch_and_xor((u32 *)p, 257); return 0;
      case 6: __sync_lock_test_and_set((u32 *)p, 257); return 0;
      default: __sync_val_compare_and_swap((u32 *)p, 0, 257); return 0;
      }
    }
    SEC("?serve") u64 sum(struct request *r) { u64 n = 0; for (u64 i = 0; i < 64; i++) n += bytes[i]; return n; }
  )");
  for (const Backend backend : {Backend::native, Backend::interpreter}) {
    LoadOptions options;
    options.backend = backend;
    options.programs = {"atomic", "sum"};
    const Extension extension = object.load(options);
    for (std::uint64_t kind = 0; kind < 8; ++kind) {
      for (std::uint64_t offset = 0; offset < 16; ++offset) {
        const std::uint64_t before = run(*extension.program("sum")).value;
        const Outcome outcome = run(*extension.program("atomic"), offset, kind);
        if (offset % (kind < 4 ? 8 : 4) == 0) {
          EXPECT_EQ(outcome.kind, Outcome::Kind::returned);
        } else {
          EXPECT_EQ(outcome.cause, Cause::misaligned) << kind << " at " << offset;
          EXPECT_EQ(run(*extension.program("sum")).value, before);
        }
      }
    }
  }
}

TEST(Promise, NoHostPointerEscapes) {
  const Object object(R"(
    void *kept; u64 word; void *array[4];
    struct node { struct node *next; void *what; };
    struct node *list;
    SEC("?serve") u64 context_to_heap(struct request *r) { kept = r; return 0; }
    SEC("?serve") u64 data_to_heap(struct request *r) { kept = r->data; return 0; }
    SEC("?serve") u64 data_end_to_heap(struct request *r) { array[r->number & 3] = r->data_end; return 0; }
    SEC("?serve") u64 half_of_it(struct request *r) { *(u32 *)&word = (u32)(u64)r->data; return 0; }
    SEC("?serve") u64 sum_with_it(struct request *r) { word += (u64)r->data; return 0; }
    SEC("?serve") u64 by_exchange(struct request *r) { __sync_lock_test_and_set(&word, (u64)r); return 0; }
    SEC("?serve") u64 by_adding(struct request *r) { __sync_fetch_and_add(&word, (u64)r); return 0; }
    SEC("?serve") u64 by_compare_and_swap(struct request *r) { __sync_val_compare_and_swap(&word, 0, (u64)r); return 0; }
    SEC("?serve") u64 to_the_data(struct request *r) { if (r->data + 8 > r->data_end) return 0; *(void **)r->data = r; return 0; }
    SEC("?serve") u64 to_the_context(struct request *r) { r->answer = (u64)r; return 0; }
    SEC("?serve") u64 as_result(struct request *r) { return (u64)r; }
    SEC("?serve") u64 data_as_result(struct request *r) { return (u64)r->data; }
    SEC("?serve") u64 as_cookie(struct request *r) { bpf_throw((u64)r); }
    SEC("?serve") u64 as_argument(struct request *r) { return call((u64)r); }
    SEC("?serve") u64 through_the_stack(struct request *r) { void *p = r; *(volatile u64 *)&p; return look((u8 *)&p, 8); }
    SEC("?serve") u64 in_a_shared_frame(struct request *r) { struct node n = {list, r}; list = &n; word = (u64)list->what; list = n.next; return 0; }
    SEC("?serve") u64 ticket_to_heap(struct request *r) { struct ticket *t = take(1); if (t) { kept = t; give_back(t); } return 0; }
    SEC("?serve") u64 ticket_as_result(struct request *r) { struct ticket *t = take(1); u64 n = (u64)t; if (t) give_back(t); return n; }
    SEC("?serve") u64 ticket_as_number(struct request *r) { struct ticket *t = take(1); if (t) { word = (u64)t >> 12; give_back(t); } return 0; }
    SEC("?serve") u64 what_it_may_keep(struct request *r) { kept = &word; array[0] = &kept; word = r->data_end - r->data; return (u64)kept; }
  )");
  EXPECT_EQ(object.verdict("what_it_may_keep"), "accepted");
  for (const char* program : {"context_to_heap", "data_to_heap", "data_end_to_heap", "half_of_it", "sum_with_it", "by_exchange", "by_adding",
                              "by_compare_and_swap", "to_the_data", "to_the_context", "as_result", "data_as_result", "as_cookie", "as_argument",
                              "through_the_stack", "in_a_shared_frame", "ticket_to_heap", "ticket_as_result", "ticket_as_number"}) {
    EXPECT_THAT(object.verdict(program), ::testing::StartsWith("E0")) << program;
  }
}

/// A page that nobody touched yet is passed to the kernel, which does not ask a fault handler.
TEST(Promise, TheKernelMayUseWhatWasGranted) {
  const Object object(R"(
    u8 globals[1 << 20];
    SEC("?serve") u64 grown(struct request *r) { u64 p = tn_grow(1 << 20); return p ? share((u8 *)p, 1 << 20) : 1; }
    SEC("?serve") u64 global(struct request *r) { return share(globals, 1 << 20); }
    SEC("?serve") u64 stack(struct request *r) { u8 local[256]; *(volatile u8 **)globals = local; return share(local, 256); }
  )");
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  script.on_memory = [&](std::uint8_t* p, std::uint64_t n) {
    for (std::uint64_t page = 0; page < n; page += 4096) {
      if (::write(ends[1], "x", 1) != 1 || ::read(ends[0], p + page, 1) != 1) return std::uint64_t{0};
    }
    return n;
  };
  EXPECT_EQ(run(load(object, "grown")).value, 1u << 20);
  EXPECT_EQ(run(load(object, "global")).value, 1u << 20);
  EXPECT_EQ(run(load(object, "stack")).value, 256u);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace tenon::promises
