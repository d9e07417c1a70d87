// SPDX-License-Identifier: Apache-2.0
#include "variant.hpp"

#include "native_variant.hpp"
#include "tenon_variant.hpp"

namespace tenon::bench {
namespace {

VariantKind native_kind(std::string_view name, std::string_view flags, const std::filesystem::path& folder) {
  return {name, flags,
          [=](const Row& row) { return make_native(folder / (std::string(row.object) + "." + std::string(name) + ".so"), row.program); }};
}

/// Never over, and yet watched as the default quantum is.
constexpr auto kLongQuantum = std::chrono::hours(1);
constexpr auto kNoQuantum = std::chrono::nanoseconds(0);

VariantKind tenon_kind(std::string_view name, const std::filesystem::path& folder, const LoadOptions& options) {
  return {name, TENON_BENCH_BPF_FLAGS, [=](const Row& row) {
            return make_tenon(TENON_BENCH_INTERFACE, folder / ("kernel_" + std::string(row.object) + ".bpf.o"), row.program, options);
          }};
}

}  // namespace

std::vector<VariantKind> variant_kinds(const std::filesystem::path& folder) {
  return {
      native_kind("native", TENON_BENCH_NATIVE_FLAGS, folder),
      native_kind("scalar", TENON_BENCH_SCALAR_FLAGS, folder),
      tenon_kind("tenon", folder, {.quantum = kNoQuantum}),
      tenon_kind("watched", folder, {.quantum = kLongQuantum}),
      tenon_kind("poll", folder, {.quantum = kLongQuantum, .trigger = Trigger::poll}),
      tenon_kind("unguarded", folder, {.quantum = kNoQuantum, .performance_mode = true}),
      tenon_kind("interpreter", folder, {.quantum = kNoQuantum, .backend = Backend::interpreter}),
  };
}

}  // namespace tenon::bench
