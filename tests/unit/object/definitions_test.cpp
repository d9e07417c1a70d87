// SPDX-License-Identifier: Apache-2.0
// Maps, kernel settings and variables, declarations and entry points, as libbpf's users write them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "unit/object/compile.hpp"

namespace tenon::object {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* kOptions = "-mcpu=v4 -O2 -g -fno-builtin -Wno-everything";

Object object_of(const std::string& source, std::shared_ptr<const Kernel> kernel = {}, const std::string& options = kOptions) {
  auto object = read(test::compile(source, options), "test.o", {}, std::move(kernel));
  if (!object) throw std::runtime_error(to_text(object.error()));
  return *std::move(object);
}
ir::Program program_of(const Object& object, std::string_view entry, const DecodeOptions& options = {}) {
  auto program = decode(object, entry, options);
  if (!program) throw std::runtime_error(to_text(program.error()));
  return *std::move(program);
}
const ir::MapDefinition& map_named(const ir::Program& program, std::string_view name) {
  for (const ir::MapDefinition& map : program.maps()) {
    if (map.name == name) return map;
  }
  throw std::runtime_error("no map " + std::string(name));
}
std::string refusal_of(const std::string& source, const std::string& options = kOptions) { return test::read_all(test::compile(source, options)); }

constexpr const char* kMapMacros = R"(
#define __array(name, val) typeof(val) *name[]
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define __ulong(name, val) enum { JOIN(unique_value, __COUNTER__) = val } name
#define maps SEC(".maps")
#define __kptr __attribute__((btf_type_tag("kptr")))
#define __uptr __attribute__((btf_type_tag("uptr")))
#define __contains(type, node) __attribute__((btf_decl_tag("contains:" #type ":" #node)))
struct bpf_spin_lock { u32 val; }; struct bpf_timer { u64 a[2]; }; struct bpf_wq { u64 a[2]; }; struct bpf_list_head { u64 a[2]; };
struct bpf_list_node { u64 a[3]; }; struct bpf_rb_root { u64 a[2]; }; struct bpf_rb_node { u64 a[4]; }; struct bpf_refcount { u32 val; };
struct task_struct;
SEC("raw") u64 prog(u64 *c) { return 0; }
)";

TEST(Maps, EveryAttribute) {
  const Object object = object_of(std::string(kMapMacros) + R"(
struct value { u64 a, b, c; };
struct { __uint(type, 9); __uint(max_entries, 128); __type(key, u32); __type(value, struct value); __uint(map_flags, 6); __uint(numa_node, 1);
         __uint(pinning, 1); __ulong(map_extra, 0x100000000000); } full maps;
struct { __uint(type, 27); __uint(max_entries, 4096); } ring maps;
struct { __uint(type, 2); __uint(key_size, 4); __uint(value_size, 24); __uint(max_entries, 1); __type(value, struct value); } both maps;
struct { __uint(type, 77); __uint(pinning, 0); } strange maps;
)");
  const ir::Program program = program_of(object, "prog");
  const ir::MapDefinition& full = map_named(program, "full");
  EXPECT_EQ(full.kind, "lru_hash");
  EXPECT_EQ(full.type, 9u);
  EXPECT_EQ(full.key_bytes, 4u);
  EXPECT_EQ(full.value_bytes, 24u);
  EXPECT_EQ(full.max_entries, 128u);
  EXPECT_EQ(full.flags, 6u);
  EXPECT_EQ(full.numa_node, 1u);
  EXPECT_TRUE(full.is_pinned);
  EXPECT_EQ(full.extra, 0x100000000000u);
  EXPECT_EQ(full.key_type, "u32");
  EXPECT_EQ(full.value_type, "struct value");
  EXPECT_EQ(map_named(program, "ring").kind, "ringbuf");
  EXPECT_EQ(map_named(program, "ring").key_bytes, 0u);
  EXPECT_FALSE(map_named(program, "ring").numa_node);
  EXPECT_EQ(map_named(program, "both").value_bytes, 24u);
  EXPECT_EQ(map_named(program, "strange").kind, "type#77");
  EXPECT_FALSE(map_named(program, "strange").is_pinned);
  EXPECT_THAT(ir::to_text(program),
              HasSubstr("map full: lru_hash, key 4 bytes, value 24 bytes, at most 128 entries, flags 0x6, extra 0x100000000000, on node 1, pinned"));
}

