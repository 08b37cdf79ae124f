// Blocks that break a rule of section 3, from a replica whose turn it is: refused for the reason
// that the specification names, and never in the way of the next leader.
#include <csignal>

#include "tests/integration/byzantine_cluster.hpp"

namespace waggle::integration {
namespace {

using namespace chained;

/// Signs the block as its header is.
BlockPtr with_signature(Block block, const ByzantinePeer& peer) {
  block.id = block_id(block.header, peer.chain().chain_id, peer.hasher());
  block.signature = peer.signer().sign(proposal_bytes(peer.chain().chain_id, block.id));
  return std::make_shared<const Block>(std::move(block));
}

/// Makes the header name what the block carries, and signs.
BlockPtr sealed(Block block, const ByzantinePeer& peer) {
  block.header.qc = block.qc->ref();
  block.header.qc_digest = qc_digest(*block.qc, peer.hasher());
  if (block.tc) block.header.tc_digest = tc_digest(*block.tc, peer.hasher());
  block.header.payload_root = block.payload->root();
  return with_signature(std::move(block), peer);
}

/// More of the same than a block may hold.
PayloadPtr oversized_payload(const ByzantinePeer& peer) {
  const PayloadPtr small = peer.payload(false);
  Limits limits = peer.chain().limits;
  Bytes bytes;
  while (bytes.size() <= limits.payload_bytes_max) {
    append_to_payload(bytes, small->requests()[0].in(*small->bytes()));
  }
  limits.payload_bytes_max *= 2;
  return *Payload::parse(std::make_shared<const Bytes>(std::move(bytes)), limits, peer.hasher());
}

/// What it shows the others in its turn, made of a block that would be right.
struct Wrong {
  Refusal reason;
  std::function<std::vector<BlockPtr>(const Block& good, const ByzantinePeer::Turn&)> make;
};

class ByzantineBlocks : public Byzantine {
 protected:
  /// The block with one change, which it is then signed for.
  template <class Change>
  Wrong changed(Refusal reason, Change change) const {
    return {reason, [this, change](const Block& good, const ByzantinePeer::Turn& turn) {
              Block block = good;
              change(block, turn);
              return std::vector{sealed(std::move(block), *peer_)};
            }};
  }
  /// The same, but the header does not fit what comes with it.
  template <class Change>
  Wrong inconsistent(Refusal reason, Change change) const {
    return {reason, [this, change](const Block& good, const ByzantinePeer::Turn&) {
              Block block = good;
              change(block.header);
              return std::vector{with_signature(std::move(block), *peer_)};
            }};
  }
  BlockPtr good_block(const ByzantinePeer::Turn& turn) const {
    return peer_->author().block(
        {turn.view, turn.parent.block, turn.history, turn.qc, nullptr, nullptr});
  }
  void show(const ByzantinePeer::Turn& turn, const std::vector<BlockPtr>& blocks) {
    for (std::uint32_t id = 0; id < kSelf; ++id) {
      peer_->send(ReplicaId{id}, Certificate{{turn.qc}});  // they enter its view in any case
      for (const BlockPtr& block : blocks) peer_->send(ReplicaId{id}, Proposal{block});
    }
  }
  void expect_refusals(const std::vector<Wrong>& wrongs) {
    Workload load(cluster_, 2, 7);
    for (const Wrong& wrong : wrongs) {
      const double before = refused(wrong.reason);
      bool counted = false;
      // On a busy machine the others may have given up on its view before they hear of the block.
      for (int turns = 0; turns < 5 && !counted; ++turns) {
        const auto turn = peer_->await_turn(ReplicaId{1}, kPatience);
        ASSERT_TRUE(turn) << to_string(wrong.reason);
        show(*turn, wrong.make(*good_block(*turn), *turn));
        counted = Cluster::await(seconds(2), [&] { return refused(wrong.reason) > before; });
      }
      EXPECT_TRUE(counted) << to_string(wrong.reason);
    }
    EXPECT_TRUE(load.time_to_commit(kPatience, 20));
    load.stop();
    load.verify(*client_);
  }
};

TEST_F(ByzantineBlocks, OfAWrongPositionAreRefused) {
  const auto changes = [&](const Block& good, std::uint8_t twins) {
    std::vector<BlockPtr> blocks;
    for (std::uint8_t twin = 0; twin < twins; ++twin) {
      Block block = good;
      block.header.parent.bytes.fill(twin);
      blocks.push_back(sealed(std::move(block), *peer_));
    }
    return blocks;
  };
  const auto twice_in_a_view = [&](const Block& good, const ByzantinePeer::Turn&) {
    // The first is never voted for: a vote would end the view before anybody looks at the second.
    Block below = good;
    below.header.history_root.bytes[0] ^= 1;
    const BlockPtr first = sealed(std::move(below), *peer_);
    Block second = good;
    second.header.parent = first->id;
    second.header.height = first->height().next();
    return std::vector{first, sealed(std::move(second), *peer_)};
  };
  expect_refusals({
      changed(Refusal::kBadHeight, [](Block& b, const auto&) { b.header.height.value += 1; }),
      {Refusal::kBadView, twice_in_a_view},
      changed(Refusal::kConflictsCommitted,
              [](Block& b, const auto&) { b.header.view.value -= 4; }),
      changed(Refusal::kFutureView, [](Block& b, const auto&) { b.header.view.value += 400; }),
      changed(Refusal::kWrongLeader, [](Block& b, const auto&) { b.header.view.value += 1; }),
      {Refusal::kTooMany, [&](const Block& good, const auto&) { return changes(good, 10); }},
  });
}

TEST_F(ByzantineBlocks, WithCertificatesThatDoNotFitAreRefused) {
  const auto& hasher = peer_->hasher();
  expect_refusals({
      changed(Refusal::kNotFastForm,
              [](Block& b, const ByzantinePeer::Turn& turn) { b.qc = turn.parent.block->qc; }),
      changed(Refusal::kQcBelowParent,
              [&](Block& b, const auto&) { b.qc = peer_->author().genesis()->qc; }),
      changed(Refusal::kQcNotAncestor,  // beside the block that its QC certifies
              [&](Block& b, const ByzantinePeer::Turn& turn) {
                b.header.parent = turn.parent.block->parent();
                b.header.height = turn.parent.block->height();
                b.header.history_root = turn.parent.before.root(hasher);
              }),
      inconsistent(Refusal::kBadCertificate, [](BlockHeader& h) { h.qc_digest.bytes[0] ^= 1; }),
      inconsistent(Refusal::kBadCertificate, [](BlockHeader& h) { h.tc_digest = Digest{}; }),
  });
}

TEST_F(ByzantineBlocks, OfAWrongContentAreRefused) {
  expect_refusals({
      changed(Refusal::kBadHistoryRoot,
              [](Block& b, const auto&) { b.header.history_root.bytes[0] ^= 1; }),
      changed(Refusal::kBadSignature,
              [&](Block& b, const auto&) { b.payload = peer_->payload(false); }),
      inconsistent(Refusal::kBadPayload, [](BlockHeader& h) { h.payload_root.bytes[0] ^= 1; }),
      changed(Refusal::kTooLarge,
              [&](Block& b, const auto&) { b.payload = oversized_payload(*peer_); }),
  });
}

TEST_F(ByzantineBlocks, TwoOfOneViewAreNoticedAndNothingIsLost) {
  Workload load(cluster_, 2, 8);
  const auto turn = peer_->await_turn(ReplicaId{1}, kPatience);
  ASSERT_TRUE(turn);
  const double before = target_metric("waggle_equivocations_total");
  const BlockPtr one = good_block(*turn);
  const BlockPtr other = peer_->author().with_payload(*one, peer_->payload(true));
  show(*turn, {one, other});
  EXPECT_TRUE(Cluster::await(
      seconds(10), [&] { return target_metric("waggle_equivocations_total") >= before + 1; }));
  EXPECT_TRUE(load.time_to_commit(kPatience, 20));
  load.stop();
  load.verify(*client_);
}

/// After a view that failed: a block with a TC, in whose making the author had a part.
struct WrongForm {
  Refusal reason;
  std::function<BlockPtr(const ByzantinePeer::FailedTurn&)> make;
  /// Of the parent that the tips name; none: any will do.
  std::function<bool(const ChainedBlock&)> wanted = [](const ChainedBlock&) { return true; };
};

/// While replica 2 hangs, nothing is certified without the author's vote, which it withholds:
/// blocks pile up above the last certified one, and views go by with timeouts.
TEST_F(ByzantineBlocks, OfTheTimeoutFormAreRefused) {
  using Turn = ByzantinePeer::FailedTurn;
  const auto tc = [&](const Turn& turn, const Tip& own) {
    std::vector<Timeout> timeouts = turn.timeouts;
    timeouts.push_back(peer_->author().timeout(turn.view.previous(), own));
    return peer_->author().tc(turn.view.previous(), std::move(timeouts));
  };
  const auto on_parent = [&](const Turn& turn, const Tip& own, PayloadPtr payload) {
    return peer_->author().block({turn.view, turn.parent.block, turn.history, turn.parent.block->qc,
                                  tc(turn, own), std::move(payload)});
  };
  const std::vector<WrongForm> wrongs = {
      {Refusal::kRankNotMaximal,
       [&](const Turn& turn) {
         return peer_->author().block({turn.view, turn.below.block, turn.parent.before,
                                       turn.below.block->qc, tc(turn, turn.parent.block->tip()),
                                       nullptr});
       }},
      {Refusal::kFalseRank,
       [&](const Turn& turn) {
         Tip claim = turn.parent.block->tip();
         claim.qc_view = claim.qc_view.next();
         return on_parent(turn, claim, nullptr);
       }},
      {Refusal::kTipAboveTc,
       [&](const Turn& turn) {
         Tip claim = turn.parent.block->tip();
         claim.view = turn.view;
         return on_parent(turn, claim, nullptr);
       }},
      {Refusal::kPayloadBeyondDepth,
       [&](const Turn& turn) {
         return on_parent(turn, turn.parent.block->tip(), peer_->payload(true));
       },
       [](const ChainedBlock& parent) {  // D is 1: two uncertified ones below are too many
         return parent.block->qc->block != parent.block->parent();
       }},
  };
  ASSERT_EQ(peer_->chain().depth_max, 1u);
  cluster_.process(2).signal(SIGSTOP);
  auto waiting = client_->submit(encode(put("meanwhile", "v")), seconds(60));
  View last;
  for (const WrongForm& wrong : wrongs) {
    const double before = refused(wrong.reason);
    bool counted = false;
    for (int turns = 0; turns < 3 && !counted; ++turns) {
      const auto turn = peer_->await_failed_turn(kTarget, last, kPatience, wrong.wanted);
      ASSERT_TRUE(turn) << to_string(wrong.reason);
      last = turn->view;
      const BlockPtr block = wrong.make(*turn);
      for (std::uint32_t id = 0; id < 2; ++id) peer_->send(ReplicaId{id}, Proposal{block});
      counted = Cluster::await(seconds(2), [&] { return refused(wrong.reason) > before; });
    }
    EXPECT_TRUE(counted) << to_string(wrong.reason);
  }
  cluster_.process(2).signal(SIGCONT);
  EXPECT_TRUE(std::holds_alternative<client::Committed>(waiting.get()));
}

}  // namespace
}  // namespace waggle::integration
