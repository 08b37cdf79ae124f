// At most f replicas lie: the others agree, lose nothing and go on.
#include <gtest/gtest.h>

#include "sim/world/nemesis.hpp"
#include "tests/world/seeds.hpp"

namespace waggle::sim {
namespace {

std::string_view any_strategy(Random& draw) {
  return adversary_kinds()[draw.below(adversary_kinds().size())].name;
}

RunResult run_byzantine(std::uint64_t seed, std::uint32_t n,
                        std::optional<std::string_view> strategy, bool with_faults) {
  Random draw(seed);
  WorldOptions options = options_of(seed);
  options.n = n;
  if (with_faults) options.network.quality.lost = permille(draw.below(50));
  World world(options);
  // With n = 7 every second leader of a round is bad: honest ones are never consecutive there.
  const auto first = static_cast<std::uint32_t>(draw.below(n));
  for (std::uint32_t i = 0; i < world.chain().f(); ++i) {
    const std::string_view drawn = any_strategy(draw);
    world.corrupt(ReplicaId{(first + 2 * i) % n}, strategy.value_or(drawn));
  }
  for (int i = 0; i < 2; ++i) world.add_client({.commands = 40});
  Nemesis nemesis(world, {});
  world.start();
  if (with_faults) {
    nemesis.start();
    world.run_for(std::chrono::milliseconds(1500));
    nemesis.stop();
    world.heal();
  }
  world.expect_progress_then_silence(std::chrono::seconds(60));
  return result_of(world);
}

class Byzantine : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Byzantine, OneKindOfFault) {
  const std::string_view strategy = adversary_kinds()[GetParam()].name;
  for_each_seed(8, [strategy](std::uint64_t seed) {
    return run_byzantine(seed, seed % 2 == 0 ? 4 : 7, strategy, false);
  });
}
INSTANTIATE_TEST_SUITE_P(All, Byzantine, ::testing::Range(std::size_t{0}, adversary_kinds().size()),
                         [](const auto& param) {
                           return std::string(adversary_kinds()[param.param].name);
                         });

TEST(ByzantineMix, AlternatingLeaders) {
  for_each_seed(20, [](std::uint64_t seed) {
    return run_byzantine(seed, seed % 3 == 0 ? 10 : 7, std::nullopt, false);
  });
}
/// n = 7: one lies, another one forgets.
TEST(ByzantineMix, WithLostDisks) {
  for_each_seed(20, [](std::uint64_t seed) {
    WorldOptions options = options_of(seed);
    options.n = 7;
    World world(options);
    Random draw(seed);
    world.corrupt(ReplicaId{static_cast<std::uint32_t>(draw.below(7))}, any_strategy(draw));
    for (int i = 0; i < 2; ++i) world.add_client({.commands = 60});
    Nemesis nemesis(world, {.crash_all = 0, .lost_disk = 4});
    world.start();
    nemesis.start();
    world.run_for(std::chrono::milliseconds(1500));
    nemesis.stop();
    world.heal();
    world.expect_progress_then_silence(std::chrono::seconds(60));
    return result_of(world);
  });
}
TEST(ByzantineMix, WithFaults) {
  for_each_seed(40, [](std::uint64_t seed) {
    return run_byzantine(seed, seed % 4 == 0 ? 7 : 4, std::nullopt, true);
  });
}

/// Rule (u) of the specification's deviations. All crash after the last commit. Two replicas have
/// executed block 1; the certificate of block 2 that committed it is on no disk, and cannot come
/// again: one of its three voters falls silent for good. The third honest replica knows of neither
/// and would wait alone for ever, had the two no reason of their own to move.
TEST(ByzantineRegression, LastCertificateLostEverywhere) {
  WorldOptions options = options_of(1);
  options.network.quality.latency = Latency::constant(std::chrono::milliseconds(1));
  World world(options);
  world.add_client({.commands = 1});
  world.network().add_rule({.to = {1}, .kind = "proposal", .view_min = View{2}});
  world.network().add_rule({.to = {1}, .kind = "certificate", .view_min = View{2}});
  world.start();
  world.run_for(Duration{1});
  const auto executed = [&world](std::uint32_t id) {
    return world.replica(ReplicaId{id}).executed().height;
  };
  const auto done = [&] { return executed(2) == Height{1} && executed(3) == Height{1}; };
  ASSERT_TRUE(world.run_until(done, std::chrono::milliseconds(90)));
  ASSERT_EQ(executed(1), Height{0});
  for (std::uint32_t id = 0; id < 4; ++id) world.crash(ReplicaId{id}, Crash::kProcess);
  world.corrupt(ReplicaId{0}, "mute");
  world.heal();
  world.expect_progress_then_silence(std::chrono::seconds(10));
  const RunResult result = result_of(world);
  EXPECT_FALSE(result.violation) << *result.violation;
  EXPECT_EQ(executed(1), executed(2));
}

}  // namespace
}  // namespace waggle::sim
