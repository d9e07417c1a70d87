// SPDX-License-Identifier: Apache-2.0
// The globals block, and what every relocation of code and data points to.
#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "object/bytes.hpp"
#include "object/kconfig.hpp"
#include "object/layout.hpp"
#include "object/object_data.hpp"

namespace tenon::object {
namespace {

// Relocation types (Linux, "BPF LLVM Relocations"; the system's elf.h knows two of them).
constexpr std::uint32_t kNone = 0, kAddress64 = 1, kCall32 = 10;
constexpr std::uint8_t kOpcodeLoadImm = 0x18, kOpcodeCall = 0x85, kSourceLocalCall = 1, kSourceKernelCall = 2;

/// Read by the loader, not by the program.
bool holds_globals(const Section& section) {
  return section.is_data() && section.name != "license" && section.name != "version" && !is_map_section(section.name) &&
         !is_struct_ops_section(section.name);
}

bool is_made_by_gcc(const ElfImage& image) {
  return std::any_of(image.sections.begin(), image.sections.end(), [](const Section& section) {
    const std::string_view text(reinterpret_cast<const char*>(section.data.data()), section.data.size());
    return section.name == ".comment" && text.find("GCC: ") != std::string_view::npos;
  });
}

class Arrangement {
 public:
  Arrangement(ObjectData& data, const MapSymbols& maps, const ReadLimits& limits, const Placement* placement)
      : data_(data), maps_(maps), limits_(limits), placement_(placement), is_gnu_(is_made_by_gcc(data.image)) {}

  Result<void> run() {
    if (!place_sections() || !place_common() || !place_externs()) return refuse(std::move(error_));
    fill();
    if (auto set = fill_settings(); !set) return set;
    for (std::uint32_t i = 1; i < data_.image.sections.size(); ++i) {
      const Section& section = data_.image.sections[i];
      const bool ok = section.is_code() ? relocate_code(i) : !holds_globals(section) || relocate_data(i);
      if (!ok) return refuse(std::move(error_));
    }
    for (const auto& [section, code] : data_.code) {
      for (const auto& [slot, fixup] : code.fixups) {
        if (fixup.kind == Fixup::Kind::function) give_value(data_.functions[fixup.target]);
      }
    }
    data_.globals = std::make_shared<const ir::Globals>(std::move(globals_));
    return {};
  }

 private:
  /// A stretch of a section, and where it lies in the block.
  struct Piece {
    std::uint64_t begin = 0, bytes = 0, offset = 0;
    bool is_there = false;  ///< in the heap already, with a value
  };

  bool fail(const char* code, std::string message, std::string help = {}) {
    error_.code = code;
    error_.message = std::move(message);
    error_.help = std::move(help);
    return false;
  }

  /// The offset of a new part of the block; nothing when it does not fit.
  std::optional<std::uint64_t> reserve(std::string_view name, std::uint64_t bytes, std::uint64_t align) {
    align = std::max<std::uint64_t>(align, 1);
    if (align > ir::kGlobalsAlignBytes || (align & (align - 1)) != 0) {
      fail("E0112", fmt::format("'{}' asks for an alignment of {} bytes; globals have at most {}", name, align, ir::kGlobalsAlignBytes));
      return std::nullopt;
    }
    const std::uint64_t offset = (block_bytes_ + align - 1) / align * align;
    if (!inside(offset, bytes, limits_.globals_bytes)) {
      fail("E0112", fmt::format("the globals are larger than {} bytes ('{}' alone takes {})", limits_.globals_bytes, name, bytes),
           "allocate large memory from the heap at run time");
      return std::nullopt;
    }
    block_bytes_ = offset + bytes;
    return offset;
  }

  bool place_sections() {
    if (placement_ != nullptr) place_as_told();
    for (std::uint32_t i = 1; placement_ == nullptr && i < data_.image.sections.size(); ++i) {
      const Section& section = data_.image.sections[i];
      if (!holds_globals(section)) continue;
      const auto offset = reserve(section.name, section.bytes, section.align);
      if (!offset) return false;
      pieces_[i].push_back({0, section.bytes, *offset});
      globals_.sections.push_back({section.name, *offset, section.bytes});
    }
    return true;
  }

