// What a client makes of acknowledgements, and what it stores.
#include "smr/certificate/client_chains.hpp"

#include <gtest/gtest.h>

#include "sim/crypto/symbolic.hpp"
#include "tests/unit/certificate/chain_world.hpp"

namespace waggle::testing {
namespace {

using certificate::Acknowledgement;
using certificate::ClientChains;
using certificate::HashChain;

const sim::SymbolicHasher kHasher;
constexpr Digest kLeaf{{1}};

Refusal refusal(ClientChains& chains, const Acknowledgement& acknowledgement,
                const Digest& leaf = kLeaf) {
  const std::size_t nodes = chains.nodes();
  const auto taken = chains.acknowledge(acknowledgement, leaf, kHasher);
  EXPECT_EQ(chains.nodes(), nodes) << "a refusal changes nothing";
  return taken ? Refusal{} : taken.error();
}

/// Two commands at 0 and 1, the first with the chain that the second completes.
ClientChains two_commands() {
  ClientChains chains(ChainWorld::id(0));
  EXPECT_TRUE(chains.acknowledge({{1, 0}, std::nullopt}, kLeaf, kHasher));
  EXPECT_TRUE(chains.acknowledge({{2, 1}, HashChain{{1, 0}, {Digest{{2}}}}}, Digest{{2}}, kHasher));
  return chains;
}

TEST(ClientChains, NothingIsCertifiedBeforeItIsAcknowledged) {
  EXPECT_EQ(two_commands().certificate(3, {}), std::nullopt);
}

/// The chain of command 2 shows the rest of command 1's, from their common ancestor on.
TEST(ClientChains, LaterChainsLengthenEarlierOnes) {
  ClientChains chains = two_commands();
  EXPECT_EQ(chains.certificate(1, {})->links.size(), 1U);
  const std::vector<Digest> links = {kLeaf, Digest{{7}}, Digest{{8}}};
  ASSERT_TRUE(chains.acknowledge({{3, 9}, HashChain{{2, 1}, links}}, Digest{{3}}, kHasher));
  const std::vector<Digest> expected = {Digest{{2}}, Digest{{7}}, Digest{{8}}};
  EXPECT_EQ(chains.certificate(1, {})->links, expected);
  EXPECT_EQ(chains.certificate(1, {}, 6)->links.size(), 2U) << "cut for a server that lags";
  EXPECT_TRUE(chains.certificate(3, {})->links.empty());
}

TEST(ClientChains, ARepeatedAcknowledgementIsFine) {
  ClientChains chains = two_commands();
  EXPECT_TRUE(chains.acknowledge({{2, 1}, HashChain{{1, 0}, {Digest{{2}}}}}, Digest{{2}}, kHasher));
  EXPECT_EQ(chains.commands(), 2U);
}

TEST(ClientChains, WhatContradictsIsRefused) {
  ClientChains chains = two_commands();
  EXPECT_EQ(refusal(chains, {{2, 5}, std::nullopt}), Refusal::kMalformed) << "moved";
  EXPECT_EQ(refusal(chains, {{3, 1}, std::nullopt}), Refusal::kMalformed) << "taken";
  EXPECT_EQ(refusal(chains, {{3, 0}, std::nullopt}), Refusal::kMalformed) << "falls back";
  EXPECT_EQ(refusal(chains, {{2, 1}, std::nullopt}, Digest{{9}}), Refusal::kMalformed) << "leaf";
  EXPECT_EQ(refusal(chains, {{0, 7}, std::nullopt}), Refusal::kMalformed) << "no number";
  const HashChain other_node{{2, 1}, {Digest{{9}}}};
  EXPECT_EQ(refusal(chains, {{3, 9}, other_node}), Refusal::kMalformed) << "another node";
  const HashChain moved{{2, 3}, {}};
  EXPECT_EQ(refusal(chains, {{3, 9}, moved}), Refusal::kMalformed) << "previous moved";
  const HashChain later{{4, 9}, {}};
  EXPECT_EQ(refusal(chains, {{3, 10}, later}), Refusal::kMalformed) << "previous is later";
  const HashChain endless{{2, 1}, std::vector<Digest>(64)};
  EXPECT_EQ(refusal(chains, {{3, 9}, endless}), Refusal::kMalformed) << "too long";
}

TEST(ClientChains, WhatWasNeverAcknowledgedCannotBeThePrevious) {
  ClientChains chains(ChainWorld::id(0));
  EXPECT_EQ(refusal(chains, {{2, 1}, HashChain{{1, 0}, {}}}), Refusal::kMalformed);
}

TEST(ClientChains, RecordsBringEverythingBack) {
  ChainWorld world(3, kHasher);
  for (std::size_t i = 0; i < 60; ++i) {
    world.commit(i % 3);
    world.acknowledge(i % 3);
  }
  ClientChains again(ChainWorld::id(1));
  for (const Bytes& record : world.records(1)) ASSERT_TRUE(again.restore(record, kHasher));
  EXPECT_EQ(again.nodes(), world.chains(1).nodes());
  for (std::uint64_t number = 1; number <= 20; ++number) {
    EXPECT_EQ(again.certificate(number, {}), world.chains(1).certificate(number, {}));
  }
}

TEST(ClientChains, RecordsAreReadStrictly) {
  ClientChains chains(ChainWorld::id(0));
  const Bytes good = *chains.acknowledge({{1, 0}, std::nullopt}, kLeaf, kHasher);
  ClientChains fresh(ChainWorld::id(0));
  Bytes bad = good;
  bad.push_back(0);
  EXPECT_EQ(fresh.restore(bad, kHasher).error(), Refusal::kMalformed);
  bad = good;
  bad.pop_back();
  EXPECT_EQ(fresh.restore(bad, kHasher).error(), Refusal::kMalformed);
  bad = good;
  bad[0] ^= 1;
  EXPECT_EQ(fresh.restore(bad, kHasher).error(), Refusal::kUnsupportedVersion);
  EXPECT_TRUE(fresh.restore(good, kHasher));
}

}  // namespace
}  // namespace waggle::testing
