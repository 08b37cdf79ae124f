#pragma once

#include <string_view>

#include "sim/experiment/experiment.hpp"
#include "sim/experiment/measure.hpp"
#include "sim/experiment/plot.hpp"

/// What the experiments have in common.
namespace waggle::sim {

/// The cores in the order of figures, and as figures call them.
struct CoreName {
  std::string_view core;
  std::string_view shown;
};
std::span<const CoreName> compared_cores();
/// The same in every figure.
std::size_t style_of(std::string_view core);
std::string shown(std::string_view core);

/// A chain that is never idle: clients put small values, as fast as they are answered. Round trips
/// between replicas take 2 to 6 ms, a sync 0.1 to 1 ms, a view's timer 100 ms and, backed off, at
/// most 400 ms.
Scenario busy_scenario(std::string_view core, std::uint32_t n, std::uint64_t seed);

/// Replicas that are down from the start to the end.
void crash_for_good(Scenario& scenario, std::vector<std::uint32_t> replicas);

/// `count` of n replicas, drawn from the seed, in rising order. With one seed more of them are the
/// same ones and some others.
std::vector<std::uint32_t> drawn_replicas(std::uint32_t n, std::uint32_t count, std::uint64_t seed);

/// A run that measures a scenario (measure.hpp).
Cell measured_cell(nlohmann::json parameters, Scenario scenario, Duration tail);

// Numbers as tables show them.
std::string fixed(double value, int decimals);
double millis(std::uint64_t micros);
/// "12.3", or "-" if there is nothing of which it could be the quantile.
std::string quantile_ms(const Histogram& micros, std::uint32_t permille);
std::string quantile(const Histogram& histogram, std::uint32_t permille);
double share(std::uint64_t part, std::uint64_t whole);
/// "12.5"; "-" if the whole is nothing.
std::string percent(std::uint64_t part, std::uint64_t whole);

/// A row per run and one for all runs of each group. `row` makes the values of the columns from a
/// measurement; in front come the group's parameters, in the order of `parameters`, and the seed.
Table table_of_groups(const std::vector<Group>& groups, const std::vector<std::string>& parameters,
                      const std::vector<std::string>& columns,
                      const std::function<std::vector<std::string>(const Measurement&)>& row);

/// Over all blocks (micros_of_all); "never".
std::string quantile_of_all_ms(const Measurement& measured, std::uint32_t permille);
/// The median and, as the end of the range, the 99th percentile, in ms: over all blocks, those
/// that are never committed included (the range may have no end), and over what there is.
Point point_of_all(double x, const Measurement& measured);
Point point_of_quantiles(double x, const Histogram& micros);

/// Columns of the CSV about commits, and their values.
std::vector<std::string> latency_columns();
std::vector<std::string> latency_row(const Measurement& measured);

/// The group with these parameters. To exist.
const Group& group_with(const std::vector<Group>& groups, const nlohmann::json& parameters);

}  // namespace waggle::sim
