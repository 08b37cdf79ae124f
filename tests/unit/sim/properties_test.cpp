// Every checker can fail: it is shown the contradiction that it is there for, and what comes
// closest to it and is allowed.
#include <gtest/gtest.h>

#include "sim/checker/honest_leaders.hpp"
#include "sim/checker/judge.hpp"
#include "sim/checker/liveness.hpp"
#include "sim/checker/number_set.hpp"
#include "smr/app/kv_command.hpp"
#include "storage/memory_storage.hpp"
#include "tests/support/chain.hpp"

namespace waggle::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Chain;

class Properties : public ::testing::Test {
 protected:
  /// What was found first.
  std::string found() const {
    const auto& violations = judge.violations();
    return violations.empty() ? "" : violations.front().property;
  }
  std::string detail() const { return judge.violations().at(0).detail; }
  BlockPtr block(std::uint64_t view, const BlockPtr& parent,
                 std::vector<std::string> commands = {}) {
    return chain.block({.view = view,
                        .parent = parent,
                        .qc = nullptr,
                        .tc = nullptr,
                        .commands = std::move(commands)});
  }
  void commit(std::uint32_t replica, const BlockPtr& made,
              smr::Decision decision = smr::Decision::kExecute) {
    smr::ExecutionJob job;
    job.block = made;
    for (const RequestRef& request : made->payload->requests()) {
      job.decisions.insert(job.decisions.end(), request.count, decision);
    }
    judge.on_commit(ReplicaId{replica}, job);
  }
  smr::Executed position(const BlockPtr& made, std::uint8_t state) {
    smr::Executed executed;
    executed.height = made->height();
    executed.block = made->id;
    executed.digest.bytes[0] = state;
    return executed;
  }
  void vote(std::uint32_t replica, const BlockPtr& made) {
    judge.on_sent(ReplicaId{replica}, chain.vote(replica, *made));
  }
  void timeout(std::uint32_t replica, std::uint64_t view, const Tip& tip) {
    judge.on_sent(ReplicaId{replica}, chained::TimeoutMessage{chain.timeout(replica, view, tip)});
  }
  void propose(std::uint32_t replica, const BlockPtr& made) {
    judge.on_sent(ReplicaId{replica}, chained::Proposal{made});
  }

  Chain chain;
  Judge judge{Judge::Of::kBlocks, 4, 1, true};
  const BlockPtr b1 = block(1, chain.genesis);
  const BlockPtr twin = block(1, chain.genesis, {"twin"});
  const BlockPtr b2 = block(2, b1);
  const ClientId client = chain.payload({"x"})->requests().front().client;
  const app::KvCommand put = app::KvPut{to_bytes("k"), to_bytes("v")};
};

TEST_F(Properties, AgreementOnOneBlockPerHeight) {
  judge.set_now(milliseconds(1500));
  commit(0, b1);
  commit(1, b1);
  EXPECT_EQ(found(), "");
  judge.set_now(seconds(2));
  commit(2, twin);
  EXPECT_EQ(found(), "agreement");
  EXPECT_EQ(detail(), "replica 2 commits " + short_hex(twin->id) +
                          " of view 1 at height 1 at 2.000000 s, but replica 0 committed " +
                          short_hex(b1->id) + " of view 1 there at 1.500000 s");
}

TEST_F(Properties, AgreementDoesNotBindTheExcused) {
  judge.excuse(ReplicaId{2});
  commit(0, b1);
  commit(2, twin);
  EXPECT_EQ(found(), "");
}

TEST_F(Properties, AgreementOnOrderAndParents) {
  commit(0, b2);
  EXPECT_EQ(found(), "agreement");  // a gap
  Judge other(Judge::Of::kBlocks, 4, 1, true);
  other.on_commit(ReplicaId{0}, {.block = block(3, chain.genesis)});
  other.on_commit(ReplicaId{0}, {.block = b2});
  ASSERT_FALSE(other.violations().empty());  // does not stand on what was committed
  EXPECT_EQ(other.violations().front().property, "agreement");
}

TEST_F(Properties, AgreementAcrossRestarts) {
  commit(0, b1);
  commit(0, b2);
  judge.on_restarted(ReplicaId{0}, position(b1, 1));
  commit(0, b2);
  EXPECT_EQ(found(), "");
  judge.on_restarted(ReplicaId{0}, position(block(3, b2), 1));
  EXPECT_EQ(found(), "agreement");  // it never executed that far
}

