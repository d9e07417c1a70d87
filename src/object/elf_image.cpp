// SPDX-License-Identifier: Apache-2.0
#include "object/elf_image.hpp"

#include <fmt/format.h>
#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <memory>

#include "object/bytes.hpp"

namespace tenon::object {
namespace {

struct ElfEnd {
  void operator()(Elf* elf) const { elf_end(elf); }
};

class Walker {
 public:
  explicit Walker(std::span<const std::byte> bytes) { image_.bytes.assign(bytes.begin(), bytes.end()); }

  Result<ElfImage> run() {
    if (elf_version(EV_CURRENT) == EV_NONE) return refuse("E0102", "the installed libelf does not know the current ELF version");
    elf_.reset(elf_memory(reinterpret_cast<char*>(image_.bytes.data()), image_.bytes.size()));
    if (!elf_ || elf_kind(elf_.get()) != ELF_K_ELF || elf_getshdrstrndx(elf_.get(), &name_table_) != 0) return library_error("E0102");
    if (!read_sections()) return library_error("E0105");
    if (!read_symbols() || !read_relocations()) return refuse(std::move(error_));
    return std::move(image_);
  }

 private:
  static std::unexpected<Diagnostics> library_error(const char* code) {
    const char* text = elf_errmsg(-1);
    return refuse(code, fmt::format("libelf cannot read the object: {}", text != nullptr ? text : "unknown reason"));
  }
  bool fail(const char* code, std::string message) {
    error_.code = code;
    error_.message = std::move(message);
    return false;
  }

  bool read_sections() {
    image_.sections.resize(1);
    for (Elf_Scn* scn = elf_nextscn(elf_.get(), nullptr); scn != nullptr; scn = elf_nextscn(elf_.get(), scn)) {
      GElf_Shdr shdr;
      if (gelf_getshdr(scn, &shdr) == nullptr) return false;
      const char* name = elf_strptr(elf_.get(), name_table_, shdr.sh_name);
      if (name == nullptr) return false;
      Section section{
          .name = name, .type = shdr.sh_type, .flags = shdr.sh_flags, .bytes = shdr.sh_size, .align = std::max<std::uint64_t>(shdr.sh_addralign, 1)};
      if (shdr.sh_type != SHT_NOBITS && shdr.sh_type != SHT_NULL) {
        section.data = std::span<const std::byte>(image_.bytes).subspan(shdr.sh_offset, shdr.sh_size);
      }
      image_.sections.push_back(std::move(section));
    }
    return true;
  }

  bool read_symbols() {
    Elf_Scn* scn = nullptr;
    GElf_Shdr shdr{};
    while ((scn = elf_nextscn(elf_.get(), scn)) != nullptr && gelf_getshdr(scn, &shdr) != nullptr && shdr.sh_type != SHT_SYMTAB) {
    }
    Elf_Data* data = scn != nullptr ? elf_getdata(scn, nullptr) : nullptr;
    if (data == nullptr) return fail("E0107", "libelf cannot read the symbol table");
    const std::size_t count = shdr.sh_size / shdr.sh_entsize;
    for (std::size_t i = 0; i < count; ++i) {
      GElf_Sym sym;
      if (gelf_getsym(data, static_cast<int>(i), &sym) == nullptr) return fail("E0107", fmt::format("libelf cannot read symbol {}", i));
      const auto name = string_at(image_.sections[shdr.sh_link].data, sym.st_name);
      if ((!name && sym.st_name != 0) || !is_printable(name.value_or(""))) return fail("E0107", fmt::format("the name of symbol {} is no string", i));
      if (!add_symbol(i, sym, name.value_or(""))) return false;
    }
    return true;
  }

