// SPDX-License-Identifier: Apache-2.0
// From an entry point to a program: decodes that function and every one that it reaches, puts them one after the other and makes targets indices.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/bug.hpp"
#include "isa/decode.hpp"
#include "isa/opcode_table.hpp"
#include "object/bytes.hpp"
#include "object/host_types.hpp"
#include "object/object_data.hpp"
#include "object/special_fields.hpp"

namespace tenon::object {
namespace {

constexpr std::uint8_t kOpcodeLoadImm = 0x18, kOpcodeCall = 0x85;
constexpr std::string_view kExceptionCallback = "exception_callback:";

/// A function's instructions; slots and jump targets count from its own start.
struct Body {
  std::uint32_t function = 0;  ///< index into ObjectData::functions
  std::vector<isa::Decoded> insns;
  std::map<std::uint32_t, Fixup> fixups;
  ir::InsnIdx begin;
};

class Assembler {
 public:
  Assembler(const ObjectData& data, const EntryPoint& entry, const DecodeOptions& options) : data_(data), options_(options) {
    parts_.name = entry.name;
    parts_.hook = entry.hook;
    parts_.section = entry.section;
    parts_.license = data.license;
    parts_.maps = data.maps;
    parts_.globals = data.globals;
    parts_.host_types = host_types_of(data.kernel);
  }

  Result<ir::Program> run(std::uint32_t entry) {
    for (ir::MapDefinition& map : parts_.maps) {
      if (auto found = find_host_fields(map); !found) return std::unexpected(std::move(found).error());
    }
    need(entry);
    if (auto named = need_exception_callback(entry); !named) return std::unexpected(std::move(named).error());
    for (std::size_t next = 0; next < bodies_.size(); ++next) {
      if (auto read = read_body(next); !read) return std::unexpected(std::move(read).error());
    }
    place();
    for (const Body& body : bodies_) {
      if (!emit(body)) return refuse(std::move(error_));
    }
    return ir::link(std::move(parts_));
  }

 private:
  /// The fields that only this interface keeps for itself.
  Result<void> find_host_fields(ir::MapDefinition& map) const {
    if (options_.host_fields.empty() || !data_.btf) return {};
    if (map.value_btf != 0) {
      auto fields = SpecialFields(*data_.btf, data_.declarations, options_.host_fields).of(map.value_btf);
      if (!fields) return refuse("E0113", fmt::format("map '{}' {}", map.name, fields.error()));
      map.fields = *std::move(fields);
    }
    if (!map.inner) return {};
    ir::MapDefinition inner = *map.inner;
    if (auto found = find_host_fields(inner); !found) return found;
    map.inner = std::make_shared<const ir::MapDefinition>(std::move(inner));
    return {};
  }

  /// The index that a function has in the program; functions are read in the order in which they are first needed.
  ir::FunctionIdx need(std::uint64_t function) {
    const auto [found, is_new] = function_index_.emplace(static_cast<std::uint32_t>(function), bodies_.size());
    if (is_new) bodies_.push_back({.function = static_cast<std::uint32_t>(function)});
    return ir::FunctionIdx(found->second);
  }

  /// __exception_cb(f) on the entry point: f runs when something throws.
  Result<void> need_exception_callback(std::uint32_t entry) {
    for (const std::string& tag : tags_of(data_.declarations, data_.functions[entry].declaration)) {
      if (data_.functions[entry].declaration == 0 || !tag.starts_with(kExceptionCallback)) continue;
      const std::string_view name = std::string_view(tag).substr(kExceptionCallback.size());
      const auto found = std::find_if(data_.functions.begin(), data_.functions.end(), [&](const CodeFunction& f) { return f.name == name; });
      if (found == data_.functions.end() || found->begin == found->end) {
        return refuse("E0111", fmt::format("the exception callback '{}' of '{}' is no function of the object", name, parts_.name));
      }
      parts_.exception_callback = need(static_cast<std::uint64_t>(found - data_.functions.begin()));
    }
    return {};
  }

