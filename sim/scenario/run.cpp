#include "sim/scenario/run.hpp"

#include <algorithm>

#include "sim/checker/honest_leaders.hpp"
#include "sim/checker/liveness.hpp"
#include "sim/scenario/fault_player.hpp"
#include "sim/scenario/write.hpp"

namespace waggle::sim {
namespace {

class Run {
 public:
  Run(const Scenario& scenario, const WorldOptions& options, const RunWatch& watch)
      : scenario_(scenario),
        world_(options),
        bound_(world_.patience() * scenario.expect.bound),
        faults_(world_, scenario) {
    for (std::uint32_t i = 0; i < scenario.clients; ++i) world_.add_client(scenario.plan);
    world_.watch(watch.events_max, watch.progress);
  }

  RunReport go() {
    world_.judge().demand<Liveness>(bound_);
    if (const auto after = scenario_.expect.honest_leaders_after) {
      world_.judge().demand<HonestLeaders>(*after);
    }
    world_.start();
    faults_.schedule();
    work();
    settle();
    if (world_.fine()) check_end();
    return report();
  }

  RunReport go_for_its_duration() {
    world_.start();
    faults_.schedule();
    world_.run_for(scenario_.duration);
    return report();
  }

 private:
  /// Faults come and go; clients work, to their plan's end or the scenario's.
  void work() {
    const Duration over = std::max(faults_.healed_at(), Duration{1});
    const auto done = [this, over] {
      return world_.events().now() >= over && world_.clients_done();
    };
    world_.run_until(done, scenario_.duration);
    if (scenario_.plan.commands == ClientPlan::kEndless) {
      for (const auto& client : world_.clients()) client->finish_early();
    }
    // Liveness says when it has waited long enough.
    const auto idle = [this] { return world_.clients_done(); };
    world_.run_until(idle, std::chrono::hours(1000));
  }

  void settle() {
    if (scenario_.expect.silence) {
      world_.expect_silence(bound_);
    } else {
      world_.expect_settled(bound_);
    }
  }

  void check_end() {
    world_.check_states();
    const auto committed = world_.judge().highest().value;
    if (committed < scenario_.expect.committed_min) {
      world_.fail("expectation", std::to_string(committed) + " are committed, not " +
                                     std::to_string(scenario_.expect.committed_min));
    }
    const std::uint64_t suspended = world_.trace().count(EventKind::kSuspend);
    if (suspended > scenario_.expect.suspended_max.value_or(suspended)) {
      world_.fail("expectation", std::to_string(suspended) + " commits were held up");
    }
    for (const std::uint32_t id : scenario_.expect.stops) {
      if (world_.replica(ReplicaId{id}).stopped()) continue;
      world_.fail("expectation", told(ReplicaId{id}) + " did not stop by itself");
    }
  }

  RunReport report() {
    RunReport report;
    report.violations = world_.violations();
    const auto stalls = [](const Violation& one) { return one.property == Liveness::kName; };
    if (std::all_of(report.violations.begin(), report.violations.end(), stalls)) {
      report.verdict = report.violations.empty() ? Verdict::kOk : Verdict::kStalled;
    } else {
      report.verdict = Verdict::kViolation;
    }
    const Metrics& metrics = world_.metrics();
    report.committed = world_.runs_median() ? world_.judge().highest().value : metrics.committed();
    report.latency_views = metrics.views();
    report.latency_micros = metrics.micros();
    report.views = metrics.highest_view().value;
    report.timeouts = world_.trace().count(EventKind::kTimeout);
    report.messages = world_.network().messages();
    report.bytes = world_.network().bytes();
    report.events = world_.events().count();
    report.digest = world_.digest();
    report.unknown_keys = world_.judge().unknown_keys();
    report.time = world_.events().now();
    report.usage = world_.judge().usage();
    report.drawn = faults_.drawn();
    report.strikes = world_.strikes();
    return report;
  }

  const Scenario& scenario_;
  World world_;
  const Duration bound_;
  FaultPlayer faults_;
};

WorldOptions watched_by(EventSink* sink, const Scenario& scenario) {
  WorldOptions options = scenario.world;
  options.sink = sink;
  return options;
}

}  // namespace

RunReport run_scenario(const Scenario& scenario, EventSink* sink, const RunWatch& watch) {
  return Run(scenario, watched_by(sink, scenario), watch).go();
}

RunReport run_span(const Scenario& scenario, EventSink* sink) {
  return Run(scenario, watched_by(sink, scenario), {}).go_for_its_duration();
}

TraceHeader header_of(const Scenario& scenario) {
  const WorldOptions& world = scenario.world;
  TraceHeader header{scenario.name, world.seed, world.core, world.n, (world.n - 1) / 3, {}, {}};
  for (std::uint32_t i = 0; i < world.twins.size(); ++i) {
    header.byzantine.emplace_back(world.twins[i], "twin");
    header.byzantine.emplace_back(world.n + i, "twin of " + std::to_string(world.twins[i]));
  }
  for (const AdversarySpec& adversary : scenario.adversaries) {
    for (const std::uint32_t id : adversary.replicas) {
      header.byzantine.emplace_back(id, adversary.kind->name);
    }
  }
  header.toml = write_scenario(scenario, "");
  return header;
}

TraceEnd end_of(const RunReport& report, const std::string& reproduce) {
  TraceEnd end{report.time, std::string(to_string(report.verdict)), {}, reproduce};
  for (const Violation& one : report.violations)
    end.violations.emplace_back(one.property, one.detail);
  return end;
}

bool as_expected(const Scenario& scenario, const RunReport& report) {
  if (report.verdict != scenario.expect.verdict) return false;
  return scenario.expect.property.empty() ||
         std::any_of(report.violations.begin(), report.violations.end(), [&](const Violation& one) {
           return one.property == scenario.expect.property;
         });
}

}  // namespace waggle::sim
