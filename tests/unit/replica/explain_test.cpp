// One sentence per fault.
#include "smr/replica/explain.hpp"

#include <gtest/gtest.h>

namespace waggle::smr {
namespace {

std::vector<ReplicaId> ids(std::initializer_list<std::uint32_t> values) {
  std::vector<ReplicaId> replicas;
  for (const std::uint32_t value : values) replicas.push_back(ReplicaId{value});
  return replicas;
}

/// Replica 0 of four, all is well and commands are on their way.
Facts healthy() {
  Facts facts;
  facts.n = 4;
  facts.quorum = 3;
  facts.view = View{17};
  facts.leader = ReplicaId{1};
  facts.committed = Height{12};
  facts.executed = Height{12};
  facts.busy = true;
  facts.disk_free = std::uint64_t{100} << 30;
  return facts;
}

Facts idle() {
  Facts facts = healthy();
  facts.busy = false;
  return facts;
}

Facts stalled() {
  Facts facts = healthy();
  facts.stalled_s = 5;
  return facts;
}

/// What is said, sentence by sentence, each with its level.
std::vector<std::string> said(const Facts& facts) {
  std::vector<std::string> lines;
  for (const Finding& one : explain(facts)) {
    lines.push_back(std::string(to_string(one.level)) + " " + one.text);
  }
  return lines;
}

using Lines = std::vector<std::string>;

const std::string kIdle = "ok Idle: nothing waits to be committed (rule 4.9). View 17, leader 1.";
const std::string kCommits = "ok It commits: height 12, view 17 of leader 1.";

TEST(Explain, ACommitAMomentAgo) {
  Facts facts = healthy();
  EXPECT_EQ(said(facts), Lines{kCommits});
  facts.stalled_s = kPatienceSeconds - 1;
  EXPECT_EQ(said(facts), Lines{kCommits});
}

TEST(Explain, Idle) { EXPECT_EQ(said(idle()), Lines{kIdle}); }

TEST(Explain, Stopped) {
  Facts facts = stalled();
  facts.stopped = true;
  EXPECT_EQ(said(facts), Lines{"bad It has stopped itself and does nothing any more."});
}

TEST(Explain, TooFewReplicas) {
  const std::string sentence =
      "bad Too few replicas: 3 of 4 are needed and it hears 2, itself included; missing: 2 and 3. "
      "View 17, leader 1.";
  Facts facts = stalled();
  facts.unreached = ids({2, 3});
  EXPECT_EQ(said(facts), Lines{sentence}) << "the views that fail for it are no news";
  facts = idle();
  facts.unreached = ids({2, 3});
  EXPECT_EQ(said(facts), (Lines{sentence, kIdle})) << "said before a command has to wait";
}

TEST(Explain, WhoIsConnectedAndSilentIsMissingToo) {
  Facts facts = stalled();
  facts.unreached = ids({3});
  facts.silent = ids({1});
  EXPECT_EQ(
      said(facts),
      (Lines{"bad Too few replicas: 3 of 4 are needed and it hears 2, itself included; missing: 1 "
             "and 3. View 17, leader 1.",
             "warn It is connected to 1 but hears nothing valid from there: a process that "
             "hangs, another genesis, or another version."}));
}

TEST(Explain, OneReplicaMissing) {
  Facts facts = idle();
  facts.unreached = ids({2});
  EXPECT_EQ(said(facts),
            (Lines{"warn It does not hear 2: 3 of 4 are left, itself included, and 3 are needed.",
                   kIdle}));
}

TEST(Explain, FullDisk) {
  Facts facts = healthy();
  facts.disk_free = kDiskFull - 1;
  EXPECT_EQ(
      said(facts),
      (Lines{"bad Its disk has only 63 MiB left; without room this replica stops.", kCommits}));
  facts.disk_free = kDiskFull;
  EXPECT_EQ(said(facts),
            (Lines{"warn Its disk has 64 MiB left, and nothing is pruned yet.", kCommits}));
  facts.disk_free = kDiskLow;
  EXPECT_EQ(said(facts), Lines{kCommits});
  facts.disk_free.reset();
  EXPECT_EQ(said(facts), Lines{kCommits});
}

TEST(Explain, ADiskThatDoesNotAnswer) {
  Facts facts = stalled();
  facts.syncing_s = 4;
  EXPECT_EQ(said(facts).front(),
            "bad Its disk has not confirmed a write for 4 s; nothing leaves this replica before.");
  facts.syncing_s = kPatienceSeconds - 1;
  EXPECT_NE(said(facts).front().find("No commit"), std::string::npos);
}

TEST(Explain, MempoolFull) {
  Facts facts = healthy();
  facts.mempool_requests = 10'000;
  facts.mempool_bytes = 20 << 20;
  EXPECT_EQ(said(facts), Lines{kCommits});
  facts.mempool_full = true;
  EXPECT_EQ(said(facts),
            (Lines{"bad Its mempool is full with 10000 requests, 20 MiB: it refuses new ones until "
                   "blocks take some of them.",
                   kCommits}));
}

TEST(Explain, Behind) {
  Facts facts = healthy();
  facts.ahead = Height{4711};
  facts.fetching = true;
  EXPECT_EQ(said(facts),
            (Lines{"warn It is behind: at height 12, f+1 others at 4711 or above; it fetches "
                   "blocks (4.8).",
                   kCommits}));
}

TEST(Explain, Rejoining) {
  Facts facts = stalled();
  facts.rejoin = {1, View{8}, View{3}};
  EXPECT_EQ(said(facts),
            Lines{"bad It lost its data and rejoins (rule 4.10): 1 of 3 others that are needed "
                  "have told how far they signed."});
  facts.rejoin->reports = 3;
  EXPECT_EQ(said(facts),
            Lines{"bad It lost its data and rejoins (rule 4.10): it votes once a block above view "
                  "8 is certified, the highest is of view 3."});
}

TEST(Explain, CommitSuspended) {
  Facts facts = idle();
  facts.suspended = Height{13};
  EXPECT_EQ(said(facts),
            (Lines{"warn Block 13 is certified but its commit is suspended (rule 5.2): a timeout "
                   "certificate above it names another block. The next certified pair commits "
                   "both.",
                   kIdle}));
}

TEST(Explain, MissingBranch) {
  Facts facts = stalled();
  facts.fetching = true;
  EXPECT_EQ(said(facts),
            Lines{"bad No commit for 5 s: in view 17 of leader 1, blocks of the branch are missing "
                  "and are being fetched (rules 3.6, 4.8)."});
}

TEST(Explain, MissingLeader) {
  Facts facts = stalled();
  facts.unreached = ids({1});
  facts.gave_up = ids({0, 2});
  EXPECT_EQ(
      said(facts),
      (Lines{"bad No commit for 5 s: leader 1 of view 17 is not heard; replicas 0 and 2 gave "
             "up on the view, 3 replicas have to (rule 4.6).",
             "warn It does not hear 1: 3 of 4 are left, itself included, and 3 are needed."}));
}

TEST(Explain, AViewWithoutACertificate) {
  Facts facts = stalled();
  EXPECT_EQ(said(facts),
            Lines{"bad No commit for 5 s: view 17 of leader 1 brings no certificate; nobody gave "
                  "up on it, 3 replicas have to (rule 4.6)."});
  facts.gave_up = ids({3});
  EXPECT_NE(said(facts).front().find("; replica 3 gave up"), std::string::npos);
}

TEST(Explain, SlowStateMachine) {
  Facts facts = healthy();
  facts.executed = Height{2};
  facts.applying_s = 3;
  EXPECT_EQ(said(facts),
            (Lines{"warn 10 committed blocks wait for the state machine, which has finished none "
                   "for 3 s.",
                   kCommits}));
}

TEST(Explain, AnotherState) {
  Facts facts = healthy();
  facts.differing = ids({2});
  EXPECT_EQ(said(facts),
            (Lines{"bad Its state differs from that of 2 at an equal height; f+1 of them stop it.",
                   kCommits}));
}

/// What stops the replica comes before what stops the cluster, and that before what is only slow.
TEST(Explain, TheMostImportantFirst) {
  Facts facts = stalled();
  facts.unreached = ids({1, 2, 3});
  facts.disk_free = 0;
  facts.mempool_full = true;
  facts.ahead = Height{20};
  std::vector<std::string> codes;
  for (const Finding& one : explain(facts)) codes.push_back(one.code);
  EXPECT_EQ(codes, (Lines{"disk_full", "too_few_replicas", "behind", "mempool_full"}));
}

TEST(Explain, NoSentenceIsTooLongForTheWireHoweverMuchIsWrong) {
  constexpr std::uint64_t kMax = ~std::uint64_t{0};
  Facts facts;
  facts.n = 256;
  facts.quorum = 171;
  for (std::uint32_t i = 1; i < 256; ++i) facts.unreached.push_back(ReplicaId{i});
  facts.silent = facts.gave_up = facts.differing = facts.unreached;
  facts.view = View{kMax};
  facts.committed = Height{kMax};
  facts.stalled_s = facts.syncing_s = facts.applying_s = ~std::uint32_t{0};
  facts.ahead = facts.suspended = Height{kMax};
  facts.mempool_full = facts.busy = true;
  facts.mempool_requests = facts.mempool_bytes = kMax;
  facts.disk_free = 1;
  std::vector<Finding> all = explain(facts);
  facts.unreached = facts.silent = {};
  for (const bool fetching : {false, true}) {
    facts.fetching = fetching;
    for (Finding& one : explain(facts)) all.push_back(std::move(one));
  }
  facts.unreached = ids({0});  // the leader
  facts.fetching = false;
  for (Finding& one : explain(facts)) all.push_back(std::move(one));
  facts.rejoin = {256, View{kMax}, View{kMax}};
  for (Finding& one : explain(facts)) all.push_back(std::move(one));
  for (const Finding& one : all) {
    EXPECT_LE(one.text.size(), 256U) << one.text;
    EXPECT_EQ(one.text.find_first_of("{}"), std::string::npos) << one.text;
  }
}

TEST(Findings, ListsAndSizes) {
  EXPECT_EQ(list(ids({})), "");
  EXPECT_EQ(list(ids({7})), "7");
  EXPECT_EQ(list(ids({0, 2, 3})), "0, 2 and 3");
  EXPECT_EQ(list(ids({0, 1, 2, 3, 4, 5, 6, 7})), "0, 1, 2, 3, 4, 5, 6 and 7");
  EXPECT_EQ(list(ids({0, 1, 2, 3, 4, 5, 6, 7, 8})), "0, 1, 2, 3, 4, 5, 6 and 2 more");
  EXPECT_EQ(size_text(0), "0 bytes");
  EXPECT_EQ(size_text(10'239), "10239 bytes");
  EXPECT_EQ(size_text(10'240), "10 KiB");
  EXPECT_EQ(size_text(~std::uint64_t{0}), "16777215 TiB");
}

}  // namespace
}  // namespace waggle::smr