TEST(Maps, WhatTheHostOwnsInAValue) {
  const Object object = object_of(std::string(kMapMacros) + R"(
struct item { u64 data; struct bpf_list_node node; struct bpf_refcount count; struct bpf_rb_node tree; };
struct inner { int pad; struct bpf_timer timer; };
struct value {
  u64 a; struct bpf_spin_lock lock; struct inner in[2]; struct task_struct __kptr *task; const struct item __uptr *item; struct task_struct *plain;
  struct bpf_list_head head __contains(item, node); struct bpf_rb_root root __contains(item, tree); struct bpf_wq work;
};
struct { __uint(type, 1); __uint(max_entries, 1); __type(key, u32); __type(value, struct value); } owned maps;
struct { __uint(type, 1); __uint(max_entries, 1); __type(key, u32); __type(value, struct item); } items maps;
struct { __uint(type, 1); __uint(max_entries, 1); __type(key, u32); __type(value, u64); } simple maps;
struct { __uint(type, 2); __uint(max_entries, 1); __type(key, u32); struct task_struct __kptr **value; } pointer maps;
)");
  const ir::Program program = program_of(object, "prog");
  std::vector<std::string> seen;
  for (const ir::SpecialField& field : map_named(program, "owned").fields) {
    seen.push_back(fmt::format("{}@{}+{} {}.{}", ir::to_string(field.kind), field.offset, field.bytes, field.type, field.member));
  }
  EXPECT_THAT(seen, ElementsAre("spin lock@8+4 .", "timer@24+16 .", "timer@48+16 .", "kernel pointer@64+8 task_struct.", "user pointer@72+8 item.",
                                "list head@88+16 item.node", "tree root@104+16 item.tree", "work queue@120+16 ."));
  ASSERT_EQ(map_named(program, "items").fields.size(), 3u);
  EXPECT_EQ(map_named(program, "items").fields[0].kind, ir::SpecialField::Kind::list_node);
  EXPECT_EQ(map_named(program, "items").fields[1].kind, ir::SpecialField::Kind::refcount);
  EXPECT_THAT(map_named(program, "simple").fields, IsEmpty());
  ASSERT_EQ(map_named(program, "pointer").fields.size(), 1u);
  EXPECT_EQ(map_named(program, "pointer").fields[0].type, "task_struct");
}

TEST(Maps, WhatAnInterfaceOwnsInAValue) {
  const Object object = object_of(std::string(kMapMacros) + R"(
struct latch { u64 hidden; };
struct inner { u32 pad; struct latch latch; };
struct value { struct latch first; struct inner in[2]; struct bpf_timer timer; } sample;
struct held { __uint(type, 1); __uint(max_entries, 3); __type(key, u32); __type(value, struct value); } own maps;
struct { __uint(type, 12); __uint(max_entries, 8); __type(key, u32); __array(values, struct held); } outer maps;
)");
  const auto fields_of = [](const ir::MapDefinition& map) {
    std::vector<std::string> seen;
    for (const ir::SpecialField& field : map.fields) seen.push_back(fmt::format("{}@{}+{}", field.structure, field.offset, field.bytes));
    return seen;
  };
  const ir::Program linux_only = program_of(object, "prog");
  EXPECT_THAT(fields_of(map_named(linux_only, "own")), ElementsAre("bpf_timer@40+16"));
  const auto with_latches = decode(object, "prog", {.has_function = {}, .host_fields = {"latch"}});
  ASSERT_TRUE(with_latches);
  const std::vector<std::string> all{"latch@0+8", "latch@16+8", "latch@32+8", "bpf_timer@40+16"};
  EXPECT_EQ(fields_of(map_named(*with_latches, "own")), all);
  EXPECT_EQ(fields_of(*map_named(*with_latches, "outer").inner), all);
}

