#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "sim/explore/trial.hpp"

namespace waggle::sim {

struct Shrunk {
  Scenario scenario;
  Trial trial;               ///< Of that scenario.
  std::uint32_t tried = 0;   ///< Smaller scenarios that were run.
  std::uint32_t helped = 0;  ///< Of these, those that failed in the same way.
};

struct ShrinkLimits {
  std::uint32_t tries_max = 4000;
  std::optional<std::chrono::seconds> time_limit = {};  ///< Wall clock.
};

/// Makes a failing scenario smaller as long as it violates the same property: delta debugging
/// (Zeller and Hildebrandt 2002) over faults, strategies, steps of plans, messages, replicas, load
/// and time. Smaller is what ends in fewer events, or in as many and is shorter to write down.
/// Every step is a scenario that can be written down and run. If bugs are planted in it, a stall
/// counts only as long as nothing stalls without them. `progress` is told of each that helped; may
/// be null.
Shrunk shrink(const Scenario& failing, const ShrinkLimits& limits,
              const std::function<void(const Shrunk&)>& progress);

}  // namespace waggle::sim
