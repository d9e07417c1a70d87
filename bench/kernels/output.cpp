// SPDX-License-Identifier: Apache-2.0
#include "output.hpp"

#include <functional>
#include <optional>

#include <fmt/format.h>

#include "common/run_info.hpp"
#include "common/statistics.hpp"

namespace tenon::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kScalar = "scalar";
constexpr double kScalarGoal = 1.05;

/// Median over the rounds of subject / baseline, taken round by round so that a slow moment of the machine hits both.
std::optional<double> ratio(const RowTimes& row, std::string_view subject, std::string_view baseline) {
  const auto above = row.variants.find(subject), below = row.variants.find(baseline);
  if (above == row.variants.end() || below == row.variants.end()) return std::nullopt;
  if (!above->second.measured() || !below->second.measured()) return std::nullopt;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < above->second.ns.size(); i++) ratios.push_back(above->second.ns[i] / below->second.ns[i]);
  return median(ratios);
}

Json to_json(const VariantTimes& times) {
  if (!times.measured()) return {{"failure", times.failure.empty() ? "not measured: the reference failed" : times.failure}};
  return {{"ns", median(times.ns)}, {"ns_p25", quantile(times.ns, 0.25)}, {"ns_p75", quantile(times.ns, 0.75)}, {"load_ms", median(times.load_ms)}};
}

Json to_json(const RowTimes& row, const std::vector<VariantKind>& kinds) {
  Json json{
      {"name", row.row.name}, {"group", to_string(row.row.group)}, {"vectorised", row.row.vectorised}, {"unit", row.row.unit}, {"size", row.size},
      {"repeat", row.repeat}, {"invocations", row.invocations}};
  for (const VariantKind& kind : kinds) {
    Json& variant = json["variants"][kind.name];
    variant = to_json(row.variants.find(kind.name)->second);
    if (const auto value = ratio(row, kind.name, kinds[0].name)) variant["to_reference"] = *value;
    if (const auto value = ratio(row, kind.name, kScalar)) variant["to_scalar"] = *value;
  }
  return json;
}

using RowFilter = std::function<bool(const Json&)>;

/// Per variant, the geometric mean of `field` over the rows that `filter` lets through and that have it; absent when none has.
Json means(const Json& rows, const std::vector<VariantKind>& kinds, std::string_view field, const RowFilter& filter) {
  Json json{{"rows", 0}};
  std::size_t most = 0;
  for (const VariantKind& kind : kinds) {
    std::vector<double> values;
    for (const Json& row : rows) {
      const Json& variant = row["variants"][kind.name];
      if (filter(row) && variant.contains(field)) values.push_back(variant[field]);
    }
    if (!values.empty()) json[kind.name] = geometric_mean(values);
    most = std::max(most, values.size());
  }
  json["rows"] = most;
  return json;
}

Json all_means(const Json& rows, const std::vector<VariantKind>& kinds) {
  const RowFilter all = [](const Json&) { return true; };
  const RowFilter scalar_rows = [](const Json& row) { return !row["vectorised"]; };
  Json json{{"all rows / native", means(rows, kinds, "to_reference", all)},
            {"scalar rows / native", means(rows, kinds, "to_reference", scalar_rows)},
            {"all rows / scalar", means(rows, kinds, "to_scalar", all)}};
  for (Group group : {Group::pointer, Group::alu, Group::byte}) {
    const RowFilter in_group = [group](const Json& row) { return row["group"] == to_string(group); };
    json[fmt::format("{} rows / scalar", to_string(group))] = means(rows, kinds, "to_scalar", in_group);
  }
  return json;
}

std::string cell(const Json& variant, std::string_view field, std::string_view format) {
  return variant.contains(field) ? fmt::format(fmt::runtime(format), variant[field].get<double>()) : "-";
}

}  // namespace

Json to_json(const std::vector<RowTimes>& rows, const std::vector<VariantKind>& kinds, const MeasureOptions& options) {
  Json json{{"benchmark", "kernels"},
            {"run", run_info()},
            {"smoke", options.smoke},
            {"rounds", options.smoke ? 1 : options.rounds},
            {"seed", options.seed}};
  json["reference"] = kinds[0].name;
  for (const VariantKind& kind : kinds) json["flags"][kind.name] = kind.flags;
  json["rows"] = Json::array();
  for (const RowTimes& row : rows) json["rows"].push_back(to_json(row, kinds));
  json["geometric_means"] = all_means(json["rows"], kinds);
  json["goal"] = {{"mean", "scalar rows / native"}, {"at_most", kScalarGoal}};
  return json;
}

std::string to_table(const Json& report) {
  std::string text = fmt::format("{:18} {:>8} {:>11}", "kernel", "unit", "native ns");
  for (const auto& [kind, flags] : report["flags"].items()) {
    if (kind != report["reference"]) text += fmt::format(" {:>14}", kind + "/native");
  }
  text += '\n';
  for (const Json& row : report["rows"]) {
    text += fmt::format("{:18} {:>8} {:>11}", row["name"].get<std::string>() + (row["vectorised"] ? " *" : ""), row["unit"].get<std::string>(),
                        cell(row["variants"][report["reference"]], "ns", "{:.4g}"));
    for (const auto& [kind, variant] : row["variants"].items()) {
      if (kind != report["reference"]) text += fmt::format(" {:>14}", cell(variant, "to_reference", "{:.2f}"));
    }
    text += '\n';
  }
  text += "* native code uses vectors or a library routine here: not a scalar row\n\ngeometric mean                     rows";
  for (const auto& [kind, flags] : report["flags"].items()) text += fmt::format(" {:>12}", kind);
  text += '\n';
  for (const auto& [name, mean] : report["geometric_means"].items()) {
    text += fmt::format("{:34} {:>4}", name, mean["rows"].get<std::size_t>());
    for (const auto& [kind, flags] : report["flags"].items()) text += fmt::format(" {:>12}", cell(mean, kind, "{:.3f}"));
    text += '\n';
  }
  return text + fmt::format("goal: {} at most {:.2f}\n", report["goal"]["mean"].get<std::string>(), report["goal"]["at_most"].get<double>());
}

std::string failures_of(const Json& report) {
  std::string text;
  for (const Json& row : report["rows"]) {
    for (const auto& [kind, variant] : row["variants"].items()) {
      if (variant.contains("failure"))
        text += fmt::format("{}, {}: {}\n", row["name"].get<std::string>(), kind, variant["failure"].get<std::string>());
    }
  }
  return text;
}

}  // namespace tenon::bench
