#include "smr/config/testnet.hpp"

#include <fstream>

#include "crypto/key_file.hpp"
#include "smr/config/cluster.hpp"
#include "smr/config/replica.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/config/samples.hpp"

namespace waggle::config {
namespace {

namespace fs = std::filesystem;

class Testnet : public testing::Test {
 protected:
  Testnet() { options_.folder = root_ / "net"; }

  std::string error() const {
    const auto made = create_testnet(options_);
    return made ? "no error" : made.error().to_string();
  }
  Genesis genesis() const { return *load_genesis(options_.folder / "genesis.toml", hasher_); }

  const TempFolder root_;
  TestnetOptions options_;
  crypto::Sha256Hasher hasher_;
};

TEST_F(Testnet, LoadsBackAndItsBindingsVerify) {
  options_.replicas = 7;
  ASSERT_EQ(error(), "no error");
  const auto genesis = load_genesis(options_.folder / "genesis.toml", hasher_);
  ASSERT_TRUE(genesis) << genesis.error().to_string();
  EXPECT_EQ(genesis->chain->n(), 7u);
  EXPECT_EQ(genesis->chain->depth_max, 2u);
  const auto cluster =
      load_cluster(options_.folder / "cluster.toml", *genesis->chain, crypto::Ed25519Verifier());
  ASSERT_TRUE(cluster) << cluster.error().to_string();
  EXPECT_EQ(cluster->members[6].peer_address, (Address{"127.0.0.1", 7460}));
  EXPECT_EQ(cluster->members[6].client_address, (Address{"127.0.0.1", 7461}));
}

TEST_F(Testnet, OfAMedianChainHasItsParameters) {
  options_.replicas = 10;
  options_.median = median_defaults(10, 1'750'000'000'123);
  options_.median->parameters.T = 9;
  ASSERT_EQ(error(), "no error");
  const auto genesis = load_genesis(options_.folder / "genesis.toml", hasher_);
  ASSERT_TRUE(genesis) << genesis.error().to_string();
  ASSERT_TRUE(genesis->median);
  EXPECT_EQ(genesis->median->start_ms, 1'750'000'000'123u);
  EXPECT_EQ(genesis->median->round_ms, options_.median->round_ms);
  EXPECT_EQ(genesis->chain->sessions_max, 16'384u);
  EXPECT_EQ(genesis->median->parameters.n, 10u);
  EXPECT_EQ(genesis->median->parameters.T, 9u);
  EXPECT_EQ(genesis->median->parameters.B, options_.median->parameters.B);
  EXPECT_EQ(genesis->median->parameters.k, options_.median->parameters.k);
  EXPECT_EQ(genesis->median->parameters.l, options_.median->parameters.l);
  const auto settings = load_replica(options_.folder / "replica-9" / "waggled.toml");
  EXPECT_TRUE(settings) << settings.error().to_string();
}

TEST_F(Testnet, RefusesMedianParametersThatCannotBe) {
  options_.median = median_defaults(4, 0);
  options_.median->parameters.l = 4;
  EXPECT_NE(error().find("l must be odd"), std::string::npos) << error();
}

TEST_F(Testnet, ReplicasFindTheirKeys) {
  ASSERT_EQ(error(), "no error");
  const auto chain = genesis().chain;
  for (std::uint32_t i = 0; i < 4; ++i) {
    const auto home = options_.folder / ("replica-" + std::to_string(i));
    const auto settings = load_replica(home / "waggled.toml");
    ASSERT_TRUE(settings) << settings.error().to_string();
    EXPECT_EQ(settings->replica, ReplicaId{i});
    EXPECT_TRUE(fs::equivalent(settings->genesis, options_.folder / "genesis.toml"));
    EXPECT_TRUE(fs::exists(settings->data_dir / kFreshMarker));
    const auto key =
        crypto::read_key_file(settings->consensus_key_file, crypto::KeyKind::kConsensus);
    ASSERT_TRUE(key) << key.error().text;
    EXPECT_EQ(key->public_key(), chain->key(ReplicaId{i}));
    EXPECT_TRUE(crypto::read_key_file(settings->tls_key_file, crypto::KeyKind::kTls));
  }
}

TEST_F(Testnet, DefaultsInTheTextAreTheDefaults) {
  // Switching on every commented-out setting must change nothing but the addresses.
  ASSERT_EQ(error(), "no error");
  const auto file = options_.folder / "replica-0" / "waggled.toml";
  std::ifstream stream(file);
  std::string text;
  for (std::string line; std::getline(stream, line);) {
    text +=
        (line.starts_with("# ") && line.find(" = ") != std::string::npos ? line.substr(2) : line) +
        "\n";
  }
  const auto full = parse_replica(text, file);
  ASSERT_TRUE(full) << full.error().to_string();
  const auto plain = *load_replica(file);
  EXPECT_EQ(full->verify_threads, plain.verify_threads);
  EXPECT_EQ(full->pacemaker.view_timeout, plain.pacemaker.view_timeout);
  EXPECT_EQ(full->pacemaker.timeout_max, plain.pacemaker.timeout_max);
  EXPECT_EQ(full->pacemaker.grace, plain.pacemaker.grace);
  EXPECT_EQ(full->pacemaker.unreachable_timeout, plain.pacemaker.unreachable_timeout);
  EXPECT_EQ(full->pacemaker.per_suffix_block, plain.pacemaker.per_suffix_block);
  EXPECT_EQ(full->pacemaker.heartbeat, plain.pacemaker.heartbeat);
  EXPECT_EQ(full->pacemaker.fetch_retry, plain.pacemaker.fetch_retry);
  EXPECT_EQ(full->pacemaker.rejoin_retry, plain.pacemaker.rejoin_retry);
  EXPECT_EQ(full->mempool.requests_max, plain.mempool.requests_max);
  EXPECT_EQ(full->mempool.bytes_max, plain.mempool.bytes_max);
  EXPECT_EQ(full->mempool.client_requests_max, plain.mempool.client_requests_max);
  EXPECT_EQ(full->mempool.client_bytes_max, plain.mempool.client_bytes_max);
  EXPECT_EQ(full->mempool.forward_after, plain.mempool.forward_after);
}

TEST_F(Testnet, ClosedNetworkListsItsClient) {
  options_.open_clients = false;
  ASSERT_EQ(error(), "no error");
  const auto key = crypto::read_key_file(options_.folder / "client.key", crypto::KeyKind::kClient);
  ASSERT_TRUE(key) << key.error().text;
  EXPECT_EQ(genesis().chain->clients, std::vector<ClientId>{key->public_key()});
}

TEST_F(Testnet, HostsOfTheirOwnHaveTheSamePorts) {
  options_.hosts = {"replica-0", "replica-1", "10.0.0.3", "d.example.org"};
  ASSERT_EQ(error(), "no error");
  const auto cluster =
      load_cluster(options_.folder / "cluster.toml", *genesis().chain, crypto::Ed25519Verifier());
  ASSERT_TRUE(cluster) << cluster.error().to_string();
  for (std::uint32_t i = 0; i < 4; ++i) {
    EXPECT_EQ(cluster->members[i].peer_address, (Address{options_.hosts[i], 7400}));
    EXPECT_EQ(cluster->members[i].client_address, (Address{options_.hosts[i], 7401}));
    const auto home = options_.folder / ("replica-" + std::to_string(i));
    const auto settings = load_replica(home / "waggled.toml");
    ASSERT_TRUE(settings) << settings.error().to_string();
    EXPECT_EQ(settings->peer_listen, (Address{"0.0.0.0", 7400}));
    EXPECT_EQ(settings->client_listen, (Address{"0.0.0.0", 7401}));
    EXPECT_EQ(settings->metrics_listen, (Address{"0.0.0.0", 7402}));
  }
}

TEST_F(Testnet, RefusesHostsThatWillNotDo) {
  const std::string hosts = options_.folder.string() + ": hosts: ";
  options_.hosts = {"a", "b", "c"};
  EXPECT_EQ(error(), hosts + "3 are named for 4 replicas");
  options_.hosts = {"a", "b", "c", "a"};
  EXPECT_EQ(error(), hosts + "a is named twice");
  for (const char* bad : {"", "d:7400", "d\"", "[::1]"}) {
    options_.hosts.back() = bad;
    EXPECT_EQ(error(), hosts + "\"" + bad + "\" is neither a host name nor an IPv4 address");
  }
}

TEST_F(Testnet, RefusesToOverwriteAndLeavesNothingBehind) {
  fs::create_directories(options_.folder);
  std::ofstream(options_.folder / "precious") << "data";
  EXPECT_EQ(error(), options_.folder.string() +
                         ": exists and is not empty; name another folder or remove this one");
  EXPECT_EQ(std::distance(fs::directory_iterator(root_.path()), fs::directory_iterator()), 1);
}

TEST_F(Testnet, FillsAnEmptyFolder) {
  fs::create_directories(options_.folder);
  EXPECT_EQ(error(), "no error");
}

TEST_F(Testnet, RefusesWhatIsOutOfRange) {
  const std::string folder = options_.folder.string();
  options_.replicas = 0;
  EXPECT_EQ(error(), folder + ": replicas: 0 is out of range, 1 .. 100");
  options_.replicas = 4;
  options_.base_port = 80;
  EXPECT_EQ(error(), folder + ": base_port: 80 is out of range, 1024 .. 65495");
  options_.base_port = 7400;
  options_.name = "a \"b\"";
  EXPECT_EQ(error(), folder + ": name: \"a \"b\"\" is not of letters, digits, - and _");
}

}  // namespace
}  // namespace waggle::config
