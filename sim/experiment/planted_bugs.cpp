// Every planted bug: who finds it, and how small the finding becomes.
#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>

#include <fmt/format.h>

#include "sim/experiment/all.hpp"
#include "sim/experiment/common.hpp"
#include "sim/experiment/planted_hunt.hpp"
#include "sim/experiment/planted_scripts.hpp"
#include "sim/explore/shrink.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;

struct Effort {
  std::uint64_t seeds;      ///< Explored at most.
  std::uint64_t schedules;  ///< With a twin, at most.
  std::uint32_t tries;      ///< Of shrinking, at most.
};

Effort effort_of(const Scale& scale) {
  if (scale.quick) return {5, 5, 500};
  return {500, 300, 3000};
}

bool is_hunted(const PlantedBug& bug, const Scale& scale) {
  return !scale.quick || bug.name == "two_votes" || bug.name == "lower_tip";
}

json shrunk_from(const Scenario& start, const Effort& effort) {
  const Trial before = run_apart(start);
  const Shrunk small = shrink(start, {.tries_max = effort.tries}, nullptr);
  return {{"property", before.property},
          {"events", before.events},
          {"shrunk", small.trial.events},
          {"tries", small.tried}};
}

json measure_catch(const std::optional<Catch>& caught, const Effort& effort) {
  if (!caught) return {{"found", false}};
  json measured = shrunk_from(caught->scenario, effort);
  measured["found"] = true;
  measured["number"] = caught->number;
  return measured;
}

json measure_script(const PlantedBug& bug, const Effort& effort) {
  const Scenario script = script_of(bug.name);
  const Trial shown = run_apart(script);
  if (shown.verdict == Verdict::kOk) {
    throw std::runtime_error(fmt::format("{} is not found by its script", bug.name));
  }
  json measured = shrunk_from(inflated(script), effort);
  measured["found"] = true;
  measured["script_property"] = shown.property;
  measured["script_events"] = shown.events;
  measured["guarded"] = to_string(run_guarded(script).verdict);
  return measured;
}

json measure(const PlantedBug& bug, std::string_view by, const Effort& effort) {
  if (by == "explore") return measure_catch(hunt_by_exploring(bug, effort.seeds), effort);
  if (by == "twins") return measure_catch(hunt_by_twins(bug, effort.schedules), effort);
  return measure_script(bug, effort);
}

constexpr std::array<std::string_view, 3> kWays = {"explore", "twins", "script"};

/// Equal texts have equal ones.
std::string fingerprint(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

json parameters_of(const PlantedBug& bug, std::string_view by, const Effort& effort) {
  json parameters = {{"bug", bug.name}, {"by", by}, {"tries", effort.tries}};
  if (by == "explore") parameters["seeds"] = effort.seeds;
  if (by == "twins") parameters["schedules"] = effort.schedules;
  if (by != "script") return parameters;
  for (const PlantedScript& script : planted_scripts()) {
    if (script.bug == bug.name) parameters["script"] = fingerprint(script.toml);
  }
  return parameters;
}

std::vector<Cell> cells(const Scale& scale) {
  const Effort effort = effort_of(scale);
  std::vector<Cell> cells;
  for (const PlantedBug& bug : planted_bugs()) {
    if (!is_hunted(bug, scale)) continue;
    for (const std::string_view by : kWays) {
      cells.push_back({parameters_of(bug, by, effort),
                       [&bug, by, effort] { return measure(bug, by, effort); }});
    }
  }
  return cells;
}

/// What became of one bug.
struct Line {
  const PlantedBug* bug = nullptr;
  std::map<std::string, json> by;

  bool found(const std::string& way) const { return by.at(way).at("found").get<bool>(); }
  std::uint64_t number(const std::string& way, const char* key) const {
    return by.at(way).at(key).get<std::uint64_t>();
  }
  std::string text(const std::string& way, const char* key) const {
    return by.at(way).at(key).get<std::string>();
  }
  std::uint64_t script_events() const { return number("script", "script_events"); }
  bool holds_with_guard() const { return text("script", "guarded") == "ok"; }
  /// The smallest of what can be compared with the script, because it violates the same.
  std::string compared() const {
    std::string best = "script";
    for (const char* way : {"explore", "twins"}) {
      if (!found(way) || text(way, "property") != text("script", "script_property")) continue;
      if (number(way, "shrunk") < number(best, "shrunk")) best = way;
    }
    return best;
  }
  double ratio() const { return share(number(compared(), "shrunk"), script_events()); }
};

std::vector<Line> lines_of(const std::vector<CellResult>& results) {
  std::vector<Line> lines;
  for (const CellResult& result : results) {
    const auto name = result.parameters.at("bug").get<std::string>();
    if (lines.empty() || lines.back().bug->name != name) {
      lines.push_back({find_planted_bug(name), {}});
    }
    lines.back().by[result.parameters.at("by")] = result.measured;
  }
  return lines;
}

Table data_of(const std::vector<Line>& lines) {
  Table data({"bug", "rule", "core", "script_violates", "script_events", "with_guard", "by",
              "number", "violates", "found_events", "shrunk_events", "tries", "compared"});
  for (const Line& line : lines) {
    for (const std::string_view by : kWays) {
      const std::string way(by);
      const bool found = line.found(way);
      const auto number = [&](const char* key) {
        const json& measured = line.by.at(way);
        return measured.contains(key) ? std::to_string(line.number(way, key)) : "";
      };
      data.add({std::string(line.bug->name), std::string(line.bug->rule),
                std::string(line.bug->core), line.text("script", "script_property"),
                std::to_string(line.script_events()), line.text("script", "guarded"), way,
                number("number"), found ? line.text(way, "property") : "", number("events"),
                number("shrunk"), number("tries"), line.compared() == way ? "yes" : ""});
    }
  }
  return data;
}

/// "seed 7: durability, 243 to 29".
std::string told(const Line& line, const std::string& way, std::string_view what) {
  if (!line.found(way)) return "-";
  return fmt::format("{} {}: {}, {} to {}", what, line.number(way, "number"),
                     line.text(way, "property"), line.number(way, "events"),
                     line.number(way, "shrunk"));
}

Table summary_of(const std::vector<Line>& lines, const Effort& effort) {
  Table table(
      {"bug", "rule", "what is broken", "found by exploring", "found by twins", "script violates",
       "script", "among noise", "ratio", "with the guard"},
      fmt::format("The first of {} seeds and of {} schedules that finds each bug, and events to "
                  "the violation, as found and shrunk. The ratio: shrunk to script, of the "
                  "smallest that violates what the script violates",
                  effort.seeds, effort.schedules));
  for (const Line& line : lines) {
    table.add(
        {std::string(line.bug->name), std::string(line.bug->rule), std::string(line.bug->what),
         told(line, "explore", "seed"), told(line, "twins", "schedule"),
         line.text("script", "script_property"), std::to_string(line.script_events()),
         fmt::format("{} to {}", line.number("script", "events"), line.number("script", "shrunk")),
         fixed(line.ratio(), 2), line.text("script", "guarded")});
  }
  return table;
}

std::string figure_of(std::vector<Line> lines) {
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
    return a.script_events() < b.script_events();
  });
  Series found{"as found", 1, {}};
  Series shrunk{"shrunk", 0, {}};
  Series script{"script", 2, {}};
  Series twice{"twice the script", 3, {}};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto x = static_cast<double>(i + 1);
    const auto add = [x](Series& series, std::uint64_t events) {
      series.points.push_back({x, static_cast<double>(events)});
    };
    add(found, lines[i].number(lines[i].compared(), "events"));
    add(shrunk, lines[i].number(lines[i].compared(), "shrunk"));
    add(script, lines[i].script_events());
    add(twice, 2 * lines[i].script_events());
  }
  Panel panel;
  panel.x.title = "planted bugs, by the length of their scripts";
  panel.y.title = "events to the violation";
  panel.y.log = true;
  panel.series = {std::move(found), std::move(twice), std::move(script), std::move(shrunk)};
  Plot plot;
  plot.title = "Planted bugs: events as found and shrunk";
  plot.panels.push_back(std::move(panel));
  plot.panel_width = 520;
  plot.panel_height = 280;
  return to_svg(plot);
}

