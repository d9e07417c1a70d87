// SPDX-License-Identifier: Apache-2.0
// Our text against llvm-objdump-19's, for every instruction that LLVM 19 knows and for what clang-19 makes of C at each -mcpu.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>

#include "isa/decode.hpp"
#include "isa/opcode_table.hpp"

namespace tenon::isa {
namespace {

std::string run(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen(command.c_str(), "r");
  char buffer[4096];
  for (std::size_t got; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, got);
  return ::pclose(pipe) == 0 ? out : std::string();
}

/// slot -> {bytes, text}
struct Line {
  std::vector<std::byte> bytes;
  std::string text;
};
std::vector<std::pair<std::uint32_t, Line>> objdump(const std::string& object) {
  std::vector<std::pair<std::uint32_t, Line>> lines;
  const std::string text = run("llvm-objdump-19 -d --mcpu=v4 --no-print-imm-hex " + object);
  static const std::regex row(R"(^\s+(\d+):\t([0-9a-f ]+)\t(.*)$)");
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, row)) continue;
    Line parsed{{}, match[3]};
    std::istringstream hex(match[2]);
    for (std::string byte; hex >> byte;) parsed.bytes.push_back(static_cast<std::byte>(std::stoi(byte, nullptr, 16)));
    lines.emplace_back(std::stoul(match[1]), parsed);
  }
  return lines;
}

/// objdump prints distances and symbols, we print absolute slots.
std::string absolute(std::string text, std::uint32_t slot) {
  static const std::regex jump(R"((goto|gotol|may_goto) ([+-]\d+)( <.*>)?$)");
  std::smatch match;
  if (std::regex_search(text, match, jump)) {
    const std::string verb = match[1] == "gotol" ? "goto" : match[1].str();
    return fmt::format("{}{} {}", match.prefix().str(), verb, std::int64_t{slot} + 1 + std::stol(match[2]));
  }
  return text;
}

class Objdump : public testing::Test {
 protected:
  void SetUp() override {
    if (run("llvm-objdump-19 --version").empty()) GTEST_SKIP() << "llvm-objdump-19 is not installed";
    folder_ = std::filesystem::temp_directory_path() / fmt::format("tenon-objdump-{}", ::getpid());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string compile(const std::string& source, const std::string& suffix, const std::string& options) {
    const std::string in = folder_ / ("in" + suffix), out = folder_ / "out.o";
    std::ofstream(in) << source;
    EXPECT_EQ(std::system(fmt::format("{} -target bpf {} -c {} -o {}", TENON_CLANG, options, in, out).c_str()), 0);
    return out;
  }

  std::filesystem::path folder_;
};

std::vector<Insn> one_of_each() {
  std::vector<Insn> insns;
  const Operand operands[] = {Reg::r7, Imm{-4}};
  for (const bool is64 : {false, true}) {
    for (const AluRow& row : kAluRows) {
      for (const Operand& operand : operands) insns.emplace_back(Alu{row.op, is64, Reg::r3, operand});
    }
    for (const CmpRow& row : kCmpRows) {
      for (const Operand& operand : operands) insns.emplace_back(Branch{row.op, is64, Reg::r8, operand, 0});
    }
    insns.emplace_back(Neg{is64, Reg::r6});
    insns.emplace_back(MoveSx{8, is64, Reg::r1, Reg::r2});
    insns.emplace_back(MoveSx{16, is64, Reg::r1, Reg::r2});
  }
  insns.emplace_back(MoveSx{32, true, Reg::r1, Reg::r2});
  insns.emplace_back(AddrSpaceCast{Reg::r1, Reg::r2, 0, 1});
  insns.emplace_back(AddrSpaceCast{Reg::r1, Reg::r2, 1, 0});
  for (const auto kind : {ByteSwap::Kind::to_le, ByteSwap::Kind::to_be, ByteSwap::Kind::swap}) {
    for (const std::uint8_t bits : {16, 32, 64}) insns.emplace_back(ByteSwap{kind, bits, Reg::r4});
  }
  for (const Width width : {Width::w1, Width::w2, Width::w4, Width::w8}) {
    insns.emplace_back(Load{width, false, Reg::r0, Reg::r9, 12});
    if (width != Width::w8) insns.emplace_back(Load{width, true, Reg::r0, Reg::r9, -12});
    for (const Operand& operand : operands) insns.emplace_back(Store{width, Reg::r10, -16, operand});
    if (bytes(width) < 4) continue;
    for (const AtomicRow& row : kAtomicRows) insns.emplace_back(Atomic{row.op, row.fetch, width, Reg::r1, Reg::r5, 8});
  }
  insns.emplace_back(LoadImm{Reg::r1, LoadImm::Kind::plain, 0x1122334455667788});
  insns.emplace_back(LoadImm{Reg::r1, LoadImm::Kind::plain, ~0ull - 6});
  insns.emplace_back(Jump{0});
  insns.emplace_back(MayGoto{0});
  insns.emplace_back(Call{Call::Kind::host, 17});
  insns.emplace_back(Call{Call::Kind::indirect, 3});
  insns.emplace_back(Exit{});
  return insns;
}

TEST_F(Objdump, AgreesOnOneOfEachInstruction) {
  std::string source = ".text\n";
  std::map<std::uint32_t, std::string> expected;
  std::uint32_t slot = 0;
  for (const Insn& insn : one_of_each()) {
    expected[slot] = disassemble(insn);
    const auto bytes = encode(insn, slot);
    for (const std::byte byte : bytes) source += fmt::format(".byte {}\n", static_cast<unsigned>(byte));
    slot += static_cast<std::uint32_t>(bytes.size() / 8);
  }
  const auto lines = objdump(compile(source, ".s", "-mcpu=v4"));
  ASSERT_EQ(lines.size(), expected.size());
  for (const auto& [at, line] : lines) EXPECT_EQ(absolute(line.text, at), expected[at]);
}

constexpr const char* kSource = R"(
typedef unsigned long long u64; typedef unsigned u32; typedef int s32; typedef unsigned short u16; typedef unsigned char u8;
__attribute__((section("raw"))) u64 mix(u64 *a, u32 *b, u64 n) {
  u64 sum = 0;
  for (u64 i = 0; i < n; i++) {
    sum += a[i] * b[i] ^ (a[i] >> 3) | (u64)((s32)b[i] >> 2);
    if ((s32)b[i] > -7) sum -= a[i] / (b[i] | 1); else sum = __builtin_bswap32(sum) % 77;
    ((u16 *)b)[i] = __builtin_bswap16(sum); ((u8 *)a)[i] = -sum; a[i + 2] = (s32)sum;
  }
  __sync_fetch_and_add(a, n);
  return sum + ((signed char *)b)[5];
})";

