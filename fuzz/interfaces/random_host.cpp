// SPDX-License-Identifier: Apache-2.0
#include "random_host.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace tenon::fuzz {

using interface::Mem;
using interface::ObjectRef;

namespace {

constexpr unsigned kMaxCallbacks = 4;  ///< per host call
constexpr unsigned kMaxDepth = 3;      ///< of structs that point to structs

void store(std::uint64_t address, std::uint64_t value, std::uint64_t bytes) { std::memcpy(reinterpret_cast<void*>(address), &value, bytes); }

std::uint64_t struct_bytes(const interface::Declarations& declarations, const ObjectRef& object) {
  const auto view = declarations.at(object.type).view;
  return view ? declarations.at(*view).bytes : 16;
}

}  // namespace

std::uint64_t RandomHost::extent(const interface::Function& function, const Mem& mem, const Registers& arguments) const {
  std::uint64_t element = mem.element_bytes;
  if (mem.part != Mem::MapPart::none) {
    const auto same = [&](const engine::MapIdentity& map) { return map.address == arguments[mem.map_parameter]; };
    const auto map = std::find_if(maps_.begin(), maps_.end(), same);
    if (map != maps_.end()) element = mem.part == Mem::MapPart::key ? map->key_bytes : map->value_bytes;
  }
  std::uint64_t count = mem.count.value_or(1);
  if (mem.count_parameter) {
    const auto& type = std::get<interface::Scalar>(function.parameters[*mem.count_parameter].type);
    count = (arguments[*mem.count_parameter] << (64u - type.bits) >> (64u - type.bits)) * mem.count_factor + mem.count_addend;
  }
  return count * element;
}

