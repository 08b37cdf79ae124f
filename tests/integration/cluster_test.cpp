// The plain case: start, commit, rest, stop.
#include <csignal>
#include <iostream>
#include <thread>

#include <gtest/gtest.h>

#include "smr/client/links.hpp"
#include "tests/integration/workload.hpp"

namespace waggle::integration {
namespace {

constexpr auto kStart = seconds(20);

TEST(Cluster, CommitsAndStops) {
  Cluster cluster;
  const auto begin = Clock::now();
  cluster.start_all();
  const auto client = cluster.open_client();
  EXPECT_EQ(must_commit(*client, put("a", "1")).status, app::KvStatus::kOk);
  std::cout << "first commit " << seconds_since(begin) << " s after the start\n";
  EXPECT_EQ(must_commit(*client, app::KvGet{to_bytes("a")}).value, to_bytes("1"));
  EXPECT_EQ(must_commit(*client, app::KvGet{to_bytes("b")}).status, app::KvStatus::kNotFound);
  for (int i = 1; i <= 20; ++i) {
    EXPECT_EQ(must_commit(*client, increment("n")).value, to_bytes(std::to_string(i)));
  }
  const app::KvCas cas{to_bytes("a"), to_bytes("2"), to_bytes("3")};
  EXPECT_EQ(must_commit(*client, cas).status, app::KvStatus::kMismatch);
  EXPECT_TRUE(cluster.await_active(kStart));
  EXPECT_TRUE(cluster.await_equal(kStart, Height{1}));
  for (std::uint32_t i = 0; i < cluster.n(); ++i) {
    const auto answer = cluster.status(i);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->commands_executed, 24u);
    EXPECT_EQ(answer->peers_connected.size(), 3u);
  }
  for (std::uint32_t i = 0; i < cluster.n(); ++i) cluster.process(i).signal(SIGTERM);
  for (std::uint32_t i = 0; i < cluster.n(); ++i) {
    EXPECT_EQ(cluster.process(i).wait(seconds(5)), 0) << "replica " << i;
    EXPECT_TRUE(cluster.log(i).find("event=stopping") != std::string::npos);
  }
}

TEST(Cluster, ServesClientsThatShareLinks) {
  Cluster cluster;
  cluster.start_all();
  const auto links = std::make_shared<client::Links>(cluster.client_options().replicas);
  const auto stays = cluster.open_client(links);
  auto goes = cluster.open_client(links);
  for (int i = 1; i <= 10; ++i) {
    EXPECT_EQ(must_commit(*stays, increment("a")).value, to_bytes(std::to_string(i)));
    EXPECT_EQ(must_commit(*goes, increment("b")).value, to_bytes(std::to_string(i)));
  }
  // Each reads what the other wrote.
  EXPECT_EQ(must_commit(*stays, app::KvGet{to_bytes("b")}).value, to_bytes("10"));
  EXPECT_EQ(must_commit(*goes, app::KvGet{to_bytes("a")}).value, to_bytes("10"));
  goes.reset();
  cluster.kill(0);
  EXPECT_EQ(must_commit(*stays, increment("a")).value, to_bytes("11"));
  cluster.start(0);
  const bool back = Cluster::await(
      kStart, [&] { return stays->status(ReplicaId{0}, milliseconds(500)).get().has_value(); });
  EXPECT_TRUE(back) << stays->connection_error(ReplicaId{0});
  EXPECT_EQ(must_commit(*cluster.open_client(links), increment("b")).value, to_bytes("11"));
}

TEST(Cluster, StopsCleanlyUnderLoadAndGoesOn) {
  Cluster cluster;
  cluster.start_all();
  Workload load(cluster, 4, 1);
  ASSERT_TRUE(load.time_to_commit(kStart, 200));
  for (std::uint32_t i = 0; i < cluster.n(); ++i) {
    cluster.process(i).signal(SIGTERM);
    EXPECT_EQ(cluster.process(i).wait(seconds(5)), 0) << "replica " << i;
    cluster.start(i);
    ASSERT_TRUE(load.time_to_commit(kStart, 100));
    ASSERT_TRUE(cluster.await_active(kStart));
  }
  load.stop();
  load.verify(*cluster.open_client());
  EXPECT_TRUE(cluster.await_equal(kStart));
}

TEST(Cluster, AStopThatIsAskedForWhileStartingIsCleanToo) {
  Cluster cluster;
  for (int round = 0; round < 3; ++round) {
    cluster.start(0);
    // The directory is being opened: well before the main loop runs.
    while (!cluster.process(0).holds(cluster.data(0) / "lock")) ASSERT_TRUE(cluster.running(0));
    cluster.process(0).signal(round % 2 == 0 ? SIGTERM : SIGINT);
    EXPECT_EQ(cluster.process(0).wait(seconds(10)), 0) << "round " << round;
  }
  cluster.start_all();
  EXPECT_TRUE(cluster.await_active(kStart)) << "and nothing is in the way of the next start";
}

/// The check that the other tests rely on finds what it is to find.
TEST(Cluster, CheckOfTheWorkloadSeesWhatIsDoneTwiceAndWhatIsLost) {
  Cluster cluster;
  cluster.start_all();
  const auto client = cluster.open_client();
  Workload load(cluster, 2, 9);
  ASSERT_TRUE(load.time_to_commit(kStart, 100));
  load.stop();
  EXPECT_EQ(load.problems(*client).size(), 0u);
  must_commit(*client, increment("shared"));
  EXPECT_EQ(load.problems(*client).size(), 1u);
  const auto keys = read_all(*client, "put/");
  must_commit(*client, app::KvDelete{to_bytes(keys.begin()->first)});
  EXPECT_EQ(load.problems(*client).size(), 3u);  // its value, and the number of keys
  cluster.kill_all();
  for (std::uint32_t i = 0; i < cluster.n(); ++i) {
    cluster.wipe(i);
    std::filesystem::create_directory(cluster.data(i));
    write_text(cluster.data(i) / config::kFreshMarker, "");
  }
  cluster.start_all();
  EXPECT_GT(load.problems(*cluster.open_client()).size(), keys.size());
}

std::uintmax_t size_of(const std::filesystem::path& folder) {
  std::uintmax_t sum = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) sum += entry.file_size();
  }
  return sum;
}

