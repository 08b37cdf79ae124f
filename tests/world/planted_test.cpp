// Every planted bug has a scenario that shows it, and without the bug the same scenario holds.
#include "sim/world/planted.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/explore/shrink.hpp"
#include "sim/scenario/write.hpp"

namespace waggle::sim {
namespace {

std::string file_of(std::string_view bug) {
  return WAGGLE_SOURCE_DIR "/sim/scenarios/planted/" + std::string(bug) + ".toml";
}

Scenario load(std::string_view bug) {
  const auto scenario = load_scenario(file_of(bug), {});
  EXPECT_TRUE(scenario) << scenario.error().to_string();
  return *scenario;
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const PlantedBug& bug : planted_bugs()) all.emplace_back(bug.name);
  return all;
}

class Planted : public ::testing::TestWithParam<std::string> {};

TEST_P(Planted, IsShownByItsScenario) {
  const Scenario scenario = load(GetParam());
  EXPECT_EQ(scenario.world.without, std::vector<std::string>{GetParam()});
  EXPECT_EQ(scenario.world.core, find_planted_bug(GetParam())->core);
  const Trial trial = run_apart(scenario);
  EXPECT_EQ(to_string(trial.verdict), to_string(scenario.expect.verdict)) << trial.detail;
  if (!scenario.expect.property.empty()) {
    EXPECT_EQ(trial.property, scenario.expect.property);
  }
  EXPECT_NE(trial.verdict, Verdict::kOk);
  EXPECT_EQ(run_apart(scenario).digest, trial.digest);
}

TEST_P(Planted, HoldsWithTheGuard) {
  Scenario scenario = load(GetParam());
  unplant(scenario.world);
  const Trial trial = run_apart(scenario);
  EXPECT_EQ(trial.verdict, Verdict::kOk) << trial.property << ": " << trial.detail;
  EXPECT_GE(trial.committed, 1U);
}

TEST_P(Planted, IsWrittenAndReadBackAsItWas) {
  const Scenario scenario = load(GetParam());
  const std::string text = write_scenario(scenario, "");
  const auto again = parse_scenario(text, "again.toml", {});
  ASSERT_TRUE(again) << again.error().to_string() << '\n' << text;
  EXPECT_EQ(write_scenario(*again, ""), text);
  EXPECT_EQ(run_apart(*again).digest, run_apart(scenario).digest) << text;
}

INSTANTIATE_TEST_SUITE_P(Bugs, Planted, ::testing::ValuesIn(names()),
                         [](const auto& bug) { return bug.param; });

TEST(PlantedScenarios, EachIsOfABug) {
  for (const auto& entry :
       std::filesystem::directory_iterator(WAGGLE_SOURCE_DIR "/sim/scenarios/planted")) {
    EXPECT_NE(find_planted_bug(entry.path().stem().string()), nullptr) << entry.path();
  }
}

/// The script among noise: more load, a worse network, faults that have nothing to do with it.
Scenario inflated(std::string_view bug) {
  Scenario scenario = load(bug);
  scenario.clients = 3;
  scenario.plan.commands = 20;
  scenario.plan.in_flight_max = 4;
  scenario.world.pacemaker.heartbeat = std::chrono::milliseconds(30);
  const Duration at = std::chrono::milliseconds(2);
  scenario.faults.push_back({at, std::nullopt, {0}, SlowDiskFault{4}});
  scenario.faults.push_back({at, std::nullopt, {1}, DriftFault{3000}});
  return scenario;
}

TEST(Shrink, ScriptsAmongNoiseBecomeSmallAgain) {
  for (const char* bug : {"two_votes", "lower_tip", "votes_not_persisted"}) {
    const Scenario large = inflated(bug);
    const Trial before = run_apart(large);
    ASSERT_NE(before.verdict, Verdict::kOk) << bug;
    const Shrunk small = shrink(large, {.tries_max = 1500}, nullptr);
    EXPECT_EQ(small.trial.property, before.property) << bug;
    EXPECT_LE(small.trial.events, 2 * run_apart(load(bug)).events) << bug;
    EXPECT_LE(small.tried, 1500U);
    const auto again = parse_scenario(write_scenario(small.scenario, ""), "small.toml", {});
    ASSERT_TRUE(again) << again.error().to_string();
    EXPECT_EQ(run_apart(*again).digest, small.trial.digest) << "and it repeats";
  }
}

TEST(Shrink, AStallThatIsNotTheBugsDoesNotCount) {
  const Shrunk small = shrink(load("no_join"), {.tries_max = 300}, nullptr);
  Scenario guarded = small.scenario;
  unplant(guarded.world);
  EXPECT_EQ(small.trial.verdict, Verdict::kStalled);
  EXPECT_EQ(run_apart(guarded).verdict, Verdict::kOk);
}

TEST(Shrink, WhatHoldsIsLeftAlone) {
  Scenario scenario = load("two_votes");
  unplant(scenario.world);
  const Shrunk same = shrink(scenario, {}, nullptr);
  EXPECT_EQ(same.trial.verdict, Verdict::kOk);
  EXPECT_EQ(same.tried, 0U);
}

}  // namespace
}  // namespace waggle::sim
