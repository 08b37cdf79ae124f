#pragma once

#include "sim/rounds/log_run.hpp"

namespace waggle::sim {

/// What every run of an exploration of the median core has in common.
struct DrawRoundsOptions {
  std::uint32_t n = 0;                    ///< 0: drawn, from 4 to 1,024, mostly small.
  std::uint32_t n_max = 1024;             ///< Of drawn ones: more become so many.
  std::vector<std::string> without = {};  ///< Names of planted rules.
};

/// Draws a run of servers that seal: their number, parameters, load and a blocking adversary of up
/// to three strategies, restarts among them. First anything may happen; then it is calm, but for
/// as many blocked servers as the model allows, and everything has to be acknowledged in time.
/// Equal options and seed draw an equal run.
rounds::LogRun draw_rounds(const DrawRoundsOptions& options, std::uint64_t seed);

}  // namespace waggle::sim
