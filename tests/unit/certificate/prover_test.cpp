// What a replica stores is enough to prove every command that it executed, and no other.
#include "smr/replica/prover.hpp"

#include <gtest/gtest.h>

#include "sim/base/random.hpp"
#include "tests/unit/certificate/proof_chain.hpp"

namespace waggle::smr {
namespace {

using certificate::Inclusion;
using sim::Signatures;
using testing::ProofChain;

/// A storage that counts what is read.
class Counting final : public storage::Storage {
 public:
  explicit Counting(const storage::Storage& inner) : inner_(inner) {}
  storage::Outcome<void> write(const storage::Batch&, bool) override { return {}; }
  storage::Outcome<std::optional<Bytes>> get(storage::Family family, ByteView key) const override {
    if (family == storage::Family::kBlocks) ++blocks;
    ++reads;
    return inner_.get(family, key);
  }
  storage::Outcome<void> scan(
      storage::Family family, ByteView from, ByteView to,
      const std::function<bool(ByteView key, ByteView value)>& visit) const override {
    ++reads;
    return inner_.scan(family, from, to, visit);
  }
  mutable std::size_t reads = 0;
  mutable std::size_t blocks = 0;

 private:
  const storage::Storage& inner_;
};

/// A chain with payloads of all sizes, failed views and twins, and where each command lies.
struct RandomChain : ProofChain {
  struct Place {
    std::uint32_t client;
    std::uint64_t number;
    BlockPtr block;
    std::uint64_t index;     ///< In the block.
    std::uint64_t position;  ///< In the chain.
  };

  RandomChain(std::uint64_t seed, std::size_t blocks)
      : ProofChain(4, Signatures::kSymbolic), rng(seed) {
    BlockPtr top = chain.genesis;
    std::vector<BlockPtr> made;
    for (std::size_t i = 0; i < blocks; ++i) {
      made.push_back(top = next(top));
    }
    for (int i = 0; i < 3; ++i) made.push_back(top = fast(top));
    for (std::size_t i = 0; i + 2 < made.size(); ++i) commit(made[i]);
    for (std::size_t i = made.size() - 3; i < made.size(); ++i) hold(made[i]);
    tree.items.back().certificate = qc(top);
  }

  BlockPtr next(const BlockPtr& parent) {
    std::vector<Bytes> requests;
    std::vector<Place> added;
    std::uint64_t index = 0;
    for (std::uint64_t r = rng.below(4); r > 0; --r) {
      const auto client = static_cast<std::uint32_t>(rng.below(3));
      const std::vector<std::string> commands(1 + rng.below(9), "command " + std::to_string(r));
      requests.push_back(request(client, numbers[client] + 1, commands));
      for (std::size_t i = 0; i < commands.size(); ++i) {
        added.push_back({client, ++numbers[client], nullptr, index++, ordered++});
      }
    }
    BlockPtr block;
    if (parent->view() == View{0} || rng.below(3) > 0) {
      block = fast(parent, std::move(requests));
    } else {
      block = skip_views(parent, std::move(requests));
    }
    for (Place& place : added) {
      place.block = block;
      places.push_back(std::move(place));
    }
    return block;
  }

  /// On the parent by timeouts, now and then with a twin of it among the tips.
  BlockPtr skip_views(const BlockPtr& parent, std::vector<Bytes> requests) {
    const std::uint64_t view = parent->view().value + 2 + rng.below(3);
    std::vector<Tip> tips{parent->tip()};
    if (parent->height() > Height{1} && rng.below(2) == 0) {
      const BlockPtr twin = chain.changed(*parent, [this](Block& block) {
        block.payload = Payload::empty(chain.hasher);
        block.header.history_root = Digest{};
      });
      tips.push_back({twin->view(), twin->id, twin->header.qc.view});
      if (rng.below(2) == 0) tree.items.push_back({{twin, chain.before(parent->id)}, nullptr});
    }
    return after_timeouts(view, parent, rng.below(2) == 0 ? parent->qc : qc(parent), tips,
                          std::move(requests));
  }

