// Latency and stalls of sealing, against how many are blocked; recovery from surges.
#include <algorithm>

#include <fmt/format.h>

#include "sim/experiment/all.hpp"
#include "sim/experiment/rounds_common.hpp"
#include "sim/rounds/calibration.hpp"
#include "smr/median/recommended.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;

struct Size {
  std::uint32_t n;
  std::uint64_t seeds;
  std::uint64_t rounds;  ///< In which clients submit.
  bool few = false;      ///< The first, middle and last of the values only: large ones take long.
};

struct Sizes {
  std::vector<Size> servers;
  std::vector<std::uint64_t> fresh;      ///< Thousandths.
  std::vector<std::uint64_t> permanent;  ///< Thousandths.
  std::vector<Size> surge_servers;
  std::vector<std::uint32_t> surges;  ///< Rounds.
};

Sizes sizes_of(const Scale& scale) {
  if (scale.quick) {
    return {{{4, 1, 100}, {16, 1, 80}}, {0, 300}, {0, 450}, {{16, 1, 0}}, {1, 40}};
  }
  return {
      {{4, 10, 300}, {7, 10, 300}, {16, 10, 300}, {64, 5, 200}, {256, 2, 150}, {1024, 1, 60, true}},
      {0, 100, 200, 300, 400},
      {0, 100, 200, 300, 400, 450},
      {{4, 10, 0}, {16, 10, 0}, {64, 5, 0}, {256, 1, 0}},
      {1, 2, 5, 10, 20, 50, 100, 200}};
}

/// Those of `values` that are run with this number of servers.
std::vector<std::uint64_t> values_of(const Size& size, const std::vector<std::uint64_t>& values) {
  if (!size.few) return values;
  return {values.front(), values[values.size() / 2], values.back()};
}

bool has(const Size& size, const std::vector<std::uint64_t>& values, std::uint64_t value) {
  const auto all = values_of(size, values);
  return std::find(all.begin(), all.end(), value) != all.end();
}

json latency(const Size& size, const std::string& block, std::uint64_t seed) {
  const rounds::Latency found = rounds::measure_latency(
      {.parameters = median::recommended(size.n).parameters, .block = block, .seed = seed},
      size.rounds);
  return {{"split", !found.agreement},
          {"submitted", found.submitted},
          {"acknowledged", found.acknowledged},
          {"mean_milli", found.mean_milli},
          {"p50", found.p50},
          {"p99", found.p99},
          {"silence", found.longest_silence}};
}

/// Everybody is blocked for so many rounds. How long after it until the first client is told of
/// something, and until all are told of what they submitted before it ended?
json surge(std::uint32_t n, std::uint32_t length, std::uint64_t seed) {
  const median::Parameters parameters = median::recommended(n).parameters;
  const rounds::Round from = 6 * parameters.B + seed;
  const rounds::Round end = from + length;
  rounds::LogWorld world = log_world(
      {.parameters = parameters, .rule = rounds::LogRule::kSealed, .seed = seed, .load_until = end},
      fmt::format("surge:{}+{}", from, length));
  std::uint64_t before = 0;
  json first;
  json all;
  while (world.rounds() < end + 40 * parameters.B && all.is_null()) {
    world.round();
    if (world.rounds() == end) before = world.clients().acknowledged();
    if (world.rounds() <= end) continue;
    if (first.is_null() && world.clients().acknowledged() > before) first = world.rounds() - end;
    if (world.clients().pending() == 0) all = world.rounds() - end;
  }
  return {
      {"split", !world.agreement().holds()}, {"first", first}, {"all", all}, {"B", parameters.B}};
}

std::vector<Cell> cells(const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  std::vector<Cell> cells;
  for (const Size& size : sizes.servers) {
    const auto add = [&](std::string_view kind, std::uint64_t blocked) {
      for (std::uint64_t seed = 1; seed <= size.seeds; ++seed) {
        const std::string block = adversary_text(std::string(kind), blocked);
        cells.push_back(rounds_cell(
            {{"kind", kind}, {"n", size.n}, {"value", blocked}, {"seed", seed}},
            [=] { return latency(size, block, seed); }, std::to_string(size.rounds)));
      }
    };
    for (const std::uint64_t blocked : values_of(size, sizes.fresh)) add("fresh", blocked);
    for (const std::uint64_t blocked : values_of(size, sizes.permanent)) {
      add("permanent", blocked);
    }
  }
  for (const Size& size : sizes.surge_servers) {
    for (const std::uint32_t length : sizes.surges) {
      for (std::uint64_t seed = 1; seed <= size.seeds; ++seed) {
        cells.push_back(
            rounds_cell({{"kind", "surge"}, {"n", size.n}, {"value", length}, {"seed", seed}},
                        [=, n = size.n] { return surge(n, length, seed); }));
      }
    }
  }
  return cells;
}

