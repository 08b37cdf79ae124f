#pragma once

#include <string>
#include <vector>

#include "sim/scenario/scenario.hpp"

namespace waggle::sim {

/// What every scenario of an exploration has in common.
struct DrawOptions {
  std::string core = "pbeegees";
  std::uint32_t n = 0;               ///< 0: drawn, mostly 4.
  std::vector<std::string> without;  ///< Names of planted bugs.
};

/// Draws a scenario: network, disks, clocks, tunables, load, Byzantine replicas and faults. First
/// anything may happen, within the model; then all heals, and everything must commit. Equal
/// options and seed draw an equal scenario.
Scenario draw_scenario(const DrawOptions& options, std::uint64_t seed);

}  // namespace waggle::sim
