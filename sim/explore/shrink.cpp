#include "sim/explore/shrink.hpp"

#include <algorithm>
#include <iterator>

#include "sim/scenario/run.hpp"

namespace waggle::sim {
namespace {

using std::chrono::milliseconds;

class Shrinker {
 public:
  Shrinker(const Scenario& failing, std::uint32_t tries_max,
           const std::function<void(const Shrunk&)>& progress)
      : tries_max_(tries_max), progress_(progress) {
    best_.scenario = failing;
    best_.trial = run_apart(failing);
    property_ = best_.trial.property;
  }

  Shrunk go() {
    if (best_.trial.verdict == Verdict::kOk) return best_;
    for (std::uint64_t before = 0; before != best_.trial.events && !exhausted();) {
      before = best_.trial.events;
      drop_faults();
      drop_adversaries();
      drop_places();
      plainer();
      less_work();
      shorter_faults();
      other_seeds();
    }
    return best_;
  }

 private:
  bool exhausted() const { return best_.tried >= tries_max_; }

  /// Runs the candidate; keeps it if it fails in the same way with fewer events, or with as many
  /// and less in the file.
  bool keep_if_fails(Scenario candidate, bool simpler = false) {
    if (exhausted()) return false;
    ++best_.tried;
    Trial trial = run_apart(candidate);
    if (trial.verdict == Verdict::kOk || trial.property != property_) return false;
    if (trial.events > best_.trial.events && !simpler) return false;
    ++best_.helped;
    best_.scenario = std::move(candidate);
    best_.trial = std::move(trial);
    if (progress_) progress_(best_);
    return true;
  }

  /// Chunks of a list, halves first, then single items.
  template <class ListOf>
  void drop_chunks(const ListOf& list) {
    for (std::size_t chunk = std::max<std::size_t>(1, list(best_.scenario).size()); chunk > 0;
         chunk /= 2) {
      for (std::size_t at = 0; at < list(best_.scenario).size();) {
        Scenario candidate = best_.scenario;
        auto& items = list(candidate);
        const std::size_t count = std::min(chunk, items.size() - at);
        const auto begin = std::next(items.begin(), static_cast<std::ptrdiff_t>(at));
        items.erase(begin, std::next(begin, static_cast<std::ptrdiff_t>(count)));
        if (!keep_if_fails(std::move(candidate), true)) at += chunk;
      }
    }
  }
  void drop_faults() {
    drop_chunks([](Scenario & s) -> auto& { return s.faults; });
  }
  void drop_adversaries() {
    drop_chunks([](Scenario & s) -> auto& { return s.adversaries; });
  }
  void drop_places() {
    drop_chunks([](Scenario & s) -> auto& { return s.world.buggify.chances; });
  }

  template <class Change>
  bool change(const Change& make, bool simpler = false) {
    Scenario candidate = best_.scenario;
    make(candidate);
    return keep_if_fails(std::move(candidate), simpler);
  }

  void plainer() {
    change([](Scenario& s) { s.world.network = {}; }, true);
    change([](Scenario& s) { s.world.network.before_gst.reset(); }, true);
    change([](Scenario& s) {
      s.world.network.quality = {};
      s.world.network.quality.latency = Latency::constant(milliseconds(1));
    });
    change([](Scenario& s) { s.world.disk.sync = Latency::constant(milliseconds(1)); });
    change([](Scenario& s) { s.world.clock = {Share{0}, Duration{0}}; }, true);
    change([](Scenario& s) { s.world.pacemaker = default_pacemaker(); }, true);
    change([](Scenario& s) { s.world.pacemaker.heartbeat = std::chrono::seconds(10); });
    change([](Scenario& s) { s.expect.silence = false; });
  }

  void less_work() {
    while (best_.scenario.clients > 1 && change([](Scenario& s) { s.clients -= 1; })) {
    }
    while (best_.scenario.plan.commands > 1 && change([](Scenario& s) { s.plan.commands /= 2; })) {
    }
    change([](Scenario& s) { s.plan.in_flight_max = 1; });
    change([](Scenario& s) { s.plan.batch_max = 1; });
    change([](Scenario& s) { s.plan.padding = 0; });
    change([](Scenario& s) { s.plan.keys = 0; }, true);
    for (const std::uint32_t n : {4U, 7U}) {
      if (n < best_.scenario.world.n) change([n](Scenario& s) { shrink_to(s, n); });
    }
  }

  /// Replicas that are no more take no part in anything.
  static void shrink_to(Scenario& scenario, std::uint32_t n) {
    scenario.world.n = n;
    scenario.world.network.links.clear();
    scenario.world.network.regions = {};
    const auto gone = [n](std::uint32_t id) { return id >= n; };
    for (FaultSpec& fault : scenario.faults) {
      std::erase_if(fault.replicas, gone);
      if (auto* partition = std::get_if<PartitionFault>(&fault.what)) {
        for (auto& group : partition->groups) std::erase_if(group, gone);
      }
      if (auto* cut = std::get_if<CutFault>(&fault.what)) {
        std::erase_if(cut->from, gone);
        std::erase_if(cut->to, gone);
      }
    }
    for (AdversarySpec& adversary : scenario.adversaries) std::erase_if(adversary.replicas, gone);
    std::erase_if(scenario.adversaries,
                  [](const AdversarySpec& adversary) { return adversary.replicas.empty(); });
  }

  void shorter_faults() {
    for (std::size_t i = 0; i < best_.scenario.faults.size(); ++i) {
      for (int halvings = 0; halvings < 8; ++halvings) {
        const FaultSpec& fault = best_.scenario.faults[i];
        if (!fault.lasts || *fault.lasts < milliseconds(2)) break;
        if (!change([i](Scenario& s) { *s.faults[i].lasts /= 2; })) break;
      }
      for (int halvings = 0; halvings < 8; ++halvings) {
        if (best_.scenario.faults[i].at < milliseconds(2)) break;
        if (!change([i](Scenario& s) { s.faults[i].at /= 2; })) break;
      }
    }
  }

  void other_seeds() {
    const std::uint64_t first = best_.scenario.world.seed;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      if (seed != first) change([seed](Scenario& s) { s.world.seed = seed; });
    }
  }

  const std::uint32_t tries_max_;
  const std::function<void(const Shrunk&)>& progress_;
  Shrunk best_;
  std::string property_;
};

}  // namespace

Shrunk shrink(const Scenario& failing, std::uint32_t tries_max,
              const std::function<void(const Shrunk&)>& progress) {
  return Shrinker(failing, tries_max, progress).go();
}

}  // namespace waggle::sim
