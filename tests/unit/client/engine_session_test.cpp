#include "tests/unit/client/fake_cluster.hpp"

/// Numbers across restarts.
namespace waggle::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing_support::FakeCluster;
using testing_support::Mood;

TEST(EngineSession, ACleanRestartGoesOnWithoutHoles) {
  FakeCluster cluster;
  cluster.start_client();
  cluster.submit({"a", "b"});
  cluster.run_for(milliseconds(50));
  cluster.engine().close();
  EXPECT_EQ(cluster.store.value, 3u);
  cluster.kill_client();
  cluster.start_client();
  cluster.submit({"c"});
  cluster.run_for(milliseconds(50));
  ASSERT_TRUE(cluster.outcome<Committed>("c"));
  EXPECT_EQ(cluster.outcome<Committed>("c")->number, 3u);
  EXPECT_EQ(cluster.fillers(), 0u);
}

TEST(EngineSession, ReservesBeforeItSends) {
  FakeCluster cluster;
  cluster.start_client();
  cluster.submit({"a"});
  cluster.run_for(milliseconds(3));
  EXPECT_EQ(cluster.sent_to().size(), 2u);
  EXPECT_GE(cluster.store.value.value(), 2u);
  for (int i = 0; i < 500; ++i) cluster.submit({std::to_string(i)});
  cluster.run_for(seconds(1));
  EXPECT_EQ(cluster.store.writes, 1) << "one write for many commands";
}

TEST(EngineSession, AfterACrashTheReservedNumbersAreFilled) {
  FakeCluster cluster;
  cluster.start_client();
  cluster.submit({"a"});
  cluster.run_for(milliseconds(50));
  cluster.kill_client();
  cluster.start_client();
  cluster.submit({"b"});
  cluster.run_for(milliseconds(200));
  ASSERT_TRUE(cluster.outcome<Committed>("b"));
  EXPECT_EQ(cluster.outcome<Committed>("b")->number, 2 + kReserve);
  EXPECT_EQ(cluster.fillers(), kReserve);
}

TEST(EngineSession, ACommandOnItsWayAtTheCrashIsExecutedAtMostOnce) {
  FakeCluster cluster;
  cluster.start_client();
  cluster.ordering = false;
  cluster.submit({"old"});
  cluster.run_for(milliseconds(50));
  cluster.kill_client();
  cluster.start_client();
  cluster.submit({"new"});
  cluster.run_for(milliseconds(50));
  cluster.ordering = true;
  cluster.run_for(seconds(1));
  ASSERT_TRUE(cluster.outcome<Committed>("new"));
  EXPECT_EQ(as_text(cluster.outcome<Committed>("new")->result), "rnew")
      << "not the result of the old one";
  EXPECT_EQ(cluster.executed().back(), "new");
}

TEST(EngineSession, WithoutAStoreItAdoptsWhatWasUsedBefore) {
  FakeCluster cluster;
  cluster.start_client();
  cluster.submit({"a"});
  cluster.run_for(milliseconds(50));
  cluster.kill_client();
  cluster.store.value = std::nullopt;
  cluster.start_client();
  cluster.submit({"b"});
  cluster.run_for(seconds(2));
  ASSERT_TRUE(cluster.outcome<Committed>("b"));
  EXPECT_EQ(cluster.outcome<Committed>("b")->number, 2u + 2 * kWindow);
  EXPECT_EQ(as_text(cluster.outcome<Committed>("b")->result), "rb");
}

TEST(EngineSession, AdoptionSurvivesALiar) {
  FakeCluster cluster;
  cluster.moods[1] = Mood::kLiar;
  cluster.store.value = std::nullopt;
  cluster.start_client();
  cluster.submit({"b"});
  cluster.run_for(seconds(3));
  EXPECT_TRUE(cluster.outcome<Committed>("b"));
}

TEST(EngineSession, AClientThatMayNotSubmitLearnsItDuringAdoption) {
  FakeCluster cluster;
  cluster.store.value = std::nullopt;
  cluster.moods.assign(4, Mood::kRefusing);
  cluster.refusal = Refusal::kClientNotAllowed;
  cluster.start_client();
  cluster.submit({"a"});
  cluster.run_for(seconds(1));
  EXPECT_TRUE(cluster.outcome<Rejected>("a"));
}

TEST(EngineSession, OneReplicaCannotTellWhereTheSessionStands) {
  FakeCluster cluster;
  cluster.moods[0] = Mood::kSilent;
  cluster.moods[1] =
      Mood::kLiar;  // More than f: the cluster is not to be trusted, but is slow only.
  cluster.start_client();
  cluster.submit({"a"}, seconds(2));
  cluster.run_for(seconds(3));
  ASSERT_TRUE(cluster.outcome<Committed>("a"));
  EXPECT_EQ(cluster.outcome<Committed>("a")->number, 1u);
}

TEST(EngineSession, AStoreThatFailsStopsTheClient) {
  FakeCluster cluster;
  cluster.start_client();
  cluster.store.broken = true;
  cluster.submit({"a"});
  cluster.run_for(milliseconds(50));
  ASSERT_TRUE(cluster.outcome<NotSent>("a"));
  EXPECT_EQ(cluster.outcome<NotSent>("a")->why, "disk full");
  EXPECT_TRUE(cluster.sent_to().empty());
}

TEST(EngineSession, AnIdleClientFindsOutThatItsSessionEnded) {
  FakeCluster cluster;
  cluster.start_client();
  cluster.submit({"a"});
  cluster.run_for(milliseconds(50));
  cluster.evict_session(5000);
  cluster.run_for(seconds(10));
  cluster.submit({"b"});
  cluster.run_for(milliseconds(50));
  ASSERT_TRUE(cluster.outcome<Committed>("b"));
  EXPECT_EQ(cluster.outcome<Committed>("b")->number, 5001u);
}

TEST(EngineSession, ASessionThatEndsUnderWayLeavesTheFateUnknownAndGoesOn) {
  FakeCluster cluster;
  cluster.start_client();
  cluster.submit({"a"});
  cluster.run_for(milliseconds(50));
  cluster.evict_session(5000);
  cluster.submit({"b"});
  cluster.run_for(milliseconds(100));
  const auto* unknown = cluster.outcome<Unknown>("b");
  ASSERT_TRUE(unknown);
  EXPECT_EQ(unknown->reason, Refusal::kNumberOld);
  cluster.submit({"c"});
  cluster.run_for(milliseconds(100));
  EXPECT_TRUE(cluster.outcome<Committed>("c"));
}

}  // namespace
}  // namespace waggle::client