TEST(Maps, MapsOfMapsAndOfPrograms) {
  const Object object = object_of(std::string(kMapMacros) + R"(
struct inner_map { __uint(type, 2); __uint(max_entries, 3); __type(key, u32); __type(value, u64); } first maps, second maps;
struct { __uint(type, 12); __uint(max_entries, 8); __type(key, u32); __array(values, struct inner_map); } outer maps = {
  .values = { [1] = &second, [6] = &first } };
struct { __uint(type, 13); __uint(max_entries, 8); __uint(key_size, 8); __array(values, struct { __uint(type, 1); __uint(max_entries, 9);
         __type(key, u64); __type(value, u32); }); } anonymous maps;
SEC("raw/a") u64 a(u64 *c) { return 1; }
SEC("raw/b") u64 b(u64 *c) { return 2; }
struct { __uint(type, 3); __uint(max_entries, 4); __uint(key_size, 4); __array(values, u64 (void *)); } jumps maps = { .values = { [2] = (void *)&a, [3] = (void *)&b } };
struct { __uint(type, 3); __uint(max_entries, 4); __uint(key_size, 4); __uint(value_size, 4); } empty maps;
)");
  const ir::Program program = program_of(object, "prog");
  const auto slots = [&](std::string_view name) {
    std::vector<std::string> all;
    for (const auto& slot : map_named(program, name).slots) all.push_back(fmt::format("{}={}", slot.index, slot.name));
    return all;
  };
  EXPECT_EQ(map_named(program, "outer").kind, "array_of_maps");
  EXPECT_THAT(slots("outer"), ElementsAre("1=second", "6=first"));
  ASSERT_TRUE(map_named(program, "outer").inner);
  EXPECT_EQ(map_named(program, "outer").inner->kind, "array");
  EXPECT_EQ(map_named(program, "outer").inner->value_bytes, 8u);
  EXPECT_EQ(map_named(program, "outer").value_bytes, 4u);
  EXPECT_EQ(map_named(program, "anonymous").inner->max_entries, 9u);
  EXPECT_EQ(map_named(program, "anonymous").key_bytes, 8u);
  EXPECT_THAT(slots("jumps"), ElementsAre("2=a", "3=b"));
  EXPECT_TRUE(map_named(program, "jumps").holds_programs);
  EXPECT_FALSE(map_named(program, "jumps").inner);
  EXPECT_THAT(slots("empty"), IsEmpty());
}

TEST(Maps, LegacyDefinitionsOfEverySize) {
  for (const unsigned bytes : {20u, 28u, 36u, 64u}) {
    for (const char* options : {kOptions, "-mcpu=v2 -O2 -Wno-everything"}) {
      const Object object = object_of(fmt::format(R"(
struct bpf_map_def {{ u32 type, key_size, value_size, max_entries, map_flags; u32 more[{}]; }};
struct bpf_map_def SEC("maps") one = {{1, 4, 8, 16, 1}};
struct bpf_map_def SEC("maps") two = {{2, 4, 24, 32, 0}};
static void *(*lookup)(void *, const void *) = (void *)1;
SEC("raw") u64 prog(u64 *c) {{ u32 key = 0; u64 *v = lookup(&two, &key); return v ? *v : 0; }}
)",
                                                  (bytes - 20) / 4),
                                      {}, options);
      const ir::Program program = program_of(object, "prog");
      ASSERT_EQ(program.maps().size(), 2u);
      EXPECT_EQ(map_named(program, "one").kind, "hash");
      EXPECT_EQ(map_named(program, "one").flags, 1u);
      EXPECT_EQ(map_named(program, "two").value_bytes, 24u);
      EXPECT_THAT(ir::to_text(program), HasSubstr("map two ll"));
    }
  }
}

