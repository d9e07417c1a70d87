// SPDX-License-Identifier: Apache-2.0
// The table for people and the JSON for bench/report.py.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "measure.hpp"

namespace tenon::bench {

/// Rows, ratios to the reference and to "scalar", geometric means, commit, machine and flags. kinds[0] is the reference.
nlohmann::ordered_json to_json(const std::vector<RowTimes>& rows, const std::vector<VariantKind>& kinds, const MeasureOptions& options);

/// Reads what to_json made.
std::string to_table(const nlohmann::ordered_json& report);

/// Every row of `report` that has a failure; empty when all answers agreed.
std::string failures_of(const nlohmann::ordered_json& report);

}  // namespace tenon::bench
