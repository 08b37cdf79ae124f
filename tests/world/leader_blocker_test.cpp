// The adversary that cuts off whoever leads the next views.
#include "sim/world/leader_blocker.hpp"

#include <gtest/gtest.h>

#include "sim/scenario/run.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/scenario/write.hpp"

namespace waggle::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Checks after every event that exactly the leaders of the next views are cut off.
struct Blocked {
  explicit Blocked(const LeaderBlockPlan& plan, std::uint32_t n = 7)
      : world(options_of(n)), blocker(world, plan) {
    world.add_client({.commands = ClientPlan::kEndless, .retry = Duration{0}});
    world.start();
    blocker.start();
  }
  static WorldOptions options_of(std::uint32_t n) {
    WorldOptions options;
    options.n = n;
    return options;
  }
  bool cut_off(std::uint32_t id) {
    for (std::uint32_t other = 0; other < world.n(); ++other) {
      if (other == id) continue;
      const bool there = world.network().is_cut(ReplicaId{id}, ReplicaId{other});
      const bool back = world.network().is_cut(ReplicaId{other}, ReplicaId{id});
      EXPECT_EQ(there, back);
      if (!there) return false;
    }
    return true;
  }

  World world;
  LeaderBlocker blocker;
};

TEST(LeaderBlocker, CutsOffExactlyTheNextLeaders) {
  Blocked blocked({.count = 2});
  for (int step = 0; step < 200; ++step) {
    blocked.world.run_for(milliseconds(10));
    const View view = std::max(blocked.world.metrics().highest_view(), View{1});
    for (std::uint32_t ahead = 0; ahead < 7; ++ahead) {
      const ReplicaId leader = blocked.world.chain().leader(View{view.value + ahead});
      EXPECT_EQ(blocked.cut_off(leader.value), ahead == 1 || ahead == 2) << "view " << view.value;
    }
  }
  EXPECT_GT(blocked.world.metrics().highest_view(), View{5}) << "and the views went on";
  EXPECT_GT(blocked.world.metrics().committed(), 3U);
  EXPECT_TRUE(blocked.world.violations().empty());
}

TEST(LeaderBlocker, LetsEverybodyGoInTheEnd) {
  Blocked blocked({.count = 2});
  blocked.world.run_for(seconds(1));
  blocked.blocker.stop();
  for (std::uint32_t id = 0; id < 7; ++id) EXPECT_FALSE(blocked.cut_off(id));
  const std::uint64_t before = blocked.world.metrics().committed();
  blocked.world.run_for(seconds(1));
  for (std::uint32_t id = 0; id < 7; ++id) EXPECT_FALSE(blocked.cut_off(id));
  EXPECT_GT(blocked.world.metrics().committed(), before + 20);
}

TEST(LeaderBlocker, ReactsAfterItsDelay) {
  Blocked quick({.count = 1});
  Blocked slow({.count = 1, .reaction = milliseconds(60)});
  quick.world.run_for(seconds(5));
  slow.world.run_for(seconds(5));
  EXPECT_GT(slow.world.metrics().committed(), 3 * quick.world.metrics().committed());
}

TEST(LeaderBlocker, IsAFaultOfScenarios) {
  const auto scenario = parse_scenario(R"toml(
[world]
n = 4
[[fault]]
kind = "block_leaders"
count = 1
reaction = "3ms"
at = "1s"
for = "2s"
)toml",
                                       "a.toml", {});
  ASSERT_TRUE(scenario) << scenario.error().to_string();
  const auto& plan = std::get<LeaderBlockFault>(scenario->faults.at(0).what).plan;
  EXPECT_EQ(plan.count, 1U);
  EXPECT_EQ(plan.reaction, milliseconds(3));
  const std::string text = write_scenario(*scenario, "");
  EXPECT_EQ(write_scenario(parse_scenario(text, "a.toml", {}).value(), ""), text);
  const auto many =
      parse_scenario("[[fault]]\nkind = \"block_leaders\"\ncount = 5\n", "a.toml", {});
  ASSERT_FALSE(many);
  EXPECT_NE(many.error().to_string().find("count"), std::string::npos);
}

}  // namespace
}  // namespace waggle::sim
