// Rows of results: written run by run, found by any number, erased with the last one.
#include "smr/replica/result_rows.hpp"

#include <ctime>
#include <map>

#include <gtest/gtest.h>

#include "crypto/sha256.hpp"
#include "sim/base/random.hpp"
#include "smr/replica/layout.hpp"
#include "storage/memory_storage.hpp"
#include "tests/unit/replica/requests.hpp"

namespace waggle::smr {
namespace {

using storage::Family;

const crypto::Sha256Hasher kHasher;

struct Results : ::testing::Test {
  /// A block that executes these numbers of a client, in one request.
  void block(unsigned client, const std::vector<std::uint64_t>& numbers,
             const std::vector<ResultRange>& expired = {}) {
    block_.header.height = block_.header.height.next();
    ResultRows rows(block_);
    rows.begin_request(client_of(client));
    for (const std::uint64_t number : numbers) rows.add(number, result_of(number));
    finish(rows, expired);
  }
  void finish(ResultRows& rows, const std::vector<ResultRange>& expired = {}) {
    storage::Batch batch;
    ASSERT_TRUE(rows.finish(storage_, expired, batch));
    ASSERT_TRUE(storage_.write(batch, false));
  }
  static Bytes result_of(std::uint64_t number) { return Bytes(number % 5, 'r'); }
  std::size_t row_count() const {
    std::size_t count = 0;
    EXPECT_TRUE(storage_.scan(Family::kResults, {}, {}, [&](ByteView, ByteView) {
      ++count;
      return true;
    }));
    return count;
  }
  /// Number -> height, of what is found of first .. last.
  std::map<std::uint64_t, std::uint64_t> find(unsigned client, std::uint64_t first,
                                              std::uint64_t last) const {
    const auto answers = find_results(storage_, client_of(client), first, last);
    EXPECT_TRUE(answers);
    std::map<std::uint64_t, std::uint64_t> found;
    for (const Committed& answer : *answers) {
      EXPECT_EQ(answer.client, client_of(client));
      for (const CommandResult& one : answer.results) {
        EXPECT_EQ(one.result, result_of(one.number));
        EXPECT_TRUE(found.emplace(one.number, answer.height.value).second);
      }
    }
    return found;
  }