  sim::Random rng;
  std::uint64_t numbers[3] = {};
  std::uint64_t ordered = 0;
  std::vector<Place> places;
};

TEST(Prover, ProvesEveryCommandOfAChainWithFailedViewsAndTwins) {
  std::size_t by_history = 0;
  std::size_t with_tips = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const RandomChain random(seed, 60);
    for (const RandomChain::Place& place : random.places) {
      const auto proof = random.prove(place.client, place.number);
      const auto proven = random.verify(certificate::encode(proof));
      ASSERT_TRUE(proven) << to_string(proven.error()) << " seed " << seed;
      EXPECT_EQ(proven->client, random.chain.client(place.client).public_key());
      EXPECT_EQ(proven->number, place.number);
      if (proven->inclusion == Inclusion::kHistory) {
        EXPECT_EQ(proven->position, place.position);
        EXPECT_GT(proven->block.height, place.block->height());
        ++by_history;
      } else {
        EXPECT_EQ(proven->position, place.index);
        EXPECT_EQ(proven->block.id, place.block->id);
      }
      with_tips += proof.tip_lists.empty() ? 0 : 1;
    }
  }
  EXPECT_GT(by_history, 100U);
  EXPECT_GT(with_tips, 10U);
}

TEST(Prover, InTheCommonCaseAProofIsTwoHeadersAndFourBlocksAreRead) {
  ProofChain proofs(4, Signatures::kSymbolic);
  BlockPtr top = proofs.chain.genesis;
  for (std::uint64_t i = 1; i <= 20; ++i) {
    top = proofs.fast(top, {proofs.request(0, i, {"command"})});
    proofs.commit(top);
  }
  const Counting counting(proofs.storage);
  Prover prover(counting, proofs.tree, proofs.chain.config, proofs.chain.hasher);
  const auto proof = prover.prove(proofs.chain.client(0).public_key(), 5).value().value();
  EXPECT_EQ(proof.headers.size(), 2U);
  EXPECT_EQ(proof.inclusion, Inclusion::kPayload);
  EXPECT_LE(counting.blocks, 4U);
}

TEST(Prover, AnOldCommandOfALongHistoryTakesFewReads) {
  ProofChain proofs(4, Signatures::kSymbolic);
  BlockPtr top = proofs.fast(proofs.chain.genesis, {proofs.request(0, 1, {"first"})});
  proofs.commit(top);
  std::uint64_t number = 1;
  for (std::uint64_t i = 0; i < 60; ++i) {  // nothing certified: no pair below
    const std::vector<std::string> commands(200, "another");
    top = proofs.after_timeouts(top->view().value + 2, top, proofs.chain.genesis->qc, {top->tip()},
                                {proofs.request(1, number, commands)});
    number += commands.size();
    proofs.commit(top);
  }
  const BlockPtr b2 = proofs.fast(top);
  proofs.commit({b2, proofs.fast(b2)});
  const Counting counting(proofs.storage);
  Prover prover(counting, proofs.tree, proofs.chain.config, proofs.chain.hasher);
  const auto proof = prover.prove(proofs.chain.client(0).public_key(), 1).value().value();
  EXPECT_EQ(proof.inclusion, Inclusion::kHistory);
  EXPECT_EQ(proof.path.count, 60 * 200 + 1 - 200U) << "all below the last block";
  EXPECT_TRUE(proofs.verify(proof));
  EXPECT_LE(counting.blocks, 62U + 14U) << "the search for a pair, and one per level";
  EXPECT_LE(counting.reads, 300U);
}

TEST(Prover, WhatIsNotExecutedIsNotProven) {
  ProofChain proofs(4, Signatures::kSymbolic);
  const BlockPtr b1 = proofs.fast(proofs.chain.genesis, {proofs.request(0, 3, {"a", "b"})});
  const BlockPtr b2 = proofs.fast(b1, {proofs.request(0, 5, {"c"})});
  proofs.commit(b1);
  proofs.hold(b1);
  proofs.hold(b2);
  for (const std::uint64_t number : {1U, 2U, 5U, 6U}) {
    EXPECT_EQ(proofs.ask(0, number).error(), ProofRefusal::kNotCommitted) << number;
  }
  EXPECT_EQ(proofs.ask(1, 3).error(), ProofRefusal::kNotCommitted) << "another client";
  EXPECT_EQ(proofs.ask(0, 3).error(), ProofRefusal::kNotProvable) << "B2 is not certified here";
  proofs.tree.items.back().certificate = proofs.qc(b2);
  EXPECT_TRUE(proofs.verify(proofs.prove(0, 3)));
}

TEST(Prover, ACommandThatOccursTwiceIsProvenWhereItWasExecuted) {
  ProofChain proofs(4, Signatures::kSymbolic);
  const Bytes request = proofs.request(0, 1, {"a", "b", "c"});
  const BlockPtr b1 = proofs.fast(proofs.chain.genesis, {request});
  const BlockPtr b2 = proofs.fast(b1, {proofs.request(0, 3, {"another", "d"}), request});
  const BlockPtr b3 = proofs.fast(b2);
  proofs.commit({b1, b2});
  proofs.hold(b3, proofs.qc(b3));
  for (const auto& [number, home] : {std::pair{3U, b1}, std::pair{4U, b2}, std::pair{1U, b1}}) {
    const auto proven = proofs.verify(proofs.prove(0, number));
    ASSERT_TRUE(proven);
    EXPECT_EQ(proven->block.id, home->id) << number;
  }
  EXPECT_EQ(proofs.prove(0, 3).command, to_bytes("c"));
  EXPECT_EQ(proofs.prove(0, 4).command, to_bytes("d"));
}

/// 5.2 suspends the pair B1, Z; the next one proves the same.
TEST(Prover, ASuspendedPairIsPassedOver) {
  ProofChain proofs(4, Signatures::kSymbolic);
  const BlockPtr b1 = proofs.fast(proofs.chain.genesis, {proofs.request(0, 1, {"a"})});
  const BlockPtr beside = proofs.fast(proofs.chain.genesis, {proofs.request(0, 2, {"b"})});
  const QcPtr& qc0 = proofs.chain.genesis->qc;
  const BlockPtr y = proofs.after_timeouts(3, b1, qc0, {b1->tip()});
  const BlockPtr x = proofs.after_timeouts(3, beside, qc0, {beside->tip()});
  const BlockPtr z = proofs.after_timeouts(5, y, proofs.qc(b1), {y->tip(), x->tip()});
  proofs.commit(b1);
  for (const BlockPtr& block : {b1, beside, y, x}) proofs.hold(block);
  proofs.hold(z, proofs.qc(z));
  EXPECT_EQ(proofs.ask(0, 1).error(), ProofRefusal::kNotProvable);
  const BlockPtr next = proofs.fast(z);
  proofs.hold(next, proofs.qc(next));
  const auto proof = proofs.prove(0, 1);
  EXPECT_TRUE(proofs.verify(proof));
  EXPECT_EQ(proof.headers.front().view, next->view());
}

}  // namespace
}  // namespace waggle::smr
