// The regimes of docs/spec/median-smr.md, section 2, with (k, l) = (6, 3) and a thousand servers
// or more.
#include <gtest/gtest.h>

#include "sim/rounds/value_world.hpp"

namespace waggle::sim::rounds {
namespace {

constexpr std::uint64_t kSeeds = 5;

struct Setup {
  std::string block = "none";
  std::uint32_t n = 1000;
  std::uint32_t useful_percent = 100;
  std::uint64_t seed = 1;
  ValueRule rule = ValueRule::kMedian;
  std::uint64_t values = 2;
};

ValueWorld make(const Setup& setup) {
  ValueOptions options{.parameters = {.n = setup.n},
                       .rule = setup.rule,
                       .seed = setup.seed,
                       .useful = permille(std::uint64_t{setup.useful_percent} * 10),
                       .values = setup.values};
  return ValueWorld(options, *make_blocker(setup.block));
}

void run(ValueWorld& world, Round rounds) {
  for (Round i = 0; i < rounds; ++i) world.round();
}

/// Rounds until all hold one value, or `limit`.
Round rounds_to_agreement(const Setup& setup, Round limit) {
  ValueWorld world = make(setup);
  while (world.rounds() < limit && world.distinct() > 1) world.round();
  return world.rounds();
}

TEST(RoundsValues, AThirdOrLessSpiralsToDeathThoughNobodyIsBlocked) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    ValueWorld world = make({.useful_percent = 29, .seed = seed});
    run(world, 20);
    EXPECT_EQ(world.useful(), 0u) << "seed " << seed;
    EXPECT_EQ(world.blocked(), 0u);
  }
}

TEST(RoundsValues, ClearlyMoreClimbsAndStays) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    ValueWorld world = make({.block = "fresh:5%", .useful_percent = 50, .seed = seed});
    run(world, 15);
    for (Round i = 0; i < 100; ++i) {
      world.round();
      ASSERT_GT(world.useful(), 900u) << "seed " << seed << " round " << world.rounds();
    }
  }
}

TEST(RoundsValues, AgreementTakesALogarithmicNumberOfRounds) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    for (const std::uint32_t n : {1024u, 4096u}) {
      const Round limit = 3 * Round{median::ceil_log2(n)};
      EXPECT_LT(rounds_to_agreement({.block = "fresh:10%", .n = n, .seed = seed}, limit), limit);
      EXPECT_LT(rounds_to_agreement({.n = n, .seed = seed, .values = n}, limit), limit);
    }
  }
}

TEST(RoundsValues, ALargePermanentSetDragsEverybodyDown) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    ValueWorld world = make({.block = "permanent:50%", .seed = seed});
    run(world, 40);
    EXPECT_EQ(world.useful(), 0u) << "seed " << seed;
    ValueWorld small = make({.block = "permanent:20%", .seed = seed});
    run(small, 40);
    EXPECT_GT(small.useful(), 700u) << "seed " << seed;
  }
}

TEST(RoundsValues, WhoSeesTheValuesKeepsTwoOfThemInBalance) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    ValueWorld world = make({.block = "balance", .seed = seed});
    std::uint64_t blocked = 0;
    for (Round i = 0; i < 200; ++i) {
      world.round();
      blocked += world.blocked();
    }
    EXPECT_EQ(world.distinct(), 2u) << "seed " << seed;
    EXPECT_LT(blocked / 200, 80u);  // a few times sqrt(1000)
    EXPECT_LT(rounds_to_agreement({.seed = seed}, 60), 40u) << "without it";
  }
}

TEST(RoundsValues, ThePriorityRuleAgreesOnTheLargest) {
  ValueWorld world = make({.rule = ValueRule::kPriority, .values = 1000});
  run(world, 15);
  EXPECT_EQ(world.distinct(), 1u);
}

TEST(RoundsValues, SixtyFiveThousandServersAgree) {
  EXPECT_LT(rounds_to_agreement({.block = "fresh:5%", .n = 65536, .values = 65536}, 60), 48u);
}

TEST(RoundsValues, TheSameSeedGivesTheSameRun) {
  ValueWorld a = make({.block = "flapping:10%", .useful_percent = 60, .seed = 3});
  ValueWorld b = make({.block = "flapping:10%", .useful_percent = 60, .seed = 3});
  ValueWorld c = make({.block = "flapping:10%", .useful_percent = 60, .seed = 4});
  bool differs = false;
  for (Round i = 0; i < 10; ++i) {
    a.round();
    b.round();
    c.round();
    ASSERT_EQ(a.useful(), b.useful());
    differs |= a.useful() != c.useful();
  }
  EXPECT_TRUE(differs);
}

}  // namespace
}  // namespace waggle::sim::rounds
