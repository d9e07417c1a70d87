// SPDX-License-Identifier: Apache-2.0
// One way of running a kernel: native code from a shared object, or the BPF object inside Tenon.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rows.hpp"

namespace tenon::bench {

/// Layout declared in kernels.tni, used by the kernels through kernel.h.
struct KernelContext {
  std::uint32_t op = 0;
  std::uint32_t repeat = 0;
  std::uint64_t size = 0;
  std::uint64_t seed = 0;
};
static_assert(sizeof(KernelContext) == 24);

enum Op : std::uint32_t { kSetUp = 0, kRun = 1 };

template <class T>
using Expected = std::expected<T, std::string>;  ///< the error is text for people

class Variant {
 public:
  virtual ~Variant() = default;
  /// The kernel's answer; the error says how the invocation ended otherwise.
  virtual Expected<std::uint64_t> invoke(const KernelContext& context) = 0;
};

/// Names a way of running and makes it for one row.
struct VariantKind {
  std::string_view name;
  std::string_view flags;  ///< how the code was made, for the record
  std::function<Expected<std::unique_ptr<Variant>>(const Row&)> make;
};

/// All kinds there are, the reference first; objects are looked for in `folder`.
std::vector<VariantKind> variant_kinds(const std::filesystem::path& folder);

}  // namespace tenon::bench
