#pragma once

#include <functional>
#include <string>

#include "sim/explore/trial.hpp"

namespace waggle::sim {

struct Shrunk {
  Scenario scenario;
  Trial trial;               ///< Of that scenario.
  std::uint32_t tried = 0;   ///< Smaller scenarios that were run.
  std::uint32_t helped = 0;  ///< Of these, those that failed in the same way.
};

/// Makes a failing scenario smaller as long as it violates the same property: fewer faults and
/// adversaries, shorter spans, fewer commands, clients and replicas, a plainer network, and a
/// seed that is shorter for it (delta debugging, Zeller and Hildebrandt 2002). Every step is a
/// scenario that can be written down and run. `progress` is told of each that helped; may be null.
Shrunk shrink(const Scenario& failing, std::uint32_t tries_max,
              const std::function<void(const Shrunk&)>& progress);

}  // namespace waggle::sim