RandomHost::RandomHost(const interface::Declarations& declarations) : declarations_(declarations) {
  void* const memory = ::mmap(nullptr, kArenaBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("no memory for the host");
  arena_ = static_cast<std::byte*>(memory);
}

RandomHost::~RandomHost() { ::munmap(arena_, kArenaBytes); }

void RandomHost::start(std::uint64_t seed) {
  random_ = Random(seed);
  used_ = 0;
  references_.clear();
}

/// Never two next to each other: what runs past the end of one must not end up in the next.
std::uint64_t RandomHost::allocate(std::uint64_t bytes) {
  const std::uint64_t begin = used_ + 8 + random_.below(4) * 8;
  if (bytes > kArenaBytes || begin + bytes > kArenaBytes) return 0;
  used_ = (begin + bytes + 7) / 8 * 8;
  return reinterpret_cast<std::uint64_t>(arena_ + begin);
}

std::uint64_t RandomHost::make_memory(std::uint64_t bytes) {
  const std::uint64_t address = allocate(bytes);
  if (address == 0) return 0;
  for (std::uint64_t at = 0; at < bytes; at += 8)
    store(address + at, random_.percent(50) ? random_.below(16) : random_.next(), std::min<std::uint64_t>(8, bytes - at));
  return address;
}

std::uint64_t RandomHost::make_scalar(const interface::Scalar& type) {
  const auto lo = static_cast<std::uint64_t>(type.lo);
  const std::uint64_t span = type.hi - lo;
  switch (random_.below(4)) {
    case 0:
      return lo;
    case 1:
      return type.hi;
    case 2:
      return lo + (span == UINT64_MAX ? random_.next() : random_.below(span + 1));
    default:
      return lo + random_.below(std::min<std::uint64_t>(span, 15) + 1);
  }
}

std::uint64_t RandomHost::make_struct(const interface::Struct& type, unsigned depth) {
  const std::uint64_t address = make_memory(type.bytes);
  if (address == 0) return 0;
  for (const interface::Field& field : type.fields) {
    if (field.pointer) {
      const std::uint64_t pointee = make(*field.pointer, depth + 1);
      store(address + field.offset, pointee, 8);
      continue;
    }
    for (std::uint32_t i = 0; i < field.count; ++i)
      store(address + field.offset + i * (field.type.bits / 8u), make_scalar(field.type), field.type.bits / 8u);
  }
  place_ranges(type, address);
  return address;
}

void RandomHost::place_ranges(const interface::Struct& type, std::uint64_t address) {
  for (const interface::MemRange& range : type.ranges) {
    const std::uint64_t bytes = random_.percent(30) ? random_.below(4) : random_.below(80);
    std::uint64_t at = make_memory(std::max<std::uint64_t>(bytes, 1));
    if (at == 0) at = reinterpret_cast<std::uint64_t>(arena_);
    std::uint64_t left = bytes;
    for (std::size_t m = 0; m < range.marks.size(); ++m) {
      if (m > 0) {
        const std::uint64_t step = m + 1 == range.marks.size() ? left : random_.below(left + 1);
        at += step;
        left -= step;
      }
      store(address + range.marks[m].offset, at, range.pointer_bytes);
    }
  }
}

std::uint64_t RandomHost::make(const interface::Type& type, unsigned depth) {
  if (const auto* scalar = std::get_if<interface::Scalar>(&type)) return make_scalar(*scalar);
  if (const auto* structure = std::get_if<interface::StructRef>(&type)) {
    if (structure->nullable && (depth > kMaxDepth || random_.percent(30))) return 0;
    return make_struct(declarations_.at(structure->type), depth);
  }
  if (const auto* mem = std::get_if<Mem>(&type)) {
    return mem->nullable && random_.percent(30) ? 0 : make_memory(mem->count.value_or(1) * mem->element_bytes);
  }
  if (const auto* object = std::get_if<ObjectRef>(&type)) {
    if (object->nullable && random_.percent(30)) return 0;
    const auto view = declarations_.at(object->type).view;
    return view ? make_struct(declarations_.at(*view), depth) : make_memory(16);
  }
  return 0;
}

RandomHost::Registers RandomHost::hook_arguments(const interface::Hook& hook) {
  Registers arguments{};
  for (std::size_t i = 0; i < hook.parameters.size(); ++i) {
    arguments[i] = make(hook.parameters[i].type, 0);
    const auto* object = std::get_if<ObjectRef>(&hook.parameters[i].type);
    if (object != nullptr && object->mode == ObjectRef::Mode::own && arguments[i] != 0) references_.push_back({arguments[i], object->type, 1});
  }
  for (std::size_t i = 0; i < hook.parameters.size(); ++i) {
    const auto* mem = std::get_if<Mem>(&hook.parameters[i].type);
    if (mem == nullptr || !mem->count_parameter) continue;
    arguments[*mem->count_parameter] = random_.below(64);
    arguments[i] = make_memory((arguments[*mem->count_parameter] * mem->count_factor + mem->count_addend) * mem->element_bytes);
  }
  return arguments;
}

std::uint64_t RandomHost::scalar_result(const interface::Function& function, const interface::Scalar& type) {
  std::vector<std::uint64_t> edges;
  for (const interface::Conditional& clause : function.on) {
    if (!clause.parameter) edges.insert(edges.end(), {clause.value - 1, clause.value, clause.value + 1});
  }
  if (edges.empty() || random_.percent(25)) return make_scalar(type);
  const std::uint64_t value = random_.pick(edges);
  return engine::in_range(type, value) ? value : make_scalar(type);
}

std::uint64_t RandomHost::object_result(const interface::Function& function, const ObjectRef& type, const Registers& arguments) {
  if (type.nullable && random_.percent(25)) return 0;
  const interface::ObjectType& declared = declarations_.at(type.type);
  std::uint64_t address = 0;
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const auto* object = std::get_if<ObjectRef>(&function.parameters[i].type);
    if (object != nullptr && !type.instance.empty() && object->instance == type.instance) address = arguments[i];
  }
  const bool may_be_again = declared.kind == interface::ObjectType::Kind::counted && declared.states.empty() && type.of.empty() && !type.memory;
  if (address == 0 && may_be_again && random_.percent(10)) {
    for (const Reference& reference : references_) {
      if (reference.type == type.type && reference.count > 0) address = reference.address;
    }
  }
  if (address == 0 && type.memory) address = make_memory(extent(function, *type.memory, arguments));
  if (address == 0) address = declared.view ? make_struct(declarations_.at(*declared.view), 0) : make_memory(struct_bytes(declarations_, type));
  if (address == 0 || type.mode != ObjectRef::Mode::own) return address;
  const auto known =
      std::find_if(references_.begin(), references_.end(), [&](const Reference& r) { return r.address == address && r.type == type.type; });
  if (known == references_.end()) {
    references_.push_back({address, type.type, 1});
  } else {
    ++known->count;
  }
  return address;
}

