// SPDX-License-Identifier: Apache-2.0
#include "object/co_re.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <vector>

#include "base/bug.hpp"
#include "object/bytes.hpp"

namespace tenon::object {
namespace {

constexpr std::size_t kMaxSteps = 64;        // of an access string
constexpr unsigned kMaxDepth = 32;           // of types inside types
constexpr unsigned kMaxVisits = 1u << 20;    // members and types looked at for one relocation
constexpr std::uint64_t kMaxFieldBytes = 8;  // what one load can read

bool is_composite(BtfKind kind) { return kind == BtfKind::structure || kind == BtfKind::union_type; }
bool is_enumeration(BtfKind kind) { return kind == BtfKind::enumeration || kind == BtfKind::enumeration64; }
bool same_kind(BtfKind a, BtfKind b) { return a == b || (is_enumeration(a) && is_enumeration(b)); }

bool is_about_a_field(CoreKind kind) { return kind <= CoreKind::field_rshift; }
bool is_about_an_enumerator(CoreKind kind) { return kind == CoreKind::enum_value_exists || kind == CoreKind::enum_value; }

/// One named member or one array element on the way to a field.
struct Step {
  TypeId type = 0;  ///< member: the structure or union; element: the element's type
  std::uint32_t index = 0;
  bool is_member = false;
  std::string_view name;
};
struct Access {
  TypeId root = 0;
  std::vector<Step> steps;
  std::uint64_t bit_offset = 0;  ///< of the field, from the root's start
};

/// Where a field lies and how wide the loads are that read it.
struct Place {
  std::uint64_t byte_offset = 0;
  std::uint32_t bytes = 0;
  bool is_bit_field = false;
  std::uint64_t value = 0;  ///< what the relocation's kind asks for
  TypeId type = 0;          ///< unqualified
};

struct Unusable {
  std::string why;
};

class Resolver {
 public:
  Resolver(const BtfView& local, const TargetTypes* target, const CoreRecord& record) : local_(local), target_(target), record_(record) {}

  std::expected<CoreValue, std::string> run() {
    if (record_.type == 0 || record_.type >= local_.size()) return std::unexpected("names a type that does not exist");
    if (!indices()) return std::unexpected("has an access string that is none");
    if (record_.kind == CoreKind::type_id_local)
      return CoreValue{.is_resolved = true, .value = record_.type, .written = record_.type, .is_checked = false};
    if (local_.name(record_.type).empty()) return std::unexpected("is about a type without a name");
    base::ensure(target_ != nullptr, "a relocation that needs a kernel's types");
    CoreValue value;
    const bool ok = is_about_a_field(record_.kind) ? field(value) : is_about_an_enumerator(record_.kind) ? enumerator(value) : type(value);
    if (visits_ == kMaxVisits) return std::unexpected("is about types that are too entangled to compare");
    if (!ok) return std::unexpected(error_);
    return value;
  }

 private:
  bool fail(std::string why) {
    error_ = std::move(why);
    return false;
  }
  /// False once the work for this relocation is more than types of a real kernel need.
  bool may_visit() { return visits_ < kMaxVisits && ++visits_ < kMaxVisits; }

  bool indices() {
    const char* at = record_.access.data();
    const char* const end = at + record_.access.size();
    for (;;) {
      std::uint32_t index = 0;
      const auto [next, error] = std::from_chars(at, end, index);
      if (error != std::errc() || indices_.size() == kMaxSteps) return false;
      indices_.push_back(index);
      if (next == end) return true;
      if (*next != ':') return false;
      at = next + 1;
    }
  }

  std::vector<TypeId> candidates() const {
    std::vector<TypeId> found = target_->named(essential_name(local_.name(record_.type)));
    const BtfKind kind = local_.kind(record_.type);
    std::erase_if(found, [&](TypeId id) { return !same_kind(kind, target_->view().kind(id)); });
    return found;
  }

  /// Takes the value of one more candidate; false when it is another one than before.
  bool agree(CoreValue& value, const CoreValue& next) {
    if (value.is_resolved && (value.value != next.value || value.bytes != next.bytes)) {
      return fail("is ambiguous: the kernel's types disagree about it");
    }
    value = next;
    return true;
  }

  // Types.

