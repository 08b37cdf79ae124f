#include "storage/memory_storage.hpp"

#include <gtest/gtest.h>

#include "tests/unit/storage/support.hpp"

namespace waggle::storage {
namespace {

class MemoryStorageTest : public testing::Test {
 protected:
  void write(std::string_view key, std::string_view value, bool sync) {
    ASSERT_TRUE(disk_.write(put(Family::kState, key, value), sync));
  }
  MemoryStorage disk_;
};

TEST_F(MemoryStorageTest, CrashLosesWhatWasNotSynced) {
  write("a", "1", true);
  write("b", "2", false);
  EXPECT_EQ(disk_.unsynced(), 1U);
  EXPECT_EQ(scan(disk_, Family::kState), (Pairs{{"a", "1"}, {"b", "2"}})) << "visible at once";
  disk_.crash();
  EXPECT_EQ(scan(disk_, Family::kState), (Pairs{{"a", "1"}}));
  EXPECT_EQ(disk_.unsynced(), 0U);
}

TEST_F(MemoryStorageTest, SyncMakesEverythingBeforeItDurable) {
  write("a", "1", false);
  write("b", "2", false);
  write("c", "3", true);
  disk_.crash();
  EXPECT_EQ(scan(disk_, Family::kState).size(), 3U);
}

TEST_F(MemoryStorageTest, EmptySyncedBatchIsABarrier) {
  write("a", "1", false);
  ASSERT_TRUE(disk_.write(Batch(), true));
  disk_.crash();
  EXPECT_EQ(read(disk_, Family::kState, "a"), "1");
}

TEST_F(MemoryStorageTest, CrashKeepsAPrefixOfTheUnsynced) {
  for (std::size_t keep = 0; keep <= 4; ++keep) {
    MemoryStorage disk;
    ASSERT_TRUE(disk.write(put(Family::kState, "a", "0"), true));
    for (const char* value : {"1", "2", "3"}) {
      Batch batch = put(Family::kState, "a", value);
      batch.append(put(Family::kResults, value, "r"));
      ASSERT_TRUE(disk.write(batch, false));
    }
    disk.crash(keep);
    const std::size_t kept = std::min<std::size_t>(keep, 3);
    EXPECT_EQ(read(disk, Family::kState, "a"), std::to_string(kept));
    EXPECT_EQ(scan(disk, Family::kResults).size(), kept) << "a batch survives whole or not at all";
    disk.crash();
    EXPECT_EQ(read(disk, Family::kState, "a"), std::to_string(kept)) << "the prefix is durable";
  }
}

TEST_F(MemoryStorageTest, CrashUndoesErasureAndRepeatedChange) {
  write("a", "1", true);
  Batch batch;
  batch.erase(Family::kState, to_bytes("a"));
  batch.append(put(Family::kState, "a", "2"));
  batch.append(put(Family::kState, "a", "3"));
  batch.append(put(Family::kState, "b", "3"));
  ASSERT_TRUE(disk_.write(batch, false));
  disk_.crash();
  EXPECT_EQ(scan(disk_, Family::kState), (Pairs{{"a", "1"}}));
}

TEST_F(MemoryStorageTest, FailedWritesChangeNothingUntilTheCrash) {
  disk_.fail_writes(1);
  write("a", "1", true);
  for (int i = 0; i < 2; ++i) {
    const auto failed = disk_.write(put(Family::kState, "b", "2"), true);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, Kind::kIo);
  }
  EXPECT_EQ(scan(disk_, Family::kState), (Pairs{{"a", "1"}})) << "reads go on";
  disk_.crash();
  write("b", "2", true);
  EXPECT_EQ(scan(disk_, Family::kState).size(), 2U);
}

TEST_F(MemoryStorageTest, AFailedSyncMakesNothingDurable) {
  write("a", "1", false);
  disk_.fail_writes();
  ASSERT_FALSE(disk_.write(Batch(), true));
  disk_.crash();
  EXPECT_EQ(read(disk_, Family::kState, "a"), "-");
}

TEST_F(MemoryStorageTest, CloneLivesByItself) {
  write("a", "1", true);
  write("b", "2", false);
  const auto copy = disk_.clone();
  write("a", "3", true);
  EXPECT_EQ(copy->unsynced(), 1U);
  copy->crash();
  EXPECT_EQ(scan(*copy, Family::kState), (Pairs{{"a", "1"}}));
  EXPECT_EQ(scan(disk_, Family::kState), (Pairs{{"a", "3"}, {"b", "2"}}));
}

}  // namespace
}  // namespace waggle::storage
