// Proofs against a seal, judged by the genesis file alone: by the C++ API and by the C header.
#include <set>

#include <gtest/gtest.h>

#include "smr/verify/waggle_verify.h"
#include "tests/unit/certificate/scenes.hpp"
#include "tests/unit/certificate/sealed_scenes.hpp"

namespace waggle::testing {
namespace {

using certificate::Fault;
using certificate::ProvenSeal;
using certificate::SealedProof;

int judge(const Bytes& proof, const std::string& genesis, waggle_proven* proven = nullptr) {
  const Bytes text(genesis.begin(), genesis.end());
  return waggle_verify_proof(proof.data(), proof.size(), text.data(), text.size(), proven);
}

TEST(SealedProof, EverySceneIsJudgedAsItShouldBe) {
  const SealedChain chain;
  std::set<Fault> seen;
  for (const SealedScene& scene : sealed_scenes(chain)) {
    const auto verdict = chain.verify(scene.proof);
    EXPECT_EQ(verdict ? std::nullopt : std::optional(verdict.error()), scene.fault) << scene.name;
    EXPECT_EQ(judge(scene.proof, sealed_genesis()),
              scene.fault ? static_cast<int>(*scene.fault) : 0)
        << scene.name;
    if (scene.fault) seen.insert(*scene.fault);
  }
  for (const Fault fault : {Fault::kTooFewServers, Fault::kServerTwice, Fault::kUnknownServer,
                            Fault::kOtherLength, Fault::kNotIncluded, Fault::kBadSignature}) {
    EXPECT_TRUE(seen.count(fault) > 0) << to_string(fault);
  }
}

TEST(SealedProof, SaysWhatItProves) {
  const SealedChain chain;
  const Bytes proof = encode(chain.proof(1, 2, {15, 11, 14}));
  const auto verdict = chain.verify(proof);
  ASSERT_TRUE(verdict);
  const auto& proven = std::get<ProvenSeal>(*verdict);
  EXPECT_EQ(proven.client, ChainWorld::id(1));
  EXPECT_EQ(proven.number, 2U);
  EXPECT_EQ(proven.command, ChainWorld::command(1, 2));
  EXPECT_EQ(proven.position, 4U);
  EXPECT_EQ(proven.window, 7U);
  EXPECT_EQ(proven.length, 11U);
  EXPECT_EQ(proven.signers.size(), 3U);

  waggle_proven in_c{};
  ASSERT_EQ(judge(proof, sealed_genesis(), &in_c), WAGGLE_PROOF_VALID);
  EXPECT_EQ(in_c.kind, WAGGLE_SEALED_PROOF);
  EXPECT_EQ(in_c.number, 2U);
  EXPECT_EQ(Bytes(in_c.command, in_c.command + in_c.command_size), proven.command);
  EXPECT_EQ(in_c.position, 4U);
  EXPECT_EQ(in_c.window, 7U);
  EXPECT_EQ(in_c.length, 11U);
  EXPECT_EQ(in_c.signers, 3U);
}

TEST(SealedProof, BothKindsSayWhatTheyRestOn) {
  const SealedChain chain;
  waggle_proven proven{};
  ASSERT_EQ(judge(encode(chain.proof(1, 2, {15, 15, 15})), sealed_genesis(), &proven), 0);
  EXPECT_NE(std::string_view(proven.rests_on).find("do not lie"), std::string_view::npos);
  ASSERT_EQ(judge(valid_scenes().front().proof, scenes_genesis(), &proven), 0);
  EXPECT_EQ(proven.kind, WAGGLE_COMMIT_PROOF);
  EXPECT_NE(std::string_view(proven.rests_on).find("at most f of the n replicas"),
            std::string_view::npos);
}

/// A chain's protocol has one kind of proof: a majority that seals proves nothing where replicas
/// may lie, and no quorum of a chain without leaders ever certified a block.
TEST(SealedProof, TheOtherKindIsRefused) {
  const SealedChain sealed;
  SealedProof proof = sealed.proof(0, 2, {15, 15, 15});
  proof.chain_id = config::chain_id_of(scenes_genesis(), sealed.hasher());
  EXPECT_EQ(judge(encode(proof), scenes_genesis()), WAGGLE_PROOF_WRONG_KIND);

  Bytes commit = valid_scenes().front().proof;
  const Digest& chain_id = sealed.config().chain_id;
  std::copy(chain_id.bytes.begin(), chain_id.bytes.end(), commit.begin() + 16);
  EXPECT_EQ(judge(commit, sealed_genesis()), WAGGLE_PROOF_WRONG_KIND);
  EXPECT_EQ(judge(valid_scenes().front().proof, sealed_genesis()), WAGGLE_PROOF_WRONG_CHAIN);
}

TEST(SealedProof, NoBitMayChange) {
  const SealedChain chain;
  for (const SealedProof& proof :
       {chain.proof(0, 2, {15, 15, 15}), chain.proof(2, 1, {13, 9, 15})}) {
    Bytes bytes = encode(proof);
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      ASSERT_FALSE(chain.verify(bytes)) << bit;
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    }
    ASSERT_TRUE(chain.verify(bytes));
  }
}

TEST(SealedProof, NoBeginningOfAProofIsOne) {
  const SealedChain chain;
  const Bytes bytes = encode(chain.proof(0, 2, {15, 15, 15}));
  ASSERT_EQ(*certificate::decode_sealed_proof(bytes), chain.proof(0, 2, {15, 15, 15}));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_FALSE(chain.verify(ByteView(bytes).first(size))) << size;
  }
}

TEST(SealedProof, EveryCommandCanBeProvenAtEveryLengthThatHasIt) {
  const SealedChain chain;
  for (std::uint64_t length = 1; length <= 15; ++length) {
    for (std::uint64_t position = 0; position < length; ++position) {
      const Bytes proof =
          encode(chain.proof(position % 3, 1 + position / 3, {length, length, length}));
      ASSERT_TRUE(chain.verify(proof)) << position << " of " << length;
    }
  }
}

/// A chain that ends below the root of its tree opens nothing, and no leaf beyond the end does.
TEST(SealedProof, IsMadeOfWholeChainsOnly) {
  const SealedChain chain;
  const auto make = [&](const certificate::Certificate& one, std::uint64_t length) {
    return certificate::make_sealed_proof(chain.config().chain_id, one,
                                          chain.world().servers()[length].roots(),
                                          chain.seal({length, length, length}));
  };
  certificate::Certificate one = chain.certificate(0, 2, 15);
  EXPECT_TRUE(make(one, 15));
  EXPECT_FALSE(make(one, 3)) << "not committed there yet";
  one.links.pop_back();
  EXPECT_FALSE(make(one, 15));
}

}  // namespace
}  // namespace waggle::testing
