// A test that cannot fail is worthless: with a guard removed, or on a broken machine, the same
// worlds must end in a violation.
#include <gtest/gtest.h>

#include "tests/world/seeds.hpp"

namespace waggle::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

RunResult run_without(std::uint64_t seed, const chained::Guards& guards, const NemesisPlan& plan,
                      bool lying_disks = false) {
  WorldOptions options = options_of(seed);
  options.guards = guards;
  options.disk.syncs_lie = lying_disks;
  options.network.quality.lost = permille(50);
  World world(options);
  for (int i = 0; i < 3; ++i) world.add_client({.commands = 60});
  return strike_then_heal(world, plan, seconds(30));
}

TEST(WithoutGuard, VoteAfterTimeout) {
  expect_caught(100, "durability", [](std::uint64_t seed) {
    return run_without(seed, {.no_vote_after_timeout = false}, {});
  });
}
TEST(WithoutGuard, TipDoesNotFollowVote) {
  expect_caught(100, "durability", [](std::uint64_t seed) {
    return run_without(seed, {.tip_follows_vote = false}, {});
  });
}
TEST(WithoutGuard, RejoinWithoutAbstaining) {
  expect_caught(200, "durability", [](std::uint64_t seed) {
    return run_without(seed, {.rejoin_abstains = false}, {.crash_all = 0, .lost_disk = 6});
  });
}
/// Only the f+1 replicas that a client told know of its commands: the rest must help (4.5, 4.9).
RunResult run_known_to_few(std::uint64_t seed, const chained::Guards& guards) {
  WorldOptions options = options_of(seed);
  options.n = seed % 3 == 0 ? 7 : 4;
  options.guards = guards;
  options.forwards_lost = true;
  World world(options);
  world.add_client({.commands = 12, .in_flight_max = 1, .retry = Duration{0}});
  world.start();
  world.expect_progress_then_silence(seconds(30));
  return result_of(world);
}

TEST(WithGuard, CommandsKnownToFewCommit) {
  for_each_seed(20, [](std::uint64_t seed) { return run_known_to_few(seed, {}); });
}
/// The old rule, which enters the next view at the vote; 4.5 alone would mend what it breaks.
TEST(WithoutGuard, LeavingTheViewAtTheVote) {
  expect_caught(200, "liveness", [](std::uint64_t seed) {
    return run_without(seed, {.stay_until_certified = false, .join = false}, {});
  });
}
TEST(BrokenMachine, WritesNotSyncedBeforeSend) {
  expect_caught(100, "", [](std::uint64_t seed) {
    return run_without(seed, {}, {.crash = 8, .crash_all = 3}, true);
  });
}

}  // namespace
}  // namespace waggle::sim
