// A server of the median rule makes proofs of what it is shown a certificate of.
#include "smr/replica/sealed_prover.hpp"

#include <gtest/gtest.h>

#include "smr/certificate/client_chains.hpp"
#include "smr/certificate/proof.hpp"
#include "tests/unit/replica/median_cluster.hpp"

namespace waggle::smr {
namespace {

using certificate::Certificate;

constexpr std::uint16_t kLane = 3;

/// Six commands in a lane of client 1 among those of others, and their certificates.
class SealedProver : public ::testing::Test {
 protected:
  SealedProver() : chains_(cluster_.client(1)) {
    for (std::uint64_t number = 1; number <= 6; ++number) {
      for (std::uint32_t other = 2; other < 5; ++other) {
        cluster_.submit(1, 9, cluster_.put(other, number, "x"));
      }
      cluster_.submit(0, 7, command(number));
      cluster_.rounds(12);
      acknowledge(number);
    }
  }

  static std::uint64_t whole(std::uint64_t number) { return median::lane_number(kLane, number); }
  VerifiedRequest command(std::uint64_t number) {
    return cluster_.put(1, whole(number), "v" + std::to_string(number));
  }
  void acknowledge(std::uint64_t number) {
    const ClientId lane = median::lane_client(cluster_.client(1), kLane, cluster_.hasher());
    auto taken = cluster_.host(0).server().final()->chains.acknowledgement(lane);
    ASSERT_TRUE(taken);
    ASSERT_EQ(taken->newest.number, number);
    taken->newest.number = whole(number);
    if (taken->previous) taken->previous->command.number = whole(number - 1);
    const VerifiedRequest sent = command(number);
    const Digest leaf = median::command_of(*sent.bytes, sent.request, cluster_.hasher())->digest;
    ASSERT_TRUE(chains_.acknowledge(*taken, leaf, cluster_.hasher()));
  }
  Certificate certificate(std::uint64_t number) {
    const VerifiedRequest sent = command(number);
    const ByteView bytes = commands_of(*sent.bytes).front().bytes;
    return *chains_.certificate(whole(number), Bytes(bytes.begin(), bytes.end()));
  }
  /// What a server that is asked over connection 5 says.
  Result<SharedBytes, ProofRefusal> ask(std::uint32_t server, const ProofQuery& query) {
    cluster_.host(server).on_proof_query(ClientConnection{5}, query);
    auto replies = cluster_.take<ProofResult>(server, 5);
    EXPECT_EQ(replies.size(), 1u);
    EXPECT_EQ(replies[0].client, query.client);
    EXPECT_EQ(replies[0].number, query.number);
    return replies[0].proof;
  }
  static ProofQuery query(const Certificate& certificate) {
    return {certificate.client, certificate.number, encode(certificate)};
  }
  ProofRefusal refusal(const ProofQuery& query) {
    const auto answer = ask(0, query);
    EXPECT_FALSE(answer);
    return answer ? ProofRefusal{} : answer.error();
  }

  MedianCluster cluster_{4};
  certificate::ClientChains chains_;
};

TEST_F(SealedProver, ProvesEveryCommandByItsCertificateAtEveryServer) {
  for (std::uint64_t number = 1; number <= 6; ++number) {
    const Certificate shown = certificate(number);
    for (std::uint32_t server = 0; server < 4; ++server) {
      const auto proof = ask(server, query(shown));
      ASSERT_TRUE(proof) << to_string(proof.error());
      const auto proven = certificate::verify_proof(**proof, cluster_.chain(), cluster_.verifier(),
                                                    cluster_.hasher());
      ASSERT_TRUE(proven) << describe(proven.error());
      const auto& seal = std::get<certificate::ProvenSeal>(*proven);
      EXPECT_EQ(seal.number, whole(number));
      EXPECT_EQ(seal.position, shown.position);
      EXPECT_EQ(seal.length, cluster_.host(server).server().final()->length);
    }
  }
}

TEST_F(SealedProver, RefusesWhatIsNoCertificateOfIt) {
  const Certificate good = certificate(2);
  EXPECT_EQ(refusal({good.client, good.number, {}}), ProofRefusal::kNoCertificate);
  EXPECT_EQ(refusal({good.client, good.number, to_bytes("?")}), ProofRefusal::kBadCertificate);
  EXPECT_EQ(refusal({good.client, whole(3), encode(good)}), ProofRefusal::kBadCertificate);
  EXPECT_EQ(refusal({cluster_.client(2), good.number, encode(good)}),
            ProofRefusal::kBadCertificate);
}

TEST_F(SealedProver, RefusesAnAlteredCertificate) {
  const Certificate good = certificate(2);
  ASSERT_GE(good.links.size(), 2u);
  Certificate bad = good;
  bad.client = cluster_.client(2);
  EXPECT_NE(refusal(query(bad)), ProofRefusal::kBadCertificate);
  bad = good;
  bad.command.back() ^= 1;
  EXPECT_EQ(refusal(query(bad)), ProofRefusal::kWrongCertificate);
  bad = good;
  bad.links[1].bytes[0] ^= 1;
  EXPECT_EQ(refusal(query(bad)), ProofRefusal::kWrongCertificate);
  bad = good;
  bad.position = 1'000'000;
  EXPECT_EQ(refusal(query(bad)), ProofRefusal::kAhead);
  bad = good;
  bad.links.resize(40);
  EXPECT_EQ(refusal(query(bad)), ProofRefusal::kSurplusLinks);
  bad = good;
  bad.links.clear();
  EXPECT_EQ(refusal(query(bad)), ProofRefusal::kShortChain);
}

TEST(SealedProverAtFirst, NothingIsCommitted) {
  MedianCluster cluster(4);
  const Certificate made{cluster.client(1), 1, to_bytes("c"), 0, {}};
  const ProofQuery query{made.client, made.number, encode(made)};
  const auto answer = prove_sealed(query, *cluster.host(0).server().final(),
                                   cluster.chain().chain_id, cluster.hasher());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error(), ProofRefusal::kAhead);
}

}  // namespace
}  // namespace waggle::smr
