// SPDX-License-Identifier: Apache-2.0
// Destructors of types. The declaration tag "tn_drop:NAME" on a structure, union or typedef names the function that destroys its variables. Code asks
// for it with the CO-RE type id of a pointer whose pointee carries the type tag "tn_drop": such a constant becomes the function's value.
#include <fmt/format.h>

#include <map>
#include <string_view>

#include "object/bytes.hpp"
#include "object/object_data.hpp"

namespace tenon::object {
namespace {

constexpr std::string_view kAsks = "tn_drop", kNames = "tn_drop:";
constexpr std::uint8_t kOpcodeLoadImm = 0x18;

class Destructors {
 public:
  explicit Destructors(ObjectData& data) : data_(data) {}

  void run() {
    for (const auto& [section, records] : data_.btf_ext.core) {
      for (const CoreRecord& record : records) {
        if (asks_for_destructor(*data_.btf, record)) answer(section, record);
      }
    }
  }

 private:
  struct Answer {
    std::optional<std::uint32_t> function;  ///< index into ObjectData::functions
    std::string refusal, help = {};
  };

  void answer(std::uint32_t section, const CoreRecord& record) {
    const auto code = data_.code.find(section);
    if (code == data_.code.end()) return;
    const TypeId type = data_.btf->type(data_.btf->type(record.type).target).target;
    Answer found =
        is_load(code->second, record.slot) ? destructor_of(type) : Answer{{}, "is asked for by an instruction that loads no 64-bit constant"};
    Fixup fixup{Fixup::Kind::function, found.function.value_or(0)};
    if (!found.function) {
      fixup = {Fixup::Kind::refused, data_.refusals.size()};
      Diagnostic& refusal = data_.refusals.emplace_back();
      refusal.code = "E0137";
      refusal.message = fmt::format("the destructor of '{}' {}", type_facts(*data_.btf, type).text, found.refusal);
      refusal.help = std::move(found.help);
    }
    code->second.fixups.emplace(record.slot, fixup);
  }

  static bool is_load(const CodeSection& code, std::uint32_t slot) {
    return load<std::uint8_t>(code.code, slot * 8ull) == kOpcodeLoadImm && load<std::uint64_t>(code.code, slot * 8ull + 8).has_value();
  }

  /// By the tag that stands nearest to the name that was used.
  Answer destructor_of(TypeId type) {
    while (type != 0) {
      const auto tags = data_.declarations.tags.find({type, kWholeDeclaration});
      std::string_view name;
      for (const std::string_view tag : tags == data_.declarations.tags.end() ? std::vector<std::string_view>() : tags->second) {
        if (!tag.starts_with(kNames)) continue;
        if (!name.empty() && name != tag.substr(kNames.size())) return {{}, "is declared twice", "leave one tn_dropped_by() on the type"};
        name = tag.substr(kNames.size());
        if (name.empty()) return {{}, "has no name", "tn_dropped_by(function)"};
      }
      if (!name.empty()) return function_named(name, type);
      const BtfType& here = data_.btf->type(type);
      const bool stands_for_another = here.kind == BtfKind::type_name || here.kind == BtfKind::const_type || here.kind == BtfKind::volatile_type ||
                                      here.kind == BtfKind::restrict_type || here.kind == BtfKind::type_tag;
      if (!stands_for_another) break;
      type = here.target;
    }
    return {{}, "is not declared", "struct tn_dropped_by(function) name { .. };"};
  }

  Answer function_named(std::string_view name, TypeId type) {
    if (by_name_.empty()) {
      for (std::uint32_t i = 0; i < data_.functions.size(); ++i) ++by_name_.try_emplace(data_.functions[i].name, i, 0).first->second.second;
    }
    const std::string shown = made_printable(name.substr(0, 128));
    const auto found = by_name_.find(name);
    if (found == by_name_.end() || data_.functions[found->second.first].begin == data_.functions[found->second.first].end)
      return {{},
              fmt::format("is to be '{}', which is no function of the object", shown),
              "clang drops what nothing calls: tn_destructor static void f(..)"};
    if (found->second.second > 1) return {{}, fmt::format("is to be '{}', and the object has several functions of that name", shown)};
    const CodeFunction& function = data_.functions[found->second.first];
    if (!takes_pointer_to(function, type)) {
      return {{},
              fmt::format("is to be '{}', which does not take a pointer to it and return nothing", shown),
              fmt::format("void {}({} *)", shown, type_facts(*data_.btf, type).text)};
    }
    return {found->second.first, {}};
  }

  bool takes_pointer_to(const CodeFunction& function, TypeId type) const {
    if (function.declaration == 0) return false;
    const BtfType& prototype = data_.btf->type(data_.btf->type(function.declaration).target);
    if (prototype.target != 0 || prototype.members.size() != 1) return false;
    const BtfType& parameter = data_.btf->resolved(prototype.members[0].type);
    return parameter.kind == BtfKind::pointer && parameter.target != 0 && data_.btf->type(parameter.target).behind == data_.btf->type(type).behind;
  }

  ObjectData& data_;
  std::map<std::string_view, std::pair<std::uint32_t, std::uint32_t>> by_name_;  ///< the first of that name, and how many there are
};

}  // namespace

bool asks_for_destructor(const Btf& btf, const CoreRecord& record) {
  if (record.kind != CoreKind::type_id_local || record.type >= btf.size()) return false;
  const BtfType& pointer = btf.type(record.type);
  return pointer.kind == BtfKind::pointer && btf.type(pointer.target).kind == BtfKind::type_tag && btf.type(pointer.target).name == kAsks;
}

void find_destructors(ObjectData& data) {
  if (data.btf) Destructors(data).run();
}

}  // namespace tenon::object
