// SPDX-License-Identifier: Apache-2.0
// What no short program reaches: the verifier ends with a code of its own, it never just runs on.
#include <gtest/gtest.h>

#include "unit/verify/prove_text.hpp"

namespace tenon::test {
namespace {

TEST(Limits, Steps) {
  const auto declarations = std::make_shared<const interface::Declarations>(*interface::parse(kTestInterface, "test.tni"));
  const auto prove = [&](std::uint64_t max_steps) {
    auto program = assemble_program("r0 = 0; r0 += 1; r0 += 2; r0 += 3; exit", {.hook = "number"});
    verify::VerifyOptions options;
    options.max_steps = max_steps;
    const auto proof = verify::prove(std::move(program), declarations, options);
    return proof ? "accepted" : proof.error().front().code;
  };
  EXPECT_EQ(prove(1000), "accepted");
  EXPECT_EQ(prove(3), "E0401");
}

std::string calls(int functions) {
  std::string text = "r0 = 0; ", bodies;
  for (int f = 0; f < functions; ++f) {
    text += "call f" + std::to_string(f) + "; ";
    bodies += "; fn f" + std::to_string(f) + "(0):; r0 = 0; exit";
  }
  return text + "exit" + bodies;
}

TEST(Limits, Functions) {
  EXPECT_EQ(verdict(calls(511), "number"), "accepted");  // and the one that calls them
  EXPECT_EQ(verdict(calls(512), "number"), "E0411");
}

}  // namespace
}  // namespace tenon::test
