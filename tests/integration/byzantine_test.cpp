// One of four replicas does what it likes: a test that holds its keys. The others refuse, count
// why, stay within their memory and go on serving.
#include <algorithm>
#include <atomic>
#include <iostream>

#include <gtest/gtest.h>

#include "tests/integration/byzantine_peer.hpp"
#include "tests/integration/sockets.hpp"
#include "tests/integration/workload.hpp"

namespace waggle::integration {
namespace {

using namespace chained;

constexpr auto kPatience = seconds(30);
constexpr std::uint32_t kSelf = 3;
constexpr ReplicaId kTarget{0};

class Byzantine : public testing::Test {
 protected:
  void SetUp() override {
    for (std::uint32_t id = 0; id < kSelf; ++id) cluster_.start(id);
    peer_.emplace(cluster_, kSelf);
    for (std::uint32_t id = 0; id < kSelf; ++id) ASSERT_TRUE(peer_->await_connected(ReplicaId{id}));
    client_ = cluster_.open_client();
    must_commit(*client_, put("k", "v"));
    ASSERT_NE(peer_->last_block(), nullptr);
  }
  void TearDown() override {
    must_commit(*cluster_.open_client(), put("k", "w"));  // whatever happened
    EXPECT_TRUE(cluster_.await_equal(kPatience));
  }
  double refused(Refusal reason) const {
    return metric(http_get(cluster_.ports().metrics(kTarget.value), "/metrics"),
                  "waggle_refused_total", "reason=\"" + std::string(to_string(reason)) + "\"");
  }
  /// Waits until the target has counted so many more refusals than `before`.
  void expect_refused(Refusal reason, double before, double more = 1) const {
    EXPECT_TRUE(Cluster::await(seconds(10), [&] { return refused(reason) >= before + more; }))
        << to_string(reason) << ": " << refused(reason) - before << " more";
  }
  /// The target refuses what `send` sends it, for this reason.
  template <class Send>
  void refuses(Refusal reason, Send send) const {
    const double before = refused(reason);
    send();
    expect_refused(reason, before);
  }
  Vote own_vote(View view, const Digest& block) const { return peer_->author().vote(view, block); }
  void say(const Message& message) { peer_->send(kTarget, message); }

