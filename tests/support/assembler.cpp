// SPDX-License-Identifier: Apache-2.0
#include "support/assembler.hpp"

#include <array>
#include <cctype>
#include <charconv>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

#include "isa/decode.hpp"

namespace tenon::test {
namespace {

using isa::Insn;
using isa::Reg;
using isa::Width;

struct NamedRegister {
  Reg reg;
  bool is64;
};

struct Place {
  Width width;
  bool is_signed;
  Reg base;
  std::int16_t off;
};

/// One statement, read from left to right. What begins with `eat_` leaves the position alone when it does not fit.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text), whole_(text) {}

  [[noreturn]] void fail(const std::string& why) const { throw std::invalid_argument(why + " in: " + std::string(whole_)); }

  void skip_space() {
    while (!text_.empty() && std::isspace(static_cast<unsigned char>(text_.front()))) text_.remove_prefix(1);
  }
  bool at_end() {
    skip_space();
    return text_.empty();
  }
  bool eat(std::string_view token) {
    skip_space();
    if (!text_.starts_with(token)) return false;
    text_.remove_prefix(token.size());
    return true;
  }
  /// Like eat(), for a whole word.
  bool eat_word(std::string_view word) {
    skip_space();
    if (!text_.starts_with(word) || (text_.size() > word.size() && is_word(text_[word.size()]))) return false;
    text_.remove_prefix(word.size());
    return true;
  }
  void expect(std::string_view token) {
    if (!eat(token)) fail("'" + std::string(token) + "' is missing");
  }

  std::optional<NamedRegister> eat_register() {
    skip_space();
    if (text_.size() < 2 || (text_[0] != 'r' && text_[0] != 'w')) return std::nullopt;
    const bool is64 = text_[0] == 'r';
    for (const int n : {10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}) {
      const std::string name = text_[0] + std::to_string(n);
      if (eat_word(name)) return NamedRegister{static_cast<Reg>(n), is64};
    }
    return std::nullopt;
  }
  NamedRegister reg() {
    if (const auto found = eat_register()) return *found;
    fail("a register is missing");
  }

  std::optional<std::int64_t> eat_number() {
    skip_space();
    const std::string_view before = text_;
    const bool negative = eat("-");
    skip_space();
    const bool hex = text_.starts_with("0x");
    if (hex) text_.remove_prefix(2);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value, hex ? 16 : 10);
    if (error != std::errc{}) {
      text_ = before;
      return std::nullopt;
    }
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    return static_cast<std::int64_t>(negative ? 0 - value : value);
  }
  std::int64_t number() {
    if (const auto found = eat_number()) return *found;
    fail("a number is missing");
  }

  std::string word() {
    skip_space();
    std::size_t length = 0;
    while (length < text_.size() && is_word(text_[length])) ++length;
    std::string found(text_.substr(0, length));
    if (found.empty()) fail("a name is missing");
    text_.remove_prefix(length);
    return found;
  }

  isa::Operand operand() {
    if (const auto found = eat_register()) return found->reg;
    return isa::Imm{number()};
  }

  /// "(u32 *)(r1 + 8)"
  Place place() {
    expect("(");
    Place found = typed_pointer();
    expect("(");
    const auto [base, off] = base_and_offset();
    expect(")");
    found.base = base;
    found.off = off;
    return found;
  }
  /// "r1 + 8"
  std::pair<Reg, std::int16_t> base_and_offset() {
    const Reg base = reg().reg;
    if (eat("+")) return {base, static_cast<std::int16_t>(number())};
    if (eat("-")) return {base, static_cast<std::int16_t>(-number())};
    return {base, 0};
  }

 private:
  static bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '#'; }

  Place typed_pointer() {
    const bool is_signed = eat("s");
    if (!is_signed) expect("u");
    const std::int64_t bits = number();
    if (bits != 8 && bits != 16 && bits != 32 && bits != 64) fail("an access of that width does not exist");
    expect("*");
    expect(")");
    return {static_cast<Width>(bits / 8), is_signed, Reg::r0, 0};
  }

  std::string_view text_, whole_;
};

