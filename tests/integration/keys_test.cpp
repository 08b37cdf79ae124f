// A network whose keys were made on separate machines (docs/operations.md).
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/integration/cluster.hpp"

namespace waggle::integration {
namespace {

namespace fs = std::filesystem;

class Keys : public testing::Test {
 protected:
  Finished waggle(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), WAGGLE_BIN_DIR "/waggle");
    return run(arguments, cluster_.folder());
  }
  /// A new key in place of the one that testnet init made; returns the public key.
  std::string make_key(std::uint32_t replica, const std::string& kind) {
    const fs::path file = cluster_.home(replica) / (kind + ".key");
    fs::remove(file);
    const Finished made = waggle({"keygen", file.string(), "--kind", kind, "--json"});
    EXPECT_EQ(made.code, 0) << made.err;
    return nlohmann::json::parse(made.out).at("public_key");
  }
  Finished bind(std::uint32_t replica, std::uint32_t tls_of, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {
        "bind", (cluster_.home(replica) / "consensus.key").string(),
        (cluster_.home(tls_of) / "tls.key").string(), "--genesis", genesis_.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return waggle(arguments);
  }
  /// The genesis file with these consensus keys.
  void write_genesis(const std::vector<std::string>& keys) {
    const std::string text = read_text(genesis_);
    std::string made = text.substr(0, text.find("[[replica]]"));
    for (const std::string& key : keys) made += "[[replica]]\nconsensus_key = \"" + key + "\"\n";
    write_text(genesis_, made);
  }

  Cluster cluster_;
  const fs::path genesis_ = cluster_.folder() / "genesis.toml";
  const fs::path cluster_file_ = cluster_.folder() / "cluster.toml";
};

TEST_F(Keys, MadeWhereTheyAreUsedTheyMakeANetwork) {
  std::vector<std::string> consensus;
  for (std::uint32_t i = 0; i < cluster_.n(); ++i) {
    consensus.push_back(make_key(i, "consensus"));
    make_key(i, "tls");
  }
  write_genesis(consensus);
  std::string text = "chain = \"" +
                     std::string(nlohmann::json::parse(bind(0, 0, {"--json"}).out).at("chain")) +
                     "\"\n";
  const config::TestnetPorts ports = cluster_.ports();
  for (std::uint32_t i = 0; i < cluster_.n(); ++i) {
    const Finished lines = bind(i, i);
    ASSERT_EQ(lines.code, 0) << lines.err;
    text += "[[replica]]\n" + lines.out +
            "peer_address = \"127.0.0.1:" + std::to_string(ports.peer(i)) +
            "\"\nclient_address = \"127.0.0.1:" + std::to_string(ports.client(i)) + "\"\n";
  }
  write_text(cluster_file_, text);
  const Finished checked = waggle({"config", "check", cluster_file_.string()});
  EXPECT_EQ(checked.code, 0) << checked.err;
  cluster_.start_all();
  const std::vector<std::string> put = {"--cluster", cluster_.folder().string(), "put", "k", "v"};
  EXPECT_TRUE(cluster_.await(seconds(20), [&] { return waggle(put).code == 0; }))
      << waggle(put).err;
}

TEST_F(Keys, ABindingIsForOneReplicaAndOneTlsKey) {
  std::string text = read_text(cluster_file_);
  const std::string of_another =
      nlohmann::json::parse(bind(1, 0, {"--json"}).out).at("tls_binding");
  const auto at = text.find("tls_binding = \"") + 15;
  write_text(cluster_file_, text.replace(at, of_another.size(), of_another));
  const Finished checked = waggle({"config", "check", cluster_file_.string()});
  EXPECT_EQ(checked.code, 2);
  EXPECT_NE(checked.err.find("tls_binding"), std::string::npos) << checked.err;
}

TEST_F(Keys, AKeyThatGenesisDoesNotListIsRefused) {
  const std::string key = make_key(2, "consensus");
  const Finished refused = bind(2, 2);
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find(key), std::string::npos) << refused.err;
  EXPECT_EQ(refused.out, "");
  const std::string tls_file = (cluster_.home(0) / "tls.key").string();
  const Finished swapped = waggle({"bind", tls_file, tls_file, "--genesis", genesis_.string()});
  EXPECT_EQ(swapped.code, 2) << "a TLS key signs nothing";
}

}  // namespace
}  // namespace waggle::integration
