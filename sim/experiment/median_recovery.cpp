// The schedules under which Algorithm 6 is known to split, with its repairs and under sealing.
#include <algorithm>

#include <fmt/format.h>

#include "sim/experiment/all.hpp"
#include "sim/experiment/rounds_common.hpp"
#include "smr/median/recommended.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;

struct Sizes {
  std::uint32_t n;
  std::uint64_t seeds;
  bool every_repair;  ///< Or both of them and, with two seeds, none only.
  std::uint32_t sealed_n;
  std::uint64_t sealed_seeds;
};

Sizes sizes_of(const Scale& scale) {
  if (scale.quick) return {64, 8, false, 16, 2};
  return {128, 60, true, 64, 30};
}

/// A schedule of 7.5, in windows of `w` rounds.
struct Schedule {
  std::string_view name;
  std::string_view shown;
  std::uint32_t T;  ///< Of Algorithm 6.
  bool window_by_round = true;
  bool prefix_empty = true;
  std::uint32_t windows = 7;  ///< That are run.
  std::string (*block)(std::uint32_t w);
  bool splits = false;  ///< Expected, in spite of both repairs.
  bool recovers = true;
};

std::string near_tie(std::uint32_t w) { return fmt::format("surge:{}+1", 2 * w + w / 2); }
std::string late_server(std::uint32_t w) {
  return fmt::format("server:0@{}+{},surge:{}+1", w, 2 * w - 1, 3 * w + w / 12);
}
/// In the last round before a boundary most are blocked, so that few make a checkpoint there; these
/// are blocked for the next window, at whose end the others make one. Servers that were blocked all
/// along come back for the round before the next boundary and take one of the two.
std::string two_lines(std::uint32_t w) {
  return fmt::format("fresh:65%@{}+1,newest:15%@{}+{},permanent:5%@{}+{}", 3 * w - 1, 3 * w, w, w,
                     4 * w - 1);
}
std::string early_surge(std::uint32_t w) { return fmt::format("surge:{}+1", w / 3); }
std::string nothing(std::uint32_t) { return "none"; }

std::span<const Schedule> schedules() {
  static constexpr Schedule kAll[] = {
      {.name = "none", .shown = "nobody blocked", .T = 16, .block = nothing},
      {.name = "a",
       .shown = "a: a near tie at a boundary, then a round that blocks all",
       .T = 16,
       .block = near_tie,
       .splits = true},
      {.name = "b",
       .shown = "b: a server that adopts late, then a round that blocks all",
       .T = 61,
       .block = late_server,
       .splits = true},
      {.name = "c",
       .shown = "c: two lines of checkpoints, windows numbered W + 1",
       .T = 61,
       .window_by_round = false,
       .windows = 8,
       .block = two_lines,
       .splits = true},
      {.name = "c'",
       .shown = "the same, windows numbered round / T",
       .T = 61,
       .windows = 8,
       .block = two_lines},
      {.name = "d",
       .shown = "d: a surge in window 0, the first P undecided",
       .T = 31,
       .prefix_empty = false,
       .block = early_surge,
       .recovers = false},
      {.name = "d'", .shown = "the same, the first P empty", .T = 31, .block = early_surge},
  };
  return kAll;
}

struct Mode {
  std::string_view name;
  std::string_view shown;
  bool execute_once;
  bool skip_boundary;
};
std::span<const Mode> modes(const Sizes& sizes) {
  static constexpr Mode kAll[] = {{"printed", "as printed", false, false},
                                  {"both", "both repairs", true, true},
                                  {"once", "execute-once", true, false},
                                  {"skip", "skip-boundary", false, true}};
  return std::span(kAll).first(sizes.every_repair ? 4 : 2);
}

json result_of(const rounds::LogWorld& world, std::uint64_t before) {
  const median::Findings& findings = world.servers().findings();
  const auto& split = world.agreement().complaint();
  return {{"split", split.has_value()},
          {"split_at", split ? json(split->round) : json()},
          {"recovered", world.committed_least() > before},
          {"committed_twice", findings.count(median::Finding::kCommittedTwice)},
          {"number_skipped", findings.count(median::Finding::kNumberSkipped)},
          {"prefix_not_in_log", findings.count(median::Finding::kPrefixNotInLog)}};
}

/// Runs all windows; whether something was committed in the last three, by everybody.
json run(const rounds::LogOptions& options, const Schedule& schedule, std::uint32_t w) {
  rounds::LogWorld world = log_world(options, schedule.block(w));
  std::uint64_t before = 0;
  while (world.rounds() < std::uint64_t{schedule.windows} * w) {
    world.round();
    if (world.rounds() == (schedule.windows - 3) * std::uint64_t{w})
      before = world.committed_most();
  }
  return result_of(world, before);
}

