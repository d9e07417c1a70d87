// SPDX-License-Identifier: Apache-2.0
// Bytes to instructions. The generic part checks the fields that the opcode table says; each form then reads its own.
#include "isa/decode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "isa/opcode_table.hpp"

namespace tenon::isa {
namespace {

constexpr std::size_t kSlotBytes = 8;

struct Raw {
  std::uint8_t opcode, dst, src;
  std::int16_t off;
  std::int32_t imm;
};

Raw raw_at(std::span<const std::byte> code, std::uint32_t slot) {
  const std::byte* at = code.data() + slot * kSlotBytes;
  Raw raw{};
  raw.opcode = static_cast<std::uint8_t>(at[0]);
  raw.dst = static_cast<std::uint8_t>(at[1]) & 0xf;
  raw.src = static_cast<std::uint8_t>(at[1]) >> 4;
  std::memcpy(&raw.off, at + 2, sizeof raw.off);
  std::memcpy(&raw.imm, at + 4, sizeof raw.imm);
  return raw;
}

/// Decodes one instruction after the other; `error_` is the first reason to stop.
class Decoder {
 public:
  explicit Decoder(std::span<const std::byte> code) : code_(code), slots_(static_cast<std::uint32_t>(code.size() / kSlotBytes)) {}

  Result<std::vector<Decoded>> run() {
    std::vector<Decoded> decoded;
    decoded.reserve(slots_);
    while (slot_ < slots_) {
      raw_ = raw_at(code_, slot_);
      row_ = &kOpcodes[raw_.opcode];
      std::optional<Insn> insn;
      if (fields_are_legal()) insn = instruction();
      if (!insn) return refuse(std::move(error_));
      const std::uint8_t used = row_->form == Form::load_imm ? 2 : 1;
      decoded.push_back({*insn, slot_, used});
      slot_ += used;
    }
    return decoded;
  }

 private:
  std::nullopt_t fail(std::string code, std::string message, std::string help = {}) {
    error_.code = std::move(code);
    error_.message = std::move(message);
    error_.help = std::move(help);
    error_.instruction = slot_;
    return std::nullopt;
  }
  std::nullopt_t reserved(std::string_view field, std::int64_t value) {
    return fail("E0121", fmt::format("opcode 0x{:02x} with {} {}: this value of the field is reserved", raw_.opcode, field, value));
  }

  bool fields_are_legal() {
    if (row_->form == Form::unknown) {
      fail("E0120", fmt::format("unknown opcode 0x{:02x}", raw_.opcode), "compile with stock clang for -target bpf, -mcpu=v1 to v4");
      return false;
    }
    if (row_->form == Form::legacy_packet) {
      fail("E0123", fmt::format("legacy packet load (opcode 0x{:02x})", raw_.opcode),
           "read the packet through the pointers that the hook's context gives");
      return false;
    }
    return dst_is_legal() && src_is_legal() && rest_is_legal();
  }

  bool dst_is_legal() {
    if (row_->dst == DstUse::zero) return raw_.dst == 0 || (reserved("destination register", raw_.dst), false);
    if (raw_.dst >= kRegisters) return fail("E0125", fmt::format("there is no register r{}", raw_.dst)), false;
    if (row_->dst == DstUse::write) return is_writable(raw_.dst);
    return true;
  }
  bool src_is_legal() {
    if (row_->src == SrcUse::zero) return raw_.src == 0 || (reserved("source register", raw_.src), false);
    if (row_->src == SrcUse::read && raw_.src >= kRegisters) return fail("E0125", fmt::format("there is no register r{}", raw_.src)), false;
    return true;
  }
  bool rest_is_legal() {
    if (row_->off == FieldUse::zero && raw_.off != 0) return reserved("offset", raw_.off), false;
    if (row_->imm == FieldUse::zero && raw_.imm != 0) return reserved("immediate", raw_.imm), false;
    return true;
  }
  bool is_writable(std::uint8_t reg) {
    if (reg != index(kFramePointer)) return true;
    fail("E0126", fmt::format("opcode 0x{:02x} writes r10, the frame pointer, which is read-only", raw_.opcode));
    return false;
  }

  Reg dst() const { return static_cast<Reg>(raw_.dst); }
  Reg src() const { return static_cast<Reg>(raw_.src); }
  Operand operand() const { return row_->register_operand ? Operand{src()} : Operand{Imm{raw_.imm}}; }

  std::optional<Insn> instruction() {
    switch (row_->form) {
      case Form::unknown:
      case Form::legacy_packet:
        return std::nullopt;  // refused above
      case Form::alu:
        return alu();
      case Form::mov:
        return mov();
      case Form::neg:
        return Neg{row_->is64, dst()};
      case Form::byte_swap:
        return byte_swap();
      case Form::load_imm:
        return load_imm();
      case Form::load:
        return Load{row_->width, false, dst(), src(), raw_.off};
      case Form::load_sx:
        return Load{row_->width, true, dst(), src(), raw_.off};
      case Form::store:
        return Store{row_->width, dst(), raw_.off, operand()};
      case Form::atomic:
        return atomic();
      case Form::jump:
        return jump(raw_.off);
      case Form::jump_long:
        return jump(raw_.imm);
      case Form::branch:
        return branch();
      case Form::may_goto:
        return may_goto();
      case Form::call:
        return call();
      case Form::call_indirect:
        return Call{Call::Kind::indirect, raw_.dst};
      case Form::exit:
        return Exit{};
    }
    return std::nullopt;
  }

  std::optional<Insn> alu() {
    const std::uint8_t code = raw_.opcode & 0xf0;
    const auto row = std::find_if(kAluRows.begin(), kAluRows.end(), [&](const AluRow& r) { return r.code == code && r.off == raw_.off; });
    if (row == kAluRows.end()) return reserved("offset", raw_.off);
    return Alu{row->op, row_->is64, dst(), operand()};
  }

