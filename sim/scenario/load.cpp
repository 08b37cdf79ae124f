#include <algorithm>
#include <set>

#include "sim/scenario/loading.hpp"
#include "sim/world/cores.hpp"
#include "sim/world/planted.hpp"
#include "smr/config/document.hpp"
#include "smr/config/nearest.hpp"

namespace waggle::sim {
namespace {

using config::Section;

constexpr std::int64_t kReplicasMax = 256;

void load_planted_bugs(const Section& section, WorldOptions& world) {
  std::vector<std::string_view> names;
  for (const PlantedBug& bug : planted_bugs()) names.push_back(bug.name);
  const config::Value* listed = section.find("without");
  if (listed == nullptr) return;
  for (const std::string& name : texts_of(section, "without", *listed)) {
    if (const PlantedBug* bug = find_planted_bug(name)) {
      plant(*bug, world);
      continue;
    }
    const std::string_view close = config::nearest(name, names);
    section.fail("without",
                 "\"" + name + "\" is no planted bug" +
                     (close.empty() ? "" : "; did you mean \"" + std::string(close) + "\"?"));
  }
}

void load_world(const Section& root, Scenario& scenario) {
  const Section section = root.optional_section(
      "world", {"n", "twins", "core", "seed", "duration", "signatures", "depth", "payload_max",
                "execution", "forwards_lost", "leaders", "without"});
  const Fields fields(section);
  WorldOptions& world = scenario.world;
  world.n = fields.count<std::uint32_t>("n", {1, kReplicasMax}, world.n);
  world.twins = fields.replicas("twins", world.n);
  if (std::set<std::uint32_t>(world.twins.begin(), world.twins.end()).size() !=
      world.twins.size()) {
    section.fail("twins", "a replica has one twin at most");
  }
  std::vector<std::string_view> cores(core_names().begin(), core_names().end());
  cores.push_back(kMedianCore);
  world.core = section.word("core", cores, world.core);
  world.seed = fields.count<std::uint64_t>("seed", {}, world.seed);
  world.depth_max = fields.count<std::uint32_t>("depth", {1, 1 << 20}, world.depth_max);
  const bool symbolic =
      section.word("signatures", {"symbolic", "ed25519"}, "symbolic") == "symbolic";
  world.signatures = symbolic ? Signatures::kSymbolic : Signatures::kEd25519;
  const std::uint64_t payload = fields.bytes("payload_max", world.limits.payload_bytes_max);
  if (payload < world.limits.request_bytes_max || payload > 64 << 20) {
    section.fail("payload_max", "must hold a request of 256KiB and be at most 64MiB");
  }
  world.limits.payload_bytes_max = static_cast<std::uint32_t>(payload);
  world.execution = fields.latency("execution", world.execution);
  world.forwards_lost = section.flag("forwards_lost", false);
  world.leaders = fields.replicas("leaders", world.n);
  load_planted_bugs(section, world);
  scenario.duration = fields.duration("duration", scenario.duration);
}

void load_median(const Section& root, WorldOptions& world) {
  const Section section =
      root.optional_section("median", {"round", "window", "age", "requests", "replies"});
  const Fields fields(section);
  MedianOptions& median = world.median;
  constexpr config::Range kCount{1, 1'000'000};
  median.round = fields.duration("round", median.round);
  if (fields.has("round") && median.round < std::chrono::milliseconds(1)) {
    section.fail("round", "must be at least 1ms");
  }
  median.window = fields.count<std::uint32_t>("window", kCount, median.window);
  median.age = fields.count<std::uint32_t>("age", kCount, median.age);
  median.requests = fields.count<std::uint32_t>("requests", kCount, median.requests);
  median.replies = fields.count<std::uint32_t>("replies", kCount, median.replies);
  if (!is_median(world.core)) {
    if (root.has("median")) root.fail("median", "is of core = \"median\" only");
    return;
  }
  const auto checked = median::check(parameters_of(world));
  if (!checked) section.fail("replies", checked.error().message);
}

/// What only chained cores have.
void check_median(const Section& root, const Scenario& scenario) {
  const WorldOptions& world = scenario.world;
  if (!is_median(world.core)) return;
  const auto refuse = [&](bool used, std::string_view section, std::string_view what) {
    if (used) root.fail(section, std::string(what) + ": not of core = \"median\"");
  };
  refuse(!world.twins.empty() || !world.leaders.empty() || !world.without.empty() ||
             world.forwards_lost || world.depth_max > 0,
         "world", "twins, leaders, without, forwards_lost and depth");
  refuse(!world.buggify.chances.empty(), "buggify", "places that strike");
  refuse(!scenario.adversaries.empty(), "adversary", "strategies of replicas that lie");
  for (const FaultSpec& fault : scenario.faults) {
    refuse(std::holds_alternative<LeaderBlockFault>(fault.what), "fault", "leaders");
  }
}

void load_pacemaker(const Section& root, chained::PacemakerConfig& pacemaker) {
  const Section section = root.optional_section(
      "pacemaker", {"view_timeout", "grace", "unreachable_timeout", "per_suffix_block",
                    "timeout_max", "heartbeat", "fetch_retry", "rejoin_retry"});
  const Fields fields(section);
  const auto span = [&](std::string_view key, Duration& value) {
    value = fields.duration(key, value);
    if (value <= Duration{0}) section.fail(key, "must be more than nothing");
  };
  span("view_timeout", pacemaker.view_timeout);
  span("grace", pacemaker.grace);
  span("unreachable_timeout", pacemaker.unreachable_timeout);
  pacemaker.per_suffix_block = fields.duration("per_suffix_block", pacemaker.per_suffix_block);
  span("timeout_max", pacemaker.timeout_max);
  span("heartbeat", pacemaker.heartbeat);
  span("fetch_retry", pacemaker.fetch_retry);
  span("rejoin_retry", pacemaker.rejoin_retry);
}

void load_machine(const Section& root, WorldOptions& world) {
  const Section disk =
      root.optional_section("disk", {"write", "sync", "read", "bandwidth", "blocks_kept"});
  const Fields on_disk(disk);
  world.disk.write = on_disk.latency("write", world.disk.write);
  world.disk.sync = on_disk.latency("sync", world.disk.sync);
  world.disk.read = on_disk.latency("read", world.disk.read);
  world.disk.bytes_per_second = on_disk.rate("bandwidth", world.disk.bytes_per_second);
  world.disk.blocks_kept = on_disk.count<std::uint64_t>("blocks_kept", {0, 1'000'000'000}, 0);
  if (world.disk.blocks_kept > 0 && world.disk.blocks_kept < 2048) {
    disk.fail("blocks_kept", "must be 0 (all) or at least 2048");
  }
  const Section clock = root.optional_section("clock", {"drift", "skew"});
  const Fields by_clock(clock);
  world.clock.drift_max = by_clock.share("drift", world.clock.drift_max);
  world.clock.skew_max = by_clock.duration("skew", world.clock.skew_max);
  if (world.clock.drift_max > permille(900)) clock.fail("drift", "must be at most 90%");
}

void load_buggify(const Section& root, Scenario& scenario) {
  std::vector<std::string_view> keys = {"until"};
  for (const PlaceInfo& info : places()) keys.push_back(info.name);
  const Section section = root.optional_section("buggify", keys);
  const Fields fields(section);
  BuggifyOptions& buggify = scenario.world.buggify;
  for (const PlaceInfo& info : places()) {
    const Share chance = fields.share(info.name, Share{});
    if (chance.ppm > 0) buggify.chances[info.place] = chance;
  }
  buggify.until = fields.duration("until", scenario.duration);
}

void load_workload(const Section& root, Scenario& scenario) {
  const Section section = root.optional_section(
      "workload", {"clients", "commands", "in_flight", "batch", "think", "retry", "padding", "keys",
                   "get", "put", "delete", "cas", "increment"});
  const Fields fields(section);
  ClientPlan& plan = scenario.plan;
  constexpr config::Range kWeight{0, 1000};
  scenario.clients = fields.count<std::uint32_t>("clients", {0, 10'000}, scenario.clients);
  plan.commands = fields.count<std::uint32_t>("commands", {0, 1'000'000'000}, plan.commands);
  if (section.has("commands") && plan.commands == 0) plan.commands = ClientPlan::kEndless;
  plan.in_flight_max = fields.count<std::uint32_t>("in_flight", {1, 256}, plan.in_flight_max);
  plan.batch_max = fields.count<std::uint32_t>("batch", {1, 256}, plan.batch_max);
  plan.think_max = std::max(fields.duration("think", plan.think_max), Duration{1});
  plan.retry = fields.duration("retry", plan.retry);
  plan.padding = static_cast<std::uint32_t>(fields.bytes("padding", plan.padding));
  if (plan.padding > 60 << 10) section.fail("padding", "must be at most 60KiB");
  plan.keys = fields.count<std::uint32_t>("keys", {0, 1'000'000}, plan.keys);
  plan.mix.get = fields.count("get", kWeight, plan.mix.get);
  plan.mix.put = fields.count("put", kWeight, plan.mix.put);
  plan.mix.erase = fields.count("delete", kWeight, plan.mix.erase);
  plan.mix.cas = fields.count("cas", kWeight, plan.mix.cas);
  plan.mix.increment = fields.count("increment", kWeight, plan.mix.increment);
  const Mix& mix = plan.mix;
  if (mix.get + mix.put + mix.erase + mix.cas + mix.increment == 0) {
    section.fail("put", "one of the weights must be more than nothing");
  }
}

void load_expectation(const Section& root, Scenario& scenario) {
  const Section section = root.optional_section(
      "expect", {"verdict", "property", "bound", "silence", "honest_leaders_after", "committed_min",
                 "suspended_max", "stops"});
  const Fields fields(section);
  Expectation& expect = scenario.expect;
  const std::string verdict = section.word("verdict", {"ok", "violation", "stalled"}, "ok");
  if (verdict == "violation") expect.verdict = Verdict::kViolation;
  if (verdict == "stalled") expect.verdict = Verdict::kStalled;
  expect.property = section.text("property", "");
  expect.bound = fields.count<std::uint32_t>("bound", {1, 1'000'000}, expect.bound);
  expect.silence = section.flag("silence", expect.silence);
  expect.honest_leaders_after = fields.optional_duration("honest_leaders_after");
  expect.committed_min = fields.count<std::uint64_t>("committed_min", {}, 0);
  if (fields.has("suspended_max")) {
    expect.suspended_max = fields.count<std::uint64_t>("suspended_max", {}, 0);
  }
  expect.stops = fields.replicas("stops", scenario.world.n);
}

void check_duration(const Section& root, const Scenario& scenario) {
  Duration last = scenario.world.network.gst;
  if (!scenario.world.buggify.chances.empty()) {
    last = std::max(last, scenario.world.buggify.until);
  }
  for (const FaultSpec& fault : scenario.faults) {
    last = std::max(last, fault.at + fault.lasts.value_or(Duration{0}));
  }
  for (const AdversarySpec& adversary : scenario.adversaries) {
    last = std::max(last, adversary.until.value_or(adversary.from));
  }
  if (last <= scenario.duration) return;
  root.fail("world", "duration is over at " + std::to_string(scenario.duration.count() / 1000) +
                         "ms, before the last fault or GST at " +
                         std::to_string(last.count() / 1000) + "ms");
}

/// "sim/scenarios/crash.toml" is called crash.
std::string name_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  std::string name = slash == std::string::npos ? file : file.substr(slash + 1);
  if (name.ends_with(".toml")) name.resize(name.size() - 5);
  return name;
}

}  // namespace

std::string_view to_string(Verdict verdict) noexcept {
  if (verdict == Verdict::kOk) return "ok";
  return verdict == Verdict::kViolation ? "violation" : "stalled";
}

config::Loaded<Scenario> parse_scenario(std::string_view text, const std::string& file,
                                        const std::vector<Override>& overrides) {
  auto table = config::parse_toml(text, file);
  if (!table) return Unexpected{table.error()};
  config::Diagnosis diagnosis(file);
  apply_overrides(*table, overrides, diagnosis);
  const Section root(*table, "",
                     {"name", "world", "median", "pacemaker", "network", "disk", "clock", "buggify",
                      "fault", "adversary", "workload", "expect"},
                     diagnosis);
  Scenario scenario;
  scenario.name = root.text("name", name_of(file));
  load_world(root, scenario);
  load_median(root, scenario.world);
  load_pacemaker(root, scenario.world.pacemaker);
  load_machine(root, scenario.world);
  load_buggify(root, scenario);
  const std::uint32_t addresses = addresses_of(scenario.world);
  scenario.world.network = load_network(root, addresses);
  scenario.faults = load_faults(root, addresses, diagnosis);
  scenario.adversaries = load_adversaries(root, addresses, diagnosis);
  check_duration(root, scenario);
  check_median(root, scenario);
  load_workload(root, scenario);
  load_expectation(root, scenario);
  return diagnosis.finish(std::move(scenario));
}

config::Loaded<Scenario> load_scenario(const std::string& file,
                                       const std::vector<Override>& overrides) {
  const auto text = config::read_file(file);
  if (!text) return Unexpected{text.error()};
  return parse_scenario(*text, file, overrides);
}

}  // namespace waggle::sim
