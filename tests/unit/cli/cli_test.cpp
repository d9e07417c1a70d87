// SPDX-License-Identifier: Apache-2.0
// The command line from outside: exit codes, and the JSON that scripts read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "unit/engine/compile.hpp"

namespace tenon {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

struct Answer {
  int code = -1;
  std::string out;
};

/// Runs `tenon` with standard error thrown away.
Answer tenon(const std::string& arguments, const std::string& input = "") {
  Answer answer;
  const std::string command = fmt::format("printf '%s' '{}' | {}/tenon {} 2>/dev/null", input, TENON_BUILD_DIR, arguments);
  FILE* const pipe = popen(command.c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe)) answer.out.append(buffer.data(), n);
  answer.code = WEXITSTATUS(pclose(pipe));
  return answer;
}

class Cli : public ::testing::Test {
 protected:
  std::string object(std::string_view text) { return scratch_.compile(*engine::find_interface("raw"), text).string(); }
  test::Scratch scratch_;
};

constexpr auto kGood = "u64 n; SEC(\"raw\") u64 good(struct raw_context *c) { return ++n; }";
constexpr auto kBad = "SEC(\"raw\") u64 bad(struct raw_context *c)\n{\n\treturn c->data[0];\n}\n";

TEST_F(Cli, UsageErrorsExitWithTwo) {
  for (const char* arguments : {"", "nonsense", "verify", "run x.o --quantum 10", "run x.o --quantum fast", "run x.o --heap 99999999999G", "run x.o --repeat 0",
                                "dump x.o --stage=everything", "cc", "interface", "interface header"}) {
    EXPECT_EQ(tenon(arguments).code, 2) << arguments;
  }
}

TEST_F(Cli, RunGoesOnWithASavedHeap) {
  const std::string file = object(kGood), snapshot = file + ".heap";
  EXPECT_EQ(Json::parse(tenon("run --json --repeat 5 --save " + snapshot + " " + file).out)["r0"], 5);
  const Answer again = tenon("run --json --restore " + snapshot + " --save " + snapshot + " " + file);
  EXPECT_EQ(again.code, 0);
  EXPECT_EQ(Json::parse(again.out)["r0"], 6);
  EXPECT_EQ(Json::parse(tenon("run --json --restore " + snapshot + " " + file).out)["r0"], 7);
  const Answer other = tenon("run --json --restore " + snapshot + " " + object("u32 n; SEC(\"raw\") u64 good(struct raw_context *c) { return ++n; }"));
  EXPECT_EQ(other.code, 1);
  EXPECT_EQ(Json::parse(other.out)["diagnostics"][0]["code"], "E0611");
}

TEST_F(Cli, HelpExitsWithZeroForEveryVerb) {
  EXPECT_THAT(tenon("--help").out, HasSubstr("Exit codes"));
  for (const char* verb : {"cc", "verify", "run", "dump", "interface", "conformance"}) {
    const Answer answer = tenon(std::string(verb) + " --help");
    EXPECT_EQ(answer.code, 0) << verb;
    EXPECT_THAT(answer.out, HasSubstr("Usage: ")) << verb;
  }
}

TEST_F(Cli, VerifyAccepts) {
  const Answer answer = tenon("verify --json " + object(kGood));
  EXPECT_EQ(answer.code, 0);
  const Json json = Json::parse(answer.out);
  EXPECT_EQ(json["accepted"], true);
  EXPECT_EQ(json["diagnostics"], Json::array());
  EXPECT_EQ(json["guards"]["heap_accesses"], 2);
  EXPECT_EQ(json["guards"]["elided"], 2);
  EXPECT_EQ(json["guards"]["emitted"], 0);
  EXPECT_TRUE(json["guards"]["programs"].contains("good"));
}

TEST_F(Cli, VerifyRejects) {
  const Answer answer = tenon("verify --json " + object(kBad));
  EXPECT_EQ(answer.code, 1);
  const Json json = Json::parse(answer.out);
  EXPECT_EQ(json["accepted"], false);
  ASSERT_EQ(json["diagnostics"].size(), 1u);
  const Json& d = json["diagnostics"][0];
  EXPECT_EQ(d["code"], "E0205");
  EXPECT_EQ(d["line"], 4);  // the include stands before it
  EXPECT_THAT(d["file"].get<std::string>(), HasSubstr("test.bpf.c"));
  EXPECT_TRUE(d["instruction"].is_number_unsigned());
  EXPECT_FALSE(d["message"].get<std::string>().empty());
  EXPECT_FALSE(d["help"].get<std::string>().empty());
}

TEST_F(Cli, VerifyGivesEachProgramItsOwnVerdict) {
  const std::string path = object(std::string(kGood) + " SEC(\"fentry/nowhere\") u64 other(u64 *c) { return 0; } SEC(\"?raw\") u64 later(u64 *c) { return 0; }");
  const Answer answer = tenon("verify --json " + path);
  EXPECT_EQ(answer.code, 1);
  const Json json = Json::parse(answer.out);
  EXPECT_EQ(json["accepted"], false);
  ASSERT_EQ(json["programs"].size(), 2u);
  for (const Json& program : json["programs"]) {
    const bool is_good = program["name"] == "good";
    EXPECT_EQ(program["accepted"], is_good);
    EXPECT_EQ(program["section"], is_good ? "raw" : "fentry/nowhere");
    EXPECT_EQ(program["diagnostics"].size(), is_good ? 0u : 1u);
  }
  EXPECT_TRUE(json["guards"]["programs"].contains("good"));
  EXPECT_THAT(tenon("verify " + path).out, AllOf(HasSubstr("good: accepted"), HasSubstr("other: refused (section 'fentry/nowhere')")));
}

