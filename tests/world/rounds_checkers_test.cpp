// The checkers of synchronous rounds: what each of them lets pass, and what it finds.
#include <gtest/gtest.h>

#include "consensus/core/merkle.hpp"
#include "consensus/core/request.hpp"
#include "sim/crypto/symbolic.hpp"
#include "sim/rounds/checker/agreement.hpp"
#include "sim/rounds/checker/certificates.hpp"
#include "sim/rounds/checker/executions.hpp"
#include "sim/rounds/checker/liveness.hpp"
#include "sim/rounds/checker/memory.hpp"
#include "sim/rounds/checker/seals.hpp"
#include "sim/rounds/clients.hpp"
#include "sim/rounds/holders.hpp"

namespace waggle::sim::rounds {
namespace {

/// Sequences by hand.
class Tree final : public Lineage {
 public:
  std::uint32_t append(std::uint32_t node, const CommittedEntry& entry = {}) {
    nodes_.push_back({node, length(node) + 1, entry});
    return static_cast<std::uint32_t>(nodes_.size() - 1);
  }
  std::uint32_t parent(std::uint32_t node) const override { return nodes_[node].parent; }
  std::uint32_t length(std::uint32_t node) const override { return nodes_[node].length; }
  CommittedEntry last(std::uint32_t node) const override { return nodes_[node].entry; }

 private:
  struct Node {
    std::uint32_t parent = 0;
    std::uint32_t length = 0;
    CommittedEntry entry;
  };
  std::vector<Node> nodes_{1};
};

TEST(RoundsAgreement, TwoLinesAreFoundAndOneIsNot) {
  Tree tree;
  const auto one = tree.append(0);
  const auto two = tree.append(one);
  const auto other = tree.append(0);
  AgreementChecker checker(tree);
  checker.on_state(0, 1, two);
  checker.on_state(1, 1, one);
  checker.on_state(2, 1, 0);
  checker.on_acknowledged(1, one);
  EXPECT_TRUE(checker.holds());
  EXPECT_EQ(checker.length(), 2u);
  AgreementChecker told = checker;
  checker.on_state(3, 9, other);
  ASSERT_FALSE(checker.holds());
  EXPECT_EQ(
      checker.complaint()->text(),
      "agreement, round 9: server 3 committed a sequence of 1 that is no prefix of another's");
  told.on_acknowledged(9, other);
  EXPECT_FALSE(told.holds());
}

class RoundsSeals : public testing::Test {
 protected:
  /// Three servers; PREs of these sequences, then COMMITs of these lengths by the first servers.
  void window(std::uint64_t w, const std::vector<std::uint32_t>& pres,
              const std::vector<std::uint64_t>& lengths) {
    for (const std::uint32_t node : pres) checker.on_pre(w, node);
    for (std::uint32_t i = 0; i < lengths.size(); ++i) checker.on_commit(w, i, lengths[i]);
    checker.after_round(w);
  }

  Tree tree;
  std::uint32_t a = tree.append(0);
  std::uint32_t ab = tree.append(a);
  std::uint32_t ac = tree.append(a);
  std::uint32_t b = tree.append(0);
  SealChecker checker{tree, 3};
};

TEST_F(RoundsSeals, WhatGoesOnFromWhatIsSealedMayBeSealed) {
  window(1, {a, a, b}, {1, 1});
  window(2, {ab, ab}, {2, 1});  // a, again
  window(3, {ac, ac, ab}, {2, 2});
  checker.on_final(3, a);
  EXPECT_TRUE(checker.holds());
}

TEST_F(RoundsSeals, AnotherSequenceIsFoundThoughNobodyNoticedIt) {
  window(1, {a, a}, {1, 1});
  window(2, {b, b}, {1});
  EXPECT_TRUE(checker.holds());  // by one server alone
  checker.on_commit(2, 2, 1);
  checker.after_round(3);
  EXPECT_EQ(checker.complaint()->text(),
            "seals, round 3: what COMMITs of window 2 cover, 1 entries, is no prefix of what else "
            "is sealed, nor goes on from it");
}

TEST_F(RoundsSeals, AFinalPrefixThatNobodySealedIsFound) {
  window(1, {ab, ab}, {2, 2});
  checker.on_final(2, ac);
  EXPECT_FALSE(checker.holds());
}

class RoundsExecutions : public testing::Test {
 protected:
  RoundsExecutions() {
    for (const std::uint32_t number : {1u, 2u, 3u}) checker.on_submitted(5, number, 50 + number);
  }
  bool entry(std::uint64_t number, bool executed = true, bool null = false) {
    const auto command = static_cast<std::uint32_t>(50 + number);
    return checker.on_entry(7, {5, number, null ? 0 : command, null, executed});
  }
  std::string complaint() const { return checker.holds() ? "" : checker.complaint()->what; }

