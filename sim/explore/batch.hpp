#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/explore/trial.hpp"

namespace waggle::sim {

struct BatchOptions {
  std::uint32_t jobs = 1;                          ///< Runs at the same time.
  std::optional<std::chrono::seconds> time_limit;  ///< Wall clock; what runs then still ends.
  bool stop_at_failure = false;
};

/// What was tried, and what came of it.
struct Exploration {
  std::uint64_t runs = 0;
  std::uint64_t events = 0;
  std::uint64_t committed = 0;  ///< Blocks.
  std::uint64_t timeouts = 0;   ///< Views that replicas gave up.
  /// How many scenarios had each fault, strategy and size.
  std::map<std::string, std::uint64_t> covered;
  Strikes strikes{};            ///< How often each place struck.
  std::vector<Trial> failures;  ///< By rising seed.
};

/// The next scenario, whose seed tells it from the others; nothing after the last one.
using ScenarioSource = std::function<std::optional<Scenario>()>;
using Progress = std::function<void(const Exploration&, const Trial&)>;

/// Runs all scenarios of the source, `jobs` at a time, each in a process of its own. Which ones
/// run depends on nothing but the source and the options, the time limit apart. `progress` is
/// called after every run; may be null.
Exploration run_batch(const BatchOptions& options, const ScenarioSource& source,
                      const Progress& progress);

/// What a scenario contains, as `covered` counts it.
std::vector<std::string> ingredients(const Scenario& scenario);

}  // namespace waggle::sim
