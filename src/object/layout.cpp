// SPDX-License-Identifier: Apache-2.0
#include "object/layout.hpp"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <optional>
#include <set>
#include <utility>

#include "base/checksum.hpp"
#include "object/bytes.hpp"
#include "object/object_data.hpp"
#include "object/type_text.hpp"

namespace tenon::object {
namespace {

bool is_constant(const Section& section) { return (section.flags & SHF_WRITE) == 0 || section.name.starts_with(".data.rel.ro"); }

/// The alignment that an offset has by itself, as far as its section promises it.
std::uint64_t alignment_at(std::uint64_t offset, std::uint64_t section_align) {
  section_align = std::max<std::uint64_t>(section_align, 1);
  return offset == 0 ? section_align : std::min(section_align, std::uint64_t{1} << std::countr_zero(offset));
}

class Reader {
 public:
  explicit Reader(const ObjectData& data) : data_(data) {}

  Layout run() {
    layout_.functions = data_.globals->functions;
    std::set<std::string_view> names;
    for (std::uint32_t i = 1; i < data_.image.sections.size(); ++i) {
      if (!holds_globals(data_, i)) continue;
      if (!names.insert(data_.image.sections[i].name).second) problem(fmt::format("there are two sections '{}'", data_.image.sections[i].name));
    }
    if (std::ranges::any_of(data_.image.symbols, [](const Symbol& s) { return s.home == Symbol::Home::common; })) {
      problem("it has common symbols, which belong to no section");
    }
    if (!data_.declarations.kconfig.empty() || !data_.declarations.ksyms.empty()) problem("it reads variables of the Linux kernel");
    if (names.empty() || !layout_.problem.empty()) return std::move(layout_);
    if (!data_.btf) return refuse_all("its globals have no debug information");
    const auto view = BtfView::read(btf_bytes());
    if (!view) return refuse_all("its debug information cannot be read");
    TypeTexts texts(*view);
    for (std::uint32_t i = 1; i < data_.image.sections.size(); ++i) {
      if (holds_globals(data_, i)) read_section(i, texts);
    }
    layout_.types = texts.definitions();
    if (layout_.parts.size() > kMaxLayoutParts) problem("it has more variables than can be kept apart");
    if (texts.overflowed()) problem("its types are too many to describe");
    return std::move(layout_);
  }

 private:
  void problem(std::string why) {
    if (layout_.problem.empty()) layout_.problem = made_printable(why);
  }
  Layout refuse_all(std::string why) {
    problem(std::move(why));
    return std::move(layout_);
  }

  std::span<const std::byte> btf_bytes() const {
    for (const Section& section : data_.image.sections) {
      if (section.name == ".BTF") return section.data;
    }
    return {};
  }

  /// By name, in this section; a name that two symbols have names nothing.
  std::map<std::string_view, const Symbol*> symbols_of(std::uint32_t section) {
    std::map<std::string_view, const Symbol*> found;
    for (const Symbol& symbol : data_.image.symbols) {
      if (symbol.home != Symbol::Home::section || symbol.section != section || symbol.type != STT_OBJECT) continue;
      if (!found.emplace(symbol.name, &symbol).second)
        problem(fmt::format("two variables in '{}' are called '{}'", data_.image.sections[section].name, symbol.name));
    }
    return found;
  }

