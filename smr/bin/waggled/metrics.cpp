#include "smr/bin/waggled/metrics.hpp"

#include <algorithm>
#include <limits>

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>

namespace waggle::daemon {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

class Families {
 public:
  void gauge(const char* name, const char* help, double value) {
    ClientMetric metric;
    metric.gauge.value = value;
    add(name, help, MetricType::Gauge).metric.push_back(metric);
  }
  void counter(const char* name, const char* help, double value) {
    ClientMetric metric;
    metric.counter.value = value;
    add(name, help, MetricType::Counter).metric.push_back(metric);
  }
  MetricFamily& add(const char* name, const char* help, MetricType type) {
    MetricFamily family;
    family.name = name;
    family.help = help;
    family.type = type;
    all_.push_back(std::move(family));
    return all_.back();
  }
  std::vector<MetricFamily> take() { return std::move(all_); }

 private:
  std::vector<MetricFamily> all_;
};

double as_number(std::uint64_t value) { return static_cast<double>(value); }

void add_refusals(Families& out, const NodeMetrics& now) {
  MetricFamily& family = out.add("waggle_refused_total", "Messages refused, by reason and source.",
                                 MetricType::Counter);
  const auto add = [&](const char* source, const auto& refused) {
    for (std::size_t i = 0; i < kRefusalCount; ++i) {
      ClientMetric metric;
      metric.label = {{"source", source},
                      {"reason", std::string(to_string(static_cast<Refusal>(i)))}};
      metric.counter.value = as_number(refused[i]);
      family.metric.push_back(std::move(metric));
    }
  };
  add("host", now.host.refused);
  add("peers", now.peers.refused);
  add("clients", now.clients.refused);
}

void add_latency(Families& out, const Latency::Snapshot& latency) {
  MetricFamily& family =
      out.add("waggle_commit_latency_seconds",
              "From the arrival of a block to the end of its execution.", MetricType::Histogram);
  ClientMetric metric;
  metric.histogram.sample_count = latency.count;
  metric.histogram.sample_sum = latency.sum_seconds;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < latency.counts.size(); ++i) {
    cumulative += latency.counts[i];
    ClientMetric::Bucket bucket;
    bucket.cumulative_count = cumulative;
    bucket.upper_bound =
        i < Latency::kBounds.size() ? Latency::kBounds[i] : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back(bucket);
  }
  family.metric.push_back(std::move(metric));
}

/// Digests are compared as labels: equal heights must show equal digests on all replicas.
void add_state(Families& out, const smr::Status& status) {
  MetricFamily& family =
      out.add("waggle_state_info", "Digest of state and sessions at the executed height.",
              MetricType::Gauge);
  ClientMetric metric;
  metric.label = {{"height", std::to_string(status.executed.value)},
                  {"digest", to_hex(status.state_digest.view())}};
  metric.gauge.value = 1;
  family.metric.push_back(std::move(metric));
}

void add_state_of_protocol(Families& out, const NodeMetrics& now) {
  const smr::Status& status = now.status;
  out.gauge("waggle_committed_height", "Height of the last committed block, or entries sealed.",
            as_number(status.committed.value));
  out.gauge("waggle_executed_height", "Height of the last executed block, or entries executed.",
            as_number(status.executed.value));
  out.gauge("waggle_rejoining", "1 while the replica is passive after a loss of memory.",
            status.phase == "rejoining" ? 1 : 0);
  out.counter("waggle_commands_executed_total", "Commands executed since genesis.",
              as_number(status.commands_executed));
  out.gauge("waggle_state_mismatches", "Peers whose state differs from ours at equal height.",
            as_number(now.host.state_mismatches));
}

void add_chained(Families& out, const NodeMetrics& now) {
  const NodeMetrics::Chained& chained = *now.chained;
  out.gauge("waggle_view", "Current view.", as_number(now.status.view.value));
  out.counter("waggle_blocks_committed_total", "Blocks committed since the start.",
              as_number(chained.host.blocks_committed));
  out.counter("waggle_blocks_proposed_total", "Blocks proposed since the start.",
              as_number(chained.host.blocks_proposed));
  out.counter("waggle_requests_forwarded_total", "Requests forwarded to other replicas.",
              as_number(chained.host.requests_forwarded));
  out.counter("waggle_view_timeouts_total", "View timers that ran out.",
              as_number(chained.core.timeouts));
  out.counter("waggle_suspended_commits_total", "Commits put off by pre-commit validation.",
              as_number(chained.core.suspended_commits));
  out.counter("waggle_equivocations_total", "Views with two signed blocks: a Byzantine leader.",
              as_number(chained.core.equivocations));
  out.counter("waggle_low_conflicts_total", "Certified blocks on abandoned branches.",
              as_number(chained.core.low_conflicts));
  add_latency(out, now.commit_latency);
}

/// Messages per peer, by how they lie to the own rounds: the other clocks, as seen from here.
void add_timing(Families& out, const NodeMetrics::Median& median) {
  MetricFamily& family =
      out.add("waggle_round_messages_total",
              "Messages of rounds, by peer and whether they came in their round here.",
              MetricType::Counter);
  const auto add = [&](ReplicaId peer, const char* when, std::uint64_t count) {
    ClientMetric metric;
    metric.label = {{"peer", std::to_string(peer.value)}, {"when", when}};
    metric.counter.value = as_number(count);
    family.metric.push_back(std::move(metric));
  };
  for (const auto& [peer, timing] : median.timing) {
    add(peer, "in_time", timing.in_time);
    add(peer, "early", timing.early);
    add(peer, "late", timing.late);
  }
}

