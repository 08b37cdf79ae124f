// Sections 2 and 3: objects, explicit validity, traceback, prudent validation.
#include <algorithm>

#include "consensus/pbeegees/validity.hpp"
#include "tests/spec/script.hpp"

namespace waggle::testing {
namespace {

using namespace chained;

/// Z leads every view; h0 holds B1, B2 (fast) and stands in view 3.
struct Validity3 : Script, ::testing::Test {
  Validity3() : Script(std::vector<std::uint32_t>(40, kZ)) {
    b1 = block(1, chain.genesis, chain.genesis->qc, nullptr, {"pay alice"});
    twin1 = block(1, chain.genesis, chain.genesis->qc, nullptr, {"pay mallory"});
    EXPECT_TRUE(votes(0, b1));
    bench.propose(0, twin1);
    b2 = fast(b1);
    EXPECT_TRUE(votes(0, b2));
  }
  TcPtr all_on(std::uint64_t view, const BlockPtr& tip) {
    return chain.tc(view, {{0, tip->tip()}, {1, tip->tip()}, {2, tip->tip()}});
  }
  /// Why h0 finds the block explicitly invalid; nothing when it is valid.
  std::optional<Refusal> invalid(const BlockPtr& block) {
    bench.propose(0, block);
    const Node* node = bench.core(0).tree().find(block->id);
    if (node == nullptr) return Refusal::kMissingAncestor;
    if (node->valid()) return std::nullopt;
    return node->why_invalid;
  }
  std::optional<Refusal> malformed(const BlockPtr& block) {
    const auto checked = chain.validate(Proposal{block}, block->header.proposer.value);
    if (checked) return std::nullopt;
    return checked.error();
  }
  BlockPtr b1, twin1, b2;
};
using Rule2 = Validity3;
using Rule3_1 = Validity3;
using Rule3_2 = Validity3;
using Rule3_3 = Validity3;
using Rule3_4 = Validity3;
using Rule3_5 = Validity3;
using Rule3_6 = Validity3;
using Rule3_7 = Validity3;

// The id is the hash of the header without the signature: a bad one refuses the message only.
TEST_F(Rule2, AWrongSignatureRefusesTheMessageAndNotTheId) {
  auto forged = std::make_shared<Block>(*b2);
  forged->signature.bytes[5] ^= 1;
  EXPECT_EQ(block_id(forged->header, chain.config.chain_id, chain.hasher), b2->id);
  EXPECT_EQ(malformed(forged), Refusal::kBadSignature);
  EXPECT_EQ(malformed(b2), std::nullopt);
}

TEST_F(Rule2, AnEmptyPayloadHasZeroBytesAFixedRootAndNoLeaf) {
  EXPECT_TRUE(b2->payload->bytes()->empty());
  EXPECT_EQ(b2->header.payload_root, Payload::empty(chain.hasher)->root());
  EXPECT_EQ(chain.before(fast(b2)->id).count(), 1U) << "only the command of B1";
}

TEST_F(Rule2, AQcHasAQuorumOfDistinctSigners) {
  const auto check = [&](const QcPtr& qc) { return chain.validate(Certificate{{qc}}, 1); };
  EXPECT_TRUE(check(chain.qc(*b2, {0, 2, 3})));
  EXPECT_EQ(check(chain.qc(*b2, {0, 2})).error(), Refusal::kTooFewSigners);
  EXPECT_EQ(check(chain.qc(*b2, {0, 2, 2})).error(), Refusal::kDuplicateSigner);
  auto other = std::make_shared<QuorumCert>(*chain.qc(*b2));
  other->block = b1->id;
  EXPECT_EQ(check(other).error(), Refusal::kBadSignature);
  EXPECT_TRUE(check(chain.genesis->qc));
  auto genesis = std::make_shared<QuorumCert>(*chain.genesis->qc);
  genesis->block = b1->id;
  EXPECT_EQ(check(genesis).error(), Refusal::kBadCertificate);
}

TEST_F(Rule2, ATcStoresDistinctTipsOnceAndHasExactlyAQuorum) {
  const TcPtr tc = all_on(3, b2);
  EXPECT_EQ(tc->tips.size(), 1U);
  EXPECT_TRUE(chain.validate(Certificate{{tc}}, 1));
  const Tip tip = b2->tip();
  const TcPtr more = chain.tc(3, {{0, tip}, {1, tip}, {2, tip}, {3, tip}});
  EXPECT_EQ(chain.validate(Certificate{{more}}, 1).error(), Refusal::kBadCertificate);
  auto unused = std::make_shared<TimeoutCert>(*tc);
  unused->tips.push_back(Tip{View{3}, b1->id, View{2}});
  EXPECT_EQ(chain.validate(Certificate{{TcPtr(unused)}}, 1).error(), Refusal::kBadCertificate);
}

// Two signed blocks of one view are kept as evidence.
TEST_F(Rule2, EquivocationIsReportedOnceWithBothSignatures) {
  const BlockPtr twin2 = block(2, b1, chain.qc(*b1), nullptr, {"other"});
  const auto* evidence = find_effect<Equivocation>(bench.propose(0, twin2));
  ASSERT_NE(evidence, nullptr);
  EXPECT_EQ(evidence->first.view, evidence->second.view);
  EXPECT_EQ(evidence->second_signature, twin2->signature);
  const BlockPtr third = block(2, b1, chain.qc(*b1), nullptr, {"third"});
  EXPECT_EQ(find_effect<Equivocation>(bench.propose(0, third)), nullptr);
}

TEST_F(Rule2, OneLeadersTwinsAreBoundedPerView) {
  for (int i = 0; i < 10; ++i) {
    bench.propose(0, block(2, b1, chain.qc(*b1), nullptr, {"twin " + std::to_string(i)}));
  }
  EXPECT_EQ(bench.core(0).tree().in_view(View{2}).size(), BlockTree::kBlocksPerView);
  EXPECT_EQ(why(0), Refusal::kTooMany);
}

TEST_F(Rule2, BlocksOfViewsThatTheirCertificatesDoNotEnterAreNotKept) {
  const BlockPtr far = block(30, b2, chain.qc(*b2), nullptr, {"far"});
  bench.propose(0, far);
  EXPECT_EQ(why(0), Refusal::kFutureView);
  EXPECT_EQ(bench.core(0).tree().find(far->id), nullptr);
  EXPECT_EQ(bench.core(0).view(), View{3}) << "the certificate inside still counts (4.1)";
}

TEST_F(Rule3_1, AcceptsTheLeadersBlockOneAboveItsParent) {
  EXPECT_EQ(malformed(fast(b2)), std::nullopt);
  EXPECT_EQ(invalid(fast(b2)), std::nullopt);
}

TEST_F(Rule3_1, RefusesAnotherProposerAHeightThatIsNotNextAndAViewNotAbove) {
  const BlockPtr b3 = fast(b2);
  EXPECT_EQ(malformed(chain.changed(*b3, [](Block& b) { b.header.proposer = ReplicaId{1}; })),
            Refusal::kWrongLeader);
  const auto high = chain.changed(*b3, [](Block& b) { b.header.height = Height{9}; });
  EXPECT_EQ(invalid(high), Refusal::kBadHeight);
  EXPECT_EQ(invalid(block(2, b2, chain.qc(*b1), nullptr)), Refusal::kBadView);
}

TEST_F(Rule3_2, AcceptsAQcOfAnOlderAncestor) {
  give(0, all_on(3, b2));
  EXPECT_EQ(invalid(block(4, b2, chain.qc(*b1), all_on(3, b2))), std::nullopt);
}

TEST_F(Rule3_2, RefusesAQcOfABlockThatIsNoAncestor) {
  give(0, all_on(2, twin1));
  const TcPtr tc = chain.tc(2, {{0, twin1->tip()}, {1, twin1->tip()}, {2, twin1->tip()}});
  EXPECT_EQ(invalid(block(3, twin1, chain.qc(*b1), tc)), Refusal::kQcNotAncestor);
}

TEST_F(Rule3_2, RefusesAQcOlderThanTheParentsOwn) {
  give(0, all_on(3, b2));
  EXPECT_EQ(invalid(block(4, b2, chain.genesis->qc, all_on(3, b2))), Refusal::kQcBelowParent);
}

TEST_F(Rule3_3, AcceptsTheParentThatTheQcOfTheViewBeforeCertifies) {
  EXPECT_TRUE(votes(0, fast(b2)));
}

TEST_F(Rule3_3, RefusesAnOlderQcOrAnotherParentWithoutATc) {
  give(0, all_on(3, b2));
  EXPECT_EQ(invalid(block(4, b2, chain.qc(*b2), nullptr)), Refusal::kNotFastForm);
  EXPECT_EQ(invalid(block(3, b2, chain.qc(*b1), nullptr)), Refusal::kNotFastForm);
}

TEST_F(Rule3_4, AcceptsParentOfMaximalRank) {
  const Tip g = chain.genesis->tip();
  const TcPtr tc = chain.tc(3, {{0, b2->tip()}, {1, b1->tip()}, {3, g}});
  EXPECT_TRUE(votes(0, block(4, b2, chain.qc(*b1), tc)));
}

// The exception for liveness: of the highest view the tip that B.qc certifies, whatever its rank.
TEST_F(Rule3_4, AcceptsTheCertifiedTipOfTheHighestViewBelowAFalseClaim) {
  Tip claim = b2->tip();
  claim.block = chain.hasher.hash({as_bytes("nothing")});
  claim.qc_view = View{99};
  const TcPtr tc = chain.tc(3, {{0, b2->tip()}, {1, b2->tip()}, {3, claim}});
  give(0, tc);
  EXPECT_EQ(invalid(block(4, b2, chain.qc(*b2), tc)), std::nullopt);
  EXPECT_EQ(invalid(block(4, b2, chain.qc(*b1), tc)), Refusal::kRankNotMaximal);
}

TEST_F(Rule3_4, RefusesAParentBelowTheMaximalRankOrNotNamed) {
  const TcPtr tc = chain.tc(3, {{0, b2->tip()}, {1, b1->tip()}, {3, b1->tip()}});
  give(0, tc);
  EXPECT_EQ(invalid(block(4, b1, chain.qc(*b1), tc)), Refusal::kRankNotMaximal);
  EXPECT_EQ(invalid(block(4, b2, chain.qc(*b2), all_on(3, b1))), Refusal::kRankNotMaximal);
}

TEST_F(Rule3_4, RefusesFalseRankClaim) {
  Tip claim = b2->tip();
  claim.qc_view = View{99};
  const TcPtr tc = chain.tc(3, {{0, b2->tip()}, {1, b2->tip()}, {3, claim}});
  give(0, tc);
  EXPECT_EQ(invalid(block(4, b2, chain.qc(*b1), tc)), Refusal::kFalseRank);
}

TEST_F(Rule3_4, RefusesATcOfAnotherViewAndATipAboveIt) {
  give(0, all_on(3, b2));
  EXPECT_EQ(invalid(block(4, b2, chain.qc(*b2), all_on(2, b2))), Refusal::kBadCertificate);
  const BlockPtr above = block(2, b1, chain.qc(*b1), all_on(1, b2));
  EXPECT_EQ(malformed(above), Refusal::kTipAboveTc);
}

TEST_F(Rule3_5, AcceptsPayloadWithinTheDepthAndACommandAgain) {
  // D = 1: height(B) - height(B_QC) - 1 may be 1. The same command twice is legal.
  give(0, all_on(3, b2));
  EXPECT_EQ(invalid(block(4, b2, chain.qc(*b1), all_on(3, b2), {"pay alice"})), std::nullopt);
}

TEST_F(Rule3_5, RefusesPayloadBeyondTheDepthAndAFalseHistoryRoot) {
  const BlockPtr b4 = block(4, b2, chain.qc(*b1), all_on(3, b2));
  EXPECT_TRUE(votes(0, b4));
  const TcPtr tc5 = all_on(5, b4);
  give(0, tc5);
  EXPECT_EQ(invalid(block(6, b4, chain.qc(*b1), tc5, {"too deep"})), Refusal::kPayloadBeyondDepth);
  const BlockPtr empty = block(6, b4, chain.qc(*b1), tc5);
  EXPECT_EQ(invalid(chain.changed(*empty, [](Block& b) { b.header.history_root = b.id; })),
            Refusal::kBadHistoryRoot);
  EXPECT_EQ(invalid(empty), std::nullopt) << "headers go on";
}

TEST_F(Rule3_5, RefusesARequestWithABadSignature) {
  Bytes raw = *b1->payload->bytes();
  raw.back() ^= 1;
  const auto payload =
      *Payload::parse(std::make_shared<const Bytes>(raw), chain.config.limits, chain.hasher);
  const auto forged = chain.changed(*b1, [&](Block& b) { b.payload = payload; });
  EXPECT_EQ(malformed(forged), Refusal::kBadSignature);
}

TEST_F(Rule3_6, VotesOnceTheMissingAncestorHasCome) {
  const BlockPtr b3 = fast(b2);
  const BlockPtr b4 = fast(b3);
  const auto& effects = bench.propose(0, b4);
  EXPECT_EQ(find_message<Vote>(effects), nullptr);
  const auto* asked = find_message<BranchRequest>(effects);
  ASSERT_NE(asked, nullptr);
  const Branch answer{asked->block, {chain.chained(b3)}, nullptr};
  const auto* vote = find_message<Vote>(bench.deliver(0, 3, answer));
  ASSERT_NE(vote, nullptr);
  EXPECT_EQ(vote->block, b4->id);
}

TEST_F(Rule3_6, RefusesAnExplicitlyValidBlockOnAnInvalidOne) {
  give(0, all_on(3, b2));
  const BlockPtr bad = block(4, b2, chain.qc(*b2), nullptr);  // no TC
  EXPECT_EQ(invalid(bad), Refusal::kNotFastForm);
  const TcPtr tc = chain.tc(5, {{1, b2->tip()}, {2, b2->tip()}, {3, bad->tip()}});
  const BlockPtr on_it = block(6, bad, chain.qc(*b2), tc);
  EXPECT_EQ(invalid(on_it), std::nullopt) << "explicitly valid";
  EXPECT_EQ(why(0), Refusal::kInvalidAncestor);
  EXPECT_LT(record(0).last_voted_view, View{6});
}

TEST_F(Rule3_6, ATipOfTheParentsViewThatLeftTheCommittedChainCountsAsWalked) {
  // B3 commits B1 while its twin of view 2 hangs on the twin of view 1.
  const TcPtr tc2 = chain.tc(2, {{1, twin1->tip()}, {2, twin1->tip()}, {3, twin1->tip()}});
  const BlockPtr stray = block(3, twin1, chain.genesis->qc, tc2);
  const BlockPtr b3 = fast(b2);
  ASSERT_TRUE(votes(0, b3));
  bench.propose(0, stray);
  ASSERT_TRUE(bench.has_committed(0, b1));
  const TcPtr tc3 = chain.tc(4, {{0, b3->tip()}, {1, b3->tip()}, {3, stray->tip()}});
  const BlockPtr b5 = block(5, b3, chain.qc(*b2), tc3);
  EXPECT_TRUE(votes(0, b5));
}

// A branch that was cut off by a commit must not be walked as if it still hung on the chain.
TEST_F(Rule3_6, ABlockOnABranchThatACommitCutOffIsNotVotedFor) {
  give(0, all_on(3, b2));
  // Explicitly valid on an invalid block, of the view that is current when B1 commits.
  const BlockPtr bad = block(3, twin1, chain.genesis->qc, nullptr);
  bench.propose(0, bad);
  const TcPtr tc = chain.tc(3, {{1, b1->tip()}, {2, b1->tip()}, {3, bad->tip()}});
  const BlockPtr w = block(4, bad, chain.genesis->qc, tc);
  EXPECT_FALSE(votes(0, w));
  give(0, chain.qc(*b2));
  ASSERT_TRUE(bench.has_committed(0, b1));
  EXPECT_EQ(record(0).view, View{4});
  EXPECT_LT(record(0).last_voted_view, View{4});
}

// 3.7b: a certified block whose ancestors are missing is not a tip yet.
TEST_F(Rule3_7, TheTipIsTheHighestCertifiedBlockThatWasValidatedAndNoOther) {
  const BlockPtr b3 = fast(b2);
  const BlockPtr b4 = fast(b3);
  bench.propose(0, b4);
  give(0, chain.qc(*b4));
  EXPECT_EQ(record(0).tip, b2->tip());
  bench.deliver(0, 3, Branch{b4->id, {chain.chained(b3)}, nullptr});
  EXPECT_EQ(record(0).tip, b4->tip());
}

// 3.7a: of a lower view than a validated tip: it cannot be the parent, so it need not be known.
TEST(Rule3_7a, ATipOfALowerViewThanAValidatedOneCounts) {
  Script script({3, 3, 3, 0});
  const BlockPtr b1 = script.block(1, script.chain.genesis, script.chain.genesis->qc);
  const BlockPtr b2 = script.fast(b1);
  ASSERT_TRUE(script.votes(0, b1) && script.votes(0, b2));
  script.bench.submit(0, "put a 1");
  const Tip unknown{View{1}, script.chain.hasher.hash({as_bytes("?")}), View{0}};
  script.give_timeout(0, 1, 3, unknown);
  script.give_timeout(0, 2, 3, unknown);
  EXPECT_EQ(script.bench.core(0).view(), View{3});
  const auto* proposal = find_message<Proposal>(script.give_timeout(0, 0, 3, b2->tip()));
  ASSERT_NE(proposal, nullptr);
  EXPECT_EQ(proposal->block->parent(), b2->id);
}

// 3.7c: the leader itself keeps the rule: headers only beyond D.
TEST(Rule3_7c, ALeaderProposesNoPayloadBeyondTheDepth) {
  Script script({3, 3, 3, 3, 3, 0});
  BlockPtr parent = script.chain.genesis;
  for (const std::uint64_t view : {1U, 3U, 5U}) {
    TcPtr tc;
    if (view > 1) {
      const Tip tip = parent->tip();
      tc = script.chain.tc(view - 1, {{0, tip}, {1, tip}, {2, tip}});
    }
    parent = script.block(view, parent, script.chain.genesis->qc, tc);
    ASSERT_TRUE(script.votes(0, parent)) << view;
  }
  script.bench.submit(0, "put a 1");
  for (std::uint32_t h = 0; h < 2; ++h) script.give_timeout(0, h, 5, parent->tip());
  const auto* proposal = find_message<Proposal>(script.give_timeout(0, 2, 5, parent->tip()));
  ASSERT_NE(proposal, nullptr);
  EXPECT_TRUE(proposal->block->payload->is_empty());
  EXPECT_TRUE(script.votes(0, proposal->block));
}

TEST(Rule3_7c, AShorterDepthThanTheLongestFaultyRunIsRefused) {
  Chain chain;
  chain.config.depth_max = 0;
  Bench bench(chain);
  EXPECT_DEATH(bench.start(0), "3.7c");
}

}  // namespace
}  // namespace waggle::testing
