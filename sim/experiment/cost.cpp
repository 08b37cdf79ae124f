// Messages and bytes per committed block against the number of replicas.
#include <cmath>

#include <fmt/format.h>

#include "sim/experiment/all.hpp"
#include "sim/experiment/common.hpp"
#include "sim/experiment/fit.hpp"
#include "sim/scenario/write.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;
using std::chrono::seconds;

/// What the protocol itself sends. Beside it there are heartbeats and digests of state, which go to
/// all by the clock, and requests that are forwarded.
const std::vector<std::string_view> kProtocol = {"proposal",    "vote",           "timeout",
                                                 "certificate", "branch_request", "branch"};

struct Sizes {
  std::vector<std::uint32_t> replicas;
  std::uint64_t seeds;
  Duration fault_free;
  Duration with_crashes;
};

Sizes sizes_of(const Scale& scale) {
  if (scale.quick) return {{4, 7, 10, 16}, 1, seconds(1), seconds(4)};
  return {{4, 7, 10, 16, 31, 64, 100, 128}, 1, seconds(2), seconds(7)};
}

/// Until then all have connected to all and told each other where they are (4.8).
constexpr Duration kWarmUp = std::chrono::milliseconds(200);

constexpr std::string_view kNone = "none";
constexpr std::string_view kMost = "f";

std::vector<Cell> cells(const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  std::vector<Cell> cells;
  for (const std::string_view crashed : {kNone, kMost}) {
    for (const std::uint32_t n : sizes.replicas) {
      for (const CoreName& one : compared_cores()) {
        for (std::uint64_t seed = 1; seed <= sizes.seeds; ++seed) {
          Scenario scenario = busy_scenario(one.core, n, seed);
          scenario.duration = crashed == kNone ? sizes.fault_free : sizes.with_crashes;
          if (crashed == kMost) crash_for_good(scenario, drawn_replicas(n, (n - 1) / 3, seed));
          json parameters = {{"core", one.core}, {"n", n}, {"crashed", crashed}, {"seed", seed}};
          std::string inputs = write_scenario(scenario, "");
          cells.push_back({std::move(parameters),
                           [scenario = std::move(scenario)] {
                             return to_json(measure(scenario, Duration{0}, kWarmUp));
                           },
                           std::move(inputs)});
        }
      }
    }
  }
  return cells;
}

const Measurement& measured(const std::vector<Group>& groups, std::string_view core,
                            std::string_view crashed, std::uint32_t n) {
  return group_with(groups, {{"core", core}, {"n", n}, {"crashed", crashed}}).all;
}

double per(std::uint64_t count, std::uint64_t of) {
  return static_cast<double>(count) / static_cast<double>(of);
}

enum class What : std::uint8_t { kMessages, kBytes, kProposalBytes };

std::string_view to_string(What what) {
  if (what == What::kMessages) return "messages";
  return what == What::kBytes ? "bytes" : "bytes of proposals";
}

std::uint64_t amount(const Measurement& all, What what) {
  if (what == What::kProposalBytes) return all.sum({"proposal"}).bytes;
  const Traffic sum = all.sum(kProtocol);
  return what == What::kMessages ? sum.messages : sum.bytes;
}

