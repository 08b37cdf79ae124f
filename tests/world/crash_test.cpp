// Power cuts where they hurt: at every write, and of everybody at once.
#include <gtest/gtest.h>

#include "sim/world/world.hpp"
#include "tests/world/seeds.hpp"

namespace waggle::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Every replica dies at every k-th write, before it is durable and right after, in turns.
RunResult crash_at_writes(std::uint64_t seed) {
  WorldOptions options = options_of(seed);
  World world(options);
  for (int i = 0; i < 2; ++i) world.add_client({.commands = 30});
  Random draw(seed);
  for (std::uint32_t id = 0; id < world.n(); ++id) {
    CrashPlan& plan = world.replica(ReplicaId{id}).crash_plan;
    plan.every_writes = static_cast<std::uint32_t>(draw.between(std::uint64_t{2}, 12));
    plan.before = draw.chance(permille(700));
    plan.after = !plan.before || draw.chance(permille(700));
    plan.down = draw.between(milliseconds(1), milliseconds(80));
  }
  world.start();
  world.run_for(seconds(2));
  world.heal();
  world.expect_progress_then_silence(seconds(20));
  return result_of(world);
}

/// One replica dies at each of its writes; the others carry on and so must the chain.
RunResult one_crashes_at_every_write(std::uint64_t seed) {
  WorldOptions options = options_of(seed);
  World world(options);
  for (int i = 0; i < 2; ++i) world.add_client({.commands = 40});
  CrashPlan& plan = world.replica(ReplicaId{static_cast<std::uint32_t>(seed % 4)}).crash_plan;
  plan.every_writes = 1;
  plan.down = milliseconds(20);
  plan.before = seed % 3 != 0;
  plan.after = seed % 3 != 1;
  world.start();
  const auto done = [&] { return world.clients_done(); };
  if (!world.run_until(done, seconds(20)) && world.violations().empty()) {
    world.fail("liveness", "one replica that crashes stops the others; " + world.summary());
  }
  world.heal();
  world.expect_silence(std::chrono::seconds(20));
  world.check_states();
  return result_of(world);
}

/// All crash at once, again and again; some seeds after the work is done.
RunResult restart_everybody(std::uint64_t seed) {
  WorldOptions options = options_of(seed);
  World world(options);
  for (int i = 0; i < 3; ++i) world.add_client({.commands = 60});
  world.start();
  Random draw(seed);
  const bool idle = draw.chance(permille(300));
  if (idle) world.expect_progress_then_silence(seconds(10));
  for (int round = 0; round < 4; ++round) {
    world.run_for(draw.between(milliseconds(1), milliseconds(250)));
    for (std::uint32_t id = 0; id < world.n(); ++id) world.crash(ReplicaId{id});
    for (std::uint32_t id = 0; id < world.n(); ++id) {
      world.events().after(draw.between(milliseconds(0), milliseconds(100)),
                           [&world, id] { world.restart(ReplicaId{id}); });
    }
  }
  world.run_for(milliseconds(200));
  world.expect_progress_then_silence(seconds(20));
  if (idle) {
    world.client(0).add_commands(10);
    world.expect_progress_then_silence(seconds(5));
  }
  return result_of(world);
}

/// f replicas are gone for good: blocks keep committing, and an idle chain wakes up again.
RunResult one_down_for_good(std::uint64_t seed) {
  WorldOptions options = options_of(seed);
  World world(options);
  world.add_client({.commands = 80});
  world.add_client({.commands = 80});
  world.start();
  world.run_for(milliseconds(50));
  world.crash(ReplicaId{static_cast<std::uint32_t>(seed % 4)});
  for (int round = 0; round < 2; ++round) {
    if (!world.run_until([&] { return world.clients_done(); }, seconds(20))) {
      world.fail("liveness", "one crashed replica stops the chain; " + world.summary());
    }
    world.run_for(seconds(10));
    world.client(0).add_commands(10);
  }
  return result_of(world);
}

TEST(Crash, AtWrites) { for_each_seed(60, crash_at_writes); }
TEST(Crash, OneAtEveryWrite) { for_each_seed(24, one_crashes_at_every_write); }
TEST(Crash, EverybodyAtOnce) { for_each_seed(40, restart_everybody); }
TEST(Crash, OneForGood) { for_each_seed(20, one_down_for_good); }

}  // namespace
}  // namespace waggle::sim