  bool add_symbol(std::size_t i, const GElf_Sym& sym, std::string_view name) {
    Symbol symbol{.name = std::string(name),
                  .value = sym.st_value,
                  .bytes = sym.st_size,
                  .type = static_cast<std::uint8_t>(GELF_ST_TYPE(sym.st_info)),
                  .is_global = GELF_ST_BIND(sym.st_info) != STB_LOCAL,
                  .is_weak = GELF_ST_BIND(sym.st_info) == STB_WEAK};
    if (sym.st_shndx == SHN_COMMON) {
      symbol.home = Symbol::Home::common;
    } else if (sym.st_shndx == SHN_ABS) {
      symbol.home = Symbol::Home::absolute;
    } else if (sym.st_shndx != SHN_UNDEF) {
      if (sym.st_shndx >= image_.sections.size()) return fail("E0107", fmt::format("symbol {} '{}' lies in no section", i, name));
      symbol.home = Symbol::Home::section;
      symbol.section = sym.st_shndx;
      if (!inside(sym.st_value, sym.st_size, image_.sections[sym.st_shndx].bytes)) {
        return fail("E0107", fmt::format("symbol {} '{}' reaches outside its section '{}'", i, name, image_.sections[sym.st_shndx].name));
      }
    }
    image_.symbols.push_back(std::move(symbol));
    return true;
  }

  bool read_relocations() {
    for (Elf_Scn* scn = elf_nextscn(elf_.get(), nullptr); scn != nullptr; scn = elf_nextscn(elf_.get(), scn)) {
      GElf_Shdr shdr;
      if (gelf_getshdr(scn, &shdr) == nullptr) return fail("E0108", "libelf cannot read a section header");
      if (shdr.sh_type == SHT_REL && !add_relocations(scn, shdr)) return false;
    }
    for (Section& section : image_.sections) {
      std::stable_sort(section.relocations.begin(), section.relocations.end(),
                       [](const Relocation& a, const Relocation& b) { return a.offset < b.offset; });
      const auto twice = std::adjacent_find(section.relocations.begin(), section.relocations.end(),
                                            [](const Relocation& a, const Relocation& b) { return a.offset == b.offset; });
      if (twice != section.relocations.end()) {
        return fail("E0108", fmt::format("section '{}' has two relocations at offset {}", section.name, twice->offset));
      }
    }
    return true;
  }

  bool add_relocations(Elf_Scn* scn, const GElf_Shdr& shdr) {
    Section& section = image_.sections[shdr.sh_info];
    if (!section.is_code() && !section.is_data()) return true;  // debug information and BTF: nothing here needs those
    Elf_Data* data = elf_getdata(scn, nullptr);
    const std::size_t count = shdr.sh_size / sizeof(Elf64_Rel);
    if (data == nullptr && count != 0) return fail("E0108", fmt::format("libelf cannot read the relocations of section '{}'", section.name));
    for (std::size_t i = 0; i < count; ++i) {
      GElf_Rel rel;
      if (gelf_getrel(data, static_cast<int>(i), &rel) == nullptr) return fail("E0108", "libelf cannot read a relocation");
      if (GELF_R_SYM(rel.r_info) == 0 || GELF_R_SYM(rel.r_info) >= image_.symbols.size() || !inside(rel.r_offset, 8, section.bytes)) {
        return fail("E0108", fmt::format("relocation {} of section '{}' lies outside it or names no symbol", i, section.name));
      }
      section.relocations.push_back(
          {rel.r_offset, static_cast<std::uint32_t>(GELF_R_TYPE(rel.r_info)), static_cast<std::uint32_t>(GELF_R_SYM(rel.r_info))});
    }
    return true;
  }

  ElfImage image_;
  std::unique_ptr<Elf, ElfEnd> elf_;
  std::size_t name_table_ = 0;
  Diagnostic error_;
};

}  // namespace

bool Section::is_code() const { return type == SHT_PROGBITS && (flags & SHF_ALLOC) != 0 && (flags & SHF_EXECINSTR) != 0; }
bool Section::is_data() const { return (type == SHT_PROGBITS || type == SHT_NOBITS) && (flags & SHF_ALLOC) != 0 && (flags & SHF_EXECINSTR) == 0; }

Result<ElfImage> read_elf(std::span<const std::byte> bytes) {
  if (auto checked = check_elf(bytes); !checked) return std::unexpected(std::move(checked).error());
  return Walker(bytes).run();
}

}  // namespace tenon::object
