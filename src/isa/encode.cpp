// SPDX-License-Identifier: Apache-2.0
// Instructions to bytes, read from the same table as decode().
#include <cstring>

#include "base/bug.hpp"
#include "isa/decode.hpp"
#include "isa/opcode_table.hpp"

namespace tenon::isa {
namespace {

struct Fields {
  std::uint8_t opcode = 0, dst = 0, src = 0;
  std::int16_t off = 0;
  std::int32_t imm = 0;
};

void put(std::vector<std::byte>& out, const Fields& fields) {
  const std::size_t at = out.size();
  out.resize(at + 8);
  out[at] = static_cast<std::byte>(fields.opcode);
  out[at + 1] = static_cast<std::byte>(fields.src << 4 | fields.dst);
  std::memcpy(&out[at + 2], &fields.off, sizeof fields.off);
  std::memcpy(&out[at + 4], &fields.imm, sizeof fields.imm);
}

std::uint8_t number(Reg reg) { return static_cast<std::uint8_t>(reg); }

class Encoder {
 public:
  explicit Encoder(std::uint32_t slot) : slot_(slot) {}

  Fields operator()(const Alu& insn) {
    const AluRow* row = nullptr;
    for (const AluRow& candidate : kAluRows) {
      if (candidate.op == insn.op) row = &candidate;
    }
    base::ensure(row != nullptr, "an arithmetic operator without a row");
    const AluOp named = row->off == 0 ? insn.op : insn.op == AluOp::sdiv ? AluOp::udiv : AluOp::umod;
    const bool is_register_mov = insn.op == AluOp::mov && std::holds_alternative<Reg>(insn.src);
    Fields fields = with_operand(is_register_mov ? Form::mov : Form::alu, static_cast<std::uint8_t>(named), insn.is64, Width::w8, insn.src);
    fields.dst = number(insn.dst);
    fields.off = row->off;
    return fields;
  }
  Fields operator()(const Neg& insn) { return {opcode_of(Form::neg, 0, insn.is64, false, Width::w8), number(insn.dst)}; }
  Fields operator()(const MoveSx& insn) {
    return {opcode_of(Form::mov, kMov, insn.is64, true, Width::w8), number(insn.dst), number(insn.src), insn.from_bits};
  }
  Fields operator()(const ByteSwap& insn) {
    return {opcode_of(Form::byte_swap, static_cast<std::uint8_t>(insn.kind), false, false, Width::w8), number(insn.dst), 0, 0, insn.bits};
  }
  Fields operator()(const AddrSpaceCast& insn) {
    return {opcode_of(Form::mov, kMov, true, true, Width::w8), number(insn.dst), number(insn.src), kAddrSpaceCastOff,
            static_cast<std::int32_t>(insn.to << 16 | insn.from)};
  }
  Fields operator()(const LoadImm& insn) {
    second_imm_ = static_cast<std::int32_t>(insn.value >> 32);
    has_second_ = true;
    return {opcode_of(Form::load_imm, 0, false, false, Width::w8), number(insn.dst), kind_field(insn.kind), 0, static_cast<std::int32_t>(insn.value)};
  }
  Fields operator()(const Load& insn) {
    return {opcode_of(insn.sign_extend ? Form::load_sx : Form::load, 0, false, false, insn.width), number(insn.dst), number(insn.base), insn.off};
  }
  Fields operator()(const Store& insn) {
    Fields fields = with_operand(Form::store, 0, false, insn.width, insn.src);
    fields.dst = number(insn.base);
    fields.off = insn.off;
    return fields;
  }
  Fields operator()(const Atomic& insn) {
    for (const AtomicRow& row : kAtomicRows) {
      if (row.op == insn.op && row.fetch == insn.fetch) return atomic(insn.width, insn.base, insn.src, insn.off, row.imm);
    }
    base::bug("an atomic operator without a row");
  }
  Fields operator()(const LoadAcquire& insn) { return atomic(insn.width, insn.dst, insn.base, insn.off, kLoadAcquireImm); }
  Fields operator()(const StoreRelease& insn) { return atomic(insn.width, insn.base, insn.src, insn.off, kStoreReleaseImm); }
  Fields operator()(const Jump& insn) {
    const std::int32_t distance = distance_to(insn.target);
    if (distance == static_cast<std::int16_t>(distance)) {
      return {opcode_of(Form::jump, 0, false, false, Width::w8), 0, 0, static_cast<std::int16_t>(distance)};
    }
    return {opcode_of(Form::jump_long, 0, false, false, Width::w8), 0, 0, 0, distance};
  }
  Fields operator()(const Branch& insn) {
    Fields fields = with_operand(Form::branch, static_cast<std::uint8_t>(insn.op), insn.is64, Width::w8, insn.src);
    fields.dst = number(insn.dst);
    fields.off = short_distance_to(insn.target);
    return fields;
  }
  Fields operator()(const MayGoto& insn) { return {opcode_of(Form::may_goto, 0, false, false, Width::w8), 0, 0, short_distance_to(insn.target)}; }
  Fields operator()(const Call& insn) {
    const std::uint8_t direct = opcode_of(Form::call, 0, false, false, Width::w8);
    switch (insn.kind) {
      case Call::Kind::host:
        return {direct, 0, kCallHelper, 0, static_cast<std::int32_t>(insn.target)};
      case Call::Kind::kfunc:
        return {direct, 0, kCallKfunc, 0, static_cast<std::int32_t>(insn.target)};
      case Call::Kind::local:
        return {direct, 0, kCallLocal, 0, distance_to(insn.target)};
      case Call::Kind::indirect:
        break;
    }
    return {opcode_of(Form::call_indirect, 0, false, true, Width::w8), static_cast<std::uint8_t>(insn.target)};
  }
  Fields operator()(const Exit&) { return {opcode_of(Form::exit, 0, false, false, Width::w8)}; }

