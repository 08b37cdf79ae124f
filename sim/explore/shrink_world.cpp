// Passes over the world and its time.
#include <algorithm>

#include "sim/explore/shrinker.hpp"

namespace waggle::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kViewTimeout = milliseconds(20);

Duration scaled(Duration span, Duration from, Duration to) {
  return Duration{span.count() * to.count() / std::max<std::int64_t>(from.count(), 1)};
}

/// All times of faults and adversaries as shares of a view timeout.
void rescale(Scenario& scenario, Duration view_timeout) {
  const Duration before = scenario.world.pacemaker.view_timeout;
  const auto scale = [&](Duration& span) { span = scaled(span, before, view_timeout); };
  for (FaultSpec& fault : scenario.faults) {
    scale(fault.at);
    if (fault.lasts) scale(*fault.lasts);
    if (auto* message = std::get_if<MessageFault>(&fault.what)) {
      if (message->rule.delay) scale(*message->rule.delay);
    } else if (auto* writes = std::get_if<WriteCrashFault>(&fault.what)) {
      scale(writes->plan.down);
    }
  }
  for (AdversarySpec& adversary : scenario.adversaries) {
    scale(adversary.from);
    if (adversary.until) scale(*adversary.until);
    for (const ParameterKind& kind : adversary.kind->parameters) {
      if (kind.unit != ParameterKind::Unit::kDuration) continue;
      std::int64_t& value = adversary.parameters.find(kind.name)->second;
      value = std::clamp(value * view_timeout.count() / before.count(), kind.min, kind.max);
    }
  }
  scale(scenario.duration);
  scale(scenario.world.network.gst);
}

void use_fast_machines(Scenario& scenario) {
  DiskOptions& disk = scenario.world.disk;
  disk.write = Latency::constant(microseconds(10));
  disk.sync = Latency::constant(microseconds(100));
  disk.read = Latency::constant(microseconds(10));
  disk.bytes_per_second = 0;
  scenario.world.execution = Latency::constant(microseconds(10));
  scenario.world.clock = {Share{0}, Duration{0}};
}

void use_short_timers(Scenario& scenario) {
  rescale(scenario, kViewTimeout);
  chained::PacemakerConfig& pacemaker = scenario.world.pacemaker;
  pacemaker = default_pacemaker();
  pacemaker.view_timeout = kViewTimeout;
  pacemaker.grace = kViewTimeout * 2 / 5;
  pacemaker.heartbeat = seconds(10);
}

void use_network(Scenario& scenario, Duration latency) {
  scenario.world.network = {};
  scenario.world.network.quality.latency = Latency::constant(latency);
}

void use_little_load(Scenario& scenario, std::uint32_t commands) {
  scenario.clients = 1;
  scenario.plan = ClientPlan{};
  scenario.plan.commands = commands;
  scenario.plan.in_flight_max = 1;
  scenario.plan.batch_max = 1;
  scenario.plan.think_max = Duration{1};
}

constexpr Duration kLatencies[] = {milliseconds(1), milliseconds(6), milliseconds(15),
                                   milliseconds(25), milliseconds(40)};

}  // namespace

void move_to_small_world(Shrinker& shrinker) {
  for (const bool bare : {true, false}) {
    const bool has_plan =
        std::any_of(shrinker.scenario().adversaries.begin(), shrinker.scenario().adversaries.end(),
                    [](const AdversarySpec& spec) { return !spec.plan.empty(); });
    if (bare && has_plan) continue;
    for (const std::uint32_t commands : {1U, 4U, 16U}) {
      for (const Duration latency : kLatencies) {
        const auto make = [&](Scenario& s) {
          use_fast_machines(s);
          use_short_timers(s);
          use_network(s, latency);
          use_little_load(s, commands);
          s.expect.silence = false;
          if (!bare) return;
          s.world.n = std::min(s.world.n, 4U);
          s.faults.clear();
          s.adversaries.clear();
          s.duration = milliseconds(1);
        };
        shrinker.change_somehow(make, Shrinker::Aim::kSmaller, bare ? 2 : 6);
      }
    }
  }
}