  bool type(CoreValue& value) {
    if (indices_.size() != 1 || indices_[0] != 0) return fail("has an access string that is none for a type");
    const auto local_bytes = local_.value_bytes(record_.type);
    value.is_resolved = true;  // a type that is not there is 0
    value.written = record_.kind == CoreKind::type_size ? local_bytes.value_or(0) : record_.kind == CoreKind::type_id_target ? record_.type : 1;
    value.is_checked = record_.kind != CoreKind::type_id_target;
    bool found = false;
    for (const TypeId id : candidates()) {
      const bool fits = record_.kind == CoreKind::type_matches ? matches(record_.type, id, false, 0) : is_compatible(record_.type, id, 0);
      if (!fits) continue;
      const std::uint64_t one = record_.kind == CoreKind::type_id_target ? id
                                : record_.kind == CoreKind::type_size    ? target_->view().value_bytes(id).value_or(0)
                                                                         : 1;
      if (found && one != value.value) return fail("is ambiguous: the kernel has several such types");
      found = true;
      value.value = one;
    }
    return true;
  }

  /// The same shape as far as CO-RE cares: kinds all the way down, but neither sizes nor members.
  bool is_compatible(TypeId a, TypeId b, unsigned depth) {
    if (depth > kMaxDepth || !may_visit()) return false;
    a = local_.unqualified(a);
    b = target_->view().unqualified(b);
    const BtfView& target = target_->view();
    const BtfKind kind = local_.kind(a);
    if (!same_kind(kind, target.kind(b))) return false;
    switch (kind) {
      case BtfKind::integer:
        return local_.integer(a).bit_offset == 0 && target.integer(b).bit_offset == 0;
      case BtfKind::pointer:
        return is_compatible(local_.target(a), target.target(b), depth + 1);
      case BtfKind::array:
        return is_compatible(local_.array(a).element, target.array(b).element, depth + 1);
      case BtfKind::prototype:
        return prototypes(a, b, [&](TypeId x, TypeId y) { return is_compatible(x, y, depth + 1); });
      default:
        return true;
    }
  }

  template <class Same>
  bool prototypes(TypeId a, TypeId b, const Same& same) {
    const BtfView& target = target_->view();
    if (local_.entries(a) != target.entries(b)) return false;
    for (std::uint32_t i = 0; i < local_.entries(a); ++i) {
      if (!same(local_.member(a, i).type, target.member(b, i).type)) return false;
    }
    return same(local_.target(a), target.target(b));
  }

  /// type_matches: everything that the object's type says is so in the kernel's, by name, kind, size and member.
  bool matches(TypeId a, TypeId b, bool behind_pointer, unsigned depth) {
    if (depth > kMaxDepth || !may_visit()) return false;
    const BtfView& target = target_->view();
    a = local_.unqualified(a);
    b = target.unqualified(b);
    if (essential_name(local_.name(a)) != essential_name(target.name(b))) return false;
    const BtfKind kind = local_.kind(a), other = target.kind(b);
    if (behind_pointer && kind == BtfKind::forward) return other == BtfKind::forward ? local_.flag(a) == target.flag(b) : is_forward_of(a, other);
    if (behind_pointer && other == BtfKind::forward) return is_composite(kind) && (kind == BtfKind::union_type) == target.flag(b);
    if (!same_kind(kind, other)) return false;
    switch (kind) {
      case BtfKind::integer:
        return local_.value_bytes(a) == target.value_bytes(b) && local_.integer(a).is_signed == target.integer(b).is_signed;
      case BtfKind::floating:
        return local_.value_bytes(a) == target.value_bytes(b);
      case BtfKind::enumeration:
      case BtfKind::enumeration64:
        return enumerators_match(a, b);
      case BtfKind::structure:
      case BtfKind::union_type:
        return behind_pointer || members_match(a, b, depth);
      case BtfKind::pointer:
        return matches(local_.target(a), target.target(b), true, depth + 1);
      case BtfKind::array:
        return local_.array(a).count == target.array(b).count && matches(local_.array(a).element, target.array(b).element, behind_pointer, depth + 1);
      case BtfKind::prototype:
        return prototypes(a, b, [&](TypeId x, TypeId y) { return matches(x, y, behind_pointer, depth + 1); });
      case BtfKind::forward:
        return local_.flag(a) == target.flag(b);
      default:
        return true;
    }
  }
  bool is_forward_of(TypeId forward, BtfKind kind) const { return is_composite(kind) && (kind == BtfKind::union_type) == local_.flag(forward); }

