// docs/spec/median-smr.md, 8.1: logs when sealing.
#include <gtest/gtest.h>

#include "sim/crypto/symbolic.hpp"
#include "smr/median/sealed_log.hpp"
#include "tests/spec/median_letters.hpp"

namespace waggle::median {
namespace {

class MedianSealedLog : public testing::Test {
 protected:
  MedianSealedLog() : log(parameters, letters.table), merger(letters.table, {}) {}

  void round(const std::vector<Log>& logs, const Log& appended = {}) {
    std::vector<LogView> replies(logs.begin(), logs.end());
    log.round(replies, appended, merger, rng);
  }
  Lock lock_of(std::string_view text) {
    Sequence sequence;
    for (const char letter : text) sequence.push_back(letters(letter));
    Lock lock;
    if (!sequence.empty()) lock.file(1, sequence, {});
    return lock;
  }
  FinalPtr final_of(std::string_view text) {
    const FinalPrefix start;
    PrefixCursor cursor(start, {&letters.table, &hasher});
    for (const char letter : text) cursor.append(letters(letter));
    return cursor.finish(nullptr);
  }

  Letters letters;
  Parameters parameters{.n = 4, .T = 10};
  sim::SymbolicHasher hasher;
  sim::Random rng{1};
  SealedLog log;
  Merger merger;
};

TEST_F(MedianSealedLog, WithEnoughLogsItIsAlgorithm3) {
  round({letters.log("ab"), letters.log("ac"), letters.log("ad")}, letters.log("e"));
  EXPECT_EQ(log.log(), letters.log("acbde"));
}

TEST_F(MedianSealedLog, WithFewerItStaysAndGetsTheRequests) {
  round({letters.log("ab"), letters.log("ab"), letters.log("ab")});
  round({letters.log("xy"), letters.log("xy")}, letters.log("c"));
  EXPECT_EQ(log.log(), letters.log("abc"));
}

TEST_F(MedianSealedLog, OfThreeServersAMajorityIsEnough) {
  SealedLog of_three({.n = 3, .T = 10}, letters.table);
  const Log ab = letters.log("ab");
  const Log c = letters.log("c");
  std::vector<LogView> two = {ab, c};
  of_three.round(two, {}, merger, rng);
  EXPECT_EQ(of_three.log(), letters.log("abc"));
  std::vector<LogView> one = {c};
  of_three.round(one, {}, merger, rng);
  EXPECT_EQ(of_three.log(), letters.log("abc"));
}

TEST_F(MedianSealedLog, ItBeginsWithTheLock) {
  const Log ab = letters.log("ab", 5);
  round({ab, ab, ab});
  log.fit(final_of(""), lock_of("ca"));
  Log expected = {Entry(letters('c'), 0)};  // had no stamp in the log
  expected.emplace_back(letters('a'), 5);
  expected.emplace_back(letters('b'), 5);
  EXPECT_EQ(log.log(), expected);
  log.fit(final_of(""), lock_of("ca"));
  EXPECT_EQ(log.log(), expected);  // it did begin with it: nothing changes
}

TEST_F(MedianSealedLog, WhatClashesWithTheLockIsDropped) {
  const Log same = letters.log("Ab");
  round({same, same, same});
  log.fit(final_of(""), lock_of("a"));
  EXPECT_EQ(log.log(), (Log{Entry(letters('a'), 0), Entry(letters('b'), 1)}));
  const Log nulled = {Entry(letters.null_of('a'), 1)};
  round({nulled, nulled, nulled});
  log.fit(final_of(""), lock_of("a"));
  EXPECT_EQ(log.log(), (Log{Entry(letters('a'), 0)}));
}

TEST_F(MedianSealedLog, WhatIsFinalIsLeftOut) {
  Log same = letters.log("aAb");
  same.emplace_back(letters.next('a'), 1);
  round({same, same, same});
  log.fit(final_of("a"), lock_of(""));
  EXPECT_EQ(log.log(), (Log{Entry(letters('b'), 1), Entry(letters.next('a'), 1)}));
}

TEST_F(MedianSealedLog, APreAddsTheAgedEntriesBehindTheLock) {
  Log same = letters.log("abc", 3);
  same.emplace_back(letters('d'), 4);
  same.emplace_back(letters('e'), 3);
  round({same, same, same});
  const Lock lock = lock_of("a");
  log.fit(final_of(""), lock);
  EXPECT_EQ(log.aged_behind(lock, 12), Sequence{});
  EXPECT_EQ(log.aged_behind(lock, 13), (Sequence{letters('b'), letters('c')}));
  EXPECT_EQ(log.aged_behind(lock, 14).size(), 4u);
}

}  // namespace
}  // namespace waggle::median
