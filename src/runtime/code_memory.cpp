// SPDX-License-Identifier: Apache-2.0
#include "runtime/code_memory.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>

extern "C" {
__attribute__((visibility("hidden"))) void tenon_host_call();
__attribute__((visibility("hidden"))) void tenon_cancel_stack();
__attribute__((visibility("hidden"))) void tenon_cancel_misaligned();
__attribute__((visibility("hidden"))) void tenon_cancel_bad_call();
}

namespace tenon::runtime {

namespace {

using abi::CodeImage;
using abi::Relocation;

/// Far more than the largest program: an absurd size is refused before it is reserved.
constexpr std::uint64_t kMaxImageBytes = 1ull << 30;

constexpr std::array<void (*)(), abi::kThunkSlots> kThunks{tenon_host_call, tenon_cancel_stack, tenon_cancel_misaligned, tenon_cancel_bad_call};

Result<void> check_layout(const CodeImage& image) {
  const std::uint64_t size = image.bytes.size();
  if (size == 0 || size > kMaxImageBytes) return damaged_image(fmt::format("{} bytes", size));
  if (image.code_offset % abi::kPageBytes != 0 || image.code_offset >= size) {
    return damaged_image(fmt::format("code begins at offset {} of {}", image.code_offset, size));
  }
  if (image.entry_offset < image.code_offset || image.entry_offset >= size) {
    return damaged_image(fmt::format("the entry at offset {} is not in the code", image.entry_offset));
  }
  return {};
}

Result<std::uint64_t> value_of(const Relocation& relocation, std::uint64_t load_address, std::uint64_t image_bytes, const LinkTargets& targets) {
  const auto addend = static_cast<std::uint64_t>(relocation.addend);
  switch (relocation.kind) {
    case Relocation::Kind::heap_base: return targets.heap_base + addend;
    case Relocation::Kind::globals: return targets.globals + addend;
    case Relocation::Kind::site:
      if (relocation.index >= targets.sites.size()) return damaged_image(fmt::format("no call site {}", relocation.index));
      return reinterpret_cast<std::uint64_t>(&targets.sites[relocation.index]);
    case Relocation::Kind::thunk:
      if (relocation.index >= kThunks.size()) return damaged_image(fmt::format("no thunk slot {}", relocation.index));
      return reinterpret_cast<std::uint64_t>(kThunks[relocation.index]);
    case Relocation::Kind::image:
      if (addend >= image_bytes) return damaged_image(fmt::format("an address at offset {} of itself", relocation.addend));
      return load_address + addend;
  }
  return damaged_image("an unknown kind of relocation");
}

Result<void> apply(const CodeImage& image, std::uint64_t load_address, const LinkTargets& targets) {
  for (const Relocation& relocation : image.relocations) {
    if (relocation.at > image.bytes.size() || image.bytes.size() - relocation.at < sizeof(std::uint64_t)) {
      return damaged_image(fmt::format("a relocation at offset {} of {}", relocation.at, image.bytes.size()));
    }
    TENON_TRY(value, value_of(relocation, load_address, image.bytes.size(), targets));
    std::memcpy(reinterpret_cast<void*>(load_address + relocation.at), &value, sizeof value);
  }
  return {};
}

std::unexpected<Diagnostics> system_refused(int error) {
  return refuse("E0602", fmt::format("mapping the compiled code: {}", std::strerror(error)), "free memory or address space, then try again");
}

}  // namespace

std::unexpected<Diagnostics> damaged_image(std::string_view what) {
  return refuse("E0606", fmt::format("the compiled code is damaged: {}", what), "compile the object again; if it comes from a cache, remove it there");
}

Result<CodeMemory> CodeMemory::load(const CodeImage& image, const LinkTargets& targets) {
  if (auto sound = check_layout(image); !sound) return std::unexpected(sound.error());
  const std::uint64_t size = abi::page_ceil(image.bytes.size());
  CodeMemory code;
  code.memory_ = os::reserve(size);
  if (!code.memory_) return system_refused(errno);
  const std::uint64_t base = code.base();
  if (const int error = os::protect(base, size, os::Protection::read_write)) return system_refused(error);
  std::memcpy(reinterpret_cast<void*>(base), image.bytes.data(), image.bytes.size());
  if (auto applied = apply(image, base, targets); !applied) return std::unexpected(applied.error());
  if (image.code_offset != 0) {
    if (const int error = os::protect(base, image.code_offset, os::Protection::read)) return system_refused(error);
  }
  if (const int error = os::protect(base + image.code_offset, size - image.code_offset, os::Protection::read_execute)) return system_refused(error);
  code.code_begin_ = base + image.code_offset;
  code.code_end_ = base + image.bytes.size();
  code.entry_ = base + image.entry_offset;
  return code;
}

}  // namespace tenon::runtime
