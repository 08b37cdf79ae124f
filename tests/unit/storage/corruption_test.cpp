// Damage on disk stops the replica, or changes nothing; it never gives wrong or missing data.

#include <random>

#include <gtest/gtest.h>

#include "storage/keys.hpp"
#include "tests/unit/storage/support.hpp"

namespace waggle::storage {
namespace {

constexpr std::uint64_t kBatches = 60;

std::string value_of(std::uint64_t i) { return "value " + std::to_string(i * 7919); }
Bytes payload_of(std::uint64_t i) { return Bytes(3000 + i, static_cast<std::uint8_t>(i)); }

class CorruptionTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto storage = must_open(good_, OpenMode::kCreate);
    ASSERT_NE(storage, nullptr);
    for (std::uint64_t i = 0; i < kBatches; ++i) {
      Batch batch;
      batch.put(Family::kHeights, big_endian_key(i), to_bytes(value_of(i)));
      batch.put(Family::kBlocks, big_endian_key(i), to_bytes(value_of(i)), shared(payload_of(i)));
      batch.put(Family::kSafety, to_bytes("record"), to_bytes(value_of(i)));
      ASSERT_TRUE(storage->write(batch, true));
    }
  }
  /// Everything written so far lies in the log; an opening moves it to tables.
  void move_to_tables() { ASSERT_NE(must_open(good_), nullptr); }

  /// A fresh copy to damage.
  fs::path copy() {
    fs::remove_all(copy_);
    fs::copy(good_, copy_, fs::copy_options::recursive);
    return copy_;
  }

  /// Reads everything: true when the damage was reported, false when all data is there and right.
  /// Anything else fails the test. With `torn`, the newest batches may be missing as a whole.
  static bool stopped(const fs::path& path, bool torn = false) {
    auto opened = open(path, identity(), OpenMode::kNormal);
    if (!opened) {
      EXPECT_EQ(opened.error().kind, Kind::kCorrupt) << opened.error().message;
      EXPECT_NE(opened.error().message.find("--rejoin"), std::string::npos);
      return true;
    }
    const Storage& storage = **opened;
    std::uint64_t found = 0;
    for (std::uint64_t i = 0; i < kBatches; ++i) {
      const auto height = storage.get(Family::kHeights, big_endian_key(i));
      const auto block = storage.get(Family::kBlocks, big_endian_key(i));
      for (const auto* part : {&height, &block}) {
        if (*part) continue;
        EXPECT_EQ(part->error().kind, Kind::kCorrupt) << part->error().message;
        return true;
      }
      EXPECT_EQ(height->has_value(), block->has_value()) << "half a batch, " << i;
      if (!*height || !*block) continue;
      EXPECT_EQ(found, i) << "a batch before it is missing";
      found = i + 1;
      Bytes expected = to_bytes(value_of(i));
      EXPECT_EQ(**height, expected);
      const Bytes payload = payload_of(i);
      expected.insert(expected.end(), payload.begin(), payload.end());
      EXPECT_EQ(**block, expected);
    }
    if (!torn) {
      EXPECT_EQ(found, kBatches) << "silently lost";
    }
    if (found > 0) {
      EXPECT_EQ(read(storage, Family::kSafety, "record"), value_of(found - 1));
    }
    return false;
  }

  TempFolder dir_;
  const fs::path good_ = dir_ / "good";
  const fs::path copy_ = dir_ / "copy";
  std::mt19937 random_{1};
};

TEST_F(CorruptionTest, UndamagedDataOpens) {
  EXPECT_FALSE(stopped(copy()));
  move_to_tables();
  EXPECT_FALSE(stopped(copy()));
}

TEST_F(CorruptionTest, FlippedBitInTheLogStops) {
  const std::size_t size = fs::file_size(files(good_, ".log").at(0));
  for (int i = 0; i < 40; ++i) {
    const fs::path damaged = copy();
    const std::size_t at = random_() % size;
    flip(files(damaged, ".log").at(0), at, static_cast<std::uint8_t>(1U << random_() % 8));
    EXPECT_TRUE(stopped(damaged)) << "byte " << at << " of " << size;
  }
}

TEST_F(CorruptionTest, DamageThatLooksLikeATornTailStops) {
  // In the header of a record: length u16 at byte 4, type at byte 6. RocksDB by itself opens both
  // of these and loses what it does not see.
  const fs::path type = copy();
  flip(files(type, ".log").at(0), 6, 4);  // The first record: now of a recycled log.
  EXPECT_TRUE(stopped(type));

  const fs::path length = copy();
  const fs::path log = files(length, ".log").at(0);
  const Bytes bytes = read_file(log);
  const std::string_view text = as_text(bytes);
  // The last batch's record begins where the one before ends, which is with its safety record.
  const std::size_t last = text.rfind(value_of(kBatches - 2)) + value_of(kBatches - 2).size();
  flip(log, last + 5, 0x80);
  EXPECT_TRUE(stopped(length));
}

