#include "consensus/core/certificates.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/core/sample_values.hpp"

namespace waggle {
namespace {

const SampleChain& chain() { return sample_chain(); }
const Digest kBlock{{7}};
constexpr View kView{5};

template <class Check>
void expect_refused(const Check& check, Refusal reason) {
  ASSERT_FALSE(check.has_value());
  EXPECT_EQ(to_string(check.error()), to_string(reason));
}

Result<void, Refusal> verify(const QuorumCert& qc) {
  return verify_qc(qc, chain().genesis->id, chain().config, chain().verifier);
}
Result<void, Refusal> verify(const TimeoutCert& tc) {
  return verify_tc(tc, chain().config, chain().verifier);
}
Result<void, Refusal> verify(const Timeout& timeout) {
  return verify_timeout(timeout, chain().config, chain().verifier);
}

TEST(VerifyQc, AcceptsAQuorumAndMore) {
  EXPECT_TRUE(verify(chain().qc(kView, kBlock, {0, 1, 2})).has_value());
  EXPECT_TRUE(verify(chain().qc(kView, kBlock, {1, 2, 3})).has_value());
  EXPECT_TRUE(verify(chain().qc(kView, kBlock, {0, 1, 2, 3})).has_value());
}

TEST(VerifyQc, RefusesTooFewSigners) {
  expect_refused(verify(chain().qc(kView, kBlock, {0, 1})), Refusal::kTooFewSigners);
  expect_refused(verify(chain().qc(kView, kBlock, {})), Refusal::kTooFewSigners);
}

TEST(VerifyQc, RefusesTheSameSignerTwice) {
  expect_refused(verify(chain().qc(kView, kBlock, {0, 1, 1})), Refusal::kDuplicateSigner);
  expect_refused(verify(chain().qc(kView, kBlock, {0, 1, 1, 2})), Refusal::kDuplicateSigner);
}

TEST(VerifyQc, RefusesSignersOutOfOrder) {
  expect_refused(verify(chain().qc(kView, kBlock, {0, 2, 1})), Refusal::kBadCertificate);
  expect_refused(verify(chain().qc(kView, kBlock, {0, 1, 0, 2})), Refusal::kBadCertificate);
}

TEST(VerifyQc, RefusesAnUnknownSigner) {
  QuorumCert qc = chain().qc(kView, kBlock, {0, 1, 2});
  qc.signatures[2].signer = ReplicaId{4};
  expect_refused(verify(qc), Refusal::kUnknownReplica);
}

TEST(VerifyQc, RefusesSignaturesOfSomethingElse) {
  QuorumCert qc = chain().qc(kView, kBlock, {0, 1, 2});
  qc.view = kView.next();
  expect_refused(verify(qc), Refusal::kBadSignature);
  qc = chain().qc(kView, kBlock, {0, 1, 2});
  qc.block = Digest{{8}};
  expect_refused(verify(qc), Refusal::kBadSignature);
  qc = chain().qc(kView, kBlock, {0, 1, 2});
  std::swap(qc.signatures[0].signature, qc.signatures[1].signature);
  expect_refused(verify(qc), Refusal::kBadSignature);
}

TEST(VerifyQc, RefusesTheVotesOfAnotherChain) {
  ChainConfig other = chain().config;
  other.chain_id.bytes[0] ^= 1;
  expect_refused(
      verify_qc(chain().qc(kView, kBlock, {0, 1, 2}), chain().genesis->id, other, chain().verifier),
      Refusal::kBadSignature);
}

TEST(VerifyQc, OfViewZeroOnlyTheOneOfGenesis) {
  EXPECT_TRUE(verify(genesis_qc(chain().genesis->id)).has_value());
  expect_refused(verify(genesis_qc(kBlock)), Refusal::kBadCertificate);
  expect_refused(verify(chain().qc(View{0}, kBlock, {0, 1, 2})), Refusal::kBadCertificate);
  expect_refused(verify(chain().qc(View{0}, chain().genesis->id, {0, 1, 2})),
                 Refusal::kBadCertificate);
  QuorumCert raised = genesis_qc(chain().genesis->id);
  raised.view = View{1};
  expect_refused(verify(raised), Refusal::kTooFewSigners);
}

TEST(VerifyQc, RefusesEveryFlippedBit) {
  const Bytes bytes = encoding_of(*chain().qc_a);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const Bytes flipped = with_flipped_bit(bytes, bit);
    Reader reader(flipped);
    const QuorumCert qc = decode_qc(reader);
    EXPECT_FALSE(reader.done() && verify(qc)) << "bit " << bit;
    EXPECT_NE(qc_digest(qc, chain().hasher), qc_digest(*chain().qc_a, chain().hasher));
  }
}

class TimeoutCertTest : public testing::Test {
 protected:
  TimeoutCert made_by(std::vector<std::uint32_t> replicas) const {
    std::vector<Timeout> timeouts;
    for (const std::uint32_t replica : replicas) {
      timeouts.push_back(chain().timeout(replica, kView, replica == 0 ? low_ : high_));
    }
    return make_timeout_cert(kView, timeouts);
  }
  /// Signs all entries anew, so that only the structure can be at fault.
  static TimeoutCert resigned(TimeoutCert tc) {
    for (auto& entry : tc.entries) {
      const Bytes bytes = timeout_bytes(chain().config.chain_id, tc.view, tc.tip_of(entry));
      entry.signature = chain().replicas.at(entry.replica.value).sign(bytes);
    }
    return tc;
  }

