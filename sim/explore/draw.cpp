#include "sim/explore/draw.hpp"

#include <algorithm>

#include "consensus/core/ensure.hpp"
#include "sim/world/planted.hpp"

namespace waggle::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

class Draw {
 public:
  Draw(const DrawOptions& options, std::uint64_t seed) : options_(options), rng_(seed) {
    scenario_.name = "seed-" + std::to_string(seed);
    scenario_.world.seed = seed;
    scenario_.world.core = options.core;
    for (const std::string& name : options.without) {
      const PlantedBug* bug = find_planted_bug(name);
      ENSURE(bug != nullptr, "no such planted bug");
      plant(*bug, scenario_.world);
    }
  }

  Scenario make() {
    draw_size();
    draw_network();
    draw_machines();
    draw_load();
    draw_adversaries();
    draw_faults();
    draw_buggify();
    return std::move(scenario_);
  }

 private:
  bool one_in(std::uint64_t count) { return rng_.below(count) == 0; }
  Duration until(Duration max) { return rng_.between(Duration{1}, max); }
  std::uint32_t up_to(std::uint64_t max) { return static_cast<std::uint32_t>(rng_.below(max + 1)); }
  std::uint32_t f() const { return (scenario_.world.n - 1) / 3; }
  std::uint32_t any_replica() { return up_to(scenario_.world.n - 1); }

  void draw_size() {
    static constexpr std::uint32_t kSizes[] = {4, 4, 4, 4, 5, 6, 7, 7, 10, 1};
    const std::uint32_t drawn = kSizes[rng_.below(std::size(kSizes))];
    scenario_.world.n = options_.n != 0 ? options_.n : drawn;
    over_ = milliseconds(500) + until(seconds(2));
    scenario_.duration = over_ + seconds(1);
    // Backed-off timers may have to run out first; everything else is quick.
    scenario_.expect.bound = 300;
  }

  Latency draw_latency(Duration max) {
    const Duration least = rng_.between(microseconds(50), milliseconds(1));
    const Duration most = least + until(max);
    if (one_in(3)) return Latency::log_normal(least, 400 + up_to(600), most);
    return one_in(5) ? Latency::constant(least) : Latency::uniform(least, most);
  }

  LinkQuality draw_quality(bool bad) {
    LinkQuality quality;
    quality.latency = draw_latency(milliseconds(bad ? 60 : 6));
    if (one_in(2)) quality.lost = permille(rng_.below(bad ? 400 : 80));
    if (one_in(2)) quality.doubled = permille(rng_.below(80));
    if (one_in(2)) quality.slow = permille(rng_.below(bad ? 200 : 30));
    quality.slow_factor = 2 + up_to(30);
    quality.fifo = one_in(3);
    if (one_in(6)) quality.bytes_per_second = 2'000'000 + rng_.below(50'000'000);
    return quality;
  }

  void draw_network() {
    NetworkOptions& network = scenario_.world.network;
    network.quality = draw_quality(false);
    // These losses never end, and timers back off by views that fail for them.
    if (network.quality.lost > permille(40)) scenario_.expect.bound *= 2;
    if (one_in(3)) {
      network.before_gst = draw_quality(true);
      network.gst = until(over_);
    }
  }

  void draw_machines() {
    WorldOptions& world = scenario_.world;
    if (one_in(2)) world.disk.sync = draw_latency(milliseconds(8));
    if (one_in(3)) world.execution = draw_latency(milliseconds(10));
    world.clock.drift_max = permille(rng_.below(60));
    if (one_in(3)) world.clock.skew_max = until(milliseconds(200));
    chained::PacemakerConfig& pacemaker = world.pacemaker;
    pacemaker.view_timeout = milliseconds(60) + until(milliseconds(120));
    pacemaker.grace = pacemaker.view_timeout * 2 / 5;
    pacemaker.unreachable_timeout = pacemaker.view_timeout / 6;
    pacemaker.heartbeat = milliseconds(100) + until(milliseconds(400));
    pacemaker.fetch_retry = milliseconds(20) + until(milliseconds(80));
    pacemaker.rejoin_retry = milliseconds(100) + until(milliseconds(300));
    if (one_in(4)) world.depth_max = std::max(f(), 1U) + up_to(4);
  }

