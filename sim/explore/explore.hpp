#pragma once

#include "sim/explore/batch.hpp"
#include "sim/explore/draw.hpp"

namespace waggle::sim {

struct ExploreOptions : BatchOptions {
  DrawOptions draw;
  std::uint64_t first_seed = 1;
  std::uint64_t last_seed = 100;
};

/// Draws a scenario from every seed and runs it.
Exploration explore(const ExploreOptions& options, const Progress& progress);

}  // namespace waggle::sim
