// Servers with logs in synchronous rounds: Algorithms 5 and 6, with their assumptions kept and
// broken (docs/spec/median-smr.md, sections 4, 5 and 7).
#include <gtest/gtest.h>

#include "sim/rounds/log_world.hpp"

namespace waggle::sim::rounds {
namespace {

constexpr std::uint64_t kSeeds = 3;

LogOptions options(LogRule rule, std::uint32_t n, std::uint32_t t, std::uint64_t seed = 1) {
  return {.parameters = {.n = n, .T = t}, .rule = rule, .seed = seed};
}

std::unique_ptr<LogWorld> run(const LogOptions& options, std::string_view block, Round rounds) {
  auto world = std::make_unique<LogWorld>(options, std::move(*make_blocker(block)));
  while (world->rounds() < rounds && world->agreement().holds()) world->round();
  return world;
}

TEST(RoundsCompact, EveryCommandIsCommittedAndTold) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    LogOptions setup = options(LogRule::kCompact, 256, 61, seed);
    setup.load_until = 150;
    const auto world = run(setup, "fresh:5%", 280);
    EXPECT_TRUE(world->agreement().holds()) << world->complaint()->text();
    EXPECT_EQ(world->clients().submitted(), 600u);
    EXPECT_EQ(world->clients().pending(), 0u);
    EXPECT_EQ(world->agreement().length(), 600u);
    EXPECT_GE(world->clients().latency(1), 61u);
    EXPECT_LE(world->clients().latency(990), 75u);
    EXPECT_EQ(world->servers().findings().count(median::Finding::kCommittedTwice), 0u);
    EXPECT_EQ(world->servers().findings().count(median::Finding::kNumberSkipped), 0u);
    EXPECT_LT(world->entries_most(), 4 * 70u);  // what is committed leaves the logs
  }
}

TEST(RoundsCompact, WithTFarTooSmallItSplits) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const auto world = run(options(LogRule::kCompact, 256, 2, seed), "none", 60);
    ASSERT_FALSE(world->agreement().holds()) << "seed " << seed;
    EXPECT_LT(world->agreement().complaint()->round, 30u);
  }
}

TEST(RoundsCompact, ASurgeIsTheEnd) {
  const auto world = run(options(LogRule::kCompact, 256, 31), "surge:50+1", 120);
  EXPECT_EQ(world->useful(), 0u);
  EXPECT_TRUE(world->agreement().holds());
}

TEST(RoundsCompact, WhoActedLastIsBlockedInVain) {
  const auto world = run(options(LogRule::kCompact, 256, 61), "acted:5%", 200);
  EXPECT_TRUE(world->agreement().holds());
  EXPECT_GT(world->agreement().length(), 450u);
}

TEST(RoundsCompact, WhoSeesLogsKeepsTwoInBalanceUntilTheyPart) {
  std::uint32_t undisturbed = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const LogOptions setup = options(LogRule::kCompact, 1000, 61, seed);
    EXPECT_FALSE(run(setup, "tie:10%", 200)->agreement().holds()) << "seed " << seed;
    if (run(setup, "fresh:10%", 200)->agreement().holds()) ++undisturbed;
  }
  EXPECT_EQ(undisturbed, kSeeds);  // as many, blocked blindly
}

TEST(RoundsRecovery, EveryCommandIsCommittedAndTold) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    LogOptions setup = options(LogRule::kRecovery, 256, 61, seed);
    setup.load_until = 150;
    const auto world = run(setup, "fresh:5%", 450);
    EXPECT_TRUE(world->agreement().holds()) << world->complaint()->text();
    EXPECT_EQ(world->clients().pending(), 0u);
    EXPECT_EQ(world->servers().findings().count(median::Finding::kPrefixNotInLog), 0u);
  }
}

TEST(RoundsRecovery, ItComesBackFromASurge) {
  for (const char* surge : {"surge:100+1", "surge:100+10", "surge:100+100"}) {
    const auto world = run(options(LogRule::kRecovery, 256, 31), surge, 400);
    EXPECT_GT(world->useful(), 250u) << surge;
    EXPECT_GT(world->committed_least(), 600u) << surge;
  }
}

TEST(RoundsRecovery, NotFromOneInWindow0AsPrinted) {
  LogOptions setup = options(LogRule::kRecovery, 256, 31);
  EXPECT_EQ(run(setup, "surge:10+1", 300)->useful(), 0u);
  setup.choices.initial_prefix_empty = true;
  const auto repaired = run(setup, "surge:10+1", 300);
  EXPECT_GT(repaired->useful(), 250u);
  EXPECT_GT(repaired->committed_least(), 0u);
}

/// Of ten seeds, how many part in spite of both repairs of section 7.4.
std::uint32_t parted(std::string_view block) {
  std::uint32_t count = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    LogOptions setup = options(LogRule::kRecovery, 128, 16, seed);
    setup.choices = {.execute_once = true, .skip_boundary = true, .initial_prefix_empty = true};
    if (!run(setup, block, 100)->agreement().holds()) ++count;
  }
  return count;
}

TEST(RoundsRecovery, ANearTieAndARoundThatBlocksAllPartRepairedServers) {
  EXPECT_EQ(parted("none"), 0u);
  EXPECT_GT(parted("surge:40+1"), 0u);  // 7.5a: in the window after a boundary with a near tie
}

TEST(RoundsRecovery, AServerThatAdoptsLateMakesAnEmptyPrefix) {
  LogOptions setup = options(LogRule::kRecovery, 128, 61);
  setup.choices = {.execute_once = true, .skip_boundary = true, .initial_prefix_empty = true};
  // One server is blocked for windows 1 and 2, but for their last round.
  EXPECT_TRUE(run(setup, "server:0@61+121", 8 * 61)->agreement().holds());
  EXPECT_FALSE(run(setup, "server:0@61+121,surge:188+1", 8 * 61)->agreement().holds());  // 7.5b
}

TEST(RoundsRecovery, SealingStandsTheSameSchedules) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    LogOptions setup = options(LogRule::kSealed, 16, 8, seed);
    setup.parameters.B = 12;
    const auto late = run(setup, "server:0@12+23,surge:41+1", 8 * 12);
    const auto tie = run(setup, "surge:14+1/13", 8 * 12);
    EXPECT_TRUE(late->agreement().holds());
    EXPECT_TRUE(tie->agreement().holds());
    EXPECT_GT(late->committed_least(), 200u);
    EXPECT_GT(tie->committed_least(), 200u);
  }
}

TEST(RoundsWorld, TheSameSeedGivesTheSameRun) {
  const auto a = run(options(LogRule::kCompact, 128, 31, 7), "fresh:10%", 100);
  const auto b = run(options(LogRule::kCompact, 128, 31, 7), "fresh:10%", 100);
  EXPECT_EQ(a->clients().acknowledged(), b->clients().acknowledged());
  EXPECT_EQ(a->clients().mean_latency_milli(), b->clients().mean_latency_milli());
  for (std::uint32_t i = 0; i < 128; ++i) {
    ASSERT_EQ(a->servers().log(i).size(), b->servers().log(i).size());
    ASSERT_EQ(a->servers().sequence(i), b->servers().sequence(i));
  }
}

}  // namespace
}  // namespace waggle::sim::rounds
