#include "sim/explore/trial.hpp"

#include <nlohmann/json.hpp>
#include <sys/mman.h>

#include "consensus/core/ensure.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;

std::string to_line(const Trial& trial) {
  const json line = {{"seed", trial.seed},         {"verdict", static_cast<int>(trial.verdict)},
                     {"property", trial.property}, {"detail", trial.detail},
                     {"events", trial.events},     {"committed", trial.committed},
                     {"timeouts", trial.timeouts}, {"digest", trial.digest},
                     {"time", trial.time.count()}, {"strikes", trial.strikes}};
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
  trial.time = Duration{line.at("time").get<std::int64_t>()};
  trial.strikes = line.at("strikes").get<Strikes>();
  return trial;
}

std::shared_ptr<RunProgress> share_progress() {
  void* memory =
      mmap(nullptr, sizeof(RunProgress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ENSURE(memory != MAP_FAILED, "no memory");
  return {new (memory) RunProgress,
          [](RunProgress* progress) { munmap(progress, sizeof(RunProgress)); }};
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
  trial.time = report.time;
  trial.strikes = report.strikes;
  return trial;
}

ApartRun::ApartRun(const Scenario& scenario, std::uint64_t events_max)
    : seed_(scenario.world.seed), progress_(share_progress()), task_([&scenario, events_max, this] {
        return to_line(
            summarize(scenario, run_scenario(scenario, nullptr, {events_max, progress_.get()})));
      }) {}

Trial ApartRun::finish() {
  const ApartTask::End end = task_.finish();
  if (end.finished) return from_line(json::parse(end.text));
  Trial trial;
  trial.seed = seed_;
  trial.verdict = Verdict::kViolation;
  trial.property = "invariant";
  trial.detail = end.text;
  trial.events = progress_->events;
  trial.time = progress_->time;
  return trial;
}

Trial run_apart(const Scenario& scenario, std::uint64_t events_max) {
  return ApartRun(scenario, events_max).finish();
}

}  // namespace waggle::sim
