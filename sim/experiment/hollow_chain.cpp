// The Hollow Chain: what the first commit takes after a row of failed views.
#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "sim/experiment/all.hpp"
#include "sim/experiment/common.hpp"
#include "sim/scenario/write.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t kReplicas = 4;
/// The two that lead the failed views; the others never see a proposal of those.
constexpr std::uint32_t kInside = 2;
constexpr std::uint64_t kBandwidth = 50'000'000 / 8;  ///< Of each link, bytes per second.
constexpr std::string_view kCores[] = {"pbeegees", "beegees"};

struct Sizes {
  std::vector<std::uint32_t> failed;
  std::vector<std::uint32_t> payload_kib;
  std::uint64_t seeds;
};

Sizes sizes_of(const Scale& scale) {
  if (scale.quick) return {{1, 8, 24}, {0, 64}, 1};
  return {{1, 2, 4, 8, 16, 32, 64}, {0, 64}, 5};
}

/// A request fills a block, and enough of them wait at the replicas that lead the failed views.
void fill_blocks(Scenario& scenario, std::uint32_t payload_kib) {
  scenario.world.forwards_lost = true;
  scenario.plan.retry = Duration{0};
  scenario.plan.think_max = milliseconds(1);
  scenario.plan.commands = scenario.plan.in_flight_max;
  if (payload_kib == 0) return;
  scenario.plan.padding = payload_kib * 1024 - 256;  // the rest is key and encoding
  scenario.world.limits.payload_bytes_max = (payload_kib + 1) * 1024;
  scenario.world.limits.request_bytes_max = (payload_kib + 1) * 1024;
  scenario.clients = 8;
  scenario.plan.in_flight_max = 32;
  scenario.plan.commands = 32;
}

Scenario scenario_of(std::string_view core, std::uint32_t failed, std::uint32_t payload_kib,
                     std::uint64_t seed) {
  Scenario scenario = busy_scenario(core, kReplicas, seed);
  scenario.world.network.quality.bytes_per_second = kBandwidth;
  scenario.world.pacemaker.fetch_retry = seconds(1);  // an answer may take that long
  for (std::uint32_t view = 0; view < failed; ++view) {
    scenario.world.leaders.push_back(view % kInside);
  }
  for (std::uint32_t view = 0; view < 4096; ++view) {
    scenario.world.leaders.push_back((kInside + view) % kReplicas);
  }
  WireRule rule;
  rule.kind = "proposal";
  rule.to = {2, 3};
  rule.view_min = View{1};
  rule.view_max = View{failed};
  scenario.faults.push_back({Duration{0}, std::nullopt, {}, MessageFault{rule}});
  fill_blocks(scenario, payload_kib);
  scenario.duration = milliseconds(420) * failed + seconds(12);
  return scenario;
}

/// Watches from the end of the failed views to the first commit.
class Watch final : public EventSink {
 public:
  explicit Watch(std::uint32_t failed) : failed_(failed) {}

  void write(Duration at, const Event& event) override {
    if (committed_at_) return;
    if (event.kind == EventKind::kCommit) {
      if (!good_from_) throw std::runtime_error("a block commits in the failed views");
      committed_at_ = at;
    } else if (event.kind == EventKind::kView) {
      highest_ = std::max(highest_, event.view);
      if (event.view.value > failed_ && !good_from_) good_from_ = at;
    } else if (event.kind == EventKind::kSend && good_from_ && event.name != "heartbeat" &&
               event.name != "report" && event.name != "forward") {
      bytes_ += event.count;
      if (event.name == "branch") fetched_ += event.count;
    }
  }

  json result() const {
    if (!committed_at_) return {{"committed", false}};
    return {{"committed", true},
            {"time_us", (*committed_at_ - *good_from_).count()},
            {"views", highest_.value - failed_},
            {"bytes", bytes_},
            {"fetched_bytes", fetched_}};
  }

 private:
  const std::uint32_t failed_;
  View highest_;
  std::optional<Duration> good_from_;
  std::optional<Duration> committed_at_;
  std::uint64_t bytes_ = 0;
  std::uint64_t fetched_ = 0;
};

std::vector<Cell> cells(const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  std::vector<Cell> cells;
  for (const std::uint32_t payload : sizes.payload_kib) {
    for (const std::uint32_t failed : sizes.failed) {
      for (const std::string_view core : kCores) {
        for (std::uint64_t seed = 1; seed <= sizes.seeds; ++seed) {
          Scenario scenario = scenario_of(core, failed, payload, seed);
          std::string inputs = write_scenario(scenario, "");
          json parameters = {
              {"core", core}, {"failed_views", failed}, {"payload_kib", payload}, {"seed", seed}};
          cells.push_back({std::move(parameters),
                           [scenario = std::move(scenario), failed] {
                             Watch watch(failed);
                             run_span(scenario, &watch);
                             return watch.result();
                           },
                           std::move(inputs)});
        }
      }
    }
  }
  return cells;
}

