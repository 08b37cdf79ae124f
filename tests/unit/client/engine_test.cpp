#include <algorithm>

#include "tests/unit/client/fake_cluster.hpp"

namespace waggle::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing_support::FakeCluster;
using testing_support::Mood;

class EngineTest : public testing::Test {
 protected:
  EngineTest() { cluster_.start_client(); }
  /// Gets the session out of the way.
  void warm_up() {
    cluster_.submit({"warm-up"});
    cluster_.run_for(milliseconds(100));
    ASSERT_TRUE(cluster_.outcome<Committed>("warm-up"));
    cluster_.forget_sendings();
  }
  FakeCluster cluster_;
};

TEST_F(EngineTest, CommitsOnFPlusOneReplies) {
  cluster_.submit({"a"});
  cluster_.run_for(milliseconds(20));
  const auto* a = cluster_.outcome<Committed>("a");
  ASSERT_TRUE(a);
  EXPECT_EQ(as_text(a->result), "ra");
  EXPECT_EQ(a->number, 1u);
  EXPECT_EQ(a->height, Height{1});
  EXPECT_EQ(a->view, View{2});
  EXPECT_EQ(a->replies, 2u);
  EXPECT_EQ(cluster_.sent_to().size(), 2u) << "f+1 and no more";
}

