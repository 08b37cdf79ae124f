// waggle-bench as its user runs it.
#include <csignal>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/integration/cluster.hpp"
#include "tests/support/temp_folder.hpp"

namespace waggle::integration {
namespace {

namespace fs = std::filesystem;

class Bench : public ::testing::Test {
 protected:
  std::vector<std::string> command(const std::vector<std::string>& more) const {
    std::vector<std::string> words = {WAGGLE_BIN_DIR "/waggle-bench"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Finished bench(const std::vector<std::string>& more) {
    return run(command(more), folder_, seconds(60));
  }
  /// The temporary folders of clusters.
  std::vector<fs::path> clusters() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      if (entry.path().filename().string().starts_with("waggle-bench-")) {
        found.push_back(entry.path());
      }
    }
    return found;
  }
  /// Processes whose command line names something in our folder, besides waggle-bench.
  std::size_t replicas_running() const {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator("/proc")) {
      const std::string line = read_text(entry.path() / "cmdline");
      const bool is_replica =
          line.find("waggled") != std::string::npos && line.find("--config") != std::string::npos;
      if (is_replica && line.find(folder_.string()) != std::string::npos) ++count;
    }
    return count;
  }

  const TempFolder temp_;
  const fs::path& folder_ = temp_.path();
};

void check_measured(const nlohmann::json& json) {
  EXPECT_GT(json.at("commands_per_s").get<double>(), 0);
  const auto& latency = json.at("latency_ms");
  EXPECT_GT(latency.at("p50").get<double>(), 0);
  EXPECT_LE(latency.at("p50"), latency.at("p90"));
  EXPECT_LE(latency.at("p90"), latency.at("p99"));
  EXPECT_LE(latency.at("p99"), latency.at("max"));
  for (const char* limit : {"ed25519_verifications_per_s_core", "write_4k_fdatasync_p50_ms",
                            "loopback_round_trip_p50_ms"}) {
    EXPECT_GT(json.at("limits").at(limit).get<double>(), 0) << limit;
  }
  EXPECT_GE(json.at("machine").at("cores").get<int>(), 1);
  EXPECT_FALSE(json.at("commit").get<std::string>().empty());
}

TEST_F(Bench, MeasuresAThrowawayClusterAndLeavesNothingBehind) {
  const Finished done = bench({"--folder", folder_.string(), "--replicas", "4", "--clients", "2",
                               "--in-flight", "300", "--warmup", "1", "--duration", "2", "--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  const auto json = nlohmann::json::parse(done.out);
  check_measured(json);
  EXPECT_GT(json.at("cpu_us_per_command").get<double>(), 0);
  // A value crosses the wire twice at least, to a replica and from there to the others.
  EXPECT_GT(json.at("wire_bytes_per_command").get<double>(), 4 * 128);
  EXPECT_GT(json.at("disk_bytes_per_command").get<double>(), 4 * 128);
  ASSERT_EQ(json.at("replica_rss_mb").size(), 4U);
  for (const auto& mb : json.at("replica_rss_mb")) EXPECT_GT(mb.get<double>(), 5);
  EXPECT_EQ(json.at("config").at("cluster"), "throwaway");
  EXPECT_NE(done.err.find("commands/s"), std::string::npos) << "no progress: " << done.err;
  EXPECT_TRUE(clusters().empty());
  EXPECT_EQ(replicas_running(), 0U);
}

TEST_F(Bench, MeasuresTheMedianProtocol) {
  const Finished done =
      bench({"--protocol", "median", "--folder", folder_.string(), "--clients", "1", "--in-flight",
             "50", "--warmup", "1", "--duration", "2", "--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  const auto json = nlohmann::json::parse(done.out);
  check_measured(json);
  EXPECT_EQ(json.at("config").at("batch"), 1);
  EXPECT_EQ(json.at("config").at("sessions"), 1) << "one client with a lane per command";
  EXPECT_GT(json.at("commands_per_s").get<double>(), 50) << "more than one at a time";
  EXPECT_TRUE(clusters().empty());
}

TEST_F(Bench, KeepsTheRateOfAnOpenLoop) {
  const Finished done = bench({"--folder", folder_.string(), "--rate", "500", "--warmup", "1",
                               "--duration", "2", "--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  const auto json = nlohmann::json::parse(done.out);
  check_measured(json);
  EXPECT_EQ(json.at("config").at("mode"), "open");
  EXPECT_NEAR(json.at("commands_per_s").get<double>(), 500, 200);
}

TEST_F(Bench, DrivesARunningClusterAndLeavesItRunning) {
  Cluster cluster;
  cluster.start_all();
  const Finished done =
      bench({"--cluster", (cluster.folder() / "cluster.toml").string(), "--in-flight", "1",
             "--clients", "1", "--warmup", "0.5", "--duration", "1", "--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  const auto json = nlohmann::json::parse(done.out);
  check_measured(json);
  EXPECT_EQ(json.at("config").at("cluster"), "running");
  // It was not told which processes these are.
  EXPECT_TRUE(json.at("cpu_us_per_command").is_null());
  for (std::uint32_t i = 0; i < cluster.n(); ++i) EXPECT_TRUE(cluster.running(i));
}

TEST_F(Bench, KillsAllAndReadsBackWhatWasAcknowledged) {
  const Finished done =
      bench({"--folder", folder_.string(), "--kill", "all", "--in-flight", "100", "--keys", "500",
             "--warmup", "1", "--duration", "8", "--idle", "1", "--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  const auto json = nlohmann::json::parse(done.out);
  check_measured(json);
  EXPECT_EQ(json.at("killed").at("who"), "all");
  EXPECT_GT(json.at("pause_ms").get<double>(), 10);
  EXPECT_EQ(json.at("read_back").at("keys"), 500);
  EXPECT_EQ(json.at("read_back").at("lost"), 0);
  EXPECT_GT(json.at("idle").at("first_ms").get<double>(), 0);
  EXPECT_GT(json.at("idle").at("single_p50_ms").get<double>(), 0);
}

TEST_F(Bench, SweepsOverCommandsInFlight) {
  const Finished done = bench({"--folder", folder_.string(), "--sweep", "1,40", "--block-bytes",
                               "32768", "--warmup", "0.5", "--duration", "1.5", "--json"});
  ASSERT_EQ(done.code, 0) << done.err;
  const auto json = nlohmann::json::parse(done.out);
  ASSERT_EQ(json.at("sweep").size(), 2U);
  EXPECT_EQ(json.at("sweep")[0].at("in_flight"), 1);
  EXPECT_EQ(json.at("sweep")[1].at("in_flight"), 40);
  EXPECT_EQ(json.at("sweep")[1].at("config").at("block_bytes"), 32768);
  for (const auto& run : json.at("sweep")) check_measured(run);
}

TEST_F(Bench, StopsEverythingWhenInterrupted) {
  Process process(command({"--folder", folder_.string(), "--duration", "600"}), folder_ / "out",
                  folder_ / "err");
  ASSERT_TRUE(Cluster::await(seconds(20), [&] {
    return read_text(folder_ / "err").find("commands/s") != std::string::npos;
  })) << read_text(folder_ / "err");
  EXPECT_EQ(replicas_running(), 4U);
  process.signal(SIGINT);
  EXPECT_EQ(process.wait(seconds(20)), 1);
  EXPECT_NE(read_text(folder_ / "err").find("interrupted"), std::string::npos);
  EXPECT_TRUE(clusters().empty());
  EXPECT_EQ(replicas_running(), 0U);
}

TEST_F(Bench, TakesItsReplicasAlongWhenKilled) {
  Process process(command({"--folder", folder_.string(), "--duration", "600"}), folder_ / "out",
                  folder_ / "err");
  ASSERT_TRUE(Cluster::await(seconds(20), [&] { return replicas_running() == 4; }))
      << read_text(folder_ / "err");
  process.kill();
  EXPECT_TRUE(Cluster::await(seconds(20), [&] { return replicas_running() == 0; }));
}

TEST_F(Bench, SaysInOneLineWhatIsWrong) {
  const std::vector<std::vector<std::string>> bad = {
      {"--batch", "65"},
      {"--folder", folder_.string(), "--value-bytes", "70000"},
      {"--folder", folder_.string(), "--value-bytes", "60000", "--in-flight", "5"},
      {"--in-flight", "many"},
      {"--cluster", (folder_ / "cluster.toml").string()},
      {"--folder", (folder_ / "missing").string()},
      {"--waggled", (folder_ / "missing").string()},
  };
  for (const auto& words : bad) {
    const Finished done = bench(words);
    EXPECT_EQ(done.code, 2) << words.front() << ": " << done.err;
    EXPECT_EQ(std::count(done.err.begin(), done.err.end(), '\n'), 1) << done.err;
    EXPECT_TRUE(done.out.empty());
  }
}

/// The folder may be everybody's: what lies there under a name of ours is somebody else's.
TEST_F(Bench, LeavesWhatLiesInTheFolderAlone) {
  write_text(folder_ / "precious", "kept");
  fs::create_symlink(folder_ / "precious", folder_ / "waggle-bench-sync");
  const Finished done = bench(
      {"--folder", folder_.string(), "--in-flight", "64", "--warmup", "0", "--duration", "1"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(read_text(folder_ / "precious"), "kept");
  EXPECT_TRUE(fs::is_symlink(folder_ / "waggle-bench-sync"));
}

}  // namespace
}  // namespace waggle::integration