  bool has_second() const { return has_second_; }
  std::int32_t second_imm() const { return second_imm_; }

 private:
  static constexpr auto kMov = static_cast<std::uint8_t>(AluOp::mov);

  static std::uint8_t kind_field(LoadImm::Kind kind) {
    switch (kind) {
      case LoadImm::Kind::plain:
        return kImmPlain;
      case LoadImm::Kind::global:
        return kImmMapValue;
      case LoadImm::Kind::function:
        return kImmFunction;
      case LoadImm::Kind::map:
        return kImmMapFd;
    }
    base::bug("an immediate of unknown kind");
  }
  static Fields with_operand(Form form, std::uint8_t operation, bool is64, Width width, const Operand& operand) {
    Fields fields;
    const Reg* reg = std::get_if<Reg>(&operand);
    fields.opcode = opcode_of(form, operation, is64, reg != nullptr, width);
    if (reg != nullptr) {
      fields.src = number(*reg);
    } else {
      fields.imm = static_cast<std::int32_t>(std::get<Imm>(operand).value);
    }
    return fields;
  }
  static Fields atomic(Width width, Reg dst, Reg src, std::int16_t off, std::int32_t imm) {
    return {opcode_of(Form::atomic, 0, false, false, width), number(dst), number(src), off, imm};
  }
  std::int32_t distance_to(Target target) const { return static_cast<std::int32_t>(std::int64_t{target} - slot_ - 1); }
  std::int16_t short_distance_to(Target target) const {
    const std::int32_t distance = distance_to(target);
    base::ensure(distance == static_cast<std::int16_t>(distance), "a branch target is out of reach of a 16-bit offset");
    return static_cast<std::int16_t>(distance);
  }

  std::uint32_t slot_;
  bool has_second_ = false;
  std::int32_t second_imm_ = 0;
};

}  // namespace

std::vector<std::byte> encode(const Insn& insn, std::uint32_t slot) {
  std::vector<std::byte> out;
  Encoder encoder(slot);
  put(out, std::visit(encoder, insn));
  if (encoder.has_second()) put(out, {.imm = encoder.second_imm()});
  return out;
}

}  // namespace tenon::isa