TEST(Maps, HostileTwins) {
  const std::string prologue = kMapMacros;
  const std::pair<const char*, const char*> rows[] = {
      {"struct { __uint(max_entries, 1); } m maps;", "E0113"},
      {"struct { __uint(type, 1); __uint(colour, 1); } m maps;", "E0113"},
      {"struct { __uint(type, 1); int key; } m maps;", "E0113"},
      {"struct { __uint(type, 1); int *max_entries; } m maps;", "E0113"},
      {"struct { __uint(type, 1); __uint(key_size, 4); __type(key, u64); } m maps;", "E0113"},
      {"struct unknown; struct { __uint(type, 1); __uint(key_size, 4); struct unknown *value; } m maps;", "E0113"},
      {"struct unknown; struct { __uint(type, 1); __uint(value_size, 4); struct unknown *key; } m maps;", "E0113"},
      {"struct { __uint(type, 1); __uint(pinning, 2); } m maps;", "E0113"},
      {"struct { __uint(type, 1); __array(values, u64 (void *)); } m maps;", "E0113"},
      {"struct { __uint(type, 12); __array(values, u64 (void *)); } m maps;", "E0113"},
      {"struct { __uint(type, 3); __array(values, struct { __uint(type, 1); }); } m maps;", "E0113"},
      {"struct { __uint(type, 12); __array(values, struct { __uint(max_entries, 1); }); } m maps;", "E0113"},
      {"struct { __uint(type, 12); __array(values, struct { __uint(type, 12); __array(values, struct { __uint(type, 1); }); }); } m maps;", "E0113"},
      {"struct { __uint(type, 12); __uint(values, 1); } m maps;", "E0113"},
      {"struct { __uint(type, 12); __array(values, int); } m maps;", "E0113"},
      {"u64 x; struct { __uint(type, 12); __array(values, struct { __uint(type, 1); }); } m maps = { .values = { (void *)&x } };", "E0113"},
      {"struct v { struct bpf_timer t[65]; }; struct { __uint(type, 1); __type(value, struct v); } m maps;", "E0113"},
      {"struct v { struct bpf_timer t[64]; }; struct { __uint(type, 1); __type(value, struct v); } m maps;", "ok"},
      {"struct bpf_map_def { u32 a[4]; }; struct bpf_map_def SEC(\"maps\") m = {{1, 4, 4, 4}};", "E0113"},
      {"struct bpf_map_def { u32 a[17]; }; struct bpf_map_def SEC(\"maps\") m = {{1, 4, 4, 4}};", "E0113"},
      {"struct bpf_map_def { u32 a[5]; }; struct bpf_map_def SEC(\"maps\") m = {{0, 4, 4, 4}};", "E0113"},
      {"struct __attribute__((packed)) odd { u32 a[5]; char odd; }; struct odd SEC(\"maps\") m = {{1, 4, 4, 4}};", "E0113"},
  };
  for (const auto& [source, expected] : rows) EXPECT_EQ(refusal_of(prologue + source), expected) << source;
}

// Structures inside structures, each twice in the next: 2^25 fields to find none in.
TEST(Maps, NestedValuesCostNoMoreThanTheyAreLong) {
  std::string source = std::string(kMapMacros) + "struct s0 { u32 a; };\n";
  for (unsigned i = 1; i <= 24; ++i) source += fmt::format("struct s{} {{ struct s{} a, b; }};\n", i, i - 1);
  source += "struct { __uint(type, 1); __type(key, u32); struct s24 *value; } m maps;";
  EXPECT_EQ(refusal_of(source), "ok");
}

std::shared_ptr<const Kernel> kernel_with(const std::string& version, const std::string& config) {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("tenon-kernel-{}", ::getpid());
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "version") << version;
  std::ofstream(folder / "config") << config;
  auto kernel = std::make_shared<const Kernel>(KernelFiles{.btf = {}, .version = folder / "version", .config = folder / "config"});
  static_cast<void>(kernel->version());
  static_cast<void>(kernel->config("CONFIG_X"));
  std::filesystem::remove_all(folder);
  return kernel;
}