  /// Parts of one section stand in its order, and no two sections have one name: layout_of() has seen to it.
  void place_as_told() {
    globals_.functions = placement_->functions;
    for (std::uint32_t i = 0; i < globals_.functions.size(); ++i) numbers_.emplace(globals_.functions[i], i);
    globals_.initial_at = block_bytes_ = placement_->fresh_at;
    block_bytes_ += placement_->fresh_bytes;
    for (std::uint32_t i = 1; i < data_.image.sections.size(); ++i) {
      const Section& section = data_.image.sections[i];
      if (!holds_globals(section)) continue;
      for (const LayoutPart& part : placement_->parts) {
        if (part.section != section.name) continue;
        pieces_[i].push_back({part.begin, part.bytes, part.at, part.is_kept});
        globals_.sections.push_back({part.variable.empty() ? part.section : part.variable, part.at, part.bytes});
        if (part.is_kept) globals_.end_of_kept = std::max(globals_.end_of_kept, part.at + part.bytes);
      }
    }
  }

  /// The piece that [at, +bytes) of the section lies in, its end included; null: none.
  const Piece* piece_at(std::uint32_t section, std::uint64_t at, std::uint64_t bytes = 0) const {
    const auto found = pieces_.find(section);
    if (found == pieces_.end()) return nullptr;
    const auto after = std::ranges::upper_bound(found->second, at, {}, &Piece::begin);
    if (after == found->second.begin()) return nullptr;
    const Piece& piece = *std::prev(after);
    return inside(at - piece.begin, bytes, piece.bytes) ? &piece : nullptr;
  }

  bool place_common() {
    for (std::uint32_t i = 1; i < data_.image.symbols.size(); ++i) {
      const Symbol& symbol = data_.image.symbols[i];
      if (symbol.home != Symbol::Home::common) continue;
      const auto offset = reserve(symbol.name, symbol.bytes, symbol.value);
      if (!offset) return false;
      common_offset_.emplace(i, *offset);
      globals_.sections.push_back({symbol.name, *offset, symbol.bytes});
    }
    return true;
  }

  /// Settings of the kernel, and a word for the address of each kernel variable: zero until a loader knows it.
  bool place_externs() {
    for (std::uint32_t i = 1; i < data_.image.symbols.size(); ++i) {
      const Symbol& symbol = data_.image.symbols[i];
      if (symbol.home != Symbol::Home::undefined || symbol.name.empty()) continue;
      const auto setting = data_.declarations.kconfig.find(symbol.name);
      const bool is_variable = data_.declarations.ksyms.contains(symbol.name);
      if (setting == data_.declarations.kconfig.end() && !is_variable) continue;
      const std::uint64_t bytes = is_variable ? 8 : data_.btf->type(setting->second).bytes;
      const auto offset = reserve(symbol.name, bytes, 8);
      if (!offset) return false;
      extern_offset_.emplace(i, *offset);
      globals_.sections.push_back({(is_variable ? ".ksyms " : ".kconfig ") + symbol.name, *offset, bytes});
    }
    return true;
  }

  Result<void> fill_settings() {
    for (const auto& [i, offset] : extern_offset_) {
      const Symbol& symbol = data_.image.symbols[i];
      const auto setting = data_.declarations.kconfig.find(symbol.name);
      if (setting == data_.declarations.kconfig.end()) continue;
      const auto out = std::span(globals_.initial).subspan(offset, data_.btf->type(setting->second).bytes);
      TENON_TRY(is_known, read_setting(data_.kernel.get(), *data_.btf, setting->second, symbol.name, out));
      if (!is_known && !symbol.is_weak) unknown_settings_.insert(i);
    }
    return {};
  }

  void fill() {
    globals_.initial.resize(block_bytes_ - globals_.initial_at);
    for (const auto& [i, pieces] : pieces_) {
      const std::span<const std::byte> bytes = data_.image.sections[i].data;
      for (const Piece& piece : pieces) {
        if (bytes.empty() || piece.is_there) continue;
        const auto from = bytes.subspan(piece.begin, piece.bytes);
        std::copy(from.begin(), from.end(), globals_.initial.begin() + static_cast<std::ptrdiff_t>(piece.offset - globals_.initial_at));
      }
    }
  }

