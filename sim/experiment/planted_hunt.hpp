#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/explore/trial.hpp"
#include "sim/world/planted.hpp"

/// Ways to find a planted bug.
namespace waggle::sim {

/// A scenario that fails because of the bug: without it, it holds.
struct Catch {
  Scenario scenario;
  std::uint64_t number = 0;  ///< Of the seed or schedule that led to it.
};

/// The first of the drawn scenarios; nothing if none of so many seeds is one.
std::optional<Catch> hunt_by_exploring(const PlantedBug& bug, std::uint64_t seeds);
/// The first of so many schedules with a twin, in the order of their numbers.
std::optional<Catch> hunt_by_twins(const PlantedBug& bug, std::uint64_t schedules);
/// The scenario that was written for the bug. Throws std::runtime_error if there is none.
Scenario script_of(std::string_view bug);
/// A script among noise, which shrinking has to take away again: more load, other timers, chance
/// in machines and network, faults that do not matter; each as far as it still fails alike.
Scenario inflated(const Scenario& script);
/// The scenario with all guards.
Trial run_guarded(Scenario scenario);

}  // namespace waggle::sim
