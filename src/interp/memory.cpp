// SPDX-License-Identifier: Apache-2.0
#include "interp/memory.hpp"

#include "base/bug.hpp"

namespace tenon::interp {
namespace {

using base::bug;
using base::ensure;
using verify::MemClass;

bool reads(AccessMode mode) { return mode != AccessMode::write; }
bool writes(AccessMode mode) { return mode != AccessMode::read; }

bool within(std::uint64_t address, std::uint64_t bytes, std::uint64_t begin, std::uint64_t size) {
  return address >= begin && address - begin <= size && bytes <= size - (address - begin);
}

}  // namespace

Memory::Memory(const instrument::Guarded& guarded, const Environment& environment, FrameStack& frames)
    : guarded_(guarded), environment_(environment), frames_(frames) {}

Resolved Memory::resolve(const Access& access) {
  const verify::AccessFacts& facts = guarded_.proof().access(access.at);
  const std::uint64_t plain = access.base + static_cast<std::uint64_t>(static_cast<std::int64_t>(access.off));
  const bool aligned = plain % access.width == 0;  // the window is aligned, so the guard does not change this
  ensure(aligned || !facts.aligned, "an access proved aligned is not");
  if (guarded_.check_alignment(access.at) && !aligned) return {Cause::misaligned, plain};
  switch (facts.memory) {
    case MemClass::heap:
      return resolve_heap(access, facts);
    case MemClass::heap_stack:
      return resolve_heap_stack(access);
    case MemClass::stack:
      return resolve_stack(access);
    case MemClass::context:
    case MemClass::host:
      return resolve_host(access);
    case MemClass::unreachable:
      break;
  }
  bug("an access without a memory class is executed");
}

std::uint64_t Memory::guarded_address(const Access& access) const {
  const auto off = static_cast<std::uint64_t>(static_cast<std::int64_t>(access.off));
  switch (environment_.shape.form) {
    case abi::HeapForm::window32:
      return environment_.heap_base + static_cast<std::uint32_t>(access.base) + off;
    case abi::HeapForm::mask:
      return environment_.heap_base + (access.base & (environment_.shape.window_bytes - 1)) + off;
  }
  bug("a heap form that does not exist");
}

Resolved Memory::resolve_heap(const Access& access, const verify::AccessFacts& facts) const {
  const std::uint64_t plain = access.base + static_cast<std::uint64_t>(static_cast<std::int64_t>(access.off));
  if (facts.in_globals) {
    const std::uint64_t globals_bytes = guarded_.program().globals()->bytes();
    ensure(within(plain, access.width, environment_.globals_address, globals_bytes), "an access proved inside the globals is not");
  }
  std::uint64_t address = plain;
  if (guarded_.guard(access.at) != instrument::Guard::none) {
    address = guarded_address(access);
  } else {
    ensure(within(plain, access.width, environment_.heap_base, environment_.shape.window_bytes), "an access without a guard leaves the heap window");
  }
  if (!environment_.granted(address, access.width)) return {Cause::fault, address};
  return {Cause::none, address};
}

Resolved Memory::resolve_heap_stack(const Access& access) {
  const std::uint64_t address = access.base + static_cast<std::uint64_t>(static_cast<std::int64_t>(access.off));
  const auto found = frames_.find(address, access.width);
  ensure(found && found->none_private(), "a heap-side stack access is not in the heap part of a live frame");
  return {Cause::none, address};
}

Resolved Memory::resolve_stack(const Access& access) {
  const std::uint64_t address = access.base + static_cast<std::uint64_t>(static_cast<std::int64_t>(access.off));
  const auto found = frames_.find(address, access.width);
  ensure(found && found->all_private(), "a private stack access is not in the private part of a live frame");
  ensure(!found->frame->facts->heap_frame || access.base_register == isa::kFramePointer,
         "private stack beside a heap frame has no address but r10's");
  ensure(!reads(access.mode) || found->all_written(), "a stack slot is read that was never written");
  if (writes(access.mode)) found->mark_written();
  return {Cause::none, found->private_address()};
}

Resolved Memory::resolve_host(const Access& access) const {
  const std::uint64_t address = access.base + static_cast<std::uint64_t>(static_cast<std::int64_t>(access.off));
  ensure(!reads(access.mode) || environment_.host_memory(address, access.width, false), "host memory is read that may not be");
  ensure(!writes(access.mode) || environment_.host_memory(address, access.width, true), "host memory is written that may not be");
  return {Cause::none, address};
}

void Memory::check_argument(std::uint64_t address, std::uint64_t bytes, interface::Access access) {
  if (bytes == 0) return;
  if (const auto found = frames_.find(address, bytes)) {
    if (found->frame->facts->heap_frame) {
      ensure(found->none_private(), "a memory argument is private stack, but its address means the heap part of its frame");
    } else {
      ensure(!interface::may_read(access) || found->all_written(), "a memory argument is stack that was never written");
    }
    return;
  }
  ensure(!interface::may_read(access) || environment_.host_memory(address, bytes, false), "a memory argument that may not be read");
  ensure(!interface::may_write(access) || environment_.host_memory(address, bytes, true), "a memory argument that may not be written");
}

void Memory::note_written_by_host(std::uint64_t address, std::uint64_t bytes) {
  if (bytes == 0) return;
  if (const auto found = frames_.find(address, bytes); found && found->all_private()) found->mark_written();
}

}  // namespace tenon::interp
