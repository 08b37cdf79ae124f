// Strategies that build blocks of their own as leaders, out of what they heard.
#include <algorithm>

#include "tests/unit/sim/liar.hpp"

namespace waggle::sim {
namespace {

using namespace chained;

constexpr std::int64_t kAll = 1'000'000;

/// Replica 3 leads from view 4 on; views 1, 2, 3 have good blocks, of which it heard.
struct Attack : ::testing::Test {
  using Chain = testing::Chain;
  Chain chain{4, {1, 2, 0, 3, 3, 3, 3, 3}};
  BlockPtr b1 = chain.block({1, chain.genesis, nullptr, nullptr, {"put a 1"}});
  BlockPtr b2 = chain.block({2, b1, nullptr, nullptr, {"put b 2"}});
  BlockPtr b3 = chain.block({3, b2, nullptr, nullptr, {"put c 3"}});
  /// What its core would propose, with a certificate that nobody else has yet.
  BlockPtr b4 = chain.block({4, b3, nullptr});

  void tell(Liar& liar) const {
    liar.hears(1, Proposal{b1});
    liar.hears(2, Proposal{b2});
    liar.hears(0, Proposal{b3});
  }
  /// Replicas 1 and 2, and 0 if asked, give up the view on the block; what the liar says then.
  Adversary::Out give_up(Liar& liar, std::uint64_t view, const BlockPtr& on, bool all = false) {
    Adversary::Out out;
    for (const std::uint32_t from : {1U, 2U, 0U}) {
      if (from == 0 && !all) continue;
      const auto more = liar.hears(from, TimeoutMessage{chain.timeout(from, view, on->tip())});
      out.insert(out.end(), more.begin(), more.end());
    }
    return out;
  }
  TimeoutMessage own_timeout(std::uint64_t view, const Tip& tip) const {
    return {chain.timeout(Liar::kSelf, view, tip)};
  }
  bool valid(const Message& message) const {
    return chain.validate(message, Liar::kSelf).has_value();
  }
  static const Tip& own_tip(const Block& block) {
    const auto own =
        std::find_if(block.tc->entries.begin(), block.tc->entries.end(),
                     [](const auto& entry) { return entry.replica.value == Liar::kSelf; });
    return block.tc->tip_of(*own);
  }
  /// The one block that leaves.
  BlockPtr block_of(const Adversary::Out& out) const {
    const auto proposals = all_of<Proposal>(out);
    if (proposals.empty()) return nullptr;
    for (const Proposal& one : proposals) EXPECT_EQ(one.block->id, proposals[0].block->id);
    EXPECT_TRUE(valid(proposals[0]));
    return proposals[0].block;
  }
};

TEST_F(Attack, InvalidBlockTellsTheQuietestAndKeepsTheRestInTheDark) {
  Liar liar(chain, "invalid_block", {{"depth", 2}});
  tell(liar);
  const auto out = liar.says_to_all(Proposal{b4});
  ASSERT_EQ(out.size(), 1U) << "a certificate, and no block";
  EXPECT_EQ(out[0].to, ReplicaId{1});
  EXPECT_EQ(std::get<QcPtr>(all_of<Certificate>(out).at(0).proof.proof)->block, b3->id);
  EXPECT_TRUE(liar.says(2, Certificate{ViewProof{b4->qc}}).empty());
  EXPECT_TRUE(liar.says(2, Heartbeat{b4->qc}).empty());
  Liar crowd(chain, "invalid_block", {{"told", 2}});
  tell(crowd);
  EXPECT_EQ(crowd.says_to_all(Proposal{b4}).size(), 2U);
}

TEST_F(Attack, InvalidBlockShowsATowerWhoseTopIsExplicitlyValid) {
  for (std::int64_t depth = 1; depth <= 2; ++depth) {
    Liar liar(chain, "invalid_block", {{"depth", depth}});
    tell(liar);
    liar.says_to_all(Proposal{b4});
    const auto lie = all_of<TimeoutMessage>(liar.says(1, own_timeout(4, b3->tip())));
    const Tip named = lie.at(0).timeout.tip;
    EXPECT_EQ(named.view, View{4}) << "a tip above everybody's";
    EXPECT_FALSE(lie[0].timeout.full_qc);
    Adversary::Out out = give_up(liar, 4, b3);
    if (depth == 2) {
      EXPECT_TRUE(all_of<Proposal>(out).empty()) << "not high enough";
      out = give_up(liar, 5, b3);
    }
    const auto shown = all_of<Proposal>(out);
    ASSERT_EQ(shown.size(), static_cast<std::size_t>(2 * (depth + 1))) << "to all but who was told";
    for (const Proposal& one : shown) EXPECT_TRUE(valid(one));
    const Block& invalid = *shown[0].block;
    EXPECT_EQ(invalid.id, named.block);
    EXPECT_FALSE(invalid.tc);
    EXPECT_NE(invalid.qc->view.next(), invalid.view()) << "3.3: not in the fast form";
    EXPECT_EQ(invalid.parent(), b1->id) << "beside block 2, which certificate 3 commits";
    const Block& top = *shown.back().block;
    EXPECT_EQ(top.tc->rank_max().view.next(), top.view());
    EXPECT_EQ(own_tip(top).block, top.parent());
    EXPECT_EQ(top.height().value, invalid.height().value + static_cast<std::uint64_t>(depth));
  }
}

TEST_F(Attack, InvalidBlockGivesUpWhenOthersGotAhead) {
  Liar liar(chain, "invalid_block", {{"depth", 1}});
  tell(liar);
  liar.says_to_all(Proposal{b4});
  const BlockPtr ahead = chain.block({4, b3, nullptr, nullptr, {"put d 4"}});
  EXPECT_TRUE(all_of<Proposal>(give_up(liar, 4, ahead)).empty());
  EXPECT_EQ(liar.says(1, Heartbeat{b4->qc}).size(), 1U) << "and speaks again";
}

TEST_F(Attack, LyingRankBuildsBelowACommittedBlockOnItsOwnClaim) {
  Liar liar(chain, "lying_rank", {{"usurps", kAll}});
  tell(liar);
  const BlockPtr block = block_of(give_up(liar, 4, b3));
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(block->parent(), chain.genesis->id) << "certificate 2 committed block 1";
  EXPECT_EQ(own_tip(*block).block, block->parent());
  EXPECT_EQ(own_tip(*block).rank(), block->tc->rank_max());
  EXPECT_TRUE(liar.says(0, Proposal{chain.block({5, b3, chain.qc(*b3)})}).empty())
      << "its core's block of that view stays in";
  Liar modest(chain, "lying_rank", {{"usurps", 0}});
  tell(modest);
  EXPECT_EQ(block_of(give_up(modest, 4, b3)), nullptr);
}

TEST_F(Attack, WorstTcTakesTheLowestTipsThatMakeOne) {
  Liar eager(chain, "worst_tc");
  tell(eager);
  // 2 stands on block 2, the others on block 3.
  eager.hears(0, TimeoutMessage{chain.timeout(0, 4, b3->tip())});
  const BlockPtr at_once = block_of(eager.hears(2, TimeoutMessage{chain.timeout(2, 4, b2->tip())}));
  ASSERT_NE(at_once, nullptr);
  EXPECT_EQ(at_once->parent(), b3->id);
  EXPECT_EQ(own_tip(*at_once), chain.genesis->tip());

  Liar patient(chain, "worst_tc", {{"surplus", 1}});
  tell(patient);
  patient.hears(0, TimeoutMessage{chain.timeout(0, 4, b3->tip())});
  EXPECT_TRUE(patient.hears(2, TimeoutMessage{chain.timeout(2, 4, b2->tip())}).empty());
  const BlockPtr block = block_of(patient.hears(1, TimeoutMessage{chain.timeout(1, 4, b2->tip())}));
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(block->parent(), b2->id) << "block 3 is left out";
  EXPECT_EQ(block->qc->view, b2->qc->view) << "and the lowest certificate that is allowed";
}

TEST_F(Attack, WorstTcNamesATwinOfTheParentAndPrefersItsOwn) {
  const BlockPtr twin = chain.block({3, b2, nullptr, nullptr, {"other"}});
  Liar liar(chain, "worst_tc");
  tell(liar);
  liar.hears(0, Proposal{twin});
  const BlockPtr block = block_of(give_up(liar, 4, b3));
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(own_tip(*block).block, twin->id);
  EXPECT_EQ(block->parent(), twin->id) << "of equal rank: allowed, and not what the others voted";
  EXPECT_EQ(block->tc->tips.size(), 2U) << "5.2: the other one suspends the commit";
}

TEST_F(Attack, WorstTcInventsATwinOrGoesBelow) {
  Liar invents(chain, "worst_tc", {{"invented", kAll}});
  tell(invents);
  const BlockPtr block = block_of(give_up(invents, 4, b3));
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(own_tip(*block).view, b3->view());
  EXPECT_NE(own_tip(*block).block, b3->id);
  Liar below(chain, "worst_tc", {{"below", kAll}});
  tell(below);
  const BlockPtr low = block_of(give_up(below, 4, b3));
  ASSERT_NE(low, nullptr);
  EXPECT_LT(low->height(), b3->height());
  EXPECT_LT(own_tip(*low).rank(), low->tc->rank_max()) << "3.4: not the maximal tip";
}

TEST_F(Attack, HollowChainNamesWhatNobodyCanGet) {
  Liar liar(chain, "hollow_chain");
  tell(liar);
  EXPECT_TRUE(liar.says_to_all(Proposal{b4}).empty());
  EXPECT_TRUE(liar.says(0, Branch{b4->id, {}, nullptr}).empty());
  const auto named = [&liar, this](std::uint64_t view) {
    const auto out = liar.says_to_all(own_timeout(view, b3->tip()));
    const auto all = all_of<TimeoutMessage>(out);
    EXPECT_EQ(all.at(0).timeout.tip, all.at(2).timeout.tip) << "the same to everybody";
    EXPECT_TRUE(valid(all.at(0)));
    return all.at(0).timeout.tip;
  };
  EXPECT_EQ(named(4), b4->tip()) << "a real block that it keeps";
  EXPECT_EQ(named(5).view, View{5});
  Liar open(chain, "hollow_chain", {{"kept", 0}});
  EXPECT_EQ(open.says_to_all(Proposal{b4}).size(), 3U);
}

TEST_F(Attack, HollowChainExtendsWhatIsNotCertifiedForFew) {
  Liar liar(chain, "hollow_chain", {{"invented", 0}, {"copies", 5}, {"shown", 2}});
  tell(liar);
  const auto out = give_up(liar, 4, b3);
  EXPECT_EQ(all_of<Proposal>(out).size(), 2U);
  const BlockPtr block = block_of(out);
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(block->parent(), b3->id);
  EXPECT_EQ(block->payload->requests().size(), 5U);
  Liar inventive(chain, "hollow_chain", {{"invented", kAll}});
  tell(inventive);
  const BlockPtr hollow = block_of(give_up(inventive, 4, b3));
  ASSERT_NE(hollow, nullptr);
  EXPECT_EQ(own_tip(*hollow).view, b3->view());
}

TEST_F(Attack, AnAttackerThatCameLateAsksForWhatItMissed) {
  Liar liar(chain, "worst_tc");
  liar.hears(0, Proposal{b3});
  const auto out = give_up(liar, 4, b3);
  const auto asked = all_of<BranchRequest>(out);
  ASSERT_FALSE(asked.empty());
  EXPECT_EQ(asked[0].block, b3->id);
  EXPECT_TRUE(all_of<Proposal>(out).empty());
  const BlockPtr block = block_of(liar.hears(0, Branch{b3->id, {chain.chained(b3)}, nullptr}));
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(block->parent(), b3->id);
}

}  // namespace
}  // namespace waggle::sim
