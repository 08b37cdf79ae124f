// A client asks one replica after the other and believes none of them.
#include "smr/client/proof_fetcher.hpp"

#include <gtest/gtest.h>

#include "tests/unit/certificate/proof_chain.hpp"

namespace waggle::client {
namespace {

using std::chrono::milliseconds;

struct Fetcher : ::testing::Test {
  Fetcher() : chain(4, sim::Signatures::kSymbolic) {
    const BlockPtr b1 = chain.fast(chain.chain.genesis, {chain.request(0, 1, {"a", "b"})});
    const BlockPtr b2 = chain.fast(b1);
    chain.commit(b1);
    chain.hold(b1);
    chain.hold(b2, chain.qc(b2));
    for (std::uint32_t i = 0; i < 4; ++i) fetcher.connection_up(ReplicaId{i}, Duration{0});
  }
  const ClientId& client() const { return chain.chain.client(0).public_key(); }
  void fetch(std::uint64_t number, Duration timeout = std::chrono::seconds(5)) {
    fetcher.fetch(
        {client(), number, {}}, now + timeout,
        [this](ProofOutcome one) { outcome = std::move(one); }, now);
  }
  /// Whom the fetcher has asked since the last call; nobody: 99.
  std::uint32_t asked() {
    const auto sendings = fetcher.take_sendings();
    return sendings.empty() ? 99 : sendings.back().to.value;
  }
  smr::ProofResult result(std::uint64_t asked_for, std::uint64_t given) const {
    const Bytes encoded = certificate::encode(chain.prove(0, given));
    return {client(), asked_for, std::make_shared<const Bytes>(encoded)};
  }
  void answer(std::uint32_t from, const smr::ProofResult& result) {
    fetcher.receive(ReplicaId{from}, result, now);
    fetcher.tick(now);
  }

  testing::ProofChain chain;
  ProofFetcher fetcher{&chain.chain.config, 4, chain.chain.ring, chain.chain.hasher};
  std::optional<ProofOutcome> outcome;
  Duration now{0};
};

TEST_F(Fetcher, AProofThatHoldsIsHandedOn) {
  fetch(2);
  const std::uint32_t first = asked();
  ASSERT_LT(first, 4U);
  answer(first, result(2, 2));
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_EQ(std::get<certificate::ProvenCommit>((*outcome)->proven).command, to_bytes("b"));
  EXPECT_TRUE(fetcher.empty());
}

TEST_F(Fetcher, ALieARefusalAndSilenceLeadToTheNextReplica) {
  fetch(1);
  const std::uint32_t first = asked();
  smr::ProofResult lie = result(1, 1);
  Bytes bent = **lie.proof;
  bent[200] ^= 1;
  lie.proof = std::make_shared<const Bytes>(bent);
  answer(first, lie);
  EXPECT_EQ(asked(), (first + 1) % 4);
  answer((first + 1) % 4, {client(), 1, Unexpected{smr::ProofRefusal::kNotCommitted}});
  EXPECT_EQ(asked(), (first + 2) % 4);
  now += ProofFetcher::kPatience;
  fetcher.tick(now);
  EXPECT_EQ(asked(), (first + 3) % 4);
  answer((first + 3) % 4, result(1, 2));
  EXPECT_FALSE(outcome) << "a proof of another command";
  now += ProofFetcher::kPause;
  fetcher.tick(now);
  EXPECT_EQ(asked(), first) << "round and round";
  answer((first + 2) % 4, result(1, 1));
  EXPECT_TRUE(outcome && *outcome) << "a late answer is as good";
}

TEST_F(Fetcher, TheDeadlineEndsItWithTheLastReason) {
  fetch(1, milliseconds(300));
  answer(asked(), {client(), 1, Unexpected{smr::ProofRefusal::kNotProvable}});
  now = milliseconds(300);
  fetcher.tick(now);
  ASSERT_TRUE(outcome && !*outcome);
  EXPECT_NE(outcome->error().find("not provable yet"), std::string::npos) << outcome->error();
}

TEST_F(Fetcher, ReplicasThatAreDownAreNotAsked) {
  for (const std::uint32_t down : {0U, 1U, 3U}) fetcher.connection_down(ReplicaId{down}, now);
  fetch(1);
  EXPECT_EQ(asked(), 2U);
  fetcher.connection_down(ReplicaId{2}, now);
  fetcher.tick(now);
  EXPECT_EQ(asked(), 99U);
  now += milliseconds(10);
  fetcher.connection_up(ReplicaId{3}, now);
  fetcher.tick(now);
  EXPECT_EQ(asked(), 3U) << "at once";
}

TEST_F(Fetcher, WithoutAGenesisFileNothingIsProven) {
  ProofFetcher blind(nullptr, 4, chain.chain.ring, chain.chain.hasher);
  blind.fetch(
      {client(), 1, {}}, now, [this](ProofOutcome one) { outcome = std::move(one); }, now);
  ASSERT_TRUE(outcome && !*outcome);
}

}  // namespace
}  // namespace waggle::client
