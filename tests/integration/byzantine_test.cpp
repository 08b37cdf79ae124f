// One of four replicas does what it likes: a test that holds its keys. The others refuse, count
// why, stay within their memory and go on serving.
#include <algorithm>
#include <atomic>
#include <iostream>

#include <gtest/gtest.h>

#include "crypto/key_file.hpp"
#include "tests/integration/byzantine_cluster.hpp"

namespace waggle::integration {
namespace {

using namespace chained;

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
  // What is older than all that are kept of it.
  refuses(Refusal::kStaleView, [&] { say(own_vote(View{1}, block->id)); });
  refuses(Refusal::kUnsolicited, [&] { say(Branch{block->id, {}, nullptr}); });
  refuses(Refusal::kUnsolicited, [&] {
    RejoinReport report;
    report.reporter = ReplicaId{kSelf};
    report.rejoiner = kTarget;
    peer_->send_signed(kTarget, report);
  });
  refuses(Refusal::kUnprovenView, [&] {
    RejoinReport report;
    report.reporter = ReplicaId{kSelf};
    report.rejoiner = kTarget;
    report.bound = far;
    report.justification = ViewProof{block->qc};
    peer_->send_signed(kTarget, report);
  });
  refuses(Refusal::kRateLimited, [&] {
    for (int i = 0; i < 5; ++i) {
      peer_->send_signed(kTarget, RejoinChallenge{ReplicaId{kSelf}, {}, {}});
    }
  });
  EXPECT_LT(cluster_.status(0)->view, far) << "one replica's word moves nobody";
}

/// It has proven its key, so that all it sends is read; and is let in again after a penalty.
TEST_F(Byzantine, WhatIsNoFrameEndsTheConnection) {
  const std::vector<std::pair<Refusal, Bytes>> headers = {
      {Refusal::kMalformed, Bytes(100, 0xff)},
      {Refusal::kUnsupportedVersion, Bytes{0x08, 99}},  // field 1 of the header
      {Refusal::kTooLarge, Bytes((4 << 20) + 1)},
  };
  for (const auto& [reason, header] : headers) {
    SCOPED_TRACE(to_string(reason));
    const double before = refused(reason);
    // While the penalty for the last one lasts, it is connected for a moment only.
    EXPECT_TRUE(Cluster::await(seconds(20), [&, reason = reason, bytes = header] {
      peer_->send(kTarget, net::Frame{bytes, {}});
      std::this_thread::sleep_for(milliseconds(200));
      return refused(reason) > before;
    }));
    EXPECT_TRUE(peer_->await_disconnected(kTarget));
  }
  EXPECT_TRUE(peer_->await_connected(kTarget));
}

TEST(Stranger, WithAnotherKeyIsTurnedAway) {
  Cluster cluster;
  for (std::uint32_t id = 0; id < kSelf; ++id) cluster.start(id);
  const auto key = cluster.home(kSelf) / "tls.key";
  ASSERT_TRUE(std::filesystem::remove(key));
  ASSERT_TRUE(crypto::write_key_file(key, crypto::KeyKind::kTls, crypto::KeyPair::generate()));
  const auto client = cluster.open_client();
  must_commit(*client, put("k", "v"));
  const ByzantinePeer stranger(cluster, kSelf);
  EXPECT_TRUE(Cluster::await(seconds(10), [&] {
    const std::string text = http_get(cluster.ports().metrics(0), "/metrics");
    return metric(text, "waggle_refused_total", "reason=\"unknown_replica\"") > 0;
  }));
  const auto answer = cluster.status(0);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->peers_connected.size(), kSelf - 1);
  must_commit(*client, put("k", "w"));
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
       static const PayloadPtr payload = peer.payload(false);
       const ByteView request = payload->requests()[0].in(*payload->bytes());
       const auto bytes = std::make_shared<const Bytes>(request.begin(), request.end());
       peer.send(to, smr::Forward{std::vector<SharedBytes>(500, bytes)});
     },
     Refusal::kBadSignature},
};

TEST_P(Floods, AreBoundedAndOthersAreServed) {
  constexpr auto kFor = seconds(6);
#if defined(__has_feature)
  constexpr bool kAsan = __has_feature(address_sanitizer);  // keeps freed memory for a while
#else
  constexpr bool kAsan = false;
#endif
  constexpr std::uint64_t kMemoryMax = (kAsan ? 800 : 400) << 20;
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
