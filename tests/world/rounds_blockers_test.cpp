// The adversaries of synchronous rounds: whom each of them blocks.
#include <map>

#include <gtest/gtest.h>

#include "sim/rounds/blockers.hpp"

namespace waggle::sim::rounds {
namespace {

constexpr std::uint32_t kServers = 200;

class RoundsBlockers : public testing::Test {
 protected:
  RoundsBlockers()
      : holds(kServers, 1),
        answered(kServers),
        values(kServers),
        logs(kServers),
        committed(kServers),
        checkpoint(kServers),
        reached(kServers) {}

  /// Whom it blocks in this round.
  std::vector<std::uint32_t> blocked(Blocker& blocker, Round round) {
    blocking.clear(kServers);
    const std::vector<median::LogView> views(logs.begin(), logs.end());
    blocker.block({.round = round,
                   .n = kServers,
                   .holds = holds,
                   .answered = answered,
                   .values = values,
                   .logs = views,
                   .committed = committed,
                   .checkpoint = checkpoint,
                   .target = target,
                   .reached = reached},
                  random, blocking);
    std::vector<std::uint32_t> result;
    for (std::uint32_t i = 0; i < kServers; ++i) {
      if (blocking.is_blocked(i)) result.push_back(i);
    }
    return result;
  }
  std::uint32_t heard_by_the_first() const {
    std::uint32_t heard = 0;
    for (std::uint32_t i = 0; i < kServers; ++i) heard += blocking.hears(0, i) ? 1 : 0;
    return heard;
  }
  static median::Log log(std::initializer_list<std::uint32_t> handles) {
    median::Log result;
    for (const std::uint32_t handle : handles) result.emplace_back(median::Handle{handle}, 0);
    return result;
  }
  std::unique_ptr<Blocker> make(std::string_view text) { return std::move(*make_blocker(text)); }

