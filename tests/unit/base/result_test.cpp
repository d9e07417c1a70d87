// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <tenon/result.hpp>

namespace tenon {
namespace {

TEST(ToText, HasPlaceCauseInstructionPathAndHelp) {
  Diagnostic d;
  d.code = "E0204";
  d.message = "r0 may be null here";
  d.instruction = 27;
  d.instruction_text = "r0 = *(u64 *)(r0 + 0)";
  d.where = {"list.bpf.c", 41, 9, {}};
  d.notes.push_back({{"list.bpf.c", 40, 0, {}}, 24, "r0 returned by map_lookup"});
  d.help = "test the result before using it";
  EXPECT_EQ(to_text({d}),
            "list.bpf.c:41:9: error[E0204]: r0 may be null here            insn 27: r0 = *(u64 *)(r0 + 0)\n"
            "  list.bpf.c:40: note: r0 returned by map_lookup (insn 24)\n"
            "  help: test the result before using it\n");
}

TEST(ToText, LeavesOutWhatIsUnknown) {
  const auto refused = refuse("E0101", "no ELF file");
  EXPECT_EQ(to_text(refused.error()), "error[E0101]: no ELF file\n");
}

}  // namespace
}  // namespace tenon
