// SPDX-License-Identifier: Apache-2.0
// LLVM's object file -> CodeImage: constants first, code from a page boundary, everything inside resolved, everything outside a relocation that
// install knows. Undefined symbols other than ours would be calls out of the image (soundness.md, rule 3): they stop here.
#include <llvm/BinaryFormat/ELF.h>
#include <llvm/DebugInfo/DWARF/DWARFContext.h>
#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Support/DataExtractor.h>
#include <llvm/Support/MemoryBuffer.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "base/bug.hpp"
#include "codegen/module.hpp"

namespace tenon::codegen {
namespace {

using llvm::object::ELF64LEObjectFile;
using llvm::object::ELFRelocationRef;
using llvm::object::SectionRef;
using llvm::object::SymbolRef;

template <class T>
T must(llvm::Expected<T> value) {
  if (!value) base::bug("the object file that LLVM wrote is malformed: " + llvm::toString(value.takeError()));
  return std::move(*value);
}

std::optional<std::uint32_t> number_after(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  std::uint32_t number = 0;
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + prefix.size(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

class Reader {
 public:
  Reader(const ELF64LEObjectFile& object, const CallGraph& calls, abi::CodeImage& image) : object_(object), calls_(calls), image_(image) {}

  void run() {
    lay_out(/*code=*/false);
    image_.code_offset = abi::page_ceil(image_.bytes.size());
    image_.bytes.resize(image_.code_offset);
    lay_out(/*code=*/true);
    const StackNeed need = stack_need(calls_, read_frame_sizes());
    image_.native_stack_bytes = need.from.at(std::string(kEntrySymbol));
    margin_bytes_ = need.margin;
    image_.entry_offset = address_of(find_symbol(kEntrySymbol));
    for (abi::FunctionEntry& entry : image_.functions) {
      const std::string symbol = function_symbol(entry.function);
      entry.offset = address_of(find_symbol(symbol));
      entry.native_stack_bytes = need.from.at(symbol);
    }
    for (const SectionRef& section : object_.sections()) apply_relocations(section);
    read_lines();
  }

 private:
  bool is_loaded(const SectionRef& section) const { return (llvm::object::ELFSectionRef(section).getFlags() & llvm::ELF::SHF_ALLOC) != 0; }

  void lay_out(bool code) {
    for (const SectionRef& section : object_.sections()) {
      if (!is_loaded(section) || section.isText() != code || section.getSize() == 0) continue;
      base::ensure(!section.isBSS() && (code || (llvm::object::ELFSectionRef(section).getFlags() & llvm::ELF::SHF_WRITE) == 0 ||
                                        must(section.getName()).starts_with(".data.rel.ro")),
                   "compiled code with writable data");
      const std::uint64_t alignment = section.getAlignment().value();
      image_.bytes.resize((image_.bytes.size() + alignment - 1) / alignment * alignment);
      place_[section.getIndex()] = image_.bytes.size();
      const llvm::StringRef contents = must(section.getContents());
      const auto* first = reinterpret_cast<const std::byte*>(contents.data());
      image_.bytes.insert(image_.bytes.end(), first, first + contents.size());
    }
  }

  SymbolRef find_symbol(std::string_view name) const {
    for (const SymbolRef& symbol : object_.symbols()) {
      if (std::string_view(must(symbol.getName())) == name) return symbol;
    }
    base::bug("the compiled code has no entry");
  }

  bool is_defined(const SymbolRef& symbol) const { return must(symbol.getSection()) != object_.section_end(); }
  std::uint64_t address_of(const SymbolRef& symbol) const {
    const auto place = place_.find(must(symbol.getSection())->getIndex());
    base::ensure(place != place_.end(), "a symbol outside the loaded sections");
    return place->second + must(symbol.getValue());
  }

  /// .stack_sizes: per function its address (relocated) and its frame in bytes (ULEB128).
  std::map<std::string, std::uint64_t> read_frame_sizes() const {
    std::map<std::uint64_t, std::string> names;
    for (const SymbolRef& symbol : object_.symbols()) {
      if (must(symbol.getType()) == SymbolRef::ST_Function) names[address_of(symbol)] = must(symbol.getName()).str();
    }
    std::map<std::string, std::uint64_t> frames;
    for (const SectionRef& section : object_.sections()) {
      const auto relocated = must(section.getRelocatedSection());
      if (relocated == object_.section_end() || must(relocated->getName()) != ".stack_sizes") continue;
      const llvm::DataExtractor data(must(relocated->getContents()), /*IsLittleEndian=*/true, 8);
      for (const ELFRelocationRef relocation : section.relocations()) {
        std::uint64_t cursor = relocation.getOffset() + 8;
        const auto name = names.find(address_of(*relocation.getSymbol()) + must(relocation.getAddend()));
        base::ensure(name != names.end(), "a frame size of no function");
        frames[name->second] = data.getULEB128(&cursor);
      }
    }
    base::ensure(frames.size() == names.size(), "a function without a frame size");
    return frames;
  }

  void apply_relocations(const SectionRef& section) {
    const auto relocated = must(section.getRelocatedSection());
    if (relocated == object_.section_end() || !is_loaded(*relocated)) return;
    for (const ELFRelocationRef relocation : section.relocations()) {
      const std::uint64_t at = place_.at(relocated->getIndex()) + relocation.getOffset();
      const std::int64_t addend = must(relocation.getAddend());
      base::ensure(relocation.getSymbol() != object_.symbol_end(), "a relocation without a symbol");
      switch (relocation.getType()) {
        case llvm::ELF::R_X86_64_64:
          absolute(at, *relocation.getSymbol(), addend);
          break;
        case llvm::ELF::R_X86_64_PC32:
        case llvm::ELF::R_X86_64_PLT32:
          relative(at, *relocation.getSymbol(), addend);
          break;
        default:
          base::bug("the compiled code has a relocation of an unknown type");
      }
    }
  }

  void relative(std::uint64_t at, const SymbolRef& symbol, std::int64_t addend) {
    if (!is_defined(symbol)) base::bug("the compiled code calls out of its image: " + must(symbol.getName()).str());
    const std::int64_t distance = static_cast<std::int64_t>(address_of(symbol)) + addend - static_cast<std::int64_t>(at);
    base::ensure(distance == static_cast<std::int32_t>(distance), "compiled code larger than 2 GiB");
    const auto narrow = static_cast<std::int32_t>(distance);
    std::memcpy(&image_.bytes[at], &narrow, sizeof narrow);
  }

  void absolute(std::uint64_t at, const SymbolRef& symbol, std::int64_t addend) {
    using Kind = abi::Relocation::Kind;
    if (is_defined(symbol)) {
      image_.relocations.push_back({at, Kind::image, 0, static_cast<std::int64_t>(address_of(symbol)) + addend});
      return;
    }
    const std::string name = must(symbol.getName()).str();
    if (name == kStackMarginSymbol) {
      std::memcpy(&image_.bytes[at], &margin_bytes_, sizeof margin_bytes_);
    } else if (name == kHeapBaseSymbol) {
      image_.relocations.push_back({at, Kind::heap_base, 0, addend});
    } else if (name == kGlobalsSymbol) {
      image_.relocations.push_back({at, Kind::globals, 0, addend});
    } else if (const auto site = number_after(name, kSitePrefix)) {
      image_.relocations.push_back({at, Kind::site, *site, addend});
    } else if (const auto thunk = number_after(name, kThunkPrefix)) {
      image_.relocations.push_back({at, Kind::thunk, *thunk, addend});
    } else {
      base::bug("the compiled code refers to an unknown symbol: " + name);
    }
  }

  /// The debug line table, whose line numbers are instruction indices plus one. Rows without a line belong to the row before.
  void read_lines() {
    const auto context = llvm::DWARFContext::create(object_);
    for (const auto& unit : context->compile_units()) {
      const auto* table = context->getLineTableForUnit(unit.get());
      if (table == nullptr) continue;
      for (const auto& row : table->Rows) {
        if (row.EndSequence || row.Line == 0) continue;
        const std::uint64_t offset = place_.at(row.Address.SectionIndex) + row.Address.Address;
        image_.pc_map.push_back({static_cast<std::uint32_t>(offset), row.Line - 1});
      }
    }
    std::ranges::stable_sort(image_.pc_map, {}, &abi::PcMapEntry::offset);
  }

  const ELF64LEObjectFile& object_;
  const CallGraph& calls_;
  abi::CodeImage& image_;
  std::map<std::uint64_t, std::uint64_t> place_;  ///< section index -> offset into the image
  std::uint64_t margin_bytes_ = 0;
};

}  // namespace

void read_object(const std::vector<char>& object, const CallGraph& calls, abi::CodeImage& image) {
  const llvm::MemoryBufferRef buffer(llvm::StringRef(object.data(), object.size()), "compiled");
  const ELF64LEObjectFile file = must(ELF64LEObjectFile::create(buffer));
  Reader(file, calls, image).run();
}

}  // namespace tenon::codegen
