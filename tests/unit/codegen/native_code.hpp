// SPDX-License-Identifier: Apache-2.0
// Runs a CodeImage on a Sandbox's heap, without the runtime: places the bytes, fills the relocations, and stands in for the thunks. A cancellation jumps
// back to run(). What it leaves out (faults, quanta, held objects) the runtime's own tests cover.
#pragma once

#include <dlfcn.h>
#include <sys/mman.h>

#include <array>
#include <csetjmp>
#include <cstring>
#include <stdexcept>
#include <string>

#include "codegen/plugin.hpp"
#include "support/assembler.hpp"
#include "support/sandbox.hpp"

namespace tenon::test {

inline const codegen::Plugin& plugin() {
  static const codegen::Plugin* const table = [] {
    void* library = ::dlopen(TENON_BUILD_DIR "/libtenon-codegen.so", RTLD_NOW);
    if (library == nullptr) throw std::runtime_error(::dlerror());
    return reinterpret_cast<codegen::PluginEntry>(::dlsym(library, codegen::kPluginSymbol))();
  }();
  return *table;
}

inline abi::CodeImage compile_native(const instrument::Guarded& guarded, const codegen::CompileOptions& options = {}) {
  auto image = plugin().compile(guarded, options);
  if (!image) throw std::runtime_error(to_text(image.error()));
  return std::move(*image);
}
inline std::string llvm_text(const instrument::Guarded& guarded, const codegen::CompileOptions& options = {}) {
  return plugin().to_llvm_text(guarded, options).value();
}
inline std::string assembly_text(const instrument::Guarded& guarded, const codegen::CompileOptions& options = {}) {
  return plugin().to_assembly_text(guarded, options).value();
}

struct NativeResult {
  std::uint64_t r0 = 0;
  bool cancelled = false;
  abi::ThunkSlot by{};            ///< which cancel thunk
  std::uint32_t instruction = 0;  ///< of its site
};

class NativeCode {
 public:
  using Result = NativeResult;
  using HostCall = std::uint64_t (*)(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, const abi::CallSite*);

  NativeCode(abi::CodeImage image, Sandbox& sandbox, HostCall host_call = nullptr) : image_(std::move(image)) {
    bytes_ = abi::page_ceil(image_.bytes.size());
    memory_ = static_cast<std::byte*>(::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    std::memcpy(memory_, image_.bytes.data(), image_.bytes.size());
    for (const abi::Relocation& relocation : image_.relocations) {
      const std::uint64_t value = value_of(relocation, sandbox, host_call) + static_cast<std::uint64_t>(relocation.addend);
      std::memcpy(memory_ + relocation.at, &value, sizeof value);
    }
    ::mprotect(memory_ + image_.code_offset, bytes_ - image_.code_offset, PROT_READ | PROT_EXEC);
    invocation.heap_stack_pointer = sandbox.environment().heap_stack_top;
    invocation.heap_stack_limit = sandbox.environment().heap_stack_limit;
  }
  ~NativeCode() { ::munmap(memory_, bytes_); }
  NativeCode(const NativeCode&) = delete;
  NativeCode& operator=(const NativeCode&) = delete;

  Result run(std::uint64_t a = 0, std::uint64_t b = 0) {
    using Entry = std::uint64_t (*)(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, abi::Invocation*);
    const auto entry = reinterpret_cast<Entry>(memory_ + image_.entry_offset);
    stopped_ = {};
    if (setjmp(back_) != 0) return stopped_;
    return {entry(a, b, 0, 0, 0, &invocation)};
  }

  const abi::CodeImage& image() const { return image_; }
  abi::Invocation invocation{};

 private:
  template <abi::ThunkSlot slot>
  [[noreturn]] static void stop(const abi::CallSite* site) {
    stopped_ = {0, true, slot, site->instruction};
    longjmp(back_, 1);
  }

  static std::uint64_t thunk(std::uint32_t index, HostCall host_call) {
    switch (static_cast<abi::ThunkSlot>(index)) {
      case abi::ThunkSlot::host_call: return reinterpret_cast<std::uint64_t>(host_call);
      case abi::ThunkSlot::cancel_stack: return reinterpret_cast<std::uint64_t>(&stop<abi::ThunkSlot::cancel_stack>);
      case abi::ThunkSlot::cancel_misaligned: return reinterpret_cast<std::uint64_t>(&stop<abi::ThunkSlot::cancel_misaligned>);
      case abi::ThunkSlot::cancel_bad_call: return reinterpret_cast<std::uint64_t>(&stop<abi::ThunkSlot::cancel_bad_call>);
    }
    throw std::runtime_error("no such thunk");
  }

  std::uint64_t value_of(const abi::Relocation& relocation, Sandbox& sandbox, HostCall host_call) const {
    switch (relocation.kind) {
      case abi::Relocation::Kind::heap_base: return sandbox.heap_base();
      case abi::Relocation::Kind::globals: return sandbox.globals();
      case abi::Relocation::Kind::site: return reinterpret_cast<std::uint64_t>(&image_.sites.at(relocation.index));
      case abi::Relocation::Kind::thunk: return thunk(relocation.index, host_call);
      case abi::Relocation::Kind::image: return reinterpret_cast<std::uint64_t>(memory_);
    }
    throw std::runtime_error("no such relocation");
  }

  static inline thread_local std::jmp_buf back_;
  static inline thread_local Result stopped_;
  abi::CodeImage image_;
  std::byte* memory_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace tenon::test
