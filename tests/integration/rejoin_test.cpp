// A replica whose disk was lost: it may not pretend to be new, and comes back with --rejoin.
#include <iostream>

#include <gtest/gtest.h>

#include "tests/integration/workload.hpp"

namespace waggle::integration {
namespace {

constexpr auto kPatience = seconds(30);

/// Loses the disk of a replica, sees it refuse to start, and brings it back.
void lose_and_rejoin(Cluster& cluster, std::uint32_t replica) {
  cluster.kill(replica);
  cluster.wipe(replica);
  const Finished refused = run(cluster.command(replica), cluster.folder());
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("--rejoin"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find(cluster.data(replica).string()), std::string::npos) << refused.err;

  const auto begin = Clock::now();
  cluster.start(replica, {"--rejoin"});
  const bool active = cluster.await(kPatience, [&] {
    const auto answer = cluster.status(replica);
    return answer && answer->phase == "active";
  });
  EXPECT_TRUE(active) << "still not active";
  std::cout << "active " << seconds_since(begin) << " s after the start with --rejoin\n";
}

/// Its vote is needed again: another replica goes, and the cluster goes on.
void needs(Cluster& cluster, std::uint32_t replica, client::Client& client) {
  const std::uint32_t other = (replica + 1) % cluster.n();
  cluster.kill(other);
  must_commit(client, put("needs", "all others"), kPatience);
  cluster.start(other);
  EXPECT_TRUE(cluster.await_active(kPatience));
}

TEST(Rejoin, UnderLoad) {
  Cluster cluster;
  cluster.start_all();
  Workload load(cluster, 3, 3);
  ASSERT_TRUE(load.time_to_commit(kPatience, 200));
  lose_and_rejoin(cluster, 2);
  ASSERT_TRUE(load.time_to_commit(kPatience, 100));
  load.stop();
  const auto client = cluster.open_client();
  needs(cluster, 2, *client);
  load.verify(*client);
  EXPECT_TRUE(cluster.await_equal(kPatience));
  EXPECT_NE(cluster.log(2).find("event=rejoined"), std::string::npos);
}

TEST(Rejoin, OnAnIdleCluster) {
  Cluster cluster;
  cluster.start_all();
  const auto client = cluster.open_client();
  for (int i = 0; i < 20; ++i) must_commit(*client, increment("n"), kPatience);
  ASSERT_TRUE(cluster.await_equal(kPatience));
  lose_and_rejoin(cluster, 1);
  EXPECT_TRUE(cluster.await_equal(kPatience)) << "it has not caught up";
  needs(cluster, 1, *client);
  // From now on it starts as any other does.
  cluster.kill(1);
  cluster.start(1);
  EXPECT_TRUE(cluster.await_active(kPatience));
  EXPECT_EQ(must_commit(*client, increment("n")).value, to_bytes("21"));
  EXPECT_TRUE(cluster.await_equal(kPatience));
}

TEST(Rejoin, AfterAllWereKilledAtOnce) {
  Cluster cluster;
  cluster.start_all();
  Workload load(cluster, 3, 8);
  ASSERT_TRUE(load.time_to_commit(kPatience, 200));
  cluster.kill_all();
  cluster.wipe(0);
  for (std::uint32_t i = 1; i < cluster.n(); ++i) cluster.start(i);
  cluster.start(0, {"--rejoin"});
  EXPECT_TRUE(load.time_to_commit(kPatience, 50));
  EXPECT_TRUE(cluster.await_active(kPatience));
  load.stop();
  const auto client = cluster.open_client();
  needs(cluster, 0, *client);
  load.verify(*client);
  EXPECT_TRUE(cluster.await_equal(kPatience));
}

TEST(Rejoin, CrashWhileRejoiningStartsOver) {
  Cluster cluster;
  cluster.start_all();
  const auto client = cluster.open_client();
  for (int i = 0; i < 5; ++i) must_commit(*client, increment("n"), kPatience);
  cluster.kill(3);
  cluster.kill(2);  // too few reports, so that replica 3 stays passive
  cluster.wipe(3);
  cluster.start(3, {"--rejoin"});
  const auto phase = [&] {
    const auto answer = cluster.status(3);
    return answer ? answer->phase : std::string();
  };
  ASSERT_TRUE(cluster.await(kPatience, [&] { return phase() == "rejoining"; }));
  cluster.kill(3);
  cluster.start(3);  // it remembers that it is not to be trusted yet, without being told again
  ASSERT_TRUE(cluster.await(kPatience, [&] { return !phase().empty(); }));
  EXPECT_EQ(phase(), "rejoining");
  cluster.start(2);
  EXPECT_TRUE(cluster.await_active(kPatience));
  EXPECT_EQ(must_commit(*client, increment("n"), kPatience).value, to_bytes("6"));
  EXPECT_TRUE(cluster.await_equal(kPatience));
}

}  // namespace
}  // namespace waggle::integration
