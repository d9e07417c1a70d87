// SPDX-License-Identifier: Apache-2.0
#include "tenon_variant.hpp"

#include <fmt/format.h>

#include <tenon/engine.hpp>

namespace tenon::bench {
namespace {

constexpr std::uint64_t kHeapBytes = 1ull << 30;

class TenonVariant : public Variant {
 public:
  explicit TenonVariant(Program program) : program_(std::move(program)) {}

  Expected<std::uint64_t> invoke(const KernelContext& context) override {
    KernelContext copy = context;
    const Outcome outcome = program_.run(&copy);
    if (outcome.kind == Outcome::Kind::returned) return outcome.value;
    return std::unexpected(fmt::format("{} ({}) at {}:{}", to_string(outcome.kind), to_string(outcome.cause), outcome.file, outcome.line));
  }

 private:
  Program program_;
};

template <class T>
Expected<T> or_text(Result<T> result) {
  if (result) return std::move(*result);
  return std::unexpected(to_text(result.error()));
}

}  // namespace

Expected<std::unique_ptr<Variant>> make_tenon(const std::filesystem::path& interface_path, const std::filesystem::path& object,
                                              std::string_view program, LoadOptions options) {
  auto interface = or_text(Interface::read(interface_path));
  if (!interface) return std::unexpected(interface.error());
  options.heap_bytes = kHeapBytes;
  auto extension = or_text(Engine(*interface).load(object, options));
  if (!extension) return std::unexpected(extension.error());
  auto loaded = or_text(extension->program(program));
  if (!loaded) return std::unexpected(loaded.error());
  return std::make_unique<TenonVariant>(*loaded);
}

}  // namespace tenon::bench
