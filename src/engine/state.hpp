// SPDX-License-Identifier: Apache-2.0
// What the handles of <tenon/engine.hpp> share. A handle names its extension, and a program by number; which code that is, one atomic pointer says, so that
// all programs of an extension change over at once and runs take no lock.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <tenon/engine.hpp>

#include "engine/executable.hpp"
#include "object/layout.hpp"
#include "runtime/control.hpp"
#include "runtime/run_again.hpp"
#include "runtime/runtime.hpp"

namespace tenon {

namespace engine {

/// The programs of one object over the extension's heap. Immutable once published.
struct Version {
  std::shared_ptr<runtime::Control> control;                ///< shared by its programs, and by no other version
  std::vector<std::shared_ptr<const Executable>> programs;  ///< by number; a later version has all that an earlier one had
};

}  // namespace engine

struct ExtensionState {
  struct Name {
    std::string program, hook;
    std::atomic<std::uint64_t> serial{runtime::kNobodysSerial};  ///< the current version's, for runtime::run_again()
    Name(std::string of_program, std::string of_hook) : program(std::move(of_program)), hook(std::move(of_hook)) {}
  };

  /// Makes `next` the current one. Errors: E0614 the extension was unloaded meanwhile.
  Result<void> publish(std::shared_ptr<const engine::Version> next);
  /// The one that was replaced: waits until nobody runs it, cancels what still does after `patience`, and lets it go.
  void retire(const std::shared_ptr<const engine::Version>& old, std::chrono::nanoseconds patience) noexcept;
  /// Frees the old versions that nobody runs any more.
  void let_go_of_unused();
  std::shared_ptr<const engine::Version> newest() const;
  /// The current one last.
  std::vector<std::shared_ptr<const engine::Version>> all_versions() const;
  CancelCounts cancel_counts() const;
  runtime::RecordCounts record_counts(std::uint32_t program) const;
  bool is_unloaded() const;

  std::shared_ptr<runtime::Heap> heap;
  std::atomic<const engine::Version*> current{nullptr};  ///< runs read it through a runtime::Hazard

  std::mutex replacing;    ///< held while a new version is made; guards the next two
  Interface interface;
  object::Layout layout;   ///< of the heap

  mutable std::mutex lock;  ///< guards the rest; taken after `replacing`
  std::shared_ptr<const engine::Version> version;            ///< that `current` points to
  std::vector<std::shared_ptr<const engine::Version>> old;   ///< replaced, and perhaps still running
  std::deque<Name> names;                                    ///< by number; only grows, and what points into it stays good
  CancelCounts past_cancels;                                 ///< of versions that are gone
  std::vector<runtime::RecordCounts> past_records;           ///< by number
  bool detached = false;                                     ///< by the host
  bool unloaded = false;

  explicit ExtensionState(Interface of) : interface(std::move(of)) {}
};

}  // namespace tenon
