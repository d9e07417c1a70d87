// SPDX-License-Identifier: Apache-2.0
#include "engine/builtin_interfaces.hpp"

#include <string>

#include "engine/conformance.hpp"
#include "engine/raw_host.hpp"

namespace tenon::engine {

Result<Interface> find_interface(const std::string& name_or_path) {
  if (name_or_path == "raw") return raw_interface();
  if (name_or_path == "conformance") return conformance_interface();
  if (name_or_path == "linux") return Interface::parse(kLinuxInterfaceText, "linux");
  return Interface::read(name_or_path);
}

}  // namespace tenon::engine
