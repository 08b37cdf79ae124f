// tests/data/median_certificates.json: sealed proofs, and certificates with the server that judges
// them, for whoever writes another verifier.

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "smr/verify/waggle_verify.h"
#include "tests/support/frozen.hpp"
#include "tests/unit/certificate/sealed_scenes.hpp"

namespace waggle::testing {
namespace {

using certificate::ServerChains;
using nlohmann::ordered_json;

constexpr const char* kFile = WAGGLE_SOURCE_DIR "/tests/data/median_certificates.json";

ordered_json to_json(const SealedChain& chain, const SealedScene& scene) {
  ordered_json json;
  json["name"] = scene.name;
  json["about"] = scene.about;
  json["proof"] = to_hex(scene.proof);
  json["code"] = scene.fault ? static_cast<int>(*scene.fault) : 0;
  if (scene.fault) {
    json["reason"] = to_string(*scene.fault);
    return json;
  }
  const auto proven = std::get<certificate::ProvenSeal>(*chain.verify(scene.proof));
  json["client"] = to_hex(proven.client.view());
  json["number"] = proven.number;
  json["command"] = to_hex(proven.command);
  json["position"] = proven.position;
  json["window"] = proven.window;
  json["length"] = proven.length;
  for (const ReplicaId signer : proven.signers) json["signers"].push_back(signer.value);
  return json;
}

ordered_json to_json(const CertificateScene& scene) {
  ordered_json json;
  json["name"] = scene.name;
  json["about"] = scene.about;
  json["certificate"] = to_hex(scene.certificate);
  json["doubt"] = scene.doubt ? static_cast<int>(*scene.doubt) : 0;
  return json;
}

std::string current_vectors() {
  const SealedChain chain;
  ordered_json json;
  json["about"] =
      "Frozen test vectors of sealed proofs and of certificates (docs/proofs.md), bytes in hex. A "
      "change here is a change of the format and needs a new version of it. Made by "
      "tests/unit/certificate/sealed_vectors_test.cpp; rewrite: WAGGLE_REWRITE=1 "
      "test_certificate_vectors";
  json["format"] = "waggle/sealed/1, waggle/cert/1";
  json["genesis"] = to_hex(as_bytes(sealed_genesis()));
  for (const SealedScene& scene : sealed_scenes(chain)) {
    json["proofs"].push_back(to_json(chain, scene));
  }
  Writer server;
  chain.world().newest().encode(server);
  json["server"] = to_hex(server.bytes());
  for (const CertificateScene& scene : certificate_scenes(chain)) {
    json["certificates"].push_back(to_json(scene));
  }
  for (const Bytes& record : chain.world().records(1)) json["records"].push_back(to_hex(record));
  return json.dump(1) + "\n";
}

Bytes bytes_of(const nlohmann::json& json) { return from_hex(json.get<std::string>()).value(); }

TEST(SealedVectors, AreAsFrozen) { expect_frozen(kFile, current_vectors()); }

/// As a stranger would use them: from the file alone.
TEST(SealedVectors, TheFileSaysWhatTheVerifierSays) {
  const auto json = nlohmann::json::parse(text_of_file(kFile));
  const Bytes genesis = bytes_of(json.at("genesis"));
  std::size_t valid = 0;
  for (const auto& one : json.at("proofs")) {
    const Bytes proof = bytes_of(one.at("proof"));
    waggle_proven proven{};
    const int code =
        waggle_verify_proof(proof.data(), proof.size(), genesis.data(), genesis.size(), &proven);
    EXPECT_EQ(code, one.at("code").get<int>()) << one.at("name");
    if (code != WAGGLE_PROOF_VALID) continue;
    ++valid;
    EXPECT_EQ(proven.number, one.at("number"));
    EXPECT_EQ(proven.position, one.at("position"));
    EXPECT_EQ(proven.length, one.at("length"));
    EXPECT_EQ(to_hex({proven.command, proven.command_size}), one.at("command"));
  }
  EXPECT_EQ(valid, 6U);
}

TEST(SealedVectors, TheServerOfTheFileSaysWhatTheFileSays) {
  const auto json = nlohmann::json::parse(text_of_file(kFile));
  const crypto::Sha256Hasher hasher;
  const Bytes server = bytes_of(json.at("server"));
  Reader reader(server);
  const ServerChains chains = ServerChains::decode(reader, hasher);
  ASSERT_TRUE(reader.done());
  for (const auto& one : json.at("certificates")) {
    const auto verdict = chains.verify(bytes_of(one.at("certificate")), hasher);
    EXPECT_EQ(verdict ? 0 : static_cast<int>(verdict.error()), one.at("doubt").get<int>())
        << one.at("name");
  }
  certificate::ClientChains client(ChainWorld::id(1));
  for (const auto& record : json.at("records")) {
    EXPECT_TRUE(client.restore(bytes_of(record), hasher));
  }
  EXPECT_EQ(client.commands(), 5U);
}

}  // namespace
}  // namespace waggle::testing
