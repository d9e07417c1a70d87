// SPDX-License-Identifier: Apache-2.0
#include "native_variant.hpp"

#include <dlfcn.h>

namespace tenon::bench {
namespace {

class NativeVariant : public Variant {
 public:
  using Kernel = std::uint64_t (*)(const KernelContext*);

  NativeVariant(void* library, Kernel kernel) : library_(library), kernel_(kernel) {}
  NativeVariant(const NativeVariant&) = delete;
  NativeVariant& operator=(const NativeVariant&) = delete;
  ~NativeVariant() override { dlclose(library_); }

  Expected<std::uint64_t> invoke(const KernelContext& context) override { return kernel_(&context); }

 private:
  void* library_;
  Kernel kernel_;
};

}  // namespace

Expected<std::unique_ptr<Variant>> make_native(const std::filesystem::path& library_path, std::string_view program) {
  void* library = dlopen(library_path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) return std::unexpected(std::string(dlerror()));
  void* symbol = dlsym(library, std::string(program).c_str());
  if (!symbol) {
    dlclose(library);
    return std::unexpected(library_path.string() + " has no kernel " + std::string(program));
  }
  return std::make_unique<NativeVariant>(library, reinterpret_cast<NativeVariant::Kernel>(symbol));
}

}  // namespace tenon::bench
