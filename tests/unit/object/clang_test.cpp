// SPDX-License-Identifier: Apache-2.0
// What stock clang makes of C, read back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "isa/insn.hpp"
#include "unit/object/compile.hpp"

namespace tenon::object {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

Object object_of(const std::string& source, const std::string& options = "-mcpu=v4 -O2 -g -fno-builtin") {
  auto object = read(test::compile(source, options), "test.o");
  if (!object) throw std::runtime_error(to_text(object.error()));
  return *std::move(object);
}
ir::Program program_of(const Object& object, std::string_view entry) {
  auto program = decode(object, entry);
  if (!program) throw std::runtime_error(to_text(program.error()));
  return *std::move(program);
}
std::vector<std::string> functions_of(const ir::Program& program) {
  std::vector<std::string> names;
  for (const ir::Function& function : program.functions()) names.push_back(function.name);
  return names;
}
const ir::Function& function_named(const ir::Program& program, std::string_view name) {
  for (const ir::Function& function : program.functions()) {
    if (function.name == name) return function;
  }
  throw std::runtime_error("no function " + std::string(name));
}
template <class T>
std::vector<T> all(const ir::Program& program) {
  std::vector<T> found;
  for (const isa::Insn& insn : program.insns()) {
    if (const T* one = std::get_if<T>(&insn)) found.push_back(*one);
  }
  return found;
}
std::uint64_t word_at(const ir::Globals& globals, std::uint64_t at) {
  std::uint64_t word;
  std::memcpy(&word, globals.initial.data() + at, sizeof word);
  return word;
}
const ir::GlobalSection& section_named(const ir::Globals& globals, std::string_view name) {
  for (const ir::GlobalSection& section : globals.sections) {
    if (section.name == name) return section;
  }
  throw std::runtime_error("no section " + std::string(name));
}

constexpr const char* kTwoPrograms = R"(
SEC("raw/one") u64 one(u64 *ctx) { return ctx[0]; }
SEC("raw/one") u64 two(u64 *ctx) { return ctx[1]; }
SEC("?kv_request") u64 three(u64 *ctx) { return 3; }
noinline u64 helper_of_mine(u64 a) { return a; }
static SEC("raw") u64 hidden(u64 *ctx) { return 4; }
)";

TEST(EntryPoints, GlobalFunctionsInSectionsOfTheirOwn) {
  for (const char* cpu : {"v1", "v2", "v3", "v4"}) {
    const Object object = object_of(kTwoPrograms, std::string("-O2 -g -fno-builtin -mcpu=") + cpu);
    std::vector<std::string> seen;
    for (const EntryPoint& entry : object.entry_points()) {
      seen.push_back(fmt::format("{} {} {} {}", entry.name, entry.section, entry.hook, entry.autoload));
      EXPECT_EQ(program_of(object, entry.name).hook(), entry.hook);
    }
    EXPECT_THAT(seen, UnorderedElementsAre("one raw/one raw true", "two raw/one raw true", "three kv_request kv_request false"));
    EXPECT_EQ(all<isa::Load>(program_of(object, "two")).front().off, 8);
    EXPECT_EQ(program_of(object, "two").slot(ir::InsnIdx(0)), 2u) << "slots count from the section's start";
  }
}

TEST(EntryPoints, UnknownNamesListTheKnown) {
  const auto program = decode(object_of(kTwoPrograms), "four");
  EXPECT_EQ(test::code_of(program), "E0110");
  EXPECT_THAT(program.error().front().help, HasSubstr("one"));
}

TEST(Calls, BetweenSectionsStaticAndGlobalRecursiveToo) {
  const Object object = object_of(R"(
static noinline u64 leaf(u64 a) { asm volatile("" : "+r"(a)); return a * 3; }
noinline u64 middle(u64 a, u32 b) { return leaf(a) + leaf(a + b); }
noinline u64 rec(u64 a) { return a ? rec(a - 1) + leaf(a) : 0; }
SEC("other") noinline u64 elsewhere(u64 *ctx) { return middle(ctx[0], 1); }
SEC("raw") u64 prog(u64 *ctx) { return middle(ctx[0], 2) + elsewhere(ctx) + rec(ctx[1]); }
SEC("raw") u64 lonely(u64 *ctx) { return 7; }
)");
  EXPECT_THAT(functions_of(program_of(object, "prog")), UnorderedElementsAre("prog", "middle", "leaf", "elsewhere", "rec"));
  EXPECT_EQ(functions_of(program_of(object, "prog")).front(), "prog");
  EXPECT_THAT(functions_of(program_of(object, "elsewhere")), UnorderedElementsAre("elsewhere", "middle", "leaf"));
  EXPECT_THAT(functions_of(program_of(object, "lonely")), ElementsAre("lonely"));
  const ir::Program program = program_of(object, "prog");
  for (const isa::Call& call : all<isa::Call>(program)) EXPECT_EQ(call.kind, isa::Call::Kind::local);
  const auto text = ir::to_text(program);
  EXPECT_THAT(text, HasSubstr("call leaf"));
  EXPECT_THAT(text, HasSubstr("call rec"));
}