std::uint64_t setting(const Object& object, const std::string& name, std::size_t bytes) {
  for (const ir::GlobalSection& section : object.globals()->sections) {
    std::uint64_t value = 0;
    if (section.name == ".kconfig " + name) {
      EXPECT_EQ(section.bytes, bytes);
      std::memcpy(&value, object.globals()->initial.data() + section.offset, std::min<std::size_t>(bytes, 8));
      return value;
    }
  }
  throw std::runtime_error("no setting " + name);
}

constexpr const char* kSettings = R"(
#define __kconfig SEC(".kconfig")
#define __weak __attribute__((weak))
enum libbpf_tristate { TRI_NO, TRI_YES, TRI_MODULE };
)";

TEST(Settings, EveryType) {
  const auto kernel =
      kernel_with("Linux version 6.18.44-vendor (gcc) #1 SMP\nmore\n",
                  "# comment\nCONFIG_BOOL=y\nCONFIG_OFF=n\nCONFIG_TRI=m\nCONFIG_CHAR=y\nCONFIG_HZ=250\nCONFIG_NEG=-3\nCONFIG_HEX=0xdead000000000000\n"
                  "CONFIG_NAME=\"(none)\"\n");
  const Object object = object_of(std::string(kSettings) + R"(
extern int LINUX_KERNEL_VERSION __kconfig; extern _Bool LINUX_HAS_BPF_COOKIE __kconfig; extern u8 LINUX_HAS_SYSCALL_WRAPPER __kconfig;
extern _Bool CONFIG_BOOL __kconfig; extern _Bool CONFIG_OFF __kconfig; extern enum libbpf_tristate CONFIG_TRI __kconfig; extern char CONFIG_CHAR __kconfig;
extern u32 CONFIG_HZ __kconfig; extern int CONFIG_NEG __kconfig; extern u64 CONFIG_HEX __kconfig; extern const char CONFIG_NAME[5] __kconfig;
extern u64 CONFIG_MISSING __kconfig __weak;
SEC("raw") u64 prog(u64 *c) { return LINUX_KERNEL_VERSION + LINUX_HAS_BPF_COOKIE + LINUX_HAS_SYSCALL_WRAPPER + CONFIG_BOOL + CONFIG_OFF + CONFIG_TRI +
  CONFIG_CHAR + CONFIG_HZ + CONFIG_NEG + CONFIG_HEX + CONFIG_NAME[c[0] % 5] + CONFIG_MISSING; }
)",
                                  kernel);
  EXPECT_EQ(setting(object, "LINUX_KERNEL_VERSION", 4), 6u << 16 | 18u << 8 | 44u);
  EXPECT_EQ(setting(object, "LINUX_HAS_BPF_COOKIE", 1), 1u);
  EXPECT_EQ(setting(object, "LINUX_HAS_SYSCALL_WRAPPER", 1), 1u);
  EXPECT_EQ(setting(object, "CONFIG_BOOL", 1), 1u);
  EXPECT_EQ(setting(object, "CONFIG_OFF", 1), 0u);
  EXPECT_EQ(setting(object, "CONFIG_TRI", 4), 2u);
  EXPECT_EQ(setting(object, "CONFIG_CHAR", 1), static_cast<unsigned>('y'));
  EXPECT_EQ(setting(object, "CONFIG_HZ", 4), 250u);
  EXPECT_EQ(setting(object, "CONFIG_NEG", 4), 0xfffffffdu);
  EXPECT_EQ(setting(object, "CONFIG_HEX", 8), 0xdead000000000000u);
  EXPECT_EQ(setting(object, "CONFIG_NAME", 5), 0x6e6f6e28u) << "cut so that a NUL fits";
  EXPECT_EQ(setting(object, "CONFIG_MISSING", 8), 0u);
  EXPECT_EQ(program_of(object, "prog").externs().size(), 0u);
}

