#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "sim/world/nemesis.hpp"

namespace waggle::sim {

/// What a run of one seed came to.
struct RunResult {
  std::optional<std::string> violation;
  std::uint64_t trace = 0;
};
using Run = std::function<RunResult(std::uint64_t seed)>;

RunResult result_of(const World& world);
/// The defaults, with this seed. WAGGLE_TRACE=1: what happens goes to standard error.
WorldOptions options_of(std::uint64_t seed);

/// Two seconds of the faults of `plan`, then a network that behaves: what is under way has to end
/// within `bound`, and then all are silent.
RunResult strike_then_heal(World& world, const NemesisPlan& plan, Duration bound);

/// Runs seeds 1 .. `count`, each twice, and reports to gtest the first violation or difference
/// with the command that reproduces it. WAGGLE_SEEDS=N runs N seeds for every 100 of `count`;
/// WAGGLE_SEED=S runs that one.
void for_each_seed(std::uint64_t count, const Run& run);

/// For worlds with a guard removed: some seed of 1 .. `count` must end in a violation that
/// mentions `expected`. Runs until it is found.
void expect_caught(std::uint64_t count, std::string_view expected, const Run& run);

}  // namespace waggle::sim
