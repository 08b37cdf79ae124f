// How often the compact rule splits, against T, and what calibration says of it.
#include <cmath>

#include <fmt/format.h>

#include "sim/experiment/all.hpp"
#include "sim/experiment/calibrate.hpp"
#include "sim/experiment/rounds_common.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;

struct Setting {
  std::uint32_t n;
  std::string block;
};

struct Sizes {
  std::vector<Setting> settings;
  std::vector<std::uint32_t> ages;  ///< T.
  std::uint64_t batches;
  std::uint64_t runs;    ///< Of a batch.
  std::uint64_t rounds;  ///< Of a run, at most.
  std::uint64_t settling_seeds;
  std::uint64_t settling_rounds;
};

Sizes sizes_of(const Scale& scale) {
  if (scale.quick) return {{{64, "none"}}, {4, 12, 18, 60}, 1, 10, 100, 1, 600};
  return {{{256, "none"}, {256, "fresh:10%"}, {1024, "none"}},
          {2, 6, 10, 14, 18, 20, 22, 24, 26, 28, 30, 32, 36, 40, 50, 60},
          5,
          30,
          200,
          4,
          2500};
}

/// A batch of runs of the compact rule, each until it splits.
json split(const Setting& setting, std::uint32_t T, std::uint64_t batch, const Sizes& sizes) {
  std::uint64_t splits = 0;
  std::uint64_t entries = 0;
  for (std::uint64_t run = 1; run <= sizes.runs; ++run) {
    rounds::LogWorld world = log_world(
        {.parameters = {.n = setting.n, .T = T}, .seed = batch * 1000 + run}, setting.block);
    while (world.rounds() < sizes.rounds + T && world.agreement().holds()) world.round();
    splits += world.agreement().holds() ? 0 : 1;
    entries += world.agreement().length();
  }
  return {{"runs", sizes.runs}, {"splits", splits}, {"entries", entries}};
}

json settle(const Setting& setting, std::uint64_t seed, std::uint64_t count) {
  const rounds::Settling found = rounds::measure_settling(
      {.parameters = {.n = setting.n}, .block = setting.block, .seed = seed}, count, false);
  return {{"entries", found.times.entries}, {"fronts", found.times.fronts}};
}

std::vector<Cell> cells(const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  std::vector<Cell> cells;
  const std::string inputs =
      fmt::format("{} {} {}", sizes.runs, sizes.rounds, sizes.settling_rounds);
  for (const Setting& setting : sizes.settings) {
    const json base = {{"n", setting.n}, {"block", setting.block}};
    for (std::uint64_t seed = 1; seed <= sizes.settling_seeds; ++seed) {
      json parameters = base;
      parameters.update({{"kind", "settling"}, {"T", 0}, {"seed", seed}});
      cells.push_back(rounds_cell(
          std::move(parameters),
          [=, count = sizes.settling_rounds] { return settle(setting, seed, count); }, inputs));
    }
    for (const std::uint32_t T : sizes.ages) {
      for (std::uint64_t batch = 1; batch <= sizes.batches; ++batch) {
        json parameters = base;
        parameters.update({{"kind", "split"}, {"T", T}, {"seed", batch}});
        cells.push_back(rounds_cell(
            std::move(parameters), [=] { return split(setting, T, batch, sizes); }, inputs));
      }
    }
  }
  return cells;
}

const Sample& sample(const std::vector<Sample>& samples, const Setting& setting,
                     std::string_view kind, std::uint32_t T) {
  return sample_with(samples,
                     {{"n", setting.n}, {"block", setting.block}, {"kind", kind}, {"T", T}});
}

/// What calibration makes of the settling runs.
struct Known {
  rounds::SettleTimes times;
  std::optional<TailFit> tail;

