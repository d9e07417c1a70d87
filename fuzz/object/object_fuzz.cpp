// SPDX-License-Identifier: Apache-2.0
// Any bytes as an object file, whose own types are also the kernel's; as a bare instruction stream; and as BTF of a kernel. Promise: a Result always;
// a refusal has exactly one reason with a code and a text that can be shown; what is accepted can be printed and analysed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/bug.hpp"
#include "ir/graph.hpp"
#include "ir/liveness.hpp"
#include "object/bytes.hpp"
#include "object/elf_image.hpp"
#include "object/kernel.hpp"
#include "object/layout.hpp"
#include "object/object.hpp"

namespace {

using namespace tenon;

constexpr std::size_t kMaxEntriesTried = 8;
constexpr object::TypeId kMaxTypesTried = 4096;
constexpr std::uint32_t kMaxEntriesOfType = 64;

template <class T>
void check_refusal(const Result<T>& result) {
  base::ensure(result.error().size() == 1, "a refusal has exactly one reason");
  const Diagnostic& reason = result.error().front();
  base::ensure(reason.code.starts_with("E01") && !reason.message.empty(), "a refusal has a code and a message");
  base::ensure(object::is_printable(reason.message) && object::is_printable(reason.where.text) && object::is_printable(reason.where.file),
               "a refusal can be shown");
}

void check_program(const Result<ir::Program>& program) {
  if (!program) return check_refusal(program);
  base::ensure(!ir::to_text(*program).empty(), "a program can be printed");
  base::ensure(ir::live_before(*program).size() == program->insns().size(), "every instruction has a liveness");
  for (ir::InsnIdx i{0u}; i.index() < program->insns().size(); ++i) {
    base::ensure(object::is_printable(program->locate(i).text), "a source line can be shown");
  }
  base::ensure(program->externs().size() >= 1 || program->extern_facts(0) == nullptr, "facts are about externs");
  for (ir::FunctionIdx f{0u}; f.index() < program->functions().size(); ++f) {
    base::ensure(!ir::reverse_post_order(*program, f).empty(), "every function has an order");
  }
  const ir::Globals& globals = *program->globals();
  for (const ir::GlobalPointer& pointer : globals.pointers) {
    base::ensure(object::inside(pointer.at - globals.initial_at, 8, globals.initial.size()), "pointers lie inside the globals");
    const bool is_function = pointer.kind == ir::GlobalPointer::Kind::function;
    base::ensure(is_function ? pointer.target < globals.functions.size() : pointer.target <= globals.bytes(), "pointers point to what there is");
  }
}

/// Asks for everything there is, and for a little more.
void check_types(const object::BtfView& types) {
  for (object::TypeId id = 0; id < types.size() + 2 && id < kMaxTypesTried; ++id) {
    const std::uint32_t entries = std::min(types.entries(id), kMaxEntriesOfType);
    for (std::uint32_t i = 0; i <= entries; ++i) {
      static_cast<void>(types.member(id, i));
      static_cast<void>(types.enumerator(id, i));
    }
    base::ensure(types.unqualified(id) < types.size(), "behind a type is a type");
    static_cast<void>(types.value_bytes(id));
    static_cast<void>(types.array(id));
    static_cast<void>(types.integer(id));
    static_cast<void>(types.name(id));
  }
}

/// A kernel whose types are those of the object; none when it has no usable ones.
std::shared_ptr<const object::Kernel> kernel_of(std::span<const std::byte> bytes) {
  const auto image = object::read_elf(bytes);
  if (!image) return nullptr;
  for (const object::Section& section : image->sections) {
    if (section.name != ".BTF") continue;
    const auto types = object::TargetTypes::read({section.data.begin(), section.data.end()});
    if (!types) continue;
    check_types((*types)->view());
    return std::make_shared<const object::Kernel>(*types);
  }
  return nullptr;
}

/// The object takes over its own memory, then memory that lacks every second part of it.
void check_takeover(std::span<const std::byte> bytes, const object::Object& object) {
  const object::Layout layout = object::layout_of(object);
  object::Layout half = layout;
  for (std::size_t i = 0; i < half.parts.size(); ++i) half.parts.erase(half.parts.begin() + static_cast<std::ptrdiff_t>(i));
  for (const object::Layout* old : {&layout, static_cast<const object::Layout*>(&half)}) {
    auto placement = object::place(*old, layout);
    base::ensure(placement.has_value() == layout.problem.empty(), "what can be described can be taken over by itself");
    if (!placement) {
      base::ensure(placement.error().front().code == "E0611" && object::is_printable(placement.error().front().message), "a refusal can be shown");
      return;
    }
    placement->put_fresh(1u << 20);
    const auto placed = object::read(bytes, "fuzz.o", {.globals_bytes = 1u << 20}, {}, &*placement);
    if (!placed) return check_refusal(placed);
    static_cast<void>(object::combine(*old, layout, *placement, placed->globals()->functions));
    for (std::size_t i = 0; i < placed->entry_points().size() && i < kMaxEntriesTried; ++i) check_program(object::decode(*placed, placed->entry_points()[i].name));
  }
}

void check_object(std::span<const std::byte> bytes, std::shared_ptr<const object::Kernel> kernel) {
  const auto object = object::read(bytes, "fuzz.o", {.globals_bytes = 1u << 20}, std::move(kernel));
  if (!object) return check_refusal(object);
  for (std::size_t i = 0; i < object->entry_points().size() && i < kMaxEntriesTried; ++i) {
    check_program(
        object::decode(*object, object->entry_points()[i].name, {.has_function = [](std::string_view name) { return name.size() % 2 == 0; }}));
  }
  check_takeover(bytes, *object);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  check_object(bytes, kernel_of(bytes));
  if (const auto types = object::BtfView::read(bytes)) check_types(*types);
  check_program(object::decode_raw(bytes, "fuzz", "raw"));
  return 0;
}