  SourceLocation place_of(const CodeFunction& function, std::uint32_t slot) const {
    const auto table = data_.btf_ext.lines.find(function.section);
    if (table == data_.btf_ext.lines.end()) return {};
    const auto after =
        std::upper_bound(table->second.begin(), table->second.end(), slot, [](std::uint32_t s, const LineRecord& r) { return s < r.slot; });
    if (after == table->second.begin() || std::prev(after)->slot < function.begin) return {};
    const LineRecord& line = *std::prev(after);
    return {made_printable(line.file), line.line, line.column, made_printable(line.text)};
  }
  Diagnostic diagnose(const CodeFunction& function, std::uint32_t slot, std::string code, std::string message, std::string help = {}) const {
    Diagnostic diagnostic;
    diagnostic.code = std::move(code);
    diagnostic.message = std::move(message);
    diagnostic.help = std::move(help);
    diagnostic.instruction = slot;
    diagnostic.where = place_of(function, slot);
    return diagnostic;
  }

  Result<void> read_body(std::size_t index) {
    const CodeFunction& function = data_.functions[bodies_[index].function];
    if (function.begin == function.end) {
      return refuse("E0111", fmt::format("function '{}' has no instructions", function.name),
                    "clang leaves none where the C has undefined behaviour");
    }
    total_slots_ += function.end - function.begin;
    if (total_slots_ > 2 * ir::kMaxInsns) {
      return refuse("E0130", fmt::format("program '{}' has more than {} instructions", parts_.name, ir::kMaxInsns),
                    "split the extension into several programs");
    }
    const auto code = std::span(data_.code.at(function.section).code).subspan(function.begin * 8ull, (function.end - function.begin) * 8ull);
    std::vector<std::byte> bytes(code.begin(), code.end());
    if (auto adapted = adapt_to_kernel(function, bytes, bodies_[index].fixups); !adapted) return adapted;
    if (auto fixed = apply_fixups(function, bytes, bodies_[index].fixups); !fixed) return fixed;
    auto decoded = isa::decode(bytes);
    if (!decoded) return refuse(in_section(function, std::move(decoded).error().front()));
    bodies_[index].insns = expanded(*std::move(decoded), bodies_[index].fixups);
    follow(index);
    return {};
  }

  /// Applies the CO-RE relocations of a function to its bytes.
  Result<void> adapt_to_kernel(const CodeFunction& function, std::vector<std::byte>& bytes, std::map<std::uint32_t, Fixup>& fixups) {
    const auto table = data_.btf_ext.core.find(function.section);
    if (table == data_.btf_ext.core.end()) return {};
    auto record =
        std::lower_bound(table->second.begin(), table->second.end(), function.begin, [](const CoreRecord& r, std::uint32_t s) { return r.slot < s; });
    for (; record != table->second.end() && record->slot < function.end; ++record) {
      if (asks_for_destructor(*data_.btf, *record)) continue;  // a fixup by now
      if (auto adapted = adapt(function, *record, bytes, fixups); !adapted) return adapted;
    }
    return {};
  }

  Result<void> adapt(const CodeFunction& function, const CoreRecord& record, std::vector<std::byte>& bytes, std::map<std::uint32_t, Fixup>& fixups) {
    const auto fail = [&](const std::string& why) {
      return refuse(diagnose(function, record.slot, "E0116", fmt::format("the CO-RE relocation for {} {}", to_text(*data_.btf_view, record), why)));
    };
    if (data_.code.at(function.section).fixups.contains(record.slot)) return fail("stands on an instruction that has another relocation");
    const TargetTypes* types = nullptr;
    if (needs_target(record.kind)) {
      if (data_.kernel == nullptr) return fail("needs a kernel's types");
      TENON_TRY(found, data_.kernel->types());
      types = found.get();
    }
    const auto value = object::resolve(*data_.btf_view, types, record);
    if (!value) return fail(value.error());
    const std::uint32_t slot = record.slot - function.begin;
    const auto is_usable = patch(std::span(bytes).subspan(slot * 8ull), *value);
    if (!is_usable) return fail(is_usable.error());
    if (*is_usable) return {};
    fixups.emplace(slot, Fixup{Fixup::Kind::unresolved, unresolved_.size()});
    unresolved_.push_back(to_text(*data_.btf_view, record));
    make_harmless(bytes, slot);
    return {};
  }
  /// Something that decodes, in as many slots: emit() puts what is meant there.
  static void make_harmless(std::vector<std::byte>& bytes, std::uint32_t slot) {
    if (bytes[slot * 8ull] == std::byte{kOpcodeLoadImm}) return blank(bytes, slot);
    std::memset(&bytes[slot * 8ull], 0, 8);
    bytes[slot * 8ull] = std::byte{kOpcodeCall};
  }

