// SPDX-License-Identifier: Apache-2.0
#include "object/host_types.hpp"

#include <utility>

namespace tenon::object {
namespace {

using Slot = ir::HostTypes::Slot;

constexpr unsigned kMaxDepth = 32;
constexpr std::uint32_t kMaxLooks = 1u << 16;    // at members, for one question: structures may hold each other many times over
constexpr std::uint32_t kMaxMembers = 1u << 14;  // of one structure; a kernel's largest has some hundreds

bool is_composite(BtfKind kind) { return kind == BtfKind::structure || kind == BtfKind::union_type; }

/// What some bytes of a value are. Whole addresses of structures are pointers; parts of any address are nothing; all else is numbers.
class FieldFinder {
 public:
  explicit FieldFinder(const BtfView& types) : types_(types) {}

  std::optional<Slot> find(TypeId id, std::uint64_t offset, std::uint64_t bytes, unsigned depth = 0) const {
    id = types_.unqualified(id);
    const auto size = types_.value_bytes(id);
    if (depth > kMaxDepth || ++looks_ > kMaxLooks || !size || bytes > *size || offset > *size - bytes) return std::nullopt;
    switch (types_.kind(id)) {
      case BtfKind::structure:
      case BtfKind::union_type:
        return in_members(id, offset, bytes, depth);
      case BtfKind::array:
        return in_elements(id, offset, bytes, depth);
      case BtfKind::pointer:
        return offset == 0 && bytes == *size ? std::optional(behind(types_.target(id))) : std::nullopt;
      default:
        return Slot{};
    }
  }

  /// A pointer's target, if it is a structure that is described.
  Slot behind(TypeId target) const {
    const TypeId id = types_.unqualified(target);
    return is_composite(types_.kind(id)) ? Slot{true, id} : Slot{};
  }

 private:
  /// Members of a union share their bytes: an address, where one of them is one.
  std::optional<Slot> in_members(TypeId id, std::uint64_t offset, std::uint64_t bytes, unsigned depth) const {
    std::optional<Slot> found;
    bool cut = false;
    const std::uint32_t members = types_.entries(id);
    if (members > kMaxMembers) return std::nullopt;
    for (std::uint32_t m = 0; m < members; ++m) {
      const BtfView::Member member = types_.member(id, m);
      const std::uint64_t begin = member.bit_offset / 8;
      const std::uint64_t size = member.bits != 0 ? (member.bit_offset % 8 + member.bits + 7) / 8 : types_.value_bytes(member.type).value_or(0);
      if (begin >= offset + bytes || begin + size <= offset) continue;
      const bool inside = begin <= offset && offset + bytes <= begin + size;
      const auto slot = member.bits != 0 ? std::optional(Slot{})
                        : inside         ? find(member.type, offset - begin, bytes, depth + 1)
                                         : spanned(member.type, depth + 1);
      if (slot && slot->is_pointer) return slot;
      if (slot) found = slot;
      cut |= !slot;
    }
    if (found && types_.kind(id) == BtfKind::union_type) return found;
    return cut ? std::nullopt : std::optional(Slot{});
  }

  std::optional<Slot> in_elements(TypeId id, std::uint64_t offset, std::uint64_t bytes, unsigned depth) const {
    const TypeId element = types_.array(id).element;
    const auto size = types_.value_bytes(element);
    if (!size || *size == 0) return std::nullopt;
    const std::uint64_t within = offset % *size;
    return within + bytes <= *size ? find(element, within, bytes, depth + 1) : spanned(element, depth + 1);
  }

  /// An access that begins or ends outside the value: fine where no address can be in it.
  std::optional<Slot> spanned(TypeId id, unsigned depth) const {
    id = types_.unqualified(id);
    if (depth > kMaxDepth || ++looks_ > kMaxLooks || types_.kind(id) == BtfKind::pointer) return std::nullopt;
    if (types_.kind(id) == BtfKind::array) return spanned(types_.array(id).element, depth + 1);
    if (!is_composite(types_.kind(id))) return Slot{};
    const std::uint32_t members = types_.entries(id);
    for (std::uint32_t m = 0; m < members; ++m) {
      if (m > kMaxMembers || !spanned(types_.member(id, m).type, depth + 1)) return std::nullopt;
    }
    return Slot{};
  }

  const BtfView& types_;
  mutable std::uint32_t looks_ = 0;
};

class KernelHostTypes : public ir::HostTypes {
 public:
  explicit KernelHostTypes(std::shared_ptr<const Kernel> kernel) : kernel_(std::move(kernel)) {}

  std::optional<std::vector<Slot>> arguments(std::string_view function, bool with_result) const override {
    const auto types = known();
    if (!types) return std::nullopt;
    const BtfView& view = types->view();
    std::optional<std::vector<Slot>> named;  // a type of that name, unless a function has it, too
    for (TypeId id = 1; id < view.size(); ++id) {
      const BtfKind kind = view.kind(id);
      if ((kind != BtfKind::function && (kind != BtfKind::type_name || named)) || view.name(id) != function) continue;
      const bool is_function = kind == BtfKind::function;
      const TypeId prototype = is_function ? view.target(id) : view.unqualified(view.target(view.unqualified(id)));
      if (view.kind(prototype) != BtfKind::prototype) continue;
      std::vector<Slot> slots;
      for (std::uint32_t p = is_function ? 0 : 1; p < view.entries(prototype); ++p) slots.push_back(slot_of(view, view.member(prototype, p).type));
      if (with_result && view.target(prototype) != 0) slots.push_back(slot_of(view, view.target(prototype)));
      if (is_function) return slots;
      named = std::move(slots);
    }
    return named;
  }

  std::optional<std::uint32_t> structure(std::string_view name) const override {
    const auto types = known();
    if (!types) return std::nullopt;
    for (const TypeId id : types->named(essential_name(name))) {
      if (types->view().kind(id) == BtfKind::structure && types->view().name(id) == name) return id;
    }
    return std::nullopt;
  }

  std::optional<Slot> field(std::uint32_t structure, std::uint64_t offset, unsigned bytes) const override {
    const auto types = known();
    return types ? FieldFinder(types->view()).find(structure, offset, bytes) : std::nullopt;
  }

  std::string name(std::uint32_t structure) const override {
    const auto types = known();
    return types ? std::string(types->view().name(structure)) : std::string();
  }

 private:
  static Slot slot_of(const BtfView& view, TypeId type) {
    const TypeId id = view.unqualified(type);
    return view.kind(id) == BtfKind::pointer ? FieldFinder(view).behind(view.target(id)) : Slot{};
  }

  std::shared_ptr<const TargetTypes> known() const {
    auto types = kernel_->types();
    return types ? *types : nullptr;
  }

  std::shared_ptr<const Kernel> kernel_;
};

}  // namespace

std::shared_ptr<const ir::HostTypes> host_types_of(std::shared_ptr<const Kernel> kernel) {
  return kernel ? std::make_shared<const KernelHostTypes>(std::move(kernel)) : nullptr;
}

}  // namespace tenon::object
