#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sim/adversary/adversary.hpp"
#include "sim/world/client.hpp"
#include "sim/world/leader_blocker.hpp"
#include "sim/world/nemesis.hpp"
#include "sim/world/options.hpp"
#include "smr/config/error.hpp"

/// A run, written down: docs/simulator.md has the schema of the files.
namespace waggle::sim {

// What a fault does. `replicas` are the addresses that it befalls.
struct CrashFault {
  Crash how = Crash::kPower;
};
struct PauseFault {};
/// Down, and the disk gone; it rejoins at the end of the fault.
struct LostDiskFault {};
/// Replicas of different groups do not reach each other; those in none are a group too.
struct PartitionFault {
  Groups groups;
};
/// One way.
struct CutFault {
  std::vector<std::uint32_t> from;
  std::vector<std::uint32_t> to;
};
struct MessageFault {
  WireRule rule;
};
/// Bits of this many records flip.
struct RotFault {
  std::uint32_t records = 1;
};
struct FullDiskFault {};
struct FailingDiskFault {};
struct SlowDiskFault {
  std::uint32_t factor = 10;
};
/// The clocks run this much slow; negative: fast.
struct DriftFault {
  std::int64_t ppm = 0;
};
struct WriteCrashFault {
  CrashPlan plan;
};
/// Faults drawn from the seed.
struct RandomFault {
  NemesisPlan plan;
};
/// Leaders to come are cut off.
struct LeaderBlockFault {
  LeaderBlockPlan plan;
};

struct FaultSpec {
  Duration at{0};
  std::optional<Duration> lasts;  ///< Nothing: until the end of the run.
  std::vector<std::uint32_t> replicas;
  std::variant<CrashFault, PauseFault, LostDiskFault, PartitionFault, CutFault, MessageFault,
               RotFault, FullDiskFault, FailingDiskFault, SlowDiskFault, DriftFault,
               WriteCrashFault, RandomFault, LeaderBlockFault>
      what;
};

struct AdversarySpec {
  std::vector<std::uint32_t> replicas;
  const AdversaryKind* kind = nullptr;
  Parameters parameters;
  Plan plan;  ///< Of a strategy that has one.
  Duration from{0};
  std::optional<Duration> until;
};

enum class Verdict : std::uint8_t {
  kOk,
  kViolation,
  kStalled,  ///< Nothing wrong but not live within the bound.
};
std::string_view to_string(Verdict verdict) noexcept;

/// What the author of a scenario expects. The verdict is compared by the tests; the rest is
/// checked in every run.
struct Expectation {
  Verdict verdict = Verdict::kOk;
  std::string property;  ///< Of the violation; empty: any.
  /// Commands are acknowledged within so many view timeouts after the last fault ended, or after
  /// they were submitted.
  std::uint32_t bound = 100;
  /// In the end replicas fall silent (4.9).
  bool silence = true;
  /// No block of an honest leader is left behind, from so long after healing on.
  std::optional<Duration> honest_leaders_after;
  std::uint64_t committed_min = 0;
  std::optional<std::uint64_t> suspended_max;  ///< Commits that 5.2 holds up.
  std::vector<std::uint32_t> stops;            ///< Replicas that must stop by themselves.
};

struct Scenario {
  std::string name;
  WorldOptions world;
  /// Faults and endless clients end at this time; the run ends when everything is settled.
  Duration duration = std::chrono::seconds(10);
  std::uint32_t clients = 2;
  ClientPlan plan;
  std::vector<FaultSpec> faults;
  std::vector<AdversarySpec> adversaries;
  Expectation expect;
};

/// "section.key" and a TOML value; what is no TOML value is taken as text.
using Override = std::pair<std::string, std::string>;

/// Reads a scenario file with some values replaced.
config::Loaded<Scenario> load_scenario(const std::string& file,
                                       const std::vector<Override>& overrides);
/// The same from text; `file` is the name that errors carry, and the scenario if it has none.
config::Loaded<Scenario> parse_scenario(std::string_view text, const std::string& file,
                                        const std::vector<Override>& overrides);

}  // namespace waggle::sim
