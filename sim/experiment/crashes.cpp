// Commit latency against the number of crashed replicas.
#include <algorithm>
#include <functional>
#include <optional>

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
  return {{4, 7, 10, 16, 31}, 3, seconds(8)};
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

enum class Shown : std::uint8_t { kBlocks, kCommands, kLost };

Point point_of(double x, const Measurement& all, Shown what) {
  if (what == Shown::kBlocks) return point_of_all(x, all);
  if (what == Shown::kCommands) return point_of_quantiles(x, all.command_micros);
  return {x, 100 * share(all.abandoned, all.proposed)};
}

Panel panel_of(const std::vector<Group>& groups, std::uint32_t n, Shown what) {
  Panel panel;
  panel.title = fmt::format("n = {}", n);
  panel.x.title = "crashed replicas";
  for (std::uint32_t c = 0; c <= f_of(n); ++c) panel.x.names.push_back(std::to_string(c));
  const bool latency = what != Shown::kLost;
  panel.y.title = latency ? "latency (ms)" : "never committed (%)";
  panel.y.log = latency;
  panel.y.min = latency ? 5 : 0;
  panel.y.max = latency ? 10'000 : 100;
  for (const CoreName& one : compared_cores()) {
    Series series{std::string(one.shown), style_of(one.core), {}};
    for (std::uint32_t c = 0; c <= f_of(n); ++c) {
      series.points.push_back(point_of(c, measured(groups, one.core, n, c), what));
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

Figure figure_of(const std::vector<Group>& groups, const Sizes& sizes, Shown what) {
  Plot plot;
  plot.columns = 3;
  plot.panel_width = 310;
  plot.panel_height = 235;
  for (const std::uint32_t n : sizes.replicas) plot.panels.push_back(panel_of(groups, n, what));
  switch (what) {
    case Shown::kBlocks:
      plot.title = "Blocks: from proposal to commit, median to 99th percentile";
      plot.note =
          "A range without an end: more than 1 % of all blocks never commit. A cross: more "
          "than half.";
      return {"", "Commit latency against the number of crashed replicas.", to_svg(plot)};
    case Shown::kCommands:
      plot.title = "Commands: from submission to answer, median to 99th percentile";
      plot.note = "A cross: no command is answered.";
      return {"commands", "Latency of commands against crashed replicas.", to_svg(plot)};
    case Shown::kLost: break;
  }
  plot.title = "Blocks that are proposed and never committed";
  return {"lost", "Blocks never committed against crashed replicas.", to_svg(plot)};
}

Table most_crashes_table(const std::vector<Group>& groups, const Sizes& sizes) {
  std::vector<std::string> columns = {"n", "crashed"};
  for (const CoreName& one : compared_cores()) columns.emplace_back(one.shown);
  Table table(columns,
              "Median / 99th percentile of the commit latency of all blocks in ms, in brackets the "
              "percentage of blocks that are never committed");
  for (const std::uint32_t n : sizes.replicas) {
    std::vector<std::uint32_t> counts = {0, 1, f_of(n)};
    counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
    for (const std::uint32_t crashed : counts) {
      std::vector<std::string> row = {std::to_string(n), std::to_string(crashed)};
      for (const CoreName& one : compared_cores()) {
        const Measurement& all = measured(groups, one.core, n, crashed);
        row.push_back(fmt::format("{} / {} ({})", quantile_of_all_ms(all, 500),
                                  quantile_of_all_ms(all, 990),
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

/// Values of pBeeGees and of another core in microseconds; nothing is worse than any.
using Pair = std::pair<std::optional<std::uint64_t>, std::optional<std::uint64_t>>;

/// Whether the other core is slower at f crashes for every n, by a certain measure.
Claim slower(const std::vector<Group>& groups, const Sizes& sizes, std::string_view other,
             std::string_view measure,
             const std::function<Pair(const Measurement&, const Measurement&)>& values) {
  std::string found;
  bool holds = true;
  for (const std::uint32_t n : sizes.replicas) {
    const auto [ours, theirs] =
        values(measured(groups, "pbeegees", n, f_of(n)), measured(groups, other, n, f_of(n)));
    holds = holds && ours && (!theirs || *theirs > *ours);
    found += fmt::format(
        "{}n = {}: {}", found.empty() ? "" : ", ", n,
        !theirs ? "never" : fmt::format("{:.1f} times", share(*theirs, ours.value_or(1))));
  }
  return {fmt::format("With f crashed replicas {} is higher in {} than in pBeeGees.", measure,
                      shown(other)),
          found, holds};
}

Pair median_of_blocks(const Measurement& ours, const Measurement& theirs) {
  return {ours.micros_of_all(500), theirs.micros_of_all(500)};
}

Pair tail_of_commands(const Measurement& ours, const Measurement& theirs) {
  const auto tail = [](const Histogram& micros) -> std::optional<std::uint64_t> {
    if (micros.count() == 0) return std::nullopt;
    return micros.quantile(990);
  };
  return {tail(ours.command_micros), tail(theirs.command_micros)};
}

std::vector<Claim> claims_of(const std::vector<Group>& groups, const Sizes& sizes) {
  std::vector<Claim> claims = {equal_without_faults(groups, sizes)};
  for (const std::string_view other : {"fast-hotstuff", "chained-hotstuff"}) {
    claims.push_back(
        slower(groups, sizes, other, "the median latency of all blocks", median_of_blocks));
    claims.push_back(
        slower(groups, sizes, other, "the 99th percentile of commands", tail_of_commands));
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
  for (const Shown what : {Shown::kBlocks, Shown::kCommands, Shown::kLost}) {
    findings.figures.push_back(figure_of(groups, sizes, what));
  }
  findings.claims = claims_of(groups, sizes);
  return findings;
}

}  // namespace

const Experiment kCrashes = {
    .name = "crashes",
    .title = "Commit latency against crashed replicas",
    .question =
        "How long does a block take from its proposal to its commit when up to f replicas are "
        "down, and how many blocks are never committed?",
    .setup =
        R"(
c of n replicas, drawn from the seed, are down from the start; leaders go round robin. Latency is
the time from a leader's broadcast to the first commit by any replica. A block proposed in the
first three quarters of a run counts as never committed if nobody has committed it at the end.
Quantiles are over all blocks, and one that is never committed is later than all others: over
committed blocks alone (columns of their own in the data) a core would look the better the more
of its slow blocks it throws away. Commands show the same from outside: what was in a lost block
is proposed again. Replicas reach each other in 1 to 3 ms, a sync takes 0.1 to 1 ms, views are
given up after 100 ms, or 400 ms at most after backing off.)",
    .reading =
        R"(
Without faults the latency is the length of the chain, and nothing else tells the cores apart. A
crashed replica costs every core its own view. It costs the HotStuffs the view before as well,
because votes go to the next leader and are lost with it: the block of that view is never
certified, and what it stood on has to wait until there are two, or three, certified blocks in a
row again. BeeGees and pBeeGees find the votes in the timeouts (rule 4.7), give the silent
collector's view only a short grace, and commit over the gap. The more replicas are down, the
rarer such rows become, so the tail of the HotStuffs grows with c, and Chained HotStuff, which
needs four honest leaders in a row, stops altogether where the schedule has none.)",
    .limits =
        R"(
Where the crashed replicas stand in the round decides what the HotStuffs lose; it is drawn anew
for every seed, and the figures are over all seeds. A command that is not answered when a run
ends is in no latency.)",
    .cells = cells,
    .evaluate = evaluate,
};

}  // namespace waggle::sim
