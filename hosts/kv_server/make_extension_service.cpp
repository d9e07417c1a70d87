// SPDX-License-Identifier: Apache-2.0
#include "make_service.hpp"
#include "tenon_service.hpp"

namespace kv {

const bool kServiceIsExtension = true;

tenon::Result<std::unique_ptr<Service>> make_service(const TenantOptions& options) {
  return load_extension(options.extension, {options.memory_bytes, options.heap_limit_bytes, options.quantum, options.backend});
}

}  // namespace kv
