// Properties over random values: ranks, trees, forests, records, and that no signed message
// survives the change of a bit.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "consensus/pbeegees/rules.hpp"
#include "consensus/pbeegees/validity.hpp"
#include "sim/crypto/symbolic.hpp"
#include "tests/support/chain.hpp"

namespace waggle::testing {
namespace {

using namespace chained;

TEST(PbeegeesProperty, RanksAreOrderedByViewThenQcView) {
  EXPECT_TRUE(rc::check([] {
    const auto small = rc::gen::inRange<std::uint64_t>(0, 4);
    const Rank a{View{*small}, View{*small}};
    const Rank b{View{*small}, View{*small}};
    const bool less = a.view < b.view || (a.view == b.view && a.qc_view < b.qc_view);
    RC_ASSERT((a < b) == less);
    RC_ASSERT((a < b) + (b < a) + (a == b) == 1);
  }));
}

/// Random blocks on random parents, in a random order of arrival; valid ones and others.
struct RandomTree {
  RandomTree() {
    std::vector<BlockPtr> all = {chain.genesis};
    const int count = *rc::gen::inRange(1, 25);
    for (int i = 0; i < count; ++i) {
      const BlockPtr parent = all[*rc::gen::inRange<std::size_t>(0, all.size())];
      const std::uint64_t step = *rc::gen::inRange<std::uint64_t>(1, 4);
      const BlockPtr block = chain.block({.view = parent->view().value + step,
                                          .parent = parent,
                                          .qc = nullptr,
                                          .commands = {std::to_string(i)}});
      all.push_back(block);
      parents[block->id] = parent;
    }
    all.erase(all.begin());
    for (std::size_t left = all.size(); left > 1; --left) {  // any order of arrival
      std::swap(all[left - 1], all[*rc::gen::inRange<std::size_t>(0, left)]);
    }
    blocks = all;
  }
  bool extends(const Digest& block, const Digest& ancestor) const {
    for (Digest at = block;; at = parents.at(at)->id) {
      if (at == ancestor) return true;
      if (!parents.contains(at)) return false;
    }
  }
  Chain chain;
  std::vector<BlockPtr> blocks;
  std::map<Digest, BlockPtr> parents;
};

TEST(PbeegeesProperty, ATreeConnectsAndJudgesWhatHasAllAncestorsInAnyOrder) {
  EXPECT_TRUE(rc::check([] {
    RandomTree random;
    const waggle::pbeegees::Rules rules;
    BlockTree tree(random.chain.config, random.chain.hasher, rules, random.chain.genesis);
    std::set<Digest> present = {random.chain.genesis->id};
    for (const BlockPtr& block : random.blocks) {
      RC_ASSERT(tree.insert(block, true).has_value());
      present.insert(block->id);
      for (const BlockPtr& one : random.blocks) {
        const Node* node = tree.find(one->id);
        if (!present.contains(one->id)) continue;
        bool connected = true;
        for (Digest at = one->id; at != random.chain.genesis->id;) {
          at = random.parents.at(at)->id;
          connected = connected && present.contains(at);
        }
        RC_ASSERT(node->connected() == connected);
        RC_ASSERT((node->validity == Validity::kUnknown) == !connected);
        if (!connected) continue;
        // Without a TC only the fast form is valid.
        const bool fast = random.parents.at(one->id)->view().next() == one->view();
        RC_ASSERT(node->valid() == fast);
        RC_ASSERT(*node->before == random.chain.before(one->id));
        for (const BlockPtr& other : random.blocks) {
          RC_ASSERT(tree.extends(node, other->id) == random.extends(one->id, other->id));
        }
      }
    }
  }));
}

TEST(PbeegeesProperty, AMovedHeadKeepsItsDescendantsAndNothingOlderBesideIt) {
  EXPECT_TRUE(rc::check([] {
    RandomTree random;
    const waggle::pbeegees::Rules rules;
    BlockTree tree(random.chain.config, random.chain.hasher, rules, random.chain.genesis);
    for (const BlockPtr& block : random.blocks) RC_ASSERT(tree.insert(block, true).has_value());
    for (int moves = 0; moves < 3; ++moves) {
      std::vector<Node*> above;
      for (const auto& [id, node] : tree.nodes()) {
        if (node->connected() && node.get() != tree.head()) above.push_back(node.get());
      }
      if (above.empty()) return;
      Node* head = above[*rc::gen::inRange<std::size_t>(0, above.size())];
      tree.advance_head(head);
      for (const BlockPtr& one : random.blocks) {
        const Node* node = tree.find(one->id);
        const bool on_top = random.extends(one->id, head->id());
        RC_ASSERT(!on_top || (node != nullptr && node->connected()));
        if (node == nullptr) continue;
        RC_ASSERT(on_top == node->connected());
        RC_ASSERT(on_top || node->view() >= head->view());
        RC_ASSERT(node->connected() || node->validity == Validity::kUnknown);
        RC_ASSERT(node == tree.head() || node->parent == tree.find(node->block->parent()));
        for (const Node* child : node->children) RC_ASSERT(child->parent == node);
      }
      // What was cut off can be walked without harm.
      for (const auto& [id, node] : tree.nodes()) {
        RC_ASSERT(node->connected() || !rules.validated(tree, *node).has_value());
      }
    }
  }));
}

/// Peaks by their definition: perfect trees over the leaves, largest first.
Digest perfect(std::span<const Digest> leaves, const Hasher& hasher) {
  if (leaves.size() == 1) return leaves.front();
  const std::size_t half = leaves.size() / 2;
  return merkle_node(perfect(leaves.first(half), hasher), perfect(leaves.subspan(half), hasher),
                     hasher);
}

TEST(PbeegeesProperty, AForestHasOnePerfectTreePerSetBit) {
  EXPECT_TRUE(rc::check([] {
    const sim::SymbolicHasher hasher;
    const auto count = *rc::gen::inRange<std::size_t>(0, 70);
    std::vector<Digest> leaves;
    for (std::size_t i = 0; i < count; ++i) {
      leaves.push_back(hasher.hash({as_bytes(std::to_string(i))}));
    }
    Forest forest;
    forest.append(leaves, hasher);
    std::vector<Digest> peaks;
    std::span<const Digest> rest(leaves);
    for (std::size_t bit = 64; bit > 0; bit /= 2) {
      if ((count & bit) == 0) continue;
      peaks.push_back(perfect(rest.first(bit), hasher));
      rest = rest.subspan(bit);
    }
    RC_ASSERT(forest.peaks() == peaks);
    Writer writer;
    forest.encode(writer);
    Reader reader(writer.bytes());
    RC_ASSERT(Forest::decode(reader) == forest);
    RC_ASSERT(reader.done());
  }));
}

View any_view() { return View{*rc::gen::arbitrary<std::uint64_t>()}; }

SafetyRecord any_record(const Chain& chain) {
  SafetyRecord record;
  record.last_voted_view = any_view();
  record.last_timeout_view = any_view();
  record.last_proposed_view = any_view();
  record.last_voted_block = chain.hasher.hash({as_bytes("voted")});
  record.tip = Tip{any_view(), chain.hasher.hash({as_bytes("tip")}), any_view()};
  record.high_qc = chain.qc(*chain.genesis);
  record.view = any_view();
  record.rejoin = *rc::gen::arbitrary<bool>() ? RejoinPhase::kRejoining : RejoinPhase::kNone;
  record.rejoin_bound = any_view();
  const Tip g = chain.genesis->tip();
  switch (*rc::gen::inRange(0, 4)) {
    case 0: break;
    case 1: record.entry.proof = chain.genesis->qc; break;
    case 2: record.entry.proof = chain.tc(3, {{0, g}, {1, g}, {2, g}}); break;
    default: {
      Timeout voted = chain.timeout(1, 4, g);
      voted.tip_vote = voted.signature;
      voted.full_qc = chain.genesis->qc;
      record.entry.proof = std::vector<Timeout>{chain.timeout(0, 5, g), voted};
    }
  }
  return record;
}

TEST(PbeegeesProperty, ARecordReadsBackAndNoPrefixOfItDoes) {
  EXPECT_TRUE(rc::check([] {
    const Chain chain;
    const Bytes bytes = encode_record(any_record(chain));
    const auto read = decode_record(bytes);
    RC_ASSERT(read.has_value());
    RC_ASSERT(encode_record(*read) == bytes);
    const auto cut = *rc::gen::inRange<std::size_t>(0, bytes.size());
    RC_ASSERT(!decode_record(ByteView(bytes).first(cut)).has_value());
    Bytes longer = bytes;
    longer.push_back(0);
    RC_ASSERT(!decode_record(longer).has_value());
  }));
}

TEST(PbeegeesProperty, NoSingleBitOfABlockCanChange) {
  Chain chain;
  const BlockPtr b1 = chain.block({1, chain.genesis, nullptr, nullptr, {"put a 1"}});
  const Tip tip = b1->tip();
  const TcPtr tc = chain.tc(2, {{0, tip}, {1, tip}, {3, chain.genesis->tip()}});
  const BlockPtr b3 = chain.block({3, b1, nullptr, tc, {"put b 2"}});
  Writer writer;
  encode_without_payload(writer, *b3);
  const Bytes whole = writer.take();
  EXPECT_TRUE(rc::check([&] {
    const auto bit = *rc::gen::inRange<std::size_t>(0, whole.size() * 8);
    Bytes changed = whole;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto block = decode_block(changed, b3->payload->bytes(), chain.config, chain.hasher);
    if (!block) return;
    RC_ASSERT(!chain.validate(Proposal{*block}, 3).has_value());
  }));
}

TEST(PbeegeesProperty, NoSingleBitOfAVoteATimeoutOrACertificateCanChange) {
  Chain chain;
  const BlockPtr b1 = chain.block({1, chain.genesis, nullptr, nullptr, {}});
  Timeout timeout = chain.timeout(2, 1, b1->tip());
  timeout.tip_vote = chain.vote_signature(2, View{1}, b1->id);
  timeout.high_qc = b1->qc->ref();
  EXPECT_TRUE(rc::check([&] {
    Writer writer;
    const bool qc_case = *rc::gen::arbitrary<bool>();
    if (qc_case) {
      encode(writer, *chain.qc(*b1));
    } else {
      encode(writer, timeout);
    }
    Bytes bytes = writer.take();
    // The reference to the highest QC is a hint and not signed; it and the flag behind it end the
    // encoding.
    const std::size_t covered = qc_case ? bytes.size() : bytes.size() - 41;
    const auto bit = *rc::gen::inRange<std::size_t>(0, covered * 8);
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    Reader reader(bytes);
    if (qc_case) {
      const QuorumCert qc = decode_qc(reader);
      if (!reader.done()) return;
      const auto shared = std::make_shared<const QuorumCert>(qc);
      RC_ASSERT(!chain.validate(Certificate{{shared}}, 1).has_value());
    } else {
      const Timeout changed = decode_timeout(reader);
      if (!reader.done()) return;
      RC_ASSERT(!chain.validate(TimeoutMessage{changed}, 2).has_value());
    }
  }));
}

}  // namespace
}  // namespace waggle::testing
