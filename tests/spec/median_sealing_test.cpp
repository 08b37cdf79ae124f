// docs/spec/median-smr.md, 8: each rule of sealing, one case that it allows and one that it
// refuses. The schedules test has more of 8.3.
#include "tests/spec/median_sealing.hpp"

#include <gtest/gtest.h>

namespace waggle::median {
namespace {

using Servers = std::vector<std::uint32_t>;
using Marks = std::vector<Window>;

template <class T>
const T* first(const SealingEffects& effects) {
  for (const SealingEffect& effect : effects) {
    if (const T* found = std::get_if<T>(&effect)) return found;
  }
  return nullptr;
}
template <class T>
std::size_t index_of(const SealingEffects& effects) {
  for (std::size_t i = 0; i < effects.size(); ++i) {
    if (std::holds_alternative<T>(effects[i])) return i;
  }
  return effects.size();
}
using Sent = Broadcast<SealingMessage>;

/// s1 and s2 signed PRE(1, d) and know its certificate.
SealingTable certified(std::string_view d, std::uint32_t n = 3) {
  SealingTable t(n);
  EXPECT_TRUE(t.pre(1, 1, d) && t.pre(2, 1, d));
  t.learn(1, 1, {1, 2});
  t.learn(2, 1, {1, 2});
  return t;
}

TEST(MedianSealing, Rule80WhatIsSentIsCoveredByARecordBeforeIt) {
  SealingTable t(3);
  ASSERT_TRUE(t.pre(1, 1, "ab"));
  ASSERT_EQ(t.last_effects().size(), 2u);
  EXPECT_EQ(index_of<Persist<SealingRecord>>(t.last_effects()), 0u);
  EXPECT_EQ(first<Persist<SealingRecord>>(t.last_effects())->record.last_pre,
            std::get<PrePtr>(first<Sent>(t.last_effects())->message));
  ASSERT_TRUE(t.pre(2, 1, "ab"));
  EXPECT_EQ(t.learn(1, 1, {1, 2}), 2u);
  ASSERT_EQ(index_of<Persist<SealingRecord>>(t.last_effects()), 0u);
  const SealingRecord& record = first<Persist<SealingRecord>>(t.last_effects())->record;
  EXPECT_EQ(t.text(record.lock.sequence()), "ab");
  EXPECT_EQ(record.commits.at(1).length, 2u);
}

TEST(MedianSealing, Rule80FinalIsDurableBeforeItExecutes) {
  SealingTable t = certified("ab");
  t.hear_commits(1, 1);
  const SealingEffects& effects = t.last_effects();
  const auto* persist = first<Persist<SealingRecord>>(effects);
  ASSERT_NE(persist, nullptr);
  EXPECT_LT(index_of<Persist<SealingRecord>>(effects), index_of<Execute>(effects));
  EXPECT_EQ(persist->record.final->length, 2u);  // with the lock that it took from, as one
  EXPECT_TRUE(persist->record.lock.entries().empty());
}

TEST(MedianSealing, Rule80ARestartKeepsFinalLockAndVotes) {
  SealingTable t = certified("ab");
  t.hear_commits(2, 1);
  ASSERT_TRUE(t.pre(2, 2, "abc") && t.pre(1, 2, "abc"));
  t.learn(2, 2, {1, 2});
  t.restart(2);
  EXPECT_EQ(t.final_text(2), "ab");
  EXPECT_EQ(t.lock_text(2), "c");
  EXPECT_EQ(t.marks(2), Marks{2});
  EXPECT_FALSE(t.pre_tail(2, 2, ""));
  EXPECT_EQ(t.learn(2, 2, {1, 2}), 0u);  // the COMMIT is known, too
  EXPECT_TRUE(t.pre_tail(2, 3, ""));
}

TEST(MedianSealing, Rule82APreGoesOnFromFinalAndLock) {
  SealingTable t = certified("ab");
  EXPECT_FALSE(t.pre(1, 2, "ac"));
  EXPECT_FALSE(t.pre(1, 2, "a"));
  EXPECT_TRUE(t.pre(1, 2, "abc"));
  const Pre& pre = *std::get<PrePtr>(first<Sent>(t.last_effects())->message);
  EXPECT_EQ(pre.base, 0u);
  EXPECT_EQ(t.text(pre.entries), "abc");
  t.hear_commits(2, 1);
  EXPECT_TRUE(t.pre(2, 2, "abd"));  // s2 executed ab: D begins with it, without its entries
  const Pre& later = *std::get<PrePtr>(first<Sent>(t.last_effects())->message);
  EXPECT_EQ(later.base, 2u);
  EXPECT_EQ(later.chains.front(), t.server(2).final().chain);
  EXPECT_EQ(t.text(later.entries), "d");
}

TEST(MedianSealing, Rule82OnePreInAWindowAndNoneOfAnEarlierOne) {
  SealingTable t(3);
  EXPECT_TRUE(t.pre(1, 3, "a"));
  EXPECT_FALSE(t.pre(1, 3, "ab"));
  EXPECT_FALSE(t.pre(1, 2, "a"));
  EXPECT_TRUE(t.pre(1, 5, "a"));
}

TEST(MedianSealing, Rule83AMajorityOfPresCertifiesWhatTheyShare) {
  SealingTable t(5);
  ASSERT_TRUE(t.pre(1, 1, "abc") && t.pre(2, 1, "abd") && t.pre(3, 1, "ae") && t.pre(4, 1, "abc"));
  EXPECT_EQ(t.learn(5, 1, {1, 2, 3}), 1u);
  EXPECT_EQ(t.lock_text(5), "a");
  EXPECT_EQ(t.learn(5, 1, {1, 2, 4}), 2u);  // other PREs of the window, a longer certificate
  EXPECT_EQ(t.lock_text(5), "ab");
  EXPECT_EQ(t.learn(5, 1, {1, 2, 3, 4}), 0u);  // nothing longer
}

TEST(MedianSealing, Rule83ACertificateNeedsDistinctServersOfOneWindow) {
  const auto pre = [](std::uint32_t server, Window w) {
    return std::make_shared<const Pre>(Pre{.server = ReplicaId{server}, .window = w});
  };
  EXPECT_TRUE(PreCertificate::make({pre(0, 1), pre(1, 1)}, 2));
  EXPECT_EQ(PreCertificate::make({pre(0, 1)}, 2).error(), Refusal::kTooFewSigners);
  EXPECT_EQ(PreCertificate::make({pre(0, 1), pre(0, 1)}, 2).error(), Refusal::kDuplicateSigner);
  EXPECT_EQ(PreCertificate::make({pre(0, 1), pre(1, 2)}, 2).error(), Refusal::kBadCertificate);
}

TEST(MedianSealing, Rule83PresOfAMajorityAreACertificate) {
  SealingTable t(3);
  ASSERT_TRUE(t.pre(1, 1, "ab"));
  t.hear_pres(3, 1);
  EXPECT_EQ(t.lock_text(3), "");
  ASSERT_TRUE(t.pre(2, 1, "ac"));
  t.hear_pres(3, 1);
  EXPECT_EQ(t.lock_text(3), "a");
  EXPECT_EQ(t.commits(1).size(), 1u);
}

TEST(MedianSealing, Rule83FilingAppendsOrRaisesMarks) {
  SealingTable t = certified("ab");
  EXPECT_EQ(t.marks(1), (Marks{1, 1}));
  ASSERT_TRUE(t.pre(1, 2, "abc") && t.pre(2, 2, "abc"));
  t.learn(1, 2, {1, 2});
  EXPECT_EQ(t.lock_text(1), "abc");
  EXPECT_EQ(t.marks(1), (Marks{2, 2, 2}));
  t.learn(1, 1, {1, 2});  // an old one lowers nothing
  EXPECT_EQ(t.marks(1), (Marks{2, 2, 2}));
}

TEST(MedianSealing, Rule83OnlyANewerCertificateCutsTheLock) {
  SealingTable t(5);
  ASSERT_TRUE(t.pre(1, 2, "ab") && t.pre(2, 2, "ab") && t.pre(3, 2, "ab"));
  ASSERT_TRUE(t.pre(3, 3, "ac") && t.pre(4, 3, "ac") && t.pre(5, 3, "ac"));
  t.learn(1, 3, {3, 4, 5});
  EXPECT_EQ(t.lock_text(1), "ac");
  t.learn(1, 2, {1, 2, 3});
  EXPECT_EQ(t.lock_text(1), "ac");  // an older one does not
  t.learn(2, 2, {1, 2, 3});
  EXPECT_EQ(t.lock_text(2), "ab");
  t.learn(2, 3, {3, 4, 5});
  EXPECT_EQ(t.lock_text(2), "ac");  // a newer one does
  EXPECT_EQ(t.marks(2), (Marks{3, 3}));
}

TEST(MedianSealing, Rule84ALongerCommitMayFollowAShorterNot) {
  SealingTable t(5);
  ASSERT_TRUE(t.pre(1, 1, "abc") && t.pre(2, 1, "abc") && t.pre(3, 1, "abc"));
  ASSERT_TRUE(t.pre(4, 1, "ab"));
  EXPECT_EQ(t.learn(5, 1, {1, 2, 4}), 2u);
  EXPECT_EQ(t.learn(5, 1, {1, 2, 3}), 3u);
  EXPECT_EQ(t.learn(5, 1, {1, 2, 4}), 0u);
  EXPECT_NE(t.commits(1)[0].root, t.commits(1)[1].root);
}

TEST(MedianSealing, Rule84NoCommitOfAWindowBeforeTheLastPre) {
  SealingTable t(3);
  ASSERT_TRUE(t.pre(1, 1, "a") && t.pre(2, 1, "a"));
  ASSERT_TRUE(t.pre(3, 1, "b"));
  EXPECT_EQ(t.learn(3, 1, {1, 2}), 1u);  // its own PRE said otherwise: no matter
  ASSERT_TRUE(t.pre(1, 2, "a"));
  EXPECT_EQ(t.learn(1, 1, {1, 2}), 0u);
  EXPECT_EQ(t.lock_text(1), "a");  // it is filed all the same
}

TEST(MedianSealing, Rule85AMajorityOfCommitsSealsAndExecutes) {
  SealingTable t = certified("ab");
  t.hear_commit(1, t.commits(1)[0]);
  EXPECT_EQ(t.final_text(1), "");  // one COMMIT of three
  t.hear_commit(1, t.commits(1)[0]);
  EXPECT_EQ(t.final_text(1), "");  // the same one again
  t.hear_commit(1, t.commits(1)[1]);
  EXPECT_EQ(t.final_text(1), "ab");
  std::vector<std::uint64_t> positions;
  for (const SealingEffect& effect : t.last_effects()) {
    if (const auto* execute = std::get_if<Execute>(&effect)) positions.push_back(execute->position);
  }
  EXPECT_EQ(positions, (std::vector<std::uint64_t>{0, 1}));
  EXPECT_EQ(t.lock_text(1), "");
}

TEST(MedianSealing, Rule85ASealIsOfOneWindowAndDistinctServers) {
  const auto commit = [](std::uint32_t server, Window w, std::uint64_t length) {
    return Commit{ReplicaId{server}, w, length, Digest{}};
  };
  const auto seal = Seal::make({commit(0, 4, 5), commit(1, 4, 3)}, 2);
  ASSERT_TRUE(seal);
  EXPECT_EQ((*seal)->length(), 3u);  // the shortest
  EXPECT_EQ((*seal)->window(), 4u);
  EXPECT_EQ(Seal::make({commit(0, 4, 5)}, 2).error(), Refusal::kTooFewSigners);
  EXPECT_EQ(Seal::make({commit(0, 4, 5), commit(0, 4, 5)}, 2).error(), Refusal::kDuplicateSigner);
  EXPECT_EQ(Seal::make({commit(0, 4, 5), commit(1, 3, 5)}, 2).error(), Refusal::kBadCertificate);
}

TEST(MedianSealing, Rule85WindowsAreNotAddedUp) {
  SealingTable t(3);
  ASSERT_TRUE(t.pre(1, 1, "a") && t.pre(2, 1, "a"));
  EXPECT_EQ(t.learn(1, 1, {1, 2}), 1u);
  ASSERT_TRUE(t.pre(1, 2, "a") && t.pre(2, 2, "a"));
  EXPECT_EQ(t.learn(2, 2, {1, 2}), 1u);
  t.hear_commits(3, 1);
  t.hear_commits(3, 2);
  t.learn(3, 1, {1, 2});
  EXPECT_EQ(t.final_text(3), "");
  t.hear_commits(3, 1);
  EXPECT_EQ(t.final_text(3), "a");  // s3's own COMMIT of window 1 makes two
}

TEST(MedianSealing, Rule85WhatDoesNotExecuteHasTheNullLeaf) {
  SealingTable t = certified("aa");
  t.hear_commits(1, 1);
  const FinalPrefix& final = t.server(1).final();
  Letters letters;
  const ClientId client =
      letters.table.client_id(letters.table.client(letters.table.slot(letters('a'))));
  EXPECT_EQ(final.chains.clients(), 1u);
  EXPECT_EQ(final.number(client), 2u);
  sim::SymbolicHasher hasher;
  const Hashing hashing{&letters.table, &hasher};
  const FinalPrefix start;
  PrefixCursor cursor(start, hashing);
  EXPECT_FALSE(cursor.append(letters.next('a')));  // its number 1 is missing
  EXPECT_TRUE(cursor.append(letters('a')));
  EXPECT_FALSE(cursor.append(letters('A')));  // number 1 is taken
  EXPECT_TRUE(cursor.append(letters.next('a')));
  EXPECT_FALSE(cursor.append(letters.null_of('b')));
  EXPECT_TRUE(cursor.append(letters.next('b')));  // a null entry advances the number
  EXPECT_EQ(cursor.length(), 6u);
  EXPECT_EQ(cursor.finish(nullptr)->chains.number(client), 2u);
  EXPECT_EQ(cursor.finish(nullptr)->root(hasher), cursor.root());
}

TEST(MedianSealing, Rule86AFinalPrefixIsTakenOverWithItsSeal) {
  SealingTable t = certified("ab");
  t.hear_commits(1, 1);
  t.spread(1, 3);
  EXPECT_EQ(t.final_text(3), "ab");
  EXPECT_NE(first<FinalAdopted>(t.last_effects()), nullptr);
  t.spread(3, 1);
  EXPECT_TRUE(t.last_effects().empty());  // nothing longer
}

TEST(MedianSealing, Rule86WithoutASealThatFitsItIsNot) {
  SealingTable t = certified("ab");
  t.hear_commits(1, 1);
  Letters letters;
  sim::SymbolicHasher hasher;
  Sealer other({.self = ReplicaId{2}, .n = 3, .hashing = {&letters.table, &hasher}}, {});
  SealingEffects effects;
  FinalPrefix longer = t.server(1).final();
  longer.length = 3;
  other.on_final(std::make_shared<const FinalPrefix>(longer), effects);
  FinalPrefix changed = t.server(1).final();
  changed.chains = {};
  other.on_final(std::make_shared<const FinalPrefix>(changed), effects);
  FinalPrefix bare = t.server(1).final();
  bare.seal = nullptr;
  other.on_final(std::make_shared<const FinalPrefix>(bare), effects);
  EXPECT_TRUE(effects.empty());
  other.on_final(std::make_shared<const FinalPrefix>(t.server(1).final()), effects);
  EXPECT_EQ(other.final().length, 2u);
}

TEST(MedianSealing, Rule86ASpreadBringsTheLocksCertificates) {
  SealingTable t = certified("ab");
  ASSERT_TRUE(t.pre(1, 2, "abc") && t.pre(2, 2, "abd"));
  t.learn(1, 2, {1, 2});
  EXPECT_EQ(t.marks(1), (Marks{2, 2}));
  t.spread(1, 3);
  EXPECT_EQ(t.lock_text(3), "ab");
  EXPECT_EQ(t.marks(3), t.marks(1));
}

TEST(MedianSealing, Rule86PreAndCommitsAreSentAgain) {
  SealingTable t = certified("ab");
  SealingEffects effects;
  t.server(1).resend(effects);
  ASSERT_EQ(effects.size(), 2u);
  EXPECT_EQ(std::get<PrePtr>(std::get<Sent>(effects[0]).message)->window, 1u);
  EXPECT_EQ(std::get<Commit>(std::get<Sent>(effects[1]).message).length, 2u);
  effects.clear();
  t.server(3).resend(effects);
  EXPECT_TRUE(effects.empty());
}

TEST(MedianSealing, Rule86ALaterCertificateThatLeavesFinalIsReported) {
  SealingTable t = certified("a");
  t.hear_commits(3, 1);
  t.learn(3, 1, {1, 2});
  t.hear_commits(3, 1);
  ASSERT_EQ(t.final_text(3), "a");
  // No schedule makes such a certificate: two servers without memory sign it.
  SealingTable liars(3);
  t.sequence("ab");
  liars.sequence("ab");  // so that both name commands alike
  ASSERT_TRUE(liars.pre(1, 2, "b") && liars.pre(2, 2, "b"));
  t.learn(3, liars.certificate(2, {1, 2}));
  const auto* conflict = first<FinalConflict>(t.last_effects());
  ASSERT_NE(conflict, nullptr);
  EXPECT_EQ(conflict->window, 2u);
  EXPECT_EQ(t.lock_text(3), "");
}

}  // namespace
}  // namespace waggle::median
