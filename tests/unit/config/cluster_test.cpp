#include "smr/config/cluster.hpp"

#include "tests/unit/config/samples.hpp"

namespace waggle::config {
namespace {

using samples::with;

class ClusterFile : public testing::Test {
 protected:
  std::string error_of(const std::string& text) const {
    const auto loaded = parse_cluster(text, "cluster.toml", *chain_, verifier_);
    return loaded ? "no error" : loaded.error().to_string();
  }
  std::string error_with(std::string_view from, std::string_view to) const {
    return error_of(with(text_, from, to));
  }

  std::shared_ptr<const ChainConfig> chain_ = samples::parsed_genesis().chain;
  std::string text_ = samples::cluster(*chain_);
  crypto::Ed25519Verifier verifier_;
};

TEST_F(ClusterFile, ReadsEveryReplica) {
  const auto cluster = parse_cluster(text_, "cluster.toml", *chain_, verifier_);
  ASSERT_TRUE(cluster) << cluster.error().to_string();
  ASSERT_EQ(cluster->members.size(), 4u);
  EXPECT_EQ(cluster->members[2].id, ReplicaId{2});
  EXPECT_EQ(cluster->members[2].peer_address, (Address{"10.0.0.2", 7400}));
  EXPECT_EQ(cluster->members[2].client_address, (Address{"replica2.example", 7401}));
  EXPECT_EQ(cluster->members[2].tls_key, samples::signer(102).public_key());
}

TEST_F(ClusterFile, RefusesAnotherChain) {
  const std::string ours = to_hex(chain_->chain_id.view());
  EXPECT_EQ(error_with(ours, std::string(64, '0')),
            "cluster.toml:1: chain: is 00000000.., but the genesis file is chain " +
                ours.substr(0, 8) + "..");
}

TEST_F(ClusterFile, RefusesABindingThatDoesNotVerifyAndNamesTheReplica) {
  const std::string key = to_hex(samples::signer(102).public_key().view());
  EXPECT_EQ(error_with(key, to_hex(samples::signer(50).public_key().view())),
            "cluster.toml:19: replica[2].tls_binding: replica 2: not a signature of its consensus "
            "key over its tls_key");
}

TEST_F(ClusterFile, RefusesAReplicaTwiceOrNotAtAll) {
  const std::string last = text_.substr(text_.rfind("[[replica]]"));
  EXPECT_EQ(error_of(text_ + last), "cluster.toml:27: replica[4].id: replica 3 is listed twice");
  EXPECT_EQ(error_of(text_.substr(0, text_.rfind("[[replica]]"))),
            "cluster.toml:2: replica: replica 3 is missing");
  EXPECT_EQ(error_with("id = 3", "id = 4"),
            "cluster.toml:21: replica[3].id: 4 is out of range, 0 .. 3");
}

TEST_F(ClusterFile, RefusesAnAddressWithoutPort) {
  EXPECT_EQ(error_with("10.0.0.1:7400", "10.0.0.1"),
            "cluster.toml:10: replica[1].peer_address: \"10.0.0.1\" is not host:port with a port "
            "in 1 .. 65535");
}

TEST(AddressText, IsHostAndPort) {
  EXPECT_EQ(parse_address("[::1]:80"), (Address{"::1", 80}));
  EXPECT_EQ((Address{"::1", 80}).to_string(), "[::1]:80");
  EXPECT_EQ(parse_address("a.b:65535")->to_string(), "a.b:65535");
  for (const char* wrong : {"", "a", ":80", "a:", "a:0", "a:65536", "a:-1", "a:8x", "::1:80"}) {
    EXPECT_FALSE(parse_address(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace waggle::config