std::uint64_t RandomHost::result_of(const interface::Function& function, const Registers& arguments) {
  const interface::Type& type = function.result;
  if (const auto* scalar = std::get_if<interface::Scalar>(&type)) return scalar_result(function, *scalar);
  if (const auto* object = std::get_if<ObjectRef>(&type)) return object_result(function, *object, arguments);
  if (const auto* mem = std::get_if<Mem>(&type)) return mem->nullable && random_.percent(25) ? 0 : make_memory(extent(function, *mem, arguments));
  return make(type, 0);
}

void RandomHost::write_arguments(const interface::Function& function, const Registers& arguments) {
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const auto* mem = std::get_if<Mem>(&function.parameters[i].type);
    if (mem == nullptr || arguments[i] == 0 || !interface::may_write(mem->access)) continue;
    const std::uint64_t bytes = extent(function, *mem, arguments);
    for (std::uint64_t at = 0; at < bytes; ++at) store(arguments[i] + at, random_.next(), 1);
  }
  for (const std::uint32_t i : function.moves)
    place_ranges(declarations_.at(std::get<interface::StructRef>(function.parameters[i].type).type), arguments[i]);
}

void RandomHost::forget_references(const interface::Function& function, const Registers& arguments) {
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const auto* object = std::get_if<ObjectRef>(&function.parameters[i].type);
    if (object == nullptr || object->mode != ObjectRef::Mode::own) continue;
    for (Reference& reference : references_) {
      if (reference.address == arguments[i] && reference.count > 0) --reference.count;
    }
  }
}

RandomHost::Registers RandomHost::callback_arguments(const interface::Callback& callback) {
  Registers given{};
  for (std::size_t p = 0; p < callback.parameters.size(); ++p) given[p] = make(callback.parameters[p], 0);
  return given;
}

std::optional<RandomHost::CallResult> RandomHost::run_callbacks(const interface::Function& function, const Registers& arguments,
                                                                const CallBack& call_back, engine::HostOracle& oracle) {
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const auto* reference = std::get_if<interface::CallbackRef>(&function.parameters[i].type);
    if (reference == nullptr || arguments[i] == 0) continue;
    const interface::Callback& callback = declarations_.at(reference->type);
    if (callback.later) continue;
    for (std::uint64_t n = random_.below(kMaxCallbacks); n > 0; --n) {
      Registers given = callback_arguments(callback);
      for (std::size_t p = 0; p < callback.parameters.size(); ++p) {
        const auto* opaque = std::get_if<interface::Opaque>(&callback.parameters[p]);
        for (std::size_t q = 0; opaque != nullptr && q < function.parameters.size(); ++q) {
          const auto* passed = std::get_if<interface::Opaque>(&function.parameters[q].type);
          if (passed != nullptr && passed->instance == opaque->instance) given[p] = arguments[q];
        }
      }
      oracle.enter_callback(callback, given);
      const CallResult result = call_back(arguments[i], given);
      if (result.kind != Outcome::Kind::returned) return result;
      oracle.leave_callback(callback, result.r0);
      if (result.r0 != 0 && random_.percent(50)) break;
    }
  }
  return std::nullopt;
}

RandomHost::CallResult RandomHost::call(interface::FunctionIdx index, const Registers& arguments, const CallBack& call_back,
                                        engine::HostOracle& oracle) {
  const interface::Function& function = declarations_.at(index);
  if (function.no_return) return {0, Outcome::Kind::thrown, Cause::none};
  if (const auto ended = run_callbacks(function, arguments, call_back, oracle)) return *ended;
  if (function.throws && random_.percent(20)) return {random_.below(8), Outcome::Kind::thrown, Cause::none};
  write_arguments(function, arguments);
  forget_references(function, arguments);
  const std::uint64_t r0 = result_of(function, arguments);
  const auto* object = std::get_if<ObjectRef>(&function.result);
  const auto* mem = std::get_if<Mem>(&function.result);
  const bool needs_address = (object != nullptr && !object->nullable) || (mem != nullptr && !mem->nullable);
  if (r0 == 0 && needs_address) return {0, Outcome::Kind::cancelled, Cause::host_request};  // no memory left: as a host may
  return {.r0 = r0};
}

}  // namespace tenon::fuzz