void make_world_plainer(Shrinker& shrinker) {
  using Aim = Shrinker::Aim;
  shrinker.change([](Scenario& s) { s.expect.silence = false; });
  shrinker.change_somehow([](Scenario& s) { s.world.network.before_gst.reset(); }, Aim::kPlainer);
  shrinker.change_somehow(use_fast_machines);
  shrinker.change_somehow(use_short_timers);
  for (const Duration latency : kLatencies) {
    shrinker.change_somehow([latency](Scenario& s) { use_network(s, latency); });
  }
  for (const Duration span : {Duration{milliseconds(300)}, Duration{seconds(10)}}) {
    shrinker.change([span](Scenario& s) { s.world.pacemaker.heartbeat = span; });
    shrinker.change([span](Scenario& s) { s.world.pacemaker.fetch_retry = span; });
    shrinker.change([span](Scenario& s) { s.world.pacemaker.rejoin_retry = span; });
    shrinker.change([span](Scenario& s) { s.world.pacemaker.timeout_max = span; });
  }
  shrinker.change([](Scenario& s) { s.world.depth_max = 0; });
  shrinker.change([](Scenario& s) { s.world.pacemaker.timeout_max = kViewTimeout * 2; });
  // Without a planted bug there is nothing to compare with: a bound that is too low stalls
  // anything.
  if (!shrinker.stalls() || shrinker.scenario().world.without.empty()) return;
  while (shrinker.scenario().expect.bound > 1) {
    if (!shrinker.change([](Scenario& s) { s.expect.bound = s.expect.bound / 2; })) break;
  }
}

void cut_off_the_rest(Shrinker& shrinker) {
  if (shrinker.stalls()) return;  // its bound is counted from the last fault on
  const Duration end = shrinker.trial().time + Duration{1};
  const auto cut = [end](Scenario& s) {
    std::erase_if(s.faults, [end](const FaultSpec& fault) { return fault.at >= end; });
    std::erase_if(s.adversaries, [end](const AdversarySpec& spec) { return spec.from >= end; });
    for (FaultSpec& fault : s.faults) {
      if (fault.lasts) fault.lasts = std::min(*fault.lasts, end - fault.at);
    }
    for (AdversarySpec& spec : s.adversaries) {
      if (spec.until && *spec.until >= end) spec.until.reset();
    }
    s.world.network.gst = std::min(s.world.network.gst, end);
    s.duration = end;
  };
  shrinker.change(cut, Shrinker::Aim::kPlainer);
}

void move_in_time(Shrinker& shrinker) {
  // Everything earlier by the same span.
  for (Duration span = shrinker.trial().time; span > Duration{200}; span /= 2) {
    const auto earlier = [span](Scenario& s) {
      for (FaultSpec& fault : s.faults) fault.at = std::max(fault.at - span, Duration{0});
    };
    shrinker.change(earlier);
  }
  static constexpr Duration kSpans[] = {microseconds(100), milliseconds(1),  milliseconds(3),
                                        milliseconds(10),  milliseconds(30), milliseconds(60)};
  const std::size_t faults = shrinker.scenario().faults.size();
  for (std::uint32_t i = 0; i < 60 * std::min<std::size_t>(faults, 4); ++i) {
    const auto move = [&shrinker](Scenario& s) {
      Random& random = shrinker.random();
      const std::size_t count = s.faults.size();
      if (count == 0) return;
      for (std::uint64_t moved = 1 + random.below(2); moved > 0; --moved) {
        FaultSpec& fault = s.faults[random.below(count)];
        const Duration grain = random.below(2) == 0 ? milliseconds(1) : microseconds(100);
        if (random.below(3) > 0) {
          fault.at = random.between(Duration{0}, shrinker.trial().time) / grain * grain;
        }
        if (fault.lasts && random.below(2) == 0) {
          fault.lasts = kSpans[random.below(std::size(kSpans))];
        }
        s.duration = std::max(s.duration, fault.at + fault.lasts.value_or(Duration{0}));
      }
      if (random.below(3) == 0) s.world.seed = 1 + random.below(50);
    };
    shrinker.change(move);
  }
}

}  // namespace waggle::sim
