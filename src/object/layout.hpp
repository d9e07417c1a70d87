// SPDX-License-Identifier: Apache-2.0
// What an object's memory means, by name: so that a heap can outlive the code that filled it. Layouts are compared as text, which is also what people
// read; a layout may come from a file that nobody vouches for (a snapshot), so nothing here rests on what it says being true.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <tenon/result.hpp>

#include "object/object.hpp"

namespace tenon::object {

/// A variable, or a section of constants as a whole.
struct LayoutPart {
  std::string section;
  std::string variable;     ///< empty: constants
  std::uint64_t begin = 0;  ///< offset into its section
  std::uint64_t at = 0;     ///< offset into the globals block
  std::uint64_t bytes = 0;
  std::uint64_t align = 1;     ///< of `at`
  std::string type;            ///< of a variable: "struct node *[4]"
  std::uint64_t checksum = 0;  ///< of constants; 0: they hold pointers, or are not to be found again
  bool is_kept = false;        ///< in a Placement: the heap has it

  bool operator==(const LayoutPart&) const = default;
};

struct Layout {
  std::vector<LayoutPart> parts;
  /// What can be reached from them: "struct node" -> "next: struct node * @0; value: u64 @8; 16 bytes", and "enum mode.FAST" -> "1".
  std::map<std::string, std::string> types;
  std::vector<std::string> functions;  ///< whose address may be in the heap; the value is ir::kFunctionValueBase + index
  std::string problem;                 ///< why no other object can go on with this one's memory; empty: one can

  bool operator==(const Layout&) const = default;
};

/// Where the parts of an object lie in a heap that another one left.
struct Placement {
  std::vector<LayoutPart> parts;  ///< those of one section in its order
  std::uint64_t fresh_at = 0;     ///< where what the heap does not have begins: offset into the block
  std::uint64_t fresh_bytes = 0;
  std::vector<std::string> functions;  ///< that have numbers already

  /// Moves what is not kept to `at`. Requires: aligned to ir::kGlobalsAlignBytes.
  void put_fresh(std::uint64_t at);
};

/// Never fails: what stands in the way is Layout::problem. Cost: O(types that can be reached).
Layout layout_of(const Object& object);

/// Variables of the same name stay where they are and must mean the same; so must types of the same name. What is new, and constants that changed, is
/// fresh, from offset 0 on: see put_fresh(). Errors: E0611 with one note for each difference, at most kMaxShownDifferences.
Result<Placement> place(const Layout& old, const Layout& now);
inline constexpr std::size_t kMaxShownDifferences = 8;
inline constexpr std::size_t kMaxLayoutParts = 1u << 16;  ///< of a heap, over all its versions

/// The layout of the heap once `now` was placed in it: what only `old` has stays known, so that a later version cannot take it for something else.
/// More than kMaxLayoutParts are a problem.
Layout combine(const Layout& old, Layout now, const Placement& placement, const std::vector<std::string>& functions);

}  // namespace tenon::object
