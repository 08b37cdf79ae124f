// The adversary that sees values and keeps two in balance.
#include <cmath>

#include <fmt/format.h>

#include "sim/experiment/all.hpp"
#include "sim/experiment/rounds_common.hpp"
#include "sim/rounds/calibration.hpp"
#include "smr/median/recommended.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;

struct Sizes {
  std::vector<std::uint32_t> values_n;
  std::uint64_t values_rounds;
  std::uint32_t compact_n;
  std::vector<std::uint32_t> ages;  ///< T.
  std::uint32_t sealed_n;
  std::vector<std::uint64_t> blocked;  ///< Thousandths, for sealing.
  std::uint64_t seeds;
};

Sizes sizes_of(const Scale& scale) {
  if (scale.quick) return {{100, 400}, 150, 400, {15, 61}, 16, {0, 200}, 2};
  return {{64, 256, 1024, 4096}, 1000, 1000, {15, 31, 61, 91, 121}, 64, {0, 50, 100, 150, 200}, 10};
}

/// Algorithm 1 with two values.
json agree(std::uint32_t n, const std::string& block, std::uint64_t seed, std::uint64_t most) {
  rounds::ValueWorld world = value_world({.parameters = {.n = n}, .seed = seed}, block);
  std::uint64_t blocked = 0;
  json agreed;
  while (world.rounds() < most && agreed.is_null()) {
    world.round();
    blocked += world.blocked();
    if (world.distinct() == 1) agreed = world.rounds();
  }
  return {{"rounds", agreed},
          {"blocked", static_cast<double>(blocked) / static_cast<double>(world.rounds())}};
}

/// Algorithm 5 until it splits.
json split(std::uint32_t n, std::uint32_t T, const std::string& block, std::uint64_t seed) {
  rounds::LogWorld world = log_world({.parameters = {.n = n, .T = T}, .seed = seed}, block);
  std::uint64_t blocked = 0;
  while (world.rounds() < 150 + T && world.agreement().holds()) {
    world.round();
    blocked += world.blocked();
  }
  const auto rounds = static_cast<double>(world.rounds());
  return {{"split", !world.agreement().holds()},
          {"rounds", world.rounds()},
          {"blocked", static_cast<double>(blocked) / rounds}};
}

json seal(std::uint32_t n, const std::string& block, std::uint64_t seed) {
  const rounds::Latency found = rounds::measure_latency(
      {.parameters = median::recommended(n).parameters, .block = block, .seed = seed}, 150);
  return {{"split", !found.agreement},
          {"submitted", found.submitted},
          {"acknowledged", found.acknowledged},
          {"mean_milli", found.mean_milli},
          {"p99", found.p99},
          {"silence", found.longest_silence}};
}

struct Kind {
  std::string name;
  std::string shown;
};
const std::vector<Kind>& sealed_kinds() {
  static const std::vector<Kind> all = {
      {"tie", "balances logs"}, {"outliers", "blocks outliers"}, {"fresh", "does not look"}};
  return all;
}

std::vector<Cell> cells(const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  std::vector<Cell> cells;
  const auto add = [&](std::string_view rule, std::uint32_t n, std::uint32_t T,
                       const std::string& block, const auto& run) {
    for (std::uint64_t seed = 1; seed <= sizes.seeds; ++seed) {
      cells.push_back(
          rounds_cell({{"rule", rule}, {"n", n}, {"T", T}, {"block", block}, {"seed", seed}},
                      [run, seed] { return run(seed); }));
    }
  };
  for (const std::uint32_t n : sizes.values_n) {
    for (const std::string block : {"none", "balance"}) {
      add("median", n, 0, block, [=, most = sizes.values_rounds](std::uint64_t seed) {
        return agree(n, block, seed, most);
      });
    }
  }
  for (const std::uint32_t T : sizes.ages) {
    for (const std::string block : {"fresh:10%", "tie:10%"}) {
      add("compact", sizes.compact_n, T, block,
          [=, n = sizes.compact_n](std::uint64_t seed) { return split(n, T, block, seed); });
    }
  }
  for (const std::uint64_t blocked : sizes.blocked) {
    for (const Kind& kind : sealed_kinds()) {
      if (blocked == 0 && kind.name != "fresh") continue;
      const std::string block = adversary_text(kind.name, blocked);
      add("sealed", sizes.sealed_n, 0, block,
          [=, n = sizes.sealed_n](std::uint64_t seed) { return seal(n, block, seed); });
    }
  }
  return cells;
}

const Sample& sample(const std::vector<Sample>& samples, std::string_view rule, std::uint32_t n,
                     std::uint32_t T, const std::string& block) {
  return sample_with(samples, {{"rule", rule}, {"n", n}, {"T", T}, {"block", block}});
}

