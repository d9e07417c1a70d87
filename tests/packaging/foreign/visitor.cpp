// SPDX-License-Identifier: Apache-2.0
// A whole host: one hook, one function, one extension.
#include <cstdint>
#include <iostream>

#include <tenon/engine.hpp>
#include <tenon/host_interface.hpp>

namespace {

using Visitor = tenon::HostInterface<R"(
  interface visitor;
  fn one_more(n: u64) -> u64;
  hook visit(n: u64) -> u64 default 0;
)">;

std::uint64_t one_more(std::uint64_t n) { return n + 1; }

tenon::Result<tenon::Program> load(const char* path) {
  Visitor visitor("visitor.tni");
  visitor.bind<"one_more", &one_more>();
  TENON_TRY(extension, tenon::Engine(visitor.get()).load(path));
  return extension.program_for_hook("visit");
}

void show(const tenon::Outcome& outcome) {
  std::cout << to_string(outcome.kind) << ' ';
  if (outcome.kind == tenon::Outcome::Kind::returned) std::cout << outcome.value << '\n';
  else std::cout << to_string(outcome.cause) << ' ' << std::string_view(outcome.file).substr(std::string_view(outcome.file).rfind('/') + 1) << '\n';
}

}  // namespace

int main(int, char** argv) {
  const auto program = load(argv[1]);
  if (!program) {
    std::cerr << to_text(program.error());
    return 1;
  }
  show(program->run(42));
  show(program->run(0));  // for ever, but for the quantum
}
