// SPDX-License-Identifier: Apache-2.0
#include "engine/pipeline.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/interpreted.hpp"
#include "engine/native.hpp"
#include "verify/proof.hpp"

namespace tenon::engine {

namespace {

std::vector<runtime::Place> places_of(const ir::Program& program) {
  std::vector<runtime::Place> places;
  places.reserve(program.insns().size());
  for (ir::InsnIdx i(0u); i.index() < program.insns().size(); ++i) {
    const ir::Line* const line = program.line_of(i);
    places.push_back({program.slot(i), line ? program.files()[line->file] : std::string(), line ? line->line : 0});
  }
  return places;
}

std::map<std::uint32_t, std::vector<runtime::HeldTable>> held_tables(const verify::Proof& proof) {
  using Item = runtime::HeldTable::Item;
  std::map<std::uint32_t, std::vector<runtime::HeldTable>> tables;
  for (const verify::ObjectTable& from : proof.object_tables()) {
    runtime::HeldTable& made = tables[from.at.value].emplace_back(runtime::HeldTable{from.after, from.complete, {}});
    for (const verify::HeldObject& held : from.held) made.items.push_back({Item::Kind::object, held.type.value, 0, held.maybe_null});
    for (const verify::LockInTable& lock : from.locks) made.items.push_back({Item::Kind::lock, lock.type.value, lock.field, false});
    for (const interface::ModeIdx mode : from.modes) made.items.push_back({Item::Kind::mode, mode.value, 0, false});
  }
  return tables;
}

}  // namespace

runtime::InitialGlobals initial_globals(const ir::Globals& globals) {
  runtime::InitialGlobals made;
  made.bytes = globals.initial;
  made.at = globals.initial_at;
  for (const ir::GlobalPointer& pointer : globals.pointers) {
    const bool is_function = pointer.kind == ir::GlobalPointer::Kind::function;
    made.pointers.push_back({pointer.at, is_function, is_function ? ir::kFunctionValueBase + pointer.target : pointer.target});
  }
  return made;
}

std::shared_ptr<const object::Kernel> this_kernel() {
  static const auto kernel = std::make_shared<const object::Kernel>(object::KernelFiles{});
  return kernel;
}

SharedDeclarations share_declarations(const Interface& interface) {
  const auto keeper = std::make_shared<const Interface>(interface);
  return {keeper, &keeper->declarations()};
}

Result<std::vector<std::string>> select_programs(const object::Object& object, const std::vector<std::string>& wanted) {
  std::vector<std::string> automatic, known;
  for (const object::EntryPoint& entry : object.entry_points()) {
    known.push_back(entry.name);
    if (entry.autoload) automatic.push_back(entry.name);
  }
  for (const std::string& name : wanted) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return refuse("E0801", fmt::format("there is no program '{}'; there is: {}", name, fmt::join(known, ", ")));
  }
  if (!wanted.empty()) return wanted;
  if (!automatic.empty()) return automatic;
  return refuse("E0803", "the object has no program to load", "put a function into a section named after a hook: SEC(\"raw\")");
}

Result<instrument::Guarded> guard(const object::Object& object, std::string_view entry, const SharedDeclarations& declarations, bool performance_mode) {
  const auto has_function = [&](std::string_view name) { return declarations->find_callee(name).has_value(); };
  std::vector<std::string> host_fields;
  for (const interface::ObjectType& type : declarations->object_types) {
    if (type.field_bytes != 0) host_fields.push_back(type.name);
  }
  TENON_TRY(program, object::decode(object, entry, {has_function, std::move(host_fields)}));
  TENON_TRY(proof, verify::prove(std::move(program), declarations));
  if (performance_mode && proof.hook().no_performance_mode) {
    return refuse("E0811", fmt::format("hook '{}' allows no performance mode (noperf), which '{}' was to be loaded in", proof.hook().name, entry),
                  "load it with its reads guarded, which is the default");
  }
  // Cannot fail: jumps are labels here, so no offset can overflow.
  return instrument::insert_guards(std::move(proof), performance_mode ? instrument::Reads::unguarded : instrument::Reads::guarded);
}

namespace {
std::uint64_t limit_of(const LoadOptions& options) { return options.heap_limit_bytes == 0 ? options.heap_bytes : options.heap_limit_bytes; }
runtime::HeapOptions heap_options(const LoadOptions& options) { return {options.debug_heap, options.cancel_when_out_of_memory}; }
}  // namespace

Result<std::shared_ptr<runtime::Heap>> create_heap(const ir::Globals& globals, const LoadOptions& options) {
  return runtime::Heap::create(options.heap_bytes, limit_of(options), initial_globals(globals), heap_options(options));
}

Result<std::shared_ptr<runtime::Heap>> restore_heap(const runtime::HeapImage& image, const LoadOptions& options,
                                                    const std::function<Result<void>(std::span<std::byte>)>& fill) {
  return runtime::Heap::restore(image, options.heap_bytes, limit_of(options), heap_options(options), fill);
}

/// Maps belong to the host that a program was written for (Linux); here they are verified only.
Result<void> check_runs(const ir::Program& program, const interface::Declarations& declarations) {
  const auto traces = [](const interface::Struct& s) { return std::ranges::any_of(s.fields, [](const auto& f) { return !f.traced.empty(); }); };
  if (std::ranges::any_of(declarations.structs, traces) ||
      std::ranges::any_of(declarations.object_types, [](const interface::ObjectType& type) { return !type.reads.empty(); })) {
    return refuse("E0607", "this interface hands out addresses that may lead nowhere (traced, reads): its programs can be verified, not run",
                  "declare the fields that extensions may read as structs");
  }
  const auto uses_map = [](const isa::Insn& insn) {
    const auto* load = std::get_if<isa::LoadImm>(&insn);
    return load != nullptr && load->kind == isa::LoadImm::Kind::map;
  };
  if (std::ranges::none_of(program.insns(), uses_map)) return {};
  return refuse("E0607", fmt::format("'{}' uses maps, which this host does not have", program.name()),
                "keep the data in globals or in memory from tn_grow(); programs with maps can be verified, not run");
}

Result<std::shared_ptr<const Executable>> make_executable(instrument::Guarded guarded, std::shared_ptr<runtime::Heap> heap,
                                                          std::shared_ptr<runtime::Control> control, const Interface& interface,
                                                          const LoadOptions& options) {
  const SharedDeclarations declarations = share_declarations(interface);
  if (auto runs = check_runs(guarded.program(), *declarations); !runs) return std::unexpected(std::move(runs).error());
  if (options.backend == Backend::interpreter) {
    return std::make_shared<const Interpreted>(std::move(guarded), std::move(heap), std::move(control), declarations, interface.bindings(),
                                               options.quantum, options.check_host);
  }
  TENON_TRY(generator, code_generator());
  TENON_TRY(image, generator->compile(guarded, {heap->shape(), options.trigger == Trigger::poll}));
  const interface::Hook& hook = guarded.proof().hook();
  runtime::InstallOptions install{options.quantum, hook.default_result, runtime::given_arguments(hook), options.check_host};
  install.control = std::move(control);
  if (options.check_records) install.held_tables = held_tables(guarded.proof());
  const std::uint32_t guards_in_code = image.guards_after_llvm;
  TENON_TRY(installed,
            runtime::Installed::create(std::move(image), std::move(heap), declarations, interface.bindings(), places_of(guarded.program()), install));
  return std::make_shared<const Native>(std::move(guarded), std::move(installed), guards_in_code);
}

}  // namespace tenon::engine
