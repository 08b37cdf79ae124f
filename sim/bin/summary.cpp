#include "sim/bin/summary.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/bin/abort_note.hpp"

namespace waggle::sim {

using nlohmann::json;

namespace {

template <class Shown>
json latencies(const Histogram& histogram, const Shown& shown) {
  return {{"p50", shown(histogram.quantile(500))},
          {"p90", shown(histogram.quantile(900))},
          {"p99", shown(histogram.quantile(990))},
          {"max", shown(histogram.max())}};
}

double millis(std::uint64_t micros) { return static_cast<double>(micros) / 1000; }

json describe(const Scenario& scenario, Verdict verdict, const std::vector<Violation>& violations) {
  json shown = json::array();
  for (const Violation& one : violations) {
    shown.push_back({{"property", one.property}, {"detail", one.detail}});
  }
  return {{"scenario", scenario.name},       {"seed", scenario.world.seed},
          {"core", scenario.world.core},     {"n", scenario.world.n},
          {"f", (scenario.world.n - 1) / 3}, {"verdict", to_string(verdict)},
          {"violations", std::move(shown)}};
}

}  // namespace

json summary_json(const Scenario& scenario, const RunReport& report, double wall_s) {
  json out = describe(scenario, report.verdict, report.violations);
  out["committed"] = report.committed;
  out["latency_views"] = latencies(report.latency_views, [](std::uint64_t views) { return views; });
  out["latency_ms"] = latencies(report.latency_micros, millis);
  out["views"] = report.views;
  out["timeouts"] = report.timeouts;
  out["messages"] = report.messages;
  out["bytes"] = report.bytes;
  out["events"] = report.events;
  out["digest"] = fmt::format("{:016x}", report.digest);
  out["wall_s"] = wall_s;
  return out;
}

void print_summary(const Scenario& scenario, const RunReport& report, double wall_s,
                   const std::string& reproduce) {
  const WorldOptions& world = scenario.world;
  const Histogram& views = report.latency_views;
  const Histogram& micros = report.latency_micros;
  const std::string_view verdict = to_string(report.verdict);
  const bool median = is_median(world.core);
  fmt::print("scenario   {}, seed {}, {}, n {}\n", scenario.name, world.seed, world.core, world.n);
  fmt::print("verdict    {}{}\n", verdict, as_expected(scenario, report) ? ", as expected" : "");
  for (const Violation& one : report.violations) {
    fmt::print("violation  {}: {}\n", one.property, one.detail);
  }
  fmt::print("committed  {} {} in {:.3f} s of virtual time\n", report.committed,
             median ? "entries" : "blocks", static_cast<double>(report.time.count()) / 1e6);
  fmt::print("latency    {} p50 {} p90 {} p99 {} max {}\n", median ? "rounds" : "views",
             views.quantile(500), views.quantile(900), views.quantile(990), views.max());
  fmt::print("           ms    p50 {:.1f} p90 {:.1f} p99 {:.1f} max {:.1f}\n",
             millis(micros.quantile(500)), millis(micros.quantile(900)),
             millis(micros.quantile(990)), millis(micros.max()));
  if (median) {
    fmt::print("rounds     {}\n", report.views);
  } else {
    fmt::print("views      {}, of which replicas gave up {}\n", report.views, report.timeouts);
  }
  fmt::print("network    {} messages, {} bytes\n", report.messages, report.bytes);
  if (report.unknown_keys > 0) {
    fmt::print("unknown    {} keys whose histories were too hard to judge\n", report.unknown_keys);
  }
  fmt::print("digest     {:016x}\n", report.digest);
  fmt::print("took       {:.3f} s for {} events\n", wall_s, report.events);
  if (report.verdict != Verdict::kOk) {
    fmt::print("reproduce: {}\n", reproduce);
  }
}

void print_line(const json& value) {
  std::puts(value.dump(-1, ' ', false, json::error_handler_t::replace).c_str());
}

void prepare_for_abort(const Scenario& scenario, bool as_json, const std::string& reproduce) {
  const Violation broken{"invariant", "a core or host stopped itself; standard error says why"};
  if (as_json) {
    note_for_abort(describe(scenario, Verdict::kViolation, {broken}).dump() + "\n");
  } else {
    note_for_abort(fmt::format("violation  {}: {}\nreproduce: {}\n", broken.property, broken.detail,
                               reproduce));
  }
}

ExitCode exit_code_of(Verdict verdict) {
  if (verdict == Verdict::kOk) return kHeld;
  return verdict == Verdict::kStalled ? kStuck : kViolated;
}

}  // namespace waggle::sim
