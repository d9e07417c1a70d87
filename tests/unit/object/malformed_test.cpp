// SPDX-License-Identifier: Apache-2.0
// Damage: each header field on its own, every truncation, every byte changed. A Result always, one reason each, never a crash.
#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <set>

#include "object/elf_image.hpp"
#include "unit/object/compile.hpp"

namespace tenon::object {
namespace {

constexpr const char* kSource = R"(
extern u64 token_get(u32 id) SEC(".ksyms");
struct { __uint(type, 1); __uint(max_entries, 128); __type(key, u32); __type(value, u64); } counts SEC(".maps");
static noinline u64 twice(u64 a) { return a * 2; }
u64 (*table[1])(u64) = {twice};
const char *name = "n"; u32 zeroed;
SEC("raw") u64 prog(u64 *ctx) { zeroed++; return table[0](ctx[0]) + name[0] + token_get(1) + (u64)&counts + twice(3); }
)";

const std::vector<std::byte>& good() {
  static const std::vector<std::byte> bytes = test::compile(kSource, "-mcpu=v4 -O2 -g -fno-builtin -gno-column-info");
  return bytes;
}

/// An object whose headers a test can edit in place.
class Editable {
 public:
  Editable() : bytes(good()) {}
  Elf64_Ehdr& header() { return at<Elf64_Ehdr>(0); }
  Elf64_Shdr& section(unsigned i) { return at<Elf64_Shdr>(header().e_shoff + i * sizeof(Elf64_Shdr)); }
  Elf64_Shdr& section(const std::string& name) { return section(index(name)); }
  unsigned index(const std::string& name) {
    for (unsigned i = 1; i < header().e_shnum; ++i) {
      const auto* text = reinterpret_cast<const char*>(bytes.data() + section(header().e_shstrndx).sh_offset + section(i).sh_name);
      if (name == text) return i;
    }
    throw std::runtime_error("no section " + name);
  }
  Elf64_Sym& symbol(const std::string& name) {
    const Elf64_Shdr& table = section(".symtab");
    for (std::uint64_t i = 0; i < table.sh_size / sizeof(Elf64_Sym); ++i) {
      auto& symbol = at<Elf64_Sym>(table.sh_offset + i * sizeof(Elf64_Sym));
      if (name == reinterpret_cast<const char*>(bytes.data() + section(table.sh_link).sh_offset + symbol.st_name)) return symbol;
    }
    throw std::runtime_error("no symbol " + name);
  }
  Elf64_Rel& relocation(const std::string& table, unsigned i) { return at<Elf64_Rel>(section(table).sh_offset + i * sizeof(Elf64_Rel)); }
  std::uint32_t& word(const std::string& name, std::uint64_t offset) { return at<std::uint32_t>(section(name).sh_offset + offset); }

  std::vector<std::byte> bytes;

