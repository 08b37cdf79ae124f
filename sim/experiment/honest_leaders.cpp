// Alternating honest and silent leaders: which cores commit every honest leader's block.
#include <fmt/format.h>

#include "sim/experiment/all.hpp"
#include "sim/experiment/common.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;
using std::chrono::seconds;

struct Sizes {
  std::vector<std::uint32_t> replicas;  ///< Of which f are silent.
  std::vector<std::uint32_t> honest_runs;
  std::uint64_t seeds;
  Duration duration;
};

Sizes sizes_of(const Scale& scale) {
  if (scale.quick) return {{4}, {1, 2, 3, 4}, 1, seconds(6)};
  return {{4, 7}, {1, 2, 3, 4, 5, 6}, 3, seconds(10)};
}

/// So many honest leaders, one silent, and so on; the f silent ones, and the others, by turns. The
/// list is as long as it takes until it repeats.
std::vector<std::uint32_t> alternating(std::uint32_t n, std::uint32_t honest_run) {
  const std::uint32_t silent = (n - 1) / 3;
  const std::uint32_t honest = n - silent;
  std::vector<std::uint32_t> leaders;
  std::uint32_t next = 0;
  for (std::uint32_t round = 0; round < honest * silent; ++round) {
    for (std::uint32_t i = 0; i < honest_run; ++i) leaders.push_back(next++ % honest);
    leaders.push_back(honest + round % silent);
  }
  return leaders;
}

Scenario scenario_of(std::string_view core, std::uint32_t n, std::uint32_t honest_run,
                     std::uint64_t seed, Duration duration) {
  Scenario scenario = busy_scenario(core, n, seed);
  scenario.duration = duration;
  scenario.world.leaders = alternating(n, honest_run);
  std::vector<std::uint32_t> silent;
  for (std::uint32_t id = n - (n - 1) / 3; id < n; ++id) silent.push_back(id);
  crash_for_good(scenario, silent);
  return scenario;
}

std::vector<Cell> cells(const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  std::vector<Cell> cells;
  for (const std::uint32_t n : sizes.replicas) {
    for (const std::uint32_t run : sizes.honest_runs) {
      for (const CoreName& one : compared_cores()) {
        for (std::uint64_t seed = 1; seed <= sizes.seeds; ++seed) {
          cells.push_back(measured_cell(
              {{"core", one.core}, {"n", n}, {"honest_run", run}, {"seed", seed}},
              scenario_of(one.core, n, run, seed, sizes.duration), sizes.duration / 5));
        }
      }
    }
  }
  return cells;
}

json key(std::string_view core, std::uint32_t n, std::uint32_t run) {
  return {{"core", core}, {"n", n}, {"honest_run", run}};
}

double committed_percent(const Measurement& measured) {
  return 100 * (1 - share(measured.abandoned, measured.proposed));
}

Table committed_table(const std::vector<Group>& groups, const Sizes& sizes) {
  std::vector<std::string> columns = {"n", "honest leaders in a row"};
  for (const CoreName& one : compared_cores()) columns.emplace_back(one.shown);
  Table table(columns,
              "Blocks of honest leaders that are committed, in percent; in brackets the "
              "median latency in ms");
  for (const std::uint32_t n : sizes.replicas) {
    for (const std::uint32_t run : sizes.honest_runs) {
      std::vector<std::string> row = {std::to_string(n), std::to_string(run)};
      for (const CoreName& one : compared_cores()) {
        const Measurement& all = group_with(groups, key(one.core, n, run)).all;
        row.push_back(fmt::format("{:.1f} ({})", committed_percent(all),
                                  quantile_ms(all.latency_micros, 500)));
      }
      table.add(std::move(row));
    }
  }
  return table;
}

