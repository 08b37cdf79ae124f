// The three regimes of the median rule, and how much may be blocked.
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
  std::uint64_t rounds;
  std::vector<std::uint64_t> useful;  ///< Thousandths of the servers that hold a value at first.
  std::vector<std::uint64_t> fresh;   ///< Thousandths that are blocked, of the following.
  std::vector<std::uint64_t> permanent;
};

std::vector<std::uint64_t> steps(std::uint64_t from, std::uint64_t to, std::uint64_t step) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t at = from; at <= to; at += step) all.push_back(at);
  return all;
}

Sizes sizes_of(const Scale& scale) {
  if (scale.quick) {
    return {{1000}, 1, 60, {250, 300, 400, 500}, {0, 100, 200}, {0, 200, 350}};
  }
  return {{1000, 4000}, 5, 300, steps(240, 460, 10), steps(0, 240, 10), steps(0, 400, 20)};
}

json run(std::uint32_t n, std::uint64_t useful, const std::string& block, std::uint64_t seed,
         std::uint64_t rounds) {
  rounds::ValueWorld world =
      value_world({.parameters = {.n = n}, .seed = seed, .useful = permille(useful)}, block);
  json course = json::array({world.useful()});
  std::uint64_t late = 0;  // useful servers, summed over the last rounds
  constexpr std::uint64_t kLate = 10;
  while (world.rounds() < rounds) {
    world.round();
    if (world.rounds() <= 15) course.push_back(world.useful());
    if (world.rounds() + kLate > rounds) late += world.useful();
  }
  return {{"course", std::move(course)},
          {"useful", static_cast<double>(late) / (kLate * n)},
          {"alive", late > 0}};
}

std::vector<Cell> cells(const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  std::vector<Cell> cells;
  const auto add = [&](std::string_view varied, std::uint32_t n, std::uint64_t useful,
                       const std::string& block, std::uint64_t value) {
    for (std::uint64_t seed = 1; seed <= sizes.seeds; ++seed) {
      cells.push_back(rounds_cell(
          {{"varied", varied}, {"n", n}, {"permille", value}, {"seed", seed}},
          [=, rounds = sizes.rounds] { return run(n, useful, block, seed, rounds); },
          std::to_string(sizes.rounds)));
    }
  };
  for (const std::uint32_t n : sizes.servers) {
    for (const std::uint64_t value : sizes.useful) add("useful", n, value, "none", value);
    for (const std::uint64_t value : sizes.fresh) {
      add("fresh", n, 1000, adversary_text("fresh", value), value);
    }
    for (const std::uint64_t value : sizes.permanent) {
      add("permanent", n, 1000, adversary_text("permanent", value), value);
    }
  }
  return cells;
}

/// P(at least l of k requests are answered), each with probability p.
double answered(double p) {
  const double q = 1 - p;
  return 1 - std::pow(q, 6) - 6 * p * std::pow(q, 5) - 15 * p * p * std::pow(q, 4);
}

/// In the limit of many servers. The useful fraction u becomes answered(u): below the fixed point
/// it falls. With a fraction b blocked anew, y = u (1-b) becomes (1-b)^2 answered(y); for good,
/// (1-b) answered(y): there is a fixed point as long as 1-b is large enough.
struct Predicted {
  double useful;
  double fresh;
  double permanent;
};
Predicted predict() {
  Predicted predicted{};
  double least = 1;
  for (double u = 0.05; u < 1; u += 1e-5) {
    if (predicted.useful == 0 && answered(u) > u) predicted.useful = u;
    least = std::min(least, u / answered(u));
  }
  predicted.permanent = 1 - least;
  predicted.fresh = 1 - std::sqrt(least);
  return predicted;
}

const Sample& sample(const std::vector<Sample>& samples, std::string_view varied, std::uint32_t n,
                     std::uint64_t value) {
  return sample_with(samples, {{"varied", varied}, {"n", n}, {"permille", value}});
}

/// Between which two of the values most of the runs change from alive to dead, or back: the middle.
double critical(const std::vector<Sample>& samples, std::string_view varied, std::uint32_t n,
                const std::vector<std::uint64_t>& values) {
  const auto alive = [&](std::uint64_t value) {
    const Sample& one = sample(samples, varied, n, value);
    return 2 * one.count("alive") > one.runs.size();
  };
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (alive(values[i]) != alive(values[i - 1])) {
      return static_cast<double>(values[i] + values[i - 1]) / 2000;
    }
  }
  return -1;
}