TEST(Settings, MisfitsAndUnknowns) {
  const std::string use = "; SEC(\"raw\") u64 prog(u64 *c) { return (u64)CONFIG_X; } SEC(\"raw\") u64 other(u64 *c) { return 1; }";
  const std::tuple<const char*, const char*, const char*> rows[] = {
      {"CONFIG_X=m", "_Bool CONFIG_X", "E0119"},
      {"CONFIG_X=y", "u32 CONFIG_X", "E0119"},
      {"CONFIG_X=256", "u8 CONFIG_X", "E0119"},
      {"CONFIG_X=128", "signed char CONFIG_X", "E0119"},
      {"CONFIG_X=-1", "u32 CONFIG_X", "E0119"},
      {"CONFIG_X=\"a\"", "u32 CONFIG_X", "E0119"},
      {"CONFIG_X=12z", "u32 CONFIG_X", "E0119"},
      {"CONFIG_X=\"", "char CONFIG_X[4]", "E0119"},
      {"CONFIG_X=1", "struct { int a; } *CONFIG_X", "E0119"},
      {"CONFIG_X=18446744073709551616", "u64 CONFIG_X", "E0119"},
      {"CONFIG_X=255", "u8 CONFIG_X", "ok"},
      {"CONFIG_X=-128", "signed char CONFIG_X", "ok"},
  };
  for (const auto& [config, declaration, expected] : rows) {
    const auto bytes = test::compile(std::string(kSettings) + "extern " + declaration + " __kconfig" + use, kOptions);
    EXPECT_EQ(test::code_of(read(bytes, "test.o", {}, kernel_with("Linux version 6.1.0", config))), expected) << config << " " << declaration;
  }
  // A strong setting that is not there concerns only the program that reads it.
  const Object object = object_of(std::string(kSettings) + "extern u32 CONFIG_X __kconfig" + use, kernel_with("nothing", ""));
  EXPECT_EQ(test::code_of(decode(object, "prog")), "E0119");
  EXPECT_TRUE(decode(object, "prog").error().front().instruction);
  EXPECT_TRUE(decode(object, "other"));
}

TEST(Settings, VersionsOfKernels) {
  const std::pair<const char*, std::optional<std::uint32_t>> rows[] = {{"Linux version 5.10.0-33-amd64 (x)", 0x050a00},
                                                                       {"Linux version 4.19.325 (x)", 0x0413ff},
                                                                       {"Linux version 6.9-rc1 x", 0x060900},
                                                                       {"Linux version six", std::nullopt},
                                                                       {"", std::nullopt},
                                                                       {"Linux version 7", std::nullopt}};
  for (const auto& [text, version] : rows) EXPECT_EQ(kernel_with(text, "")->version(), version) << text;
}

