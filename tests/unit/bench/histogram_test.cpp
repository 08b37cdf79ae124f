#include "smr/bin/waggle_bench/histogram.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace waggle::bench {
namespace {

using us = std::chrono::microseconds;

TEST(Histogram, HasNothingToSayAtFirst) {
  const Histogram empty;
  EXPECT_EQ(empty.count(), 0U);
  EXPECT_EQ(empty.max(), us(0));
  EXPECT_EQ(empty.quantile(0.99), us(0));
}

TEST(Histogram, IsExactForSmallValues) {
  Histogram histogram;
  for (int value = 1; value <= 200; ++value) histogram.add(us(value));
  EXPECT_EQ(histogram.quantile(0), us(1));
  EXPECT_EQ(histogram.quantile(0.5), us(100));
  EXPECT_EQ(histogram.quantile(0.99), us(198));
  EXPECT_EQ(histogram.quantile(1), us(200));
}

TEST(Histogram, CountsWhatIsBeforeTimeAsZero) {
  Histogram histogram;
  histogram.add(us(-5));
  EXPECT_EQ(histogram.count(), 1U);
  EXPECT_EQ(histogram.quantile(1), us(0));
}

TEST(Histogram, AddsManyAtOnce) {
  Histogram histogram;
  histogram.add(us(10), 98);
  histogram.add(us(5000), 2);
  EXPECT_EQ(histogram.count(), 100U);
  EXPECT_EQ(histogram.quantile(0.98), us(10));
  EXPECT_EQ(histogram.quantile(0.981), us(5000));
}

/// Against the sorted values themselves: never below, and above by 0.8% at most.
RC_GTEST_PROP(Histogram, KnowsEveryQuantileToWithinABucket, ()) {
  const auto raw = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::uint32_t>>(rc::gen::oneOf(
      rc::gen::inRange<std::uint32_t>(0, 300), rc::gen::inRange<std::uint32_t>(0, 4'000'000'000))));
  Histogram histogram;
  for (const std::uint32_t value : raw) histogram.add(us(value));
  auto sorted = raw;
  std::sort(sorted.begin(), sorted.end());
  for (const double share : {0.0, 0.1, 0.5, 0.9, 0.99, 1.0}) {
    const auto wanted = std::ceil(share * static_cast<double>(sorted.size()));
    const double exact = sorted[static_cast<std::size_t>(std::max(wanted, 1.0)) - 1];
    const auto found = static_cast<double>(histogram.quantile(share).count());
    RC_ASSERT(found >= exact);
    RC_ASSERT(found <= exact * (1 + 1.0 / 128));
  }
  RC_ASSERT(histogram.max() == us(sorted.back()));
}

RC_GTEST_PROP(Histogram, MergesAsIfAllHadBeenAddedToOne,
              (std::vector<std::uint32_t> first, std::vector<std::uint32_t> second)) {
  Histogram one;
  Histogram other;
  Histogram all;
  for (const std::uint32_t value : first) one.add(us(value)), all.add(us(value));
  for (const std::uint32_t value : second) other.add(us(value)), all.add(us(value));
  one.merge(other);
  RC_ASSERT(one.count() == all.count());
  RC_ASSERT(one.max() == all.max());
  for (const double share : {0.0, 0.25, 0.5, 0.9, 1.0}) {
    RC_ASSERT(one.quantile(share) == all.quantile(share));
  }
}

}  // namespace
}  // namespace waggle::bench
