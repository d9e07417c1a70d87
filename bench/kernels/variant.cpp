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

VariantKind tenon_kind(std::string_view name, const std::filesystem::path& folder, Backend backend) {
  return {name, TENON_BENCH_BPF_FLAGS, [=](const Row& row) {
            return make_tenon(TENON_BENCH_INTERFACE, folder / ("kernel_" + std::string(row.object) + ".bpf.o"), row.program, backend);
          }};
}

}  // namespace

std::vector<VariantKind> variant_kinds(const std::filesystem::path& folder) {
  return {
      native_kind("native", TENON_BENCH_NATIVE_FLAGS, folder),
      native_kind("scalar", TENON_BENCH_SCALAR_FLAGS, folder),
      tenon_kind("tenon", folder, Backend::native),
      tenon_kind("interpreter", folder, Backend::interpreter),
  };
}

}  // namespace tenon::bench
