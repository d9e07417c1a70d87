// SPDX-License-Identifier: Apache-2.0
#include "runtime/promises.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace tenon::runtime {

namespace {

using interface::ObjectRef;

/// What no host function writes by chance: eight bytes in a row of it were left alone.
constexpr std::size_t kRun = 8;
std::uint8_t pattern(std::size_t i) { return static_cast<std::uint8_t>((i / kRun + 1) * 0x9e3779b97f4a7c15ull >> (8 * (i % kRun))); }

bool lies_in(const Promises::Range& range, std::uint64_t r0) {
  const unsigned drop = 64u - range.bits;
  if (range.is_signed) {
    const auto value = static_cast<std::int64_t>(r0 << drop) >> drop;
    return value >= range.lo && value <= static_cast<std::int64_t>(range.hi);
  }
  const std::uint64_t value = r0 << drop >> drop;
  return value >= static_cast<std::uint64_t>(range.lo) && value <= range.hi;
}

}  // namespace

std::unique_ptr<const Promises> promises_of(const interface::Declarations& declarations, const interface::Function& function) {
  auto made = std::make_unique<Promises>();
  const auto broken = [&](std::string_view what) {
    return fmt::format("{}() broke its line '{}': {}", function.name, to_text(declarations, function), what);
  };
  if (const auto* scalar = std::get_if<interface::Scalar>(&function.result)) {
    made->range = {scalar->bits, scalar->is_signed, scalar->lo, scalar->hi, broken("its result lies outside the range")};
  }
  const auto* object = std::get_if<ObjectRef>(&function.result);
  const auto* mem = std::get_if<interface::Mem>(&function.result);
  const auto* structure = std::get_if<interface::StructRef>(&function.result);
  const bool is_pointer = object != nullptr || mem != nullptr || structure != nullptr;
  const bool nullable = (object != nullptr && object->nullable) || (mem != nullptr && mem->nullable) || (structure != nullptr && structure->nullable);
  if (is_pointer && !nullable) made->null = broken("it returned null");
  if (is_pointer) made->in_heap = broken("its result lies in the extension's heap, where the extension may write");
  if (object != nullptr && object->mode == ObjectRef::Mode::own && declarations.at(object->type).kind == interface::ObjectType::Kind::linear) {
    made->twice = broken("it handed out an object that the extension holds already");
  }
  if (function.no_return) made->returned = broken("it returned");
  for (const interface::Parameter& parameter : function.parameters) {
    const auto* memory = std::get_if<interface::Mem>(&parameter.type);
    if (memory == nullptr) continue;
    Promises::Memory& promise = made->memory.emplace_back();
    if (memory->shared) continue;
    promise.keeps = memory->access == interface::Access::read;
    promise.fills = memory->access == interface::Access::uninit;
    promise.broken = promise.keeps ? broken(fmt::format("it wrote to '{}', which it may only read", parameter.name))
                                   : broken(fmt::format("it left bytes of '{}' as they were, which it must set", parameter.name));
  }
  return made;
}

Watch::Watch(const Callee& callee, const Registers& registers, const Registers& given) : callee_(callee) {
  for (std::size_t m = 0; m < callee.memory.size(); ++m) {
    const Promises::Memory& promise = callee.promises->memory[m];
    const std::uint64_t address = registers[callee.memory[m].index];
    const auto bytes = length_of(callee.memory[m], given);
    if ((!promise.keeps && !promise.fills) || address == 0 || !bytes || *bytes == 0 || *bytes > kMaxWatchedBytes) continue;
    auto* const at = reinterpret_cast<std::uint8_t*>(address);
    if (promise.fills) {
      for (std::size_t i = 0; i < *bytes; ++i) at[i] = pattern(i);
    }
    copies_.push_back({at, m, std::vector<std::uint8_t>(at, at + *bytes)});
  }
}

bool Watch::is_kept(const Copy& copy) const { return std::memcmp(copy.at, copy.bytes.data(), copy.bytes.size()) == 0; }

/// Fewer than kRun bytes in a row may have been written with what was there.
bool Watch::is_filled(const Copy& copy) const {
  std::size_t run = 0;
  for (std::size_t i = 0; i < copy.bytes.size(); ++i) {
    run = copy.at[i] == copy.bytes[i] ? run + 1 : 0;
    if (run == kRun) return false;
  }
  return true;
}

const std::string* Watch::verdict(const Level& level, std::uint64_t r0) const {
  const Promises& promises = *callee_.promises;
  if (promises.returned) return &*promises.returned;
  for (const Copy& copy : copies_) {
    const Promises::Memory& promise = promises.memory[copy.index];
    if (promise.keeps ? !is_kept(copy) : !is_filled(copy)) return &promise.broken;
  }
  if (promises.range && !lies_in(*promises.range, r0)) return &promises.range->broken;
  if (r0 == 0) return promises.null ? &*promises.null : nullptr;
  if (promises.in_heap && r0 - level.heap->base() < level.heap->shape().window_bytes) return &*promises.in_heap;
  if (promises.twice && level.held.holds(r0, *callee_.result)) return &*promises.twice;
  return nullptr;
}

}  // namespace tenon::runtime
