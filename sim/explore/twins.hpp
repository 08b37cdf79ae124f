#pragma once

#include <string>
#include <vector>

#include "sim/explore/batch.hpp"
#include "sim/explore/twin_space.hpp"

namespace waggle::sim {

struct TwinsOptions : BatchOptions {
  TwinSpaceOptions space;
  std::string core = "pbeegees";
  std::vector<std::string> without;  ///< Names of planted bugs.
  std::uint64_t limit = 1000;        ///< Schedules to run, at most.
  std::uint64_t offset = 0;          ///< Number of the first one.
};

/// Which schedules of a space are run: every stride-th one, so that they lie evenly in it. Another
/// offset below the stride gives others.
struct TwinSample {
  std::uint64_t first = 0;
  std::uint64_t stride = 1;
  std::uint64_t count = 0;
  /// Whose turn it is; `turn` is below count. Turns jump to and fro, so that those of a run that is
  /// broken off lie evenly too.
  std::uint64_t at(std::uint64_t turn) const;
};
TwinSample sample_of(const TwinsOptions& options, const TwinSpace& space);

/// The scenario of a schedule: each view has its leader, and what is said about it passes only
/// within the groups of its partition, until some view timeouts after its begin. Then the network
/// behaves, leaders go round, and everything must commit. The schedule's number is its seed.
Scenario twins_scenario(const TwinsOptions& options, const std::vector<TwinView>& schedule,
                        std::uint64_t number);

/// Runs a sample of the space.
Exploration run_twins(const TwinsOptions& options, const TwinSpace& space,
                      const Progress& progress);

}  // namespace waggle::sim
