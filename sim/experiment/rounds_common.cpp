#include "sim/experiment/rounds_common.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "consensus/core/ensure.hpp"
#include "smr/median/recommended.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;

std::string behaviour_of(rounds::LogRule rule) {
  const rounds::LogOptions options{.parameters = {.n = 40, .T = 12, .B = 8}, .rule = rule};
  rounds::LogWorld world = log_world(options, "fresh:10%,restart:1%");
  while (world.rounds() < 50) world.round();
  return fmt::format("{}/{}/{}", world.agreement().length(), world.clients().acknowledged(),
                     world.clients().mean_latency_milli());
}

std::string behaviour_of_values() {
  rounds::ValueWorld world =
      value_world({.parameters = {.n = 100}, .useful = permille(900), .values = 50}, "fresh:10%");
  std::string text;
  for (int round = 0; round < 8; ++round) {
    world.round();
    text += fmt::format("{}/{} ", world.useful(), world.distinct());
  }
  return text;
}

const std::string& behaviour() {
  static const std::string known = [] {
    std::string text = behaviour_of_values();
    for (const auto rule : {rounds::LogRule::kCompact, rounds::LogRule::kRecovery,
                            rounds::LogRule::kSealed, rounds::LogRule::kExtended}) {
      text += behaviour_of(rule) + " ";
    }
    for (const std::uint32_t n : {1u, 4u, 32u, 64u, 128u, 256u, 512u, 1024u}) {
      const median::Parameters parameters = median::recommended(n).parameters;
      text += fmt::format("{}/{} ", parameters.T, parameters.B);
    }
    return text;
  }();
  return known;
}

std::string text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_null() ? "-" : value.dump();
}

double number(const json& value) {
  return value.is_boolean() ? (value.get<bool>() ? 1 : 0) : value.get<double>();
}

}  // namespace

Cell rounds_cell(json parameters, std::function<json()> run, const std::string& inputs) {
  return {std::move(parameters), std::move(run), behaviour() + inputs};
}

rounds::LogWorld log_world(const rounds::LogOptions& options, const std::string& block) {
  auto blocker = rounds::make_blocker(block);
  ENSURE(blocker.has_value(), "a blocking strategy");
  return rounds::LogWorld(options, std::move(*blocker));
}

rounds::ValueWorld value_world(const rounds::ValueOptions& options, const std::string& block) {
  auto blocker = rounds::make_blocker(block);
  ENSURE(blocker.has_value(), "a blocking strategy");
  return rounds::ValueWorld(options, std::move(*blocker));
}

double Sample::sum(const std::string& key) const {
  double total = 0;
  for (const json& run : runs) total += run.at(key).is_null() ? 0 : number(run.at(key));
  return total;
}

double Sample::mean(const std::string& key) const {
  const auto known = std::count_if(runs.begin(), runs.end(),
                                   [&key](const json& run) { return !run.at(key).is_null(); });
  return known == 0 ? 0 : sum(key) / static_cast<double>(known);
}

double Sample::most(const std::string& key) const {
  double found = 0;
  for (const json& run : runs) {
    if (!run.at(key).is_null()) found = std::max(found, number(run.at(key)));
  }
  return found;
}

std::size_t Sample::count(const std::string& key) const {
  return static_cast<std::size_t>(std::count_if(runs.begin(), runs.end(), [&key](const json& run) {
    return !run.at(key).is_null() && number(run.at(key)) > 0;
  }));
}

std::optional<double> Sample::middle(const std::string& key) const {
  std::vector<double> values;
  for (const json& run : runs)
    values.push_back(run.at(key).is_null() ? INFINITY : number(run.at(key)));
  std::sort(values.begin(), values.end());
  const double found = values.at((values.size() - 1) / 2);
  return std::isfinite(found) ? std::optional(found) : std::nullopt;
}

std::vector<Sample> samples_of(const std::vector<CellResult>& results) {
  std::vector<Sample> samples;
  for (const CellResult& result : results) {
    json parameters = result.parameters;
    parameters.erase("seed");
    const auto same = [&](const Sample& sample) { return sample.parameters == parameters; };
    auto sample = std::find_if(samples.begin(), samples.end(), same);
    if (sample == samples.end()) sample = samples.insert(samples.end(), {parameters, {}});
    sample->runs.push_back(result.measured);
  }
  return samples;
}

const Sample& sample_with(const std::vector<Sample>& samples, const json& parameters) {
  const auto found = std::find_if(samples.begin(), samples.end(), [&](const Sample& sample) {
    return sample.parameters == parameters;
  });
  ENSURE(found != samples.end(), "a sample of the experiment");
  return *found;
}

Table table_of_runs(const std::vector<CellResult>& results,
                    const std::vector<std::string>& parameters,
                    const std::vector<std::string>& measured) {
  std::vector<std::string> columns = parameters;
  columns.insert(columns.end(), measured.begin(), measured.end());
  Table table(columns);
  for (const CellResult& result : results) {
    std::vector<std::string> row;
    for (const std::string& key : parameters) row.push_back(text_of(result.parameters.at(key)));
    for (const std::string& key : measured) row.push_back(text_of(result.measured.at(key)));
    table.add(std::move(row));
  }
  return table;
}

Table table_of_runs(const std::vector<CellResult>& results,
                    const std::vector<std::string>& parameters) {
  std::vector<CellResult> whole = results;
  for (CellResult& result : whole) result.measured = {{"measured", result.measured.dump()}};
  return table_of_runs(whole, parameters, {"measured"});
}

std::string permille_text(std::uint64_t permille) {
  return permille % 10 == 0 ? fmt::format("{}%", permille / 10)
                            : fmt::format("{}.{}%", permille / 10, permille % 10);
}

std::string adversary_text(const std::string& name, std::uint64_t permille) {
  return permille == 0 ? "none" : name + ":" + permille_text(permille);
}

Line fit_line(const std::vector<std::pair<double, double>>& points) {
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (const auto& [x, y] : points) {
    n += 1;
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  }
  Line line;
  line.slope = (n * sxy - sx * sy) / (n * sxx - sx * sx);
  line.at_zero = (sy - line.slope * sx) / n;
  for (const auto& [x, y] : points) line.worst = std::max(line.worst, std::abs(y - line.at(x)));
  return line;
}

}  // namespace waggle::sim