  const Tip low_{View{3}, Digest{{9}}, View{2}};
  const Tip high_{View{4}, Digest{{1}}, View{1}};
};

TEST_F(TimeoutCertTest, HoldsEachTipOnceWhateverTheOrder) {
  const TimeoutCert tc = made_by({0, 1, 3});
  EXPECT_EQ(tc.tips, (std::vector<Tip>{low_, high_}));
  ASSERT_EQ(tc.entries.size(), 3U);
  EXPECT_EQ(tc.tip_of(tc.entries[0]), low_);
  EXPECT_EQ(tc.tip_of(tc.entries[2]), high_);
  EXPECT_EQ(made_by({3, 0, 1}), tc);
  EXPECT_EQ(made_by({1, 3, 0}), tc);
}

TEST_F(TimeoutCertTest, RankMaxComparesViewsFirst) {
  EXPECT_EQ(made_by({0, 1, 2}).rank_max(), (Rank{View{4}, View{1}}));
  EXPECT_EQ(TimeoutCert{}.rank_max(), Rank{});
  TimeoutCert tc;
  tc.tips = {{View{4}, {}, View{1}}, {View{4}, {}, View{2}}, {View{3}, {}, View{9}}};
  EXPECT_EQ(tc.rank_max(), (Rank{View{4}, View{2}}));
}

TEST_F(TimeoutCertTest, VerifiesWithExactlyAQuorum) {
  EXPECT_TRUE(verify(made_by({0, 1, 2})).has_value());
  EXPECT_TRUE(verify(made_by({1, 2, 3})).has_value());
  expect_refused(verify(made_by({0, 1})), Refusal::kTooFewSigners);
  expect_refused(verify(made_by({0, 1, 2, 3})), Refusal::kBadCertificate);
  expect_refused(verify(TimeoutCert{}), Refusal::kTooFewSigners);
}

TEST_F(TimeoutCertTest, RefusesWrongSigners) {
  TimeoutCert tc = made_by({0, 1, 2});
  tc.entries[1] = tc.entries[2];
  expect_refused(verify(tc), Refusal::kDuplicateSigner);
  tc = made_by({0, 1, 2});
  std::swap(tc.entries[1], tc.entries[2]);
  expect_refused(verify(tc), Refusal::kBadCertificate);
  tc = made_by({0, 1, 2});
  tc.entries[2].replica = ReplicaId{4};
  expect_refused(verify(tc), Refusal::kUnknownReplica);
}

TEST_F(TimeoutCertTest, RefusesTipsOutOfOrderTwiceOrUnused) {
  TimeoutCert tc = made_by({0, 1, 2});
  std::swap(tc.tips[0], tc.tips[1]);
  expect_refused(verify(resigned(tc)), Refusal::kBadCertificate);
  tc = made_by({0, 1, 2});
  tc.tips = {high_, high_};
  expect_refused(verify(resigned(tc)), Refusal::kBadCertificate);
  tc = made_by({0, 1, 2});
  tc.tips.push_back({View{5}, {}, View{4}});
  expect_refused(verify(resigned(tc)), Refusal::kBadCertificate);
}

// 3.4: every tip in it has view <= tc.view.
TEST_F(TimeoutCertTest, RefusesATipAboveItsView) {
  TimeoutCert tc = made_by({0, 1, 2});
  tc.view = View{4};
  EXPECT_TRUE(verify(resigned(tc)).has_value());
  tc.view = View{3};
  expect_refused(verify(resigned(tc)), Refusal::kTipAboveTc);
}

TEST_F(TimeoutCertTest, RefusesSignaturesOfSomethingElse) {
  TimeoutCert tc = made_by({0, 1, 2});
  tc.view = kView.next();
  expect_refused(verify(tc), Refusal::kBadSignature);
  tc = made_by({0, 1, 2});
  tc.tips[0].qc_view = View{0};
  expect_refused(verify(tc), Refusal::kBadSignature);
  tc = made_by({0, 1, 2});
  tc.entries[1].tip = 0;
  expect_refused(verify(tc), Refusal::kBadSignature);
}

TEST_F(TimeoutCertTest, RefusesEveryFlippedBit) {
  const TimeoutCert original = made_by({0, 1, 2});
  const Bytes bytes = encoding_of(original);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const Bytes flipped = with_flipped_bit(bytes, bit);
    Reader reader(flipped);
    const TimeoutCert tc = decode_tc(reader);
    if (!reader.done()) continue;
    EXPECT_FALSE(verify(tc).has_value()) << "bit " << bit;
    EXPECT_NE(tc_digest(tc, chain().hasher), tc_digest(original, chain().hasher));
  }
}

