// SPDX-License-Identifier: Apache-2.0
// All 256 opcodes against a list written from RFC 9669, every field of each opcode against what the list says is reserved, and the round trip.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <string_view>

#include "isa/decode.hpp"
#include "isa/opcode_table.hpp"

namespace tenon::isa {
namespace {

struct Slot {
  std::uint8_t opcode = 0, dst = 0, src = 0;
  std::int16_t off = 0;
  std::int32_t imm = 0;
};

std::vector<std::byte> code_of(std::initializer_list<Slot> slots) {
  std::vector<std::byte> code;
  for (const Slot& slot : slots) {
    std::array<std::byte, 8> bytes{std::byte{slot.opcode}, static_cast<std::byte>(slot.src << 4 | slot.dst)};
    std::memcpy(&bytes[2], &slot.off, 2);
    std::memcpy(&bytes[4], &slot.imm, 4);
    code.insert(code.end(), bytes.begin(), bytes.end());
  }
  return code;
}

constexpr Slot kExit{.opcode = 0x95};

/// "ok", or the code of the refusal. One instruction between exits; ld_imm64 gets a second half.
std::string verdict(const Slot& slot) {
  const auto code = slot.opcode == 0x18 ? code_of({kExit, slot, Slot{}, kExit, kExit}) : code_of({kExit, slot, kExit, kExit});
  const auto decoded = decode(code);
  return decoded ? "ok" : decoded.error().front().code;
}

/// Fields of each legal opcode: d destination read, D destination written, s source register read, o offset free, i immediate free, t offset is a
/// target (legal: -2 to 1), T immediate is a target; e immediate is 16, 32 or 64; others are zero. x: has a section of its own below.
const std::map<std::uint8_t, std::string_view>& legal_opcodes() {
  static const std::map<std::uint8_t, std::string_view> legal = [] {
    std::map<std::uint8_t, std::string_view> map;
    for (const int high : {0x00, 0x10, 0x20, 0x40, 0x50, 0x60, 0x70, 0xa0, 0xc0}) {  // add sub mul or and lsh rsh xor arsh
      for (const int alu_class : {0x04, 0x07}) {
        map[static_cast<std::uint8_t>(high | alu_class)] = "Di";
        map[static_cast<std::uint8_t>(high | 0x08 | alu_class)] = "Ds";
      }
    }
    for (const int opcode : {0x34, 0x37, 0x94, 0x97}) map[static_cast<std::uint8_t>(opcode)] = "Dix";  // div mod: offset 1 is signed
    for (const int opcode : {0x3c, 0x3f, 0x9c, 0x9f}) map[static_cast<std::uint8_t>(opcode)] = "Dsx";
    map[0xb4] = map[0xb7] = "Di";
    map[0xbc] = map[0xbf] = "Dsx";
    map[0x84] = map[0x87] = "D";
    map[0xd4] = map[0xdc] = map[0xd7] = "De";
    map[0x18] = "Dix";
    for (const int opcode : {0x61, 0x69, 0x71, 0x79, 0x81, 0x89, 0x91}) map[static_cast<std::uint8_t>(opcode)] = "Dso";
    for (const int opcode : {0x62, 0x6a, 0x72, 0x7a}) map[static_cast<std::uint8_t>(opcode)] = "doi";
    for (const int opcode : {0x63, 0x6b, 0x73, 0x7b}) map[static_cast<std::uint8_t>(opcode)] = "dso";
    for (const int opcode : {0xc3, 0xdb, 0xcb, 0xd3}) map[static_cast<std::uint8_t>(opcode)] = "dsox";
    for (const int high : {0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0xa0, 0xb0, 0xc0, 0xd0}) {
      for (const int jump_class : {0x05, 0x06}) {
        map[static_cast<std::uint8_t>(high | jump_class)] = "dit";
        map[static_cast<std::uint8_t>(high | 0x08 | jump_class)] = "dst";
      }
    }
    map[0x05] = map[0xe5] = "t";
    map[0x06] = "T";
    map[0x85] = "ix";
    map[0x8d] = "d";
    map[0x95] = "";
    return map;
  }();
  return legal;
}

bool has(std::string_view fields, char field) { return fields.find(field) != std::string_view::npos; }

/// A legal instruction with this opcode.
Slot sample(std::uint8_t opcode, std::string_view fields) {
  Slot slot{.opcode = opcode};
  if (has(fields, 'D') || has(fields, 'd')) slot.dst = 3;
  if (has(fields, 's')) slot.src = 4;
  if (has(fields, 'o')) slot.off = -24;
  if (has(fields, 'i')) slot.imm = -7;
  if (has(fields, 'e')) slot.imm = 32;
  if (opcode == 0xcb || opcode == 0xd3) slot.imm = kLoadAcquireImm;
  return slot;
}

TEST(Opcodes, EveryByteIsAcceptedOrRefusedAsTheStandardSays) {
  const auto& legal = legal_opcodes();
  unsigned accepted = 0;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const auto opcode = static_cast<std::uint8_t>(byte);
    const auto entry = legal.find(opcode);
    const bool is_legacy = (byte & 0x07) == 0 && ((byte & 0xe0) == 0x20 || (byte & 0xe0) == 0x40) && (byte & 0x18) != 0x18;
    const std::string expected = entry != legal.end() ? "ok" : is_legacy ? "E0123" : "E0120";
    EXPECT_EQ(verdict(sample(opcode, entry != legal.end() ? entry->second : "")), expected) << "opcode " << byte;
    accepted += expected == "ok";
  }
  EXPECT_EQ(accepted, 123u);
}

TEST(Opcodes, ReservedFieldsAreRefused) {
  for (const auto& [opcode, fields] : legal_opcodes()) {
    const Slot good = sample(opcode, fields);
    const auto expect = [&, opcode = opcode](const Slot& slot, std::string_view expected, std::string_view what) {
      EXPECT_EQ(verdict(slot), expected) << what << " of opcode " << unsigned{opcode};
    };
    for (unsigned reg = 0; reg < 16; ++reg) {
      Slot slot = good;
      slot.dst = static_cast<std::uint8_t>(reg);
      if (has(fields, 'D'))
        expect(slot, reg < 10 ? "ok" : reg == 10 ? "E0126" : "E0125", "destination");
      else if (has(fields, 'd') && opcode != 0xcb && opcode != 0xd3)
        expect(slot, reg <= 10 ? "ok" : "E0125", "base or operand");
      else if (!has(fields, 'd'))
        expect(slot, reg == 0 ? "ok" : "E0121", "destination");
      slot = good;
      slot.src = static_cast<std::uint8_t>(reg);
      if (has(fields, 's'))
        expect(slot, reg <= 10 ? "ok" : "E0125", "source");
      else if (!has(fields, 'x'))
        expect(slot, reg == 0 ? "ok" : "E0121", "source");
    }
    Slot slot = good;
    for (const int off : {1, 2, -1, 8, 16, 32, 256, -32768, 32767}) {
      slot.off = static_cast<std::int16_t>(off);
      if (has(fields, 't'))
        expect(slot, off == 1 || off == -1 ? "ok" : "E0124", "target");
      else if (!has(fields, 'x') || opcode == 0x85 || opcode == 0x18)
        expect(slot, has(fields, 'o') ? "ok" : "E0121", "offset");
    }
    slot = good;
    for (const int imm : {1, -1, 0x10000, -2147483647 - 1, 2147483647}) {
      slot.imm = imm;
      if (has(fields, 'T'))
        expect(slot, imm == 1 || imm == -1 ? "ok" : "E0124", "target");
      else if (!has(fields, 'x') || has(fields, 'i'))
        expect(slot, has(fields, 'i') ? "ok" : "E0121", "immediate");
    }
  }
}

TEST(Opcodes, SwapWidths) {
  for (const std::uint8_t opcode : {0xd4, 0xdc, 0xd7}) {
    for (int imm = -1; imm <= 128; ++imm) {
      EXPECT_EQ(verdict({.opcode = opcode, .dst = 1, .imm = imm}), imm == 16 || imm == 32 || imm == 64 ? "ok" : "E0121");
    }
  }
}

TEST(Opcodes, SignedDivisionIsOffsetOne) {
  for (const std::uint8_t opcode : {0x34, 0x37, 0x3c, 0x3f, 0x94, 0x97, 0x9c, 0x9f}) {
    for (int off = -2; off <= 33; ++off) {
      EXPECT_EQ(verdict({.opcode = opcode, .dst = 1, .off = static_cast<std::int16_t>(off)}), off == 0 || off == 1 ? "ok" : "E0121");
    }
  }
  const auto decoded = decode(code_of({{.opcode = 0x3f, .dst = 1, .src = 2, .off = 1}}));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->front().insn, Insn(Alu{AluOp::sdiv, true, Reg::r1, Reg::r2}));
}

