// docs/spec/median-smr.md, 1 and 2: parameters, and the rules for single values.
#include <map>

#include <gtest/gtest.h>

#include "sim/base/random.hpp"
#include "smr/median/values.hpp"
#include "tests/spec/median_letters.hpp"

namespace waggle::median {
namespace {

std::string wrong(Parameters parameters) {
  const auto result = check(parameters);
  return result ? "" : std::string(result.error().parameter);
}

TEST(MedianParameters, GoodOnesPass) {
  EXPECT_EQ(wrong({.n = 4}), "");
  EXPECT_EQ(wrong({.n = 1, .k = 3, .l = 3, .sigma = {1, 8}, .T = 1, .B = 1}), "");
}

TEST(MedianParameters, AnErrorNamesTheParameter) {
  EXPECT_EQ(wrong({.n = 0}), "n");
  EXPECT_EQ(wrong({.n = 4, .k = 6, .l = 4}), "l");
  EXPECT_EQ(wrong({.n = 4, .k = 6, .l = 1}), "l");
  EXPECT_EQ(wrong({.n = 4, .k = 2, .l = 3}), "k");
  EXPECT_EQ(wrong({.n = 4, .sigma = {0, 1}}), "sigma");
  EXPECT_EQ(wrong({.n = 4, .sigma = {1, 0}}), "sigma");
  EXPECT_EQ(wrong({.n = 4, .T = 0}), "T");
  EXPECT_EQ(wrong({.n = 4, .B = 0}), "B");
  EXPECT_EQ(check({.n = 4, .k = 6, .l = 4}).error().message, "l must be odd, and is 4");
}

TEST(MedianParameters, FanoutIsSigmaTimesTheLogarithmRoundedUp) {
  EXPECT_EQ(ceil_log2(1), 0u);
  EXPECT_EQ(ceil_log2(1024), 10u);
  EXPECT_EQ(ceil_log2(1025), 11u);
  EXPECT_EQ(append_fanout({.n = 1024}), 10u);
  EXPECT_EQ(append_fanout({.n = 1024, .sigma = {3, 2}}), 15u);
  EXPECT_EQ(append_fanout({.n = 1025, .sigma = {1, 2}}), 6u);
  EXPECT_EQ(append_fanout({.n = 1}), 1u);
}

TEST(MedianSample, RepliesAreDrawnUniformlyAndWithoutReplacement) {
  sim::Random rng(7);
  std::map<std::vector<int>, int> seen;
  constexpr int kDraws = 24000;
  for (int i = 0; i < kDraws; ++i) {
    std::vector<int> replies = {0, 1, 2, 3};
    const auto m = draw_replies(sampling(), std::span<int>(replies), rng);
    ++seen[std::vector<int>(m.begin(), m.end())];
  }
  EXPECT_EQ(seen.size(), 24u);  // every order of 3 out of 4
  for (const auto& [m, count] : seen) EXPECT_NEAR(count, kDraws / 24, 150) << m[0] << m[1] << m[2];
}

TEST(MedianSample, TargetsAreDrawnWithReplacementAndSmallClustersAskAll) {
  sim::Random rng(7);
  std::vector<std::uint32_t> targets;
  std::vector<int> hits(40);
  bool twice = false;
  for (int i = 0; i < 10000; ++i) {
    draw_targets({.n = 40}, rng, targets);
    ASSERT_EQ(targets.size(), 6u);
    for (const std::uint32_t target : targets) ++hits.at(target);
    std::sort(targets.begin(), targets.end());
    twice |= std::adjacent_find(targets.begin(), targets.end()) != targets.end();
  }
  EXPECT_TRUE(twice);
  for (const int count : hits) EXPECT_NEAR(count, 1500, 200);
  draw_targets({.n = 4}, rng, targets);
  EXPECT_EQ(targets, (std::vector<std::uint32_t>{0, 1, 2, 3}));
}

TEST(MedianValues, Algorithm1TakesTheMedianOfL) {
  sim::Random rng(1);
  std::vector<Value> replies = {9, 2, 5};
  EXPECT_EQ(median_rule(sampling(), replies, rng), 5u);
  std::vector<Value> few = {9, 2};
  EXPECT_EQ(median_rule(sampling(), few, rng), std::nullopt);
}

TEST(MedianValues, Algorithm1DrawsWhichLOfTheReplies) {
  sim::Random rng(1);
  std::map<Value, int> seen;
  for (int i = 0; i < 8000; ++i) {
    std::vector<Value> replies = {1, 2, 3, 4};
    ++seen[*median_rule(sampling(), replies, rng)];
  }
  ASSERT_EQ(seen.size(), 2u);  // of {1,2,3,4} without one, the middle is 2 or 3
  EXPECT_NEAR(seen[2], 4000, 300);
}

TEST(MedianValues, SmallClustersUseEveryReplyAndTheLowerMedian) {
  sim::Random rng(1);
  std::vector<Value> replies = {4, 1, 3, 2};
  EXPECT_EQ(median_rule({.n = 4}, replies, rng), 2u);
}

TEST(MedianValues, Algorithm2TakesTheLargest) {
  sim::Random rng(1);
  std::vector<Value> replies = {9, 2, 5};
  EXPECT_EQ(priority_rule(sampling(), replies, rng), 9u);
  std::vector<Value> few = {9, 2};
  EXPECT_EQ(priority_rule(sampling(), few, rng), std::nullopt);
}

TEST(MedianValues, Algorithm4SpreadsTheRumour) {
  EXPECT_EQ(gossip_rule(sampling(), std::vector<Value>{0, 0, 0, 7}, 7, 0), 7u);
  EXPECT_EQ(gossip_rule(sampling(), std::vector<Value>{0, 0, 0, 0}, 7, 0), 0u);
  EXPECT_EQ(gossip_rule(sampling(), std::vector<Value>{7, 7}, 7, 0), std::nullopt);
}

}  // namespace
}  // namespace waggle::median
