#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/explore/draw_rounds.hpp"

namespace waggle::sim {

struct ExploreRoundsOptions {
  DrawRoundsOptions draw;
  std::uint64_t first_seed = 1;
  std::uint64_t last_seed = 1;
  std::uint32_t jobs = 1;                          ///< Runs at the same time.
  std::optional<std::chrono::seconds> time_limit;  ///< Wall clock; what runs then still ends.
  bool stop_at_failure = false;
};

/// A run that somebody complained about.
struct RoundsFailure {
  std::uint64_t seed = 0;
  std::string property;  ///< "invariant": a server stopped itself.
  std::string detail;
  std::uint64_t rounds = 0;  ///< Until then.
  std::string command;       ///< Does it once more.
};

/// What was tried, and what came of it; sums over all runs.
struct RoundsExploration {
  std::uint64_t runs = 0;
  std::uint64_t rounds = 0;
  std::uint64_t steps = 0;    ///< Servers times rounds.
  std::uint64_t blocked = 0;  ///< Of the steps.
  std::uint64_t restarts = 0;
  std::uint64_t submitted = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t certificates = 0;
  std::map<std::string, std::uint64_t> covered;  ///< How many runs had each strategy and size.
  std::vector<RoundsFailure> failures;           ///< By rising seed.
};

/// A run in a process of its own, and what was complained about.
std::optional<RoundsFailure> run_rounds_apart(const rounds::LogRun& run);

/// Runs what the seeds draw, each in a process of its own. `progress` is called after every run;
/// may be null.
RoundsExploration explore_rounds(const ExploreRoundsOptions& options,
                                 const std::function<void(const RoundsExploration&)>& progress);

}  // namespace waggle::sim
