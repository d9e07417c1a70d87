// SPDX-License-Identifier: Apache-2.0
#include "engine/conformance.hpp"

#include <fmt/format.h>

#include <cstring>

#include <tenon/engine.hpp>

#include "base/bug.hpp"
#include "engine/builtin_interfaces.hpp"
#include "engine/pipeline.hpp"
#include "object/object.hpp"
#include "verify/proof.hpp"

namespace tenon::engine {

namespace {

std::uint64_t unwind_when_zero(std::uint64_t value) {
  if (value == 0) throw_in_current_invocation(0);
  return value;
}

}  // namespace

Interface conformance_interface() {
  auto interface = Interface::parse(kConformanceInterfaceText, "conformance.tni");
  base::ensure(interface && interface->bind<&unwind_when_zero>("helper#5"), "interfaces/conformance.tni and its host differ");
  return *std::move(interface);
}

Result<Outcome> run_conformance(std::span<const std::byte> code, std::span<const std::byte> memory, const LoadOptions& options) {
  const Interface interface = conformance_interface();
  TENON_TRY(program, object::decode_raw(code, "conformance", "conformance"));
  TENON_TRY(proof, verify::prove(std::move(program), share_declarations(interface)));
  const auto reads = options.performance_mode ? instrument::Reads::unguarded : instrument::Reads::guarded;
  TENON_TRY(heap, create_heap(*proof.program().globals(), options));
  TENON_TRY(executable, make_executable(instrument::insert_guards(std::move(proof), reads), heap, std::make_shared<runtime::Control>(), interface, options));
  std::uint64_t address = 0;
  if (!memory.empty()) {
    address = heap->grow(memory.size());
    if (address == 0) return refuse("E0804", fmt::format("{} bytes of memory do not fit into the heap", memory.size()));
    std::memcpy(reinterpret_cast<void*>(address), memory.data(), memory.size());
  }
  return executable->run({address, memory.size(), 0, 0, 0});
}

}  // namespace tenon::engine