TEST(Opcodes, MovesThatExtendAndCast) {
  for (int off = -1; off <= 64; ++off) {
    const Slot narrow{.opcode = 0xbc, .dst = 1, .src = 2, .off = static_cast<std::int16_t>(off)};
    Slot wide = narrow;
    wide.opcode = 0xbf;
    EXPECT_EQ(verdict(narrow), off == 0 || off == 8 || off == 16 ? "ok" : "E0121") << off;
    EXPECT_EQ(verdict(wide), off == 0 || off == 8 || off == 16 || off == 32 ? "ok" : "E0121") << off;
    wide.imm = 1;
    EXPECT_EQ(verdict(wide), off == 1 ? "ok" : "E0121") << off;
  }
  for (const int imm : {0, 1, 2, 0x10000, 0x10001, 0x20000, -1}) {
    const Slot cast{.opcode = 0xbf, .dst = 1, .src = 2, .off = 1, .imm = imm};
    EXPECT_EQ(verdict(cast), imm == 1 || imm == 0x10000 ? "ok" : "E0121") << imm;
  }
  const auto decoded = decode(code_of({{.opcode = 0xbf, .dst = 1, .src = 2, .off = 1, .imm = 1}}));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->front().insn, Insn(AddrSpaceCast{Reg::r1, Reg::r2, 1, 0}));
}