  /// The address of a kernel variable is not known, so it is read from where a loader puts it: r = &word; r = *r.
  static std::vector<isa::Decoded> expanded(std::vector<isa::Decoded> insns, const std::map<std::uint32_t, Fixup>& fixups) {
    const auto is_variable = [](const auto& pair) { return pair.second.kind == Fixup::Kind::kernel_variable; };
    if (std::none_of(fixups.begin(), fixups.end(), is_variable)) return insns;
    std::vector<isa::Decoded> longer;
    for (const isa::Decoded& decoded : insns) {
      longer.push_back(decoded);
      const auto fixup = fixups.find(decoded.slot);
      if (fixup == fixups.end() || !is_variable(*fixup)) continue;
      const isa::Reg dst = std::get<isa::LoadImm>(decoded.insn).dst;
      longer.push_back({isa::Load{isa::Width::w8, false, dst, dst, 0}, decoded.slot, decoded.slots});
    }
    return longer;
  }

  Diagnostic in_section(const CodeFunction& function, Diagnostic diagnostic) const {
    if (!diagnostic.instruction) return diagnostic;
    *diagnostic.instruction += function.begin;
    diagnostic.where = place_of(function, *diagnostic.instruction);
    diagnostic.message += fmt::format(" (in function '{}')", function.name);
    return diagnostic;
  }

  /// Gathers what relocations say about this function, and the calls that need none because they stay in their section; blanks those fields for
  /// decode().
  Result<void> apply_fixups(const CodeFunction& function, std::vector<std::byte>& bytes, std::map<std::uint32_t, Fixup>& fixups) const {
    const CodeSection& section = data_.code.at(function.section);
    for (std::uint32_t slot = 0; slot < bytes.size() / 8; ++slot) {
      const auto opcode = load<std::uint8_t>(bytes, slot * 8ull), registers = load<std::uint8_t>(bytes, slot * 8ull + 1);
      auto known = section.fixups.find(function.begin + slot);
      Fixup fixup;
      if (known != section.fixups.end()) {
        fixup = known->second;
        if (fixup.kind == Fixup::Kind::refused) return refuse(at_place(data_.refusals[fixup.target], function, function.begin + slot));
      } else if (opcode == kOpcodeCall && *registers == isa::kCallLocal << 4) {
        const std::int64_t target = std::int64_t{function.begin} + slot + 1 + *load<std::int32_t>(bytes, slot * 8ull + 4);
        const auto callee = target >= 0 && target <= UINT32_MAX ? data_.function_at.find({function.section, static_cast<std::uint32_t>(target)})
                                                                : data_.function_at.end();
        if (callee == data_.function_at.end()) {
          return refuse(
              diagnose(function, function.begin + slot, "E0117", fmt::format("the call's target, slot {}, is no function's start", target)));
        }
        fixup = {Fixup::Kind::call_function, callee->second};
      } else {
        if (opcode == kOpcodeLoadImm) ++slot;
        continue;
      }
      fixups.emplace(slot, fixup);
      blank(bytes, slot);
      if (opcode == kOpcodeLoadImm) ++slot;
    }
    return {};
  }
  Diagnostic at_place(Diagnostic diagnostic, const CodeFunction& function, std::uint32_t slot) const {
    diagnostic.instruction = slot;
    diagnostic.where = place_of(function, slot);
    return diagnostic;
  }
  /// Source register and immediate to zero: a plain constant, or a call of helper 0.
  static void blank(std::vector<std::byte>& bytes, std::uint32_t slot) {
    bytes[slot * 8ull + 1] &= std::byte{0x0f};
    std::memset(&bytes[slot * 8ull + 4], 0, 4);
  }