TEST_F(EngineTest, AGroupIsExecutedInOrderInOneBlock) {
  cluster_.submit({"a", "b", "c"});
  cluster_.run_for(milliseconds(20));
  EXPECT_EQ(cluster_.executed(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(cluster_.outcome<Committed>("a")->block, cluster_.outcome<Committed>("c")->block);
}

TEST_F(EngineTest, ALiarIsOutvoted) {
  for (std::uint32_t liar = 0; liar < 4; ++liar) {
    cluster_.moods.assign(4, Mood::kHonest);
    cluster_.moods[liar] = Mood::kLiar;
    const std::string command = "a" + std::to_string(liar);
    cluster_.submit({command});
    cluster_.run_for(milliseconds(500));
    const auto* committed = cluster_.outcome<Committed>(command);
    ASSERT_TRUE(committed) << "liar " << liar;
    EXPECT_EQ(as_text(committed->result), "r" + command);
  }
}

TEST_F(EngineTest, ASilentReplicaCostsAShortWait) {
  warm_up();
  cluster_.submit({"probe"});
  const std::uint32_t target = cluster_.sent_to().at(0);
  cluster_.run_for(milliseconds(100));
  cluster_.moods[target] = Mood::kSilent;
  cluster_.submit({"a"});
  cluster_.run_for(milliseconds(20));
  EXPECT_FALSE(cluster_.outcome<Committed>("a"));
  cluster_.run_for(milliseconds(100));
  EXPECT_TRUE(cluster_.outcome<Committed>("a"));
}

TEST_F(EngineTest, ASilentReplicaIsAskedLastFromThenOn) {
  warm_up();
  cluster_.submit({"probe"});
  const std::uint32_t silent = cluster_.sent_to().at(0);
  cluster_.moods[silent] = Mood::kSilent;
  cluster_.run_for(milliseconds(200));
  ASSERT_TRUE(cluster_.outcome<Committed>("probe"));
  cluster_.forget_sendings();
  for (const char* command : {"a", "b", "c"}) {
    cluster_.submit({command});
    cluster_.run_for(milliseconds(20));
    EXPECT_TRUE(cluster_.outcome<Committed>(command)) << command;
  }
  EXPECT_EQ(std::count(cluster_.sent_to().begin(), cluster_.sent_to().end(), silent), 0);
}

TEST_F(EngineTest, ACommandAloneGoesToWhoAnsweredFirst) {
  warm_up();
  cluster_.submit({"a"});
  const std::uint32_t second = cluster_.sent_to().at(1);
  cluster_.nearest = second;
  cluster_.run_for(milliseconds(20));
  cluster_.forget_sendings();
  cluster_.submit({"b"});
  EXPECT_EQ(cluster_.sent_to().at(0), second);
}

TEST_F(EngineTest, InACrowdASilentReplicaIsAskedLastFromThenOn) {
  warm_up();
  cluster_.submit({"a"});
  const std::uint32_t silent = cluster_.sent_to().at(0);
  cluster_.moods[silent] = Mood::kSilent;
  cluster_.submit({"b"});
  cluster_.run_for(milliseconds(200));
  ASSERT_TRUE(cluster_.outcome<Committed>("a"));
  ASSERT_TRUE(cluster_.outcome<Committed>("b"));
  cluster_.forget_sendings();
  cluster_.submit({"c"});
  cluster_.submit({"d"});
  cluster_.run_for(milliseconds(20));
  EXPECT_TRUE(cluster_.outcome<Committed>("d"));
  EXPECT_EQ(std::count(cluster_.sent_to().begin(), cluster_.sent_to().end(), silent), 0);
}

TEST_F(EngineTest, WhoLiesIsNotFollowed) {
  warm_up();
  cluster_.submit({"a"});
  const std::uint32_t liar = cluster_.sent_to().at(1);
  cluster_.moods[liar] = Mood::kLiar;
  cluster_.run_for(milliseconds(200));
  ASSERT_TRUE(cluster_.outcome<Committed>("a"));
  cluster_.forget_sendings();
  cluster_.submit({"b"});
  cluster_.run_for(milliseconds(20));
  EXPECT_TRUE(cluster_.outcome<Committed>("b"));
  EXPECT_EQ(std::count(cluster_.sent_to().begin(), cluster_.sent_to().end(), liar), 0);
}

TEST_F(EngineTest, CommandsInACrowdAreSpreadAsBefore) {
  warm_up();
  cluster_.submit({"a"});
  const std::uint32_t first = cluster_.sent_to().at(0);
  cluster_.nearest = cluster_.sent_to().at(1);
  cluster_.submit({"b"});
  cluster_.run_for(milliseconds(20));
  cluster_.forget_sendings();
  cluster_.submit({"c"});
  EXPECT_EQ(cluster_.sent_to().at(0), first);
}

TEST_F(EngineTest, ASilentReplicaMakesNobodyMorePatientWithIt) {
  warm_up();
  cluster_.submit({"probe"});
  cluster_.moods[cluster_.sent_to().at(0)] = Mood::kSilent;
  for (int i = 0; i < 40; ++i) {
    const std::string command = std::to_string(i);
    cluster_.submit({command});
    cluster_.run_for(milliseconds(120));
    EXPECT_TRUE(cluster_.outcome<Committed>(command)) << command;
  }
}

TEST_F(EngineTest, AClusterThatIsSlowForItsLoadIsNotAskedByEverybody) {
  warm_up();
  cluster_.order_delay = milliseconds(900);
  for (int i = 0; i < 10; ++i) {
    const std::string command = std::to_string(i);
    cluster_.forget_sendings();
    cluster_.submit({command});
    cluster_.run_for(milliseconds(1000));
    EXPECT_TRUE(cluster_.outcome<Committed>(command)) << command;
  }
  EXPECT_EQ(cluster_.sent_to().size(), 2U) << "once it is known that answers take that long";
}

TEST_F(EngineTest, ADeadReplicaIsPassedOver) {
  warm_up();
  cluster_.disconnect(0);
  cluster_.submit({"a"});
  cluster_.run_for(milliseconds(20));
  EXPECT_TRUE(cluster_.outcome<Committed>("a"));
}

TEST_F(EngineTest, AConnectionLostOnTheWayIsMadeGood) {
  warm_up();
  cluster_.submit({"a"});
  const std::uint32_t target = cluster_.sent_to().at(0);
  cluster_.run_for(milliseconds(2));
  cluster_.disconnect(target);
  cluster_.run_for(milliseconds(20));
  EXPECT_TRUE(cluster_.outcome<Committed>("a"));
}

TEST_F(EngineTest, LivesThroughATimeWithoutCommits) {
  warm_up();
  cluster_.ordering = false;
  cluster_.submit({"a"}, seconds(30));
  cluster_.run_for(seconds(10));
  EXPECT_TRUE(cluster_.outcomes().size() == 1) << "still waiting";
  cluster_.ordering = true;
  cluster_.run_for(seconds(1));
  EXPECT_TRUE(cluster_.outcome<Committed>("a"));
  EXPECT_EQ(cluster_.executed().size(), 2u);
}

TEST_F(EngineTest, TheDeadlineMakesItUnknownAndResumeFindsOut) {
  warm_up();
  cluster_.ordering = false;
  cluster_.submit({"a"}, seconds(1));
  cluster_.run_for(seconds(1) + milliseconds(20));
  const auto* unknown = cluster_.outcome<Unknown>("a");
  ASSERT_TRUE(unknown);
  EXPECT_EQ(unknown->number, 2u);
  cluster_.resume(unknown->number, seconds(60));
  cluster_.run_for(seconds(1));
  cluster_.ordering = true;
  cluster_.run_for(seconds(1));
  ASSERT_TRUE(cluster_.outcome<Committed>("#2"));
  EXPECT_EQ(as_text(cluster_.outcome<Committed>("#2")->result), "ra");
  EXPECT_EQ(cluster_.executed().size(), 2u) << "once";
}

TEST_F(EngineTest, ResumeAfterTheFateIsKnownAnswersAtOnce) {
  warm_up();
  cluster_.ordering = false;
  cluster_.submit({"a"}, seconds(1));
  cluster_.run_for(seconds(2));
  cluster_.ordering = true;
  cluster_.run_for(seconds(3));
  EXPECT_EQ(cluster_.engine().requests_in_flight(), 0u);
  cluster_.resume(2);
  EXPECT_TRUE(cluster_.outcome<Committed>("#2"));
  cluster_.resume(77);
  EXPECT_TRUE(cluster_.outcome<Unknown>("#77"));
}

TEST_F(EngineTest, WithoutAConnectionNothingIsSent) {
  for (std::uint32_t i = 0; i < 4; ++i) cluster_.disconnect(i);
  cluster_.submit({"a"}, seconds(1));
  cluster_.run_for(seconds(2));
  const auto* not_sent = cluster_.outcome<NotSent>("a");
  ASSERT_TRUE(not_sent);
  EXPECT_EQ(not_sent->why, "0 of 4 replicas reachable, 2 needed (replica 0: connection refused)");
  EXPECT_EQ(cluster_.engine().queued_commands(), 0u);
}

TEST_F(EngineTest, AVerdictOfFPlusOneIsARejection) {
  cluster_.moods.assign(4, Mood::kRefusing);
  cluster_.refusal = Refusal::kClientNotAllowed;
  cluster_.submit({"a"});
  cluster_.run_for(milliseconds(100));
  const auto* rejected = cluster_.outcome<Rejected>("a");
  ASSERT_TRUE(rejected);
  EXPECT_EQ(rejected->reason, Refusal::kClientNotAllowed);
}

TEST_F(EngineTest, AfterARejectionTheHoleIsFilled) {
  warm_up();
  cluster_.moods.assign(4, Mood::kRefusing);
  cluster_.refusal = Refusal::kBadSignature;
  cluster_.spare_fillers = true;
  cluster_.submit({"a"});
  cluster_.run_for(milliseconds(10));
  ASSERT_TRUE(cluster_.outcome<Rejected>("a"));
  cluster_.moods.assign(4, Mood::kHonest);
  cluster_.submit({"b"});
  cluster_.run_for(seconds(2));
  EXPECT_TRUE(cluster_.outcome<Committed>("b"));
  EXPECT_EQ(cluster_.fillers(), 1u);
  EXPECT_EQ(cluster_.lowest(), 4u);
}

TEST_F(EngineTest, ARefusalThatPassesIsRetried) {
  warm_up();
  cluster_.moods.assign(4, Mood::kRefusing);
  cluster_.submit({"a"}, seconds(10));
  cluster_.submit({"b"}, seconds(1));
  cluster_.run_for(seconds(2));
  EXPECT_FALSE(cluster_.outcome<Rejected>("a"));
  const auto* unknown = cluster_.outcome<Unknown>("b");
  ASSERT_TRUE(unknown) << "a replica that says it refused may still have kept it";
  EXPECT_EQ(unknown->reason, Refusal::kMempoolFull);
  cluster_.moods.assign(4, Mood::kHonest);
  cluster_.run_for(seconds(3));
  EXPECT_TRUE(cluster_.outcome<Committed>("a"));
}

TEST_F(EngineTest, CommandsQueuedMeanwhileShareARequest) {
  warm_up();
  const std::uint64_t blocks = cluster_.blocks();
  for (int i = 0; i < 100; ++i) cluster_.submit({"c" + std::to_string(i)});
  cluster_.run_for(milliseconds(100));
  EXPECT_EQ(cluster_.executed().size(), 101u);
  // The first four go alone, the 96 behind them in two requests of at most 64.
  EXPECT_EQ(cluster_.blocks() - blocks, 6u);
}

TEST_F(EngineTest, NeverExceedsTheWindow) {
  warm_up();
  cluster_.ordering = false;
  for (int i = 0; i < 1000; ++i) cluster_.submit({"c" + std::to_string(i)}, seconds(60));
  cluster_.run_for(seconds(1));
  EXPECT_EQ(cluster_.engine().requests_in_flight(), 4u);
  cluster_.ordering = true;
  cluster_.run_for(seconds(2));
  EXPECT_EQ(cluster_.executed().size(), 1001u) << "no request was refused as too far";
}

TEST_F(EngineTest, AFullGroupWaitsForTheWholeWindow) {
  warm_up();
  std::vector<std::string> big;
  for (std::size_t i = 0; i < cluster_.engine().group_max(); ++i) {
    big.push_back("g" + std::to_string(i));
  }
  cluster_.submit({"before"});
  cluster_.submit(big);
  cluster_.submit({"after"});
  cluster_.run_for(seconds(1));
  EXPECT_EQ(cluster_.executed().size(), 3 + big.size());
  EXPECT_TRUE(cluster_.outcome<Committed>("after"));
}

TEST_F(EngineTest, ClosingReportsEverything) {
  warm_up();
  cluster_.ordering = false;
  cluster_.submit({"sent"});
  cluster_.engine().close();
  cluster_.run_for(milliseconds(1));
  EXPECT_TRUE(cluster_.outcome<Unknown>("sent"));
}

}  // namespace
}  // namespace waggle::client