TEST(Calls, HostFunctionsByNameAndHelpersByNumber) {
  const Object object = object_of(R"(
extern u64 token_get(u32 id) SEC(".ksyms");
u64 plain(u64 a);
static u64 (*helper)(u64) = (void *)5;
SEC("raw") u64 prog(u64 *ctx) { return token_get(1) + plain(2) + helper(3) + plain(4); }
SEC("raw") u64 other(u64 *ctx) { return plain(2); }
)");
  EXPECT_THAT(program_of(object, "prog").externs(), ElementsAre("token_get", "plain", "helper#5"));
  EXPECT_THAT(program_of(object, "other").externs(), ElementsAre("plain")) << "only what this program calls";
}

TEST(Globals, SectionsLiteralsAndPointers) {
  const Object object = object_of(R"(
u64 counter = 5;
u32 zeroed[10];
const volatile u64 limit = 9;
const char *names[2] = {"alpha", "beta"};
static u64 values[4] = {1, 2, 3, 4};
u64 *into = &values[2];
SEC("raw") u64 prog(u64 *ctx) { counter += limit + names[ctx[0] & 1][0]; values[ctx[1] & 3]++; return zeroed[ctx[2] % 10] + *into; }
)");
  const ir::Globals& globals = *object.globals();
  const auto& data = section_named(globals, ".data");
  const auto& bss = section_named(globals, ".bss");
  const auto& rodata = section_named(globals, ".rodata");
  const auto& literals = section_named(globals, ".rodata.str1.1");
  EXPECT_EQ(word_at(globals, rodata.offset), 9u);
  EXPECT_EQ(bss.bytes, 40u);
  for (std::uint64_t i = 0; i < bss.bytes; ++i) EXPECT_EQ(globals.initial[bss.offset + i], std::byte{0});
  ASSERT_EQ(globals.pointers.size(), 3u);
  EXPECT_STREQ(reinterpret_cast<const char*>(globals.initial.data() + globals.pointers[0].target), "alpha");
  EXPECT_STREQ(reinterpret_cast<const char*>(globals.initial.data() + globals.pointers[1].target), "beta");
  EXPECT_EQ(globals.pointers[0].target, literals.offset);
  EXPECT_EQ(word_at(globals, globals.pointers[2].target), 3u) << "&values[2]";
  for (const ir::GlobalPointer& pointer : globals.pointers) {
    EXPECT_EQ(pointer.kind, ir::GlobalPointer::Kind::global);
    EXPECT_GE(pointer.at, data.offset);
    EXPECT_EQ(word_at(globals, pointer.at), 0u) << "the addend is folded into the target";
  }
  for (const isa::LoadImm& load : all<isa::LoadImm>(program_of(object, "prog"))) EXPECT_EQ(load.kind, isa::LoadImm::Kind::global);
}

TEST(Globals, AlignmentAndCommon) {
  const Object object = object_of(R"(
u8 first = 1;
u64 shared_between_files;
__attribute__((aligned(1024))) u8 lined[3] = {1};
SEC("raw") u64 prog(u64 *ctx) { return shared_between_files + lined[ctx[0] % 3] + first; }
)",
                                  "-mcpu=v4 -O2 -g -fno-builtin -fcommon");
  EXPECT_EQ(section_named(*object.globals(), ".data").offset % 1024, 0u);
  EXPECT_EQ(section_named(*object.globals(), "shared_between_files").offset % 8, 0u);
  EXPECT_EQ(section_named(*object.globals(), "shared_between_files").bytes, 8u);
}

