// Rule 4.8: who was away catches up in batches; and 4.9: an idle chain wakes up.
#include <gtest/gtest.h>

#include "sim/world/world.hpp"
#include "tests/world/seeds.hpp"

namespace waggle::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A replica misses `blocks` blocks while the others work, and returns: with what it had, with an
/// empty disk, or after having been cut off only.
RunResult miss_blocks(std::uint64_t seed, std::uint64_t blocks) {
  WorldOptions options = options_of(seed);
  options.network.quality.latency = Latency::uniform(Duration{200}, milliseconds(1));
  options.disk.sync = Latency::uniform(Duration{100}, milliseconds(1));
  World world(options);
  ClientPlan plan;
  plan.commands = static_cast<std::uint32_t>(blocks * 16);
  plan.in_flight_max = 2;
  plan.batch_max = 2;
  world.add_client(plan);
  world.add_client(plan);
  world.start();
  world.run_for(milliseconds(50));
  const ReplicaId away{static_cast<std::uint32_t>(seed % 4)};
  const std::uint64_t from = world.judge().highest().value;
  if (seed % 3 == 0) {
    for (std::uint32_t id = 0; id < 4; ++id) {
      if (ReplicaId{id} == away) continue;
      world.cut(away, ReplicaId{id});
      world.cut(ReplicaId{id}, away);
    }
  } else if (seed % 3 == 1) {
    world.crash(away);
  } else {
    world.lose_disk(away);
  }
  const auto enough = [&] { return world.judge().highest().value > from + blocks; };
  if (!world.run_until(enough, seconds(600)) && world.violations().empty()) {
    world.fail("liveness", "too few blocks without one replica; " + world.summary());
  }
  world.heal_cuts();
  world.restart(away);
  const auto caught_up = [&] {
    const Replica& replica = world.replica(away);
    return replica.up() && replica.executed().height.value + 20 > world.judge().highest().value;
  };
  if (!world.run_until(caught_up, seconds(20)) && world.violations().empty()) {
    world.fail("liveness", "a returning replica does not catch up; " + world.summary());
  }
  for (std::uint64_t client = 0; client < 2; ++client) world.client(client).finish_early();
  world.expect_progress_then_silence(seconds(20));
  return result_of(world);
}

RunResult idle_then_wake(std::uint64_t seed) {
  WorldOptions options = options_of(seed);
  options.n = seed % 5 == 0 ? 7 : 4;
  World world(options);
  world.add_client({.commands = 3});
  world.start();
  for (int round = 0; round < 4; ++round) {
    world.expect_progress_then_silence(seconds(5));
    world.run_for(seconds(20));
    world.client(0).add_commands(static_cast<std::uint32_t>(1 + seed % 7));
  }
  world.expect_progress_then_silence(seconds(5));
  return result_of(world);
}

TEST(CatchUp, SeveralBatches) {
  for_each_seed(6, [](std::uint64_t seed) { return miss_blocks(seed, 200); });
}
TEST(CatchUp, BeyondRememberedAncestry) {
  for_each_seed(3, [](std::uint64_t seed) { return miss_blocks(seed, 1100); });
}
TEST(CatchUp, IdleThenWake) { for_each_seed(20, idle_then_wake); }

}  // namespace
}  // namespace waggle::sim
