// Data directories of older formats become such of the present one.
#include "smr/replica/upgrade.hpp"

#include <gtest/gtest.h>

#include "smr/replica/layout.hpp"
#include "smr/replica/result_rows.hpp"
#include "storage/keys.hpp"
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
  EXPECT_EQ(meta.at(to_bytes("format")), Writer().u32(3).take());
  EXPECT_EQ(run().value(), 0U) << "once";
}

TEST_F(Upgrade, StartsOverAfterACrash) {
  ASSERT_TRUE(old.write(batch, true));
  old.fail_writes(2);  // the version and a part of the index are written
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
  EXPECT_EQ(rows(old, Family::kMeta).at(to_bytes("format")), Writer().u32(3).take());
}

TEST_F(Upgrade, AMissingBlockIsSaidAndNothingIsClaimed) {
  batch.erase(Family::kBlocks, Bytes(executed.block.bytes.begin(), executed.block.bytes.end()));
  ASSERT_TRUE(old.write(batch, true));
  for (int start = 1; start <= 2; ++start) {
    const auto done = run();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, storage::StorageError::Kind::kCorrupt);
    EXPECT_NE(done.error().message.find("height 30"), std::string::npos) << done.error().message;
    EXPECT_EQ(rows(old, Family::kMeta).at(to_bytes("upgrading")), Writer().u32(1).take());
  }
}

/// Rows of single results, as formats 1 and 2 have them.
struct UpgradeResults : ::testing::Test {
  static constexpr std::uint64_t kRows = 30'000;  // more than one batch
  UpgradeResults() {
    Batch batch;
    for (std::uint64_t number = 1; number <= kRows; ++number) {
      Writer row;
      row.view(View{number + 1}).height(Height{number}).fixed(Digest{}).raw(result_of(number));
      batch.put(Family::kResults, storage::big_endian_key(client().view(), number), row.take());
    }
    batch.put(Family::kResults, Bytes(32, 9), to_bytes("a lane's"));
    batch.put(Family::kMeta, to_bytes("format"), Writer().u32(2).take());
    EXPECT_TRUE(old.write(batch, true));
  }
  static ClientId client() {
    ClientId client;
    client.bytes.fill(3);
    return client;
  }
  static Bytes result_of(std::uint64_t number) { return Bytes(number % 3, 'r'); }
  storage::Outcome<std::uint64_t> run() {
    return upgrade(old, chain.chain.config, chain.chain.hasher);
  }
  void expect_all() {
    EXPECT_EQ(rows(old, Family::kResults).size(), kRows + 1);
    EXPECT_EQ(rows(old, Family::kResults).at(Bytes(32, 9)), to_bytes("a lane's"));
    const auto meta = rows(old, Family::kMeta);
    EXPECT_EQ(meta.at(to_bytes("format")), Writer().u32(3).take());
    EXPECT_FALSE(meta.contains(to_bytes("upgrading")));
    const auto found = find_results(old, client(), 1, kRows);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), kRows);
    for (std::uint64_t number = 1; number <= kRows; ++number) {
      const Committed& answer = (*found)[number - 1];
      EXPECT_EQ(answer.view, View{number + 1});
      EXPECT_EQ(answer.height, Height{number});
      EXPECT_EQ(answer.results, (std::vector<CommandResult>{{number, result_of(number)}}));
    }
  }

  testing::ProofChain chain{4, sim::Signatures::kSymbolic};
  MemoryStorage old;
};

TEST_F(UpgradeResults, BecomeRowsOfOneNumber) {
  ASSERT_TRUE(run());
  expect_all();
  EXPECT_EQ(run().value(), 0U) << "once";
}

/// An older program reads the version first and leaves what is newer alone: as long as it may open
/// the directory, everything is as it left it.
TEST_F(UpgradeResults, GoOnAfterACrashAtAnyWrite) {
  const auto before = rows(old, Family::kResults);
  std::size_t writes = 0;
  for (bool done = false; !done; ++writes) {
    ASSERT_LT(writes, 100u);
    old.fail_writes(writes);
    done = run().has_value();
    old.crash(writes % 2 == 0 ? 0 : writes);
    if (rows(old, Family::kMeta).at(to_bytes("format")) == Writer().u32(2).take()) {
      EXPECT_EQ(rows(old, Family::kResults), before);
    }
  }
  EXPECT_GT(writes, 4u) << "the version, rows in several batches, and the end";
  expect_all();
}

TEST_F(UpgradeResults, ATornOneIsSaid) {
  Batch batch;
  batch.put(Family::kResults, storage::big_endian_key(client().view(), 5), Bytes(47));
  ASSERT_TRUE(old.write(batch, true));
  ASSERT_FALSE(run());
  EXPECT_EQ(run().error().kind, storage::StorageError::Kind::kCorrupt);
}

}  // namespace
}  // namespace waggle::smr
