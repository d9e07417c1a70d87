// SPDX-License-Identifier: Apache-2.0
// tenon cc: stock clang with the options that Tenon needs. Becomes clang, so its diagnostics and exit code are clang's.
#include <unistd.h>

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include "cli/cli.hpp"
#include "cli/report.hpp"

namespace tenon::cli {

namespace {

namespace fs = std::filesystem;

struct Options {
  std::string output;
  bool show = false;
};

/// Of an installed copy, else of the source tree this was built from.
fs::path extension_headers() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  const fs::path installed = self.parent_path() / TENON_INSTALLED_EXT_HEADERS;
  if (!error && fs::is_directory(installed, error)) return fs::canonical(installed, error);
  return TENON_SOURCE_EXT_HEADERS;
}

std::string default_output(const std::vector<std::string>& arguments) {
  for (const std::string& word : arguments) {
    if (word.ends_with(".c")) return fs::path(word).filename().replace_extension(".o").string();
  }
  return {};
}

/// -fno-builtin: without it clang turns plain copy loops into memcpy calls, which its BPF target then refuses. -bpf-stack-size: frames may be larger
/// than the kernel's 512 bytes; the verifier says where they are too large.
std::vector<std::string> clang_command(const Options& options, const std::vector<std::string>& arguments) {
  std::vector<std::string> command{TENON_CLANG_NAME, "-target",      "bpf",   "-mcpu=v4", "-O2",
                                   "-g",             "-fno-builtin", "-Wall", "-mllvm",   "-bpf-stack-size=8192",
                                   "-I" + extension_headers().string(), "-c"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const std::string output = options.output.empty() ? default_output(arguments) : options.output;
  if (!output.empty()) command.insert(command.end(), {"-o", output});
  return command;
}

int cc(const Options& options, const std::vector<std::string>& arguments) {
  const std::vector<std::string> command = clang_command(options, arguments);
  if (options.show) {
    fmt::print("{}\n", fmt::join(command, " "));
    return kDone;
  }
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  return report(refuse("E0810", fmt::format("cannot run {}: {}", command[0], std::strerror(errno)), "install Debian's clang-19").error());
}

}  // namespace

void add_cc(CLI::App& app, int& exit_code) {
  CLI::App* const verb = app.add_subcommand("cc", "compile an extension with stock clang and the options Tenon needs");
  const auto options = std::make_shared<Options>();
  verb->add_option("-o", options->output, "the object (default: the source's name with .o, in the current folder)");
  verb->add_flag("--show", options->show, "print the command instead of running it");
  verb->allow_extras();
  verb->footer("Everything else goes to clang: tenon cc hello.bpf.c -DSIZE=4 -Iinclude");
  verb->callback([verb, options, &exit_code] {
    if (verb->remaining().empty()) throw CLI::RequiredError("a C file");
    exit_code = cc(*options, verb->remaining());
  });
}

}  // namespace tenon::cli
