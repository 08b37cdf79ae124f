// What the answers of all replicas show together: one sentence per fault.
#include "smr/bin/waggle/diagnosis.hpp"

#include <gtest/gtest.h>

#include "tests/support/chain.hpp"

namespace waggle::cli {
namespace {

using std::chrono::milliseconds;
using Lines = std::vector<std::string>;

Lines lines_of(const std::vector<smr::Finding>& findings) {
  Lines lines;
  for (const smr::Finding& one : findings) {
    lines.push_back(std::string(to_string(one.level)) + " " + one.text);
  }
  return lines;
}

/// Four replicas at height 7 that see each other.
class DiagnosisTest : public ::testing::Test {
 protected:
  DiagnosisTest() : answers_(chain_.config.n()) {
    for (std::uint32_t i = 0; i < answers_.size(); ++i) {
      answers_[i].replica = ReplicaId{i};
      smr::Status status;
      status.replica = ReplicaId{i};
      status.version = "0.1.0";
      status.executed = status.committed = Height{7};
      for (std::uint32_t peer = 0; peer < answers_.size(); ++peer) {
        if (peer != i) status.peers_connected.push_back(ReplicaId{peer});
      }
      answers_[i].status = std::move(status);
    }
  }
  void down(std::uint32_t replica) {
    answers_[replica].status.reset();
    answers_[replica].why = "connection refused";
  }
  void cut(std::uint32_t one, std::uint32_t other) {
    for (const auto& [from, to] : {std::pair{one, other}, std::pair{other, one}}) {
      if (answers_[from].status) std::erase(answers_[from].status->peers_connected, ReplicaId{to});
    }
  }
  Lines said() const { return lines_of(diagnose(chain_.config, answers_, before_)); }

