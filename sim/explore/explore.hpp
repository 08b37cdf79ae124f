#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/explore/draw.hpp"
#include "sim/explore/trial.hpp"

namespace waggle::sim {

struct ExploreOptions {
  DrawOptions draw;
  std::uint64_t first_seed = 1;
  std::uint64_t last_seed = 100;
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

/// Draws a scenario from every seed and runs it, `jobs` at a time, each in a process of its own.
/// Which seeds run depends on nothing but the options, the time limit apart. `progress` is called
/// after every run; may be null.
Exploration explore(const ExploreOptions& options,
                    const std::function<void(const Exploration&, const Trial&)>& progress);

/// What a scenario contains, as `covered` counts it.
std::vector<std::string> ingredients(const Scenario& scenario);

}  // namespace waggle::sim
