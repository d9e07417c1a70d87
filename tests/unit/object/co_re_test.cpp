// SPDX-License-Identifier: Apache-2.0
// CO-RE: clang writes the relocations, another compilation is the kernel.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/ranges.h>

#include <cstring>

#include "object/co_re.hpp"
#include "unit/object/compile.hpp"

namespace tenon::object {
namespace {

using testing::HasSubstr;

constexpr const char* kOptions = "-mcpu=v4 -O2 -g -fno-builtin -Wno-everything";

/// A kernel whose types are those of `source`; `use` names variables so that clang keeps them.
std::vector<std::byte> kernel_object(const std::string& source) { return test::compile(source, kOptions); }

class KernelFile {
 public:
  explicit KernelFile(const std::string& source) : path_(std::filesystem::temp_directory_path() / fmt::format("tenon-kernel-{}.o", ::getpid())) {
    const auto bytes = kernel_object(source);
    std::ofstream(path_, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  ~KernelFile() { std::filesystem::remove(path_); }
  std::shared_ptr<const Kernel> kernel() const { return std::make_shared<const Kernel>(KernelFiles{.btf = path_, .version = {}, .config = {}}); }

 private:
  std::filesystem::path path_;
};

constexpr const char* kKernel = R"(
typedef unsigned short u16; typedef long s64;
enum color { RED = 5, GREEN = -7, BLUE = 70000 };
enum wide { WIDE = 0x123456789ull };
struct inner { s64 b; int a; };
struct other_inner { int z; };
typedef struct { int lead; int counter; } atomic;
struct bits { u32 skipped; u32 a : 3; u32 b : 5; int c : 7; u64 far : 40; };
struct task {
  char pad[100]; int pid; struct inner in; struct inner arr[4]; u16 narrow; s32 changed_sign; void *pointer; enum color paint;
  struct other_inner moved; u64 widened; u32 *ints; int became_array[3]; s32 signed_wider_not; long signed_wider; struct bits flags;
  union { struct { int x; int deep; }; s64 y; }; int flexible[];
};
struct twice___one { int same; int differs; };
struct twice___two { int same; long pad; int differs; };
union both { int i; s64 l; };
struct forward_me { int q; };
struct matched { struct task *t; int n; enum color c; };
struct unmatched { struct task *t; s64 n; };
struct task use_task; enum color use_color; enum wide use_wide; atomic use_atomic; struct twice___one use_1; struct twice___two use_2; union both use_both;
struct matched use_m; struct unmatched use_u; struct forward_me use_f;
)";

/// The program's own, older view of the same types.
constexpr const char* kLocal = R"(
typedef unsigned short u16; typedef long s64;
#define core __attribute__((preserve_access_index))
enum color { RED = 1, GREEN = 2, GONE = 3, BLUE = 4 };
enum wide { WIDE = 0x1ffffffffull };
struct inner { int a; s64 b; } core;
typedef struct { int counter; } core atomic;
struct bits { u32 a : 3; u32 b : 5; int c : 7; u64 far : 40; } core;
struct task {
  int pid; struct inner in; struct inner arr[4]; u16 narrow; s32 changed_sign; void *pointer; enum color paint;
  u32 moved; u32 widened; u32 *ints; int became_array; s64 signed_wider_not; int signed_wider; struct bits flags; int x; int deep; s64 y; int gone;
  int flexible[];
} core;
struct task___old { int pid; int gone; } core;
struct twice { int same; int differs; } core;
union both { s64 l; } core;
struct nowhere { int a; } core;
struct matched { struct task *t; int n; enum color___mine { RED_ = 0 } c; };
struct unmatched { struct task *t; int n; };
struct forward_me;
struct points { struct forward_me *p; };
#define field(expr, kind) __builtin_preserve_field_info(expr, kind)
#define T(type) (*(type *)0)
)";

struct Row {
  const char* expression;
  const char* expected;
};

std::string result_of(const ir::Program& program) {
  std::string text = ir::to_text(program);
  if (text.find("unresolved: ") != std::string::npos) return "unresolved";
  for (const isa::Insn& insn : program.insns()) {
    if (const auto* load = std::get_if<isa::Load>(&insn)) return fmt::format("{}+{}", isa::bytes(load->width), load->off);
    if (const auto* imm = std::get_if<isa::LoadImm>(&insn)) return fmt::format("{}", static_cast<std::int64_t>(imm->value));
    if (const auto* alu = std::get_if<isa::Alu>(&insn); alu != nullptr && alu->op == isa::AluOp::mov) {
      if (const auto* value = std::get_if<isa::Imm>(&alu->src)) return fmt::format("{}", value->value);
    }
  }
  return "?";
}

std::vector<std::string> results(const std::vector<Row>& rows, const std::shared_ptr<const Kernel>& kernel) {
  std::string source = kLocal;
  for (std::size_t i = 0; i < rows.size(); ++i)
    source += fmt::format("SEC(\"raw\") long f{}(struct task *t) {{ return {}; }}\n", i, rows[i].expression);
  auto object = read(test::compile(source, kOptions), "test.o", {}, kernel);
  if (!object) throw std::runtime_error(to_text(object.error()));
  std::vector<std::string> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto program = decode(*object, fmt::format("f{}", i));
    found.push_back(program ? result_of(*program) : program.error().front().code + " " + program.error().front().message);
  }
  return found;
}

TEST(CoRe, EachKindOnEachShape) {
  const std::vector<Row> rows = {
      // Accesses: the offset moves, the width follows where the value stays the same.
      {"t->pid", "4+100"},
      {"t->in.a", "4+112"},
      {"t->in.b", "8+104"},
      {"t->arr[2].a", "4+160"},
      {"t->narrow", "2+184"},
      {"(long)t->pointer", "8+192"},
      {"t->paint", "4+200"},
      {"t->widened", "8+208"},
      {"t->deep", "4+268"},
      {"t->y", "8+264"},
      {"((struct task___old *)t)->pid", "4+100"},
      {"((atomic *)t)->counter", "4+4"},
      {"((union both *)t)->l", "8+0"},
      {"((struct twice *)t)->same", "4+0"},
      // What is not there, or is something else, must not be reached.
      {"t->gone", "unresolved"},
      {"t->moved", "unresolved"},
      {"t->became_array", "unresolved"},
      {"t->signed_wider", "unresolved"},
      {"t->signed_wider_not", "unresolved"},
      {"((struct nowhere *)t)->a", "unresolved"},
      // Field facts.
      {"field(t->pid, 0)", "100"},
      {"field(t->arr[3], 0)", "168"},
      {"field(t->arr[4], 0)", "E0116 the CO-RE relocation for the byte offset of 'task::arr[4]' names an array element that does not exist"},
      {"field(t[1].pid, 0)", "372"},
      {"field(t->arr[1].b, 0)", "136"},
      {"field(t->flexible[5], 0)", "292"},
      {"field(t->widened, 1)", "8"},
      {"field(t->narrow, 1)", "2"},
      {"field(t->arr, 1)", "64"},
      {"field(t->in, 1)", "16"},
      {"field(t->gone, 1)", "unresolved"},
      {"field(t->pid, 2)", "1"},
      {"field(t->gone, 2)", "0"},
      {"field(t->moved, 2)", "0"},
      {"field(((struct task___old *)t)->gone, 2)", "0"},
      {"field(t->pid, 3)", "1"},
      {"field(t->narrow, 3)", "0"},
      {"field(t->paint, 3)", "1"},
      {"field(t->pid, 4)", "32"},
      {"field(t->pid, 5)", "32"},
      {"field(t->narrow, 5)", "48"},
      // Bit fields.
      {"field(t->flags.b, 0)", "252"},
      {"field(t->flags.b, 1)", "4"},
      {"field(t->flags.b, 4)", "56"},
      {"field(t->flags.b, 5)", "59"},
      {"field(t->flags.c, 3)", "1"},
      {"field(t->flags.c, 4)", "49"},
      {"field(t->flags.c, 5)", "57"},
      {"field(t->flags.far, 0)", "256"},
      {"field(t->flags.far, 1)", "8"},
      {"field(t->flags.far, 4)", "24"},
      {"field(t->flags.far, 5)", "24"},
      // Types.
      {"__builtin_preserve_type_info(T(struct task), 0)", "1"},
      {"__builtin_preserve_type_info(T(struct nowhere), 0)", "0"},
      {"__builtin_preserve_type_info(T(struct task___old), 0)", "1"},
      {"__builtin_preserve_type_info(T(struct inner), 1)", "16"},
      {"__builtin_preserve_type_info(T(struct nowhere), 1)", "0"},
      {"__builtin_preserve_type_info(T(atomic), 1)", "8"},
      {"__builtin_preserve_type_info(T(struct matched), 2)", "0"},
      {"__builtin_preserve_type_info(T(struct unmatched), 2)", "0"},
      {"__builtin_preserve_type_info(T(union both), 2)", "1"},
      {"__builtin_preserve_type_info(T(enum wide), 2)", "1"},
      {"__builtin_preserve_type_info(T(enum color), 2)", "0"},
      {"__builtin_btf_type_id(T(struct nowhere), 1)", "0"},
      // Enumerators.
      {"__builtin_preserve_enum_value(*(enum color *)RED, 0)", "1"},
      {"__builtin_preserve_enum_value(*(enum color *)GONE, 0)", "0"},
      {"__builtin_preserve_enum_value(*(enum color *)RED, 1)", "5"},
      {"__builtin_preserve_enum_value(*(enum color *)GREEN, 1)", "-7"},
      {"__builtin_preserve_enum_value(*(enum color *)BLUE, 1)", "70000"},
      {"__builtin_preserve_enum_value(*(enum color *)GONE, 1)", "unresolved"},
      {"__builtin_preserve_enum_value(*(enum wide *)WIDE, 1)", "4886718345"},
  };
  const KernelFile kernel(kKernel);
  const auto found = results(rows, kernel.kernel());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(found[i], rows[i].expected) << rows[i].expression;
  }
}

