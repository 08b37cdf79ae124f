#include "sim/experiment/tail_fit.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace waggle::sim {
namespace {

/// Counts of an exponential tail: at `from` rounds `first`, then less by `decay` a round.
void add_tail(std::vector<std::uint64_t>& counts, std::size_t from, double first, double decay) {
  for (double left = first; left >= 0.5; left *= decay, ++from) {
    if (from >= counts.size()) counts.resize(from + 1);
    counts[from] += static_cast<std::uint64_t>(std::lround(left));
  }
}

TEST(TailFit, FindsTheDecayOfAnExponentialTail) {
  std::vector<std::uint64_t> counts(10, 10'000);
  add_tail(counts, 10, 3'000, 0.7);
  const auto fit = fit_tail(counts, 1'000'000);
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->decay, 0.7, 0.01);
  EXPECT_LT(fit->decay_low, 0.7);
  EXPECT_GT(fit->decay_high, 0.7);
  EXPECT_TRUE(fit->even);
  ASSERT_TRUE(fit->decay_later);
  // What was counted: beyond 20 rounds 3000 * 0.7^11 / 0.3 of a million.
  EXPECT_NEAR(fit->probability(20), 0.01 * std::pow(0.7, 11), 3e-5);
}

TEST(TailFit, TIsWhereTheTailFallsBelow) {
  std::vector<std::uint64_t> counts(10, 10'000);
  add_tail(counts, 10, 3'000, 0.7);
  const TailFit fit = *fit_tail(counts, 1'000'000);
  for (const double failure : {1e-4, 1e-9, 1e-15}) {
    const std::uint64_t rounds = fit.rounds_for(failure);
    EXPECT_LE(fit.probability(rounds), failure * 1.0001);
    EXPECT_GT(fit.probability(rounds - 1), failure);
    EXPECT_GT(fit.rounds_for_at_most(failure), rounds);
  }
  EXPECT_EQ(fit.rounds_for(0.5), fit.threshold);  // more likely than the tail as a whole
}

TEST(TailFit, LooksForTheTailBehindWhatFallsFaster) {
  std::vector<std::uint64_t> counts;
  add_tail(counts, 0, 100'000, 0.4);
  add_tail(counts, 5, 500, 0.9);
  const auto fit = fit_tail(counts, 200'000);
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->decay, 0.9, 0.02);
}

TEST(TailFit, SaysWhenTheTailIsNoExponentialOne) {
  std::vector<std::uint64_t> counts(10, 1'000);
  // Heavier and heavier: 1000 / t^2 never falls by one factor.
  for (std::size_t t = 10; t < 60; ++t) counts.push_back(100'000 / (t * t));
  const auto fit = fit_tail(counts, 100'000);
  ASSERT_TRUE(fit);
  EXPECT_GT(fit->threshold, 12u);  // had to go far out, or
  EXPECT_TRUE(!fit->even || fit->beyond < 3'000) << fit->beyond;
}

TEST(TailFit, NeedsEnoughOfIt) {
  EXPECT_FALSE(fit_tail(std::vector<std::uint64_t>{0, 5000}, 5000));
  EXPECT_FALSE(fit_tail(std::vector<std::uint64_t>{0, 300, 29, 0}, 1000));
  EXPECT_FALSE(fit_tail({}, 0));
}

/// No second round is seen: the decay is small, and not certainly 0.
TEST(TailFit, OneStepIsATailToo) {
  const auto fit = fit_tail(std::vector<std::uint64_t>{1000, 60}, 1060);
  ASSERT_TRUE(fit);
  EXPECT_EQ(fit->threshold, 0u);
  EXPECT_GT(fit->decay_high, fit->decay);
  EXPECT_LT(fit->decay_high, 0.2);
}

}  // namespace
}  // namespace waggle::sim
