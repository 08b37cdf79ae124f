// docs/spec/median-smr.md, 5: Algorithm 6, recovery with checkpoints and rollback.
#include <gtest/gtest.h>

#include "smr/median/recovery.hpp"
#include "tests/spec/median_letters.hpp"

namespace waggle::median {
namespace {

class MedianRecovery : public testing::Test {
 protected:
  RecoveryRule& rule() {
    if (!rule_) {
      history_.emplace(letters.table, choices);
      rule_.emplace(parameters, choices, letters.table, *history_, findings);
    }
    return *rule_;
  }
  StateRef commit(StateRef state, Handle handle) {
    rule();
    return history_->commit(state, handle, findings);
  }
  RecoveryServer server(std::string_view log, Rollback rollback = Rollback::kNoReset) {
    RecoveryServer result = rule().initial();
    result.log = letters.log(log);
    result.rollback = rollback;
    return result;
  }
  /// The server with the checkpoint (state after `committed`, prefix, window).
  RecoveryServer with_checkpoint(RecoveryServer base, StateRef state, std::string_view prefix,
                                 Window window) {
    base.checkpoint =
        std::make_shared<const Checkpoint>(Checkpoint{state, letters.log(prefix), window});
    return base;
  }
  RecoveryServer round(const RecoveryServer& before, const std::vector<RecoveryServer>& from) {
    std::vector<RecoveryReply> replies;
    for (const RecoveryServer& sender : from) {
      if (sender.answers()) replies.push_back({&sender});
    }
    RecoveryServer after;
    rule().round(before, replies, {}, rng, after);
    return after;
  }

  Letters letters;
  Parameters parameters{.n = 1000, .T = 10};
  Choices choices;
  Findings findings;
  sim::Random rng{1};