TEST(Globals, LimitsAreRefused) {
  EXPECT_EQ(test::read_all(test::compile("u8 big[2 << 20]; SEC(\"raw\") u64 f(u64 *c) { return big[*c]; }")), "E0112");
  EXPECT_EQ(test::read_all(test::compile("__attribute__((aligned(8192))) u8 x = 1; SEC(\"raw\") u64 f(u64 *c) { return x; }")), "E0112");
}

TEST(FunctionValues, TablesAndImmediates) {
  const Object object = object_of(R"(
static noinline u64 twice(u64 a) { return a * 2; }
static noinline u64 thrice(u64 a) { return a * 3; }
noinline u64 unrelated(u64 a) { asm volatile("" : "+r"(a)); return a; }
u64 (*table[2])(u64) = {thrice, twice};
u64 apply(u64 (*f)(u64), u64 a);
SEC("raw") u64 through_table(u64 *ctx) { return table[ctx[0] & 1](5); }
SEC("raw") u64 passes(u64 *ctx) { return apply(twice, 1); }
SEC("raw") u64 calls(u64 *ctx) { return unrelated(1); }
)");
  const ir::Globals& globals = *object.globals();
  EXPECT_THAT(globals.functions, UnorderedElementsAre("twice", "thrice"));
  ASSERT_EQ(globals.pointers.size(), 2u);
  EXPECT_EQ(globals.pointers[0].kind, ir::GlobalPointer::Kind::function);
  EXPECT_EQ(globals.functions[globals.pointers[0].target], "thrice");
  EXPECT_EQ(globals.functions[globals.pointers[1].target], "twice");

  const ir::Program through_table = program_of(object, "through_table");
  EXPECT_THAT(functions_of(through_table), UnorderedElementsAre("through_table", "twice", "thrice")) << "callx reaches every function with a value";
  EXPECT_EQ(globals.functions[*function_named(through_table, "twice").value], "twice");
  EXPECT_FALSE(function_named(through_table, "through_table").value);

  const ir::Program passes = program_of(object, "passes");
  EXPECT_THAT(functions_of(passes), UnorderedElementsAre("passes", "twice"));
  ASSERT_EQ(all<isa::LoadImm>(passes).size(), 1u);
  EXPECT_EQ(all<isa::LoadImm>(passes)[0].kind, isa::LoadImm::Kind::function);
  EXPECT_EQ(passes.function(ir::FunctionIdx(all<isa::LoadImm>(passes)[0].value)).name, "twice");
  EXPECT_THAT(functions_of(program_of(object, "calls")), UnorderedElementsAre("calls", "unrelated"));
}

TEST(Prototypes, GlobalFunctionsCountTheirRegisters) {
  const Object object = object_of(R"(
struct two { u64 a, b; };
noinline u64 three(u32 a, u64 b, u8 c) { asm volatile(""); return a + b + c; }
noinline u64 pair(struct two t, u32 c) { asm volatile(""); return t.a + t.b + c; }
noinline void nothing(u64 *p) { *p = 1; }
static noinline u64 hidden(u64 a) { asm volatile("" : "+r"(a)); return a; }
SEC("raw") u64 prog(u64 *ctx) {
  struct two t = {ctx[0], ctx[1]};
  nothing(ctx); return three(1, 2, 3) + pair(t, 4) + hidden(1);
}
)");
  const ir::Program program = program_of(object, "prog");
  EXPECT_EQ(function_named(program, "three").parameters, 3);
  EXPECT_EQ(function_named(program, "pair").parameters, 3) << "a value of 16 bytes takes two registers";
  EXPECT_EQ(function_named(program, "nothing").parameters, 1);
  EXPECT_FALSE(function_named(program, "nothing").returns_value);
  EXPECT_TRUE(function_named(program, "three").returns_value);
  EXPECT_EQ(function_named(program, "hidden").parameters, 5) << "clang may change static functions";
  EXPECT_TRUE(function_named(program, "three").is_global);
  EXPECT_FALSE(function_named(program, "hidden").is_global);
}

TEST(Prototypes, UnknownWithoutDebugInformation) {
  const Object object = object_of("SEC(\"raw\") void prog(u64 *ctx) { *ctx = 1; }", "-mcpu=v4 -O2 -fno-builtin");
  EXPECT_EQ(program_of(object, "prog").functions()[0].parameters, 5);
  EXPECT_TRUE(program_of(object, "prog").functions()[0].returns_value);
  EXPECT_TRUE(program_of(object, "prog").lines().empty());
}