  void read_section(std::uint32_t index, TypeTexts& texts) {
    const Section& section = data_.image.sections[index];
    std::map<std::string_view, TypeId> types;
    for (TypeId id = 1; id < data_.btf->size(); ++id) {
      const BtfType& type = data_.btf->type(id);
      if (type.kind != BtfKind::data_section || type.name != section.name) continue;
      for (const BtfSectionEntry& entry : type.variables) {
        const BtfType& variable = data_.btf->type(entry.type);
        if (variable.kind == BtfKind::variable) types.emplace(variable.name, variable.target);
      }
    }
    if (is_constant(section)) {
      for (const auto& [name, type] : types) texts.text_of(type);
      const std::uint64_t checksum = section.relocations.empty() ? base::checksum(section.data) : 0;
      layout_.parts.push_back({.section = section.name,
                               .variable = {},
                               .bytes = section.bytes,
                               .align = std::max<std::uint64_t>(section.align, 1),
                               .type = {},
                               .checksum = checksum});
      return;
    }
    std::vector<LayoutPart> parts;
    for (const auto& [name, symbol] : symbols_of(index)) {
      const auto type = types.find(name);
      if (type == types.end()) return problem(fmt::format("the variable '{}' has no debug information", name));
      if (!known_.insert(made_printable(name)).second) problem(fmt::format("two variables are called '{}'", name));
      parts.push_back({.section = section.name,
                       .variable = made_printable(name),
                       .begin = symbol->value,
                       .bytes = symbol->bytes,
                       .align = alignment_at(symbol->value, section.align),
                       .type = texts.text_of(type->second)});
    }
    if (parts.empty() && section.bytes != 0) return problem(fmt::format("nothing says what is in '{}'", section.name));
    std::ranges::sort(parts, {}, &LayoutPart::begin);
    std::uint64_t free_from = 0;
    for (LayoutPart& part : parts) {
      if (part.begin < free_from || !inside(part.begin, part.bytes, section.bytes))
        return problem(fmt::format("'{}' does not lie by itself in its section", part.variable));
      free_from = part.begin + part.bytes;
      layout_.parts.push_back(std::move(part));
    }
  }

  const ObjectData& data_;
  Layout layout_;
  std::set<std::string> known_;
};

/// Where the object's own globals block has the section.
void find_places(Layout& layout, const ir::Globals& globals) {
  for (LayoutPart& part : layout.parts) {
    for (const ir::GlobalSection& section : globals.sections) {
      if (section.name == part.section) part.at = section.offset + part.begin;
    }
  }
}

/// From the first field on that is another one.
std::pair<std::string, std::string> where_they_differ(std::string_view old, std::string_view now) {
  constexpr std::size_t kMostShown = 160;
  const auto [a, b] = std::ranges::mismatch(old, now);
  std::size_t from = static_cast<std::size_t>(a - old.begin());
  const std::size_t field = old.substr(0, from).rfind("; ");
  from = field == std::string_view::npos ? 0 : field + 2;
  const auto shown = [&](std::string_view text) {
    text = text.substr(std::min(from, text.size()));
    return fmt::format("{}{}{}", from == 0 ? "" : "... ", text.substr(0, kMostShown), text.size() > kMostShown ? " ..." : "");
  };
  return {shown(old), shown(now)};
}

class Comparison {
 public:
  Comparison(const Layout& old, const Layout& now) : old_(old), now_(now) {
    for (const LayoutPart& part : old.parts) {
      if (!part.variable.empty()) variables_.emplace(part.variable, &part);
    }
  }

  Result<Placement> run() {
    for (const Layout* layout : {&old_, &now_}) {
      if (layout->problem.empty()) continue;
      return refuse("E0611",
                    fmt::format("no other version can take over the memory of the {} object: {}", layout == &old_ ? "old" : "new", layout->problem),
                    "compile it with -g, as `tenon cc` does, and give every variable a name of its own");
    }
    Placement placement;
    placement.functions = old_.functions;
    for (const LayoutPart& part : now_.parts) {
      placement.parts.push_back(part);
      place_part(placement, placement.parts.back());
    }
    for (const auto& [name, text] : now_.types) {
      const auto known = old_.types.find(name);
      if (known != old_.types.end() && known->second != text) differ(name, known->second, text);
    }
    if (count_ == 0) return placement;
    diagnostic_.code = "E0611";
    diagnostic_.message =
        fmt::format("the memory of the old version means something else to the new one: {} difference{}", count_, count_ == 1 ? "" : "s");
    diagnostic_.help = "give what changed another name: then the new version begins with a value of its own, and nothing reads the old one";
    return refuse(std::move(diagnostic_));
  }

