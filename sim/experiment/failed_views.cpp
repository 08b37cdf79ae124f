// Commit latency against the fraction of views whose leader is down.
#include <algorithm>

#include <fmt/format.h>

#include "sim/experiment/all.hpp"
#include "sim/experiment/common.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;
using std::chrono::seconds;

constexpr std::uint32_t kReplicas = 4;
constexpr std::uint32_t kDown = 3;  ///< The one that is.
constexpr std::uint32_t kViewsListed = 2000;
/// Percent of failed views from which on most blocks meet one; below, a median is as without.
constexpr std::uint32_t kOften = 35;

struct Sizes {
  std::vector<std::uint32_t> percents;
  std::uint64_t seeds;
  Duration duration;
};

Sizes sizes_of(const Scale& scale) {
  if (scale.quick) return {{0, 20, 50}, 2, seconds(6)};
  return {{0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50}, 5, seconds(12)};
}

/// Leaders of so many views: with the given chance the one that is down, or else the others by
/// turns.
std::vector<std::uint32_t> drawn_leaders(std::uint32_t percent, std::uint64_t seed) {
  Random random(seed * 100 + percent);
  std::vector<std::uint32_t> leaders;
  std::uint32_t next = 0;
  while (leaders.size() < kViewsListed) {
    const bool down = random.below(100) < percent;
    leaders.push_back(down ? kDown : next++ % kDown);
  }
  return leaders;
}

