#include "storage/log_writer.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "storage/memory_storage.hpp"
#include "tests/unit/storage/support.hpp"

namespace waggle::storage {
namespace {

/// Holds every write at a gate until it is let through, and notes what came.
class GatedStorage final : public Storage {
 public:
  struct Write {
    std::vector<std::string> keys;
    bool sync;
    friend bool operator==(const Write&, const Write&) = default;
  };

  Outcome<void> write(const Batch& batch, bool sync) override {
    std::unique_lock lock(mutex_);
    Write seen{{}, sync};
    for (const auto& op : batch.ops()) seen.keys.emplace_back(as_text(op.key));
    writes_.push_back(seen);
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_ || allowed_ > 0; });
    if (!open_) --allowed_;
    return memory_.write(batch, sync);
  }
  Outcome<std::optional<Bytes>> get(Family family, ByteView key) const override {
    return memory_.get(family, key);
  }
  Outcome<void> scan(Family family, ByteView from, ByteView to,
                     const std::function<bool(ByteView, ByteView)>& visit) const override {
    return memory_.scan(family, from, to, visit);
  }

  void await_writes(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return writes_.size() >= count; });
  }
  void let_one_through() {
    const std::lock_guard lock(mutex_);
    ++allowed_;
    changed_.notify_all();
  }
  void open_gate() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  std::vector<Write> writes() const {
    const std::lock_guard lock(mutex_);
    return writes_;
  }
  MemoryStorage& memory() { return memory_; }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Write> writes_;
  int allowed_ = 0;
  bool open_ = false;
  MemoryStorage memory_;
};

class LogWriterTest : public testing::Test {
 protected:
  ~LogWriterTest() override { disk_.open_gate(); }  // Before the writer goes, which drains.

  void submit(const std::string& key, bool sync) {
    writer_.submit(put(Family::kState, key, "v"), sync, [this, key](Outcome<void> outcome) {
      const std::lock_guard lock(mutex_);
      done_.push_back(key + (outcome ? "" : "!" + outcome.error().message));
    });
  }
  std::vector<std::string> done() {
    const std::lock_guard lock(mutex_);
    return done_;
  }
  using Writes = std::vector<GatedStorage::Write>;
  using Names = std::vector<std::string>;

  std::mutex mutex_;
  std::vector<std::string> done_;
  GatedStorage disk_;
  LogWriter writer_{disk_, 100};
};

TEST_F(LogWriterTest, WhatComesDuringAWriteGoesTogether) {
  submit("a", false);
  disk_.await_writes(1);
  submit("b", false);
  submit("c", true);
  submit("d", false);
  disk_.open_gate();
  writer_.stop();
  EXPECT_EQ(disk_.writes(), (Writes{{{"a"}, false}, {{"b", "c", "d"}, true}}));
  EXPECT_EQ(done(), (Names{"a", "b", "c", "d"}));
  EXPECT_EQ(disk_.memory().unsynced(), 0U);
}

TEST_F(LogWriterTest, NothingCompletesBeforeItsWrite) {
  submit("a", true);
  disk_.await_writes(1);
  submit("b", true);
  EXPECT_EQ(done(), Names{});
  disk_.let_one_through();
  disk_.await_writes(2);
  EXPECT_EQ(done(), Names{"a"});
  disk_.open_gate();
  writer_.stop();
  EXPECT_EQ(done(), (Names{"a", "b"}));
}

TEST_F(LogWriterTest, SyncsOnlyWhenAsked) {
  submit("a", false);
  disk_.open_gate();
  writer_.stop();
  EXPECT_EQ(disk_.writes(), (Writes{{{"a"}, false}}));
  EXPECT_EQ(writer_.metrics().syncs, 0U);
}

TEST_F(LogWriterTest, EmptyBatchIsABarrierInOrder) {
  submit("a", false);
  disk_.await_writes(1);
  bool first_done = false;
  writer_.submit({}, true, [&](Outcome<void> outcome) {
    EXPECT_TRUE(outcome);
    first_done = done() == Names{"a"};
  });
  disk_.open_gate();
  writer_.stop();
  EXPECT_TRUE(first_done);
  EXPECT_EQ(disk_.memory().unsynced(), 0U);
}

