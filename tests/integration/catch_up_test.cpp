// A replica that was away for long catches up by ranges of blocks while the others go on.
#include <iostream>

#include <gtest/gtest.h>

#include "tests/integration/workload.hpp"

namespace waggle::integration {
namespace {

constexpr auto kPatience = seconds(60);
constexpr std::uint64_t kBlocks = 300;

/// A replica that is down fails every fourth view: short ones make many blocks in little time.
constexpr const char* kQuickViews = "view_timeout_ms = 100\ngrace_ms = 50\n";

/// Puts of the largest commands, of which a few fill a block.
void put_large(client::Client& client, int count) {
  for (int i = 0; i < count; ++i) {
    std::vector<Bytes> group;
    for (int j = 0; j < 4; ++j) {
      const std::string key = "large/" + std::to_string(4 * i + j);
      group.push_back(encode(put(key, std::string(60'000, static_cast<char>('a' + j)))));
    }
    for (const client::Outcome& outcome : client.execute_group(std::move(group), kPatience)) {
      ASSERT_TRUE(std::holds_alternative<client::Committed>(outcome)) << describe(outcome);
    }
  }
}

TEST(CatchUp, WhileTheClusterKeepsCommitting) {
  Cluster cluster(4, kQuickViews);
  cluster.start_all();
  Workload load(cluster, 3, 6);
  ASSERT_TRUE(load.time_to_commit(kPatience, 50));
  cluster.kill(3);
  const auto height_of = [&](std::uint32_t replica) {
    const auto answer = cluster.status(replica);
    return answer ? answer->executed.value : 0;
  };
  const std::uint64_t left_at = height_of(0);
  const auto client = cluster.open_client();
  put_large(*client, 40);
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
  load.verify(*client);
  EXPECT_TRUE(cluster.await_active(kPatience));
  EXPECT_TRUE(cluster.await_equal(kPatience));
}

}  // namespace
}  // namespace waggle::integration