Panel panel_of(const std::vector<Group>& groups, const Sizes& sizes, std::string_view crashed,
               What what) {
  Panel panel;
  const bool messages = what == What::kMessages;
  panel.title = crashed == kNone ? "no faults" : "f replicas crashed";
  panel.x.title = "replicas n";
  panel.x.log = true;
  for (const std::uint32_t n : sizes.replicas) {
    if (n != 100) panel.x.ticks.push_back(n);  // no room beside 128
  }
  panel.y.title = messages ? "messages per committed block" : "bytes per committed block";
  panel.y.log = true;
  panel.y.min = messages ? 5 : 2'000;
  panel.y.max = messages ? 50'000 : 20'000'000;
  for (const CoreName& one : compared_cores()) {
    Series series{std::string(one.shown), style_of(one.core), {}};
    for (const std::uint32_t n : sizes.replicas) {
      const Measurement& all = measured(groups, one.core, crashed, n);
      Point point{static_cast<double>(n), std::nullopt};
      if (all.committed > 0) point.y = per(amount(all, what), all.committed);
      series.points.push_back(point);
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

Quadratic fit_of(const std::vector<Group>& groups, const Sizes& sizes, std::string_view core,
                 std::string_view crashed, What what) {
  std::vector<std::pair<double, double>> points;
  for (const std::uint32_t n : sizes.replicas) {
    const Measurement& all = measured(groups, core, crashed, n);
    points.emplace_back(n, per(amount(all, what), all.views));
  }
  return fit_quadratic(points);
}

Table fit_table(const std::vector<Group>& groups, const Sizes& sizes) {
  Table table(
      {"crashed", "core", "per view", "constant", "times n", "times n²", "worst error"},
      "What one view costs, fitted to constant + linear n + quadratic n² with least squares of "
      "the relative errors; the last column is the largest of them");
  for (const std::string_view crashed : {kNone, kMost}) {
    for (const CoreName& one : compared_cores()) {
      for (const What what : {What::kMessages, What::kBytes, What::kProposalBytes}) {
        const Quadratic fit = fit_of(groups, sizes, one.core, crashed, what);
        table.add({std::string(crashed), std::string(one.shown), std::string(to_string(what)),
                   fixed(fit.constant, 2), fixed(fit.linear, 2), fixed(fit.quadratic, 3),
                   fixed(100 * fit.worst, 1) + " %"});
      }
    }
  }
  return table;
}

Table block_table(const std::vector<Group>& groups, const Sizes& sizes) {
  std::vector<std::string> columns = {"crashed", "n"};
  for (const CoreName& one : compared_cores()) columns.emplace_back(one.shown);
  Table table(columns, "Messages / KiB per committed block, without heartbeats and reports");
  for (const std::string_view crashed : {kNone, kMost}) {
    for (const std::uint32_t n : sizes.replicas) {
      std::vector<std::string> row = {std::string(crashed), std::to_string(n)};
      for (const CoreName& one : compared_cores()) {
        const Measurement& all = measured(groups, one.core, crashed, n);
        row.push_back(all.committed == 0
                          ? "-"
                          : fmt::format("{:.0f} / {:.1f}",
                                        per(amount(all, What::kMessages), all.committed),
                                        per(amount(all, What::kBytes), all.committed) / 1024));
      }
      table.add(std::move(row));
    }
  }
  return table;
}

std::vector<Claim> claims_of(const std::vector<Group>& groups, const Sizes& sizes) {
  bool linear = true;
  bool quadratic = true;
  std::string messages;
  std::string bytes;
  for (const CoreName& one : compared_cores()) {
    const Quadratic sent = fit_of(groups, sizes, one.core, kNone, What::kMessages);
    linear = linear && sent.linear > 1.8 && sent.linear < 2.2 && std::abs(sent.quadratic) < 0.02;
    messages += fmt::format("{}{}: {:.2f} n", messages.empty() ? "" : ", ", one.shown, sent.linear);
    const Quadratic size = fit_of(groups, sizes, one.core, kNone, What::kProposalBytes);
    quadratic = quadratic && size.quadratic > 40 && size.quadratic < 51;
    bytes += fmt::format("{}{}: {:.1f} n²", bytes.empty() ? "" : ", ", one.shown, size.quadratic);
  }
  std::vector<Claim> claims;
  claims.push_back(
      {"Without faults a view takes a proposal to and a vote from everybody: messages "
       "grow linearly, by 2 n.",
       messages, linear});
  claims.push_back(
      {"Proposals have a quadratic part in bytes without faults, two thirds of a signature with "
       "its signer (68 bytes), so about 45 n²: their n copies carry a QC of q signatures.",
       bytes, quadratic});
  const Quadratic crashed = fit_of(groups, sizes, "pbeegees", kMost, What::kMessages);
  claims.push_back(
      {"With f crashed replicas messages grow quadratically: timeouts go from all to all.",
       fmt::format("pBeeGees: {:.2f} n²", crashed.quadratic), crashed.quadratic > 0.1});
  return claims;
}

Findings evaluate(const std::vector<CellResult>& results, const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  const std::vector<Group> groups = group_by_parameters(results);
  Findings findings;
  findings.data = table_of_groups(
      groups, {"core", "n", "crashed"},
      {"blocks_committed", "views", "protocol_messages", "protocol_bytes", "proposal_bytes",
       "vote_bytes", "timeout_bytes", "certificate_bytes", "branch_bytes", "heartbeat_messages",
       "heartbeat_bytes", "report_bytes", "forward_messages", "forward_bytes"},
      [](const Measurement& all) {
        std::vector<std::string> row = {std::to_string(all.committed), std::to_string(all.views),
                                        std::to_string(all.sum(kProtocol).messages),
                                        std::to_string(all.sum(kProtocol).bytes)};
        for (const char* kind : {"proposal", "vote", "timeout", "certificate", "branch"}) {
          row.push_back(std::to_string(all.sum({kind}).bytes));
        }
        row.push_back(std::to_string(all.sum({"heartbeat"}).messages));
        row.push_back(std::to_string(all.sum({"heartbeat"}).bytes));
        row.push_back(std::to_string(all.sum({"report"}).bytes));
        row.push_back(std::to_string(all.sum({"forward"}).messages));
        row.push_back(std::to_string(all.sum({"forward"}).bytes));
        return row;
      });
  findings.tables = {fit_table(groups, sizes), block_table(groups, sizes)};
  Plot plot;
  plot.title = "What a committed block costs";
  plot.columns = 2;
  plot.panel_width = 400;
  plot.panel_height = 270;
  for (const What what : {What::kMessages, What::kBytes}) {
    for (const std::string_view crashed : {kNone, kMost}) {
      plot.panels.push_back(panel_of(groups, sizes, crashed, what));
    }
  }
  plot.note = "A cross: no block at all is committed.";
  findings.figures.push_back(
      {"", "Messages and bytes per committed block against n.", to_svg(plot)});
  findings.claims = claims_of(groups, sizes);
  return findings;
}

}  // namespace

const Experiment kCost = {
    .name = "cost",
    .title = "Messages and bytes per committed block",
    .question =
        "What does a committed block cost in messages and bytes as the number of replicas "
        "grows, without faults and with f replicas down?",
    .setup =
        R"(
The chain is never idle, commands are small, and the first 200 ms, in which all connect to all, are
left out. Counted is what replicas send each other for the
protocol: proposals, votes, timeouts, certificates, and blocks that are fetched; lost messages
and those to replicas that are down count too. Heartbeats (each with the full QC, from all to
all, every 300 ms) and digests of state (once a second) go by the clock and not by the block, and
forwarded requests depend on the load: they are left out here, and are columns of their own in
the data.)",
    .reading =
        R"(
Without faults a view is one proposal to all and one vote from each, so messages are linear.
Bytes are not: a QC is a list of q signatures and goes to n replicas with every proposal. That
quadratic part is the price of plain Ed25519 certificates, the same for all cores; aggregated
signatures would take it away. Certificates add another one: a vote that arrives when its
collector is two views further on is answered with the certificate that entered its view (4.8),
as if the voter lagged behind. The larger the cluster, the more of the n - q votes that no
certificate needs are that late. With f crashed replicas every third view or so ends in timeouts
from all to all, which is quadratic in messages. The first proposal after it carries a TC, or an
aggregated QC, of q signatures. The HotStuffs pay for two failed views per crashed leader where
BeeGees and pBeeGees pay for one and a grace, and they throw blocks away, so each committed block
bears more.)",
    .limits =
        R"(
Which replicas are down is drawn from the seed. Sizes are those of the wire format, computed and
not encoded. TLS, TCP and clients are not counted. Forwarded requests, left out, are
many: each of the f+1 replicas that a client sends to forwards what waits to all others, so that
in large clusters of small commands they outnumber the protocol's own messages.)",
    .cells = cells,
    .evaluate = evaluate,
};

}  // namespace waggle::sim
