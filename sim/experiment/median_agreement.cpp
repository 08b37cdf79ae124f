// Rounds until all agree, against the number of servers.
#include <cmath>

#include <fmt/format.h>

#include "sim/experiment/all.hpp"
#include "sim/experiment/rounds_common.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;

struct Sizes {
  std::vector<std::uint32_t> servers;
  std::uint64_t seeds;
};

Sizes sizes_of(const Scale& scale) {
  if (scale.quick) return {{64, 256, 1024}, 8};
  return {{64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384}, 25};
}

struct Adversary {
  std::string block;
  std::string shown;
};
const std::vector<Adversary>& adversaries() {
  static const std::vector<Adversary> all = {{"none", "nobody"},
                                             {"fresh:10%", "10% anew in each round"},
                                             {"permanent:10%", "10% for good"},
                                             {"permanent:20%", "20% for good"}};
  return all;
}

/// How many different values there are at first: two, or about as many as servers.
const std::vector<std::string>& starts() {
  static const std::vector<std::string> all = {"two", "all"};
  return all;
}

json run(std::uint32_t n, const std::string& start, const std::string& block, std::uint64_t seed) {
  rounds::ValueWorld world = value_world(
      {.parameters = {.n = n}, .seed = seed, .values = start == "two" ? 2 : std::uint64_t{n} * n},
      block);
  json agreed;
  constexpr rounds::Round kMost = 300;
  while (world.rounds() < kMost && agreed.is_null()) {
    world.round();
    if (world.distinct() == 1) agreed = world.rounds();
  }
  return {{"rounds", agreed}, {"useful", world.useful()}};
}

std::vector<Cell> cells(const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  std::vector<Cell> cells;
  for (const std::string& start : starts()) {
    for (const Adversary& adversary : adversaries()) {
      for (const std::uint32_t n : sizes.servers) {
        for (std::uint64_t seed = 1; seed <= sizes.seeds; ++seed) {
          cells.push_back(
              rounds_cell({{"start", start}, {"block", adversary.block}, {"n", n}, {"seed", seed}},
                          [=, block = adversary.block] { return run(n, start, block, seed); }));
        }
      }
    }
  }
  return cells;
}

const Sample& sample(const std::vector<Sample>& samples, const std::string& start,
                     const std::string& block, std::uint32_t n) {
  return sample_with(samples, {{"start", start}, {"block", block}, {"n", n}});
}

Line fit(const std::vector<Sample>& samples, const Sizes& sizes, const std::string& start,
         const std::string& block) {
  std::vector<std::pair<double, double>> points;
  for (const std::uint32_t n : sizes.servers) {
    points.emplace_back(std::log2(n), sample(samples, start, block, n).mean("rounds"));
  }
  return fit_line(points);
}

Panel panel_of(const std::vector<Sample>& samples, const Sizes& sizes, const std::string& start) {
  Panel panel;
  panel.title = start == "two" ? "two values at first" : "all values different at first";
  panel.x = {.title = "servers", .log = true};
  for (const std::uint32_t n : sizes.servers) panel.x.ticks.push_back(n);
  if (sizes.servers.size() > 5) panel.x.ticks = {64, 256, 1024, 4096};
  panel.y = {.title = "rounds until all agree", .min = 0};
  for (std::size_t i = 0; i < adversaries().size(); ++i) {
    Series series{adversaries()[i].shown, i, {}};
    for (const std::uint32_t n : sizes.servers) {
      const Sample& one = sample(samples, start, adversaries()[i].block, n);
      series.points.push_back({static_cast<double>(n), one.mean("rounds"), one.most("rounds")});
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

Findings evaluate(const std::vector<CellResult>& results, const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  const std::vector<Sample> samples = samples_of(results);
  Findings findings;
  findings.data = table_of_runs(results, {"start", "block", "n", "seed"}, {"rounds", "useful"});
  Plot plot;
  plot.title = "Rounds of the (6,3) median rule until all useful servers agree";
  plot.columns = 2;
  plot.panel_width = 400;
  plot.panel_height = 300;
  for (const std::string& start : starts()) plot.panels.push_back(panel_of(samples, sizes, start));
  plot.note = "Means; bars reach to the slowest run.";
  findings.figures.push_back(
      {"", "Rounds until all agree, against the number of servers.", to_svg(plot)});
  Table table(
      {"values at first", "blocked", "rounds, fitted", "farthest mean from it", "slowest run"},
      "Mean rounds as a line over log2(n)");
  std::size_t apart = 0;
  double farthest = 0;
  double flattest = 10;
  double steepest = 0;
  for (const std::string& start : starts()) {
    for (const Adversary& adversary : adversaries()) {
      const Line line = fit(samples, sizes, start, adversary.block);
      double slowest = 0;
      for (const std::uint32_t n : sizes.servers) {
        const Sample& one = sample(samples, start, adversary.block, n);
        apart += one.runs.size() - one.count("rounds");
        slowest = std::max(slowest, one.most("rounds"));
      }
      farthest = std::max(farthest, line.worst);
      flattest = std::min(flattest, line.slope);
      steepest = std::max(steepest, line.slope);
      table.add({start, adversary.shown,
                 fmt::format("{:.1f} + {:.2f} log2(n)", line.at_zero, line.slope),
                 fmt::format("{:.1f}", line.worst), fmt::format("{:.0f}", slowest)});
    }
  }
  findings.tables.push_back(std::move(table));
  findings.claims.push_back({"All useful servers agree in every run.",
                             fmt::format("{} of {} runs did not", apart, results.size()),
                             apart == 0});
  findings.claims.push_back(
      {"The mean number of rounds grows like log2(n).",
       fmt::format("{:.2f} to {:.2f} rounds per doubling of n; no mean is farther than {:.1f} "
                   "rounds from its line",
                   flattest, steepest, farthest),
       flattest > 0 && steepest < 3 && farthest < 2});
  return findings;
}

}  // namespace

const Experiment kMedianAgreement = {
    .name = "median-agreement",
    .title = "Median rule: rounds to agreement",
    .question =
        "How many rounds does the median rule take until all useful servers hold the same "
        "value, as their number grows?",
    .setup =
        R"(
Single values (Algorithm 1, (6,3)). At first every server holds one of two values, drawn for
each, or one of n^2, so that nearly all are different. A run ends with the round after which all
servers that hold a value hold the same one. What is blocked does not depend on values. 20% anew
in each round is beyond the [critical fraction](median-regimes.md), so that it is blocked for
good here.)",
    .reading =
        R"(
Doubling the number of servers adds the same number of rounds. With two values there are two
phases: noise of the order of the square root of n makes one value the more frequent, then its
lead grows by a factor of up to 1.5 a round, until the last holder of the other is gone. With all
values different, the middle of them wins in the same way, from both sides. Blocking makes it a
little slower: who was blocked comes back without a value, and takes what the majority has.)",
    .limits =
        R"(
Chance may keep two values in balance for long; the bars show the slowest of 25 runs, which is
what [T](median-split.md) has to allow for. An adversary that sees values does better:
[median-balance](median-balance.md).)",
    .cells = cells,
    .evaluate = evaluate,
};

}  // namespace waggle::sim