TEST(Opcodes, AtomicOperations) {
  for (const std::uint8_t opcode : {0xc3, 0xdb, 0xcb, 0xd3}) {
    const bool is_wide = opcode == 0xc3 || opcode == 0xdb;
    for (int imm = -1; imm <= 0x120; ++imm) {
      const bool is_old = imm == 0 || imm == 1 || imm == 0x40 || imm == 0x41 || imm == 0x50 || imm == 0x51 || imm == 0xa0 || imm == 0xa1 ||
                          imm == 0xe1 || imm == 0xf1;
      const bool is_new = imm == 0x100 || imm == 0x110;
      EXPECT_EQ(verdict({.opcode = opcode, .dst = 1, .src = 2, .imm = imm}), is_new || (is_old && is_wide) ? "ok" : "E0121") << imm;
    }
    EXPECT_EQ(verdict({.opcode = opcode, .dst = 10, .src = 2, .imm = 0x100}), "E0126") << "load-acquire into r10";
    EXPECT_EQ(verdict({.opcode = opcode, .dst = 10, .src = 2, .imm = 0x110}), "ok") << "store-release to the stack";
  }
  EXPECT_EQ(verdict({.opcode = 0xdb, .dst = 10, .src = 10, .imm = 0x01}), "E0126") << "fetch into r10";
  EXPECT_EQ(verdict({.opcode = 0xdb, .dst = 10, .src = 10, .imm = 0xe1}), "E0126") << "xchg into r10";
  EXPECT_EQ(verdict({.opcode = 0xdb, .dst = 10, .src = 10, .imm = 0x00}), "ok") << "plain add of r10";
}

