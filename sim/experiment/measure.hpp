#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/experiment/experiment.hpp"
#include "sim/scenario/run.hpp"

namespace waggle::sim {

/// Messages of one kind between replicas, each receiver counted.
struct Traffic {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
};

/// What a scenario's run measures, or several of them together.
struct Measurement {
  Duration time{0};                ///< Virtual.
  std::uint64_t committed = 0;     ///< Blocks, by the highest height.
  std::uint64_t proposed = 0;      ///< Blocks of honest leaders, with time left to commit.
  std::uint64_t abandoned = 0;     ///< Of these, those that nobody committed.
  std::uint64_t acknowledged = 0;  ///< Commands, by clients.
  std::uint64_t views = 0;
  std::uint64_t timeouts = 0;  ///< Views that replicas gave up, summed over replicas.
  Histogram latency_micros;    ///< From proposal to the first commit by an honest replica.
  Histogram latency_views;
  Histogram command_micros;  ///< From a command's submission to the answer its client believes.
  std::map<std::string, Traffic> traffic;  ///< By kind of message.

  void add(const Measurement& other);
  /// The latency in microseconds that `permille` of all blocks do not exceed, those that are never
  /// committed included; nothing: fewer commit.
  std::optional<std::uint64_t> micros_of_all(std::uint32_t permille) const;
  Traffic sum(const std::vector<std::string_view>& kinds) const;
};

nlohmann::json to_json(const Measurement& measurement);
Measurement measurement_of(const nlohmann::json& measured);

/// Runs the scenario for its duration. A block that is proposed in the last `tail` is not judged
/// for whether it commits. Messages, views and committed blocks are counted from `warm_up` on.
/// Throws std::runtime_error at a violation of safety.
Measurement measure(const Scenario& scenario, Duration tail, Duration warm_up = Duration{0});

/// Results that differ in their seeds alone, and what they measure together.
struct Group {
  nlohmann::json parameters;                                ///< Without the seed.
  std::vector<std::pair<std::uint64_t, Measurement>> runs;  ///< By seed.
  Measurement all;
};
/// In the order in which the results come.
std::vector<Group> group_by_parameters(const std::vector<CellResult>& results);

}  // namespace waggle::sim
