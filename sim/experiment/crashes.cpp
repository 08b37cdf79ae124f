// Commit latency against the number of crashed replicas.
#include <algorithm>

#include <fmt/format.h>

#include "sim/experiment/all.hpp"
#include "sim/experiment/common.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;
using std::chrono::seconds;

struct Sizes {
  std::vector<std::uint32_t> replicas;
  std::uint64_t seeds;
  Duration duration;
};

Sizes sizes_of(const Scale& scale) {
  if (scale.quick) return {{4, 7}, 2, seconds(6)};
  return {{4, 7, 10, 16, 31}, 6, seconds(15)};
}

std::uint32_t f_of(std::uint32_t n) { return (n - 1) / 3; }

std::vector<Cell> cells(const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  std::vector<Cell> cells;
  for (const std::uint32_t n : sizes.replicas) {
    for (std::uint32_t crashed = 0; crashed <= f_of(n); ++crashed) {
      for (const CoreName& one : compared_cores()) {
        for (std::uint64_t seed = 1; seed <= sizes.seeds; ++seed) {
          Scenario scenario = busy_scenario(one.core, n, seed);
          scenario.duration = sizes.duration;
          crash_for_good(scenario, drawn_replicas(n, crashed, seed));
          cells.push_back(
              measured_cell({{"core", one.core}, {"n", n}, {"crashed", crashed}, {"seed", seed}},
                            std::move(scenario), sizes.duration / 4));
        }
      }
    }
  }
  return cells;
}

const Measurement& measured(const std::vector<Group>& groups, std::string_view core,
                            std::uint32_t n, std::uint32_t crashed) {
  return group_with(groups, {{"core", core}, {"n", n}, {"crashed", crashed}}).all;
}