json recover(const Schedule& schedule, const Mode& mode, std::uint32_t n, std::uint64_t seed) {
  rounds::LogOptions options{
      .parameters = {.n = n, .T = schedule.T}, .rule = rounds::LogRule::kRecovery, .seed = seed};
  options.choices.execute_once = mode.execute_once;
  options.choices.skip_boundary = mode.skip_boundary;
  options.choices.window_by_round = schedule.window_by_round;
  options.choices.initial_prefix_empty = schedule.prefix_empty;
  return run(options, schedule, schedule.T);
}

json seal(const Schedule& schedule, std::uint32_t n, std::uint64_t seed) {
  const rounds::LogOptions options{.parameters = median::recommended(n).parameters,
                                   .rule = rounds::LogRule::kSealed,
                                   .seed = seed};
  Schedule longer = schedule;
  longer.windows = 14;  // they are shorter than what an entry takes
  return run(options, longer, options.parameters.B);
}

std::vector<Cell> cells(const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  std::vector<Cell> cells;
  for (const Schedule& schedule : schedules()) {
    const std::string inputs =
        fmt::format("{} {} {}", schedule.T, schedule.windows, schedule.block(schedule.T));
    for (const Mode& mode : modes(sizes)) {
      const bool few = !sizes.every_repair && mode.name != "both";
      for (std::uint64_t seed = 1; seed <= (few ? 2 : sizes.seeds); ++seed) {
        cells.push_back(rounds_cell(
            {{"schedule", schedule.name}, {"mode", mode.name}, {"n", sizes.n}, {"seed", seed}},
            [=, n = sizes.n] { return recover(schedule, mode, n, seed); }, inputs));
      }
    }
    for (std::uint64_t seed = 1; seed <= sizes.sealed_seeds; ++seed) {
      cells.push_back(rounds_cell(
          {{"schedule", schedule.name}, {"mode", "sealed"}, {"n", sizes.sealed_n}, {"seed", seed}},
          [=, n = sizes.sealed_n] { return seal(schedule, n, seed); }, inputs));
    }
  }
  return cells;
}

const Sample& sample(const std::vector<Sample>& samples, const Sizes& sizes,
                     std::string_view schedule, std::string_view mode) {
  return sample_with(
      samples,
      {{"schedule", schedule}, {"mode", mode}, {"n", mode == "sealed" ? sizes.sealed_n : sizes.n}});
}

double percent_of(const Sample& one, const std::string& key) {
  return 100.0 * static_cast<double>(one.count(key)) / static_cast<double>(one.runs.size());
}

std::string counted(const Sample& one, const std::string& key) {
  return fmt::format("{} of {}", one.count(key), one.runs.size());
}

/// What the rules are called in tables and figures, sealing last.
std::vector<std::pair<std::string, std::string>> all_modes(const Sizes& sizes) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const Mode& mode : modes(sizes)) all.emplace_back(mode.name, mode.shown);
  all.emplace_back("sealed", "sealing");
  return all;
}

Plot plot_of(const std::vector<Sample>& samples, const Sizes& sizes) {
  Panel panel;
  panel.title = fmt::format("Algorithm 6, n = {}; sealing, n = {}", sizes.n, sizes.sealed_n);
  panel.bars = true;
  panel.x.title = "schedule";
  panel.y = {.title = "runs that split (%)", .min = 0, .max = 100};
  for (const Schedule& schedule : schedules()) panel.x.names.emplace_back(schedule.name);
  std::size_t style = 0;
  for (const auto& [mode, shown] : all_modes(sizes)) {
    Series series{shown, style++, {}};
    double x = 0;
    for (const Schedule& schedule : schedules()) {
      series.points.push_back(
          {x++, percent_of(sample(samples, sizes, schedule.name, mode), "split")});
    }
    panel.series.push_back(std::move(series));
  }
  Plot plot;
  plot.title = "Runs that split, by schedule";
  plot.panels = {std::move(panel)};
  plot.note = "No bar: none split. What the schedules are is said in the text.";
  plot.panel_width = 760;
  plot.panel_height = 300;
  return plot;
}

Table table_of(const std::vector<Sample>& samples, const Sizes& sizes, const std::string& key,
               const std::string& caption) {
  std::vector<std::string> columns = {"schedule"};
  for (const auto& [mode, shown] : all_modes(sizes)) columns.push_back(shown);
  Table table(columns, caption);
  for (const Schedule& schedule : schedules()) {
    std::vector<std::string> row = {std::string(schedule.shown)};
    for (const auto& [mode, shown] : all_modes(sizes)) {
      row.push_back(counted(sample(samples, sizes, schedule.name, mode), key));
    }
    table.add(std::move(row));
  }
  return table;
}