struct AluName {
  std::string_view text;
  isa::AluOp op;
};
constexpr std::array kAluNames{
    AluName{"s>>=", isa::AluOp::arsh},  AluName{"s/=", isa::AluOp::sdiv}, AluName{"s%=", isa::AluOp::smod},  AluName{"<<=", isa::AluOp::lsh},
    AluName{">>=", isa::AluOp::rsh},    AluName{"+=", isa::AluOp::add},   AluName{"-=", isa::AluOp::sub},    AluName{"*=", isa::AluOp::mul},
    AluName{"/=", isa::AluOp::udiv},    AluName{"%=", isa::AluOp::umod},  AluName{"|=", isa::AluOp::bit_or}, AluName{"&=", isa::AluOp::bit_and},
    AluName{"^=", isa::AluOp::bit_xor},
};
struct CmpName {
  std::string_view text;
  isa::CmpOp op;
};
constexpr std::array kCmpNames{
    CmpName{"s>=", isa::CmpOp::sge}, CmpName{"s<=", isa::CmpOp::sle}, CmpName{"s>", isa::CmpOp::sgt}, CmpName{"s<", isa::CmpOp::slt},
    CmpName{"==", isa::CmpOp::eq},   CmpName{"!=", isa::CmpOp::ne},   CmpName{">=", isa::CmpOp::uge}, CmpName{"<=", isa::CmpOp::ule},
    CmpName{">", isa::CmpOp::ugt},   CmpName{"<", isa::CmpOp::ult},   CmpName{"&", isa::CmpOp::set},
};
struct AtomicName {
  std::string_view text, fetch;
  isa::AtomicOp op;
};
constexpr std::array kAtomicNames{
    AtomicName{"+=", "atomic_fetch_add", isa::AtomicOp::add},
    AtomicName{"|=", "atomic_fetch_or", isa::AtomicOp::bit_or},
    AtomicName{"&=", "atomic_fetch_and", isa::AtomicOp::bit_and},
    AtomicName{"^=", "atomic_fetch_xor", isa::AtomicOp::bit_xor},
};

class Assembler {
 public:
  explicit Assembler(const AssembleOptions& options) {
    parts_.name = "main";
    parts_.hook = options.hook;
    globals_.initial = options.globals;
    globals_.sections = {{".data", 0, options.globals.size()}};
  }

  ir::Parts assemble(std::string_view text) {
    for (const std::string_view statement : statements(text)) collect_names(statement);
    for (const std::string_view statement : statements(text)) statement_at(statement);
    finish();
    return std::move(parts_);
  }

 private:
  static std::vector<std::string_view> statements(std::string_view text) {
    std::vector<std::string_view> found;
    while (!text.empty()) {
      const std::size_t line_end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, line_end);
      text.remove_prefix(std::min(line_end + 1, text.size()));
      if (const auto comment = line.find(" #"); comment != line.npos) line = line.substr(0, comment);
      if (line.starts_with('#')) continue;
      while (!line.empty()) {
        const std::size_t end = std::min(line.find(';'), line.size());
        if (line.substr(0, end).find_first_not_of(" \t") != std::string_view::npos) found.push_back(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
      }
    }
    return found;
  }

  static bool is_label(std::string_view statement) {
    const std::size_t colon = statement.find(":");
    return colon != statement.npos && statement.find_last_not_of(" \t") == colon;
  }

  /// First pass: functions and labels, with the instruction they stand at.
  void collect_names(std::string_view statement) {
    Cursor cursor(statement);
    if (!is_label(statement)) {
      if (functions_.empty()) begin_function("main");
      ++next_;
    } else if (cursor.eat_word("fn")) {
      begin_function(cursor.word());
      if (cursor.eat("(")) functions_.back().parameters = static_cast<std::uint8_t>(cursor.number());
    } else {
      if (functions_.empty()) begin_function("main");
      labels_[{functions_.size() - 1, cursor.word()}] = next_;
    }
  }

