// Faults that overlap, and what is and is not held against replicas when all is over.
#include <gtest/gtest.h>

#include "sim/explore/trial.hpp"
#include "sim/world/planted.hpp"

namespace waggle::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// When one replica started.
class Starts final : public EventSink {
 public:
  explicit Starts(std::uint32_t replica) : replica_(replica) {}
  void write(Duration at, const Event& event) override {
    if (event.kind == EventKind::kStart && event.replica == replica_) starts.push_back(at);
  }
  std::vector<Duration> starts;

 private:
  const std::uint32_t replica_;
};

TEST(Faults, WhatOneFaultKeepsDownNoOtherOneRestarts) {
  constexpr std::string_view kText = R"toml(
[world]
duration = "4s"
[[fault]]
kind = "crash"
replicas = [1]
at = "100ms"
for = "2s"
[[fault]]
kind = "crash"
replicas = [1]
at = "300ms"
for = "300ms"
[[fault]]
kind = "random"
for = "1s"
gap = "20ms"
down = "20ms"
crashes = 8
blackouts = 2
[workload]
commands = 0
)toml";
  const auto scenario = parse_scenario(kText, "a.toml", {});
  ASSERT_TRUE(scenario) << scenario.error().to_string();
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Scenario one = *scenario;
    one.world.seed = seed;
    Starts sink(1);
    EXPECT_EQ(run_scenario(one, &sink).verdict, Verdict::kOk);
    for (const Duration at : sink.starts) {
      EXPECT_TRUE(at < milliseconds(100) || at >= milliseconds(2100)) << told(at);
    }
    EXPECT_GE(sink.starts.back(), milliseconds(2100));
  }
}

TEST(Faults, ALeaderThatProposesWithoutAReasonIsHeard) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    Scenario scenario;
    scenario.world.seed = seed;
    if (seed > 3) {
      const AdversaryKind* liar = find_adversary("double_votes");
      scenario.adversaries.push_back(
          {.replicas = {2}, .kind = liar, .parameters = defaults_of(*liar)});
    }
    plant(*find_planted_bug("babble"), scenario.world);
    const Trial trial = run_apart(scenario);
    EXPECT_EQ(trial.verdict, Verdict::kViolation) << seed;
    EXPECT_EQ(trial.property, "silence") << seed << ": " << trial.detail;
  }
}

}  // namespace
}  // namespace waggle::sim
