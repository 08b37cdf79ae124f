// Certificates that clients of the median protocol hold, and proofs that servers make of them.
#include <fstream>
#include <regex>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "crypto/ed25519.hpp"
#include "crypto/sha256.hpp"
#include "smr/config/genesis.hpp"
#include "tests/integration/cluster.hpp"

namespace waggle::integration {
namespace {

class Certificates : public ::testing::Test {
 protected:
  Certificates() { cluster_.start_all(); }

  std::string file(const std::string& name) const { return (cluster_.folder() / name).string(); }
  Finished waggle(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), WAGGLE_BIN_DIR "/waggle");
    arguments.insert(arguments.begin() + 1, {"--cluster", cluster_.folder().string()});
    return run(arguments, cluster_.folder());
  }
  void must(const std::vector<std::string>& arguments) {
    const Finished done = waggle(arguments);
    EXPECT_EQ(done.code, 0) << done.out << done.err;
  }
  /// What a proof proves, with no server running or not.
  nlohmann::json verified(const std::string& name) {
    const Finished judged = waggle({"verify", file(name), "--json"});
    EXPECT_EQ(judged.code, 0) << judged.out << judged.err;
    return nlohmann::json::parse(judged.out);
  }

  Cluster cluster_{Cluster::median(4)};
};

TEST_F(Certificates, OfABulkFileEntriesAndWindowsAreTold) {
  std::ofstream(file("bulk")) << "put a 1\nput b 2\nincr c 3\n";
  const Finished done = waggle({"submit", "--file", file("bulk"), "--json"});
  ASSERT_EQ(done.code, 0) << done.out << done.err;
  const auto json = nlohmann::json::parse(done.out);
  // Entries between them may execute as nothing.
  const std::uint64_t last = json.at("positions").at(1);
  EXPECT_GE(last, json.at("positions").at(0).get<std::uint64_t>() + 2);
  EXPECT_LE(json.at("windows").at(0), json.at("windows").at(1));
  EXPECT_FALSE(json.contains("heights") || json.contains("views"));

  const Finished told = waggle({"submit", "--file", file("bulk")});
  std::smatch positions;
  const std::regex line(R"(entries +positions (\d+) \.\. (\d+), windows \d+ \.\. \d+\n)");
  ASSERT_TRUE(std::regex_search(told.out, positions, line)) << told.out;
  EXPECT_GT(std::stoull(positions[1]), last);
  EXPECT_GE(std::stoull(positions[2]), std::stoull(positions[1]) + 2);
}

TEST_F(Certificates, OfTheCommandLine) {
  const Finished put = waggle({"put", "city", "Bern", "--certificate", file("early.cert"),
                               "--proof", file("early.proof"), "--json"});
  ASSERT_EQ(put.code, 0) << put.out << put.err;
  const auto done = nlohmann::json::parse(put.out);
  EXPECT_EQ(done.at("replies"), 1);
  const std::string number = std::to_string(done.at("number").get<std::uint64_t>());
  for (int i = 0; i < 4; ++i) must({"incr", "visits"});

  // As it was at first it no longer reaches what servers keep; what the client holds now does.
  const Finished early = waggle(
      {"prove", "--certificate", file("early.cert"), "-o", file("no.proof"), "--timeout", "1"});
  EXPECT_EQ(early.code, 1) << early.out;
  EXPECT_NE(early.err.find("chain meets neither"), std::string::npos) << early.err;
  must({"certificate", "--number", number, "-o", file("late.cert")});
  must({"prove", "--certificate", file("late.cert"), "-o", file("late.proof")});
  must({"prove", "--number", number, "-o", file("number.proof")});
  EXPECT_EQ(waggle({"certificate", "--number", "99", "-o", file("no.cert")}).code, 1);
  EXPECT_EQ(waggle({"verify", file("late.cert")}).code, 2) << "servers judge it";

  std::string bent = read_text(file("late.cert"));
  bent.back() = static_cast<char>(bent.back() ^ 1);
  write_text(file("bent.cert"), bent);
  const Finished refused = waggle(
      {"prove", "--certificate", file("bent.cert"), "-o", file("no.proof"), "--timeout", "1"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("not what is committed"), std::string::npos) << refused.err;
  EXPECT_FALSE(std::filesystem::exists(file("no.proof")));

  cluster_.kill_all();
  for (const char* name : {"early.proof", "late.proof", "number.proof"}) {
    const auto proven = verified(name);
    EXPECT_EQ(proven.at("kind"), "sealed");
    EXPECT_EQ(proven.at("command"), "put city Bern");
    EXPECT_EQ(proven.at("number"), done.at("number"));
    EXPECT_EQ(proven.at("position"), done.at("position"));
    EXPECT_GE(proven.at("signers").size(), 3u);
  }
}

/// Through restarts of the client and of all servers.
TEST_F(Certificates, OfManyLanes) {
  client::ClientOptions options = cluster_.client_options();
  options.key = std::make_shared<crypto::Ed25519Signer>(crypto::KeyPair::generate());
  options.number_file = file("lanes.numbers");
  options.chain_file = file("lanes.chains");
  options.batching.lanes_max = 16;
  const auto open = [&] {
    auto opened = client::Client::open(options);
    if (!opened) throw std::runtime_error(opened.error());
    return std::move(*opened);
  };
  std::map<std::uint64_t, std::string> committed;
  for (int run = 0; run < 3; ++run) {
    const auto client = open();
    std::vector<std::future<client::Outcome>> outcomes;
    for (int i = 0; i < 40; ++i) {
      const std::string value = std::to_string(run) + "." + std::to_string(i);
      outcomes.push_back(
          client->submit(encode(put("key" + std::to_string(i), value)), seconds(60)));
    }
    for (int i = 0; i < 40; ++i) {
      const client::Outcome outcome = outcomes[static_cast<std::size_t>(i)].get();
      const auto* done = std::get_if<client::Committed>(&outcome);
      ASSERT_TRUE(done) << describe(outcome);
      ASSERT_TRUE(done->certificate);
      const bool fresh =
          committed.emplace(done->number, std::to_string(run) + "." + std::to_string(i)).second;
      EXPECT_TRUE(fresh) << "number " << done->number << " was given twice";
    }
    if (run == 1) {
      cluster_.kill_all();
      cluster_.start_all();
    }
  }
  const auto client = open();
  const auto genesis = config::load_genesis(file("genesis.toml"), crypto::Sha256Hasher());
  ASSERT_TRUE(genesis);
  std::size_t checked = 0;
  for (const auto& [number, value] : committed) {
    const auto certificate = client->certificate(number);
    ASSERT_TRUE(certificate) << certificate.error();
    if (checked++ % 5 != 0) continue;
    const auto proof = client->prove(*certificate, seconds(20)).get();
    ASSERT_TRUE(proof) << proof.error();
    const auto* seal = std::get_if<certificate::ProvenSeal>(&proof->proven);
    ASSERT_TRUE(seal);
    EXPECT_NE(as_text(seal->command).find(value), std::string_view::npos);
  }
  EXPECT_EQ(checked, 120u);
}

}  // namespace
}  // namespace waggle::integration