  void draw_load() {
    scenario_.clients = 1 + up_to(3);
    ClientPlan& plan = scenario_.plan;
    plan.commands = 10 + up_to(60);
    plan.in_flight_max = 1 + up_to(15);
    plan.batch_max = 1 + up_to(7);
    plan.think_max = one_in(3) ? until(milliseconds(150)) : until(milliseconds(8));
    if (one_in(6)) plan.padding = up_to(20'000);
    if (one_in(2)) return;
    plan.keys = 1 + up_to(7);
    plan.mix = {.get = up_to(4),
                .put = 1 + up_to(4),
                .erase = up_to(1),
                .cas = up_to(3),
                .increment = up_to(2)};
  }

  /// At most f Byzantine replicas, each with one to three strategies, one after the other or at
  /// once.
  void draw_adversaries() {
    if (f() == 0 || one_in(3)) return;
    byzantine_ = one_in(2) ? f() : 1 + up_to(f() - 1);
    std::vector<const AdversaryKind*> kinds;
    for (const AdversaryKind& kind : adversary_kinds()) {
      if (!kind.has_plan) kinds.push_back(&kind);
    }
    const std::uint32_t first = any_replica();
    for (std::uint32_t i = 0; i < byzantine_; ++i) {
      const std::uint32_t id = (first + i * (one_in(2) ? 1 : 2)) % scenario_.world.n;
      for (std::uint32_t count = 1 + up_to(2); count > 0; --count) {
        AdversarySpec spec;
        spec.replicas = {id};
        spec.kind = kinds[rng_.below(kinds.size())];
        for (const ParameterKind& one : spec.kind->parameters) {
          spec.parameters.emplace(one.name, draw_parameter(one));
        }
        if (one_in(4)) spec.from = until(over_);
        if (one_in(4)) spec.until = std::min(spec.from + until(over_), over_);
        if (spec.kind->name == "amnesia") draw_restart(id);
        scenario_.adversaries.push_back(std::move(spec));
      }
    }
    if (one_in(3)) draw_leaders();
  }

  std::int64_t draw_parameter(const ParameterKind& kind) {
    if (one_in(2)) return kind.fallback;
    using enum ParameterKind::Unit;
    std::int64_t min = kind.min;
    std::int64_t max = kind.max;
    if (kind.unit == kCount || kind.unit == kDuration) {  // small ones: there is most to see
      const std::int64_t most = std::max(kind.fallback * 4, std::int64_t{4});
      min = std::max(min, -most);
      max = std::min(max, most);
    }
    return min + static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>(max - min) + 1));
  }

  /// Round robin, but Byzantine replicas lead up to four views in a row. D has to reach the longest
  /// run of them (3.7c).
  void draw_leaders() {
    const auto lies = [this](std::uint32_t id) {
      return std::any_of(scenario_.adversaries.begin(), scenario_.adversaries.end(),
                         [id](const AdversarySpec& spec) { return spec.replicas.front() == id; });
    };
    WorldOptions& world = scenario_.world;
    std::uint32_t run = 0;
    std::uint32_t longest = 0;
    for (std::uint32_t id = 0; id < world.n; ++id) {
      const std::uint32_t views = 1 + (lies(id) ? up_to(3) : 0);
      world.leaders.insert(world.leaders.end(), views, id);
      run = lies(id) ? run + views : 0;
      longest = std::max(longest, run);
    }
    // One that goes on from the last replica to the first.
    for (std::uint32_t id = 0; id < world.n && lies(id); ++id) {
      run += static_cast<std::uint32_t>(std::count(world.leaders.begin(), world.leaders.end(), id));
    }
    world.depth_max = std::max({world.depth_max, longest, run});
  }

  void draw_restart(std::uint32_t id) {
    const Duration at = until(over_);
    add(at, std::min(until(milliseconds(200)), over_ - at + Duration{1}), {id},
        CrashFault{Crash::kPower});
  }

  void add(Duration at, Duration lasts, std::vector<std::uint32_t> replicas,
           decltype(FaultSpec::what) what) {
    scenario_.faults.push_back({at, lasts, std::move(replicas), std::move(what)});
  }

  void draw_faults() {
    if (one_in(2)) {
      NemesisPlan plan;
      plan.gap_max = milliseconds(20) + until(milliseconds(200));
      plan.down_max = milliseconds(5) + until(milliseconds(500));
      plan.partition = up_to(4);
      plan.one_way_cut = up_to(4);
      plan.heal = 1 + up_to(4);
      plan.crash = up_to(6);
      plan.crash_all = up_to(1);
      if (one_in(2) && f() > byzantine_) plan.lost_disk = up_to(4);
      add(Duration{0}, over_, {}, RandomFault{plan});
    }
    for (std::uint32_t count = up_to(4); count > 0; --count) draw_fault();
  }

  std::vector<std::uint32_t> one_of_all() { return {any_replica()}; }
  /// All others: a replica that hears everything and that nobody hears knows most.
  std::vector<std::uint32_t> but(const std::vector<std::uint32_t>& one) const {
    std::vector<std::uint32_t> others;
    for (std::uint32_t id = 0; id < scenario_.world.n; ++id) {
      if (id != one.front()) others.push_back(id);
    }
    return others;
  }

  void draw_fault() {
    const Duration at = until(over_);
    const Duration lasts = std::min(until(milliseconds(800)), over_ - at + Duration{1});
    const std::vector<std::uint32_t> one = {any_replica()};
    switch (rng_.below(9)) {
      case 0: return add(at, lasts, one, CrashFault{one_in(2) ? Crash::kPower : Crash::kProcess});
      case 1: return add(at, lasts, one, PauseFault{});
      case 2: return add(at, lasts, one, SlowDiskFault{2 + up_to(30)});
      case 3:
        return add(at, lasts, one, DriftFault{static_cast<std::int64_t>(up_to(400'000)) - 200'000});
      case 4: return add(at, lasts, {}, PartitionFault{{one, {any_replica()}}});
      case 5:
        return add(at, lasts, {}, CutFault{one, one_in(2) && f() > 0 ? but(one) : one_of_all()});
      case 6: {
        CrashPlan plan;
        plan.every_writes = 1 + up_to(20);
        plan.before = one_in(2);
        plan.after = !plan.before || one_in(2);
        plan.down = until(milliseconds(200));
        return add(at, lasts, one, WriteCrashFault{plan});
      }
      case 7: {
        const LeaderBlockPlan plan{1 + up_to(f()),
                                   one_in(2) ? Duration{0} : until(milliseconds(20))};
        return add(at, lasts, {}, LeaderBlockFault{plan});
      }
      default: return add(at, lasts, {}, MessageFault{draw_rule()});
    }
  }

  WireRule draw_rule() {
    static constexpr std::string_view kKinds[] = {"proposal", "vote", "timeout", "certificate",
                                                  "branch"};
    WireRule rule;
    if (one_in(2)) rule.from = {any_replica()};
    if (one_in(2)) rule.to = {any_replica()};
    rule.kind = kKinds[rng_.below(std::size(kKinds))];
    rule.share = permille(100 + rng_.below(901));
    if (one_in(2)) rule.delay = until(milliseconds(150));
    return rule;
  }

  /// In half of all scenarios some places strike, rarely or often, until all heals.
  void draw_buggify() {
    if (one_in(2)) return;
    static constexpr std::uint32_t kPermille[] = {10, 50, 250};
    BuggifyOptions& buggify = scenario_.world.buggify;
    buggify.until = over_;
    for (const PlaceInfo& info : places()) {
      if (one_in(4)) buggify.chances[info.place] = permille(kPermille[rng_.below(3)]);
    }
  }

  const DrawOptions& options_;
  Random rng_;
  Scenario scenario_;
  Duration over_{0};  ///< When the safety phase ends.
  std::uint32_t byzantine_ = 0;
};

}  // namespace

Scenario draw_scenario(const DrawOptions& options, std::uint64_t seed) {
  return Draw(options, seed).make();
}

}  // namespace waggle::sim
