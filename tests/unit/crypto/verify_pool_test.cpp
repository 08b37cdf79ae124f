#include "crypto/verify_pool.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <latch>
#include <memory>

#include <gtest/gtest.h>

namespace waggle::crypto {
namespace {

/// Keeps the workers of a pool busy until it is opened.
class Gate {
 public:
  VerifyPool::Job job() {
    return [this] {
      started_.count_down();
      opened_.wait();
    };
  }
  void wait_started() const { started_.wait(); }
  void open() { opened_.count_down(); }

 private:
  std::latch started_{1};
  std::latch opened_{1};
};

TEST(VerifyPool, RunsEveryJobOnce) {
  VerifyPool pool(2, 1000);
  std::vector<std::atomic<int>> runs(1000);
  for (auto& run : runs) ASSERT_TRUE(pool.try_submit([&run] { ++run; }));
  pool.drain();
  for (const auto& run : runs) EXPECT_EQ(run, 1);
  EXPECT_EQ(pool.depth(), 0U);
}

TEST(VerifyPool, OneWorkerKeepsTheOrder) {
  VerifyPool pool(1, 1000);
  std::vector<int> order;
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(pool.try_submit([&order, i] { order.push_back(i); }));
  pool.drain();
  ASSERT_EQ(order.size(), 1000U);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(VerifyPool, RefusesBeyondItsBoundAndLeavesTheJob) {
  VerifyPool pool(1, 5);
  EXPECT_EQ(pool.jobs_max(), 5U);
  Gate gate;
  int runs = 0;
  ASSERT_TRUE(pool.try_submit(gate.job()));
  gate.wait_started();
  VerifyPool::Job job = [&runs] { ++runs; };
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(pool.try_submit(VerifyPool::Job(job)));
  EXPECT_EQ(pool.depth(), 5U);
  EXPECT_FALSE(pool.try_submit(std::move(job)));
  ASSERT_TRUE(job);  // NOLINT(bugprone-use-after-move): the contract says that it is as it was
  gate.open();
  pool.drain();
  EXPECT_EQ(runs, 4);
  EXPECT_TRUE(pool.try_submit(std::move(job)));
  pool.drain();
  EXPECT_EQ(runs, 5);
}

TEST(VerifyPool, WorkersRunBesideEachOther) {
  VerifyPool pool(2, 10);
  std::latch both(2);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(pool.try_submit([&both] { both.arrive_and_wait(); }));
  pool.drain();  // one worker alone would wait for ever
}

TEST(VerifyPool, StopDropsWhatIsQueuedAndFinishesWhatRuns) {
  VerifyPool pool(1, 1'000'000);
  Gate gate;
  int runs = 0;
  ASSERT_TRUE(pool.try_submit(gate.job()));
  gate.wait_started();
  const auto held = std::make_shared<int>(0);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(pool.try_submit([&runs, held] { ++runs; }));
  std::thread stopper([&pool] { pool.stop(); });
  while (pool.try_submit([] {})) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  gate.open();  // now that stop() has begun
  stopper.join();
  EXPECT_EQ(runs, 0);
  EXPECT_EQ(held.use_count(), 1);  // what the dropped jobs held is released
  EXPECT_EQ(pool.depth(), 0U);
  pool.drain();
  pool.stop();
}

TEST(VerifyPool, AfterStopNothingIsAccepted) {
  VerifyPool pool(2, 10);
  pool.stop();
  EXPECT_FALSE(pool.try_submit([] { FAIL(); }));
  EXPECT_EQ(pool.depth(), 0U);
}

TEST(VerifyPool, DrainWaitsForDroppedJobsToo) {
  VerifyPool pool(1, 10);
  Gate gate;
  ASSERT_TRUE(pool.try_submit(gate.job()));
  gate.wait_started();
  ASSERT_TRUE(pool.try_submit([] {}));
  std::thread drainer([&pool] { pool.drain(); });
  std::thread stopper([&pool] { pool.stop(); });
  gate.open();
  drainer.join();
  stopper.join();
  EXPECT_EQ(pool.depth(), 0U);
}

TEST(VerifyPool, ReleasesAJobBeforeItCountsAsFinished) {
  VerifyPool pool(2, 10);
  auto held = std::make_shared<int>(0);
  const std::weak_ptr<int> seen = held;
  ASSERT_TRUE(pool.try_submit([held] {}));
  held.reset();
  pool.drain();
  EXPECT_TRUE(seen.expired());
}

TEST(VerifyPool, ManyThreadsMaySubmit) {
  VerifyPool pool(2, 64);
  std::atomic<int> runs = 0;
  std::atomic<int> accepted = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&pool, &runs, &accepted] {
      for (int i = 0; i < 1000; ++i) {
        if (pool.try_submit([&runs] { ++runs; })) ++accepted;
        EXPECT_LE(pool.depth(), 64U);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  pool.drain();
  EXPECT_EQ(runs, accepted);
  EXPECT_GT(accepted, 0);
}

TEST(VerifyPool, AJobMaySubmitAnother) {
  VerifyPool pool(1, 4);
  std::atomic<int> runs = 0;
  std::function<void()> again = [&] {
    if (++runs == 100) return;
    EXPECT_TRUE(pool.try_submit([&again] { again(); }));
  };
  ASSERT_TRUE(pool.try_submit([&again] { again(); }));
  pool.drain();
  EXPECT_EQ(runs, 100);
}

TEST(VerifyPool, IdleWorkersUseNoProcessor) {
  const VerifyPool pool(4, 10);
  const std::clock_t before = std::clock();  // processor time of this process
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const double seconds = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  EXPECT_LT(seconds, 0.1);
}

}  // namespace
}  // namespace waggle::crypto
