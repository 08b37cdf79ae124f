#include "sim/explore/trial.hpp"

#include <nlohmann/json.hpp>

namespace waggle::sim {
namespace {

using nlohmann::json;

std::string to_line(const Trial& trial) {
  const json line = {{"seed", trial.seed},         {"verdict", static_cast<int>(trial.verdict)},
                     {"property", trial.property}, {"detail", trial.detail},
                     {"events", trial.events},     {"committed", trial.committed},
                     {"timeouts", trial.timeouts}, {"digest", trial.digest}};
  return line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

Trial from_line(const json& line) {
  Trial trial;
  trial.seed = line.at("seed");
  trial.verdict = static_cast<Verdict>(line.at("verdict").get<int>());
  trial.property = line.at("property");
  trial.detail = line.at("detail");
  trial.events = line.at("events");
  trial.committed = line.at("committed");
  trial.timeouts = line.at("timeouts");
  trial.digest = line.at("digest");
  return trial;
}

}  // namespace

Trial summarize(const Scenario& scenario, const RunReport& report) {
  Trial trial;
  trial.seed = scenario.world.seed;
  trial.verdict = report.verdict;
  if (!report.violations.empty()) {
    trial.property = report.violations.front().property;
    trial.detail = report.violations.front().detail;
  }
  trial.events = report.events;
  trial.committed = report.committed;
  trial.timeouts = report.timeouts;
  trial.digest = report.digest;
  return trial;
}

ApartRun::ApartRun(const Scenario& scenario)
    : seed_(scenario.world.seed),
      task_([&scenario] { return to_line(summarize(scenario, run_scenario(scenario, nullptr))); }) {
}

Trial ApartRun::finish() {
  const ApartTask::End end = task_.finish();
  if (end.finished) return from_line(json::parse(end.text));
  Trial trial;
  trial.seed = seed_;
  trial.verdict = Verdict::kViolation;
  trial.property = "invariant";
  trial.detail = end.text;
  return trial;
}

Trial run_apart(const Scenario& scenario) { return ApartRun(scenario).finish(); }

}  // namespace waggle::sim
