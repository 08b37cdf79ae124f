// SIGSTOP: a replica that is alive, holds its connections, and says nothing.
#include <csignal>
#include <iostream>
#include <thread>

#include <gtest/gtest.h>

#include "tests/integration/workload.hpp"

namespace waggle::integration {
namespace {

constexpr auto kPatience = seconds(30);
constexpr auto kPause = seconds(3);  // several view timeouts

TEST(Pause, OfOneReplicaAfterAnother) {
  Cluster cluster;
  cluster.start_all();
  Workload load(cluster, 3, 4);
  ASSERT_TRUE(load.time_to_commit(kPatience, 100));
  for (std::uint32_t i = 0; i < 2; ++i) {
    const Clock::time_point from = Clock::now();
    cluster.process(i).signal(SIGSTOP);
    std::this_thread::sleep_for(kPause);
    EXPECT_TRUE(load.time_to_commit(kPatience)) << "no progress without replica " << i;
    cluster.process(i).signal(SIGCONT);
    EXPECT_TRUE(load.time_to_commit(kPatience, 50));
    EXPECT_TRUE(cluster.await_active(kPatience));
    std::cout << "replica " << i << " paused for " << seconds_since(from) << " s\n";
  }
  load.stop();
  load.verify(*cluster.open_client());
  EXPECT_TRUE(cluster.await_equal(kPatience));
}

/// One client, one command at a time, none of which may fail: the leader pauses in between.
TEST(Pause, OfTheLeaderIsNothingThatAClientMustKnow) {
  Cluster cluster;
  cluster.start_all();
  const auto client = cluster.open_client();
  must_commit(*client, increment("n"), kPatience);
  ASSERT_TRUE(cluster.await_equal(kPatience, Height{1}));
  int expected = 1;
  for (int round = 0; round < 2; ++round) {
    const auto answer = cluster.status(0);
    ASSERT_TRUE(answer);
    const std::uint32_t leader = answer->leader.value;
    cluster.process(leader).signal(SIGSTOP);
    const auto begin = Clock::now();
    EXPECT_EQ(must_commit(*client, increment("n")).value, to_bytes(std::to_string(++expected)));
    const double took = seconds_since(begin);
    std::cout << "the first command with the leader paused took " << took << " s\n";
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(must_commit(*client, increment("n")).value, to_bytes(std::to_string(++expected)));
    }
    cluster.process(leader).signal(SIGCONT);
    EXPECT_TRUE(cluster.await_equal(kPatience));
  }
}

TEST(Pause, OfTwoHaltsAllUntilTheyAreBack) {
  Cluster cluster;
  cluster.start_all();
  Workload load(cluster, 3, 5);
  ASSERT_TRUE(load.time_to_commit(kPatience, 100));
  cluster.process(1).signal(SIGSTOP);
  cluster.process(2).signal(SIGSTOP);
  std::this_thread::sleep_for(kPause);
  const std::uint64_t halted = load.acknowledged();
  std::this_thread::sleep_for(seconds(1));
  EXPECT_EQ(load.acknowledged(), halted);
  cluster.process(1).signal(SIGCONT);
  cluster.process(2).signal(SIGCONT);
  const auto took = load.time_to_commit(kPatience);
  ASSERT_TRUE(took);
  std::cout << "first commit " << *took << " s after two of four were back\n";
  load.stop();
  load.verify(*cluster.open_client());
  EXPECT_TRUE(cluster.await_equal(kPatience));
}

}  // namespace
}  // namespace waggle::integration
