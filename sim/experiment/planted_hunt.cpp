#include "sim/experiment/planted_hunt.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>

#include <fmt/format.h>

#include "sim/experiment/planted_scripts.hpp"
#include "sim/explore/explore.hpp"
#include "sim/explore/twins.hpp"

namespace waggle::sim {
namespace {

using std::chrono::milliseconds;

/// The first failure of a batch that holds without the bug: rivals may stall by themselves, since
/// drawn faults are more than they stand. `run` runs what comes after a number.
template <class Run, class Make>
std::optional<Catch> first_catch(const Run& run, const Make& make) {
  for (std::uint64_t from = 0;;) {
    const Exploration found = run(from);
    if (found.failures.empty()) return std::nullopt;
    const std::uint64_t number = found.failures.front().seed;
    Scenario scenario = make(number);
    if (run_guarded(scenario).verdict == Verdict::kOk) return Catch{std::move(scenario), number};
    from = number;
  }
}

void add_load(Scenario& scenario) {
  scenario.clients = 3;
  scenario.plan.commands = 20;
  scenario.plan.in_flight_max = 4;
  scenario.plan.batch_max = 3;
  scenario.plan.keys = 4;
}

void change_timers(Scenario& scenario) {
  scenario.world.pacemaker.heartbeat = milliseconds(25);
  scenario.world.pacemaker.fetch_retry = milliseconds(10);
}

void vary_machines(Scenario& scenario) {
  scenario.world.execution = WorldOptions{}.execution;
  scenario.world.disk.sync = Latency::uniform(Duration{0}, milliseconds(1));
  scenario.world.clock = {permille(2), milliseconds(1)};
}

void vary_network(Scenario& scenario) {
  LinkQuality& quality = scenario.world.network.quality;
  const Duration usual = quality.latency.max();
  quality.latency = Latency::uniform(usual * 4 / 5, usual * 6 / 5);
  quality.doubled = permille(30);
}

void add_faults(Scenario& scenario) {
  const Duration at = milliseconds(2);
  scenario.faults.push_back({at, std::nullopt, {0}, SlowDiskFault{3}});
  scenario.faults.push_back({at, std::nullopt, {1}, DriftFault{2000}});
  scenario.faults.push_back({at, milliseconds(1), {1}, PauseFault{}});
}

}  // namespace

std::optional<Catch> hunt_by_exploring(const PlantedBug& bug, std::uint64_t seeds) {
  ExploreOptions options;
  options.draw.core = std::string(bug.core);
  options.draw.without = {std::string(bug.name)};
  options.last_seed = seeds;
  options.stop_at_failure = true;
  return first_catch(
      [&options](std::uint64_t from) {
        options.first_seed = from + 1;
        return explore(options, nullptr);
      },
      [&options](std::uint64_t seed) { return draw_scenario(options.draw, seed); });
}

std::optional<Catch> hunt_by_twins(const PlantedBug& bug, std::uint64_t schedules) {
  TwinsOptions options;
  options.core = std::string(bug.core);
  options.without = {std::string(bug.name)};
  options.limit = schedules;
  const auto space = TwinSpace::make(options.space);
  if (!space) throw std::runtime_error(space.error());
  // All of them: which one comes first depends on no other.
  const Exploration found = run_twins(options, *space, nullptr);
  for (const Trial& trial : found.failures) {
    Scenario scenario = twins_scenario(options, space->at(trial.seed), trial.seed);
    if (run_guarded(scenario).verdict == Verdict::kOk) {
      return Catch{std::move(scenario), trial.seed};
    }
  }
  return std::nullopt;
}

Scenario script_of(std::string_view bug) {
  for (const PlantedScript& script : planted_scripts()) {
    if (script.bug != bug) continue;
    auto scenario = parse_scenario(script.toml, std::string(bug) + ".toml", {});
    if (!scenario) throw std::runtime_error(scenario.error().to_string());
    return std::move(*scenario);
  }
  throw std::runtime_error(fmt::format("no script for {}", bug));
}

Scenario inflated(const Scenario& script) {
  const Trial meant = run_apart(script);
  Scenario large = script;
  for (const auto add : {add_load, change_timers, vary_machines, vary_network, add_faults}) {
    for (std::uint64_t seed = 0; seed <= 10; ++seed) {
      Scenario candidate = large;
      add(candidate);
      if (seed > 0) candidate.world.seed = seed;
      const Trial trial = run_apart(candidate);
      if (trial.verdict != meant.verdict || trial.property != meant.property) continue;
      // A stall has to be the bug's.
      if (trial.verdict == Verdict::kStalled && run_guarded(candidate).verdict != Verdict::kOk) {
        continue;
      }
      large = std::move(candidate);
      break;
    }
  }
  return large;
}

Trial run_guarded(Scenario scenario) {
  unplant(scenario.world);
  return run_apart(scenario);
}

}  // namespace waggle::sim
