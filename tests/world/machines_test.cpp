// Machines that misbehave in ways that a replica must stand, and machines that are broken in ways
// that it cannot: there the checkers, or the replicas themselves, must notice.
#include <gtest/gtest.h>

#include "tests/world/seeds.hpp"

namespace waggle::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Crashes replicas by turns, of the process or of the machine, and ends in peace.
RunResult crash_by_turns(WorldOptions options, std::uint64_t rounds,
                         const std::function<void(World&, ReplicaId)>& befall) {
  Random draw(options.seed);
  World world(options);
  for (int i = 0; i < 2; ++i) world.add_client({.commands = 60});
  world.start();
  for (std::uint64_t round = 0; round < rounds && world.violations().empty(); ++round) {
    world.run_for(draw.between(milliseconds(10), milliseconds(150)));
    const ReplicaId victim{static_cast<std::uint32_t>(draw.below(world.n()))};
    befall(world, victim);
    world.run_for(draw.between(milliseconds(1), milliseconds(60)));
    world.restart(victim);
  }
  world.heal();
  world.expect_progress_then_silence(seconds(30));
  return result_of(world);
}

TEST(Machines, ProcessesAreKilled) {
  for_each_seed(20, [](std::uint64_t seed) {
    return crash_by_turns(options_of(seed), 6,
                          [](World& world, ReplicaId id) { world.crash(id, Crash::kProcess); });
  });
}

TEST(Machines, ProcessesPauseAndGoOn) {
  for_each_seed(20, [](std::uint64_t seed) {
    return crash_by_turns(options_of(seed), 6, [](World& world, ReplicaId id) {
      world.replica(id).pause();
      // Its timers are long due then, and what it hears first is old.
      world.run_for(milliseconds(400));
      if (world.rng().chance(permille(200))) world.crash(id);
      world.replica(id).resume();
    });
  });
}

/// A replica whose disk rots stops and says so, or has no use for what rotted.
TEST(Machines, DisksRot) {
  for_each_seed(30, [](std::uint64_t seed) {
    return crash_by_turns(options_of(seed), 4, [](World& world, ReplicaId) {
      for (int i = 0; i < 20; ++i) world.rot(ReplicaId{2});
      world.crash(ReplicaId{2});
      world.restart(ReplicaId{2});
    });
  });
}

TEST(Machines, DisksFailAndAreRepaired) {
  for_each_seed(20, [](std::uint64_t seed) {
    return crash_by_turns(options_of(seed), 5, [](World& world, ReplicaId id) {
      Replica& replica = world.replica(id);
      replica.disk().fail_writes(true);
      world.run_for(milliseconds(100));
      replica.disk().fail_writes(false);
      replica.repair();
    });
  });
}

/// The same run with the daemon's signatures and hashes: the same verdict, commands and states.
TEST(Machines, RealSignatures) {
  for_each_seed(2, [](std::uint64_t seed) {
    WorldOptions options = options_of(seed);
    options.signatures = Signatures::kEd25519;
    World world(options);
    world.corrupt(ReplicaId{1}, "mixed");
    world.add_client({.commands = 30});
    world.start();
    world.expect_progress_then_silence(seconds(20));
    return result_of(world);
  });
}

TEST(BrokenMachine, RottenRecordsAreBelieved) {
  expect_caught(40, "", [](std::uint64_t seed) {
    WorldOptions options = options_of(seed);
    options.disk.rot_believed = true;
    return crash_by_turns(options, 4, [](World& world, ReplicaId id) {
      for (int i = 0; i < 20; ++i) world.rot(id);
      world.crash(id);
      world.restart(id);
    });
  });
}

TEST(BrokenMachine, TornWritesAreBelieved) {
  expect_caught(100, "", [](std::uint64_t seed) {
    WorldOptions options = options_of(seed);
    options.disk.tears_believed = true;
    return crash_by_turns(options, 20, [](World& world, ReplicaId id) { world.crash(id); });
  });
}

}  // namespace
}  // namespace waggle::sim