TEST(KernelSymbols, FunctionsWeakOnesAndVariables) {
  const Object object = object_of(R"(
#define __ksym SEC(".ksyms")
#define __weak __attribute__((weak))
extern u64 strong(u64) __ksym __attribute__((btf_decl_tag("tenon:fn strong(a: u64) -> u64"))) __attribute__((btf_decl_tag("other")));
extern u64 maybe(u64 a, const char *text) __ksym __weak;
extern const int runqueues __ksym;
extern const void typeless __ksym __weak;
SEC("raw") u64 prog(u64 *c) { u64 r = strong(1); if (maybe) r += maybe(2, 0); return r + (u64)&runqueues + (u64)&typeless; }
)");
  const auto with = [&](bool exists) {
    return program_of(object, "prog", {.has_function = [=](std::string_view name) { return exists && name == "maybe"; }});
  };
  const auto constants = [](const ir::Program& program) {
    std::vector<std::uint64_t> all;
    for (const isa::Insn& insn : program.insns()) {
      if (const auto* imm = std::get_if<isa::LoadImm>(&insn); imm != nullptr && imm->kind == isa::LoadImm::Kind::plain) all.push_back(imm->value);
    }
    return all;
  };
  const ir::Program program = with(true);
  EXPECT_THAT(constants(program), ElementsAre(1u));
  EXPECT_THAT(constants(with(false)), ElementsAre(0u));
  EXPECT_THAT(constants(program_of(object, "prog")), ElementsAre(1u));
  ASSERT_THAT(program.externs(), ElementsAre("strong", "maybe"));
  EXPECT_THAT(program.extern_facts(0)->prototype->tags, ElementsAre("tenon:fn strong(a: u64) -> u64", "other"));
  EXPECT_FALSE(program.extern_facts(0)->is_weak);
  EXPECT_TRUE(program.extern_facts(0)->is_kernel_symbol);
  EXPECT_TRUE(program.extern_facts(1)->is_weak);
  EXPECT_EQ(program.extern_facts(1)->prototype->parameters[1].type.text, "const char *");
  EXPECT_EQ(program.extern_facts(2), nullptr);
  // The address of a variable is a load from a word of the globals, with no instruction between.
  unsigned variables = 0;
  for (std::size_t i = 0; i + 1 < program.insns().size(); ++i) {
    const auto* imm = std::get_if<isa::LoadImm>(&program.insns()[i]);
    const auto* load = std::get_if<isa::Load>(&program.insns()[i + 1]);
    if (imm == nullptr || load == nullptr || imm->kind != isa::LoadImm::Kind::global) continue;
    ++variables;
    EXPECT_EQ(load->dst, imm->dst);
    EXPECT_EQ(load->base, imm->dst);
    EXPECT_EQ(program.slot(ir::InsnIdx(i)), program.slot(ir::InsnIdx(i + 1)));
  }
  EXPECT_EQ(variables, 2u);
}

TEST(KernelSymbols, WhatHasNoMeaningConcernsOneProgram) {
  const Object object = object_of(R"(
u64 strong(u64); extern u64 nowhere;
SEC("raw") u64 takes_address(u64 *c) { return (u64)strong; }
SEC("raw") u64 reads_it(u64 *c) { return nowhere; }
SEC("raw") u64 fine(u64 *c) { return strong(1); }
)");
  EXPECT_EQ(test::code_of(decode(object, "takes_address")), "E0109");
  EXPECT_EQ(test::code_of(decode(object, "reads_it")), "E0109");
  EXPECT_TRUE(decode(object, "fine"));
  EXPECT_EQ(refusal_of("u64 g(u64) __attribute__((weak)); u64 (*p)(u64) = g; SEC(\"raw\") u64 f(u64 *c) { return p(1); }"), "E0109") << "in data";
}

