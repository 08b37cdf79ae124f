// What every Storage promises, asked of both.

#include <gtest/gtest.h>

#include "storage/keys.hpp"
#include "storage/memory_storage.hpp"
#include "tests/unit/storage/support.hpp"

namespace waggle::storage {
namespace {

enum class Which { kMemory, kRocksdb };

class Contract : public testing::TestWithParam<Which> {
 protected:
  void SetUp() override {
    if (GetParam() == Which::kMemory) {
      storage_ = std::make_unique<MemoryStorage>();
    } else {
      storage_ = must_open(dir_ / "data", OpenMode::kCreate);
    }
    ASSERT_NE(storage_, nullptr);
  }
  void write(const Batch& batch, bool sync = false) {
    const auto written = storage_->write(batch, sync);
    ASSERT_TRUE(written) << written.error().message;
  }

  TempFolder dir_;
  std::unique_ptr<Storage> storage_;
};

TEST_P(Contract, ReadsWhatWasWritten) {
  write(put(Family::kState, "a", "1"));
  EXPECT_EQ(read(*storage_, Family::kState, "a"), "1");
}

TEST_P(Contract, MissingKeyIsNothingAndNoError) {
  EXPECT_EQ(read(*storage_, Family::kState, "a"), "-");
  write(put(Family::kState, "ab", "1"));
  EXPECT_EQ(read(*storage_, Family::kState, "a"), "-");
}

TEST_P(Contract, EmptyValueIsNotMissing) {
  write(put(Family::kState, "a", ""));
  EXPECT_EQ(read(*storage_, Family::kState, "a"), "");
}

TEST_P(Contract, KeysAndValuesMayHoldAnyByte) {
  const Bytes key{0, 255, 0, 10};
  const Bytes value{0, 0, 255};
  Batch batch;
  batch.put(Family::kBlocks, key, value);
  write(batch);
  EXPECT_EQ(**storage_->get(Family::kBlocks, key), value);
}

TEST_P(Contract, FamiliesAreApart) {
  for (std::size_t i = 0; i < kFamilyCount; ++i) write(put(Family(i), "key", name_of(Family(i))));
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    EXPECT_EQ(read(*storage_, Family(i), "key"), name_of(Family(i)));
  }
}

TEST_P(Contract, ABatchSpansFamilies) {
  Batch batch = put(Family::kState, "a", "1");
  batch.append(put(Family::kResults, "b", "2"));
  batch.append(put(Family::kMeta, "c", "3"));
  write(batch, true);
  EXPECT_EQ(read(*storage_, Family::kState, "a"), "1");
  EXPECT_EQ(read(*storage_, Family::kResults, "b"), "2");
  EXPECT_EQ(read(*storage_, Family::kMeta, "c"), "3");
}

TEST_P(Contract, LaterChangeOfABatchWins) {
  Batch batch = put(Family::kState, "a", "1");
  batch.erase(Family::kState, to_bytes("a"));
  batch.append(put(Family::kState, "a", "2"));
  batch.append(put(Family::kState, "b", "1"));
  batch.erase(Family::kState, to_bytes("b"));
  write(batch);
  EXPECT_EQ(scan(*storage_, Family::kState), (Pairs{{"a", "2"}}));
}

TEST_P(Contract, EraseRemovesAndMayFindNothing) {
  write(put(Family::kState, "a", "1"));
  Batch batch;
  batch.erase(Family::kState, to_bytes("a"));
  batch.erase(Family::kState, to_bytes("never"));
  write(batch);
  EXPECT_EQ(read(*storage_, Family::kState, "a"), "-");
}

TEST_P(Contract, TailIsAppendedToTheValue) {
  Batch batch;
  batch.put(Family::kBlocks, to_bytes("a"), to_bytes("head"), shared(to_bytes("+tail")));
  batch.put(Family::kBlocks, to_bytes("b"), {}, shared(Bytes(300'000, 'x')));
  batch.put(Family::kBlocks, to_bytes("c"), to_bytes("only"), shared({}));
  EXPECT_EQ(batch.bytes(), 1 + 9 + 1 + 300'000 + 1 + 4U);
  write(batch);
  EXPECT_EQ(read(*storage_, Family::kBlocks, "a"), "head+tail");
  EXPECT_EQ(read(*storage_, Family::kBlocks, "b"), std::string(300'000, 'x'));
  EXPECT_EQ(scan(*storage_, Family::kBlocks, "c"), (Pairs{{"c", "only"}}));
}

TEST_P(Contract, ScanGoesInByteOrderWithinBounds) {
  const std::string high = "\xff";
  for (const std::string& key : {high, std::string("b"), std::string("a"), std::string("ab")}) {
    write(put(Family::kState, key, "v"));
  }
  using Keys = std::vector<std::string>;
  const auto keys = [&](std::string_view from, std::string_view to) {
    Keys found;
    for (auto& [key, value] : scan(*storage_, Family::kState, from, to)) found.push_back(key);
    return found;
  };
  EXPECT_EQ(keys("", ""), (Keys{"a", "ab", "b", high}));
  EXPECT_EQ(keys("ab", ""), (Keys{"ab", "b", high})) << "the lower bound is included";
  EXPECT_EQ(keys("", "b"), (Keys{"a", "ab"})) << "the upper bound is not";
  EXPECT_EQ(keys("aa", "ac"), (Keys{"ab"}));
  EXPECT_EQ(keys("b", "b"), Keys{});
  EXPECT_EQ(keys("b", "a"), Keys{});
  EXPECT_EQ(keys("\xff\xff", ""), Keys{});
}

TEST_P(Contract, ScanStopsWhenTold) {
  for (const char* key : {"a", "b", "c"}) write(put(Family::kState, key, "v"));
  int seen = 0;
  const auto done = storage_->scan(Family::kState, {}, {}, [&](auto, auto) { return ++seen < 2; });
  EXPECT_TRUE(done);
  EXPECT_EQ(seen, 2);
}

TEST_P(Contract, ScanVisitorMayRead) {
  write(put(Family::kState, "a", "b"));
  write(put(Family::kState, "b", "found"));
  std::string found;
  const auto done = storage_->scan(Family::kState, {}, as_bytes("b"), [&](auto, auto value) {
    found = read(*storage_, Family::kState, as_text(value));
    return true;
  });
  EXPECT_TRUE(done);
  EXPECT_EQ(found, "found");
}

TEST_P(Contract, NumbersScanInOrder) {
  for (const std::uint64_t n : {300ULL, 2ULL, ~0ULL, 0ULL, 1ULL << 40}) {
    Batch batch;
    batch.put(Family::kHeights, big_endian_key(n), to_bytes("v"));
    write(batch);
  }
  std::vector<std::uint64_t> numbers;
  const auto done = storage_->scan(Family::kHeights, big_endian_key(1), {}, [&](auto key, auto) {
    numbers.push_back(*number_of_key(key));
    return true;
  });
  EXPECT_TRUE(done);
  EXPECT_EQ(numbers, (std::vector<std::uint64_t>{2, 300, 1ULL << 40, ~0ULL}));
}

TEST_P(Contract, EmptyBatchIsAllowed) {
  write(Batch(), false);
  write(put(Family::kState, "a", "1"), false);
  write(Batch(), true);
  EXPECT_EQ(read(*storage_, Family::kState, "a"), "1");
}

INSTANTIATE_TEST_SUITE_P(All, Contract, testing::Values(Which::kMemory, Which::kRocksdb),
                         [](const auto& which) {
                           return which.param == Which::kMemory ? "Memory" : "Rocksdb";
                         });

TEST(Keys, PrefixFollowedByNumber) {
  const Bytes prefix{9, 8};
  EXPECT_EQ(big_endian_key(prefix, 0x0102), (Bytes{9, 8, 0, 0, 0, 0, 0, 0, 1, 2}));
  EXPECT_EQ(number_of_key(big_endian_key(prefix, 77)), 77U);
  EXPECT_EQ(number_of_key(prefix), std::nullopt);
}

TEST(Keys, PrefixEndIsTheNextPrefix) {
  EXPECT_EQ(prefix_end(Bytes{1, 2}), (Bytes{1, 3}));
  EXPECT_EQ(prefix_end(Bytes{1, 255, 255}), Bytes{2});
  EXPECT_EQ(prefix_end(Bytes{255, 255}), Bytes{}) << "no upper end";
  EXPECT_EQ(prefix_end(Bytes{}), Bytes{});
}

}  // namespace
}  // namespace waggle::storage
