#pragma once

#include "sim/explore/explore_rounds.hpp"

namespace waggle::sim {

struct ShrunkRounds {
  rounds::LogRun run;
  RoundsFailure failure;     ///< Of that run.
  std::uint32_t tried = 0;   ///< Smaller runs, each seed counted.
  std::uint32_t helped = 0;  ///< Of these, those that failed in the same way.
};

/// Makes a failing run smaller as long as it violates the same property: fewer rounds, servers,
/// parts of the adversary, commands and options, with this or another seed. Smaller is what takes
/// fewer steps of servers, or as many and is shorter to write down. If rules are taken away in it,
/// every step holds with them. Nothing if `failing` holds.
std::optional<ShrunkRounds> shrink_rounds(const rounds::LogRun& failing, std::uint32_t tries_max);

}  // namespace waggle::sim
