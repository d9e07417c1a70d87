// SPDX-License-Identifier: Apache-2.0
// A bare instruction stream as an object of one section whose functions are the places that calls go to.
#include <fmt/format.h>

#include <set>

#include "isa/opcode_table.hpp"
#include "object/bytes.hpp"
#include "object/object_data.hpp"

namespace tenon::object {
namespace {

constexpr std::uint32_t kSection = 1;
constexpr std::uint8_t kOpcodeLoadImm = 0x18, kOpcodeCall = 0x85;

struct Reference {
  std::uint32_t slot;
  std::uint32_t target;
  bool is_call;
};

/// Calls and function addresses, which name their target relative to the next slot. Targets outside the code are left to decode().
std::vector<Reference> references(std::span<const std::byte> code) {
  std::vector<Reference> found;
  const auto slots = static_cast<std::uint32_t>(code.size() / 8);
  for (std::uint32_t slot = 0; slot < slots; ++slot) {
    const std::uint8_t opcode = *load<std::uint8_t>(code, slot * 8ull), kind = *load<std::uint8_t>(code, slot * 8ull + 1) >> 4;
    const std::int64_t target = std::int64_t{slot} + 1 + *load<std::int32_t>(code, slot * 8ull + 4);
    const bool is_call = opcode == kOpcodeCall && kind == isa::kCallLocal;
    const bool is_address = opcode == kOpcodeLoadImm && kind == isa::kImmFunction;
    if ((is_call || is_address) && target >= 0 && target < slots) found.push_back({slot, static_cast<std::uint32_t>(target), is_call});
    if (opcode == kOpcodeLoadImm) ++slot;
  }
  return found;
}

void add_functions(ObjectData& data, const std::vector<Reference>& references, std::uint32_t slots, std::string_view name) {
  std::set<std::uint32_t> starts{0};
  for (const Reference& reference : references) starts.insert(reference.target);
  for (const std::uint32_t start : starts) {
    const auto next = starts.upper_bound(start);
    const auto index = static_cast<std::uint32_t>(data.functions.size());
    data.functions.push_back({.name = start == 0 ? std::string(name) : fmt::format("{}_{}", name, start),
                              .section = kSection,
                              .begin = start,
                              .end = next == starts.end() ? slots : *next,
                              .is_global = start == 0});
    data.function_at.emplace(std::pair(kSection, start), index);
  }
}

}  // namespace

Result<ir::Program> decode_raw(std::span<const std::byte> code, std::string_view name, std::string_view hook) {
  if (code.empty() || code.size() % 8 != 0)
    return refuse("E0122", fmt::format("the code is {} bytes long, which is no positive multiple of 8", code.size()));
  if (code.size() / 8 > 2 * ir::kMaxInsns) return refuse("E0130", fmt::format("the code has more than {} instructions", ir::kMaxInsns));
  ObjectData data;
  data.name = name;
  const std::vector<Reference> found = references(code);
  add_functions(data, found, static_cast<std::uint32_t>(code.size() / 8), name);
  ir::Globals globals;
  CodeSection section{code, {}};
  for (const Reference& reference : found) {
    if (reference.is_call) continue;
    const std::uint32_t index = data.function_at.at({kSection, reference.target});
    CodeFunction& function = data.functions[index];
    if (!function.value) {
      function.value = static_cast<std::uint32_t>(globals.functions.size());
      globals.functions.push_back(function.name);
    }
    section.fixups.emplace(reference.slot, Fixup{Fixup::Kind::function, index});
  }
  data.code.emplace(kSection, std::move(section));
  data.globals = std::make_shared<const ir::Globals>(std::move(globals));
  return assemble(data, data.function_at.at({kSection, 0}), {.name = std::string(name), .section = std::string(hook), .hook = std::string(hook)}, {});
}

}  // namespace tenon::object
