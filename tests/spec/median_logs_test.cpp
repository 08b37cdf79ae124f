// docs/spec/median-smr.md, 3: Algorithm 3, the merge of logs; 7.1: how they are compared.
#include <gtest/gtest.h>

#include "smr/median/merge.hpp"
#include "tests/spec/median_letters.hpp"

namespace waggle::median {
namespace {

class MedianLogs : public testing::Test {
 protected:
  Log merge(const std::vector<Log>& logs, const Log& appended = {}) {
    Merger merger(letters.table, choices);
    const std::vector<LogView> chosen(logs.begin(), logs.end());
    Log out;
    merger.merge(chosen, appended, out);
    return out;
  }

  Letters letters;
  Choices choices;
};

TEST_F(MedianLogs, TheLexicographicMedianComesFirst) {
  EXPECT_EQ(merge({letters.log("ab"), letters.log("ac"), letters.log("ad")}), letters.log("acbd"));
  EXPECT_EQ(merge({letters.log("a"), letters.log("ab"), letters.log("abc")}), letters.log("abc"));
  EXPECT_EQ(merge({letters.log("ab"), letters.log("ab"), letters.log("c")}), letters.log("abc"));
}

TEST_F(MedianLogs, AnEvenNumberHasALowerMedian) {
  EXPECT_EQ(merge({letters.log("b"), letters.log("a")}), letters.log("ab"));
}

TEST_F(MedianLogs, NothingIsLostAndNothingIsTwice) {
  EXPECT_EQ(merge({letters.log("ab"), letters.log("ba"), letters.log("ac")}), letters.log("acb"));
  EXPECT_EQ(merge({letters.log("ad"), letters.log("cd"), letters.log("bd")}), letters.log("bdac"));
}

TEST_F(MedianLogs, AppendRequestsComeBehindUnlessTheLogHasThem) {
  const Log same = letters.log("abc");
  EXPECT_EQ(merge({same, same, same}, letters.log("dbea")), letters.log("abcde"));
  EXPECT_EQ(merge({same, same, same}, letters.log("cba")), same);
}

TEST_F(MedianLogs, AnOlderEntryIsSmaller) {
  const Log old_b = letters.log("b", 1);
  const Log young_a = letters.log("a", 2);
  EXPECT_TRUE(less(LogView(old_b), LogView(young_a), letters.table, choices.order));
  choices.order = Choices::Order::kCommandOnly;
  EXPECT_FALSE(less(LogView(old_b), LogView(young_a), letters.table, choices.order));
}

TEST_F(MedianLogs, CommandOnlyOrderLooksPastStamps) {
  Log left = letters.log("a", 5);
  Log right = letters.log("a", 1);
  left.emplace_back(letters('b'), 1);
  right.emplace_back(letters('c'), 1);
  EXPECT_FALSE(less(LogView(left), LogView(right), letters.table, choices.order));
  choices.order = Choices::Order::kCommandOnly;
  EXPECT_TRUE(less(LogView(left), LogView(right), letters.table, choices.order));
}

TEST_F(MedianLogs, ACommandSeenTwiceKeepsTheStampThatSortsFirst) {
  const Log seed = letters.log("a");
  Log appended = letters.log("z", 7);
  appended.emplace_back(letters('z'), 4);
  Log expected = seed;
  expected.emplace_back(letters('z'), 4);
  EXPECT_EQ(merge({seed, seed, seed}, appended), expected);
}

TEST_F(MedianLogs, AStampThatTheMedianHasStays) {
  const std::vector<Log> logs = {letters.log("a", 3), letters.log("a", 1), letters.log("a", 2)};
  EXPECT_EQ(merge(logs), letters.log("a", 2));
}

TEST_F(MedianLogs, ClashingCommandsLeaveOneNullEntryWhereTheFirstStood) {
  const Log same = letters.log("ab");
  Log expected = same;
  expected[0] = Entry(letters.null_of('a'), 1);
  EXPECT_EQ(merge({same, same, same}, letters.log("A")), expected);
  Log fresh = same;
  fresh.emplace_back(letters.null_of('c'), 1);
  EXPECT_EQ(merge({same, same, same}, letters.log("cC")), fresh);
}

TEST_F(MedianLogs, ANullEntrySwallowsWhatCouldClashWithIt) {
  const Log nulled = {Entry(letters.null_of('a'), 1)};
  EXPECT_EQ(merge({nulled, nulled, letters.log("a")}), nulled);
  EXPECT_EQ(merge({letters.log("a"), letters.log("a"), nulled}), nulled);
}

TEST_F(MedianLogs, WithoutTheNullRuleBothStay) {
  choices.null_clashes = false;
  const Log same = letters.log("a");
  EXPECT_EQ(merge({same, same, same}, letters.log("A")), letters.log("aA"));
  EXPECT_EQ(merge({letters.log("aA"), letters.log("aA"), letters.log("aA")}, letters.log("Aa")),
            letters.log("aA"));
}

TEST_F(MedianLogs, TwoCommandsOfOneClientDoNotClash) {
  const Log same = letters.log("a");
  const Log appended = {Entry(letters.next('a'), 1)};
  EXPECT_EQ(merge({same, same, same}, appended).size(), 2u);
}

TEST_F(MedianLogs, TheOrderOfCommandsDoesNotDependOnWhoSawThemFirst) {
  Letters other;
  other('b');
  other('a');
  letters('a');
  letters('b');
  EXPECT_TRUE(letters.table.less(letters('a'), letters('b')));
  EXPECT_TRUE(other.table.less(other('a'), other('b')));
  EXPECT_TRUE(letters.table.less(letters.null_of('a'), letters('a')));
  EXPECT_TRUE(letters.table.less(letters('a'), letters('A')));
  EXPECT_FALSE(letters.table.less(letters('a'), letters('a')));
}

TEST_F(MedianLogs, AgeCountsFromTheStamp) {
  Log log = letters.log("ab", 3);
  log.emplace_back(letters('c'), 4);
  log.emplace_back(letters('d'), 3);
  EXPECT_EQ(aged_prefix(log, 12, 10), 0u);
  EXPECT_EQ(aged_prefix(log, 13, 10), 2u);  // 'd' is old enough, but stands behind 'c'
  EXPECT_EQ(aged_prefix(log, 14, 10), 4u);
}

}  // namespace
}  // namespace waggle::median
