// SPDX-License-Identifier: Apache-2.0
#include "cli/report.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "cli/cli.hpp"

namespace tenon::cli {

namespace {

Json to_json(const SourceLocation& where) { return {{"file", where.file}, {"line", where.line}, {"column", where.column}}; }

Json to_json(const Diagnostic& diagnostic) {
  Json made{{"code", diagnostic.code}, {"message", diagnostic.message}};
  made["instruction"] = diagnostic.instruction ? Json(*diagnostic.instruction) : Json();
  made["instruction_text"] = diagnostic.instruction_text;
  made.update(to_json(diagnostic.where));
  made["help"] = diagnostic.help;
  made["notes"] = Json::array();
  for (const Note& note : diagnostic.notes) {
    Json one{{"message", note.message}, {"instruction", note.instruction ? Json(*note.instruction) : Json()}};
    one.update(to_json(note.where));
    made["notes"].push_back(std::move(one));
  }
  return made;
}

}  // namespace

Json to_json(const Diagnostics& diagnostics) {
  Json all = Json::array();
  for (const Diagnostic& diagnostic : diagnostics) all.push_back(to_json(diagnostic));
  return all;
}

void print(const Json& object) {
  // Names come from object files, so they may be no UTF-8.
  fmt::print("{}\n", object.dump(-1, ' ', false, Json::error_handler_t::replace));
}

int report(const Diagnostics& diagnostics) {
  fmt::print(stderr, "{}", to_text(diagnostics));
  return kRefused;
}

Progress::~Progress() {
  if (shown_) fmt::print(stderr, "\n");
}

void Progress::show(std::uint64_t done, std::uint64_t total) {
  if (Clock::now() < next_) return;
  next_ = Clock::now() + std::chrono::seconds(1);
  shown_ = true;
  fmt::print(stderr, "\r{}: {} of {}", what_, done, total);
  std::fflush(stderr);
}

}  // namespace tenon::cli
