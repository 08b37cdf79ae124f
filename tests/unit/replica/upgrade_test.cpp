// A data directory of format 1 becomes one of format 2.
#include "smr/replica/upgrade.hpp"

#include <gtest/gtest.h>

#include "smr/replica/layout.hpp"
#include "tests/unit/certificate/proof_chain.hpp"

namespace waggle::smr {
namespace {

using storage::Batch;
using storage::Family;
using storage::MemoryStorage;

std::map<Bytes, Bytes> rows(const storage::Storage& storage, Family family) {
  std::map<Bytes, Bytes> all;
  EXPECT_TRUE(storage.scan(family, {}, {}, [&](ByteView key, ByteView value) {
    all.emplace(Bytes(key.begin(), key.end()), Bytes(value.begin(), value.end()));
    return true;
  }));
  return all;
}

struct Upgrade : ::testing::Test {
  Upgrade() : chain(4, sim::Signatures::kSymbolic) {
    BlockPtr top = chain.chain.genesis;
    const Bytes again = chain.request(0, 2, {"twice"});
    for (std::uint64_t i = 1; i <= 30; ++i) {
      std::vector<Bytes> requests{chain.request(1, 2 * i, {"x", "y"})};
      if (i % 7 == 0) requests.push_back(again);
      if (i == 3) requests.push_back(chain.request(0, 1, {"a", "b", "c"}));
      if (i == 5) requests.push_back(chain.request(0, 300, {"too far"}));
      chain.commit(top = chain.fast(top, requests));
    }
    executed.height = top->height();
    executed.block = top->id;
    executed.view = top->view();
    executed.ordered = 30 * 2 + 4 + 3 + 1;
    for (const auto& [key, value] : rows(chain.storage, Family::kBlocks)) {
      batch.put(Family::kBlocks, key, value);
    }
    for (const auto& [key, value] : rows(chain.storage, Family::kHeights)) {
      batch.put(Family::kHeights, key, Bytes(value.begin(), value.begin() + 40));
    }
    Bytes shorter = layout::encode(executed);
    shorter.erase(shorter.begin() + 56, shorter.begin() + 64);  // what format 1 lacks
    batch.put(Family::kMeta, to_bytes("executed"), shorter);
    batch.put(Family::kMeta, to_bytes("format"), Writer().u32(1).take());
  }
  storage::Outcome<std::uint64_t> run() {
    return upgrade(old, chain.chain.config, chain.chain.hasher);
  }

  testing::ProofChain chain;
  Executed executed;
  Batch batch;
  MemoryStorage old;
};

TEST_F(Upgrade, MakesWhatExecutionWouldHaveWritten) {
  ASSERT_TRUE(old.write(batch, true));
  EXPECT_EQ(run().value(), 30U);
  for (const Family family : {Family::kHeights, Family::kCommands}) {
    EXPECT_EQ(rows(old, family), rows(chain.storage, family));
  }
  EXPECT_FALSE(rows(old, Family::kCommands).empty());
  const auto meta = rows(old, Family::kMeta);
  EXPECT_EQ(meta.at(to_bytes("executed")), layout::encode(executed));
  EXPECT_EQ(meta.at(to_bytes("format")), Writer().u32(2).take());
  EXPECT_EQ(run().value(), 0U) << "once";
}

TEST_F(Upgrade, StartsOverAfterACrash) {
  ASSERT_TRUE(old.write(batch, true));
  old.fail_writes(1);  // the index is written, the version is not
  EXPECT_FALSE(run());
  old.crash(1);
  EXPECT_EQ(run().value(), 30U);
  EXPECT_EQ(rows(old, Family::kCommands), rows(chain.storage, Family::kCommands));
}

TEST_F(Upgrade, AReplicaThatExecutedNothingGetsTheVersionOnly) {
  Batch fresh;
  fresh.put(Family::kMeta, to_bytes("format"), Writer().u32(1).take());
  ASSERT_TRUE(old.write(fresh, true));
  EXPECT_EQ(run().value(), 0U);
  EXPECT_EQ(rows(old, Family::kMeta).at(to_bytes("format")), Writer().u32(2).take());
}

TEST_F(Upgrade, AMissingBlockIsSaidAndNothingIsClaimed) {
  batch.erase(Family::kBlocks, Bytes(executed.block.bytes.begin(), executed.block.bytes.end()));
  ASSERT_TRUE(old.write(batch, true));
  const auto done = run();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, storage::StorageError::Kind::kCorrupt);
  EXPECT_NE(done.error().message.find("height 30"), std::string::npos) << done.error().message;
  EXPECT_EQ(rows(old, Family::kMeta).at(to_bytes("format")), Writer().u32(1).take());
}

}  // namespace
}  // namespace waggle::smr