  bool enumerators_match(TypeId a, TypeId b) {
    if (local_.value_bytes(a) != target_->view().value_bytes(b)) return false;
    for (std::uint32_t i = 0; i < local_.entries(a); ++i) {
      if (!enumerator_named(b, local_.enumerator(a, i).name)) return false;
    }
    return true;
  }

  bool members_match(TypeId a, TypeId b, unsigned depth) {
    const BtfView& target = target_->view();
    for (std::uint32_t i = 0; i < local_.entries(a); ++i) {
      const BtfView::Member mine = local_.member(a, i);
      bool found = false;
      for (std::uint32_t j = 0; j < target.entries(b) && !found; ++j) {
        const BtfView::Member theirs = target.member(b, j);
        if (!may_visit()) return false;
        found = essential_name(mine.name) == essential_name(theirs.name) && matches(mine.type, theirs.type, false, depth + 1);
      }
      if (!found) return false;
    }
    return true;
  }

  // Enumerators.

  std::optional<std::uint64_t> enumerator_named(TypeId id, std::string_view name) {
    const BtfView& target = target_->view();
    for (std::uint32_t i = 0; i < target.entries(id); ++i) {
      if (!may_visit()) return std::nullopt;
      const BtfView::Enumerator one = target.enumerator(id, i);
      if (essential_name(one.name) == essential_name(name)) return one.value;
    }
    return std::nullopt;
  }

  bool enumerator(CoreValue& value) {
    const TypeId id = local_.unqualified(record_.type);
    if (indices_.size() != 1 || !is_enumeration(local_.kind(id)) || indices_[0] >= local_.entries(id)) {
      return fail("names an enumerator that does not exist");
    }
    const BtfView::Enumerator wanted = local_.enumerator(id, indices_[0]);
    const bool asks_existence = record_.kind == CoreKind::enum_value_exists;
    const std::uint64_t written = asks_existence ? 1 : wanted.value;
    value = {.is_resolved = asks_existence, .value = 0, .written = written};
    bool found = false;
    for (const TypeId candidate : candidates()) {
      const TypeId there = target_->view().unqualified(candidate);
      if (!is_enumeration(target_->view().kind(there))) continue;
      const auto one = enumerator_named(there, wanted.name);
      if (!one) continue;
      const std::uint64_t result = asks_existence ? 1 : *one;
      if (found && result != value.value) return fail("is ambiguous: the kernel's enumerations disagree about it");
      found = true;
      value = {.is_resolved = true, .value = result, .written = written};
    }
    return true;
  }

  // Fields.

  bool field(CoreValue& value) {
    Access mine;
    if (!local_access(mine)) return false;
    const auto here = place(local_, mine);
    if (!here) return fail("asks for something that the field does not have");
    const bool asks_existence = record_.kind == CoreKind::field_exists;
    value = {.is_resolved = false, .written = here->value, .is_checked = is_fixed(*here)};
    std::optional<std::uint64_t> offset;
    for (const TypeId candidate : candidates()) {
      const auto theirs = target_access(mine, candidate);
      if (!theirs) continue;
      if (offset && *offset != theirs->bit_offset) return fail("is ambiguous: the kernel's types disagree about it");
      offset = theirs->bit_offset;
      const auto there = place(target_->view(), *theirs);
      if (!there) return fail("asks for something that the kernel's field does not have");
      if (!agree(value, compared(*here, *there))) return false;
    }
    if (!offset && asks_existence) value = {.is_resolved = true, .value = 0, .written = 1};
    return true;
  }

  /// The compiler may choose another load for a bit field than place() does; its sign and width are what they are.
  bool is_fixed(const Place& here) const {
    return !here.is_bit_field ||
           (record_.kind != CoreKind::field_byte_offset && record_.kind != CoreKind::field_byte_size && record_.kind != CoreKind::field_lshift);
  }

  CoreValue compared(const Place& here, const Place& there) const {
    CoreValue value{.is_resolved = true, .value = there.value, .written = here.value, .is_checked = is_fixed(here)};
    if (record_.kind != CoreKind::field_byte_offset) return value;
    if (here.is_bit_field || there.is_bit_field) return value;
    value.written_bytes = here.bytes;
    value.bytes = there.bytes;
    const bool pointers = local_.kind(here.type) == BtfKind::pointer && target_->view().kind(there.type) == BtfKind::pointer;
    const bool unsigned_integers = local_.kind(here.type) == BtfKind::integer && target_->view().kind(there.type) == BtfKind::integer &&
                                   !local_.integer(here.type).is_signed && !target_->view().integer(there.type).is_signed;
    value.width_may_change = pointers || unsigned_integers;  // another width zero-extends to the same value
    return value;
  }

