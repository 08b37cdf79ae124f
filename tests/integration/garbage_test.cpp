// Those who do not speak the protocol: they get nothing, are counted, and disturb nobody.
#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "tests/integration/cluster.hpp"
#include "tests/integration/sockets.hpp"

namespace waggle::integration {
namespace {

constexpr const char* kRequest = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

std::string random_bytes(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string bytes(count, '\0');
  std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(random()); });
  return bytes;
}

void bother(std::uint16_t port, const std::string& bytes) {
  RawConnection connection(port);
  if (!connection.connected()) return;  // turned away: that is an answer, too
  connection.send(bytes);
  const std::string answer = connection.receive(seconds(10));
  EXPECT_TRUE(connection.closed()) << "the connection stays open";
  EXPECT_LT(answer.size(), 200u) << "at most an alert of TLS";
}

class Garbage : public testing::Test {
 protected:
  void SetUp() override {
    std::string text = read_text(cluster_.config(0));
    const std::string info = "level = \"info\"";
    write_text(cluster_.config(0), text.replace(text.find(info), info.size(), "level = \"debug\""));
    cluster_.start_all();
    client_ = cluster_.open_client();
    ASSERT_TRUE(cluster_.await(seconds(20), [&] { return sees_all_peers(0); }));
    must_commit(*client_, put("k", "v"));
    ASSERT_TRUE(cluster_.await_equal(seconds(20), Height{1}));
  }
  bool sees_all_peers(std::uint32_t replica) {
    const auto answer = cluster_.status(replica);
    return answer && answer->peers_connected.size() == 3;
  }
  std::string metrics(std::uint32_t replica) {
    return http_get(cluster_.ports().metrics(replica), "/metrics");
  }

  Cluster cluster_;
  std::unique_ptr<client::Client> client_;
};

TEST_F(Garbage, MetricsTellEverything) {
  // A replica measures the commands that it heard of before they were committed.
  std::string text;
  EXPECT_TRUE(cluster_.await(seconds(20), [&] {
    must_commit(*client_, put("k", "v"));
    text = metrics(0);
    return metric(text, "waggle_commit_latency_seconds_count") > 0;
  }));
  for (const char* name :
       {"waggle_up", "waggle_view", "waggle_committed_height", "waggle_executed_height",
        "waggle_blocks_committed_total", "waggle_view_timeouts_total", "waggle_mempool_requests",
        "waggle_mempool_bytes", "waggle_peers_connected", "waggle_refused_total",
        "waggle_verify_queue", "waggle_sync_seconds_total", "waggle_syncs_total",
        "waggle_commit_latency_seconds_bucket", "waggle_commit_latency_seconds_count",
        "waggle_state_info"}) {
    const std::string line = "\n" + std::string(name);
    EXPECT_NE(text.find(line), std::string::npos) << name;
  }
  EXPECT_EQ(metric(text, "waggle_up"), 1);
  EXPECT_EQ(metric(text, "waggle_peers_connected"), 3);
  EXPECT_GT(metric(text, "waggle_committed_height"), 0);
  EXPECT_GT(metric(text, "waggle_blocks_committed_total"), 0);
  EXPECT_GT(metric(text, "waggle_syncs_total"), 0);
  EXPECT_GT(metric(text, "waggle_sync_seconds_total"), 0);
}

TEST_F(Garbage, IsCountedAndDisturbsNobody) {
  const config::TestnetPorts ports = cluster_.ports();
  const std::string before = metrics(0);
  for (int round = 0; round < 5; ++round) {
    SCOPED_TRACE(round);
    for (const std::uint16_t port : {ports.peer(0), ports.client(0)}) {
      bother(port, random_bytes(1000 << round, round));
      bother(port, kRequest);
    }
    must_commit(*client_, increment("n"), seconds(10));
  }
  const std::string after = metrics(0);
  for (const char* source : {"peers", "clients"}) {
    const std::string label = "source=\"" + std::string(source) + "\"";
    EXPECT_GT(metric(after, "waggle_refused_total", label),
              metric(before, "waggle_refused_total", label))
        << source;
    const std::string event = "level=debug replica=0 event=refused source=" + std::string(source);
    EXPECT_NE(cluster_.log(0).find(event), std::string::npos) << source;
  }
  EXPECT_EQ(cluster_.log(1).find("event=refused"), std::string::npos) << "only at level debug";
  // Whoever was connected still is, and who comes now is let in.
  EXPECT_EQ(metric(after, "waggle_peers_connected"), 3);
  EXPECT_EQ(must_commit(*cluster_.open_client(), increment("n")).value, to_bytes("6"));
}

TEST_F(Garbage, SilentConnectionsDoNotKeepOthersOut) {
  const config::TestnetPorts ports = cluster_.ports();
  std::vector<std::unique_ptr<RawConnection>> silent;
  for (int i = 0; i < 100; ++i) {
    silent.push_back(std::make_unique<RawConnection>(ports.client(0)));
    silent.push_back(std::make_unique<RawConnection>(ports.peer(0)));
  }
  must_commit(*client_, put("k", "w"), seconds(10));
  cluster_.kill(1);
  cluster_.start(1);
  EXPECT_TRUE(cluster_.await(seconds(20), [&] { return sees_all_peers(1); }))
      << "a peer cannot come back while others hold connections open";
  EXPECT_TRUE(cluster_.await_equal(seconds(20)));
}

}  // namespace
}  // namespace waggle::integration