  Cluster cluster_{4, "view_timeout_ms = 500\n"};
  std::optional<ByzantinePeer> peer_;
  std::unique_ptr<client::Client> client_;
};

TEST_F(Byzantine, WhatItDoesNotSignForItselfCountsForNothing) {
  const BlockPtr block = peer_->last_block();
  const View far{1'000'000};
  refuses(Refusal::kWrongSender, [&] {
    Vote vote = own_vote(far, block->id);
    vote.voter = ReplicaId{1};
    say(vote);
  });
  refuses(Refusal::kUnknownReplica, [&] {
    Vote vote = own_vote(far, block->id);
    vote.voter = ReplicaId{4};
    say(vote);
  });
  refuses(Refusal::kBadSignature, [&] {
    Vote vote = own_vote(far, block->id);
    vote.view = far.next();
    say(vote);
  });
  refuses(Refusal::kBadSignature, [&] {  // of another chain
    ChainConfig other = peer_->chain();
    other.chain_id.bytes[0] ^= 1;
    say(sign(Vote{far, block->id, ReplicaId{kSelf}, {}}, peer_->signer(), other));
  });
  refuses(Refusal::kWrongSender, [&] { say(Proposal{block}); });
  refuses(Refusal::kBadSignature, [&] {
    Timeout timeout = peer_->author().timeout(far, block->tip());
    timeout.tip.view = timeout.tip.view.next();
    say(TimeoutMessage{timeout});
  });
}

TEST_F(Byzantine, ForgedCertificatesAreRefusedAndMoveNobody) {
  const BlockPtr block = peer_->last_block();
  const View far{1'000'000};
  const auto entry = [&](std::uint32_t as) {
    return SignerSignature{ReplicaId{as}, own_vote(far, block->id).signature};
  };
  const auto certificate = [&](const std::vector<std::uint32_t>& signers) {
    QuorumCert qc{far, block->id, {}};
    for (const std::uint32_t signer : signers) qc.signatures.push_back(entry(signer));
    return Certificate{{std::make_shared<const QuorumCert>(std::move(qc))}};
  };
  refuses(Refusal::kDuplicateSigner, [&] { say(certificate({3, 3, 3})); });
  refuses(Refusal::kTooFewSigners, [&] { say(certificate({3})); });
  refuses(Refusal::kUnknownReplica, [&] { say(certificate({2, 3, 4})); });
  refuses(Refusal::kBadSignature, [&] { say(certificate({1, 2, 3})); });  // all by one key

  const auto own = peer_->author().timeout(far, block->tip());
  const auto tc = [&](std::vector<Timeout> timeouts) {
    return Certificate{{peer_->author().tc(far, std::move(timeouts))}};
  };
  refuses(Refusal::kDuplicateSigner, [&] { say(tc({own, own, own})); });
  refuses(Refusal::kTooFewSigners, [&] { say(tc({own})); });
  refuses(Refusal::kBadSignature, [&] {
    Timeout one = own, two = own;
    one.sender = ReplicaId{1};
    two.sender = ReplicaId{2};
    say(tc({one, two, own}));
  });
  EXPECT_LT(cluster_.status(0)->view, far);
}

TEST_F(Byzantine, ReplaysChangeNothingAndFarViewsCrowdOutOnlyItsOwn) {
  const BlockPtr block = peer_->last_block();
  const View far{1'000'000};
  const Vote vote = own_vote(far, block->id);
  say(vote);
  refuses(Refusal::kDuplicate, [&] { say(vote); });
  const Timeout timeout = peer_->author().timeout(far, block->tip());
  say(TimeoutMessage{timeout});
  refuses(Refusal::kDuplicate, [&] { say(TimeoutMessage{timeout}); });
  const double before = refused(Refusal::kTooMany);
  for (std::uint64_t i = 1; i <= 200; ++i) {
    say(own_vote(View{far.value + i}, block->id));
    say(TimeoutMessage{peer_->author().timeout(View{far.value + i}, block->tip())});
  }
  expect_refused(Refusal::kTooMany, before, 300);
  refuses(Refusal::kUnsolicited, [&] { say(Branch{block->id, {}, nullptr}); });
  refuses(Refusal::kUnsolicited, [&] {
    RejoinReport report;
    report.reporter = ReplicaId{kSelf};
    report.rejoiner = kTarget;
    peer_->send_signed(kTarget, report);
  });
  refuses(Refusal::kRateLimited, [&] {
    for (int i = 0; i < 5; ++i) {
      peer_->send_signed(kTarget, RejoinChallenge{ReplicaId{kSelf}, {}, {}});
    }
  });
  EXPECT_LT(cluster_.status(0)->view, far) << "one replica's word moves nobody";
}

/// A block for its own turn, and what is wrong with it.
struct Wrong {
  Refusal reason;
  /// Of header and content; it is signed afterwards. None: the parent is one that nobody has.
  std::function<void(Block&, const ByzantinePeer::Turn&)> change;
};

BlockPtr sealed(Block block, const ByzantinePeer& peer) {
  block.header.qc = block.qc->ref();
  block.header.qc_digest = qc_digest(*block.qc, peer.hasher());
  block.header.payload_root = block.payload->root();
  block.id = block_id(block.header, peer.chain().chain_id, peer.hasher());
  block.signature = peer.signer().sign(proposal_bytes(peer.chain().chain_id, block.id));
  return std::make_shared<const Block>(std::move(block));
}

/// Commands without a client's signature.
PayloadPtr unsigned_payload(const ByzantinePeer& peer) {
  Writer request;
  request.fixed(peer.signer().public_key()).u64(1).u32(1).sized(to_bytes("stolen"));
  request.fixed(Signature{});
  Bytes bytes;
  append_to_payload(bytes, request.bytes());
  return *Payload::parse(std::make_shared<const Bytes>(bytes), peer.chain().limits, peer.hasher());
}

/// More of the same than a block may hold.
PayloadPtr oversized_payload(const ByzantinePeer& peer) {
  const PayloadPtr small = unsigned_payload(peer);
  Limits limits = peer.chain().limits;
  Bytes bytes;
  while (bytes.size() <= limits.payload_bytes_max) {
    append_to_payload(bytes, small->requests()[0].in(*small->bytes()));
  }
  limits.payload_bytes_max *= 2;
  return *Payload::parse(std::make_shared<const Bytes>(std::move(bytes)), limits, peer.hasher());
}

TEST_F(Byzantine, InvalidBlocksAreRefusedAsTheSpecSays) {
  Workload load(cluster_, 2, 7);
  const std::vector<Wrong> wrongs = {
      {Refusal::kBadHeight, [](Block& b, const auto&) { b.header.height.value += 1; }},
      {Refusal::kBadHistoryRoot,
       [](Block& b, const auto&) { b.header.history_root.bytes[0] ^= 1; }},
      {Refusal::kConflictsCommitted, [](Block& b, const auto&) { b.header.view.value -= 4; }},
      {Refusal::kFutureView, [](Block& b, const auto&) { b.header.view.value += 400; }},
      {Refusal::kWrongLeader, [](Block& b, const auto&) { b.header.view.value += 1; }},
      {Refusal::kNotFastForm,
       [](Block& b, const ByzantinePeer::Turn& turn) { b.qc = turn.parent.block->qc; }},
      {Refusal::kQcBelowParent,
       [&](Block& b, const auto&) { b.qc = peer_->author().genesis()->qc; }},
      {Refusal::kBadSignature,
       [&](Block& b, const auto&) { b.payload = unsigned_payload(*peer_); }},
      {Refusal::kTooLarge, [&](Block& b, const auto&) { b.payload = oversized_payload(*peer_); }},
      {Refusal::kTooMany, nullptr},
  };
  for (const Wrong& wrong : wrongs) {
    SCOPED_TRACE(to_string(wrong.reason));
    const auto turn = peer_->await_turn(ReplicaId{1}, kPatience);
    ASSERT_TRUE(turn);
    const double before = refused(wrong.reason);
    const BlockPtr good = peer_->author().block(
        {turn->view, turn->parent.block, turn->history, turn->qc, nullptr, nullptr});
    const auto show = [&](const Block& block) {
      for (std::uint32_t id = 0; id < kSelf; ++id) {
        peer_->send(ReplicaId{id}, Certificate{{turn->qc}});  // they enter its view in any case
        peer_->send(ReplicaId{id}, Proposal{sealed(block, *peer_)});
      }
    };
    for (std::uint8_t twin = 0; twin < (wrong.change ? 1 : 10); ++twin) {
      Block block = *good;
      if (wrong.change) {
        wrong.change(block, *turn);
      } else {
        block.header.parent.bytes.fill(twin);
      }
      show(block);
    }
    expect_refused(wrong.reason, before);
  }
  EXPECT_TRUE(load.time_to_commit(kPatience, 20));
  load.stop();
  load.verify(*client_);
}

/// What a flooding peer says, over and over.
using Flood = std::function<void(ByzantinePeer&, ReplicaId to, std::uint64_t round)>;

struct NamedFlood {
  const char* name;
  Flood say;
  Refusal reason;  ///< Which counter shows it.
};

class Floods : public Byzantine, public testing::WithParamInterface<NamedFlood> {};

constexpr View kFar{1'000'000};

const NamedFlood kFloods[] = {
    {"VotesOfFarViews",
     [](ByzantinePeer& peer, ReplicaId to, std::uint64_t round) {
       peer.send(to, peer.author().vote(View{kFar.value + round}, Digest{}));
     },
     Refusal::kTooMany},
    {"TimeoutsOfFarViews",
     [](ByzantinePeer& peer, ReplicaId to, std::uint64_t round) {
       const Tip tip = peer.author().genesis()->tip();
       peer.send(to, TimeoutMessage{peer.author().timeout(View{kFar.value + round}, tip)});
     },
     Refusal::kTooMany},
    {"ProposalsOfFarViews",
     [](ByzantinePeer& peer, ReplicaId to, std::uint64_t round) {
       const BlockPtr genesis = peer.author().genesis();
       const View view{4 * (kFar.value + round) + kSelf};
       peer.send(to, Proposal{peer.author().block({view, genesis, {}, genesis->qc, {}, {}})});
     },
     Refusal::kFutureView},
    {"BlockRequests",
     [](ByzantinePeer& peer, ReplicaId to, std::uint64_t) {
       const BlockPtr last = peer.last_block();
       if (last != nullptr) peer.send(to, BranchRequest{last->id, Height{0}, kBranchBlocksMax});
     },
     Refusal::kRateLimited},
    {"UnsignedRequests",
     [](ByzantinePeer& peer, ReplicaId to, std::uint64_t) {
       static const PayloadPtr payload = unsigned_payload(peer);
       const ByteView request = payload->requests()[0].in(*payload->bytes());
       const auto bytes = std::make_shared<const Bytes>(request.begin(), request.end());
       peer.send(to, smr::Forward{std::vector<SharedBytes>(500, bytes)});
     },
     Refusal::kBadSignature},
};

TEST_P(Floods, AreBoundedAndOthersAreServed) {
  constexpr auto kFor = seconds(6);
  constexpr std::uint64_t kMemoryMax = 400 << 20;
  const double before = refused(GetParam().reason);
  std::atomic<bool> stop{false};
  std::thread flooder([&] {
    for (std::uint64_t round = 0; !stop; ++round) {
      for (std::uint32_t id = 0; id < kSelf; ++id) GetParam().say(*peer_, ReplicaId{id}, round);
      // Nothing waits for this: it leaves the two cores of a small machine to those under attack.
      if (round % 64 == 0) std::this_thread::sleep_for(milliseconds(1));
    }
  });
  const auto begin = Clock::now();
  int committed = 0;
  std::uint64_t memory = 0;
  while (Clock::now() - begin < kFor) {
    must_commit(*client_, increment("served"), seconds(10));
    ++committed;
    for (std::uint32_t id = 0; id < kSelf; ++id) {
      memory = std::max(memory, cluster_.process(id).resident_bytes());
    }
  }
  stop = true;
  flooder.join();
  const double counted = refused(GetParam().reason) - before;
  std::cout << committed << " commands in " << seconds_since(begin) << " s, " << counted
            << " refused as " << to_string(GetParam().reason) << ", at most " << (memory >> 20)
            << " MiB resident\n";
  EXPECT_GT(counted, 100);
  EXPECT_LT(memory, kMemoryMax);
}

INSTANTIATE_TEST_SUITE_P(OfOnePeer, Floods, testing::ValuesIn(kFloods),
                         [](const auto& flood) { return flood.param.name; });

}  // namespace
}  // namespace waggle::integration