Panel panel_of(const std::vector<Group>& groups, std::uint32_t n, bool latency) {
  Panel panel;
  panel.title = fmt::format("n = {}", n);
  panel.x.title = "crashed replicas";
  for (std::uint32_t c = 0; c <= f_of(n); ++c) panel.x.names.push_back(std::to_string(c));
  panel.y.title = latency ? "commit latency (ms)" : "blocks never committed (%)";
  panel.y.log = latency;
  panel.y.min = latency ? 5 : 0;
  panel.y.max = latency ? 20'000 : 100;
  for (const CoreName& one : compared_cores()) {
    Series series{std::string(one.shown), style_of(one.core), {}};
    for (std::uint32_t c = 0; c <= f_of(n); ++c) {
      const Measurement& all = measured(groups, one.core, n, c);
      const Histogram& micros = all.latency_micros;
      Point point{static_cast<double>(c), std::nullopt};
      if (!latency) {
        point.y = 100 * share(all.abandoned, all.proposed);
      } else if (micros.count() > 0) {
        point.y = millis(micros.quantile(500));
        point.high = millis(micros.quantile(990));
      }
      series.points.push_back(point);
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

std::string figure(const std::vector<Group>& groups, const Sizes& sizes, bool latency) {
  Plot plot;
  plot.title = latency ? "Commit latency: median, and up to the 99th percentile"
                       : "Blocks that are proposed and never committed";
  plot.columns = 3;
  plot.panel_width = 310;
  plot.panel_height = 235;
  for (const std::uint32_t n : sizes.replicas) plot.panels.push_back(panel_of(groups, n, latency));
  if (latency) plot.note = "A cross: no block at all is committed.";
  return to_svg(plot);
}

Table most_crashes_table(const std::vector<Group>& groups, const Sizes& sizes) {
  std::vector<std::string> columns = {"n", "crashed"};
  for (const CoreName& one : compared_cores()) columns.emplace_back(one.shown);
  Table table(
      columns,
      "Median / 99th percentile of the commit latency in ms, and in brackets the percentage "
      "of blocks that are never committed");
  for (const std::uint32_t n : sizes.replicas) {
    std::vector<std::uint32_t> counts = {0, 1, f_of(n)};
    counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
    for (const std::uint32_t crashed : counts) {
      std::vector<std::string> row = {std::to_string(n), std::to_string(crashed)};
      for (const CoreName& one : compared_cores()) {
        const Measurement& all = measured(groups, one.core, n, crashed);
        row.push_back(fmt::format("{} / {} ({})", quantile_ms(all.latency_micros, 500),
                                  quantile_ms(all.latency_micros, 990),
                                  percent(all.abandoned, all.proposed)));
      }
      table.add(std::move(row));
    }
  }
  return table;
}

Claim equal_without_faults(const std::vector<Group>& groups, const Sizes& sizes) {
  // Views from the proposal to the commit: two certificates, or three.
  bool holds = true;
  std::string found;
  for (const CoreName& one : compared_cores()) {
    const std::uint64_t length = one.core == "chained-hotstuff" ? 3 : 2;
    std::uint64_t least = ~0ULL;
    std::uint64_t most = 0;
    for (const std::uint32_t n : sizes.replicas) {
      const std::uint64_t views = measured(groups, one.core, n, 0).latency_views.quantile(500);
      least = std::min(least, views);
      most = std::max(most, views);
    }
    holds = holds && least == length && most == length;
    found += fmt::format(
        "{}{}: {}", found.empty() ? "" : ", ", one.shown,
        least == most ? fmt::format("{}", least) : fmt::format("{} to {}", least, most));
  }
  return {
      "Without faults a block commits after as many views as the chain of certificates is "
      "long: two, and three for Chained HotStuff.",
      found + " views", holds};
}

/// pBeeGees against another core at f crashes: the median or a higher quantile.
Claim not_slower(const std::vector<Group>& groups, const Sizes& sizes, std::string_view other,
                 std::uint32_t permille) {
  std::string found;
  bool holds = true;
  for (const std::uint32_t n : sizes.replicas) {
    const auto& ours = measured(groups, "pbeegees", n, f_of(n)).latency_micros;
    const auto& theirs = measured(groups, other, n, f_of(n)).latency_micros;
    const bool none = theirs.count() == 0;
    holds = holds && (none || ours.quantile(permille) <= theirs.quantile(permille));
    found += fmt::format("{}n = {}: {}", found.empty() ? "" : ", ", n,
                         none ? "it commits nothing"
                              : fmt::format("{:.1f} times", share(theirs.quantile(permille),
                                                                  ours.quantile(permille))));
  }
  return {fmt::format("With f crashed replicas the {} latency of {} is at least that of pBeeGees.",
                      permille == 500 ? "median" : "99th percentile of the", shown(other)),
          found, holds};
}

std::vector<Claim> claims_of(const std::vector<Group>& groups, const Sizes& sizes) {
  std::vector<Claim> claims = {equal_without_faults(groups, sizes)};
  for (const std::string_view other : {"fast-hotstuff", "chained-hotstuff"}) {
    claims.push_back(not_slower(groups, sizes, other, 500));
    claims.push_back(not_slower(groups, sizes, other, 990));
  }
  const Measurement& chained = measured(groups, "chained-hotstuff", 4, 1);
  claims.push_back({"Chained HotStuff with n = 4 and one crash commits nothing.",
                    fmt::format("{} blocks of {}", chained.committed, chained.proposed),
                    chained.committed == 0});
  std::uint64_t lost = 0;
  for (const std::uint32_t n : sizes.replicas) {
    for (std::uint32_t c = 0; c <= f_of(n); ++c)
      lost += measured(groups, "pbeegees", n, c).abandoned;
  }
  claims.push_back(
      {"pBeeGees loses no block to crashes.", fmt::format("{} blocks", lost), lost == 0});
  return claims;
}

Findings evaluate(const std::vector<CellResult>& results, const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  const std::vector<Group> groups = group_by_parameters(results);
  Findings findings;
  findings.data = table_of_groups(groups, {"core", "n", "crashed"}, latency_columns(), latency_row);
  findings.tables.push_back(most_crashes_table(groups, sizes));
  findings.figures.push_back(
      {"", "Commit latency against the number of crashed replicas.", figure(groups, sizes, true)});
  findings.figures.push_back(
      {"lost", "Blocks never committed against crashed replicas.", figure(groups, sizes, false)});
  findings.claims = claims_of(groups, sizes);
  return findings;
}

}  // namespace

const Experiment kCrashes = {
    .name = "crashes",
    .title = "Commit latency against crashed replicas",
    .question =
        "How long does a block take from its proposal to its commit when up to f replicas "
        "are down, and how many blocks are never committed?",
    .setup =
        "c of n replicas, drawn from the seed, are down from the start; leaders go round robin. "
        "Latency is the time from a leader's broadcast to the first commit by any replica. A block "
        "proposed in the first three quarters of a run counts as never committed if nobody has "
        "committed it at the end. Replicas reach each other in 1 to 3 ms, a sync takes 0.1 to 1 "
        "ms, views are given up after 100 ms, or 400 ms at most after backing off.",
    .reading =
        "Without faults the latency is the length of the chain, and nothing else tells the cores "
        "apart. A crashed replica costs every core its own view. It costs the HotStuffs the view "
        "before as well, because votes go to the next leader and are lost with it: the block of "
        "that view is never certified, and what it stood on has to wait until there are two, or "
        "three, certified blocks in a row again. BeeGees and pBeeGees find the votes in the "
        "timeouts (rule 4.7), give the silent collector's view only a short grace, and commit over "
        "the gap. The more replicas are down, the rarer such rows become, so the tail of the "
        "HotStuffs grows with c, and Chained HotStuff, which needs four honest leaders in a row, "
        "stops altogether where the schedule has none.",
    .limits =
        "Where the crashed replicas stand in the round decides what the HotStuffs lose; it is "
        "drawn "
        "anew for every seed, and the figures are over all seeds. Latencies of blocks that are "
        "never committed do not exist, so the rivals' are those of the luckier blocks. Blocks of "
        "the last "
        "moments of a run that would have taken longest are not in the latencies.",
    .cells = cells,
    .evaluate = evaluate,
};

}  // namespace waggle::sim