TEST_F(Properties, AgreementOnWhatClientsAreTold) {
  commit(0, b1);
  smr::Committed where{client, View{1}, Height{1}, b1->id, {}};
  judge.on_submitted(client, 1, put);
  judge.on_submitted(client, 2, put);
  judge.on_acknowledged(client, 1, where, {});
  EXPECT_EQ(found(), "");
  where.block = twin->id;
  judge.on_acknowledged(client, 2, where, {});
  EXPECT_EQ(found(), "agreement");
}

TEST_F(Properties, IntegrityOfCommands) {
  const Bytes known = app::encode(put);
  const std::string text(as_text(known));
  const BlockPtr with = block(1, chain.genesis, {text});
  const std::uint64_t number = with->payload->requests().front().first;
  commit(0, with);
  EXPECT_EQ(found(), "integrity");  // nobody submitted it
  Judge fresh(Judge::Of::kBlocks, 4, 1, true);
  fresh.on_submitted(client, number, put);
  smr::ExecutionJob job;
  job.block = with;
  job.decisions = {smr::Decision::kExecute};
  fresh.on_commit(ReplicaId{0}, job);
  fresh.on_commit(ReplicaId{1}, job);  // every replica executes it once
  EXPECT_TRUE(fresh.violations().empty());
  job.block =
      chain.block({.view = 2, .parent = with, .qc = nullptr, .tc = nullptr, .commands = {text}});
  ASSERT_EQ(job.block->payload->requests().front().first, number);
  job.decisions = {smr::Decision::kDuplicate};
  fresh.on_commit(ReplicaId{0}, job);
  EXPECT_TRUE(fresh.violations().empty());
  job.decisions = {smr::Decision::kExecute};
  fresh.on_commit(ReplicaId{1}, job);  // decides otherwise
  ASSERT_FALSE(fresh.violations().empty());
  EXPECT_EQ(fresh.violations().front().property, "integrity");
}

TEST_F(Properties, IntegrityOfNumbers) {
  const std::string text(as_text(app::encode(put)));
  const BlockPtr with = block(1, chain.genesis, {text});
  judge.on_submitted(client, with->payload->requests().front().first, put);
  commit(0, with);
  EXPECT_EQ(found(), "");
  commit(0, block(2, with, {text}));  // executes the same number again
  EXPECT_EQ(found(), "integrity");
}

TEST_F(Properties, DurabilityOfVotes) {
  vote(0, b1);
  vote(0, b1);  // again
  vote(1, twin);
  EXPECT_EQ(found(), "");
  vote(0, twin);
  EXPECT_EQ(found(), "durability");
}

TEST_F(Properties, DurabilityVotesRise) {
  vote(0, b2);
  vote(0, b1);
  EXPECT_EQ(found(), "durability");
}

TEST_F(Properties, DurabilityOfProposals) {
  propose(1, b1);
  propose(1, b1);
  EXPECT_EQ(found(), "");
  propose(1, twin);
  EXPECT_EQ(found(), "durability");
}

TEST_F(Properties, DurabilityTimeoutsCoverVotes) {
  vote(0, b1);
  timeout(0, 2, b1->tip());
  timeout(0, 2, b2->tip());  // a repetition with a higher tip
  EXPECT_EQ(found(), "");
  timeout(1, 2, chain.genesis->tip());
  EXPECT_EQ(found(), "");
  vote(1, b1);  // which its timeout does not report
  EXPECT_EQ(found(), "durability");
}

TEST_F(Properties, DurabilityTimeoutsReportTheHighestVote) {
  vote(0, b2);
  timeout(0, 3, b1->tip());
  EXPECT_EQ(found(), "durability");
  Judge hotstuff(Judge::Of::kBlocks, 4, 1, false);  // there the tip is what is certified
  hotstuff.on_sent(ReplicaId{0}, chain.vote(0, *b2));
  hotstuff.on_sent(ReplicaId{0}, chained::TimeoutMessage{chain.timeout(0, 3, b1->tip())});
  EXPECT_TRUE(hotstuff.violations().empty());
}

