// Every planted bug: who finds it, and how small the finding becomes.
#include <stdexcept>

#include <fmt/format.h>

#include "consensus/core/ensure.hpp"
#include "sim/experiment/all.hpp"
#include "sim/experiment/common.hpp"
#include "sim/experiment/planted_scripts.hpp"
#include "sim/explore/explore.hpp"
#include "sim/explore/shrink.hpp"
#include "sim/world/planted.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

struct Effort {
  std::uint64_t seeds;  ///< Explored at most.
  std::uint32_t tries;  ///< Of shrinking, at most.
};

Effort effort_of(const Scale& scale) {
  if (scale.quick) return {10, 300};
  return {400, 6000};
}

Scenario script_of(std::string_view bug) {
  for (const PlantedScript& script : planted_scripts()) {
    if (script.bug != bug) continue;
    auto scenario = parse_scenario(script.toml, std::string(bug) + ".toml", {});
    if (!scenario) throw std::runtime_error(scenario.error().to_string());
    return std::move(*scenario);
  }
  throw std::runtime_error(fmt::format("{} has no script", bug));
}

Trial run_guarded(Scenario scenario) {
  unplant(scenario.world);
  return run_apart(scenario);
}

/// The first drawn scenario that fails because of the bug, and its seed; nothing if none does.
std::optional<std::pair<Scenario, Trial>> find_by_exploring(const PlantedBug& bug,
                                                            std::uint64_t seeds) {
  ExploreOptions options;
  options.draw.core = std::string(bug.core);
  options.draw.without = {std::string(bug.name)};
  options.last_seed = seeds;
  options.stop_at_failure = true;
  while (options.first_seed <= seeds) {
    const Exploration found = explore(options, nullptr);
    if (found.failures.empty()) return std::nullopt;
    const Trial& trial = found.failures.front();
    Scenario scenario = draw_scenario(options.draw, trial.seed);
    // A rival may stall without any bug: drawn faults are more than it stands.
    if (run_guarded(scenario).verdict == Verdict::kOk) return std::pair{scenario, trial};
    options.first_seed = trial.seed + 1;
  }
  return std::nullopt;
}

/// The script among noise, which shrinking has to take away again: as much as it still fails with.
Scenario inflate(const Scenario& script) {
  const auto load = [](Scenario& s) {
    s.clients = 3;
    s.plan.commands = 20;
    s.plan.in_flight_max = 4;
    s.plan.batch_max = 3;
    s.plan.keys = 4;
  };
  const auto timers = [](Scenario& s) {
    s.world.pacemaker.heartbeat = milliseconds(25);
    s.world.pacemaker.fetch_retry = milliseconds(10);
  };
  const auto machines = [](Scenario& s) {
    s.world.execution = WorldOptions{}.execution;
    s.world.disk.sync = Latency::uniform(milliseconds(0), milliseconds(1));
    s.world.clock = {permille(2), milliseconds(1)};
  };
  const auto network = [](Scenario& s) {
    const Duration usual = s.world.network.quality.latency.max();
    s.world.network.quality.latency = Latency::uniform(usual * 4 / 5, usual * 6 / 5);
    s.world.network.quality.doubled = permille(30);
  };
  const auto faults = [](Scenario& s) {
    s.faults.push_back({milliseconds(2), std::nullopt, {0}, SlowDiskFault{3}});
    s.faults.push_back({milliseconds(3), std::nullopt, {1}, DriftFault{2000}});
    s.faults.push_back({milliseconds(4), milliseconds(1), {1}, PauseFault{}});
  };
  Scenario large = script;
  const std::function<void(Scenario&)> noises[] = {load, timers, machines, network, faults};
  const Trial meant = run_apart(script);
  for (const auto& noise : noises) {
    for (std::uint64_t seed = 0; seed <= 10; ++seed) {
      Scenario candidate = large;
      noise(candidate);
      if (seed > 0) candidate.world.seed = seed;
      const Trial trial = run_apart(candidate);
      if (trial.verdict != meant.verdict || trial.property != meant.property) continue;
      large = std::move(candidate);
      break;
    }
  }
  return large;
}

json measure_bug(const PlantedBug& bug, const Effort& effort) {
  const Scenario script = script_of(bug.name);
  const Trial shown = run_apart(script);
  if (shown.verdict == Verdict::kOk) {
    throw std::runtime_error(fmt::format("{} is found by nobody", bug.name));
  }
  const Trial guarded = run_guarded(script);
  const auto explored = find_by_exploring(bug, effort.seeds);
  const Scenario start = explored ? explored->first : inflate(script);
  const Trial started = run_apart(start);
  const Shrunk small = shrink(start, {.tries_max = effort.tries}, nullptr);
  json measured = {{"script_property", shown.property},
                   {"script_events", shown.events},
                   {"guarded", to_string(guarded.verdict)},
                   {"property", started.property},
                   {"start_events", started.events},
                   {"shrunk_events", small.trial.events},
                   {"tries", small.tried}};
  if (explored) measured["seed"] = explored->second.seed;
  return measured;
}

