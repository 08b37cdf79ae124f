#pragma once

#include "sim/scenario/scenario.hpp"
#include "sim/trace/json_lines.hpp"
#include "sim/world/buggifier.hpp"
#include "sim/world/metrics.hpp"

namespace waggle::sim {

/// How a run is watched from outside.
struct RunWatch {
  /// The run ends after so many events, with whatever was found until then.
  std::uint64_t events_max = ~std::uint64_t{0};
  /// Told after every event how many there were, and the time; null: nobody. Outlives the run.
  RunProgress* progress = nullptr;
};

/// What became of a run.
struct RunReport {
  Verdict verdict = Verdict::kOk;
  std::vector<Violation> violations;
  std::uint64_t committed = 0;  ///< Blocks, counted by the highest height.
  Histogram latency_views;
  Histogram latency_micros;
  std::uint64_t views = 0;     ///< The highest that an honest replica was in.
  std::uint64_t timeouts = 0;  ///< Views that replicas gave up.
  std::uint64_t messages = 0;  ///< Between replicas, each receiver counted.
  std::uint64_t bytes = 0;
  std::uint64_t events = 0;
  std::uint64_t digest = 0;        ///< Of the trace.
  std::uint64_t unknown_keys = 0;  ///< Keys whose histories were too hard to judge.
  Duration time{0};                ///< Virtual.
  std::vector<FaultSpec> drawn;    ///< What became of random faults, as faults of the other kinds.
  Strikes strikes{};               ///< Over all replicas.
  Usage usage;                     ///< The highest of every queue.
};

/// Runs a scenario from its start until it is settled, or stuck, or wrong. Equal scenarios give
/// equal reports. `sink` sees all events; may be null.
RunReport run_scenario(const Scenario& scenario, EventSink* sink, const RunWatch& watch = {});

/// The same, but it ends after the scenario's duration, in the midst of whatever goes on: for
/// measurements of cores that may never settle. Safety is judged, liveness is not.
RunReport run_span(const Scenario& scenario, EventSink* sink);

// The first and the last line of its trace.
TraceHeader header_of(const Scenario& scenario);
TraceEnd end_of(const RunReport& report, const std::string& reproduce);

/// Whether the report is what the scenario's author expects of it.
bool as_expected(const Scenario& scenario, const RunReport& report);

}  // namespace waggle::sim