/// D must reach the longest run of views that the one replica leads (3.7c).
std::uint32_t longest_run(const std::vector<std::uint32_t>& leaders) {
  std::uint32_t longest = 1;
  std::uint32_t run = 0;
  for (std::size_t i = 0; i < 2 * leaders.size(); ++i) {  // the list repeats
    run = leaders[i % leaders.size()] == kDown ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return std::min<std::uint32_t>(longest, kViewsListed);
}

std::vector<Cell> cells(const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  std::vector<Cell> cells;
  for (const std::uint32_t percent : sizes.percents) {
    for (const CoreName& one : compared_cores()) {
      for (std::uint64_t seed = 1; seed <= sizes.seeds; ++seed) {
        Scenario scenario = busy_scenario(one.core, kReplicas, seed);
        scenario.duration = sizes.duration;
        scenario.world.leaders = drawn_leaders(percent, seed);
        scenario.world.depth_max = longest_run(scenario.world.leaders);
        crash_for_good(scenario, {kDown});
        cells.push_back(
            measured_cell({{"core", one.core}, {"failed_views_percent", percent}, {"seed", seed}},
                          std::move(scenario), sizes.duration / 4));
      }
    }
  }
  return cells;
}

const Measurement& measured(const std::vector<Group>& groups, std::string_view core,
                            std::uint32_t percent) {
  return group_with(groups, {{"core", core}, {"failed_views_percent", percent}}).all;
}

enum class Shown : std::uint8_t { kBlocks, kCommands, kLost };

Point point_of(const Measurement& all, double x, Shown what) {
  if (what == Shown::kBlocks) return point_of_all(x, all);
  if (what == Shown::kCommands) return point_of_quantiles(x, all.command_micros);
  return {x, 100 * share(all.abandoned, all.proposed)};
}

Panel panel_of(const std::vector<Group>& groups, const Sizes& sizes, Shown what) {
  Panel panel;
  panel.x.title = "views whose leader is down (%)";
  panel.x.min = -2;
  panel.x.max = static_cast<double>(sizes.percents.back()) + 2;
  panel.x.ticks = {0, 10, 20, 30, 40, 50};
  panel.y.log = what != Shown::kLost;
  panel.y.min = panel.y.log ? 5 : 0;
  panel.y.max = panel.y.log ? 20'000 : 100;
  switch (what) {
    case Shown::kBlocks:
      panel.title = "Blocks, proposal to commit";
      panel.y.title = "latency (ms), p50 to p99";
      break;
    case Shown::kCommands:
      panel.title = "Commands, submission to answer";
      panel.y.title = "latency (ms), p50 to p99";
      break;
    case Shown::kLost:
      panel.title = "Blocks never committed";
      panel.y.title = "% of blocks";
      break;
  }
  for (const CoreName& one : compared_cores()) {
    Series series{std::string(one.shown), style_of(one.core), {}};
    for (const std::uint32_t percent : sizes.percents) {
      series.points.push_back(point_of(measured(groups, one.core, percent), percent, what));
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

Table latency_table(const std::vector<Group>& groups, const Sizes& sizes) {
  std::vector<std::string> columns = {"failed views (%)"};
  for (const CoreName& one : compared_cores()) columns.emplace_back(one.shown);
  Table table(columns,
              "Median / 99th percentile of the commit latency of all blocks in ms, in brackets the "
              "percentage of blocks that are never committed");
  for (const std::uint32_t percentage : sizes.percents) {
    std::vector<std::string> row = {std::to_string(percentage)};
    for (const CoreName& one : compared_cores()) {
      const Measurement& all = measured(groups, one.core, percentage);
      row.push_back(fmt::format("{} / {} ({})", quantile_of_all_ms(all, 500),
                                quantile_of_all_ms(all, 990),
                                percent(all.abandoned, all.proposed)));
    }
    table.add(std::move(row));
  }
  return table;
}

Claim ahead_of(const std::vector<Group>& groups, const Sizes& sizes, std::string_view other) {
  bool holds = true;
  std::string found;
  for (const std::uint32_t percent : sizes.percents) {
    if (percent < kOften) continue;
    const auto ours = measured(groups, "pbeegees", percent).micros_of_all(500);
    const auto theirs = measured(groups, other, percent).micros_of_all(500);
    const double times = share(theirs.value_or(0), ours.value_or(1));
    holds = holds && ours && (!theirs || times > 1.2);
    found += fmt::format("{}{} %: {}", found.empty() ? "" : ", ", percent,
                         theirs ? fmt::format("{:.1f} times", times) : "never");
  }
  return {fmt::format("From {} % of failed views on, the median latency of all blocks is clearly "
                      "higher in {} than in pBeeGees.",
                      kOften, shown(other)),
          found, holds};
}

/// While most blocks still commit as if nothing failed, it is the tail that tells.
Claim tail_of_commands(const std::vector<Group>& groups, const Sizes& sizes,
                       std::string_view other) {
  bool holds = true;
  std::string found;
  for (const std::uint32_t percent : sizes.percents) {
    if (percent == 0 || percent >= kOften) continue;
    const auto& ours = measured(groups, "pbeegees", percent).command_micros;
    const auto& theirs = measured(groups, other, percent).command_micros;
    const double times = share(theirs.quantile(990), ours.quantile(990));
    holds = holds && times > 1.5;
    found += fmt::format("{}{} %: {:.1f} times", found.empty() ? "" : ", ", percent, times);
  }
  return {fmt::format("With fewer, the 99th percentile of commands is clearly higher in {} than in "
                      "pBeeGees.",
                      shown(other)),
          found, holds};
}

std::vector<Claim> claims_of(const std::vector<Group>& groups, const Sizes& sizes) {
  std::vector<Claim> claims = {ahead_of(groups, sizes, "fast-hotstuff"),
                               ahead_of(groups, sizes, "chained-hotstuff"),
                               tail_of_commands(groups, sizes, "fast-hotstuff"),
                               tail_of_commands(groups, sizes, "chained-hotstuff")};
  std::uint64_t lost = 0;
  for (const std::uint32_t percent : sizes.percents) {
    lost += measured(groups, "pbeegees", percent).abandoned;
  }
  claims.push_back(
      {"pBeeGees loses no block of a live leader.", fmt::format("{} blocks", lost), lost == 0});
  return claims;
}

Findings evaluate(const std::vector<CellResult>& results, const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  const std::vector<Group> groups = group_by_parameters(results);
  Findings findings;
  findings.data =
      table_of_groups(groups, {"core", "failed_views_percent"}, latency_columns(), latency_row);
  findings.tables.push_back(latency_table(groups, sizes));
  Plot plot;
  plot.title = "Commits while leaders fail";
  plot.columns = 3;
  plot.panel_width = 330;
  plot.panel_height = 280;
  for (const Shown what : {Shown::kBlocks, Shown::kCommands, Shown::kLost}) {
    plot.panels.push_back(panel_of(groups, sizes, what));
  }
  plot.note =
      "n = 4. A range without an end: more than 1 % of all blocks never commit. A cross: more than "
      "half, or no answer at all.";
  findings.figures.push_back(
      {"", "Commit latency and lost blocks against the fraction of failed views.", to_svg(plot)});
  findings.claims = claims_of(groups, sizes);
  return findings;
}

}  // namespace

const Experiment kFailedViews = {
    .name = "failed-views",
    .title = "Commit latency against failed views",
    .question =
        "How long does a block take to commit, and how many never do, when a growing fraction "
        "of views has a leader that is down?",
    .setup =
        R"(
One of four replicas is down. A leader schedule of 2000 views, drawn from the seed, names it with
the given chance, and otherwise the three others by turns: so the fraction of failed views is set
apart from the number of replicas. Latency and lost blocks are measured as in
[crashes](crashes.md), over blocks of live leaders.)",
    .reading =
        R"(
At no failed views all cores commit after two or three views. With every failed view more, the
HotStuffs lose the block before it as well and have to wait for two or three certified blocks in
a row, the chance of which falls with a power of the fraction of good views. pBeeGees and BeeGees
commit a block with the next certificate on its branch, wherever that comes, and lose none.
Up to about 30 % of failed views most blocks meet none, and the median of the two-chain cores is
nearly that without faults; the tails are apart from the first failed view on. Beyond, the medians
part too.)",
    .limits =
        R"(
Failed views are drawn independently; real ones come in bursts. Timers back off up to 400 ms, the
same for all cores. Clients wait for their answers: while nothing commits they submit little, so
a long stall counts as few slow commands. That flatters whoever stalls for longer, above all in
the median of commands; between 10 and 15 % it even puts Fast-HotStuff first.)",
    .cells = cells,
    .evaluate = evaluate,
};

}  // namespace waggle::sim
