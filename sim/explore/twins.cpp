#include "sim/explore/twins.hpp"

#include <algorithm>
#include <numeric>

#include "consensus/core/ensure.hpp"
#include "sim/world/planted.hpp"

namespace waggle::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// How long the partition of a view stays, from when the first replica enters it. By then those
/// who hear nothing have given it up, and have said so again to the others.
constexpr Duration kHold = milliseconds(150);

void set_times(Scenario& scenario) {
  WorldOptions& world = scenario.world;
  world.network.quality.latency = Latency::uniform(microseconds(500), microseconds(1500));
  world.disk.sync = Latency::constant(microseconds(100));
  world.execution = Latency::constant(microseconds(50));
  world.pacemaker.view_timeout = milliseconds(50);
  world.pacemaker.grace = milliseconds(20);
  world.pacemaker.timeout_max = milliseconds(100);
  world.pacemaker.heartbeat = milliseconds(100);
  world.pacemaker.fetch_retry = milliseconds(20);
}

/// Some commands in every view, of two clients that talk to different twins; and blocks that leave
/// commands out. So twins that lead a view propose different blocks.
void set_load(Scenario& scenario, Duration over, std::uint32_t views) {
  scenario.clients = 2;
  ClientPlan& plan = scenario.plan;
  plan.commands = 4 + 2 * views;
  plan.in_flight_max = 2;
  plan.batch_max = 1;
  plan.think_max = over / (2 * plan.commands);
  plan.retry = milliseconds(100);
  BuggifyOptions& buggify = scenario.world.buggify;
  buggify.chances = {{Place::kEmptyBlock, permille(400)}, {Place::kSmallPayload, permille(300)}};
  buggify.until = over;
}

}  // namespace

std::uint64_t TwinSample::at(std::uint64_t turn) const {
  std::uint64_t jump = count * 618 / 1000;  // of the golden ratio
  while (std::gcd(jump, count) != 1) ++jump;
  return first + stride * (turn * jump % count);
}

TwinSample sample_of(const TwinsOptions& options, const TwinSpace& space) {
  ENSURE(options.offset < space.size() && options.limit > 0);
  TwinSample sample{options.offset, (space.size() - 1) / options.limit + 1, 0};
  // Coprime, so as not to meet the same choice for the last view again and again.
  while (sample.stride > 1 && std::gcd(sample.stride, space.choices()) != 1) ++sample.stride;
  sample.count = (space.size() - sample.first - 1) / sample.stride + 1;
  return sample;
}

Scenario twins_scenario(const TwinsOptions& options, const std::vector<TwinView>& schedule,
                        std::uint64_t number) {
  const TwinSpaceOptions& space = options.space;
  Scenario scenario;
  scenario.name = "twins-" + std::to_string(number);
  WorldOptions& world = scenario.world;
  world.seed = number;
  world.n = space.n;
  world.core = options.core;
  for (std::uint32_t twin = 0; twin < space.twins; ++twin) world.twins.push_back(twin);
  for (const std::string& name : options.without) {
    const PlantedBug* bug = find_planted_bug(name);
    ENSURE(bug != nullptr, "no such planted bug");
    plant(*bug, world);
  }
  set_times(scenario);
  const Duration over = kHold * 2 * static_cast<std::int64_t>(schedule.size());
  for (std::size_t i = 0; i < schedule.size(); ++i) {
    const TwinView& view = schedule[i];
    world.leaders.push_back(view.leader);
    const std::uint32_t last = *std::max_element(view.groups.begin(), view.groups.end());
    if (last == 0) continue;
    MessageFault fault;
    fault.rule.view_min = fault.rule.view_max = View{i + 1};
    fault.rule.hold = kHold;
    fault.rule.between.resize(last + 1);
    for (std::uint32_t at = 0; at < view.groups.size(); ++at) {
      fault.rule.between[view.groups[at]].push_back(at);
    }
    scenario.faults.push_back({Duration{0}, over, {}, std::move(fault)});
  }
  for (std::uint32_t id = 0; id < space.n; ++id) world.leaders.push_back(id);
  // 3.7c: twins may lead all views of the schedule, and then one more each.
  world.depth_max = static_cast<std::uint32_t>(schedule.size()) + space.twins;
  set_load(scenario, over, static_cast<std::uint32_t>(schedule.size()));
  scenario.duration = over + std::chrono::seconds(1);
  return scenario;
}

Exploration run_twins(const TwinsOptions& options, const TwinSpace& space,
                      const Progress& progress) {
  const TwinSample sample = sample_of(options, space);
  std::uint64_t done = 0;
  const ScenarioSource source = [&]() -> std::optional<Scenario> {
    if (done == sample.count) return std::nullopt;
    const std::uint64_t number = sample.at(done++);
    return twins_scenario(options, space.at(number), number);
  };
  return run_batch(options, source, progress);
}

}  // namespace waggle::sim
