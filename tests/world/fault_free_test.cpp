// Worlds in which nothing goes wrong.
#include <gtest/gtest.h>

#include "sim/world/world.hpp"
#include "tests/world/seeds.hpp"

namespace waggle::sim {
namespace {

RunResult run_fault_free(std::uint64_t seed, std::uint32_t n) {
  WorldOptions options = options_of(seed);
  options.n = n;
  World world(options);
  world.add_client({});
  world.add_client({});
  world.start();
  world.expect_progress_then_silence(std::chrono::seconds(10));
  return result_of(world);
}

TEST(FaultFree, OneReplicaAlone) {
  for_each_seed(5, [](std::uint64_t seed) { return run_fault_free(seed, 1); });
}
TEST(FaultFree, FourReplicas) {
  for_each_seed(20, [](std::uint64_t seed) { return run_fault_free(seed, 4); });
}
TEST(FaultFree, SevenReplicas) {
  for_each_seed(5, [](std::uint64_t seed) { return run_fault_free(seed, 7); });
}
TEST(FaultFree, TenReplicas) {
  for_each_seed(3, [](std::uint64_t seed) { return run_fault_free(seed, 10); });
}

}  // namespace
}  // namespace waggle::sim
