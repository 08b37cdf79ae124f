// docs/spec/median-smr.md, 4: Algorithm 5, the compact rule.
#include <gtest/gtest.h>

#include "smr/median/compact.hpp"
#include "tests/spec/median_letters.hpp"

namespace waggle::median {
namespace {

class MedianCompact : public testing::Test {
 protected:
  CompactRule& rule() {
    if (!rule_) rule_.emplace(parameters, choices, letters.table, history(), findings);
    return *rule_;
  }
  History& history() {
    if (!history_) history_.emplace(letters.table, choices);
    return *history_;
  }
  StateRef commit(StateRef state, Handle handle) {
    return history().commit(state, handle, findings);
  }
  /// The server after a round with these logs as replies.
  CompactServer round(const CompactServer& before, Round now, const std::vector<Log>& logs,
                      StateRef state = kInitialState, const Log& appended = {}) {
    std::vector<CompactReply> replies;
    for (const Log& log : logs) replies.push_back({log, state});
    CompactServer after;
    rule().round(before, now, replies, appended, rng, after);
    return after;
  }
  std::uint64_t count(Finding finding) const { return findings.count(finding); }

  Letters letters;
  Parameters parameters{.n = 1000, .T = 10};
  Choices choices;
  Findings findings;
  sim::Random rng{1};

 private:
  std::optional<History> history_;
  std::optional<CompactRule> rule_;
};

TEST_F(MedianCompact, AnEntryCommitsWhenItIsTRoundsOld) {
  const Log log = letters.log("ab", 3);
  const CompactServer young = round({}, 12, {log, log, log});
  EXPECT_EQ(young.state, kInitialState);
  EXPECT_EQ(young.log, log);
  const CompactServer old = round({}, 13, {log, log, log});
  EXPECT_EQ(old.state, commit(commit(kInitialState, letters('a')), letters('b')));
  EXPECT_EQ(old.log, Log{Entry(kDummy, 13)});  // an empty log gets a dummy
}

TEST_F(MedianCompact, OnlyTheAgedPrefixLeavesTheLog) {
  Log log = letters.log("a", 1);
  log.emplace_back(letters('b'), 5);
  log.emplace_back(letters('c'), 1);
  const CompactServer after = round({}, 11, {log, log, log});
  EXPECT_EQ(history().length(after.state), 1u);
  EXPECT_EQ(after.log, (Log{Entry(letters('b'), 5), Entry(letters('c'), 1)}));
}

TEST_F(MedianCompact, FewerThanLRepliesMakeUndecidedButCommitAnAgedPrefix) {
  const Log log = letters.log("a", 1);
  const CompactServer after = round({}, 11, {log, log});
  EXPECT_FALSE(after.useful);
  EXPECT_TRUE(after.log.empty());
  EXPECT_EQ(history().length(after.state), 1u);
  const CompactServer alone = round({}, 11, {});
  EXPECT_FALSE(alone.useful);
  EXPECT_EQ(alone.state, kInitialState);
}

TEST_F(MedianCompact, AnUndecidedServerAdoptsAState) {
  const StateRef state = commit(kInitialState, letters('z'));
  const Log log = letters.log("a", 5);
  CompactServer undecided{.useful = false, .log = {}};
  EXPECT_EQ(round(undecided, 6, {log, log, log}, state).state, state);
  EXPECT_EQ(round(undecided, 6, {log}, state).state, state);             // from a single reply, too
  EXPECT_EQ(round({}, 6, {log, log, log}, state).state, kInitialState);  // b = 0: keeps its own
}

TEST_F(MedianCompact, TheBitIsThatOfTheRoundsStart) {
  // The server held a log when it asked, so that the reply brought no state: it becomes undecided
  // in this round and must not look at one.
  const StateRef state = commit(kInitialState, letters('z'));
  EXPECT_EQ(round({}, 6, {letters.log("a", 5)}, state).state, kInitialState);
}

TEST_F(MedianCompact, AdoptionComesBeforeTheCommit) {
  const StateRef state = commit(kInitialState, letters('z'));
  const Log log = letters.log("a", 1);
  CompactServer undecided{.useful = false, .log = {}};
  EXPECT_EQ(round(undecided, 11, {log, log, log}, state).state, commit(state, letters('a')));
  EXPECT_EQ(round(undecided, 11, {log}, state).state, commit(state, letters('a')));
}

TEST_F(MedianCompact, CommandsAreAmplifiedInOrderAndOnce) {
  CompactServer server;
  EXPECT_EQ(rule().on_command(server, letters('a')), Answer::kAmplify);
  EXPECT_EQ(rule().on_command(server, letters.next('a')), Answer::kIgnore);  // sn(c) + 2
  server.log = letters.log("a");
  EXPECT_EQ(rule().on_command(server, letters('a')), Answer::kIgnore);  // holds it
  server.state = commit(kInitialState, letters('a'));
  EXPECT_EQ(rule().on_command(server, letters('a')), Answer::kCommitted);
  EXPECT_EQ(rule().on_command(server, letters.next('a')), Answer::kAmplify);
  server.useful = false;
  EXPECT_EQ(rule().on_command(server, letters('a')), Answer::kIgnore);
}

TEST_F(MedianCompact, ANullEntryAdvancesTheNumberOnly) {
  const StateRef state = commit(kInitialState, letters.null_of('a'));
  CompactServer server{.state = state};
  EXPECT_EQ(rule().on_command(server, letters.next('a')), Answer::kAmplify);
  EXPECT_EQ(count(Finding::kCommittedTwice), 0u);
}

TEST_F(MedianCompact, PrintedACommandCommitsTwiceAndIsFound) {
  const StateRef once = commit(kInitialState, letters('a'));
  const StateRef twice = commit(once, letters('a'));
  EXPECT_NE(once, twice);
  EXPECT_EQ(count(Finding::kCommittedTwice), 1u);
  commit(kInitialState, letters.next('b'));
  EXPECT_EQ(count(Finding::kNumberSkipped), 1u);
}

TEST_F(MedianCompact, WithExecuteOnceItChangesNothing) {
  choices.execute_once = true;
  const StateRef once = commit(kInitialState, letters('a'));
  EXPECT_EQ(commit(once, letters('a')), once);
  EXPECT_EQ(commit(once, letters('A')), once);
  EXPECT_EQ(count(Finding::kCommittedTwice), 0u);
}

TEST_F(MedianCompact, StatesAreEqualWhenTheirSequencesAre) {
  const StateRef a = commit(kInitialState, letters('a'));
  const StateRef b = commit(kInitialState, letters('b'));
  EXPECT_NE(a, b);
  EXPECT_EQ(commit(kInitialState, letters('a')), a);
  EXPECT_NE(commit(a, letters('c')), commit(b, letters('c')));
  // On either side of the split the numbers are those of its own sequence.
  const std::uint32_t client_a = letters.table.client(letters.table.slot(letters('a')));
  EXPECT_EQ(history().last_number(commit(a, letters('c')), client_a), 1u);
  EXPECT_EQ(history().last_number(commit(b, letters('c')), client_a), 0u);
}

}  // namespace
}  // namespace waggle::median
