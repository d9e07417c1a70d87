// SPDX-License-Identifier: Apache-2.0
// docs/safety-contract.md, Host functions and objects: what is thrown, called back, cleaned up and parked.
#include "promises/attack.hpp"

namespace tenon::promises {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

constexpr std::string_view kHeader = "#include <tn/exception.h>\n";

TEST(Promise, ThrowsGiveBackWhatIsInside) {
  const Object object(std::string(kHeader) + R"(
    u64 flag;
    static void inner(void *arg)
    {
      struct ticket *a = take(3), *b = take(4);
      if (flag == 1) bpf_throw(7);
      if (flag == 2) *(volatile u64 *)8 = 1;
      if (b) give_back(b);
      if (a) give_back(a);
    }
    static void outer(void *arg)
    {
      struct ticket *t = take(2);
      if (tn_try(inner, 0)) bpf_throw(tn_cookie() + 1);
      if (t) give_back(t);
    }
    SEC("?serve") u64 nested(struct request *r)
    {
      struct ticket *t = take(1);
      u64 result = 0;
      flag = r->number;
      if (tn_try(outer, 0)) result = tn_cookie();
      if (t) give_back(t);
      return result;
    }
    static void takes_the_outer(void *arg) { struct ticket *mine = take(5); if (mine) { give_back(*(struct ticket **)arg); bpf_throw(1); } }
    SEC("?serve") u64 confused(struct request *r) { struct ticket *t = take(1); if (t) tn_try(takes_the_outer, &t); return 0; }
    static void leaves(void *arg) { *(struct ticket **)arg = take(6); bpf_throw(1); }
    SEC("?serve") u64 dead(struct request *r) { struct ticket *t = 0; tn_try(leaves, &t); if (t) give_back(t); return 0; }
  )");
  const Program nested = load(object, "nested");
  script.given_back.clear();
  EXPECT_EQ(run(nested, 0).value, 0u);
  EXPECT_THAT(script.given_back, ElementsAre(4, 3, 2, 1));
  script.given_back.clear();
  EXPECT_EQ(run(nested, 1).value, 8u);
  EXPECT_THAT(script.given_back, ElementsAre(4, 3, 2, 1));
  script.given_back.clear();
  EXPECT_EQ(run(nested, 2).cause, Cause::fault);
  EXPECT_THAT(script.given_back, ElementsAre(4, 3, 2, 1));
  EXPECT_EQ(object.verdict("confused"), "E0324");
  EXPECT_EQ(object.verdict("dead"), "E0303");
}

TEST(Promise, CallbacksEndThroughTheirHostFunction) {
  const Object object(std::string(kHeader) + R"(
    u64 flag;
    static u64 bad(u64 i, void *c)
    {
      struct ticket *t = take(2);
      if (i == 1 && flag == 1) bpf_throw(9);
      if (i == 1 && flag == 2) *(volatile u64 *)8 = 1;
      while (i == 1 && flag == 3) flag = *(volatile u64 *)&flag;
      if (t) give_back(t);
      return 0;
    }
    SEC("?serve") u64 calls(struct request *r)
    {
      struct ticket *t = take(1);
      flag = r->number;
      each(4, bad, 0);
      if (t) give_back(t);
      return 5;
    }
  )");
  LoadOptions options;
  options.quantum = milliseconds(5);
  const Program program = load(object, "calls", options);
  for (const std::uint64_t how : {0, 1, 2, 3}) {
    script.refused = script.finished = 0;
    script.given_back.clear();
    const Outcome outcome = run(program, how);
    EXPECT_EQ(outcome.kind, how == 0 ? Outcome::Kind::returned : how == 1 ? Outcome::Kind::thrown : Outcome::Kind::cancelled) << how;
    EXPECT_EQ(script.finished, 1u);
    EXPECT_EQ(script.refused, how == 0 ? 0u : 3u);
    EXPECT_EQ(script.given_back.back(), 1u);
    EXPECT_EQ(script.given_back.size(), how == 0 ? 5u : 3u);
  }
}

TEST(Promise, HandlesAreOnlyNumbers) {
  const Object object(R"(
    SEC("?serve") u64 park(struct request *r)
    {
      struct ticket *t = take(r->number);
      u64 handle = 0;
      if (!t) return 0;
      handle = tn_park_ticket(t);
      if (!handle) give_back(t);
      return handle;
    }
    SEC("?serve") u64 fetch(struct request *r)
    {
      struct ticket *t = tn_take_ticket(r->number);
      u64 n = 0;
      if (!t) return 0;
      n = number_of(t);
      give_back(t);
      return n;
    }
    SEC("?serve") u64 fetch_badge(struct request *r)
    {
      struct badge *b = tn_take_badge(r->number);
      if (!b) return 0;
      badge_put(b);
      return 1;
    }
  )");
  script.given_back.clear();
  {
    LoadOptions options;
    options.programs = {"park", "fetch", "fetch_badge"};
    const Extension extension = object.load(options);
    const Program park = *extension.program("park"), fetch = *extension.program("fetch"), fetch_badge = *extension.program("fetch_badge");
    const std::uint64_t first = run(park, 11).value, second = run(park, 12).value;
    ASSERT_NE(first, 0u);
    for (std::uint64_t bit = 0; bit < 64; ++bit) {
      const std::uint64_t forged = first ^ 1ull << bit;
      if (forged != second) EXPECT_EQ(run(fetch, forged).value, 0u) << bit;
    }
    EXPECT_EQ(run(fetch_badge, first).value, 0u);
    EXPECT_EQ(run(fetch, first).value, 11u);
    EXPECT_EQ(run(fetch, first).value, 0u);
    run(park, 13);
    EXPECT_THAT(script.given_back, ElementsAre(11));
    extension.unload();
    EXPECT_THAT(script.given_back, ElementsAre(11, 13, 12));
  }
  EXPECT_THAT(script.given_back, ElementsAre(11, 13, 12));
}

TEST(Promise, CleanupsAreBounded) {
  const Object object(std::string(kHeader) + R"(
    u64 flag;
    static void endless(u64 n) { while (!*(volatile u64 *)&flag) ; }
    static void wild(u64 n) { *(volatile u64 *)n = 1; }
    static void takes(u64 n) { struct ticket *t = take(n); if (t) give_back(t); }
    SEC("?serve") u64 defers(struct request *r)
    {
      struct ticket *t = take(1);
      tn_defer(endless, 0);
      tn_defer(wild, 8);
      while (r->number && !*(volatile u64 *)&flag) ;
      if (t) give_back(t);
      return 3;
    }
    SEC("?serve") u64 acquires(struct request *r) { tn_defer(takes, 1); return 0; }
  )");
  LoadOptions options;
  options.quantum = milliseconds(5);
  const Program program = load(object, "defers", options);
  for (const std::uint64_t endless : {0, 1}) {
    script.given_back.clear();
    const Outcome outcome = run(program, endless);
    EXPECT_EQ(outcome.value, endless != 0 ? kDefault : 3u);
    EXPECT_EQ(outcome.failed_cleanups, 2u);
    EXPECT_THAT(script.given_back, ElementsAre(1));
  }
  EXPECT_EQ(object.verdict("acquires"), "E0323");
}

}  // namespace
}  // namespace tenon::promises
