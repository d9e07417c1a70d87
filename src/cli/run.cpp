// SPDX-License-Identifier: Apache-2.0
// tenon run: loads an object for the built-in interface `raw` and runs one of its programs.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>

#include <tenon/engine.hpp>

#include "cli/cli.hpp"
#include "cli/report.hpp"
#include "cli/values.hpp"
#include "engine/raw_host.hpp"

namespace tenon::cli {

namespace {

struct Options {
  std::string file;
  std::string interface = "raw";
  std::string program;
  std::string context;
  std::string restore, save;  ///< files with snapshots; empty: none
  std::uint64_t repeat = 1;
  bool json = false;
  LoadOptions load;
};

struct Tally {
  std::uint64_t returned = 0, thrown = 0, cancelled = 0;
  Outcome shown;     ///< the first that did not return, else the last
  std::string file;  ///< its file; the one in `shown` goes with the extension
  double ns_per_run = 0;
  engine::RawCounts tokens;
  ObjectCounts objects;
  GuardReport guards;
  std::string data;  ///< context memory afterwards, hexadecimal
};

void count(Tally& tally, const Outcome& outcome) {
  if (tally.thrown + tally.cancelled == 0) {
    tally.shown = outcome;
    tally.shown.file = "";
    if (outcome.kind != Outcome::Kind::returned) tally.file = outcome.file;
  }
  switch (outcome.kind) {
    case Outcome::Kind::returned: ++tally.returned; break;
    case Outcome::Kind::thrown: ++tally.thrown; break;
    case Outcome::Kind::cancelled: ++tally.cancelled; break;
  }
}

void run_repeatedly(const Program& program, engine::RawContext& context, std::uint64_t repeat, Tally& tally) {
  Progress progress("running", repeat);
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t done = 0; done < repeat; progress.step(++done)) count(tally, program.run(&context));
  const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
  tally.ns_per_run = spent.count() / static_cast<double>(repeat);
}

Result<std::vector<std::byte>> context_bytes(const std::string& hex_or_file) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(hex_or_file, ignored)) return read_bytes(hex_or_file);
  return parse_hex(hex_or_file);
}

Result<Tally> run_all(const Options& options) {
  if (options.interface != "raw") {
    return refuse("E0808", fmt::format("`tenon run` has a host for interface 'raw' only, not for '{}'", options.interface),
                  "use `tenon verify`, or the host that declares the interface");
  }
  TENON_TRY(data, context_bytes(options.context));
  LoadOptions load = options.load;
  if (!options.program.empty()) load.programs = {options.program};
  const Engine engine(engine::raw_interface());
  const std::filesystem::path file(options.file);
  TENON_TRY(extension, options.restore.empty() ? engine.load(file, load) : engine.restore(file, options.restore, load));
  TENON_TRY(program, options.program.empty() ? extension.program_for_hook("raw") : extension.program(options.program));
  engine::RawHost host;
  const engine::RawHost::Scope scope(host);
  auto* const begin = reinterpret_cast<std::uint8_t*>(data.data());
  engine::RawContext context{begin, begin + data.size()};
  Tally tally;
  run_repeatedly(program, context, options.repeat, tally);
  tally.tokens = host.counts();
  tally.objects = program.object_counts();
  tally.guards = program.guards();
  tally.data = to_hex(begin, data.size());
  if (!options.save.empty()) {
    extension.detach();
    if (auto saved = extension.save(options.save); !saved) return std::unexpected(std::move(saved).error());
  }
  return tally;
}

Json tally_json(const Tally& tally) {
  const Outcome& shown = tally.shown;
  const std::uint64_t released = tally.objects.released_by_cancel;
  return {{"outcome", to_string(shown.kind)},
          {"r0", shown.value},
          {"cause", to_string(shown.cause)},
          {"instruction", shown.instruction},
          {"file", tally.file},
          {"line", shown.line},
          {"fault_address", shown.fault_address},
          {"held_file", shown.held_file},
          {"held_line", shown.held_line},
          {"other_file", shown.other_file},
          {"other_line", shown.other_line},
          {"broken_promise", shown.broken_promise},
          {"ns_per_run", tally.ns_per_run},
          {"runs", {{"returned", tally.returned}, {"thrown", tally.thrown}, {"cancelled", tally.cancelled}}},
          {"tokens", {{"got", tally.tokens.got}, {"put", tally.tokens.put - released}, {"released", released}, {"lost", tally.tokens.lost}}},
          {"guards",
           {{"heap_accesses", tally.guards.heap_accesses},
            {"elided", tally.guards.elided},
            {"emitted", tally.guards.emitted},
            {"left_out", tally.guards.left_out},
            {"after_llvm", tally.guards.after_llvm}}},
          {"data", tally.data}};
}

void print_text(const Tally& tally) {
  const Outcome& shown = tally.shown;
  const std::string place = shown.line == 0 ? fmt::format("insn {}", shown.instruction) : fmt::format("{}:{}", tally.file, shown.line);
  switch (shown.kind) {
    case Outcome::Kind::returned: fmt::print("returned {}\n", shown.value); break;
    case Outcome::Kind::thrown: fmt::print("{}: thrown {}\n", place, shown.value); break;
    case Outcome::Kind::cancelled: fmt::print("{}: cancelled ({}); the host got {}\n", place, to_string(shown.cause), shown.value); break;
  }
  if (shown.held_line != 0) fmt::print("  it took a lock at {}:{}\n", shown.held_file, shown.held_line);
  if (shown.other_line != 0) fmt::print("  thread {} took the lock that it waited for at {}:{}\n", shown.other_thread, shown.other_file, shown.other_line);
  if (*shown.broken_promise != '\0') fmt::print("{}\n", shown.broken_promise);
  fmt::print("{} returned, {} thrown, {} cancelled; {:.1f} ns per run; tokens: {} got, {} lost\n", tally.returned, tally.thrown, tally.cancelled,
             tally.ns_per_run, tally.tokens.got, tally.tokens.lost);
}

int run(const Options& options) {
  const auto tally = run_all(options);
  if (!tally) {
    if (!options.json) return report(tally.error());
    print({{"outcome", "refused"}, {"diagnostics", to_json(tally.error())}});
    return kRefused;
  }
  if (options.json) {
    print(tally_json(*tally));
  } else {
    print_text(*tally);
  }
  return tally->thrown + tally->cancelled == 0 ? kDone : kStopped;
}

}  // namespace

void add_run(CLI::App& app, int& exit_code) {
  CLI::App* const verb = app.add_subcommand("run", "load an object and run one of its programs");
  const auto options = std::make_shared<Options>();
  verb->add_option("file", options->file, "BPF object")->required();
  verb->add_option("--interface", options->interface, "raw")->capture_default_str();
  verb->add_option("--program", options->program, "the program (default: the first for hook raw)");
  verb->add_option("--ctx", options->context, "memory between data and data_end: hexadecimal, or a file");
  verb->add_option("--repeat", options->repeat, "number of runs, one after the other on the same context")->check(CLI::PositiveNumber)->capture_default_str();
  verb->add_option("--restore", options->restore, "go on with the heap that --save wrote, here or for an earlier version of the object");
  verb->add_option("--save", options->save, "write the heap to this file afterwards");
  verb->add_flag("--json", options->json, "one JSON object on standard output");
  add_load_options(*verb, options->load);
  verb->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace tenon::cli
