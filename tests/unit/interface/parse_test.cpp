// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "interface/builtin.hpp"
#include "interface/declarations.hpp"

namespace tenon::interface {
namespace {

std::string file_text(const std::string& path) {
  std::ifstream file(std::string(TENON_SOURCE_DIR) + "/" + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Declarations must_parse(const std::string& text) {
  auto parsed = parse(text, "t.tni");
  if (!parsed) ADD_FAILURE() << to_text(parsed.error());
  return parsed ? *parsed : Declarations{};
}

TEST(Parse, RawInterface) {
  const Declarations d = must_parse(file_text("interfaces/raw.tni"));
  ASSERT_EQ(d.structs.size(), 1u);
  EXPECT_EQ(d.structs[0].bytes, 16u);
  ASSERT_EQ(d.structs[0].ranges.size(), 1u);
  EXPECT_EQ(d.structs[0].ranges[0].access, Access::read_write);
  ASSERT_EQ(d.object_types.size(), 2u);  // and the built-in counter
  EXPECT_TRUE(d.object_types[1].builtin);
  EXPECT_EQ(d.object_types[0].kind, ObjectType::Kind::counted);
  EXPECT_EQ(d.object_types[0].drop, d.find_function("token_put"));
  const Function& get = d.at(*d.find_function("token_get"));
  const auto& result = std::get<ObjectRef>(get.result);
  EXPECT_TRUE(result.nullable);
  EXPECT_EQ(result.mode, ObjectRef::Mode::own);
  EXPECT_EQ(result.instance, "t");
  EXPECT_EQ(get.text, "fn token_get(id: u32) -> ?own token<'t>");
  EXPECT_EQ(get.line, 8u);
  EXPECT_EQ(d.at(*d.find_hook("raw")).default_result, 0u);
}

TEST(Parse, BuiltinsAreAlwaysThere) {
  const Declarations d = must_parse("");
  EXPECT_TRUE(d.find_function("tn_try") && d.find_function("bpf_loop") && d.find_function("tn_malloc") && d.find_function("tn_spin_lock"));
  for (const Function& f : d.functions) EXPECT_TRUE(f.builtin) << f.name;
  EXPECT_TRUE(d.at(*d.find_function("bpf_throw")).no_return);
  const auto& dst = std::get<Mem>(d.at(*d.find_function("tn_copy")).parameters[0].type);
  EXPECT_EQ(dst.count_parameter, 2u);
  EXPECT_TRUE(dst.shared);
  EXPECT_EQ(dst.access, Access::uninit);
  EXPECT_FALSE(dst.count.has_value());
}

TEST(Parse, AnInterfaceMayHaveItsOwnLoops) {
  const Declarations d = must_parse("fn bpf_loop(n: u32) -> u32;");
  EXPECT_FALSE(d.at(*d.find_function("bpf_loop")).builtin);
  EXPECT_TRUE(d.at(*d.find_function("bpf_iter_num_new")).builtin);
}

TEST(Parse, ParkableTypesHaveTwoFunctions) {
  const Declarations d = must_parse("type car rc drop=put parkable; fn get() -> ?own car; fn put(c: own car);");
  EXPECT_TRUE(d.at(*d.find_function("tn_park_car")).parks);
  EXPECT_TRUE(d.find_function("tn_take_car"));
  for (const char* wrong : {"type car plain parkable;", "type car states {A} rc drop=put parkable; fn put(c: own car);", "fn f() catches;", "fn f() destroys;"}) {
    EXPECT_FALSE(parse(wrong, "wrong.tni")) << wrong;
  }
}

TEST(Parse, BuiltinHeaderIsTheOneExtensionsInclude) { EXPECT_EQ(builtin_header(), file_text("ext/include/tn/builtin.h")); }

TEST(Parse, OrderInTheFileDoesNotMatter) {
  const Declarations d = must_parse("fn f(x: own t); type t linear drop=f; fn g() -> mem(s|4) r; struct s { a: u32 @4 r, b: u8 @0 rw };");
  EXPECT_EQ(d.structs[0].fields[0].name, "b");
  EXPECT_EQ(std::get<Mem>(d.at(*d.find_function("g")).result).element_bytes, 8u);
  EXPECT_EQ(std::get<Mem>(d.at(*d.find_function("g")).result).count, 4u);
}

TEST(Parse, Ranges) {
  const Declarations d = must_parse("fn f(a: u32 in 1..0x10, b: s16 in -5..7, c: s64, d: u64) -> s32 in -1..0;");
  const auto& f = d.at(*d.find_function("f"));
  EXPECT_EQ(std::get<Scalar>(f.parameters[0].type), (Scalar{32, false, 1, 16}));
  EXPECT_EQ(std::get<Scalar>(f.parameters[1].type), (Scalar{16, true, -5, 7}));
  EXPECT_EQ(std::get<Scalar>(f.parameters[2].type), (Scalar{64, true, INT64_MIN, static_cast<std::uint64_t>(INT64_MAX)}));
  EXPECT_EQ(std::get<Scalar>(f.parameters[3].type), (Scalar{64, false, 0, UINT64_MAX}));
  EXPECT_EQ(std::get<Scalar>(f.result), (Scalar{32, true, -1, 0}));
}

struct Bad {
  const char* text;
  const char* code;
  const char* message;
};

class Refused : public ::testing::TestWithParam<Bad> {};

TEST_P(Refused, WithCodeAndPlace) {
  const auto parsed = parse(GetParam().text, "t.tni");
  ASSERT_FALSE(parsed.has_value());
  ASSERT_EQ(parsed.error().size(), 1u);
  const Diagnostic& d = parsed.error()[0];
  EXPECT_EQ(d.code, GetParam().code) << d.message;
  EXPECT_THAT(d.message, ::testing::HasSubstr(GetParam().message));
  EXPECT_EQ(d.where.file, "t.tni");
  EXPECT_GT(d.where.line, 0u);
  EXPECT_GT(d.where.column, 0u);
}

constexpr Bad kBad[] = {
    {"fn f(", "E0501", "a parameter's name expected before the end of the file"},
    {"fn f()", "E0501", "';'"},
    {"struct s { a: u8 @0 r", "E0501", "',' or '}'"},
    {"nonsense;", "E0501", "starts no declaration"},
    {"fn f(a: u8 in 0..0x1ffffffffffffffff);", "E0501", "64 bits"},
    {"fn f(a: u8 in 0..12cats);", "E0501", "no number"},
    {"fn \"a\nb\"();", "E0501", "quote"},
    {"fn f(\x01);", "E0501", "byte 0x01"},
    {"hook h() -> u32;", "E0501", "'default'"},
    {"struct s { a: u8 @0 };", "E0501", "needs r, w or rw"},
    {"type t rc;", "E0501", "drop=FUNCTION"},
    {"type t;", "E0501", "plain, linear, rc or rcu"},
    {"fn f() sideways;", "E0501", "a clause"},
    {"fn f(a: what);", "E0502", "no type"},
    {"fn f(a: &what);", "E0502", "no type"},
    {"fn f(a: mem(what));", "E0502", "no struct or integer"},
    {"fn f(a: mem(u8|n));", "E0502", "no parameter 'n'"},
    {"type t rc drop=f;", "E0502", "no function 'f'"},
    {"fn f(); fn f();", "E0503", "declared already"},
    {"fn tn_copy();", "E0503", "declared already"},
    {"fn f(); hook f() default 0;", "E0503", "declared already"},
    {"struct s { a: u8 @0 r }; struct s { a: u8 @0 r };", "E0503", "already is a type"},
    {"struct u8 { a: u8 @0 r };", "E0503", "already is a type"},
    {"struct s { a: u8 @0 r, a: u8 @1 r };", "E0503", "two fields"},
    {"fn f(a: u8, a: u8);", "E0503", "two parameters"},
    {"interface a; interface b;", "E0503", "already called"},
    {"fn f() noreturn noreturn;", "E0503", "twice"},
    {"fn f(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8);", "E0504", "five"},
    {"fn f(a: u8 in 3..2);", "E0504", "no range"},
    {"fn f(a: u8 in 0..256);", "E0504", "no range"},
    {"fn f(a: u8 in -1..2);", "E0504", "no range"},
    {"fn f(a: s8 in -129..2);", "E0504", "no range"},
    {"fn f(a: u64 in 0xffffffffffffffff..0xffffffffffffffff);", "E0504", "no range"},
    {"fn f(a: ?u8);", "E0504", "cannot be null"},
    {"fn f(a: mem(u8|n), n: s32);", "E0504", "unsigned"},
    {"fn f(a: mem(u8|0));", "E0504", "1 to"},
    {"fn f(a: mem(u64|0x10000000));", "E0504", "1 to"},
    {"struct s { d..e: mem r @0..8 }; fn f(a: mem(s));", "E0504", "host pointers"},
    {"struct s { a: u32 @2 r };", "E0504", "cannot lie"},
    {"struct s { a: u32 @0 r, b: u16 @2 r };", "E0504", "overlaps"},
    {"struct s { };", "E0504", "no fields"},
    {"struct s { a: what @0 r };", "E0504", "must be an integer"},
    {"struct s { a: u8 @0 r }; fn f(a: own s);", "E0504", "only be borrowed"},
    {"type t plain; fn f(a: own t);", "E0504", "plain"},
    {"type t plain field 0;", "E0504", "1 to"},
    {"type t plain reads \"s\" field 8;", "E0504", "fields of a map's values"},
    {"type t plain reads s;", "E0501", "quoted name"},
    {"struct s { a: traced \"f\" @0 r };", "E0504", "write *"},
    {"struct s { a: traced f @0 r };", "E0501", "quoted name"},
    {"struct s { a: traced \"f*\" @0 rw };", "E0504", "only be read"},
    {"type t plain field 300;", "E0504", "1 to"},
    {"type t plain stack 8 field 8;", "E0504", "fields of a map's values"},
    {"type t states {A} plain field 8;", "E0504", "fields of a map's values"},
    {"type t rc drop=f field 8; fn f(a: own t);", "E0504", "fields of a map's values"},
    {"type t plain field 8; fn f() -> &t;", "E0504", "hand out the value"},
    {"type t plain field 8; hook h(a: &t) default 0;", "E0504", "comes from no hook"},
    {"type t plain; fn f(a: &t<'a>, m: map K->V holds 'a);", "E0502", "names no parameter that is a field"},
    {"type t plain field 8; fn f(a: &t<'a>, m: map K->V holds 'b);", "E0502", "names no parameter that is a field"},
    {"type t plain field 8; fn f(a: ?&t<'a>, m: map K->V holds 'a);", "E0502", "names no parameter that is a field"},
    {"fn f(c: fn('x) -> s32 later, x: 'x);", "E0504", "called later"},
    {"fn f(m: map K->V, c: fn(map K->V) -> s32 later);", "E0504", "called later"},
    {"type t plain; fn f(c: fn(&t) -> s32 later);", "E0504", "called later"},
    {"fn f(m: u32) -> ?map of m;", "E0502", "no map 'm'"},
    {"fn f(m: map K->V) -> map K->V;", "E0504", "what a map holds"},
    {"fn f(m: map K->V, n: map of m);", "E0504", "is a result"},
    {"maps a {x, y}; maps b {y}; fn f(m: map<a> K->V); fn f(m: map<b> K->V);", "E0503", "declared already"},
    {"maps a {x}; fn f(m: map<a> K->V); fn f(m: map K->V);", "E0503", "declared already"},
    {"type t rc drop=f; fn f(a: &t);", "E0504", "must take exactly one 'own t'"},
    {"type t rc drop=f; fn f(a: own t) noreturn;", "E0504", "must take exactly one 'own t'"},
    {"type t rc drop=f; type u rc drop=g; fn f(a: own u); fn g(a: own u);", "E0504", "must take exactly one 'own t'"},
    {"type t rc drop=f; fn f(a: own t, b: u8 in 1..2);", "E0504", "must take exactly one 'own t'"},
    {"type t rc drop=f; fn f();", "E0504", "must take exactly one 'own t'"},
    {"fn f() -> u8 noreturn;", "E0504", "no result"},
    {"fn f() -> mem(u8) uninit;", "E0504", "r or rw"},
    {"hook h() -> u8 default 256;", "E0504", "default"},
    {"hook h() -> s32 in 0..4 default -1;", "E0504", "default"},
    {"hook h() -> mem(u8) default 0;", "E0504", "integer or nothing"},
};

std::string label(const ::testing::TestParamInfo<Bad>& info) { return std::string(info.param.code) + "_" + std::to_string(info.index); }
INSTANTIATE_TEST_SUITE_P(Table, Refused, ::testing::ValuesIn(kBad), label);

TEST(Parse, DiagnosticShowsTheLine) {
  const auto parsed = parse("fn a();\n  fn b(x: what);\n", "dir/t.tni");
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error()[0].where, (SourceLocation{"dir/t.tni", 2, 11, "  fn b(x: what);"}));
}

TEST(Text, IsAFixedPoint) {
  for (const char* path : {"interfaces/raw.tni", "interfaces/conformance.tni"}) {
    const std::string once = to_text(must_parse(file_text(path)));
    EXPECT_EQ(to_text(must_parse(once)), once) << path;
  }
  const std::string all =
      "interface x;\n"
      "struct s { a: u8 @0 r, b: s32 in -1..1 @4 rw, p..q: mem r @8..16 };\n"
      "type t linear drop=give;\n"
      "type u plain;\n"
      "fn give(t: own t<'a>);\n"
      "fn \"helper#7\"(n: u32 in 1..9, m: ?mem(u16|n) uninit shared, k: mem(u8|12) rw) -> ?own t interruptible callback_safe;\n"
      "fn end(u: ?&u) noreturn;\n"
      "hook h(c: &s) -> s32 in -4..4 default -2;\n"
      "hook i() default 0;\n";
  EXPECT_EQ(to_text(must_parse(all)), all);
}

}  // namespace
}  // namespace tenon::interface