TEST(Cluster, RestsWhenIdleAndWakesAtOnce) {
  Cluster cluster;
  cluster.start_all();
  const auto client = cluster.open_client();
  {
    Workload load(cluster, 2, 2);
    ASSERT_TRUE(load.time_to_commit(kStart, 200));
  }
  ASSERT_TRUE(cluster.await_equal(kStart));
  // The last blocks without commands run out, and what follows is rest.
  std::this_thread::sleep_for(seconds(2));
  const auto before = cluster.statuses();
  ASSERT_EQ(before.size(), cluster.n());
  const std::uintmax_t size_before = size_of(cluster.folder());
  std::vector<milliseconds> busy_before;
  for (std::uint32_t i = 0; i < cluster.n(); ++i) {
    busy_before.push_back(cluster.process(i).processor_time());
  }
  std::this_thread::sleep_for(seconds(4));
  for (std::uint32_t i = 0; i < cluster.n(); ++i) {
    const milliseconds busy = cluster.process(i).processor_time() - busy_before[i];
    std::cout << "replica " << i << " was busy for " << busy.count() << " ms of 4 s at rest\n";
    EXPECT_LT(busy, milliseconds(400));
  }
  const auto after = cluster.statuses();
  ASSERT_EQ(after.size(), cluster.n());
  for (std::uint32_t i = 0; i < cluster.n(); ++i) {
    EXPECT_EQ(before[i].view, after[i].view) << "replica " << i;
    EXPECT_EQ(before[i].timeouts, after[i].timeouts) << "replica " << i;
    EXPECT_EQ(before[i].committed, after[i].committed) << "replica " << i;
  }
  EXPECT_EQ(size_before, size_of(cluster.folder())) << "files grow while nothing happens";
  const auto start = Clock::now();
  must_commit(*client, put("k", "v"));
  const double took = seconds_since(start);
  std::cout << "first command after rest: " << 1000 * took << " ms\n";
  EXPECT_LT(took, 1.0);
}

}  // namespace
}  // namespace waggle::integration
