// Every planted bug of the median core: who finds it, and after how many seeds.
#include <algorithm>

#include <fmt/format.h>

#include "sim/experiment/all.hpp"
#include "sim/experiment/common.hpp"
#include "sim/explore/shrink_rounds.hpp"
#include "sim/rounds/planted.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;
using rounds::LogRule;
using rounds::LogRun;
using rounds::PlantedRule;

struct Effort {
  std::uint64_t seeds;     ///< On the bug's own ground, at most.
  std::uint64_t explored;  ///< Drawn at random, at most; sealing only.
  std::uint32_t tries;     ///< Of shrinking.
};

Effort effort_of(const Scale& scale) {
  if (scale.quick) return {100, 0, 0};
  return {1000, 1000, 400};
}

/// Of the networks that are explored: as small as it gets with servers that lose their memory.
constexpr std::uint32_t kExplored = 5;

/// A failing seed whose run holds without the bug.
struct Catch {
  LogRun run;
  RoundsFailure failure;
};

std::optional<Catch> first_catch(const PlantedRule& rule, std::uint64_t seeds,
                                 const std::function<LogRun(std::uint64_t)>& make) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    LogRun run = make(seed);
    run.without = {std::string(rule.name)};
    auto failure = run_rounds_apart(run);
    // What a server notices itself is not what a checker found.
    if (!failure || failure->property == "conflict") continue;
    LogRun guarded = run;
    guarded.without.clear();
    if (!run_rounds_apart(guarded)) return Catch{std::move(run), std::move(*failure)};
  }
  return std::nullopt;
}

json measured_of(const std::optional<Catch>& caught) {
  if (!caught) return {{"found", false}};
  return {{"found", true},
          {"seed", caught->failure.seed},
          {"rounds", caught->failure.rounds},
          {"n", caught->run.options.parameters.n},
          {"property", caught->failure.property},
          {"detail", caught->failure.detail},
          {"command", caught->failure.command}};
}

json shrunk_of(const Catch& caught, const Effort& effort) {
  if (effort.tries == 0) return nullptr;
  const auto small = shrink_rounds(caught.run, effort.tries);
  return {{"rounds", small.value().run.rounds},
          {"n", small->run.options.parameters.n},
          {"command", small->failure.command}};
}

json measure_ground(const PlantedRule& rule, const Effort& effort) {
  const auto make = [&rule](std::uint64_t seed) {
    LogRun run = rule.ground();
    run.options.seed = seed;
    return run;
  };
  const auto caught = first_catch(rule, effort.seeds, make);
  json measured = measured_of(caught);
  if (!caught) return measured;
  std::uint64_t held = 0;  // with the guard, of the seeds up to that one
  for (std::uint64_t seed = 1; seed <= caught->failure.seed; ++seed) {
    if (!run_rounds_apart(make(seed))) ++held;
  }
  measured["guarded_held"] = held;
  measured["shrunk"] = shrunk_of(*caught, effort);
  return measured;
}

json measure_explored(const PlantedRule& rule, const Effort& effort) {
  return measured_of(first_catch(rule, effort.explored, [](std::uint64_t seed) {
    return draw_rounds({.n = kExplored}, seed);
  }));
}

bool is_sealed(const PlantedRule& rule) { return rule.ground().options.rule == LogRule::kSealed; }

std::vector<Cell> cells(const Scale& scale) {
  const Effort effort = effort_of(scale);
  std::vector<Cell> cells;
  for (const PlantedRule& rule : rounds::planted_rules()) {
    cells.push_back({{{"bug", rule.name}, {"by", "ground"}, {"seeds", effort.seeds}},
                     [&rule, effort] { return measure_ground(rule, effort); },
                     command_of(rule.ground())});
    if (effort.explored == 0 || !is_sealed(rule)) continue;
    cells.push_back({{{"bug", rule.name}, {"by", "explore"}, {"seeds", effort.explored}},
                     [&rule, effort] { return measure_explored(rule, effort); },
                     ""});
  }
  return cells;
}

/// What became of one bug.
struct Line {
  const PlantedRule* rule = nullptr;
  json ground;
  json explored;  ///< Null: not tried.

