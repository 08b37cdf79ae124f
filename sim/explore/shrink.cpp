#include "sim/explore/shrink.hpp"

#include "sim/explore/shrinker.hpp"
#include "sim/scenario/write.hpp"
#include "sim/world/planted.hpp"

namespace waggle::sim {
namespace {

/// What a plainer candidate may cost: the passes behind make up for it.
constexpr std::uint64_t kPlainerFactor = 2;
constexpr std::uint64_t kPlainerExtra = 300;

std::size_t written_size(const Scenario& scenario) { return write_scenario(scenario, "").size(); }

}  // namespace

Shrinker::Shrinker(const Scenario& failing, const ShrinkLimits& limits,
                   const std::function<void(const Shrunk&)>& progress)
    : limits_(limits), progress_(progress) {
  if (limits.time_limit) deadline_ = std::chrono::steady_clock::now() + *limits.time_limit;
  best_.scenario = failing;
  best_.trial = run_apart(failing);
  size_ = written_size(failing);
}

bool Shrinker::exhausted() const {
  return best_.tried >= limits_.tries_max ||
         (deadline_ && std::chrono::steady_clock::now() >= *deadline_);
}

bool Shrinker::keep(Scenario candidate, Aim aim) {
  if (exhausted()) return false;
  ++best_.tried;
  const std::uint64_t events = best_.trial.events;
  const bool plainer = aim == Aim::kPlainer;
  Trial trial = run_apart(candidate, plainer ? events * kPlainerFactor + kPlainerExtra : events);
  if (trial.verdict != best_.trial.verdict || trial.property != best_.trial.property) return false;
  const std::size_t size = written_size(candidate);
  if (!plainer && trial.events == events && size >= size_) return false;
  if (stalls() && !holds_without_bugs(candidate)) return false;
  ++best_.helped;
  best_.scenario = std::move(candidate);
  best_.trial = std::move(trial);
  size_ = size;
  if (progress_) progress_(best_);
  return true;
}

bool Shrinker::holds_without_bugs(Scenario scenario) const {
  if (scenario.world.without.empty()) return true;
  unplant(scenario.world);
  return run_apart(scenario).verdict == Verdict::kOk;
}

Shrunk shrink(const Scenario& failing, const ShrinkLimits& limits,
              const std::function<void(const Shrunk&)>& progress) {
  Shrinker shrinker(failing, limits, progress);
  const Shrunk first = shrinker.best();
  if (!shrinker.fails()) return first;
  pin_down_chance(shrinker);
  move_to_small_world(shrinker);
  leave_out_parts(shrinker);
  move_to_small_world(shrinker);
  for (std::uint64_t before = 0; before != shrinker.trial().events && !shrinker.exhausted();) {
    before = shrinker.trial().events;
    cut_off_the_rest(shrinker);
    leave_out_parts(shrinker);
    lessen_load(shrinker);
    make_world_plainer(shrinker);
    move_in_time(shrinker);
    silence_messages(shrinker);
    try_other_seeds(shrinker);
  }
  cut_off_the_rest(shrinker);
  // What made it plainer may have cost more than the rest brought back.
  Shrunk small = shrinker.best();
  if (small.trial.events <= first.trial.events) return small;
  small.scenario = first.scenario;
  small.trial = first.trial;
  return small;
}

}  // namespace waggle::sim
