// Strategies that change, hold back or repeat what a core says: what leaves, and that their
// parameters matter.
#include <set>

#include "tests/unit/sim/liar.hpp"

namespace waggle::sim {
namespace {

using namespace chained;
using std::chrono::milliseconds;

constexpr std::int64_t kAll = 1'000'000;

/// Replica 3 leads views 3, 7, 11, ...; blocks 1, 2 and 3 stand on each other.
struct Talking : ::testing::Test {
  using Chain = testing::Chain;
  Chain chain{4};
  BlockPtr b1 = chain.block({1, chain.genesis, nullptr, nullptr, {"put a 1"}});
  BlockPtr b2 = chain.block({2, b1, nullptr, nullptr, {"put b 2"}});
  BlockPtr b3 = chain.block({3, b2, nullptr, nullptr, {"put c 3"}});

  TimeoutMessage timeout(std::uint64_t view, const Tip& tip) const {
    Timeout made = chain.timeout(Liar::kSelf, view, tip);
    made.tip_vote = chain.vote_signature(Liar::kSelf, tip.view, tip.block);
    return {made};
  }
  bool valid(const Message& message) const {
    return chain.validate(message, Liar::kSelf).has_value();
  }
};

std::set<Digest> ids(const Adversary::Out& out) {
  std::set<Digest> found;
  for (const Proposal& one : all_of<Proposal>(out)) found.insert(one.block->id);
  return found;
}

TEST_F(Talking, CrashIsDeafAndMuteFromAViewOnAndForSoMany) {
  Liar liar(chain, "crash", {{"first_view", 2}, {"views", 1}});
  EXPECT_EQ(liar.says(0, chain.vote(3, *b1)).size(), 1U);
  EXPECT_TRUE(liar.lets_in(0, Proposal{b1}));
  liar.hears(2, Proposal{b2});
  EXPECT_FALSE(liar.lets_in(2, Proposal{b2}));
  EXPECT_TRUE(liar.says(0, chain.vote(3, *b2)).empty());
  liar.hears(1, TimeoutMessage{chain.timeout(1, 3, b2->tip())});
  EXPECT_TRUE(liar.lets_in(2, Proposal{b2}));
  EXPECT_EQ(liar.says(0, chain.vote(3, *b3)).size(), 1U);
}

TEST_F(Talking, MuteSaysNothingToSomeOrToAll) {
  EXPECT_TRUE(Liar(chain, "mute").says_to_all(Heartbeat{b1->qc}).empty());
  EXPECT_EQ(Liar(chain, "mute", {{"receivers", 1}}).says_to_all(Heartbeat{b1->qc}).size(), 2U);
}

TEST_F(Talking, MuteLeaderKeepsProposalsOnly) {
  Liar liar(chain, "mute_leader");
  EXPECT_TRUE(liar.says_to_all(Proposal{b3}).empty());
  EXPECT_EQ(liar.says(0, chain.vote(3, *b2)).size(), 1U);
  EXPECT_EQ(Liar(chain, "mute_leader", {{"share", 0}}).says_to_all(Proposal{b3}).size(), 3U);
}

TEST_F(Talking, SlowLeaderProposesJustBeforeTheTimeout) {
  const Duration timeout = PacemakerConfig{}.view_timeout;
  EXPECT_EQ(Liar(chain, "slow_leader").says(0, Proposal{b3}).at(0).delay,
            timeout - milliseconds(10));
  Liar later(chain, "slow_leader", {{"margin", Duration(milliseconds(2)).count()}});
  EXPECT_EQ(later.says(0, Proposal{b3}).at(0).delay, timeout - milliseconds(2));
  EXPECT_EQ(later.says(0, chain.vote(3, *b2)).at(0).delay, Duration{0});
}

TEST_F(Talking, AmnesiaForgetsAtEveryRestartOrEverySoMany) {
  Liar each(chain, "amnesia");
  EXPECT_TRUE(each.forgets() && each.forgets());
  Liar second(chain, "amnesia", {{"every", 2}});
  EXPECT_FALSE(second.forgets());
  EXPECT_TRUE(second.forgets());
}

TEST_F(Talking, PartialProposalsReachSoMany) {
  for (std::int64_t receivers = 1; receivers <= 3; ++receivers) {
    Liar liar(chain, "partial_proposals", {{"receivers", receivers}});
    EXPECT_EQ(liar.says_to_all(Proposal{b3}).size(), static_cast<std::size_t>(receivers));
  }
  EXPECT_TRUE(Liar(chain, "partial_proposals", {{"share", 0}}).says_to_all(Proposal{b3}).empty());
  Liar all(chain, "partial_proposals", {{"share", kAll}});
  EXPECT_EQ(all.says_to_all(Proposal{b3}).size(), 3U);
}

TEST_F(Talking, EquivocationMakesSoManyValidVersions) {
  for (std::int64_t versions = 2; versions <= 3; ++versions) {
    Liar liar(chain, "equivocation", {{"versions", versions}});
    const auto out = liar.says_to_all(Proposal{b3});
    EXPECT_EQ(ids(out).size(), static_cast<std::size_t>(versions));
    for (const Outgoing& one : out) EXPECT_TRUE(valid(one.message));
  }
}

TEST_F(Talking, EquivocationFavoursSomeOrGivesAllToEverybody) {
  Liar favours(chain, "equivocation", {{"favoured", 2}});
  std::size_t first = 0;
  for (const Proposal& one : all_of<Proposal>(favours.says_to_all(Proposal{b3}))) {
    first += one.block->id == b3->id ? 1 : 0;
  }
  EXPECT_EQ(first, 2U);
  Liar overlaps(chain, "equivocation", {{"overlap", kAll}});
  EXPECT_EQ(ids(overlaps.says(0, Proposal{b3})).size(), 2U);
}

TEST_F(Talking, EquivocationOfAnEmptyBlockTakesCommandsThatItHeard) {
  const BlockPtr empty = chain.block({3, b2, nullptr});
  Liar liar(chain, "equivocation");
  EXPECT_EQ(ids(liar.says_to_all(Proposal{empty})).size(), 1U) << "there is no other payload yet";
  liar.hears(1, Proposal{b1});
  EXPECT_EQ(ids(liar.says_to_all(Proposal{empty})).size(), 2U);
}

TEST_F(Talking, DoubleVotesGoToTheCollectorOfEveryBlock) {
  Liar liar(chain, "double_votes");
  EXPECT_TRUE(liar.says(3, chain.vote(3, *b2)).empty()) << "its core's own vote stays in";
  const BlockPtr twin = chain.block({1, chain.genesis, nullptr, nullptr, {"other"}});
  for (const BlockPtr& block : {b1, twin}) {
    const auto out = liar.hears(1, Proposal{block});
    ASSERT_EQ(all_of<Vote>(out).size(), 1U);
    EXPECT_EQ(all_of<Vote>(out)[0].block, block->id);
    EXPECT_EQ(out[0].to, ReplicaId{2});
    EXPECT_TRUE(valid(out[0].message));
  }
  Liar loud(chain, "double_votes", {{"receivers", 2}});
  EXPECT_EQ(loud.hears(1, Proposal{b1}).size(), 3U);
  EXPECT_TRUE(Liar(chain, "double_votes", {{"share", 0}}).hears(1, Proposal{b1}).empty());
}

TEST_F(Talking, WithheldVotesAreNotInTimeoutsEither) {
  Liar liar(chain, "withheld_votes");
  EXPECT_TRUE(liar.says(2, chain.vote(3, *b1)).empty());
  const auto out = all_of<TimeoutMessage>(liar.says(2, timeout(1, b1->tip())));
  ASSERT_EQ(out.size(), 1U);
  EXPECT_FALSE(out[0].timeout.tip_vote);
  EXPECT_EQ(Liar(chain, "withheld_votes", {{"share", 0}}).says(2, chain.vote(3, *b1)).size(), 1U);
}

TEST_F(Talking, HiddenCertificatesStayInWhereItCollectsTheVotes) {
  Liar liar(chain, "hidden_certificates");
  EXPECT_TRUE(liar.says(0, Proposal{b3}).empty()) << "it carries the certificate of view 2";
  EXPECT_TRUE(liar.says(0, Certificate{ViewProof{b3->qc}}).empty());
  EXPECT_TRUE(liar.says(0, Heartbeat{b3->qc}).empty());
  EXPECT_EQ(liar.says(0, Heartbeat{b2->qc}).size(), 1U) << "view 1 was collected by another";
  TimeoutMessage gives_up = timeout(3, b2->tip());
  gives_up.timeout.high_qc = b3->qc->ref();
  gives_up.timeout.full_qc = b3->qc;
  const auto out = liar.says(0, gives_up);
  const Timeout said = all_of<TimeoutMessage>(out).at(0).timeout;
  EXPECT_EQ(said.full_qc, nullptr);
  EXPECT_NE(said.high_qc, b3->qc->ref());
  EXPECT_TRUE(valid(out[0].message));
}

TEST_F(Talking, HiddenCertificatesAreToldToThoseHeardLeastAndReleasedLate) {
  Liar liar(chain, "hidden_certificates", {{"told", 1}, {"views", 3}});
  liar.hears(0, Proposal{b1});
  liar.hears(2, Proposal{b2});
  const auto out = liar.says(0, Proposal{b3});
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].to, ReplicaId{1});
  EXPECT_EQ(std::get<QcPtr>(all_of<Certificate>(out).at(0).proof.proof)->view, View{2});
  EXPECT_TRUE(all_of<Certificate>(liar.says(0, timeout(4, b2->tip()))).empty());
  EXPECT_EQ(all_of<Certificate>(liar.says(0, timeout(5, b2->tip()))).size(), 3U);
}

