// One sentence per fault of a median server.
#include "smr/replica/median_explain.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "smr/replica/explain.hpp"

namespace waggle::smr {
namespace {

/// One of four, all is well and commands are on their way.
MedianFacts healthy() {
  MedianFacts facts;
  facts.n = 4;
  facts.majority = 3;
  facts.round = 900;
  facts.final = 12;
  facts.executed = 12;
  facts.started = true;
  facts.busy = true;
  facts.replies = 4;
  facts.pending = 2;
  facts.log = 3;
  facts.rounds_seen = 50;
  facts.disk_free = std::uint64_t{100} << 30;
  return facts;
}

std::vector<std::string> said(const MedianFacts& facts) {
  std::vector<std::string> lines;
  for (const Finding& one : explain(facts)) {
    lines.push_back(std::string(to_string(one.level)) + " " + one.text);
  }
  return lines;
}

using Lines = std::vector<std::string>;

const std::string kSeals =
    "ok It seals: 12 entries so far. 4 of 4 servers answered in the last round.";

TEST(ExplainMedian, AllIsWell) {
  MedianFacts facts = healthy();
  EXPECT_EQ(said(facts), Lines{kSeals});
  facts.busy = false;
  EXPECT_EQ(said(facts), Lines{"ok Idle: nothing waits to be sealed. 4 of 4 servers answered in "
                               "the last round."});
}

TEST(ExplainMedian, StoppedSaysNothingElse) {
  MedianFacts facts = healthy();
  facts.stopped = true;
  facts.disk_free = 0;
  EXPECT_EQ(said(facts), Lines{"bad It has stopped itself and does nothing any more."});
}

TEST(ExplainMedian, FewerThanAMajorityAnswers) {
  MedianFacts facts = healthy();
  facts.replies = 2;
  facts.unreached = {ReplicaId{1}};
  facts.silent = {ReplicaId{3}};
  facts.stalled_s = 9;
  const Lines lines = said(facts);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0],
            "bad 2 of 4 servers answered in its last round, itself included, and 3 have to seal. "
            "Nothing that is sealed is lost; missing: 1 and 3.");
  EXPECT_EQ(lines[1].substr(0, 32), "warn It is connected to 3 but he");
}

TEST(ExplainMedian, OneIsMissing) {
  MedianFacts facts = healthy();
  facts.replies = 3;
  facts.unreached = {ReplicaId{2}};
  EXPECT_EQ(said(facts),
            (Lines{"warn It does not hear 2: 3 of 4 are left, itself included, and 3 are needed.",
                   "ok It seals: 12 entries so far. 3 of 4 servers answered in the last round."}));
}

TEST(ExplainMedian, ClocksAreOff) {
  MedianFacts facts = healthy();
  facts.early = {ReplicaId{2}};
  EXPECT_EQ(said(facts), (Lines{"warn The clock of 2 and its own disagree by more than a round: "
                                "messages from there come too early, and count as lost.",
                                kSeals}));
  facts.early = {ReplicaId{1}, ReplicaId{2}};
  EXPECT_EQ(said(facts).front(),
            "bad Its clock and those of most others disagree by more than a round: their messages "
            "come too early, and count as lost.");
  facts.early = {};
  facts.late = {ReplicaId{1}, ReplicaId{2}, ReplicaId{3}};
  EXPECT_NE(said(facts).front().find("come too late"), std::string::npos);
}

TEST(ExplainMedian, NothingIsSealedThoughEnoughAnswer) {
  MedianFacts facts = healthy();
  facts.stalled_s = kPatienceSeconds;
  EXPECT_EQ(said(facts), Lines{"bad Nothing was sealed for 2 s, though 3 commands wait; 4 of 4 "
                               "servers answered in the last round."});
  facts.stalled_s = kPatienceSeconds - 1;
  EXPECT_EQ(said(facts), Lines{kSeals});
}

TEST(ExplainMedian, ItsMemoryIsLostOrItIsFarBehind) {
  MedianFacts facts = healthy();
  facts.rejoining = true;
  EXPECT_EQ(said(facts), Lines{"bad It lost its data and rejoins (rule 8.7): it signs nothing "
                               "until enough others have told it what it may have signed."});
  facts.rejoining = false;
  facts.transfer = MedianFacts::Transfer{ReplicaId{2}, 3 << 20, 0};
  EXPECT_EQ(said(facts), Lines{"warn It is so far behind that it fetches the state from replica "
                               "2: 3072 KiB of ?."});
  facts.transfer->total = std::uint64_t{40} << 20;
  EXPECT_NE(said(facts).front().find("of 40 MiB."), std::string::npos);
}

TEST(ExplainMedian, BurdensAndDisks) {
  MedianFacts facts = healthy();
  facts.full = true;
  facts.pending = 4096;
  facts.final = 500;
  facts.applying_s = 3;
  facts.rounds_missed = 20;
  facts.rounds_seen = 30;
  facts.syncing_s = 4;
  facts.disk_free = 1000;
  EXPECT_EQ(said(facts),
            (Lines{"bad Its disk has only 1000 bytes left; without room this replica stops.",
                   "bad Its disk has not confirmed a write for 4 s; nothing leaves this replica "
                   "before.",
                   "bad It takes no more commands: 4096 wait and 3 are in its log.",
                   "warn 488 sealed entries wait for the state machine, which has finished none "
                   "for 3 s.",
                   "warn It slept through 20 of the last 50 rounds: it was stopped, or its machine "
                   "is too busy for rounds this short.",
                   "ok It seals: 500 entries so far. 4 of 4 servers answered in the last round."}));
}

TEST(ExplainMedian, ContradictionsComeBeforeAllThatMayPass) {
  MedianFacts facts = healthy();
  facts.differing = {ReplicaId{1}};
  facts.conflicts = 2;
  facts.replies = 1;
  const Lines lines = said(facts);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_NE(lines[0].find("state differs"), std::string::npos);
  EXPECT_NE(lines[1].find("2 certificates contradict"), std::string::npos);
}

TEST(ExplainMedian, BeforeTheFirstRound) {
  MedianFacts facts = healthy();
  facts.started = false;
  facts.replies = 0;
  EXPECT_EQ(said(facts), Lines{"warn No round has begun by its clock."});
}

TEST(ExplainMedian, EverySentenceFitsIntoAFinding) {
  for (const Sentence& one : median_sentences()) EXPECT_LT(one.text.size(), 230u) << one.code;
}

}  // namespace
}  // namespace waggle::smr
