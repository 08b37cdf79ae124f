// Other k and l.
#include <cmath>

#include <fmt/format.h>

#include "sim/experiment/all.hpp"
#include "sim/experiment/calibrate.hpp"
#include "sim/experiment/rounds_common.hpp"
#include "smr/median/recommended.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;

struct Pair {
  std::uint32_t k;
  std::uint32_t l;
};

struct Sizes {
  std::vector<Pair> pairs;
  std::uint32_t n;
  std::uint64_t rounds;                ///< Of each run with single values.
  std::vector<std::uint64_t> blocked;  ///< Thousandths.
  std::uint64_t settling_rounds;
  std::uint32_t sealed_n;
  std::uint64_t sealed_rounds;
};

Sizes sizes_of(const Scale& scale) {
  if (scale.quick) return {{{4, 3}, {6, 3}, {10, 5}}, 256, 80, {0, 60, 120, 180, 240}, 60, 40, 40};
  std::vector<std::uint64_t> blocked;
  for (std::uint64_t at = 0; at <= 500; at += 10) blocked.push_back(at);
  return {{{3, 3},
           {4, 3},
           {5, 3},
           {6, 3},
           {8, 3},
           {10, 3},
           {12, 3},
           {6, 5},
           {8, 5},
           {10, 5},
           {12, 5},
           {16, 5},
           {12, 7},
           {16, 7},
           {20, 9}},
          1024,
          150,
          blocked,
          1500,
          64,
          150};
}

/// The largest share that may be blocked anew in each round, in thousandths, so that somebody is
/// useful in the end; null: none.
json critical(const Pair& pair, const Sizes& sizes) {
  json found;
  for (const std::uint64_t blocked : sizes.blocked) {
    rounds::ValueWorld world = value_world({.parameters = {.n = sizes.n, .k = pair.k, .l = pair.l}},
                                           adversary_text("fresh", blocked));
    while (world.rounds() < sizes.rounds && world.useful() > 0) world.round();
    if (world.useful() == 0) break;
    found = blocked;
  }
  return found;
}

/// Mean rounds until two values are one, nobody being blocked.
double agreement(const Pair& pair, std::uint32_t n) {
  constexpr std::uint64_t kSeeds = 20;
  std::uint64_t sum = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    rounds::ValueWorld world =
        value_world({.parameters = {.n = n, .k = pair.k, .l = pair.l}, .seed = seed}, "none");
    while (world.rounds() < 200 && world.distinct() > 1) world.round();
    sum += world.rounds();
  }
  return static_cast<double>(sum) / kSeeds;
}

json measure(const Pair& pair, const Sizes& sizes) {
  json measured{{"critical", critical(pair, sizes)}, {"agreement", agreement(pair, sizes.n)}};
  const rounds::Settling settling = rounds::measure_settling(
      {.parameters = {.n = sizes.n, .k = pair.k, .l = pair.l}}, sizes.settling_rounds, false);
  measured["settled_p50"] = rounds::quantile(settling.times.entries, 500);
  measured["settled_p99"] = rounds::quantile(settling.times.entries, 990);
  const auto tail = fit_tail(settling.times.fronts, settling.times.count());
  measured["decay"] = tail ? json(tail->decay) : json();
  for (const char* block : {"fresh:10%", "fresh:30%"}) {
    median::Parameters parameters = median::recommended(sizes.sealed_n).parameters;
    parameters.k = pair.k;
    parameters.l = pair.l;
    const rounds::Latency latency =
        rounds::measure_latency({.parameters = parameters, .block = block}, sizes.sealed_rounds);
    const std::string name = block == std::string("fresh:10%") ? "sealed_10" : "sealed_30";
    measured[name] = latency.acknowledged == latency.submitted ? json(latency.mean_milli) : json();
  }
  return measured;
}

std::vector<Cell> cells(const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  std::vector<Cell> cells;
  for (const Pair& pair : sizes.pairs) {
    cells.push_back(rounds_cell(
        {{"k", pair.k}, {"l", pair.l}, {"n", sizes.n}, {"seed", 1}},
        [=] { return measure(pair, sizes); },
        fmt::format("{} {} {} {} {}", fmt::join(sizes.blocked, " "), sizes.rounds,
                    sizes.settling_rounds, sizes.sealed_n, sizes.sealed_rounds)));
  }
  return cells;
}

/// P(at least l of k) with probability p each.
double at_least(const Pair& pair, double p) {
  double sum = 0;
  double choose = 1;
  for (std::uint32_t i = 0; i <= pair.k; ++i) {
    if (i >= pair.l) sum += choose * std::pow(p, i) * std::pow(1 - p, pair.k - i);
    choose = choose * (pair.k - i) / (i + 1);
  }
  return sum;
}

/// In the limit of many servers (median-regimes).
double critical_in_theory(const Pair& pair) {
  double least = 1;
  for (double y = 0.001; y < 1; y += 0.001) least = std::min(least, y / at_least(pair, y));
  return 1 - std::sqrt(least);
}

std::string name_of(const Pair& pair) { return fmt::format("({},{})", pair.k, pair.l); }

std::string number(const json& value, double factor, int decimals) {
  return value.is_null() ? "-" : fmt::format("{:.{}f}", value.get<double>() * factor, decimals);
}