 private:
  template <class T>
  T& at(std::uint64_t offset) {
    return *reinterpret_cast<T*>(bytes.data() + offset);
  }
};

TEST(Malformed, TheUndamagedObjectIsFine) { EXPECT_EQ(test::read_all(good()), "ok"); }

TEST(Malformed, EachFieldOnItsOwn) {
  struct Damage {
    const char* what;
    const char* code;
    std::function<void(Editable&)> apply;
  };
  const Damage damages[] = {
      {"magic", "E0102", [](Editable& e) { e.header().e_ident[1] = 'F'; }},
      {"32-bit", "E0103", [](Editable& e) { e.header().e_ident[EI_CLASS] = ELFCLASS32; }},
      {"big-endian", "E0103", [](Editable& e) { e.header().e_ident[EI_DATA] = ELFDATA2MSB; }},
      {"byte order", "E0103", [](Editable& e) { e.header().e_ident[EI_DATA] = 9; }},
      {"version", "E0103", [](Editable& e) { e.header().e_version = 2; }},
      {"machine", "E0104", [](Editable& e) { e.header().e_machine = EM_X86_64; }},
      {"type", "E0104", [](Editable& e) { e.header().e_type = ET_EXEC; }},
      {"program headers", "E0104", [](Editable& e) { e.header().e_phnum = 1; }},
      {"section header size", "E0105", [](Editable& e) { e.header().e_shentsize = 63; }},
      {"header size", "E0105", [](Editable& e) { e.header().e_ehsize = 0; }},
      {"no sections", "E0105", [](Editable& e) { e.header().e_shnum = 0; }},
      {"too many sections", "E0105", [](Editable& e) { e.header().e_shnum = 0xff01; }},
      {"more sections than bytes", "E0105", [](Editable& e) { e.header().e_shnum = 0xff00; }},
      {"table outside", "E0105", [](Editable& e) { e.header().e_shoff = e.bytes.size(); }},
      {"table offset wraps", "E0105", [](Editable& e) { e.header().e_shoff = ~0ull - 7; }},
      {"table misaligned", "E0105", [](Editable& e) { e.header().e_shoff -= 4; }},
      {"table over the header", "E0105", [](Editable& e) { e.header().e_shoff = 0; }},
      {"names nowhere", "E0106", [](Editable& e) { e.header().e_shstrndx = 0; }},
      {"names beyond", "E0106", [](Editable& e) { e.header().e_shstrndx = e.header().e_shnum; }},
      {"names in code", "E0106", [](Editable& e) { e.header().e_shstrndx = static_cast<Elf64_Half>(e.index("raw")); }},
      {"extended numbering", "E0105", [](Editable& e) { e.section(0u).sh_size = 70'000; }},
      {"section outside", "E0105", [](Editable& e) { e.section("raw").sh_size = e.bytes.size(); }},
      {"section offset wraps", "E0105", [](Editable& e) { e.section("raw").sh_offset = ~0ull - 8; }},
      {"sections overlap", "E0105", [](Editable& e) { e.section("raw").sh_offset = e.section(".text").sh_offset; }},
      {"section over the section table", "E0105", [](Editable& e) { e.section(".BTF").sh_offset = e.header().e_shoff; }},
      {"section over the header", "E0105", [](Editable& e) { e.section("raw").sh_offset = 0; }},
      {"alignment", "E0105", [](Editable& e) { e.section("raw").sh_addralign = 12; }},
      {"compressed", "E0105", [](Editable& e) { e.section(".debug_info").sh_flags |= SHF_COMPRESSED; }},
      {"dynamic symbols", "E0105", [](Editable& e) { e.section(".BTF").sh_type = SHT_DYNSYM; }},
      {"section name", "E0106", [](Editable& e) { e.section("raw").sh_name = 0x7fffffff; }},
      {"unprintable section name", "E0106",
       [](Editable& e) { e.section("raw").sh_name += 0, e.bytes[e.section(".strtab").sh_offset + e.section("raw").sh_name] = std::byte{0xff}; }},
      {"strings without an end", "E0106",
       [](Editable& e) { e.bytes[e.section(".strtab").sh_offset + e.section(".strtab").sh_size - 1] = std::byte{'x'}; }},
      {"no symbol table", "E0107",
       [](Editable& e) {
         e.section(".symtab").sh_type = SHT_PROGBITS;
         for (unsigned i = 1; i < e.header().e_shnum; ++i)
           if (e.section(i).sh_type == SHT_REL) e.section(i).sh_type = SHT_PROGBITS;
       }},
      {"symbol size", "E0107", [](Editable& e) { e.section(".symtab").sh_entsize = 16; }},
      {"half a symbol", "E0107", [](Editable& e) { e.section(".symtab").sh_size -= 8; }},
      {"symbol strings", "E0107", [](Editable& e) { e.section(".symtab").sh_link = e.index("raw"); }},
      {"symbol strings beyond", "E0107", [](Editable& e) { e.section(".symtab").sh_link = 0x10000; }},
      {"symbol name", "E0107", [](Editable& e) { e.symbol("prog").st_name = 0x7fffffff; }},
      {"symbol section", "E0107", [](Editable& e) { e.symbol("prog").st_shndx = e.header().e_shnum; }},
      {"symbol value", "E0107", [](Editable& e) { e.symbol("prog").st_value = ~0ull - 7; }},
      {"symbol extent", "E0107", [](Editable& e) { e.symbol("prog").st_size += 8; }},
      {"relocation size", "E0108", [](Editable& e) { e.section(".relraw").sh_entsize = 24; }},
      {"half a relocation", "E0108", [](Editable& e) { e.section(".relraw").sh_size -= 8; }},
      {"relocation symbols", "E0108", [](Editable& e) { e.section(".relraw").sh_link = e.index("raw"); }},
      {"relocated section", "E0108", [](Editable& e) { e.section(".relraw").sh_info = e.header().e_shnum; }},
      {"relocations with addends", "E0108", [](Editable& e) { e.section(".relraw").sh_type = SHT_RELA; }},
      {"relocation offset", "E0108", [](Editable& e) { e.relocation(".relraw", 0).r_offset = e.section("raw").sh_size; }},
      {"relocation offset wraps", "E0108", [](Editable& e) { e.relocation(".relraw", 0).r_offset = ~0ull - 3; }},
      {"relocation inside an instruction", "E0108", [](Editable& e) { e.relocation(".relraw", 0).r_offset += 4; }},
      {"relocation on another instruction", "E0108", [](Editable& e) { e.relocation(".relraw", 0).r_offset = e.section("raw").sh_size - 8; }},
      {"relocation type", "E0108", [](Editable& e) { e.relocation(".relraw", 0).r_info += 1; }},
      {"relocation symbol", "E0108", [](Editable& e) { e.relocation(".relraw", 0).r_info |= 1ull << 63; }},
      {"two relocations at one place", "E0108", [](Editable& e) { e.relocation(".relraw", 1).r_offset = e.relocation(".relraw", 0).r_offset; }},
      {"data relocation type", "E0108", [](Editable& e) { e.relocation(".rel.data", 0).r_info += 1; }},
      {"overlapping data relocations", "E0108",
       [](Editable& e) { e.relocation(".rel.data", 1).r_offset = e.relocation(".rel.data", 0).r_offset + 4; }},
      {"data relocation beyond its target", "E0109", [](Editable& e) { e.word(".data", e.relocation(".rel.data", 1).r_offset) = 0x1000; }},
      {"data relocation before its target", "E0109", [](Editable& e) { e.word(".data", e.relocation(".rel.data", 1).r_offset + 4) = 0x80000000; }},
      {"function that is none", "E0109", [](Editable& e) { e.word(".data", e.relocation(".rel.data", 0).r_offset) = 4; }},
      {"relocated symbol is absolute", "E0109", [](Editable& e) { e.symbol("zeroed").st_shndx = SHN_ABS; }},
      {"huge zero section", "E0112", [](Editable& e) { e.section(".bss").sh_size = 1ull << 62; }},
      {"function outside code", "E0111", [](Editable& e) { e.symbol("prog").st_shndx = static_cast<Elf64_Half>(e.index(".BTF")); }},
      {"function of half an instruction", "E0111", [](Editable& e) { e.symbol("prog").st_size -= 4; }},
      {"code of half an instruction", "E0111", [](Editable& e) { e.section("raw").sh_size -= 4, e.symbol("prog").st_size -= 8; }},
      {"BTF magic", "E0114", [](Editable& e) { e.word(".BTF", 0) = 0; }},
      {"BTF header size", "E0114", [](Editable& e) { e.word(".BTF", 4) = 8; }},
      {"BTF types outside", "E0114", [](Editable& e) { e.word(".BTF", 12) = 0x7ffffff0; }},
      {"BTF strings outside", "E0114", [](Editable& e) { e.word(".BTF", 20) += 1; }},
      {"BTF.ext magic", "E0115", [](Editable& e) { e.word(".BTF.ext", 0) = 0; }},
      {"BTF.ext parts outside", "E0115", [](Editable& e) { e.word(".BTF.ext", 12) = 0x7ffffff0; }},
      {"BTF.ext record size", "E0115", [](Editable& e) { e.word(".BTF.ext", e.word(".BTF.ext", 4)) = 0; }},
      {"BTF.ext record count", "E0115", [](Editable& e) { e.word(".BTF.ext", e.word(".BTF.ext", 4) + 8) = 0x10000000; }},
      {"BTF.ext section name", "E0115", [](Editable& e) { e.word(".BTF.ext", e.word(".BTF.ext", 4) + 4) = 1; }},
      {"BTF.ext instruction", "E0115", [](Editable& e) { e.word(".BTF.ext", e.word(".BTF.ext", 4) + 12) = 0x8000; }},
      {"BTF.ext misaligned instruction", "E0115", [](Editable& e) { e.word(".BTF.ext", e.word(".BTF.ext", 4) + 12) = 4; }},
      {"BTF.ext function type", "E0115", [](Editable& e) { e.word(".BTF.ext", e.word(".BTF.ext", 4) + 16) = 0x8000; }},
      {"CO-RE relocations outside", "E0115", [](Editable& e) { e.word(".BTF.ext", 28) = 8; }},
  };
  for (const Damage& damage : damages) {
    Editable object;
    damage.apply(object);
    EXPECT_EQ(test::read_all(object.bytes), damage.code) << damage.what;
  }
}

TEST(Malformed, EveryTruncationIsRefused) {
  std::set<std::string> codes;
  for (std::size_t bytes = 0; bytes < good().size(); ++bytes) {
    const std::string code = test::read_all(std::span(good()).first(bytes));
    EXPECT_NE(code, "ok") << bytes;  // the section table is the last thing in the file
    codes.insert(code);
  }
  EXPECT_THAT(codes, testing::UnorderedElementsAre("E0102", "E0105"));
}

TEST(Malformed, EveryChangedByteGivesAResult) {
  static const std::string kKnown = "E01";
  std::vector<std::byte> bytes = good();
  std::size_t refused = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const std::byte change : {std::byte{0xff}, std::byte{0x01}, std::byte{0x80}}) {
      bytes[i] ^= change;
      const std::string code = test::read_all(bytes);
      EXPECT_TRUE(code == "ok" || code.starts_with(kKnown)) << "byte " << i << ": " << code;
      refused += code != "ok";
      bytes[i] ^= change;
    }
  }
  EXPECT_GT(refused, bytes.size() / 10);
}

constexpr const char* kKernelSource = R"(
#define weak __attribute__((weak))
struct bpf_map_def { u32 a[5]; }; struct bpf_map_def SEC("maps") old = {{1, 4, 8, 16, 1}};
struct s { int a; u64 b : 5; } __attribute__((preserve_access_index)); enum e { ONE = 1 };
extern int CONFIG_X weak SEC(".kconfig"); extern u64 maybe(u64) weak SEC(".ksyms"); extern const int variable SEC(".ksyms");
struct in { __uint(type, 1); __type(key, u32); __type(value, struct s); } inner SEC(".maps");
struct { __uint(type, 12); __type(key, u32); typeof(struct in) *values[]; } outer SEC(".maps") = { .values = { &inner } };
SEC("xdp") u64 prog(struct s *c) { return c->a + c->b + __builtin_preserve_enum_value(*(enum e *)ONE, 1) + CONFIG_X + (maybe ? maybe(1) : 0) +
  (u64)&variable + (u64)&old + (u64)&outer; }
)";

