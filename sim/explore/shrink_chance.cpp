// Chance, pinned down: what a nemesis drew and which messages a network lost or held back becomes
// a list of single faults, of which most can be left out.
#include <algorithm>
#include <map>
#include <tuple>

#include "sim/explore/apart.hpp"
#include "sim/explore/shrinker.hpp"
#include "sim/scenario/write.hpp"

namespace waggle::sim {
namespace {

/// Which messages did not arrive as others do.
class Losses final : public EventSink {
 public:
  explicit Losses(Duration usual) : usual_(usual) {}

  void write(Duration at, const Event& event) override {
    if (event.kind == EventKind::kSend) {
      const std::uint64_t view = event.view.value;
      under_way_[event.number] = {{std::string(event.name), view, event.replica, event.peer}, at};
    } else if (event.kind == EventKind::kDrop || event.kind == EventKind::kDeliver) {
      const auto found = under_way_.find(event.number);
      if (found == under_way_.end()) return;
      const bool lost = event.kind == EventKind::kDrop;
      if (lost ? event.name == "lost" || event.name == "rule"
               : at - found->second.at > usual_ * 3) {
        const Duration late = lost ? Duration{0} : at - found->second.at - usual_;
        fates_.emplace(found->second.message, late);
      }
      under_way_.erase(found);
    }
  }

  /// One rule each; what was lost is dropped, what was late is delayed.
  std::vector<FaultSpec> faults() const {
    std::vector<FaultSpec> faults;
    for (const auto& [message, late] : fates_) {
      const auto& [kind, view, from, to] = message;
      WireRule rule;
      rule.kind = kind;
      rule.view_min = rule.view_max = View{view};
      rule.from = {from};
      rule.to = {to};
      if (late > Duration{0}) rule.delay = late;
      FaultSpec fault;
      fault.what = MessageFault{std::move(rule)};
      faults.push_back(std::move(fault));
    }
    return faults;
  }

 private:
  using Name = std::tuple<std::string, std::uint64_t, std::uint32_t, std::uint32_t>;
  struct UnderWay {
    Name message;
    Duration at{0};
  };
  const Duration usual_;
  std::map<std::uint64_t, UnderWay> under_way_;
  std::map<Name, Duration> fates_;
};

bool is_random(const FaultSpec& fault) { return std::holds_alternative<RandomFault>(fault.what); }

/// Runs it to its end; its chance as faults. Nothing if it aborts.
std::optional<Scenario> pinned_down(const Scenario& scenario, bool messages, Duration usual) {
  ApartTask task([&] {
    Scenario made = scenario;
    Losses losses(usual);
    const RunReport report = run_scenario(scenario, messages ? &losses : nullptr);
    if (messages) {
      made.world.network = {};
      made.world.network.quality.latency = Latency::constant(usual);
      for (FaultSpec& fault : losses.faults()) made.faults.push_back(std::move(fault));
    } else {
      std::erase_if(made.faults, is_random);
      for (const FaultSpec& fault : report.drawn) {
        if (fault.at < report.time) made.faults.push_back(fault);
      }
    }
    return write_scenario(made, "");
  });
  const ApartTask::End end = task.finish();
  if (!end.finished) return std::nullopt;
  auto read = parse_scenario(end.text, "pinned.toml", {});
  if (!read) return std::nullopt;
  return std::move(*read);
}

constexpr std::uint64_t kSeeds = 8;

/// Tries what chance came to under some seeds; the first that fails is kept.
void pin_down(Shrinker& shrinker, bool messages, Duration usual) {
  const auto made = pinned_down(shrinker.scenario(), messages, usual);
  if (!made || made->faults.size() > 600) return;
  for (std::uint64_t i = 0; i <= kSeeds; ++i) {
    Scenario candidate = *made;
    if (i > 0) candidate.world.seed = i;
    if (shrinker.keep(std::move(candidate), Shrinker::Aim::kPlainer)) return;
  }
}

}  // namespace

void pin_down_chance(Shrinker& shrinker) {
  const auto& faults = shrinker.scenario().faults;
  if (std::any_of(faults.begin(), faults.end(), is_random)) {
    pin_down(shrinker, false, Duration{0});
    shrinker.leave_out(
        [](auto& s) -> auto& { return s.faults; }, Shrinker::Aim::kPlainer);
  }
  const LinkQuality& quality = shrinker.scenario().world.network.quality;
  const bool chancy = quality.lost.ppm > 0 || quality.slow.ppm > 0 ||
                      shrinker.scenario().world.network.before_gst.has_value();
  if (!chancy) return;
  pin_down(shrinker, true, std::chrono::milliseconds(1));
  shrinker.leave_out(
      [](auto& s) -> auto& { return s.faults; }, Shrinker::Aim::kPlainer);
}

}  // namespace waggle::sim
