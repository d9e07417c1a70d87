// SPDX-License-Identifier: Apache-2.0
// How long does it take to prove a program? Decodes, proves and guards every program of an object again and again, in this process.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/statistics.hpp"
#include "engine/builtin_interfaces.hpp"
#include "engine/pipeline.hpp"
#include "object/object.hpp"

namespace {

using tenon::Diagnostics;

/// Microseconds of each round, and the code of the refusal, empty when the program is accepted.
struct Timed {
  std::vector<double> samples;
  std::string refusal;
};

Timed time_program(const tenon::object::Object& object, const std::string& name, const tenon::engine::SharedDeclarations& declarations, int rounds) {
  Timed timed;
  for (int round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    const auto guarded = tenon::engine::guard(object, name, declarations);
    timed.samples.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
    if (!guarded) timed.refusal = guarded.error().front().code;
  }
  return timed;
}

int fail(const Diagnostics& why) {
  fmt::print(stderr, "{}\n", tenon::to_text(why));
  return 1;
}

int measure(const std::string& file, const std::string& interface_name, int rounds) {
  const auto interface = tenon::engine::find_interface(interface_name);
  if (!interface) return fail(interface.error());
  const auto declarations = tenon::engine::share_declarations(*interface);
  const auto object = tenon::object::read_file(file, tenon::engine::this_kernel());
  if (!object) return fail(object.error());
  const auto names = tenon::engine::select_programs(*object, {});
  if (!names) return fail(names.error());
  nlohmann::ordered_json programs = nlohmann::ordered_json::object();
  for (const std::string& name : *names) {
    const Timed timed = time_program(*object, name, declarations, rounds);
    programs[name] = {{"accepted", timed.refusal.empty()},
                      {"code", timed.refusal},
                      {"median_us", tenon::bench::median(timed.samples)},
                      {"least_us", tenon::bench::quantile(timed.samples, 0)}};
  }
  fmt::print("{}\n", programs.dump());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"proves the programs of an object again and again; prints one JSON object, by program"};
  std::string file, interface_name = "linux";
  int rounds = 21;
  app.add_option("file", file, "BPF object")->required();
  app.add_option("--interface", interface_name, "as for tenon verify")->capture_default_str();
  app.add_option("--rounds", rounds, "runs of each program")->capture_default_str()->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  return measure(file, interface_name, rounds);
}
