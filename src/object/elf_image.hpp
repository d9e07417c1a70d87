// SPDX-License-Identifier: Apache-2.0
// An ELF file as values: sections, symbols, relocations, all indices and ranges checked. check_elf() looks at every header before libelf sees a byte;
// read_elf() then walks with libelf.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <tenon/result.hpp>

namespace tenon::object {

inline constexpr std::size_t kMaxSections = 0xff00;  // SHN_LORESERVE: no extended numbering
inline constexpr std::size_t kMaxSymbols = 1u << 20;
inline constexpr std::size_t kMaxRelocations = 1u << 22;

struct Relocation {
  std::uint64_t offset = 0;  ///< into its section
  std::uint32_t type = 0;    ///< R_BPF_*
  std::uint32_t symbol = 0;  ///< index into ElfImage::symbols
};

/// An 8-byte address in data: 2 in LLVM, 1 in LLVM before 13, 12 in GNU binutils.
constexpr bool is_data_address(std::uint32_t relocation_type) { return relocation_type == 2 || relocation_type == 1 || relocation_type == 12; }

struct Section {
  std::string name;
  std::uint32_t type = 0;
  std::uint64_t flags = 0;
  std::uint64_t bytes = 0;
  std::uint64_t align = 1;
  std::span<const std::byte> data;      ///< into ElfImage::bytes; empty when the section takes no room in the file
  std::vector<Relocation> relocations;  ///< sorted by offset, one per offset

  bool is_code() const;
  bool is_data() const;  ///< part of the program's memory and no code
};

struct Symbol {
  enum class Home : std::uint8_t { undefined, section, common, absolute };
  std::string name;
  std::uint64_t value = 0, bytes = 0;  ///< value: offset into its section; for Home::common the alignment
  std::uint8_t type = 0;               ///< STT_*
  bool is_global = false;              ///< global or weak
  bool is_weak = false;
  Home home = Home::undefined;
  std::uint32_t section = 0;  ///< only for Home::section
};

struct ElfImage {
  std::vector<std::byte> bytes;
  std::vector<Section> sections;  ///< by ELF index; [0] is empty
  std::vector<Symbol> symbols;    ///< by ELF index; [0] is empty
};

/// Headers, section table, overlaps, string tables, entry sizes and counts. Errors: E0102 to E0108.
Result<void> check_elf(std::span<const std::byte> bytes);

/// Errors: those of check_elf(), E0107 symbols, E0108 relocations.
Result<ElfImage> read_elf(std::span<const std::byte> bytes);

}  // namespace tenon::object