  bool found() const { return ground.at("found").get<bool>(); }
  bool seals() const { return is_sealed(*rule); }
  std::uint64_t seed() const { return ground.at("seed").get<std::uint64_t>(); }
  std::uint64_t held() const { return ground.at("guarded_held").get<std::uint64_t>(); }
  bool found_by_exploring() const {
    return !explored.is_null() && explored.at("found").get<bool>();
  }
  /// "120 x 64 to 31 x 20": rounds and servers.
  std::string sizes() const {
    const auto size = [](const json& run) {
      return fmt::format("{} x {}", run.at("rounds").get<std::uint64_t>(),
                         run.at("n").get<std::uint32_t>());
    };
    const json& shrunk = ground.at("shrunk");
    return shrunk.is_null() ? size(ground) : size(ground) + " to " + size(shrunk);
  }
  /// "seed 7: seals"; "-"; "" if it was not tried.
  std::string by_exploring() const {
    if (explored.is_null()) return "";
    if (!found_by_exploring()) return "-";
    return fmt::format("seed {}: {}", explored.at("seed").get<std::uint64_t>(),
                       explored.at("property").get<std::string>());
  }
};

std::vector<Line> lines_of(const std::vector<CellResult>& results) {
  std::vector<Line> lines;
  for (const CellResult& result : results) {
    const auto name = result.parameters.at("bug").get<std::string>();
    if (lines.empty() || lines.back().rule->name != name) {
      lines.push_back({rounds::find_planted_rule(name), {}, {}});
    }
    const bool ground = result.parameters.at("by") == "ground";
    (ground ? lines.back().ground : lines.back().explored) = result.measured;
  }
  return lines;
}

Table data_of(const std::vector<Line>& lines) {
  Table data(
      {"bug", "rule", "by", "seed", "violates", "detail", "guarded_held_of_seeds", "command"});
  for (const Line& line : lines) {
    if (!line.found()) continue;
    const auto add = [&](const char* by, const json& found, const std::string& held) {
      data.add({std::string(line.rule->name), std::string(line.rule->rule), by,
                std::to_string(found.at("seed").get<std::uint64_t>()),
                found.at("property").get<std::string>(), found.at("detail").get<std::string>(),
                held, found.at("command").get<std::string>()});
    };
    add("ground", line.ground, std::to_string(line.held()));
    if (const json& shrunk = line.ground.at("shrunk"); !shrunk.is_null()) {
      json found = line.ground;
      found["command"] = shrunk.at("command");
      add("shrunk", found, "");
    }
    if (line.found_by_exploring()) add("explore", line.explored, "");
  }
  return data;
}

Table summary_of(const std::vector<Line>& lines, const Effort& effort) {
  Table table({"bug", "rule", "what is broken", "adversary", "found after seeds", "violates",
               "rounds x servers", "with the guard", "found by exploring"},
              fmt::format("The first seed that finds each bug under its own adversary; of as many "
                          "seeds, how many hold with the guard; and the first of {} seeds of "
                          "waggle-sim explore --core median --n {}",
                          effort.explored, kExplored));
  for (const Line& line : lines) {
    std::vector<std::string> row{std::string(line.rule->name), std::string(line.rule->rule),
                                 std::string(line.rule->what),
                                 "`" + line.rule->ground().block + "`"};
    if (line.found()) {
      row.insert(row.end(),
                 {std::to_string(line.seed()), line.ground.at("property").get<std::string>(),
                  line.sizes(), fmt::format("{} of {} hold", line.held(), line.seed())});
    } else {
      row.insert(row.end(), {"-", "", "", ""});
    }
    row.push_back(line.by_exploring());
    table.add(std::move(row));
  }
  return table;
}

std::string figure_of(const std::vector<Line>& lines) {
  Series ground{"under its own adversary", 0, {}};
  Series explored{"by exploring", 1, {}};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].found()) continue;
    const auto x = static_cast<double>(i + 1);
    ground.points.push_back({x, static_cast<double>(lines[i].seed())});
    if (!lines[i].found_by_exploring()) continue;
    const auto seed = lines[i].explored.at("seed").get<std::uint64_t>();
    explored.points.push_back({x, static_cast<double>(seed)});
  }
  Panel panel;
  panel.x.title = "planted bugs, in the order of the table";
  panel.y.title = "seeds until it is found";
  panel.y.log = true;
  panel.series = {std::move(ground), std::move(explored)};
  Plot plot;
  plot.title = "Planted bugs of the median core: seeds until they are found";
  plot.panels.push_back(std::move(panel));
  plot.panel_width = 520;
  plot.panel_height = 240;
  return to_svg(plot);
}

