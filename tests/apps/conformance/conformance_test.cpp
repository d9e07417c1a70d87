// SPDX-License-Identifier: Apache-2.0
// `tenon conformance`: every instruction of the hand-made table as bare bytes, through decoder, verifier, guards and both back ends; then the
// protocol of the command itself. Programs get their memory in r1 and its length in r2.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "engine/conformance.hpp"
#include "support/assembler.hpp"
#include "support/instruction_cases.hpp"

namespace tenon::test {
namespace {

std::vector<std::byte> bytes_of(std::string_view assembly) { return encode(assemble(assembly)); }

std::vector<std::byte> memory_of(const InstructionCase& one) {
  std::vector<std::byte> memory(16);
  std::memcpy(memory.data(), &one.a, 8);
  std::memcpy(memory.data() + 8, &one.b, 8);
  return memory;
}

void expect_r0(std::string_view program, const std::vector<std::byte>& memory, std::uint64_t expected) {
  for (const Backend backend : {Backend::interpreter, Backend::native}) {
    SCOPED_TRACE(fmt::format("{}: {}", backend == Backend::native ? "native" : "interpreter", program));
    LoadOptions options;
    options.heap_bytes = 1 << 20;
    options.backend = backend;
    const auto outcome = engine::run_conformance(bytes_of(program), memory, options);
    ASSERT_TRUE(outcome) << to_text(outcome.error());
    EXPECT_NE(outcome->kind, Outcome::Kind::cancelled);  // helper 5 ends a program by a throw
    EXPECT_EQ(outcome->value, expected) << fmt::format("{:#x} instead of {:#x}", outcome->value, expected);
  }
}

const std::string kLoadArguments = "r2 = *(u64 *)(r1 + 8); r1 = *(u64 *)(r1 + 0); ";

TEST(Table, Arithmetic) {
  for (const InstructionCase& one : arithmetic_cases()) expect_r0(kLoadArguments + arithmetic_program(one), memory_of(one), one.expected);
}

TEST(Table, Branches) {
  for (const InstructionCase& one : branch_cases()) expect_r0(kLoadArguments + branch_program(one), memory_of(one), one.expected);
}

TEST(Table, Memory) {
  for (const InstructionCase& one : memory_cases()) expect_r0(std::string(one.text) + "; exit", memory_of(one), one.expected);
}

struct WholeProgram {
  const char* text;
  std::vector<std::uint8_t> memory;
  std::uint64_t expected;
};

TEST(Programs, RunAsExpected) {
  const WholeProgram programs[] = {
      {"r0 = r2; exit", {}, 0},
      {"r0 = r1; exit", {}, 0},
      {"r0 = r2; exit", {1, 2, 3}, 3},
      // sum of all bytes, the length unknown to the verifier
      {"r0 = 0; r2 += r1; next:; if r1 == r2 goto out; r3 = *(u8 *)(r1 + 0); r0 += r3; r1 += 1; goto next; out:; exit", {1, 2, 3, 250}, 256},
      // the first 100 primes' last one, by trial division
      {"r6 = 100; r0 = 1; next:; r0 += 1; r1 = 2; try:; if r1 == r0 goto prime; r2 = r0; r2 %= r1; if r2 == 0 goto next; r1 += 1; goto try; prime:; "
       "r6 += -1; "
       "if r6 != 0 goto next; exit",
       {},
       541},
      // memory written and read back through a computed address
      {"r3 = 3; r1 += r3; *(u32 *)(r1 + 1) = 287454020; r0 = *(u16 *)(r1 + 2); exit", std::vector<std::uint8_t>(16), 0x2233},
      // the stack, up to its usual 512 bytes
      {"r0 = 7; *(u64 *)(r10 - 512) = r0; *(u64 *)(r10 - 8) = 8; r1 = *(u64 *)(r10 - 512); r0 = *(u64 *)(r10 - 8); r0 *= r1; exit", {}, 56},
      // local calls keep r6 to r9 and the caller's frame
      {"r6 = 5; *(u64 *)(r10 - 8) = r6; r1 = 4; call f; r1 = *(u64 *)(r10 - 8); r0 += r1; r0 += r6; exit; fn f(1):; r6 = 99; *(u64 *)(r10 - 8) = r6; "
       "r0 = r1; "
       "exit",
       {},
       14},
      // helper 5 ends the program with 0 when its argument is 0
      {"r1 = 0; call 5; r0 = 99; exit", {}, 0},
      {"r1 = 3; call 5; r0 += 1; exit", {}, 4},
  };
  for (const WholeProgram& one : programs) {
    std::vector<std::byte> memory(one.memory.size());
    if (!memory.empty()) std::memcpy(memory.data(), one.memory.data(), memory.size());
    expect_r0(one.text, memory, one.expected);
  }
}

// --- the command -------------------------------------------------------------------------------------------------------------------------------

struct Ran {
  int exit_code = -1;
  std::string out;
};

Ran run_command(const std::string& arguments, const std::string& input) {
  const std::string path = fmt::format("{}conformance_{}.hex", testing::TempDir(), ::getpid());
  std::ofstream(path) << input;
  FILE* pipe = ::popen(fmt::format("{} conformance {} < {} 2>/dev/null", TENON_CLI, arguments, path).c_str(), "r");
  Ran ran;
  std::array<char, 256> buffer;
  while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) ran.out += buffer.data();
  ran.exit_code = WEXITSTATUS(::pclose(pipe));
  std::remove(path.c_str());
  return ran;
}

std::string hex_of(std::string_view assembly) {
  std::string text;
  for (const std::byte byte : bytes_of(assembly)) text += fmt::format("{:02x} ", static_cast<unsigned>(byte));
  return text + "\n";
}

TEST(Command, PrintsR0AsPlainHex) {
  for (const char* backend : {"", "--interp", "--native"}) {
    const Ran ran = run_command(backend, hex_of("r0 = -1; exit"));
    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_EQ(ran.out, "ffffffffffffffff\n");
  }
}

TEST(Command, TakesItsMemoryAsTheFirstArgument) {
  const Ran ran = run_command("'aa bb 01 ' --interp", hex_of("r0 = *(u16 *)(r1 + 0); r0 += r2; exit"));
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out, "bbad\n");
}

TEST(Command, SaysNothingOnStandardOutputWhenItFails) {
  for (const auto& [arguments, input] : std::map<std::string, std::string>{
           {"", "zz"},                                                              // no hexadecimal
           {"--interp", "95 00 00"},                                                // no whole instruction
           {"'0' --interp", hex_of("r0 = 0; exit")},                                // odd digits
           {"--interp ", "ff 00 00 00 00 00 00 00 95 00 00 00 00 00 00 00"},        // no instruction
           {"--interp  ", hex_of("exit")},                                          // r0 has no value
           {"--native", hex_of("r0 = *(u64 *)(r1 + 0); exit")},                     // touches memory it was not given
           {"--interp --quantum 1ms", hex_of("r0 = 0; again:; goto again; exit")},  // does not end
       }) {
    const Ran ran = run_command(arguments, input);
    EXPECT_NE(ran.exit_code, 0) << arguments << " " << input;
    EXPECT_LT(ran.exit_code, 4) << arguments << " " << input;
    EXPECT_EQ(ran.out, "") << input;
  }
}

}  // namespace
}  // namespace tenon::test