/// The object's own types are the kernel's, and its bytes both.
std::string read_with_kernel(std::span<const std::byte> bytes) {
  const auto image = read_elf(bytes);
  std::shared_ptr<const Kernel> kernel;
  for (const Section& section : image ? image->sections : std::vector<Section>()) {
    if (section.name != ".BTF") continue;
    if (auto types = TargetTypes::read({section.data.begin(), section.data.end()})) kernel = std::make_shared<const Kernel>(*types);
  }
  const auto object = read(bytes, "test.o", {.globals_bytes = 1 << 20}, kernel);
  if (!object) return test::code_of(object);
  for (const EntryPoint& entry : object->entry_points()) {
    if (const auto program = decode(*object, entry.name); !program) return test::code_of(program);
  }
  return "ok";
}

TEST(Malformed, EveryChangedByteOfWhatIsTheKernels) {
  std::vector<std::byte> bytes = test::compile(kKernelSource, "-mcpu=v4 -O2 -g -gno-column-info -fno-builtin -Wno-everything");
  ASSERT_EQ(read_with_kernel(bytes), "ok");
  std::set<std::string> codes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const std::byte change : {std::byte{0xff}, std::byte{0x01}, std::byte{0x80}}) {
      bytes[i] ^= change;
      codes.insert(read_with_kernel(bytes));
      bytes[i] ^= change;
    }
  }
  for (const std::string& code : codes) EXPECT_TRUE(code == "ok" || code.starts_with("E01")) << code;
  for (const char* code : {"E0109", "E0113", "E0114", "E0115", "E0116"}) EXPECT_TRUE(codes.contains(code)) << code;
}

TEST(Malformed, TypesOfAKernel) {
  EXPECT_EQ(test::code_of(TargetTypes::read_file("/nonexistent/btf")), "E0101");
  EXPECT_EQ(test::code_of(TargetTypes::read_file("/proc/self/exe")), "E0118") << "an ELF file without BTF";
  EXPECT_EQ(test::code_of(TargetTypes::read_file("/proc/version")), "E0118");
  EXPECT_EQ(test::code_of(TargetTypes::read({})), "E0118");
}

TEST(Malformed, FilesThatCannotBeRead) {
  EXPECT_EQ(test::code_of(read_file("/nonexistent/object.o")), "E0101");
  EXPECT_EQ(test::code_of(read_file("/")), "E0101");
  EXPECT_EQ(test::code_of(read_file("/dev/zero")), "E0101");
}

}  // namespace
}  // namespace tenon::object