  ExecutionChecker checker;
};

TEST_F(RoundsExecutions, NumbersThatRiseExecuteOnce) {
  EXPECT_TRUE(entry(1));
  EXPECT_FALSE(entry(1, false));  // a duplicate that executes as nothing
  EXPECT_FALSE(entry(3, false));  // too early, and the server knows it
  EXPECT_TRUE(entry(2));
  checker.on_acknowledged(8, 5, 2, 4);
  EXPECT_EQ(complaint(), "");
  EXPECT_EQ(checker.taken(3), 1u);
  EXPECT_EQ(checker.taken(4), 2u);
}

TEST_F(RoundsExecutions, ADuplicateIsFound) {
  entry(1);
  entry(1);
  EXPECT_EQ(complaint(), "number 1 of client 5 executed twice");
}

TEST_F(RoundsExecutions, AGapIsFound) {
  entry(2);
  EXPECT_EQ(complaint(), "number 2 of client 5 executed too early");
}

TEST_F(RoundsExecutions, WhatShouldHaveExecutedIsFound) {
  entry(1, false);
  EXPECT_EQ(complaint(), "number 1 of client 5 did not execute");
}

TEST_F(RoundsExecutions, AnInventionIsFound) {
  checker.on_entry(7, {5, 1, 99, false, true});
  EXPECT_EQ(complaint(), "number 1 of client 5 was never submitted");
}

TEST_F(RoundsExecutions, ANullEntryNeedsTwoCommands) {
  checker.on_submitted(5, 1, 60);
  EXPECT_FALSE(entry(1, false, true));
  EXPECT_TRUE(entry(2));  // the null entry has taken its number
  EXPECT_EQ(complaint(), "");
  entry(3, false, true);
  EXPECT_EQ(complaint(), "number 3 of client 5 became null, and nothing clashes with it");
}

TEST_F(RoundsExecutions, WhoIsToldTooEarlyIsFound) {
  entry(1);
  entry(2);
  checker.on_acknowledged(8, 5, 2, 1);
  EXPECT_EQ(complaint(), "client 5 was told of number 2 by a server that has not executed it");
}

TEST(RoundsLiveness, TheBoundCountsFromTheCalmOn) {
  LivenessChecker checker(100, 20);
  checker.on_pending(99, 3);
  checker.on_pending(119, 3);
  checker.on_pending(149, 130);
  EXPECT_TRUE(checker.holds());
  LivenessChecker early = checker;
  early.on_pending(120, 3);
  EXPECT_FALSE(early.holds());
  checker.on_pending(150, 130);
  EXPECT_FALSE(checker.holds());
}

TEST(RoundsMemory, WhatGrowsIsFound) {
  const Footprint fits{.length = 1000,
                       .log = 6,
                       .lock = 2,
                       .certificates = 6,
                       .pres = 4,
                       .chain_bytes = 1800,
                       .clients = 2};
  const auto holds = [](const Footprint& footprint) {
    MemoryChecker checker(4);
    checker.on_server(1, 0, footprint, 20, 14);
    return checker.holds();
  };
  EXPECT_TRUE(holds(fits));
  Footprint grown = fits;
  grown.log = 7;
  EXPECT_FALSE(holds(grown));
  grown = fits;
  grown.lock = 7;
  EXPECT_FALSE(holds(grown));
  grown = fits;
  grown.certificates = 7;
  EXPECT_FALSE(holds(grown));
  grown = fits;
  grown.pres = 5;
  EXPECT_FALSE(holds(grown));
  grown = fits;
  grown.chain_bytes = 2000;
  EXPECT_FALSE(holds(grown));
  MemoryChecker clients(4);
  clients.on_client(1, 0, 10, 10 * 21, 1000);
  EXPECT_TRUE(clients.holds());
  clients.on_client(1, 0, 10, 10 * 21 + 1, 1000);
  EXPECT_FALSE(clients.holds());
}

/// Three clients in turns, each told of its command once all three have executed, by a server
/// whose chains keep these guards.
class RoundsCertificates : public testing::Test {
 protected:
  CertificateChecker run(certificate::ChainGuards guards) {
    certificate::ServerChains chains(guards);
    Holders holders(hasher);
    CertificateChecker checker(hasher, 1);
    for (std::uint64_t number = 1; number <= 20; ++number) {
      for (std::uint32_t client = 0; client < 3; ++client) {
        const Bytes bytes = command_bytes(client, number, 0);
        const Digest leaf = command_leaf(client_id(client), number, bytes, hasher);
        chains.append(client_id(client), number, leaf, hasher);
        checker.on_entry(leaf);
      }
      for (std::uint32_t client = 0; client < 3; ++client) {
        if (!holders.acknowledge(client, number, chains)) checker.on_refused(number, "it");
        checker.on_chains(number, 0, chains);
        for (const std::uint64_t held : holders.acknowledged(client)) {
          checker.on_certificate(number, 0, chains,
                                 holders.certificate(client, held, chains.count()));
        }
      }
    }
    return checker;
  }

