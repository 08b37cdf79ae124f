#include "smr/bin/waggle_bench/sweep.hpp"

#include <gtest/gtest.h>

namespace waggle::bench {
namespace {

Report run(std::uint32_t in_flight, std::uint64_t commands, std::chrono::milliseconds pause) {
  Report report;
  report.options.clients = 2;
  report.options.in_flight = in_flight / 2;
  report.options.duration_seconds = 10;
  report.limits = {14'000, std::chrono::microseconds(900), std::chrono::microseconds(20)};
  report.measured.commands = commands;
  report.measured.latency.add(std::chrono::milliseconds(4), commands);
  report.measured.pause = pause;
  return report;
}

TEST(Sweep, HoldsEachRunAgainstTheBestAtASmallerNumber) {
  using std::chrono::milliseconds;
  const Sweep sweep({run(2, 5'000, milliseconds(20)), run(20, 40'000, milliseconds(999)),
                     run(200, 30'000, milliseconds(1'000)), run(2'000, 50'000, milliseconds(5))});
  EXPECT_EQ(sweep.stalls(), 1U);
  EXPECT_EQ(sweep.loss(0), 0);
  EXPECT_EQ(sweep.loss(1), 0);
  EXPECT_NEAR(sweep.loss(2), 0.25, 1e-9);
  EXPECT_EQ(sweep.loss(3), 0);
  const auto json = sweep.to_json();
  EXPECT_EQ(json["stalls"], 1);
  EXPECT_EQ(json["drops"], 1);
  ASSERT_EQ(json["sweep"].size(), 4U);
  EXPECT_EQ(json["sweep"][2]["in_flight"], 200);
  EXPECT_EQ(json["sweep"][2]["below_best"], 0.25);
  EXPECT_EQ(json["sweep"][2]["commands_per_s"], 3'000.0);
  EXPECT_NE(sweep.to_text().find("25.0%"), std::string::npos) << sweep.to_text();
}

TEST(Sweep, ForgivesFivePercent) {
  using std::chrono::milliseconds;
  const Sweep sweep({run(2, 10'000, milliseconds(1)), run(20, 9'510, milliseconds(1)),
                     run(200, 9'490, milliseconds(1))});
  EXPECT_EQ(sweep.drops(), 1U);
}

}  // namespace
}  // namespace waggle::bench
