#include "sim/explore/batch.hpp"

#include <algorithm>
#include <memory>
#include <set>

#include "sim/explore/apart.hpp"

namespace waggle::sim {
namespace {

using Clock = std::chrono::steady_clock;

class Batch {
 public:
  Batch(const BatchOptions& options, const ScenarioSource& source, const Progress& progress)
      : options_(options), source_(source), progress_(progress) {
    if (options.time_limit) deadline_ = Clock::now() + *options.time_limit;
  }

  Exploration go() {
    for (;;) {
      while (running_.size() < std::max(options_.jobs, 1U) && may_start() && start()) {
      }
      if (running_.empty()) break;
      collect();
    }
    std::sort(found_.failures.begin(), found_.failures.end(),
              [](const Trial& a, const Trial& b) { return a.seed < b.seed; });
    return std::move(found_);
  }

 private:
  bool may_start() const {
    if (options_.stop_at_failure && !found_.failures.empty()) return false;
    return !deadline_ || Clock::now() < *deadline_;
  }

  /// False: the source is at its end.
  bool start() {
    const std::optional<Scenario> scenario = source_();
    if (!scenario) return false;
    for (const std::string& one : ingredients(*scenario)) ++found_.covered[one];
    running_.push_back(std::make_unique<ApartRun>(*scenario));
    return true;
  }

  /// Waits until at least one run is over.
  void collect() {
    std::vector<int> handles;
    for (const auto& run : running_) handles.push_back(run->handle());
    for (const std::size_t i : wait_for_any(handles)) {
      const Trial trial = running_[i]->finish();
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      note(trial);
    }
  }

  void note(const Trial& trial) {
    ++found_.runs;
    found_.events += trial.events;
    found_.committed += trial.committed;
    found_.timeouts += trial.timeouts;
    for (std::size_t place = 0; place < kPlaceCount; ++place) {
      found_.strikes[place] += trial.strikes[place];
    }
    if (trial.verdict != Verdict::kOk) found_.failures.push_back(trial);
    if (progress_) progress_(found_, trial);
  }

  const BatchOptions& options_;
  const ScenarioSource& source_;
  const Progress& progress_;
  std::optional<Clock::time_point> deadline_;
  std::vector<std::unique_ptr<ApartRun>> running_;
  Exploration found_;
};

/// By the index of the fault's kind in FaultSpec.
constexpr std::string_view kFaultNames[] = {
    "crash",         "pause",          "lost disk",    "partition", "cut",   "messages",
    "rot",           "full disk",      "failing disk", "slow disk", "clock", "crash at writes",
    "random faults", "leaders blocked"};

}  // namespace

std::vector<std::string> ingredients(const Scenario& scenario) {
  std::set<std::string> all;
  all.insert("n " + std::to_string(scenario.world.n));
  if (!scenario.world.twins.empty()) {
    all.insert("twins " + std::to_string(scenario.world.twins.size()));
  }
  for (const FaultSpec& fault : scenario.faults) {
    all.insert("fault " + std::string(kFaultNames[fault.what.index()]));
    const auto* random = std::get_if<RandomFault>(&fault.what);
    if (random != nullptr && random->plan.lost_disk > 0) all.insert("fault lost disk");
  }
  for (const AdversarySpec& spec : scenario.adversaries) {
    all.insert("adversary " + std::string(spec.kind->name));
  }
  if (!scenario.world.buggify.chances.empty()) all.insert("buggify");
  if (scenario.world.network.before_gst) all.insert("network bad before GST");
  if (scenario.world.network.quality.lost.ppm > 0) all.insert("network loses");
  if (scenario.world.network.quality.doubled.ppm > 0) all.insert("network doubles");
  if (scenario.world.network.quality.bytes_per_second > 0)
    all.insert("network of little bandwidth");
  return {all.begin(), all.end()};
}

Exploration run_batch(const BatchOptions& options, const ScenarioSource& source,
                      const Progress& progress) {
  return Batch(options, source, progress).go();
}

}  // namespace waggle::sim