TEST_F(Objdump, AgreesOnWhatClangMakes) {
  for (const char* cpu : {"v1", "v2", "v3", "v4"}) {
    const auto lines = objdump(compile(kSource, ".c", fmt::format("-O2 -g -fno-builtin -mcpu={}", cpu)));
    ASSERT_GT(lines.size(), 30u);
    std::vector<std::byte> code;
    std::map<std::uint32_t, std::string> expected;
    for (const auto& [slot, line] : lines) {
      expected[slot] = absolute(line.text, slot);
      code.insert(code.end(), line.bytes.begin(), line.bytes.end());
    }
    const auto decoded = decode(code);
    ASSERT_TRUE(decoded) << to_text(decoded.error());
    ASSERT_EQ(decoded->size(), lines.size());
    for (const Decoded& d : *decoded) EXPECT_EQ(disassemble(d.insn), expected[d.slot]) << cpu;
  }
}

TEST(Disassemble, WhatLlvm19DoesNotKnow) {
  EXPECT_EQ(disassemble(LoadAcquire{Width::w1, Reg::r1, Reg::r2, 4}), "w1 = load_acquire((u8 *)(r2 + 4))");
  EXPECT_EQ(disassemble(LoadAcquire{Width::w8, Reg::r1, Reg::r2, -4}), "r1 = load_acquire((u64 *)(r2 - 4))");
  EXPECT_EQ(disassemble(StoreRelease{Width::w4, Reg::r2, Reg::r3, -32768}), "store_release((u32 *)(r2 - 32768), w3)");
  EXPECT_EQ(disassemble(Call{Call::Kind::local, 7}), "call local 7");
  EXPECT_EQ(disassemble(Call{Call::Kind::kfunc, 7}), "call kfunc 7");
  EXPECT_EQ(disassemble(LoadImm{Reg::r1, LoadImm::Kind::global, 16}), "r1 = globals + 16 ll");
  EXPECT_EQ(disassemble(LoadImm{Reg::r1, LoadImm::Kind::function, 2}), "r1 = function 2 ll");
  EXPECT_EQ(disassemble(LoadImm{Reg::r1, LoadImm::Kind::map, 0}), "r1 = map 0 ll");
}

TEST(OperatorNames, AreTheAssembler) {
  EXPECT_EQ(to_string(AluOp::smod), "smod");
  EXPECT_EQ(to_string(CmpOp::sle), "jsle");
  EXPECT_EQ(to_string(AtomicOp::cmpxchg), "cmpxchg");
  EXPECT_EQ(symbol(AluOp::arsh), "s>>=");
  EXPECT_EQ(symbol(CmpOp::ult), "<");
}

}  // namespace
}  // namespace tenon::isa
