#include "sim/world/disk.hpp"

#include <gtest/gtest.h>

namespace waggle::sim {
namespace {

using std::chrono::milliseconds;
using storage::Batch;
using storage::Family;

struct Fixture : Disk::User {
  explicit Fixture(const DiskOptions& options = {}, std::uint64_t seed = 1)
      : disk(events, Random(seed), options, *this) {}

  void on_durable(std::function<void()> done) override { done(); }
  void on_disk_error(const storage::StorageError& error) override { errors.push_back(error); }

  void submit(const std::string& key, const std::string& value = "value") {
    disk.submit(batch(key, value), [this, key] { durable.emplace_back(events.now(), key); });
  }
  static Batch batch(const std::string& key, const std::string& value = "value") {
    Batch made;
    made.put(Family::kState, to_bytes(key), to_bytes(value));
    return made;
  }
  bool has(const std::string& key) {
    const auto found = disk.get(Family::kState, to_bytes(key));
    return found && *found;
  }
  void run() {
    while (!events.empty()) events.run_next();
  }

  EventQueue events;
  Disk disk;
  std::vector<std::pair<Duration, std::string>> durable;
  std::vector<storage::StorageError> errors;
};

DiskOptions one_millisecond() {
  DiskOptions options;
  options.write = Latency::constant(Duration{0});
  options.sync = Latency::constant(milliseconds(1));
  return options;
}

TEST(Disk, WritesThatComeDuringASyncShareTheNext) {
  Fixture disk(one_millisecond());
  disk.submit("a");
  disk.submit("b");
  disk.submit("c");
  disk.run();
  using Durable = std::vector<std::pair<Duration, std::string>>;
  EXPECT_EQ(disk.durable,
            (Durable{{milliseconds(1), "a"}, {milliseconds(2), "b"}, {milliseconds(2), "c"}}));
}

TEST(Disk, BandwidthAndSlownessCount) {
  DiskOptions options = one_millisecond();
  options.bytes_per_second = 1000;
  Fixture disk(options);
  disk.disk.slow_down(2);
  disk.submit("k", "nine byte");
  disk.run();
  EXPECT_EQ(disk.durable.at(0).first, milliseconds(22));
}

/// What is kept is a prefix, and what was called durable is in it.
TEST(Disk, APowerCutKeepsAPrefix) {
  std::set<int> kept_counts;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Fixture disk(one_millisecond(), seed);
    disk.submit("synced");
    disk.run();
    ASSERT_TRUE(disk.disk.write(Fixture::batch("0"), false));
    for (const char* key : {"1", "2", "3"}) disk.submit(key);
    disk.disk.power_cut();
    disk.run();
    EXPECT_EQ(disk.durable.size(), 1U);
    EXPECT_TRUE(disk.has("synced"));
    int kept = 0;
    while (kept < 4 && disk.has(std::to_string(kept))) ++kept;
    for (int later = kept; later < 4; ++later) EXPECT_FALSE(disk.has(std::to_string(later)));
    kept_counts.insert(kept);
  }
  EXPECT_EQ(kept_counts, (std::set<int>{0, 1, 2, 3, 4}));
}

TEST(Disk, AKilledProcessLosesOnlyWhatItHasNotWritten) {
  Fixture disk(one_millisecond());
  ASSERT_TRUE(disk.disk.write(Fixture::batch("unsynced"), false));
  disk.submit("queued");
  disk.disk.process_killed();
  disk.run();
  EXPECT_TRUE(disk.has("unsynced"));
  EXPECT_TRUE(disk.durable.empty());
}

TEST(Disk, RotReadsAsAnError) {
  Fixture disk(one_millisecond());
  disk.submit("key");
  disk.run();
  ASSERT_TRUE(disk.disk.rot());
  EXPECT_TRUE(disk.disk.harmed());
  const auto read = disk.disk.get(Family::kState, to_bytes("key"));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, storage::StorageError::Kind::kCorrupt);
  const auto visit = [](ByteView, ByteView) { return true; };
  EXPECT_FALSE(disk.disk.scan(Family::kState, {}, {}, visit));
  disk.submit("key", "anew");  // a new record is not rotten
  disk.run();
  EXPECT_TRUE(disk.has("key"));
}

TEST(Disk, RotIsReadWhereChecksumsAreNotLookedAt) {
  DiskOptions options = one_millisecond();
  options.rot_believed = true;
  Fixture disk(options);
  disk.submit("key");
  disk.run();
  ASSERT_TRUE(disk.disk.rot());
  const auto read = disk.disk.get(Family::kState, to_bytes("key"));
  ASSERT_TRUE(read && *read);
  EXPECT_NE(**read, to_bytes("value"));
}

TEST(Disk, AFullDiskCallsNothingDurable) {
  Fixture disk(one_millisecond());
  disk.disk.fill(true);
  disk.submit("key");
  disk.run();
  EXPECT_TRUE(disk.durable.empty());
  EXPECT_EQ(disk.errors.size(), 1U);
  EXPECT_TRUE(disk.disk.harmed());
  disk.disk.power_cut();
  disk.disk.fill(false);
  EXPECT_FALSE(disk.disk.harmed());
  disk.submit("key");
  disk.run();
  EXPECT_EQ(disk.durable.size(), 1U);
}

TEST(Disk, ALostDiskIsEmpty) {
  Fixture disk(one_millisecond());
  disk.submit("key");
  disk.run();
  disk.disk.lose();
  EXPECT_FALSE(disk.has("key"));
  EXPECT_FALSE(disk.disk.rot());
}

}  // namespace
}  // namespace waggle::sim
