#include "smr/bin/waggle_bench/report.hpp"

#include <gtest/gtest.h>

namespace waggle::bench {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// 1,000 commands/s for ten seconds, half of the latencies 10 ms and half 30 ms.
Report sample() {
  Report report;
  report.options.duration_seconds = 10;
  report.options.clients = 2;
  report.commit = "0123456789ab";
  report.replicas = 4;
  report.sessions = 26;
  report.machine = {"Abacus", 2, 8.0, "6.1", "ext4", 0.5, false};
  report.limits = {14'000, microseconds(900), microseconds(20)};
  report.measured.commands = 10'000;
  report.measured.latency.add(milliseconds(10), 5'000);
  report.measured.latency.add(milliseconds(30), 5'000);
  report.seconds = 20;  // Usage was read over twice the time in which commands were counted.
  report.before = {1'000'000, 5'000, 7'000, {10, 10, 10, 10}, {10, 10, 10, 10}};
  report.after = {2'000'000, 205'000, 4'007'000, {40, 41, 42, 43}, {50, 51, 52, 53.25}};
  report.client_cpu_us = 200'000;
  return report;
}

TEST(Report, HasTheDocumentedKeysAndNoOther) {
  const auto json = sample().to_json();
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"commands_per_s", "commit", "config",
                                            "cpu_us_per_command", "disk_bytes_per_command", "idle",
                                            "killed", "latency_ms", "limits", "machine", "pause_ms",
                                            "read_back", "replica_rss_mb", "rss_mb_by_minute",
                                            "wire_bytes_per_command"}));
}

TEST(Report, DividesWhatWasUsedByTheCommandsOfThatTime) {
  const auto json = sample().to_json();
  EXPECT_EQ(json["commands_per_s"], 1000.0);
  EXPECT_EQ(json["cpu_us_per_command"], 60.0);  // (1,000,000 + 200,000) us / 20,000 commands
  EXPECT_EQ(json["disk_bytes_per_command"], 10.0);
  EXPECT_EQ(json["wire_bytes_per_command"], 200.0);
  EXPECT_NEAR(json["latency_ms"]["p50"].get<double>(), 10.0, 0.1);
  EXPECT_NEAR(json["latency_ms"]["p90"].get<double>(), 30.0, 0.3);
  EXPECT_EQ(json["latency_ms"]["max"], 30.0);
  EXPECT_EQ(json["replica_rss_mb"].size(), 4U);
  EXPECT_NEAR(json["replica_rss_mb"][3].get<double>(), 53.3, 0.051);
  EXPECT_EQ(json["limits"]["ed25519_verifications_per_s_core"], 14'000.0);
  EXPECT_NEAR(json["limits"]["write_4k_fdatasync_p50_ms"].get<double>(), 0.9, 1e-9);
  EXPECT_NEAR(json["limits"]["loopback_round_trip_p50_ms"].get<double>(), 0.02, 1e-9);
  EXPECT_EQ(json["config"]["mode"], "closed");
  EXPECT_EQ(json["config"]["sessions"], 26);
  EXPECT_TRUE(json["config"]["weakened"].empty());
}

TEST(Report, SaysNullRatherThanGuess) {
  Report report = sample();
  report.after.wire_bytes = std::nullopt;
  report.after.disk_bytes = 1;  // A replica was started anew.
  report.before.cpu_us = std::nullopt;
  const auto json = report.to_json();
  EXPECT_TRUE(json["wire_bytes_per_command"].is_null());
  EXPECT_TRUE(json["disk_bytes_per_command"].is_null());
  EXPECT_TRUE(json["cpu_us_per_command"].is_null());
  EXPECT_NE(report.to_text().find("unknown"), std::string::npos);
}

TEST(Report, SaysWhatWasDoneToTheCluster) {
  Report report = sample();
  for (const char* key : {"idle", "killed", "read_back"}) {
    EXPECT_TRUE(report.to_json()[key].is_null()) << key;
  }
  report.measured.pause = milliseconds(512);
  EXPECT_TRUE(report.cpu_us_per_command());
  report.killed = {"leader", 2};
  EXPECT_FALSE(report.cpu_us_per_command()) << "what the dead one used is not known";
  report.read_back = Ledger::Verdict{700, 1, "key-000000005"};
  report.idle =
      Idle{60, 0.754, 1'234, microseconds(1'900), microseconds(2'100), microseconds(2'000)};
  report.rss_mb_by_minute = {60, 71.04};
  const auto json = report.to_json();
  EXPECT_EQ(json["pause_ms"], 512.0);
  EXPECT_EQ(json["killed"], (nlohmann::json{{"who", "leader"}, {"replica", 2}}));
  EXPECT_EQ(json["read_back"], (nlohmann::json{{"keys", 700}, {"lost", 1}}));
  EXPECT_EQ(json["idle"]["cpu_percent_per_replica"], 0.75);
  EXPECT_EQ(json["idle"]["grown_bytes"], 1'234);
  EXPECT_EQ(json["idle"]["first_ms"], 2.1);
  EXPECT_EQ(json["rss_mb_by_minute"][1], 71.0);
  const std::string text = report.to_text();
  for (const char* part : {"512.0 ms", "killed: leader", "1 lost", "of 700 keys", "0.75%",
                           "2.10 ms", "in each minute: 60 71"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

TEST(Report, NamesWhatWeakensIt) {
  Report report = sample();
  report.machine.disk = "tmpfs";
  report.machine.in_memory = true;
  EXPECT_EQ(report.to_json()["config"]["weakened"][0], "data on tmpfs: not durable");
  EXPECT_NE(report.to_text().find("weakened: data on tmpfs"), std::string::npos);
}

TEST(Report, SetsEveryResultBesideALimit) {
  const std::string text = sample().to_text();
  EXPECT_NE(text.find("14,000 signatures/s"), std::string::npos) << text;
  EXPECT_NE(text.find("11 syncs of 4 KiB (0.90 ms), 502 loopback"), std::string::npos) << text;
  EXPECT_NE(text.find("one verification: 71 us"), std::string::npos) << text;
}

}  // namespace
}  // namespace waggle::bench
