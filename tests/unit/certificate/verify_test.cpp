// Commit proofs of every shape hold, and nothing else does: not one bit of a proof or of the
// genesis file may change.
#include "smr/certificate/verify.hpp"

#include <set>

#include <gtest/gtest.h>

#include "crypto/ed25519.hpp"
#include "crypto/sha256.hpp"
#include "smr/verify/waggle_verify.h"
#include "tests/unit/certificate/scenes.hpp"

namespace waggle::certificate {
namespace {

using testing::Scene;

int judge(const Bytes& proof, const std::string& genesis, waggle_proven* proven = nullptr) {
  return waggle_verify_proof(proof.data(), proof.size(),
                             reinterpret_cast<const std::uint8_t*>(genesis.data()), genesis.size(),
                             proven);
}

TEST(Verify, ProofsOfEveryShapeHold) {
  const testing::ProofChain chain;
  for (const Scene& scene : testing::valid_scenes()) {
    const auto proven = chain.verify(scene.proof);
    ASSERT_TRUE(proven) << scene.name << ": " << to_string(proven.error());
    EXPECT_EQ(proven->signers.size(), 3U) << scene.name;
    EXPECT_GE(proven->committed.height, proven->block.height) << scene.name;
    EXPECT_GT(proven->certified.height, proven->committed.height) << scene.name;
  }
}

TEST(Verify, EveryFaultIsNamed) {
  const testing::ProofChain chain;
  std::set<Fault> seen;
  for (const Scene& scene : testing::faulty_scenes()) {
    const auto proven = chain.verify(scene.proof);
    ASSERT_FALSE(proven) << scene.name;
    EXPECT_EQ(to_string(proven.error()), to_string(*scene.fault)) << scene.name;
    seen.insert(proven.error());
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(Fault::kNotIncluded)) << "each has a scene";
}

TEST(Verify, NoBitOfAProofMayChange) {
  const testing::ProofChain chain;
  for (const Scene& scene : testing::valid_scenes()) {
    Bytes proof = scene.proof;
    for (std::size_t bit = 0; bit < 8 * proof.size(); ++bit) {
      const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
      proof[bit / 8] ^= mask;
      ASSERT_FALSE(chain.verify(proof)) << scene.name << ", bit " << bit;
      proof[bit / 8] ^= mask;
    }
    ASSERT_EQ(proof, scene.proof);
  }
}

TEST(Verify, NoBitOfTheGenesisFileMayChange) {
  std::string genesis = testing::scenes_genesis();
  for (const Scene& scene : testing::valid_scenes()) {
    if (scene.name != "consecutive" && scene.name != "tip_list") continue;
    ASSERT_EQ(judge(scene.proof, genesis), WAGGLE_PROOF_VALID);
    for (std::size_t bit = 0; bit < 8 * genesis.size(); ++bit) {
      const auto mask = static_cast<char>(1U << bit % 8);
      genesis[bit / 8] = static_cast<char>(genesis[bit / 8] ^ mask);
      const int code = judge(scene.proof, genesis);
      ASSERT_TRUE(code == WAGGLE_BAD_GENESIS || code == WAGGLE_PROOF_WRONG_CHAIN)
          << "bit " << bit << ": " << waggle_verify_reason(code);
      genesis[bit / 8] = static_cast<char>(genesis[bit / 8] ^ mask);
    }
  }
}

TEST(Verify, NoPartOfAProofIsAProof) {
  const testing::ProofChain chain;
  for (const Scene& scene : testing::valid_scenes()) {
    for (std::size_t size = 0; size < scene.proof.size(); ++size) {
      ASSERT_FALSE(chain.verify(ByteView(scene.proof).first(size))) << scene.name << " " << size;
    }
  }
}

TEST(Verify, AProofIsDecodedAndEncodedAsItWas) {
  for (const Scene& scene : testing::valid_scenes()) {
    const auto decoded = decode_commit_proof(scene.proof);
    ASSERT_TRUE(decoded) << scene.name;
    EXPECT_EQ(encode(*decoded), scene.proof) << scene.name;
  }
}

TEST(Verify, CountsThatTheInputCannotHoldAreRefused) {
  const Bytes proof = testing::valid_scenes().front().proof;
  std::size_t refused = 0;
  for (std::size_t at = 16; at + 4 <= proof.size(); ++at) {
    Bytes huge = proof;
    std::fill_n(huge.begin() + static_cast<std::ptrdiff_t>(at), 4, std::uint8_t{0xff});
    refused += decode_commit_proof(huge) ? 0 : 1;  // and takes no gigabytes for it
  }
  EXPECT_GT(refused, 10U);
}

TEST(Verify, MoreHeadersThanTheLimitAreRefused) {
  auto proof = *decode_commit_proof(testing::valid_scenes().front().proof);
  proof.headers.resize(kProofHeadersMax);
  EXPECT_TRUE(decode_commit_proof(encode(proof)));
  proof.branches.push_back({proof.headers.front()});
  EXPECT_FALSE(decode_commit_proof(encode(proof))) << "branches count too";
  proof.branches.clear();
  proof.headers.emplace_back();
  EXPECT_FALSE(decode_commit_proof(encode(proof)));
}

/// The planted bug "proof without pre-commit check".
TEST(Verify, WithoutThePrecommitCheckASuspendedPairPasses) {
  testing::ProofChain chain;
  for (const Scene& scene : testing::faulty_scenes()) {
    if (scene.name != "suspended") continue;
    EXPECT_FALSE(chain.verify(scene.proof));
    chain.chain.config.certificate_guards.proof_precommit = false;
    EXPECT_TRUE(chain.verify(scene.proof));
  }
}

TEST(VerifyC, FillsInWhatIsProven) {
  const std::string genesis = testing::scenes_genesis();
  const testing::ProofChain chain;
  for (const Scene& scene : testing::valid_scenes()) {
    waggle_proven proven{};
    ASSERT_EQ(judge(scene.proof, genesis, &proven), WAGGLE_PROOF_VALID) << scene.name;
    const auto same = chain.verify(scene.proof).value();
    EXPECT_TRUE(std::equal(proven.client, proven.client + 32, same.client.bytes.begin()));
    EXPECT_EQ(proven.number, same.number);
    EXPECT_EQ(Bytes(proven.command, proven.command + proven.command_size), same.command);
    EXPECT_EQ(proven.by_history, scene.name.starts_with("history") ? 1 : 0) << scene.name;
    EXPECT_TRUE(std::equal(proven.block.id, proven.block.id + 32, same.block.id.bytes.begin()));
    EXPECT_EQ(proven.block.height, same.block.height.value);
    EXPECT_EQ(proven.position, same.position);
    EXPECT_EQ(proven.committed.view, same.committed.view.value);
    EXPECT_EQ(proven.certified.view, same.certified.view.value);
    EXPECT_EQ(proven.signers, 3U);
  }
}

TEST(VerifyC, EveryCodeHasItsReason) {
  const std::string genesis = testing::scenes_genesis();
  for (const Scene& scene : testing::faulty_scenes()) {
    waggle_proven proven{};
    proven.number = 77;
    const int code = judge(scene.proof, genesis, &proven);
    EXPECT_EQ(code, static_cast<int>(*scene.fault)) << scene.name;
    EXPECT_EQ(waggle_verify_reason(code), std::string(describe(*scene.fault)));
    EXPECT_EQ(proven.number, 77U) << "left alone";
  }
  const Bytes proof = testing::valid_scenes().front().proof;
  EXPECT_EQ(judge(proof, "no genesis"), WAGGLE_BAD_GENESIS);
  EXPECT_EQ(waggle_verify_proof(nullptr, 1, nullptr, 0, nullptr), WAGGLE_BAD_ARGUMENT);
  EXPECT_STREQ(waggle_verify_reason(1000), "no such code");
}

}  // namespace
}  // namespace waggle::certificate