  std::vector<std::uint8_t> holds;
  std::vector<std::uint32_t> answered;
  std::vector<std::uint64_t> values;
  std::vector<median::Log> logs;
  std::vector<std::uint64_t> committed;
  std::vector<std::uint64_t> checkpoint;
  std::optional<median::Handle> target;
  std::vector<std::uint8_t> reached;
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
  const auto partition = make("partition:20%@5+1");
  EXPECT_TRUE(blocked(*partition, 4).empty());
  EXPECT_EQ(heard_by_the_first(), kServers);
  EXPECT_TRUE(blocked(*partition, 5).empty());
  const std::uint32_t heard = heard_by_the_first();
  EXPECT_TRUE(heard == 40 || heard == 160) << heard;
  blocked(*make("partition:50%,partition:50%"), 5);  // four sides
  EXPECT_NEAR(heard_by_the_first(), kServers / 4, 20);
}

TEST_F(RoundsBlockers, ASpanSaysWhenAndHowOften) {
  const auto once = make("permanent:10%@3+2");
  const auto again = make("permanent:10%@3+2/10");
  for (Round round = 0; round < 30; ++round) {
    EXPECT_EQ(blocked(*once, round).size(), round == 3 || round == 4 ? 20u : 0u);
    EXPECT_EQ(blocked(*again, round).size(), round % 10 == 3 || round % 10 == 4 ? 20u : 0u);
  }
  EXPECT_EQ(blocked(*make("surge:3+2/10"), 24).size(), kServers);
  EXPECT_TRUE(blocked(*make("surge:3+2/10"), 25).empty());
}

TEST_F(RoundsBlockers, WhoCrashesIsDownForAWhileAndRestarts) {
  const auto crash = make("crash:5%+4");
  std::map<std::uint32_t, Round> down;
  std::size_t restarts = 0;
  for (Round round = 0; round < 100; ++round) {
    const auto set = blocked(*crash, round);
    for (const std::uint32_t server : blocking.restarts) {
      ++restarts;
      EXPECT_EQ(down[server], 4u);
      down.erase(server);
    }
    for (const std::uint32_t server : set) {
      ++down[server];
      EXPECT_NE(blocking.asleep[server], 0);
    }
  }
  EXPECT_NEAR(static_cast<int>(restarts), 100 * kServers / 24, 250);  // up for 20 on average
  blocked(*make("restart:10%"), 0);
  EXPECT_NEAR(static_cast<int>(blocking.restarts.size()), 20, 15);
  EXPECT_EQ(blocked(*make("pause:100%+3"), 0).size(), kServers);
  EXPECT_TRUE(blocking.restarts.empty());
  EXPECT_EQ(blocked(*make("server:7"), 0), std::vector<std::uint32_t>{7});
}

TEST_F(RoundsBlockers, MemoriesAreLostOneByOne) {
  const auto loss = make("loss:50%");
  std::vector<Round> lost;
  for (Round round = 0; round < 500; ++round) {
    EXPECT_TRUE(blocked(*loss, round).empty());
    if (!blocking.losses.empty()) lost.push_back(round);
    EXPECT_LE(blocking.losses.size(), 1u);
  }
  ASSERT_GE(lost.size(), 4u);
  for (std::size_t i = 1; i < lost.size(); ++i) EXPECT_GE(lost[i] - lost[i - 1], 100u);
}

TEST_F(RoundsBlockers, OutliersHaveLogsThatLeaveTheMajority) {
  for (std::uint32_t i = 0; i < kServers; ++i) logs[i] = log({1, 2, 3, 4, 5 + i});
  logs[9] = log({1, 7, 8, 9, 10});
  logs[8] = log({1, 2, 3, 7, 8});
  logs[7] = {};
  holds[7] = 0;  // has no log that could differ
  EXPECT_EQ(blocked(*make("outliers:1%"), 0), (std::vector<std::uint32_t>{8, 9}));
}

TEST_F(RoundsBlockers, AClientsServersAreThoseThatItWentTo) {
  EXPECT_TRUE(blocked(*make("client:1%"), 0).empty());
  target = median::Handle{5};
  for (std::uint32_t i = 0; i < kServers; ++i) logs[i] = log({1, 2});
  logs[30] = log({1, 5});
  EXPECT_EQ(blocked(*make("client:1%"), 0), std::vector<std::uint32_t>{30});
  reached[31] = reached[32] = 1;
  EXPECT_EQ(blocked(*make("client:1%"), 0), (std::vector<std::uint32_t>{31, 32}));
}

TEST_F(RoundsBlockers, ATieIsKeptWhereTheShareIsEnough) {
  for (std::uint32_t i = 0; i < kServers; ++i) {
    logs[i] = log({1, i < 150 ? 2u : 3u, i % 2 == 0 || i < 6 ? 4u : 5u});
  }
  const auto set = blocked(*make("tie:10%"), 0);  // 78 fours against 72 fives of the 150
  EXPECT_EQ(set.size(), 6u);
  for (const std::uint32_t server : set) EXPECT_EQ(logs[server][2].handle().value, 4u);
  const auto wide = blocked(*make("tie:50%"), 0);  // 150 twos against 50 threes
  EXPECT_EQ(wide.size(), 100u);
  for (const std::uint32_t server : wide) EXPECT_EQ(logs[server][1].handle().value, 2u);
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

TEST_F(RoundsBlockers, ActedAheadAndNewestBlockTheFirst) {
  answered[17] = 9;
  answered[18] = 8;
  answered[19] = 7;
  EXPECT_EQ(blocked(*make("acted:1%"), 1), (std::vector<std::uint32_t>{17, 18}));
  checkpoint[41] = 2;
  EXPECT_EQ(blocked(*make("newest:1%"), 1), std::vector<std::uint32_t>{41});
  committed[40] = 5;
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
    if (strategy.arguments.starts_with(":SHARE")) text += ":12.5%";
    if (strategy.arguments == ":SHARE+ROUNDS") text += "+3";
    if (strategy.arguments == ":SERVER") text += ":2";
    if (strategy.arguments.starts_with(":FROM")) text += ":1+2";
    EXPECT_TRUE(make_blocker(text)) << text;
    EXPECT_TRUE(make_blocker(text + "@5+6/7")) << text;
  }
}

TEST_F(RoundsBlockers, BadTextIsRefusedInWords) {
  EXPECT_EQ(make_blocker("fresk:1%").error(), "no blocking strategy is called \"fresk\"");
  for (const char* text : {"fresh",       "fresh:",    "fresh:10",   "fresh:101%",
                           "fresh:1.25%", "fresh:x%",  "surge:5",    "surge:+5",
                           "surge:a+5",   "none:1",    "",           "fresh:1%,",
                           "fresh:1%+5",  "crash:1%",  "crash:1%+0", "flapping:1%+",
                           "server:x",    "fresh:1%@", "fresh:1%@5", "fresh:1%@5+1/0",
                           "surge:1+1/"}) {
    EXPECT_FALSE(make_blocker(text)) << text;
  }
  EXPECT_EQ(make_blocker("fresh:10").error(), "it is written fresh:SHARE, SHARE being like 12.5%");
}

}  // namespace
}  // namespace waggle::sim::rounds