  testing::Chain chain_;
  std::vector<Answer> answers_;
  std::vector<Answer> before_;
};

TEST_F(DiagnosisTest, NothingWhenAllIsWell) {
  EXPECT_EQ(said(), Lines{});
  before_ = answers_;
  EXPECT_EQ(said(), Lines{});
}

TEST_F(DiagnosisTest, TooFewUp) {
  down(2);
  EXPECT_EQ(said(), Lines{"warn Replica 2 does not answer: connection refused."});
  down(3);
  EXPECT_EQ(said(),
            (Lines{"bad 2 of 4 replicas answer and 3 are needed to commit: 1 more must come up.",
                   "warn Replica 2 does not answer: connection refused.",
                   "warn Replica 3 does not answer: connection refused."}));
}

TEST_F(DiagnosisTest, WhoWasNotAskedIsNotMissing) {
  answers_.pop_back();
  down(2);
  EXPECT_EQ(said(), Lines{"warn Replica 2 does not answer: connection refused."});
}

TEST_F(DiagnosisTest, WhoEndedByItselfIsQuoted) {
  down(2);
  answers_[2].last_words = "stopped itself: storage: No space left on device";
  EXPECT_EQ(said(), Lines{"bad Replica 2 stopped itself: storage: No space left on device."});
}

TEST_F(DiagnosisTest, Partition) {
  for (const auto& [one, other] : {std::pair{0, 2}, {0, 3}, {1, 2}, {1, 3}}) {
    cut(static_cast<std::uint32_t>(one), static_cast<std::uint32_t>(other));
  }
  EXPECT_EQ(said(), Lines{"bad The network is split: replicas 0 and 1 | 2 and 3 see only "
                          "themselves, and no side has the 3 that are needed."});
}

TEST_F(DiagnosisTest, OneCutOff) {
  for (const std::uint32_t other : {0U, 1U, 3U}) cut(2, other);
  EXPECT_EQ(said(), Lines{"warn Cut off from the others, which are enough to commit: 2."});
}

TEST_F(DiagnosisTest, AMissingLinkCountsFromEitherSide) {
  std::erase(answers_[3].status->peers_connected, ReplicaId{1});
  EXPECT_EQ(said(), Lines{"warn Replicas 1 and 3 are not connected to each other."});
}

TEST_F(DiagnosisTest, WrongGenesis) {
  answers_[1].status.reset();
  answers_[1].other_chain = Digest{};
  answers_[1].other_chain->bytes[0] = 0xab;
  EXPECT_EQ(said(), Lines{"bad Replica 1 runs chain ab000000; genesis.toml here is chain " +
                          short_hex(chain_.config.chain_id) + "."});
}

TEST_F(DiagnosisTest, StatesThatDiffer) {
  answers_[2].status->state_digest.bytes[0] = 1;
  EXPECT_EQ(said(), Lines{"bad At height 7 the states of replicas 0, 1, 2 and 3 differ."});
  answers_[2].status->executed = Height{8};
  EXPECT_EQ(said(), Lines{}) << "at another height that is as it should be";
}

TEST_F(DiagnosisTest, OneBehind) {
  answers_[3].status->executed = Height{2};
  EXPECT_EQ(said(), Lines{}) << "at one moment somebody is always ahead";
  before_ = answers_;
  EXPECT_EQ(said(), Lines{"warn Replica 3 is at height 2; f+1 others were at 7 a moment ago."});
  answers_[3].status->executed = Height{7};
  EXPECT_EQ(said(), Lines{}) << "it keeps up";
}

TEST_F(DiagnosisTest, OneThatClaimsToBeAheadMakesNobodyBehind) {
  before_ = answers_;
  before_[0].status->executed = Height{1'000'000};
  EXPECT_EQ(said(), Lines{});
}

TEST_F(DiagnosisTest, ClockSkew) {
  for (Answer& answer : answers_) answer.clock_ahead = milliseconds(-5000);
  EXPECT_EQ(said(), Lines{}) << "it is our own clock that differs";
  answers_[0].clock_ahead = milliseconds(85'000);
  EXPECT_EQ(said(), Lines{"warn The clock of replica 0 is 90.0 s ahead of the others'. Consensus "
                          "looks at no clock; the times in its logs and metrics are wrong."});
  answers_[0].clock_ahead = milliseconds(-6500);
  EXPECT_EQ(said(), Lines{"warn The clock of replica 0 is 1.5 s behind the others'. Consensus "
                          "looks at no clock; the times in its logs and metrics are wrong."});
  answers_[0].clock_error = milliseconds(500);
  EXPECT_EQ(said(), Lines{}) << "an answer that took long proves nothing";
}

TEST_F(DiagnosisTest, OfTheMedianRuleAMajorityIsNeededAndClocksCount) {
  testing::Chain ten(10);
  EXPECT_EQ(needed(ten.config), 7U);
  ten.config.leaders = nullptr;
  EXPECT_EQ(needed(ten.config), 6U);
  chain_.config.leaders = nullptr;
  answers_[0].clock_ahead = milliseconds(-1500);
  EXPECT_EQ(said(), Lines{"bad The clock of replica 0 is 1.5 s behind the others': it takes "
                          "no part, because rounds follow clocks."});
  answers_[0].clock_ahead = milliseconds(0);
  answers_[3].status->executed = Height{2};
  before_ = answers_;
  EXPECT_EQ(said(), Lines{"warn Replica 3 is at height 2; most others were at 7 a moment ago."});
  before_[0].status->executed = before_[1].status->executed = Height{6};
  EXPECT_EQ(said(), Lines{"warn Replica 3 is at height 2; most others were at 6 a moment ago."});
}

TEST_F(DiagnosisTest, VersionsThatDiffer) {
  answers_[1].status->version = "0.2.0";
  EXPECT_EQ(said(), Lines{"warn Different versions run: 0.1.0 on 0, 2 and 3, 0.2.0 on 1."});
}

TEST_F(DiagnosisTest, WhatSeveralSayIsSaidOnceAndTheWorstFirst) {
  const smr::Finding idle{smr::Level::kOk, "idle", "Idle."};
  for (const std::uint32_t i : {0U, 1U, 3U}) answers_[i].status->findings = {idle};
  answers_[3].status->findings.push_back({smr::Level::kBad, "disk_full", "Full."});
  down(2);
  EXPECT_EQ(lines_of(own_words(answers_)),
            (Lines{"bad replica 3: Full.", "ok replicas 0, 1 and 3: Idle."}));
}

}  // namespace
}  // namespace waggle::cli
