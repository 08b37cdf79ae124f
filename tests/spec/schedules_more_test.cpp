// The schedules of section 9, continued: tips, stay, loud stop, prudent counting.
#include "tests/spec/script.hpp"

namespace waggle::testing {
namespace {

using namespace chained;

// Row 6: B1, B2 voted for; then a leader that hides B2 behind a TC.
struct TipRow : Script {
  explicit TipRow(Guards guards) : Script(std::vector<std::uint32_t>(12, kZ), guards) {
    b1 = block(1, chain.genesis, chain.genesis->qc, nullptr, {"pay alice"});
    EXPECT_TRUE(votes(0, b1) && votes(1, b1));
    b2 = fast(b1);
    EXPECT_TRUE(votes(0, b2) && votes(1, b2));
    give(0, chain.qc(*b2, {0, 1, kZ}));  // B1 commits at h0
    bench.submit(1, "put a 1");
  }
  /// The tip that h1 puts into its own timeout of view 2.
  Tip reported() {
    const auto* message = find_message<TimeoutMessage>(bench.fire(1, Core::kViewTimer));
    return message->timeout.tip;
  }
  /// View 3 on genesis, by this TC; then view 4 in the fast form. True if it ends in a fork.
  bool forks(const BlockPtr& b3) {
    if (!votes(1, b3) || !votes(2, b3)) return false;
    const BlockPtr b4 = fast(b3);
    if (!votes(1, b4) || !votes(2, b4)) return false;
    give(2, chain.qc(*b4, {1, 2, kZ}));
    return bench.forked();
  }
  BlockPtr on_genesis(const TcPtr& tc) {
    return block(3, chain.genesis, chain.genesis->qc, tc, {"pay mallory"});
  }
  BlockPtr b1, b2;
};

TEST(ScheduleTips, TheTipFollowsTheVote) {
  TipRow script{Guards{}};
  EXPECT_EQ(script.reported(), script.b2->tip());
}

TEST(ScheduleTips, ATipThatDoesNotFollowTheVoteEndsInAFork) {
  TipRow script(without(&Guards::tip_follows_vote));
  const Tip stale = script.reported();
  EXPECT_NE(stale, script.b2->tip());
  // h1's tip is the highest certified block it knows: at most B1. Twin of view 1 for the rest.
  const Tip g = script.chain.genesis->tip();
  // Without the rule h1's timeout may as well come before it learned QC(1): then it says genesis.
  EXPECT_TRUE(
      script.forks(script.on_genesis(script.chain.tc(2, {{1, g}, {2, g}, {Script::kZ, g}}))));
}

TEST(ScheduleTips, RefusesAParentBelowTheMaximalTip) {
  TipRow script{Guards{}};
  const Tip g = script.chain.genesis->tip();
  const TcPtr tc = script.chain.tc(2, {{1, script.b2->tip()}, {2, g}, {Script::kZ, g}});
  EXPECT_FALSE(script.forks(script.on_genesis(tc)));
  EXPECT_EQ(script.why(1), Refusal::kRankNotMaximal);
}

TEST(ScheduleTips, WithAnyTipAllowedCommitsConflict) {
  TipRow script(without(&Guards::parent_of_maximal_rank));
  const Tip g = script.chain.genesis->tip();
  const TcPtr tc = script.chain.tc(2, {{1, script.b2->tip()}, {2, g}, {Script::kZ, g}});
  EXPECT_TRUE(script.forks(script.on_genesis(tc)));
}

TEST(ScheduleTips, RefusesATcOfFewerThanAQuorum) {
  TipRow script{Guards{}};
  const Tip g = script.chain.genesis->tip();
  const BlockPtr b3 = script.on_genesis(script.chain.tc(2, {{2, g}, {Script::kZ, g}}));
  const auto checked = script.chain.validate(Proposal{b3}, Script::kZ);
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error(), Refusal::kTooFewSigners);
}

TEST(ScheduleTips, WithoutThatCheckCommitsConflict) {
  TipRow script{Guards{}};
  const Tip g = script.chain.genesis->tip();
  const BlockPtr b3 = script.on_genesis(script.chain.tc(2, {{2, g}, {Script::kZ, g}}));
  // Past the stateless checks: all that stands between this block and a fork.
  for (const std::uint32_t h : {1U, 2U}) {
    EXPECT_NE(find_message<Vote>(script.bench.inject(h, Script::kZ, Proposal{b3})), nullptr);
  }
  const QcPtr qc3 = script.chain.qc(*b3, {1, 2, Script::kZ});
  const BlockPtr b4 = script.block(4, b3, qc3);
  EXPECT_TRUE(script.votes(1, b4) && script.votes(2, b4));
  script.give(2, script.chain.qc(*b4, {1, 2, Script::kZ}));
  EXPECT_TRUE(script.bench.forked());
}

// Row 7: one replica crashed; the leader of view 4 reaches h0 only and dies.
struct StayRow : Script {
  explicit StayRow(Guards guards) : Script({kZ, kZ, kZ, kZ, 0, 1, 2, 0, 1, 2, 0, 1, 2}, guards) {
    BlockPtr parent = chain.genesis;
    for (std::uint64_t view = 1; view <= 3; ++view) {
      const BlockPtr next = block(view, parent, chain.qc(*parent), nullptr, {"put a 1"});
      for (std::uint32_t h = 0; h < 3; ++h) EXPECT_TRUE(votes(h, next));
      parent = next;
    }
    for (std::uint32_t h = 0; h < 3; ++h) give(h, chain.qc(*parent));
    b4 = fast(parent);
    EXPECT_TRUE(votes(0, b4));
    bench.network().clear();
    bench.passes = [](const Envelope& e) { return e.to != kZ; };  // Z is dead from here
  }
  /// Timers run until something new is certified, at most so many times.
  bool recovers() {
    const View before = record(1).high_qc->view;
    for (int i = 0; i < 60 && bench.tick(); ++i) {
      if (record(1).high_qc->view > before.next()) return true;
    }
    return false;
  }
  BlockPtr b4;
};

TEST(ScheduleStay, RecoversWithATcOfTheViewThatOneReplicaVotedIn) {
  StayRow script{Guards{}};
  EXPECT_EQ(script.bench.core(0).view(), View{4}) << "voted, and stays";
  EXPECT_TRUE(script.recovers());
  EXPECT_EQ(script.record(1).view, script.record(2).view);
}

TEST(ScheduleStay, LeavingTheViewAtTheVoteDeadlocks) {
  // Without the join rule too: the old rule had neither, and the f voters that ran ahead gave
  // nobody a quorum.
  Guards guards = without(&Guards::stay_until_certified);
  guards.join = false;
  StayRow script(guards);
  EXPECT_EQ(script.bench.core(0).view(), View{5});
  EXPECT_FALSE(script.recovers());
}

// Row 8: 5.3, loud stop only at or above.
struct LoudStopRow : Script {
  explicit LoudStopRow(Guards guards) : Script(std::vector<std::uint32_t>(12, kZ), guards) {
    b1 = block(1, chain.genesis, chain.genesis->qc, nullptr, {"pay alice"});
    q = block(1, chain.genesis, chain.genesis->qc, nullptr, {"pay mallory"});
    EXPECT_TRUE(votes(0, b1) && votes(1, b1) && votes(2, q));
    withheld = chain.qc(*b1, {0, 1, kZ});
    for (const std::uint32_t h : {0U, 1U}) bench.propose(h, q);
    bench.propose(2, b1);
    // Of equal rank: B1 twice, Q once; Q may be chosen.
    const TcPtr tc2 = chain.tc(2, {{0, b1->tip()}, {1, b1->tip()}, {kZ, q->tip()}});
    b3 = block(3, q, chain.genesis->qc, tc2);
    for (std::uint32_t h = 0; h < 3; ++h) EXPECT_TRUE(votes(h, b3));
    b4 = fast(b3);
    for (std::uint32_t h = 0; h < 3; ++h) EXPECT_TRUE(votes(h, b4));
    for (std::uint32_t h = 0; h < 3; ++h) give(h, chain.qc(*b4));
    EXPECT_TRUE(bench.has_committed(0, b3));
  }
  BlockPtr b1, q, b3, b4;
  QcPtr withheld;
};

TEST(Rule5_3, ACertifiedBlockOfALowerViewThatConflictsIsCountedAndNobodyStops) {
  LoudStopRow script{Guards{}};
  for (std::uint32_t h = 0; h < 3; ++h) {
    script.give(h, script.withheld);
    EXPECT_TRUE(script.bench.halted(h).empty());
    EXPECT_EQ(script.bench.core(h).counters().low_conflicts, 1U);
    EXPECT_TRUE(script.votes(h, script.fast(script.b4))) << "and goes on";
  }
}

TEST(Rule5_3, WithoutTheDistinctionAWithheldCertificateStopsEverybody) {
  LoudStopRow script(without(&Guards::halt_only_at_or_above));
  script.give(0, script.withheld);
  EXPECT_FALSE(script.bench.halted(0).empty());
}

TEST(Rule5_3, StopsWhenACertifiedBlockAtOrAboveConflicts) {
  LoudStopRow script{Guards{}};
  // More than f Byzantine: a twin of the committed head's view, or anything above beside it.
  const BlockPtr twin = script.block(3, script.b1, script.withheld, nullptr);
  script.give(0, script.chain.qc(*twin));
  EXPECT_FALSE(script.bench.halted(0).empty());
  const BlockPtr above = script.block(6, script.b1, script.withheld, nullptr);
  script.give(1, script.chain.qc(*above));
  EXPECT_TRUE(script.bench.halted(1).empty()) << "not known yet where it stands";
  script.bench.propose(1, above);
  EXPECT_FALSE(script.bench.halted(1).empty());
  // A halted replica does nothing any more.
  EXPECT_TRUE(script.bench.propose(1, script.fast(script.b4)).empty());
}

// Row 9: Z invents tips of the parent's view.
struct HollowRow : Script {
  explicit HollowRow(Guards guards) : Script({kZ, 0, 0, 0, 0, 0, kZ}, guards) {
    b1 = block(1, chain.genesis, chain.genesis->qc, nullptr, {"put a 1"});
    for (std::uint32_t h = 0; h < 3; ++h) EXPECT_TRUE(votes(h, b1));
    invented = Tip{View{1}, chain.hasher.hash({as_bytes("nothing")}), View{0}};
    bench.submit(0, "put b 2");
  }
  BlockPtr b1;
  Tip invented;
};

TEST(Rule3_7a, ALeaderDoesNotCountATipThatItCannotValidate) {
  HollowRow script{Guards{}};
  script.give_timeout(0, 3, 1, script.invented);
  script.give_timeout(0, 0, 1, script.b1->tip());
  const auto& early = script.give_timeout(0, 1, 1, script.b1->tip());
  EXPECT_EQ(find_message<Proposal>(early), nullptr) << "two good timeouts and an invented one";
  const auto* asked = find_message<BranchRequest>(early);
  EXPECT_TRUE(asked == nullptr || asked->block == script.invented.block);
  const auto* proposal = find_message<Proposal>(script.give_timeout(0, 2, 1, script.b1->tip()));
  ASSERT_NE(proposal, nullptr) << "the third good one makes the TC";
  for (const Tip& tip : proposal->block->tc->tips) EXPECT_EQ(tip, script.b1->tip());
}

TEST(Rule3_7a, WithoutPrudentCountingTheInventedTipEntersTheTc) {
  HollowRow script(without(&Guards::prudent_counting));
  script.give_timeout(0, 3, 1, script.invented);
  script.give_timeout(0, 0, 1, script.b1->tip());
  const auto* proposal = find_message<Proposal>(script.give_timeout(0, 1, 1, script.b1->tip()));
  ASSERT_NE(proposal, nullptr);
  EXPECT_EQ(proposal->block->tc->tips.size(), 2U);
  // The honest leader's block then is one that nobody can vote for: the view is lost.
  EXPECT_FALSE(script.votes(1, proposal->block));
  EXPECT_EQ(script.why(1), Refusal::kMissingTip);
}

TEST(Rule3_6Tips, RefusesABlockWhoseTcHidesATipOfTheParentsView) {
  HollowRow script{Guards{}};
  const TcPtr tc =
      script.chain.tc(6, {{0, script.b1->tip()}, {1, script.b1->tip()}, {3, script.invented}});
  const BlockPtr b7 = script.block(7, script.b1, script.chain.genesis->qc, tc);
  EXPECT_FALSE(script.votes(1, b7));
  EXPECT_EQ(script.why(1), Refusal::kMissingTip);
}

TEST(Rule3_6Tips, WithoutThatPartTheVoteHappensAndTheCommitIsSuspended) {
  HollowRow script(without(&Guards::parent_view_tips));
  const TcPtr tc =
      script.chain.tc(6, {{0, script.b1->tip()}, {1, script.b1->tip()}, {3, script.invented}});
  const BlockPtr b7 = script.block(7, script.b1, script.chain.genesis->qc, tc);
  EXPECT_TRUE(script.votes(1, b7));
}

}  // namespace
}  // namespace waggle::testing