  std::string name_of(const Symbol& symbol) const {
    return symbol.name.empty() && symbol.home == Symbol::Home::section ? data_.image.sections[symbol.section].name : symbol.name;
  }
  bool bad_target(const Symbol& symbol, std::int64_t addend) {
    return fail("E0109", fmt::format("a relocation points to '{}' {:+}, where nothing is that a program may refer to", name_of(symbol), addend));
  }

  /// Where symbol + addend lies as an address: a global (one past its section's end included), a function's start, or a map.
  bool resolve_address(std::uint32_t index, std::int64_t addend, Fixup& fixup) {
    const Symbol& symbol = data_.image.symbols[index];
    if (symbol.home == Symbol::Home::undefined) return resolve_extern(index, addend, fixup);
    std::int64_t offset = 0;
    if (symbol.value > limits_.globals_bytes || __builtin_add_overflow(addend, symbol.home == Symbol::Home::section ? symbol.value : 0, &offset) ||
        offset < 0) {
      return bad_target(symbol, addend);
    }
    const auto at = static_cast<std::uint64_t>(offset);
    if (symbol.home == Symbol::Home::common) return resolve_global(symbol, addend, common_offset_.at(index), at, symbol.bytes, fixup);
    if (symbol.home != Symbol::Home::section) return bad_target(symbol, addend);
    const Section& section = data_.image.sections[symbol.section];
    if (section.is_code()) return resolve_function(symbol, at, addend, fixup);
    if (pieces_.contains(symbol.section)) {
      // A variable's symbol says which piece is meant, also by an address that is the end of one and the begin of the next.
      const Piece* const piece = piece_at(symbol.section, symbol.type == STT_OBJECT ? symbol.value : at);
      if (piece == nullptr || at < piece->begin) return bad_target(symbol, addend);
      return resolve_global(symbol, addend, piece->offset, at - piece->begin, piece->bytes, fixup);
    }
    const auto map = maps_.at.find({symbol.section, at});
    if (map == maps_.at.end()) return bad_target(symbol, addend);
    fixup = {Fixup::Kind::map, map->second};
    return true;
  }

  bool resolve_extern(std::uint32_t index, std::int64_t addend, Fixup& fixup) {
    const Symbol& symbol = data_.image.symbols[index];
    if (unknown_settings_.contains(index)) {
      return fail("E0119", fmt::format("the kernel's setting '{}' is not known", symbol.name),
                  "declare it __weak if the program can do without, or give the kernel's configuration with --kconfig");
    }
    if (const auto place = extern_offset_.find(index); place != extern_offset_.end()) {
      const auto setting = data_.declarations.kconfig.find(symbol.name);
      if (setting == data_.declarations.kconfig.end()) {
        fixup = {Fixup::Kind::kernel_variable, place->second};
        return addend == 0 || bad_target(symbol, addend);
      }
      const std::uint64_t bytes = data_.btf->type(setting->second).bytes;
      return addend < 0 ? bad_target(symbol, addend)
                        : resolve_global(symbol, addend, place->second, static_cast<std::uint64_t>(addend), bytes, fixup);
    }
    if (symbol.is_weak && addend == 0 && data_.declarations.extern_functions.contains(symbol.name)) {
      fixup = {Fixup::Kind::extern_exists, extern_index(symbol)};
      return true;
    }
    return fail(
        "E0109", fmt::format("the address of '{}' is taken, which the object does not define", symbol.name),
        "host functions can be called, but have no address unless they are weak; extern variables need a section, __kconfig or __ksym, and -g");
  }

  bool resolve_global(const Symbol& symbol, std::int64_t addend, std::uint64_t base, std::uint64_t at, std::uint64_t bytes, Fixup& fixup) {
    if (at > bytes) return bad_target(symbol, addend);
    fixup = {Fixup::Kind::global, base + at};
    return true;
  }

  bool resolve_function(const Symbol& symbol, std::uint64_t at, std::int64_t addend, Fixup& fixup) {
    const auto function = at % 8 == 0 ? data_.function_at.find({symbol.section, static_cast<std::uint32_t>(at / 8)}) : data_.function_at.end();
    if (function == data_.function_at.end()) return bad_target(symbol, addend);
    fixup = {Fixup::Kind::function, function->second};
    give_value(data_.functions[function->second]);
    return true;
  }