const Sample& sample(const std::vector<Sample>& samples, std::string_view kind, std::uint32_t n,
                     std::uint64_t value) {
  return sample_with(samples, {{"kind", kind}, {"n", n}, {"value", value}});
}

bool all_told(const Sample& one) { return one.sum("acknowledged") == one.sum("submitted"); }

Panel latency_panel(const std::vector<Sample>& samples, const Sizes& sizes, std::string_view kind,
                    const std::vector<std::uint64_t>& values, const std::string& title) {
  Panel panel;
  panel.title = title;
  panel.x = {.title = "blocked (%)", .min = -2, .max = 47, .ticks = {0, 10, 20, 30, 40}};
  panel.y = {.title = "rounds to acknowledgement", .min = 0, .max = 80};
  for (std::size_t i = 0; i < sizes.servers.size(); ++i) {
    const std::uint32_t n = sizes.servers[i].n;
    Series series{fmt::format("n = {}", n), i, {}};
    for (const std::uint64_t value : values_of(sizes.servers[i], values)) {
      const Sample& one = sample(samples, kind, n, value);
      Point point{static_cast<double>(value) / 10, std::nullopt};
      if (all_told(one)) {
        point.y = one.mean("mean_milli") / 1000;
        point.high = one.most("p99");
      }
      series.points.push_back(point);
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

Panel surge_panel(const std::vector<Sample>& samples, const Sizes& sizes) {
  Panel panel;
  panel.title = "after a surge";
  panel.x = {.title = "rounds in which everybody is blocked", .log = true};
  panel.y = {.title = "rounds from its end until all are told", .min = 0};
  for (const Size& size : sizes.surge_servers) {
    std::size_t style = 0;
    while (style < sizes.servers.size() && sizes.servers[style].n != size.n) ++style;
    Series series{fmt::format("n = {}", size.n), style, {}};
    for (const std::uint32_t length : sizes.surges) {
      const Sample& one = sample(samples, "surge", size.n, length);
      Point point{static_cast<double>(length), std::nullopt};
      if (one.count("all") == one.runs.size()) {
        point.y = one.mean("all");
        point.high = one.most("all");
      }
      series.points.push_back(point);
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

Table latency_table(const std::vector<Sample>& samples, const Sizes& sizes, std::string_view kind,
                    const std::vector<std::uint64_t>& values, const std::string& caption) {
  std::vector<std::string> columns = {"n", "T, B"};
  for (const std::uint64_t value : values) columns.push_back(permille_text(value));
  Table table(columns, caption);
  for (const Size& size : sizes.servers) {
    const median::Parameters parameters = median::recommended(size.n).parameters;
    std::vector<std::string> row = {std::to_string(size.n),
                                    fmt::format("{}, {}", parameters.T, parameters.B)};
    for (const std::uint64_t value : values) {
      if (!has(size, values, value)) {
        row.push_back("-");
        continue;
      }
      const Sample& one = sample(samples, kind, size.n, value);
      row.push_back(fmt::format("{:.1f} ({:.0f}; {:.0f}){}", one.mean("mean_milli") / 1000,
                                one.most("p99"), one.most("silence"),
                                all_told(one) ? "" : " not all told"));
    }
    table.add(std::move(row));
  }
  return table;
}

Table surge_table(const std::vector<Sample>& samples, const Sizes& sizes) {
  std::vector<std::string> columns = {"n", "B"};
  for (const std::uint32_t length : sizes.surges) columns.push_back(std::to_string(length));
  Table table(
      columns,
      "Surges of so many rounds: rounds from the end until the first client is told of something, "
      "and in brackets until all are told; the slowest run");
  for (const Size& size : sizes.surge_servers) {
    std::vector<std::string> row = {std::to_string(size.n),
                                    std::to_string(median::recommended(size.n).parameters.B)};
    for (const std::uint32_t length : sizes.surges) {
      const Sample& one = sample(samples, "surge", size.n, length);
      row.push_back(fmt::format("{:.0f} ({:.0f})", one.most("first"), one.most("all")));
    }
    table.add(std::move(row));
  }
  return table;
}

std::vector<Claim> claims_of(const std::vector<Sample>& samples, const Sizes& sizes) {
  std::size_t split = 0;
  double untold = 0;
  std::size_t runs = 0;
  std::size_t unfinished = 0;
  double windows = 0;
  for (const Sample& one : samples) {
    split += one.count("split");
    runs += one.runs.size();
    if (one.parameters.at("kind") == "surge") {
      unfinished += one.runs.size() - one.count("all");
      windows = std::max(windows, one.most("all") / one.mean("B"));
    } else {
      untold += one.sum("submitted") - one.sum("acknowledged");
    }
  }
  std::vector<Claim> claims;
  claims.push_back({"Sequences agree in every round of every run.",
                    fmt::format("{} of {} runs split", split, runs), split == 0});
  claims.push_back(
      {"Every client is told, with up to 40% blocked anew in each round and up to 45% "
       "for good.",
       fmt::format("{:.0f} commands were not acknowledged", untold), untold == 0});
  claims.push_back(
      {"A surge of any length is over within a few windows.",
       fmt::format("{} runs did not end; all are told within {:.1f} windows", unfinished, windows),
       unfinished == 0 && windows < 10});
  for (const Size& size : sizes.servers) {
    if (size.n != 64) continue;
    const Sample& one = sample(samples, "fresh", 64, 100);
    claims.push_back(
        {"n = 64 with 10% blocked anew: acknowledged within 26 rounds on average, and "
         "within 35 at the 99th percentile.",
         fmt::format("{:.1f} and, in the worst run, {:.0f}", one.mean("mean_milli") / 1000,
                     one.most("p99")),
         one.mean("mean_milli") <= 26'000 && one.most("p99") <= 35});
  }
  return claims;
}

Findings evaluate(const std::vector<CellResult>& results, const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  const std::vector<Sample> samples = samples_of(results);
  Findings findings;
  findings.data = table_of_runs(results, {"kind", "n", "value", "seed"});
  Plot plot;
  plot.title = "Sealing: rounds from submission to acknowledgement";
  plot.columns = 3;
  plot.panel_height = 280;
  plot.panels = {latency_panel(samples, sizes, "fresh", sizes.fresh, "blocked anew in each round"),
                 latency_panel(samples, sizes, "permanent", sizes.permanent, "blocked for good"),
                 surge_panel(samples, sizes)};
  plot.note =
      "Means; bars reach to the 99th percentile of the worst run, after a surge to the worst run.";
  findings.figures.push_back({"", "Rounds to acknowledgement, and after a surge.", to_svg(plot)});
  const std::string what =
      ": mean rounds to acknowledgement, in brackets the 99th percentile and the longest time "
      "without any acknowledgement, of the worst run";
  findings.tables.push_back(
      latency_table(samples, sizes, "fresh", sizes.fresh, "Blocked anew in each round" + what));
  findings.tables.push_back(
      latency_table(samples, sizes, "permanent", sizes.permanent, "Blocked for good" + what));
  findings.tables.push_back(surge_table(samples, sizes));
  findings.claims = claims_of(samples, sizes);
  return findings;
}

}  // namespace

const Experiment kSealedBlocking = {
    .name = "sealed-blocking",
    .title = "Sealing: latency, stalls and surges",
    .question =
        "How long do clients wait when servers seal, how many servers may be blocked, and "
        "how fast does it come back when everybody was?",
    .setup =
        R"(
Section 8 of the [specification](../spec/median-smr.md#8-sealing) with the T and B that new
networks get (smr/median/recommended.cpp), 4 commands a round. A client asks one server a round,
drawn at random, which may be blocked. Clients submit for a while, then wait until all are told.
Surges begin in different rounds of a window.)",
    .reading =
        R"(
Up to 32 servers everybody hears everybody in a round, so that a command takes half a window
until the next boundary, two rounds for PRE and COMMIT, and one until its client asks. Above,
gossip comes before and between: log n rounds each time. What is blocked slows all of it down,
and once more when the server that a client asks is blocked. More than half is never blocked
here: with half of them gone no majority could seal. A server that was blocked keeps its log,
lock and final prefix, so that after a surge everything goes on where it was, with the next
boundary.)",
    .limits =
        R"(
Rounds are synchronous: what a message takes beyond a round's length is not there. With 1,024
servers a single run of 60 rounds stands for each point. Latencies are as clients see them who
ask one server a round; a client that is told by its server without asking saves a round.)",
    .cells = cells,
    .evaluate = evaluate,
};

}  // namespace waggle::sim
