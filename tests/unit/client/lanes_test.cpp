#include "smr/client/lanes.hpp"

#include <algorithm>

#include <rapidcheck.h>

#include "tests/support/temp_folder.hpp"
#include "tests/unit/client/fake_median.hpp"

/// Many commands under way by a rule that admits one per session.
namespace waggle::client {
namespace {

using median::lane_number;
using median::lane_of;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing_support::FakeMedian;

std::string name(int i) { return "c" + std::to_string(i); }

TEST(Lanes, OneReplyIsBelieved) {
  FakeMedian servers;
  servers.start_client();
  servers.submit({"a"});
  servers.run_for(seconds(1));
  const auto* committed = servers.outcome<Committed>("a");
  ASSERT_TRUE(committed);
  EXPECT_EQ(as_text(committed->result), "ra");
  EXPECT_EQ(committed->replies, 1u);
  EXPECT_EQ(servers.sent().size(), 2u) << "two servers were asked, and nobody else";
}

TEST(Lanes, ALaneHasOneCommandUnderWayAndARequestOneCommand) {
  FakeMedian servers;
  servers.start_client();
  for (int i = 0; i < 200; ++i) servers.submit({name(i)});
  servers.run_for(seconds(3));
  EXPECT_EQ(servers.executed().size(), 200u);
  EXPECT_EQ(servers.commands_max(), 1u);
  EXPECT_EQ(servers.lane_max(), 1u);
}

TEST(Lanes, AreOpenedWhenTheOthersAreBusy) {
  FakeMedian servers;
  servers.start_client();
  servers.submit({"a"});
  servers.run_for(seconds(1));
  servers.submit({"b"});
  EXPECT_EQ(servers.client().lanes(), 1u) << "one after the other";
  for (int i = 0; i < 10; ++i) servers.submit({name(i)});
  EXPECT_EQ(servers.client().lanes(), 11u);
  servers.run_for(milliseconds(450));
  EXPECT_EQ(servers.executed().size(), 12u) << "all at once";
  for (int i = 10; i < 210; ++i) servers.submit({name(i)});
  EXPECT_EQ(servers.client().lanes(), servers.options.batching.lanes_max);
}

TEST(Lanes, BeginWithDifferentServers) {
  FakeMedian servers;
  servers.start_client();
  for (int i = 0; i < 50; ++i) servers.submit({name(i)});
  servers.run_for(milliseconds(100));
  std::vector<int> requests(10);
  for (const auto& [number, to] : servers.sent()) ++requests[to];
  EXPECT_EQ(*std::min_element(requests.begin(), requests.end()), 10);
  EXPECT_EQ(*std::max_element(requests.begin(), requests.end()), 10);
}

TEST(Lanes, AGroupIsExecutedInItsOrder) {
  FakeMedian servers;
  servers.start_client();
  servers.submit({"a", "b", "c"});
  servers.run_for(seconds(2));
  EXPECT_EQ(servers.executed(), (std::vector<std::string>{"a", "b", "c"}));
  ASSERT_TRUE(servers.outcome<Committed>("c"));
  EXPECT_EQ(servers.outcome<Committed>("c")->number, 3u);
}

TEST(Lanes, BlockedServersArePassedOverByPatience) {
  FakeMedian servers;
  servers.start_client();
  servers.submit({"warm-up"});
  servers.run_for(seconds(1));
  for (const auto& [number, to] : servers.sent()) servers.blocked[to] = true;
  servers.submit({"a"});
  servers.run_for(milliseconds(900));
  EXPECT_FALSE(servers.outcome<Committed>("a")) << "both that were asked are blocked";
  servers.run_for(milliseconds(900));
  EXPECT_TRUE(servers.outcome<Committed>("a"));
}

TEST(Lanes, LearnFromEachOtherHowLongAnswersTake) {
  FakeMedian servers;
  servers.order_delay = seconds(3);
  servers.start_client();
  servers.submit({"a"});
  servers.run_for(seconds(4));
  const std::size_t at_first = servers.sent().size();
  EXPECT_GT(at_first, 2u) << "everybody was asked";
  servers.submit({"b"});
  servers.run_for(seconds(1));
  servers.submit({"c"});
  servers.run_for(seconds(4));
  ASSERT_TRUE(servers.outcome<Committed>("c"));
  ASSERT_EQ(servers.outcome<Committed>("c")->number, lane_number(1, 1));
  EXPECT_EQ(servers.sent().size(), at_first + 4);
}

TEST(Lanes, TheDeadlineMakesItUnknownAndResumeFindsOut) {
  FakeMedian servers;
  servers.start_client();
  servers.ordering = false;
  for (int i = 0; i < 3; ++i) servers.submit({name(i)}, seconds(1));
  servers.run_for(seconds(2));
  const auto* unknown = servers.outcome<Unknown>("c2");
  ASSERT_TRUE(unknown);
  EXPECT_EQ(unknown->number, lane_number(2, 1));
  servers.ordering = true;
  servers.run_for(seconds(2));
  servers.resume(unknown->number);
  const std::string fate = "#" + std::to_string(unknown->number);
  ASSERT_TRUE(servers.outcome<Committed>(fate));
  EXPECT_EQ(as_text(servers.outcome<Committed>(fate)->result), "rc2");
  servers.resume(lane_number(999, 1));
  EXPECT_TRUE(servers.outcome<Unknown>("#" + std::to_string(lane_number(999, 1))))
      << "a lane that never was";
}

TEST(Lanes, AServerThatLagsIsNoObstacle) {
  FakeMedian servers;
  servers.start_client();
  servers.submit({"a"});
  servers.run_for(seconds(1));
  for (const auto& [number, to] : servers.sent()) servers.lag[to] = seconds(10);
  servers.submit({"b", "c"});
  servers.run_for(seconds(4));
  EXPECT_TRUE(servers.outcome<Committed>("c"));
}

TEST(Lanes, NumbersAreReservedOneByOneAndSyncedBeforeTheyAreSent) {
  FakeMedian servers;
  servers.start_client();
  for (int i = 0; i < 3; ++i) servers.submit({name(i)});
  servers.run_for(milliseconds(100));
  ASSERT_EQ(servers.sent().size(), 6u);
  for (const auto& [number, to] : servers.sent()) {
    EXPECT_EQ(servers.store.durable.at(lane_of(number)), number + 1);
  }
}

TEST(Lanes, AStoreThatFailsSendsNothing) {
  FakeMedian servers;
  servers.start_client();
  servers.submit({"a"});
  servers.run_for(seconds(1));
  servers.store.broken = true;
  for (int i = 0; i < 3; ++i) servers.submit({name(i), name(10 + i)}, seconds(2));
  servers.run_for(seconds(3));
  EXPECT_EQ(servers.executed(), (std::vector<std::string>{"a"}));
  ASSERT_TRUE(servers.outcome<NotSent>("c12"));
  EXPECT_EQ(servers.outcome<NotSent>("c12")->why, "disk full");
  EXPECT_FALSE(servers.outcome<Committed>("c0"));
}

TEST(Lanes, AfterACrashEachLaneGoesOnBehindItsLastNumber) {
  FakeMedian servers;
  servers.start_client();
  for (int i = 0; i < 3; ++i) servers.submit({name(i)});
  servers.run_for(seconds(1));
  servers.ordering = false;
  for (int i = 3; i < 6; ++i) servers.submit({name(i)});
  servers.run_for(milliseconds(100));
  servers.kill_client();
  servers.start_client();
  for (int i = 6; i < 9; ++i) servers.submit({name(i)});
  servers.run_for(seconds(1));
  servers.ordering = true;
  servers.run_for(seconds(5));
  for (int i = 6; i < 9; ++i) {
    ASSERT_TRUE(servers.outcome<Committed>(name(i))) << i;
    EXPECT_EQ(as_text(servers.outcome<Committed>(name(i))->result), "r" + name(i));
  }
  EXPECT_EQ(servers.fillers() + servers.executed().size(), 9u)
      << "under each number on its way either the old command or a filler was executed";
}

TEST(Lanes, WithoutAStoreALaneAdoptsWhatWasUsedBefore) {
  FakeMedian servers;
  servers.start_client();
  servers.submit({"a"});
  servers.run_for(seconds(1));
  servers.kill_client();
  servers.store = {};
  servers.store.key_is_new = false;
  servers.start_client();
  servers.submit({"b"});
  servers.run_for(seconds(3));
  ASSERT_TRUE(servers.outcome<Committed>("b"));
  EXPECT_EQ(servers.outcome<Committed>("b")->number, 4u) << "behind two fillers";
}

TEST(Lanes, ANumberThatANullEntryTookIsNotExecuted) {
  FakeMedian servers;
  servers.start_client();
  servers.submit({"a"});
  servers.run_for(seconds(1));
  servers.submit({"b"});
  servers.nullify(2);
  servers.run_for(seconds(1));
  ASSERT_TRUE(servers.outcome<Rejected>("b"));
  EXPECT_EQ(servers.outcome<Rejected>("b")->reason, Refusal::kNumberTaken);
  servers.submit({"c"});
  servers.run_for(seconds(1));
  ASSERT_TRUE(servers.outcome<Committed>("c"));
  EXPECT_EQ(servers.outcome<Committed>("c")->number, 3u);
  EXPECT_EQ(servers.executed(), (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(servers.fillers(), 0u);
}

TEST(Lanes, ANumberThatTheKeyUsedElsewhereLeavesTheFateUnknown) {
  FakeMedian servers;
  servers.start_client();
  servers.submit({"a"});
  servers.run_for(seconds(1));
  servers.submit({"b"});
  servers.nullify(2);
  servers.nullify(3);
  servers.run_for(seconds(1));
  ASSERT_TRUE(servers.outcome<Unknown>("b"));
  EXPECT_EQ(servers.outcome<Unknown>("b")->reason, Refusal::kNumberOld);
  servers.submit({"c"});
  servers.run_for(seconds(1));
  ASSERT_TRUE(servers.outcome<Committed>("c"));
  EXPECT_EQ(servers.outcome<Committed>("c")->number, 4u);
}

/// With a file for chains.
class LanesCertificates : public testing::Test {
 protected:
  LanesCertificates() {
    servers_.chain_file = folder_ / "client.chains";
    servers_.start_client();
  }
  ~LanesCertificates() override { servers_.kill_client(); }
  std::string verdict(const std::string& command) {
    const auto* committed = servers_.outcome<Committed>(command);
    if (committed == nullptr) return "not committed";
    const auto found = servers_.chains()->certificate(committed->number);
    if (!found) return found.error();
    if (!*found) return "no certificate";
    if (as_text((*found)->command) != command) return "of another command";
    return servers_.judge(**found);
  }

  const TempFolder folder_;
  FakeMedian servers_;
};

TEST_F(LanesCertificates, EveryCommittedCommandHasOne) {
  for (int i = 0; i < 20; ++i) {
    for (int k = 0; k < 3; ++k) servers_.submit({name(3 * i + k)});
    servers_.run_for(milliseconds(500));
  }
  EXPECT_EQ(servers_.client().lanes(), 3u);
  for (int i = 0; i < 60; ++i) EXPECT_EQ(verdict(name(i)), "");
}

TEST_F(LanesCertificates, TheOutcomeBringsOneThatServersJudgeForAWhile) {
  servers_.submit({"a", "b"});
  servers_.run_for(seconds(2));
  for (const std::string command : {"a", "b"}) {
    const auto& certificate = servers_.outcome<Committed>(command)->certificate;
    ASSERT_TRUE(certificate);
    EXPECT_EQ(as_text(certificate->command), command);
    EXPECT_EQ(servers_.judge(*certificate), "");
  }
  servers_.submit({"c", "d", "e"});
  servers_.run_for(seconds(3));
  EXPECT_NE(servers_.judge(*servers_.outcome<Committed>("a")->certificate), "");
  EXPECT_EQ(verdict("a"), "");
}

TEST_F(LanesCertificates, AnAcknowledgementThatWasMissedIsAskedForAgain) {
  servers_.submit({"a", "b"});
  servers_.run_for(seconds(2));
  servers_.submit({"lost"});
  servers_.run_for(milliseconds(100));
  servers_.kill_client();
  servers_.run_for(seconds(1));
  ASSERT_EQ(servers_.executed().back(), "lost");
  servers_.start_client();
  servers_.submit({"c", "d", "e", "f"});
  servers_.run_for(seconds(5));
  for (const std::string command : {"a", "b", "c", "d", "e", "f"}) EXPECT_EQ(verdict(command), "");
  const auto lost = servers_.chains()->certificate(3);
  ASSERT_TRUE(lost && *lost);
  EXPECT_EQ(as_text((*lost)->command), "lost");
  EXPECT_EQ(servers_.judge(**lost), "");
  EXPECT_EQ(servers_.fillers(), 0u);
}

TEST_F(LanesCertificates, ACommandOnItsWayAtACrashIsSentAgainUnderItsNumber) {
  servers_.submit({"a"});
  servers_.run_for(seconds(1));
  servers_.ordering = false;
  servers_.submit({"old"});
  servers_.run_for(milliseconds(100));
  servers_.kill_client();
  servers_.start_client();
  servers_.submit({"new"});
  servers_.run_for(milliseconds(500));
  servers_.ordering = true;
  servers_.run_for(seconds(3));
  EXPECT_EQ(servers_.executed(), (std::vector<std::string>{"a", "old", "new"}));
  EXPECT_EQ(verdict("new"), "");
}

TEST(LanesProperty, ExactlyOnceAndTruthfulWhateverHappens) {
  EXPECT_TRUE(rc::check([](const std::vector<std::pair<std::uint8_t, std::uint8_t>>& acts) {
    FakeMedian servers(*rc::gen::element<std::uint32_t>(1, 4, 10));
    servers.options.batching.lanes_max = 4;
    servers.start_client();
    int next = 0;
    for (const auto& [kind, detail] : acts) {
      const std::size_t server = detail % servers.blocked.size();
      switch (kind % 8) {
        case 0:
        case 1: servers.submit({name(next++)}, milliseconds(detail * 10)); break;
        case 2: servers.submit({name(next), name(next + 1)}, seconds(5)), next += 2; break;
        case 3: servers.blocked[server] = !servers.blocked[server]; break;
        case 4: servers.lag[server] = milliseconds(detail); break;
        case 5: servers.ordering = !servers.ordering; break;
        case 6:
          if (detail % 2 == 0) servers.client().close();
          servers.run_for(milliseconds(1));
          servers.kill_client();
          servers.start_client();
          break;
        case 7: servers.order_delay = milliseconds(1 + detail * 3); break;
      }
      servers.run_for(milliseconds(5 * (detail % 64)));
    }
    servers.ordering = true;
    servers.blocked.assign(servers.blocked.size(), false);
    servers.run_for(seconds(30));
    servers.submit({"last"});
    servers.run_for(seconds(10));

    std::vector<std::string> executed = servers.executed();
    std::sort(executed.begin(), executed.end());
    RC_ASSERT(std::adjacent_find(executed.begin(), executed.end()) == executed.end());
    for (const auto& [command, outcome] : servers.outcomes()) {
      const bool done = std::binary_search(executed.begin(), executed.end(), command);
      if (const auto* committed = std::get_if<Committed>(&outcome)) {
        RC_ASSERT(done);
        RC_ASSERT(as_text(committed->result) == "r" + command);
      } else if (!std::holds_alternative<Unknown>(outcome)) {
        RC_ASSERT(!done);
      }
    }
    RC_ASSERT(servers.commands_max() <= 1u);
    RC_ASSERT(servers.client().requests_in_flight() == 0u);
    RC_ASSERT(servers.outcome<Committed>("last") != nullptr);
  }));
}

}  // namespace
}  // namespace waggle::client
