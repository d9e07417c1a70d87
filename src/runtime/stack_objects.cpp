// SPDX-License-Identifier: Apache-2.0
#include "runtime/stack_objects.hpp"

#include <array>
#include <cstring>
#include <new>

#include "abi/heap_layout.hpp"
#include "base/bug.hpp"
#include "runtime/held_objects.hpp"
#include "runtime/os/memory.hpp"

namespace tenon::runtime {

struct StackObjects::Pool {
  struct Object {
    std::uint64_t generation, address;  ///< address 0: free; left as the fresh pages have them
    alignas(16) std::array<std::byte, kMaxBytes> bytes;
    std::uint64_t value() const { return reinterpret_cast<std::uint64_t>(bytes.data()); }
  };
  std::size_t end = 0;  ///< objects from here on are free
  std::array<Object, kMaxHeldObjects> objects;
};

std::optional<std::uint64_t> StackObjects::create(std::uint64_t generation, std::uint64_t address, std::uint32_t bytes) noexcept {
  base::ensure(bytes <= kMaxBytes, "an object in the stack is larger than the interface may say");
  if (pool_ == nullptr) {
    void* const mapped = os::map_zeroed(abi::page_ceil(sizeof(Pool)));
    if (mapped == nullptr) return std::nullopt;
    pool_ = new (mapped) Pool;
  }
  Pool::Object* free = nullptr;
  for (std::size_t i = 0; i < pool_->end; ++i) {
    Pool::Object& known = pool_->objects[i];
    if (known.generation != generation || known.address == address) known.address = 0;
    if (known.address == 0 && free == nullptr) free = &known;
  }
  if (free == nullptr) {
    if (pool_->end == pool_->objects.size()) return std::nullopt;
    free = &pool_->objects[pool_->end++];
  }
  free->generation = generation;
  free->address = address;
  std::memset(free->bytes.data(), 0, bytes);
  return free->value();
}

std::optional<std::uint64_t> StackObjects::find(std::uint64_t address) const noexcept {
  for (std::size_t i = 0; pool_ != nullptr && i < pool_->end; ++i) {
    if (pool_->objects[i].address == address) return pool_->objects[i].value();
  }
  return std::nullopt;
}

void StackObjects::end_frame(std::uint64_t begin, std::uint64_t end) noexcept {
  for (std::size_t i = 0; pool_ != nullptr && i < pool_->end; ++i) {
    if (pool_->objects[i].address >= begin && pool_->objects[i].address < end) pool_->objects[i].address = 0;
  }
}

void StackObjects::remove(std::uint64_t bytes) noexcept {
  for (std::size_t i = 0; pool_ != nullptr && i < pool_->end; ++i) {
    if (pool_->objects[i].value() == bytes) pool_->objects[i].address = 0;
  }
  while (pool_ != nullptr && pool_->end > 0 && pool_->objects[pool_->end - 1].address == 0) --pool_->end;
}

}  // namespace tenon::runtime