TEST(Opcodes, ImmediateLoads) {
  for (std::uint8_t kind = 0; kind < 16; ++kind) {
    EXPECT_EQ(verdict({.opcode = 0x18, .dst = 1, .src = kind, .imm = 5}), kind <= 6 && kind != 3 ? "ok" : "E0121") << unsigned{kind};
    const bool has_second = kind == 0 || kind == 2 || kind == 6;
    const auto decoded = decode(code_of({{.opcode = 0x18, .dst = 1, .src = kind}, {.imm = 1}}));
    EXPECT_EQ(decoded.has_value(), has_second) << unsigned{kind};
  }
  const auto with = [](const Slot& second) { return decode(code_of({{.opcode = 0x18, .dst = 1}, second})).has_value(); };
  EXPECT_TRUE(with({.imm = -1}));
  EXPECT_FALSE(with({.opcode = 0x95}));
  EXPECT_FALSE(with({.dst = 1}));
  EXPECT_FALSE(with({.src = 1}));
  EXPECT_FALSE(with({.off = 1}));
  EXPECT_EQ(decode(code_of({{.opcode = 0x18, .dst = 1}})).error().front().code, "E0122");
  const auto decoded = decode(code_of({{.opcode = 0x18, .dst = 1, .imm = -2}, {.imm = 7}, kExit}));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->at(0).insn, Insn(LoadImm{Reg::r1, LoadImm::Kind::plain, 0x7fffffffe}));
  EXPECT_EQ(decoded->at(0).slots, 2);
  EXPECT_EQ(decoded->at(1).slot, 2u);
}

TEST(Opcodes, CallKinds) {
  for (std::uint8_t kind = 0; kind < 16; ++kind) {
    EXPECT_EQ(verdict({.opcode = 0x85, .src = kind, .imm = 1}), kind <= 2 ? "ok" : "E0121") << unsigned{kind};
  }
  EXPECT_EQ(verdict({.opcode = 0x85, .src = 1, .imm = -3}), "E0124");
  EXPECT_EQ(verdict({.opcode = 0x85, .src = 1, .imm = 2}), "E0124");
  EXPECT_EQ(verdict({.opcode = 0x85, .src = 0, .imm = 1 << 30}), "ok");
}

TEST(Decode, CodeMustBeWholeSlots) {
  const auto code = code_of({kExit, kExit});
  for (std::size_t bytes = 0; bytes <= code.size(); ++bytes) {
    EXPECT_EQ(decode(std::span(code).first(bytes)).has_value(), bytes % 8 == 0) << bytes;
  }
}

TEST(Decode, SaysWhere) {
  const auto decoded = decode(code_of({kExit, kExit, {.opcode = 0xff}}));
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().size(), 1u);
  EXPECT_EQ(decoded.error().front().instruction, 2u);
}