Panel values_panel(const std::vector<Sample>& samples, const Sizes& sizes) {
  Panel panel;
  panel.title = "single values";
  panel.apart = false;
  panel.x = {.title = "servers", .log = true, .min = {}, .max = {}, .ticks = {}};
  for (const std::uint32_t n : sizes.values_n) panel.x.ticks.push_back(n);
  panel.y = {.title = "rounds until all agree", .min = 0, .max = 40};
  std::size_t style = 0;
  for (const auto& [block, shown] :
       {std::pair{"balance", "balanced"}, std::pair{"none", "nobody"}}) {
    Series series{
        block == std::string("none") ? "nobody blocked" : "keeps two in balance", style++, {}};
    for (const std::uint32_t n : sizes.values_n) {
      const Sample& one = sample(samples, "median", n, 0, block);
      Point point{static_cast<double>(n), std::nullopt};
      if (one.count("rounds") == one.runs.size()) point.y = one.mean("rounds");
      series.points.push_back(point);
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

Panel compact_panel(const std::vector<Sample>& samples, const Sizes& sizes) {
  Panel panel;
  panel.title = fmt::format("compact rule, n = {}, 10%", sizes.compact_n);
  panel.apart = false;
  panel.x.title = "T (rounds)";
  panel.y = {.title = "runs that split (%)", .min = 0, .max = 100};
  std::size_t style = 0;
  for (const char* block : {"tie:10%", "fresh:10%"}) {
    Series series{
        style == 0 ? "keeps two in balance" : "blocks without looking", style == 0 ? 0u : 2u, {}};
    ++style;
    for (const std::uint32_t T : sizes.ages) {
      const Sample& one = sample(samples, "compact", sizes.compact_n, T, block);
      series.points.push_back(
          {static_cast<double>(T),
           100.0 * static_cast<double>(one.count("split")) / static_cast<double>(one.runs.size())});
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

Panel sealed_panel(const std::vector<Sample>& samples, const Sizes& sizes) {
  Panel panel;
  panel.title = fmt::format("sealing, n = {}", sizes.sealed_n);
  panel.x = {.title = "blocked, at most (%)", .min = -1, .max = 21, .ticks = {0, 5, 10, 15, 20}};
  panel.y = {.title = "rounds to acknowledgement", .min = 0};
  for (const Kind& kind : sealed_kinds()) {
    const std::size_t style = kind.name == "tie" ? 0 : kind.name == "fresh" ? 2 : 3;
    Series series{kind.name == "tie"     ? "keeps two in balance"
                  : kind.name == "fresh" ? "blocks without looking"
                                         : "blocks the logs that differ most",
                  style,
                  {}};
    for (const std::uint64_t blocked : sizes.blocked) {
      const Sample& one =
          sample(samples, "sealed", sizes.sealed_n, 0, adversary_text(kind.name, blocked));
      Point point{static_cast<double>(blocked) / 10, std::nullopt};
      if (one.sum("acknowledged") == one.sum("submitted")) {
        point.y = one.mean("mean_milli") / 1000;
        point.high = one.most("p99");
      }
      series.points.push_back(point);
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

Table values_table(const std::vector<Sample>& samples, const Sizes& sizes) {
  Table table({"servers", "rounds, nobody blocked", "runs that agree under the adversary",
               "blocked in a round", "over sqrt(n)"},
              fmt::format("Single values, {} rounds at most", sizes.values_rounds));
  for (const std::uint32_t n : sizes.values_n) {
    const Sample& free = sample(samples, "median", n, 0, "none");
    const Sample& held = sample(samples, "median", n, 0, "balance");
    table.add({std::to_string(n), fmt::format("{:.1f}", free.mean("rounds")),
               fmt::format("{} of {}", held.count("rounds"), held.runs.size()),
               fmt::format("{:.0f}", held.mean("blocked")),
               fmt::format("{:.1f}", held.mean("blocked") / std::sqrt(n))});
  }
  return table;
}

Table compact_table(const std::vector<Sample>& samples, const Sizes& sizes) {
  Table table(
      {"T", "blocked without looking", "balanced", "balanced: blocked in a round"},
      fmt::format("Compact rule, n = {}: runs that split within T + 150 rounds", sizes.compact_n));
  for (const std::uint32_t T : sizes.ages) {
    const Sample& blind = sample(samples, "compact", sizes.compact_n, T, "fresh:10%");
    const Sample& held = sample(samples, "compact", sizes.compact_n, T, "tie:10%");
    table.add({std::to_string(T), fmt::format("{} of {}", blind.count("split"), blind.runs.size()),
               fmt::format("{} of {}", held.count("split"), held.runs.size()),
               fmt::format("{:.0f}", held.mean("blocked"))});
  }
  return table;
}

Table sealed_table(const std::vector<Sample>& samples, const Sizes& sizes) {
  Table table({"adversary", "told", "split", "mean (rounds)", "p99, worst run", "longest silence"},
              fmt::format("Sealing, n = {}", sizes.sealed_n));
  for (const Sample& one : samples) {
    if (one.parameters.at("rule") != "sealed") continue;
    table.add({one.parameters.at("block").get<std::string>(),
               fmt::format("{:.0f} of {:.0f}", one.sum("acknowledged"), one.sum("submitted")),
               fmt::format("{} of {}", one.count("split"), one.runs.size()),
               fmt::format("{:.1f}", one.mean("mean_milli") / 1000),
               fmt::format("{:.0f}", one.most("p99")), fmt::format("{:.0f}", one.most("silence"))});
  }
  return table;
}

std::vector<Claim> claims_of(const std::vector<Sample>& samples, const Sizes& sizes) {
  std::vector<Claim> claims;
  std::size_t agreed = 0;
  double most = 0;
  for (const std::uint32_t n : sizes.values_n) {
    const Sample& held = sample(samples, "median", n, 0, "balance");
    agreed += n >= 256 ? held.count("rounds") : 0;  // chance ends it among few
    most = std::max(most, held.mean("blocked") / std::sqrt(n));
  }
  claims.push_back(
      {"Algorithm 1: blocking the surplus, at most about 2 sqrt(n) servers, keeps two "
       "values in balance for ever among 256 servers and more.",
       fmt::format("{} runs agreed; {:.1f} sqrt(n) blocked on average", agreed, most),
       agreed == 0 && most < 2});
  std::size_t unsplit = 0;
  std::size_t blind = 0;
  for (const std::uint32_t T : sizes.ages) {
    const Sample& held = sample(samples, "compact", sizes.compact_n, T, "tie:10%");
    unsplit += held.runs.size() - held.count("split");
    if (T > 60) blind += sample(samples, "compact", sizes.compact_n, T, "fresh:10%").count("split");
  }
  claims.push_back(
      {"Algorithm 5: the same against logs splits every run, whatever T is; as many "
       "blocked without looking split none with T above 60.",
       fmt::format("{} balanced runs did not split, {} others did", unsplit, blind),
       unsplit == 0 && blind == 0});
  std::size_t sealed = 0;
  double untold = 0;
  for (const Sample& one : samples) {
    if (one.parameters.at("rule") != "sealed") continue;
    sealed += one.count("split");
    untold += one.sum("submitted") - one.sum("acknowledged");
  }
  claims.push_back({"Sealing never splits, and tells every client.",
                    fmt::format("{} splits, {:.0f} not told", sealed, untold),
                    sealed == 0 && untold == 0});
  return claims;
}

Findings evaluate(const std::vector<CellResult>& results, const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  const std::vector<Sample> samples = samples_of(results);
  Findings findings;
  findings.data = table_of_runs(results, {"rule", "n", "T", "block", "seed"});
  Plot plot;
  plot.title = "An adversary that keeps two values or logs in balance";
  plot.columns = 3;
  plot.panel_height = 280;
  plot.panels = {values_panel(samples, sizes), compact_panel(samples, sizes),
                 sealed_panel(samples, sizes)};
  plot.note =
      "A cross: no run agrees. Sealing: means; bars reach to the 99th percentile of the worst run.";
  findings.figures.push_back({"", "What balancing does to each rule.", to_svg(plot)});
  findings.tables.push_back(values_table(samples, sizes));
  findings.tables.push_back(compact_table(samples, sizes));
  findings.tables.push_back(sealed_table(samples, sizes));
  findings.claims = claims_of(samples, sizes);
  return findings;
}

}  // namespace

const Experiment kMedianBalance = {
    .name = "median-balance",
    .title = "An adversary that sees values",
    .question =
        "What does an adversary gain that sees values and logs, and blocks so that two of "
        "them stay in balance?",
    .setup =
        R"(
The adversary knows everything up to the end of the round before. Single values: it blocks the
surplus of the more frequent value (`balance`). Logs: it does so at the first place where logs
differ and its share is enough for it (`tie`). For comparison as many servers are blocked anew
without looking (`fresh`), and those whose logs differ most from the majority's (`outliers`).
Single values start half and half; logs get 4 commands a round; sealing has the parameters of new
networks.)",
    .reading =
        R"(
The lead of one value that a round brings by chance is of the order of the square root of n, and
the adversary takes it away in the next, before the rule can make it larger. Nothing in the
median rule helps against that: with single values there is no agreement, and under the compact
rule servers commit what they hold when T rounds are over, whatever T is. Sealing only waits: two
PREs that differ support what they have in common, a majority locks one of them in the end, and
the log of everybody then begins with it. The balance is broken, and the adversary has to begin
anew.)",
    .limits =
        R"(
This is an adversary of the model's own strength, 1-late, but one that sees inside all servers.
One that looks at traffic only cannot tell values apart.)",
    .cells = cells,
    .evaluate = evaluate,
};

}  // namespace waggle::sim
