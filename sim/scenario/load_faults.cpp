#include <algorithm>

#include "sim/scenario/entries.hpp"
#include "sim/scenario/loading.hpp"

namespace waggle::sim {
namespace {

using config::Section;
using config::Value;
using What = decltype(FaultSpec::what);

/// A kind of fault: the keys that it has besides those of all, and how they are read.
struct FaultKind {
  std::string_view name;
  std::vector<std::string_view> keys;
  What (*load)(const Fields& fields, std::uint32_t n);
};

Groups load_groups(const Section& section, std::string_view key, std::uint32_t n) {
  Groups found;
  const Value* groups = section.find(key);
  const auto* items = groups == nullptr ? nullptr : std::get_if<std::vector<Value>>(&groups->data);
  for (std::size_t g = 0; items != nullptr && g < items->size(); ++g) {
    std::vector<std::uint32_t> group;
    const auto* ids = std::get_if<std::vector<Value>>(&(*items)[g].data);
    for (std::size_t i = 0; ids != nullptr && i < ids->size(); ++i) {
      const auto* id = std::get_if<std::int64_t>(&(*ids)[i].data);
      if (id != nullptr && *id >= 0 && *id < n) group.push_back(static_cast<std::uint32_t>(*id));
    }
    if (ids == nullptr || group.size() != ids->size()) break;
    found.push_back(std::move(group));
  }
  if (items == nullptr || found.empty() || found.size() != items->size()) {
    section.fail(key, "must be a list of groups of replicas, such as [[0, 1], [2, 3]]");
  }
  return found;
}

What load_partition(const Fields& fields, std::uint32_t n) {
  return PartitionFault{load_groups(fields.section(), "groups", n)};
}

What load_cut(const Fields& fields, std::uint32_t n) {
  return CutFault{fields.some_replicas("from", n), fields.some_replicas("to", n)};
}

/// Kinds of messages, as traces show them.
const std::vector<std::string_view> kMessageKinds = {
    "proposal", "vote", "timeout", "certificate", "heartbeat", "branch_request", "branch",
    "rejoin_challenge", "rejoin_report", "forward", "report",
    // Of the median rule.
    "log_request", "log_reply", "append", "pre_head", "pre_request", "signed_pre", "commit",
    "content_request", "contents", "final_request", "final_reply", "state_request", "state_chunk"};

WireRule load_rule(const Fields& fields, std::uint32_t n) {
  const Section& section = fields.section();
  WireRule rule;
  rule.from = fields.replicas("from", n);
  rule.to = fields.replicas("to", n);
  if (fields.has("message")) rule.kind = section.word("message", kMessageKinds);
  const auto views = section.integers<std::uint64_t>("views", {});
  if (views.size() == 2 && views[0] <= views[1]) {
    rule.view_min = View{views[0]};
    rule.view_max = View{views[1]};
  } else if (fields.has("views")) {
    section.fail("views", "must be the first and the last view, such as [3, 5]");
  }
  rule.share = fields.share("share", rule.share);
  if (fields.has("between")) rule.between = load_groups(section, "between", n);
  rule.hold = fields.optional_duration("hold");
  return rule;
}

What load_drop(const Fields& fields, std::uint32_t n) { return MessageFault{load_rule(fields, n)}; }

What load_delay(const Fields& fields, std::uint32_t n) {
  WireRule rule = load_rule(fields, n);
  rule.delay = fields.duration("by", std::chrono::milliseconds(10));
  return MessageFault{std::move(rule)};
}

What load_clock(const Fields& fields, std::uint32_t) {
  if (fields.has("fast") == fields.has("slow")) {
    fields.section().fail("fast", "name either fast or slow, such as fast = \"5%\"");
  }
  const auto ppm = [&fields](std::string_view key) {
    return std::int64_t{fields.share(key, Share{0}).ppm};
  };
  return DriftFault{ppm("slow") - ppm("fast")};
}

What load_write_crash(const Fields& fields, std::uint32_t) {
  CrashPlan plan;
  plan.every_writes = fields.count<std::uint32_t>("every_writes", {1, 1'000'000}, 1);
  const std::string where = fields.section().word("where", {"before", "after", "both"}, "both");
  plan.before = where != "after";
  plan.after = where != "before";
  plan.down = fields.duration("down", plan.down);
  return WriteCrashFault{plan};
}

What load_random(const Fields& fields, std::uint32_t) {
  NemesisPlan plan;
  const auto weight = [&fields](std::string_view key, std::uint32_t fallback) {
    return fields.count<std::uint32_t>(key, {0, 1000}, fallback);
  };
  plan.gap_max = fields.duration("gap", plan.gap_max);
  plan.down_max = fields.duration("down", plan.down_max);
  plan.partition = weight("partitions", plan.partition);
  plan.one_way_cut = weight("cuts", plan.one_way_cut);
  plan.heal = weight("healings", plan.heal);
  plan.crash = weight("crashes", plan.crash);
  plan.crash_all = weight("blackouts", plan.crash_all);
  plan.lost_disk = weight("lost_disks", plan.lost_disk);
  if (plan.gap_max < std::chrono::milliseconds(2) || plan.down_max < std::chrono::milliseconds(1)) {
    fields.section().fail("gap", "gap must be at least 2ms and down at least 1ms");
  }
  return RandomFault{plan};
}

What load_leader_block(const Fields& fields, std::uint32_t n) {
  LeaderBlockPlan plan;
  plan.count = fields.count<std::uint32_t>("count", {1, n}, plan.count);
  plan.reaction = fields.duration("reaction", plan.reaction);
  return LeaderBlockFault{plan};
}

template <class Fault>
What load_plain(const Fields&, std::uint32_t) {
  return Fault{};
}

What load_kill(const Fields&, std::uint32_t) { return CrashFault{Crash::kProcess}; }

What load_rot(const Fields& fields, std::uint32_t) {
  return RotFault{fields.count<std::uint32_t>("records", {1, 1'000'000}, 1)};
}

What load_slow_disk(const Fields& fields, std::uint32_t) {
  return SlowDiskFault{fields.count<std::uint32_t>("factor", {1, 100'000}, 10)};
}

const std::vector<FaultKind>& fault_kinds() {
  static const std::vector<FaultKind> kinds = {
      {"crash", {"replicas"}, load_plain<CrashFault>},
      {"kill", {"replicas"}, load_kill},
      {"pause", {"replicas"}, load_plain<PauseFault>},
      {"lost_disk", {"replicas"}, load_plain<LostDiskFault>},
      {"partition", {"groups"}, load_partition},
      {"cut", {"from", "to"}, load_cut},
      {"drop", {"from", "to", "message", "views", "share", "between", "hold"}, load_drop},
      {"delay", {"from", "to", "message", "views", "share", "between", "hold", "by"}, load_delay},
      {"rot", {"replicas", "records"}, load_rot},
      {"full_disk", {"replicas"}, load_plain<FullDiskFault>},
      {"failing_disk", {"replicas"}, load_plain<FailingDiskFault>},
      {"slow_disk", {"replicas", "factor"}, load_slow_disk},
      {"clock", {"replicas", "fast", "slow"}, load_clock},
      {"crash_at_writes", {"replicas", "every_writes", "where", "down"}, load_write_crash},
      {"random",
       {"gap", "down", "partitions", "cuts", "healings", "crashes", "blackouts", "lost_disks"},
       load_random},
      {"block_leaders", {"count", "reaction"}, load_leader_block},
  };
  return kinds;
}

const std::vector<std::string_view>& keys_of(const FaultKind& kind) { return kind.keys; }

std::int64_t load_parameter(const Fields& fields, const ParameterKind& parameter) {
  using enum ParameterKind::Unit;
  const std::string_view name = parameter.name;
  const std::int64_t fallback = parameter.fallback;
  std::int64_t value = 0;
  if (parameter.unit == kDuration) {
    value = fields.duration(name, Duration{fallback}).count();
  } else if (parameter.unit == kShare) {
    value = fields.share(name, Share{static_cast<std::uint32_t>(fallback)}).ppm;
  } else if (parameter.unit == kWord) {
    const auto& words = parameter.words;
    const std::string standard(words.at(static_cast<std::size_t>(fallback)));
    const std::string chosen = fields.section().word(std::string(name), words, standard);
    return std::find(words.begin(), words.end(), chosen) - words.begin();
  } else {
    return fields.count<std::int64_t>(name, {parameter.min, parameter.max}, fallback);
  }
  if (value < parameter.min || value > parameter.max) {
    fields.section().fail(name, "is out of range");
  }
  return value;
}

}  // namespace

std::vector<std::string_view> keys_of(const AdversaryKind& kind) {
  std::vector<std::string_view> keys;
  for (const ParameterKind& parameter : kind.parameters) keys.push_back(parameter.name);
  if (kind.has_plan) keys.emplace_back("plan");
  return keys;
}

std::vector<FaultSpec> load_faults(const Section& root, std::uint32_t n,
                                   config::Diagnosis& diagnosis) {
  std::vector<FaultSpec> faults;
  for_each_entry(root, "", "fault", "kind", fault_kinds(), {"at", "for", "every", "times"},
                 diagnosis, [&](const FaultKind& kind, const Section& section, const std::string&) {
                   const Fields fields(section);
                   FaultSpec fault;
                   fault.at = fields.duration("at", Duration{0});
                   fault.lasts = fields.optional_duration("for");
                   fault.what = kind.load(fields, n);
                   const auto& keys = kind.keys;
                   if (std::find(keys.begin(), keys.end(), "replicas") != keys.end()) {
                     fault.replicas = fields.some_replicas("replicas", n);
                   }
                   const Duration every = fields.duration("every", Duration{0});
                   const auto times = fields.count<std::uint32_t>("times", {1, 100'000}, 1);
                   const bool needs_end = std::holds_alternative<RandomFault>(fault.what);
                   if (needs_end && !fault.lasts)
                     section.fail("for", "missing: random faults must end");
                   if (fields.has("every") != fields.has("times")) {
                     section.fail(fields.has("every") ? "times" : "every",
                                  "every and times go together");
                   }
                   for (std::uint32_t i = 0; i < times; ++i) {
                     faults.push_back(fault);
                     fault.at += every;
                   }
                 });
  return faults;
}

std::vector<AdversarySpec> load_adversaries(const Section& root, std::uint32_t n,
                                            config::Diagnosis& diagnosis) {
  std::vector<AdversarySpec> adversaries;
  for_each_entry(
      root, "", "adversary", "strategy", adversary_kinds(), {"replicas", "from", "until"},
      diagnosis, [&](const AdversaryKind& kind, const Section& section, const std::string& name) {
        const Fields fields(section);
        AdversarySpec adversary;
        adversary.kind = &kind;
        adversary.replicas = fields.some_replicas("replicas", n);
        adversary.from = fields.duration("from", Duration{0});
        adversary.until = fields.optional_duration("until");
        for (const ParameterKind& parameter : kind.parameters) {
          adversary.parameters[std::string(parameter.name)] = load_parameter(fields, parameter);
        }
        if (kind.has_plan) adversary.plan = load_plan(section, name, n, diagnosis);
        adversaries.push_back(std::move(adversary));
      });
  return adversaries;
}

}  // namespace waggle::sim