  SymbolicHasher hasher;
};

TEST_F(RoundsCertificates, AreCompleteAndSound) {
  const CertificateChecker checker = run({});
  EXPECT_TRUE(checker.holds()) << checker.complaint()->text();
  EXPECT_EQ(checker.shown(), 3 * 2 * 20 * 21 / 2);
}

TEST_F(RoundsCertificates, EveryGuardIsMissed) {
  EXPECT_FALSE(run({.root_alone_decides = false}).holds());
  EXPECT_FALSE(run({.folds_to_level = false}).holds());
  EXPECT_FALSE(run({.keeps_last_two = false}).holds());
}

TEST_F(RoundsCertificates, OtherRootsAreFound) {
  certificate::ServerChains chains;
  chains.append(client_id(0), 1, Digest{}, hasher);
  CertificateChecker checker(hasher, 1);
  checker.on_entry(Digest{});
  checker.on_chains(1, 0, chains);
  EXPECT_TRUE(checker.holds());
  CertificateChecker other(hasher, 1);
  other.on_entry(std::nullopt);
  other.on_chains(1, 0, chains);
  EXPECT_FALSE(other.holds());
}

TEST(RoundsFullForest, HasTheRootsOfEveryPrefix) {
  const SymbolicHasher hasher;
  FullForest forest(hasher);
  Forest growing;
  std::vector<Forest> prefixes{growing};
  for (std::uint8_t i = 0; i < 40; ++i) {
    Digest leaf;
    leaf.bytes[0] = i;
    forest.append(leaf);
    growing.append(leaf, hasher);
    prefixes.push_back(growing);
  }
  for (std::size_t count = 0; count < prefixes.size(); ++count) {
    EXPECT_EQ(forest.roots(count), prefixes[count].peaks());
  }
  EXPECT_EQ(FullForest::height(13, 7), 3u);
  EXPECT_EQ(FullForest::height(13, 8), 2u);
  EXPECT_EQ(FullForest::height(13, 12), 0u);
}

}  // namespace
}  // namespace waggle::sim::rounds