TEST(Lines, EveryInstructionKnowsItsSource) {
  const Object object = object_of(R"(
static noinline u64 leaf(u64 a) {
  return a * 3;   // the leaf's line
}
SEC("raw") u64 prog(u64 *ctx) {
  u64 a = ctx[0];
  u64 b = leaf(a);
  return a + b;   // "quoted", größer
}
)");
  const ir::Program program = program_of(object, "prog");
  bool saw_leaf = false, saw_column = false;
  for (ir::InsnIdx i{0u}; i.index() < program.insns().size(); ++i) {
    const SourceLocation where = program.locate(i);
    EXPECT_THAT(where.file, HasSubstr("test.c"));
    EXPECT_GT(where.line, 4u);
    saw_column |= where.column > 1;
    const bool in_leaf = program.function(program.function_of(i)).name == "leaf";
    saw_leaf |= in_leaf && where.text == "  return a * 3;   // the leaf's line";
    EXPECT_TRUE(in_leaf || where.line > 8) << "lines of one function do not leak into another";
  }
  EXPECT_TRUE(saw_leaf);
  EXPECT_TRUE(saw_column);
  const ir::Function& entry = program.functions()[0];
  EXPECT_EQ(program.locate(entry.end - 1).text, "  return a + b;   // \"quoted\", größer");
}

TEST(Maps, DefinitionsAndReferences) {
  const Object object = object_of(R"(
struct { __uint(type, 1); __uint(max_entries, 128); __type(key, u32); __type(value, u64[3]); } first SEC(".maps");
struct { __uint(type, 2); __uint(max_entries, 4); __uint(key_size, 4); __uint(value_size, 8); __uint(map_flags, 1); } second SEC(".maps");
static void *(*lookup)(void *, const void *) = (void *)1;
SEC("raw") u64 prog(u64 *ctx) { u32 key = 0; u64 *v = lookup(&second, &key); return v ? *v : 0; }
)");
  const ir::Program program = program_of(object, "prog");
  ASSERT_EQ(program.maps().size(), 2u);
  const auto loads = all<isa::LoadImm>(program);
  ASSERT_EQ(loads.size(), 1u);
  EXPECT_EQ(loads[0].kind, isa::LoadImm::Kind::map);
  const ir::MapDefinition& second = program.maps()[loads[0].value];
  EXPECT_EQ(second.name, "second");
  EXPECT_EQ(second.key_bytes, 4u);
  EXPECT_EQ(second.value_bytes, 8u);
  const ir::MapDefinition& first = program.maps()[1 - loads[0].value];
  EXPECT_EQ(first.value_bytes, 24u);
  EXPECT_EQ(first.max_entries, 128u);
  EXPECT_EQ(first.type, 1u);
}

struct Refusal {
  const char* source;
  const char* code;
  const char* suffix = ".c";
  const char* options = "-mcpu=v4 -O2 -g -fno-builtin -Wno-everything";
};

