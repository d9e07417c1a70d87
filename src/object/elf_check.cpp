// SPDX-License-Identifier: Apache-2.0
// Everything that can be wrong with an ELF file's headers, found before any library looks at them.
#include <elf.h>
#include <fmt/format.h>

#include <algorithm>

#include "object/bytes.hpp"
#include "object/elf_image.hpp"

namespace tenon::object {
namespace {

constexpr const char* kRebuild = "the file is damaged or was not made by clang: build it again";

class ElfCheck {
 public:
  explicit ElfCheck(std::span<const std::byte> bytes) : bytes_(bytes) {}

  Result<void> run() {
    if (!header() || !section_table()) return refuse(std::move(error_));
    for (std::size_t i = 1; i < sections_.size(); ++i) {
      if (!section(i)) return refuse(std::move(error_));
    }
    if (!names() || !no_overlaps() || !one_symbol_table()) return refuse(std::move(error_));
    return {};
  }

 private:
  bool fail(const char* code, std::string message, std::string help = kRebuild) {
    error_.code = code;
    error_.message = std::move(message);
    error_.help = std::move(help);
    return false;
  }

  bool header() {
    if (bytes_.size() < SELFMAG || std::memcmp(bytes_.data(), ELFMAG, SELFMAG) != 0) {
      return fail("E0102", "this is no ELF object", "give the .o file that clang -target bpf wrote");
    }
    const auto ehdr = load<Elf64_Ehdr>(bytes_, 0);
    if (!ehdr) return fail("E0102", "the file ends inside the ELF header");
    ehdr_ = *ehdr;
    if (ehdr_.e_ident[EI_CLASS] != ELFCLASS64) return fail("E0103", "the object is not a 64-bit ELF file", "compile with clang -target bpf");
    if (ehdr_.e_ident[EI_DATA] == ELFDATA2MSB) return fail("E0103", "the object is big-endian", "compile with clang -target bpfel");
    if (ehdr_.e_ident[EI_DATA] != ELFDATA2LSB) return fail("E0103", "the object's byte order is unknown");
    if (ehdr_.e_ident[EI_VERSION] != EV_CURRENT || ehdr_.e_version != EV_CURRENT) return fail("E0103", "the object's ELF version is unknown");
    if (ehdr_.e_machine != EM_BPF) {
      return fail("E0104", fmt::format("the object is for machine {}, not for BPF", ehdr_.e_machine), "compile with clang -target bpf");
    }
    if (ehdr_.e_type != ET_REL || ehdr_.e_phnum != 0) {
      return fail("E0104", "the file is no relocatable object", "give the .o file that clang -c wrote, before any linking to an executable");
    }
    return true;
  }

  bool section_table() {
    if (ehdr_.e_ehsize != sizeof(Elf64_Ehdr) || ehdr_.e_shentsize != sizeof(Elf64_Shdr)) {
      return fail("E0105", "the ELF header gives its tables sizes that do not exist");
    }
    if (ehdr_.e_shnum < 2 || ehdr_.e_shnum > kMaxSections) return fail("E0105", fmt::format("the object has {} sections", ehdr_.e_shnum));
    const std::uint64_t table_bytes = std::uint64_t{ehdr_.e_shnum} * sizeof(Elf64_Shdr);
    if (!inside(ehdr_.e_shoff, table_bytes, bytes_.size()) || ehdr_.e_shoff < sizeof(Elf64_Ehdr) || ehdr_.e_shoff % 8 != 0) {
      return fail("E0105", "the section table lies outside the file, or is misaligned");
    }
    sections_.resize(ehdr_.e_shnum);
    std::memcpy(sections_.data(), bytes_.data() + ehdr_.e_shoff, table_bytes);
    if (sections_[0].sh_type != SHT_NULL || sections_[0].sh_size != 0 || sections_[0].sh_link != 0) {
      return fail("E0105", "the first section header is not empty");
    }
    if (ehdr_.e_shstrndx == 0 || ehdr_.e_shstrndx >= ehdr_.e_shnum || sections_[ehdr_.e_shstrndx].sh_type != SHT_STRTAB) {
      return fail("E0106", "the ELF header names no section that holds the section names");
    }
    return true;
  }

  std::span<const std::byte> data(const Elf64_Shdr& shdr) const { return bytes_.subspan(shdr.sh_offset, shdr.sh_size); }

