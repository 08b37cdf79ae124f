#include "consensus/core/block.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/sample_values.hpp"

namespace waggle {
namespace {

const SampleChain& chain() { return sample_chain(); }

template <class Check>
void expect_refused(const Check& check, Refusal reason) {
  ASSERT_FALSE(check.has_value());
  EXPECT_EQ(to_string(check.error()), to_string(reason));
}

Result<BlockPtr, Refusal> decode(const Block& block) {
  return chain().decode(chain().encoded(block), block.payload->bytes());
}

TEST(Genesis, IsTheSameForAllAndOfItsChain) {
  EXPECT_EQ(make_genesis(chain().config, chain().hasher)->id, chain().genesis->id);
  ChainConfig other = chain().config;
  other.chain_id.bytes[0] ^= 1;
  EXPECT_NE(make_genesis(other, chain().hasher)->id, chain().genesis->id);
  EXPECT_EQ(chain().genesis->view(), View{0});
  EXPECT_EQ(chain().genesis->height(), Height{0});
  EXPECT_EQ(chain().genesis->rank(), Rank{});
  EXPECT_EQ(chain().genesis->qc->block, chain().genesis->id);
}

TEST(BlockId, CoversTheWholeHeader) {
  const BlockHeader header = chain().block_c->header;
  const Bytes bytes = encoding_of(header);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const Bytes flipped = with_flipped_bit(bytes, bit);
    Reader reader(flipped);
    const BlockHeader changed = decode_header(reader);
    if (!reader.done()) continue;
    EXPECT_NE(block_id(changed, chain().config.chain_id, chain().hasher), chain().block_c->id);
  }
  EXPECT_NE(block_id(header, Digest{}, chain().hasher), chain().block_c->id);
}

TEST(BlockId, DoesNotCoverTheSignature) {
  Block block = *chain().block_a;
  block.signature = Signature{};
  const auto decoded = decode(block);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ((*decoded)->id, chain().block_a->id);
}

TEST(DecodeBlock, AcceptsConsistentBlocks) {
  for (const BlockPtr& block : {chain().block_a, chain().block_b, chain().block_c}) {
    const auto decoded = decode(*block);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ((*decoded)->id, block->id);
    EXPECT_EQ((*decoded)->tip(), block->tip());
  }
}

TEST(DecodeBlock, RefusesACertificateThatTheHeaderDoesNotName) {
  Block block = *chain().block_c;
  block.qc = std::make_shared<const QuorumCert>(
      chain().qc(View{1}, chain().block_a->id, {0, 1, 2}));  // another certificate of that block
  expect_refused(decode(block), Refusal::kBadCertificate);
  block = *chain().block_c;
  block.header.qc.view = View{2};
  expect_refused(decode(block), Refusal::kBadCertificate);
  block = *chain().block_c;
  block.tc = nullptr;
  expect_refused(decode(block), Refusal::kBadCertificate);
  block = *chain().block_c;
  block.header.tc_digest.reset();
  expect_refused(decode(block), Refusal::kBadCertificate);
  block = *chain().block_b;
  block.tc = chain().tc_3;
  expect_refused(decode(block), Refusal::kBadCertificate);
  block = *chain().block_c;
  TimeoutCert tc = *chain().tc_3;
  tc.entries[0].signature = Signature{};
  block.tc = std::make_shared<const TimeoutCert>(tc);
  expect_refused(decode(block), Refusal::kBadCertificate);
}

TEST(DecodeBlock, RefusesAPayloadThatTheHeaderDoesNotName) {
  const Bytes bytes = chain().encoded(*chain().block_a);
  expect_refused(chain().decode(bytes, chain().payload({})), Refusal::kBadPayload);
  expect_refused(chain().decode(bytes, chain().block_c->payload->bytes()), Refusal::kBadPayload);
  expect_refused(chain().decode(bytes, std::make_shared<const Bytes>(3)), Refusal::kBadPayload);
  ChainConfig small = chain().config;
  small.limits.payload_bytes_max = 10;
  expect_refused(decode_block(bytes, chain().block_a->payload->bytes(), small, chain().hasher),
                 Refusal::kTooLarge);
}

TEST(VerifyBlock, RefusesEveryFlippedBit) {
  const Bytes bytes = chain().encoded(*chain().block_c);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const auto block =
        chain().decode(with_flipped_bit(bytes, bit), chain().block_c->payload->bytes());
    EXPECT_FALSE(block && chain().verify(**block)) << "bit " << bit;
  }
}

TEST(VerifyBlock, AcceptsTheLeaderOfItsViewOnly) {
  EXPECT_TRUE(chain().verify(*chain().block_b).has_value());
  const auto with = [](View view, std::uint32_t proposer) {
    return chain().with_header(*chain().block_b, [&](BlockHeader& header) {
      header.view = view;
      header.proposer = ReplicaId{proposer};
    });
  };
  expect_refused(chain().verify(*with(View{2}, 1)), Refusal::kWrongLeader);
  expect_refused(chain().verify(*with(View{3}, 2)), Refusal::kWrongLeader);
  expect_refused(chain().verify(*with(View{0}, 0)), Refusal::kWrongLeader);
  expect_refused(chain().verify(*with(View{4}, 4)), Refusal::kUnknownReplica);
  EXPECT_TRUE(chain().verify(*with(View{6}, 2)).has_value());
}

TEST(VerifyBlock, RefusesAnothersSignature) {
  Block block = *chain().block_b;
  block.signature = chain().replicas[1].sign(proposal_bytes(chain().config.chain_id, block.id));
  expect_refused(chain().verify(block), Refusal::kBadSignature);
  block.signature = chain().vote(2, block.view(), block.id).signature;
  expect_refused(chain().verify(block), Refusal::kBadSignature);
}

TEST(VerifyBlock, RefusesBadCertificates) {
  const auto qc =
      std::make_shared<const QuorumCert>(chain().qc(View{1}, chain().block_a->id, {0, 1}));
  expect_refused(chain().verify(*chain().block(View{2}, *chain().block_a, qc, nullptr, Forest{},
                                               chain().payload({}))),
                 Refusal::kTooFewSigners);
  TimeoutCert tc = *chain().tc_3;
  tc.entries[0].signature = Signature{};
  expect_refused(chain().verify(*chain().block(View{4}, *chain().block_b, chain().qc_a,
                                               std::make_shared<const TimeoutCert>(tc), Forest{},
                                               chain().payload({}))),
                 Refusal::kBadSignature);
}

TEST(VerifyBlock, RefusesABadRequestInThePayload) {
  Bytes request = chain().request(1, {to_bytes("put")});
  request.back() ^= 1;
  expect_refused(chain().verify(*chain().block(View{2}, *chain().block_a, chain().qc_a, nullptr,
                                               Forest{}, chain().payload({request}))),
                 Refusal::kBadSignature);
}

}  // namespace
}  // namespace waggle