  /// Fronts that took more than T rounds, per entry.
  double beyond(std::uint32_t T) const {
    std::uint64_t count = 0;
    for (std::size_t i = T + 1; i < times.fronts.size(); ++i) count += times.fronts[i];
    return static_cast<double>(count) / static_cast<double>(times.count());
  }
};
Known known_of(const std::vector<Sample>& samples, const Setting& setting) {
  Known known;
  for (const json& run : sample(samples, setting, "settling", 0).runs) {
    rounds::SettleTimes times;
    times.entries = run.at("entries").get<std::vector<std::uint64_t>>();
    times.fronts = run.at("fronts").get<std::vector<std::uint64_t>>();
    known.times.add(times);
  }
  known.tail = fit_tail(known.times.fronts, known.times.count());
  return known;
}

/// Splits per entry: each run ends with its first one.
double rate(const Sample& one) { return one.sum("splits") / std::max(one.sum("entries"), 1.0); }

std::string shown(const Setting& setting) {
  return fmt::format("n = {}, {}", setting.n,
                     setting.block == "none" ? "nobody blocked" : setting.block);
}

Panel panel_of(const std::vector<Sample>& samples, const Sizes& sizes, const Setting& setting) {
  const Known known = known_of(samples, setting);
  Panel panel;
  panel.title = shown(setting);
  panel.apart = false;
  panel.x.title = "T (rounds)";
  panel.y = {.title = "splits per command", .log = true, .min = 1e-9, .max = 1};
  Series measured{"runs of the compact rule", 0, {}};
  Series predicted{"prefixes not settled after T rounds", 1, {}};
  Series fitted{"fitted tail", 2, {}};
  for (const std::uint32_t T : sizes.ages) {
    const double splits = rate(sample(samples, setting, "split", T));
    if (splits > 0) measured.points.push_back({static_cast<double>(T), splits});
    if (known.beyond(T) > 0) predicted.points.push_back({static_cast<double>(T), known.beyond(T)});
    if (known.tail && T >= known.tail->threshold) {
      fitted.points.push_back({static_cast<double>(T), known.tail->probability(T)});
    }
  }
  panel.series = {std::move(measured), std::move(predicted), std::move(fitted)};
  return panel;
}

Table split_table(const std::vector<Sample>& samples, const Sizes& sizes) {
  std::vector<std::string> columns = {"T"};
  for (const Setting& setting : sizes.settings) columns.push_back(shown(setting));
  Table table(columns, "Runs that split, and in brackets splits per million commands");
  for (const std::uint32_t T : sizes.ages) {
    std::vector<std::string> row = {std::to_string(T)};
    for (const Setting& setting : sizes.settings) {
      const Sample& one = sample(samples, setting, "split", T);
      row.push_back(fmt::format("{:.0f} of {:.0f} ({:.0f})", one.sum("splits"), one.sum("runs"),
                                1e6 * rate(one)));
    }
    table.add(std::move(row));
  }
  return table;
}

Table age_table(const std::vector<Sample>& samples, const Sizes& sizes) {
  Table table({"setting", "tail, a round", "95% of it", "above (rounds)", "made of", "T for 1e-3",
               "1e-6", "1e-9", "1e-12"},
              "What follows for T: the upper end of both intervals, for a failure per command");
  for (const Setting& setting : sizes.settings) {
    const auto tail = known_of(samples, setting).tail;
    if (!tail) continue;
    std::vector<std::string> row = {
        shown(setting), fmt::format("{:.3f}", tail->decay),
        fmt::format("{:.3f} to {:.3f}", tail->decay_low, tail->decay_high),
        std::to_string(tail->threshold), std::to_string(tail->beyond)};
    for (const double failure : {1e-3, 1e-6, 1e-9, 1e-12}) {
      row.push_back(std::to_string(tail->rounds_for_at_most(failure)));
    }
    table.add(std::move(row));
  }
  return table;
}

