// SPDX-License-Identifier: Apache-2.0
// Objects for tests, made by clang while the test runs.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "object/object.hpp"

namespace tenon::test {

inline constexpr const char* kPrologue =
    "typedef unsigned long long u64; typedef unsigned u32; typedef int s32; typedef unsigned char u8;\n"
    "#define SEC(name) __attribute__((section(name), used))\n#define noinline __attribute__((noinline))\n"
    "#define __uint(name, val) int (*name)[val]\n#define __type(name, val) typeof(val) *name\n";

/// Throws when clang refuses: a mistake in a test. `suffix` is ".c" or ".s"; C gets the prologue.
inline std::vector<std::byte> compile(const std::string& source, const std::string& options = "-mcpu=v4 -O2 -g -fno-builtin",
                                      const std::string& suffix = ".c") {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / fmt::format("tenon-compile-{}", ::getpid());
  std::filesystem::create_directories(folder);
  const std::string in = folder / ("test" + suffix), out = folder / "test.o";
  std::ofstream(in) << (suffix == ".c" ? kPrologue : "") << source;
  const std::string target = options.find("-target") == std::string::npos ? "-target bpf " : "";
  const int status = std::system(fmt::format("{} {}{} -c {} -o {}", TENON_CLANG, target, options, in, out).c_str());
  std::ifstream file(out, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::filesystem::remove_all(folder);
  if (status != 0) throw std::runtime_error("clang refused the test's source");
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
  return {bytes, bytes + text.size()};
}

/// The one code that a refusal carries, or "ok".
template <class T>
std::string code_of(const Result<T>& result) {
  if (result) return "ok";
  if (result.error().size() != 1 || result.error().front().message.empty()) return "not exactly one reason";
  return result.error().front().code;
}

/// read() and decode() of every entry point: "ok" or the first refusal.
inline std::string read_all(std::span<const std::byte> bytes) {
  const auto object = object::read(bytes, "test.o", {.globals_bytes = 1 << 20});
  if (!object) return code_of(object);
  for (const object::EntryPoint& entry : object->entry_points()) {
    const auto program = object::decode(*object, entry.name);
    if (!program) return code_of(program);
  }
  return "ok";
}

}  // namespace tenon::test
