#include "net/source_guard.hpp"

#include <gtest/gtest.h>

namespace waggle::net {
namespace {

using Time = SourceGuard::Time;

const SourceGuard::Limits kLimits{
    .total_max = 5, .source_max = 3, .failures_burst = 2, .failure_refill = Duration(1000)};
const Source kOne{1};
const Source kTwo{2};

Time at(int microseconds) { return Time(Duration(1'000'000 + microseconds)); }

TEST(SourceGuard, BoundsConnectionsOfOneSourceAndInAll) {
  SourceGuard guard(kLimits);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(guard.admit(kOne, at(0)));
  EXPECT_FALSE(guard.admit(kOne, at(0)));
  EXPECT_TRUE(guard.admit(kTwo, at(0)));
  EXPECT_TRUE(guard.admit(kTwo, at(0)));
  EXPECT_FALSE(guard.admit(kTwo, at(0)));  // five in all
  guard.release(kOne);
  EXPECT_TRUE(guard.admit(kTwo, at(0)));
}

TEST(SourceGuard, TurnsAwayASourceThatKeepsFailingUntilItHasWaited) {
  SourceGuard guard(kLimits);
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(guard.admit(kOne, at(0)));
    guard.failed(kOne, at(0));
    guard.release(kOne);
  }
  EXPECT_FALSE(guard.admit(kOne, at(0)));
  EXPECT_TRUE(guard.admit(kTwo, at(0)));
  EXPECT_FALSE(guard.admit(kOne, at(999)));
  EXPECT_TRUE(guard.admit(kOne, at(1000)));
}

TEST(SourceGuard, ThePenaltyIsBounded) {
  SourceGuard guard(kLimits);
  for (int i = 0; i < 1000; ++i) guard.failed(kOne, at(0));
  EXPECT_FALSE(guard.admit(kOne, at(2000)));
  EXPECT_TRUE(guard.admit(kOne, at(3000)));
}

TEST(SourceGuard, ForgetsSourcesThatBehave) {
  SourceGuard guard(kLimits);
  EXPECT_TRUE(guard.admit(kOne, at(0)));
  EXPECT_TRUE(guard.admit(kTwo, at(0)));
  guard.release(kTwo);
  guard.failed(kTwo, at(0));
  guard.sweep(at(0));
  EXPECT_EQ(guard.sources(), 2u);
  guard.sweep(at(1000));
  EXPECT_EQ(guard.sources(), 1u);
  guard.release(kOne);
  guard.sweep(at(1000));
  EXPECT_EQ(guard.sources(), 0u);
}

}  // namespace
}  // namespace waggle::net
