// What networks of each size get by default.
#include <gtest/gtest.h>

#include "smr/median/recommended.hpp"

namespace waggle::median {
namespace {

TEST(MedianRecommended, IsValidAtEverySize) {
  for (std::uint32_t n = 1; n <= 2000; ++n) {
    const Recommended found = recommended(n);
    EXPECT_TRUE(check(found.parameters)) << n;
    EXPECT_EQ(found.parameters.n, n);
    EXPECT_GE(found.round_ms, 20u) << n;
  }
}

TEST(MedianRecommended, LargerNetworksGetMoreTime) {
  for (std::uint32_t n = 1; n < 1100; ++n) {
    const Recommended smaller = recommended(n);
    const Recommended larger = recommended(n + 1);
    EXPECT_LE(smaller.parameters.T, larger.parameters.T) << n;
    EXPECT_LE(smaller.parameters.B, larger.parameters.B) << n;
    EXPECT_LE(smaller.round_ms, larger.round_ms) << n;
  }
  EXPECT_LT(recommended(32).parameters.B, recommended(33).parameters.B);
}

/// A window has time for PRE and COMMIT, and to send each once more.
TEST(MedianRecommended, WindowsHoldBothStepsTwice) {
  for (const std::uint32_t n : {2u, 4u, 32u, 33u, 1024u}) {
    EXPECT_GE(recommended(n).parameters.B, 4u) << n;
  }
}

}  // namespace
}  // namespace waggle::median
