// Exploration of the median core in synchronous rounds: drawn runs hold, planted rules are found.
#include <set>

#include <gtest/gtest.h>

#include "sim/explore/shrink_rounds.hpp"
#include "sim/rounds/planted.hpp"
#include "tests/support/scaled.hpp"

namespace waggle::sim {
namespace {

using rounds::LogRun;

RoundsExploration explore_seeds(std::uint64_t count, const DrawRoundsOptions& draw = {}) {
  ExploreRoundsOptions options;
  options.draw = draw;
  options.last_seed = count;
  options.jobs = 2;
  options.stop_at_failure = !draw.without.empty();
  return explore_rounds(options, nullptr);
}

TEST(ExploreRounds, DrawnRunsHold) {
  const std::uint64_t runs = scaled(300);
  const RoundsExploration found = explore_seeds(runs, {.n_max = 80});
  EXPECT_EQ(found.runs, runs);
  for (const RoundsFailure& failure : found.failures) {
    ADD_FAILURE() << "seed " << failure.seed << ": " << failure.detail
                  << "\nreproduce: " << failure.command;
  }
  EXPECT_EQ(found.acknowledged, found.submitted);
  EXPECT_GT(found.certificates, 333 * runs);
  EXPECT_GT(found.restarts, 3 * runs);
  EXPECT_GE(found.covered.size(), 20u);
}

TEST(ExploreRounds, EqualSeedsDrawEqualRuns) {
  std::set<std::string> different;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const std::string once = command_of(draw_rounds({}, seed));
    EXPECT_EQ(once, command_of(draw_rounds({}, seed)));
    different.insert(once);
  }
  EXPECT_EQ(different.size(), 50u);
}

TEST(ExploreRounds, EveryStrategyForLogsIsDrawn) {
  std::string all;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) all += "," + draw_rounds({}, seed).block;
  for (const rounds::Strategy& strategy : rounds::strategies()) {
    const std::string_view name = strategy.name;
    if (name == "none" || name == "balance" || name == "server") continue;
    EXPECT_NE(all.find("," + std::string(name) + ":"), std::string::npos) << name;
  }
}

TEST(ExploreRounds, AServerThatStopsItselfIsAFailure) {
  LogRun run;
  run.options.parameters.n = 4;
  run.block = "no such adversary";
  const auto failure = run_rounds_apart(run);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->property, "invariant");
  EXPECT_NE(failure->detail.find("an adversary that does not exist"), std::string::npos);
}

/// Smaller, for the same reason, and still with nothing but the rule to blame.
TEST(ExploreRounds, ShrinksWhatItFinds) {
  LogRun run = draw_rounds({.n = 4, .without = {"no_lock"}}, 1);
  while (!run_rounds_apart(run)) {
    run = draw_rounds({.n = 4, .without = {"no_lock"}}, run.options.seed + 1);
    ASSERT_LT(run.options.seed, 100u);
  }
  const auto failure = *run_rounds_apart(run);
  const auto small = shrink_rounds(run, 200);
  ASSERT_TRUE(small);
  EXPECT_EQ(small->failure.property, failure.property);
  EXPECT_LT(small->run.rounds, failure.rounds);
  EXPECT_LE(small->run.block.size(), run.block.size());
  EXPECT_LE(small->tried, 200u);
  EXPECT_GE(small->helped, 1u);
  const auto again = run_rounds_apart(small->run);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->detail, small->failure.detail);
  EXPECT_EQ(again->command, small->failure.command);
  LogRun guarded = small->run;
  guarded.without.clear();
  EXPECT_FALSE(run_rounds_apart(guarded));
  EXPECT_FALSE(shrink_rounds(guarded, 1));  // holds: nothing to shrink
}

TEST(ExploreRounds, FindsAPlantedRule) {
  const RoundsExploration found = explore_seeds(100, {.n_max = 10, .without = {"no_lock"}});
  ASSERT_FALSE(found.failures.empty());
  const RoundsFailure& failure = found.failures.front();
  EXPECT_NE(failure.command.find("--without no_lock"), std::string::npos);
}

/// The quick form of waggle-sim experiment planted-bugs-median.
class PlantedRules : public testing::TestWithParam<rounds::PlantedRule> {};

TEST_P(PlantedRules, AreFoundWhereTheRuleHolds) {
  LogRun run = GetParam().ground();
  run.without = {std::string(GetParam().name)};
  LogRun guarded = GetParam().ground();
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    run.options.seed = guarded.options.seed = seed;
    const auto found = run_rounds_apart(run);
    // What a server notices itself is not what a checker found.
    if (!found || found->property == "conflict" || run_rounds_apart(guarded)) continue;
    run.judged = false;
    const auto failure = run_rounds_apart(run);
    EXPECT_FALSE(failure) << "found without a checker: " << failure->detail;
    return;
  }
  FAIL() << "no seed notices that the rule is gone";
}

INSTANTIATE_TEST_SUITE_P(All, PlantedRules,
                         testing::ValuesIn(rounds::planted_rules().begin(),
                                           rounds::planted_rules().end()),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace waggle::sim
