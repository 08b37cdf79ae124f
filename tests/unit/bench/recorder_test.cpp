#include "smr/bin/waggle_bench/recorder.hpp"

#include <gtest/gtest.h>

namespace waggle::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RecorderTest : public ::testing::Test {
 protected:
  static Clock::time_point at(double after) {
    return Clock::time_point{} +
           std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(after));
  }
  Recorder recorder_{at(10), at(20)};
};

TEST_F(RecorderTest, CountsWhatIsAnsweredAndTimesWhatIsDueInside) {
  recorder_.answered(at(9), at(9.5), 1);     // warm-up
  recorder_.answered(at(9.9), at(10.1), 2);  // answered inside
  recorder_.answered(at(11), at(11.25), 4);
  recorder_.answered(at(19.9), at(21), 8);  // due inside
  recorder_.answered(at(20), at(21), 16);
  const Measured measured = recorder_.measured();
  EXPECT_EQ(measured.commands, 6U);
  EXPECT_EQ(measured.latency.count(), 12U);
  EXPECT_EQ(measured.latency.max(), milliseconds(1100));
}

/// What coordinated omission would hide: while nothing is answered nothing is sent either, and yet
/// all that was due then is charged with its wait.
TEST_F(RecorderTest, ChargesAStallForEverythingThatWasDueMeanwhile) {
  for (int i = 0; i < 100; ++i) recorder_.answered(at(11 + i * 0.01), at(12), 1);
  const double p50 = static_cast<double>(recorder_.measured().latency.quantile(0.5).count()) / 1e3;
  EXPECT_NEAR(p50, 500, 500 / 128.0);
  recorder_.give_up(at(15), at(20), 100);
  recorder_.give_up(at(5), at(20), 100);
  const Measured measured = recorder_.measured();
  EXPECT_EQ(measured.unanswered, 100U);
  EXPECT_EQ(measured.commands, 100U);
  EXPECT_EQ(measured.latency.max(), seconds(5));
}

TEST_F(RecorderTest, FindsTheLongestPauseAlsoAtTheEnds) {
  EXPECT_EQ(recorder_.measured().pause, seconds(10));
  recorder_.answered(at(13), at(13), 1);
  recorder_.answered(at(17), at(17), 1);
  EXPECT_EQ(recorder_.measured().pause, seconds(4));
  recorder_.answered(at(25), at(25), 1);
  EXPECT_EQ(recorder_.measured().pause, seconds(4));
}

TEST_F(RecorderTest, KeepsTheFirstFailure) {
  recorder_.failed(3, "rejected: too_large");
  recorder_.failed(1, "no answer in time");
  EXPECT_EQ(recorder_.measured().failed, 4U);
  EXPECT_EQ(recorder_.measured().failure, "rejected: too_large");
}

TEST_F(RecorderTest, ShowsProgressSinceTheLastLook) {
  recorder_.answered(at(1), at(2), 5);
  EXPECT_EQ(recorder_.take_recent().commands, 5U);
  EXPECT_EQ(recorder_.take_recent().commands, 0U);
}

}  // namespace
}  // namespace waggle::bench
