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

TEST(Promise, DestructorsRunOnce) {
  const Object object(std::string(kHeader) + R"(
    struct tn_dropped_by(noted_drop) noted { u64 digit; u64 wild; };
    struct tn_dropped_by(taker_drop) taker { u64 n; };
    struct tn_dropped_by(nothing_of_the_object) stray { u64 n; };
    u64 seen, flag;
    tn_destructor static void noted_drop(struct noted *n) { seen = seen * 10 + n->digit; if (n->wild) *(volatile u64 *)n->wild = 1; }
    tn_destructor static void taker_drop(struct taker *t) { struct ticket *k = take(t->n); if (k) give_back(k); }
    static void body(void *arg)
    {
      tn_scoped(struct noted, a, {1});
      struct ticket *t = take(1);
      tn_scoped(struct noted, b, {2});
      b.digit = 3;
      tn_scope_end((u64)arg);
      if (flag == 1) bpf_throw(1);
      if (flag == 2) *(volatile u64 *)8 = 1;
      while (flag == 3 && !*(volatile u64 *)&seen) ;
      if (flag == 4) b.wild = 16;
      if (t) give_back(t);
    }
    SEC("?serve") u64 scopes(struct request *r)
    {
      u64 outer = 4;
      if (r->kind) return seen;
      flag = r->number;
      seen = 0;
      tn_scoped(struct noted, last, {5});
      tn_try(body, &outer);
      { tn_scoped(struct noted, c, {4}); tn_scope_end((u64)&c); }
      return seen;
    }
    SEC("?serve") u64 acquires(struct request *r) { tn_scoped(struct taker, t, {1}); return t.n; }
    SEC("?serve") u64 is_nothing(struct request *r) { tn_scoped(struct stray, s, {1}); return s.n; }
  )");
  LoadOptions options;
  options.quantum = milliseconds(5);
  const Program program = load(object, "scopes", options);
  const std::uint64_t order[] = {3145, 3145, 315, 315, 315};  // 4: the destructor itself faults, after it has been noted
  for (std::uint64_t how = 0; how <= 4; ++how) {
    const Outcome outcome = run(program, how);
    EXPECT_EQ(outcome.kind, how < 2 ? Outcome::Kind::returned : Outcome::Kind::cancelled) << how;
    EXPECT_EQ(outcome.failed_cleanups, how == 4 ? 1u : 0u) << how;
    EXPECT_EQ(run(program, 0, 1).value, order[how]) << how;
  }
  EXPECT_EQ(object.verdict("acquires"), "E0323");
  EXPECT_EQ(object.verdict("is_nothing"), "E0137");
}

TEST(Promise, WhatIsKeptKeepsNoExtension) {
  const Object object(std::string(kHeader) + R"(
    static u64 ring(u64 n) { struct ticket *t = take(n); if (n == 2) *(volatile u64 *)8 = 1; if (t) give_back(t); return n + 1; }
    static u64 leaks(u64 n) { struct ticket *t = take(n); return t != 0; }
    SEC("?serve") u64 rings(struct request *r) { keep(ring); return 4; }
    SEC("?serve") u64 leaks_later(struct request *r) { keep(leaks); return 4; }
    SEC("?serve") u64 a_number(struct request *r) { keep((void *)r->number); return 4; }
  )");
  script.given_back.clear();
  {
    LoadOptions options;
    options.programs = {"rings"};
    const Extension extension = object.load(options);
    EXPECT_EQ(run(*extension.program("rings")).value, 4u);
    EXPECT_EQ(script.kept.run(1).value, 2u);
    EXPECT_EQ(script.kept.run(2).cause, Cause::fault);
    EXPECT_THAT(script.given_back, ElementsAre(1, 2));
    extension.unload();
    EXPECT_EQ(script.kept.run(3).cause, Cause::unloaded);
  }
  EXPECT_EQ(script.kept.run(4).cause, Cause::unloaded);
  EXPECT_THAT(script.given_back, ElementsAre(1, 2)) << "nothing of it ran";
  EXPECT_EQ(object.verdict("leaks_later"), "E0301");
  EXPECT_EQ(object.verdict("a_number"), "E0226");
}

TEST(Promise, ObjectsInTheStackAreTheHosts) {
  const Object object(std::string(kHeader) + R"(
    u64 flag, got;
    static __attribute__((noinline)) u64 over_the_frame(u64 n) { volatile u64 a[40]; for (int i = 0; i < 40; i++) a[i] = 0x4141414141414141; return a[n & 31]; }
    static void body(void *arg)
    {
      struct counter c;
      counter_begin(&c, 10);
      got += counter_next(&c);
      if (flag == 1) bpf_throw(1);
      if (flag == 2) *(volatile u64 *)8 = 1;
      counter_end(&c);
    }
    SEC("?serve") u64 counts(struct request *r)
    {
      struct counter c;
      flag = r->number;
      counter_begin(&c, 70);
      u64 result = tn_try(body, 0) + 10 * (over_the_frame(r->number) != 0);
      counter_next(&c);
      counter_end(&c);
      return result;
    }
    SEC("?serve") u64 writes(struct request *r) { struct counter c; counter_begin(&c, 1); *(u64 *)&c = 5; counter_end(&c); return 0; }
    SEC("?serve") u64 reads(struct request *r) { struct counter c; counter_begin(&c, 1); u64 n = *(u64 *)&c; counter_end(&c); return n; }
    SEC("?serve") u64 forges(struct request *r) { u64 c[2] = {1, 2}; counter_end((struct counter *)c); return 0; }
    SEC("?serve") u64 keeps(struct request *r) { struct counter c; counter_begin(&c, 1); return 0; }
    SEC("?serve") u64 twice(struct request *r) { struct counter c; counter_begin(&c, 1); counter_end(&c); counter_end(&c); return 0; }
  )");
  const Program program = load(object, "counts");
  for (std::uint64_t how = 0; how <= 2; ++how) {
    script.counted.clear();
    EXPECT_EQ(run(program, how).value, how == 0 ? 10u : how == 1 ? 11u : kDefault);
    EXPECT_THAT(script.counted, how == 2 ? ElementsAre(11, 70) : ElementsAre(11, 71));
  }
  EXPECT_EQ(script.wrong_counters, 0u);
  for (const char* hostile : {"writes", "reads", "forges", "keeps", "twice"}) EXPECT_NE(object.verdict(hostile), "accepted") << hostile;
}

}  // namespace
}  // namespace tenon::promises