std::vector<Claim> claims_of(const std::vector<Line>& lines, const Effort& effort) {
  const auto count = [&lines](const auto& has) {
    return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), has));
  };
  std::uint64_t worst = 0;
  for (const Line& line : lines) {
    if (line.found()) worst = std::max(worst, line.seed());
  }
  const std::size_t found = count([](const Line& line) { return line.found(); });
  const std::size_t sealing = count([](const Line& line) { return line.found() && line.seals(); });
  const std::size_t stood = count(
      [](const Line& line) { return line.found() && line.seals() && line.held() == line.seed(); });
  std::vector<Claim> claims{
      {"Every planted bug is found by the checkers, in a run that holds with the guard.",
       fmt::format("{} of {}, after {} seeds at most", found, rounds::planted_rules().size(),
                   worst),
       found == rounds::planted_rules().size()},
      {"Sealing stands all of these seeds with the guard.",
       fmt::format("{} of {} bugs", stood, sealing), stood == sealing}};
  if (effort.explored > 0) {
    const std::size_t explored = count([](const Line& line) { return line.found_by_exploring(); });
    const std::size_t tried = count([](const Line& line) { return !line.explored.is_null(); });
    claims.push_back({"Exploring, which knows of no bug, finds more than half of those of sealing.",
                      fmt::format("{} of {}", explored, tried), 2 * explored > tried});
  }
  return claims;
}

Findings evaluate(const std::vector<CellResult>& results, const Scale& scale) {
  const std::vector<Line> lines = lines_of(results);
  const Effort effort = effort_of(scale);
  Findings findings;
  findings.data = data_of(lines);
  findings.tables.push_back(summary_of(lines, effort));
  findings.figures.push_back({"", "Seeds until each bug is found.", figure_of(lines)});
  findings.claims = claims_of(lines, effort);
  return findings;
}

}  // namespace

const Experiment kPlantedBugsMedian = {
    .name = "planted-bugs-median",
    .title = "Planted bugs of the median core",
    .question =
        "Is every rule of the median core needed, and do the checkers of synchronous rounds "
        "notice when it is missing?",
    .setup =
        "Each rule is taken away, one at a time ([sim/rounds/planted.cpp]"
        "(../../sim/rounds/planted.cpp)). Seeds are run under an adversary that is known to bring "
        "it out, until a run fails that holds with the rule; that run is shrunk. Sealing is "
        "besides explored: parameters, load and adversaries are drawn. Every run has a process of "
        "its "
        "own.",
    .reading =
        "Paper mode parts by itself now and then, above all where T is small; what counts is a run "
        "that holds with the rule. A rule of sealing shows best with three to five servers, "
        "windows of two rounds and entries that count as old at once, so that servers often "
        "propose different things. Exploring draws such windows half of the time and finds most "
        "rules too. It misses `no_marks`, which takes certificates of three windows in the right "
        "order, and `windows_added_up`, and cannot find `half_is_enough`, which makes a difference "
        "for even numbers of servers only. What is violated is mostly `seals`: COMMITs of a "
        "majority cover what does not go with the rest, though no server may have noticed yet. "
        "What a server notices and reports itself (`conflict`) does not count; COMMITs that are "
        "added up mostly show in that way. The vote that any reset decides is a matter of "
        "liveness: servers roll back at every boundary, and next to nothing is committed. Rules of "
        "certificates are found by the first certificate that was altered and is accepted, or that "
        "should have been accepted. Shrinking goes downhill: what depends on its timing, or on how "
        "long windows are, stays long.",
    .limits =
        "How many seeds it takes says something about the adversary, and little about a bug. The "
        "schedules R1 to R8 of the specification, played by hand, show most of them as well "
        "(tests/spec/median_schedules_test.cpp).",
    .cells = cells,
    .evaluate = evaluate,
};

}  // namespace waggle::sim