 private:
  std::optional<History> history_;
  std::optional<RecoveryRule> rule_;
};

TEST_F(MedianRecovery, ARoundMergesLogsAndDoesNotCommit) {
  const RecoveryServer after = round(server("x"), {server("ab"), server("ac"), server("ad")});
  EXPECT_EQ(after.log, letters.log("acbd"));
  EXPECT_EQ(after.state, kInitialState);
}

TEST_F(MedianRecovery, OnlyRepliesWithALogCountForTheMerge) {
  RecoveryServer empty = server("");
  empty.log.reset();
  const RecoveryServer after = round(server("x"), {server("a"), server("a"), empty});
  EXPECT_FALSE(after.log);
  EXPECT_EQ(after.rollback, Rollback::kNoReset);  // three replies: R is decided
}

TEST_F(MedianRecovery, OneNoResetAmongAllRepliesForbidsToRollBack) {
  const RecoveryServer willing = server("a", Rollback::kReset);
  EXPECT_EQ(round(server("x"), {willing, willing, willing}).rollback, Rollback::kReset);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(round(server("x"), {willing, willing, willing, willing, server("a")}).rollback,
              Rollback::kNoReset);
  }
}

TEST_F(MedianRecovery, AmongLRepliesOnlyWhenSoChosen) {
  choices.no_reset_among_all = false;
  const RecoveryServer willing = server("a", Rollback::kReset);
  int missed = 0;
  for (int i = 0; i < 50; ++i) {
    const auto after = round(server("x"), {willing, willing, willing, willing, server("a")});
    missed += after.rollback == Rollback::kReset ? 1 : 0;
  }
  EXPECT_GT(missed, 0);
  EXPECT_LT(missed, 50);
}

TEST_F(MedianRecovery, FewerThanLRepliesMakeUndecidedAndUndecidedIsSilent) {
  const RecoveryServer after = round(server("x"), {server("a"), server("a")});
  EXPECT_EQ(after.rollback, Rollback::kUndecided);
  EXPECT_FALSE(after.log);
  EXPECT_FALSE(after.answers());
}

TEST_F(MedianRecovery, ANewerCheckpointIsAdoptedAfterTheMerge) {
  const StateRef state = commit(kInitialState, letters('z'));
  const RecoveryServer ahead = with_checkpoint(server("q"), state, "pq", 3);
  const RecoveryServer after = round(server("x"), {server("a"), ahead, server("b")});
  EXPECT_EQ(after.log, letters.log("pq"));  // P', not the merge
  EXPECT_EQ(after.state, state);
  EXPECT_EQ(after.checkpoint, ahead.checkpoint);
}

TEST_F(MedianRecovery, AnEqualOrOlderCheckpointIsNot) {
  const RecoveryServer mine = with_checkpoint(server("x"), kInitialState, "m", 3);
  const RecoveryServer same = with_checkpoint(server("a"), kInitialState, "n", 3);
  const RecoveryServer older = with_checkpoint(server("a"), kInitialState, "o", 2);
  const RecoveryServer after = round(mine, {same, older, same});
  EXPECT_EQ(after.checkpoint, mine.checkpoint);
  EXPECT_EQ(after.log, letters.log("a"));
}

TEST_F(MedianRecovery, TheLastReplyWinsATieOnTheWindow) {
  const RecoveryServer first = with_checkpoint(server("a"), kInitialState, "f", 3);
  const RecoveryServer last = with_checkpoint(server("a"), kInitialState, "l", 3);
  EXPECT_EQ(round(server("x"), {first, last, server("a")}).log, letters.log("l"));
}

TEST_F(MedianRecovery, TheFirstOneWhenSoChosen) {
  choices.largest_window = Choices::Any::kFirst;
  const RecoveryServer first = with_checkpoint(server("a"), kInitialState, "f", 3);
  const RecoveryServer last = with_checkpoint(server("a"), kInitialState, "l", 3);
  EXPECT_EQ(round(server("x"), {first, last, server("a")}).log, letters.log("f"));
}

TEST_F(MedianRecovery, ABoundaryCommitsThePrefixAndMakesTheNextCheckpoint) {
  RecoveryServer at = with_checkpoint(server("abcd"), kInitialState, "ab", 1);
  at.log->back() = Entry(letters('d'), 15);
  rule().boundary(at, 20);
  EXPECT_EQ(at.state, commit(commit(kInitialState, letters('a')), letters('b')));
  EXPECT_EQ(at.log, (Log{Entry(letters('c'), 1), Entry(letters('d'), 15)}));
  EXPECT_EQ(at.checkpoint->state, at.state);
  EXPECT_EQ(at.checkpoint->prefix, letters.log("c"));  // 'd' is too young
  EXPECT_EQ(at.checkpoint->window, 2u);
  EXPECT_EQ(at.rollback, Rollback::kNoReset);
  EXPECT_EQ(findings.count(Finding::kPrefixNotInLog), 0u);
}

TEST_F(MedianRecovery, AServerWithoutALogWaitsAndIsWillingToRollBack) {
  RecoveryServer at = with_checkpoint(server(""), kInitialState, "ab", 1);
  at.log.reset();
  rule().boundary(at, 20);
  EXPECT_FALSE(at.log);
  EXPECT_EQ(at.state, kInitialState);
  EXPECT_EQ(at.rollback, Rollback::kReset);
  EXPECT_EQ(at.checkpoint->window, 1u);
}

TEST_F(MedianRecovery, AWillingServerRollsBackToItsCheckpoint) {
  const StateRef state = commit(kInitialState, letters('z'));
  RecoveryServer at = with_checkpoint(server("x", Rollback::kReset), state, "ab", 4);
  at.state = commit(state, letters('y'));
  rule().boundary(at, 60);
  EXPECT_EQ(at.state, commit(commit(state, letters('a')), letters('b')));
  EXPECT_EQ(at.log, Log{});  // an empty log is still a log
  EXPECT_EQ(at.checkpoint->window, 6u);
}

TEST_F(MedianRecovery, WindowsAreNumberedByTheRound) {
  choices.window_by_round = false;
  RecoveryServer at = with_checkpoint(server("ab", Rollback::kReset), kInitialState, "ab", 4);
  rule().boundary(at, 60);
  EXPECT_EQ(at.checkpoint->window, 5u);  // W + 1, though window 6 begins
}

TEST_F(MedianRecovery, PrintedAPrefixThatIsNoneIsCommittedAndFound) {
  RecoveryServer at = with_checkpoint(server("bac"), kInitialState, "ab", 1);
  rule().boundary(at, 20);
  EXPECT_EQ(at.state, commit(commit(kInitialState, letters('a')), letters('b')));
  EXPECT_EQ(at.checkpoint->prefix, letters.log("c"));
  EXPECT_EQ(findings.count(Finding::kPrefixNotInLog), 1u);
}

TEST_F(MedianRecovery, WithSkipBoundaryItExecutesNothingAndWaits) {
  choices.skip_boundary = true;
  RecoveryServer at = with_checkpoint(server("bac"), kInitialState, "ab", 1);
  rule().boundary(at, 20);
  EXPECT_EQ(at.state, kInitialState);
  EXPECT_FALSE(at.log);
  EXPECT_EQ(at.rollback, Rollback::kReset);
  EXPECT_EQ(at.checkpoint->window, 1u);
  EXPECT_EQ(findings.count(Finding::kPrefixNotInLog), 1u);
}

TEST_F(MedianRecovery, TheInitialPrefixIsUndecidedAsPrintedOrEmpty) {
  RecoveryServer at = server("a", Rollback::kReset);
  rule().boundary(at, 10);
  EXPECT_FALSE(at.log);  // 7.5d: rolled back to undecided, for good
  choices.initial_prefix_empty = true;
  Findings none;
  History history(letters.table, choices);
  RecoveryRule repaired(parameters, choices, letters.table, history, none);
  RecoveryServer fresh = repaired.initial();
  fresh.rollback = Rollback::kReset;
  repaired.boundary(fresh, 10);
  EXPECT_TRUE(fresh.log);
  EXPECT_EQ(fresh.rollback, Rollback::kNoReset);
}

}  // namespace
}  // namespace waggle::median
