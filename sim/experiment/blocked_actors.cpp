// Adversaries that block whoever matters most, against cores with leaders and without.
#include <fmt/format.h>

#include "sim/experiment/all.hpp"
#include "sim/experiment/common.hpp"
#include "sim/experiment/rounds_common.hpp"
#include "smr/median/recommended.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t kInFlight = 8;  ///< Commands of all clients together, in both worlds.
constexpr std::uint32_t kRoundMs = 10;  ///< A round trip takes 2 to 6 ms, a sync up to 1 ms.

struct Sizes {
  std::uint32_t n;
  std::vector<std::uint32_t> blocked;
  std::uint64_t seeds;
  Duration duration;
  std::uint64_t rounds;
};

Sizes sizes_of(const Scale& scale) {
  if (scale.quick) return {4, {0, 1}, 1, seconds(5), 150};
  return {16, {0, 1, 2, 3, 4, 5}, 2, seconds(10), 1000};
}

struct Chained {
  std::string core;
  std::string shown;
};
const std::vector<Chained>& chained() {
  static const std::vector<Chained> all = {{"pbeegees", "pBeeGees"},
                                           {"chained-hotstuff", "Chained HotStuff"}};
  return all;
}

struct Adversary {
  std::string name;
  std::string shown;
};
/// Those in the event world: in front of the leaders, and a round behind their views.
const std::vector<Adversary>& leader_adversaries() {
  static const std::vector<Adversary> all = {{"leaders", "next leaders"},
                                             {"late", "next leaders, a round late"}};
  return all;
}
/// Those in rounds, who all know what there was a round ago.
const std::vector<Adversary>& adversaries() {
  static const std::vector<Adversary> all = {{"acted", "who answered most"},
                                             {"newest", "who has the newest seal"},
                                             {"outliers", "whose logs differ most"},
                                             {"tie", "who breaks a balance of logs"},
                                             {"client", "whom a client asked"}};
  return all;
}

json chain(const Scenario& scenario, Duration tail) {
  const Measurement measured = measure(scenario, tail);
  return {{"acknowledged", measured.acknowledged},
          {"per_second", static_cast<double>(measured.acknowledged) * 1e6 /
                             static_cast<double>(measured.time.count())},
          {"mean_ms", nullptr},
          {"violated", false}};
}

json seal(std::uint32_t n, const std::string& block, std::uint64_t seed, std::uint64_t rounds) {
  rounds::LogWorld world = log_world({.parameters = median::recommended(n).parameters,
                                      .rule = rounds::LogRule::kSealed,
                                      .seed = seed,
                                      .in_flight = kInFlight},
                                     block);
  while (world.rounds() < rounds) world.round();
  const rounds::Clients& clients = world.clients();
  return {{"acknowledged", clients.acknowledged()},
          {"per_second", static_cast<double>(clients.acknowledged()) * 1000 /
                             (kRoundMs * static_cast<double>(rounds))},
          {"mean_ms", static_cast<double>(clients.mean_latency_milli()) * kRoundMs / 1000},
          {"violated", world.complaint().has_value()}};
}

Cell chained_cell(const std::string& core, const std::string& adversary, std::uint32_t blocked,
                  std::uint64_t seed, const Sizes& sizes) {
  Scenario scenario = busy_scenario(core, sizes.n, seed);
  scenario.duration = sizes.duration;
  if (blocked > 0) {
    const milliseconds reaction(adversary == "late" ? kRoundMs : 0);
    scenario.faults.push_back(
        {Duration{0}, std::nullopt, {}, LeaderBlockFault{{blocked, reaction}}});
  }
  const Duration tail = sizes.duration / 4;
  return {{{"core", core},
           {"adversary", adversary},
           {"n", sizes.n},
           {"blocked", blocked},
           {"seed", seed}},
          [scenario, tail] { return chain(scenario, tail); },
          measured_cell({}, scenario, tail).inputs};
}

