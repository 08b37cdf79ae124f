// A replica that was away for long catches up by ranges of blocks while the others go on.
#include <iostream>

#include <gtest/gtest.h>

#include "tests/integration/workload.hpp"

namespace waggle::integration {
namespace {

constexpr auto kPatience = seconds(60);
constexpr std::uint64_t kBlocks = 300;

TEST(CatchUp, WhileTheClusterKeepsCommitting) {
  Cluster cluster;
  cluster.start_all();
  Workload load(cluster, 3, 6);
  ASSERT_TRUE(load.time_to_commit(kPatience, 50));
  cluster.kill(3);
  const auto height_of = [&](std::uint32_t replica) {
    const auto answer = cluster.status(replica);
    return answer ? answer->executed.value : 0;
  };
  const std::uint64_t left_at = height_of(0);
  ASSERT_TRUE(cluster.await(kPatience, [&] { return height_of(0) > left_at + kBlocks; }));

  const std::uint64_t acknowledged = load.acknowledged();
  const std::uint64_t target = height_of(0);
  const auto begin = Clock::now();
  cluster.start(3);
  ASSERT_TRUE(cluster.await(kPatience, [&] { return height_of(3) >= target; }));
  std::cout << "caught up with " << target - left_at << " blocks in " << seconds_since(begin)
            << " s, while " << load.acknowledged() - acknowledged << " commands committed\n";
  EXPECT_TRUE(load.time_to_commit(kPatience, 50));
  // It does not only follow, it takes part: without it and another one there is no quorum.
  cluster.kill(0);
  EXPECT_TRUE(load.time_to_commit(kPatience, 50));
  cluster.start(0);
  load.stop();
  load.verify(*cluster.open_client());
  EXPECT_TRUE(cluster.await_active(kPatience));
  EXPECT_TRUE(cluster.await_equal(kPatience));
}

}  // namespace
}  // namespace waggle::integration
