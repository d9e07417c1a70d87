// SPDX-License-Identifier: Apache-2.0
// Objects and iterators that host functions make in the extension's stack: what the host keeps of them is its own, in both back ends.
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <vector>

#include <tenon/engine.hpp>

#include "unit/engine/compile.hpp"

namespace tenon {
namespace {

constexpr auto kInterface = R"(
  interface stack_objects;
  type Number plain;
  iterator Numbers over Number: new numbers_begin, next numbers_next, drop numbers_end stack 16;
  type Writer linear drop=writer_close stack 32;
  type Mark plain stack 8;
  fn numbers_begin(i: new Numbers, from: u64, to: u64);
  fn numbers_next(i: &Numbers<'i>) -> ?&Number<'n of 'i>;
  fn numbers_end(i: own Numbers<'i>);
  fn number_of(n: &Number<'n>) -> u64;
  fn writer_open(w: new Writer, size: u32);
  fn writer_put(w: &Writer<'w>, value: u64) -> u64;
  fn writer_close(w: own Writer<'w>);
  fn writer_try_close(w: own Writer<'w>) -> s32   on ret!=0 : keeps w;
  fn mark_set(m: new Mark, value: u64);
  fn mark_get(m: &Mark<'m>) -> u64;
  fn each(n: u32, f: fn(u64, 'c) -> u64, c: 'c) -> u64;
  hook t(a: u64) -> u64 default 99;
)";

/// The host's own, in its own memory: forged state would be noticed at once.
struct Numbers {
  std::uint64_t self, to;
  std::uint64_t next() { return self; }
};
struct Writer {
  Writer* self;
  std::uint64_t sum, size, closed;
};
std::set<const void*> open_things;
std::vector<std::uint64_t> log_;
std::uint64_t element;

void numbers_begin(Numbers* i, std::uint64_t from, std::uint64_t to) {
  EXPECT_EQ(i->self, 0u) << "new bytes are zero";
  *i = {from, to};
  open_things.insert(i);
}
std::uint64_t* numbers_next(Numbers* i) {
  EXPECT_TRUE(open_things.contains(i));
  if (i->self >= i->to) return nullptr;
  element = i->self++;
  return &element;
}
void numbers_end(Numbers* i) {
  EXPECT_EQ(open_things.erase(i), 1u);
  log_.push_back(500);
}
std::uint64_t number_of(const std::uint64_t* n) { return *n; }
void writer_open(Writer* w, std::uint32_t size) {
  EXPECT_EQ(w->self, nullptr) << "new bytes are zero";
  *w = {w, 0, size, 0};
  open_things.insert(w);
}
std::uint64_t writer_put(Writer* w, std::uint64_t value) {
  EXPECT_EQ(w->self, w);
  return w->sum += value;
}
void writer_close(Writer* w) {
  EXPECT_EQ(w->self, w);
  EXPECT_EQ(open_things.erase(w), 1u);
  log_.push_back(w->size);
}
std::int32_t writer_try_close(Writer* w) {
  if (w->sum == 0) return -1;
  writer_close(w);
  return 0;
}
void mark_set(std::uint64_t* m, std::uint64_t value) { *m = value; }
std::uint64_t mark_get(const std::uint64_t* m) { return *m; }
std::uint64_t each(std::uint32_t n, const Callback* f, void* context) {
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < n; ++i) sum += f->call(i, reinterpret_cast<std::uint64_t>(context)).value_or(0);
  return sum;
}

Interface made_interface() {
  auto interface = Interface::parse(kInterface, "stack_objects.tni");
  if (!interface) throw std::runtime_error(to_text(interface.error()));
  for (const auto& bound : {interface->bind<&numbers_begin>("numbers_begin"), interface->bind<&numbers_next>("numbers_next"),
                            interface->bind<&numbers_end>("numbers_end"), interface->bind<&number_of>("number_of"),
                            interface->bind<&writer_open>("writer_open"), interface->bind<&writer_put>("writer_put"),
                            interface->bind<&writer_close>("writer_close"), interface->bind<&writer_try_close>("writer_try_close"),
                            interface->bind<&mark_set>("mark_set"), interface->bind<&mark_get>("mark_get"), interface->bind<&each>("each")}) {
    if (!bound) throw std::runtime_error(to_text(bound.error()));
  }
  return *std::move(interface);
}

class StackObjects : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { open_things.clear(), log_.clear(); }
  void TearDown() override { EXPECT_TRUE(open_things.empty()) << "each is given back, once"; }

  Outcome run(std::string_view code, std::uint64_t argument = 0) {
    const auto object = scratch_.compile(interface_, std::string("#include <tn/exception.h>\n") + std::string(code));
    LoadOptions options;
    options.backend = GetParam();
    options.quantum = std::chrono::milliseconds(20);
    options.check_records = true;
    auto extension = Engine(interface_).load(object, options);
    if (!extension) throw std::runtime_error(to_text(extension.error()));
    return extension->programs().front().run(argument);
  }

  Interface interface_ = made_interface();
  test::Scratch scratch_;
};

TEST_P(StackObjects, AnIteratorCounts) {
  const Outcome outcome = run(R"(
    SEC("t") u64 f(u64 a) {
      struct Numbers outer, inner; struct Number *n, *m; u64 sum = 0;
      numbers_begin(&outer, 1, 5);
      while ((n = numbers_next(&outer))) {
        u64 i = number_of(n);
        numbers_begin(&inner, 0, i);
        while ((m = numbers_next(&inner))) sum += 10 * number_of(m) + 1;
        numbers_end(&inner);
      }
      numbers_end(&outer);
      return sum; })");
  EXPECT_EQ(outcome.value, 1u * 10 + 10 * (0 + 1 + 3 + 6));
  EXPECT_EQ(log_.size(), 5u);
}

/// The frame is gone, and other frames have been where it was, when the object is given back.
TEST_P(StackObjects, AreGivenBackWhenTheirFrameIsGone) {
  constexpr auto kCode = R"(
    u64 never;
    static u64 third(u64 i, void *c) {
      struct Writer w; struct Numbers n;
      writer_open(&w, 20 + i); numbers_begin(&n, 0, 9);
      writer_put(&w, i);
      if (i == 2 && *(u64 *)c == 1) bpf_throw(5);
      if (i == 2 && *(u64 *)c == 2) *(volatile u64 *)24 = 1;
      while (i == 2 && *(u64 *)c == 3 && !*(volatile u64 *)&never) ;
      numbers_end(&n); writer_close(&w);
      return 1; }
    static void body(void *c) { struct Writer w; writer_open(&w, 30); each(3, third, c); writer_close(&w); }
    SEC("t") u64 f(u64 a) {
      struct Writer w; u64 how = a & 3;
      writer_open(&w, 40);
      u64 r = tn_try(body, &how);
      writer_put(&w, 3);
      writer_close(&w);
      return r; })";
  EXPECT_EQ(run(kCode, 0).value, 0u);
  EXPECT_EQ(log_, (std::vector<std::uint64_t>{500, 20, 500, 21, 500, 22, 30, 40}));
  log_.clear();
  EXPECT_EQ(run(kCode, 1).value, 1u);
  EXPECT_EQ(log_, (std::vector<std::uint64_t>{500, 20, 500, 21, 500, 22, 30, 40}));
  for (const std::uint64_t how : {2, 3}) {
    log_.clear();
    EXPECT_EQ(run(kCode, how).cause, how == 2 ? Cause::fault : Cause::quantum);
    EXPECT_EQ(log_, (std::vector<std::uint64_t>{500, 20, 500, 21, 500, 22, 30, 40}));
  }
}

/// What was given back leaves its place to others, wherever it was.
TEST_P(StackObjects, ThrownAwayAtManyPlaces) {
  const Outcome outcome = run(R"(
    u64 never;
    static __attribute__((noinline)) u64 deep(u64 n) {
      struct Writer w;
      if (n != 0) return deep(n - 1) * 3 + *(volatile u64 *)&never;
      writer_open(&w, 1);
      if (!*(volatile u64 *)&never) bpf_throw(n);
      writer_close(&w);
      return 1;
    }
    static void body(void *c) { deep(*(u64 *)c); }
    SEC("t") u64 f(u64 a) { u64 thrown = 0; for (u64 i = 0; i < 600; i++) { u64 n = i % (a | 1); thrown += tn_try(body, &n); } return thrown; })",
                              GetParam() == Backend::native ? 601 : 201);  // so many frames the interpreter has
  EXPECT_EQ(outcome.value, 600u);
  EXPECT_EQ(log_.size(), 600u);
}

TEST_P(StackObjects, KeptWhereTheFunctionDidNotTakeThem) {
  const Outcome outcome = run(R"(
    SEC("t") u64 f(u64 a) {
      struct Writer w;
      writer_open(&w, 7);
      if (writer_try_close(&w) == 0) return 1;
      u64 r = writer_put(&w, 5);
      if (writer_try_close(&w) != 0) writer_close(&w);
      return r; })");
  EXPECT_EQ(outcome.value, 5u);
  EXPECT_EQ(log_, (std::vector<std::uint64_t>{7}));
}

TEST_P(StackObjects, PlainOnesNeedNoGivingBack) {
  const Outcome outcome = run(R"(
    static __attribute__((noinline)) u64 inner(u64 n) { struct Mark m; mark_set(&m, n); return mark_get(&m); }
    SEC("t") u64 f(u64 a) {
      struct Mark m; u64 sum = 0;
      for (u64 i = 0; i < 2000; i++) { mark_set(&m, i); sum += inner(i + 1) - mark_get(&m); }
      return sum; })");
  EXPECT_EQ(outcome.value, 2000u);
}

/// What one program makes in its stack, the next run on the same thread does not find.
TEST_P(StackObjects, NothingIsLeftForTheNextRun) {
  for (int i = 0; i < 3; ++i) {
    const Outcome outcome =
        run("SEC(\"t\") u64 f(u64 a) { struct Mark m; struct Writer w; mark_set(&m, 1); writer_open(&w, 3); return mark_get(&m) + (writer_close(&w), "
            "0); }");
    EXPECT_EQ(outcome.value, 1u);
  }
}

INSTANTIATE_TEST_SUITE_P(BothBackends, StackObjects, ::testing::Values(Backend::native, Backend::interpreter),
                         [](const auto& info) { return info.param == Backend::native ? "Native" : "Interpreted"; });

void nothing(Numbers*) {}

/// A pointer that may be the host's object or one in the extension's stack does not say which: such lines are verified, not run.
TEST(StackObjectsBind, WhatMayBeEitherDoesNotRun) {
  auto interface = *Interface::parse(R"(
    type Thing linear drop=thing_put;
    type Local linear drop=local_end is Thing stack 16;
    fn thing_put(t: own Thing);
    fn local_new(l: new Local);
    fn local_end(l: own Local);
    hook t(a: u64) -> u64 default 0;
  )",
                                     "either.tni");
  ASSERT_TRUE(interface.bind<&nothing>("thing_put").has_value());
  ASSERT_TRUE(interface.bind<&nothing>("local_new").has_value());
  ASSERT_TRUE(interface.bind<&nothing>("local_end").has_value());
  test::Scratch scratch;
  const auto object =
      scratch.compile(interface, "SEC(\"t\") u64 f(u64 a) { struct Local l; local_new(&l); thing_put((struct Thing *)&l); return 0; }");
  const auto extension = Engine(interface).load(object);
  ASSERT_FALSE(extension.has_value());
  EXPECT_EQ(extension.error()[0].code, "E0605");
}

std::uint64_t* text_of(Numbers*) { return nullptr; }

TEST(StackObjectsBind, WhatAPlainOneLendsDoesNotRun) {
  auto interface = *Interface::parse(R"(
    type Reader plain stack 16;
    fn reader_make(r: new Reader);
    fn reader_text(r: &Reader<'r>) -> mem(u8|8) rw of 'r;
    hook t(a: u64) -> u64 default 0;
  )",
                                     "lends.tni");
  ASSERT_TRUE(interface.bind<&nothing>("reader_make").has_value());
  ASSERT_TRUE(interface.bind<&text_of>("reader_text").has_value());
  test::Scratch scratch;
  const auto object = scratch.compile(interface, R"(
    static __attribute__((noinline)) u8 *inner(u64 n) { struct Reader r; reader_make(&r); return reader_text(&r); }
    SEC("t") u64 f(u64 a) { u8 *p = inner(a); return p[3]; })");
  const auto extension = Engine(interface).load(object);
  ASSERT_FALSE(extension.has_value());
  EXPECT_EQ(extension.error()[0].code, "E0605");
}

}  // namespace
}  // namespace tenon
