#include "smr/config/replica.hpp"

#include "tests/unit/config/samples.hpp"

namespace waggle::config {
namespace {

using std::chrono::milliseconds;

std::string error_of(const std::string& text) {
  const auto loaded = parse_replica(text, "waggled.toml");
  return loaded ? "no error" : loaded.error().to_string();
}

TEST(ReplicaFile, PathsAreRelativeToTheFile) {
  const auto settings = parse_replica(samples::replica(), "/srv/waggle/replica-2/waggled.toml");
  ASSERT_TRUE(settings) << settings.error().to_string();
  EXPECT_EQ(settings->genesis, "/srv/waggle/genesis.toml");
  EXPECT_EQ(settings->cluster, "/etc/waggle/cluster.toml");
  EXPECT_EQ(settings->consensus_key_file, "/srv/waggle/replica-2/consensus.key");
  EXPECT_EQ(settings->tls_key_file, "/srv/waggle/replica-2/tls.key");
  EXPECT_EQ(settings->data_dir, "/srv/waggle/replica-2/data");
}

TEST(ReplicaFile, WhatIsLeftOutHasDefaults) {
  const auto settings = parse_replica(samples::replica(), "waggled.toml");
  ASSERT_TRUE(settings);
  const chained::PacemakerConfig usual;
  EXPECT_EQ(settings->replica, ReplicaId{2});
  EXPECT_FALSE(settings->peer_listen);
  EXPECT_FALSE(settings->metrics_listen);
  EXPECT_EQ(settings->log.level, "info");
  EXPECT_EQ(settings->log.format, LogFormat::kLogfmt);
  EXPECT_EQ(settings->pacemaker.view_timeout, usual.view_timeout);
  EXPECT_EQ(settings->pacemaker.rejoin_retry, usual.rejoin_retry);
  EXPECT_EQ(settings->mempool.requests_max, 10'000u);
}

TEST(ReplicaFile, EverythingCanBeSet) {
  const auto settings = parse_replica(samples::replica() + R"(peer_listen = "0.0.0.0:1"
client_listen = "0.0.0.0:2"
metrics_listen = "0.0.0.0:3"
verify_threads = 3
[log]
level = "debug"
format = "json"
[pacemaker]
view_timeout_ms = 100
timeout_max_ms = 200
grace_ms = 30
unreachable_timeout_ms = 20
per_suffix_block_ms = 4
heartbeat_ms = 50
fetch_retry_ms = 60
rejoin_retry_ms = 70
[mempool]
requests_max = 1
bytes_max = 2000
client_requests_max = 3
client_bytes_max = 4000
forward_ms = 5
)",
                                      "waggled.toml");
  ASSERT_TRUE(settings) << settings.error().to_string();
  EXPECT_EQ(settings->peer_listen, (Address{"0.0.0.0", 1}));
  EXPECT_EQ(settings->client_listen, (Address{"0.0.0.0", 2}));
  EXPECT_EQ(settings->metrics_listen, (Address{"0.0.0.0", 3}));
  EXPECT_EQ(settings->verify_threads, 3u);
  EXPECT_EQ(settings->log.level, "debug");
  EXPECT_EQ(settings->log.format, LogFormat::kJson);
  EXPECT_EQ(settings->pacemaker.view_timeout, milliseconds(100));
  EXPECT_EQ(settings->pacemaker.timeout_max, milliseconds(200));
  EXPECT_EQ(settings->pacemaker.grace, milliseconds(30));
  EXPECT_EQ(settings->pacemaker.unreachable_timeout, milliseconds(20));
  EXPECT_EQ(settings->pacemaker.per_suffix_block, milliseconds(4));
  EXPECT_EQ(settings->pacemaker.heartbeat, milliseconds(50));
  EXPECT_EQ(settings->pacemaker.fetch_retry, milliseconds(60));
  EXPECT_EQ(settings->pacemaker.rejoin_retry, milliseconds(70));
  EXPECT_EQ(settings->mempool.requests_max, 1u);
  EXPECT_EQ(settings->mempool.bytes_max, 2000u);
  EXPECT_EQ(settings->mempool.client_requests_max, 3u);
  EXPECT_EQ(settings->mempool.client_bytes_max, 4000u);
  EXPECT_EQ(settings->mempool.forward_after, milliseconds(5));
}

TEST(ReplicaFileError, UnknownMissingAndOutOfRange) {
  EXPECT_EQ(error_of(samples::with(samples::replica(), "data_dir", "data_dri")),
            "waggled.toml:6: data_dri: unknown key; did you mean data_dir?");
  EXPECT_EQ(error_of(samples::with(samples::replica(), "replica = 2\n", "")),
            "waggled.toml:1: replica: missing; add it");
  EXPECT_EQ(error_of(samples::replica() + "[pacemaker]\nview_timeout_ms = 5\n"),
            "waggled.toml:8: pacemaker.view_timeout_ms: 5 is out of range, 10 .. 600000");
  EXPECT_EQ(error_of(samples::replica() + "[pacemaker]\ntimeout_max_ms = 300\n"),
            "waggled.toml:8: pacemaker.timeout_max_ms: must not be below view_timeout_ms");
  EXPECT_EQ(error_of(samples::replica() + "[log]\nlevel = \"loud\"\n"),
            "waggled.toml:8: log.level: \"loud\" is not one of: debug, info, warn, error");
  EXPECT_EQ(error_of(samples::replica() + "log = 1\n"),
            "waggled.toml:7: log: must be a section, [log]");
}

/// What a chain with requests of up to 5000 bytes says to the settings in this text.
std::string objection(const std::string& text) {
  const auto settings = parse_replica(text, "waggled.toml");
  if (!settings) return settings.error().to_string();
  ChainConfig chain = *samples::parsed_genesis().chain;
  chain.limits.request_bytes_max = 5000;
  const auto checked = check_replica(*settings, chain);
  return checked ? "" : checked.error().to_string();
}

TEST(ReplicaFileAgainstGenesis, TheReplicaMustBeOneOfTheChain) {
  EXPECT_EQ(objection(samples::with(samples::replica(), "replica = 2", "replica = 3")), "");
  EXPECT_EQ(objection(samples::with(samples::replica(), "replica = 2", "replica = 4")),
            "waggled.toml:3: replica: 4 is not in the genesis file, which lists 0 .. 3");
}

TEST(ReplicaFileAgainstGenesis, TheMempoolMustHaveRoomForEveryLegalRequest) {
  const auto with_room = [](int all, int client) {
    return objection(samples::replica() + "[mempool]\nbytes_max = " + std::to_string(all) +
                     "\nclient_bytes_max = " + std::to_string(client) + "\n");
  };
  EXPECT_EQ(with_room(5000, 5000), "");
  EXPECT_EQ(with_room(5000, 4999),
            "waggled.toml:9: mempool.client_bytes_max: 4999 bytes, but the genesis file allows "
            "requests of 5000 (limits.request_bytes_max): such a request could never wait for a "
            "block");
  EXPECT_TRUE(with_room(4999, 4999).starts_with("waggled.toml:8: mempool.bytes_max: 4999 bytes"));
}

TEST(ReplicaFile, KnowsWhereItsSettingsAre) {
  const auto settings =
      parse_replica(samples::replica() + "metrics_listen = \"0.0.0.0:3\"\n", "waggled.toml");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->origin("data_dir").error("no").to_string(), "waggled.toml:6: data_dir: no");
  EXPECT_EQ(settings->origin("metrics_listen").error("no").to_string(),
            "waggled.toml:7: metrics_listen: no");
}

}  // namespace
}  // namespace waggle::config