TEST(CoRe, CandidatesThatDisagreeAreAnError) {
  const KernelFile kernel(kKernel);
  const auto found = results({{"((struct twice *)t)->differs", ""}, {"field(((struct twice *)t)->differs, 2)", ""}}, kernel.kernel());
  EXPECT_THAT(found[0], HasSubstr("E0116 the CO-RE relocation for the byte offset of 'twice::differs' is ambiguous"));
  EXPECT_THAT(found[1], HasSubstr("ambiguous"));
}

TEST(CoRe, TypeIdsAreTheKernels) {
  const KernelFile kernel(kKernel);
  const auto found = results({{"__builtin_btf_type_id(T(struct task), 1)", ""}, {"__builtin_btf_type_id(T(struct task), 0)", ""}}, kernel.kernel());
  const auto types = kernel.kernel()->types();
  ASSERT_TRUE(types);
  ASSERT_EQ((*types)->named("task").size(), 1u);
  EXPECT_EQ(found[0], fmt::format("{}", (*types)->named("task")[0]));
  EXPECT_NE(found[1], "0");
}

TEST(CoRe, UnresolvedInstructionsAreCallsThatSayWhatIsMissing) {
  const KernelFile kernel(kKernel);
  const auto object =
      read(test::compile(std::string(kLocal) + "SEC(\"raw\") long f(struct task *t) { return t->gone; }", kOptions), "test.o", {}, kernel.kernel());
  ASSERT_TRUE(object);
  const auto program = decode(*object, "f");
  ASSERT_TRUE(program);
  ASSERT_EQ(program->externs(), std::vector<std::string>{"unresolved: the byte offset of 'task::gone'"});
  EXPECT_THAT(program->extern_facts(0)->refusal, HasSubstr("the byte offset of 'task::gone'"));
  EXPECT_THAT(ir::to_text(*program), HasSubstr("call unresolved: the byte offset of 'task::gone'"));
}

