#include "crypto/random.hpp"

#include <bit>
#include <set>

#include <gtest/gtest.h>

namespace waggle::crypto {
namespace {

TEST(RandomBytes, FillsTheBuffer) {
  const Bytes first = random_bytes(32);
  EXPECT_EQ(first.size(), 32U);
  EXPECT_NE(first, Bytes(32));
  EXPECT_NE(first, random_bytes(32));
  EXPECT_TRUE(random_bytes(0).empty());
}

TEST(SystemRng, TwoStreamsDiffer) {
  SystemRng a;
  SystemRng b;
  EXPECT_NE(a.next(), b.next());
}

TEST(SystemRng, DoesNotRepeatAcrossRefills) {
  SystemRng rng;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 10'000; ++i) seen.insert(rng.next());
  EXPECT_EQ(seen.size(), 10'000U);
}

// 64000 fair bits: 1 in 10^9 runs would fall outside.
TEST(SystemRng, BitsAreFair) {
  SystemRng rng;
  int ones = 0;
  for (int i = 0; i < 1000; ++i) ones += std::popcount(rng.next());
  EXPECT_GT(ones, 32'000 - 790);
  EXPECT_LT(ones, 32'000 + 790);
}

TEST(SystemRng, BelowStaysBelow) {
  SystemRng rng;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(rng.below(4));
  EXPECT_EQ(seen, (std::set<std::uint64_t>{0, 1, 2, 3}));
  EXPECT_EQ(rng.below(1), 0U);
}

}  // namespace
}  // namespace waggle::crypto