  std::optional<Insn> mov() {
    if (raw_.off == kAddrSpaceCastOff && row_->is64) return addr_space_cast();
    if (raw_.imm != 0) return reserved("immediate", raw_.imm);
    if (raw_.off == 0) return Alu{AluOp::mov, row_->is64, dst(), src()};
    if (raw_.off == 8 || raw_.off == 16 || (raw_.off == 32 && row_->is64)) {
      return MoveSx{static_cast<std::uint8_t>(raw_.off), row_->is64, dst(), src()};
    }
    return reserved("offset", raw_.off);
  }

  std::optional<Insn> addr_space_cast() {
    const auto to = static_cast<std::uint16_t>(static_cast<std::uint32_t>(raw_.imm) >> 16), from = static_cast<std::uint16_t>(raw_.imm);
    if (to + from != 1) return reserved("immediate", raw_.imm);
    return AddrSpaceCast{dst(), src(), from, to};
  }

  std::optional<Insn> byte_swap() {
    if (raw_.imm != 16 && raw_.imm != 32 && raw_.imm != 64) return reserved("immediate", raw_.imm);
    return ByteSwap{static_cast<ByteSwap::Kind>(row_->operation), static_cast<std::uint8_t>(raw_.imm), dst()};
  }

  std::optional<Insn> load_imm() {
    if (slot_ + 1 >= slots_) return fail("E0122", "the code ends in the middle of a 64-bit immediate load");
    const Raw second = raw_at(code_, slot_ + 1);
    if (second.opcode != 0 || second.dst != 0 || second.src != 0 || second.off != 0) {
      return fail("E0121", "the second half of a 64-bit immediate load has a field that is not zero");
    }
    const auto value = static_cast<std::uint64_t>(static_cast<std::uint32_t>(second.imm)) << 32 | static_cast<std::uint32_t>(raw_.imm);
    const auto load = [&](LoadImm::Kind kind) { return LoadImm{dst(), kind, value}; };
    if (raw_.src == kImmPlain) return load(LoadImm::Kind::plain);
    if (raw_.src == kImmMapValue || raw_.src == kImmMapIndexValue) return load(LoadImm::Kind::global);
    if (raw_.src != kImmMapFd && raw_.src != kImmMapIndex && raw_.src != kImmFunction) return reserved("source register", raw_.src);
    if (second.imm != 0) return reserved("second immediate", second.imm);
    return load(raw_.src == kImmFunction ? LoadImm::Kind::function : LoadImm::Kind::map);
  }

  std::optional<Insn> atomic() {
    if (raw_.imm == kLoadAcquireImm) {
      if (!is_writable(raw_.dst)) return std::nullopt;
      return LoadAcquire{row_->width, dst(), src(), raw_.off};
    }
    if (raw_.imm == kStoreReleaseImm) return StoreRelease{row_->width, dst(), src(), raw_.off};
    const auto row = std::find_if(kAtomicRows.begin(), kAtomicRows.end(), [&](const AtomicRow& r) { return r.imm == raw_.imm; });
    if (row == kAtomicRows.end() || bytes(row_->width) < 4) return reserved("immediate", raw_.imm);
    if (row->fetch && row->op != AtomicOp::cmpxchg && !is_writable(raw_.src)) return std::nullopt;
    return Atomic{row->op, row->fetch, row_->width, dst(), src(), raw_.off};
  }

  /// Relative to the next slot (RFC 9669, "Jump instructions").
  std::optional<Target> target(std::int64_t distance) {
    const std::int64_t to = std::int64_t{slot_} + 1 + distance;
    if (to < 0 || to >= std::int64_t{slots_}) {
      return fail("E0124", fmt::format("the target, slot {}, lies outside the code (slots 0 to {})", to, std::int64_t{slots_} - 1));
    }
    return static_cast<Target>(to);
  }
  std::optional<Insn> jump(std::int64_t distance) {
    const auto to = target(distance);
    if (!to) return std::nullopt;
    return Jump{*to};
  }
  std::optional<Insn> branch() {
    const auto to = target(raw_.off);
    if (!to) return std::nullopt;
    return Branch{static_cast<CmpOp>(row_->operation), row_->is64, dst(), operand(), *to};
  }
  std::optional<Insn> may_goto() {
    const auto to = target(raw_.off);
    if (!to) return std::nullopt;
    return MayGoto{*to};
  }
  std::optional<Insn> call() {
    if (raw_.src == kCallHelper) return Call{Call::Kind::host, static_cast<std::uint32_t>(raw_.imm)};
    if (raw_.src == kCallKfunc) return Call{Call::Kind::kfunc, static_cast<std::uint32_t>(raw_.imm)};
    if (raw_.src != kCallLocal) return reserved("source register", raw_.src);
    const auto to = target(raw_.imm);
    if (!to) return std::nullopt;
    return Call{Call::Kind::local, *to};
  }

  std::span<const std::byte> code_;
  std::uint32_t slots_;
  std::uint32_t slot_ = 0;
  Raw raw_{};
  const Opcode* row_ = nullptr;
  Diagnostic error_;
};

}  // namespace

Result<std::vector<Decoded>> decode(std::span<const std::byte> code) {
  if (code.size() % kSlotBytes != 0) {
    return refuse("E0122", fmt::format("the code is {} bytes long, which is no multiple of 8", code.size()));
  }
  if (code.size() / kSlotBytes > kMaxSlots) {
    return refuse("E0122", fmt::format("the code has {} slots, more than the limit of {}", code.size() / kSlotBytes, kMaxSlots));
  }
  return Decoder(code).run();
}

}  // namespace tenon::isa