  Block block_;
  storage::MemoryStorage storage_;
};

TEST_F(Results, ARowForEachRunAndEveryNumberIsFound) {
  block(0, {1, 2, 3, 7, 8});  // 4 .. 6 were executed before
  block(1, {2});
  EXPECT_EQ(row_count(), 3u);
  const std::map<std::uint64_t, std::uint64_t> all = {{1, 1}, {2, 1}, {3, 1}, {7, 1}, {8, 1}};
  EXPECT_EQ(find(0, 1, 10), all);
  for (std::uint64_t number = 0; number <= 10; ++number) {
    EXPECT_EQ(find(0, number, number).size(), all.count(number)) << number;
  }
  EXPECT_EQ(find(0, 3, 7), (std::map<std::uint64_t, std::uint64_t>{{3, 1}, {7, 1}}));
  EXPECT_EQ(find(1, 1, 10), (std::map<std::uint64_t, std::uint64_t>{{2, 2}}));
  EXPECT_TRUE(find(2, 0, 100).empty());
}

TEST_F(Results, RequestsThatFollowEachOtherHaveRowsOfTheirOwn) {
  ResultRows rows(block_);
  rows.begin_request(client_of(0));
  rows.add(1, result_of(1));
  rows.begin_request(client_of(0));
  rows.add(2, result_of(2));
  rows.begin_request(client_of(1));
  rows.add(3, result_of(3));
  finish(rows);
  EXPECT_EQ(row_count(), 3u);
  EXPECT_EQ(find(0, 1, 3).size(), 2u);
}

TEST_F(Results, ARowGoesWithItsLastNumber) {
  block(0, {1, 2, 3, 4});
  block(0, {5, 6});
  block(0, {7}, {{client_of(0), 1, 3}});
  EXPECT_EQ(find(0, 1, 10).size(), 7u) << "4 is kept, and so is its row";
  block(0, {8}, {{client_of(0), 4, 5}});
  EXPECT_EQ(find(0, 1, 10).begin()->first, 5u);
  block(1, {1, 2, 3}, {{client_of(1), 1, 2}});
  EXPECT_EQ(find(1, 1, 3).size(), 3u);
  block(1, {4, 5, 9, 10}, {{client_of(1), 3, 5}});
  EXPECT_EQ(find(1, 1, 10).size(), 2u) << "of this very block as well";
  EXPECT_EQ(find(0, 1, 10).size(), 4u) << "nobody else's";
}

/// Each of these clients is new and ends the session of another one.
TEST_F(Results, ManyClientsInABlockCostEachAboutTheSame) {
  const auto cost = [this](unsigned clients) {
    Sessions sessions(1, kHasher);
    ResultRows rows(block_);
    for (unsigned i = 0; i < clients; ++i) {
      ClientId client;
      client.bytes[0] = static_cast<std::uint8_t>(i);
      client.bytes[1] = static_cast<std::uint8_t>(i >> 8);
      const std::uint64_t number = sessions.next_number(client);
      EXPECT_EQ(sessions.admit(client, number), Decision::kExecute);
      rows.begin_request(client);
      rows.add(number, Bytes{1});
    }
    const std::vector<ResultRange> expired = sessions.take_changes().expired;
    EXPECT_EQ(expired.size(), clients - 1);
    storage::Batch batch;
    const std::clock_t begin = std::clock();
    EXPECT_TRUE(rows.finish(storage_, expired, batch));
    const std::clock_t end = std::clock();
    EXPECT_TRUE(storage_.write(batch, false));
    EXPECT_EQ(row_count(), 1u) << "of the last client";
    batch = {};
    EXPECT_TRUE(storage_.scan(Family::kResults, {}, {}, [&](ByteView key, ByteView) {
      batch.erase(Family::kResults, Bytes(key.begin(), key.end()));
      return true;
    }));
    EXPECT_TRUE(storage_.write(batch, false));
    return end - begin;
  };
  const std::clock_t small = cost(4'000);
  EXPECT_LT(cost(16'000), 9 * small);
}

/// As the executor does it, with the sessions' own decisions: what a retry is answered from is
/// there, and storage does not grow.
TEST_F(Results, WhatTheSessionsKeepIsThere) {
  sim::Random rng(11);
  Sessions sessions(2, kHasher);
  std::map<std::pair<unsigned, std::uint64_t>, std::uint64_t> heights;
  for (int i = 0; i < 600; ++i) {
    block_.header.height = block_.header.height.next();
    ResultRows rows(block_);
    for (std::uint64_t requests = rng.below(4); requests > 0; --requests) {
      const auto client = static_cast<unsigned>(rng.below(3));
      const std::uint64_t first = sessions.next_number(client_of(client)) + rng.below(6);
      const std::uint64_t last = first + rng.below(100);
      rows.begin_request(client_of(client));
      for (std::uint64_t number = first; number <= last; ++number) {
        if (sessions.admit(client_of(client), number) != Decision::kExecute) continue;
        rows.add(number, result_of(number));
        heights[{client, number}] = block_.height().value;
      }
    }
    finish(rows, sessions.take_changes().expired);
    for (unsigned client = 0; client < 3; ++client) {
      const std::uint64_t next = sessions.next_number(client_of(client));
      const std::uint64_t from = next > 400 ? next - 400 : 1;
      const auto found = find(client, from, next + kSessionWindow);
      for (std::uint64_t number = from; number <= next + kSessionWindow; ++number) {
        const auto at = found.find(number);
        if (at != found.end()) {
          EXPECT_EQ(at->second, (heights[{client, number}])) << number;
        } else {
          EXPECT_NE(sessions.check(client_of(client), number), Decision::kDuplicate) << number;
        }
      }
    }
    EXPECT_LE(row_count(), 2 * (kSessionWindow + kExpiredAtOnce));
  }
}

/// A chain that is executed with sessions, results and position in one batch, as the executor does.
struct Replica {
  static constexpr std::uint64_t kHeights = 400;

  void execute_next() {
    Block block;
    block.header.height = Height{++height};
    sim::Random rng(height);  // the chain is the same for all
    ResultRows rows(block);
    for (std::uint64_t requests = rng.below(4); requests > 0; --requests) {
      const auto who = rng.below(200) == 0 ? 2 : rng.below(2);  // now and then a third one
      const ClientId client = client_of(static_cast<unsigned>(who));
      const std::uint64_t first = sessions.next_number(client) + rng.below(6);
      const std::uint64_t last = first + rng.below(100);
      rows.begin_request(client);
      for (std::uint64_t number = first; number <= last; ++number) {
        if (sessions.admit(client, number) == Decision::kExecute) rows.add(number, Bytes{1});
      }
    }
    const SessionChanges changes = sessions.take_changes();
    storage::Batch batch;
    batch.put(Family::kMeta, to_bytes("sessions"), changes.globals);
    batch.put(Family::kMeta, to_bytes("height"), Writer().u64(height).take());
    for (const auto& row : changes.rows) {
      batch.put(Family::kSessions, Bytes(row.client.bytes.begin(), row.client.bytes.end()),
                row.value);
    }
    for (const ClientId& gone : changes.evicted) {
      batch.erase(Family::kSessions, Bytes(gone.bytes.begin(), gone.bytes.end()));
    }
    ASSERT_TRUE(rows.finish(disk, changes.expired, batch));
    ASSERT_TRUE(disk.write(batch, height % 16 == 0));
  }
  void recover() {
    const auto globals = disk.get(Family::kMeta, as_bytes("sessions"));
    std::vector<SessionRow> rows;
    for (const auto& [key, value] : all(Family::kSessions)) {
      rows.push_back({Reader(key).fixed<ClientId>(), value});
    }
    height = *globals ? Reader(**disk.get(Family::kMeta, as_bytes("height"))).u64() : 0;
    sessions = *globals ? *Sessions::load(2, kHasher, **globals, rows) : Sessions(2, kHasher);
  }
  std::map<Bytes, Bytes> all(Family family) const {
    std::map<Bytes, Bytes> found;
    EXPECT_TRUE(disk.scan(family, {}, {}, [&](ByteView key, ByteView value) {
      found.emplace(Bytes(key.begin(), key.end()), Bytes(value.begin(), value.end()));
      return true;
    }));
    return found;
  }

  storage::MemoryStorage disk;
  Sessions sessions{2, kHasher};
  std::uint64_t height = 0;
};

TEST(ResultsOnDisk, AreTheSameHoweverOftenItCrashes) {
  Replica steady;
  while (steady.height < Replica::kHeights) steady.execute_next();
  Replica crashing;
  sim::Random rng(5);
  std::size_t again = 0;
  while (crashing.height < Replica::kHeights) {
    crashing.execute_next();
    if (rng.below(10) != 0) continue;
    const std::uint64_t before = crashing.height;
    crashing.disk.crash(rng.below(crashing.disk.unsynced() + 1));
    crashing.recover();
    again += before - crashing.height;
  }
  EXPECT_GT(again, 50U) << "blocks that were executed once more";
  EXPECT_GT(steady.all(Family::kResults).size(), 4U);
  EXPECT_EQ(steady.all(Family::kResults), crashing.all(Family::kResults));
  EXPECT_EQ(steady.all(Family::kSessions), crashing.all(Family::kSessions));
}

/// Format 3, frozen: a changed row is a new format of the data directory (storage/FORMAT.md).
TEST_F(Results, RowsAreFrozen) {
  block_.header.height = Height{0x0102};
  block_.header.view = View{0x0304};
  block_.id.bytes.fill(0xb1);
  ResultRows rows(block_);
  ClientId client;
  client.bytes.fill(0xc1);
  rows.begin_request(client);
  rows.add(0x1fe, Bytes{});
  rows.add(0x1ff, Bytes{0xaa});
  rows.add(0x200, Bytes{0xbb, 0xcc});
  finish(rows);
  std::string text;
  EXPECT_TRUE(storage_.scan(Family::kResults, {}, {}, [&](ByteView key, ByteView value) {
    text += to_hex(key) + " = " + to_hex(value);
    return true;
  }));
  const auto times = [](std::size_t count, const std::string& part) {
    std::string all;
    while (count-- > 0) all += part;
    return all;
  };
  EXPECT_EQ(text, times(32, "c1") + "0000000000000200" + "00000003" + " = " +  // last, how many
                      "0403000000000000" + "0201000000000000" + times(32, "b1") + "00000000" +
                      "01000000aa" + "02000000bbcc");
}

TEST_F(Results, ARowThatDoesNotDecodeIsDamage) {
  block(0, {1, 2});
  storage::Batch batch;
  batch.put(Family::kResults, layout::results_key(client_of(0), 4, 2), Bytes(48));
  ASSERT_TRUE(storage_.write(batch, false));
  EXPECT_EQ(find(0, 1, 2).size(), 2u);
  const auto found = find_results(storage_, client_of(0), 3, 3);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, storage::StorageError::Kind::kCorrupt);
}

}  // namespace
}  // namespace waggle::smr
