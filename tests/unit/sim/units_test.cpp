#include "sim/scenario/units.hpp"

#include <gtest/gtest.h>

namespace waggle::sim {
namespace {

using std::chrono::milliseconds;

TEST(Units, Durations) {
  EXPECT_EQ(parse_duration("250us"), Duration{250});
  EXPECT_EQ(parse_duration("20ms"), milliseconds(20));
  EXPECT_EQ(parse_duration(" 1.5s "), milliseconds(1500));
  EXPECT_EQ(parse_duration("0.000001s"), Duration{1});
  EXPECT_EQ(parse_duration("2min"), std::chrono::minutes(2));
  EXPECT_EQ(parse_duration("1000h"), std::chrono::hours(1000));
  for (const char* wrong : {"", "5", "ms", "-1ms", "1.s", ".5s", "1 ms", "1msx", "1001h", "1,5s",
                            "99999999999999999999s", "1.1234567s"}) {
    EXPECT_FALSE(parse_duration(wrong)) << wrong;
  }
}

TEST(Units, SharesSizesRates) {
  EXPECT_EQ(parse_share("5%"), Share{50'000});
  EXPECT_EQ(parse_share("0.25%"), Share{2500});
  EXPECT_EQ(parse_share("100%"), Share{1'000'000});
  EXPECT_FALSE(parse_share("100.1%"));
  EXPECT_FALSE(parse_share("0.05"));
  EXPECT_EQ(parse_bytes("1.5MiB"), 1'572'864U);
  EXPECT_EQ(parse_bytes("64KiB"), 65'536U);
  EXPECT_FALSE(parse_bytes("64KB"));
  EXPECT_EQ(parse_rate("100Mbit/s"), 12'500'000U);
  EXPECT_EQ(parse_rate("1KiB/s"), 1024U);
  EXPECT_FALSE(parse_rate("100Mbit"));
}

TEST(Units, Latencies) {
  Random random(1);
  EXPECT_EQ(parse_latency("3ms")->draw(random), milliseconds(3));
  EXPECT_EQ(parse_latency("uniform(1ms, 4ms)")->max(), milliseconds(4));
  EXPECT_EQ(parse_latency("lognormal(1ms, 0.5)")->max(), milliseconds(64));
  EXPECT_EQ(parse_latency("lognormal(1ms,0.5,9ms)")->max(), milliseconds(9));
  for (const char* wrong : {"uniform(4ms, 1ms)", "uniform(1ms)", "uniform(1ms, 2ms", "normal(1ms)",
                            "lognormal(1ms)", "lognormal(1ms, 9)", "lognormal(2ms, 1, 1ms)", ""}) {
    EXPECT_FALSE(parse_latency(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace waggle::sim
