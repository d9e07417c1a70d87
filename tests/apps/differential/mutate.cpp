// SPDX-License-Identifier: Apache-2.0
#include "mutate.hpp"

#include <utility>

namespace tenon::differential {
namespace {

using isa::Reg;

constexpr std::array kWidths{isa::Width::w1, isa::Width::w2, isa::Width::w4, isa::Width::w8};

Reg any_register(Random& random) { return static_cast<Reg>(random.below(isa::kRegisters)); }
Reg writable_register(Random& random) { return static_cast<Reg>(random.below(isa::kRegisters - 1)); }

std::int16_t nearby(std::int16_t off, Random& random) {
  static constexpr std::array kSteps{-8, -4, -1, 1, 4, 8, 16, 64};
  return static_cast<std::int16_t>(random.chance(10) ? static_cast<std::int16_t>(random.next()) : off + random.pick(kSteps));
}

isa::Operand other_operand(const isa::Operand& operand, Random& random) {
  if (random.chance(50)) return any_register(random);
  const auto* imm = std::get_if<isa::Imm>(&operand);
  if (imm != nullptr && random.chance(50)) return isa::Imm{static_cast<std::int32_t>(imm->value + random.between(-8, 8))};
  return isa::Imm{static_cast<std::int32_t>(random.interesting())};
}

void change(isa::Alu& i, Random& random) {
  switch (random.below(4)) {
    case 0:
      i.op = static_cast<isa::AluOp>(random.below(14));
      break;
    case 1:
      i.dst = writable_register(random);
      break;
    case 2:
      i.is64 = !i.is64;
      break;
    default:
      i.src = other_operand(i.src, random);
  }
}
void change(isa::Branch& i, Random& random) {
  switch (random.below(4)) {
    case 0:
      i.op = static_cast<isa::CmpOp>(random.below(11));
      break;
    case 1:
      i.dst = any_register(random);
      break;
    case 2:
      i.is64 = !i.is64;
      break;
    default:
      i.src = other_operand(i.src, random);
  }
}
void change(isa::Load& i, Random& random) {
  switch (random.below(4)) {
    case 0:
      i.width = random.pick(kWidths);
      i.sign_extend = false;
      break;
    case 1:
      i.base = any_register(random);
      break;
    case 2:
      i.dst = writable_register(random);
      break;
    default:
      i.off = nearby(i.off, random);
  }
}
void change(isa::Store& i, Random& random) {
  switch (random.below(4)) {
    case 0:
      i.width = random.pick(kWidths);
      break;
    case 1:
      i.base = any_register(random);
      break;
    case 2:
      i.src = other_operand(i.src, random);
      break;
    default:
      i.off = nearby(i.off, random);
  }
}
void change(isa::Atomic& i, Random& random) {
  switch (random.below(3)) {
    case 0:
      i.base = any_register(random);
      break;
    case 1:
      i.src = writable_register(random);
      break;
    default:
      i.off = nearby(i.off, random);
  }
}
void change(isa::LoadImm& i, Random& random) {
  if (i.kind == isa::LoadImm::Kind::plain) i.value = random.interesting();
  if (random.chance(30)) i.dst = writable_register(random);
}
void change(isa::Call& i, Random& random) {
  if (i.kind == isa::Call::Kind::indirect) i.target = static_cast<std::uint32_t>(random.below(isa::kRegisters));
}
void change(isa::Neg& i, Random& random) { i.dst = writable_register(random); }
void change(isa::MoveSx& i, Random& random) { i.src = any_register(random); }
void change(isa::ByteSwap& i, Random& random) { i.dst = writable_register(random); }
void change(isa::LoadAcquire& i, Random& random) { i.base = any_register(random); }
void change(isa::StoreRelease& i, Random& random) { i.base = any_register(random); }
template <class Other>
void change(Other&, Random&) {}  // control flow keeps its shape

}  // namespace

void mutate(ir::Parts& parts, Random& random) {
  for (std::uint64_t left = random.below(4) + 1; left > 0; --left) {
    const std::size_t at = random.below(parts.insns.size());
    if (random.chance(10) && at + 1 < parts.insns.size()) {
      std::swap(parts.insns[at], parts.insns[at + 1]);
    } else {
      std::visit([&random](auto& insn) { change(insn, random); }, parts.insns[at]);
    }
  }
}

}  // namespace tenon::differential