TEST_F(LogWriterTest, AFailureIsFinal) {
  submit("a", true);
  disk_.await_writes(1);
  submit("b", true);
  submit("c", false);
  disk_.memory().fail_writes(1);
  disk_.let_one_through();
  disk_.await_writes(2);
  disk_.open_gate();
  submit("d", true);
  writer_.stop();
  const std::string error = "!the disk fails by order";
  EXPECT_EQ(done(), (Names{"a", "b" + error, "c" + error, "d" + error}));
  EXPECT_LE(disk_.writes().size(), 2U) << "the disk is not tried again";
  EXPECT_TRUE(writer_.metrics().failed);
  EXPECT_EQ(writer_.metrics().queued_batches, 0U);
}

TEST_F(LogWriterTest, FullUntilTheQueueDrains) {
  EXPECT_FALSE(writer_.full());
  writer_.submit(put(Family::kState, "a", std::string(99, 'x')), true, nullptr);
  EXPECT_FALSE(writer_.full()) << "exactly 100 bytes";
  writer_.submit(put(Family::kState, "b", ""), true, nullptr);
  EXPECT_TRUE(writer_.full()) << "what is being written counts";
  EXPECT_EQ(writer_.metrics().queued_bytes, 101U);
  EXPECT_EQ(writer_.metrics().queued_batches, 2U);
  disk_.open_gate();
  writer_.stop();
  EXPECT_FALSE(writer_.full());
  EXPECT_EQ(writer_.metrics().queued_bytes, 0U);
}

TEST_F(LogWriterTest, ALargeGroupIsSplit) {
  submit("a", false);
  disk_.await_writes(1);
  const std::string large(LogWriter::kGroupBytesMax - 1, 'x');
  writer_.submit(put(Family::kState, "b", large), false, nullptr);
  writer_.submit(put(Family::kState, "c", large), true, nullptr);
  submit("d", false);
  disk_.open_gate();
  writer_.stop();
  EXPECT_EQ(disk_.writes(),
            (Writes{{{"a"}, false}, {{"b"}, false}, {{"c"}, true}, {{"d"}, false}}));
}

TEST_F(LogWriterTest, ACompletionMaySubmitEvenWhileStopping) {
  writer_.submit(put(Family::kState, "a", "v"), true, [this](Outcome<void>) { submit("b", true); });
  disk_.open_gate();
  while (done().empty()) std::this_thread::yield();
  writer_.stop();
  writer_.stop();
  EXPECT_EQ(done(), Names{"b"});
}

TEST_F(LogWriterTest, CountsWhatItDoes) {
  submit("a", false);
  disk_.await_writes(1);
  submit("b", true);
  submit("c", true);
  disk_.open_gate();
  writer_.stop();
  const LogWriter::Metrics metrics = writer_.metrics();
  EXPECT_EQ(metrics.batches, 3U);
  EXPECT_EQ(metrics.writes, 2U);
  EXPECT_EQ(metrics.syncs, 1U);
  EXPECT_EQ(metrics.bytes, 6U);
  EXPECT_EQ(metrics.sync_last, metrics.sync_total);
  EXPECT_EQ(metrics.sync_last, metrics.sync_max);
  EXPECT_FALSE(metrics.failed);
}

TEST_F(LogWriterTest, ManyThreadsKeepTheirOwnOrder) {
  disk_.open_gate();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 100; i < 300; ++i)
        submit(std::to_string(t) + "/" + std::to_string(i), i % 5 == 0);
    });
  }
  for (auto& thread : threads) thread.join();
  writer_.stop();
  const Names order = done();
  ASSERT_EQ(order.size(), 800U);
  Names sorted = order;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a[0] < b[0]; });
  EXPECT_TRUE(std::is_sorted(sorted.begin(), sorted.end()));
}

}  // namespace
}  // namespace waggle::storage