Table findings_table(const std::vector<Sample>& samples, const Sizes& sizes) {
  Table table({"schedule", "committed twice", "number skipped", "P not in the log"},
              "Algorithm 6 as printed: violations of its assumptions, a run");
  for (const Schedule& schedule : schedules()) {
    const Sample& one = sample(samples, sizes, schedule.name, "printed");
    table.add({std::string(schedule.shown), fmt::format("{:.0f}", one.mean("committed_twice")),
               fmt::format("{:.0f}", one.mean("number_skipped")),
               fmt::format("{:.0f}", one.mean("prefix_not_in_log"))});
  }
  return table;
}

std::vector<Claim> claims_of(const std::vector<Sample>& samples, const Sizes& sizes) {
  std::vector<Claim> claims;
  std::size_t sealed = 0;
  std::size_t sealed_runs = 0;
  std::size_t stuck = 0;
  for (const Schedule& schedule : schedules()) {
    const Sample& repaired = sample(samples, sizes, schedule.name, "both");
    claims.push_back(
        {fmt::format("Schedule {}: with both repairs {}.", schedule.name,
                     schedule.splits     ? "some runs split"
                     : schedule.recovers ? "none splits, and all go on"
                                         : "none goes on again"),
         fmt::format("{} split, {} go on", counted(repaired, "split"),
                     counted(repaired, "recovered")),
         schedule.splits
             ? repaired.count("split") > 0
             : repaired.count("split") == 0 &&
                   (schedule.recovers ? repaired.count("recovered") == repaired.runs.size()
                                      : repaired.count("recovered") == 0)});
    const Sample& one = sample(samples, sizes, schedule.name, "sealed");
    sealed += one.count("split");
    sealed_runs += one.runs.size();
    stuck += one.runs.size() - one.count("recovered");
  }
  claims.push_back({"Sealing never splits under any of them, and goes on.",
                    fmt::format("{} of {} split, {} do not go on", sealed, sealed_runs, stuck),
                    sealed == 0 && stuck == 0});
  return claims;
}

Findings evaluate(const std::vector<CellResult>& results, const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  const std::vector<Sample> samples = samples_of(results);
  Findings findings;
  findings.data = table_of_runs(
      results, {"schedule", "mode", "n", "seed"},
      {"split", "split_at", "recovered", "committed_twice", "number_skipped", "prefix_not_in_log"});
  findings.figures.push_back(
      {"", "Runs that split, by schedule.", to_svg(plot_of(samples, sizes))});
  findings.tables.push_back(table_of(samples, sizes, "split", "Runs that split"));
  findings.tables.push_back(table_of(samples, sizes, "recovered",
                                     "Runs in which every server commits something in the last "
                                     "windows"));
  findings.tables.push_back(findings_table(samples, sizes));
  findings.claims = claims_of(samples, sizes);
  return findings;
}

}  // namespace

const Experiment kMedianRecovery = {
    .name = "median-recovery",
    .title = "Recovery: the schedules that split it",
    .question =
        "Algorithm 6 comes back from surges. Does it stay consistent, with and without the "
        "two repairs, and does sealing?",
    .setup =
        R"(
The schedules of [7.5](../spec/median-smr.md#7-choices-in-paper-mode), each against Algorithm 6
as printed, with either repair (a number that has passed changes nothing; a P that is no prefix
of the log is not executed) and with both, at 4 commands a round; and against sealing with the
parameters of new networks, in the same places of its windows. a: one round blocks everybody in
the middle of window 2. b: server 0 is blocked for windows 1 and 2 but for their last round; soon
after it, one round blocks everybody. c: 65% are blocked in the last round of window 2, so that
only some make a checkpoint; those, the 15% with the newest checkpoint, are blocked through
window 3; and 5% are blocked from window 1 to the last round of window 4. d: one round blocks
everybody in window 0.)",
    .reading =
        R"(
Nobody blocked, and a: T = 16 is too small for prefixes to settle for sure, and servers hold
different P. As printed, they commit them and split though nobody is blocked. With skip-boundary
whose log does not begin with its P commits nothing, and nothing happens as long as all go on;
but after a round that blocks all, everybody rolls back to its own checkpoint and commits its own
P. b: the late server takes over the newest checkpoint in a round in which it gets no other log,
and at once makes one with an empty P, since its log is young; whoever takes over that one
afterwards never commits the P of the others. No T helps. c: two groups make checkpoints of one
number with different contents, one at a time, and both are handed to those who come back. With
windows numbered by the round, the later one is newer and wins. d: everybody rolls back to an
undecided log, for ever. Repairs keep commands from being executed twice, but not servers from
parting. In sealing a prefix is final only once a majority has locked it, whatever is rolled back
or forgotten.)",
    .limits =
        R"(
Schedules were written by hand to show what may happen, not drawn by chance: how often they split
says nothing about how often that would happen to a network. The two systems have windows of
different lengths.)",
    .cells = cells,
    .evaluate = evaluate,
};

}  // namespace waggle::sim
