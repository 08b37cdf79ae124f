// Calibration (docs/spec/median-smr.md, 7.6): what is measured, and what follows from it.
#include <numeric>

#include <gtest/gtest.h>

#include "sim/experiment/calibrate.hpp"
#include "smr/median/recommended.hpp"

namespace waggle::sim {
namespace {

using namespace rounds;

Calibrated setup(std::uint32_t n, const std::string& block = "none") {
  return {.parameters = {.n = n, .T = 4, .B = 8}, .block = block};
}

TEST(Calibration, WhoHearsEverybodyAgreesInARound) {
  const Settling found = measure_settling(setup(7), 50, false);
  EXPECT_EQ(found.times.count(), 4u * 49);
  EXPECT_EQ(found.times.entries, (std::vector<std::uint64_t>{0, 4u * 49}));
  EXPECT_EQ(found.times.fronts, (std::vector<std::uint64_t>{0, 49}));
  EXPECT_EQ(found.useful, 7u * 50);
  EXPECT_FALSE(found.collapsed);
}

TEST(Calibration, MoreServersTakeLonger) {
  const Settling few = measure_settling(setup(40), 200, false);
  const Settling many = measure_settling(setup(640), 200, false);
  EXPECT_GT(quantile(few.times.entries, 500), 5u);
  EXPECT_GT(quantile(many.times.entries, 500), quantile(few.times.entries, 500) + 2);
  // Nothing is counted twice or lost: what is not settled is younger than the oldest open entry.
  EXPECT_LE(many.times.count(), 800u);
  EXPECT_GE(many.times.count() + 4 * (many.open + 1), 800u);
  EXPECT_LE(std::accumulate(many.times.fronts.begin(), many.times.fronts.end(), 0ull), 200u);
}

TEST(Calibration, BeyondTheCriticalFractionItCollapsesUnlessLogsAreKept) {
  const Settling lost = measure_settling(setup(200, "fresh:30%"), 200, false);
  EXPECT_TRUE(lost.collapsed);
  EXPECT_LT(lost.rounds, 60u);
  const Settling kept = measure_settling(setup(200, "fresh:30%"), 200, true);
  EXPECT_FALSE(kept.collapsed);
  EXPECT_GT(kept.times.count(), 200u);
}

TEST(Calibration, WhoIsBlockedForGoodKeepsNothingOpen) {
  const Settling found = measure_settling(setup(200, "permanent:40%"), 150, true);
  EXPECT_GT(found.times.count(), 350u);
  EXPECT_GT(quantile(found.times.entries, 500), 5u);
}

TEST(Calibration, AWindowIsSealedInTwoRoundsIfAllHearAll) {
  const SealTimes found = measure_sealing(setup(7), 6);
  EXPECT_EQ(found.windows, 6u);
  EXPECT_EQ(found.unsealed, 0u);
  EXPECT_EQ(found.first, (std::vector<std::uint64_t>{0, 0, 6}));
  EXPECT_EQ(found.majority, (std::vector<std::uint64_t>{0, 0, 6}));
}

TEST(Calibration, WindowsWithoutASealAreCounted) {
  // Everybody is blocked in every window's second round and those that follow.
  const SealTimes found = measure_sealing(setup(7, "surge:1+7/8"), 6);
  EXPECT_EQ(found.windows, 6u);
  EXPECT_EQ(found.unsealed, 6u);
  EXPECT_TRUE(found.first.empty());
}

TEST(Calibration, LatencyAndSilence) {
  const Latency calm = measure_latency(setup(7), 60);
  EXPECT_EQ(calm.submitted, 240u);
  EXPECT_EQ(calm.acknowledged, 240u);
  EXPECT_GE(calm.mean_milli, 4'000u);
  EXPECT_LE(calm.longest_silence, 8u);
  const Latency surge = measure_latency(setup(7, "surge:30+20"), 60);
  EXPECT_EQ(surge.acknowledged, 240u);
  EXPECT_GE(surge.longest_silence, 20u);
  const Latency never = measure_latency(setup(7, "permanent:60%"), 60);
  EXPECT_EQ(never.acknowledged, 0u);
}

/// Wanted of sealing among 64 servers; docs/performance.md has more of it.
TEST(Calibration, SealingTellsWithinTheRoundsWanted) {
  for (const std::uint64_t seed : {1u, 2u}) {
    const Latency found = measure_latency(
        {.parameters = median::recommended(64).parameters, .block = "fresh:10%", .seed = seed}, 60);
    EXPECT_TRUE(found.agreement);
    EXPECT_EQ(found.acknowledged, found.submitted);
    EXPECT_LE(found.mean_milli, 26'000u);
    EXPECT_LE(found.p99, 35u);
  }
}

TEST(Calibration, Quantiles) {
  const std::vector<std::uint64_t> counts = {0, 5, 4, 0, 1};
  EXPECT_EQ(quantile(counts, 500), 1u);
  EXPECT_EQ(quantile(counts, 501), 2u);
  EXPECT_EQ(quantile(counts, 900), 2u);
  EXPECT_EQ(quantile(counts, 901), 4u);
  EXPECT_EQ(quantile({}, 500), 0u);
}

/// With the T that is measured the compact rule does not part, with a fraction of it it does.
TEST(Calibration, TIsWhatTheCompactRuleNeeds) {
  const Calibration found =
      calibrate({.setup = setup(128), .rounds = 1500, .seeds = 2, .failure = 1e-7, .windows = 0});
  ASSERT_TRUE(found.T);
  ASSERT_TRUE(found.tail);
  EXPECT_GT(found.tail->decay, 0.5);
  EXPECT_LT(found.tail->decay, 0.8);
  EXPECT_GT(found.decades, 2.0);
  const auto parts = [](std::uint32_t T) {
    LogWorld world({.parameters = {.n = 128, .T = T}}, std::move(*make_blocker("none")));
    while (world.rounds() < 150 && world.agreement().holds()) world.round();
    return !world.agreement().holds();
  };
  EXPECT_FALSE(parts(static_cast<std::uint32_t>(*found.T)));
  EXPECT_TRUE(parts(static_cast<std::uint32_t>(*found.T) / 6));
}

TEST(Calibration, TAndBForSealing) {
  const Calibration found =
      calibrate({.setup = setup(7, "fresh:30%"), .rounds = 20, .seeds = 1, .windows = 6});
  ASSERT_TRUE(found.chosen);
  EXPECT_LE(found.chosen->T, 3u);
  EXPECT_GE(found.chosen->B, 2u);
  EXPECT_LE(found.chosen->B, 6u);
  for (const Candidate& one : found.tried) {
    if (one.all_told()) {
      EXPECT_LE(found.chosen->latency.mean_milli, one.latency.mean_milli);
    }
  }
}

TEST(Calibration, NoTHelpsWhereServersGetUndecided) {
  const Calibration found =
      calibrate({.setup = setup(200, "fresh:30%"), .rounds = 100, .seeds = 1, .windows = 0});
  EXPECT_FALSE(found.T);
  EXPECT_TRUE(found.settling.collapsed);
}

}  // namespace
}  // namespace waggle::sim