std::vector<Cell> cells(const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  std::vector<Cell> cells;
  for (const std::uint32_t blocked : sizes.blocked) {
    for (std::uint64_t seed = 1; seed <= sizes.seeds; ++seed) {
      for (const Chained& one : chained()) {
        for (const Adversary& adversary : leader_adversaries()) {
          cells.push_back(chained_cell(one.core, adversary.name, blocked, seed, sizes));
        }
      }
      for (const Adversary& one : adversaries()) {
        // Shares are cut off below: a little more than so many of n.
        const std::string block =
            blocked == 0 ? "none"
                         : adversary_text(one.name, (blocked * 1000 + sizes.n - 1) / sizes.n);
        cells.push_back(rounds_cell(
            {{"core", "median"},
             {"adversary", one.name},
             {"n", sizes.n},
             {"blocked", blocked},
             {"seed", seed}},
            [=, n = sizes.n, rounds = sizes.rounds] { return seal(n, block, seed, rounds); }));
      }
    }
  }
  return cells;
}

double per_second(const std::vector<Sample>& samples, const Sizes& sizes, std::string_view core,
                  std::string_view adversary, std::uint32_t blocked) {
  return sample_with(
             samples,
             {{"core", core}, {"adversary", adversary}, {"n", sizes.n}, {"blocked", blocked}})
      .mean("per_second");
}

/// A line of the figure.
struct Attack {
  std::string core;
  std::string adversary;
  std::string shown;
};
std::vector<Attack> attacks() {
  std::vector<Attack> all;
  for (const Adversary& adversary : leader_adversaries()) {
    for (const Chained& one : chained()) {
      all.push_back({one.core, adversary.name, one.shown + ": " + adversary.shown});
    }
  }
  for (const Adversary& one : adversaries()) {
    all.push_back({"median", one.name, "median, sealing: " + one.shown});
  }
  return all;
}

/// Commands a second with so many blocked, as a share of that with none.
double left(const std::vector<Sample>& samples, const Sizes& sizes, const Attack& attack,
            std::uint32_t blocked) {
  return per_second(samples, sizes, attack.core, attack.adversary, blocked) /
         per_second(samples, sizes, attack.core, attack.adversary, 0);
}

Plot plot_of(const std::vector<Sample>& samples, const Sizes& sizes) {
  Panel relative{"as a share of that with nobody blocked",
                 {.title = "blocked at a time"},
                 {.title = "throughput left (%)", .min = 0, .max = 110},
                 {}};
  Panel absolute{"with 8 commands in flight",
                 {.title = "blocked at a time"},
                 {.title = "commands a second", .min = 0},
                 {}};
  for (const std::uint32_t blocked : sizes.blocked) {
    relative.x.names.push_back(std::to_string(blocked));
    absolute.x.names.push_back(std::to_string(blocked));
  }
  std::size_t style = 0;
  for (const Attack& attack : attacks()) {
    Series share{attack.shown, style, {}};
    Series rate{attack.shown, style++, {}};
    for (std::size_t i = 0; i < sizes.blocked.size(); ++i) {
      const auto x = static_cast<double>(i);
      share.points.push_back({x, 100 * left(samples, sizes, attack, sizes.blocked[i])});
      rate.points.push_back(
          {x, per_second(samples, sizes, attack.core, attack.adversary, sizes.blocked[i])});
    }
    relative.series.push_back(std::move(share));
    absolute.series.push_back(std::move(rate));
  }
  Plot plot;
  plot.title = fmt::format("Blocking whoever matters most, n = {}", sizes.n);
  plot.columns = 2;
  plot.panel_width = 430;
  plot.panel_height = 320;
  plot.panels = {std::move(relative), std::move(absolute)};
  return plot;
}

Table table_of(const std::vector<Sample>& samples, const Sizes& sizes) {
  std::vector<std::string> columns = {"core: who is blocked"};
  for (const std::uint32_t blocked : sizes.blocked) columns.push_back(std::to_string(blocked));
  Table table(columns,
              "Commands acknowledged a second, and in brackets the share of what there is "
              "with nobody blocked, %");
  for (const Attack& attack : attacks()) {
    std::vector<std::string> row = {attack.shown};
    for (const std::uint32_t blocked : sizes.blocked) {
      row.push_back(fmt::format("{:.1f} ({:.0f})",
                                per_second(samples, sizes, attack.core, attack.adversary, blocked),
                                100 * left(samples, sizes, attack, blocked)));
    }
    table.add(std::move(row));
  }
  return table;
}

