// SPDX-License-Identifier: Apache-2.0
// CodeImages made by hand: a few x86-64 instructions, enough to break every rule of the runtime without a compiler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <vector>

#include "abi/code_image.hpp"

namespace tenon::runtime::testing {

enum Reg : std::uint8_t { rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15 };

/// Where the C calling convention puts BPF's r1 to r5.
inline constexpr Reg kArgument[5] = {rdi, rsi, rdx, rcx, r8};

class Assembler {
 public:
  using Label = std::size_t;

  Label here() const { return image_.bytes.size(); }
  void raw(std::initializer_list<int> bytes) {
    for (const int b : bytes) image_.bytes.push_back(static_cast<std::byte>(b));
  }
  /// The code from here on belongs to this BPF instruction.
  void instruction(std::uint32_t index) { image_.pc_map.push_back({static_cast<std::uint32_t>(here()), index}); }
  void set_entry() { image_.entry_offset = here(); }

  void set(Reg reg, std::uint64_t value) {
    raw({0x48 | (reg >= r8), 0xb8 | (reg & 7)});
    for (int i = 0; i < 8; ++i) raw({static_cast<int>(value >> (8 * i) & 0xff)});
  }
  void set(Reg reg, abi::Relocation::Kind kind, std::uint32_t index = 0, std::int64_t addend = 0) {
    set(reg, 0);
    image_.relocations.push_back({here() - 8, kind, index, addend});
  }
  void copy(Reg to, Reg from) { raw({0x48 | (from >= r8) << 2 | (to >= r8), 0x89, 0xc0 | (from & 7) << 3 | (to & 7)}); }
  void add(Reg to, Reg from) { raw({0x48 | (from >= r8) << 2 | (to >= r8), 0x01, 0xc0 | (from & 7) << 3 | (to & 7)}); }
  /// to = *(u64 *)(base + offset); base is not rsp or r12.
  void load(Reg to, Reg base, std::int32_t offset = 0) { memory(0x8b, to, base, offset); }
  void store(Reg base, std::int32_t offset, Reg from) { memory(0x89, from, base, offset); }
  void push(Reg reg) { reg >= r8 ? raw({0x41, 0x50 | (reg & 7)}) : raw({0x50 | reg}); }
  void pop(Reg reg) { reg >= r8 ? raw({0x41, 0x58 | (reg & 7)}) : raw({0x58 | reg}); }
  void ret() { raw({0xc3}); }
  void jump(Label to) {
    const auto distance = static_cast<std::int32_t>(static_cast<std::int64_t>(to) - static_cast<std::int64_t>(here() + 5));
    raw({0xe9});
    for (int i = 0; i < 4; ++i) raw({distance >> (8 * i) & 0xff});
  }
  void loop_forever() { raw({0xeb, 0xfe}); }

  /// Calls a host function; the arguments are in their registers. Stack: enter() has run.
  void call_host(std::uint32_t instruction_index, std::uint32_t host_function, std::uint8_t heap_arguments = 0) {
    set(r9, abi::Relocation::Kind::site, static_cast<std::uint32_t>(image_.sites.size()));
    image_.sites.push_back({instruction_index, host_function, heap_arguments});
    set(rax, abi::Relocation::Kind::thunk, static_cast<std::uint32_t>(abi::ThunkSlot::host_call));
    raw({0xff, 0xd0});
  }
  void cancel(abi::ThunkSlot slot, std::uint32_t instruction_index) {
    set(rdi, abi::Relocation::Kind::site, static_cast<std::uint32_t>(image_.sites.size()));
    image_.sites.push_back({instruction_index, 0, 0});
    set(rax, abi::Relocation::Kind::thunk, static_cast<std::uint32_t>(slot));
    raw({0xff, 0xd0});
  }
  /// A frame with rbx and r12 to r15 saved; leave() undoes it and returns.
  void enter() {
    for (const Reg reg : {rbx, r12, r13, r14, r15}) push(reg);
  }
  void leave() {
    for (const Reg reg : {r15, r14, r13, r12, rbx}) pop(reg);
    ret();
  }

  abi::CodeImage image() const { return image_; }
  abi::CodeImage& edit() { return image_; }

 private:
  void memory(int opcode, Reg reg, Reg base, std::int32_t offset) {
    raw({0x48 | (reg >= r8) << 2 | (base >= r8), opcode, 0x80 | (reg & 7) << 3 | (base & 7)});
    for (int i = 0; i < 4; ++i) raw({offset >> (8 * i) & 0xff});
  }
  abi::CodeImage image_;
};

}  // namespace tenon::runtime::testing
