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
  for (const ir::GlobalPointer& pointer : program->globals()->pointers) {
    base::ensure(object::inside(pointer.at, 8, program->globals()->initial.size()), "pointers lie inside the globals");
    const bool is_function = pointer.kind == ir::GlobalPointer::Kind::function;
    base::ensure(is_function ? pointer.target < program->globals()->functions.size() : pointer.target <= program->globals()->initial.size(),
                 "pointers point to what there is");
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

void check_object(std::span<const std::byte> bytes, std::shared_ptr<const object::Kernel> kernel) {
  const auto object = object::read(bytes, "fuzz.o", {.globals_bytes = 1u << 20}, std::move(kernel));
  if (!object) return check_refusal(object);
  for (std::size_t i = 0; i < object->entry_points().size() && i < kMaxEntriesTried; ++i) {
    check_program(
        object::decode(*object, object->entry_points()[i].name, {.has_function = [](std::string_view name) { return name.size() % 2 == 0; }}));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  check_object(bytes, kernel_of(bytes));
  if (const auto types = object::BtfView::read(bytes)) check_types(*types);
  check_program(object::decode_raw(bytes, "fuzz", "raw"));
  return 0;
}
