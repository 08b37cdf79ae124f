// A disk that takes no more, or fails to sync: the replica stops, says why, and the rest goes on.
#include <cstdlib>
#include <iostream>

#include <gtest/gtest.h>

#include "tests/integration/workload.hpp"

namespace waggle::integration {
namespace {

constexpr auto kPatience = seconds(30);
constexpr std::uint64_t kFileBytes = 256 << 10;  // above the log file, below what the load writes

TEST(Disk, FailedWriteStopsTheReplica) {
  Cluster cluster;
  cluster.start_all();
  Workload load(cluster, 3, 7);
  ASSERT_TRUE(load.time_to_commit(kPatience, 50));
  cluster.process(1).limit_file_size(kFileBytes);
  const auto code = cluster.process(1).wait(seconds(60));
  ASSERT_EQ(code, 1);
  const std::string log = cluster.log(1);
  EXPECT_NE(log.find("event=stopped reason=\"storage: "), std::string::npos);
  EXPECT_NE(log.find(cluster.data(1).string()), std::string::npos);
  EXPECT_TRUE(load.time_to_commit(kPatience, 50)) << "the others have not gone on";
  // With room again it comes back with all it had promised.
  cluster.start(1);
  ASSERT_TRUE(cluster.await_active(kPatience));
  load.stop();
  load.verify(*cluster.open_client());
  EXPECT_TRUE(cluster.await_equal(kPatience));
}

TEST(Disk, FailedSyncStopsTheReplica) {
  Cluster cluster;
  const std::string trigger = (cluster.folder() / "the-disk-is-broken").string();
  for (const std::uint32_t id : {0U, 2U, 3U}) cluster.start(id);
  ::setenv("WAGGLE_FAIL_SYNC", trigger.c_str(), 1);
  ::setenv("LD_PRELOAD", WAGGLE_FAIL_SYNC, 1);
  cluster.start(1);
  ::unsetenv("LD_PRELOAD");
  ::unsetenv("WAGGLE_FAIL_SYNC");
  Workload load(cluster, 3, 8);
  ASSERT_TRUE(load.time_to_commit(kPatience, 50));
  ASSERT_TRUE(cluster.running(1));
  write_text(trigger, "");
  const auto code = cluster.process(1).wait(seconds(60));
  ASSERT_EQ(code, 1);
  const std::string log = cluster.log(1);
  EXPECT_NE(log.find("event=stopped reason=\"storage: "), std::string::npos);
  EXPECT_NE(log.find("Input/output error"), std::string::npos);
  EXPECT_TRUE(load.time_to_commit(kPatience, 50)) << "the others have not gone on";
  cluster.start(1);
  ASSERT_TRUE(cluster.await_active(kPatience));
  load.stop();
  load.verify(*cluster.open_client());
  EXPECT_TRUE(cluster.await_equal(kPatience));
}

}  // namespace
}  // namespace waggle::integration
