// tests/data/commit_proofs.json: proofs for whoever writes another verifier.

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "smr/verify/waggle_verify.h"
#include "tests/support/frozen.hpp"
#include "tests/unit/certificate/scenes.hpp"

namespace waggle::testing {
namespace {

using certificate::Inclusion;
using nlohmann::ordered_json;

constexpr const char* kFile = WAGGLE_SOURCE_DIR "/tests/data/commit_proofs.json";

ordered_json to_json(const certificate::BlockPlace& place) {
  return {
      {"id", to_hex(place.id.view())}, {"height", place.height.value}, {"view", place.view.value}};
}

ordered_json to_json(const certificate::ProvenCommit& proven) {
  ordered_json json;
  json["client"] = to_hex(proven.client.view());
  json["number"] = proven.number;
  json["command"] = to_hex(proven.command);
  json["inclusion"] = proven.inclusion == Inclusion::kHistory ? "history" : "payload";
  json["block"] = to_json(proven.block);
  json["position"] = proven.position;
  json["committed"] = to_json(proven.committed);
  json["certified"] = to_json(proven.certified);
  json["signers"] = ordered_json::array();
  for (const ReplicaId signer : proven.signers) json["signers"].push_back(signer.value);
  return json;
}

ordered_json to_json(const ProofChain& chain, const Scene& scene) {
  ordered_json json;
  json["name"] = scene.name;
  json["about"] = scene.about;
  json["proof"] = to_hex(scene.proof);
  json["valid"] = !scene.fault;
  if (scene.fault) {
    json["code"] = static_cast<int>(*scene.fault);
    json["reason"] = to_string(*scene.fault);
  } else {
    json["proves"] = to_json(chain.verify(scene.proof).value());
  }
  return json;
}

std::string current_vectors() {
  const ProofChain chain;
  ordered_json json;
  json["about"] =
      "Frozen test vectors of commit proofs (docs/proofs.md), bytes in hex. A change here is a "
      "change of the format and needs a new version of it. Made by "
      "tests/unit/certificate/vectors_test.cpp; rewrite: WAGGLE_REWRITE=1 test_certificate_vectors";
  json["format"] = "waggle/proof/1";
  json["genesis"] = to_hex(as_bytes(scenes_genesis()));
  for (const Scene& scene : valid_scenes()) json["proofs"].push_back(to_json(chain, scene));
  for (const Scene& scene : faulty_scenes()) json["proofs"].push_back(to_json(chain, scene));
  return json.dump(1) + "\n";
}

TEST(ProofVectors, AreAsFrozen) { expect_frozen(kFile, current_vectors()); }

/// As a stranger would use them: from the file alone.
TEST(ProofVectors, TheFileSaysWhatTheVerifierSays) {
  const auto json = nlohmann::json::parse(text_of_file(kFile));
  const Bytes genesis = from_hex(json.at("genesis").get<std::string>()).value();
  std::size_t valid = 0;
  for (const auto& one : json.at("proofs")) {
    const Bytes proof = from_hex(one.at("proof").get<std::string>()).value();
    waggle_proven proven{};
    const int code =
        waggle_verify_proof(proof.data(), proof.size(), genesis.data(), genesis.size(), &proven);
    EXPECT_EQ(code, one.value("code", 0)) << one.at("name");
    if (code != WAGGLE_PROOF_VALID) continue;
    ++valid;
    EXPECT_EQ(proven.number, one.at("proves").at("number"));
    EXPECT_EQ(proven.block.height, one.at("proves").at("block").at("height"));
    EXPECT_EQ(to_hex({proven.command, proven.command_size}), one.at("proves").at("command"));
  }
  EXPECT_EQ(valid, 8U);
}

}  // namespace
}  // namespace waggle::testing
