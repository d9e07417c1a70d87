// SPDX-License-Identifier: Apache-2.0
// What an Object holds: functions and the places in code whose meaning a relocation gives, all resolved.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ir/program.hpp"
#include "object/btf_ext.hpp"
#include "object/declarations.hpp"
#include "object/elf_image.hpp"
#include "object/object.hpp"

namespace tenon::object {

/// What a relocated instruction means.
struct Fixup {
  enum class Kind : std::uint8_t {
    call_function,    ///< index into ObjectData::functions
    call_extern,      ///< index into ObjectData::externs
    global,           ///< offset into the globals
    function,         ///< index into ObjectData::functions
    map,              ///< index into ObjectData::maps
    extern_exists,    ///< index into ObjectData::externs: is there such a function?
    kernel_variable,  ///< offset into the globals, where its address lies
    refused,          ///< index into ObjectData::refusals
    unresolved,       ///< made while decoding: index into Assembler::unresolved_
  };
  Kind kind = Kind::global;
  std::uint64_t target = 0;
};

struct CodeFunction {
  std::string name;
  std::uint32_t section = 0;         ///< ELF index
  std::uint32_t begin = 0, end = 0;  ///< slots of the section, half-open; empty when clang left no instructions
  bool is_global = false;
  std::uint8_t parameters = 5;
  bool returns_value = true;
  TypeId declaration = 0;              ///< its BTF function; 0 when there is none
  std::optional<std::uint32_t> value;  ///< index into Globals::functions
};

struct CodeSection {
  std::span<const std::byte> code;
  std::map<std::uint32_t, Fixup> fixups;  ///< by slot
};

struct ExternFunction {
  std::string name;
  bool is_weak = false;
};

struct ObjectData {
  std::string name;
  std::shared_ptr<const Kernel> kernel;  ///< may be null
  ElfImage image;
  std::optional<Btf> btf;                     ///< views into image
  std::optional<BtfView> btf_view;            ///< the same types
  Declarations declarations;                  ///< found in btf
  BtfExt btf_ext;                             ///< views into image
  std::map<std::uint32_t, CodeSection> code;  ///< by ELF index
  std::vector<CodeFunction> functions;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> function_at;  ///< (section, slot) -> index, for functions that are not empty
  std::vector<ExternFunction> externs;
  std::vector<Diagnostic> refusals;  ///< of places in code: the program that contains one is refused
  std::string license;
  std::vector<ir::MapDefinition> maps;
  std::shared_ptr<const ir::Globals> globals;
  std::vector<EntryPoint> entry_points;
  std::vector<std::uint32_t> entry_functions;  ///< by entry point
};

/// Function symbols -> functions, prototypes and entry points. Errors: E0111.
Result<void> find_functions(ObjectData& data);

/// Maps, from .maps by their BTF or from `maps` by their bytes; index by symbol. Errors: E0113.
struct MapSymbols {
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint32_t> at;  ///< (section, offset) -> index into ObjectData::maps
};
Result<MapSymbols> find_maps(ObjectData& data);

bool is_map_section(std::string_view name);         ///< .maps, maps, maps/...
bool is_struct_ops_section(std::string_view name);  ///< .struct_ops, .struct_ops.link

/// Functions that .struct_ops variables point to: which entry point is which member.
Result<void> find_struct_ops(ObjectData& data);

/// Places in code that ask for the destructor of a type become fixups, as if a relocation had named the function. One that has none, or a wrong one, is
/// refused with the programs that ask for it (E0137). Cost: O(records log records + functions log functions).
void find_destructors(ObjectData& data);
bool asks_for_destructor(const Btf& btf, const CoreRecord& record);

/// Data sections -> ir::Globals, every relocation resolved. Sections keep their ELF order, each aligned as it asks; COMMON symbols follow.
/// With a placement, all of that lies where it says. Errors: E0108, E0109, E0112.
Result<void> lay_out(ObjectData& data, const MapSymbols& maps, const ReadLimits& limits, const Placement* placement);

/// The section is part of the globals.
bool holds_globals(const ObjectData& data, std::uint32_t section);

/// The program that starts at `function`. Errors: E0111, E0117, E012x, E013x.
Result<ir::Program> assemble(const ObjectData& data, std::uint32_t function, const EntryPoint& entry, const DecodeOptions& options);

}  // namespace tenon::object
