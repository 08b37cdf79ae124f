#include "sim/explore/explore_rounds.hpp"

#include <algorithm>
#include <memory>
#include <set>

#include <nlohmann/json.hpp>

#include "sim/explore/apart.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;
using rounds::LogOutcome;
using rounds::LogRun;
using Clock = std::chrono::steady_clock;

/// What one run came to, in words that another process can hand over.
struct Trial {
  RoundsFailure failure;  ///< Without a property: none.
  LogOutcome outcome;     ///< Without a complaint.
};

std::string to_line(const LogOutcome& outcome) {
  const auto& found = outcome.complaint;
  const json line = {{"property", found ? std::string(found->property) : ""},
                     {"detail", found ? found->text() : ""},
                     {"rounds", outcome.rounds},
                     {"blocked", outcome.blocked},
                     {"restarts", outcome.restarts},
                     {"submitted", outcome.submitted},
                     {"acknowledged", outcome.acknowledged},
                     {"certificates", outcome.certificates}};
  return line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

Trial from_line(const json& line) {
  Trial trial;
  trial.failure.property = line.at("property");
  trial.failure.detail = line.at("detail");
  trial.outcome.rounds = line.at("rounds");
  trial.outcome.blocked = line.at("blocked");
  trial.outcome.restarts = line.at("restarts");
  trial.outcome.submitted = line.at("submitted");
  trial.outcome.acknowledged = line.at("acknowledged");
  trial.outcome.certificates = line.at("certificates");
  return trial;
}

class ApartRounds {
 public:
  explicit ApartRounds(const LogRun& run)
      : run_(run), task_([this] { return to_line(rounds::run(run_)); }) {}

  int handle() const noexcept { return task_.handle(); }
  const LogRun& run() const noexcept { return run_; }
  Trial finish() {
    const ApartTask::End end = task_.finish();
    Trial trial;
    if (end.finished) {
      trial = from_line(json::parse(end.text));
    } else {
      trial.failure.property = "invariant";
      trial.failure.detail = end.text;
      trial.outcome.rounds = run_.rounds;  // not known
    }
    trial.failure.rounds = trial.outcome.rounds;
    trial.failure.seed = run_.options.seed;
    trial.failure.command = rounds::command_of(run_);
    return trial;
  }

 private:
  LogRun run_;
  ApartTask task_;
};

std::string size_of(std::uint32_t n) {
  for (const std::uint32_t most : {10u, 32u, 80u, 256u}) {
    if (n <= most) return "n up to " + std::to_string(most);
  }
  return "n " + std::to_string(n);
}

/// The names of the strategies, the size, and what else is unusual.
std::set<std::string> ingredients(const LogRun& run) {
  std::set<std::string> all{size_of(run.options.parameters.n)};
  if (run.options.doubling.ppm > 0) all.insert("clients that submit two commands at once");
  std::string_view text = run.block;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    all.insert("blocking " + std::string(part.substr(0, part.find(':'))));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
  }
  return all;
}

class Batch {
 public:
  Batch(const ExploreRoundsOptions& options,
        const std::function<void(const RoundsExploration&)>& progress)
      : options_(options), progress_(progress), next_(options.first_seed) {
    if (options.time_limit) deadline_ = Clock::now() + *options.time_limit;
  }

  RoundsExploration go() {
    for (;;) {
      while (running_.size() < std::max(options_.jobs, 1U) && may_start()) start();
      if (running_.empty()) break;
      collect();
    }
    std::sort(found_.failures.begin(), found_.failures.end(),
              [](const auto& a, const auto& b) { return a.seed < b.seed; });
    return std::move(found_);
  }

 private:
  bool may_start() const {
    if (next_ > options_.last_seed) return false;
    if (options_.stop_at_failure && !found_.failures.empty()) return false;
    return !deadline_ || Clock::now() < *deadline_;
  }

  void start() {
    const LogRun run = draw_rounds(options_.draw, next_++);
    for (const std::string& one : ingredients(run)) ++found_.covered[one];
    running_.push_back(std::make_unique<ApartRounds>(run));
  }

  /// Waits until at least one run is over.
  void collect() {
    std::vector<int> handles;
    for (const auto& run : running_) handles.push_back(run->handle());
    for (const std::size_t i : wait_for_any(handles)) {
      note(running_[i]->run(), running_[i]->finish());
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  void note(const LogRun& run, const Trial& trial) {
    const LogOutcome& outcome = trial.outcome;
    ++found_.runs;
    found_.rounds += outcome.rounds;
    found_.steps += outcome.rounds * run.options.parameters.n;
    found_.blocked += outcome.blocked;
    found_.restarts += outcome.restarts;
    found_.submitted += outcome.submitted;
    found_.acknowledged += outcome.acknowledged;
    found_.certificates += outcome.certificates;
    if (!trial.failure.property.empty()) found_.failures.push_back(trial.failure);
    if (progress_) progress_(found_);
  }

  const ExploreRoundsOptions& options_;
  const std::function<void(const RoundsExploration&)>& progress_;
  std::uint64_t next_;
  std::optional<Clock::time_point> deadline_;
  std::vector<std::unique_ptr<ApartRounds>> running_;
  RoundsExploration found_;
};

}  // namespace

std::optional<RoundsFailure> run_rounds_apart(const LogRun& run) {
  Trial trial = ApartRounds(run).finish();
  if (trial.failure.property.empty()) return std::nullopt;
  return std::move(trial.failure);
}

RoundsExploration explore_rounds(const ExploreRoundsOptions& options,
                                 const std::function<void(const RoundsExploration&)>& progress) {
  return Batch(options, progress).go();
}

}  // namespace waggle::sim
