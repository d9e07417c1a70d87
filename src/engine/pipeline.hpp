// SPDX-License-Identifier: Apache-2.0
// The stages in order. Engine::load, the command line and the conformance plug-in all go through here: there is no other way to code that runs.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tenon/interface.hpp>
#include <tenon/options.hpp>
#include <tenon/outcome.hpp>
#include <tenon/result.hpp>

#include "codegen/plugin.hpp"
#include "engine/executable.hpp"
#include "instrument/guarded.hpp"
#include "object/object.hpp"
#include "runtime/runtime.hpp"

namespace tenon::engine {

using SharedDeclarations = std::shared_ptr<const interface::Declarations>;

/// The declarations of `interface`, kept alive by a copy of it.
SharedDeclarations share_declarations(const Interface& interface);

/// The kernel of this machine, whose files are read when an object first asks for them.
std::shared_ptr<const object::Kernel> this_kernel();

/// The names of the programs to work on: `wanted`, or, when that is empty, all that load by themselves. Errors: E0801, E0803.
Result<std::vector<std::string>> select_programs(const object::Object& object, const std::vector<std::string>& wanted);

/// Everything before code: decode, prove, guard. Errors: E01xx to E04xx, E0811.
Result<instrument::Guarded> guard(const object::Object& object, std::string_view entry, const SharedDeclarations& declarations,
                                  bool performance_mode = false);

/// The initial bytes of globals and their pointers, as the runtime wants them.
runtime::InitialGlobals initial_globals(const ir::Globals& globals);

/// Errors: E0601 to E0603.
Result<std::shared_ptr<runtime::Heap>> create_heap(const ir::Globals& globals, const LoadOptions& options);

/// Errors: as runtime::Heap::restore().
Result<std::shared_ptr<runtime::Heap>> restore_heap(const runtime::HeapImage& image, const LoadOptions& options,
                                                    const std::function<Result<void>(std::span<std::byte>)>& fill);

/// `control` is not null. Errors: E06xx, E07xx.
Result<std::shared_ptr<const Executable>> make_executable(instrument::Guarded guarded, std::shared_ptr<runtime::Heap> heap,
                                                          std::shared_ptr<runtime::Control> control, const Interface& interface,
                                                          const LoadOptions& options);

/// The code generator, loaded at the first call from beside this library. Errors: E0702. Thread-safe.
Result<const codegen::Plugin*> code_generator();

}  // namespace tenon::engine