/// One value of all seeds of a point, sorted.
using Values = std::vector<double>;
double median(const Values& values) { return values.at((values.size() - 1) / 2); }

Values values_of(const std::vector<CellResult>& results, std::string_view core,
                 std::uint32_t failed, std::uint32_t payload, std::string_view what) {
  Values values;
  for (const CellResult& one : results) {
    if (one.parameters.at("core") == core && one.parameters.at("failed_views") == failed &&
        one.parameters.at("payload_kib") == payload && one.measured.at("committed").get<bool>()) {
      values.push_back(one.measured.at(std::string(what)).get<double>());
    }
  }
  std::sort(values.begin(), values.end());
  return values;
}

Table data_of(const std::vector<CellResult>& results) {
  Table table({"core", "failed_views", "payload_kib", "seed", "committed", "time_to_commit_ms",
               "good_views", "bytes", "fetched_bytes"});
  for (const CellResult& one : results) {
    const bool committed = one.measured.at("committed");
    const auto text = [&](const char* key) {
      return committed ? one.measured.at(key).dump() : std::string("-");
    };
    table.add({one.parameters.at("core"), one.parameters.at("failed_views").dump(),
               one.parameters.at("payload_kib").dump(), one.parameters.at("seed").dump(),
               committed ? "yes" : "no",
               committed ? fixed(one.measured.at("time_us").get<double>() / 1000, 1) : "-",
               text("views"), text("bytes"), text("fetched_bytes")});
  }
  return table;
}

void add_medians(Table& data, const std::vector<CellResult>& results, const Sizes& sizes) {
  for (const std::uint32_t payload : sizes.payload_kib) {
    for (const std::uint32_t failed : sizes.failed) {
      for (const std::string_view core : kCores) {
        std::vector<std::string> row = {std::string(core), std::to_string(failed),
                                        std::to_string(payload), "median", "yes"};
        for (const char* what : {"time_us", "views", "bytes", "fetched_bytes"}) {
          const Values values = values_of(results, core, failed, payload, what);
          const bool time = std::string_view(what) == "time_us";
          row.push_back(values.empty() ? "-"
                                       : fixed(median(values) / (time ? 1000 : 1), time ? 1 : 0));
        }
        if (row.back() == "-") row[4] = "no";
        data.add(std::move(row));
      }
    }
  }
}

Panel panel_of(const std::vector<CellResult>& results, const Sizes& sizes, bool time) {
  Panel panel;
  panel.title = time ? "Time to the first commit" : "Bytes sent until then";
  panel.x.title = "failed views before";
  panel.x.log = true;
  for (const std::uint32_t failed : sizes.failed) panel.x.ticks.push_back(failed);
  panel.y.title = time ? "ms" : "KiB";
  panel.y.log = true;
  const double unit = time ? 1000 : 1024;
  for (const std::uint32_t payload : sizes.payload_kib) {
    for (const std::string_view core : kCores) {
      // Equal colours for a core; the payload has a style of its own.
      const std::size_t style = style_of(core) + (payload == 0 ? 4 : 0);
      Series series{fmt::format("{}, {} KiB", shown(core), payload), style, {}};
      for (const std::uint32_t failed : sizes.failed) {
        const Values values = values_of(results, core, failed, payload, time ? "time_us" : "bytes");
        Point point{static_cast<double>(failed), std::nullopt};
        if (!values.empty()) {
          point.y = median(values) / unit;
          point.high = values.back() / unit;
        }
        series.points.push_back(point);
      }
      panel.series.push_back(std::move(series));
    }
  }
  return panel;
}

Table summary(const std::vector<CellResult>& results, const Sizes& sizes) {
  Table table({"payload (KiB)", "failed views", "pBeeGees", "BeeGees"},
              "Medians over the seeds: ms / KiB / good views until the first commit");
  for (const std::uint32_t payload : sizes.payload_kib) {
    for (const std::uint32_t failed : sizes.failed) {
      std::vector<std::string> row = {std::to_string(payload), std::to_string(failed)};
      for (const std::string_view core : kCores) {
        const auto value = [&](std::string_view what) {
          return values_of(results, core, failed, payload, what);
        };
        row.push_back(value("views").empty()
                          ? "none"
                          : fmt::format("{:.0f} / {:.0f} / {:.0f}", median(value("time_us")) / 1000,
                                        median(value("bytes")) / 1024, median(value("views"))));
      }
      table.add(std::move(row));
    }
  }
  return table;
}

