// Proofs from real replicas, judged after all of them are gone.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/integration/cluster.hpp"

namespace waggle::integration {
namespace {

class Proofs : public ::testing::Test {
 protected:
  Proofs() { cluster_.start_all(); }

  std::string file(const std::string& name) const { return (cluster_.folder() / name).string(); }
  /// The command line, with these arguments.
  Finished waggle(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), WAGGLE_BIN_DIR "/waggle");
    arguments.insert(arguments.begin() + 1, {"--cluster", cluster_.folder().string()});
    return run(arguments, cluster_.folder());
  }
  Finished verify(const std::string& proof) {
    return run(
        {WAGGLE_BIN_DIR "/waggle", "verify", proof, "--genesis", file("genesis.toml"), "--json"},
        cluster_.folder());
  }

  Cluster cluster_;
};

TEST_F(Proofs, OutliveTheCluster) {
  const Finished put = waggle({"put", "city", "Bern", "--proof", file("first.proof"), "--json"});
  ASSERT_EQ(put.code, 0) << put.out << put.err;
  const auto done = nlohmann::json::parse(put.out);
  ASSERT_EQ(waggle({"incr", "visits"}).code, 0);
  const std::string number = std::to_string(done.at("number").get<std::uint64_t>());
  cluster_.kill(2);
  const Finished again = waggle({"prove", "--number", number, "-o", file("again.proof")});
  EXPECT_EQ(again.code, 0) << again.out << again.err;
  EXPECT_EQ(waggle({"prove", "--number", "999999", "-o", file("no.proof"), "--timeout", "1"}).code,
            1);
  EXPECT_FALSE(std::filesystem::exists(file("no.proof")));
  cluster_.kill_all();

  for (const char* name : {"first.proof", "again.proof"}) {
    const Finished judged = verify(file(name));
    ASSERT_EQ(judged.code, 0) << judged.out << judged.err;
    const auto proven = nlohmann::json::parse(judged.out);
    EXPECT_EQ(proven.at("command"), "put city Bern");
    EXPECT_EQ(proven.at("number"), done.at("number"));
    EXPECT_EQ(proven.at("signers").size(), 3U);
  }
  std::string bent = read_text(file("first.proof"));
  bent[bent.size() / 2] = static_cast<char>(bent[bent.size() / 2] ^ 1);
  write_text(file("bent.proof"), bent);
  const Finished refused = verify(file("bent.proof"));
  EXPECT_EQ(refused.code, 1) << refused.out << refused.err;
  EXPECT_FALSE(nlohmann::json::parse(refused.out).at("valid").get<bool>());
  write_text(file("cut.proof"), bent.substr(0, 100));
  EXPECT_EQ(verify(file("cut.proof")).code, 2);
  EXPECT_EQ(verify(file("missing.proof")).code, 2);
}

/// What a restart leaves on the disks is enough, also for the last command.
TEST_F(Proofs, AreMadeAfterARestartToo) {
  const Finished put = waggle({"put", "a", "1", "--json"});
  ASSERT_EQ(put.code, 0) << put.out << put.err;
  const auto number = nlohmann::json::parse(put.out).at("number").get<std::uint64_t>();
  cluster_.kill_all();
  cluster_.start_all();
  const Finished proof =
      waggle({"prove", "--number", std::to_string(number), "-o", file("after.proof")});
  EXPECT_EQ(proof.code, 0) << proof.out << proof.err;
  EXPECT_EQ(verify(file("after.proof")).code, 0);
}

}  // namespace
}  // namespace waggle::integration
