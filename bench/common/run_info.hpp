// SPDX-License-Identifier: Apache-2.0
// Where and from what a benchmark ran: part of every JSON it writes.
#pragma once

#include <nlohmann/json.hpp>

namespace tenon::bench {

/// {"commit", "date", "cpu", "cpus", "kernel", "load"}; commit is that of the source tree, with "-dirty" when it has changes; fields that cannot be
/// found out are "unknown".
nlohmann::ordered_json run_info();

}  // namespace tenon::bench