TEST_F(Talking, WithheldBlocksLeaveQuestionsOpen) {
  EXPECT_TRUE(Liar(chain, "withheld_blocks").says(0, Branch{b1->id, {}, nullptr}).empty());
  Liar open(chain, "withheld_blocks", {{"share", 0}});
  EXPECT_EQ(open.says(0, Branch{b1->id, {}, nullptr}).size(), 1U);
}

TEST_F(Talking, StaleTipsLagBehind) {
  const auto tip_of = [](const Adversary::Out& out) {
    return all_of<TimeoutMessage>(out).at(0).timeout.tip;
  };
  Liar genesis(chain, "stale_tips");
  EXPECT_EQ(tip_of(genesis.says(0, timeout(1, b1->tip()))), chain.genesis->tip());
  Liar one(chain, "stale_tips", {{"lag", 1}});
  one.says(0, timeout(1, b1->tip()));
  const auto out = one.says(0, timeout(2, b2->tip()));
  EXPECT_EQ(tip_of(out), b1->tip());
  EXPECT_TRUE(valid(out[0].message));
  Liar honest(chain, "stale_tips", {{"share", 0}});
  EXPECT_EQ(tip_of(honest.says(0, timeout(1, b1->tip()))), b1->tip());
}

TEST_F(Talking, LyingTipsAreInventedOrOthersOrSplit) {
  const auto tips = [this](std::int64_t kind) {
    Liar liar(chain, "lying_tips", {{"kind", kind}});
    liar.hears(1, Proposal{b1});
    std::set<Digest> named;
    for (std::uint64_t view = 2; view < 8; ++view) {
      const auto out = liar.says_to_all(timeout(view, b2->tip()));
      for (const Outgoing& one : out) EXPECT_TRUE(valid(one.message));
      for (const auto& one : all_of<TimeoutMessage>(out)) named.insert(one.timeout.tip.block);
    }
    return named;
  };
  EXPECT_EQ(tips(1).size(), 6U) << "another one in every view, the same to everybody";
  EXPECT_EQ(tips(2), std::set<Digest>{b1->id}) << "what it has heard of";
  EXPECT_GT(tips(3).size(), 3U);
  EXPECT_GT(tips(0).size(), 2U);
}

