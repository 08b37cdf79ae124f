#include "storage/rocksdb_storage.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include "consensus/core/encoding.hpp"
#include "tests/unit/storage/support.hpp"

namespace waggle::storage {
namespace {

class RocksdbStorageTest : public testing::Test {
 protected:
  void create() { ASSERT_NE(must_open(data_, OpenMode::kCreate), nullptr); }

  /// The database as RocksDB shows it, for what an older or newer version would do.
  void with_database(const std::function<void(rocksdb::DB&, const std::string& family,
                                              rocksdb::ColumnFamilyHandle*)>& visit) {
    std::vector<std::string> names;
    const std::string path = (data_ / "db").string();
    ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, path, &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const auto& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, path, families, &handles, &raw).ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    for (std::size_t i = 0; i < names.size(); ++i) {
      visit(*db, names[i], handles[i]);
      db->DestroyColumnFamilyHandle(handles[i]);
    }
  }

  TempFolder dir_;
  const fs::path data_ = dir_ / "data";
};

TEST_F(RocksdbStorageTest, DataSurvivesReopening) {
  for (int round = 0; round < 6; ++round) {  // Long enough for a compaction.
    auto storage = must_open(data_, round == 0 ? OpenMode::kCreate : OpenMode::kNormal);
    ASSERT_NE(storage, nullptr);
    for (int before = 0; before < round; ++before) {
      EXPECT_EQ(read(*storage, Family::kState, std::to_string(before)), "v");
      EXPECT_EQ(read(*storage, Family::kBlocks, std::to_string(before)), std::string(5000, 'b'));
    }
    Batch batch = put(Family::kState, std::to_string(round), "v");
    batch.append(put(Family::kState, "last", std::to_string(round)));
    batch.put(Family::kBlocks, to_bytes(std::to_string(round)), Bytes(1000, 'b'),
              shared(Bytes(4000, 'b')));
    ASSERT_TRUE(storage->write(batch, round % 2 == 0));
    EXPECT_EQ(read(*storage, Family::kState, "last"), std::to_string(round));
  }
}

TEST_F(RocksdbStorageTest, WritesDownWhoseItIs) {
  const auto storage = must_open(data_, OpenMode::kCreate);
  EXPECT_EQ(**storage->get(Family::kMeta, as_bytes("format")), (Bytes{3, 0, 0, 0}));
  EXPECT_EQ(**storage->get(Family::kMeta, as_bytes("chain")), Bytes(32, 7));
  EXPECT_EQ(**storage->get(Family::kMeta, as_bytes("replica")), (Bytes{1, 0, 0, 0}));
  EXPECT_EQ(read(*storage, Family::kMeta, "origin"), "create");
}

TEST_F(RocksdbStorageTest, RefusesTheDirectoryOfAnotherReplica) {
  create();
  const auto error = open_error(data_, OpenMode::kNormal, identity(2));
  EXPECT_EQ(error.kind, Kind::kWrongOwner);
  EXPECT_NE(error.message.find("belongs to replica 1 of chain 07070707, this is replica 2"),
            std::string::npos)
      << error.message;
}

TEST_F(RocksdbStorageTest, RefusesTheDirectoryOfAnotherChain) {
  create();
  for (const OpenMode mode : {OpenMode::kNormal, OpenMode::kRejoin}) {
    EXPECT_EQ(open_error(data_, mode, identity(1, 8)).kind, Kind::kWrongOwner);
  }
  EXPECT_NE(must_open(data_), nullptr) << "being refused does not change it";
}

TEST_F(RocksdbStorageTest, RefusesANewerFormat) {
  {
    const auto storage = must_open(data_, OpenMode::kCreate);
    Batch batch;
    batch.put(Family::kMeta, to_bytes("format"), Writer().u32(kFormatVersion + 1).take());
    ASSERT_TRUE(storage->write(batch, true));
  }
  const auto error = open_error(data_);
  EXPECT_EQ(error.kind, Kind::kNewerFormat);
  EXPECT_NE(error.message.find("format 4, this version knows up to 3"), std::string::npos);
}

TEST_F(RocksdbStorageTest, RefusesAFamilyOfANewerFormat) {
  create();
  with_database([](rocksdb::DB& db, const std::string& family, rocksdb::ColumnFamilyHandle*) {
    if (family != "meta") return;
    rocksdb::ColumnFamilyHandle* future = nullptr;
    ASSERT_TRUE(db.CreateColumnFamily({}, "future", &future).ok());
    db.DestroyColumnFamilyHandle(future);
  });
  EXPECT_EQ(open_error(data_).kind, Kind::kNewerFormat);
}

TEST_F(RocksdbStorageTest, OpensFormat1WhichLacksAFamily) {
  {
    const auto storage = must_open(data_, OpenMode::kCreate);
    Batch batch = put(Family::kState, "key", "value");
    batch.put(Family::kMeta, to_bytes("format"), Writer().u32(1).take());
    ASSERT_TRUE(storage->write(batch, true));
  }
  with_database(
      [](rocksdb::DB& db, const std::string& family, rocksdb::ColumnFamilyHandle* handle) {
        if (family != "commands") return;
        ASSERT_TRUE(db.DropColumnFamily(handle).ok());
      });
  const auto storage = must_open(data_);
  EXPECT_EQ(read(*storage, Family::kState, "key"), "value");
  EXPECT_EQ(**storage->get(Family::kMeta, as_bytes("format")), (Bytes{1, 0, 0, 0}))
      << "the host brings it to the new one (smr/replica/upgrade.hpp)";
  ASSERT_TRUE(storage->write(put(Family::kCommands, "a", "b"), true));
  EXPECT_EQ(read(*storage, Family::kCommands, "a"), "b");
}

TEST_F(RocksdbStorageTest, RefusesDataWithoutOwner) {
  {
    const auto storage = must_open(data_, OpenMode::kCreate);
    Batch batch;
    batch.erase(Family::kMeta, to_bytes("chain"));
    ASSERT_TRUE(storage->write(batch, true));
  }
  EXPECT_EQ(open_error(data_).kind, Kind::kCorrupt);
}

TEST_F(RocksdbStorageTest, NormalRefusesAnAbsentOrEmptyDirectory) {
  EXPECT_EQ(open_error(data_).kind, Kind::kEmpty);
  EXPECT_FALSE(fs::exists(data_)) << "and does not make it";
  fs::create_directory(data_);
  const auto error = open_error(data_);
  EXPECT_EQ(error.kind, Kind::kEmpty);
  EXPECT_NE(error.message.find("let it rejoin"), std::string::npos);
  EXPECT_EQ(open_error(data_).kind, Kind::kEmpty) << "its own lock file does not count as data";
}

TEST_F(RocksdbStorageTest, CreateStartsOnAnEmptyDirectoryOnly) {
  fs::create_directory(data_);
  create();
  EXPECT_EQ(open_error(data_, OpenMode::kCreate).kind, Kind::kNotEmpty);
  EXPECT_NE(must_open(data_), nullptr);
}

TEST_F(RocksdbStorageTest, RejoinStartsOverAndWritesItDown) {
  EXPECT_EQ(read(*must_open(data_, OpenMode::kRejoin), Family::kMeta, "origin"), "rejoin");
  EXPECT_EQ(read(*must_open(data_), Family::kMeta, "origin"), "rejoin");
}

TEST_F(RocksdbStorageTest, RejoinKeepsDataThatIsThere) {
  ASSERT_TRUE(must_open(data_, OpenMode::kCreate)->write(put(Family::kSafety, "a", "1"), true));
  const auto storage = must_open(data_, OpenMode::kRejoin);
  EXPECT_EQ(read(*storage, Family::kSafety, "a"), "1");
  EXPECT_EQ(read(*storage, Family::kMeta, "origin"), "create");
}

TEST_F(RocksdbStorageTest, AnInterruptedCreationDoesNotCount) {
  fs::create_directories(data_ / "db.new");
  write_file(data_ / "db.new" / "CURRENT", to_bytes("half"));
  EXPECT_EQ(open_error(data_).kind, Kind::kEmpty);
  create();
  EXPECT_FALSE(fs::exists(data_ / "db.new"));
  EXPECT_NE(must_open(data_), nullptr);
}

TEST_F(RocksdbStorageTest, TheDirectoryIsItsOwnersAlone) {
  create();
  EXPECT_EQ(fs::status(data_).permissions() & fs::perms::mask, fs::perms::owner_all);
}

TEST_F(RocksdbStorageTest, OneProcessAtATime) {
  auto storage = must_open(data_, OpenMode::kCreate);
  for (const OpenMode mode : {OpenMode::kNormal, OpenMode::kRejoin, OpenMode::kCreate}) {
    const auto error = open_error(data_, mode);
    EXPECT_EQ(error.kind, Kind::kLocked);
    EXPECT_NE(error.message.find("is in use"), std::string::npos);
  }
  ASSERT_TRUE(storage->write(put(Family::kState, "a", "1"), true)) << "the owner is not disturbed";
  storage.reset();
  EXPECT_NE(must_open(data_), nullptr);
}

TEST_F(RocksdbStorageTest, ThreadsMayWriteAndRead) {
  const auto storage = must_open(data_, OpenMode::kCreate);
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const std::string key = std::to_string(t) + "/" + std::to_string(i);
        if (!storage->write(put(Family::kState, key, key), false)) ++failures;
        if (read(*storage, Family::kState, key) != key) ++failures;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(scan(*storage, Family::kState).size(), 200U);
}

TEST_F(RocksdbStorageTest, StartingAgainAndAgainDoesNotGrowTheDirectory) {
  const auto size_of = [this] {
    std::uintmax_t bytes = 0;
    for (const auto& entry : fs::recursive_directory_iterator(data_)) {
      if (entry.is_regular_file()) bytes += entry.file_size();
    }
    return bytes;
  };
  create();
  for (int i = 0; i < 5; ++i) ASSERT_NE(must_open(data_), nullptr);
  const auto before = size_of();
  for (int i = 0; i < 5; ++i) ASSERT_NE(must_open(data_), nullptr);
  EXPECT_LE(size_of(), before + 4096);
}

TEST_F(RocksdbStorageTest, PrunedBlocksFreeTheirFiles) {
  constexpr int kRounds = 16;
  const auto blobs = [this] {
    return std::count_if(fs::directory_iterator(data_ / "db"), {},
                         [](const auto& entry) { return entry.path().extension() == ".blob"; });
  };
  for (int round = 0; round < kRounds; ++round) {  // An opening moves a round to a file of its own.
    const auto storage = must_open(data_, round == 0 ? OpenMode::kCreate : OpenMode::kNormal);
    ASSERT_NE(storage, nullptr);
    Batch batch = put(Family::kBlocks, std::to_string(round), std::string(100'000, 'b'));
    if (round > 0) batch.erase(Family::kBlocks, to_bytes(std::to_string(round - 1)));
    ASSERT_TRUE(storage->write(batch, true));
    // The compaction, when there is one, runs in the background.
    for (int i = 0; i < 200 && blobs() > 8; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  EXPECT_LE(blobs(), 8);
}

}  // namespace
}  // namespace waggle::storage
