#include "smr/client/latency_estimate.hpp"

namespace waggle::client {
namespace {

using std::chrono::milliseconds;

Timing after(int samples, Duration latency) {
  LatencyEstimate estimate;
  for (int i = 0; i < samples; ++i) estimate.sample(latency);
  return estimate.stretch(Timing{});
}

TEST(LatencyEstimate, LeavesTheSpansAloneWhileAnswersAreQuick) {
  for (const int samples : {0, 1, 100}) {
    const Timing timing = after(samples, milliseconds(20));
    EXPECT_EQ(timing.fallback_after, Timing{}.fallback_after);
    EXPECT_EQ(timing.straggler_after, Timing{}.straggler_after);
    EXPECT_EQ(timing.retry_min, Timing{}.retry_min);
  }
}

TEST(LatencyEstimate, IsMorePatientThanAnswersTake) {
  const Timing at_first = after(1, milliseconds(600));
  EXPECT_EQ(at_first.fallback_after, milliseconds(1800)) << "nothing is known of the deviation";
  EXPECT_EQ(at_first.straggler_after, milliseconds(300));
  const Timing steady = after(100, milliseconds(800));
  EXPECT_GE(steady.fallback_after, milliseconds(800));
  EXPECT_LE(steady.fallback_after, milliseconds(850)) << "deviations fade";
}

TEST(LatencyEstimate, AllowsForAnswersThatVary) {
  LatencyEstimate estimate;
  for (int i = 0; i < 100; ++i) estimate.sample(milliseconds(i % 2 == 0 ? 300 : 500));
  const Duration patience = estimate.stretch(Timing{}).fallback_after;
  EXPECT_GE(patience, milliseconds(600));
  EXPECT_LE(patience, milliseconds(900));
}

TEST(LatencyEstimate, ForgetsASlowTimeAndHasAnEnd) {
  LatencyEstimate estimate;
  for (int i = 0; i < 10; ++i) estimate.sample(milliseconds(60'000));
  EXPECT_EQ(estimate.stretch(Timing{}).fallback_after, Timing{}.patience_max);
  EXPECT_EQ(estimate.stretch(Timing{}).straggler_after, Timing{}.patience_max);
  for (int i = 0; i < 100; ++i) estimate.sample(milliseconds(10));
  EXPECT_EQ(estimate.stretch(Timing{}).fallback_after, Timing{}.fallback_after);
}

}  // namespace
}  // namespace waggle::client
