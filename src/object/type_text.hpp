// SPDX-License-Identifier: Apache-2.0
// Types as text that is equal exactly when memory of the one can be used as the other: sizes, offsets and names of fields. What only the compiler
// cares about (typedefs, qualifiers) is not in it.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "object/btf_view.hpp"

namespace tenon::object {

/// Collects what it meets. Total: hostile type information costs at most kMaxTextBytes, then overflowed() is true.
class TypeTexts {
 public:
  static constexpr std::size_t kMaxTextBytes = 4u << 20;
  static constexpr unsigned kMaxDepth = 32;  ///< of types without names inside one another

  explicit TypeTexts(const BtfView& types) : types_(types) {}

  std::string text_of(TypeId id) { return text(id, 0); }
  /// Definitions of the named types that were met so far, and of those that they name. "struct node" -> its fields.
  std::map<std::string, std::string> definitions();
  bool overflowed() const { return budget_ == 0; }

 private:
  std::string text(TypeId id, unsigned depth);
  std::string aggregate(TypeId id, const char* word, unsigned depth);
  std::string fields(TypeId id, unsigned depth);
  std::string enumeration(TypeId id);
  std::string spend(std::string made);
  void define(const std::string& name, std::string definition);

  const BtfView& types_;
  std::size_t budget_ = kMaxTextBytes;
  std::vector<std::pair<std::string, TypeId>> waiting_;
  std::map<TypeId, bool> met_;
  std::map<std::string, std::string> definitions_;
};

}  // namespace tenon::object
