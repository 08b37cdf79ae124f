// Throughput against an adversary that cuts off the leaders of the next views.
#include <algorithm>

#include <fmt/format.h>

#include "sim/experiment/all.hpp"
#include "sim/experiment/common.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Sizes {
  std::uint32_t n;
  std::vector<std::uint32_t> blocked;       ///< With no reaction time.
  std::vector<std::uint32_t> reactions_ms;  ///< With `blocked_slowly` replicas blocked.
  std::uint32_t blocked_slowly;
  std::uint64_t seeds;
  Duration duration;
};

Sizes sizes_of(const Scale& scale) {
  if (scale.quick) return {4, {0, 1}, {0, 60}, 1, 1, seconds(5)};
  return {16, {0, 1, 2, 3, 4, 5}, {0, 5, 10, 15, 20, 25, 30, 40, 60}, 1, 2, seconds(10)};
}

/// How many are blocked after how many milliseconds, in the order of the cells.
std::vector<std::pair<std::uint32_t, std::uint32_t>> attacks_of(const Sizes& sizes) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> attacks;
  for (const std::uint32_t blocked : sizes.blocked) attacks.emplace_back(blocked, 0);
  for (const std::uint32_t reaction : sizes.reactions_ms) {
    if (reaction > 0) attacks.emplace_back(sizes.blocked_slowly, reaction);
  }
  return attacks;
}

std::vector<Cell> cells(const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  std::vector<Cell> cells;
  for (const auto& [blocked, reaction] : attacks_of(sizes)) {
    for (const CoreName& one : compared_cores()) {
      for (std::uint64_t seed = 1; seed <= sizes.seeds; ++seed) {
        Scenario scenario = busy_scenario(one.core, sizes.n, seed);
        scenario.duration = sizes.duration;
        if (blocked > 0) {
          const LeaderBlockPlan plan{blocked, milliseconds(reaction)};
          scenario.faults.push_back({Duration{0}, std::nullopt, {}, LeaderBlockFault{plan}});
        }
        cells.push_back(measured_cell({{"core", one.core},
                                       {"n", sizes.n},
                                       {"blocked", blocked},
                                       {"reaction_ms", reaction},
                                       {"seed", seed}},
                                      std::move(scenario), sizes.duration / 4));
      }
    }
  }
  return cells;
}

const Measurement& measured(const std::vector<Group>& groups, const Sizes& sizes,
                            std::string_view core, std::uint32_t blocked, std::uint32_t reaction) {
  return group_with(
             groups,
             {{"core", core}, {"n", sizes.n}, {"blocked", blocked}, {"reaction_ms", reaction}})
      .all;
}

double per_second(std::uint64_t count, const Measurement& measured) {
  return static_cast<double>(count) * 1e6 / static_cast<double>(measured.time.count());
}

Panel panel(const std::string& title, const std::string& x_title) {
  Panel panel;
  panel.title = title;
  panel.x.title = x_title;
  panel.y.title = "blocks committed per second";
  panel.y.log = true;
  panel.y.min = 0.5;
  panel.y.max = 500;
  return panel;
}

Point point_of(double x, const Measurement& all) {
  Point point{x, std::nullopt};
  if (all.committed > 0) point.y = per_second(all.committed, all);
  return point;
}

Plot plot_of(const std::vector<Group>& groups, const Sizes& sizes) {
  Panel by_count = panel("an adversary that reacts at once", "leaders blocked per view");
  for (const std::uint32_t blocked : sizes.blocked) {
    by_count.x.names.push_back(std::to_string(blocked));
  }
  Panel by_reaction =
      panel(fmt::format("{} blocked per view", sizes.blocked_slowly), "reaction time (ms)");
  by_reaction.x.min = -2;
  by_reaction.x.max = sizes.reactions_ms.back() + 2;
  for (const CoreName& one : compared_cores()) {
    Series counts{std::string(one.shown), style_of(one.core), {}};
    for (std::size_t i = 0; i < sizes.blocked.size(); ++i) {
      counts.points.push_back(
          point_of(static_cast<double>(i), measured(groups, sizes, one.core, sizes.blocked[i], 0)));
    }
    by_count.series.push_back(std::move(counts));
    Series reactions{std::string(one.shown), style_of(one.core), {}};
    for (const std::uint32_t reaction : sizes.reactions_ms) {
      reactions.points.push_back(
          point_of(reaction, measured(groups, sizes, one.core, sizes.blocked_slowly, reaction)));
    }
    by_reaction.series.push_back(std::move(reactions));
  }
  Plot plot;
  plot.title = fmt::format("Cutting off the next leaders, n = {}", sizes.n);
  plot.columns = 2;
  plot.panel_width = 400;
  plot.panel_height = 290;
  plot.panels = {std::move(by_count), std::move(by_reaction)};
  plot.note = "A cross: no block at all is committed.";
  return plot;
}

Table throughput_table(const std::vector<Group>& groups, const Sizes& sizes) {
  std::vector<std::string> columns = {"blocked per view", "reaction (ms)"};
  for (const CoreName& one : compared_cores()) columns.emplace_back(one.shown);
  Table table(columns, "Blocks committed per second, and in brackets views per second");
  for (const auto& [blocked, reaction] : attacks_of(sizes)) {
    std::vector<std::string> row = {std::to_string(blocked), std::to_string(reaction)};
    for (const CoreName& one : compared_cores()) {
      const Measurement& all = measured(groups, sizes, one.core, blocked, reaction);
      row.push_back(fmt::format("{:.1f} ({:.1f})", per_second(all.committed, all),
                                per_second(all.views, all)));
    }
    table.add(std::move(row));
  }
  return table;
}