std::vector<Claim> claims_of(const std::vector<Line>& lines) {
  const auto count = [&lines](const auto& has) {
    return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), has));
  };
  const std::size_t all = lines.size();
  const std::size_t explored = count([](const Line& line) { return line.found("explore"); });
  const std::size_t by_twins = count([](const Line& line) { return line.found("twins"); });
  const std::size_t held = count([](const Line& line) { return line.holds_with_guard(); });
  const std::size_t small = count([](const Line& line) { return line.ratio() <= 2; });
  double worst = 0;
  for (const Line& line : lines) worst = std::max(worst, line.ratio());
  return {
      {"Every planted bug is found.",
       fmt::format("{} of {} by seeds, {} by twins, all by a script", explored, all, by_twins),
       true},  // a script that finds nothing ends the experiment
      {"With the guard, every script is stood.", fmt::format("{} of {}", held, all), held == all},
      {"Shrinking ends at no more than twice the events of a script that violates the same.",
       fmt::format("{} of {}; the largest ratio is {}", small, all, fixed(worst, 2)),
       small == all}};
}

Findings evaluate(const std::vector<CellResult>& results, const Scale& scale) {
  const std::vector<Line> lines = lines_of(results);
  Findings findings;
  findings.data = data_of(lines);
  findings.tables.push_back(summary_of(lines, effort_of(scale)));
  findings.figures.push_back({"", "Events to the violation, bug by bug.", figure_of(lines)});
  findings.claims = claims_of(lines);
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
        "explored, and schedules with a twin run, until one fails that holds without the bug. "
        "Besides, a script written by hand shows each "
        "([sim/scenarios/planted](../../sim/scenarios/planted)), and runs with the guard, too. "
        "All that is found is shrunk, and the script among noise, too: more clients and commands, "
        "other latencies and timers, faults that do not matter. Events are those of the "
        "simulator, to the first violation.",
    .reading =
        "A stall (liveness) is the named cost of a guard that safety does not need: the script "
        "says within how many view timeouts its command is to be acknowledged. Exploration finds "
        "what crashes, slow networks and simple liars lead to. The forks need a liar with a plan, "
        "over several views and with the help of who is late: puppets follow one. Some "
        "bugs show in more than one way, and seeds may find another than the script: such runs "
        "are shrunk, but not compared. A ratio below one means that shrinking found a shorter way "
        "than the author of the script. Not every single find becomes small: shrinking goes "
        "downhill, and a long run that depends on its timing has no smaller neighbour that fails. "
        "Another find of the same bug has one.",
    .limits =
        "How many seeds it takes says something about how scenarios are drawn, and little about a "
        "bug. A script that only shows a cost depends on its timers.",
    .cells = cells,
    .evaluate = evaluate,
};

}  // namespace waggle::sim