TEST_F(Talking, LyingRankClaimsMoreOrLess) {
  const auto rank = [this](std::int64_t view_by, std::int64_t qc_view_by) {
    Liar liar(chain, "lying_rank", {{"view_by", view_by}, {"qc_view_by", qc_view_by}});
    const auto out = liar.says(0, timeout(4, b3->tip()));
    EXPECT_TRUE(valid(out.at(0).message));
    return all_of<TimeoutMessage>(out).at(0).timeout.tip.rank();
  };
  EXPECT_EQ(rank(0, 1), (Rank{View{3}, View{3}}));
  EXPECT_EQ(rank(-2, -9), (Rank{View{1}, View{0}}));
  EXPECT_EQ(rank(9, 0), (Rank{View{4}, View{2}})) << "no tip is above the view that is given up";
}

TEST_F(Talking, ReplaySaysOldThingsAgain) {
  Liar liar(chain, "replay", {{"per_message", 3}, {"delay", 5000}});
  liar.hears(0, Heartbeat{b2->qc});
  std::size_t passed_on = 0;
  for (int i = 0; i < 20; ++i) {
    const auto out = liar.says(1, chain.vote(3, *b1));
    ASSERT_EQ(out.size(), 4U);
    for (const Outgoing& one : out) {
      EXPECT_TRUE(valid(one.message));
      EXPECT_LE(one.delay, Duration{5000});
    }
    passed_on += all_of<Heartbeat>(out).size();
  }
  EXPECT_GT(passed_on, 0U);
}

