// SPDX-License-Identifier: Apache-2.0
#include "object/type_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "object/bytes.hpp"

namespace tenon::object {

std::string TypeTexts::spend(std::string made) {
  budget_ -= std::min(budget_, made.size() + 1);
  return made;
}

std::string TypeTexts::text(TypeId id, unsigned depth) {
  if (depth > kMaxDepth || overflowed()) {
    budget_ = 0;
    return {};
  }
  id = types_.unqualified(id);
  switch (types_.kind(id)) {
    case BtfKind::integer: {
      const BtfView::Integer integer = types_.integer(id);
      return spend(fmt::format("{}{}", integer.is_signed ? 's' : 'u', integer.bits));
    }
    case BtfKind::pointer: {
      const TypeId target = types_.unqualified(types_.target(id));
      // A function's value is a number, whatever it takes and gives.
      return types_.kind(target) == BtfKind::prototype ? spend("function *") : spend(text(target, depth + 1) + " *");
    }
    case BtfKind::array: {
      const BtfView::Array array = types_.array(id);
      return spend(fmt::format("{}[{}]", text(array.element, depth + 1), array.count));
    }
    case BtfKind::structure:
      return aggregate(id, "struct", depth);
    case BtfKind::union_type:
      return aggregate(id, "union", depth);
    case BtfKind::forward:
      return spend(fmt::format("{} {}", types_.flag(id) ? "union" : "struct", made_printable(types_.name(id))));
    case BtfKind::enumeration:
    case BtfKind::enumeration64:
      return enumeration(id);
    case BtfKind::floating:
      return spend(fmt::format("float{}", types_.value_bytes(id).value_or(0) * 8));
    case BtfKind::prototype:
    case BtfKind::function:
      return spend("function");
    default:
      return spend("void");
  }
}

std::string TypeTexts::aggregate(TypeId id, const char* word, unsigned depth) {
  if (types_.name(id).empty()) return spend(fmt::format("{} {{ {} }}", word, fields(id, depth + 1)));
  std::string name = fmt::format("{} {}", word, made_printable(types_.name(id)));
  if (met_.emplace(id, true).second) waiting_.emplace_back(name, id);
  return spend(std::move(name));
}

std::string TypeTexts::fields(TypeId id, unsigned depth) {
  std::string made;
  for (std::uint32_t i = 0; i < types_.entries(id) && !overflowed(); ++i) {
    const BtfView::Member member = types_.member(id, i);
    made += fmt::format("{}: {} @{}", made_printable(member.name), text(member.type, depth), member.bit_offset / 8);
    if (member.bits != 0) made += fmt::format(".{}:{}", member.bit_offset % 8, member.bits);
    made += "; ";
  }
  return spend(made + fmt::format("{} bytes", types_.value_bytes(id).value_or(0)));
}

/// Each constant is known by itself: new ones may come.
std::string TypeTexts::enumeration(TypeId id) {
  const std::string size = fmt::format("{}{}", types_.flag(id) ? 's' : 'u', types_.value_bytes(id).value_or(0) * 8);
  if (types_.name(id).empty()) return spend("enum " + size);
  std::string name = fmt::format("enum {}", made_printable(types_.name(id)));
  if (met_.emplace(id, true).second) {
    define(name, size);
    for (std::uint32_t i = 0; i < types_.entries(id) && !overflowed(); ++i) {
      const BtfView::Enumerator one = types_.enumerator(id, i);
      define(fmt::format("{}.{}", name, made_printable(one.name)), std::to_string(one.value));
    }
  }
  return spend(std::move(name));
}

/// C lets two files have a type each of one name: then both are its definition.
void TypeTexts::define(const std::string& name, std::string definition) {
  spend(name + definition);
  const auto [known, is_new] = definitions_.emplace(name, definition);
  if (!is_new && known->second.find(definition) == std::string::npos)
    known->second = std::max(known->second, definition) + " or " + std::min(known->second, definition);
}

std::map<std::string, std::string> TypeTexts::definitions() {
  while (!waiting_.empty() && !overflowed()) {
    const auto [name, id] = waiting_.back();
    waiting_.pop_back();
    define(name, fields(id, 0));
  }
  return definitions_;
}

}  // namespace tenon::object