  void follow(std::size_t index) {
    const std::map<std::uint32_t, Fixup> fixups = bodies_[index].fixups;
    for (const auto& [slot, fixup] : fixups) {
      if (fixup.kind == Fixup::Kind::call_function || fixup.kind == Fixup::Kind::function) need(fixup.target);
    }
    const bool calls_through_value = std::any_of(bodies_[index].insns.begin(), bodies_[index].insns.end(), [](const isa::Decoded& decoded) {
      const auto* call = std::get_if<isa::Call>(&decoded.insn);
      return call != nullptr && call->kind == isa::Call::Kind::indirect;
    });
    if (!calls_through_value) return;
    for (std::uint32_t f = 0; f < data_.functions.size(); ++f) {
      if (data_.functions[f].value) need(f);
    }
  }

  void place() {
    std::size_t next = 0;
    for (Body& body : bodies_) {
      body.begin = ir::InsnIdx(next);
      next += body.insns.size();
      const CodeFunction& function = data_.functions[body.function];
      parts_.functions.push_back({.name = function.name,
                                  .begin = body.begin,
                                  .end = ir::InsnIdx(next),
                                  .is_global = function.is_global,
                                  .parameters = function.parameters,
                                  .returns_value = function.returns_value,
                                  .value = function.value,
                                  .prototype = prototype(function.declaration)});
    }
  }

  std::shared_ptr<const ir::Prototype> prototype(TypeId declaration) {
    if (declaration == 0) return nullptr;
    auto& known = prototypes_[declaration];
    if (known == nullptr) known = prototype_of(*data_.btf, data_.declarations, declaration);
    return known;
  }

  bool emit(const Body& body) {
    const CodeFunction& function = data_.functions[body.function];
    for (const isa::Decoded& decoded : body.insns) {
      isa::Insn insn = decoded.insn;
      const auto fixup = body.fixups.find(decoded.slot);
      if (fixup != body.fixups.end() ? !apply(fixup->second, insn) : !resolve(body, decoded.slot, insn)) return false;
      parts_.insns.push_back(insn);
      parts_.slots.push_back(function.begin + decoded.slot);
    }
    emit_lines(body, function);
    return true;
  }

  bool apply(const Fixup& fixup, isa::Insn& insn) {
    auto* call = std::get_if<isa::Call>(&insn);
    auto* load_imm = std::get_if<isa::LoadImm>(&insn);
    switch (fixup.kind) {
      case Fixup::Kind::call_function:
        *call = {isa::Call::Kind::local, need(fixup.target).value};
        break;
      case Fixup::Kind::call_extern:
        *call = {isa::Call::Kind::host, extern_index(data_.externs[fixup.target])};
        break;
      case Fixup::Kind::extern_exists:
        *load_imm = {load_imm->dst, isa::LoadImm::Kind::plain, exists(data_.externs[fixup.target].name) ? 1u : 0u};
        break;
      case Fixup::Kind::kernel_variable:
        if (load_imm != nullptr) *load_imm = {load_imm->dst, isa::LoadImm::Kind::global, fixup.target};  // the load behind it is as it should be
        break;
      case Fixup::Kind::unresolved:
        insn = isa::Call{isa::Call::Kind::host, unresolved_index(unresolved_[fixup.target])};
        break;
      case Fixup::Kind::refused:
        base::bug("a refused place was read");
      case Fixup::Kind::global:
        *load_imm = {load_imm->dst, isa::LoadImm::Kind::global, fixup.target};
        break;
      case Fixup::Kind::function:
        *load_imm = {load_imm->dst, isa::LoadImm::Kind::function, need(fixup.target).value};
        break;
      case Fixup::Kind::map:
        *load_imm = {load_imm->dst, isa::LoadImm::Kind::map, fixup.target};
        break;
    }
    return true;
  }