/// Whatever is accepted encodes to the same bytes, except that encode() prefers the short jump and one number per kind of immediate load.
TEST(RoundTrip, RandomFieldsOfEveryOpcode) {
  std::mt19937 random(1);
  unsigned accepted = 0;
  for (const auto& [opcode, fields] : legal_opcodes()) {
    for (int round = 0; round < 400; ++round) {
      Slot slot = sample(opcode, fields);
      if (has(fields, 'd') || has(fields, 'D')) slot.dst = static_cast<std::uint8_t>(random() % 11);
      if (has(fields, 's')) slot.src = static_cast<std::uint8_t>(random() % 11);
      if (has(fields, 'o')) slot.off = static_cast<std::int16_t>(random());
      if (has(fields, 'i')) slot.imm = static_cast<std::int32_t>(random());
      if (has(fields, 't')) slot.off = static_cast<std::int16_t>(static_cast<int>(random() % 4) - 2);
      if (has(fields, 'T')) slot.imm = static_cast<int>(random() % 4) - 2;
      if (has(fields, 'x') && round % 2 == 0) slot.off = static_cast<std::int16_t>(random() % 34);
      if (has(fields, 'x') && round % 3 == 0) slot.imm = static_cast<std::int32_t>(random() % 0x120);
      const bool is_wide = opcode == 0x18;
      const auto code = is_wide ? code_of({kExit, slot, {.imm = static_cast<std::int32_t>(random())}, kExit}) : code_of({kExit, slot, kExit, kExit});
      const auto decoded = decode(code);
      if (!decoded) continue;
      ++accepted;
      const auto again = encode(decoded->at(1).insn, 1);
      const auto original = std::span(code).subspan(8, is_wide ? 16 : 8);
      if (opcode == 0x06) {
        EXPECT_EQ(decode(code_of({kExit, {.opcode = 0x05, .off = static_cast<std::int16_t>(slot.imm)}, kExit, kExit}))->at(1).insn,
                  decoded->at(1).insn);
      } else {
        EXPECT_TRUE(std::equal(original.begin(), original.end(), again.begin(), again.end())) << disassemble(decoded->at(1).insn);
      }
    }
  }
  EXPECT_GT(accepted, 20'000u);
}

TEST(RoundTrip, LongJumps) {
  const Insn far = Jump{100'000};
  const auto bytes = encode(far, 2);
  EXPECT_EQ(bytes[0], std::byte{0x06});
  EXPECT_EQ(encode(Jump{7}, 2)[0], std::byte{0x05});
}

TEST(RegisterUse, ReadsAndWrites) {
  struct Case {
    Insn insn;
    unsigned reads, writes;
  };
  const Case cases[] = {
      {Alu{AluOp::add, true, Reg::r1, Reg::r2}, 0b110, 0b010},
      {Alu{AluOp::mov, true, Reg::r1, Reg::r2}, 0b100, 0b010},
      {Alu{AluOp::mov, false, Reg::r1, Imm{5}}, 0, 0b010},
      {Neg{true, Reg::r3}, 0b1000, 0b1000},
      {MoveSx{8, true, Reg::r3, Reg::r4}, 0b10000, 0b1000},
      {ByteSwap{ByteSwap::Kind::swap, 16, Reg::r0}, 1, 1},
      {AddrSpaceCast{Reg::r1, Reg::r2, 0, 1}, 0b100, 0b010},
      {LoadImm{Reg::r9, LoadImm::Kind::plain, 1}, 0, 1u << 9},
      {Load{Width::w4, false, Reg::r0, Reg::r10, -8}, 1u << 10, 1},
      {Store{Width::w4, Reg::r10, -8, Reg::r1}, 1u << 10 | 0b10, 0},
      {Store{Width::w4, Reg::r10, -8, Imm{1}}, 1u << 10, 0},
      {Atomic{AtomicOp::add, false, Width::w8, Reg::r1, Reg::r2, 0}, 0b110, 0},
      {Atomic{AtomicOp::add, true, Width::w8, Reg::r1, Reg::r2, 0}, 0b110, 0b100},
      {Atomic{AtomicOp::xchg, true, Width::w8, Reg::r1, Reg::r2, 0}, 0b110, 0b100},
      {Atomic{AtomicOp::cmpxchg, true, Width::w8, Reg::r1, Reg::r2, 0}, 0b111, 0b001},
      {LoadAcquire{Width::w1, Reg::r1, Reg::r2, 0}, 0b100, 0b010},
      {StoreRelease{Width::w1, Reg::r1, Reg::r2, 0}, 0b110, 0},
      {Jump{0}, 0, 0},
      {Branch{CmpOp::eq, true, Reg::r1, Reg::r2, 0}, 0b110, 0},
      {MayGoto{0}, 0, 0},
      {Call{Call::Kind::host, 1}, 0b111110, 0b111111},
      {Call{Call::Kind::indirect, 7}, 0b111110 | 1u << 7, 0b111111},
      {Exit{}, 1, 0},
  };
  for (const Case& c : cases) {
    const RegisterUse use = register_use(c.insn);
    EXPECT_EQ(use.reads, c.reads) << disassemble(c.insn);
    EXPECT_EQ(use.writes, c.writes) << disassemble(c.insn);
  }
}

}  // namespace
}  // namespace tenon::isa
