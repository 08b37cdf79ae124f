#include "sim/experiment/common.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include "consensus/core/ensure.hpp"
#include "sim/scenario/write.hpp"

namespace waggle::sim {

using nlohmann::json;
using std::chrono::microseconds;
using std::chrono::milliseconds;

std::span<const CoreName> compared_cores() {
  static constexpr std::array<CoreName, 4> kCores = {{{"pbeegees", "pBeeGees"},
                                                      {"beegees", "BeeGees"},
                                                      {"fast-hotstuff", "Fast-HotStuff"},
                                                      {"chained-hotstuff", "Chained HotStuff"}}};
  return kCores;
}

std::size_t style_of(std::string_view core) {
  const auto cores = compared_cores();
  const auto found = std::find_if(cores.begin(), cores.end(),
                                  [core](const CoreName& one) { return one.core == core; });
  ENSURE(found != cores.end());
  return static_cast<std::size_t>(found - cores.begin());
}

std::string shown(std::string_view core) {
  return std::string(compared_cores()[style_of(core)].shown);
}

Scenario busy_scenario(std::string_view core, std::uint32_t n, std::uint64_t seed) {
  Scenario scenario;
  scenario.name = "experiment";
  WorldOptions& world = scenario.world;
  world.core = std::string(core);
  world.n = n;
  world.seed = seed;
  world.network.quality.latency = Latency::uniform(milliseconds(1), milliseconds(3));
  world.disk.sync = Latency::uniform(microseconds(100), milliseconds(1));
  world.execution = Latency::constant(microseconds(50));
  world.clock.drift_max = permille(1);
  // As in the papers: no timer knows of connections.
  world.pacemaker.unreachable_timeout = world.pacemaker.view_timeout;
  world.pacemaker.timeout_max = milliseconds(400);
  scenario.clients = 2;
  scenario.plan.commands = ClientPlan::kEndless;
  scenario.plan.in_flight_max = 4;
  scenario.plan.batch_max = 1;
  scenario.plan.think_max = milliseconds(5);
  scenario.plan.mix = {.put = 1, .increment = 0};
  return scenario;
}

void crash_for_good(Scenario& scenario, std::vector<std::uint32_t> replicas) {
  if (replicas.empty()) return;
  scenario.faults.push_back({Duration{0}, std::nullopt, std::move(replicas), CrashFault{}});
}

std::vector<std::uint32_t> drawn_replicas(std::uint32_t n, std::uint32_t count,
                                          std::uint64_t seed) {
  Random random(seed * 1000 + n);
  std::vector<std::uint32_t> all;
  for (std::uint32_t id = 0; id < n; ++id) all.push_back(id);
  for (std::uint32_t i = 0; i < count; ++i) std::swap(all[i], all[i + random.below(n - i)]);
  all.resize(count);
  std::sort(all.begin(), all.end());
  return all;
}

Cell measured_cell(json parameters, Scenario scenario, Duration tail) {
  std::string inputs = write_scenario(scenario, "") + std::to_string(tail.count());
  return {std::move(parameters),
          [scenario = std::move(scenario), tail] { return to_json(measure(scenario, tail)); },
          std::move(inputs)};
}

std::string fixed(double value, int decimals) { return fmt::format("{:.{}f}", value, decimals); }

double millis(std::uint64_t micros) { return static_cast<double>(micros) / 1000; }

std::string quantile_ms(const Histogram& micros, std::uint32_t permille) {
  return micros.count() == 0 ? "-" : fixed(millis(micros.quantile(permille)), 1);
}

std::string quantile(const Histogram& histogram, std::uint32_t permille) {
  return histogram.count() == 0 ? "-" : std::to_string(histogram.quantile(permille));
}

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "-" : fixed(100 * share(part, whole), 1);
}

Table table_of_groups(const std::vector<Group>& groups, const std::vector<std::string>& parameters,
                      const std::vector<std::string>& columns,
                      const std::function<std::vector<std::string>(const Measurement&)>& row) {
  std::vector<std::string> all = parameters;
  all.emplace_back("seed");
  all.insert(all.end(), columns.begin(), columns.end());
  Table table(all);
  for (const Group& group : groups) {
    std::vector<std::string> front;
    for (const std::string& name : parameters) {
      const json& value = group.parameters.at(name);
      front.push_back(value.is_string() ? value.get<std::string>() : value.dump());
    }
    const auto add = [&](std::string seed, const Measurement& measured) {
      std::vector<std::string> values = front;
      values.push_back(std::move(seed));
      for (std::string& value : row(measured)) values.push_back(std::move(value));
      table.add(std::move(values));
    };
    for (const auto& [seed, measured] : group.runs) add(std::to_string(seed), measured);
    add("all", group.all);
  }
  return table;
}

std::string quantile_of_all_ms(const Measurement& measured, std::uint32_t permille) {
  const auto micros = measured.micros_of_all(permille);
  return micros ? fixed(millis(*micros), 1) : "never";
}

std::vector<std::string> latency_columns() {
  return {"blocks_committed",           "blocks_judged",           "blocks_never_committed",
          "never_committed_percent",    "all_blocks_p50_ms",       "all_blocks_p99_ms",
          "committed_blocks_p50_ms",    "committed_blocks_p99_ms", "committed_blocks_p50_views",
          "committed_blocks_p99_views", "commands_p50_ms",         "commands_p99_ms"};
}

std::vector<std::string> latency_row(const Measurement& measured) {
  return {std::to_string(measured.committed),        std::to_string(measured.proposed),
          std::to_string(measured.abandoned),        percent(measured.abandoned, measured.proposed),
          quantile_of_all_ms(measured, 500),         quantile_of_all_ms(measured, 990),
          quantile_ms(measured.latency_micros, 500), quantile_ms(measured.latency_micros, 990),
          quantile(measured.latency_views, 500),     quantile(measured.latency_views, 990),
          quantile_ms(measured.command_micros, 500), quantile_ms(measured.command_micros, 990)};
}

Point point_of_all(double x, const Measurement& measured) {
  Point point{x, std::nullopt};
  const auto median = measured.micros_of_all(500);
  if (!median) return point;
  point.y = millis(*median);
  const auto most = measured.micros_of_all(990);
  point.high = most ? millis(*most) : std::numeric_limits<double>::infinity();
  return point;
}

Point point_of_quantiles(double x, const Histogram& micros) {
  Point point{x, std::nullopt};
  if (micros.count() == 0) return point;
  point.y = millis(micros.quantile(500));
  point.high = millis(micros.quantile(990));
  return point;
}

const Group& group_with(const std::vector<Group>& groups, const json& parameters) {
  const auto found = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
    return group.parameters == parameters;
  });
  ENSURE(found != groups.end(), "a group of the experiment");
  return *found;
}

}  // namespace waggle::sim