void add_median(Families& out, const NodeMetrics& now) {
  const NodeMetrics::Median& median = *now.median;
  out.gauge("waggle_round", "Current round.", as_number(median.facts.round));
  out.gauge("waggle_round_replies", "Servers that answered in the last round, itself included.",
            as_number(median.facts.replies));
  out.counter("waggle_rounds_total", "Rounds that began here.", as_number(median.core.rounds));
  out.counter("waggle_rounds_skipped_total", "Rounds that went by unseen.",
              as_number(median.core.rounds_skipped));
  out.counter("waggle_rounds_blocked_total", "Rounds with fewer replies than are needed.",
              as_number(median.core.rounds_blocked));
  out.counter("waggle_sealed_total", "Entries sealed since the start.",
              as_number(median.core.sealed));
  out.counter("waggle_final_conflicts_total", "Certificates that contradict what is sealed.",
              as_number(median.core.conflicts));
  out.gauge("waggle_log_entries", "Entries of the log.", as_number(median.facts.log));
  out.gauge("waggle_clock_skewed_peers", "Peers whose rounds are not the own ones.",
            as_number(median.facts.early.size() + median.facts.late.size()));
  add_timing(out, median);
}

/// All sentences, those that are not said with 0: a series that is missing alerts nobody.
void add_findings(Families& out, const NodeMetrics& now) {
  const smr::Status& status = now.status;
  MetricFamily& family = out.add("waggle_finding", "1 for what waggle status says of this replica.",
                                 MetricType::Gauge);
  for (const smr::Sentence& sentence : now.sentences) {
    const auto said = [&](const smr::Finding& one) { return one.code == sentence.code; };
    ClientMetric metric;
    metric.label = {{"code", std::string(sentence.code)},
                    {"level", std::string(to_string(sentence.level))}};
    metric.gauge.value = std::any_of(status.findings.begin(), status.findings.end(), said) ? 1 : 0;
    family.metric.push_back(std::move(metric));
  }
}

void add_resources(Families& out, const NodeMetrics& now) {
  const smr::Status& status = now.status;
  out.gauge("waggle_mempool_requests", "Requests that wait to be committed.",
            as_number(status.mempool_requests));
  out.gauge("waggle_mempool_bytes", "Bytes of these requests.", as_number(status.mempool_bytes));
  out.gauge("waggle_peers_connected", "Peers connected.", as_number(status.peers_connected.size()));
  out.gauge("waggle_client_connections", "Clients connected.", as_number(now.clients.connections));
  out.counter("waggle_peer_bytes_in_total", "Bytes from peers, TLS included.",
              as_number(now.peers.bytes_in));
  out.counter("waggle_peer_bytes_out_total", "Bytes to peers, TLS included.",
              as_number(now.peers.bytes_out));
  out.counter("waggle_client_bytes_in_total", "Bytes from clients, TLS included.",
              as_number(now.clients.bytes_in));
  out.counter("waggle_client_bytes_out_total", "Bytes to clients, TLS included.",
              as_number(now.clients.bytes_out));
  out.gauge("waggle_verify_queue", "Messages that wait for decoding and signature checks.",
            as_number(now.verify_queue));
  out.counter("waggle_inputs_dropped_total", "Messages dropped because too much was under way.",
              as_number(now.dropped_inputs));
  out.gauge("waggle_execution_queue", "Blocks, or runs of entries, that wait for execution.",
            as_number(now.execution_queue));
  if (status.disk_size > 0) {
    out.gauge("waggle_disk_free_bytes", "Room on the disk of the data directory.",
              as_number(status.disk_free));
  }
  out.counter("waggle_syncs_total", "Synced writes.", as_number(now.writer.syncs));
  out.counter("waggle_sync_seconds_total", "Time spent in synced writes.",
              std::chrono::duration<double>(now.writer.sync_total).count());
  out.gauge("waggle_sync_seconds_last", "Duration of the last synced write.",
            std::chrono::duration<double>(now.writer.sync_last).count());
  out.gauge("waggle_sync_seconds_max", "Longest synced write since the start.",
            std::chrono::duration<double>(now.writer.sync_max).count());
}

class Collector final : public prometheus::Collectable {
 public:
  explicit Collector(Node& node) : node_(node) {}

  std::vector<MetricFamily> Collect() const override {
    Families out;
    const auto now = node_.metrics();
    out.gauge("waggle_up", "1 if the replica answers.", now ? 1 : 0);
    if (now) {
      add_state_of_protocol(out, *now);
      if (now->chained) add_chained(out, *now);
      if (now->median) add_median(out, *now);
      add_findings(out, *now);
      add_resources(out, *now);
      add_state(out, now->status);
      add_refusals(out, *now);
    }
    return out.take();
  }

 private:
  Node& node_;
};

}  // namespace

struct MetricsEndpoint::Impl {
  Impl(const std::string& address, Node& node)
      : collector(std::make_shared<Collector>(node)), exposer(address, 1) {
    exposer.RegisterCollectable(collector);
  }
  std::shared_ptr<Collector> collector;
  prometheus::Exposer exposer;
};

MetricsEndpoint::MetricsEndpoint(const std::string& address, Node& node)
    : impl_(std::make_unique<Impl>(address, node)) {}

MetricsEndpoint::~MetricsEndpoint() = default;

}  // namespace waggle::daemon
