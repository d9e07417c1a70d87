// SPDX-License-Identifier: Apache-2.0
#include "engine/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/pipeline.hpp"
#include "engine/snapshot.hpp"
#include "interface/declarations.hpp"
#include "object/bytes.hpp"
#include "object/object_data.hpp"
#include "runtime/process.hpp"

namespace tenon::engine {

namespace {

/// Code for each program of `names`, over `heap`.
Result<std::shared_ptr<const Version>> make_version(const object::Object& object, const std::vector<std::string>& names,
                                                    std::shared_ptr<runtime::Heap> heap, const Interface& interface, const LoadOptions& options) {
  const auto declarations = share_declarations(interface);
  auto version = std::make_shared<Version>();
  version->control = std::make_shared<runtime::Control>(options.after_cancel);
  for (const std::string& name : names) {
    TENON_TRY(guarded, guard(object, name, declarations, options.performance_mode));
    TENON_TRY(executable, make_executable(std::move(guarded), heap, version->control, interface, options));
    version->programs.push_back(std::move(executable));
  }
  return version;
}

/// Parked objects are remembered by the number of their type, so a heap stays with one interface.
bool is_same(const Interface& a, const Interface& b) {
  return &a.declarations() == &b.declarations() || interface::to_text(a.declarations()) == interface::to_text(b.declarations());
}

using Names = std::vector<std::pair<std::string, std::string>>;  // of programs, with their hooks

Names names_of(const ExtensionState& extension) {
  Names names;
  for (const ExtensionState::Name& name : extension.names) names.emplace_back(name.program, name.hook);
  return names;
}

/// Those that were there, in their order, then those that the new object brings.
Result<std::vector<std::string>> names_after(const Names& before, const object::Object& object, const LoadOptions& options) {
  std::vector<std::string> names;
  for (const auto& [name, hook] : before) {
    const auto same = [&](const object::EntryPoint& entry) { return entry.name == name && entry.hook == hook; };
    if (std::ranges::none_of(object.entry_points(), same)) {
      return refuse("E0613",
                    fmt::format("the object has no program '{}' for hook '{}', which the version before it has", object::made_printable(name),
                                object::made_printable(hook)),
                    "keep the program, if only to return the default; or load the object as an extension of its own");
    }
    names.push_back(name);
  }
  TENON_TRY(selected, select_programs(object, options.programs));
  for (std::string& name : selected) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

/// Memory for what the new version brings, given back unless it is kept.
class FreshGlobals {
 public:
  FreshGlobals(runtime::Heap& heap, std::uint64_t bytes) : heap_(heap), address_(bytes == 0 ? 0 : heap.allocate(bytes, ir::kGlobalsAlignBytes)) {}
  ~FreshGlobals() {
    if (address_ != 0) heap_.release(address_);
  }
  FreshGlobals(const FreshGlobals&) = delete;
  FreshGlobals& operator=(const FreshGlobals&) = delete;
  std::uint64_t address() const { return address_; }
  void keep() { address_ = 0; }

 private:
  runtime::Heap& heap_;
  std::uint64_t address_;
};

/// The object again, with its globals in `heap`, which `layout` describes. Adds them to the layout.
struct Continued {
  object::Object object;
  object::Layout layout;
};
Result<Continued> continue_heap(const object::Object& object, const object::Layout& layout, runtime::Heap& heap, std::optional<FreshGlobals>& fresh) {
  const object::Layout own = object::layout_of(object);
  TENON_TRY(placement, object::place(layout, own));
  fresh.emplace(heap, placement.fresh_bytes);
  if (placement.fresh_bytes != 0 && fresh->address() == 0) {
    return refuse("E0609", fmt::format("the extension's heap has no room for {} bytes of new globals", placement.fresh_bytes),
                  "raise heap_limit_bytes");
  }
  placement.put_fresh(placement.fresh_bytes == 0 ? 0 : fresh->address() - heap.globals_address());
  const object::ObjectData& data = object.data();
  TENON_TRY(placed, object::read(data.image.bytes, data.name, {}, this_kernel(), &placement));
  object::Layout combined = object::combine(layout, own, placement, placed.globals()->functions);
  return Continued{std::move(placed), std::move(combined)};
}

}  // namespace

Result<std::shared_ptr<ExtensionState>> make_extension(const object::Object& object, const Interface& interface, const LoadOptions& options) {
  if (auto ready = runtime::set_up_process(); !ready) return std::unexpected(std::move(ready).error());
  auto extension = std::make_shared<ExtensionState>(interface);
  TENON_TRY(heap, create_heap(*object.globals(), options));
  extension->heap = std::move(heap);
  extension->layout = object::layout_of(object);
  TENON_TRY(names, select_programs(object, options.programs));
  TENON_TRY(version, make_version(object, names, extension->heap, interface, options));
  if (auto published = extension->publish(std::move(version)); !published) return std::unexpected(std::move(published).error());
  return extension;
}

Result<void> replace(ExtensionState& extension, const object::Object& object, const Interface& interface, const LoadOptions& options,
                     std::chrono::nanoseconds patience) {
  std::shared_ptr<const Version> old;
  {
    const std::lock_guard lock(extension.replacing);
    if (!is_same(extension.interface, interface)) {
      return refuse("E0612", "the extension was loaded for another interface: the host objects that it has parked are of types of that one",
                    "replace it with the engine that loaded it");
    }
    TENON_TRY(names, names_after(names_of(extension), object, options));
    std::optional<FreshGlobals> fresh;
    TENON_TRY(next, continue_heap(object, extension.layout, *extension.heap, fresh));
    TENON_TRY(version, make_version(next.object, names, extension.heap, interface, options));
    if (auto filled = extension.heap->add_globals(initial_globals(*next.object.globals())); !filled) return filled;
    old = extension.newest();
    if (auto published = extension.publish(std::move(version)); !published) return published;
    fresh->keep();
    extension.layout = std::move(next.layout);
  }
  extension.retire(old, patience);
  return {};
}

Result<void> save(ExtensionState& extension, const std::filesystem::path& path, std::chrono::nanoseconds patience) {
  const std::lock_guard lock(extension.replacing);
  if (!extension.layout.problem.empty()) {
    return refuse("E0611", "no object could go on with this heap: " + extension.layout.problem, "compile the extension with -g, as `tenon cc` does");
  }
  extension.let_go_of_unused();
  for (const auto& version : extension.all_versions()) {
    if (version == extension.newest() && version->control->is_quiet(patience)) continue;
    return refuse("E0616", "the extension may still run, and what it writes meanwhile would be half saved",
                  "detach() it first, and let what runs end");
  }
  SnapshotHead head{names_of(extension), extension.layout, extension.heap->image()};
  return write_snapshot(path, head, *extension.heap);
}

Result<std::shared_ptr<ExtensionState>> restore(const object::Object& object, const std::filesystem::path& snapshot, const Interface& interface,
                                                const LoadOptions& options) {
  if (auto ready = runtime::set_up_process(); !ready) return std::unexpected(std::move(ready).error());
  TENON_TRY(reader, SnapshotReader::open(snapshot));
  TENON_TRY(names, names_after(reader.head().programs, object, options));
  TENON_TRY(heap, restore_heap(reader.head().heap, options, [&](std::span<std::byte> pages) { return reader.read_pages(pages); }));
  if (auto finished = reader.finish(); !finished) return std::unexpected(std::move(finished).error());
  auto extension = std::make_shared<ExtensionState>(interface);
  extension->heap = std::move(heap);
  std::optional<FreshGlobals> fresh;
  TENON_TRY(next, continue_heap(object, reader.head().layout, *extension->heap, fresh));
  TENON_TRY(version, make_version(next.object, names, extension->heap, interface, options));
  if (auto filled = extension->heap->add_globals(initial_globals(*next.object.globals())); !filled) return std::unexpected(std::move(filled).error());
  if (auto published = extension->publish(std::move(version)); !published) return std::unexpected(std::move(published).error());
  fresh->keep();
  extension->layout = std::move(next.layout);
  return extension;
}

}  // namespace tenon::engine