TEST(Refusals, OneClearReasonEach) {
  const Refusal refusals[] = {
      {"extern u64 v; SEC(\"raw\") u64 f(u64 *c) { return v; }", "E0109"},
      {"u64 g(u64); SEC(\"raw\") u64 f(u64 *c) { return (u64)g; }", "E0109"},
      {"u64 g(u64); u64 (*p)(u64) = g; SEC(\"raw\") u64 f(u64 *c) { return p(1); }", "E0109"},
      {"char l[] SEC(\"license\") = \"GPL\"; SEC(\"raw\") u64 f(u64 *c) { return (u64)l; }", "E0109"},
      {"int m SEC(\".maps\"); SEC(\"raw\") u64 f(u64 *c) { return (u64)&m; }", "E0113"},
      {"struct { int x; } m SEC(\".maps\"); SEC(\"raw\") u64 f(u64 *c) { return (u64)&m; }", "E0113"},
      {"struct { int type; } m SEC(\".maps\"); SEC(\"raw\") u64 f(u64 *c) { return (u64)&m; }", "E0113"},
      {"struct s { int a, b; } __attribute__((preserve_access_index)); SEC(\"raw\") u64 f(struct s *c) { return c->b; }", "E0116"},
      {"SEC(\"raw\") u64 f(u64 *c) { __builtin_unreachable(); }", "E0111"},
      {"SEC(\"raw\") u64 f(u64 *c) { u64 r; asm volatile(\"r0 = *(u8 *)skb[4]; %0 = r0\" : \"=r\"(r) :: \"r0\"); return r; }", "E0123"},
      {".section raw,\"ax\",@progbits\n.globl f\n.type f,@function\nf: .8byte 0xff\nexit\n.size f,16", "E0120", ".s"},
      {".section raw,\"ax\",@progbits\n.globl f\n.type f,@function\nf: .8byte 0x100000095\n.size f,8", "E0121", ".s"},
      {".section raw,\"ax\",@progbits\n.globl f\n.type f,@function\nf: r1 = 5 ll\n.size f,8", "E0122", ".s"},
      {".section raw,\"ax\",@progbits\n.globl f\n.type f,@function\nf: goto +9\nexit\n.size f,16", "E0124", ".s"},
      {".section raw,\"ax\",@progbits\n.globl f\n.type f,@function\nf: goto +1\nr1 = 5 ll\nexit\n.size f,32", "E0133", ".s"},
      {".section raw,\"ax\",@progbits\n.globl f\n.type f,@function\nf: .8byte 0x500002085\nexit\n.size f,16", "E0117",
       ".s"},  // call of kernel function 5
      {".section raw,\"ax\",@progbits\n.globl f\n.type f,@function\nf: .8byte 0x500001118, 0\nexit\n.size f,24", "E0117", ".s"},  // map number 5
      {".section raw,\"ax\",@progbits\n.globl f\n.type f,@function\nf: .8byte 0x1085\nr0 = 0\nexit\n.size f,24", "E0117",
       ".s"},  // call of its own second slot
      {".section raw,\"ax\",@progbits\n.globl f,g\n.type f,@function\n.type g,@function\nf: r0 = 0\ng: exit\n.size f,16\n.size g,8", "E0111", ".s"},
      {".section raw,\"ax\",@progbits\n.globl f\n.type f,@function\nr0 = 0\nexit\n.equ f, raw_start - 12\nraw_start:\n.size f,8", "E0111", ".s"},
      {".section raw,\"ax\",@progbits\n.globl f\n.type f,@function\nf: exit\n.byte 1\n.size f,8", "E0111", ".s"},
      {".data\n.4byte f\n.section raw,\"ax\",@progbits\n.globl f\n.type f,@function\nf: exit\n.size f,8", "E0108", ".s"},
      {".data\n.globl f\n.type f,@function\nf: .8byte 5\n.size f,8", "E0111", ".s"},
      {"SEC(\"raw\") u64 f(u64 *c) { return 0; }", "E0103", ".c", "-target bpfeb -O2 -g"},
      {"SEC(\"raw\") u64 f(u64 *c) { return 0; }", "E0104", ".c", "-target x86_64-linux-gnu -O2 -g"},
  };
  for (const Refusal& refusal : refusals) {
    EXPECT_EQ(test::read_all(test::compile(refusal.source, refusal.options, refusal.suffix)), refusal.code) << refusal.source;
  }
}

TEST(Refusals, EncodingErrorsNameSlotLineAndFunction) {
  const auto object = object_of(R"(
static noinline u64 old(u64 a) {
  u64 r;
  asm volatile("r0 = *(u8 *)skb[4]; %0 = r0" : "=r"(r) : "0"(a) : "r0");
  return r;
}
SEC("raw") u64 prog(u64 *ctx) { return old(*ctx) + 1; }
)");
  const auto program = decode(object, "prog");
  ASSERT_EQ(test::code_of(program), "E0123");
  EXPECT_THAT(program.error().front().message, HasSubstr("old"));
  EXPECT_TRUE(program.error().front().instruction);
  EXPECT_THAT(program.error().front().where.text, HasSubstr("skb"));
}

TEST(Assembly, FunctionsWithoutASizeReachToTheNext) {
  const auto bytes =
      test::compile(".section raw,\"ax\",@progbits\n.globl f,g\n.type f,@function\n.type g,@function\nf: r0 = 1\nexit\ng: r0 = 2\nr0 = 3\nexit\n",
                    "-mcpu=v4", ".s");
  const auto object = read(bytes, "test.o");
  ASSERT_TRUE(object);
  EXPECT_EQ(program_of(*object, "f").insns().size(), 2u);
  EXPECT_EQ(program_of(*object, "g").insns().size(), 3u);
}

}  // namespace
}  // namespace tenon::object
