#include <algorithm>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "sim/base/event_queue.hpp"
#include "sim/base/latency.hpp"

namespace waggle::sim {
namespace {

using std::chrono::milliseconds;

TEST(Action, RunsWhatItHoldsSmallAndLarge) {
  int runs = 0;
  Action small([&runs] { ++runs; });
  std::array<std::uint64_t, 32> much{};
  much[31] = 7;
  Action large([&runs, much] { runs += static_cast<int>(much[31]); });
  small();
  large();
  Action moved = std::move(large);
  moved();
  EXPECT_EQ(runs, 15);
  EXPECT_FALSE(large);  // NOLINT(bugprone-use-after-move): a moved-from action is empty
}

TEST(Action, DestroysWhatItHoldsOnce) {
  const auto held = std::make_shared<int>(1);
  {
    Action first([held] {});
    Action second = std::move(first);
    EXPECT_EQ(held.use_count(), 2);
    second = Action([] {});
    EXPECT_EQ(held.use_count(), 1);
    Action third([held, padding = std::array<char, 100>()] { (void)padding; });
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(EventQueue, GoesByTimeThenByOrderOfAsking) {
  EventQueue events;
  std::vector<int> order;
  events.after(milliseconds(2), [&] { order.push_back(3); });
  events.after(milliseconds(1), [&] {
    order.push_back(1);
    events.after(Duration{0}, [&] { order.push_back(2); });
  });
  events.after(milliseconds(2), [&] { order.push_back(4); });
  while (!events.empty()) events.run_next();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3, 4}));
  EXPECT_EQ(events.now(), milliseconds(2));
  EXPECT_EQ(events.count(), 4U);
}

TEST(EventQueue, ReusesItsMemory) {
  EventQueue events;
  for (int round = 0; round < 1000; ++round) {
    events.after(Duration{1}, [] {});
    events.run_next();
  }
  EXPECT_EQ(events.size(), 0U);
  EXPECT_EQ(events.now(), Duration{1000});
}

std::vector<std::int64_t> draws(const Latency& latency, std::size_t count) {
  Random random(1);
  std::vector<std::int64_t> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(latency.draw(random).count());
  return all;
}

/// Written down once: they must be the same on every machine and compiler.
TEST(Latency, DrawsAreFrozen) {
  const Latency log_normal = Latency::log_normal(Duration{1000}, 500, Duration{64'000});
  EXPECT_EQ(draws(log_normal, 8),
            (std::vector<std::int64_t>{1808, 1203, 801, 843, 801, 1354, 674, 502}));
  const Latency uniform = Latency::uniform(Duration{100}, Duration{200});
  EXPECT_EQ(draws(uniform, 6), (std::vector<std::int64_t>{115, 135, 159, 175, 188, 187}));
  EXPECT_EQ(draws(Latency::constant(Duration{7}), 2), (std::vector<std::int64_t>{7, 7}));
}

TEST(Latency, LogNormalHasItsMedianAndItsSigma) {
  auto all = draws(Latency::log_normal(Duration{10'000}, 500, Duration{1'000'000}), 100'000);
  std::sort(all.begin(), all.end());
  EXPECT_NEAR(static_cast<double>(all[50'000]), 10'000, 100);
  // One sigma up and down: e^0.5 and its inverse.
  EXPECT_NEAR(static_cast<double>(all[84'134]), 16'487, 250);
  EXPECT_NEAR(static_cast<double>(all[15'866]), 6'065, 100);
}

TEST(Latency, NeverExceedsItsMaximum) {
  const Latency latency = Latency::log_normal(Duration{1000}, 3000, Duration{5000});
  for (const std::int64_t draw : draws(latency, 10'000)) {
    EXPECT_LE(draw, 5000);
    EXPECT_GE(draw, 0);
  }
}

}  // namespace
}  // namespace waggle::sim
