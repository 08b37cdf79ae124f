// The median protocol as processes: crashes, lost disks, and servers that are stopped for a while.
#include <csignal>
#include <iostream>
#include <thread>

#include <gtest/gtest.h>

#include "tests/integration/workload.hpp"

namespace waggle::integration {
namespace {

constexpr auto kPatience = seconds(40);

void signal_all(Cluster& cluster, const std::vector<std::uint32_t>& servers, int number) {
  for (const std::uint32_t server : servers) cluster.process(server).signal(number);
}

std::vector<std::uint32_t> all_of(const Cluster& cluster) {
  std::vector<std::uint32_t> servers;
  for (std::uint32_t i = 0; i < cluster.n(); ++i) servers.push_back(i);
  return servers;
}

TEST(Median, CommitsAndStops) {
  Cluster cluster(Cluster::median(4));
  cluster.start_all();
  const auto client = cluster.open_client();
  EXPECT_EQ(must_commit(*client, put("a", "1"), kPatience).status, app::KvStatus::kOk);
  EXPECT_EQ(must_commit(*client, app::KvGet{to_bytes("a")}).value, to_bytes("1"));
  for (int i = 1; i <= 5; ++i) {
    EXPECT_EQ(must_commit(*client, increment("n")).value, to_bytes(std::to_string(i)));
  }
  EXPECT_TRUE(cluster.await_equal(kPatience, Height{7}));
  for (std::uint32_t i = 0; i < cluster.n(); ++i) {
    const auto answer = cluster.status(i);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->commands_executed, 7u);
    EXPECT_EQ(answer->phase, "active");
  }
  for (std::uint32_t i = 0; i < cluster.n(); ++i) cluster.process(i).signal(SIGTERM);
  for (std::uint32_t i = 0; i < cluster.n(); ++i) {
    EXPECT_EQ(cluster.process(i).wait(seconds(5)), 0) << "replica " << i;
  }
}

TEST(Median, GoesOnWhileOneIsKilledAndTakesItBack) {
  Cluster cluster(Cluster::median(4));
  cluster.start_all();
  Workload load(cluster, 3, 1);
  ASSERT_TRUE(load.time_to_commit(kPatience, 60));
  for (std::uint32_t victim = 0; victim < 3; ++victim) {
    cluster.kill(victim);
    ASSERT_TRUE(load.time_to_commit(kPatience, 60));
    cluster.start(victim);
    ASSERT_TRUE(cluster.await_active(kPatience));
    ASSERT_TRUE(load.time_to_commit(kPatience, 60));
  }
  load.stop();
  load.verify(*cluster.open_client());
  EXPECT_TRUE(cluster.await_equal(kPatience));
}

TEST(Median, LosesNothingThatWasAcknowledgedWhenAllAreKilled) {
  Cluster cluster(Cluster::median(4));
  cluster.start_all();
  Workload load(cluster, 3, 2);
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(load.time_to_commit(kPatience, 60));
    cluster.kill_all();
    cluster.start_all();
  }
  ASSERT_TRUE(load.time_to_commit(kPatience, 60));
  load.stop();
  load.verify(*cluster.open_client());
  EXPECT_TRUE(cluster.await_equal(kPatience));
}

TEST(Median, ALostDiskRejoins) {
  Cluster cluster(Cluster::median(4));
  cluster.start_all();
  Workload load(cluster, 3, 3);
  ASSERT_TRUE(load.time_to_commit(kPatience, 60));
  cluster.kill(2);
  cluster.wipe(2);
  const Finished refused = run(cluster.command(2), cluster.folder());
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("--rejoin"), std::string::npos) << refused.err;
  cluster.start(2, {"--rejoin"});
  ASSERT_TRUE(cluster.await_active(kPatience));
  EXPECT_NE(cluster.log(2).find("event=rejoined"), std::string::npos);
  ASSERT_TRUE(load.time_to_commit(kPatience, 60));
  // It is needed again.
  cluster.kill(0);
  ASSERT_TRUE(load.time_to_commit(kPatience, 60));
  cluster.start(0);
  load.stop();
  load.verify(*cluster.open_client());
  EXPECT_TRUE(cluster.await_equal(kPatience));
}

/// Blocked servers, as the protocol's model has them: at first three of ten, then all.
TEST(Median, RecoversFromServersThatAreStoppedForAWhile) {
  Cluster cluster(Cluster::median(10));
  cluster.start_all();
  Workload load(cluster, 2, 4);
  ASSERT_TRUE(load.time_to_commit(kPatience, 60));
  const std::vector<std::uint32_t> some = {1, 4, 7};
  signal_all(cluster, some, SIGSTOP);
  const auto without = load.time_to_commit(kPatience, 60);
  ASSERT_TRUE(without) << "seven of ten are a majority";
  signal_all(cluster, all_of(cluster), SIGSTOP);
  std::this_thread::sleep_for(seconds(2));
  const std::uint64_t before = load.acknowledged();
  std::this_thread::sleep_for(seconds(1));
  EXPECT_EQ(load.acknowledged(), before) << "nobody is there to acknowledge anything";
  signal_all(cluster, all_of(cluster), SIGCONT);
  const auto recovered = load.time_to_commit(kPatience);
  ASSERT_TRUE(recovered);
  std::cout << "60 commands without three in " << *without << " s; first commit " << *recovered
            << " s after all went on\n";
  ASSERT_TRUE(load.time_to_commit(kPatience, 60));
  load.stop();
  load.verify(*cluster.open_client());
  EXPECT_TRUE(cluster.await_equal(kPatience));
}

}  // namespace
}  // namespace waggle::integration
