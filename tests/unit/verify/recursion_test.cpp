// SPDX-License-Identifier: Apache-2.0
// What a recursive function promises its callers while it is still being analysed must hold in the end.
#include <gtest/gtest.h>

#include "support/assembler.hpp"
#include "support/sandbox.hpp"

namespace tenon::test {
namespace {

bool accepted(const std::string& text) { return Sandbox().try_guard(assemble_program(text)).has_value(); }

TEST(Recursion, MustSetItsResultOnEveryPath) {
  const std::string begin = "call down; r0 = 0; exit; fn down(1):; r1 &= 15; if r1 == 0 goto base; r1 += -1; call down; ";
  EXPECT_TRUE(accepted(begin + "r0 += 1; exit; base:; r0 = 0; exit"));
  EXPECT_FALSE(accepted(begin + "r0 += 1; exit; base:; exit"));  // r0 is read after a call that may set none
  EXPECT_TRUE(accepted(begin + "r0 = 1; exit; base:; exit"));    // nobody reads it
}

TEST(Recursion, MustSetItsResultThroughAnotherFunction) {
  const std::string begin = "call a; r0 = 0; exit; fn a(1):; r1 &= 15; if r1 == 0 goto base; r1 += -1; call b; r0 = 1; exit; base:; ";
  const std::string end = " fn b(1):; call a; r0 += 1; exit";
  EXPECT_TRUE(accepted(begin + "r0 = 0; exit;" + end));
  EXPECT_FALSE(accepted(begin + "exit;" + end));
}

}  // namespace
}  // namespace tenon::test
