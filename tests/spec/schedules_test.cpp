// The schedules of section 9: with the guard the named step is refused; without it commits
// conflict.
#include "smr/certificate/verify.hpp"
#include "tests/spec/script.hpp"

namespace waggle::testing {
namespace {

using namespace chained;

// Shared opening: Z leads every view unless a row needs otherwise; h0 and h1 hold B1, B2 and h0
// commits B1. `deep` hides the invalid block under a second, unvoted one.
struct Traceback : Script {
  Traceback(Guards guards, bool deep) : Script(std::vector<std::uint32_t>(12, kZ), guards) {
    b1 = block(1, chain.genesis, chain.genesis->qc, nullptr, {"pay alice"});
    EXPECT_TRUE(votes(0, b1) && votes(1, b1));
    b2 = fast(b1);
    EXPECT_TRUE(votes(0, b2) && votes(1, b2));
    const Tip t2 = b2->tip();
    // View 3: invalid, neither fast nor with a TC.
    invalid = block(3, chain.genesis, chain.genesis->qc, nullptr, {"pay mallory"});
    give(0, chain.qc(*b2, {0, 1, kZ}));  // h0 sees B2 certified: B1 commits
    // h1 and h2 reach view 3 without learning QC(2), and so without committing.
    for (const std::uint32_t h : {1U, 2U}) give(h, chain.tc(2, {{0, t2}, {1, t2}, {2, t2}}));
    EXPECT_FALSE(votes(1, invalid) || votes(2, invalid));
    BlockPtr base = invalid;
    std::uint64_t view = 5;
    if (deep) {
      const TcPtr tc4 = chain.tc(4, {{0, t2}, {1, t2}, {kZ, invalid->tip()}});
      base = block(5, invalid, chain.genesis->qc, tc4);
      // Shown by Z once nobody can vote in its view any more.
      for (const std::uint32_t h : {1U, 2U}) give(h, chain.tc(6, {{0, t2}, {1, t2}, {2, t2}}));
      for (const std::uint32_t h : {1U, 2U}) EXPECT_FALSE(votes(h, base));
      view = 7;
    }
    // The tip of maximal rank is Z's: of a higher view than anybody's.
    top = block(view, base, chain.genesis->qc,
                chain.tc(view - 1, {{0, t2}, {1, t2}, {kZ, base->tip()}}));
  }
  void finish() {
    BlockPtr above = fast(top);
    ASSERT_TRUE(votes(1, above) && votes(2, above));
    give(1, chain.qc(*above, {1, 2, kZ}));
  }
  BlockPtr b1, b2, invalid, top;
};

TEST(ScheduleTraceback, RefusesTheVoteForABlockOnAHiddenInvalidOne) {
  Traceback script(Guards{}, false);
  EXPECT_TRUE(script.bench.has_committed(0, script.b1));
  EXPECT_FALSE(script.votes(1, script.top) || script.votes(2, script.top));
  EXPECT_EQ(script.why(2), Refusal::kInvalidAncestor);
}

TEST(ScheduleTraceback, WithoutItCommitsConflict) {
  Traceback script(without(&Guards::traceback), false);
  EXPECT_TRUE(script.votes(1, script.top) && script.votes(2, script.top));
  script.finish();
  EXPECT_TRUE(script.bench.forked());
}

TEST(ScheduleTracebackBeyondParent, RefusesTheVoteForABlockOnTwoUnvotedOnes) {
  Traceback script(Guards{}, true);
  EXPECT_FALSE(script.votes(1, script.top) || script.votes(2, script.top));
  EXPECT_EQ(script.why(2), Refusal::kInvalidAncestor);
}

TEST(ScheduleTracebackBeyondParent, WithoutItCommitsConflict) {
  Traceback script(without(&Guards::traceback_beyond_parent), true);
  EXPECT_TRUE(script.votes(1, script.top) && script.votes(2, script.top));
  script.finish();
  EXPECT_TRUE(script.bench.forked());
}

// Row 3: the rank is (view, qc_view), and the claimed one is the real one.
struct RankRow : Script {
  RankRow(Guards guards, std::uint64_t claimed)
      : Script(std::vector<std::uint32_t>(12, kZ), guards) {
    b1 = block(1, chain.genesis, chain.genesis->qc, nullptr, {"pay alice"});
    twin1 = block(1, chain.genesis, chain.genesis->qc, nullptr, {"pay mallory"});
    EXPECT_TRUE(votes(0, b1) && votes(1, b1));
    EXPECT_TRUE(votes(2, twin1));
    const QcPtr qc1 = chain.qc(*b1, {0, 1, kZ});
    const Tip t1 = b1->tip();
    b3 = block(3, b1, qc1, chain.tc(2, {{0, t1}, {1, t1}, {kZ, t1}}));
    // The twin of view 3 stands on the twin of view 1: by a TC with h2's tip.
    const TcPtr tc2 =
        chain.tc(2, {{2, twin1->tip()}, {kZ, twin1->tip()}, {1, chain.genesis->tip()}});
    twin3 = block(3, twin1, chain.genesis->qc, tc2);
    EXPECT_TRUE(votes(0, b3) && votes(1, b3));
    give(0, chain.qc(*b3, {0, 1, kZ}));
    Tip claim = twin3->tip();
    claim.qc_view = View{claimed};
    tc4 = chain.tc(4, {{0, b3->tip()}, {1, b3->tip()}, {kZ, claim}});
    bench.propose(1, twin1);
    bench.propose(1, twin3);
    bench.propose(2, twin3);
    b5 = block(5, twin3, chain.genesis->qc, tc4);
  }
  BlockPtr b1, twin1, b3, twin3, b5;
  TcPtr tc4;
};

TEST(ScheduleRank, RefusesAParentThatIsOnlyOfTheHighestView) {
  RankRow script(Guards{}, 0);
  EXPECT_TRUE(script.bench.has_committed(0, script.b1));
  EXPECT_FALSE(script.votes(1, script.b5) || script.votes(2, script.b5));
  EXPECT_EQ(script.why(1), Refusal::kRankNotMaximal);
}

TEST(ScheduleRank, RefusesAParentOfAnUntrueRank) {
  RankRow script(Guards{}, 99);
  EXPECT_FALSE(script.votes(1, script.b5) || script.votes(2, script.b5));
  EXPECT_EQ(script.why(1), Refusal::kFalseRank);
}

void expect_rank_fork(RankRow& script) {
  ASSERT_TRUE(script.bench.has_committed(0, script.b1));
  // h1 must hold the committed pair's other tip (3.6); it does. h2 is asked to fetch it.
  script.bench.propose(2, script.b1);
  script.bench.propose(2, script.b3);
  EXPECT_TRUE(script.votes(1, script.b5) && script.votes(2, script.b5));
  const BlockPtr b6 = script.fast(script.b5);
  EXPECT_TRUE(script.votes(1, b6) && script.votes(2, b6));
  script.give(2, script.chain.qc(*b6, {1, 2, Script::kZ}));
  EXPECT_TRUE(script.bench.forked());
}

TEST(ScheduleRank, ByTheViewAloneCommitsConflict) {
  RankRow script(without(&Guards::rank_by_qc_view), 0);
  expect_rank_fork(script);
}

TEST(ScheduleRank, WithClaimsBelievedCommitsConflict) {
  RankRow script(without(&Guards::rank_claims_checked), 99);
  expect_rank_fork(script);
}

// Row 4: 5.2.
struct EquivocationRow : Script {
  explicit EquivocationRow(Guards guards) : Script(std::vector<std::uint32_t>(12, kZ), guards) {
    const Tip g = chain.genesis->tip();
    b1 = block(1, chain.genesis, chain.genesis->qc, nullptr, {"pay alice"});
    q = block(1, chain.genesis, chain.genesis->qc, nullptr, {"pay mallory"});
    EXPECT_TRUE(votes(0, b1) && votes(1, b1) && votes(2, q));
    x = block(3, q, chain.genesis->qc, chain.tc(2, {{2, q->tip()}, {kZ, q->tip()}, {1, g}}));
    y = block(3, b1, chain.genesis->qc, chain.tc(2, {{0, b1->tip()}, {1, b1->tip()}, {kZ, g}}));
    for (const std::uint32_t h : {0U, 1U}) bench.propose(h, q);
    bench.propose(2, b1);
    EXPECT_TRUE(votes(0, x) && votes(1, x));
    EXPECT_FALSE(votes(0, y)) << "one vote per view";
    bench.propose(1, y);
    bench.propose(2, y);
    bench.propose(2, x);
    // h0 and h1 stand on X, Z claims Y: of equal rank, so Y may be chosen.
    const TcPtr tc4 = chain.tc(4, {{0, x->tip()}, {1, x->tip()}, {kZ, y->tip()}});
    b5 = block(5, y, chain.qc(*b1, {0, 1, kZ}), tc4);
    EXPECT_TRUE(votes(0, b5) && votes(1, b5));
    give(0, chain.qc(*b5, {0, 1, kZ}));  // B5 certified, B5.qc certifies B1
    qc_x = chain.qc(*x, {0, 1, kZ});
    c = block(5, x, qc_x, tc4);
    EXPECT_FALSE(votes(1, c)) << "unvoted";
    bench.propose(2, c);
    b7 = block(7, c, qc_x, chain.tc(6, {{2, q->tip()}, {1, x->tip()}, {kZ, c->tip()}}));
  }
  BlockPtr b1, q, x, y, b5, c, b7;
  QcPtr qc_x;
};

TEST(ScheduleEquivocation, SuspendsTheCommitOfB1) {
  EquivocationRow script{Guards{}};
  EXPECT_FALSE(script.bench.has_committed(0, script.b1));
  EXPECT_EQ(script.bench.core(0).counters().suspended_commits, 1U);
  EXPECT_GE(script.bench.core(0).counters().equivocations, 1U);
}

TEST(ScheduleEquivocation, WithoutItCommitsConflict) {
  EquivocationRow script(without(&Guards::equivocation_check));
  EXPECT_TRUE(script.bench.has_committed(0, script.b1));
  // Later X commits: h1 and h2 vote for B7, whose QC certifies X. TC(6) needs tips below (5, 3).
  EXPECT_TRUE(script.votes(1, script.b7) && script.votes(2, script.b7));
  script.give(2, script.chain.qc(*script.b7, {1, 2, Script::kZ}));
  EXPECT_TRUE(script.bench.has_committed(2, script.x));
  EXPECT_TRUE(script.bench.forked());
}

/// What anybody could show an outsider: B5 is certified, and its QC certifies B1.
certificate::CommitProof shown(EquivocationRow& script) {
  const Chain& chain = script.chain;
  const Payload& payload = *script.b1->payload;
  const RequestRef& request = payload.requests().front();
  const CommandRef command = commands_of(request.in(*payload.bytes())).front();
  certificate::CommitProof proof;
  proof.chain_id = chain.config.chain_id;
  proof.client = request.client;
  proof.number = command.number;
  proof.command.assign(command.bytes.begin(), command.bytes.end());
  proof.path = certificate::make_forest_path(payload.leaves(), 0, chain.hasher);
  proof.signatures = chain.qc(*script.b5, {0, 1, Script::kZ})->signatures;
  proof.headers = {script.b5->header, script.y->header, script.b1->header};
  proof.tip_lists = {{script.b5->tc->tips, tc_signatures_digest(*script.b5->tc, chain.hasher)}};
  return proof;
}

// The replicas are sound here; it is the outsider who does without 5.2.
TEST(ScheduleEquivocation, AProofOfTheSuspendedCommitIsRefused) {
  EquivocationRow script{Guards{}};
  auto proof = shown(script);
  const auto judge = [&] {
    return certificate::verify(proof, script.chain.config, script.chain.ring, script.chain.hasher);
  };
  EXPECT_EQ(judge().error(), certificate::Fault::kOtherTip);
  proof.branches = {{script.x->header, script.q->header}};
  EXPECT_EQ(judge().error(), certificate::Fault::kOtherTip) << "it does not lead to B1";
  proof.tip_lists.clear();
  EXPECT_EQ(judge().error(), certificate::Fault::kMissingTips);
}

TEST(ScheduleEquivocation, WithoutThePrecommitCheckABlockThatLosesIsProven) {
  EquivocationRow script{Guards{}};
  script.chain.config.certificate_guards.proof_precommit = false;
  const auto proven = certificate::verify(shown(script), script.chain.config, script.chain.ring,
                                          script.chain.hasher);
  ASSERT_TRUE(proven);
  EXPECT_EQ(proven->block.id, script.b1->id);
  EXPECT_TRUE(script.votes(1, script.b7) && script.votes(2, script.b7));
  script.give(2, script.chain.qc(*script.b7, {1, 2, Script::kZ}));
  EXPECT_TRUE(script.bench.has_committed(2, script.q)) << "at the height of B1";
  EXPECT_FALSE(script.bench.forked()) << "no replica is to blame";
}

// Row 5: no vote after a timeout, also across a restart.
struct VoteAfterTimeout : Script {
  VoteAfterTimeout(Guards guards, bool restart)
      : Script(std::vector<std::uint32_t>(12, kZ), guards) {
    for (const std::uint32_t h : {0U, 1U}) {
      bench.submit(h, "put a 1");
      bench.fire(h, Core::kViewTimer);
      EXPECT_EQ(record(h).last_timeout_view, View{1});
      if (restart) bench.restart(h);
    }
    b1 = block(1, chain.genesis, chain.genesis->qc, nullptr, {"pay alice"});
  }
  BlockPtr b1;
};

TEST(ScheduleVoteAfterTimeout, RefusesTheVote) {
  for (const bool restart : {false, true}) {
    VoteAfterTimeout script(Guards{}, restart);
    EXPECT_FALSE(script.votes(0, script.b1) || script.votes(1, script.b1));
  }
}

TEST(ScheduleVoteAfterTimeout, WithoutItCommitsConflict) {
  for (const bool restart : {false, true}) {
    VoteAfterTimeout script(without(&Guards::no_vote_after_timeout), restart);
    Chain& chain = script.chain;
    EXPECT_TRUE(script.votes(0, script.b1) && script.votes(1, script.b1));
    const BlockPtr b2 = script.fast(script.b1);
    EXPECT_TRUE(script.votes(0, b2));
    script.give(0, chain.qc(*b2, {0, 1, Script::kZ}));
    EXPECT_TRUE(script.bench.has_committed(0, script.b1));
    // TC(2) of timeouts that say G: h1 gives up on view 2 with a tip of view 1, Z and h2 with G.
    // TC(1) was signed before the votes: it lets B2' stand on genesis.
    const Tip g = chain.genesis->tip();
    const BlockPtr other =
        script.block(2, chain.genesis, chain.genesis->qc,
                     chain.tc(1, {{0, g}, {1, g}, {Script::kZ, g}}), {"pay mallory"});
    EXPECT_TRUE(script.votes(1, other) && script.votes(2, other));
    const BlockPtr next = script.fast(other);
    EXPECT_TRUE(script.votes(1, next) && script.votes(2, next));
    script.give(2, chain.qc(*next, {1, 2, Script::kZ}));
    EXPECT_TRUE(script.bench.forked());
  }
}

}  // namespace
}  // namespace waggle::testing
