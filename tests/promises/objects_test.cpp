// SPDX-License-Identifier: Apache-2.0
// docs/safety-contract.md, Host functions and objects.
#include <atomic>
#include <thread>

#include "promises/attack.hpp"

namespace tenon::promises {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAreArray;

TEST(Promise, ArgumentsAreOfTheDeclaredTypes) {
  const Object object(R"(
    u64 word;
    SEC("?serve") u64 proper(struct request *r)
    {
      u8 local[4] = {1};
      struct ticket *t = take(1);

      if (!t) return 0;
      word = number_of(t);
      give_back(t);
      look(local, 4);
      return r->number < 8 ? small(r->number) : 0;
    }
    SEC("?serve") u64 untested(struct request *r) { struct ticket *t = take(1); u64 n = number_of(t); give_back(t); return n; }
    SEC("?serve") u64 another_type(struct request *r) { struct badge *b = badge_get(); if (b) give_back((struct ticket *)b); return 0; }
    SEC("?serve") u64 a_number(struct request *r) { return number_of((struct ticket *)r->number); }
    SEC("?serve") u64 the_heap(struct request *r) { return number_of((struct ticket *)&word); }
    SEC("?serve") u64 the_context(struct request *r) { return number_of((struct ticket *)r); }
    SEC("?serve") u64 inside_of_it(struct request *r) { struct ticket *t = take(1); if (t) { number_of((void *)t + 8); give_back(t); } return 0; }
    SEC("?serve") u64 too_large(struct request *r) { return small(8); }
    SEC("?serve") u64 untested_number(struct request *r) { return small(r->number); }
    SEC("?serve") u64 beyond_the_stack(struct request *r) { u8 local[4] = {1}; return look(local, 5); }
    SEC("?serve") u64 beyond_the_data(struct request *r) { return r->data + 4 <= r->data_end ? look(r->data, 5) : 0; }
    SEC("?serve") u64 unset(struct request *r) { u8 local[4]; return look(local, 4); }
  )");
  EXPECT_EQ(object.verdict("proper"), "accepted");
  for (const char* program : {"untested", "another_type", "a_number", "the_heap", "the_context", "inside_of_it", "too_large", "untested_number",
                              "beyond_the_stack", "beyond_the_data", "unset"}) {
    EXPECT_THAT(object.verdict(program), ::testing::StartsWith("E0")) << program;
  }
}

TEST(Promise, MemoryArgumentsAreGrantedAndCopied) {
  const Object object(R"(
    u8 bytes[64];
    SEC("?serve") u64 change(struct request *r) { bytes[0]++; return 0; }
    SEC("?serve") u64 copied(struct request *r) { return look(bytes, 64); }
    SEC("?serve") u64 shared(struct request *r) { return share(bytes, 64); }
    SEC("?serve") u64 far(struct request *r) { return r->kind ? share(bytes + r->number, 8) : look(bytes + r->number, 8); }
    SEC("?serve") u64 longer(struct request *r) { return r->kind ? share(bytes, r->number) : look(bytes, r->number); }
    SEC("?serve") u64 local(struct request *r) { u8 a[4] = {1}; return r->kind ? share(a, r->number) : look(a, r->number); }
  )");
  LoadOptions options;
  options.programs = {"change", "copied", "shared", "far", "longer", "local"};
  const Extension extension = object.load(options);
  script.on_memory = [&](const std::uint8_t* p, std::uint64_t) -> std::uint64_t {
    const std::uint8_t before = *const_cast<const volatile std::uint8_t*>(p);
    std::thread([&] { run(*extension.program("change")); }).join();
    return before != *const_cast<const volatile std::uint8_t*>(p);
  };
  EXPECT_EQ(run(*extension.program("copied")).value, 0u) << "what was checked stays as it was";
  EXPECT_EQ(run(*extension.program("shared")).value, 1u);
  int calls = 0;
  script.on_memory = [&](std::uint8_t*, std::uint64_t) { return static_cast<std::uint64_t>(++calls); };
  for (std::uint64_t kind = 0; kind < 2; ++kind) {
    for (const std::uint64_t distance : {std::uint64_t{4096 - 4}, std::uint64_t{8192}, std::uint64_t{1} << 31, ~std::uint64_t{65536}}) {
      EXPECT_EQ(run(*extension.program("far"), distance, kind).cause, Cause::argument) << distance;
    }
    for (const std::uint64_t length : {std::uint64_t{1} << 20, std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
      EXPECT_EQ(run(*extension.program("local"), length, kind).cause, Cause::argument) << length;
    }
    for (const std::uint64_t length : {std::uint64_t{4097}, std::uint64_t{1} << 32, std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
      EXPECT_EQ(run(*extension.program("longer"), length, kind).cause, Cause::argument) << length;
    }
  }
  EXPECT_EQ(calls, 0);
}

/// Takes 1, 2, 3, gives 2 back, takes 4; ends in any way at any point in between.
constexpr auto kHolder = R"(
  u64 *nowhere; u64 flag, never; u8 bytes[16];
  u64 (*function)(u64, u64, u64, u64, u64) = (void *)77777;

  static __attribute__((noinline)) u64 deeper(u64 n) { return *(volatile u64 *)&never ? n : (deeper(n + 1) ^ n) + 1; }

  static __attribute__((noinline)) void end(u64 kind)
  {
    switch (kind) {
    case 0: *nowhere = 1; break;
    case 1: while (!*(volatile u64 *)&flag) ; break;
    case 2: bpf_throw(5);
    case 3: call(1); break;
    case 4: call(2); break;
    case 5: never = deeper(0); break;
    case 6: __sync_fetch_and_add((u64 *)(bytes + 1 + *(volatile u64 *)&never), 1); break;
    case 7: never = function(1, 2, 3, 4, 5); break;
    default: tn_fill(bytes, 0, 1ull << 40); break;
    }
  }
  #define POINT(n) if (r->number == n) end(r->kind)

  SEC("serve") u64 hold(struct request *r)
  {
    POINT(0);
    struct ticket *a = take(1);
    if (!a) return 0;
    POINT(1);
    struct ticket *b = take(2);
    if (b) {
      POINT(2);
      struct ticket *c = take(3);
      if (c) {
        POINT(3);
        give_back(b);
        POINT(4);
        struct ticket *d = take(4);
        POINT(5);
        if (d) give_back(d);
        POINT(6);
        give_back(c);
      } else {
        give_back(b);
      }
    }
    give_back(a);
    POINT(7);
    return 0;
  }
)";

TEST(Promise, ObjectsComeBackOnceLastOneFirst) {
  const std::vector<std::vector<std::uint64_t>> given_back{{},           {1},          {2, 1},       {3, 2, 1},   {2, 3, 1},
                                                           {2, 4, 3, 1}, {2, 4, 3, 1}, {2, 4, 3, 1}, {2, 4, 3, 1}};
  const Object object(kHolder);
  script.on_call = [](std::uint64_t n) {
    n == 1 ? cancel_current_invocation() : throw_in_current_invocation(5);
    return std::uint64_t{0};
  };
  for (const Backend backend : {Backend::native, Backend::interpreter}) {
    const Program program = load(object, "hold", {.quantum = milliseconds(2), .backend = backend});
    for (std::uint64_t kind = 0; kind < 9; ++kind) {
      for (std::uint64_t point = 0; point < given_back.size(); ++point) {
        script.given_back.clear();
        const Outcome outcome = run(program, point, kind);
        const bool throws = kind == 2 || kind == 4;
        const Outcome::Kind wanted = point == 8 ? Outcome::Kind::returned : throws ? Outcome::Kind::thrown : Outcome::Kind::cancelled;
        EXPECT_EQ(outcome.kind, wanted) << kind << " at " << point << ": " << to_string(outcome.kind) << ", " << to_string(outcome.cause);
        EXPECT_THAT(script.given_back, ElementsAreArray(given_back[point])) << kind << " at " << point;
      }
    }
    const ObjectCounts counts = program.object_counts();
    EXPECT_EQ(counts.acquired, counts.released_by_extension + counts.released_by_cancel);
  }
  const Object careless(R"(
    SEC("?serve") u64 forgets(struct request *r) { take(1); return 0; }
    SEC("?serve") u64 forgets_sometimes(struct request *r) { struct ticket *t = take(1); if (t && r->number) give_back(t); return 0; }
    SEC("?serve") u64 gives_twice(struct request *r) { struct ticket *t = take(1); if (t) { give_back(t); give_back(t); } return 0; }
    SEC("?serve") u64 uses_after(struct request *r) { struct ticket *t = take(1); if (!t) return 0; give_back(t); return number_of(t); }
    SEC("?serve") u64 gathers(struct request *r) { for (u64 i = 0; i < r->number; i++) take(1); return 0; }
  )");
  for (const char* program : {"forgets", "forgets_sometimes", "gives_twice", "uses_after", "gathers"}) {
    EXPECT_THAT(careless.verdict(program), ::testing::StartsWith("E0")) << program;
  }
}

std::uint32_t narrower(std::uint64_t) { return 0; }
std::int64_t with_a_sign(std::uint64_t) { return 0; }
std::uint64_t one_more(std::uint64_t, std::uint64_t) { return 0; }
std::uint64_t writes_what_is_read_only(std::uint8_t*, std::uint64_t) { return 0; }
std::uint64_t takes_a_pointer(const Ticket*) { return 0; }

TEST(Promise, BoundFunctionsHaveTheDeclaredTypes) {
  Interface interface = *Interface::parse(kInterface, "attack.tni");
  EXPECT_EQ(interface.bind<&narrower>("call").error().front().code, "E0531");
  EXPECT_EQ(interface.bind<&with_a_sign>("call").error().front().code, "E0531");
  EXPECT_EQ(interface.bind<&one_more>("call").error().front().code, "E0531");
  EXPECT_EQ(interface.bind<&takes_a_pointer>("call").error().front().code, "E0531");
  EXPECT_EQ(interface.bind<&writes_what_is_read_only>("look").error().front().code, "E0531");
  EXPECT_EQ(interface.bind<&narrower>("cal").error().front().code, "E0530");
  const Object object("SEC(\"serve\") u64 f(struct request *r) { return call(1); }", interface);
  EXPECT_EQ(object.try_load().error().front().code, "E0605") << "what nobody bound cannot be called";
}

/// The host scribbles over what it may only read; CheckHost (tests/unit/engine) has each kind of broken promise.
TEST(Promise, AHostThatBreaksItsLineIsNamed) {
  const Object object("u8 bytes[8]; SEC(\"serve\") u64 f(struct request *r) { return look(bytes, 8); }");
  LoadOptions options;
  options.check_host = true;
  const Extension extension = object.load(options);
  Request request;
  script.on_memory = [](std::uint8_t* bytes, std::uint64_t n) -> std::uint64_t { return bytes[n - 1]++; };
  const Outcome outcome = extension.programs().front().run(&request);
  EXPECT_EQ(outcome.cause, Cause::host_promise);
  EXPECT_STREQ(outcome.broken_promise, "look() broke its line 'fn look(p: mem(u8|n) r, n: u64) -> u64': it wrote to 'p', which it may only read");
  script.on_memory = [](std::uint8_t* bytes, std::uint64_t n) -> std::uint64_t { return bytes[n - 1]; };
  EXPECT_EQ(extension.programs().front().run(&request).kind, Outcome::Kind::returned);
}

/// The same interface under names that would mean something to a verifier that knew them.
TEST(Promise, NamesMeanNothing) {
  const auto verdicts = [](const std::string& get, const std::string& put, const std::string& hook) {
    const std::string text = fmt::format(
        "interface n; struct xdp_md {{ a: u64 @0 r }}; type sk rc drop={1};"
        "fn {0}(n: u64) -> ?own sk<'s>; fn {1}(s: own sk<'s>); hook {2}(c: &xdp_md) -> u64 default 0;",
        get, put, hook);
    const Object object(fmt::format(R"(
      SEC("?{2}") u64 keeps(struct xdp_md *c) {{ struct sk *s = {0}(c->a); if (s) {1}(s); return 0; }}
      SEC("?{2}") u64 leaks(struct xdp_md *c) {{ {0}(c->a); return 0; }}
      SEC("?{2}") u64 untested(struct xdp_md *c) {{ {1}({0}(c->a)); return 0; }}
      SEC("?{2}") u64 outside(struct xdp_md *c) {{ return *(&c->a + 1); }}
    )",
                                    get, put, hook),
                        *Interface::parse(text, "n.tni"));
    std::vector<std::string> found;
    for (const char* program : {"keeps", "leaks", "untested", "outside"}) found.push_back(object.verdict(program));
    return found;
  };
  const auto plain = verdicts("get", "put", "hook_name");
  EXPECT_EQ(plain[1].substr(0, 2), "E0");
  EXPECT_EQ(plain[2].substr(0, 2), "E0");
  EXPECT_EQ(plain[3].substr(0, 2), "E0");
  EXPECT_EQ(verdicts("bpf_sk_release", "bpf_sk_lookup_tcp", "xdp"), plain);
  EXPECT_EQ(verdicts("free", "malloc", "raw"), plain);
}

}  // namespace
}  // namespace tenon::promises