TEST_F(CorruptionTest, TornTailOfTheLogIsTolerated) {
  const std::size_t size = fs::file_size(files(good_, ".log").at(0));
  for (const std::size_t cut : {1U, 2U, 500U, 3050U, 3100U, 50'000U}) {
    const fs::path damaged = copy();
    fs::resize_file(files(damaged, ".log").at(0), size - cut);
    EXPECT_FALSE(stopped(damaged, true)) << "cut off " << cut;
    EXPECT_FALSE(stopped(damaged, true)) << "and starts again";
  }
}

TEST_F(CorruptionTest, FlippedBitInATableOrBlobStops) {
  move_to_tables();
  for (const char* ending : {".sst", ".blob"}) {
    const std::vector<fs::path> originals = files(good_, ending);
    ASSERT_FALSE(originals.empty());
    for (int i = 0; i < 25; ++i) {
      const fs::path damaged = copy();
      const fs::path file = damaged / "db" / originals[random_() % originals.size()].filename();
      const std::size_t at = random_() % fs::file_size(file);
      flip(file, at, static_cast<std::uint8_t>(1U << random_() % 8));
      // A few bytes (of a table's footer, say) carry no information: the data is right then.
      const bool reported = stopped(damaged);
      if (at > 100 && at + 1000 < fs::file_size(originals[0]) && ending[1] == 'b') {
        EXPECT_TRUE(reported) << file << ", byte " << at;
      }
    }
  }
}

TEST_F(CorruptionTest, FlippedBitInTheSafetyRecordStopsAtOpening) {
  move_to_tables();
  bool met = false;
  for (const fs::path& original : files(good_, ".sst")) {
    const Bytes bytes = read_file(original);
    const std::string_view text = as_text(bytes);
    const auto at = text.find("record");
    if (at == std::string_view::npos || text.find(value_of(kBatches - 1)) == text.npos) continue;
    met = true;
    const fs::path damaged = copy();
    flip(damaged / "db" / original.filename(), at + 1);
    EXPECT_EQ(open_error(damaged).kind, Kind::kCorrupt);
  }
  EXPECT_TRUE(met);
}

TEST_F(CorruptionTest, TruncatedOrMissingFileStopsAtOpening) {
  move_to_tables();
  for (const char* ending : {".sst", ".blob"}) {
    for (const fs::path& original : files(good_, ending)) {
      fs::path damaged = copy();
      fs::path file = damaged / "db" / original.filename();
      fs::resize_file(file, fs::file_size(file) - 1);
      EXPECT_EQ(open_error(damaged).kind, Kind::kCorrupt) << file;
      damaged = copy();
      fs::remove(file);
      EXPECT_EQ(open_error(damaged).kind, Kind::kCorrupt) << file;
    }
  }
}

TEST_F(CorruptionTest, DamagedManifestStopsAtOpening) {
  move_to_tables();
  const Bytes current = read_file(good_ / "db/CURRENT");
  const std::string name(as_text(ByteView{current}.first(current.size() - 1)));
  const std::size_t size = fs::file_size(good_ / "db" / name);
  for (int i = 0; i < 20; ++i) {
    const fs::path damaged = copy();
    flip(damaged / "db" / name, random_() % size, static_cast<std::uint8_t>(1U << random_() % 8));
    EXPECT_EQ(open_error(damaged).kind, Kind::kCorrupt);
  }
  const fs::path damaged = copy();
  fs::remove(damaged / "db/CURRENT");
  EXPECT_EQ(open_error(damaged).kind, Kind::kCorrupt) << "never taken for an empty directory";
}

TEST_F(CorruptionTest, AFailedWriteIsFinal) {
  const auto storage = must_open(copy());
  ASSERT_NE(storage, nullptr);
  ASSERT_TRUE(storage->write(put(Family::kState, "a", "1"), true));
  fs::remove_all(copy_);
  bool failed = false;
  std::string first;
  for (int i = 0; i < 2000 && !failed; ++i) {  // Until a new log is due, which has no place.
    const auto written = storage->write(put(Family::kBlocks, "k", std::string(100'000, 'x')), true);
    failed = !written;
    if (failed) first = written.error().message;
  }
  ASSERT_TRUE(failed);
  fs::create_directories(copy_ / "db");
  for (const bool sync : {false, true}) {
    const auto again = storage->write(put(Family::kState, "a", "2"), sync);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().message, first);
  }
}

}  // namespace
}  // namespace waggle::storage