std::vector<Claim> claims_of(const std::vector<Group>& groups, const Sizes& sizes) {
  std::vector<Claim> claims;
  for (const std::string_view core : {"pbeegees", "beegees"}) {
    bool holds = true;
    std::string found;
    for (const std::uint32_t blocked : sizes.blocked) {
      const Measurement& all = measured(groups, sizes, core, blocked, 0);
      holds = holds && all.committed > 0;
      found += fmt::format("{}{}: {:.1f}", found.empty() ? "" : ", ", blocked,
                           per_second(all.committed, all));
    }
    claims.push_back({shown(core) + " goes on committing while up to f leaders are blocked.",
                      found + " blocks per second", holds});
  }
  for (const std::string_view core : {"fast-hotstuff", "chained-hotstuff"}) {
    double most = 0;
    for (const std::uint32_t blocked : sizes.blocked) {
      const Measurement& all = measured(groups, sizes, core, blocked, 0);
      if (blocked > 0) most = std::max(most, per_second(all.committed, all));
    }
    claims.push_back({shown(core) + " commits next to nothing once the next leader is cut off.",
                      fmt::format("at most {:.1f} blocks per second", most), most < 1});
  }
  // Few replicas do not shake it off; the page says so.
  if (sizes.n < 16) return claims;
  for (const std::string_view core : {"pbeegees", "beegees"}) {
    const Measurement& free = measured(groups, sizes, core, 0, 0);
    const Measurement& slow =
        measured(groups, sizes, core, sizes.blocked_slowly, sizes.reactions_ms.back());
    const double part = per_second(slow.committed, slow) / per_second(free.committed, free);
    claims.push_back({fmt::format("{} shakes off an adversary that takes {} ms to react, longer "
                                  "than its grace of 40 ms.",
                                  shown(core), sizes.reactions_ms.back()),
                      fmt::format("{:.0f} % of the throughput is left", 100 * part), part > 0.7});
  }
  return claims;
}

Findings evaluate(const std::vector<CellResult>& results, const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  const std::vector<Group> groups = group_by_parameters(results);
  Findings findings;
  findings.data = table_of_groups(
      groups, {"core", "n", "blocked", "reaction_ms"},
      {"blocks_committed_per_s", "commands_acknowledged_per_s", "views_per_s", "latency_p50_ms",
       "latency_p99_ms", "never_committed_percent"},
      [](const Measurement& all) -> std::vector<std::string> {
        return {
            fixed(per_second(all.committed, all), 2), fixed(per_second(all.acknowledged, all), 2),
            fixed(per_second(all.views, all), 2),     quantile_ms(all.latency_micros, 500),
            quantile_ms(all.latency_micros, 990),     percent(all.abandoned, all.proposed)};
      });
  findings.tables.push_back(throughput_table(groups, sizes));
  findings.figures.push_back({"", "Throughput against the number of leaders blocked per view.",
                              to_svg(plot_of(groups, sizes))});
  findings.claims = claims_of(groups, sizes);
  return findings;
}

}  // namespace

const Experiment kLeaderTargeting = {
    .name = "leader-targeting",
    .title = "An adversary that cuts off the next leaders",
    .question =
        "What throughput is left when an adversary in the network always cuts off those who "
        "lead the next views?",
    .setup =
        R"(
The fault [block_leaders](../simulator.md#scenarios): as soon as any replica enters a view v, the
leaders of the views v+1 to v+k are cut off from everybody, both ways, and all others are let go;
their connections come back within 20 ms. Replicas are never faulty. The second panel gives the
adversary a reaction time from the entering of a view to the cuts.)",
    .reading =
        R"(
Votes on the block of v go to the leader of v+1, which is cut off. In a HotStuff they are lost,
so there is no certificate in any view, and the chain stands still however few replicas are
blocked. BeeGees and pBeeGees lose the time: votes travel in the timeouts, so everybody learns of
the certificate when the view is given up, and the leader of v+1, let go by then, hears of it
from its peers and proposes. Every view takes a timeout, and every block commits.
The second panel: a slow adversary lets the leader of v go only when it has seen v for a while, and
by then cuts off the next. As long as views under attack last longer than its reaction, it keeps
its hold. In a HotStuff they last a whole timeout. BeeGees and pBeeGees give the view of a silent
collector a grace of 40 ms: an adversary that is slower than that falls behind the views, and the
chain is back at its full speed.)",
    .limits =
        R"(
The adversary knows the leaders of all views beforehand, as everybody does under round robin, and
sees the highest view at once. With no reaction time it never holds the present leader, which
would stop every leader-based core for as long as it lasts. Messages on their way when a link is
cut still arrive, so that now and then a view of a HotStuff gets its certificate. Small clusters
fare worse: with n = 4 an adversary of 60 ms keeps its hold, and 7 % of the throughput is left.)",
    .cells = cells,
    .evaluate = evaluate,
};

}  // namespace waggle::sim