Panel panel_of(const std::vector<Group>& groups, const Sizes& sizes, std::uint32_t n) {
  Panel panel;
  panel.title = fmt::format("n = {}, {} silent", n, (n - 1) / 3);
  panel.x.title = "honest leaders in a row, then one silent";
  for (const std::uint32_t run : sizes.honest_runs) panel.x.names.push_back(std::to_string(run));
  panel.y.title = "honest blocks committed (%)";
  panel.y.min = 0;
  panel.y.max = 100;
  panel.bars = true;
  for (const CoreName& one : compared_cores()) {
    Series series{std::string(one.shown), style_of(one.core), {}};
    for (std::size_t i = 0; i < sizes.honest_runs.size(); ++i) {
      const Measurement& all = group_with(groups, key(one.core, n, sizes.honest_runs[i])).all;
      const double percent = committed_percent(all);
      series.points.push_back({static_cast<double>(i), std::nullopt});
      if (all.committed > 0) series.points.back().y = percent;
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

/// The least share of honest blocks committed over all schedules with at least so long a run of
/// honest leaders, and the most over those with a shorter one.
struct Extremes {
  double least = 100;
  double most = 0;
};
Extremes extremes(const std::vector<Group>& groups, std::string_view core, std::uint32_t from,
                  std::uint32_t to) {
  Extremes found;
  for (const Group& group : groups) {
    const std::uint32_t run = group.parameters.at("honest_run");
    if (group.parameters.at("core") != core || run < from || run > to) continue;
    found.least = std::min(found.least, committed_percent(group.all));
    found.most = std::max(found.most, committed_percent(group.all));
  }
  return found;
}

std::vector<Claim> claims_of(const std::vector<Group>& groups) {
  std::vector<Claim> claims;
  for (const std::string_view core : {"pbeegees", "beegees"}) {
    const double least = extremes(groups, core, 1, 100).least;
    claims.push_back({shown(core) + " commits every honest leader's block, even if every other "
                                    "leader is silent.",
                      fmt::format("at least {:.1f} %", least), least == 100});
  }
  struct Chain {
    std::string_view core;
    std::uint32_t needs;
  };
  for (const auto& [core, needs] : {Chain{"fast-hotstuff", 3}, Chain{"chained-hotstuff", 4}}) {
    const double before = extremes(groups, core, 1, needs - 1).most;
    const double from = extremes(groups, core, needs, 100).most;
    claims.push_back(
        {fmt::format("{} commits nothing with fewer than {} honest leaders in a row, and with "
                     "more it still loses the last block before a silent one.",
                     shown(core), needs),
         fmt::format("at most {:.1f} % and {:.1f} %", before, from),
         before == 0 && from > 0 && from < 100});
  }
  return claims;
}

Findings evaluate(const std::vector<CellResult>& results, const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  const std::vector<Group> groups = group_by_parameters(results);
  Findings findings;
  findings.data =
      table_of_groups(groups, {"core", "n", "honest_run"}, latency_columns(), latency_row);
  findings.tables.push_back(committed_table(groups, sizes));
  Plot plot;
  plot.title = "Blocks of honest leaders between silent ones";
  plot.panel_width = 420;
  plot.panel_height = 270;
  plot.columns = 2;
  for (const std::uint32_t n : sizes.replicas) plot.panels.push_back(panel_of(groups, sizes, n));
  plot.note = "A cross: no block at all is committed.";
  findings.figures.push_back({"", "Share of honest leaders' blocks that commit.", to_svg(plot)});
  findings.claims = claims_of(groups);
  return findings;
}

}  // namespace

const Experiment kHonestLeaders = {
    .name = "honest-leaders",
    .title = "Alternating honest and silent leaders",
    .question =
        "When silent leaders come again and again, which cores commit every honest leader's "
        "block?",
    .setup =
        R"(
f of n replicas are down from the start. The leader schedule puts one of them after every so many
honest leaders; both by turns. Counted are the blocks that honest leaders propose in the first
four fifths of a run, and those of them that nobody has committed at its end.)",
    .reading =
        R"(
A silent leader costs a HotStuff two views: its own, and the one before, whose votes were sent to
it and are lost. So the last honest block before a silent leader is never certified.
Fast-HotStuff needs two certified blocks of consecutive views, that is three honest leaders in a
row (the third collects the votes on the second block); Chained HotStuff needs three blocks and
so four leaders. BeeGees and pBeeGees carry votes in timeouts, so nothing is lost with a silent
collector, and commit over gaps: every honest block is committed under every schedule. The
authors of BeeGees call this any-honest-leader liveness (AHL).)",
    .limits =
        R"(
The schedule is fixed, known, and the worst for the rivals; under round robin runs of honest
leaders are longer (see crashes). Silent replicas are crashed ones; those that lie as well are
the business of exploration.)",
    .cells = cells,
    .evaluate = evaluate,
};

}  // namespace waggle::sim