  bool local_access(Access& access) {
    access.root = record_.type;
    TypeId id = local_.unqualified(record_.type);
    const auto bytes = local_.value_bytes(id);
    if (!bytes) return fail("is about a type without a size");
    access.bit_offset = std::uint64_t{indices_[0]} * *bytes * 8;
    access.steps.push_back({.type = id, .index = indices_[0]});
    for (std::size_t i = 1; i < indices_.size(); ++i) {
      const std::uint32_t index = indices_[i];
      if (is_composite(local_.kind(id)) && index < local_.entries(id)) {
        const BtfView::Member member = local_.member(id, index);
        access.bit_offset += member.bit_offset;
        if (!member.name.empty()) access.steps.push_back({.type = id, .index = index, .is_member = true, .name = member.name});
        id = local_.unqualified(member.type);
      } else if (local_.kind(id) == BtfKind::array) {
        if (!element(local_, id, index, access)) return fail("names an array element that does not exist");
        id = access.steps.back().type;
      } else {
        return fail("names a field that does not exist");
      }
    }
    return true;
  }

  /// One step into the array `id`. Zero elements: as many as there are behind the structure.
  static bool element(const BtfView& types, TypeId id, std::uint32_t index, Access& access) {
    const BtfView::Array array = types.array(id);
    const TypeId element = types.unqualified(array.element);
    const auto bytes = types.value_bytes(element);
    if (!bytes || (array.count != 0 && index >= array.count)) return false;
    access.steps.push_back({.type = element, .index = index});
    access.bit_offset += std::uint64_t{index} * *bytes * 8;
    return true;
  }

  std::optional<Access> target_access(const Access& mine, TypeId candidate) {
    const BtfView& target = target_->view();
    Access access{.root = candidate};
    TypeId id = target.unqualified(candidate);
    const auto bytes = target.value_bytes(id);
    if (!bytes) return std::nullopt;
    access.bit_offset = std::uint64_t{mine.steps[0].index} * *bytes * 8;
    access.steps.push_back({.type = id, .index = mine.steps[0].index});
    for (std::size_t i = 1; i < mine.steps.size(); ++i) {
      const Step& step = mine.steps[i];
      if (step.is_member) {
        const auto next = member_named(local_.member(step.type, step.index), id, access, 0);
        if (!next) return std::nullopt;
        id = target.unqualified(*next);
      } else {
        if (target.kind(id) != BtfKind::array || !element(target, id, step.index, access)) return std::nullopt;
        id = access.steps.back().type;
      }
    }
    return access;
  }

  /// The type of the kernel's member of that name, also inside members without a name; `access` then ends there.
  std::optional<TypeId> member_named(const BtfView::Member& wanted, TypeId id, Access& access, unsigned depth) {
    const BtfView& target = target_->view();
    if (depth > kMaxDepth || !is_composite(target.kind(id))) return std::nullopt;
    const std::uint64_t start = access.bit_offset;
    for (std::uint32_t i = 0; i < target.entries(id); ++i) {
      if (!may_visit()) return std::nullopt;
      const BtfView::Member member = target.member(id, i);
      access.bit_offset = start + member.bit_offset;
      if (member.name.empty()) {
        if (const auto inner = member_named(wanted, target.unqualified(member.type), access, depth + 1)) return inner;
      } else if (member.name == wanted.name) {
        if (!fields_fit(wanted.type, member.type, 0)) return std::nullopt;
        access.steps.push_back({.type = id, .index = i, .is_member = true, .name = member.name});
        return member.type;
      }
    }
    access.bit_offset = start;
    return std::nullopt;
  }

  bool fields_fit(TypeId a, TypeId b, unsigned depth) {
    if (depth > kMaxDepth || !may_visit()) return false;
    const BtfView& target = target_->view();
    a = local_.unqualified(a);
    b = target.unqualified(b);
    const BtfKind kind = local_.kind(a), other = target.kind(b);
    if (is_composite(kind) && is_composite(other)) return true;
    if (!same_kind(kind, other)) return false;
    switch (kind) {
      case BtfKind::integer:
        return local_.integer(a).bit_offset == 0 && target.integer(b).bit_offset == 0;
      case BtfKind::forward:
      case BtfKind::enumeration:
      case BtfKind::enumeration64: {
        const std::string_view mine = essential_name(local_.name(a)), theirs = essential_name(target.name(b));
        return mine.empty() || theirs.empty() || mine == theirs;
      }
      case BtfKind::array:
        return fields_fit(local_.array(a).element, target.array(b).element, depth + 1);
      case BtfKind::pointer:
      case BtfKind::floating:
        return true;
      default:
        return false;
    }
  }

