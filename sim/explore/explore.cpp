#include "sim/explore/explore.hpp"

namespace waggle::sim {

Exploration explore(const ExploreOptions& options, const Progress& progress) {
  std::uint64_t next = options.first_seed;
  const ScenarioSource source = [&options, &next]() -> std::optional<Scenario> {
    if (next > options.last_seed) return std::nullopt;
    return draw_scenario(options.draw, next++);
  };
  return run_batch(options, source, progress);
}

}  // namespace waggle::sim