Plot plot_of(const std::vector<CellResult>& results, const Sizes& sizes) {
  Panel blocked{"blocked anew that is borne",
                {.title = "k, requests", .min = 2, .max = 22},
                {.title = "blocked (%)", .min = 0, .max = 50},
                {}};
  Panel settled{"settling, nobody blocked",
                {.title = "k, requests", .min = 2, .max = 22},
                {.title = "rounds", .min = 0},
                {}};
  Panel sealed{fmt::format("sealing, n = {}, 10% blocked", sizes.sealed_n),
               {.title = "k, requests", .min = 2, .max = 22},
               {.title = "rounds to acknowledgement", .min = 0},
               {}};
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Pair& pair = sizes.pairs[i];
    const json& m = results[i].measured;
    const std::size_t style = (pair.l - 3) / 2;
    const std::string name = fmt::format("l = {}", pair.l);
    for (Panel* panel : {&blocked, &settled, &sealed}) {
      const bool known = !panel->series.empty() && panel->series.back().name == name;
      if (!known) panel->series.push_back({name, style, {}});
    }
    const double k = pair.k;
    Point share{k, std::nullopt};
    share.y = m.at("critical").is_null() ? 0 : m.at("critical").get<double>() / 10;
    blocked.series.back().points.push_back(share);
    settled.series.back().points.push_back(
        {k, m.at("settled_p50").get<double>(), m.at("settled_p99").get<double>()});
    Point latency{k, std::nullopt};
    if (!m.at("sealed_10").is_null()) latency.y = m.at("sealed_10").get<double>() / 1000;
    sealed.series.back().points.push_back(latency);
  }
  for (Panel* panel : {&blocked, &settled, &sealed}) panel->apart = false;
  Plot plot;
  plot.title = fmt::format("Other (k, l), n = {}", sizes.n);
  plot.columns = 3;
  plot.panel_height = 280;
  plot.panels = {std::move(blocked), std::move(settled), std::move(sealed)};
  plot.note =
      "Settling: half of the entries; bars reach to the 99th percentile. A cross: not all "
      "clients were told.";
  return plot;
}

Findings evaluate(const std::vector<CellResult>& results, const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  Findings findings;
  findings.data = table_of_runs(
      results, {"k", "l", "n", "seed"},
      {"critical", "agreement", "settled_p50", "settled_p99", "decay", "sealed_10", "sealed_30"});
  findings.figures.push_back({"", "What k and l change.", to_svg(plot_of(results, sizes))});
  Table table(
      {"(k, l)", "messages a round", "blocked anew (%)", "in theory (%)", "rounds to agreement",
       "settled p50, p99", "tail, a round", "sealing, 10% blocked", "sealing, 30% blocked"},
      fmt::format("n = {}; messages are requests and answers of a server; sealing with n = "
                  "{}, mean rounds to acknowledgement",
                  sizes.n, sizes.sealed_n));
  const double step = scale.quick ? 6 : 2;
  double farthest = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Pair& pair = sizes.pairs[i];
    const json& m = results[i].measured;
    const double theory = 100 * critical_in_theory(pair);
    const double found = m.at("critical").is_null() ? 0 : m.at("critical").get<double>() / 10;
    if (theory < 100.0 * 1e-3 * static_cast<double>(sizes.blocked.back())) {
      farthest = std::max(farthest, std::abs(found - theory));
    }
    table.add({name_of(pair), std::to_string(2 * pair.k), number(m.at("critical"), 0.1, 1),
               fmt::format("{:.1f}", theory), number(m.at("agreement"), 1, 1),
               fmt::format("{}, {}", m.at("settled_p50").dump(), m.at("settled_p99").dump()),
               number(m.at("decay"), 1, 2), number(m.at("sealed_10"), 1e-3, 1),
               number(m.at("sealed_30"), 1e-3, 1)});
  }
  findings.tables.push_back(std::move(table));
  findings.claims.push_back({"What may be blocked follows from k and l alone, as in theory.",
                             fmt::format("at most {:.1f} points apart", farthest),
                             farthest <= step});
  const auto measured = [&](std::uint32_t k, std::uint32_t l) -> const json& {
    for (std::size_t i = 0; i < sizes.pairs.size(); ++i) {
      if (sizes.pairs[i].k == k && sizes.pairs[i].l == l) return results[i].measured;
    }
    return results.front().measured;
  };
  const double slow = measured(6, 3).at("settled_p50").get<double>();
  const double fast = measured(10, 5).at("settled_p50").get<double>();
  findings.claims.push_back({"A median of five settles faster than a median of three.",
                             fmt::format("(6,3): {:.0f} rounds, (10,5): {:.0f}", slow, fast),
                             fast < slow});
  return findings;
}

}  // namespace

const Experiment kMedianParameters = {
    .name = "median-parameters",
    .title = "Median rule: other k and l",
    .question = "What do more requests, or a median of more replies, buy, and what do they cost?",
    .setup =
        R"(
Single values for the share that may be blocked anew in each round (the largest with somebody
useful after 150 rounds) and for rounds to agreement; logs with 4 commands a round for settling,
as in [calibration](../simulator.md#calibration); and sealing with the T and B of new networks.)",
    .reading =
        R"(
More requests for the same l make a server more seldom undecided, so that more may be blocked;
each costs two messages a round. A median of five sharpens a lead of one log by more than a
median of three, 1.9 instead of 1.5, so that prefixes settle in fewer rounds and the tail falls
faster; but it needs more answers. (6,3) is the smallest of those that bear a seventh blocked.
Where latency counts more than messages, (10,5) is the better choice. Sealing never gets
undecided; it gains because PREs and COMMITs spread with the answers to k requests.)",
    .limits =
        R"(
Up to 32 servers k and l hardly matter, since everybody is asked. T and B were not calibrated
anew for each (k, l), which would bring a little more.)",
    .cells = cells,
    .evaluate = evaluate,
};

}  // namespace waggle::sim
