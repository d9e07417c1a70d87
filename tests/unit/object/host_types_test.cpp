// SPDX-License-Identifier: Apache-2.0
// A kernel's BTF as the types that the verifier asks: which bytes are numbers, which are addresses, and which are parts of one.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "object/host_types.hpp"
#include "unit/object/compile.hpp"

namespace tenon::object {
namespace {

constexpr const char* kKernel = R"(
struct leaf { long number; };
struct task {
  int pid; char name[12]; struct task *parent; void *nothing; int *count; struct { struct leaf *inside; unsigned a : 3, b : 13; }; struct leaf row[3];
  struct leaf *leaves[2]; union { struct task *either; long or; }; union { int low; void (*call)(void); }; const struct leaf *volatile qualified;
};
typedef void (*trace_switch)(void *own, int flag, struct task *from, const struct leaf *to, char *text);
extern long opened(struct task *by, unsigned long flags, struct unknown *what);
trace_switch keep_switch; struct task keep_task;
SEC("raw") long closed(struct task *by, int why) { return by->pid + why; }
SEC("raw/a") void silent(struct leaf *l) { l->number = 1; }
)";

class HostTypesTest : public testing::Test {
 protected:
  HostTypesTest() : path_(std::filesystem::temp_directory_path() / ("tenon-host-types-" + std::to_string(::getpid()) + ".o")) {
    const auto bytes = test::compile(kKernel, "-mcpu=v4 -O2 -g -Wno-everything");
    std::ofstream(path_, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    types_ = host_types_of(std::make_shared<const Kernel>(KernelFiles{.btf = path_, .version = {}, .config = {}}));
  }
  ~HostTypesTest() override { std::filesystem::remove(path_); }

  std::string text(const std::optional<ir::HostTypes::Slot>& slot) const {
    return !slot ? "nothing" : slot->is_pointer ? types_->name(slot->structure) : "number";
  }
  std::string text(const std::optional<std::vector<ir::HostTypes::Slot>>& slots) const {
    if (!slots) return "no function";
    std::string all;
    for (const auto& slot : *slots) all += (all.empty() ? "" : " ") + text(slot);
    return all;
  }

  std::filesystem::path path_;
  std::shared_ptr<const ir::HostTypes> types_;
};

TEST_F(HostTypesTest, WhatEachByteOfAStructureIs) {
  const auto task = types_->structure("task");
  ASSERT_TRUE(task);
  EXPECT_FALSE(types_->structure("unknown"));
  EXPECT_FALSE(types_->structure("trace_switch"));
  struct Row {
    std::uint64_t offset;
    unsigned bytes;
    const char* is;
  };
  for (const Row& row : std::initializer_list<Row>{{0, 4, "number"},
                                                   {0, 1, "number"},
                                                   {2, 4, "number"},
                                                   {4, 8, "number"},  // pid, name, and what lies over both
                                                   {16, 8, "task"},
                                                   {16, 4, "nothing"},
                                                   {20, 4, "nothing"},
                                                   {12, 8, "nothing"},
                                                   {17, 1, "nothing"},  // parent, and parts of it
                                                   {24, 8, "number"},
                                                   {24, 4, "nothing"},
                                                   {32, 8, "number"},  // addresses of what is no structure
                                                   {40, 8, "leaf"},
                                                   {48, 4, "number"},
                                                   {48, 2, "number"},
                                                   {44, 8, "nothing"},  // an unnamed structure, bit fields
                                                   {56, 8, "number"},
                                                   {72, 8, "number"},
                                                   {60, 8, "number"},  // a row of structures
                                                   {80, 8, "leaf"},
                                                   {88, 8, "leaf"},
                                                   {84, 8, "nothing"},  // a row of addresses
                                                   {96, 8, "task"},
                                                   {104, 4, "number"},
                                                   {112, 8, "leaf"},  // unions, qualifiers
                                                   {120, 1, "nothing"},
                                                   {119, 2, "nothing"},
                                                   {std::uint64_t{1} << 63, 8, "nothing"},
                                                   {~std::uint64_t{0}, 1, "nothing"}}) {
    EXPECT_EQ(text(types_->field(*task, row.offset, row.bytes)), row.is) << row.offset << "+" << row.bytes;
  }
  EXPECT_EQ(text(types_->field(0, 0, 1)), "nothing");
  EXPECT_EQ(text(types_->field(1u << 30, 0, 1)), "nothing");
}

TEST_F(HostTypesTest, WhatAFunctionIsCalledWith) {
  EXPECT_EQ(text(types_->arguments("trace_switch", false)), "number task leaf number");  // its own first argument is left out
  EXPECT_EQ(text(types_->arguments("closed", false)), "task number");
  EXPECT_EQ(text(types_->arguments("closed", true)), "task number number");
  EXPECT_EQ(text(types_->arguments("silent", true)), "leaf");
  EXPECT_EQ(text(types_->arguments("task", false)), "no function");
  EXPECT_EQ(text(types_->arguments("", false)), "no function");
}

TEST(HostTypes, AHostWithoutTypesKnowsNothing) {
  EXPECT_EQ(host_types_of(nullptr), nullptr);
  const auto types = host_types_of(std::make_shared<const Kernel>(KernelFiles{.btf = "/nonexistent", .version = {}, .config = {}}));
  EXPECT_FALSE(types->structure("task"));
  EXPECT_FALSE(types->field(1, 0, 1));
  EXPECT_FALSE(types->arguments("f", true));
  EXPECT_EQ(types->name(1), "");
}

}  // namespace
}  // namespace tenon::object
