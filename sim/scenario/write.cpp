#include "sim/scenario/write.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "sim/base/overloaded.hpp"
#include "sim/scenario/toml_writer.hpp"
#include "sim/scenario/writing.hpp"

namespace waggle::sim {
namespace {

void write_world(TomlWriter& out, const Scenario& scenario) {
  const WorldOptions& world = scenario.world;
  const WorldOptions usual;
  out.begin("[world]");
  out.always("n", world.n);
  out.value("twins", world.twins, usual.twins);
  out.always("core", world.core);
  out.always("seed", world.seed);
  out.always("duration", scenario.duration);
  if (world.signatures == Signatures::kEd25519) out.always("signatures", std::string("ed25519"));
  out.value("depth", world.depth_max, usual.depth_max);
  if (world.limits.payload_bytes_max != usual.limits.payload_bytes_max) {
    out.raw("payload_max", fmt::format("\"{}B\"", world.limits.payload_bytes_max));
  }
  out.value("execution", world.execution, usual.execution);
  const bool planted =
      std::find(world.without.begin(), world.without.end(), "no_forwarding") != world.without.end();
  if (!planted) out.value("forwards_lost", world.forwards_lost, usual.forwards_lost);
  out.value("leaders", world.leaders, usual.leaders);
  out.value("without", world.without, usual.without);
}

void write_median(TomlWriter& out, const MedianOptions& median) {
  const MedianOptions usual;
  out.begin("[median]");
  out.value("round", median.round, usual.round);
  out.value("window", median.window, usual.window);
  out.value("age", median.age, usual.age);
  out.value("requests", median.requests, usual.requests);
  out.value("replies", median.replies, usual.replies);
}

void write_pacemaker(TomlWriter& out, const chained::PacemakerConfig& pacemaker) {
  const chained::PacemakerConfig usual = default_pacemaker();
  out.begin("[pacemaker]");
  out.value("view_timeout", pacemaker.view_timeout, usual.view_timeout);
  out.value("grace", pacemaker.grace, usual.grace);
  out.value("unreachable_timeout", pacemaker.unreachable_timeout, usual.unreachable_timeout);
  out.value("per_suffix_block", pacemaker.per_suffix_block, usual.per_suffix_block);
  out.value("timeout_max", pacemaker.timeout_max, usual.timeout_max);
  out.value("heartbeat", pacemaker.heartbeat, usual.heartbeat);
  out.value("fetch_retry", pacemaker.fetch_retry, usual.fetch_retry);
  out.value("rejoin_retry", pacemaker.rejoin_retry, usual.rejoin_retry);
}

void write_quality(TomlWriter& out, const LinkQuality& quality, const LinkQuality& base) {
  out.value("latency", quality.latency, base.latency);
  out.value("loss", quality.lost, base.lost);
  out.value("duplication", quality.doubled, base.doubled);
  out.value("slow", quality.slow, base.slow);
  out.value("slow_factor", quality.slow_factor, base.slow_factor);
  out.value("fifo", quality.fifo, base.fifo);
  out.rate("bandwidth", quality.bytes_per_second, base.bytes_per_second);
  out.bytes("queue", quality.queue_bytes_max, base.queue_bytes_max);
}

void write_regions(TomlWriter& out, const Regions& regions) {
  if (regions.of_replica.empty()) return;
  out.begin("[network.regions]");
  const auto name = [](std::size_t region) { return fmt::format("\"region-{}\"", region); };
  std::string names;
  std::string rows;
  for (std::size_t from = 0; from < regions.delay.size(); ++from) {
    names += (from == 0 ? "" : ", ") + name(from);
    std::string row;
    for (const Duration delay : regions.delay[from]) {
      row += (row.empty() ? "\"" : ", \"") + to_text(delay) + "\"";
    }
    rows += (from == 0 ? "[" : ", [") + row + "]";
  }
  std::string homes;
  for (const std::uint32_t region : regions.of_replica) {
    homes += (homes.empty() ? "" : ", ") + name(region);
  }
  out.raw("names", "[" + names + "]");
  out.raw("delay", "[" + rows + "]");
  out.raw("replicas", "[" + homes + "]");
}

void write_network(TomlWriter& out, const NetworkOptions& network) {
  const NetworkOptions usual;
  out.begin("[network]");
  write_quality(out, network.quality, usual.quality);
  out.rate("uplink", network.uplink_bytes_per_second, usual.uplink_bytes_per_second);
  if (network.before_gst) out.always("gst", network.gst);
  if (network.before_gst) {
    out.begin("[network.before_gst]", true);
    write_quality(out, *network.before_gst, network.quality);
  }
  for (const NetworkOptions::Override& link : network.links) {
    out.begin("[[network.link]]", true);
    out.always("from", link.from);
    out.always("to", link.to);
    write_quality(out, link.quality, network.quality);
  }
  write_regions(out, network.regions);
}

void write_machine(TomlWriter& out, const WorldOptions& world) {
  const DiskOptions disk;
  out.begin("[disk]");
  out.value("write", world.disk.write, disk.write);
  out.value("sync", world.disk.sync, disk.sync);
  out.value("read", world.disk.read, disk.read);
  out.rate("bandwidth", world.disk.bytes_per_second, disk.bytes_per_second);
  out.value("blocks_kept", world.disk.blocks_kept, disk.blocks_kept);
  const ClockOptions clock;
  out.begin("[clock]");
  out.value("drift", world.clock.drift_max, clock.drift_max);
  out.value("skew", world.clock.skew_max, clock.skew_max);
}

void write_buggify(TomlWriter& out, const BuggifyOptions& buggify) {
  if (buggify.chances.empty()) return;
  out.begin("[buggify]");
  out.always("until", buggify.until);
  for (const PlaceInfo& info : places()) {
    const auto chance = buggify.chances.find(info.place);
    if (chance != buggify.chances.end()) out.always(info.name, chance->second);
  }
}

void write_groups(TomlWriter& out, std::string_view key, const Groups& groups) {
  std::string text;
  for (const auto& group : groups) {
    text += fmt::format("{}[{}]", text.empty() ? "" : ", ", fmt::join(group, ", "));
  }
  out.raw(key, "[" + text + "]");
}

void write_rule(TomlWriter& out, const WireRule& rule) {
  const WireRule usual;
  out.always("kind", std::string(rule.delay ? "delay" : "drop"));
  out.value("from", rule.from, usual.from);
  out.value("to", rule.to, usual.to);
  out.value("message", rule.kind, usual.kind);
  if (rule.view_min != usual.view_min || rule.view_max != usual.view_max) {
    out.raw("views", fmt::format("[{}, {}]", rule.view_min.value, rule.view_max.value));
  }
  out.value("share", rule.share, usual.share);
  if (rule.delay) out.always("by", *rule.delay);
  if (!rule.between.empty()) write_groups(out, "between", rule.between);
  if (rule.hold) out.always("hold", *rule.hold);
}

void write_random(TomlWriter& out, const NemesisPlan& plan) {
  const NemesisPlan usual;
  out.always("kind", std::string("random"));
  out.value("gap", plan.gap_max, usual.gap_max);
  out.value("down", plan.down_max, usual.down_max);
  out.value("partitions", plan.partition, usual.partition);
  out.value("cuts", plan.one_way_cut, usual.one_way_cut);
  out.value("healings", plan.heal, usual.heal);
  out.value("crashes", plan.crash, usual.crash);
  out.value("blackouts", plan.crash_all, usual.crash_all);
  out.value("lost_disks", plan.lost_disk, usual.lost_disk);
}

void write_fault(TomlWriter& out, const FaultSpec& spec) {
  out.begin("[[fault]]", true);
  out.always("at", spec.at);
  if (spec.lasts) out.always("for", *spec.lasts);
  const auto kind = [&out](const char* name) { out.always("kind", std::string(name)); };
  std::visit(
      Overloaded{
          [&](const CrashFault& fault) { kind(fault.how == Crash::kPower ? "crash" : "kill"); },
          [&](const PauseFault&) { kind("pause"); },
          [&](const LostDiskFault&) { kind("lost_disk"); },
          [&](const PartitionFault& fault) {
            kind("partition");
            write_groups(out, "groups", fault.groups);
          },
          [&](const CutFault& fault) {
            kind("cut");
            out.always("from", fault.from);
            out.always("to", fault.to);
          },
          [&](const MessageFault& fault) { write_rule(out, fault.rule); },
          [&](const RotFault& fault) {
            kind("rot");
            out.always("records", fault.records);
          },
          [&](const FullDiskFault&) { kind("full_disk"); },
          [&](const FailingDiskFault&) { kind("failing_disk"); },
          [&](const SlowDiskFault& fault) {
            kind("slow_disk");
            out.always("factor", fault.factor);
          },
          [&](const DriftFault& fault) {
            kind("clock");
            const auto ppm = static_cast<std::uint32_t>(std::abs(fault.ppm));
            out.always(fault.ppm < 0 ? "fast" : "slow", Share{ppm});
          },
          [&](const WriteCrashFault& fault) {
            kind("crash_at_writes");
            out.always("every_writes", fault.plan.every_writes);
            const bool both = fault.plan.before && fault.plan.after;
            out.always("where", std::string(both                ? "both"
                                            : fault.plan.before ? "before"
                                                                : "after"));
            out.always("down", fault.plan.down);
          },
          [&](const RandomFault& fault) { write_random(out, fault.plan); },
          [&](const LeaderBlockFault& fault) {
            kind("block_leaders");
            out.always("count", fault.plan.count);
            out.value("reaction", fault.plan.reaction, Duration{0});
          },
      },
      spec.what);
  if (!spec.replicas.empty()) out.always("replicas", spec.replicas);
}

void write_adversary(TomlWriter& out, const AdversarySpec& spec) {
  out.begin("[[adversary]]", true);
  out.always("replicas", spec.replicas);
  out.always("strategy", std::string(spec.kind->name));
  if (spec.from > Duration{0}) out.always("from", spec.from);
  if (spec.until) out.always("until", *spec.until);
  for (const ParameterKind& parameter : spec.kind->parameters) {
    const std::int64_t value = spec.parameters.find(parameter.name)->second;
    if (value == parameter.fallback) continue;
    if (parameter.unit == ParameterKind::Unit::kDuration) {
      out.always(parameter.name, Duration{value});
    } else if (parameter.unit == ParameterKind::Unit::kShare) {
      out.always(parameter.name, Share{static_cast<std::uint32_t>(value)});
    } else if (parameter.unit == ParameterKind::Unit::kWord) {
      out.always(parameter.name, std::string(parameter.words.at(static_cast<std::size_t>(value))));
    } else {
      out.always(parameter.name, value);
    }
  }
  write_plan(out, spec.plan);
}

void write_workload(TomlWriter& out, const Scenario& scenario) {
  const ClientPlan& plan = scenario.plan;
  const ClientPlan usual;
  out.begin("[workload]");
  out.always("clients", scenario.clients);
  out.always("commands", plan.commands == ClientPlan::kEndless ? 0 : plan.commands);
  out.value("in_flight", plan.in_flight_max, usual.in_flight_max);
  out.value("batch", plan.batch_max, usual.batch_max);
  out.value("think", plan.think_max, usual.think_max);
  out.value("retry", plan.retry, usual.retry);
  out.bytes("padding", plan.padding, usual.padding);
  out.value("keys", plan.keys, usual.keys);
  out.value("get", plan.mix.get, usual.mix.get);
  out.value("put", plan.mix.put, usual.mix.put);
  out.value("delete", plan.mix.erase, usual.mix.erase);
  out.value("cas", plan.mix.cas, usual.mix.cas);
  out.value("increment", plan.mix.increment, usual.mix.increment);
}

void write_expectation(TomlWriter& out, const Expectation& expect) {
  const Expectation usual;
  out.begin("[expect]");
  out.always("verdict", std::string(to_string(expect.verdict)));
  out.value("property", expect.property, usual.property);
  out.value("bound", expect.bound, usual.bound);
  out.value("silence", expect.silence, usual.silence);
  if (expect.honest_leaders_after) {
    out.always("honest_leaders_after", *expect.honest_leaders_after);
  }
  out.value("committed_min", expect.committed_min, usual.committed_min);
  if (expect.suspended_max) out.always("suspended_max", *expect.suspended_max);
  out.value("stops", expect.stops, usual.stops);
}

}  // namespace

std::string write_scenario(const Scenario& scenario, std::string_view comment) {
  TomlWriter out(comment);
  out.always("name", scenario.name);
  write_world(out, scenario);
  if (is_median(scenario.world.core)) write_median(out, scenario.world.median);
  write_pacemaker(out, scenario.world.pacemaker);
  write_network(out, scenario.world.network);
  write_machine(out, scenario.world);
  write_buggify(out, scenario.world.buggify);
  for (const FaultSpec& fault : scenario.faults) write_fault(out, fault);
  for (const AdversarySpec& adversary : scenario.adversaries) write_adversary(out, adversary);
  write_workload(out, scenario);
  write_expectation(out, scenario.expect);
  return out.take();
}

}  // namespace waggle::sim