  /// Bit fields are read by the smallest aligned load, of the declared type's width or wider, that holds them.
  std::optional<Place> place(const BtfView& types, const Access& access) const {
    const Step& last = access.steps.back();
    Place place;
    std::uint32_t bits = 0;
    if (last.is_member) {
      const BtfView::Member member = types.member(last.type, last.index);
      place.type = types.unqualified(member.type);
      bits = member.bits;
    } else {
      place.type = last.type;
    }
    const auto bytes = types.value_bytes(place.type);
    if (!bytes) return std::nullopt;
    place.bytes = static_cast<std::uint32_t>(*bytes);
    place.byte_offset = access.bit_offset / 8;
    place.is_bit_field = bits != 0;
    if (place.is_bit_field) {
      if (place.bytes == 0 || place.bytes > kMaxFieldBytes) return std::nullopt;
      const auto reach = [&] { place.byte_offset = access.bit_offset / 8 / place.bytes * place.bytes; };
      for (reach(); access.bit_offset + bits - place.byte_offset * 8 > place.bytes * 8ull; reach()) {
        if (place.bytes >= kMaxFieldBytes) return std::nullopt;
        place.bytes *= 2;
      }
    } else {
      bits = place.bytes * 8;
    }
    return with_value(types, access, bits, last.is_member, place);
  }

  std::optional<Place> with_value(const BtfView& types, const Access& access, std::uint64_t bits, bool is_member, Place place) const {
    const std::uint64_t before = access.bit_offset - place.byte_offset * 8;
    switch (record_.kind) {
      case CoreKind::field_byte_offset:
        place.value = place.byte_offset;
        return place;
      case CoreKind::field_byte_size:
        place.value = place.bytes;
        return place;
      case CoreKind::field_exists:
        place.value = 1;
        return place;
      case CoreKind::field_signed:
        place.value = is_enumeration(types.kind(place.type)) ? types.flag(place.type) : types.integer(place.type).is_signed;
        return is_member ? std::optional(place) : std::nullopt;
      case CoreKind::field_lshift:
      case CoreKind::field_rshift:
        if (!is_member || before + bits > 64) return std::nullopt;
        place.value = record_.kind == CoreKind::field_lshift ? 64 - (before + bits) : 64 - bits;
        return place;
      default:
        return std::nullopt;
    }
  }

