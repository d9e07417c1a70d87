// SPDX-License-Identifier: Apache-2.0
#include "tenon_service.hpp"

#include <bit>
#include <cstddef>

#include "incidents.hpp"
#include "kv/host.h"
#include "kv_interface.hpp"

namespace kv {

namespace {

static_assert(offsetof(Request, input) == 0 && offsetof(Request, output) == 16 && offsetof(Request, connection) == 32 && offsetof(Request, now) == 40 &&
                  offsetof(Request, datagram) == 48 && offsetof(Request, consumed) == 52 && offsetof(Request, produced) == 56 && offsetof(Request, worker) == 60,
              "Request is laid out as kv.tni says");
static_assert(offsetof(Settings, memory_bytes) == 0 && offsetof(Settings, seed) == 8 && offsetof(Settings, now) == 16, "Settings is laid out as kv.tni says");

class ExtensionService : public Service {
 public:
  ExtensionService(std::string name, tenon::Program start, tenon::Program request, tenon::Program closed)
      : incidents_(std::move(name)), start_(std::move(start)), request_(std::move(request)), closed_(std::move(closed)) {}

  bool start(Settings& settings) override { return finish("kv_start", start_.run(&settings), 1) == 0; }
  std::int32_t request(Request& request) override { return finish("kv_request", request_.run(&request), KV_CLOSE); }
  bool closed(std::uint64_t connection) override { return finish("kv_closed", closed_.run(connection), 1) == 0; }

 private:
  std::int32_t finish(std::string_view program, const tenon::Outcome& outcome, std::int32_t otherwise) {
    if (outcome.kind == tenon::Outcome::Kind::returned) [[likely]] return static_cast<std::int32_t>(outcome.value);
    incidents_.add(program, outcome);
    return otherwise;
  }

  Incidents incidents_;
  tenon::Program start_, request_, closed_;
};

tenon::LoadOptions load_options(const ExtensionOptions& options) {
  tenon::LoadOptions load;
  load.heap_limit_bytes = options.heap_limit_bytes ? options.heap_limit_bytes : options.memory_bytes + options.memory_bytes / 4 + (64ull << 20);
  load.heap_bytes = std::bit_ceil(load.heap_limit_bytes);
  load.quantum = options.quantum;
  load.backend = options.backend;
  return load;
}

}  // namespace

tenon::Result<std::unique_ptr<Service>> load_extension(const std::filesystem::path& path, const ExtensionOptions& options) {
  HostInterface interface(kInterfaceFile);
  interface.bind<"kv_fact", &fact>();
  const tenon::Engine engine(interface.get());
  TENON_TRY(extension, engine.load(path, load_options(options)));
  TENON_TRY(start, extension.program_for_hook("kv_start"));
  TENON_TRY(request, extension.program_for_hook("kv_request"));
  TENON_TRY(closed, extension.program_for_hook("kv_closed"));
  return std::make_unique<ExtensionService>(path.filename().string(), std::move(start), std::move(request), std::move(closed));
}

}  // namespace kv
