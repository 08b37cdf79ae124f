// The part of waggle doctor that looks at the answers: a line per topic.
#include "smr/bin/waggle/check.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/support/chain.hpp"

namespace waggle::cli {
namespace {

using smr::Level;
using std::chrono::milliseconds;

/// Four replicas that are idle at height 7.
class CheckTest : public ::testing::Test {
 protected:
  CheckTest() : answers_(4) {
    for (std::uint32_t i = 0; i < 4; ++i) {
      answers_[i].replica = ReplicaId{i};
      answers_[i].clock_ahead = milliseconds(i);
      smr::Status status;
      status.version = "0.1.0";
      status.executed = Height{7};
      status.disk_size = 1;
      status.disk_free = std::uint64_t{50 + i} << 30;
      status.findings = {{Level::kOk, "idle", "Idle."}};
      for (std::uint32_t peer = 0; peer < 4; ++peer) {
        if (peer != i) status.peers_connected.push_back(ReplicaId{peer});
      }
      answers_[i].status = std::move(status);
    }
  }
  std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    for (const Check& one : check_cluster(chain_.config, answers_, answers_)) {
      lines.push_back(std::string(to_string(one.level)) + " " + one.what + ": " + one.text);
    }
    return lines;
  }
  std::optional<Check> find(const std::string& text) const {
    for (Check& one : check_cluster(chain_.config, answers_, answers_)) {
      if (one.text.find(text) != std::string::npos) return one;
    }
    return std::nullopt;
  }

  testing::Chain chain_;
  std::vector<Answer> answers_;
};

TEST_F(CheckTest, ALineForEachThingInOrder) {
  EXPECT_EQ(lines(), (std::vector<std::string>{
                         "ok replicas: 4 of 4 answer",
                         "ok chain: all run " + short_hex(chain_.config.chain_id),
                         "ok links: all that answer hear each other",
                         "ok heights: all have executed height 7",
                         "ok states: equal at equal heights",
                         "ok progress: replicas 0, 1, 2 and 3: Idle.",
                         "ok clocks: within 3 ms of each other",
                         "ok versions: 0.1.0",
                         "ok disks: 50 GiB free or more",
                     }));
}

TEST_F(CheckTest, WhatIsWrongTakesThePlaceOfWhatWouldBeInOrderAndSaysWhatToDo) {
  answers_[3].status.reset();
  answers_[3].why = "connection refused";
  const auto check = find("Replica 3 does not answer");
  ASSERT_TRUE(check);
  EXPECT_EQ(check->level, Level::kWarn);
  EXPECT_EQ(check->what, "replicas");
  EXPECT_EQ(check->advice.rfind("Start it", 0), 0U) << check->advice;
  EXPECT_FALSE(find("of 4 answer"));
}

TEST_F(CheckTest, WhatAReplicaSaysStandsUnderItsTopic) {
  answers_[1].status->findings = {{Level::kBad, "disk_full", "Full."}};
  const auto check = find("replica 1: Full.");
  ASSERT_TRUE(check);
  EXPECT_EQ(check->what, "disks");
  EXPECT_EQ(check->advice.rfind("Make room", 0), 0U) << check->advice;
  EXPECT_FALSE(find("GiB free or more"));
}

TEST_F(CheckTest, ASentenceOfANewerReplicaIsShownAllTheSame) {
  answers_[1].status->findings = {{Level::kBad, "of_tomorrow", "Something new."}};
  const auto check = find("replica 1: Something new.");
  ASSERT_TRUE(check);
  EXPECT_EQ(check->what, "progress");
  EXPECT_EQ(check->advice, "");
}

TEST_F(CheckTest, OfNobodyNothingIsInOrder) {
  for (Answer& answer : answers_) {
    answer.status.reset();
    answer.why = "connection refused";
  }
  for (const std::string& line : lines()) EXPECT_NE(line.rfind("ok ", 0), 0U) << line;
  EXPECT_TRUE(find("0 of 4 replicas answer and 3 are needed to commit: 3 more must come up."));
}

TEST_F(CheckTest, HeightsThatDifferByAMoment) {
  answers_[0].status->executed = Height{9};
  answers_[1].status->executed = Height{9};
  std::vector<Answer> before = answers_;
  for (Answer& one : before) one.status->executed = Height{7};
  const auto checks = check_cluster(chain_.config, before, answers_);
  EXPECT_TRUE(std::any_of(checks.begin(), checks.end(), [](const Check& one) {
    return one.text == "executed up to heights 7 .. 9, nobody falls behind";
  }));
}

}  // namespace
}  // namespace waggle::cli