Panel course_panel(const std::vector<Sample>& samples, const Sizes& sizes) {
  Panel panel;
  panel.title = fmt::format("nobody is blocked, n = {}", sizes.servers.front());
  panel.apart = false;
  panel.x.title = "round";
  panel.y = {.title = "useful (%)", .min = 0, .max = 100};
  std::size_t style = 0;
  for (const std::uint64_t value : {250u, 300u, 340u, 360u, 400u, 450u}) {
    if (std::find(sizes.useful.begin(), sizes.useful.end(), value) == sizes.useful.end()) continue;
    Series series{"starting with " + permille_text(value), style++, {}};
    const json& course =
        sample(samples, "useful", sizes.servers.front(), value).runs.front()["course"];
    for (std::size_t round = 0; round < course.size(); ++round) {
      series.points.push_back({static_cast<double>(round),
                               100.0 * course[round].get<double>() / sizes.servers.front()});
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

Panel end_panel(const std::vector<Sample>& samples, const Sizes& sizes, std::string_view varied,
                const std::vector<std::uint64_t>& values, const std::string& title,
                const std::string& x_title) {
  Panel panel;
  panel.title = title;
  panel.apart = false;
  panel.x.title = x_title;
  panel.y = {.title = "useful in the end (%)", .min = 0, .max = 100};
  for (std::size_t i = 0; i < sizes.servers.size(); ++i) {
    Series series{fmt::format("n = {}", sizes.servers[i]), i, {}};
    for (const std::uint64_t value : values) {
      series.points.push_back(
          {static_cast<double>(value) / 10,
           100 * sample(samples, varied, sizes.servers[i], value).mean("useful")});
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

Plot course_plot(const std::vector<Sample>& samples, const Sizes& sizes) {
  Plot plot;
  plot.title = "The useful fraction, round by round";
  plot.panels = {course_panel(samples, sizes)};
  plot.panel_width = 520;
  plot.panel_height = 300;
  return plot;
}

Plot end_plot(const std::vector<Sample>& samples, const Sizes& sizes) {
  Plot plot;
  plot.title = fmt::format("What is left after {} rounds of the (6,3) median rule", sizes.rounds);
  plot.columns = 3;
  plot.panel_height = 250;
  plot.panels = {
      end_panel(samples, sizes, "useful", sizes.useful, "nobody is blocked",
                "useful at the start (%)"),
      end_panel(samples, sizes, "fresh", sizes.fresh, "blocked anew in each round", "blocked (%)"),
      end_panel(samples, sizes, "permanent", sizes.permanent, "blocked for good", "blocked (%)")};
  plot.note = "Means over runs. Where one line is not seen, it lies behind the other.";
  return plot;
}

Findings evaluate(const std::vector<CellResult>& results, const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  const std::vector<Sample> samples = samples_of(results);
  const Predicted predicted = predict();
  Findings findings;
  findings.data = table_of_runs(results, {"varied", "n", "permille", "seed"}, {"useful", "alive"});
  findings.figures.push_back({"", "What is left in the end.", to_svg(end_plot(samples, sizes))});
  findings.figures.push_back(
      {"course", "The useful fraction, round by round.", to_svg(course_plot(samples, sizes))});
  Table table({"n", "useful at the start", "blocked anew in each round", "blocked for good"},
              "Critical fractions, %: where most runs end with nobody useful on one side, and with "
              "nobody undecided for long on the other");
  const double step = scale.quick ? 0.08 : 0.015;
  const auto percent = [](double share) { return fmt::format("{:.1f}", 100 * share); };
  for (const std::uint32_t n : sizes.servers) {
    const double useful = critical(samples, "useful", n, sizes.useful);
    const double fresh = critical(samples, "fresh", n, sizes.fresh);
    const double permanent = critical(samples, "permanent", n, sizes.permanent);
    table.add({std::to_string(n), percent(useful), percent(fresh), percent(permanent)});
    const auto claim = [&](const std::string& what, double found, double expected) {
      findings.claims.push_back(
          {fmt::format("n = {}: {}, as many servers do in theory.", n, what),
           fmt::format("{}%, in theory {}%", percent(found), percent(expected)),
           found >= 0 && std::abs(found - expected) <= step});
    };
    claim("from about a third useful on they recover, with nobody blocked", useful,
          predicted.useful);
    claim("up to about a seventh may be blocked anew in each round", fresh, predicted.fresh);
    claim("up to about a quarter may be blocked for good", permanent, predicted.permanent);
  }
  table.add({"theory", percent(predicted.useful), percent(predicted.fresh),
             percent(predicted.permanent)});
  findings.tables.push_back(std::move(table));
  return findings;
}

}  // namespace

const Experiment kMedianRegimes = {
    .name = "median-regimes",
    .title = "Median rule: three regimes, and how much may be blocked",
    .question =
        "From which useful fraction on do servers under the (6,3) median rule stay useful, and how "
        "many may be blocked?",
    .setup =
        R"(
Single values (Algorithm 1, [specification](../spec/median-smr.md#2-single-values)), half of the
servers with 0 and half with 1. A server needs 3 answers to its 6 requests, or it is undecided
and answers nobody. Either a fraction of all holds a value at first and nobody is blocked, or all
hold one and a fraction is blocked: drawn anew in each round, or once. Measured over the last ten
rounds.)",
    .reading =
        R"(
Below the critical fraction everybody is undecided within a few rounds though nobody is blocked,
the death spiral: fewer useful servers give fewer answers, which make fewer useful servers.
Above, the fraction climbs to all within as few rounds. There is nothing between: every curve
ends in a step. In the limit of many servers the useful fraction u becomes the probability that 3
of 6 requests are answered, each with probability u, which is above u from 34.7% on. Of servers
that are blocked anew the asker and the asked may each be hit, so that much less of this is borne
than of blocking for good. Compact and recovering servers (Algorithms 5 and 6) answer and ask in
the same way, and have the same limits. Sealing servers never get undecided: see
[sealed-blocking](sealed-blocking.md).)",
    .limits =
        R"(
Near a critical fraction small numbers of servers may live long before chance ends it; 300 rounds
do not see what happens in a million. Critical fractions are read off between two steps of 1% (2%
for good).)",
    .cells = cells,
    .evaluate = evaluate,
};

}  // namespace waggle::sim