Findings evaluate(const std::vector<CellResult>& results, const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  const std::vector<Sample> samples = samples_of(results);
  Findings findings;
  findings.data = table_of_runs(results, {"core", "adversary", "n", "blocked", "seed"},
                                {"acknowledged", "per_second", "mean_ms", "violated"});
  findings.figures.push_back({"", "Throughput against the number of servers blocked at a time.",
                              to_svg(plot_of(samples, sizes))});
  findings.tables.push_back(table_of(samples, sizes));
  double hotstuff = 0;
  double pbeegees = 1;
  double worst = 1;
  std::string who;
  for (const Attack& attack : attacks()) {
    for (const std::uint32_t blocked : sizes.blocked) {
      const double share = left(samples, sizes, attack, blocked);
      if (attack.core == "chained-hotstuff" && blocked > 0) hotstuff = std::max(hotstuff, share);
      if (attack.core == "pbeegees") pbeegees = std::min(pbeegees, share);
      if (attack.core == "median" && share < worst) {
        worst = share;
        who = fmt::format("{}, {} blocked", attack.adversary, blocked);
      }
    }
  }
  std::size_t violated = 0;
  for (const Sample& one : samples) violated += one.count("violated");
  findings.claims.push_back(
      {"Chained HotStuff stops once the next leader is blocked.",
       fmt::format("at most {:.1f} % of its throughput are left", 100 * hotstuff),
       hotstuff < 0.02});
  findings.claims.push_back({"pBeeGees goes on, at the pace of its timeouts.",
                             fmt::format("at least {:.0f} % are left", 100 * pbeegees),
                             pbeegees > 0.01 && pbeegees < 0.6});
  findings.claims.push_back(
      {"The median core has nobody to aim at: it keeps at least half of its "
       "throughput under each of the adversaries.",
       fmt::format("at least {:.0f} % are left ({})", 100 * worst, who), worst > 0.5});
  findings.claims.push_back(
      {"No sequences part.", fmt::format("{} violations", violated), violated == 0});
  return findings;
}

}  // namespace

const Experiment kBlockedActors = {
    .name = "blocked-actors",
    .title = "Blocking leaders, and blocking those who acted",
    .question =
        "What throughput is left to cores with leaders when the next leaders are always "
        "blocked, and to one without leaders under the adversaries that match?",
    .setup =
        R"(
16 servers and 8 commands in flight. pBeeGees and Chained HotStuff run in the event world, with
the adversary of [leader-targeting](leader-targeting.md), which cuts off the leaders of the next
views, at once or 10 ms after somebody has entered the view. Servers that seal run in synchronous
rounds, with the parameters of new networks and rounds of 10 ms, which is what the same round
trips (2 to 6 ms) and syncs need. Their adversaries know all up to the end of the round before,
and block in each round those who answered most requests in it, those with the newest seal, those
whose logs differ most from the majority's, those who would break a balance between two logs, or
those whom a client's command went to.)",
    .reading =
        R"(
A leader is known beforehand, and whoever blocks it stops a HotStuff for good. pBeeGees recovers
the block with the next leader, at the price of a timeout a view. Among servers that seal there
is nobody whose absence matters: who acted in the last round is no likelier to be needed in the
next. Blocking costs them what any blocking costs: fewer PREs and COMMITs, and clients that ask
in vain.)",
    .limits =
        R"(
Two worlds stand side by side. In the event world messages take 1 to 3 ms and timeouts up to 400
ms; in rounds everything takes as long as a round. Without an adversary the leaders' pipeline is
faster. Only the shares compare adversaries with each other. Byzantine servers are in nobody's
model here; pBeeGees and HotStuff bear them, the median core does not.)",
    .cells = cells,
    .evaluate = evaluate,
};

}  // namespace waggle::sim
