// Rules 4.1-4.7: entering views, voting, proposing, giving up, joining.
#include "tests/spec/script.hpp"

namespace waggle::testing {
namespace {

using namespace chained;

/// Views led by Z, h0, h0, Z, ...; h0-h2 run.
struct Views : Script, ::testing::Test {
  Views() : Script({kZ, 0, 0, kZ, 1, 0, 0, 0, 0}) {
    b1 = block(1, chain.genesis, chain.genesis->qc, nullptr, {"put a 1"});
    genesis_tip = chain.genesis->tip();
  }
  const Bench::Effects& vote_for(std::uint32_t to, std::uint32_t from, const BlockPtr& block) {
    return bench.deliver(to, from, chain.vote(from, *block));
  }
  TcPtr tc_of(std::uint64_t view, const Tip& tip) {
    return chain.tc(view, {{0, tip}, {1, tip}, {2, tip}});
  }
  const Timeout* timed_out(const Bench::Effects& effects) {
    const auto* message = find_message<TimeoutMessage>(effects);
    return message == nullptr ? nullptr : &message->timeout;
  }
  BlockPtr b1;
  Tip genesis_tip;
};
using Rule4_1 = Views;
using Rule4_2 = Views;
using Rule4_3 = Views;
using Rule4_4 = Views;
using Rule4_5 = Views;
using Rule4_6 = Views;
using Rule4_7 = Views;

TEST_F(Rule4_1, EntersTheNextViewByACertificateHoweverItComes) {
  give(0, chain.qc(*b1));
  EXPECT_EQ(bench.core(0).view(), View{2}) << "as a message";
  give(0, tc_of(6, genesis_tip));
  EXPECT_EQ(bench.core(0).view(), View{7}) << "a TC";
  bench.propose(1, block(4, b1, chain.qc(*b1), tc_of(3, b1->tip())));
  EXPECT_EQ(bench.core(1).view(), View{4}) << "inside a proposal";
  bench.deliver(2, 1, Heartbeat{chain.qc(*b1)});
  EXPECT_EQ(bench.core(2).view(), View{2}) << "inside a heartbeat";
}

TEST_F(Rule4_1, StaysWithoutOneAndNeverGoesBack) {
  bench.propose(0, b1);
  EXPECT_EQ(bench.core(0).view(), View{1});
  give(0, tc_of(6, genesis_tip));
  give(0, chain.qc(*b1));
  EXPECT_EQ(bench.core(0).view(), View{7});
}

TEST_F(Rule4_2, VotesInTheCurrentViewToTheNextLeaderBehindABarrierAndStays) {
  const auto& effects = bench.propose(1, b1);
  std::size_t persist = effects.size();
  std::size_t vote = effects.size();
  for (std::size_t i = 0; i < effects.size(); ++i) {
    if (std::holds_alternative<Persist<Record>>(effects[i])) persist = std::min(persist, i);
    const auto* send = std::get_if<Send<Message>>(&effects[i]);
    if (send != nullptr && std::holds_alternative<Vote>(send->message)) {
      vote = i;
      EXPECT_EQ(send->to, ReplicaId{0}) << "leader of view 2";
    }
  }
  ASSERT_LT(vote, effects.size());
  EXPECT_LT(persist, vote);
  EXPECT_EQ(record(1).tip, b1->tip());
  EXPECT_EQ(record(1).view, View{1});
  EXPECT_EQ(bench.disk(1).safety->last_voted_view, View{1});
  EXPECT_TRUE(bench.disk(1).blocks.contains(b1->id));
  EXPECT_TRUE(bench.timer_runs(1, Core::kViewTimer));
}

TEST_F(Rule4_2, RefusesASecondVoteInAViewAlsoAfterARestart) {
  const BlockPtr twin = block(1, chain.genesis, chain.genesis->qc, nullptr, {"other"});
  ASSERT_TRUE(votes(0, b1));
  EXPECT_FALSE(votes(0, twin) || votes(0, b1));
  bench.restart(0);
  EXPECT_FALSE(votes(0, twin) || votes(0, b1));
}

TEST_F(Rule4_2, RefusesAVoteInAnOlderViewButKeepsTheBlock) {
  give(0, tc_of(1, genesis_tip));
  EXPECT_FALSE(votes(0, b1));
  EXPECT_NE(bench.core(0).tree().find(b1->id), nullptr) << "others may need it";
}

TEST_F(Rule4_2, RefusesAVoteAfterATimeoutOfTheView) {
  bench.submit(0, "put b 1");
  bench.fire(0, Core::kViewTimer);
  EXPECT_FALSE(votes(0, b1));
}

TEST_F(Rule4_3, AQuorumOfVotesMakesTheQcAndABusyLeaderProposesAtOnce) {
  ASSERT_TRUE(votes(0, b1));
  vote_for(0, 0, b1);
  EXPECT_EQ(find_message<Proposal>(vote_for(0, 1, b1)), nullptr) << "q - 1 votes";
  EXPECT_EQ(find_message<Proposal>(vote_for(0, 1, b1)), nullptr) << "the same vote again";
  const auto* proposal = find_message<Proposal>(vote_for(0, 3, b1));
  ASSERT_NE(proposal, nullptr);
  EXPECT_EQ(proposal->block->parent(), b1->id);
  EXPECT_EQ(proposal->block->tc, nullptr);
  EXPECT_EQ(bench.disk(0).safety->last_proposed_view, View{2}) << "durable before it is sent";
  // At most one per view, whatever comes.
  EXPECT_EQ(find_message<Proposal>(vote_for(0, 2, b1)), nullptr);
  EXPECT_EQ(find_message<Proposal>(bench.submit(0, "put b 2")), nullptr);
  bench.restart(0);
  EXPECT_EQ(find_message<Proposal>(bench.submit(0, "put b 2")), nullptr) << "nor after a restart";
}

TEST_F(Rule4_3, FetchesAMissingParentFromAVoterFirst) {
  bench.submit(0, "put b 2");
  vote_for(0, 1, b1);
  vote_for(0, 2, b1);
  const auto& effects = vote_for(0, 3, b1);
  EXPECT_EQ(find_message<Proposal>(effects), nullptr);
  const auto* asked = find_message<BranchRequest>(effects);
  ASSERT_NE(asked, nullptr);
  EXPECT_EQ(asked->block, b1->id);
  const auto* proposal =
      find_message<Proposal>(bench.deliver(0, 1, Branch{b1->id, {chain.chained(b1)}, nullptr}));
  const auto* later = proposal != nullptr
                          ? proposal
                          : find_message<Proposal>(
                                bench.deliver(0, 3, Branch{b1->id, {chain.chained(b1)}, nullptr}));
  ASSERT_NE(later, nullptr);
  EXPECT_EQ(later->block->parent(), b1->id);
}

TEST_F(Rule4_3, UsesTheFastFormWhenItHoldsBothCertificates) {
  ASSERT_TRUE(votes(0, b1));
  give(0, chain.qc(*b1));
  const BlockPtr b2 = block(2, b1, chain.qc(*b1));
  ASSERT_TRUE(votes(0, b2));
  bench.submit(0, "put b 1");
  // Timeouts of view 2 in which q votes for B2 travel: TC(2) and QC(2) at once.
  const Bench::Effects* last = nullptr;
  for (const std::uint32_t from : {1U, 2U, 3U}) {
    Timeout timeout = chain.timeout(from, 2, b2->tip());
    timeout.tip_vote = chain.vote_signature(from, View{2}, b2->id);
    last = &bench.deliver(0, from, TimeoutMessage{timeout});
  }
  const auto* proposal = find_message<Proposal>(*last);
  ASSERT_NE(proposal, nullptr);
  EXPECT_EQ(proposal->block->tc, nullptr);
  EXPECT_EQ(proposal->block->qc->block, b2->id);
}

TEST_F(Rule4_4, GivesUpWithTheTipItsVoteAndTheFullQcForTheNextLeaderOnly) {
  ASSERT_TRUE(votes(1, b1));
  const auto& effects = bench.fire(1, Core::kViewTimer);
  std::size_t sent = 0;
  for (const auto& effect : effects) {
    const auto* send = std::get_if<Send<Message>>(&effect);
    if (send == nullptr) continue;
    const auto* message = std::get_if<TimeoutMessage>(&send->message);
    ASSERT_NE(message, nullptr);
    ++sent;
    EXPECT_EQ(message->timeout.tip, b1->tip()) << "also after having voted in the view";
    EXPECT_TRUE(message->timeout.tip_vote.has_value());
    EXPECT_EQ(message->timeout.full_qc != nullptr, send->to == ReplicaId{0});
  }
  EXPECT_EQ(sent, 4U);
  EXPECT_EQ(bench.disk(1).safety->last_timeout_view, View{1}) << "durable before it is sent";
}

TEST_F(Rule4_4, RepeatsWithBackOffUntilTheViewChanges) {
  bench.submit(1, "put b 1");
  const Duration first = bench.timer_after(1, Core::kViewTimer);
  ASSERT_NE(timed_out(bench.fire(1, Core::kViewTimer)), nullptr);
  const Duration second = bench.timer_after(1, Core::kViewTimer);
  EXPECT_GT(second, first);
  ASSERT_NE(timed_out(bench.fire(1, Core::kViewTimer)), nullptr);
  EXPECT_GT(bench.timer_after(1, Core::kViewTimer), second);
  give(1, tc_of(1, genesis_tip));
  EXPECT_EQ(bench.timer_after(1, Core::kViewTimer), first);
}

TEST_F(Rule4_4, AJoinedTimeoutIsRepeatedByAnIdleReplicaToo) {
  give_timeout(1, 0, 1, genesis_tip);
  ASSERT_NE(timed_out(give_timeout(1, 2, 1, genesis_tip)), nullptr);
  EXPECT_FALSE(bench.core(1).busy());
  ASSERT_TRUE(bench.timer_runs(1, Core::kViewTimer));
  EXPECT_NE(timed_out(bench.fire(1, Core::kViewTimer)), nullptr);
  give(1, tc_of(1, genesis_tip));
  EXPECT_FALSE(bench.timer_runs(1, Core::kViewTimer)) << "and then silence";
}

TEST_F(Rule4_4, AcceptsARepetitionWithAHigherTip) {
  // h0 leads view 2: the repetition makes B1 the parent.
  bench.propose(0, b1);
  give_timeout(0, 1, 1, genesis_tip);
  give_timeout(0, 1, 1, b1->tip());
  give_timeout(0, 0, 1, genesis_tip);
  const auto* proposal = find_message<Proposal>(give_timeout(0, 2, 1, genesis_tip));
  ASSERT_NE(proposal, nullptr);
  EXPECT_EQ(proposal->block->parent(), b1->id);
}

TEST_F(Rule4_4, RefusesATipAboveTheTimeoutsView) {
  Timeout timeout = chain.timeout(1, 1, Tip{View{2}, b1->id, View{0}});
  EXPECT_EQ(chain.validate(TimeoutMessage{timeout}, 1).error(), Refusal::kTipAboveTc);
  timeout = chain.timeout(1, 1, genesis_tip);
  EXPECT_EQ(chain.validate(TimeoutMessage{timeout}, 2).error(), Refusal::kWrongSender);
}

TEST_F(Rule4_5, JoinsWhenFPlusOneGaveUpAtOrAboveAndNotBefore) {
  EXPECT_EQ(timed_out(give_timeout(0, 1, 4, genesis_tip)), nullptr) << "f are not enough";
  EXPECT_EQ(bench.core(0).view(), View{1});
  const auto* own = timed_out(give_timeout(0, 2, 3, genesis_tip));
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(own->view, View{3}) << "the (f+1)-th highest";
  EXPECT_EQ(bench.core(0).view(), View{3});
  EXPECT_GE(record(0).entry.proves(chain.config), View{3});
}

TEST_F(Rule4_5, JoinsAlsoAfterHavingVotedThere) {
  ASSERT_TRUE(votes(0, b1));
  give_timeout(0, 1, 1, genesis_tip);
  const auto* own = timed_out(give_timeout(0, 2, 1, genesis_tip));
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(own->tip, b1->tip());
}

TEST_F(Rule4_5, EntersTheViewBehindThatOfAQuorumOfHighestTimeouts) {
  give_timeout(0, 1, 5, genesis_tip);
  give_timeout(0, 2, 3, genesis_tip);
  EXPECT_EQ(bench.core(0).view(), View{3});
  give_timeout(0, 3, 4, genesis_tip);
  EXPECT_EQ(bench.core(0).view(), View{4}) << "q replicas gave up on 3 or more, f+1 on 4";
  EXPECT_EQ(record(0).last_timeout_view, View{4});
}

TEST_F(Rule4_5, TheTimeoutOfTheOwnViewIsKeptBesideTheHighest) {
  // h0 leads view 2. h1's timeout of view 1 comes first, those of later views must not displace it.
  bench.submit(0, "put b 1");
  for (const std::uint64_t view : {1U, 2U, 5U, 7U, 9U}) give_timeout(0, 1, view, genesis_tip);
  give_timeout(0, 0, 1, genesis_tip);
  const auto* proposal = find_message<Proposal>(give_timeout(0, 3, 1, genesis_tip));
  ASSERT_NE(proposal, nullptr);
  EXPECT_EQ(proposal->block->view(), View{2});
}

TEST_F(Rule4_6, AQuorumOfCountedTimeoutsMakesTheTcAndTheLeaderProposesOnTheMaximalTip) {
  bench.propose(0, b1);
  give_timeout(0, 1, 1, b1->tip());
  EXPECT_EQ(find_message<Proposal>(give_timeout(0, 2, 1, genesis_tip)), nullptr) << "q - 1";
  const auto* proposal = find_message<Proposal>(give_timeout(0, 0, 1, genesis_tip));
  ASSERT_NE(proposal, nullptr);
  EXPECT_EQ(proposal->block->parent(), b1->id);
  ASSERT_NE(proposal->block->tc, nullptr);
  EXPECT_EQ(proposal->block->tc->entries.size(), chain.config.quorum());
}

TEST_F(Rule4_6, ATcOfOthersMovesTheViewAndTheLeaderStillCountsItsEntries) {
  bench.submit(0, "put b 1");
  const Tip unknown{View{1}, chain.hasher.hash({as_bytes("?")}), View{0}};
  const auto& effects = give(0, chain.tc(1, {{1, unknown}, {2, unknown}, {3, unknown}}));
  EXPECT_EQ(bench.core(0).view(), View{2});
  EXPECT_EQ(find_message<Proposal>(effects), nullptr);
  ASSERT_NE(find_message<BranchRequest>(effects), nullptr);
  EXPECT_EQ(find_message<BranchRequest>(effects)->block, unknown.block);
}

TEST_F(Rule4_7, VotesInsideTimeoutsMakeTheQcTellTheSilentCollectorAndLeaveItAShortGrace) {
  // h0 leads view 2 and is silent; h1 gathers.
  ASSERT_TRUE(votes(1, b1));
  const Bench::Effects* last = nullptr;
  for (const std::uint32_t from : {1U, 2U, 3U}) {
    Timeout timeout = chain.timeout(from, 1, b1->tip());
    timeout.tip_vote = chain.vote_signature(from, View{1}, b1->id);
    last = &bench.deliver(1, from, TimeoutMessage{timeout});
    if (from == 2) {
      EXPECT_EQ(bench.core(1).record().high_qc->view, View{0}) << "q - 1 votes";
    }
  }
  EXPECT_EQ(bench.core(1).record().high_qc->block, b1->id);
  const auto* told = find_message<Certificate>(*last);
  ASSERT_NE(told, nullptr);
  EXPECT_EQ(std::get<QcPtr>(told->proof.proof)->block, b1->id);
  EXPECT_EQ(bench.core(1).view(), View{2});
  const Duration grace = bench.timer_after(1, Core::kViewTimer);
  EXPECT_LT(grace, bench.pacemaker.view_timeout);
  EXPECT_GE(grace, bench.pacemaker.grace);
}

TEST_F(Rule4_7, AQcOfOrdinaryVotesLeavesTheFullViewTimeout) {
  ASSERT_TRUE(votes(1, b1));
  give(1, chain.qc(*b1));
  EXPECT_GE(bench.timer_after(1, Core::kViewTimer), bench.pacemaker.view_timeout);
}

// Decision x. Z (replica 3) leads view 1, h0 the next two, then Z again.
class Unreachable : public Views {
 protected:
  Duration timer() { return bench.timer_after(1, Core::kViewTimer); }
  const Duration soon = bench.pacemaker.unreachable_timeout;
  const Duration late = bench.pacemaker.view_timeout;
};

TEST_F(Unreachable, ALeaderWithoutConnectionIsNotWaitedForLong) {
  bench.disconnect(1, 3);
  bench.submit(1, "put b 1");
  EXPECT_EQ(timer(), soon);
  EXPECT_NE(timed_out(bench.fire(1, Core::kViewTimer)), nullptr);
  EXPECT_EQ(timer(), soon * 2) << "4.4: repeated with back-off";
}

TEST_F(Unreachable, AConnectionThatBreaksShortensTheTimerThatRuns) {
  bench.submit(1, "put b 1");
  EXPECT_EQ(timer(), late);
  EXPECT_TRUE(bench.disconnect(1, 0).empty()) << "not the leader";
  EXPECT_EQ(bench.disconnect(1, 3).size(), 1U);
  EXPECT_EQ(timer(), soon);
}

TEST_F(Unreachable, ALeaderThatComesAndGoesDoesNotKeepItsViewFromEnding) {
  bench.submit(1, "put b 1");
  bench.disconnect(1, 3);
  for (int i = 0; i < 3; ++i) {
    for (const auto& effect : bench.connect(1, 3))
      EXPECT_FALSE(std::holds_alternative<SetTimer>(effect));
    EXPECT_TRUE(bench.disconnect(1, 3).empty());
  }
}

TEST_F(Unreachable, AfterTheVoteTheCollectorIsAwaited) {
  bench.submit(1, "put b 1");
  bench.disconnect(1, 0);
  EXPECT_EQ(timer(), late) << "the leader's proposal may come";
  ASSERT_TRUE(votes(1, b1));
  EXPECT_GE(timer(), soon);
  EXPECT_LT(timer(), late);
  give(1, chain.qc(*b1));  // from somebody else
  EXPECT_LT(timer(), late) << "now h0 leads";
  give(1, tc_of(3, b1->tip()));
  EXPECT_GE(timer(), late) << "Z leads";
}

TEST_F(Unreachable, WhoIsConnectedAgainGetsAWholeTimerInItsNextView) {
  bench.disconnect(1, 0);
  bench.submit(1, "put b 1");
  bench.connect(1, 0);
  give(1, tc_of(1, genesis_tip));
  EXPECT_EQ(timer(), late);
}

// Without its guard a replica votes for both twins of one view.
TEST(Rule4_2Without, ASecondVoteInOneViewCertifiesTwins) {
  Script script({3, 3, 3}, without(&Guards::one_vote_per_view));
  const auto& genesis = script.chain.genesis;
  const BlockPtr b1 = script.block(1, genesis, genesis->qc, nullptr, {"pay alice"});
  const BlockPtr twin = script.block(1, genesis, genesis->qc, nullptr, {"pay mallory"});
  EXPECT_TRUE(script.votes(0, b1) && script.votes(1, b1));
  EXPECT_TRUE(script.votes(1, twin) && script.votes(2, twin));
}

// Without it the view of the silent collector costs a full view timeout more.
TEST(Rule4_7Without, TheSilentCollectorsViewLastsAsLongAsAnyOther) {
  Script script({3, 3, 3}, without(&Guards::grace));
  const auto& genesis = script.chain.genesis;
  const BlockPtr b1 = script.block(1, genesis, genesis->qc, nullptr, {"put a 1"});
  ASSERT_TRUE(script.votes(1, b1));
  for (const std::uint32_t from : {0U, 1U, 2U}) {
    Timeout timeout = script.chain.timeout(from, 1, b1->tip());
    timeout.tip_vote = script.chain.vote_signature(from, View{1}, b1->id);
    script.bench.deliver(1, from, TimeoutMessage{timeout});
  }
  ASSERT_EQ(script.bench.core(1).view(), View{2});
  EXPECT_GE(script.bench.timer_after(1, Core::kViewTimer), script.bench.pacemaker.view_timeout);
}

// 3.7d: the timer backs off and grows with the suffix, up to its cap.
TEST_F(Views, Rule3_7d_TheViewTimerGrowsWithFailedViewsAndTheSuffixUpToItsCap) {
  bench.submit(2, "put b 1");
  Duration last = bench.timer_after(2, Core::kViewTimer);
  for (std::uint64_t view = 1; view < 40; ++view) {
    give(2, tc_of(view, genesis_tip));
    const Duration next = bench.timer_after(2, Core::kViewTimer);
    EXPECT_GE(next, last);
    EXPECT_LE(next, bench.pacemaker.timeout_max);
    last = next;
  }
  EXPECT_EQ(last, bench.pacemaker.timeout_max);
  const Duration before = bench.timer_after(1, Core::kHeartbeatTimer);
  EXPECT_EQ(before, bench.pacemaker.heartbeat);
}

}  // namespace
}  // namespace waggle::testing
