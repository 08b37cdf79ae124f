#include "sim/experiment/measure.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace waggle::sim {
namespace {

using nlohmann::json;

/// Counts what happens in a run, from its events alone.
class Meter final : public EventSink {
 public:
  Meter(const Scenario& scenario, Duration judged_until, Duration warm_up)
      : judged_until_(judged_until), warm_up_(warm_up) {
    for (const AdversarySpec& adversary : scenario.adversaries) {
      byzantine_.insert(adversary.replicas.begin(), adversary.replicas.end());
    }
  }

  void write(Duration at, const Event& event) override {
    switch (event.kind) {
      case EventKind::kView:
        if (at < warm_up_) views_before_ = std::max(views_before_, event.view);
        return;
      case EventKind::kSend: {
        if (at < warm_up_) return;
        Traffic& kind = traffic_[event.name];
        ++kind.messages;
        kind.bytes += event.count;
        return;
      }
      case EventKind::kPropose:
        if (at > judged_until_ || byzantine_.contains(event.replica)) return;
        proposed_ += open_.insert(*event.block).second ? 1 : 0;
        return;
      case EventKind::kCommit:
        if (at < warm_up_) committed_before_ = std::max(committed_before_, event.height);
        if (!byzantine_.contains(event.replica)) open_.erase(*event.block);
        return;
      case EventKind::kSubmit:
        for (std::uint64_t i = 0; i < event.count; ++i) {
          submitted_[{event.replica, event.number + i}] = at;
        }
        return;
      case EventKind::kAcknowledge: {
        const auto command = submitted_.extract({event.replica, event.number});
        command_micros_.add(static_cast<std::uint64_t>((at - command.mapped()).count()));
        return;
      }
      default: return;
    }
  }

  void tell(Measurement& measurement) const {
    measurement.views -= views_before_.value;
    measurement.committed -= committed_before_.value;
    measurement.proposed = proposed_;
    measurement.abandoned = open_.size();
    measurement.acknowledged = command_micros_.count();
    measurement.command_micros = command_micros_;
    for (const auto& [kind, traffic] : traffic_) measurement.traffic[std::string(kind)] = traffic;
  }

 private:
  const Duration judged_until_;
  const Duration warm_up_;
  View views_before_;
  Height committed_before_;
  std::set<std::uint32_t> byzantine_;
  std::set<Digest> open_;  ///< Judged and not committed so far.
  std::uint64_t proposed_ = 0;
  using Command = std::pair<std::uint32_t, std::uint64_t>;  ///< Client and number.
  std::map<Command, Duration> submitted_;
  Histogram command_micros_;
  std::map<std::string_view, Traffic> traffic_;
};

json to_json(const Histogram& histogram) {
  json counts = json::array();
  for (const auto& [value, count] : histogram.counts()) counts.push_back({value, count});
  return counts;
}

Histogram histogram_of(const json& counts) {
  Histogram histogram;
  for (const json& one : counts) {
    histogram.add(one.at(0).get<std::uint64_t>(), one.at(1).get<std::uint64_t>());
  }
  return histogram;
}

void add(Histogram& to, const Histogram& from) {
  for (const auto& [value, count] : from.counts()) to.add(value, count);
}

}  // namespace

void Measurement::add(const Measurement& other) {
  time += other.time;
  committed += other.committed;
  proposed += other.proposed;
  abandoned += other.abandoned;
  acknowledged += other.acknowledged;
  views += other.views;
  timeouts += other.timeouts;
  sim::add(latency_micros, other.latency_micros);
  sim::add(latency_views, other.latency_views);
  sim::add(command_micros, other.command_micros);
  for (const auto& [kind, more] : other.traffic) {
    traffic[kind].messages += more.messages;
    traffic[kind].bytes += more.bytes;
  }
}

std::optional<std::uint64_t> Measurement::micros_of_all(std::uint32_t permille) const {
  const std::uint64_t kept = proposed - abandoned;
  if (latency_micros.count() == 0 || kept * 1000 < proposed * permille) return std::nullopt;
  // That many of all are so many of those that commit.
  return latency_micros.quantile(static_cast<std::uint32_t>(proposed * permille / kept));
}

Traffic Measurement::sum(const std::vector<std::string_view>& kinds) const {
  Traffic all;
  for (const std::string_view kind : kinds) {
    const auto found = traffic.find(std::string(kind));
    if (found == traffic.end()) continue;
    all.messages += found->second.messages;
    all.bytes += found->second.bytes;
  }
  return all;
}

json to_json(const Measurement& measurement) {
  json traffic = json::object();
  for (const auto& [kind, one] : measurement.traffic) traffic[kind] = {one.messages, one.bytes};
  return {{"time_us", measurement.time.count()},
          {"committed", measurement.committed},
          {"proposed", measurement.proposed},
          {"abandoned", measurement.abandoned},
          {"acknowledged", measurement.acknowledged},
          {"views", measurement.views},
          {"timeouts", measurement.timeouts},
          {"latency_us", to_json(measurement.latency_micros)},
          {"latency_views", to_json(measurement.latency_views)},
          {"command_us", to_json(measurement.command_micros)},
          {"traffic", std::move(traffic)}};
}

Measurement measurement_of(const json& measured) {
  Measurement measurement;
  measurement.time = Duration{measured.at("time_us").get<std::int64_t>()};
  measurement.committed = measured.at("committed");
  measurement.proposed = measured.at("proposed");
  measurement.abandoned = measured.at("abandoned");
  measurement.acknowledged = measured.at("acknowledged");
  measurement.views = measured.at("views");
  measurement.timeouts = measured.at("timeouts");
  measurement.latency_micros = histogram_of(measured.at("latency_us"));
  measurement.latency_views = histogram_of(measured.at("latency_views"));
  measurement.command_micros = histogram_of(measured.at("command_us"));
  for (const auto& [kind, one] : measured.at("traffic").items()) {
    measurement.traffic[kind] = {one.at(0), one.at(1)};
  }
  return measurement;
}

Measurement measure(const Scenario& scenario, Duration tail, Duration warm_up) {
  Meter meter(scenario, scenario.duration - tail, warm_up);
  const RunReport report = run_span(scenario, &meter);
  if (!report.violations.empty()) {
    const Violation& first = report.violations.front();
    throw std::runtime_error(first.property + ": " + first.detail);
  }
  Measurement measurement;
  measurement.time = report.time;
  measurement.committed = report.committed;
  measurement.views = report.views;
  measurement.timeouts = report.timeouts;
  measurement.latency_micros = report.latency_micros;
  measurement.latency_views = report.latency_views;
  meter.tell(measurement);
  return measurement;
}

std::vector<Group> group_by_parameters(const std::vector<CellResult>& results) {
  std::vector<Group> groups;
  for (const CellResult& result : results) {
    json parameters = result.parameters;
    parameters.erase("seed");
    const auto same = [&](const Group& group) { return group.parameters == parameters; };
    auto group = std::find_if(groups.begin(), groups.end(), same);
    if (group == groups.end()) {
      groups.push_back({parameters, {}, {}});
      group = groups.end() - 1;
    }
    const Measurement measured = measurement_of(result.measured);
    group->all.add(measured);
    group->runs.emplace_back(result.parameters.at("seed").get<std::uint64_t>(), measured);
  }
  return groups;
}

}  // namespace waggle::sim