TEST_F(Talking, FloodingIsValidAndOfTheKindThatWasAskedFor) {
  const auto flood = [this](std::int64_t kind) {
    Liar liar(chain, "flooding", {{"kind", kind}, {"per_message", 20}, {"ahead", 100}});
    liar.hears(1, Proposal{b1});
    liar.hears(2, Proposal{b2});
    auto out = liar.says(0, Proposal{b3});
    EXPECT_EQ(out.size(), 21U);
    for (const Outgoing& one : out) EXPECT_TRUE(valid(one.message)) << kind_of(one.message);
    out.erase(out.begin());
    return out;
  };
  EXPECT_EQ(all_of<Vote>(flood(1)).size(), 20U);
  EXPECT_EQ(all_of<TimeoutMessage>(flood(2)).size(), 20U);
  const auto blocks = flood(3);
  EXPECT_EQ(all_of<Proposal>(blocks).size(), 20U);
  EXPECT_GT(ids(blocks).size(), 10U);
  EXPECT_EQ(all_of<BranchRequest>(flood(4)).size(), 20U);
  View highest;
  for (const Vote& vote : all_of<Vote>(flood(1))) highest = std::max(highest, vote.view);
  EXPECT_GT(highest, View{20});
  EXPECT_LE(highest, View{103});
}

TEST_F(Talking, GarbageIsRefusedForEveryReason) {
  const auto reasons = [this](std::int64_t kind) {
    Liar liar(chain, "garbage", {{"kind", kind}, {"per_message", 100}});
    liar.hears(2, Proposal{b2});
    liar.says(0, Proposal{b3});
    liar.hears(0, TimeoutMessage{chain.timeout(0, 3, b3->tip())});
    auto out = liar.says(0, chain.vote(3, *b3));
    out.erase(out.begin());
    std::set<Refusal> found;
    for (const Outgoing& one : out) {
      const auto checked = chain.validate(one.message, Liar::kSelf);
      if (!checked) found.insert(checked.error());
    }
    return found;
  };
  using enum Refusal;
  EXPECT_EQ(reasons(1), std::set<Refusal>{kBadSignature});
  EXPECT_EQ(reasons(2), (std::set<Refusal>{kUnknownReplica, kWrongSender}));
  EXPECT_EQ(reasons(3), std::set<Refusal>{kBadSignature});
  EXPECT_EQ(reasons(4), (std::set<Refusal>{kBadSignature, kDuplicateSigner, kTooFewSigners}));
  const auto of_blocks = reasons(5);
  EXPECT_TRUE(of_blocks.contains(kTooFewSigners) && of_blocks.contains(kBadSignature));
  EXPECT_EQ(reasons(6), (std::set<Refusal>{kMalformed, kTooLarge, kWrongLeader}));
  EXPECT_GE(reasons(0).size(), 7U);
}

TEST_F(Talking, MixedDoesSomethingElseEveryFewViews) {
  const auto changes = [this](std::int64_t views) {
    Liar liar(chain, "mixed", {{"views", views}});
    std::string did;
    for (std::uint64_t view = 1; view <= 60; ++view) {
      const auto out = liar.says(0, timeout(view, chain.genesis->tip()));
      did += static_cast<char>('0' + std::min<std::size_t>(out.size(), 9));
    }
    return did;
  };
  const std::string each = changes(1);
  EXPECT_GE(std::set<char>(each.begin(), each.end()).size(), 3U) << each;
  EXPECT_NE(changes(7), each);
}

}  // namespace
}  // namespace waggle::sim
