// The command line judges sealed proofs: those of tests/data, with no network.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "consensus/core/bytes.hpp"
#include "tests/integration/cluster.hpp"
#include "tests/support/temp_folder.hpp"

namespace waggle::integration {
namespace {

class SealedProofs : public ::testing::Test {
 protected:
  SealedProofs()
      : json_(nlohmann::json::parse(
            read_text(WAGGLE_SOURCE_DIR "/tests/data/median_certificates.json"))) {
    write_text((folder_ / "genesis.toml").string(), text_of(json_.at("genesis")));
  }

  static std::string text_of(const nlohmann::json& hex) {
    return std::string(as_text(from_hex(hex.get<std::string>()).value()));
  }
  Finished waggle(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), WAGGLE_BIN_DIR "/waggle");
    return run(arguments, folder_.path());
  }
  Finished verify(const std::string& proof, bool json) const {
    const std::string file = (folder_ / "proof").string();
    write_text(file, proof);
    std::vector<std::string> arguments = {"verify", file, "--genesis",
                                          (folder_ / "genesis.toml").string()};
    if (json) arguments.push_back("--json");
    return waggle(arguments);
  }

  const TempFolder folder_;
  nlohmann::json json_;
};

TEST_F(SealedProofs, AreJudgedByTheCommandLine) {
  for (const auto& one : json_.at("proofs")) {
    const Finished judged = verify(text_of(one.at("proof")), true);
    const int code = one.at("code").get<int>();
    ASSERT_EQ(judged.code, code == 0 ? 0 : code <= 2 ? 2 : 1) << one.at("name") << judged.err;
    if (judged.code == 2) continue;
    const auto said = nlohmann::json::parse(judged.out);
    if (code != 0) {
      EXPECT_EQ(said.at("reason"), one.at("reason"));
      continue;
    }
    EXPECT_EQ(said.at("kind"), "sealed");
    EXPECT_EQ(said.at("number"), one.at("number"));
    EXPECT_EQ(said.at("sealed_length"), one.at("length"));
    EXPECT_NE(said.at("rests_on").get<std::string>().find("do not lie"), std::string::npos);
  }
}

TEST_F(SealedProofs, AreReportedInWords) {
  const Finished judged = verify(text_of(json_.at("proofs").at(0).at("proof")), false);
  ASSERT_EQ(judged.code, 0) << judged.err;
  for (const char* words : {"sealed sequence of 15 entries, as entry 1", "in window 7",
                            "servers 0 1 2 of 4", "not hold against Byzantine servers"}) {
    EXPECT_NE(judged.out.find(words), std::string::npos) << words << " in\n" << judged.out;
  }
}

TEST_F(SealedProofs, AChainOfTheirKindIsKnown) {
  const Finished checked = waggle({"config", "check", (folder_ / "genesis.toml").string()});
  EXPECT_EQ(checked.code, 0) << checked.err;
  EXPECT_NE(checked.out.find("3 seal, none may lie"), std::string::npos) << checked.out;
}

}  // namespace
}  // namespace waggle::integration