TEST(VerifyTimeout, AcceptsWithAndWithoutAVote) {
  const Tip tip{View{4}, kBlock, View{3}};
  Timeout timeout = chain().timeout(1, kView, tip);
  ASSERT_TRUE(timeout.tip_vote.has_value());
  EXPECT_TRUE(verify(timeout).has_value());
  timeout.tip_vote.reset();
  EXPECT_TRUE(verify(timeout).has_value());
  EXPECT_TRUE(verify(chain().timeout(1, kView, {kView, kBlock, View{3}})).has_value());
  EXPECT_TRUE(verify(chain().timeout(1, kView, {View{0}, kBlock, View{0}})).has_value());
}

TEST(VerifyTimeout, RefusesWhatIsWrong) {
  const Timeout good = chain().timeout(1, kView, {View{4}, kBlock, View{3}});
  Timeout timeout = good;
  timeout.sender = ReplicaId{4};
  expect_refused(verify(timeout), Refusal::kUnknownReplica);
  timeout = good;
  timeout.sender = ReplicaId{2};
  expect_refused(verify(timeout), Refusal::kBadSignature);
  timeout = good;
  timeout.view = kView.next();
  expect_refused(verify(timeout), Refusal::kBadSignature);
  timeout = good;
  timeout.tip.qc_view = View{2};
  expect_refused(verify(timeout), Refusal::kBadSignature);
  timeout = good;
  timeout.tip_vote = chain().vote(2, View{4}, kBlock).signature;
  expect_refused(verify(timeout), Refusal::kBadSignature);
  timeout.tip_vote = timeout.signature;
  expect_refused(verify(timeout), Refusal::kBadSignature);
  expect_refused(verify(chain().timeout(1, kView, {kView.next(), kBlock, View{3}})),
                 Refusal::kTipAboveTc);
}

// What follows the signatures, high_qc and full_qc, is a hint and not signed.
TEST(VerifyTimeout, RefusesEveryFlippedBitOfWhatIsSigned) {
  const Timeout original = chain().timeout(1, kView, {View{4}, kBlock, View{3}});
  const Bytes bytes = encoding_of(original);
  const std::size_t signed_size = bytes.size() - encoding_of(original.high_qc).size() - 1;
  const std::size_t vote_flag = signed_size - Signature::kSize - 1;
  for (std::size_t bit = 0; bit < signed_size * 8; ++bit) {
    if (bit / 8 == vote_flag) continue;
    const Bytes flipped = with_flipped_bit(bytes, bit);
    Reader reader(flipped);
    const Timeout timeout = decode_timeout(reader);
    EXPECT_FALSE(reader.done() && verify(timeout)) << "bit " << bit;
  }
}

TEST(SignedBytes, OfVotesTimeoutsAndProposalsDiffer) {
  const Digest& id = chain().config.chain_id;
  const Bytes vote = vote_bytes(id, kView, kBlock);
  EXPECT_NE(vote, vote_bytes(kBlock, kView, kBlock));
  EXPECT_NE(vote, vote_bytes(id, kView.next(), kBlock));
  EXPECT_NE(vote, vote_bytes(id, kView, id));
  EXPECT_NE(vote, proposal_bytes(id, kBlock));
  EXPECT_NE(timeout_bytes(id, kView, {kView, kBlock, View{1}}),
            timeout_bytes(id, kView, {kView, kBlock, View{2}}));
}

}  // namespace
}  // namespace waggle
