// SPDX-License-Identifier: Apache-2.0
// Extension sources in tests, compiled as an author would.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "engine/builtin_interfaces.hpp"
#include "interface/declarations.hpp"

namespace tenon::test {

/// Deletes its files when it goes.
class Scratch {
 public:
  Scratch() : path_(std::filesystem::temp_directory_path() / fmt::format("tenon_engine_{}_{}", getpid(), ++counter_)) {
    std::filesystem::create_directories(path_);
  }
  ~Scratch() { std::filesystem::remove_all(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::filesystem::path write(const std::string& name, std::string_view text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }

  /// Compiles `text` after the header of `interface`; the object's path.
  std::filesystem::path compile(const Interface& interface, std::string_view text) const {
    write("host.h", interface::to_header(interface.declarations()));
    const auto source = write("test.bpf.c", fmt::format("#include \"host.h\"\n{}", text));
    const auto object = path_ / "test.bpf.o";
    const std::string command = fmt::format("{} -target bpf -mcpu=v4 -O2 -g -fno-builtin -w -I{}/ext/include -I{} -c {} -o {}", TENON_CLANG, TENON_SOURCE_DIR,
                                            path_.string(), source.string(), object.string());
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    return object;
  }

 private:
  static inline int counter_ = 0;
  std::filesystem::path path_;
};

}  // namespace tenon::test
