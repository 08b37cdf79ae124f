// Rules 4.8-4.10 and 5: catching up, idle and busy, lost memory, committing.
#include <algorithm>

#include "tests/spec/script.hpp"

namespace waggle::testing {
namespace {

using namespace chained;

struct Sync : Script, ::testing::Test {
  Sync() : Script({kZ, 0, 0, kZ, kZ, kZ, kZ, kZ, kZ, kZ}) {
    b1 = block(1, chain.genesis, chain.genesis->qc, nullptr, {"put a 1"});
    b2 = fast(b1);
    b3 = fast(b2);
  }
  template <class M>
  std::size_t count(const Bench::Effects& effects) {
    return static_cast<std::size_t>(
        std::count_if(effects.begin(), effects.end(), [](const auto& effect) {
          const auto* send = std::get_if<Send<Message>>(&effect);
          const auto* all = std::get_if<Broadcast<Message>>(&effect);
          return (send != nullptr && std::holds_alternative<M>(send->message)) ||
                 (all != nullptr && std::holds_alternative<M>(all->message));
        }));
  }
  TcPtr tc_of(std::uint64_t view, const Tip& tip) {
    return chain.tc(view, {{0, tip}, {1, tip}, {2, tip}});
  }
  BlockPtr b1, b2, b3;
};
using Rule4_8 = Sync;
using Rule4_9 = Sync;
using Rule5 = Sync;
using Rule5_1 = Sync;
using Rule5_2 = Sync;

TEST_F(Rule4_8, AStaleVoteOrTimeoutIsAnsweredWithTheEntryCertificate) {
  give(0, chain.qc(*b3));
  const auto& by_vote = bench.deliver(0, 1, chain.vote(1, *b1));
  ASSERT_NE(find_message<Certificate>(by_vote), nullptr);
  const auto& by_timeout = give_timeout(0, 1, 2, chain.genesis->tip());
  const auto* entry = find_message<Certificate>(by_timeout);
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->proof.proves(chain.config), View{4});
}

TEST_F(Rule4_8, ACurrentVoteOrTimeoutIsNotAnswered) {
  give(0, chain.qc(*b1));
  EXPECT_EQ(find_message<Certificate>(give_timeout(0, 1, 2, b1->tip())), nullptr);
}

TEST_F(Rule4_8, ANewConnectionGetsLastVoteLastTimeoutHighestQcAndEntryCertificate) {
  ASSERT_TRUE(votes(1, b1));
  bench.fire(1, Core::kViewTimer);
  const auto& effects = bench.connect(1, 2);
  EXPECT_EQ(count<Vote>(effects), 1U);
  EXPECT_EQ(count<TimeoutMessage>(effects), 1U);
  EXPECT_GE(count<Certificate>(effects), 1U);
  EXPECT_EQ(find_message<TimeoutMessage>(effects)->timeout.tip, b1->tip());
  // Not a timeout of a view below a later vote.
  give(1, chain.qc(*b1));
  ASSERT_TRUE(votes(1, chain.block({2, b1, nullptr})));
  EXPECT_EQ(count<TimeoutMessage>(bench.connect(1, 2)), 0U);
}

TEST_F(Rule4_8, DuplicatesChangeNothingAndVotesOfHigherViewsAreKept) {
  for (const std::uint32_t from : {0U, 1U, 2U}) bench.deliver(0, from, chain.vote(from, *b3));
  EXPECT_EQ(bench.core(0).view(), View{4}) << "votes of a higher view make a QC";
  const Digest before = bench.core(0).state_digest();
  for (const std::uint32_t from : {1U, 2U}) {
    bench.deliver(0, from, chain.vote(from, *b3));
    EXPECT_EQ(why(0), Refusal::kDuplicate);
  }
  EXPECT_EQ(bench.refusals(0).size(), 2U);
  EXPECT_EQ(bench.core(0).state_digest(), before);
  bench.propose(0, b1);
  const Digest with_block = bench.core(0).state_digest();
  bench.propose(0, b1);
  EXPECT_EQ(bench.refusals(0).size(), 3U);
  EXPECT_EQ(bench.core(0).state_digest(), with_block);
}

TEST_F(Rule4_8, MissingBlocksComeInBatchesAndCommitAsTheyCome) {
  std::vector<ChainedBlock> blocks;
  BlockPtr parent = chain.genesis;
  for (int i = 0; i < 200; ++i) {
    parent = fast(parent);
    blocks.push_back(chain.chained(parent));
  }
  const auto* asked = find_message<BranchRequest>(give(0, chain.qc(*parent)));
  for (std::size_t at = 0; at < blocks.size(); at += kBranchBlocksMax) {
    ASSERT_NE(asked, nullptr) << at;
    EXPECT_EQ(asked->block, parent->id);
    EXPECT_GE(asked->above.value, at > 2 ? at - 2 : 0U);
    EXPECT_LE(asked->above.value, at);
    const std::size_t end = std::min(blocks.size(), at + kBranchBlocksMax);
    const Branch part{parent->id,
                      {blocks.begin() + static_cast<std::ptrdiff_t>(at),
                       blocks.begin() + static_cast<std::ptrdiff_t>(end)},
                      nullptr};
    asked = find_message<BranchRequest>(bench.deliver(0, kZ, part));
  }
  EXPECT_EQ(asked, nullptr);
  EXPECT_EQ(bench.commits(0).size(), 199U);
  EXPECT_LT(bench.core(0).tree().size(), 10U) << "memory stays bounded";
}

TEST_F(Rule4_8, RefusesABranchThatNobodyAskedForOrFromSomebodyElse) {
  const Branch branch{b2->id, {chain.chained(b1), chain.chained(b2)}, nullptr};
  bench.deliver(0, kZ, branch);
  EXPECT_EQ(why(0), Refusal::kUnsolicited);
  give(0, chain.qc(*b2));  // named by Z, so Z is asked
  bench.deliver(0, 1, branch);
  EXPECT_EQ(why(0), Refusal::kUnsolicited);
  EXPECT_EQ(bench.core(0).tree().find(b2->id), nullptr);
  bench.deliver(0, kZ, branch);
  EXPECT_NE(bench.core(0).tree().find(b2->id), nullptr);
}

TEST_F(Rule4_8, AnotherReplicaIsAskedWhenTheFirstIsSilentAndASlowAnswerIsWelcome) {
  give(0, chain.qc(*b2));
  EXPECT_NE(find_message<BranchRequest>(bench.fire(0, Core::kFetchTimer)), nullptr);
  bench.deliver(0, kZ, Branch{b2->id, {chain.chained(b1), chain.chained(b2)}, nullptr});
  EXPECT_NE(bench.core(0).tree().find(b2->id), nullptr);
}

TEST_F(Rule4_8, InventedNamesDoNotCrowdOutRealOnes) {
  for (std::uint64_t i = 1; i <= 200; ++i) {
    Timeout timeout = chain.timeout(kZ, i, chain.genesis->tip());
    timeout.high_qc = {View{1000 + i}, chain.hasher.hash({as_bytes(std::to_string(i))})};
    bench.deliver(0, kZ, TimeoutMessage{timeout});
  }
  const auto& effects = bench.deliver(0, 1, Certificate{{chain.qc(*b2)}});
  const auto* asked = find_message<BranchRequest>(effects);
  ASSERT_NE(asked, nullptr);
  EXPECT_EQ(asked->block, b2->id);
}

TEST_F(Rule4_9, AnIdleReplicaRunsNoViewTimerAndAnIdleLeaderProposesNothing) {
  EXPECT_FALSE(bench.timer_runs(0, Core::kViewTimer));
  ASSERT_TRUE(votes(0, b1));
  ASSERT_TRUE(votes(0, b2));
  EXPECT_EQ(count<Proposal>(give(0, chain.qc(*b2))), 0U) << "it leads view 3";
  EXPECT_FALSE(bench.timer_runs(0, Core::kViewTimer));
}

// 4.6: whoever gave up wants a block, and the leader may be the only one to know of nothing.
TEST_F(Rule4_9, AnIdleLeaderProposesOnATc) {
  const auto& effects = give(0, tc_of(2, chain.genesis->tip()));
  const auto* proposal = find_message<Proposal>(effects);
  ASSERT_NE(proposal, nullptr);
  EXPECT_TRUE(proposal->block->payload->is_empty());
}

// One busy replica alone does not reach f+1 timeouts: a commit of its that 5.2 holds up, say.
TEST_F(Rule4_9, AnIdleReplicaThatHearsAnotherGiveUpIsBusyOneViewTimeoutLater) {
  bench.deliver(0, 1, TimeoutMessage{chain.timeout(1, 1, chain.genesis->tip())});
  EXPECT_FALSE(bench.core(0).busy()) << "not at once: a liar would make a block per message";
  ASSERT_TRUE(bench.timer_runs(0, Core::kViewTimer));
  EXPECT_EQ(count<TimeoutMessage>(bench.fire(0, Core::kViewTimer)), 0U) << "the leader comes first";
  EXPECT_TRUE(bench.core(0).busy());
  ASSERT_TRUE(bench.timer_runs(0, Core::kViewTimer));
  EXPECT_GT(count<TimeoutMessage>(bench.fire(0, Core::kViewTimer)), 0U);
  EXPECT_TRUE(bench.core(0).owes_help());
  give(0, chain.qc(*b1));
  EXPECT_FALSE(bench.core(0).owes_help()) << "a block of that view is certified";
}

TEST_F(Rule4_9, AnIdleLeaderThatHearsAnotherGiveUpProposesOneViewTimeoutLater) {
  ASSERT_TRUE(votes(0, b1));
  ASSERT_TRUE(votes(0, b2));
  give(0, chain.qc(*b2));  // h0 leads view 3
  ASSERT_FALSE(bench.core(0).busy());
  EXPECT_EQ(count<Proposal>(bench.deliver(0, 1, TimeoutMessage{chain.timeout(1, 3, b2->tip())})),
            0U);
  EXPECT_EQ(count<Proposal>(bench.fire(0, Core::kViewTimer)), 1U);
}

TEST_F(Rule4_9, ATimeoutOfALaterViewCallsNobody) {
  bench.deliver(0, kZ, TimeoutMessage{chain.timeout(kZ, 1000, chain.genesis->tip())});
  EXPECT_FALSE(bench.timer_runs(0, Core::kViewTimer));
}

TEST_F(Rule4_9, APayloadOnTheTipsBranchKeepsAReplicaBusyUntilItIsCommitted) {
  ASSERT_TRUE(votes(1, b1));
  EXPECT_TRUE(bench.core(1).busy());
  EXPECT_TRUE(bench.timer_runs(1, Core::kViewTimer));
  ASSERT_TRUE(votes(1, b2));
  give(1, chain.qc(*b2));
  EXPECT_TRUE(bench.has_committed(1, b1));
  EXPECT_FALSE(bench.core(1).busy());
  EXPECT_FALSE(bench.timer_runs(1, Core::kViewTimer));
}

TEST_F(Rule4_9, ACollectorThatIsNotBusyBroadcastsTheQcAndProposesNothing) {
  ASSERT_TRUE(votes(0, b1));
  ASSERT_TRUE(votes(0, b2));
  // h0 leads view 3 and collects the votes for B2, which commit the last payload.
  bench.deliver(0, 0, chain.vote(0, *b2));
  bench.deliver(0, 1, chain.vote(1, *b2));
  const auto& effects = bench.deliver(0, 2, chain.vote(2, *b2));
  EXPECT_EQ(count<Proposal>(effects), 0U);
  const auto* told = find_message<Certificate>(effects);
  ASSERT_NE(told, nullptr);
  EXPECT_EQ(std::get<QcPtr>(told->proof.proof)->block, b2->id);
  EXPECT_EQ(count<Proposal>(bench.submit(0, "put b 1")), 1U) << "and wakes up";
}

TEST_F(Rule4_9, HeartbeatsCarryTheHighestQcAndAreNotPersisted) {
  give(0, chain.qc(*b1));
  const auto& effects = bench.fire(0, Core::kHeartbeatTimer);
  EXPECT_EQ(find_message<Heartbeat>(effects)->high_qc->block, b1->id);
  EXPECT_EQ(find_effect<Persist<Record>>(effects), nullptr);
}

/// h2 lost its disk. h0 and h1 stand in view 3, Z in view 4 or so.
struct Rule4_10 : Sync {
  Rule4_10() {
    for (const std::uint32_t h : {0U, 1U}) {
      EXPECT_TRUE(votes(h, b1) && votes(h, b2));
    }
    bench.lose_disk(2);
    const auto& effects = bench.start(2, true);
    challenge = *find_message<RejoinChallenge>(effects);
  }
  RejoinReport report(std::uint32_t from, std::uint64_t bound, const ViewProof& proof) {
    return std::get<RejoinReport>(chain.signed_by(
        from,
        RejoinReport{ReplicaId{from}, ReplicaId{2}, challenge.nonce, View{bound}, proof, {}}));
  }
  void report_all(std::uint64_t bound) {
    const ViewProof proof{chain.qc(*b2)};
    for (const std::uint32_t from : {0U, 1U, 3U})
      bench.deliver(2, from, report(from, bound, proof));
  }
  RejoinChallenge challenge;
};

TEST_F(Rule4_10, StaysPassiveUntilACertifiedBlockAboveTheBound) {
  EXPECT_EQ(bench.disk(2).safety->rejoin, RejoinPhase::kRejoining) << "durable before it asks";
  report_all(3);  // M = 4
  bench.deliver(2, kZ, Certificate{{chain.qc(*b3)}});
  bench.deliver(2, kZ,
                Branch{b3->id, {chain.chained(b1), chain.chained(b2), chain.chained(b3)}, nullptr});
  BlockPtr next = fast(b3);  // view 4 = M: not above
  EXPECT_FALSE(votes(2, next));
  give(2, chain.qc(*next));
  EXPECT_TRUE(bench.core(2).passive());
  const BlockPtr b5 = fast(next);
  EXPECT_FALSE(votes(2, b5));
  bench.submit(2, "put z 1");
  EXPECT_EQ(bench.fire(2, Core::kViewTimer).size(), 0U) << "no timeouts";
  give(2, chain.qc(*b5));
  EXPECT_FALSE(bench.core(2).passive());
  EXPECT_EQ(record(2).tip, b5->tip());
  EXPECT_EQ(record(2).last_voted_view, View{4});
  EXPECT_EQ(record(2).last_timeout_view, View{4});
  EXPECT_EQ(bench.disk(2).safety->tip, b5->tip()) << "durable before it acts";
  EXPECT_TRUE(votes(2, fast(b5)));
  bench.restart(2);
  EXPECT_FALSE(bench.core(2).passive());
}

TEST_F(Rule4_10, AQuorumOfOtherReplicasMustReportForThisChallenge) {
  const ViewProof proof{chain.qc(*b2)};
  bench.deliver(2, 0, report(0, 3, proof));
  bench.deliver(2, 1, report(1, 3, proof));
  bench.deliver(2, 1, report(1, 3, proof));  // the first of a reporter counts, once
  RejoinReport old = report(3, 3, proof);
  old.nonce = b1->id;
  bench.deliver(2, 3, chain.signed_by(3, old));
  EXPECT_EQ(why(2), Refusal::kUnsolicited) << "an answer to another challenge";
  BlockPtr parent = b3;
  std::vector<ChainedBlock> blocks = {chain.chained(b1), chain.chained(b2), chain.chained(b3)};
  for (int i = 0; i < 3; ++i) blocks.push_back(chain.chained(parent = fast(parent)));
  give(2, chain.qc(*parent));
  bench.deliver(2, kZ, Branch{parent->id, blocks, nullptr});
  EXPECT_TRUE(bench.core(2).passive());
  bench.deliver(2, 3, report(3, 3, proof));
  EXPECT_FALSE(bench.core(2).passive());
}

TEST_F(Rule4_10, AReportBeyondItsJustificationIsRefused) {
  const ViewProof proof{chain.qc(*b2)};  // allows view 3
  EXPECT_TRUE(chain.validate(report(3, 3, proof), 3));
  EXPECT_EQ(chain.validate(report(3, 4, proof), 3).error(), Refusal::kUnprovenView);
  RejoinReport forged = report(3, 2, proof);
  forged.bound = View{1};
  EXPECT_EQ(chain.validate(forged, 3).error(), Refusal::kBadSignature);
}

TEST_F(Rule4_10, ReportsItsHighestSignatureAndIsBusyUntilTheChainMovedOn) {
  give(0, chain.qc(*b2));  // everything is committed: idle
  ASSERT_FALSE(bench.core(0).busy());
  const auto& effects = bench.deliver(0, 2, chain.signed_by(2, challenge));
  const auto* answer = find_message<RejoinReport>(effects);
  ASSERT_NE(answer, nullptr);
  EXPECT_EQ(answer->bound, View{2});
  EXPECT_TRUE(bench.core(0).busy());
  EXPECT_TRUE(bench.timer_runs(0, Core::kViewTimer));
  EXPECT_EQ(find_message<Proposal>(effects) != nullptr, true) << "it leads view 3";
  bench.deliver(0, 2, chain.signed_by(2, challenge));
  EXPECT_EQ(why(0), Refusal::kRateLimited);
  give(0, chain.qc(*b3));
  EXPECT_TRUE(bench.core(0).busy()) << "view 3 is not above its answer + 1";
  const BlockPtr b4 = fast(b3);
  give(0, chain.qc(*b4));
  EXPECT_FALSE(bench.core(0).has_uncommitted_payload());
  EXPECT_FALSE(bench.core(0).busy());
}

TEST_F(Rule4_10, ThoseStillRejoiningDoNotReport) {
  RejoinChallenge other{ReplicaId{1}, b1->id, {}};
  EXPECT_TRUE(bench.deliver(2, 1, chain.signed_by(1, other)).empty());
}

TEST_F(Rule4_10, ANewLossMeansANewChallengeAndACrashInBetweenTheSame) {
  bench.crash(2);
  EXPECT_EQ(find_message<RejoinChallenge>(bench.start(2))->nonce, challenge.nonce);
  bench.lose_disk(2);
  bench.seed = 2;
  EXPECT_NE(find_message<RejoinChallenge>(bench.start(2, true))->nonce, challenge.nonce);
}

// Without abstaining the forgotten vote and the new one are two votes of one view.
TEST(Rule4_10Without, AReplicaThatForgotVotesAgain) {
  Script script(std::vector<std::uint32_t>(9, Script::kZ), without(&Guards::rejoin_abstains));
  const auto& genesis = script.chain.genesis;
  const BlockPtr b1 = script.block(1, genesis, genesis->qc, nullptr, {"pay alice"});
  const BlockPtr twin = script.block(1, genesis, genesis->qc, nullptr, {"pay mallory"});
  ASSERT_TRUE(script.votes(0, b1));
  script.bench.lose_disk(0);
  script.bench.start(0, true);
  EXPECT_TRUE(script.votes(0, twin));
}

// Section 5: B2 certified, B2.qc certifies B1; no view-consecutiveness.
TEST_F(Rule5, APairCommitsAlsoWhenItsViewsAreFarApart) {
  ASSERT_TRUE(votes(1, b1));
  const TcPtr tc = tc_of(6, b1->tip());
  const BlockPtr b7 = block(7, b1, chain.qc(*b1), tc);
  ASSERT_TRUE(votes(1, b7));
  EXPECT_TRUE(bench.commits(1).empty()) << "B7 is not certified yet";
  const auto* commit = find_effect<Commit>(give(1, chain.qc(*b7)));
  ASSERT_NE(commit, nullptr);
  EXPECT_EQ(commit->block->id, b1->id);
  EXPECT_EQ(commit->certified_by->id, b7->id);
}

TEST_F(Rule5, CommitsEveryAncestorInRisingHeightWithoutGaps) {
  const BlockPtr n2 = block(3, b1, chain.genesis->qc, tc_of(2, b1->tip()));
  ASSERT_TRUE(votes(1, b1) && votes(1, n2));
  const BlockPtr n3 = fast(n2);
  ASSERT_TRUE(votes(1, n3));
  give(1, chain.qc(*n3));
  ASSERT_EQ(bench.commits(1).size(), 2U);
  EXPECT_EQ(bench.commits(1)[0]->id, b1->id);
  EXPECT_EQ(bench.commits(1)[1]->id, n2->id);
}

TEST_F(Rule5_1, NothingCommitsWhileTheB1sPathIsMissing) {
  bench.propose(1, b2);
  give(1, chain.qc(*b2));
  EXPECT_TRUE(bench.commits(1).empty());
  bench.deliver(1, 0, Branch{b2->id, {chain.chained(b1)}, nullptr});
  EXPECT_TRUE(bench.has_committed(1, b1));
}

TEST_F(Rule5_2, ATwinThatExtendsB1DoesNotSuspend) {
  // Twins of view 3, both on B1; B5 on one of them with the other in its TC.
  const TcPtr tc2 = tc_of(2, b1->tip());
  ASSERT_TRUE(votes(1, b1));
  const BlockPtr y = block(3, b1, chain.qc(*b1), tc2, {"y"});
  const BlockPtr x = block(3, b1, chain.qc(*b1), tc2, {"x"});
  ASSERT_TRUE(votes(1, y));
  bench.propose(1, x);
  const TcPtr tc4 = chain.tc(4, {{0, y->tip()}, {1, y->tip()}, {3, x->tip()}});
  const BlockPtr b5 = block(5, y, chain.qc(*b1), tc4);
  ASSERT_TRUE(votes(1, b5));
  give(1, chain.qc(*b5));
  EXPECT_TRUE(bench.has_committed(1, b1));
  EXPECT_EQ(bench.core(1).counters().suspended_commits, 0U);
}

TEST_F(Rule5_2, ASuspendedCommitIsMadeUpForByALaterPair) {
  const BlockPtr q = block(1, chain.genesis, chain.genesis->qc, nullptr, {"q"});
  ASSERT_TRUE(votes(1, b1));
  bench.propose(1, q);
  const BlockPtr y = block(3, b1, chain.genesis->qc, tc_of(2, b1->tip()));
  const BlockPtr x = block(3, q, chain.genesis->qc, tc_of(2, q->tip()));
  ASSERT_TRUE(votes(1, y));
  bench.propose(1, x);
  const TcPtr tc4 = chain.tc(4, {{0, y->tip()}, {1, y->tip()}, {3, x->tip()}});
  const BlockPtr b5 = block(5, y, chain.qc(*b1), tc4);
  ASSERT_TRUE(votes(1, b5));
  give(1, chain.qc(*b5));
  EXPECT_TRUE(bench.commits(1).empty());
  EXPECT_EQ(bench.core(1).counters().suspended_commits, 1U);
  const BlockPtr b6 = fast(b5);
  ASSERT_TRUE(votes(1, b6));
  give(1, chain.qc(*b6));
  EXPECT_TRUE(bench.has_committed(1, b1) && bench.has_committed(1, b5));
}

// Section 4: what survives a crash; the view in which a replica starts again.
TEST_F(Sync, Rule4_ARestartedReplicaStartsWhereItsRecordSays) {
  ASSERT_TRUE(votes(1, b1) && votes(1, b2));
  give(1, tc_of(6, b2->tip()));
  bench.submit(1, "put z 1");
  bench.fire(1, Core::kViewTimer);
  bench.restart(1);
  EXPECT_EQ(bench.core(1).view(), View{7});
  EXPECT_EQ(record(1).tip, b2->tip());
  EXPECT_EQ(record(1).last_timeout_view, View{7});
}

// A tip on a branch that lost must not be all that the disk has beside a newer head.
TEST_F(Sync, Rule4_ATipThatLostIsReplacedOnDiskBeforeTheCommitThatBeatIt) {
  const BlockPtr twin = block(
      2, chain.genesis, chain.genesis->qc,
      chain.tc(1,
               {{1, chain.genesis->tip()}, {2, chain.genesis->tip()}, {3, chain.genesis->tip()}}));
  ASSERT_TRUE(votes(1, b1));
  // B1 is stored; the twin of view 2 becomes the tip, then B4 commits B1.
  ASSERT_TRUE(votes(1, twin));
  const BlockPtr b4 = block(4, b1, chain.qc(*b1), tc_of(3, b1->tip()));
  give(1, tc_of(4, b1->tip()));
  EXPECT_FALSE(votes(1, b4)) << "late";
  give(1, chain.qc(*b4));
  ASSERT_TRUE(bench.has_committed(1, b1));
  bench.restart(1);
  EXPECT_TRUE(bench.halted(1).empty());
  EXPECT_EQ(record(1).tip, b4->tip());
}

}  // namespace
}  // namespace waggle::testing