  void begin_function(std::string name) {
    function_index_[name] = static_cast<std::uint32_t>(functions_.size());
    ir::Function function;
    function.name = std::move(name);
    function.begin = ir::InsnIdx(next_);
    functions_.push_back(std::move(function));
  }

  /// Second pass: one instruction per statement.
  void statement_at(std::string_view statement) {
    Cursor cursor(statement);
    if (is_label(statement)) {
      if (cursor.eat_word("fn")) ++current_;
      return;
    }
    if (current_ == npos) current_ = 0;
    parts_.insns.push_back(instruction(cursor));
    if (!cursor.at_end()) cursor.fail("something is left over");
  }

  Insn instruction(Cursor& c) {
    if (c.eat_word("exit")) return isa::Exit{};
    if (c.eat_word("goto")) return isa::Jump{target(c)};
    if (c.eat_word("gotol")) return isa::Jump{target(c)};
    if (c.eat_word("may_goto")) return isa::MayGoto{target(c)};
    if (c.eat_word("if")) return branch(c);
    if (c.eat_word("callx")) return isa::Call{isa::Call::Kind::indirect, index(c.reg().reg)};
    if (c.eat_word("call")) return call(c);
    if (c.eat_word("lock")) return locked(c);
    if (c.eat_word("store_release")) return store_release(c);
    if (c.eat("*")) return store(c);
    return assignment(c);
  }

  isa::Target target(Cursor& c) {
    c.eat("+");
    if (const auto number = c.eat_number()) return static_cast<isa::Target>(*number);
    const std::string name = c.word();
    const auto found = labels_.find({current_, name});
    if (found == labels_.end()) c.fail("no label '" + name + "'");
    return found->second;
  }

  Insn branch(Cursor& c) {
    const NamedRegister left = c.reg();
    for (const CmpName& name : kCmpNames) {
      if (!c.eat(name.text)) continue;
      const isa::Operand right = c.operand();
      c.expect("goto");
      return isa::Branch{name.op, left.is64, left.reg, right, target(c)};
    }
    c.fail("no such comparison");
  }

  Insn call(Cursor& c) {
    if (const auto number = c.eat_number()) return isa::Call{isa::Call::Kind::host, static_cast<std::uint32_t>(*number)};
    if (c.eat_word("local")) return isa::Call{isa::Call::Kind::local, static_cast<std::uint32_t>(c.number())};
    if (c.eat_word("kfunc")) return isa::Call{isa::Call::Kind::kfunc, static_cast<std::uint32_t>(c.number())};
    const std::string name = c.word();
    if (const auto local = function_index_.find(name); local != function_index_.end()) return isa::Call{isa::Call::Kind::local, local->second};
    return isa::Call{isa::Call::Kind::host, extern_index(name)};
  }

  std::uint32_t extern_index(const std::string& name) {
    for (std::uint32_t i = 0; i < parts_.externs.size(); ++i) {
      if (parts_.externs[i] == name) return i;
    }
    parts_.externs.push_back(name);
    return static_cast<std::uint32_t>(parts_.externs.size() - 1);
  }

  static Insn locked(Cursor& c) {
    c.expect("*");
    const Place place = c.place();
    for (const AtomicName& name : kAtomicNames) {
      if (c.eat(name.text)) return isa::Atomic{name.op, false, place.width, place.base, c.reg().reg, place.off};
    }
    c.fail("no such atomic operation");
  }

  static Insn store_release(Cursor& c) {
    c.expect("(");
    const Place place = c.place();
    c.expect(",");
    const Reg src = c.reg().reg;
    c.expect(")");
    return isa::StoreRelease{place.width, place.base, src, place.off};
  }

  static Insn store(Cursor& c) {
    const Place place = c.place();
    c.expect("=");
    return isa::Store{place.width, place.base, place.off, c.operand()};
  }

