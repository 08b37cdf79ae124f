// Rounds from submission to acknowledgement, against the number of servers and the load.
#include <cmath>

#include <fmt/format.h>

#include "sim/experiment/all.hpp"
#include "sim/experiment/calibrate.hpp"
#include "sim/experiment/rounds_common.hpp"
#include "smr/median/recommended.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;

constexpr double kFailure = 1e-6;  ///< A command: what T of the compact rule is calibrated for.
constexpr const char* kBlock = "fresh:10%";

struct Sizes {
  std::vector<std::uint32_t> paper_n;
  std::vector<std::uint32_t> sealed_n;
  std::vector<std::uint32_t> loads;
  std::uint64_t calibration_rounds;
};

Sizes sizes_of(const Scale& scale) {
  if (scale.quick) return {{64, 256}, {4, 16, 48}, {1, 4}, 2500};
  return {
      {64, 128, 256, 512, 1024, 2048, 4096}, {4, 8, 16, 32, 64, 128, 256, 512}, {1, 4, 16}, 3000};
}

json result_of(const rounds::LogWorld& world, std::uint32_t T) {
  const rounds::Clients& clients = world.clients();
  return {{"T", T},
          {"holds", !world.complaint()},
          {"submitted", clients.submitted()},
          {"acknowledged", clients.acknowledged()},
          {"mean_milli", clients.mean_latency_milli()},
          {"p50", clients.latency(500)},
          {"p99", clients.latency(990)},
          {"entries_most", world.entries_most()}};
}

/// Until all that clients submit in so many rounds is acknowledged, or for as long again.
json run(rounds::LogOptions options, rounds::Round load_until) {
  options.load_until = load_until;
  options.audit = false;
  rounds::LogWorld world = log_world(options, kBlock);
  while (world.rounds() < 2 * load_until + 200) {
    world.round();
    if (world.rounds() >= load_until && world.clients().pending() == 0) break;
  }
  return result_of(world, options.parameters.T);
}

/// With an oracle in place of T: when all have settled on a prefix, it counts as committed.
json settle(std::uint32_t n, std::uint32_t load) {
  return run({.parameters = {.n = n, .T = 1}, .rule = rounds::LogRule::kExtended, .load = load},
             200);
}

json compact(std::uint32_t n, std::uint32_t load, std::uint64_t calibration_rounds) {
  const Calibration known = calibrate({.setup = {.parameters = {.n = n}, .block = kBlock},
                                       .rounds = calibration_rounds,
                                       .seeds = 1,
                                       .failure = kFailure,
                                       .windows = 0});
  const auto T =
      static_cast<std::uint32_t>(known.tail ? known.tail->rounds_for(kFailure) : known.T.value());
  return run({.parameters = {.n = n, .T = T}, .load = load}, 200);
}

json seal(std::uint32_t n, std::uint32_t load) {
  return run({.parameters = median::recommended(n).parameters,
              .rule = rounds::LogRule::kSealed,
              .load = load},
             n > 128 ? 80 : 200);
}

std::vector<Cell> cells(const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  std::vector<Cell> cells;
  const auto add = [&](std::string_view rule, std::uint32_t n, std::uint32_t load,
                       std::function<json()> run) {
    cells.push_back(
        rounds_cell({{"rule", rule}, {"n", n}, {"load", load}, {"seed", 1}}, std::move(run)));
  };
  for (const std::uint32_t load : sizes.loads) {
    for (const std::uint32_t n : sizes.paper_n) {
      add("settled", n, load, [=] { return settle(n, load); });
      add("compact", n, load,
          [=, rounds = sizes.calibration_rounds] { return compact(n, load, rounds); });
    }
    for (const std::uint32_t n : sizes.sealed_n) {
      add("sealed", n, load, [=] { return seal(n, load); });
    }
  }
  return cells;
}

const Sample& sample(const std::vector<Sample>& samples, std::string_view rule, std::uint32_t n,
                     std::uint32_t load) {
  return sample_with(samples, {{"rule", rule}, {"n", n}, {"load", load}});
}

