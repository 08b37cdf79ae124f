// How much one answer with blocks may hold (4.8).
#include "smr/replica/branch_reader.hpp"

#include <gtest/gtest.h>

#include "smr/replica/layout.hpp"
#include "storage/keys.hpp"
#include "storage/memory_storage.hpp"
#include "tests/support/chain.hpp"

namespace waggle::smr {
namespace {

using chained::BranchRequest;
using chained::ChainedBlock;
using storage::Family;

/// A branch that grows; parts of it in storage, as committed blocks, parts in memory.
struct BranchReader : ::testing::Test {
  void use_chain(std::uint32_t n) {
    chain = std::make_unique<testing::Chain>(n);
    chain->config.limits.payload_bytes_max = 8 << 20;
  }
  BranchReader() { use_chain(4); }

  void grow(std::size_t count, const std::vector<std::string>& commands = {}) {
    for (std::size_t i = 0; i < count; ++i) {
      const BlockPtr parent = blocks.empty() ? chain->genesis : blocks.back().block;
      blocks.push_back(chain->chained(
          chain->block({parent->view().value + 1, parent, nullptr, nullptr, commands})));
    }
  }
  void commit_all() {
    storage::Batch batch;
    for (const ChainedBlock& one : blocks) {
      layout::put_block(batch, one);
      batch.put(Family::kHeights, storage::big_endian_key(one.block->height().value),
                layout::encode_committed(one.block->id, one.block->view(), 0));
    }
    ASSERT_TRUE(storage.write(batch, true));
  }
  BranchRequest request(std::uint32_t count_max = chained::kBranchBlocksMax) const {
    return {blocks.back().block->id, Height{0}, count_max};
  }
  std::vector<ChainedBlock> stored(const BranchRequest& request) const {
    return committed_branch(storage, request, false, chain->config, chain->hasher).value();
  }
  std::size_t headers(const std::vector<ChainedBlock>& some) const {
    Writer writer;
    for (const ChainedBlock& one : some) {
      encode_without_payload(writer, *one.block);
      one.before.encode(writer);
    }
    return writer.size();
  }
  static std::size_t payloads(const std::vector<ChainedBlock>& some) {
    std::size_t bytes = 0;
    for (const ChainedBlock& one : some) bytes += one.block->payload->bytes()->size();
    return bytes;
  }

  std::unique_ptr<testing::Chain> chain;
  storage::MemoryStorage storage;
  std::vector<ChainedBlock> blocks;
};

TEST_F(BranchReader, AnAnswerHoldsAtMostAsManyBlocksAsAskedFor) {
  grow(80);
  commit_all();
  EXPECT_EQ(stored(request(1000)).size(), chained::kBranchBlocksMax);
  EXPECT_EQ(stored(request(5)).size(), 5U);
  EXPECT_EQ(make_branch(request(1000), {}, blocks, nullptr).blocks.size(),
            chained::kBranchBlocksMax);
  EXPECT_EQ(make_branch(request(5), {}, blocks, nullptr).blocks.size(), 5U);
}

TEST_F(BranchReader, AnAnswerHoldsAtMostSoManyBytesOfPayload) {
  grow(60, {std::string(60'000, 'a'), std::string(60'000, 'b')});
  commit_all();
  for (const auto& given :
       {stored(request()), make_branch(request(), {}, blocks, nullptr).blocks}) {
    EXPECT_LE(payloads(given), kBranchPayloadMax);
    EXPECT_GT(payloads(given), kBranchPayloadMax - 130'000) << "and not much less";
  }
}

TEST_F(BranchReader, AnAnswerHoldsAtMostSoManyBytesOfHeadersAndCertificates) {
  use_chain(400);  // QCs of 267 signatures
  grow(64);
  commit_all();
  for (const auto& given :
       {stored(request()), make_branch(request(), {}, blocks, nullptr).blocks}) {
    EXPECT_LE(headers(given), kBranchHeadersMax);
    EXPECT_GT(headers(given), kBranchHeadersMax - 30'000);
    EXPECT_LT(given.size(), 64U);
  }
}

TEST_F(BranchReader, ABlockAboveTheBoundsIsGivenAlone) {
  grow(2, std::vector<std::string>(80, std::string(60'000, 'a')));
  commit_all();
  ASSERT_GT(blocks.front().block->payload->bytes()->size(), kBranchPayloadMax);
  EXPECT_EQ(stored(request()).size(), 1U);
  EXPECT_EQ(make_branch(request(), {}, blocks, nullptr).blocks.size(), 1U);
}

TEST_F(BranchReader, TheBoundsHoldForBothPartsTogether) {
  grow(60, {std::string(60'000, 'a'), std::string(60'000, 'b')});
  const std::vector<ChainedBlock> low(blocks.begin(), blocks.begin() + 30);
  const std::vector<ChainedBlock> high(blocks.begin() + 30, blocks.end());
  const auto joined = make_branch(request(), low, high, chain->qc(*blocks.back().block));
  EXPECT_LE(payloads(joined.blocks), kBranchPayloadMax);
  EXPECT_GT(joined.blocks.size(), 30U);
  EXPECT_EQ(joined.certificate, nullptr) << "it does not reach the wanted block";
}

TEST_F(BranchReader, PartsThatDoNotMeetAreNotJoined) {
  grow(10);
  const std::vector<ChainedBlock> low(blocks.begin(), blocks.begin() + 3);
  const std::vector<ChainedBlock> high(blocks.begin() + 4, blocks.end());
  EXPECT_EQ(make_branch(request(), low, high, nullptr).blocks.size(), 3U);
}

TEST_F(BranchReader, TheCertificateComesWithTheWantedBlock) {
  grow(10);
  const QcPtr qc = chain->qc(*blocks.back().block);
  EXPECT_EQ(make_branch(request(), {}, blocks, qc).certificate, qc);
}

}  // namespace
}  // namespace waggle::smr