  Insn assignment(Cursor& c) {
    const NamedRegister dst = c.reg();
    for (const AluName& name : kAluNames) {
      if (c.eat(name.text)) return isa::Alu{name.op, dst.is64, dst.reg, c.operand()};
    }
    c.expect("=");
    if (const auto number = c.eat_number()) {
      if (c.eat_word("ll")) return isa::LoadImm{dst.reg, isa::LoadImm::Kind::plain, static_cast<std::uint64_t>(*number)};
      return isa::Alu{isa::AluOp::mov, dst.is64, dst.reg, isa::Imm{*number}};
    }
    if (const auto src = c.eat_register()) return isa::Alu{isa::AluOp::mov, dst.is64, dst.reg, src->reg};
    if (c.eat("-")) return negation(c, dst);
    if (c.eat("*")) return load(c, dst);
    if (c.eat("&")) return function_address(c, dst);
    if (c.eat("(")) return move_sign_extended(c, dst);
    if (c.eat_word("globals")) return globals_address(c, dst);
    if (c.eat_word("function")) return numbered(c, dst, isa::LoadImm::Kind::function);
    if (c.eat_word("map")) return numbered(c, dst, isa::LoadImm::Kind::map);
    return named_operation(c, dst);
  }

  static Insn negation(Cursor& c, NamedRegister dst) {
    if (c.reg().reg != dst.reg) c.fail("negation has one register");
    return isa::Neg{dst.is64, dst.reg};
  }

  static Insn load(Cursor& c, NamedRegister dst) {
    const Place place = c.place();
    return isa::Load{place.width, place.is_signed, dst.reg, place.base, place.off};
  }

  Insn function_address(Cursor& c, NamedRegister dst) {
    const std::string name = c.word();
    const auto found = function_index_.find(name);
    if (found == function_index_.end()) c.fail("no function '" + name + "'");
    ir::Function& function = functions_[found->second];
    if (!function.value) {
      function.value = static_cast<std::uint32_t>(globals_.functions.size());
      globals_.functions.push_back(name);
    }
    return isa::LoadImm{dst.reg, isa::LoadImm::Kind::function, found->second};
  }

  static Insn move_sign_extended(Cursor& c, NamedRegister dst) {
    c.expect("s");
    const auto bits = static_cast<std::uint8_t>(c.number());
    c.expect(")");
    return isa::MoveSx{bits, dst.is64, dst.reg, c.reg().reg};
  }

  static Insn globals_address(Cursor& c, NamedRegister dst) {
    const std::uint64_t offset = c.eat("+") ? static_cast<std::uint64_t>(c.number()) : 0;
    c.eat_word("ll");
    return isa::LoadImm{dst.reg, isa::LoadImm::Kind::global, offset};
  }

  static Insn numbered(Cursor& c, NamedRegister dst, isa::LoadImm::Kind kind) {
    const auto number = static_cast<std::uint64_t>(c.number());
    c.expect("ll");
    return isa::LoadImm{dst.reg, kind, number};
  }

  static Insn named_operation(Cursor& c, NamedRegister dst) {
    const std::string name = c.word();
    for (const unsigned bits : {16, 32, 64}) {
      if (name == "be" + std::to_string(bits)) return byte_swap(c, dst, isa::ByteSwap::Kind::to_be, bits);
      if (name == "le" + std::to_string(bits)) return byte_swap(c, dst, isa::ByteSwap::Kind::to_le, bits);
      if (name == "bswap" + std::to_string(bits)) return byte_swap(c, dst, isa::ByteSwap::Kind::swap, bits);
    }
    c.expect("(");
    const Insn insn = function_like(c, dst, name);
    c.expect(")");
    return insn;
  }

  static Insn byte_swap(Cursor& c, NamedRegister dst, isa::ByteSwap::Kind kind, unsigned bits) {
    if (c.reg().reg != dst.reg) c.fail("a byte swap has one register");
    return isa::ByteSwap{kind, static_cast<std::uint8_t>(bits), dst.reg};
  }