TEST_F(Properties, DurabilityTipsAreNotAheadAndDoNotFall) {
  timeout(0, 2, b2->tip());
  timeout(0, 2, b1->tip());
  EXPECT_EQ(found(), "durability");
  Judge ahead(Judge::Of::kBlocks, 4, 1, true);
  ahead.on_sent(ReplicaId{0}, chained::TimeoutMessage{chain.timeout(0, 1, b2->tip())});
  EXPECT_FALSE(ahead.violations().empty());
}

TEST_F(Properties, EqualStatesAtEqualHeights) {
  judge.on_executed(ReplicaId{0}, position(b1, 1));
  judge.on_executed(ReplicaId{1}, position(b1, 1));
  judge.on_executed(ReplicaId{0}, position(b2, 2));
  EXPECT_EQ(found(), "");
  judge.on_executed(ReplicaId{1}, position(b2, 3));
  EXPECT_EQ(found(), "state");
}

TEST_F(Properties, LinearizableAnswersAndFinalStates) {
  commit(0, b1);
  const smr::Committed where{client, View{1}, Height{1}, b1->id, {}};
  judge.on_submitted(client, 1, put);
  judge.on_acknowledged(client, 1, where, {});
  storage::MemoryStorage held;
  storage::Batch batch;
  batch.put(storage::Family::kState, to_bytes("k"), to_bytes("v"));
  ASSERT_TRUE(held.write(batch, true));
  judge.on_final_state(ReplicaId{0}, held);
  EXPECT_EQ(found(), "");
  judge.on_final_state(ReplicaId{1}, storage::MemoryStorage());  // an acknowledged write is lost
  EXPECT_EQ(found(), "linearizability");
  Judge reader(Judge::Of::kBlocks, 4, 1, true);
  reader.on_submitted(client, 2, app::KvGet{to_bytes("k")});
  reader.on_acknowledged(client, 2, where, {.value = to_bytes("never written")});
  EXPECT_FALSE(reader.violations().empty());
}

TEST_F(Properties, QueuesAreBounded) {
  judge.on_usage(ReplicaId{0}, {.blocks = 4096, .mempool_requests = 10'000});
  EXPECT_EQ(found(), "");
  judge.on_usage(ReplicaId{0}, {.unexecuted = 2049});
  EXPECT_EQ(found(), "bounds");
}

TEST_F(Properties, LivenessCountsFromTheHealing) {
  judge.demand<Liveness>(seconds(1));
  judge.on_submitted(client, 1, put);
  judge.set_now(seconds(100));
  judge.on_time();
  judge.on_healed();
  judge.set_now(seconds(101));
  judge.on_time();
  EXPECT_EQ(found(), "");
  judge.set_now(seconds(101) + milliseconds(1));
  judge.on_time();
  EXPECT_EQ(found(), "liveness");
}

TEST_F(Properties, LivenessIsContentWithAnswers) {
  judge.demand<Liveness>(seconds(1));
  judge.on_healed();
  commit(0, b1);
  judge.on_submitted(client, 1, put);
  judge.on_acknowledged(client, 1, {client, View{1}, Height{1}, b1->id, {}}, {});
  judge.set_now(seconds(100));
  judge.on_time();
  EXPECT_EQ(found(), "");
}

TEST_F(Properties, HonestLeadersAreNotLeftBehind) {
  judge.demand<HonestLeaders>(seconds(1));
  judge.on_healed();
  propose(0, twin);  // too early to count
  judge.set_now(seconds(1));
  propose(1, b1);
  commit(0, b1);
  EXPECT_EQ(found(), "");
  propose(2, block(2, b1, {"left behind"}));
  commit(0, block(3, b1));
  EXPECT_EQ(found(), "honest_leaders");
}

TEST(NumberSet, KeepsRuns) {
  NumberSet set;
  for (const std::uint64_t number : {5, 7, 6, 1, 2, 100}) EXPECT_TRUE(set.insert(number));
  for (const std::uint64_t number : {5, 6, 7, 1, 2, 100}) EXPECT_FALSE(set.insert(number));
  EXPECT_EQ(set.size(), 6U);
  EXPECT_EQ(set.runs(), 3U);
}

}  // namespace
}  // namespace waggle::sim
