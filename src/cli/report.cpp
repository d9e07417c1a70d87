// SPDX-License-Identifier: Apache-2.0
#include "cli/report.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <utility>

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

Progress::Progress(std::string what, std::uint64_t total) : what_(std::move(what)), total_(total), reporter_([this] { report_until_stopped(); }) {}

Progress::~Progress() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  stopped_changed_.notify_all();
  reporter_.join();
}

void Progress::report_until_stopped() {
  std::unique_lock lock(mutex_);
  int seconds = 0;
  while (!stopped_changed_.wait_for(lock, std::chrono::seconds(1), [this] { return stopped_; })) {
    const std::string count = total_ > 1 ? fmt::format(", {} of {}", done_.load(std::memory_order_relaxed), total_) : std::string();
    fmt::print(stderr, "\r{}: {} s{}", what_, ++seconds, count);
    std::fflush(stderr);
  }
  if (seconds > 0) fmt::print(stderr, "\n");
}

}  // namespace tenon::cli