TEST(CoRe, WithoutAKernelOnlyTheObjectsOwnIds) {
  EXPECT_THAT(results({{"t->pid", ""}}, nullptr)[0],
              HasSubstr("E0116 the CO-RE relocation for the byte offset of 'task::pid' needs a kernel's types"));
  EXPECT_NE(results({{"__builtin_btf_type_id(T(struct task), 0)", ""}}, nullptr)[0], "0");
  const auto missing = std::make_shared<const Kernel>(KernelFiles{.btf = "/nonexistent/btf", .version = {}, .config = {}});
  EXPECT_THAT(results({{"t->pid", ""}}, missing)[0], HasSubstr("E0101"));
}

TEST(CoRe, Flavours) {
  const std::pair<const char*, const char*> names[] = {{"task", "task"},
                                                       {"task___old", "task"},
                                                       {"task___old___2", "task___old"},
                                                       {"___task", "___task"},
                                                       {"task___", "task___"},
                                                       {"task____x", "task____x"},
                                                       {"a___b____c", "a"},
                                                       {"", ""},
                                                       {"___", "___"}};
  for (const auto& [name, essential] : names) EXPECT_EQ(essential_name(name), essential) << name;
}

// What only hostile objects say, on the types of the local source.
TEST(CoRe, HostileRecords) {
  const auto bytes =
      kernel_object(std::string(kLocal) + "struct task use; enum color use_color; struct points use_p; atomic use_a; struct bits use_b;");
  const auto object = read(bytes, "local.o");
  const auto types = TargetTypes::read_file([&] {
    const auto path = std::filesystem::temp_directory_path() / fmt::format("tenon-local-{}.o", ::getpid());
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return path;
  }());
  ASSERT_TRUE(types);
  std::filesystem::remove(std::filesystem::temp_directory_path() / fmt::format("tenon-local-{}.o", ::getpid()));
  const BtfView& local = (*types)->view();
  const TypeId task = (*types)->named("task").front(), color = (*types)->named("color").front();
  struct Hostile {
    TypeId type;
    const char* access;
    CoreKind kind;
    const char* expected;
  };
  const Hostile rows[] = {
      {0, "0", CoreKind::type_exists, "does not exist"},         {999'999, "0", CoreKind::type_exists, "does not exist"},
      {task, "", CoreKind::field_exists, "access string"},       {task, "0:", CoreKind::field_exists, "access string"},
      {task, ":0", CoreKind::field_exists, "access string"},     {task, "0:x", CoreKind::field_exists, "access string"},
      {task, "-1:0", CoreKind::field_exists, "access string"},   {task, "99999999999", CoreKind::field_exists, "access string"},
      {task, "0:999", CoreKind::field_exists, "names a field"},  {task, "0:0:0", CoreKind::field_exists, "names a field"},
      {task, "0:2:4", CoreKind::field_exists, "array element"},  {task, "1", CoreKind::type_exists, "access string"},
      {task, "0:0", CoreKind::type_size, "access string"},       {task, "0", CoreKind::enum_value, "names an enumerator"},
      {color, "7", CoreKind::enum_value, "names an enumerator"}, {color, "0:0", CoreKind::enum_value_exists, "names an enumerator"},
      {task, "0", CoreKind::field_signed, "asks for something"}, {task, "0:2", CoreKind::field_lshift, "asks for something"},
  };
  for (const Hostile& row : rows) {
    const auto value = resolve(local, types->get(), {0, row.type, row.access, row.kind});
    ASSERT_FALSE(value) << row.access;
    EXPECT_THAT(value.error(), HasSubstr(row.expected)) << row.access;
    EXPECT_FALSE(to_text(local, {0, row.type, row.access, row.kind}).empty());
  }
  std::string deep = "0";
  for (unsigned i = 0; i < 100; ++i) deep += ":0";
  EXPECT_FALSE(resolve(local, types->get(), {0, task, deep, CoreKind::field_exists}));
  EXPECT_EQ(resolve(local, types->get(), {0, task, "4294967295:0", CoreKind::field_byte_offset})->value, 4294967295ull * *local.value_bytes(task));
}

TEST(CoRe, InstructionsThatCannotTakeTheValue) {
  const auto code = [](std::uint8_t opcode, std::uint8_t registers, std::int16_t off, std::int32_t imm, std::uint64_t second = 0) {
    std::vector<std::byte> bytes(16);
    bytes[0] = std::byte{opcode}, bytes[1] = std::byte{registers};
    std::memcpy(&bytes[2], &off, 2), std::memcpy(&bytes[4], &imm, 4), std::memcpy(&bytes[8], &second, 8);
    return bytes;
  };
  const auto says = [](std::vector<std::byte> bytes, const CoreValue& value) {
    const auto before = bytes;
    const auto done = patch(bytes, value);
    if (!done || !*done) EXPECT_EQ(bytes, before) << "what was not done changes nothing";
    return !done ? "error" : *done ? "done" : "unreachable";
  };
  const CoreValue to_8{.is_resolved = true, .value = 8, .written = 4, .written_bytes = 4, .bytes = 4};
  EXPECT_STREQ(says(code(0x61, 0x10, 4, 0), to_8), "done");
  EXPECT_STREQ(says(code(0x61, 0x10, 5, 0), to_8), "error") << "not what the object's types say";
  EXPECT_STREQ(says(code(0x62, 0x10, 4, 0), to_8), "done");
  EXPECT_STREQ(says(code(0x63, 0x10, 4, 0), to_8), "done");
  EXPECT_STREQ(says(code(0xb7, 0x00, 0, 4), to_8), "done");
  EXPECT_STREQ(says(code(0xb7, 0x00, 0, 5), to_8), "error");
  EXPECT_STREQ(says(code(0xbf, 0x10, 0, 4), to_8), "error") << "a register, no constant";
  EXPECT_STREQ(says(code(0x85, 0x00, 0, 4), to_8), "error");
  EXPECT_STREQ(says(code(0x18, 0x00, 0, 4), to_8), "done");
  EXPECT_STREQ(says(code(0x18, 0x10, 0, 4), to_8), "error") << "a map";
  EXPECT_STREQ(says(code(0x18, 0x00, 0, 4, 1), to_8), "error") << "a second half that is none";
  EXPECT_STREQ(says(code(0x61, 0x10, 4, 0), {.is_resolved = false, .written = 4}), "unreachable");
  EXPECT_STREQ(says(code(0x61, 0x10, 4, 0), {.is_resolved = true, .value = 32768, .written = 4}), "error");
  EXPECT_STREQ(says(code(0x61, 0x10, 4, 0), {.is_resolved = true, .value = 8, .written = 4, .written_bytes = 4, .bytes = 3}), "unreachable");
  EXPECT_STREQ(says(code(0x69, 0x10, 4, 0), {.is_resolved = true, .value = 8, .written = 4, .written_bytes = 4, .bytes = 8}), "error");
  EXPECT_STREQ(
      says(code(0x61, 0x10, 4, 0), {.is_resolved = true, .value = 8, .written = 4, .written_bytes = 4, .bytes = 8, .width_may_change = false}),
      "unreachable");
  EXPECT_STREQ(says(code(0xb7, 0x00, 0, 4), {.is_resolved = true, .value = 1ull << 40, .written = 4}), "error");
  std::vector<std::byte> half = code(0x18, 0, 0, 4);
  half.resize(8);
  EXPECT_FALSE(patch(half, to_8));
}

}  // namespace
}  // namespace tenon::object