  const BtfView& local_;
  const TargetTypes* target_;
  const CoreRecord& record_;
  std::vector<std::uint32_t> indices_;
  unsigned visits_ = 0;
  std::string error_;
};

// Instruction encodings (RFC 9669, "Instruction encoding").
constexpr std::uint8_t kClassMask = 7, kLoadImm = 0x18, kSizeMask = 0x18, kFromRegister = 8;
enum class InsnClass : std::uint8_t { ld, ldx, st, stx, alu, jmp, jmp32, alu64 };

std::optional<std::uint8_t> size_bits(std::uint32_t bytes) {
  switch (bytes) {
    case 1:
      return 0x10;
    case 2:
      return 0x08;
    case 4:
      return 0x00;
    case 8:
      return 0x18;
    default:
      return std::nullopt;
  }
}

template <class T>
void put(std::span<std::byte> code, std::size_t at, T value) {
  std::memcpy(code.data() + at, &value, sizeof value);
}

std::unexpected<std::string> mismatch(std::int64_t found, std::uint64_t expected) {
  return std::unexpected(fmt::format("stands on an instruction with {} where the object's types say {}", found, static_cast<std::int64_t>(expected)));
}

std::expected<bool, std::string> patch_access(std::span<std::byte> code, std::uint8_t opcode, const CoreValue& value) {
  const auto offset = load<std::int16_t>(code, 2).value_or(0);
  if (value.is_checked && offset != static_cast<std::int64_t>(value.written)) return mismatch(offset, value.written);
  if (!value.is_resolved) return false;
  if (value.value > INT16_MAX) return std::unexpected(fmt::format("needs the offset {}, which no load or store can have", value.value));
  if (value.written_bytes != value.bytes) {
    const auto before = size_bits(value.written_bytes), after = size_bits(value.bytes);
    if (!value.width_may_change || !after) return false;
    if (before != (opcode & kSizeMask)) return std::unexpected("stands on an access that is not as wide as the field");
    code[0] = static_cast<std::byte>((opcode & ~kSizeMask) | *after);
  }
  put(code, 2, static_cast<std::int16_t>(value.value));
  return true;
}

std::expected<bool, std::string> patch_immediate(std::span<std::byte> code, const CoreValue& value) {
  const auto imm = load<std::int32_t>(code, 4).value_or(0);
  if (value.is_checked && imm != static_cast<std::int32_t>(value.written)) return mismatch(imm, value.written);
  if (!value.is_resolved) return false;
  const auto as_signed = static_cast<std::int64_t>(value.value);
  const bool fits = value.value <= UINT32_MAX || (as_signed < 0 && as_signed >= INT32_MIN);
  if (!fits) return std::unexpected(fmt::format("needs {}, which is no 32-bit number", value.value));
  put(code, 4, static_cast<std::uint32_t>(value.value));
  return true;
}

std::expected<bool, std::string> patch_load_imm(std::span<std::byte> code, const CoreValue& value) {
  const auto low = load<std::uint32_t>(code, 4), high = load<std::uint32_t>(code, 12);
  if (!high || load<std::uint32_t>(code, 8) != 0u || load<std::uint8_t>(code, 1).value_or(0) >> 4 != 0) {
    return std::unexpected("stands on a 64-bit immediate that is no plain constant");
  }
  const std::uint64_t imm = std::uint64_t{*high} << 32 | *low;
  if (value.is_checked && imm != value.written) return mismatch(static_cast<std::int64_t>(imm), value.written);
  if (!value.is_resolved) return false;
  put(code, 4, static_cast<std::uint32_t>(value.value));
  put(code, 12, static_cast<std::uint32_t>(value.value >> 32));
  return true;
}

}  // namespace

bool needs_target(CoreKind kind) { return kind != CoreKind::type_id_local; }

std::expected<CoreValue, std::string> resolve(const BtfView& local, const TargetTypes* target, const CoreRecord& record) {
  return Resolver(local, target, record).run();
}

std::expected<bool, std::string> patch(std::span<std::byte> code, const CoreValue& value) {
  const std::uint8_t opcode = load<std::uint8_t>(code, 0).value_or(0);
  if (opcode == kLoadImm) return patch_load_imm(code, value);
  switch (static_cast<InsnClass>(opcode & kClassMask)) {
    case InsnClass::ldx:
    case InsnClass::st:
    case InsnClass::stx:
      return patch_access(code, opcode, value);
    case InsnClass::alu:
    case InsnClass::alu64:
      if ((opcode & kFromRegister) != 0) break;
      return patch_immediate(code, value);
    case InsnClass::ld:
    case InsnClass::jmp:
    case InsnClass::jmp32:
      break;
  }
  return std::unexpected(fmt::format("stands on an instruction that has no such constant (opcode 0x{:02x})", opcode));
}

std::string to_text(const BtfView& local, const CoreRecord& record) {
  constexpr std::array<std::string_view, kCoreKinds> kWhat{"the byte offset of", "the size of",        "the existence of",   "the sign of",
                                                           "the left shift of",  "the right shift of", "the object's id of", "the kernel's id of",
                                                           "the existence of",   "the size of",        "the existence of",   "the value of",
                                                           "a match for"};
  std::string text = fmt::format("{} '{}", kWhat[static_cast<std::size_t>(record.kind)], made_printable(local.name(record.type)));
  TypeId id = local.unqualified(record.type);
  const char* at = record.access.data();
  const char* const end = at + record.access.size();
  for (std::size_t i = 0; at < end && i < kMaxSteps; ++i) {
    std::uint32_t index = 0;
    const auto [next, error] = std::from_chars(at, end, index);
    if (error != std::errc()) break;
    at = std::min(next + 1, end);
    if (is_about_an_enumerator(record.kind)) {
      text += fmt::format("::{}", made_printable(local.enumerator(id, index).name));
    } else if (i > 0 && is_composite(local.kind(id))) {
      const BtfView::Member member = local.member(id, index);
      if (!member.name.empty()) text += fmt::format("::{}", made_printable(member.name));
      id = local.unqualified(member.type);
    } else if (i > 0) {
      text += fmt::format("[{}]", index);
      id = local.unqualified(local.array(id).element);
    }
  }
  return text + "'";
}

}  // namespace tenon::object
