// Rule 4.10: a replica that lost its disk comes back without contradicting its forgotten self.
#include <gtest/gtest.h>

#include "sim/world/world.hpp"
#include "tests/world/seeds.hpp"

namespace waggle::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

void expect_rejoined(World& world, ReplicaId replica, Duration bound) {
  const Replica& rejoiner = world.replica(replica);
  const auto back = [&] { return rejoiner.up() && !rejoiner.forgetful(); };
  if (!world.run_until(back, bound) && world.violations().empty()) {
    world.fail("liveness", "replica " + std::to_string(replica.value) + " does not get back in; " +
                               world.summary());
  }
}

RunResult under_load(std::uint64_t seed) {
  WorldOptions options = options_of(seed);
  options.n = seed % 4 == 0 ? 7 : 4;
  World world(options);
  for (int i = 0; i < 2; ++i) world.add_client({.commands = 150});
  world.start();
  Random draw(seed);
  for (int round = 0; round < 2; ++round) {
    world.run_for(draw.between(milliseconds(5), milliseconds(300)));
    const ReplicaId victim{static_cast<std::uint32_t>(draw.below(world.n()))};
    world.lose_disk(victim);
    world.run_for(draw.between(milliseconds(1), milliseconds(100)));
    world.restart(victim);
    if (draw.chance(permille(300))) {  // and crashes once more on the way
      world.run_for(draw.between(milliseconds(1), milliseconds(60)));
      world.crash(victim);
      world.restart(victim);
    }
    expect_rejoined(world, victim, seconds(10));
  }
  world.expect_progress_then_silence(seconds(20));
  return result_of(world);
}

RunResult on_an_idle_chain(std::uint64_t seed) {
  WorldOptions options = options_of(seed);
  World world(options);
  world.add_client({.commands = static_cast<std::uint32_t>(1 + seed % 60)});
  world.start();
  world.expect_progress_then_silence(seconds(10));
  for (std::uint32_t round = 0; round < 2; ++round) {
    const ReplicaId victim{static_cast<std::uint32_t>((seed + round) % 4)};
    world.lose_disk(victim);
    world.run_for(milliseconds(50));
    world.restart(victim);
    expect_rejoined(world, victim, seconds(10));
    world.expect_silence(std::chrono::seconds(20));
    world.check_states();
  }
  world.client(0).add_commands(20);
  world.expect_progress_then_silence(seconds(10));
  return result_of(world);
}

TEST(Rejoin, UnderLoad) { for_each_seed(40, under_load); }
TEST(Rejoin, OnAnIdleChain) { for_each_seed(20, on_an_idle_chain); }

}  // namespace
}  // namespace waggle::sim
