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

/// Found by WithFaults: all crash at the end of the work, the only certificate above the head is
/// lost, one honest replica lost its last execution too, and nobody else had a reason to move.
TEST(ByzantineRegression, LastCertificateLostEverywhere) {
  const RunResult result = run_byzantine(694, 4, std::nullopt, true);
  EXPECT_FALSE(result.violation) << *result.violation;
}

}  // namespace
}  // namespace waggle::sim
