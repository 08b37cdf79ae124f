// docs/spec/median-smr.md, 8: the schedules R1 to R8, with servers s1, s2, ... Each goes wrong
// without one rule of sealing, which some of these tests remove.
#include <gtest/gtest.h>

#include "tests/spec/median_sealing.hpp"

namespace waggle::median {
namespace {

using Servers = std::vector<std::uint32_t>;
using Marks = std::vector<Window>;

/// R1 up to where a is sealed in window 3 and s1 learns of (2, b).
void play_r1(SealingTable& t) {
  ASSERT_TRUE(t.pre(1, 1, "a") && t.pre(2, 1, "a"));
  t.learn(1, 1, {1, 2});
  ASSERT_TRUE(t.pre(2, 2, "b") && t.pre(3, 2, "b"));
  ASSERT_TRUE(t.pre(1, 3, "a") && t.pre(3, 3, "a"));
  EXPECT_EQ(t.learn(1, 3, {1, 3}), 1u);
  EXPECT_EQ(t.learn(3, 3, {1, 3}), 1u);
  t.learn(1, 2, {2, 3});
}

TEST(MedianSchedules, R1ANewerCertificateGuardsWhatItCovers) {
  SealingTable t(3);
  play_r1(t);
  EXPECT_EQ(t.marks(1), Marks{3});
  EXPECT_EQ(t.lock_text(1), "a");
  EXPECT_FALSE(t.pre(1, 4, "b"));
  EXPECT_TRUE(t.pre(1, 4, "ab"));
  EXPECT_TRUE(t.checker().agreement());
}

TEST(MedianSchedules, R1WithoutMarksSealsTwoSequences) {
  SealingTable t(3, {.marks = false});
  play_r1(t);
  ASSERT_TRUE(t.pre(1, 4, "b") && t.pre(2, 4, "b"));
  EXPECT_EQ(t.learn(1, 4, {1, 2}), 1u);
  EXPECT_EQ(t.learn(2, 4, {1, 2}), 1u);
  EXPECT_FALSE(t.checker().agreement());
}

/// R2 up to where a is sealed in window 3, by a certificate shorter than s1's lock.
void play_r2(SealingTable& t) {
  ASSERT_TRUE(t.pre(1, 1, "aa") && t.pre(2, 1, "aa"));
  t.learn(1, 1, {1, 2});
  ASSERT_TRUE(t.pre(2, 2, "b") && t.pre(3, 2, "b"));
  ASSERT_TRUE(t.pre(1, 3, "aa") && t.pre(3, 3, "ac"));
  EXPECT_EQ(t.learn(1, 3, {1, 3}), 1u);  // COMMIT(3, a): shorter than the lock
  EXPECT_EQ(t.learn(3, 3, {1, 3}), 1u);
  t.learn(1, 2, {2, 3});
}

TEST(MedianSchedules, R2EveryEntryHasItsOwnMark) {
  SealingTable t(3);
  play_r2(t);
  EXPECT_EQ(t.lock_text(1), "aa");
  EXPECT_EQ(t.marks(1), (Marks{3, 1}));
  EXPECT_FALSE(t.pre(1, 4, "b"));
  EXPECT_TRUE(t.checker().agreement());
}

TEST(MedianSchedules, R2WithoutMarksSealsTwoSequences) {
  SealingTable t(3, {.marks = false});
  play_r2(t);
  ASSERT_TRUE(t.pre(1, 4, "b") && t.pre(2, 4, "b"));
  EXPECT_EQ(t.learn(1, 4, {1, 2}), 1u);
  EXPECT_EQ(t.learn(2, 4, {1, 2}), 1u);
  EXPECT_FALSE(t.checker().agreement());
}

/// R4: aa is sealed by s2 and s3; in window 2 only a is certified, and s3 learns so.
void play_r4(SealingTable& t) {
  ASSERT_TRUE(t.pre(1, 1, "aa") && t.pre(2, 1, "aa"));
  EXPECT_EQ(t.learn(2, 1, {1, 2}), 2u);
  EXPECT_EQ(t.learn(3, 1, {1, 2}), 2u);
  ASSERT_TRUE(t.pre(1, 2, "ab") && t.pre(2, 2, "aa"));
  t.learn(3, 2, {1, 2});
}

TEST(MedianSchedules, R4ACertificateOfAPrefixTakesNothingAway) {
  SealingTable t(3);
  play_r4(t);
  EXPECT_EQ(t.lock_text(3), "aa");
  EXPECT_EQ(t.marks(3), (Marks{2, 1}));
  EXPECT_FALSE(t.pre(3, 2, "ab"));
  EXPECT_TRUE(t.pre(3, 2, "aa"));
  EXPECT_TRUE(t.checker().agreement());
}

TEST(MedianSchedules, R4WithALockThatGetsShorterSealsTwoSequences) {
  SealingTable t(3, {.lock_not_shortened = false});
  play_r4(t);
  ASSERT_TRUE(t.pre(3, 2, "ab"));
  EXPECT_EQ(t.learn(1, 2, {1, 3}), 2u);
  EXPECT_EQ(t.learn(3, 2, {1, 3}), 2u);
  EXPECT_FALSE(t.checker().agreement());
}

/// R5: a certified in window 1, b in window 2.
void play_r5(SealingTable& t) {
  ASSERT_TRUE(t.pre(1, 1, "a") && t.pre(2, 1, "a"));
  ASSERT_TRUE(t.pre(1, 2, "b") && t.pre(2, 2, "b"));
  t.learn(3, 2, {1, 2});
}

TEST(MedianSchedules, R5OnlyAServerWithoutALaterPreCommits) {
  SealingTable t(3);
  play_r5(t);
  EXPECT_EQ(t.learn(3, 1, {1, 2}), 1u);  // knows (2, b), but signed no PRE of window 2
  EXPECT_EQ(t.lock_text(3), "b");
  EXPECT_EQ(t.learn(1, 1, {1, 2}), 0u);
  EXPECT_EQ(t.learn(1, 2, {1, 2}), 1u);
  EXPECT_EQ(t.learn(2, 2, {1, 2}), 1u);
  t.hear_commits(1, 1);
  t.hear_commits(1, 2);
  EXPECT_EQ(t.final_text(1), "b");
  EXPECT_TRUE(t.checker().agreement());
}

TEST(MedianSchedules, R5WithACommitAfterALaterPreSealsTwoSequences) {
  SealingTable t(3, {.no_commit_after_pre = false});
  play_r5(t);
  EXPECT_EQ(t.learn(3, 1, {1, 2}), 1u);
  EXPECT_EQ(t.learn(1, 1, {1, 2}), 1u);
  t.learn(1, 2, {1, 2});
  t.learn(2, 2, {1, 2});
  EXPECT_FALSE(t.checker().agreement());
}

TEST(MedianSchedules, R6AConflictWithTheFinalPrefixIsIgnored) {
  SealingTable t(3);
  ASSERT_TRUE(t.pre(1, 1, "a") && t.pre(2, 1, "a"));
  t.learn(1, 1, {1, 2});
  ASSERT_TRUE(t.pre(2, 2, "b") && t.pre(3, 2, "b"));
  t.learn(2, 2, {2, 3});
  t.learn(3, 2, {2, 3});
  for (const std::uint32_t i : {2u, 1u}) {
    t.hear_commits(i, 2);
    if (i == 1) t.spread(2, 1);
    EXPECT_EQ(t.final_text(i), "b");
    EXPECT_EQ(t.lock_text(i), "");  // a does not go on from b
    t.learn(i, 1, {1, 2});
    EXPECT_EQ(t.lock_text(i), "");
    EXPECT_TRUE(t.last_effects().empty());  // older than the seal: no finding
  }
  EXPECT_FALSE(t.pre(1, 3, "a"));
  EXPECT_TRUE(t.pre(1, 3, "bc"));
  EXPECT_TRUE(t.checker().agreement());
}

TEST(MedianSchedules, R7ACommitCountsForEveryShorterLength) {
  SealingTable t(5);
  ASSERT_TRUE(t.pre(1, 1, "abc") && t.pre(2, 1, "abc") && t.pre(3, 1, "abc"));
  ASSERT_TRUE(t.pre(4, 1, "ab") && t.pre(5, 1, "a"));
  EXPECT_EQ(t.learn(4, 1, {1, 2, 4}), 2u);
  EXPECT_EQ(t.learn(5, 1, {1, 2, 5}), 1u);
  const auto sealed = [&t](std::uint32_t i) {
    t.hear_commits(i, 1);
    return t.final_text(i);
  };
  EXPECT_EQ(t.learn(1, 1, {1, 2, 3}), 3u);
  EXPECT_EQ(sealed(4), "a");
  EXPECT_EQ(t.learn(2, 1, {1, 2, 3}), 3u);
  EXPECT_EQ(sealed(4), "ab");
  EXPECT_EQ(t.learn(5, 1, {1, 2, 3}), 3u);  // deepens
  EXPECT_EQ(sealed(4), "ab");               // holds no certificate for c
  EXPECT_EQ(sealed(1), "abc");
  EXPECT_TRUE(t.checker().agreement());
}

/// R8: s1 and s2 seal a, which only s1 notices; then s2 loses its memory.
void play_r8(SealingTable& t) {
  ASSERT_TRUE(t.pre(1, 1, "a") && t.pre(2, 1, "a"));
  EXPECT_EQ(t.learn(1, 1, {1, 2}), 1u);
  EXPECT_EQ(t.learn(2, 1, {1, 2}), 1u);
  t.hear_commits(1, 1);
  EXPECT_EQ(t.final_text(1), "a");
  t.lose_memory(2, 1);
}

TEST(MedianSchedules, R8WithoutMemoryNothingIsSignedUntilEnoughOthersTold) {
  SealingTable t(3);
  play_r8(t);
  ASSERT_TRUE(t.pre(3, 2, "b"));
  t.tell(3, 2);
  EXPECT_FALSE(t.pre(2, 2, "b"));  // s3 alone is none of those that sealed a
  EXPECT_EQ(t.server(2).record().rejoin, Window{1});
  t.tell(1, 2);  // s1 may yet COMMIT in window 1: what it says of its lock is not its last word
  EXPECT_FALSE(t.pre(2, 3, "ab"));
  ASSERT_TRUE(t.pre(1, 2, "a"));
  t.tell(1, 2);
  EXPECT_FALSE(t.pre(2, 1, "a"));  // a window in which it may have signed
  EXPECT_FALSE(t.pre(2, 3, "b"));
  EXPECT_TRUE(t.pre(2, 3, "ab"));
  EXPECT_EQ(t.server(2).record().rejoin, std::nullopt);
  EXPECT_TRUE(t.checker().agreement());
}

TEST(MedianSchedules, R8KeepsThatItRejoinsAndCommitsNothing) {
  SealingTable t(3);
  play_r8(t);
  t.restart(2);
  ASSERT_TRUE(t.pre(1, 2, "ab") && t.pre(3, 2, "a"));
  EXPECT_EQ(t.learn(2, 2, {1, 3}), 0u);
  EXPECT_FALSE(t.pre(2, 2, "a"));
}

TEST(MedianSchedules, R8WithoutWaitingSealsTwoSequences) {
  SealingTable t(3, {.rejoin_waits = false});
  play_r8(t);
  ASSERT_TRUE(t.pre(2, 2, "b") && t.pre(3, 2, "b"));
  EXPECT_EQ(t.learn(2, 2, {2, 3}), 1u);
  EXPECT_EQ(t.learn(3, 2, {2, 3}), 1u);
  EXPECT_FALSE(t.checker().agreement());
}

}  // namespace
}  // namespace waggle::median