std::vector<Claim> claims_of(const std::vector<CellResult>& results, const Sizes& sizes) {
  const std::uint32_t most = sizes.failed.back();
  const std::uint32_t payload = sizes.payload_kib.back();
  const auto of = [&](std::string_view core, std::uint32_t failed, std::string_view what) {
    const Values values = values_of(results, core, failed, payload, what);
    return values.empty() ? 1e12 : median(values);
  };
  double views = 0;
  for (const std::uint32_t kib : sizes.payload_kib) {
    for (const std::uint32_t failed : sizes.failed) {
      const Values values = values_of(results, "pbeegees", failed, kib, "views");
      views = std::max(views, values.empty() ? 1e12 : values.back());
    }
  }
  const double ours = of("pbeegees", most, "bytes");
  const double theirs = of("beegees", most, "bytes");
  const double fast = of("pbeegees", most, "time_us") / 1000;
  const double slow = of("beegees", most, "time_us") / 1000;
  return {{"pBeeGees commits within a few good views, however many failed before.",
           fmt::format("at most {:.0f}", views), views <= 8},
          {"With full payloads the bytes of BeeGees grow with the failed views, those of pBeeGees "
           "by headers only.",
           fmt::format("{:.0f} KiB against {:.0f} KiB after {} failed views", theirs / 1024,
                       ours / 1024, most),
           theirs > 4 * ours},
          {"BeeGees stalls for as long as it fetches.",
           fmt::format("{:.0f} ms against {:.0f} ms after {} failed views", slow, fast, most),
           slow > 2 * fast}};
}

Findings evaluate(const std::vector<CellResult>& results, const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  Findings findings;
  findings.data = data_of(results);
  add_medians(findings.data, results, sizes);
  findings.tables.push_back(summary(results, sizes));
  Plot plot;
  plot.title = "After a row of failed views";
  plot.columns = 2;
  plot.panel_width = 400;
  plot.panel_height = 290;
  plot.panels = {panel_of(results, sizes, true), panel_of(results, sizes, false)};
  plot.note = "Median and largest of the seeds; payload of the blocks as in the legend.";
  findings.figures.push_back(
      {"", "Time and bytes to the first commit after failed views.", to_svg(plot)});
  findings.claims = claims_of(results, sizes);
  return findings;
}

}  // namespace

const Experiment kHollowChain = {
    .name = "hollow-chain",
    .title = "The Hollow Chain: the first commit after failed views",
    .question =
        "After m views in a row have failed, how long does the first commit take, and how "
        "many bytes?",
    .setup =
        R"(
Four replicas, links of 50 Mbit/s. In the views 1 to m the leaders are replicas 0 and 1 by turns,
and their proposals reach nobody but those two: two votes of the three that a certificate needs.
Both report the block in their timeouts, so the next leader builds on it (4.6), and an
uncertified branch grows by a block per view which half of the replicas have never seen. Then the
network behaves, and replicas 2 and 3 lead: they have to fetch and validate the branch before
they may propose or vote. Nobody is Byzantine. Measured is from the first replica's entering view
m+1 to the first commit of any block; bytes are those of the protocol, without heartbeats and
reports. With 64 KiB every block is filled by one request, with 0 KiB there are a few small
commands.)",
    .reading =
        R"(
Both cores must fetch the branch: no block of it is certified, and it may be voted for only by
who holds it. In BeeGees every block of the branch carries payload, so what is to be fetched
grows with m; views pass while leaders wait for it, and every replica that was outside fetches
the same again. In pBeeGees a block with more than D blocks between it and the block that its QC
certifies carries none (3.5, 3.7c; D is 1 here): the branch grows by headers only, comes in one
or two answers, and the first good views commit. With no payload to speak of, both are alike.)",
    .limits =
        R"(
This is the honest half of the Hollow Chain Problem. In the other a Byzantine replica reports a
tip that it gives to nobody: a leader of BeeGees waits for it until its view is over, and one of
pBeeGees does not count such a timeout (3.7a). That has no size to be plotted against;
tests/spec/baselines_test.cpp shows it.
A branch is asked for again after a second at the earliest. With a retry that is shorter than the
transfer, answers that are still on their way are asked of others too and fill the links; BeeGees
then stalls for several times as long.)",
    .cells = cells,
    .evaluate = evaluate,
};

}  // namespace waggle::sim