  bool section(std::size_t i) {
    const Elf64_Shdr& shdr = sections_[i];
    if (shdr.sh_type == SHT_NULL) return true;
    if (shdr.sh_type != SHT_NOBITS && !inside(shdr.sh_offset, shdr.sh_size, bytes_.size())) {
      return fail("E0105", fmt::format("section {} lies outside the file", i));
    }
    if (shdr.sh_addralign > 1 && (shdr.sh_addralign & (shdr.sh_addralign - 1)) != 0) {
      return fail("E0105", fmt::format("section {} is aligned to {}, which is no power of two", i, shdr.sh_addralign));
    }
    if ((shdr.sh_flags & SHF_COMPRESSED) != 0) return fail("E0105", fmt::format("section {} is compressed", i), "build without -gz");
    switch (shdr.sh_type) {
      case SHT_STRTAB:
        if (shdr.sh_size != 0 && data(shdr).back() != std::byte{0}) return fail("E0106", fmt::format("string table {} does not end in a NUL", i));
        return true;
      case SHT_SYMTAB:
        return symbol_table(i);
      case SHT_REL:
        return relocation_table(i);
      case SHT_RELA:
        return fail("E0108", fmt::format("section {} holds relocations with addends, which BPF objects do not have", i));
      case SHT_DYNSYM:
      case SHT_DYNAMIC:
      case SHT_SYMTAB_SHNDX:
        return fail("E0105", fmt::format("section {} has type {}, which relocatable BPF objects do not have", i, shdr.sh_type));
      default:
        return true;
    }
  }

  bool symbol_table(std::size_t i) {
    const Elf64_Shdr& shdr = sections_[i];
    if (shdr.sh_entsize != sizeof(Elf64_Sym) || shdr.sh_size % sizeof(Elf64_Sym) != 0 || shdr.sh_size == 0 || shdr.sh_offset % 8 != 0) {
      return fail("E0107", "the symbol table is no table of symbols");
    }
    if (shdr.sh_size / sizeof(Elf64_Sym) > kMaxSymbols) return fail("E0107", fmt::format("the object has more than {} symbols", kMaxSymbols));
    if (shdr.sh_link == 0 || shdr.sh_link >= sections_.size() || sections_[shdr.sh_link].sh_type != SHT_STRTAB) {
      return fail("E0107", "the symbol table names no string table");
    }
    return true;
  }

  bool relocation_table(std::size_t i) {
    const Elf64_Shdr& shdr = sections_[i];
    if (shdr.sh_entsize != sizeof(Elf64_Rel) || shdr.sh_size % sizeof(Elf64_Rel) != 0 || shdr.sh_offset % 8 != 0) {
      return fail("E0108", fmt::format("section {} is no table of relocations", i));
    }
    if (shdr.sh_link == 0 || shdr.sh_link >= sections_.size() || sections_[shdr.sh_link].sh_type != SHT_SYMTAB) {
      return fail("E0108", fmt::format("the relocations of section {} name no symbol table", i));
    }
    if (shdr.sh_info == 0 || shdr.sh_info >= sections_.size())
      return fail("E0108", fmt::format("the relocations of section {} are for no section", i));
    relocations_ += shdr.sh_size / sizeof(Elf64_Rel);
    return relocations_ <= kMaxRelocations || fail("E0108", fmt::format("the object has more than {} relocations", kMaxRelocations));
  }

  bool names() {
    const Elf64_Shdr& strings = sections_[ehdr_.e_shstrndx];
    for (std::size_t i = 1; i < sections_.size(); ++i) {
      const auto name = string_at(data(strings), sections_[i].sh_name);
      if (!name || !is_printable(*name)) return fail("E0106", fmt::format("the name of section {} is no string", i));
    }
    return true;
  }

  bool no_overlaps() {
    struct Range {
      std::uint64_t begin, end;
      std::size_t section;  ///< 0: a header
    };
    std::vector<Range> ranges{{0, sizeof(Elf64_Ehdr), 0}, {ehdr_.e_shoff, ehdr_.e_shoff + sections_.size() * sizeof(Elf64_Shdr), 0}};
    for (std::size_t i = 1; i < sections_.size(); ++i) {
      const Elf64_Shdr& shdr = sections_[i];
      if (shdr.sh_type == SHT_NULL || shdr.sh_type == SHT_NOBITS || shdr.sh_size == 0) continue;
      ranges.push_back({shdr.sh_offset, shdr.sh_offset + shdr.sh_size, i});
    }
    std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.begin < b.begin; });
    for (std::size_t i = 1; i < ranges.size(); ++i) {
      if (ranges[i].begin >= ranges[i - 1].end) continue;
      return fail("E0105", fmt::format("section {} overlaps with {}", std::max(ranges[i].section, ranges[i - 1].section),
                                       std::min(ranges[i].section, ranges[i - 1].section) == 0
                                           ? std::string("a header")
                                           : fmt::format("section {}", std::min(ranges[i].section, ranges[i - 1].section))));
    }
    return true;
  }

  bool one_symbol_table() {
    const auto count = std::count_if(sections_.begin(), sections_.end(), [](const Elf64_Shdr& shdr) { return shdr.sh_type == SHT_SYMTAB; });
    return count == 1 || fail("E0107", fmt::format("the object has {} symbol tables instead of one", count), "do not strip the object");
  }

  std::span<const std::byte> bytes_;
  Elf64_Ehdr ehdr_{};
  std::vector<Elf64_Shdr> sections_;
  std::size_t relocations_ = 0;
  Diagnostic error_;
};

}  // namespace

Result<void> check_elf(std::span<const std::byte> bytes) { return ElfCheck(bytes).run(); }

}  // namespace tenon::object
