// Sealing in synchronous rounds (docs/spec/median-smr.md, section 8): whoever is blocked, whoever
// restarts, executed sequences are prefixes of one another; and commands come through as long as
// a majority is not blocked.
#include <gtest/gtest.h>

#include "sim/rounds/log_world.hpp"
#include "smr/median/recommended.hpp"

namespace waggle::sim::rounds {
namespace {

struct Case {
  std::uint32_t n = 7;
  std::string block = "none";
  std::uint64_t seed = 1;
  std::uint32_t load = 2;
  std::uint32_t t = 8;
  std::uint32_t b = 12;
};

std::unique_ptr<LogWorld> run(const Case& tested, Round rounds, Round load_until = UINT64_MAX) {
  const LogOptions options{.parameters = {.n = tested.n, .T = tested.t, .B = tested.b},
                           .rule = LogRule::kSealed,
                           .seed = tested.seed,
                           .load = tested.load,
                           .load_until = load_until};
  auto world = std::make_unique<LogWorld>(options, std::move(*make_blocker(tested.block)));
  while (world->rounds() < rounds && !world->complaint()) world->round();
  return world;
}

TEST(RoundsSealed, SequencesAgreeWhoeverIsBlocked) {
  const char* adversaries[] = {"none",
                               "fresh:40%",
                               "permanent:45%",
                               "flapping:50%",
                               "surge:30+20",
                               "partition:40%@20+60",
                               "acted:40%",
                               "ahead:40%",
                               "newest:40%",
                               "outliers:40%",
                               "client:40%",
                               "tie:30%",
                               "flapping:30%,partition:50%@10+90",
                               "fresh:60%",
                               "lossy:50%",
                               "crash:3%+9"};
  for (const std::uint32_t n : {3u, 4u, 7u, 16u}) {
    for (const char* block : adversaries) {
      for (const char* restarts : {"", ",restart:2%"}) {
        for (std::uint64_t seed = 1; seed <= (n > 8 ? 1u : 2u); ++seed) {
          const auto world =
              run({.n = n, .block = std::string(block) + restarts, .seed = seed}, n > 8 ? 60 : 120);
          ASSERT_FALSE(world->complaint()) << "n " << n << ", " << block << restarts << ", seed "
                                           << seed << ": " << world->complaint()->text();
        }
      }
    }
  }
}

TEST(RoundsSealed, EveryCommandIsExecutedAndTold) {
  for (const char* block : {"none", "fresh:10%", "fresh:30%", "permanent:40%", "surge:40+30"}) {
    const auto world = run({.n = 7, .block = block}, 260, 100);
    EXPECT_EQ(world->clients().submitted(), 200u);
    EXPECT_EQ(world->clients().pending(), 0u) << block;
    EXPECT_EQ(world->agreement().length(), 200u) << block;
    EXPECT_EQ(world->servers().findings().count(median::Finding::kCommittedTwice), 0u);
    EXPECT_EQ(world->servers().findings().count(median::Finding::kNumberSkipped), 0u);
  }
}

TEST(RoundsSealed, TwoAndThreeServersComeThroughAsWell) {
  for (const Case& tested : {Case{.n = 2}, Case{.n = 3, .block = "permanent:34%"}}) {
    const auto world = run(tested, 100, 50);
    EXPECT_EQ(world->clients().submitted(), 100u);
    EXPECT_EQ(world->clients().pending(), 0u) << tested.n;
  }
}

TEST(RoundsSealed, RestartsLoseNothingThatWasTold) {
  const auto world = run({.n = 7, .block = "restart:1%"}, 260, 100);
  EXPECT_FALSE(world->complaint());
  EXPECT_EQ(world->clients().pending(), 0u);
}

TEST(RoundsSealed, AboveThirtyTwoServersItSamples) {
  const auto world = run({.n = 48, .block = "fresh:10%"}, 120, 60);
  EXPECT_FALSE(world->complaint());
  EXPECT_EQ(world->clients().pending(), 0u);
}

TEST(RoundsSealed, ASurgeOfAnyLengthIsOverInAFewWindows) {
  for (const Round length : {1u, 5u, 13u, 50u, 200u}) {
    const std::string surge = "surge:30+" + std::to_string(length);
    const auto world = run({.n = 16, .block = surge}, 30 + length + 36);
    EXPECT_FALSE(world->complaint());
    EXPECT_GT(world->committed_least(), 2 * 25u) << surge;  // what came before it, at least
  }
}

TEST(RoundsSealed, SixtyFourServersTellWithinTwentySixRounds) {
  const median::Parameters parameters = median::recommended(64).parameters;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const LogOptions options{.parameters = parameters,
                             .rule = LogRule::kSealed,
                             .seed = seed,
                             .load = 4,
                             .load_until = 150};
    LogWorld world(options, std::move(*make_blocker("fresh:10%")));
    while (world.rounds() < 190) world.round();
    EXPECT_FALSE(world.complaint());
    EXPECT_EQ(world.clients().submitted(), 600u);
    EXPECT_EQ(world.clients().pending(), 0u);
    EXPECT_LE(world.clients().mean_latency_milli(), 26'000u);
    EXPECT_LE(world.clients().latency(990), 35u);
  }
}

}  // namespace
}  // namespace waggle::sim::rounds