  void give_value(CodeFunction& function) {
    if (!function.value) function.value = number_of(function.name);
  }

  /// A function keeps the number that it had in the version before, for the heap may hold it: the first of its name does.
  std::uint32_t number_of(const std::string& name) {
    if (const auto known = numbers_.extract(name)) return known.mapped();
    globals_.functions.push_back(name);
    return static_cast<std::uint32_t>(globals_.functions.size() - 1);
  }

  bool relocate_data(std::uint32_t i) {
    const Section& section = data_.image.sections[i];
    std::uint64_t free_from = 0;
    for (const Relocation& relocation : section.relocations) {
      if (relocation.type == kNone) continue;
      const auto addend = load<std::int64_t>(section.data, relocation.offset);
      if (!is_data_address(relocation.type) || !addend || relocation.offset < free_from) {
        return fail("E0108", fmt::format("the relocation of type {} at offset {} of '{}' is none that data can have", relocation.type,
                                         relocation.offset, section.name));
      }
      free_from = relocation.offset + 8;
      Fixup fixup;
      const Piece* const piece = piece_at(i, relocation.offset, sizeof(std::uint64_t));
      if (placement_ != nullptr && (piece == nullptr || piece->is_there)) continue;  // nothing reads it, or it has a value
      if (!resolve_address(relocation.symbol, without_gnu_bias(relocation, *addend), fixup)) return false;
      if (fixup.kind != Fixup::Kind::global && fixup.kind != Fixup::Kind::function)
        return bad_target(data_.image.symbols[relocation.symbol], *addend);
      add_pointer(piece->offset + (relocation.offset - piece->begin), fixup);
    }
    return true;
  }

  void add_pointer(std::uint64_t at, const Fixup& fixup) {
    const bool is_function = fixup.kind == Fixup::Kind::function;
    const std::uint64_t target = is_function ? *data_.functions[fixup.target].value : fixup.target;
    globals_.pointers.push_back({at, is_function ? ir::GlobalPointer::Kind::function : ir::GlobalPointer::Kind::global, target});
    std::fill_n(globals_.initial.begin() + static_cast<std::ptrdiff_t>(at - globals_.initial_at), 8, std::byte{0});
  }

  bool relocate_code(std::uint32_t i) {
    const Section& section = data_.image.sections[i];
    for (const Relocation& relocation : section.relocations) {
      if (relocation.type == kNone) continue;
      Fixup fixup;
      if (relocation.offset % 8 != 0) return misplaced(section, relocation);
      const bool ok = relocation.type == kAddress64 ? relocate_load(section, relocation, fixup)
                      : relocation.type == kCall32  ? relocate_call(section, relocation, fixup)
                                                    : misplaced(section, relocation);
      if (!ok && !refuse_place(fixup)) return false;
      data_.code.at(i).fixups.emplace(static_cast<std::uint32_t>(relocation.offset / 8), fixup);
    }
    return true;
  }

  /// A name that nothing stands behind concerns the programs that use it, not the whole object.
  bool refuse_place(Fixup& fixup) {
    if (error_.code != "E0109" && error_.code != "E0119") return false;
    fixup = {Fixup::Kind::refused, data_.refusals.size()};
    data_.refusals.push_back(std::exchange(error_, {}));
    return true;
  }

  bool misplaced(const Section& section, const Relocation& relocation) {
    return fail("E0108", fmt::format("the relocation of type {} at offset {} of '{}' does not fit the instruction there", relocation.type,
                                     relocation.offset, section.name));
  }

  /// Both halves' other fields are zero, and the addend is the first immediate.
  bool relocate_load(const Section& section, const Relocation& relocation, Fixup& fixup) {
    const auto opcode = load<std::uint8_t>(section.data, relocation.offset), registers = load<std::uint8_t>(section.data, relocation.offset + 1);
    const auto addend = load<std::int32_t>(section.data, relocation.offset + 4);
    const auto second = load<std::uint64_t>(section.data, relocation.offset + 8);
    if (opcode != kOpcodeLoadImm || *registers >> 4 != 0 || !addend || second != 0) return misplaced(section, relocation);
    return resolve_address(relocation.symbol, without_gnu_bias(relocation, *addend), fixup);
  }

