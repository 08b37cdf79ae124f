#include "smr/replica/pulse.hpp"

#include <gtest/gtest.h>

#include "tests/support/chain.hpp"

namespace waggle::smr {
namespace {

class PulseTest : public ::testing::Test {
 protected:
  void tick(const Pulse::Seen& seen, int times = 1) {
    for (int i = 0; i < times; ++i) pulse_.tick(seen);
  }
  testing::Chain chain_;
  Pulse pulse_{chain_.config, std::chrono::milliseconds(500)};
};

TEST_F(PulseTest, BusyWithoutACommit) {
  Pulse::Seen seen{.busy = true, .committed = Height{5}, .executed = Height{5}};
  tick(seen);
  EXPECT_EQ(pulse_.stalled(), 0U) << "it may have become busy this very moment";
  tick(seen, 3);
  EXPECT_EQ(pulse_.stalled(), 3U);
  seen.committed = seen.executed = Height{6};
  tick(seen);
  EXPECT_EQ(pulse_.stalled(), 0U);
  tick(seen, 2);
  seen.busy = false;
  tick(seen);
  EXPECT_EQ(pulse_.stalled(), 0U);
  seen.busy = true;
  tick(seen);
  EXPECT_EQ(pulse_.stalled(), 0U);
}

TEST_F(PulseTest, ADiskThatConfirmsNothing) {
  Pulse::Seen seen{.barriers_issued = 3, .barriers_durable = 3};
  tick(seen, 3);
  EXPECT_EQ(pulse_.syncing(), 0U) << "nothing waits";
  seen.barriers_issued = 4;
  tick(seen);
  EXPECT_EQ(pulse_.syncing(), 0U);
  seen.barriers_issued = 9;
  tick(seen, 2);
  EXPECT_EQ(pulse_.syncing(), 2U);
  seen.barriers_durable = 4;
  tick(seen);
  EXPECT_EQ(pulse_.syncing(), 0U) << "slow, but it moves";
}

TEST_F(PulseTest, AStateMachineThatFinishesNothing) {
  Pulse::Seen seen{.committed = Height{5}, .executed = Height{4}};
  tick(seen, 3);
  EXPECT_EQ(pulse_.applying(), 2U);
  seen.executed = Height{5};
  tick(seen);
  EXPECT_EQ(pulse_.applying(), 0U);
}

TEST_F(PulseTest, SilentIsWhoSaysNothingForMoreThanThreeTicks) {
  tick({}, 3);
  pulse_.heard(ReplicaId{1});
  EXPECT_FALSE(pulse_.silent(ReplicaId{2}));
  tick({});
  EXPECT_FALSE(pulse_.silent(ReplicaId{1}));
  EXPECT_TRUE(pulse_.silent(ReplicaId{2}));
}

TEST_F(PulseTest, RareHeartbeatsAreNoSilence) {
  Pulse patient(chain_.config, std::chrono::seconds(10));
  for (int i = 0; i < 31; ++i) patient.tick({});
  EXPECT_FALSE(patient.silent(ReplicaId{1}));
  patient.tick({});
  EXPECT_TRUE(patient.silent(ReplicaId{1}));
}

TEST_F(PulseTest, BehindIsWhoHasNotGotByNowToWhereOthersWere) {
  const Pulse::Seen seen{.committed = Height{10}, .executed = Height{10}};
  pulse_.reported(ReplicaId{1}, Height{90});
  tick(seen, 3);
  EXPECT_FALSE(pulse_.ahead(Height{10})) << "one of four may lie";
  pulse_.reported(ReplicaId{2}, Height{80});
  tick(seen);
  EXPECT_FALSE(pulse_.ahead(Height{10})) << "heard a moment ago";
  tick(seen);
  EXPECT_EQ(pulse_.ahead(Height{10}), Height{80});
  EXPECT_FALSE(pulse_.ahead(Height{80})) << "caught up since the tick";
}

TEST_F(PulseTest, RefusalsForWantOfRoomAreForgottenAfterTwoTicks) {
  EXPECT_FALSE(pulse_.mempool_refuses(0));
  tick({.mempool_refusals = 0});
  EXPECT_TRUE(pulse_.mempool_refuses(7));
  tick({.mempool_refusals = 7});
  EXPECT_TRUE(pulse_.mempool_refuses(7));
  tick({.mempool_refusals = 7});
  EXPECT_FALSE(pulse_.mempool_refuses(7));
}

}  // namespace
}  // namespace waggle::smr
