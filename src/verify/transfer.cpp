// SPDX-License-Identifier: Apache-2.0
// What instructions do to values: arithmetic in both domains, constants, and what a branch teaches.
#include <fmt/format.h>

#include <algorithm>

#include "base/bug.hpp"
#include "verify/analyzer.hpp"

namespace tenon::verify {

using isa::AluOp;
using isa::CmpOp;
using Kind = Value::Kind;

namespace {

constexpr Integer kMax32 = Integer{UINT32_MAX};
constexpr Integer kMaxSigned32 = Integer{INT32_MAX};
/// Pointers that are compared must be this close to their base, so that base + offset does not wrap: bases lie in [4096, 2^47). Only memory of no
/// bytes may lie at 0, as an empty std::span does; below its base nothing may be compared. Fails: UnsoundTest, empty_memory_at_null_*
constexpr Integer kMinComparable = -4096, kMaxComparable = Integer{1} << 62;

Value operand_value(const isa::Imm& imm) { return Value::constant(static_cast<std::uint64_t>(imm.value)); }

CmpOp negated(CmpOp op) {
  switch (op) {
    case CmpOp::eq:
      return CmpOp::ne;
    case CmpOp::ne:
      return CmpOp::eq;
    case CmpOp::ugt:
      return CmpOp::ule;
    case CmpOp::uge:
      return CmpOp::ult;
    case CmpOp::ult:
      return CmpOp::uge;
    case CmpOp::ule:
      return CmpOp::ugt;
    case CmpOp::sgt:
      return CmpOp::sle;
    case CmpOp::sge:
      return CmpOp::slt;
    case CmpOp::slt:
      return CmpOp::sge;
    case CmpOp::sle:
      return CmpOp::sgt;
    case CmpOp::set:
      return CmpOp::set;  // handled apart
  }
  base::bug("unknown comparison");
}

/// The form's integer is the register read as unsigned: it lies in [0, 2^64), or no other integer within its bounds is congruent to what the register
/// may be.
bool reads_unsigned(const State& state, const Linear& form, const Number& number) {
  constexpr Integer kModulus = Integer{1} << 64;
  const auto bounds = state.bounds(form);
  const Word& w = number.whole();
  if (bounds && Integer{w.umax()} - kModulus < bounds->lo && Integer{w.umin()} + kModulus > bounds->hi) return true;
  return state.within(form, 0, Integer{UINT64_MAX});
}

/// An earlier branch has told the two apart.
bool is_nonzero(const State& state, const Linear& a, const Linear& b) {
  const auto difference = a.plus(b, -1);
  const auto opposite = difference ? difference->times(-1) : std::nullopt;
  return opposite && std::ranges::any_of(state.nonzero, [&](const Linear& form) { return form == *difference || form == *opposite; });
}

/// Known not to be 0, and so small that its low half is not 0 either.
bool low_half_tells_zero(const State& state, const Linear& form) { return state.within(form, -kMax32, kMax32) && is_nonzero(state, form, Linear(0)); }

bool surely_not_empty(const State& state, const Region& region) {
  const auto one_byte = region.size.plus(-1);
  return one_byte && state.implied(*one_byte);
}

bool is_signed(CmpOp op) { return op == CmpOp::sgt || op == CmpOp::sge || op == CmpOp::slt || op == CmpOp::sle; }

}  // namespace

Value Analyzer::unknown_value(State& state, const Number& number, ir::InsnIdx origin) {
  Value value = Value::of(Kind::scalar, unknown(state, number));
  value.origin = origin;
  return value;
}

Analyzer::Flow Analyzer::step(State& state, ir::InsnIdx i) {
  return std::visit(isa::Overloaded{
                        [&](const isa::Alu& insn) { return alu(state, i, insn); },
                        [&](const isa::Neg& insn) {
                          Value* v = use(state, i, insn.dst);
                          if (!v || !to_number(state, i, *v, "negate")) return Flow::dead;
                          const Scalar zero{Number::constant(0), Linear(0)};
                          *v = Value::of(Kind::scalar, alu_scalars(state, AluOp::sub, insn.is64, zero, v->scalar));
                          v->origin = i;
                          return Flow::next;
                        },
                        [&](const isa::MoveSx& insn) {
                          Value* source = use(state, i, insn.src);
                          if (!source) return Flow::dead;
                          Value v = *source;
                          if (!to_number(state, i, v, "sign-extend")) return Flow::dead;
                          v = sign_extended(state, v, insn.from_bits, insn.is64);
                          v.origin = i;
                          state.reg(insn.dst) = v;
                          return Flow::next;
                        },
                        [&](const isa::ByteSwap& insn) {
                          Value* v = use(state, i, insn.dst);
                          if (!v || !to_number(state, i, *v, "swap the bytes of")) return Flow::dead;
                          const bool keeps = insn.kind == isa::ByteSwap::Kind::to_le;
                          const Number narrowed = state.number_of(v->scalar).zero_extended(insn.bits);
                          const Number any = Number(Word::unknown(insn.bits).zero_extended(64));
                          *v = unknown_value(state, keeps ? narrowed : any, i);
                          return Flow::next;
                        },
                        [&](const isa::AddrSpaceCast& insn) {
                          Value* source = use(state, i, insn.src);
                          if (!source) return Flow::dead;
                          Value v = *source;
                          if (v.kind != Kind::global && !to_number(state, i, v, "cast")) return Flow::dead;
                          state.reg(insn.dst) = v;
                          return Flow::next;
                        },
                        [&](const isa::LoadImm& insn) { return load_imm(state, i, insn); },
                        [&](const isa::Load& insn) { return load(state, i, insn.width, insn.sign_extend, insn.dst, insn.base, insn.off); },
                        [&](const isa::Store& insn) { return store(state, i, insn.width, insn.base, insn.off, insn.src); },
                        [&](const isa::Atomic& insn) { return atomic(state, i, insn); },
                        [&](const isa::LoadAcquire& insn) { return load(state, i, insn.width, false, insn.dst, insn.base, insn.off); },
                        [&](const isa::StoreRelease& insn) { return store(state, i, insn.width, insn.base, insn.off, isa::Operand(insn.src)); },
                        [&](const isa::Call& insn) {
                          base::ensure(insn.kind == isa::Call::Kind::indirect, "direct calls give several states");
                          return call_indirect(state, i, static_cast<isa::Reg>(insn.target));
                        },
                        [](const auto&) -> Flow { base::bug("control flow reached step()"); },
                    },
                    program_.insn(i));
}

Analyzer::Flow Analyzer::load_imm(State& state, ir::InsnIdx i, const isa::LoadImm& insn) {
  Value& dst = state.reg(insn.dst);
  switch (insn.kind) {
    case isa::LoadImm::Kind::plain:
      dst = Value::constant(insn.value);
      break;
    case isa::LoadImm::Kind::global: {
      const auto offset = static_cast<std::int64_t>(insn.value);
      dst = Value::of(Kind::global, {Number::constant(insn.value), Linear(offset)});
      break;
    }
    case isa::LoadImm::Kind::function: {
      const auto& function = program_.function(ir::FunctionIdx(insn.value));
      dst = Value::constant(ir::kFunctionValueBase + function.value.value_or(0));
      break;
    }
    case isa::LoadImm::Kind::map: {
      const auto takes_maps = [](const interface::Function& f) {
        return std::ranges::any_of(f.parameters, [](const auto& p) { return std::holds_alternative<interface::MapRef>(p.type); });
      };
      if (std::ranges::none_of(declarations_.functions, takes_maps)) {
        return fail("E0209", i, fmt::format("the interface has no function that takes the map '{}'", program_.maps()[insn.value].name),
                    "keep the data in ordinary global or allocated memory: any data structure is allowed");
      }
      dst = Value::of(Kind::map, {}, static_cast<std::uint32_t>(insn.value));
      break;
    }
  }
  dst.origin = i;
  return Flow::next;
}

Analyzer::Flow Analyzer::alu(State& state, ir::InsnIdx i, const isa::Alu& insn) {
  Value b;
  if (const auto* imm = std::get_if<isa::Imm>(&insn.src)) {
    b = operand_value(*imm);
  } else {
    const Value* source = use(state, i, std::get<isa::Reg>(insn.src));
    if (!source) return Flow::dead;
    b = *source;
  }
  Value& dst = state.reg(insn.dst);
  if (insn.op == AluOp::mov && insn.is64) {
    const ir::InsnIdx origin = b.origin;
    dst = b;
    if (std::get_if<isa::Imm>(&insn.src))
      dst.origin = i;
    else
      dst.origin = origin;
    return Flow::next;
  }
  Value a;
  if (insn.op == AluOp::mov) {
    a = Value::constant(0);
  } else {
    const Value* old = use(state, i, insn.dst);
    if (!old) return Flow::dead;
    a = *old;
  }
  if (const auto extended = finish_extension(state, i, insn, a)) {
    dst = *extended;
    return Flow::next;
  }
  const bool pointers = a.is_pointer() || b.is_pointer() || a.kind == Kind::global || b.kind == Kind::global;
  if (pointers && ((insn.is64 && insn.op == AluOp::add) || insn.op == AluOp::sub)) return alu_pointers(state, i, insn, a, b);
  if (!to_number(state, i, a, "calculate with") || !to_number(state, i, b, "calculate with")) return Flow::dead;
  dst = Value::of(Kind::scalar, alu_scalars(state, insn.op, insn.is64, a.scalar, b.scalar));
  dst.origin = i;
  return Flow::next;
}

/// clang extends the low half of a register by a shift to the left and one back to the right; in two steps all that is known of it would be lost.
std::optional<Value> Analyzer::finish_extension(State& state, ir::InsnIdx i, const isa::Alu& insn, const Value& value) {
  const auto is_shift = [](const isa::Insn& candidate, const isa::Alu& like) {
    const auto* alu = std::get_if<isa::Alu>(&candidate);
    return alu && alu->is64 && alu->dst == like.dst && alu->src == isa::Operand(isa::Imm{32}) ? std::optional(alu->op) : std::nullopt;
  };
  const auto op = is_shift(insn, insn);
  if (op == AluOp::lsh) extension_ = {value.kind == Kind::scalar ? i.value + 1 : 0, value};
  if ((op != AluOp::rsh && op != AluOp::arsh) || extension_.at != i.value || program_.block(program_.block_of(i)).begin == i) return std::nullopt;
  if (is_shift(program_.insn(ir::InsnIdx(i.value - 1)), insn) != AluOp::lsh) return std::nullopt;
  Value extended = op == AluOp::arsh
                       ? sign_extended(state, extension_.value, 32, true)
                       : Value::of(Kind::scalar, alu_scalars(state, AluOp::mov, false, extension_.value.scalar, extension_.value.scalar));
  extended.origin = i;
  return extended;
}

Value Analyzer::sign_extended(State& state, const Value& value, unsigned from_bits, bool is64) {
  const Number number = state.number_of(value.scalar).sign_extended(from_bits, is64);
  const bool unchanged = !number.is_constant() && state.within(value.scalar.form, 0, (Integer{1} << (from_bits - 1)) - 1);
  if (unchanged) return Value::of(Kind::scalar, Scalar{number, value.scalar.form});
  const Scalar extended = unknown(state, number);
  if (from_bits == 32 && is64 && low_half_tells_zero(state, value.scalar.form)) state.add_nonzero(extended.form);
  return Value::of(Kind::scalar, extended);
}

/// pointer + number, number + pointer, pointer - number, pointer - pointer into the same thing.
Analyzer::Flow Analyzer::alu_pointers(State& state, ir::InsnIdx i, const isa::Alu& insn, const Value& a, const Value& b) {
  Value& dst = state.reg(insn.dst);
  const auto offset_pointer = [](const Value& v) {
    return v.kind == Kind::stack || v.kind == Kind::context || v.kind == Kind::memory || v.kind == Kind::global || v.kind == Kind::probed;
  };
  const bool add = insn.op == AluOp::add;
  if (!add && offset_pointer(a) && a.kind == b.kind && a.kind != Kind::probed && (a.kind == Kind::global || a.id == b.id) && !a.nullable &&
      !b.nullable && (a.kind != Kind::memory || state.region(a.id).unique)) {
    Scalar distance = alu_scalars(state, AluOp::sub, true, a.scalar, b.scalar);
    if (!insn.is64) distance = alu_scalars(state, AluOp::mov, false, distance, distance);
    dst = Value::of(Kind::scalar, distance);
    dst.origin = i;
    return Flow::next;
  }
  const Value& pointer = offset_pointer(a) || a.kind == Kind::object ? a : b;
  const Value& number = &pointer == &a ? b : a;
  if (insn.is64 && offset_pointer(pointer) && number.kind == Kind::scalar && (add || &pointer == &a)) {
    if (pointer.nullable && pointer.kind != Kind::probed) {
      return fail("E0204", i, fmt::format("{} may be null here", describe(pointer)), "test the pointer before calculating with it",
                  {note(pointer.origin, "it comes from here, and no path to here has tested it")});
    }
    Value result = pointer;
    result.null_id = 0;
    result.scalar = alu_scalars(state, insn.op, true, pointer.scalar, number.scalar);
    // A full form cannot be compared with an extent, which needs a term of its own. Fails: bounds/many_steps.
    if (result.scalar.form.terms().size() == Linear::kMaxTerms) result.scalar = unknown(state, state.number_of(result.scalar));
    if (result.kind == Kind::stack && !address_is_whole(state, i, result)) return Flow::dead;
    dst = result;
    return Flow::next;
  }
  Value x = a, y = b;
  if (!to_number(state, i, x, "calculate with") || !to_number(state, i, y, "calculate with")) return Flow::dead;
  dst = Value::of(Kind::scalar, alu_scalars(state, insn.op, insn.is64, x.scalar, y.scalar));
  dst.origin = i;
  return Flow::next;
}

Scalar Analyzer::alu_scalars(State& state, AluOp op, bool is64, const Scalar& a, const Scalar& b) {
  const Number x = state.number_of(a), y = state.number_of(b);
  const Number number = verify::alu(op, is64, x, y);
  if (number.is_constant()) return {number, Linear(static_cast<std::int64_t>(number.constant_value()))};
  if (const auto form = linear_result(state, op, is64, {x, a.form}, {y, b.form})) return {number, *form};
  const Scalar result = unknown(state, number);
  relate_result(state, op, is64, {x, a.form}, {y, b.form}, result);
  return result;
}

/// The result's form when the operation is linear. 64-bit forms hold modulo 2^64 whatever happens; a 32-bit operation keeps its form only if operands
/// and result are proved to lie in [0, 2^32) as integers.
std::optional<Linear> Analyzer::linear_result(const State& state, AluOp op, bool is64, const Scalar& a, const Scalar& b) {
  const auto exact32 = [&](const Linear& form) { return state.within(form, 0, kMax32); };
  const std::optional<std::int64_t> factor =
      b.number.is_constant() ? std::optional(static_cast<std::int64_t>(b.number.constant_value())) : std::nullopt;
  std::optional<Linear> form;
  bool needs_b = true;
  switch (op) {
    case AluOp::mov:
      form = b.form;
      break;
    case AluOp::add:
      if (!is64 && factor) {  // an immediate may stand for its negative
        form = a.form.plus(static_cast<std::int32_t>(*factor));
        needs_b = false;
      } else {
        form = a.form.plus(b.form);
      }
      break;
    case AluOp::sub:
      form = a.form.plus(b.form, -1);
      break;
    case AluOp::mul:
      if (factor)
        form = a.form.times(*factor);
      else if (a.number.is_constant())
        form = b.form.times(static_cast<std::int64_t>(a.number.constant_value()));
      break;
    case AluOp::lsh:
      if (factor && *factor >= 0 && *factor < 62) form = a.form.times(std::int64_t{1} << *factor);
      break;
    case AluOp::rsh:
    case AluOp::arsh: {  // undoes a shift to the left, when nothing was lost
      if (!is64 || !factor || *factor <= 0 || *factor >= 62) return std::nullopt;
      const auto divided = a.form.divided(std::int64_t{1} << *factor);
      if (!divided) return std::nullopt;
      const bool exact = op == AluOp::rsh ? state.within(a.form, 0, Integer{UINT64_MAX}) : state.within(a.form, INT64_MIN, INT64_MAX);
      return exact ? divided : std::nullopt;
    }
    case AluOp::bit_and: {  // a mask that keeps every bit
      const Tnum bits = a.number.whole().tnum();
      return is64 && factor && ((bits.value | bits.mask) & ~b.number.constant_value()) == 0 ? std::optional(a.form) : std::nullopt;
    }
    default:
      return std::nullopt;
  }
  if (!form || is64) return form;
  if (op == AluOp::mov) return exact32(*form) ? form : std::nullopt;
  if (!exact32(a.form) || (needs_b && !exact32(b.form)) || !exact32(*form)) return std::nullopt;
  return form;
}

/// Facts about a result that is a new symbol: shifts to the right, division and masks round down.
void Analyzer::relate_result(State& state, AluOp op, bool is64, const Scalar& a, const Scalar& b, const Scalar& result) {
  if (result.form.is_constant() || state.bounds(result.form)->lo < 0) return;  // negative: the symbol stands for the signed reading
  if (op == AluOp::mov) {                                                      // the low half of b is at most b
    const auto f = b.form.plus(result.form, -1);
    if (f && state.within(b.form, 0, Integer{UINT64_MAX})) state.add_fact(*f);
    if (low_half_tells_zero(state, b.form)) state.add_nonzero(result.form);
    return;
  }
  if (a.form.is_constant() || !b.number.is_constant()) return;
  if (!state.within(a.form, 0, is64 ? Integer{UINT64_MAX} : kMax32)) return;
  const std::uint64_t c = is64 ? b.number.constant_value() : b.number.low().umin();
  const auto quotient = [&](std::int64_t divisor) {  // divisor * r <= a <= divisor * r + divisor - 1
    const auto scaled = result.form.times(divisor);
    if (!scaled) return;
    if (const auto low = a.form.plus(*scaled, -1)) state.add_fact(*low);
    if (const auto high = scaled->plus(a.form, -1); high) {
      if (const auto f = high->plus(divisor - 1)) state.add_fact(*f);
    }
  };
  switch (op) {
    case AluOp::arsh:
      if (!state.within(a.form, 0, is64 ? Integer{INT64_MAX} : kMaxSigned32)) return;
      [[fallthrough]];
    case AluOp::rsh:
      if (c > 0 && c < 32) quotient(std::int64_t{1} << c);
      break;
    case AluOp::sdiv:
      if (!state.within(a.form, 0, is64 ? Integer{INT64_MAX} : kMaxSigned32) || (!is64 && c > INT32_MAX)) return;
      [[fallthrough]];
    case AluOp::udiv:
      if (c > 1 && c < (1ull << 32)) quotient(static_cast<std::int64_t>(c));
      break;
    case AluOp::umod:
      if (const auto f = a.form.plus(result.form, -1)) state.add_fact(*f);
      break;
    case AluOp::bit_and: {
      if (const auto f = a.form.plus(result.form, -1)) state.add_fact(*f);
      const std::uint64_t dropped = is64 ? ~c : static_cast<std::uint32_t>(~c);
      if (dropped < (1u << 20)) {
        if (const auto f = result.form.plus(a.form, -1)) {
          if (const auto g = f->plus(static_cast<std::int64_t>(dropped))) state.add_fact(*g);
        }
      }
      break;
    }
    default:
      break;
  }
}

// -------------------------------------------------------------------------------------------------------------------- branches

namespace {

/// For a pointer that is not nullable. base + offset is 0 only where the offset leaves what can be pointed at, or for the start of empty memory.
bool may_be_zero(const State& state, const Value& pointer) {
  if (pointer.kind == Kind::object) return false;
  if (pointer.kind == Kind::probed) return true;
  if (!state.within(pointer.scalar.form, kMinComparable + 1, kMaxComparable)) return true;
  if (pointer.kind != Kind::memory || surely_not_empty(state, state.region(pointer.id))) return false;
  const auto behind_start = pointer.scalar.form.plus(-1);
  return !behind_start || !state.implied(*behind_start);
}

}  // namespace

bool Analyzer::assume_null(State& state, const Value& tested, bool is_null) {
  const Value value = tested;  // the state's copies change below
  if (value.kind == Kind::map && !value.nullable) return !is_null;
  const InstanceId object = value.kind == Kind::object ? value.id : value.kind == Kind::memory ? state.region(value.id).object : kNoInstance;
  const Instance* instance = object == kNoInstance ? nullptr : state.find_instance(object);
  if (!value.nullable) {
    if (instance && instance->maybe) return true;  // where the object is not held, anything may stand there
    return !is_null || may_be_zero(state, value);
  }
  const auto is_copy = [&](const Value& v) {
    if (&v == &tested) return true;
    if (v.kind != value.kind || !v.nullable) return false;
    return instance ? v.id == value.id : v.null_id != 0 && v.null_id == value.null_id;
  };
  state.for_each_value([&](Value& v) {
    if (!is_copy(v) || (instance && value.kind == Kind::object)) return;
    if (is_null) {
      v = Value::constant(0);
      v.origin = value.origin;
    } else {
      v.nullable = false;
    }
  });
  if (instance && is_null)
    state.set_absent(object);
  else if (instance)
    state.set_present(object);
  return true;
}

/// Adds what `a op b` says about the integers. Unless both forms are `exact` (no wrap lies between register and integer) it is only a hope.
void Analyzer::assume_forms(State& state, CmpOp op, const Linear& a, const Linear& b, bool exact) {
  const auto at_least = [&](const Linear& big, const Linear& small, std::int64_t by) {
    const auto difference = big.plus(small, -1);
    const auto fact = difference ? difference->plus(-by) : std::nullopt;
    if (!fact) return;
    if (exact)
      state.add_fact(*fact);
    else
      state.add_hope(*fact);
  };
  switch (op) {
    case CmpOp::eq:
      at_least(a, b, 0);
      at_least(b, a, 0);
      return;
    case CmpOp::ne: {
      const auto difference = a.plus(b, -1);
      if (!difference) return;
      if (!exact) {  // one of the two, if the loop runs up to the other
        at_least(a, b, 1);
        return at_least(b, a, 1);
      }
      if (state.implied(*difference)) return at_least(a, b, 1);
      const auto opposite = difference->times(-1);
      if (opposite && state.implied(*opposite)) return at_least(b, a, 1);
      state.add_nonzero(*difference);
      return;
    }
    case CmpOp::ugt:
    case CmpOp::sgt:
      return at_least(a, b, 1);
    case CmpOp::uge:
    case CmpOp::sge:
      return at_least(a, b, 0);
    case CmpOp::ult:
    case CmpOp::slt:
      return at_least(b, a, 1);
    case CmpOp::ule:
    case CmpOp::sle:
      return at_least(b, a, 0);
    case CmpOp::set:
      return;
  }
}

/// What became known of a register's number holds for its symbol, when register and integer are the same.
void Analyzer::sharpen_symbol(State& state, const Linear& form, const Number& number) {
  if (form.terms().size() != 1) return;
  const Word& w = number.whole();
  const auto at_least = [&](Integer bound) {
    if (bound < INT64_MIN || bound > INT64_MAX) return;
    if (const auto fact = form.plus(Linear(static_cast<std::int64_t>(bound)), -1)) state.add_fact(*fact);
  };
  const auto at_most = [&](Integer bound) {
    if (bound < INT64_MIN || bound > INT64_MAX) return;
    if (const auto fact = Linear(static_cast<std::int64_t>(bound)).plus(form, -1)) state.add_fact(*fact);
  };
  if (reads_unsigned(state, form, number)) {
    at_least(w.umin());
    at_most(w.umax());
  } else if (state.within(form, INT64_MIN, INT64_MAX)) {
    at_least(w.smin());
    at_most(w.smax());
  }
}

/// Numbers on both sides; `b_place` is where b lives, if it lives in a register. `clear`: (a & b) == 0.
bool Analyzer::assume_numbers(State& state, CmpOp op, bool clear, bool is64, Value& a, Value* b_place, const Value& b) {
  Number x = state.number_of(a.scalar), y = state.number_of(b.scalar);
  if (clear) {
    const Number both = verify::alu(AluOp::bit_and, is64, x, y);
    if (both.whole().umin() > 0) return false;
    if (y.is_constant() && is64) x = meet(x, verify::alu(AluOp::bit_and, true, x, Number::constant(~y.constant_value())));
  } else {
    verify::assume(op, is64, x, y);
  }
  if (x.empty() || y.empty()) return false;
  const Linear a_form = a.scalar.form, b_form = b.scalar.form;
  a.scalar.number = x;
  if (b_place) b_place->scalar.number = y;
  state.for_each_value([&](Value& v) {
    if (v.kind != Kind::scalar || v.scalar.form.is_constant()) return;
    if (v.scalar.form == a_form) v.scalar.number = meet(v.scalar.number, x);
    if (b_place && v.scalar.form == b_form) v.scalar.number = meet(v.scalar.number, y);
  });
  if (clear || op == CmpOp::set) return true;
  const Integer hi = is64 ? Integer{UINT64_MAX} : kMax32, signed_lo = is64 ? Integer{INT64_MIN} : 0,
                signed_hi = is64 ? Integer{INT64_MAX} : kMaxSigned32;
  sharpen_symbol(state, a_form, x);
  if (b_place) sharpen_symbol(state, b_form, y);
  const auto exact = [&](Integer low, Integer high) { return state.within(a_form, low, high) && state.within(b_form, low, high); };
  const bool equality = op == CmpOp::eq || op == CmpOp::ne;
  const bool halves = equality && !is64 && exact(INT32_MIN, INT32_MAX);  // sign-extended: equal if their low halves are
  const bool known = is_signed(op) ? exact(signed_lo, signed_hi) : halves || exact(0, hi) || (equality && exact(signed_lo, signed_hi));
  if (known && op == CmpOp::eq && is_nonzero(state, a_form, b_form)) return false;
  assume_forms(state, op, a_form, b_form, known);
  return true;
}

/// Restricts the state to the runs that take (or do not take) the branch; false when there are none, or when the comparison is refused.
bool Analyzer::assume(State& state, ir::InsnIdx i, const isa::Branch& branch, bool taken) {
  const CmpOp op = taken ? branch.op : negated(branch.op);
  const bool clear = branch.op == CmpOp::set && !taken;
  Value* a = use(state, i, branch.dst);
  if (!a) return false;
  const auto* b_reg = std::get_if<isa::Reg>(&branch.src);
  Value* b_place = b_reg ? use(state, i, *b_reg) : nullptr;
  if (b_reg && !b_place) return false;
  const Value b = b_place ? *b_place : operand_value(std::get<isa::Imm>(branch.src));

  const bool equality = branch.op == CmpOp::eq || branch.op == CmpOp::ne;
  const bool a_pointer = a->is_pointer() || a->kind == Kind::global, b_pointer = b.is_pointer() || b.kind == Kind::global;
  if (branch.is64 && equality && a_pointer && b.is_zero()) return assume_null(state, *a, op == CmpOp::eq);
  if (branch.is64 && equality && b_place && b_pointer && a->is_zero()) return assume_null(state, *b_place, op == CmpOp::eq);
  if (branch.is64 && a_pointer && b_pointer) {
    const bool same = a->kind == b.kind && a->kind != Kind::object && a->kind != Kind::probed && (a->kind == Kind::global || a->id == b.id) &&
                      !a->nullable && !b.nullable && (a->kind != Kind::memory || state.region(a->id).unique);
    if (same && !is_signed(op) && op != CmpOp::set) {
      const Integer least = a->kind == Kind::memory && !surely_not_empty(state, state.region(a->id)) ? 0 : kMinComparable;
      const bool near = state.within(a->scalar.form, least, kMaxComparable) && state.within(b.scalar.form, least, kMaxComparable);
      assume_forms(state, op, a->scalar.form, b.scalar.form, near);
    }
    if ((a->is_host_pointer() || b.is_host_pointer()) && (a->kind != b.kind || !(equality || same))) {
      fail("E0214", i, fmt::format("{} is compared with {}", describe(*a), describe(b)), "compare only pointers into the same memory, or with NULL");
      return false;
    }
  } else if (a_pointer || b_pointer) {
    const auto heap_side = [&](const Value& v) { return v.kind == Kind::stack || v.kind == Kind::global || v.is_number() || v.is_free(); };
    if (!heap_side(*a) || !heap_side(b)) {
      fail("E0214", i, fmt::format("{} is compared with {}", describe(*a), describe(b)), "compare a host pointer only with NULL");
      return false;
    }
  } else if (!assume_numbers(state, op, clear, branch.is64, *a, b_place, b)) {
    return false;
  }
  if (std::ranges::any_of(state.ranges, [](const SymbolRange& r) { return r.lo > r.hi; })) return false;
  state.resolve_conditions();
  return true;
}

}  // namespace tenon::verify
