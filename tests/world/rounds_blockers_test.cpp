// The adversaries of synchronous rounds: whom each of them blocks.
#include <numeric>

#include <gtest/gtest.h>

#include "sim/rounds/blockers.hpp"

namespace waggle::sim::rounds {
namespace {

constexpr std::uint32_t kServers = 200;

class RoundsBlockers : public testing::Test {
 protected:
  RoundsBlockers() : holds(kServers, 1), answered(kServers), values(kServers), progress(kServers) {}

  /// Whom it blocks in this round.
  std::vector<std::uint32_t> blocked(Blocker& blocker, Round round) {
    blocking.clear(kServers);
    blocker.block({round, kServers, holds, answered, values, progress}, random, blocking);
    std::vector<std::uint32_t> result;
    for (std::uint32_t i = 0; i < kServers; ++i) {
      if (blocking.is_blocked(i)) result.push_back(i);
    }
    return result;
  }
  std::unique_ptr<Blocker> make(std::string_view text) { return std::move(*make_blocker(text)); }

  std::vector<std::uint8_t> holds;
  std::vector<std::uint32_t> answered;
  std::vector<std::uint64_t> values;
  std::vector<std::uint64_t> progress;
  Random random{1};
  Blocking blocking;
};

TEST_F(RoundsBlockers, FreshDrawsAnewAndPermanentOnce) {
  const auto fresh = make("fresh:10%");
  const auto first = blocked(*fresh, 0);
  EXPECT_EQ(first.size(), 20u);
  EXPECT_NE(blocked(*fresh, 1), first);
  const auto permanent = make("permanent:10%");
  const auto set = blocked(*permanent, 0);
  EXPECT_EQ(set.size(), 20u);
  EXPECT_EQ(blocked(*permanent, 9), set);
}

TEST_F(RoundsBlockers, FlappingBlocksSpellsOfRounds) {
  const auto flapping = make("flapping:20%");
  std::size_t total = 0;
  std::size_t stayed = 0;
  std::vector<std::uint8_t> before(kServers);
  for (Round round = 0; round < 400; ++round) {
    total += blocked(*flapping, round).size();
    for (std::uint32_t i = 0; i < kServers; ++i) stayed += before[i] & blocking.blocked[i];
    before = blocking.blocked;
  }
  EXPECT_NEAR(static_cast<int>(total), 400 * 40, 1200);
  EXPECT_GT(stayed, total * 8 / 10);
}

TEST_F(RoundsBlockers, ASurgeBlocksAllAndThenNobody) {
  const auto surge = make("surge:10+3");
  EXPECT_TRUE(blocked(*surge, 9).empty());
  EXPECT_EQ(blocked(*surge, 10).size(), kServers);
  EXPECT_EQ(blocked(*surge, 12).size(), kServers);
  EXPECT_TRUE(blocked(*surge, 13).empty());
}

TEST_F(RoundsBlockers, APartitionHasTwoSidesThatDoNotHearEachOther) {
  const auto partition = make("partition:5+1");
  EXPECT_TRUE(blocked(*partition, 4).empty());
  EXPECT_TRUE(blocking.hears(0, 1));
  blocked(*partition, 5);
  std::uint32_t heard = 0;
  for (std::uint32_t i = 0; i < kServers; ++i) heard += blocking.hears(0, i) ? 1 : 0;
  EXPECT_GT(heard, kServers / 4);
  EXPECT_LT(heard, kServers * 3 / 4);
}

TEST_F(RoundsBlockers, LossCutsEachWayOnItsOwn) {
  const auto lossy = make("lossy:25%");
  EXPECT_TRUE(blocked(*lossy, 1).empty());
  std::uint32_t heard = 0;
  bool one_way = false;
  for (std::uint32_t a = 0; a < kServers; ++a) {
    for (std::uint32_t b = 0; b < kServers; ++b) {
      heard += blocking.hears(a, b) ? 1 : 0;
      one_way |= blocking.hears(a, b) && !blocking.hears(b, a);
    }
  }
  EXPECT_NEAR(heard, kServers * kServers * 3 / 4, 600);
  EXPECT_TRUE(one_way);
}

TEST_F(RoundsBlockers, ActedAndAheadBlockTheFirst) {
  answered[17] = 9;
  answered[18] = 8;
  answered[19] = 7;
  EXPECT_EQ(blocked(*make("acted:1%"), 1), (std::vector<std::uint32_t>{17, 18}));
  progress[40] = 5;
  EXPECT_EQ(blocked(*make("ahead:1%"), 1), std::vector<std::uint32_t>{40});  // others did nothing
}

TEST_F(RoundsBlockers, BalanceBlocksTheSurplus) {
  for (std::uint32_t i = 0; i < 90; ++i) values[i] = 1;
  const auto set = blocked(*make("balance"), 1);
  EXPECT_EQ(set.size(), 20u);  // 110 zeros against 90 ones
  for (const std::uint32_t server : set) EXPECT_EQ(values[server], 0u);
  values.assign(kServers, 1);
  EXPECT_TRUE(blocked(*make("balance"), 1).empty());  // nothing left to balance
}

TEST_F(RoundsBlockers, SeveralBlockTogether) {
  answered[17] = 9;
  const auto both = make("acted:1%,surge:3+1");
  EXPECT_EQ(blocked(*both, 1), std::vector<std::uint32_t>{17});
  EXPECT_EQ(blocked(*both, 3).size(), kServers);
}

TEST_F(RoundsBlockers, EveryStrategyOfTheListIsMade) {
  for (const Strategy& strategy : strategies()) {
    std::string text(strategy.name);
    if (strategy.arguments == ":SHARE") text += ":12.5%";
    if (strategy.arguments == ":FROM+ROUNDS") text += ":1+2";
    EXPECT_TRUE(make_blocker(text)) << text;
  }
}

TEST_F(RoundsBlockers, BadTextIsRefusedInWords) {
  EXPECT_EQ(make_blocker("fresk:1%").error(), "no blocking strategy is called fresk");
  for (const char* text : {"fresh", "fresh:", "fresh:10", "fresh:101%", "fresh:1.25%", "fresh:x%",
                           "surge:5", "surge:+5", "surge:a+5", "none:1", "", "fresh:1%,"}) {
    EXPECT_FALSE(make_blocker(text)) << text;
  }
  EXPECT_EQ(make_blocker("fresh:10").error(), "it is written fresh:SHARE, SHARE being like 12.5%");
}

}  // namespace
}  // namespace waggle::sim::rounds