std::vector<Claim> claims_of(const std::vector<Sample>& samples, const Sizes& sizes) {
  std::vector<Claim> claims;
  std::size_t unsplit = 0;
  double worst = 0;
  std::size_t late = 0;
  std::string lasts;
  for (const Setting& setting : sizes.settings) {
    const Sample& first = sample(samples, setting, "split", sizes.ages.front());
    unsplit += static_cast<std::size_t>(first.sum("runs") - first.sum("splits"));
    const Known known = known_of(samples, setting);
    for (const std::uint32_t T : sizes.ages) {
      const Sample& one = sample(samples, setting, "split", T);
      // Where the age is less than what most prefixes need, a run ends with its first commands.
      if (known.beyond(T) > 0.02 || one.sum("splits") < 5) continue;
      worst = std::max(worst, rate(one) / std::max(known.tail ? known.tail->probability(T) : 0.0,
                                                   known.beyond(T)));
    }
    const Sample& last = sample(samples, setting, "split", sizes.ages.back());
    late += static_cast<std::size_t>(last.sum("splits"));
    lasts += fmt::format("{}{:.0f}", lasts.empty() ? "" : ", ", last.sum("entries"));
  }
  claims.push_back(
      {fmt::format("With T = {} every run splits, and the checker sees it.", sizes.ages.front()),
       fmt::format("{} runs did not", unsplit), unsplit == 0});
  claims.push_back(
      {"Calibration bounds what happens: nowhere are there more splits than prefixes "
       "that have not settled after T rounds, but for chance.",
       fmt::format("at most {:.2f} times as many", worst), worst < 1.6});
  claims.push_back({fmt::format("With T = {} none is seen.", sizes.ages.back()),
                    fmt::format("{} splits in {} commands", late, lasts), late <= 1});
  return claims;
}

Findings evaluate(const std::vector<CellResult>& results, const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  const std::vector<Sample> samples = samples_of(results);
  Findings findings;
  std::vector<CellResult> splits;
  for (const CellResult& result : results) {
    if (result.parameters.at("kind") == "split") splits.push_back(result);
  }
  findings.data = table_of_runs(splits, {"n", "block", "T", "seed"}, {"runs", "splits", "entries"});
  Plot plot;
  plot.title = "How often the compact rule splits";
  plot.columns = sizes.settings.size();
  plot.panel_height = 280;
  for (const Setting& setting : sizes.settings) {
    plot.panels.push_back(panel_of(samples, sizes, setting));
  }
  plot.note = "No marker: none was seen.";
  findings.figures.push_back({"", "Splits per command against T.", to_svg(plot)});
  findings.tables.push_back(split_table(samples, sizes));
  findings.tables.push_back(age_table(samples, sizes));
  findings.claims = claims_of(samples, sizes);
  return findings;
}

}  // namespace

const Experiment kMedianSplit = {
    .name = "median-split",
    .title = "Compact rule: splits against T",
    .question =
        "How often do two servers under the compact rule commit different sequences if T is "
        "too small, and which T follows from how long prefixes take to settle?",
    .setup =
        R"(
Algorithm 5 with (6,3) and 4 commands a round. Each run goes on until the checker finds two
committed sequences of which neither is a prefix of the other, or for 200 rounds; splits per
command are splits over all commands committed. Beside it, what
[calibration](../simulator.md#calibration) measures without any T: Algorithm 3 with an oracle
that takes away what all logs have in common, and how old the entry in front of it is. A prefix
that settles only after T rounds is one on which servers may commit different things.)",
    .reading =
        R"(
As long as T is below what most prefixes need, everything splits. Beyond, splits get rarer by a
constant factor with each round of T: what keeps a prefix open for long is two logs in balance,
and a balance survives a round with a constant probability. That is what makes T for one failure
in a billion commands affordable, about twice that for one in a thousand. Calibration counts
every prefix that is open for more than T rounds, and some of these settle without harm: one log
may only be shorter than the others. So there are fewer splits than it says.)",
    .limits =
        R"(
T for 1e-9 and less is extrapolated: nobody has seen such runs. The law is plausible, and the fit
is checked against its own far end, but an adversary that sees logs breaks it at any T
([median-balance](median-balance.md)): the paper's safety is one with high probability, against
adversaries that do not look. Sealing does not depend on T.)",
    .cells = cells,
    .evaluate = evaluate,
};

}  // namespace waggle::sim