  /// GNU as up to 2.40 leaves a named symbol's own offset in the field as well.
  std::int64_t without_gnu_bias(const Relocation& relocation, std::int64_t addend) const {
    const Symbol& symbol = data_.image.symbols[relocation.symbol];
    std::int64_t less = 0;
    if (!is_gnu_ || symbol.home != Symbol::Home::section || symbol.type == STT_SECTION || symbol.value > limits_.globals_bytes ||
        __builtin_sub_overflow(addend, static_cast<std::int64_t>(symbol.value), &less)) {
      return addend;
    }
    return less;
  }

  /// Bytes from the symbol to the callee: the immediate counts slots from the next instruction. GNU as up to 2.40 leaves the function's own offset in
  /// bytes there, less one.
  static std::int64_t call_addend(const Symbol& symbol, std::int32_t imm) {
    if (symbol.type == STT_FUNC && static_cast<std::uint64_t>(std::int64_t{imm} + 1) == symbol.value) return 0;
    return (std::int64_t{imm} + 1) * 8;
  }

  bool relocate_call(const Section& section, const Relocation& relocation, Fixup& fixup) {
    const auto opcode = load<std::uint8_t>(section.data, relocation.offset), registers = load<std::uint8_t>(section.data, relocation.offset + 1);
    const auto imm = load<std::int32_t>(section.data, relocation.offset + 4);
    const Symbol& symbol = data_.image.symbols[relocation.symbol];
    const bool is_extern = symbol.home == Symbol::Home::undefined;
    const bool is_call = *registers == kSourceLocalCall << 4 || (is_extern && *registers == kSourceKernelCall << 4);
    if (opcode != kOpcodeCall || !is_call) return misplaced(section, relocation);
    const std::int64_t addend = call_addend(symbol, *imm);
    if (is_extern) {
      if (addend != 0 || symbol.name.empty()) return bad_target(symbol, addend);
      fixup = {Fixup::Kind::call_extern, extern_index(symbol)};
      return true;
    }
    if (symbol.home != Symbol::Home::section || !data_.code.contains(symbol.section)) return bad_target(symbol, addend);
    const std::int64_t at = static_cast<std::int64_t>(symbol.value) + addend;
    const auto slot = at / 8;
    const bool fits = at >= 0 && at % 8 == 0 && slot <= std::numeric_limits<std::uint32_t>::max();
    const auto function = fits ? data_.function_at.find({symbol.section, static_cast<std::uint32_t>(slot)}) : data_.function_at.end();
    if (function == data_.function_at.end()) return bad_target(symbol, addend);
    fixup = {Fixup::Kind::call_function, function->second};
    return true;
  }

  std::uint32_t extern_index(const Symbol& symbol) {
    const auto [found, is_new] = extern_index_.emplace(symbol.name, static_cast<std::uint32_t>(data_.externs.size()));
    if (is_new) data_.externs.push_back({symbol.name, symbol.is_weak});
    return found->second;
  }

  ObjectData& data_;
  const MapSymbols& maps_;
  const ReadLimits& limits_;
  const Placement* placement_;  ///< null: a heap of its own
  ir::Globals globals_;
  bool is_gnu_ = false;  ///< made by gcc
  std::uint64_t block_bytes_ = 0;
  std::map<std::uint32_t, std::vector<Piece>> pieces_;     ///< by ELF section index, in order
  std::map<std::string, std::uint32_t> numbers_;           ///< that functions of the version before had, and nobody has taken yet
  std::map<std::uint32_t, std::uint64_t> common_offset_;   ///< by symbol index
  std::map<std::uint32_t, std::uint64_t> extern_offset_;   ///< of kernel settings and variables, by symbol index
  std::set<std::uint32_t> unknown_settings_;               ///< strong ones, by symbol index
  std::map<std::string, std::uint32_t> extern_index_;
  Diagnostic error_;
};

}  // namespace

bool holds_globals(const ObjectData& data, std::uint32_t section) { return holds_globals(data.image.sections[section]); }

Result<void> lay_out(ObjectData& data, const MapSymbols& maps, const ReadLimits& limits, const Placement* placement) {
  return Arrangement(data, maps, limits, placement).run();
}

}  // namespace tenon::object