  /// Instructions that no relocation touches: jump targets become indices, helper numbers names.
  bool resolve(const Body& body, std::uint32_t slot, isa::Insn& insn) {
    const CodeFunction& function = data_.functions[body.function];
    const auto fail = [&](std::string message, std::string help = {}) {
      error_ = diagnose(function, function.begin + slot, "E0117", std::move(message), std::move(help));
      return false;
    };
    const auto target = [&](isa::Target& to) {
      const auto found =
          std::lower_bound(body.insns.begin(), body.insns.end(), to, [](const isa::Decoded& d, std::uint32_t s) { return d.slot < s; });
      if (found == body.insns.end() || found->slot != to) {
        error_ = diagnose(function, function.begin + slot, "E0133", "the jump goes into the middle of a 64-bit immediate load");
        return false;
      }
      to = body.begin.value + static_cast<isa::Target>(found - body.insns.begin());
      return true;
    };
    return std::visit(isa::Overloaded{
                          [&](isa::Jump& i) { return target(i.target); },
                          [&](isa::Branch& i) { return target(i.target); },
                          [&](isa::MayGoto& i) { return target(i.target); },
                          [&](isa::LoadImm& i) {
                            return i.kind == isa::LoadImm::Kind::plain || fail("the immediate load refers to a map, variable or function by number",
                                                                               "let the object name it by a relocation");
                          },
                          [&](isa::Call& i) {
                            if (i.kind == isa::Call::Kind::kfunc)
                              return fail("the call names a kernel function by number", "declare it extern and call it by name");
                            if (i.kind == isa::Call::Kind::host)
                              i.target = extern_index(fmt::format("helper#{}", static_cast<std::int32_t>(i.target)));
                            return true;
                          },
                          [](auto&) { return true; },
                      },
                      insn);
  }

  bool exists(const std::string& name) const { return !options_.has_function || options_.has_function(name); }

  std::uint32_t extern_index(const std::string& name, const ir::ExternFacts& facts = {}) {
    const auto [found, is_new] = extern_index_.emplace(name, static_cast<std::uint32_t>(parts_.externs.size()));
    if (is_new) {
      parts_.externs.push_back(name);
      parts_.extern_facts.push_back(facts);
    }
    return found->second;
  }
  std::uint32_t extern_index(const ExternFunction& function) {
    const auto declared = data_.declarations.extern_functions.find(function.name);
    const bool is_declared = declared != data_.declarations.extern_functions.end();
    return extern_index(function.name, {.is_weak = function.is_weak,
                                        .is_kernel_symbol = data_.declarations.kernel_functions.contains(function.name),
                                        .prototype = prototype(is_declared ? declared->second : 0)});
  }
  /// A call that no host has, in the place of an instruction that has no meaning for this kernel.
  std::uint32_t unresolved_index(const std::string& what) {
    return extern_index("unresolved: " + what, {.refusal = fmt::format("the kernel's types do not have what this instruction needs: {}", what)});
  }

  void emit_lines(const Body& body, const CodeFunction& function) {
    const auto table = data_.btf_ext.lines.find(function.section);
    if (table == data_.btf_ext.lines.end()) return;
    auto record =
        std::lower_bound(table->second.begin(), table->second.end(), function.begin, [](const LineRecord& r, std::uint32_t s) { return r.slot < s; });
    for (; record != table->second.end() && record->slot < function.end; ++record) {
      const auto insn = std::lower_bound(body.insns.begin(), body.insns.end(), record->slot - function.begin,
                                         [](const isa::Decoded& d, std::uint32_t s) { return d.slot < s; });
      if (insn == body.insns.end()) break;
      const ir::InsnIdx first = body.begin + static_cast<std::uint32_t>(insn - body.insns.begin());
      if (!parts_.lines.empty() && parts_.lines.back().first == first) parts_.lines.pop_back();
      parts_.lines.push_back({first, file_index(record->file), record->line, record->column, made_printable(record->text)});
    }
  }
  std::uint32_t file_index(std::string_view file) {
    const auto [found, is_new] = file_index_.emplace(file, static_cast<std::uint32_t>(parts_.files.size()));
    if (is_new) parts_.files.push_back(made_printable(file));
    return found->second;
  }

  const ObjectData& data_;
  const DecodeOptions& options_;
  ir::Parts parts_;
  std::vector<Body> bodies_;  ///< by FunctionIdx
  std::map<std::uint32_t, std::size_t> function_index_;
  std::map<std::string, std::uint32_t> extern_index_;
  std::map<std::string_view, std::uint32_t> file_index_;
  std::map<TypeId, std::shared_ptr<const ir::Prototype>> prototypes_;
  std::vector<std::string> unresolved_;
  std::uint64_t total_slots_ = 0;
  Diagnostic error_;
};

}  // namespace

Result<ir::Program> assemble(const ObjectData& data, std::uint32_t function, const EntryPoint& entry, const DecodeOptions& options) {
  return Assembler(data, entry, options).run(function);
}

}  // namespace tenon::object