TEST(Declarations, ParametersTagsAndCallbacks) {
  const Object object = object_of(R"(
struct sk_buff { int len; }; typedef u64 cookie_t; enum way { IN, OUT };
#define tag(text) __attribute__((btf_decl_tag(text)))
noinline u64 shared(struct sk_buff *skb tag("arg:ctx"), const u32 *n tag("arg:nonnull") tag("arg:nullable"), enum way w, signed char c, int (*f)(void)) {
  asm volatile("" :: "r"(skb), "r"(n), "r"(w), "r"(c), "r"(f)); return *n; }
static noinline u64 hidden(u64 a) { asm volatile("" : "+r"(a)); return a; }
noinline u64 on_throw(u64 cookie) { return cookie + 1; }
SEC("tc/ingress") tag("exception_callback:on_throw") u64 one(struct sk_buff *skb) { u32 n = 1; return shared(skb, &n, IN, 1, 0) + hidden(2); }
SEC("?tc") u64 two(struct sk_buff *skb) { u32 n = 2; return shared(skb, &n, OUT, 2, 0); }
char l[] SEC("license") = "GPL";
)");
  const ir::Program program = program_of(object, "one");
  EXPECT_EQ(program.section(), "tc/ingress");
  EXPECT_EQ(program.hook(), "tc");
  EXPECT_EQ(program.license(), "GPL");
  ASSERT_TRUE(program.exception_callback());
  EXPECT_EQ(program.function(*program.exception_callback()).name, "on_throw");
  EXPECT_FALSE(program_of(object, "two").exception_callback());
  EXPECT_EQ(program_of(object, "two").functions().size(), 2u);
  const auto named = [&](std::string_view name) -> const ir::Function& {
    for (const ir::Function& f : program.functions()) {
      if (f.name == name) return f;
    }
    throw std::runtime_error("no function");
  };
  const ir::Prototype& shared = *named("shared").prototype;
  EXPECT_TRUE(named("shared").is_global);
  EXPECT_FALSE(named("hidden").is_global);
  using Kind = ir::TypeFacts::Kind;
  ASSERT_EQ(shared.parameters.size(), 5u);
  EXPECT_EQ(shared.parameters[0].name, "skb");
  EXPECT_EQ(shared.parameters[0].type.text, "struct sk_buff *");
  EXPECT_EQ(shared.parameters[0].type.name, "sk_buff");
  EXPECT_EQ(shared.parameters[0].type.kind, Kind::pointer);
  EXPECT_EQ(shared.parameters[0].type.pointee, Kind::structure);
  EXPECT_EQ(shared.parameters[0].type.pointee_bytes, 4u);
  EXPECT_THAT(shared.parameters[0].tags, ElementsAre("arg:ctx"));
  EXPECT_TRUE(shared.parameters[1].type.pointee_is_const);
  EXPECT_EQ(shared.parameters[1].type.pointee, Kind::integer);
  EXPECT_THAT(shared.parameters[1].tags, UnorderedElementsAre("arg:nonnull", "arg:nullable"));
  EXPECT_EQ(shared.parameters[2].type.kind, Kind::enumeration);
  EXPECT_EQ(shared.parameters[2].type.text, "enum way");
  EXPECT_EQ(shared.parameters[3].type.bytes, 1u);
  EXPECT_TRUE(shared.parameters[3].type.is_signed);
  EXPECT_EQ(shared.parameters[4].type.pointee, Kind::function);
  EXPECT_EQ(shared.result.text, "u64");
  EXPECT_THAT(named("one").prototype->tags, ElementsAre("exception_callback:on_throw"));
  EXPECT_EQ(refusal_of("SEC(\"tc\") __attribute__((btf_decl_tag(\"exception_callback:gone\"))) u64 f(u64 *c) { return 0; }"), "E0111");
}

TEST(EntryPoints, ALoneFunctionNeedsNoSection) {
  const Object object = object_of("u64 lonely(u64 *c) { return 7; }");
  ASSERT_EQ(object.entry_points().size(), 1u);
  EXPECT_EQ(object.entry_points()[0].section, ".text");
  EXPECT_TRUE(decode(object, "lonely"));
  EXPECT_THAT(object_of("u64 a(u64 *c) { return 7; } u64 b(u64 *c) { return 8; }").entry_points(), IsEmpty());
  EXPECT_EQ(object_of("u64 a(u64 *c) { return 7; } SEC(\"xdp\") u64 b(u64 *c) { return 8; }").entry_points().size(), 1u);
}

TEST(EntryPoints, StructOpsSayWhichMemberTheyAre) {
  const Object object = object_of(R"(
struct tcp_congestion_ops { u64 key; void (*init)(u64 *); u32 (*ssthresh)(u64 *); char name[16]; };
SEC("struct_ops/my_init") void my_init(u64 *c) { }
SEC("struct_ops") u32 my_ssthresh(u64 *c) { return 2; }
SEC("struct_ops") u32 unused(u64 *c) { return 2; }
SEC(".struct_ops") struct tcp_congestion_ops mine = { .init = (void *)my_init, .ssthresh = (void *)my_ssthresh, .name = "mine" };
)");
  std::vector<std::string> seen;
  for (const EntryPoint& entry : object.entry_points()) seen.push_back(entry.name + ": " + entry.implements);
  EXPECT_THAT(seen, UnorderedElementsAre("my_init: tcp_congestion_ops::init", "my_ssthresh: tcp_congestion_ops::ssthresh", "unused: "));
  EXPECT_THAT(object.globals()->sections, IsEmpty()) << "the structure is the loader's, not the program's memory";
}

}  // namespace
}  // namespace tenon::object
