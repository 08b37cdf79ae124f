#pragma once

#include <algorithm>
#include <iterator>

#include "sim/base/random.hpp"
#include "sim/explore/shrink.hpp"

namespace waggle::sim {

/// The smallest scenario so far, and the way to a smaller one: a candidate is run, and kept if it
/// fails in the same way. The passes are below.
class Shrinker {
 public:
  Shrinker(const Scenario& failing, const ShrinkLimits& limits,
           const std::function<void(const Shrunk&)>& progress);

  const Scenario& scenario() const noexcept { return best_.scenario; }
  const Trial& trial() const noexcept { return best_.trial; }
  const Shrunk& best() const noexcept { return best_; }
  bool fails() const noexcept { return best_.trial.verdict != Verdict::kOk; }
  bool stalls() const noexcept { return best_.trial.verdict == Verdict::kStalled; }
  bool exhausted() const;
  Random& random() noexcept { return random_; }

  /// What counts as smaller.
  enum class Aim : std::uint8_t {
    kSmaller,  ///< Fewer events, or as many and less to write down.
    kPlainer,  ///< Whatever the change is meant for, at the price of some more events.
  };
  /// True if the candidate became the smallest.
  bool keep(Scenario candidate, Aim aim = Aim::kSmaller);
  /// The same for a change of the smallest.
  template <class Change>
  bool change(const Change& make, Aim aim = Aim::kSmaller) {
    Scenario candidate = best_.scenario;
    make(candidate);
    return keep(std::move(candidate), aim);
  }
  /// The same; since the change shifts all chance, with some other seeds, too.
  template <class Change>
  bool change_somehow(const Change& make, Aim aim = Aim::kSmaller, std::uint64_t seeds = 4) {
    if (change(make, aim)) return true;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      const auto make_too = [&](Scenario& s) { make(s), s.world.seed = seed; };
      if (change(make_too, aim)) return true;
    }
    return false;
  }
  /// Leaves out chunks of the list that `list` finds in a scenario: halves first, then single
  /// items.
  template <class List>
  void leave_out(const List& list, Aim aim = Aim::kSmaller) {
    for (std::size_t chunk = list(best_.scenario).size(); chunk > 0; chunk /= 2) {
      for (std::size_t at = 0; at < list(best_.scenario).size();) {
        const auto erase = [&](Scenario& candidate) {
          auto& items = list(candidate);
          const std::size_t count = std::min(chunk, items.size() - at);
          const auto begin = std::next(items.begin(), static_cast<std::ptrdiff_t>(at));
          items.erase(begin, std::next(begin, static_cast<std::ptrdiff_t>(count)));
        };
        if (!change(erase, aim)) at += chunk;
      }
    }
  }

 private:
  bool holds_without_bugs(Scenario scenario) const;

  const ShrinkLimits limits_;
  const std::function<void(const Shrunk&)>& progress_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;
  Random random_{1};
  Shrunk best_;
  std::size_t size_ = 0;  ///< Of the smallest, written down.
};

// Passes. Each leaves a scenario that fails in the same way.

/// Random faults, losses and delays become the single ones that they came to.
void pin_down_chance(Shrinker& shrinker);
/// One small world for all: four replicas, one client, constant latencies, short timers.
void move_to_small_world(Shrinker& shrinker);
/// What comes after the failure.
void cut_off_the_rest(Shrinker& shrinker);
/// Faults, adversaries, steps of plans, replicas in each.
void leave_out_parts(Shrinker& shrinker);
void lessen_load(Shrinker& shrinker);
void make_world_plainer(Shrinker& shrinker);
/// When faults come and how long they last.
void move_in_time(Shrinker& shrinker);
/// Kinds of messages, and links, that do not matter.
void silence_messages(Shrinker& shrinker);
void try_other_seeds(Shrinker& shrinker);

}  // namespace waggle::sim