TEST_F(Cli, VerifyTakesTypesOfAnotherKernel) {
  const std::string path = object("struct s { u64 a; } __attribute__((preserve_access_index)); SEC(\"raw\") u64 f(struct s *c) { "
                                  "return __builtin_preserve_field_info(c->a, 2); }");
  EXPECT_EQ(tenon("verify --btf " + path + " " + path).code, 0) << "an object's types are types";
  const Answer answer = tenon("verify --json --btf /proc/version " + path);
  EXPECT_EQ(Json::parse(answer.out)["diagnostics"][0]["code"], "E0118");
}

TEST_F(Cli, VerifySaysInJsonThatAFileIsNoObject) {
  const auto path = scratch_.write("garbage.o", "no object").string();
  const Answer answer = tenon("verify --json " + path);
  EXPECT_EQ(answer.code, 1);
  EXPECT_EQ(Json::parse(answer.out)["accepted"], false);
}

TEST_F(Cli, RunReturns) {
  const Answer answer = tenon("run --json --repeat 5 --ctx 0102 " + object(kGood));
  EXPECT_EQ(answer.code, 0);
  const Json json = Json::parse(answer.out);
  EXPECT_EQ(json["outcome"], "returned");
  EXPECT_EQ(json["r0"], 5);
  EXPECT_EQ(json["cause"], "none");
  EXPECT_EQ(json["runs"]["returned"], 5);
  EXPECT_GT(json["ns_per_run"].get<double>(), 0);
  EXPECT_EQ(json["data"], "0102");
  EXPECT_EQ(json["guards"]["elided"], 2);
  EXPECT_EQ(json["guards"]["after_llvm"], 0);
  for (const char* counter : {"got", "put", "released", "lost"}) EXPECT_EQ(json["tokens"][counter], 0) << counter;
}

TEST_F(Cli, RunSaysWhereItWasCancelled) {
  const Answer answer = tenon("run --json " + object("u64 *p;\nSEC(\"raw\") u64 f(struct raw_context *c)\n{\n\treturn *p;\n}\n"));
  EXPECT_EQ(answer.code, 3);
  const Json json = Json::parse(answer.out);
  EXPECT_EQ(json["outcome"], "cancelled");
  EXPECT_EQ(json["cause"], "fault");
  EXPECT_EQ(json["line"], 5);
}

TEST_F(Cli, RunTakesItsContextFromAFile) {
  const auto context = scratch_.write("context", std::string("\x05\x06", 2)).string();
  const std::string program = "SEC(\"raw\") u64 f(struct raw_context *c) { return c->data_end - c->data; }";
  EXPECT_EQ(Json::parse(tenon("run --json --ctx " + context + " " + object(program)).out)["r0"], 2);
}

TEST_F(Cli, RunRefuses) {
  EXPECT_EQ(tenon("run " + object(kBad)).code, 1);
  EXPECT_EQ(tenon("run --ctx 1 " + object(kGood)).code, 1);
  EXPECT_EQ(tenon("run --program other " + object(kGood)).code, 1);
  EXPECT_EQ(tenon("run --interface conformance " + object(kGood)).code, 1);
  EXPECT_EQ(tenon("run /nonexistent.o").code, 1);
}

TEST_F(Cli, DumpHasEveryStageWithSourceLines) {
  const std::string path = object(kGood);
  for (const char* stage : {"ir", "proof", "guarded", "llvm", "asm"}) {
    const Answer answer = tenon(fmt::format("dump --stage={} {}", stage, path));
    EXPECT_EQ(answer.code, 0) << stage;
    EXPECT_THAT(answer.out, HasSubstr("good")) << stage;
    EXPECT_THAT(answer.out, HasSubstr("test.bpf.c")) << stage;
  }
}

TEST_F(Cli, InterfaceHeaderAndCheck) {
  EXPECT_THAT(tenon("interface header raw").out, HasSubstr("struct raw_context {"));
  EXPECT_THAT(tenon("interface check raw").out, HasSubstr("type token rc drop=token_put;"));
  EXPECT_EQ(tenon("interface check " + scratch_.write("bad.tni", "fn f(;").string()).code, 1);
}

TEST_F(Cli, ConformanceSpeaksThePlugInProtocol) {
  const std::string add_length = "bf 20 00 00 00 00 00 00 07 00 00 00 ff 00 00 00 95 00 00 00 00 00 00 00\n";  // r0 = r2; r0 += 255; exit
  for (const char* backend : {"", " --native", " --interp"}) {
    const Answer answer = tenon(std::string("conformance '01 02 03 '") + backend, add_length);
    EXPECT_EQ(answer.code, 0) << backend;
    EXPECT_EQ(answer.out, "102\n") << backend;
    EXPECT_EQ(tenon(std::string("conformance") + backend, add_length).out, "ff\n") << backend;
  }
  EXPECT_EQ(tenon("conformance", "ff ff").code, 1);
  EXPECT_EQ(tenon("conformance", "zz").code, 1);
}

TEST_F(Cli, CcCompilesForTenon) {
  const auto source = scratch_.write("hello.bpf.c", "#include <tn/builtin.h>\nSEC(\"raw\") u64 hello(void *c) { return SIZE; }\n");
  const auto target = source.parent_path() / "out.o";
  EXPECT_EQ(tenon(fmt::format("cc {} -DSIZE=4 -o {}", source.string(), target.string())).code, 0);
  EXPECT_EQ(Json::parse(tenon("run --json " + target.string()).out)["r0"], 4);
  EXPECT_NE(tenon(fmt::format("cc {} -o {}", source.string(), target.string())).code, 0) << "clang's own verdict";
}

}  // namespace
}  // namespace tenon
