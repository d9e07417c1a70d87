// SPDX-License-Identifier: Apache-2.0
// Any bytes as an object file, and as a bare instruction stream. Promise: a Result always; a refusal has exactly one reason with a code and a text
// that can be shown; what is accepted can be printed and analysed.
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bug.hpp"
#include "ir/graph.hpp"
#include "ir/liveness.hpp"
#include "object/bytes.hpp"
#include "object/object.hpp"

namespace {

using namespace tenon;

constexpr std::size_t kMaxEntriesTried = 8;

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto object = object::read(bytes, "fuzz.o", {.globals_bytes = 1u << 20});
  if (!object) {
    check_refusal(object);
  } else {
    for (std::size_t i = 0; i < object->entry_points().size() && i < kMaxEntriesTried; ++i) {
      check_program(object::decode(*object, object->entry_points()[i].name));
    }
  }
  check_program(object::decode_raw(bytes, "fuzz", "raw"));
  return 0;
}
