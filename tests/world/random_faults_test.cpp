// Faults of all kinds at random, then a network that behaves: nothing forks, nothing is lost or
// done twice, and everything that was submitted commits.
#include <gtest/gtest.h>

#include "sim/world/nemesis.hpp"
#include "tests/world/seeds.hpp"

namespace waggle::sim {
namespace {

RunResult run_faults(std::uint64_t seed, std::uint32_t n, NemesisPlan plan) {
  Random draw(seed);
  WorldOptions options = options_of(seed);
  options.n = n;
  options.network.quality.lost = permille(draw.below(100));
  options.network.quality.doubled = permille(draw.below(60));
  options.network.quality.slow = permille(draw.below(40));
  World world(options);
  for (int i = 0; i < 3; ++i) world.add_client({.commands = 60});
  return strike_then_heal(world, plan, std::chrono::seconds(30));
}

TEST(RandomFaults, FourReplicas) {
  for_each_seed(100, [](std::uint64_t seed) { return run_faults(seed, 4, {}); });
}
TEST(RandomFaults, FourReplicasLoseDisks) {
  for_each_seed(
      40, [](std::uint64_t seed) { return run_faults(seed, 4, {.crash_all = 0, .lost_disk = 3}); });
}
TEST(RandomFaults, SevenReplicas) {
  for_each_seed(20, [](std::uint64_t seed) { return run_faults(seed, 7, {.lost_disk = 1}); });
}
TEST(RandomFaults, TenReplicas) {
  for_each_seed(6, [](std::uint64_t seed) { return run_faults(seed, 10, {.lost_disk = 1}); });
}
TEST(RandomFaults, OneReplicaAlone) {
  for_each_seed(10, [](std::uint64_t seed) { return run_faults(seed, 1, {}); });
}

/// Who lost its disk counts as faulty (4.10), and so does who will lie later: with f = 1 no disk is
/// left to lose.
TEST(RandomFaults, LeaveRoomForALiarToCome) {
  for (const bool liar : {false, true}) {
    World world(options_of(1));
    if (liar) world.expect_lies(Address{0});
    NemesisPlan plan{.crash_all = 0, .lost_disk = 1};
    plan.partition = plan.one_way_cut = plan.heal = plan.crash = 0;
    Nemesis nemesis(world, plan);
    world.start();
    nemesis.start();
    world.run_for(std::chrono::seconds(2));
    EXPECT_EQ(nemesis.strikes().empty(), liar);
  }
}

}  // namespace
}  // namespace waggle::sim