  static Insn function_like(Cursor& c, NamedRegister dst, const std::string& name) {
    if (name == "addr_space_cast") return address_space_cast(c, dst);
    if (name == "load_acquire") {
      const Place place = c.place();
      return isa::LoadAcquire{place.width, dst.reg, place.base, place.off};
    }
    if (name == "xchg_64" || name == "xchg32_32") return exchange(c, name == "xchg_64" ? Width::w8 : Width::w4, isa::AtomicOp::xchg);
    if (name == "cmpxchg_64" || name == "cmpxchg32_32") return exchange(c, name == "cmpxchg_64" ? Width::w8 : Width::w4, isa::AtomicOp::cmpxchg);
    for (const AtomicName& atomic : kAtomicNames) {
      if (name != atomic.fetch) continue;
      const Place place = c.place();
      c.expect(",");
      return isa::Atomic{atomic.op, true, place.width, place.base, c.reg().reg, place.off};
    }
    c.fail("no operation '" + name + "'");
  }

  static Insn address_space_cast(Cursor& c, NamedRegister dst) {
    const Reg src = c.reg().reg;
    c.expect(",");
    const auto to = static_cast<std::uint16_t>(c.number());
    c.expect(",");
    return isa::AddrSpaceCast{dst.reg, src, static_cast<std::uint16_t>(c.number()), to};
  }

  static Insn exchange(Cursor& c, Width width, isa::AtomicOp op) {
    const auto [base, off] = c.base_and_offset();
    c.expect(",");
    if (op == isa::AtomicOp::cmpxchg) {
      if (c.reg().reg != Reg::r0) c.fail("cmpxchg compares with r0");
      c.expect(",");
    }
    return isa::Atomic{op, true, width, base, c.reg().reg, off};
  }

  void finish() {
    for (std::uint32_t slot = 0; const Insn& insn : parts_.insns) {
      parts_.slots.push_back(slot);
      slot += std::holds_alternative<isa::LoadImm>(insn) ? 2 : 1;
    }
    for (std::size_t i = 0; i < functions_.size(); ++i) {
      functions_[i].end = i + 1 < functions_.size() ? functions_[i + 1].begin : ir::InsnIdx(next_);
    }
    if (!functions_.empty()) parts_.name = functions_[0].name;
    parts_.functions = std::move(functions_);
    parts_.globals = std::make_shared<const ir::Globals>(std::move(globals_));
  }

  static constexpr std::size_t npos = static_cast<std::size_t>(-1);

  ir::Parts parts_;
  ir::Globals globals_;
  std::vector<ir::Function> functions_;
  std::map<std::string, std::uint32_t> function_index_;
  std::map<std::pair<std::size_t, std::string>, std::uint32_t> labels_;
  std::uint32_t next_ = 0;
  std::size_t current_ = npos;
};

/// Instruction indices back to slot numbers, as isa::encode wants them.
Insn with_slots(Insn insn, const ir::Parts& parts) {
  std::visit(isa::Overloaded{
                 [&](isa::Jump& jump) { jump.target = parts.slots[jump.target]; },
                 [&](isa::Branch& branch) { branch.target = parts.slots[branch.target]; },
                 [&](isa::MayGoto& jump) { jump.target = parts.slots[jump.target]; },
                 [&](isa::Call& call) {
                   if (call.kind == isa::Call::Kind::local) call.target = parts.slots[parts.functions[call.target].begin.index()];
                 },
                 [](auto&) {},
             },
             insn);
  return insn;
}

}  // namespace

std::vector<std::byte> encode(const ir::Parts& parts) {
  std::vector<std::byte> code;
  for (std::size_t i = 0; i < parts.insns.size(); ++i) {
    const auto encoded = isa::encode(with_slots(parts.insns[i], parts), parts.slots[i]);
    code.insert(code.end(), encoded.begin(), encoded.end());
  }
  return code;
}

ir::Parts assemble(std::string_view text, const AssembleOptions& options) { return Assembler(options).assemble(text); }

ir::Program assemble_program(std::string_view text, const AssembleOptions& options) {
  auto program = ir::link(assemble(text, options));
  if (!program) throw std::invalid_argument(to_text(program.error()));
  return std::move(program).value();
}

}  // namespace tenon::test