 private:
  void place_part(Placement& placement, LayoutPart& part) {
    const LayoutPart* const known = part.variable.empty() ? find_constants(part) : find_variable(part);
    part.is_kept = known != nullptr;
    if (known != nullptr) {
      part.at = known->at;
      return;
    }
    if (!part.variable.empty()) refuse_other_cut(part.variable);
    part.at = (placement.fresh_bytes + part.align - 1) / part.align * part.align;
    placement.fresh_bytes = part.at + part.bytes;
  }

  const LayoutPart* find_variable(const LayoutPart& part) {
    const auto known = variables_.find(part.variable);
    if (known == variables_.end()) return nullptr;
    const LayoutPart& old = *known->second;
    if (old.type != part.type || old.bytes != part.bytes) {
      differ(fmt::format("'{}'", part.variable), fmt::format("{} of {} bytes", old.type, old.bytes),
             fmt::format("{} of {} bytes", part.type, part.bytes));
    }
    return &old;
  }

  /// A static variable that the compiler keeps as a whole in one version and as "name.0", "name.1" in the other would lose its value.
  void refuse_other_cut(const std::string& name) {
    const auto is_piece_of = [](std::string_view piece, std::string_view whole) {
      return piece.size() > whole.size() && piece.starts_with(whole) && piece[whole.size()] == '.';
    };
    for (const LayoutPart& old : old_.parts) {
      if (!is_piece_of(old.variable, name) && !is_piece_of(name, old.variable)) continue;
      if (old.variable.empty() || std::ranges::find(now_.parts, old.variable, &LayoutPart::variable) != now_.parts.end()) continue;
      return differ(fmt::format("'{}'", name), fmt::format("kept as '{}', one of the parts that the compiler made", old.variable),
                    fmt::format("kept as '{}'", name));
    }
  }

  const LayoutPart* find_constants(const LayoutPart& part) const {
    const auto same = std::ranges::find_if(old_.parts, [&](const LayoutPart& old) {
      return old.variable.empty() && old.section == part.section && old.bytes == part.bytes && old.checksum == part.checksum &&
             old.align >= part.align;
    });
    return same == old_.parts.end() || part.checksum == 0 ? nullptr : &*same;
  }

  void differ(const std::string& what, std::string_view old, std::string_view now) {
    if (++count_ > kMaxShownDifferences) return;
    const auto [was, is] = where_they_differ(old, now);
    Note note;
    note.message = fmt::format("{}: was {}, is {}", what, was, is);
    diagnostic_.notes.push_back(std::move(note));
  }

  const Layout& old_;
  const Layout& now_;
  std::map<std::string_view, const LayoutPart*> variables_;
  Diagnostic diagnostic_;
  std::size_t count_ = 0;
};

}  // namespace

void Placement::put_fresh(std::uint64_t at) {
  fresh_at = at;
  for (LayoutPart& part : parts) {
    if (!part.is_kept) part.at += at;
  }
}

Layout layout_of(const Object& object) {
  Layout layout = Reader(object.data()).run();
  find_places(layout, *object.globals());
  return layout;
}

Result<Placement> place(const Layout& old, const Layout& now) { return Comparison(old, now).run(); }

Layout combine(const Layout& old, Layout now, const Placement& placement, const std::vector<std::string>& functions) {
  now.parts = placement.parts;
  std::set<std::pair<std::string, std::uint64_t>> have;  // by name; constants, of which there may be several, by place
  const auto key = [](const LayoutPart& part) { return std::pair(part.variable, part.variable.empty() ? part.at : 0); };
  for (LayoutPart& part : now.parts) {
    part.is_kept = false;
    have.insert(key(part));
  }
  for (const LayoutPart& part : old.parts) {
    if (have.insert(key(part)).second) now.parts.push_back(part);
  }
  if (now.parts.size() > kMaxLayoutParts) now.problem = "it has more variables than can be kept apart, over all versions";
  now.types.insert(old.types.begin(), old.types.end());
  now.functions = functions;
  return now;
}

}  // namespace tenon::object
