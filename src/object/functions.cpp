// SPDX-License-Identifier: Apache-2.0
// Finds functions and entry points among the symbols.
#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "object/object_data.hpp"

namespace tenon::object {
namespace {

bool is_text(std::string_view section) { return section == ".text" || section.starts_with(".text."); }

class Finder {
 public:
  explicit Finder(ObjectData& data) : data_(data) {}

  Result<void> run() {
    if (!code_sections() || !collect() || !extents()) return refuse(std::move(error_));
    for (CodeFunction& function : data_.functions) add_prototype(function);
    if (!entry_points()) return refuse(std::move(error_));
    return {};
  }

 private:
  bool fail(std::string message, std::string help = {}) {
    error_.code = "E0111";
    error_.message = std::move(message);
    error_.help = std::move(help);
    return false;
  }

  bool code_sections() {
    std::set<std::string_view> names;
    for (std::uint32_t i = 1; i < data_.image.sections.size(); ++i) {
      const Section& section = data_.image.sections[i];
      if (!section.is_code()) continue;
      if (section.bytes % 8 != 0)
        return fail(fmt::format("the code section '{}' is {} bytes long, which is no multiple of 8", section.name, section.bytes));
      if (!names.insert(section.name).second) return fail(fmt::format("two code sections are called '{}'", section.name));
      data_.code.emplace(i, CodeSection{section.data, {}});
    }
    return true;
  }

  bool collect() {
    for (const Symbol& symbol : data_.image.symbols) {
      if (symbol.type != STT_FUNC || symbol.home == Symbol::Home::undefined) continue;
      if (symbol.home != Symbol::Home::section || !data_.code.contains(symbol.section)) {
        return fail(fmt::format("function '{}' lies in no code section", symbol.name));
      }
      if (symbol.value % 8 != 0 || symbol.bytes % 8 != 0) return fail(fmt::format("function '{}' is not made of whole instructions", symbol.name));
      CodeFunction function{.name = symbol.name, .section = symbol.section, .is_global = symbol.is_global};
      function.begin = static_cast<std::uint32_t>(symbol.value / 8);
      function.end = static_cast<std::uint32_t>((symbol.value + symbol.bytes) / 8);
      data_.functions.push_back(std::move(function));
    }
    std::stable_sort(data_.functions.begin(), data_.functions.end(), [](const CodeFunction& a, const CodeFunction& b) {
      return std::tuple(a.section, a.begin, b.end, b.is_global) < std::tuple(b.section, b.begin, a.end, a.is_global);
    });
    return true;
  }

  /// Functions that begin at the same slot stand together, the longest first. Without any length (hand-written assembly without .size) they reach to
  /// the next function; beside one with a length they are empty: clang leaves such symbols where the C has undefined behaviour.
  bool extents() {
    for (std::size_t i = 0; i < data_.functions.size(); ++i) {
      CodeFunction& function = data_.functions[i];
      const auto next = std::upper_bound(data_.functions.begin(), data_.functions.end(), function, [](const CodeFunction& a, const CodeFunction& b) {
        return std::tuple(a.section, a.begin) < std::tuple(b.section, b.begin);
      });
      const bool has_next = next != data_.functions.end() && next->section == function.section;
      const auto limit = has_next ? next->begin : static_cast<std::uint32_t>(data_.code.at(function.section).code.size() / 8);
      const bool is_first = i == 0 || data_.functions[i - 1].section != function.section || data_.functions[i - 1].begin != function.begin;
      if (is_first && function.end == function.begin) function.end = limit;
      if (function.end > limit) return fail(fmt::format("functions '{}' and '{}' overlap", function.name, has_next ? next->name : ""));
      if (function.end > function.begin) data_.function_at.emplace(std::pair(function.section, function.begin), static_cast<std::uint32_t>(i));
    }
    return true;
  }

  /// clang may change the parameters of static functions and drop their results, so BTF's word counts for global ones only; void stays void.
  void add_prototype(CodeFunction& function) const {
    const auto table = data_.btf_ext.prototypes.find(function.section);
    if (!data_.btf || table == data_.btf_ext.prototypes.end()) return;
    const auto record = std::lower_bound(table->second.begin(), table->second.end(), function.begin,
                                         [](const PrototypeRecord& r, std::uint32_t slot) { return r.slot < slot; });
    if (record == table->second.end() || record->slot != function.begin) return;
    const BtfType& declared = data_.btf->type(record->function);
    if (declared.name != function.name) return;
    function.declaration = record->function;
    const BtfType& prototype = data_.btf->type(declared.target);
    if (function.is_global) function.parameters = argument_registers(*data_.btf, prototype);
    function.returns_value = prototype.target != 0;
  }

  bool entry_points() {
    for (std::uint32_t i = 0; i < data_.functions.size(); ++i) {
      const CodeFunction& function = data_.functions[i];
      if (function.is_global && !is_text(section_name(function)) && !add_entry_point(i)) return false;
    }
    // An object that is one function without a section of its own is that program.
    if (!data_.entry_points.empty() || data_.functions.size() != 1 || !data_.functions[0].is_global) return true;
    return add_entry_point(0);
  }

  std::string_view section_name(const CodeFunction& function) const { return data_.image.sections[function.section].name; }

  bool add_entry_point(std::uint32_t i) {
    const CodeFunction& function = data_.functions[i];
    std::string_view section = section_name(function);
    if (function.name.empty()) return fail(fmt::format("an entry point in section '{}' has no name", section));
    if (!names_.insert(function.name).second) return fail(fmt::format("two entry points are called '{}'", function.name));
    EntryPoint entry{.name = function.name};
    entry.autoload = !section.starts_with('?');
    if (!entry.autoload) section.remove_prefix(1);
    entry.section = section;
    entry.hook = section.substr(0, section.find('/'));
    data_.entry_points.push_back(std::move(entry));
    data_.entry_functions.push_back(i);
    return true;
  }

  std::set<std::string_view> names_;
  ObjectData& data_;
  Diagnostic error_;
};

}  // namespace

Result<void> find_functions(ObjectData& data) { return Finder(data).run(); }

}  // namespace tenon::object
