#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/experiment/experiment.hpp"
#include "sim/experiment/plot.hpp"
#include "sim/rounds/log_world.hpp"
#include "sim/rounds/value_world.hpp"

/// What the experiments about synchronous rounds have in common.
namespace waggle::sim {

/// A run whose result also depends on `inputs`, and on how the rules and their worlds behave, which
/// short runs find out.
Cell rounds_cell(nlohmann::json parameters, std::function<nlohmann::json()> run,
                 const std::string& inputs = "");

/// `block` as make_blocker() takes it; to be valid.
rounds::LogWorld log_world(const rounds::LogOptions& options, const std::string& block);
rounds::ValueWorld value_world(const rounds::ValueOptions& options, const std::string& block);

/// Results that differ in their seeds alone.
struct Sample {
  nlohmann::json parameters;         ///< Without the seed.
  std::vector<nlohmann::json> runs;  ///< What was measured, in the order of the results.

  double mean(const std::string& key) const;  ///< Of numbers; null ones are left out.
  double most(const std::string& key) const;
  double sum(const std::string& key) const;
  /// How many are true, or a number above 0.
  std::size_t count(const std::string& key) const;
  /// The one in the middle, null ones being larger than all others; nothing: it is null.
  std::optional<double> middle(const std::string& key) const;
};
/// In the order in which the results come.
std::vector<Sample> samples_of(const std::vector<CellResult>& results);
/// The sample with these parameters. To exist.
const Sample& sample_with(const std::vector<Sample>& samples, const nlohmann::json& parameters);

/// A row for each run: its parameters, then those keys of what was measured.
Table table_of_runs(const std::vector<CellResult>& results,
                    const std::vector<std::string>& parameters,
                    const std::vector<std::string>& measured);
/// The same with all that was measured, as JSON, in one column.
Table table_of_runs(const std::vector<CellResult>& results,
                    const std::vector<std::string>& parameters);

/// "12.5%", from thousandths.
std::string permille_text(std::uint64_t permille);
/// "none", "fresh:12.5%".
std::string adversary_text(const std::string& name, std::uint64_t permille);

/// y = at_zero + slope * x by least squares; at least two points of different x.
struct Line {
  double at_zero = 0;
  double slope = 0;
  double worst = 0;  ///< The largest distance of a point from it, in y.
  double at(double x) const { return at_zero + slope * x; }
};
Line fit_line(const std::vector<std::pair<double, double>>& points);

}  // namespace waggle::sim
