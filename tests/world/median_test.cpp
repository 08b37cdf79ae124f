// The sealed median rule in the world of events: the daemon's host, with crashes, lost disks,
// partitions, lost messages and clocks that disagree, at random; and with a rule removed the same
// worlds end in a violation.
#include <gtest/gtest.h>

#include "tests/world/seeds.hpp"

namespace waggle::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

WorldOptions median_options(std::uint64_t seed) {
  static constexpr std::uint32_t kSizes[] = {3, 4, 5, 7};
  WorldOptions options = options_of(seed);
  options.core = kMedianCore;
  options.n = kSizes[seed % 4];
  options.network.quality.lost = permille(40);
  options.network.quality.slow = permille(10);
  options.network.quality.doubled = permille(10);
  options.clock.skew_max = milliseconds(seed % 3 * 4);
  return options;
}

RunResult run_faulty(const WorldOptions& options, const NemesisPlan& plan) {
  World world(options);
  for (int i = 0; i < 3; ++i) {
    world.add_client({.commands = 40, .keys = 3, .mix = {.get = 2, .put = 2, .cas = 1}});
  }
  return strike_then_heal(world, plan, seconds(20));
}

TEST(MedianWorld, BearsRandomFaults) {
  for_each_seed(60, [](std::uint64_t seed) {
    return run_faulty(median_options(seed), {.crash_all = 1, .lost_disk = 2});
  });
}

RunResult without(std::uint64_t seed, const median::SealingGuards& guards,
                  const NemesisPlan& plan = {.crash_all = 2}) {
  WorldOptions options = median_options(seed);
  options.median.guards = guards;
  return run_faulty(options, plan);
}

TEST(MedianWithoutGuard, CommitAfterALaterPre) {
  expect_caught(100, "durability",
                [](std::uint64_t seed) { return without(seed, {.no_commit_after_pre = false}); });
}
TEST(MedianWithoutGuard, RestartForgetsTheLastPre) {
  expect_caught(100, "durability",
                [](std::uint64_t seed) { return without(seed, {.restart_keeps_pre = false}); });
}
TEST(MedianWithoutGuard, RejoinAtOnce) {
  expect_caught(200, "durability", [](std::uint64_t seed) {
    return without(seed, {.rejoin_waits = false}, {.crash_all = 0, .lost_disk = 6});
  });
}
TEST(MedianWithoutGuard, OneStepOnly) {
  expect_caught(100, "proof_soundness",
                [](std::uint64_t seed) { return without(seed, {.second_step = false}); });
}
TEST(MedianWithoutGuard, HalfIsAMajority) {
  expect_caught(100, "proof_soundness",
                [](std::uint64_t seed) { return without(seed, {.full_majority = false}); });
}
TEST(MedianWithoutGuard, DisksThatLie) {
  expect_caught(200, "durability", [](std::uint64_t seed) {
    WorldOptions options = median_options(seed);
    options.disk.syncs_lie = true;
    return run_faulty(options, {.crash_all = 4});
  });
}

}  // namespace
}  // namespace waggle::sim
