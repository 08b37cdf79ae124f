// Section 5 in the corners: suspended commits, the loud stop after a restart, invalid blocks that
// are certified.
#include <algorithm>

#include "tests/spec/script.hpp"

namespace waggle::testing {
namespace {

using namespace chained;

struct Commits : Script, ::testing::Test {
  Commits() : Script(std::vector<std::uint32_t>(40, kZ)) {
    b1 = block(1, chain.genesis, chain.genesis->qc, nullptr, {"pay alice"});
    twin1 = block(1, chain.genesis, chain.genesis->qc, nullptr, {"pay mallory"});
  }
  TcPtr tc_of(std::uint64_t view, const Tip& tip) {
    return chain.tc(view, {{0, tip}, {1, tip}, {2, tip}});
  }
  const Bench::Effects& fetch(std::uint32_t to, std::uint32_t from, const BlockPtr& wanted,
                              const std::vector<BlockPtr>& blocks) {
    Branch branch{wanted->id, {}, nullptr};
    for (const BlockPtr& one : blocks) branch.blocks.push_back(chain.chained(one));
    return bench.deliver(to, from, branch);
  }
  BlockPtr b1, twin1;
};
using Rule5_2Fetch = Commits;
using DeviationJ = Commits;

/// B5 on Y, with Y's twin X in its TC. h1 learns of the certified B5 too late to vote for it.
struct Suspended : Commits {
  Suspended() {
    const TcPtr tc2 = tc_of(2, b1->tip());
    y = block(3, b1, chain.qc(*b1), tc2, {"y"});
    x = block(3, b1, chain.qc(*b1), tc2, {"x"});
    b5 = block(5, y, chain.qc(*b1), chain.tc(4, {{0, y->tip()}, {1, y->tip()}, {3, x->tip()}}));
    give(1, chain.qc(*b5));
    asked = find_message<BranchRequest>(fetch(1, kZ, b5, {b1, y, b5}));
  }
  BlockPtr y, x, b5;
  const BranchRequest* asked = nullptr;
};
using Rule5_2Missing = Suspended;

TEST_F(Rule5_2Missing, AMissingTwinIsAskedForAndTheCommitJudgedAgain) {
  EXPECT_TRUE(bench.commits(1).empty());
  EXPECT_EQ(bench.core(1).counters().suspended_commits, 1U);
  ASSERT_NE(asked, nullptr);
  EXPECT_EQ(asked->block, x->id);
  EXPECT_EQ(bench.core(1).waiting().suspended, b1->height());
  fetch(1, kZ, x, {x});
  EXPECT_TRUE(bench.has_committed(1, b1)) << "without any later pair";
  EXPECT_FALSE(bench.core(1).waiting().suspended) << "it says so no longer";
}

TEST_F(Rule5_2Missing, ItIsJudgedAgainAlsoWhenTheTwinComesByItself) {
  bench.propose(1, x);
  EXPECT_TRUE(bench.has_committed(1, b1));
}

TEST_F(Rule5_2Fetch, ATwinThatDoesNotExtendB1SuspendsForGood) {
  const BlockPtr y = block(3, b1, chain.qc(*b1), tc_of(2, b1->tip()), {"y"});
  const BlockPtr x = block(3, twin1, chain.genesis->qc, tc_of(2, twin1->tip()), {"x"});
  const BlockPtr b5 =
      block(5, y, chain.qc(*b1), chain.tc(4, {{0, y->tip()}, {1, y->tip()}, {3, x->tip()}}));
  give(1, chain.qc(*b5));
  fetch(1, kZ, b5, {b1, y, b5});
  fetch(1, kZ, x, {twin1, x});
  EXPECT_TRUE(bench.commits(1).empty());
  const auto judged = bench.core(1).counters().suspended_commits;
  EXPECT_GE(judged, 2U) << "again, and as before";
  bench.propose(1, block(3, b1, chain.qc(*b1), tc_of(2, b1->tip()), {"another"}));
  EXPECT_EQ(bench.core(1).counters().suspended_commits, judged) << "nothing is missing any more";
}

/// h1 committed B1 and N3 at once through B4. Execution got B1 to the disk and no more: after the
/// restart the head is B1, an ancestor of the block that committed it, and nothing certifies it.
struct Restarted : Commits {
  Restarted() {
    n3 = block(3, b1, chain.genesis->qc, tc_of(2, b1->tip()));
    n4 = fast(n3);
    EXPECT_TRUE(votes(1, b1) && votes(1, n3) && votes(1, n4));
    give(1, chain.qc(*n4));
    EXPECT_EQ(bench.commits(1).size(), 2U);
    bench.crash(1);
    bench.lose_executed(1, 1);
    bench.start(1);
    EXPECT_EQ(bench.core(1).tree().head()->id(), b1->id);
    EXPECT_FALSE(bench.core(1).tree().head()->certified());
  }
  std::uint64_t conflicts() { return bench.core(1).counters().low_conflicts; }
  BlockPtr n3, n4;
};
using Rule5_3Uncertified = Restarted;

TEST_F(Rule5_3Uncertified, ACertifiedTwinOfTheHeadIsOnlyCounted) {
  // Legal: B1 was abandoned for a while, and its leader withheld the QC of the twin.
  give(1, chain.qc(*twin1));
  EXPECT_EQ(bench.halted(1), "");
  EXPECT_EQ(conflicts(), 1U);
  give(1, chain.qc(*n4));
  EXPECT_EQ(bench.core(1).tree().head()->id(), n3->id) << "and goes on";
}

TEST_F(Rule5_3Uncertified, ACertifiedBlockAboveTheHeadBesideItIsOnlyCounted) {
  const BlockPtr beside =
      block(2, chain.genesis, chain.genesis->qc, tc_of(1, chain.genesis->tip()));
  bench.propose(1, beside);
  give(1, chain.qc(*beside));
  EXPECT_EQ(bench.halted(1), "");
  EXPECT_GE(conflicts(), 1U);
  EXPECT_TRUE(votes(1, fast(n4)));
}

TEST_F(Rule5_3Uncertified, OnceTheHeadsOwnQcIsKnownItStopsAgain) {
  give(1, chain.qc(*n4));
  ASSERT_TRUE(bench.core(1).tree().head()->certified());
  give(1, chain.qc(*block(3, twin1, chain.genesis->qc, tc_of(2, twin1->tip()))));
  EXPECT_NE(bench.halted(1), "");
}

// Beyond 5.3: q replicas, and so an honest one, voted for a block that nobody may vote for.
TEST_F(DeviationJ, ACertifiedBlockThatIsInvalidStopsTheReplica) {
  ASSERT_TRUE(votes(0, b1));
  give(0, chain.qc(*b1));
  const BlockPtr bad = block(2, b1, chain.genesis->qc);  // its QC is not of the view before (3.3)
  EXPECT_FALSE(votes(0, bad));
  EXPECT_EQ(bench.halted(0), "");
  give(0, chain.qc(*bad));
  EXPECT_NE(bench.halted(0).find("certified but invalid"), std::string::npos) << bench.halted(0);
}

TEST_F(DeviationJ, AlsoWhenTheCertificateIsKnownBeforeTheBlock) {
  const BlockPtr bad = chain.changed(*fast(b1), [](Block& b) { b.header.height = Height{9}; });
  give(0, chain.qc(*bad));
  ASSERT_EQ(bench.halted(0), "");
  bench.propose(0, b1);
  bench.propose(0, bad);
  EXPECT_NE(bench.halted(0), "");
}

}  // namespace
}  // namespace waggle::testing
