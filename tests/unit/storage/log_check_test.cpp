#include "storage/log_check.hpp"

#include <gtest/gtest.h>

#include "tests/unit/storage/support.hpp"

namespace waggle::storage {
namespace {

/// Logs as RocksDB has written them: small records, and one that spans several blocks of 32 KiB.
class LogCheckTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto storage = must_open(dir_ / "data", OpenMode::kCreate);
    ASSERT_NE(storage, nullptr);
    for (int i = 0; i < 3; ++i) write(*storage, 40);
  }
  static void write(Storage& storage, std::size_t size) {
    ASSERT_TRUE(storage.write(put(Family::kState, "key", std::string(size, 'v')), true));
  }
  void append(std::size_t size) {
    const auto storage = must_open(dir_ / "data");
    ASSERT_NE(storage, nullptr);
    write(*storage, size);
  }
  fs::path log() const { return files(dir_ / "data", ".log").at(0); }
  fs::path manifest() const {
    const Bytes current = read_file(db_ / "CURRENT");
    return db_ / as_text(ByteView{current}.first(current.size() - 1));
  }
  bool corrupt() const {
    const auto checked = check_logs(db_);
    return !checked && checked.error().kind == Kind::kCorrupt;
  }

  TempFolder dir_;
  const fs::path db_ = dir_ / "data/db";
};

TEST_F(LogCheckTest, AcceptsWhatRocksdbWrites) {
  EXPECT_TRUE(check_logs(db_));
  for (const std::size_t size : {32'700U, 32'768U, 100'000U, 1'000'000U}) {
    append(size);
    const auto checked = check_logs(db_);
    EXPECT_TRUE(checked) << checked.error().message;
  }
}

TEST_F(LogCheckTest, FindsEveryFlippedBitOfALog) {
  for (const fs::path& file : {log(), manifest()}) {
    const std::size_t bits = fs::file_size(file) * 8;
    ASSERT_GT(bits, 1000U);
    for (std::size_t bit = 0; bit < bits; ++bit) {
      const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
      flip(file, bit / 8, mask);
      ASSERT_TRUE(corrupt()) << file << ": byte " << bit / 8 << ", bit " << bit % 8;
      flip(file, bit / 8, mask);
    }
  }
  EXPECT_TRUE(check_logs(db_));
}

TEST_F(LogCheckTest, FindsAFlippedByteInEveryBlockOfALongRecord) {
  append(100'000);
  const fs::path file = log();
  const std::size_t size = fs::file_size(file);
  for (std::size_t at = 0; at < size; at += 509) {
    flip(file, at, 0x10);
    ASSERT_TRUE(corrupt()) << "byte " << at;
    flip(file, at, 0x10);
  }
}

TEST_F(LogCheckTest, AcceptsALogCutOffAnywhere) {
  const fs::path file = log();
  for (std::size_t size = fs::file_size(file); size-- > 0;) {
    fs::resize_file(file, size);
    ASSERT_TRUE(check_logs(db_)) << size;
  }
}

TEST_F(LogCheckTest, AcceptsReservedZerosAtTheEndOnly) {
  Bytes bytes = read_file(log());
  const Bytes good = bytes;
  bytes.resize(bytes.size() + 70'000, 0);
  write_file(log(), bytes);
  EXPECT_TRUE(check_logs(db_));
  bytes.insert(bytes.end(), good.begin(), good.end());
  write_file(log(), bytes);
  EXPECT_TRUE(corrupt()) << "a hole in the middle";
}

TEST_F(LogCheckTest, FindsAGapBetweenLogs) {
  const Bytes good = read_file(log());
  const fs::path first = log();
  const fs::path second = db_ / "999999.log";
  // The second log goes on behind the first: the record that follows, in a file of its own.
  {
    const TempFolder other;
    fs::copy(dir_ / "data", other / "data", fs::copy_options::recursive);
    const auto storage = must_open(other / "data");
    ASSERT_NE(storage, nullptr);
    ASSERT_TRUE(storage->write(put(Family::kState, "key", "next"), true));
    std::vector<fs::path> logs = files(other / "data", ".log");
    ASSERT_EQ(logs.size(), 1U);
    fs::copy_file(logs[0], second);
  }
  EXPECT_TRUE(check_logs(db_));
  write_file(first, ByteView{good}.first(good.size() - 1));
  EXPECT_TRUE(corrupt()) << "the last record of the first log is missing";
  Bytes torn = good;
  torn.insert(torn.end(), 3, 1);
  write_file(first, torn);
  const auto checked = check_logs(db_);
  EXPECT_TRUE(checked) << "nothing is missing that the second log does not follow: "
                       << checked.error().message;
}

TEST_F(LogCheckTest, NeedsAManifest) {
  flip(db_ / "CURRENT", 10);
  EXPECT_TRUE(corrupt());
  fs::remove(db_ / "CURRENT");
  EXPECT_TRUE(corrupt());
}

}  // namespace
}  // namespace waggle::storage