/// Equal scripts have equal ones.
std::string fingerprint(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

std::vector<Cell> cells(const Scale& scale) {
  const Effort effort = effort_of(scale);
  std::vector<Cell> cells;
  for (const PlantedScript& script : planted_scripts()) {
    ENSURE(find_planted_bug(script.bug) != nullptr, "each script is of a bug");
  }
  for (const PlantedBug& bug : planted_bugs()) {
    std::string text;
    for (const PlantedScript& script : planted_scripts()) {
      if (script.bug == bug.name) text = fingerprint(script.toml);
    }
    cells.push_back(
        {{{"bug", bug.name}, {"script", text}, {"seeds", effort.seeds}, {"tries", effort.tries}},
         [&bug, effort] { return measure_bug(bug, effort); }});
  }
  return cells;
}

double ratio_of(const json& measured) {
  return measured.at("shrunk_events").get<double>() / measured.at("script_events").get<double>();
}

std::string found_by(const json& measured) {
  if (!measured.contains("seed")) return "script";
  return fmt::format("explore, seed {}", measured.at("seed").get<std::uint64_t>());
}

std::vector<std::string> row_of(const PlantedBug& bug, const json& measured) {
  const auto number = [&](const char* key) {
    return std::to_string(measured.at(key).get<std::uint64_t>());
  };
  return {std::string(bug.name),
          std::string(bug.rule),
          std::string(bug.core),
          measured.at("property"),
          measured.contains("seed") ? number("seed") : "",
          "yes",
          measured.at("script_property"),
          measured.at("guarded"),
          number("start_events"),
          number("shrunk_events"),
          number("script_events"),
          fixed(ratio_of(measured), 2),
          number("tries")};
}

Findings evaluate(const std::vector<CellResult>& results, const Scale& scale) {
  Findings findings;
  findings.data =
      Table({"bug", "rule", "core", "violates", "explore_seed", "script", "script_violates",
             "with_guard", "found_events", "shrunk_events", "script_events", "ratio", "tries"});
  Table table({"bug", "rule", "what is broken", "violates", "found by", "events found", "shrunk",
               "script", "ratio", "with the guard"},
              fmt::format("Found by exploring at most {} seeds, or by the script alone",
                          effort_of(scale).seeds));
  std::size_t explored = 0;
  std::size_t held = 0;
  std::size_t small = 0;
  double worst = 0;
  for (const CellResult& result : results) {
    const auto name = result.parameters.at("bug").get<std::string>();
    const PlantedBug& bug = *find_planted_bug(name);
    const json& measured = result.measured;
    const std::vector<std::string> row = row_of(bug, measured);
    findings.data.add(row);
    table.add({row[0], row[1], std::string(bug.what), row[3], found_by(measured), row[8], row[9],
               row[10], row[11], row[7]});
    explored += measured.contains("seed") ? 1 : 0;
    held += measured.at("guarded") == "ok" ? 1 : 0;
    small += ratio_of(measured) <= 2 ? 1 : 0;
    worst = std::max(worst, ratio_of(measured));
  }
  findings.tables.push_back(std::move(table));
  const std::size_t all = results.size();
  findings.claims = {
      {"Every planted bug is found.",
       fmt::format("{} of {} by seeds, all by a script", explored, all), true},
      {"With the guard, what the script does is stood.", fmt::format("{} of {} hold", held, all),
       held == all},
      {"Shrinking ends at no more than twice the events of the script.",
       fmt::format("{} of {}; the largest is {} times as many", small, all, fixed(worst, 2)),
       small == all}};
  return findings;
}

}  // namespace

const Experiment kPlantedBugs = {
    .name = "planted-bugs",
    .title = "Planted bugs",
    .question =
        "Is every guard of the specification needed, and do the checkers notice when it is "
        "missing? How small does shrinking make what was found?",
    .setup =
        "Each guard is removed, and each known bug of the field put in, one at a time. Seeds are "
        "explored until one fails that holds without the bug. Besides, a script written by hand "
        "shows each ([sim/scenarios/planted](../../sim/scenarios/planted)), and the same script "
        "runs with the guard. What exploration found is shrunk; where it found nothing, the "
        "script among noise is: more clients and commands, other latencies, faults that do not "
        "matter. Events are counted to the first violation.",
    .reading =
        "A stall (liveness) is the named cost of a guard that safety does not need. Exploration "
        "finds what crashes, slow networks and simple liars lead to. The forks need a liar with a "
        "plan, over several views and with the help of who is late: puppets follow one.",
    .limits =
        "Scripts are short because somebody thought; seeds are not. How many seeds it takes says "
        "something about how scenarios are drawn, and little about a bug.",
    .cells = cells,
    .evaluate = evaluate,
};

}  // namespace waggle::sim