Panel panel_of(const std::vector<Sample>& samples, const Sizes& sizes, std::string_view rule,
               const std::vector<std::uint32_t>& servers, const std::string& title) {
  Panel panel;
  panel.title = title;
  panel.x = {.title = "servers", .log = true};
  for (std::size_t i = 0; i<servers.size(); i += servers.size()> 4 ? 2 : 1) {
    panel.x.ticks.push_back(servers[i]);
  }
  panel.y = {.title = "rounds to acknowledgement", .min = 0};
  for (std::size_t i = 0; i < sizes.loads.size(); ++i) {
    const std::uint32_t load = sizes.loads[i];
    Series series{fmt::format("{} command{} a round", load, load == 1 ? "" : "s"), i, {}};
    for (const std::uint32_t n : servers) {
      const Sample& one = sample(samples, rule, n, sizes.loads[i]);
      series.points.push_back(
          {static_cast<double>(n), one.mean("mean_milli") / 1000, one.most("p99")});
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

Table table_of(const std::vector<Sample>& samples, const Sizes& sizes, std::string_view rule,
               const std::vector<std::uint32_t>& servers, const std::string& caption) {
  std::vector<std::string> columns = {"n", "T"};
  for (const std::uint32_t load : sizes.loads) columns.push_back(fmt::format("{} a round", load));
  Table table(columns, caption);
  for (const std::uint32_t n : servers) {
    const double T = sample(samples, rule, n, sizes.loads.front()).mean("T");
    std::vector<std::string> row = {std::to_string(n),
                                    rule == "settled" ? "-" : fmt::format("{:.0f}", T)};
    for (const std::uint32_t load : sizes.loads) {
      const Sample& one = sample(samples, rule, n, load);
      row.push_back(fmt::format("{:.1f} ({:.0f})", one.mean("mean_milli") / 1000, one.most("p99")));
    }
    table.add(std::move(row));
  }
  return table;
}

/// Mean rounds over log2(n), at the first load.
Line line_of(const std::vector<Sample>& samples, const Sizes& sizes, std::string_view rule,
             const std::vector<std::uint32_t>& servers) {
  std::vector<std::pair<double, double>> points;
  for (const std::uint32_t n : servers) {
    points.emplace_back(std::log2(n),
                        sample(samples, rule, n, sizes.loads.front()).mean("mean_milli") / 1000);
  }
  return fit_line(points);
}

std::vector<Claim> claims_of(const std::vector<Sample>& samples, const Sizes& sizes) {
  std::vector<Claim> claims;
  const auto grows = [&](std::string_view rule, const std::vector<std::uint32_t>& servers,
                         const std::string& what) {
    const Line line = line_of(samples, sizes, rule, servers);
    claims.push_back({what + " takes a number of rounds that grows like log2(n).",
                      fmt::format("{:.1f} + {:.2f} log2(n), farthest {:.1f}", line.at_zero,
                                  line.slope, line.worst),
                      line.slope > 0 && line.slope < 6 && line.worst < 6});
  };
  grows("settled", sizes.paper_n, "Settling");
  // T of two sizes alone says more about chance in calibration.
  if (sizes.paper_n.size() > 2) grows("compact", sizes.paper_n, "The compact rule");
  std::vector<std::uint32_t> sampling;
  for (const std::uint32_t n : sizes.sealed_n) {
    if (n > 32) sampling.push_back(n);
  }
  if (sampling.size() > 1) grows("sealed", sampling, "Sealing above 32 servers");
  double apart = 0;
  double untold = 0;
  std::size_t wrong = 0;
  for (const Sample& one : samples) {
    untold += one.sum("submitted") - one.sum("acknowledged");
    wrong += one.runs.size() - one.count("holds");
    const Sample& light = sample(samples, one.parameters.at("rule").get<std::string>(),
                                 one.parameters.at("n").get<std::uint32_t>(), sizes.loads.front());
    apart = std::max(apart, one.mean("mean_milli") / light.mean("mean_milli"));
  }
  claims.push_back(
      {"The load hardly matters.",
       fmt::format("at most {:.2f} times the mean of {} a round", apart, sizes.loads.front()),
       apart < 1.5});
  claims.push_back({"Every command is acknowledged, and no property is violated.",
                    fmt::format("{:.0f} not acknowledged, {} violations", untold, wrong),
                    untold == 0 && wrong == 0});
  return claims;
}

Findings evaluate(const std::vector<CellResult>& results, const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  const std::vector<Sample> samples = samples_of(results);
  Findings findings;
  findings.data =
      table_of_runs(results, {"rule", "n", "load", "seed"},
                    {"T", "submitted", "acknowledged", "mean_milli", "p50", "p99", "entries_most"});
  Plot plot;
  plot.title = "Rounds from submission to acknowledgement, 10% blocked anew in each round";
  plot.columns = 3;
  plot.panel_height = 280;
  plot.panels = {panel_of(samples, sizes, "settled", sizes.paper_n, "as soon as all have settled"),
                 panel_of(samples, sizes, "compact", sizes.paper_n, "compact rule, T for 1e-6"),
                 panel_of(samples, sizes, "sealed", sizes.sealed_n, "sealing")};
  plot.note = "Means; bars reach to the 99th percentile.";
  findings.figures.push_back(
      {"", "Rounds to acknowledgement against servers and load.", to_svg(plot)});
  const std::string what = ": mean rounds, and in brackets the 99th percentile";
  findings.tables.push_back(
      table_of(samples, sizes, "settled", sizes.paper_n,
               "Algorithm 3 with an oracle that sees when all have settled" + what));
  findings.tables.push_back(
      table_of(samples, sizes, "compact", sizes.paper_n,
               "Compact rule, T calibrated for a failure in a million commands" + what));
  findings.tables.push_back(table_of(samples, sizes, "sealed", sizes.sealed_n, "Sealing" + what));
  findings.claims = claims_of(samples, sizes);
  return findings;
}

}  // namespace

const Experiment kMedianLatency = {
    .name = "median-latency",
    .title = "Median rule: commit latency",
    .question =
        "How many rounds pass from a command's submission to its acknowledgement, as the "
        "number of servers and the load grow?",
    .setup =
        R"(
10% of the servers are blocked anew in each round. A client asks one server a round, drawn at
random, until it is told that its command is committed. Three rules: Algorithm 3 with an oracle,
which commits a prefix when all servers have settled on it; the compact rule, where T stands for
the oracle, calibrated anew for each n for a failure in a million commands; and sealing with the
parameters of new networks. Clients submit for 200 rounds (sealing above 128 servers: 80), then
wait.)",
    .reading =
        R"(
Agreement takes log n rounds, as in [median-agreement](median-agreement.md). The compact rule has
to wait for the worst case of it, so that its latency is T and the round or two in which the
client hears of it. Sealing does not: a majority signs what most have settled on, and what has
not settled waits for the next window. Up to 32 servers everybody hears everybody, and no round
is spent on gossip. The load only makes logs longer.)",
    .limits =
        R"(
One run a point. Rounds of fixed length stand in for time: how long a round has to be on a
network is for that network to say.)",
    .cells = cells,
    .evaluate = evaluate,
};

}  // namespace waggle::sim
